//! Judges what has no prefix: a sum of learned weights over what value, name, form and place say.
//!
//! Hands on a [`Score`] with a calibrated probability and its reasons. The trap: sums are integers in 1/1000 nat, and
//! the only floating-point step is the last, a table look-up, so that every machine gives the same answer.

mod features;
mod harmless;
mod language;
mod listed;
mod model;
mod name;
mod place;
mod transformed;
mod value;
mod vocabulary;
mod words;

pub use features::{Active, COUNT, describe};

use features::Group;
pub(crate) use place::File;

use super::placeholder;
use crate::detect::assignment::{Form, Found, is_meant};

/// The confidence that blocks, for relaxed, balanced and strict.
pub const BLOCKS: [f64; 3] = model::BLOCKS;
/// Where every candidate's sum of weights starts, in 1/1000 nat.
pub const BIAS: i32 = model::BIAS;
/// The confidence from which a candidate that does not block is shown.
pub const SHOWN: f64 = model::SHOWN;

/// What the judge says of a candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The probability that it is a secret, 0 to 1, calibrated on labelled repositories.
    pub confidence: f64,
    /// Why, in words, what weighed most first.
    pub reasons: Vec<&'static str>,
    /// What weighed how much, in 1/1000 nat, for `explain`; empty when the value stands in for a secret.
    pub weights: Vec<(&'static str, i32)>,
}

/// The shortest value that may be a secret, in bytes.
const SHORTEST: usize = 3;

/// The features of a candidate, or why it cannot be a secret at all.
///
/// # Errors
/// The reason for which the value is a stand-in or a reference.
pub fn features(text: &[u8], path: &[u8], found: &Found) -> Result<Active, &'static str> {
    let mut active = inner(text, &File::of(path), found)?;
    place::around(text, found, &mut active);
    Ok(active)
}

/// What value, name, form and file say; what stands around is dearer and comes last.
fn inner(text: &[u8], file: &File<'_>, found: &Found) -> Result<Active, &'static str> {
    let secret = text.get(found.value.clone()).unwrap_or_default();
    let name = text.get(found.name.clone()).unwrap_or_default();
    if secret.len() < SHORTEST {
        return Err("too short");
    }
    if let Some(reason) = placeholder::why(secret) {
        return Err(reason);
    }
    if let Some(reason) = reference(secret, found.form) {
        return Err(reason);
    }
    let words = name::Words::of(name);
    if let Some(reason) =
        name::innocent(&words, secret).filter(|_| !matches!(found.form, Form::Url | Form::Argument))
    {
        return Err(reason);
    }
    if let Some(reason) = harmless::why(&words, name, secret, found.form) {
        return Err(reason);
    }
    if transformed::file_digest(name, secret, file.path) {
        return Err("a file's digest");
    }
    if let Some(reason) = place::why(text, found) {
        return Err(reason);
    }
    let mut active = Active::new();
    let class = value::look(secret, &mut active) as usize;
    active.add(features::Group::Relation, name::relation(&words, name, secret));
    let kind = name::look(&words, name, &mut active);
    let form = Form::ALL.iter().position(|f| *f == found.form).unwrap_or(0);
    active.add(features::Group::Form, form);
    let file = file.look(&mut active);
    active.add(features::Group::KindByValue, kind * 9 + class);
    active.add(features::Group::FormByValue, form * 9 + class);
    active.add(features::Group::FileByValue, file * 9 + class);
    Ok(active)
}

fn sum_of(active: &Active) -> i32 {
    let weights = active.as_slice().iter().map(|feature| model::WEIGHTS[usize::from(*feature)]);
    model::BIAS + weights.sum::<i32>()
}

/// The most that what stands around a candidate can add to its sum; URLs are left out, since where they lead adds more.
fn most_around() -> i32 {
    let weights = |group: Group| &model::WEIGHTS[features::range(group)];
    let best = |group| weights(group).iter().copied().max().unwrap_or(0);
    best(Group::Before) + best(Group::Behind) + weights(Group::Line).iter().filter(|w| **w > 0).sum::<i32>()
}

/// What stands above the weights, for `train/fit.py`: the least that a candidate is raised to, in 1/1000 nat over what blocks,
/// and whether it is told at most.
#[must_use]
pub fn bounds(text: &[u8], path: &[u8], found: &Found) -> (Option<i32>, bool) {
    let least = meant(text, found).map(|(least, _)| least - model::BLOCK_SUM);
    (least, tame(text, &File::of(path), found).is_some())
}

/// Judges a candidate in its place. What cannot be likely enough to be shown is not looked at to the end: its confidence is
/// an upper bound, and it has no weights.
pub(crate) fn judge_in(text: &[u8], file: &File<'_>, found: &Found) -> Score {
    let mut active = match inner(text, file, found) {
        Ok(active) => active,
        Err(reason) => return Score::none(reason),
    };
    if !matches!(found.form, Form::Url | Form::UrlUser | Form::Jwk) {
        let most = sum_of(&active) + most_around();
        if most < model::SHOWN_SUM && meant(text, found).is_none() {
            return Score {
                confidence: probability(most),
                reasons: vec![found.form.as_str()],
                weights: Vec::new(),
            };
        }
    }
    place::around(text, found, &mut active);
    weigh(text, file, found, &active)
}

/// Judges a candidate in its place, with all weights.
#[must_use]
pub fn judge(text: &[u8], path: &[u8], found: &Found) -> Score {
    match features(text, path, found) {
        Ok(active) => weigh(text, &File::of(path), found, &active),
        Err(reason) => Score::none(reason),
    }
}

/// How much a value must cost as innocent text to count as random, in 1/16 bit a character: letters at random cost 90.
const RANDOM: u32 = 72;

/// Whether a value looks made by chance, whatever its name and place: long, costly as text, and no identifier of words.
pub(crate) fn is_random(value: &[u8]) -> bool {
    let looked = value.len().min(language::LOOKED_AT) as u32;
    let (covered, letters) = language::coverage(value);
    value.len() >= 20 && language::cost(value) >= RANDOM * looked && covered * 3 < letters
}

impl Score {
    /// It cannot be a secret.
    fn none(reason: &'static str) -> Self {
        Self { confidence: 0.0, reasons: vec![reason], weights: Vec::new() }
    }
}

/// Adds up the weights, by group.
fn weigh(text: &[u8], file: &File<'_>, found: &Found, active: &Active) -> Score {
    let mut sum = sum_of(active);
    let mut weights: Vec<(&'static str, i32)> = Vec::new();
    for &feature in active.as_slice() {
        let weight = model::WEIGHTS[usize::from(feature)];
        let (group, _) = describe(feature);
        match weights.iter_mut().find(|(name, _)| *name == group) {
            Some((_, total)) => *total += weight,
            None => weights.push((group, weight)),
        }
    }
    if let Some((least, why)) = meant(text, found)
        && sum < least
    {
        weights.push((why, least - sum));
        sum = least;
    }
    if let Some(why) = tame(text, file, found)
        && sum >= model::BLOCK_SUM
    {
        weights.push((why, model::BLOCK_SUM - 1 - sum));
        sum = model::BLOCK_SUM - 1;
    }
    weights.sort_by_key(|(_, weight)| -weight.abs());
    let mut reasons = vec![found.form.as_str()];
    reasons.extend(weights.iter().filter(|(_, weight)| *weight > 300).take(3).map(|(name, _)| *name));
    Score { confidence: probability(sum), reasons, weights }
}

/// Passwords that stand for any password, in URLs and credentials.
const USUAL: [&str; 31] = [
    // Oracle's example user is scott.
    "tiger",
    "opensesame",
    "p@ssw0rd",
    "passw0rd",
    "p@ssword",
    "pa55w0rd",
    "password1",
    "password",
    "passwd",
    "pass",
    "pwd",
    "secret",
    "user",
    "username",
    "test",
    "guest",
    "root",
    "admin",
    "postgres",
    "mysql",
    "mongo",
    "redis",
    "rabbitmq",
    "foobar",
    "foo",
    "bar",
    "default",
    "token",
    "example",
    "mypassword",
    "pass123",
];

/// One of [`USUAL`], perhaps as `mysecret` or `secret1`.
fn is_usual(value: &[u8]) -> bool {
    let plain = value.strip_prefix(b"my").unwrap_or(value);
    let plain = plain.strip_prefix(b"_").unwrap_or(plain);
    let plain = match plain {
        [rest @ .., b'1'..=b'3'] => rest,
        _ => plain,
    };
    let known = |value: &[u8]| USUAL.iter().any(|w| w.as_bytes().eq_ignore_ascii_case(value));
    known(value) || known(plain)
}

/// What the content alone says, as sums: a path adds to them what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    sum: i32,
    /// The class of the value, which counts for more in some kinds of files.
    class: usize,
    least: Option<i32>,
}

/// What a path says, as far as it does not depend on the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathWeights {
    sum: i32,
    file: usize,
}

/// True when name, value and form alone rule a candidate out, whatever stands around it and whatever its path. False also
/// where more than these is asked: then nothing can be said of the same pair elsewhere.
pub(crate) fn rules_out_the_pair(text: &[u8], found: &Found) -> bool {
    // What is meant by an argument depends on the call.
    let by_more = matches!(
        found.form,
        Form::Mention
            | Form::Named
            | Form::Url
            | Form::UrlUser
            | Form::Jwk
            | Form::Inline
            | Form::Yaml
            | Form::Argument
    );
    !by_more && place::why(text, found).is_none() && standing(text, found).is_none()
}

/// `None` where the value stands in for a secret.
#[must_use]
pub fn standing(text: &[u8], found: &Found) -> Option<Standing> {
    let mut active = inner(text, &File::of(b""), found).ok()?;
    let least = meant(text, found).map(|(least, _)| least);
    if least.is_none() && !matches!(found.form, Form::Url | Form::UrlUser | Form::Jwk) {
        let (sum, class) = features::without_path(&active, &model::WEIGHTS);
        let most = model::BIAS + sum + features::best_path(class, &model::WEIGHTS) + most_around();
        if most < model::SHOWN_SUM {
            return None;
        }
    }
    place::around(text, found, &mut active);
    let (sum, class) = features::without_path(&active, &model::WEIGHTS);
    Some(Standing { sum: model::BIAS + sum, class, least })
}

/// What a path says.
#[must_use]
pub fn path_weights(path: &[u8]) -> PathWeights {
    let mut active = Active::new();
    let file = File::of(path).look(&mut active);
    PathWeights { sum: active.as_slice().iter().map(|f| model::WEIGHTS[usize::from(*f)]).sum(), file }
}

impl Standing {
    /// The confidence under a path.
    #[must_use]
    pub fn under(&self, path: &PathWeights) -> f64 {
        let sum = self.sum + path.sum + features::file_by_value(path.file, self.class, &model::WEIGHTS);
        probability(self.least.map_or(sum, |least| sum.max(least)))
    }

    /// The highest that a path could give.
    #[must_use]
    pub fn most(&self) -> f64 {
        let sum = self.sum + features::best_path(self.class, &model::WEIGHTS);
        probability(self.least.map_or(sum, |least| sum.max(least)))
    }
}

/// The least sum of what labels are too few to teach, and why: a connection string of one's own host, a variable that is
/// exported, a passphrase. Words there are passwords; elsewhere they are mostly labels.
fn meant(text: &[u8], found: &Found) -> Option<(i32, &'static str)> {
    let value = &text[found.value.clone()];
    let name = &text[found.name.clone()];
    if value.len() < 6 {
        return None;
    }
    if found.form == Form::Jwk {
        // The member's name and its neighbours are structure, not likeness; one repository with them teaches too little.
        return Some((model::BLOCK_SUM + 1500, "the private member of a JSON Web Key"));
    }
    let usual = is_usual(value);
    if found.form == Form::Url {
        let web = name.starts_with(b"http")
            || name.starts_with(b"ftp")
            || name.starts_with(b"javascript")
            || name.starts_with(b"://");
        let marks = value.iter().all(|b| {
            b.is_ascii_graphic()
                && !matches!(b, b'{' | b'}' | b'<' | b'>' | b'[' | b']' | b'\\' | b'$' | b'%')
        });
        let user = name.rsplit(|b| *b == b'/').next().unwrap_or_default();
        let stand_in = matches!(user, b"user" | b"username" | b"USER" | b"foo" | b"scott" | b"name" | b"usr");
        let own = !stand_in && place::lead(text, found) == 3 && !usual && marks && !name.ends_with(value);
        return (own && !web)
            .then_some((model::BLOCK_SUM + 200, "a connection string to a host of one's own"));
    }
    let kind = name::kind_of(name);
    if !usual && !language::is_one_word(value) && given_by_form(text, found, kind) {
        return Some((model::BLOCK_SUM + 100, "a place where nothing but a password stands"));
    }
    let exported = matches!(found.form, Form::Line | Form::Inline | Form::Blank)
        && name.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
        && (found.form != Form::Inline || text[..found.name.start].ends_with(b"export "))
        && value.iter().all(u8::is_ascii_alphanumeric);
    if exported && matches!(kind, 1 | 2 | 3 | 5) {
        return Some((model::SHOWN_SUM + 100, "an exported variable"));
    }
    let phrase = value.len() >= 14 && value.iter().all(u8::is_ascii_lowercase) && kind == 1;
    let literal = matches!(found.form, Form::Assigned | Form::Entry | Form::Line | Form::Yaml);
    (phrase && literal && !usual && name::relation(&name::Words::of(name), name, value) == 0)
        .then_some((model::SHOWN_SUM + 100, "a passphrase"))
}

/// `define('DB_PASSWORD', '…')`, `requirepass …`, and with letters and digits what a command's flag or a call takes for a
/// password: people's passwords, which labels with random ones do not teach.
fn given_by_form(text: &[u8], found: &Found, kind: usize) -> bool {
    let (name, value) = (&text[found.name.clone()], &text[found.value.clone()]);
    let any = |class: fn(&u8) -> bool| value.iter().any(class);
    let marked =
        any(|b| b"!#%&*+^~?".contains(b)) && any(u8::is_ascii_uppercase) && any(u8::is_ascii_lowercase);
    let mixed = any(u8::is_ascii_alphabetic) && (any(u8::is_ascii_digit) || marked);
    match found.form {
        Form::Blank => matches!(name, b"requirepass" | b"masterauth"),
        // The names of commands' own flags hold no word; `--password` follows a dash.
        Form::Flag => mixed && !text[..found.name.start].ends_with(b"-"),
        Form::Sql => mixed && name.eq_ignore_ascii_case(b"identified"),
        Form::Argument if kind == 1 && is_defined(text, found) => true,
        Form::Argument | Form::Wrapped | Form::Assigned => {
            let first = text.get(found.name.end..found.value.start).unwrap_or_default();
            let by_mail = !name.ends_with(b"login") || first.contains(&b'@');
            mixed && by_mail && is_meant(text, found)
        }
        _ => false,
    }
}

/// `define('DB_PASSWORD', '…')`
fn is_defined(text: &[u8], found: &Found) -> bool {
    let before = &text[found.name.start.saturating_sub(12)..found.name.start];
    let before = before.trim_ascii_end().strip_suffix(b"'").or(before.strip_suffix(b"\""));
    before.is_some_and(|before| before.trim_ascii_end().ends_with(b"define("))
}

/// Does the name say that its value is a secret?
pub(super) fn names_a_secret(name: &[u8]) -> bool {
    matches!(name::kind_of(name), 1..=6 | 10 | 12) || name.ends_with(b"_auth") || name.ends_with(b"key-data")
}

/// Does the name say that its value is none, whatever it looks like: a user, an id, a file, a public key?
pub(super) fn names_no_secret(name: &[u8], value: &[u8]) -> bool {
    let words = name::Words::of(name);
    name::innocent(&words, value).is_some() || name::is_setting(&words) || transformed::why(value).is_some()
}

/// Words as people write them into tests, in a test or example.
pub(super) fn words_in_a_test(file: &File<'_>, value: &[u8]) -> bool {
    let (covered, letters) = language::coverage(value);
    let plain = value.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-'));
    file.is_test_or_example() && plain && covered * 2 >= letters
}

/// Identifiers joined by dots, perhaps the last argument of a call: what names a value rather than being it.
pub(super) fn is_reference(value: &[u8]) -> bool {
    let value = value.strip_suffix(b")").unwrap_or(value);
    let part = |p: &[u8]| {
        p.first().is_some_and(|b| b.is_ascii_lowercase() || *b == b'_')
            && p.iter().all(|b| b.is_ascii_lowercase() || *b == b'_')
    };
    value.contains(&b'.') && value.split(|b| *b == b'.').all(part)
}

/// Is it the digest of a file, by its name or the kind of file that it stands in?
pub(super) fn digest_of_a_file(name: &[u8], value: &[u8], path: &[u8]) -> bool {
    transformed::file_digest(name, value, path)
}

/// One word of the word list, or one of the passwords that stand for any.
pub(super) fn one_word(value: &[u8]) -> bool {
    language::is_one_word(value) || USUAL.iter().any(|w| w.as_bytes().eq_ignore_ascii_case(value))
}

/// Drawn by chance rather than written: costs more than words do, and holds letters and digits.
pub(super) fn looks_random(value: &[u8]) -> bool {
    let looked = value.len().clamp(1, language::LOOKED_AT);
    let mixed = value.iter().any(u8::is_ascii_digit) && value.iter().any(u8::is_ascii_alphabetic);
    mixed
        && !value.iter().any(|b| matches!(b, b' ' | b',' | b'@' | b'(' | b'\\') || *b >= 0x80)
        && language::cost(value) as usize / looked >= 80
}

/// Letters that follow each other as in words and names, and a few digits or marks behind them: `pygmalion`, `hunter2`. Of
/// letters drawn by chance one value in fifty does.
fn reads_like_words(value: &[u8]) -> bool {
    if value.contains(&b' ') {
        return value.len() >= 6
            && language::cost(value) as usize <= 80 * value.len().min(language::LOOKED_AT);
    }
    let letters = value.iter().take_while(|b| b.is_ascii_lowercase() || **b == b' ').count();
    let (core, rest) = value.split_at(letters);
    letters >= 4
        && rest.len() <= 3
        && rest.iter().all(|b| b.is_ascii_digit() || b.is_ascii_punctuation())
        && language::cost(core) as usize <= 80 * letters
}

/// Why a candidate is told at most and does not block, however much speaks for it.
fn tame(text: &[u8], file: &File<'_>, found: &Found) -> Option<&'static str> {
    let value = &text[found.value.clone()];
    if matches!(found.form, Form::Jwk | Form::Basic) {
        return None;
    }
    if file.is_test_or_example() && reads_like_words(value) {
        return Some("words in a test or example");
    }
    if matches!(found.form, Form::Url | Form::UrlUser) {
        return is_usual(value).then_some("a password that stands for any");
    }
    if file.is_for_show() && (language::is_one_word(value) || is_usual(value)) {
        return Some("a plain word in a test or example");
    }
    // `tok_visa`, `session-token`: what programs call things. A password may be two words.
    let joined = value.iter().filter(|b| matches!(b, b'_' | b'-' | b'.')).count();
    let words =
        joined > 0 && value.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'.'));
    let (covered, letters) = language::coverage(value);
    (words
        && value.len() <= 40
        && covered * 10 >= letters * 5
        && !matches!(name::kind_of(&text[found.name.clone()]), 1 | 13))
    .then_some("words as programs name things")
}

/// What a sum of weights means, from the table of the calibration: linear between its points.
fn probability(sum: i32) -> f64 {
    let table = &model::CALIBRATION;
    let (first, last) = (table[0], table[table.len() - 1]);
    if sum <= first.0 {
        return f64::from(first.1) / 1000.0;
    }
    if sum >= last.0 {
        return f64::from(last.1) / 1000.0;
    }
    let at = table.iter().position(|p| sum < p.0).unwrap_or(table.len() - 1);
    let (low, high) = (table[at - 1], table[at]);
    let part = f64::from(sum - low.0) / f64::from(high.0 - low.0);
    (f64::from(low.1) + part * f64::from(high.1 - low.1)) / 1000.0
}

/// Unquoted code that names something rather than being it: `options.password`, `getToken()`, `String`, `None`.
fn reference(value: &[u8], form: Form) -> Option<&'static str> {
    if let Some(reason) = transformed::why(value) {
        return Some(reason);
    }
    let unquoted =
        matches!(form, Form::Line | Form::Yaml | Form::Inline | Form::Flag | Form::Blank | Form::Prose);
    if !unquoted {
        return None;
    }
    if value.contains(&b'(') && value.contains(&b')')
        || value.ends_with(b"(")
        || value.ends_with(b"[]")
        || value.windows(2).any(|w| w == b"()" || w == b"::" || w == b"->" || w == b"['" || w == b"[\"")
    {
        return Some("a call or reference");
    }
    let part = |p: &[u8]| {
        !p.is_empty() && !p[0].is_ascii_digit() && p.iter().all(|b| b.is_ascii_alphabetic() || *b == b'_')
    };
    if value.contains(&b'.')
        && value.split(|b| *b == b'.').all(part)
        && matches!(form, Form::Line | Form::Inline | Form::Yaml)
    {
        return Some("a reference");
    }
    if value.starts_with(b"process.env")
        || value.starts_with(b"os.environ")
        || value.starts_with(b"self.")
        || value.starts_with(b"this.")
    {
        return Some("a reference");
    }
    const PLAIN: [&str; 24] = [
        "true",
        "false",
        "none",
        "null",
        "nil",
        "undefined",
        "string",
        "str",
        "bool",
        "boolean",
        "int",
        "integer",
        "object",
        "required",
        "optional",
        "any",
        "bytes",
        "number",
        "yes",
        "no",
        "self",
        "this",
        "new",
        "function",
    ];
    PLAIN.iter().any(|w| w.as_bytes().eq_ignore_ascii_case(value)).then_some("a type or constant")
}

#[cfg(test)]
mod tests;
