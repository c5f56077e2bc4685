//! `ar`: Debian packages and static libraries; GNU's and BSD's long names.

use std::io::Read;

use super::super::budget::Budget;
use super::{Visitor, cut_short, fill, skip};

/// Longer name tables than this are no names.
const MOST_NAMES: u64 = 16 << 20;

pub(super) fn walk(stream: &mut dyn Read, budget: &Budget, visitor: &mut dyn Visitor) -> Result<(), String> {
    let mut magic = [0; 8];
    fill(stream, &mut magic).map_err(|error| cut_short(&error))?;
    let mut names = Vec::new();
    loop {
        let mut header = [0; 60];
        match fill(stream, &mut header).map_err(|error| cut_short(&error))? {
            60 if header.ends_with(b"`\n") => {}
            0 => return Ok(()),
            _ => return Err("a member's header is damaged".to_owned()),
        }
        let size = number(&header[48..58]).ok_or("a member's size is no number")?;
        let field = header[..16].trim_ascii_end();
        if field == b"//" {
            if size > MOST_NAMES {
                return Err("its table of names is too long".to_owned());
            }
            stream.take(size).read_to_end(&mut names).map_err(|error| cut_short(&error))?;
        } else {
            if !budget.member() {
                return Ok(());
            }
            let mut content = stream.take(size);
            let name = name(field, &names, &mut content)?;
            // The table of symbols.
            if name != b"/" && name != b"/SYM64" {
                visitor.member(&name, &mut content);
            }
            if budget.is_spent() {
                return Ok(());
            }
            let rest = content.limit();
            skip(stream, rest).map_err(|error| cut_short(&error))?;
        }
        if size % 2 == 1 {
            let mut padding = [0; 1];
            fill(stream, &mut padding).map_err(|error| cut_short(&error))?;
        }
    }
}

/// A member's name: in its header, in the table of long ones (`/12`), or before its content (`#1/20`).
fn name(field: &[u8], names: &[u8], content: &mut dyn Read) -> Result<Vec<u8>, String> {
    if let Some(length) = field.strip_prefix(b"#1/") {
        let length = number(length).filter(|length| *length <= 4096).ok_or("a member's name is too long")?;
        let mut name = vec![0; length as usize];
        fill(content, &mut name).map_err(|error| cut_short(&error))?;
        while name.last() == Some(&0) {
            name.pop();
        }
        return Ok(name);
    }
    if let Some(at) = field.strip_prefix(b"/").filter(|at| !at.is_empty()).and_then(number) {
        let rest = usize::try_from(at).ok().and_then(|at| names.get(at..)).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        return Ok(rest[..end].strip_suffix(b"/").unwrap_or(&rest[..end]).to_vec());
    }
    if field.len() > 1 { Ok(field.strip_suffix(b"/").unwrap_or(field).to_vec()) } else { Ok(field.to_vec()) }
}

fn number(field: &[u8]) -> Option<u64> {
    std::str::from_utf8(field.trim_ascii()).ok()?.parse().ok()
}
