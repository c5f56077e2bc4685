//! Streams compressed by gzip, bzip2, xz and zstd, several in a row too.
//!
//! The trap: a dictionary's size is taken from the file, so each decoder has a bound on its memory.

use std::io::{self, BufRead, BufReader, Read};

use ruzstd::decoding::FrameDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};

use super::super::budget::{Budget, Metered};
use super::{Container, cut_short};

/// Memory that xz and zstd may take: what `xz -9` and `zstd --ultra` need.
const WINDOW_KIB: u32 = 128 * 1024;

/// Opens a stream; what it yields is taken from the budget.
pub(super) fn open<'a>(
    container: Container,
    stream: &'a mut dyn Read,
    budget: &'a Budget,
) -> Result<Box<dyn Read + 'a>, String> {
    let stream = BufReader::with_capacity(64 * 1024, stream);
    match container {
        Container::Gzip => Ok(Box::new(Metered::new(flate2::bufread::MultiGzDecoder::new(stream), budget))),
        Container::Bzip2 => Ok(Box::new(Metered::new(bzip2::bufread::MultiBzDecoder::new(stream), budget))),
        Container::Xz => Ok(xz(stream, budget)),
        Container::Zstd => zstd(stream, budget),
        Container::Zip | Container::Tar | Container::Ar | Container::Pdf => {
            Err("it is no compressed stream".to_owned())
        }
    }
}

pub(super) fn xz<'a>(stream: impl Read + 'a, budget: &'a Budget) -> Box<dyn Read + 'a> {
    Box::new(Metered::new(lzma_rust2::XzReader::new_mem_limit(stream, true, WINDOW_KIB), budget))
}

pub(super) fn zstd<'a>(stream: impl BufRead + 'a, budget: &'a Budget) -> Result<Box<dyn Read + 'a>, String> {
    let mut frames = Frames { stream, decoder: FrameDecoder::new(), open: false };
    frames.decoder.set_max_window_size(u64::from(WINDOW_KIB) * 1024);
    frames.next_frame().map_err(|error| cut_short(&error))?;
    Ok(Box::new(Metered::new(frames, budget)))
}

/// The frames of a zstd stream one after the other; the crate reads one.
struct Frames<R> {
    stream: R,
    decoder: FrameDecoder,
    open: bool,
}

impl<R: BufRead> Frames<R> {
    /// Opens the next frame that holds something; false at the stream's end.
    fn next_frame(&mut self) -> io::Result<bool> {
        while !self.stream.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.stream) {
                Ok(()) => {
                    self.open = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => super::skip(&mut self.stream, u64::from(length))?,
                Err(error) => return Err(io::Error::other(error.to_string())),
            }
        }
        self.open = false;
        Ok(false)
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use ruzstd::decoding::BlockDecodingStrategy::UptoBytes;
        loop {
            if self.open && self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decoder
                    .decode_blocks(&mut self.stream, UptoBytes(buffer.len()))
                    .map_err(|error| io::Error::other(error.to_string()))?;
            }
            let count = self.decoder.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            if self.open && !self.decoder.is_finished() {
                continue;
            }
            if !self.next_frame()? {
                return Ok(0);
            }
        }
    }
}
