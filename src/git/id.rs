//! Object ids, SHA-1 or SHA-256, as plain values that threads and maps can hold.
//!
//! Hands on: [`ObjectId`]. The trap: the two formats have different lengths, so a repository's ids never mix with
//! another's; `raw` and `from_hex` refuse every other length.

use std::fmt;

/// The name of a git object: 20 bytes (SHA-1) or 32 (SHA-256).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    bytes: [u8; 32],
    length: u8,
}

impl ObjectId {
    /// From the raw bytes of an index, a tree or a pack; `None` unless they are 20 or 32.
    #[must_use]
    pub fn from_raw(raw: &[u8]) -> Option<Self> {
        if raw.len() != 20 && raw.len() != 32 {
            return None;
        }
        let mut bytes = [0; 32];
        bytes[..raw.len()].copy_from_slice(raw);
        Some(Self { bytes, length: raw.len() as u8 })
    }

    /// From 40 or 64 hex digits of either case.
    #[must_use]
    pub fn from_hex(hex: &[u8]) -> Option<Self> {
        if hex.len() != 40 && hex.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            *byte = (high * 16 + low) as u8;
        }
        Some(Self { bytes, length: (hex.len() / 2) as u8 })
    }

    /// The raw bytes, 20 or 32.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// True for the tree without entries, which every repository has without storing it.
    #[must_use]
    pub fn is_empty_tree(&self) -> bool {
        [Format::Sha1, Format::Sha256].iter().any(|format| format.empty_tree() == *self)
    }

    /// True for the id of zeros, by which git means "no object".
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.bytes.iter().all(|&b| b == 0)
    }
}

impl From<git2::Oid> for ObjectId {
    fn from(oid: git2::Oid) -> Self {
        let raw = oid.as_bytes();
        let mut bytes = [0; 32];
        bytes[..raw.len()].copy_from_slice(raw);
        Self { bytes, length: raw.len() as u8 }
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.as_bytes() {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The two hash functions that git knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Sha1,
    Sha256,
}

impl Format {
    /// Bytes of an id.
    pub(super) fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The id of the tree without entries, which every repository has without storing it.
    pub(super) fn empty_tree(self) -> ObjectId {
        let hex: &[u8] = match self {
            Self::Sha1 => b"4b825dc642cb6eb9a060e54bf8d69288fbee4904",
            Self::Sha256 => b"6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
        };
        ObjectId::from_hex(hex).unwrap_or(ObjectId { bytes: [0; 32], length: self.length() as u8 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_and_raw_agree_for_both_formats() {
        for format in [Format::Sha1, Format::Sha256] {
            let id = format.empty_tree();
            assert_eq!(id.as_bytes().len(), format.length());
            assert_eq!(ObjectId::from_raw(id.as_bytes()), Some(id));
            assert_eq!(ObjectId::from_hex(id.to_string().to_uppercase().as_bytes()), Some(id));
            assert!(!id.is_zero());
        }
        assert_eq!(ObjectId::from_hex(b"12"), None);
        assert_eq!(ObjectId::from_hex(&[b'g'; 40]), None);
        assert_eq!(ObjectId::from_raw(&[0; 21]), None);
    }
}
