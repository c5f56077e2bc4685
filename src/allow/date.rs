//! Days, for entries that expire: what today is in UTC, and which day comes first. No time zone and no crate.
//!
//! Hands on: [`Date`]. The trap: a clock that cannot be read must not keep an entry alive, so it counts as the last day.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// A day of the Gregorian calendar; the order is that of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

const SECONDS_A_DAY: u64 = 86_400;

impl Date {
    /// The last day there is.
    pub(crate) const LAST: Self = Self { year: 9999, month: 12, day: 31 };

    /// A date that exists, years 1 to 9999.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u8::from(leap),
            1..=12 => 31,
            _ => return None,
        };
        ((1..=9999).contains(&year) && (1..=days).contains(&day)).then_some(Self { year, month, day })
    }

    /// Reads `YYYY-MM-DD`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        let number = |digits: &[u8]| {
            digits.iter().try_fold(0_u16, |n, d| d.is_ascii_digit().then(|| n * 10 + u16::from(d - b'0')))
        };
        let (month, day) = (number(&bytes[5..7])?, number(&bytes[8..])?);
        Self::new(number(&bytes[..4])?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    }

    /// Today in UTC, by the system's clock.
    #[must_use]
    pub fn today() -> Self {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(Self::LAST, |d| Self::from_days(d.as_secs() / SECONDS_A_DAY))
    }

    /// The day that many days after 1970-01-01; the last of 9999 for all beyond.
    #[must_use]
    pub fn from_days(days: u64) -> Self {
        // Howard Hinnant's `civil_from_days` (https://howardhinnant.github.io/date_algorithms.html): years begin in
        // March, so that the leap day is the last of its year, and repeat every 400.
        const DAYS_IN_400_YEARS: u64 = 146_097;
        if days > 2_932_896 {
            return Self::LAST;
        }
        let shifted = days + 719_468;
        let era = shifted / DAYS_IN_400_YEARS;
        let of_era = shifted % DAYS_IN_400_YEARS;
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = era * 400 + year_of_era + u64::from(month <= 2);
        let (year, month, day) = (u16::try_from(year), u8::try_from(month), u8::try_from(day));
        match (year, month, day) {
            (Ok(year), Ok(month), Ok(day)) => Self { year, month, day },
            _ => Self::LAST,
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_since_the_epoch_are_the_calendars() {
        // `date -u -d @$((days * 86400)) +%F`
        for (days, date) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (789, "1972-02-29"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (20_819, "2027-01-01"),
            (21_000, "2027-07-01"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
            (2_932_896, "9999-12-31"),
            (u64::MAX, "9999-12-31"),
        ] {
            assert_eq!(Date::from_days(days).to_string(), date);
        }
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut before = Date::from_days(0);
        for days in 1..100_000 {
            let day = Date::from_days(days);
            assert!(before < day, "{before} {day}");
            assert_eq!(Date::new(day.year, day.month, day.day), Some(day));
            before = day;
        }
    }

    #[test]
    fn only_days_that_exist_are_read() {
        assert_eq!(Date::parse("2027-06-30"), Date::new(2027, 6, 30));
        assert!(Date::parse("2024-02-29").is_some());
        for wrong in [
            "2023-02-29",
            "2027-13-01",
            "2027-00-10",
            "2027-6-30",
            "2027-06-31",
            "27-06-30",
            "2027/06/30",
            "",
            "0000-01-01",
            "２027-06-3",
        ] {
            assert_eq!(Date::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn today_lies_after_this_was_written() {
        assert!(Date::today() > Date::parse("2025-01-01").expect("a date"));
    }
}
