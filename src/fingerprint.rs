//! The fingerprint of a secret.
