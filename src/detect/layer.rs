//! The tables of the built-in rules and of a configuration's, under one face.

use super::builtin;
use super::tables::{
    ClassRow, ContextRow, FileRow, FormRow, FormerRow, List, NameRow, PairRow, Row, ServiceRow, Tables, Text,
};

/// Either of the two.
#[derive(Debug, Clone, Copy)]
pub(super) enum Layer<'a> {
    /// Statics that the build made.
    BuiltIn,
    /// Made at run time.
    Custom(&'a Tables),
}

macro_rules! tables {
    ($($name:ident: $row:ty = $table:ident),+ $(,)?) => {
        impl<'a> Layer<'a> {
            $(pub(super) fn $name(self) -> &'a [$row] {
                match self {
                    Self::BuiltIn => &builtin::$table,
                    Self::Custom(tables) => &tables.$name,
                }
            })+
        }
    };
}

tables! {
    rows: Row = ROWS,
    lists: Text = LISTS,
    classes: ClassRow = CLASSES,
    contexts: ContextRow = CONTEXTS,
    forms: FormRow = FORMS,
    short_forms: u64 = SHORT_FORMS,
    lengths: (u16, u16) = LENGTHS,
    services: ServiceRow = SERVICES,
    service_contexts: u16 = SERVICE_CONTEXTS,
    pairs: PairRow = PAIRS,
    files: FileRow = FILES,
    names: NameRow = NAMES,
    former: FormerRow = FORMER,
}

impl<'a> Layer<'a> {
    /// How many names are looked for, and how many of them have no `*`.
    pub(super) fn name_counts(self) -> (usize, usize) {
        match self {
            Self::BuiltIn => (builtin::FILE_NAMES, builtin::EXACT_NAMES),
            Self::Custom(tables) => (tables.file_names, tables.exact_names),
        }
    }

    /// A string.
    pub(super) fn slice(self, part: Text) -> &'a str {
        let text: &'a str = match self {
            Self::BuiltIn => builtin::TEXT,
            Self::Custom(tables) => &tables.text,
        };
        &text[part.at as usize..part.at as usize + usize::from(part.len)]
    }

    /// A list of strings.
    pub(super) fn texts(self, list: List) -> impl Iterator<Item = &'a str> {
        run(self.lists(), list).iter().map(move |part| self.slice(*part))
    }
}

/// A run of entries of a table.
pub(super) fn run<T>(table: &[T], list: List) -> &[T] {
    &table[list.at as usize..list.at as usize + usize::from(list.len)]
}

/// Whether a class has a byte.
pub(super) fn holds(class: &ClassRow, byte: u8) -> bool {
    class[usize::from(byte >> 6)] >> (byte & 63) & 1 != 0
}
