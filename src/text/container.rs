//! Files that hold files: told by their first bytes.

/// What a content is, when it holds other contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// Zip and all that is built on it.
    Zip,
}

/// Tells a container by how it begins.
#[must_use]
pub fn sniff(content: &[u8]) -> Option<Container> {
    content.starts_with(b"PK\x03\x04").then_some(Container::Zip)
}
