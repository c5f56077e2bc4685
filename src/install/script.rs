//! The text of a hook: a small POSIX sh script that calls what stood there before, then `unleak hook NAME`.
//!
//! Hands on: [`repository_hook`] and [`dispatcher`], which write one, and [`authorship`], which tells whether a file is
//! one, and whether a person has edited it since. The trap: nothing may end as a silent pass, so each way out of the script
//! is an `exec`, a status handed on, or 2.

use std::path::Path;

use sha2::{Digest, Sha256};

/// Changes when an older script should no longer be called ours in the same sense.
const FORMAT: u32 = 1;
const SHEBANG: &[u8] = b"#!/bin/sh\n";
const MARK: &str = "# unleak hook, format ";

/// The line of a dispatcher that says whether unleak judges there, or only hands on.
const JUDGES: &str = "judges=yes\n";

/// Whose a hook file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Authorship {
    /// Not written by `unleak install`.
    Foreign,
    /// Written by `unleak install`, and as it wrote it.
    Ours,
    /// Written by `unleak install`, and changed since.
    Edited,
}

/// Tells whose hook this is by its second line, which carries a checksum of all that follows.
pub(super) fn authorship(script: &[u8]) -> Authorship {
    let mut lines = script.splitn(3, |&b| b == b'\n');
    let (Some(_), Some(mark)) = (lines.next(), lines.next()) else { return Authorship::Foreign };
    if !mark.starts_with(MARK.as_bytes()) {
        return Authorship::Foreign;
    }
    let body = lines.next().unwrap_or_default();
    let expected = format!("checksum {}", checksum(body));
    if script.starts_with(SHEBANG) && mark.ends_with(expected.as_bytes()) {
        Authorship::Ours
    } else {
        Authorship::Edited
    }
}

/// True for a dispatcher in which unleak judges.
pub(super) fn judges(script: &[u8]) -> bool {
    script.split_inclusive(|&b| b == b'\n').any(|line| line == JUDGES.as_bytes())
}

/// The hook of one repository. `program` is called by that path as long as it is there; `kept` is what stood there before.
#[must_use]
pub fn repository_hook(name: &str, program: &Path, kept: Option<&[u8]>) -> Vec<u8> {
    let mut body = format!(
        "# Written by `unleak install`, which writes it anew; `unleak uninstall` removes it. Do not edit.\nhook={name}\n"
    )
    .into_bytes();
    assign(&mut body, "unleak", program);
    body.extend_from_slice(include_bytes!("sh/before.sh"));
    if kept.is_some_and(is_frameworks) {
        body.extend_from_slice(include_bytes!("sh/legacy.sh"));
    }
    judge(&mut body, name, include_bytes!("sh/gone.sh"));
    signed(&body)
}

/// The hook of one name for all repositories of a user: hands on to what would run there without it, and judges if
/// `program` is given. `former` is the folder that `core.hooksPath` named before.
#[must_use]
pub fn dispatcher(name: &str, program: Option<&Path>, former: Option<&Path>) -> Vec<u8> {
    let mut body = format!(
        "# Written by `unleak install --global`, which writes it anew; `unleak uninstall --global` removes it. Do not edit.\nhook={name}\n"
    )
    .into_bytes();
    assign(&mut body, "former", former.unwrap_or(Path::new("")));
    body.extend_from_slice(include_bytes!("sh/dispatch.sh"));
    if let Some(program) = program {
        body.extend_from_slice(JUDGES.as_bytes());
        assign(&mut body, "unleak", program);
        judge(&mut body, name, include_bytes!("sh/gone-global.sh"));
        return signed(&body);
    }
    body.extend_from_slice(
        b"if [ -f \"$before\" ] && [ -x \"$before\" ]; then exec \"$before\" \"$@\"; fi\n",
    );
    match name {
        // The mere presence of these two changes what git does, so they do what git does without them.
        "push-to-checkout" => body.extend_from_slice(include_bytes!("sh/push-to-checkout.sh")),
        "proc-receive" => body.extend_from_slice(
            b"echo \"unleak: this repository has no proc-receive hook, which receive.procReceiveRefs asks for\" >&2\nexit 1\n",
        ),
        _ => {}
    }
    signed(&body)
}

/// True for the hook that pre-commit or prek writes. Installed again, they move ours to `NAME.legacy` and call it there.
pub(super) fn is_frameworks(hook: &[u8]) -> bool {
    let says = |words: &str| memchr::memmem::find(hook, words.as_bytes()).is_some();
    says("hook-impl") && (says("pre-commit") || says("prek"))
}

/// Calls the earlier hook, then unleak.
fn judge(body: &mut Vec<u8>, name: &str, gone: &[u8]) {
    let takes_input = super::takes_input(name);
    let give = if takes_input { "with_input " } else { "" };
    if takes_input {
        body.extend_from_slice(include_bytes!("sh/input.sh"));
    }
    body.extend_from_slice(
        format!(
            "if [ -f \"$before\" ] && [ -x \"$before\" ]; then\n\t{give}\"$before\" \"$@\" || exit $?\nfi\n\n"
        )
        .as_bytes(),
    );
    body.extend_from_slice(include_bytes!("sh/find.sh"));
    body.extend_from_slice(gone);
    body.extend_from_slice(if takes_input {
        b"with_input \"$unleak\" hook \"$hook\" \"$@\"\n"
    } else {
        b"exec \"$unleak\" hook \"$hook\" \"$@\"\n"
    });
}

fn assign(body: &mut Vec<u8>, variable: &str, value: &Path) {
    body.extend_from_slice(variable.as_bytes());
    body.push(b'=');
    body.extend_from_slice(&quoted(value));
    body.push(b'\n');
}

/// A path as one word of sh: in single quotes nothing but the quote itself means anything.
fn quoted(path: &Path) -> Vec<u8> {
    let mut word = vec![b'\''];
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\'' => word.extend_from_slice(br"'\''"),
            // Git for Windows' sh takes both; a backslash is a trap in whatever quotes the path next.
            b'\\' if cfg!(windows) => word.push(b'/'),
            byte => word.push(byte),
        }
    }
    word.push(b'\'');
    word
}

fn signed(body: &[u8]) -> Vec<u8> {
    let mark =
        format!("{MARK}{FORMAT}, by unleak {}, checksum {}\n", env!("CARGO_PKG_VERSION"), checksum(body));
    [SHEBANG, mark.as_bytes(), body].concat()
}

fn checksum(body: &[u8]) -> String {
    Sha256::digest(body).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_hook_is_ours_until_a_byte_changes() {
        let script = repository_hook("pre-push", Path::new("/opt/it's here/unleak"), None);
        assert_eq!(authorship(&script), Authorship::Ours);
        for position in [3, script.len() / 2, script.len() - 1] {
            let mut edited = script.clone();
            edited[position] ^= 1;
            assert_eq!(authorship(&edited), Authorship::Edited, "byte {position}");
        }
        let with_carriage_returns = String::from_utf8(script).unwrap().replace('\n', "\r\n");
        assert_eq!(authorship(with_carriage_returns.as_bytes()), Authorship::Edited);
        assert_eq!(authorship(b"#!/bin/sh\necho hello\n"), Authorship::Foreign);
        assert_eq!(authorship(b""), Authorship::Foreign);
    }

    #[test]
    fn the_checksum_stands_for_the_body_and_not_for_the_version() {
        // A hook written by an older unleak is still recognised as unedited.
        let script =
            String::from_utf8(repository_hook("pre-commit", Path::new("/bin/unleak"), None)).unwrap();
        let older = script.replacen(concat!("by unleak ", env!("CARGO_PKG_VERSION")), "by unleak 0.0.1", 1);
        assert_ne!(older, script);
        assert_eq!(authorship(older.as_bytes()), Authorship::Ours);
    }

    #[test]
    fn a_quote_in_a_path_ends_no_word() {
        assert_eq!(quoted(Path::new("/a'b $c")), br"'/a'\''b $c'");
    }

    #[test]
    fn only_a_judging_dispatcher_says_so() {
        assert!(judges(&dispatcher("pre-commit", Some(Path::new("/bin/unleak")), None)));
        assert!(!judges(&dispatcher("post-merge", None, None)));
    }
}
