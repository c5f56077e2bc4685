//! Which of the environment's variables hold a secret: by the names that people and CI systems give them.
//!
//! Hands on names with their values, and why a variable with such a name is left out. The trap: a password such as
//! `postgres` would be masked in every line that speaks of the database.

use std::ffi::OsStr;
use std::path::Path;

use crate::judge::placeholder;

/// Ends of names that say secret, whatever stands before.
const ENDS: [&str; 9] =
    ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "APIKEY", "CREDENTIALS", "CREDENTIAL", "SECRETS"];

/// Last words of names that say secret; as ends alone they are those of others (`MONKEY`, `COMPASS`).
const LAST_WORDS: [&str; 14] = [
    "KEY", "KEYS", "PASS", "PWD", "PSW", "PW", "PAT", "AUTH", "CREDS", "DSN", "JWT", "COOKIE", "SSHPASS",
    "ASKPASS",
];

/// Values that are switched by such a variable, not kept in it.
const SWITCHES: [&str; 10] =
    ["true", "false", "yes", "no", "none", "null", "enabled", "disabled", "always", "never"];

/// The shortest value that a name alone makes a secret.
const SHORTEST: usize = 6;

/// What `--env-secrets` asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Secret whatever their value is.
    pub secret: Vec<String>,
    /// Not secret, whatever their name says.
    pub plain: Vec<String>,
}

impl Named {
    /// `NAME,-NAME`: a dash leaves a variable out.
    #[must_use]
    pub fn read(lists: &[String]) -> Self {
        let mut named = Self::default();
        for name in
            lists.iter().flat_map(|list| list.split(',')).map(str::trim).filter(|name| !name.is_empty())
        {
            match name.strip_prefix('-') {
                Some(plain) => named.plain.push(plain.to_owned()),
                None => named.secret.push(name.to_owned()),
            }
        }
        named
    }
}

/// What a variable is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variable {
    /// Its value is masked.
    Secret,
    /// Its name says secret and its value does not, for this reason.
    LeftOut(&'static str),
    /// Nothing says secret.
    Plain,
}

/// Judges one variable.
#[must_use]
pub fn look(name: &str, value: &[u8], named: &Named) -> Variable {
    if named.secret.iter().any(|secret| secret == name) {
        return if value.trim_ascii().is_empty() {
            Variable::LeftOut("it is empty")
        } else {
            Variable::Secret
        };
    }
    if named.plain.iter().any(|plain| plain == name) || !says_secret(name) || value.trim_ascii().is_empty() {
        return Variable::Plain;
    }
    why_plain(value.trim_ascii()).map_or(Variable::Secret, Variable::LeftOut)
}

fn says_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    // The folder that one is in, and the one before.
    if name == "PWD" || name == "OLDPWD" || name.contains("PUBLIC") {
        return false;
    }
    let last = name.rsplit(['_', '-', '.']).next().unwrap_or_default();
    ENDS.iter().any(|end| name.ends_with(end)) || LAST_WORDS.contains(&last)
}

fn why_plain(value: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(value);
    if value.len() < SHORTEST {
        return Some("it is too short");
    }
    if SWITCHES.iter().any(|word| word.eq_ignore_ascii_case(&text)) {
        return Some("it is a switch");
    }
    if value.iter().all(u8::is_ascii_digit) && value.len() < 8 {
        return Some("it is a number");
    }
    let web = text.starts_with("http://") || text.starts_with("https://");
    if web && !text.contains(['@', '?']) {
        return Some("it is a URL without a password");
    }
    let path = OsStr::new(&*text);
    if text.contains(['/', '\\']) && Path::new(path).is_absolute() && Path::new(path).exists() {
        return Some("it is the path of a file");
    }
    if value.len() < 12 && value.iter().all(u8::is_ascii_lowercase) {
        return Some("it is a word");
    }
    placeholder::why(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random() -> String {
        let made = crate::shape::generate("{base62:16}", &mut crate::shape::Random::new("variable", 1));
        String::from_utf8(made.expect("the shape is right")).expect("base62 is ASCII")
    }

    fn is_secret(name: &str, value: &str) -> bool {
        look(name, value.as_bytes(), &Named::default()) == Variable::Secret
    }

    #[test]
    fn names_of_ci_systems_are_known() {
        for name in [
            "GITHUB_TOKEN",
            "CI_JOB_TOKEN",
            "SYSTEM_ACCESSTOKEN",
            "CI_REGISTRY_PASSWORD",
            "AWS_SECRET_ACCESS_KEY",
            "PGPASSWORD",
            "MYSQL_PWD",
            "NEXUS_PSW",
            "client_secret",
            "SENTRY_DSN",
            "GPG_PASSPHRASE",
            "SSHPASS",
        ] {
            assert!(is_secret(name, &random()), "{name}");
        }
        for name in [
            "PWD",
            "OLDPWD",
            "PATH",
            "MONKEY",
            "COMPASS",
            "PUBLIC_KEY",
            "SSH_AUTH_SOCK",
            "TOKENIZERS_PARALLELISM",
        ] {
            assert!(!is_secret(name, &random()), "{name}");
        }
    }

    #[test]
    fn words_switches_and_paths_are_left_out_unless_they_are_named() {
        for value in ["postgres", "true", "123456", "/tmp", "https://example.org/x", "a1b2", "changeme"] {
            assert!(!is_secret("DB_PASSWORD", value), "{value}");
            let named = Named::read(&["X, DB_PASSWORD".to_owned()]);
            assert_eq!(look("DB_PASSWORD", value.as_bytes(), &named), Variable::Secret, "{value}");
        }
        let named = Named::read(&["-CACHE_KEY".to_owned()]);
        assert_eq!(look("CACHE_KEY", b"linux-4f1c9a-build", &named), Variable::Plain);
    }
}
