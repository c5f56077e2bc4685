// The names of all walkers, alone in a file so that the build can `include!` it and refuse a rule that names none.

/// What rule files may write under `matcher`, sorted.
pub const MATCHERS: &[&str] = &[
    "jwt",
    "openssh",
    "openssh-encrypted",
    "pem",
    "pem-encrypted",
    "pgp",
    "pgp-encrypted",
    "putty",
    "putty-encrypted",
    "service-account",
];
