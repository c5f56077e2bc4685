//! What a path says of a private key: that it was made for tests.
//!
//! Hands on whether it does so twice: a folder of tests, and below it a name that tells what the key is for. The trap: real
//! keys are left in test folders too, and a single word ("test" in "latest", a folder `tests` with everything in it) is no reason.

/// Names of folders that hold tests, whole.
const FOLDERS: [&str; 17] = [
    "test",
    "tests",
    "testing",
    "testdata",
    "test-data",
    "test_data",
    "testcases",
    "__tests__",
    "spec",
    "specs",
    "fixture",
    "fixtures",
    "e2e",
    "mock",
    "mocks",
    "demos",
    "test-fixtures",
];
/// Words of names that keys of tests have: whom they are for, or what is wrong with them.
const HINTS: [&str; 26] = [
    "test",
    "tests",
    "testing",
    "testkey",
    "example",
    "sample",
    "dummy",
    "fake",
    "mock",
    "fixture",
    "fixtures",
    "demo",
    "localhost",
    "invalid",
    "expired",
    "valid",
    "bad",
    "badhash",
    "wrong",
    "revoked",
    "unknown",
    "selfsigned",
    "snakeoil",
    "insecure",
    "certs",
    "mitmproxy",
];

/// What is left of the confidence in a key or a token that was made for tests, as its path says twice: strict blocks it.
const MADE_FOR_TESTS: f64 = 0.3;

/// The confidence that is left of a higher one where the path says that the thing was made for tests, and the reason.
pub(super) fn lowered(path: &[u8], confidence: f64) -> Option<(f64, &'static str)> {
    (confidence > MADE_FOR_TESTS && is_made_for_tests(path))
        .then_some((MADE_FOR_TESTS, "its path says that it was made for tests"))
}

/// True for `tests/certs/server.key` and `spec/fixtures/expired.pem`; false for `tests/deploy.pem` and `certs/server.key`.
fn is_made_for_tests(path: &[u8]) -> bool {
    let mut parts = path.split(|b| *b == b'/').peekable();
    let mut in_tests = false;
    while let Some(part) = parts.next() {
        if in_tests
            && words(part).any(|word| HINTS.iter().any(|hint| hint.as_bytes().eq_ignore_ascii_case(word)))
        {
            return true;
        }
        let is_folder = parts.peek().is_some();
        in_tests |= is_folder && FOLDERS.iter().any(|folder| folder.as_bytes().eq_ignore_ascii_case(part));
    }
    false
}

fn words(part: &[u8]) -> impl Iterator<Item = &[u8]> {
    part.split(|b| !b.is_ascii_alphabetic()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_and_a_name_say_it_together() {
        for path in [
            "tests/certs/expired/server/server.key",
            "tests/test_pkey.py",
            "src/test/resources/fixtures/a.pem",
            "demos/test_rsa.key",
            "spec/fixtures/localhost.key",
        ] {
            assert!(is_made_for_tests(path.as_bytes()), "{path}");
        }
        for path in [
            "tests/deploy.pem",
            "certs/test.key",
            "latest/example.key",
            "tests",
            "test.pem",
            "src/id_rsa",
            "",
        ] {
            assert!(!is_made_for_tests(path.as_bytes()), "{path}");
        }
    }
}
