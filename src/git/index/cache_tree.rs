//! The cache tree (`TREE` extension): which directories of the index are known to equal which tree object.
//!
//! Hands on: [`CacheTree`], of which a walk asks for a directory's children by name. `git commit` writes these ids into
//! the new tree without looking at the entries, so trusting them is trusting what will be committed. The trap: children
//! are ordered by length first, and an invalid directory (count -1) has no id in the file.

use super::Fault;

/// The parsed extension: nodes in the order of the file, each followed by its descendants.
pub(in crate::git) struct CacheTree<'a> {
    nodes: Vec<RawNode<'a>>,
}

struct RawNode<'a> {
    name: &'a [u8],
    id: &'a [u8],
    count: i32,
    /// Index of the first node that is no descendant.
    end: u32,
}

/// A directory of the cache tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::git) struct Node(u32);

impl<'a> CacheTree<'a> {
    pub(in crate::git) fn parse(data: &'a [u8], hash: usize) -> Result<Self, Fault> {
        let broken = || Fault::new("its cache tree is broken");
        // A node takes at least six bytes: NUL, count, blank, number of children, LF.
        let mut nodes: Vec<RawNode<'a>> = Vec::with_capacity((data.len() / (hash + 16)).min(1 << 16));
        // Nodes whose children are still to come, with how many.
        let mut open: Vec<(u32, u32)> = Vec::new();
        let mut rest = data;
        loop {
            let (name, after) = split_at_byte(rest, 0).ok_or_else(broken)?;
            let (count, after) = split_at_byte(after, b' ').ok_or_else(broken)?;
            let (children, after) = split_at_byte(after, b'\n').ok_or_else(broken)?;
            let count = number(count).ok_or_else(broken)?;
            let children = number(children).and_then(|n| u32::try_from(n).ok()).ok_or_else(broken)?;
            let (id, after) = after.split_at_checked(if count < 0 { 0 } else { hash }).ok_or_else(broken)?;
            rest = after;
            let at = u32::try_from(nodes.len()).map_err(|_| broken())?;
            nodes.push(RawNode { name, id, count, end: at + 1 });
            open.push((at, children));
            while let Some((node, left)) = open.last_mut() {
                if *left > 0 {
                    *left -= 1;
                    break;
                }
                nodes[*node as usize].end = at + 1;
                open.pop();
            }
            if open.is_empty() {
                return if rest.is_empty() { Ok(Self { nodes }) } else { Err(broken()) };
            }
        }
    }

    /// The top directory.
    pub(in crate::git) fn root(&self) -> Node {
        Node(0)
    }

    /// The tree id and the number of index entries of a directory that is as that tree is; `None` when it is not known.
    pub(in crate::git) fn valid(&self, node: Node) -> Option<(&'a [u8], u32)> {
        let node = self.nodes.get(node.0 as usize)?;
        u32::try_from(node.count).ok().map(|count| (node.id, count))
    }

    /// A directory's children, by name.
    pub(in crate::git) fn children(&self, node: Node) -> Children<'a> {
        let mut names = Vec::new();
        let Some(parent) = self.nodes.get(node.0 as usize) else { return Children(names) };
        let mut at = node.0 + 1;
        while at < parent.end {
            let Some(child) = self.nodes.get(at as usize) else { break };
            names.push((child.name, Node(at)));
            at = child.end;
        }
        names.sort_unstable_by_key(|&(name, _)| name);
        Children(names)
    }
}

/// Children of one directory, sorted by name.
pub(in crate::git) struct Children<'a>(Vec<(&'a [u8], Node)>);

impl Children<'_> {
    /// All of them.
    pub(in crate::git) fn iter(&self) -> impl Iterator<Item = (&[u8], Node)> {
        self.0.iter().copied()
    }

    pub(in crate::git) fn get(&self, name: &[u8]) -> Option<Node> {
        self.0.binary_search_by_key(&name, |&(n, _)| n).ok().map(|at| self.0[at].1)
    }
}

fn split_at_byte(data: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = data.iter().position(|&b| b == byte)?;
    Some((&data[..at], &data[at + 1..]))
}

/// A decimal number as git writes it; `-1` for an invalid directory.
fn number(digits: &[u8]) -> Option<i32> {
    let (negative, digits) = match digits.strip_prefix(b"-") {
        Some(rest) => (true, rest),
        None => (false, digits),
    };
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    let mut value = 0;
    for &digit in digits {
        value = value * 10 + i32::from(digit.is_ascii_digit().then(|| digit - b'0')?);
    }
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_are_found_by_name_and_invalid_directories_have_no_id() {
        let mut data = b"\0-1 2\nb\x005 1\n".to_vec();
        data.extend([1; 20]);
        data.extend(b"c\x002 0\n");
        data.extend([2; 20]);
        data.extend(b"aa\0-1 0\n");
        let tree = CacheTree::parse(&data, 20).unwrap();
        assert_eq!(tree.valid(tree.root()), None);
        let children = tree.children(tree.root());
        let b = children.get(b"b").unwrap();
        assert_eq!(tree.valid(b), Some((&[1; 20][..], 5)));
        assert_eq!(tree.valid(children.get(b"aa").unwrap()), None);
        assert_eq!(children.get(b"c"), None);
        assert_eq!(tree.valid(tree.children(b).get(b"c").unwrap()), Some((&[2; 20][..], 2)));
    }

    #[test]
    fn broken_cache_trees_are_refused() {
        for data in [
            &b""[..],
            b"\0",
            b"\x001 0\n",
            b"\0-1 1\n",
            b"\0-1 0\nx",
            b"\0-1 -1\n",
            b"\0x 0\n",
            b"\0-1 9999999999\n",
        ] {
            assert!(CacheTree::parse(data, 20).is_err(), "{data:?}");
        }
    }
}
