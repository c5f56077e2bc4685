//! The line that tells how far a long run is.
//!
//! Hands on one line of at most 79 columns, so that a terminal of usual width draws it over without wrapping.

use super::wording::{count, grouped, size};

/// How many columns the bar takes.
const BAR: u64 = 20;

/// How far it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// What is being done; may be empty.
    pub phase: &'static str,
    /// Files or objects judged.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Steps of the phase that are done.
    pub done: u64,
    /// All its steps; 0 when that is not known.
    pub total: u64,
}

/// `unleak: judging [#####     ] 45 %, 12,345 files, 1.2 GB`.
#[must_use]
pub fn line(done: &Done) -> String {
    let Done { phase, files, bytes, done, total } = *done;
    let mut parts = Vec::new();
    if total > 0 {
        let done = done.min(total);
        let full = usize::try_from(done * BAR / total).unwrap_or(0);
        parts.push(format!("[{:<width$}] {} %", "#".repeat(full), done * 100 / total, width = BAR as usize));
    }
    if files > 0 {
        parts.push(format!("{}, {}", count(files, "file"), size(bytes)));
    } else if total > 0 {
        parts.push(format!("{} of {}", grouped(done), grouped(total)));
    } else if bytes > 0 {
        parts.push(size(bytes));
    }
    let blank = if phase.is_empty() { "" } else { " " };
    format!("unleak: {phase}{blank}{}", parts.join(", ")).chars().take(79).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is_and_never_wraps() {
        let done = Done { phase: "judging", files: 12_345, bytes: 1_200_000_000, done: 45, total: 100 };
        assert_eq!(line(&done), "unleak: judging [#########           ] 45 %, 12,345 files, 1.2 GB");
        assert_eq!(line(&Done { files: 1, bytes: 2, ..Done::default() }), "unleak: 1 file, 2 bytes");
        assert_eq!(line(&Done { phase: "walking", ..Done::default() }), "unleak: walking ");
        let most = Done {
            phase: "a phase with a rather long name",
            files: u64::MAX,
            bytes: u64::MAX,
            done: u64::MAX >> 8,
            total: u64::MAX >> 8,
        };
        assert!(line(&most).len() <= 79);
    }
}
