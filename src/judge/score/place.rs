//! What the place says: how the candidate is written, what stands around it, what kind of file it is in.

use super::features::{Active, Group};
use crate::detect::assignment::{Form, Found};

/// How far around the candidate its line is looked at, in bytes.
const AROUND: usize = 240;

/// What the path says, looked at once for all candidates of a file.
#[derive(Debug)]
pub(crate) struct File<'p> {
    /// The path itself.
    pub(crate) path: &'p [u8],
    kind: usize,
    folders: [bool; 7],
}

impl<'p> File<'p> {
    /// Looks at a path.
    pub(crate) fn of(path: &'p [u8]) -> Self {
        Self { path, kind: file(path), folders: folders(path) }
    }

    /// Tests, examples and documentation: what stands there is meant to be seen.
    pub(super) fn is_for_show(&self) -> bool {
        self.folders[..3].contains(&true) || self.kind == 11
    }

    /// Tests and examples, by a folder's or the file's name.
    pub(super) fn is_test_or_example(&self) -> bool {
        self.folders[..2].contains(&true)
    }

    /// Adds what the path says; returns what kind of file it is.
    pub(super) fn look(&self, active: &mut Active) -> usize {
        active.add(Group::File, self.kind);
        for (n, found) in self.folders.into_iter().enumerate() {
            if found {
                active.add(Group::Path, n);
            }
        }
        self.kind
    }
}

/// Adds what stands around the candidate: the dear part, for which the text is searched word by word.
pub(super) fn around(text: &[u8], found: &Found, active: &mut Active) {
    active.add(Group::Before, before(text, found));
    active.add(Group::Behind, behind(text, found));
    line(text, found, active);
    host(text, found, active);
}

/// What stands right before the value: its quote, or the call whose argument it is.
fn before(text: &[u8], found: &Found) -> usize {
    let start = found.value.start;
    let between = &text[found.name.end.min(start)..start];
    let between = &between[between.len().saturating_sub(60)..];
    let has = |word: &[u8]| between.windows(word.len()).any(|w| w.eq_ignore_ascii_case(word));
    if has(b"env") || has(b"getenv") {
        return 1;
    }
    if has(b"encode") || has(b"from(") || has(b"bytes") || has(b"encrypt") || has(b"hash") {
        return 2;
    }
    if has(b"t(") || has(b"translate") || has(b"i18n") || has(b"gettext") || has(b"_(") {
        return 3;
    }
    if has(b"get") || has(b"fetch") || has(b"require") || has(b"find") || has(b"config") {
        return 4;
    }
    if has(b"(") {
        return 5;
    }
    match text.get(start.wrapping_sub(1)) {
        Some(b'"') if text.get(start.wrapping_sub(2)) == Some(&b'\\') => 6,
        Some(b'"') => 7,
        Some(b'\'') => 8,
        Some(b'`') => 9,
        Some(b'=') => 10,
        Some(b' ') => 11,
        Some(b'>' | b';') => 12,
        _ => 13,
    }
}

fn behind(text: &[u8], found: &Found) -> usize {
    let rest = text.get(found.value.end..).unwrap_or_default();
    let rest = &rest[..rest.len().min(40)];
    let mut at = 0;
    while rest.get(at).is_some_and(|b| matches!(b, b'"' | b'\'' | b'`' | b'\\')) {
        at += 1;
    }
    let blanks = rest[at..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    match rest.get(at + blanks) {
        None | Some(b'\n' | b'\r') => 0,
        Some(b',' | b';') => 1,
        Some(b')' | b']' | b'}') => 2,
        Some(b'(' | b'[' | b'{') => 3,
        Some(b'+' | b'.' | b'%' | b'?' | b':') => 4,
        Some(b'<' | b'>' | b'/' | b'&' | b'|' | b'=') => 5,
        _ if blanks > 0 => 6,
        _ => 7,
    }
}

fn extension(path: &[u8]) -> &[u8] {
    let name = path.rsplit(|b| *b == b'/').next().unwrap_or_default();
    name.rsplit(|b| *b == b'.').next().unwrap_or_default()
}

/// What kind of file, by its name.
fn file(path: &[u8]) -> usize {
    let name = path.rsplit(|b| *b == b'/').next().unwrap_or_default();
    let ext = extension(path).to_ascii_lowercase();
    let is = |list: &[&str]| list.iter().any(|e| e.as_bytes() == ext.as_slice());
    if name.starts_with(b".env") || is(&["env"]) {
        return 1;
    }
    if is(&["yml", "yaml"]) {
        return 2;
    }
    if is(&["json", "tfstate", "har", "ipynb", "jsonl", "json5"]) {
        return 3;
    }
    if is(&[
        "properties",
        "ini",
        "conf",
        "cfg",
        "cnf",
        "config",
        "toml",
        "example",
        "dist",
        "tf",
        "tfvars",
        "hcl",
        "netrc",
        "npmrc",
        "pypirc",
    ]) {
        return 4;
    }
    if is(&["xml", "xib", "storyboard", "resx", "plist", "csproj", "xaml", "pom"]) {
        return 5;
    }
    if is(&["py", "rb", "pl", "pm", "php", "r", "lua", "jl", "ex", "exs", "erb"]) {
        return 6;
    }
    if is(&["js", "ts", "jsx", "tsx", "mjs", "cjs", "vue", "svelte", "coffee"]) {
        return 7;
    }
    if is(&["java", "kt", "cs", "scala", "groovy", "gradle", "swift", "m", "vb", "fs", "dart"]) {
        return 8;
    }
    if is(&["go", "rs", "c", "h", "cc", "cpp", "hpp", "cxx", "zig"]) {
        return 9;
    }
    if is(&["sh", "bash", "zsh", "ps1", "bat", "cmd", "psm1", "fish"])
        || name.starts_with(b"Dockerfile")
        || name == b"Makefile"
    {
        return 10;
    }
    if is(&["md", "rst", "txt", "adoc", "asciidoc", "markdown", "org", "tex"]) {
        return 11;
    }
    if is(&["html", "htm", "erb", "ejs", "jsp", "css", "scss", "less", "svg", "twig", "hbs"]) {
        return 12;
    }
    if is(&["sql", "ldif", "csv", "tsv", "log", "dump"]) {
        return 13;
    }
    if is(&["lock", "sum", "po", "pot", "strings", "graphql", "proto", "golden", "snap", "map", "min"])
        || name.ends_with(b".min.js")
        || name.starts_with(b"package-lock")
    {
        return 14;
    }
    if name.contains(&b'.') { 15 } else { 0 }
}

fn folders(path: &[u8]) -> [bool; 7] {
    let lower = path[path.len().saturating_sub(200)..].to_ascii_lowercase();
    let has = |words: &[&[u8]]| words.iter().any(|w| memchr::memmem::find(&lower, w).is_some());
    [
        has(&[b"test", b"spec/", b"fixture", b"mock"]),
        has(&[b"example", b"sample", b"demo"]),
        has(&[b"doc/", b"docs/", b"readme", b"changelog"]),
        has(&[b"i18n", b"locale", b"lang/", b"translation", b"l10n"]),
        has(&[b"vendor/", b"node_modules", b"third_party", b"site-packages"]),
        has(&[b"config", b"conf/", b"setting", b"secret", b"deploy", b"docker", b"env"]),
        lower.ends_with(b".min.js") || has(&[b"/dist/", b"bundle"]),
    ]
}

fn line(text: &[u8], found: &Found, active: &mut Active) {
    let first = found.name.start.min(found.value.start);
    let from = first.saturating_sub(AROUND);
    let before = &text[from..first];
    let before = before.iter().rposition(|b| *b == b'\n').map_or(before, |n| &before[n + 1..]);
    let last = found.name.end.max(found.value.end);
    let after = &text[last..text.len().min(last + AROUND)];
    let after = &after[..after.iter().position(|b| *b == b'\n').unwrap_or(after.len())];
    let start = before.trim_ascii_start();
    // Half of a pair near: a user, a login, an id. In lower case once, for all the words.
    let near = text[from..text.len().min(last + AROUND)].to_ascii_lowercase();
    let near = near.as_slice();
    let (lower_before, lower_after) =
        (&near[first - from - before.len()..first - from], &near[last - from..last - from + after.len()]);
    let has = |part: &[u8], word: &[u8]| memchr::memmem::find(part, word).is_some();
    let either = |word: &[u8]| has(lower_before, word) || has(lower_after, word);
    let found = [
        start.starts_with(b"#")
            || start.starts_with(b"//")
            || start.starts_with(b"*")
            || start.starts_with(b"/*")
            || start.starts_with(b"--")
            || start.starts_with(b";"),
        start.starts_with(b"const ")
            || start.starts_with(b"static ")
            || start.starts_with(b"public ")
            || start.starts_with(b"private ")
            || start.starts_with(b"final "),
        before.len() + after.len() > 300,
        either(b"user") || either(b"login"),
        has(near, b"user") || has(near, b"login") || has(near, b"email"),
        has(near, b"host") || has(near, b"port") || has(near, b"localhost") || has(near, b"database"),
        either(b"assert") || either(b"expect") || has(lower_before, b"equal"),
        either(b"http"),
        either(b"example") || either(b"dummy") || either(b"fake") || either(b"placeholder"),
        either(b"import ")
            || either(b"require(")
            || either(b"class=")
            || either(b"<label")
            || either(b"<input"),
        has(near, b"client_id") || has(near, b"clientid") || has(near, b"consumer") || has(near, b"oauth"),
        either(b"hash") || either(b"sha") || either(b"md5") || either(b"digest"),
    ];
    for (n, found) in found.into_iter().enumerate() {
        if found {
            active.add(Group::Line, n);
        }
    }
}

/// Adds where a URL with credentials leads, and whether user and password are alike.
fn host(text: &[u8], found: &Found, active: &mut Active) {
    if !matches!(found.form, Form::Url | Form::UrlUser) {
        return;
    }
    active.add(Group::Host, lead(text, found));
    let scheme = text.get(found.name.clone()).unwrap_or_default();
    active.add(Group::Host, if scheme.starts_with(b"http") || scheme.starts_with(b"ftp") { 4 } else { 5 });
    let user = scheme.rsplit(|b| *b == b'/').next().unwrap_or_default();
    let value = text.get(found.value.clone()).unwrap_or_default();
    if user == value {
        active.add(Group::Host, 6);
    }
    if user.is_empty()
        || matches!(user, b"user" | b"username" | b"USER" | b"foo" | b"login" | b"name" | b"usr")
    {
        active.add(Group::Host, 7);
    }
}

/// 0 this machine, 1 an example's host, 2 a template, 3 a host of somebody's own.
pub(super) fn lead(text: &[u8], found: &Found) -> usize {
    let rest = text.get(found.value.end + 1..).unwrap_or_default();
    let rest = &rest[..rest.len().min(100)];
    let end = rest
        .iter()
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_')))
        .unwrap_or(rest.len());
    let host = rest[..end].to_ascii_lowercase();
    let has = |word: &[u8]| host.windows(word.len()).any(|w| w == word);
    if host.starts_with(b"localhost")
        || host.starts_with(b"127.")
        || host == b"0.0.0.0"
        || host.starts_with(b"host.docker")
    {
        0
    } else if has(b"example")
        || matches!(
            host.as_slice(),
            b"host"
                | b"hostname"
                | b"server"
                | b"domain.com"
                | b"ip"
                | b"foo.com"
                | b"test.com"
                | b"somewhere.com"
        )
        || host.starts_with(b"your")
        || host.starts_with(b"my")
    {
        1
    } else if host.is_empty() {
        2
    } else {
        3
    }
}

/// Why what stands around name and value makes them something else, whatever the two say.
pub(super) fn why(text: &[u8], found: &Found) -> Option<&'static str> {
    if found.form == Form::Inline && in_badge(text, found) {
        return Some("a badge's token");
    }
    if found.form == Form::Inline && text[..found.name.start].ends_with(b"[sudo via ansible, ") {
        return Some("a mark by which Ansible knows its prompt");
    }
    if found.form == Form::Element && in_encrypted_xml(text, found) {
        return Some("an element of a signed or encrypted document");
    }
    if found.form == Form::Yaml && is_a_tests_verdict(text, found) {
        return Some("a test's verdict");
    }
    is_anothers_word(text, found).then_some("a word of the language")
}

/// The name stands in the URL of a badge, whose token shows a picture and no more.
fn in_badge(text: &[u8], found: &Found) -> bool {
    let before = &text[found.name.start.saturating_sub(120)..found.name.start];
    let url = before
        .iter()
        .rposition(|b| b.is_ascii_whitespace() || matches!(b, b'(' | b'"'))
        .map_or(before, |n| &before[n + 1..]);
    url.windows(5).any(|w| w == b"badge")
        || url.windows(10).any(|w| w == b"graphs/svg")
        || url.windows(7).any(|w| w == b"codecov")
}

/// The value's own element is one of XML Signature's or XML Encryption's, behind the name of a key.
fn in_encrypted_xml(text: &[u8], found: &Found) -> bool {
    const ELEMENTS: [&[u8]; 5] =
        [b"CipherValue>", b"DigestValue>", b"SignatureValue>", b"X509Certificate>", b"Modulus>"];
    let before = text[found.value.start.saturating_sub(24)..found.value.start].trim_ascii_end();
    ELEMENTS.iter().any(|element| before.ends_with(element))
}

/// `struct passwd`, whose members C and `configure` ask for; and `tokens=` of a batch file's `for /f`.
fn is_anothers_word(text: &[u8], found: &Found) -> bool {
    let (before, name) = (&text[..found.name.start], text.get(found.name.clone()).unwrap_or_default());
    if name == b"passwd" {
        return before.ends_with(b"struct ");
    }
    if !name.eq_ignore_ascii_case(b"tokens") {
        return false;
    }
    let near = &before[before.len().saturating_sub(60)..];
    let line = near.rsplit(|&b| b == b'\n').next().unwrap_or_default();
    line.windows(7).any(|w| w.eq_ignore_ascii_case(b"for /f "))
}

/// `PASS: …` as test suites log it (Automake, DejaGnu, TAP's kin): more words follow, or the line beside it is a verdict too.
fn is_a_tests_verdict(text: &[u8], found: &Found) -> bool {
    const VERDICTS: [&[u8]; 9] = [
        b"PASS:",
        b"FAIL:",
        b"XPASS:",
        b"XFAIL:",
        b"KPASS:",
        b"KFAIL:",
        b"SKIP:",
        b"UNSUPPORTED:",
        b"UNTESTED:",
    ];
    if text.get(found.name.clone()) != Some(b"PASS") {
        return false;
    }
    let is_verdict = |line: &[u8]| VERDICTS.iter().any(|verdict| line.starts_with(verdict));
    let (before, rest) = (&text[..found.name.start], &text[found.value.end..]);
    let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let next = rest.get(end + 1..).unwrap_or_default();
    // A line longer than this is no verdict.
    let previous = &before[before.len().saturating_sub(400)..];
    let previous = previous.strip_suffix(b"\n").and_then(|lines| lines.rsplit(|&b| b == b'\n').next());
    rest[..end].iter().any(|b| !b.is_ascii_whitespace())
        || is_verdict(next)
        || previous.is_some_and(is_verdict)
}
