//! One stream: whole lines go out at once, an unfinished one after a short pause, a line without end piece by piece.
//!
//! Hands on masked bytes. What went out stays in front of what comes as context (a name on the line before its value), and
//! memory is bounded whatever comes. The trap: a pause may fall into the middle of a secret.

use super::held::{closes, is_body, open_block};
use super::{Masks, RedactError, Span};
use crate::detect::block;

/// How much of what went out is looked at again with what comes next.
pub(super) const CONTEXT: usize = 2048;

/// An unfinished line that grows beyond this goes out piece by piece.
pub(super) const LONGEST: usize = 1 << 20;

/// What is kept of it, so that a secret at the seam is whole in the next piece.
const SEAM: usize = block::LIMIT;

/// What was read of one stream and not handed on yet.
#[derive(Default)]
pub struct Stream {
    /// Context, then what is pending.
    pub(super) buffer: Vec<u8>,
    /// How much of it was handed on.
    done: usize,
    /// Inside a key block whose end did not come in time.
    in_block: bool,
    /// A mask was handed on for a token that may go on.
    goes_on: bool,
}

fn is_token_byte(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'=' | b'.' | b'~')
}

impl Stream {
    /// Takes what was read, and adds to `out` what may be handed on.
    ///
    /// # Errors
    /// When it cannot be judged; nothing more must be handed on then.
    pub fn push(
        &mut self,
        input: &[u8],
        masks: &mut Masks<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), RedactError> {
        let mut input = input;
        if self.goes_on {
            let rest = input.iter().take_while(|byte| is_token_byte(byte)).count();
            input = &input[rest..];
            self.goes_on = input.is_empty();
        }
        let before = self.buffer.len();
        self.buffer.extend_from_slice(input);
        if let Some(last) = memchr::memrchr2(b'\n', b'\r', &self.buffer[before..]) {
            self.lines(before + last + 1, masks, out)?;
        }
        if self.pending() > LONGEST && self.is_held() {
            self.by_line(masks, out)?;
        }
        if self.pending() > LONGEST {
            let end = self.buffer.len();
            self.emit(end, end - SEAM, masks, out)?;
        }
        Ok(())
    }

    /// True while something waits for more.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.pending() > 0
    }

    /// After a short pause: hands on what is no secret whatever follows, such as a prompt.
    ///
    /// # Errors
    /// When it cannot be judged.
    pub fn pause(&mut self, masks: &mut Masks<'_>, out: &mut Vec<u8>) -> Result<(), RedactError> {
        if self.is_held() {
            return Ok(());
        }
        let end = self.buffer.len();
        let word = self.buffer[self.done..].iter().rev().take_while(|byte| is_token_byte(byte)).count();
        // Dots and dashes that show progress.
        let word = if self.buffer[end - word..].iter().any(u8::is_ascii_alphanumeric) { word } else { 0 };
        self.emit(end, end - word, masks, out)
    }

    /// After a long pause: hands on all of it, what may be the first part of a secret masked.
    ///
    /// # Errors
    /// When it cannot be judged.
    pub fn stall(&mut self, masks: &mut Masks<'_>, out: &mut Vec<u8>) -> Result<(), RedactError> {
        if self.is_held() {
            return self.by_line(masks, out);
        }
        let end = self.buffer.len();
        let begun = masks.known.begun(&self.buffer[self.done..]);
        self.emit(end, end - begun, masks, out)
    }

    /// At the end: hands on the rest.
    ///
    /// # Errors
    /// When it cannot be judged.
    pub fn finish(&mut self, masks: &mut Masks<'_>, out: &mut Vec<u8>) -> Result<(), RedactError> {
        while self.pending() > 0 {
            self.lines(self.buffer.len(), masks, out)?;
            if self.pending() > 0 {
                self.by_line(masks, out)?;
            }
        }
        Ok(())
    }

    fn pending(&self) -> usize {
        self.buffer.len() - self.done
    }

    /// Inside a key block, told or not.
    fn is_held(&self) -> bool {
        self.in_block || open_block(&self.buffer[self.done..]).is_some()
    }

    /// Hands on the lines up to `end`, but not a key block that goes on.
    fn lines(&mut self, end: usize, masks: &mut Masks<'_>, out: &mut Vec<u8>) -> Result<(), RedactError> {
        let left = self.buffer.len() - end;
        if self.in_block {
            self.by_line(masks, out)?;
        }
        let end = self.buffer.len().saturating_sub(left).max(self.done);
        let open = open_block(&self.buffer[self.done..end]).map_or(end, |at| self.done + at);
        self.emit(end.min(open), open, masks, out)?;
        if end - open > block::LIMIT { self.by_line(masks, out) } else { Ok(()) }
    }

    /// Hands on what is pending of a key block, each of its lines masked; what follows the block stays pending.
    fn by_line(&mut self, masks: &mut Masks<'_>, out: &mut Vec<u8>) -> Result<(), RedactError> {
        if !self.in_block {
            // The line that opens it, and whatever stands before that.
            let opener = memchr::memchr(b'\n', &self.buffer[self.done..]);
            let end = opener.map_or(self.buffer.len(), |length| self.done + length + 1);
            self.emit(end, end, masks, out)?;
            self.in_block = true;
        }
        let mut at = self.done;
        while at < self.buffer.len() && self.in_block {
            let rest = &self.buffer[at..];
            let line_end = memchr::memchr(b'\n', rest);
            let line = &rest[..line_end.unwrap_or(rest.len())];
            let closing = closes(line);
            if closing || is_body(line) || line_end.is_none() && line.len() < LONGEST {
                let shown = if closing { line.len() } else { 0 };
                let ending = line.trim_ascii_end().len().max(shown);
                if ending > shown {
                    out.extend_from_slice(masks.key_line.as_bytes());
                    masks.count(&Span { range: at..at + ending, mask: masks.key_line.clone() });
                }
                out.extend_from_slice(&line[..shown]);
                let stop = line_end.map_or(line.len(), |end| end + 1);
                out.extend_from_slice(&rest[ending..stop]);
                at += stop;
                self.in_block = !closing;
            } else {
                self.in_block = false;
            }
        }
        self.forget(at);
        Ok(())
    }

    /// Judges the buffer up to `end` and hands on what stands before `cut`; of a secret on the seam, all or nothing.
    fn emit(
        &mut self,
        end: usize,
        cut: usize,
        masks: &mut Masks<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), RedactError> {
        self.goes_on = false;
        if cut <= self.done {
            return Ok(());
        }
        let text = &self.buffer[..end];
        let spans = masks.spans(text)?;
        let mut cut = cut;
        if let Some(seam) = spans.iter().find(|span| span.range.start < cut && cut < span.range.end) {
            let fits = seam.range.end < end || seam.range.start <= self.done;
            cut = if fits { seam.range.end } else { seam.range.start };
        }
        let mut at = self.done;
        for span in spans.iter().filter(|span| span.range.end > self.done && span.range.start < cut) {
            out.extend_from_slice(&text[at..span.range.start.max(at)]);
            out.extend_from_slice(span.mask.as_bytes());
            at = span.range.end;
            masks.count(span);
        }
        out.extend_from_slice(&text[at.min(cut)..cut]);
        self.goes_on = at == self.buffer.len() && at == cut && text.last().is_some_and(is_token_byte);
        self.forget(cut);
        Ok(())
    }

    /// What stands before `done` went out; of it, only context is kept.
    fn forget(&mut self, done: usize) {
        let start = done.saturating_sub(CONTEXT);
        // A context that begins in the middle of a line would show the end of a token as one of its own.
        let line =
            memchr::memchr(b'\n', &self.buffer[start..done]).map_or(start, |length| start + length + 1);
        let start = if start == 0 { 0 } else { line };
        self.buffer.drain(..start);
        self.done = done - start;
    }
}
