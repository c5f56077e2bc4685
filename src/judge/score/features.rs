//! The table of features: groups, each of which says one thing about a candidate, with one weight for each thing said.
//!
//! Hands on [`Active`]: which weights a candidate adds up. The trap: the order here is the order of the learned weights;
//! after any change `train/fit.py` must run again (a test compares the sizes).

/// A group of features: what it speaks of, and how many things it may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Group {
    /// Length of the value, in bins.
    Length,
    /// The smallest alphabet that holds the value.
    Alphabet,
    /// Cost as innocent text, bits a character, in bins.
    Surprise,
    /// Cost above what chance would have, whole value, in bins.
    Chance,
    /// Letters that words cover, in bins.
    Words,
    /// Distinct bytes against what chance would have.
    Distinct,
    /// Share of characters that are no letters or digits.
    Symbols,
    /// How the value is built: identifier cases, paths, numbers, dates.
    Shape,
    /// Words in the value that speak of credentials, tests, people.
    Inside,
    /// How the value stands to its name.
    Relation,
    /// What a secret hardly ever has.
    Oddity,
    /// What kind of secret the name says.
    Kind,
    /// The name's last word, in groups.
    Ending,
    /// Further words in the name.
    NameWord,
    /// How the name is written.
    NameStyle,
    /// How name and value are written.
    Form,
    /// What stands right before the value.
    Before,
    /// What stands right behind it.
    Behind,
    /// What kind of file it is.
    File,
    /// What the path says.
    Path,
    /// What the line says.
    Line,
    /// Where a URL with credentials leads.
    Host,
    /// Kind of name, class of value.
    KindByValue,
    /// Form, class of value.
    FormByValue,
    /// File, class of value.
    FileByValue,
}

/// Groups in order, with what they say in words and how many weights they have.
pub(super) const GROUPS: [(Group, &str, u16); 25] = [
    (Group::Length, "as long as secrets are", 18),
    (Group::Alphabet, "made of a secret's characters", 15),
    (Group::Surprise, "unlike words and names", 16),
    (Group::Chance, "drawn as if by chance", 20),
    (Group::Words, "hardly a known word in it", 12),
    (Group::Distinct, "its characters vary", 8),
    (Group::Symbols, "symbols as secrets have them", 6),
    (Group::Shape, "built like a secret", 16),
    (Group::Inside, "no telling word in it", 11),
    (Group::Relation, "unlike its name", 4),
    (Group::Oddity, "nothing odd in it", 28),
    (Group::Kind, "its name says secret", 16),
    (Group::Ending, "its name ends as a secret's", 24),
    (Group::NameWord, "its name has a secret's words", 24),
    (Group::NameStyle, "its name is written as a secret's", 8),
    (Group::Form, "assigned as secrets are", 22),
    (Group::Before, "what stands before it", 14),
    (Group::Behind, "what stands behind it", 8),
    (Group::File, "in a kind of file that holds secrets", 16),
    (Group::Path, "in a place where secrets lie", 10),
    (Group::Line, "on a line like a secret's", 12),
    (Group::Host, "where the URL leads", 8),
    (Group::KindByValue, "name and value fit", 16 * 9),
    (Group::FormByValue, "form and value fit", 22 * 9),
    (Group::FileByValue, "file and value fit", 16 * 9),
];

const fn bases() -> [u16; 26] {
    let mut bases = [0; 26];
    let mut n = 0;
    while n < 25 {
        bases[n + 1] = bases[n] + GROUPS[n].2;
        n += 1;
    }
    bases
}

static BASES: [u16; 26] = bases();

/// Where the weights of a group stand.
pub(super) fn range(group: Group) -> std::ops::Range<usize> {
    usize::from(BASES[group as usize])..usize::from(BASES[group as usize + 1])
}

/// How many weights there are.
pub const COUNT: usize = BASES_END as usize;
const BASES_END: u16 = bases()[25];

/// The features of one candidate, as indices into the weights.
#[derive(Debug, Clone)]
pub struct Active {
    list: [u16; 64],
    len: usize,
}

impl Active {
    pub(super) fn new() -> Self {
        Self { list: [0; 64], len: 0 }
    }

    pub(super) fn add(&mut self, group: Group, value: usize) {
        let (_, _, size) = GROUPS[group as usize];
        let value = value.min(usize::from(size) - 1) as u16;
        if self.len < self.list.len() {
            self.list[self.len] = BASES[group as usize] + value;
            self.len += 1;
        }
    }

    /// The indices, in the order in which the groups are asked.
    #[must_use]
    pub fn as_slice(&self) -> &[u16] {
        &self.list[..self.len]
    }
}

/// How many classes of values there are for each kind of file.
const CLASSES: usize =
    GROUPS[Group::FileByValue as usize].2 as usize / GROUPS[Group::File as usize].2 as usize;

fn weight(weights: &[i32; COUNT], group: Group, value: usize) -> i32 {
    weights[usize::from(BASES[group as usize]) + value]
}

/// The sum of what is active without what the path says, and the class of the value.
pub(super) fn without_path(active: &Active, weights: &[i32; COUNT]) -> (i32, usize) {
    let (mut sum, mut class) = (0, 0);
    for &feature in active.as_slice() {
        let group = BASES.iter().rposition(|b| *b <= feature).unwrap_or(0);
        if group == Group::FileByValue as usize {
            class = usize::from(feature - BASES[group]) % CLASSES;
        } else if group != Group::Path as usize && group != Group::File as usize {
            sum += weights[usize::from(feature)];
        }
    }
    (sum, class)
}

/// What a kind of file and a class of value say together.
pub(super) fn file_by_value(file: usize, class: usize, weights: &[i32; COUNT]) -> i32 {
    weight(weights, Group::FileByValue, file * CLASSES + class)
}

/// The most that a path could add for a class of value.
pub(super) fn best_path(class: usize, weights: &[i32; COUNT]) -> i32 {
    let sizes = |group: Group| 0..usize::from(GROUPS[group as usize].2);
    let file =
        sizes(Group::File).map(|n| weight(weights, Group::File, n) + file_by_value(n, class, weights)).max();
    sizes(Group::Path).map(|n| weight(weights, Group::Path, n).max(0)).sum::<i32>() + file.unwrap_or(0)
}

/// What the group of a feature speaks of, in words, and which of its things it says.
#[must_use]
pub fn describe(feature: u16) -> (&'static str, u16) {
    let group = BASES.iter().rposition(|b| *b <= feature).unwrap_or(0).min(GROUPS.len() - 1);
    (GROUPS[group].1, feature - BASES[group])
}
