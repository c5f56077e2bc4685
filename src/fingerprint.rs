//! The fingerprint of a secret.
pub(crate) fn fingerprint(_s: &[u8]) -> String {
    String::new()
}
