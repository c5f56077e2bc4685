//! One entry of a pack: its header, its inflated bytes, and the instructions of a delta.
//!
//! Hands on [`Head`], [`Inflater`], [`Op`] and [`apply`]. The trap: every size is the entry's own claim, so memory is
//! only taken once the claim was held against what the bytes behind it could make.

use flate2::{Decompress, FlushDecompress, Status};

use super::super::store::Kind;

/// The largest object that is rebuilt in memory; a delta can claim any size for a few bytes.
pub(super) const LARGEST: u64 = 1 << 30;
/// What is said of a larger one.
pub(super) const TOO_LARGE: &str = "it is too large to be read into memory";

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body<'a> {
    /// An object as it is.
    Whole(Kind),
    /// A delta against the entry that starts that many bytes before.
    Before(u64),
    /// A delta against an object, by its id.
    Against(&'a [u8]),
}

/// An entry's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head<'a> {
    /// What it is.
    pub(super) body: Body<'a>,
    /// How many bytes it inflates to, by its own word: of a delta, its instructions.
    pub(super) size: u64,
    /// Where its compressed bytes start, from the start of `bytes`.
    pub(super) data: usize,
}

impl<'a> Head<'a> {
    /// Reads the header at the start of `bytes`; `hash` is the length of an id.
    pub(super) fn parse(bytes: &'a [u8], hash: usize) -> Option<Self> {
        let first = *bytes.first()?;
        let mut size = u64::from(first & 15);
        let mut at = 1;
        let mut shift = 4;
        let mut last = first;
        while last & 0x80 != 0 {
            last = *bytes.get(at)?;
            at += 1;
            if shift > 57 {
                return None;
            }
            size |= u64::from(last & 0x7f) << shift;
            shift += 7;
        }
        let body = match first >> 4 & 7 {
            1 => Body::Whole(Kind::Commit),
            2 => Body::Whole(Kind::Tree),
            3 => Body::Whole(Kind::Blob),
            4 => Body::Whole(Kind::Tag),
            6 => {
                let mut byte = *bytes.get(at)?;
                at += 1;
                let mut back = u64::from(byte & 0x7f);
                while byte & 0x80 != 0 {
                    byte = *bytes.get(at)?;
                    at += 1;
                    back = back.checked_add(1)?.checked_mul(128)?.checked_add(u64::from(byte & 0x7f))?;
                }
                Body::Before(back)
            }
            7 => {
                let id = bytes.get(at..at + hash)?;
                at += hash;
                Body::Against(id)
            }
            _ => return None,
        };
        Some(Self { body, size, data: at })
    }
}

/// Inflates entries; one for each thread, used again for its tables.
pub(super) struct Inflater(Decompress);

impl Inflater {
    pub(super) fn new() -> Self {
        Self(Decompress::new(true))
    }

    /// Inflates exactly `size` bytes from the start of `packed` into `out`.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub(super) fn inflate(
        &mut self,
        packed: &[u8],
        size: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), &'static str> {
        out.clear();
        // Deflate makes at most 1,032 bytes of one.
        if size / 1032 > packed.len() as u64 {
            return Err("its pack is shorter than it says");
        }
        if size > LARGEST {
            return Err(TOO_LARGE);
        }
        // One byte more than it says, to see content that goes on.
        out.try_reserve(size as usize + 1).map_err(|_| "there is not enough memory for it")?;
        self.0.reset(true);
        loop {
            let (consumed, produced) = (self.0.total_in() as usize, out.len());
            let rest = packed.get(consumed..).unwrap_or_default();
            let status = self
                .0
                .decompress_vec(rest, out, FlushDecompress::Finish)
                .map_err(|_| "its entry in the pack is damaged")?;
            if out.len() as u64 > size {
                return Err("its entry in the pack is longer than it says");
            }
            if status == Status::StreamEnd {
                break;
            }
            if self.0.total_in() as usize == consumed && out.len() == produced {
                return Err("its entry in the pack is cut short");
            }
        }
        if (out.len() as u64) < size {
            return Err("its entry in the pack is shorter than it says");
        }
        Ok(())
    }

    /// Inflates an entry of any size piece by piece.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub(super) fn stream(
        &mut self,
        packed: &[u8],
        size: u64,
        piece: usize,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<(), &'static str> {
        let mut buffer = Vec::with_capacity(piece);
        self.0.reset(true);
        loop {
            buffer.clear();
            let consumed = self.0.total_in() as usize;
            let rest = packed.get(consumed..).unwrap_or_default();
            let status = self
                .0
                .decompress_vec(rest, &mut buffer, FlushDecompress::None)
                .map_err(|_| "its entry in the pack is damaged")?;
            take(&buffer);
            if self.0.total_out() > size {
                return Err("its entry in the pack is longer than it says");
            }
            if status == Status::StreamEnd {
                break;
            }
            if self.0.total_in() as usize == consumed && buffer.is_empty() {
                return Err("its entry in the pack is cut short");
            }
        }
        if self.0.total_out() < size {
            return Err("its entry in the pack is shorter than it says");
        }
        Ok(())
    }
}

/// One step by which a delta makes its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Bytes of the base.
    Copy {
        /// Where they stand in it.
        from: usize,
        /// How many.
        len: usize,
    },
    /// New bytes.
    Insert {
        /// How many.
        len: usize,
    },
}

/// Makes an object from its base: `out` gets its bytes, `ops` how they came about, copies that go on joined.
///
/// # Errors
/// What is wrong with the delta.
pub(super) fn apply(
    base: &[u8],
    delta: &[u8],
    out: &mut Vec<u8>,
    ops: &mut Vec<Op>,
) -> Result<(), &'static str> {
    const DAMAGED: &str = "its delta is damaged";
    out.clear();
    ops.clear();
    let mut at = 0;
    let base_size = varint(delta, &mut at).ok_or(DAMAGED)?;
    let size = varint(delta, &mut at).ok_or(DAMAGED)?;
    if base_size != base.len() as u64 {
        return Err("its delta is for another base");
    }
    if size > LARGEST {
        return Err(TOO_LARGE);
    }
    // An instruction makes at most 16 MiB.
    if size >> 24 > delta.len() as u64 {
        return Err("its delta makes less than it says");
    }
    let size = size as usize;
    out.try_reserve(size).map_err(|_| "there is not enough memory for it")?;
    while let Some(&code) = delta.get(at) {
        at += 1;
        if code & 0x80 == 0 {
            // 0 is reserved.
            let len = usize::from(code);
            let bytes = delta.get(at..at + len).filter(|bytes| !bytes.is_empty()).ok_or(DAMAGED)?;
            at += len;
            out.extend_from_slice(bytes);
            match ops.last_mut() {
                Some(Op::Insert { len: last }) => *last += len,
                _ => ops.push(Op::Insert { len }),
            }
        } else {
            let (mut from, mut len) = (0usize, 0usize);
            for bit in 0..7 {
                if code >> bit & 1 != 0 {
                    let byte = usize::from(*delta.get(at).ok_or(DAMAGED)?);
                    at += 1;
                    if bit < 4 { from |= byte << (8 * bit) } else { len |= byte << (8 * (bit - 4)) }
                }
            }
            if len == 0 {
                len = 0x10000;
            }
            out.extend_from_slice(base.get(from..from + len).ok_or(DAMAGED)?);
            match ops.last_mut() {
                Some(Op::Copy { from: last, len: before }) if *last + *before == from => *before += len,
                _ => ops.push(Op::Copy { from, len }),
            }
        }
        if out.len() > size {
            return Err("its delta makes more than it says");
        }
    }
    if out.len() == size { Ok(()) } else { Err("its delta makes less than it says") }
}

fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0;
    let mut shift = 0;
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        if shift > 56 {
            return None;
        }
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delta_copies_and_inserts_and_joined_copies_are_one() {
        let base = b"0123456789abcdef";
        // copy 0..4, copy 4..8, insert "xyz", copy 8..16
        let delta = [16, 19, 0x90, 4, 0x91, 4, 4, 3, b'x', b'y', b'z', 0x91, 8, 8];
        let (mut out, mut ops) = (Vec::new(), Vec::new());
        assert_eq!(apply(base, &delta, &mut out, &mut ops), Ok(()));
        assert_eq!(out, b"01234567xyz89abcdef");
        let copy = |from, len| Op::Copy { from, len };
        assert_eq!(ops, [copy(0, 8), Op::Insert { len: 3 }, copy(8, 8)]);
    }

    #[test]
    fn deltas_that_lie_are_refused() {
        let base = b"0123456789abcdef";
        let (mut out, mut ops) = (Vec::new(), Vec::new());
        for delta in [
            &[15, 1, 0x90, 1][..], // another base
            &[16, 4, 0x90, 3],     // makes less
            &[16, 2, 0x90, 3],     // makes more
            &[16, 4, 0x91, 14, 4], // beyond the base
            &[16, 4, 4, b'x'],     // cut short
            &[16, 4, 0],           // reserved
            &[16, 4, 0x91],        // cut short
            &[],
            &[16],
            &[16, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[16, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
        ] {
            assert!(apply(base, delta, &mut out, &mut ops).is_err(), "{delta:?}");
        }
    }

    #[test]
    fn headers_are_read_and_cut_ones_refused() {
        let whole = Head::parse(&[0xb5, 0x01], 20).unwrap();
        assert_eq!(whole, Head { body: Body::Whole(Kind::Blob), size: 0x15, data: 2 });
        let before = Head::parse(&[0x61, 0x80, 0x00], 20).unwrap();
        assert_eq!(before, Head { body: Body::Before(128), size: 1, data: 3 });
        let mut against = vec![0x71];
        against.extend([7; 20]);
        assert_eq!(Head::parse(&against, 20).unwrap().body, Body::Against(&[7; 20]));
        for cut in [&[][..], &[0xb5], &[0x61], &[0x61, 0x80], &against[..20], &[0x01], &[0x51], &[0xff; 12]] {
            assert_eq!(Head::parse(cut, 20), None, "{cut:?}");
        }
    }
}
