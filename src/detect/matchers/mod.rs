//! Own code that finds what a regex should not, by the name that rule files use.
//!
//! Each takes a keyword's place and hands on what it found there. The trap: a keyword such as `key` is everywhere, so each
//! looks at a bounded part of the text around it and nothing else.

mod assignment;
mod url;

use std::ops::Range;

/// How a value stands beside its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In quotes after `=`, `:` and the like.
    Quoted,
    /// Without quotes after `=`, `:` and the like.
    Bare,
    /// `--password value`, `ENV NAME value`.
    Flag,
    /// An argument of a call named like a secret.
    Call,
    /// Text of an XML element.
    Element,
    /// After `Bearer`, `Basic` and the like.
    Header,
    /// The password of a URL.
    Url,
    /// A key block, a web token: what own code took apart.
    Block,
}

/// What own code found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The name that the value stands beside; empty where it has none.
    pub name: Range<usize>,
    /// The secret itself, quotes off.
    pub value: Range<usize>,
    /// How it is written.
    pub form: Form,
}

type Find = fn(&[u8], Range<usize>) -> Option<Found>;

/// The code behind a matcher's name; `None` for regex rules.
pub(super) fn matcher(name: &str) -> Option<Find> {
    match name {
        "assignment" => Some(assignment::find),
        "url" => Some(url::find),
        _ => None,
    }
}
