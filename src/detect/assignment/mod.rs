//! Finds the candidate: the value that stands beside a name which says password, secret, token or key.
//!
//! Parsed by hand around a keyword hit, in every form that people write. Hands on [`Found`]: where the name and the
//! value stand and how they are written. The trap: a hit may stand every few bytes of a minified line, so each call
//! looks at a bounded window only ([`BEFORE`], [`VALUE_MAX`]) and hands on few candidates, so the whole stays linear.

mod blank;
mod call;
mod column;
mod command;
mod cursor;
mod distant;
mod flags;
mod literal;
mod many;
mod mention;
mod name;
mod pair;
mod piped;
mod value;

use std::ops::Range;

pub(crate) use call::is_meant;
use cursor::Cursor;
pub(super) use mention::is_part_of_a_key;

/// The keywords that start the search, ASCII case-insensitive, at least three bytes each. The first eight are stems
/// that stand in names; the rest are the same in other languages, and words which a value follows directly.
pub const KEYWORDS: [&str; 154] = [
    "pass",
    "pwd",
    "psw",
    "secret",
    "token",
    "key",
    "auth",
    "cred",
    "contrase",
    "clave",
    "senha",
    "kennwort",
    "parol",
    "пароль",
    "Пароль",
    "ключ",
    "токен",
    "密码",
    "密碼",
    "口令",
    "密钥",
    "密鑰",
    "令牌",
    "identified",
    "mysql",
    "psexec",
    "bindpw",
    "curl",
    "login(",
    "connect(",
    "cookie",
    "session",
    "thin:",
    "kty",
    "docker login",
    "redis-cli",
    "sqlcmd",
    "ldapsearch",
    "connection(",
    "pdo(",
    "mdp",
    "geheim",
    "schluessel",
    "schlüssel",
    "jeton",
    "chave",
    "llave",
    "wachtwoord",
    "losenord",
    "lösenord",
    "haslo",
    "hasło",
    "Hasło",
    "adgangskode",
    "salasana",
    "heslo",
    "sifre",
    "şifre",
    "jelszo",
    "jelszó",
    "パスワード",
    "비밀번호",
    "暗证",
    "cle_",
    "clé",
    "chiave",
    "sandi",
    "khẩu",
    "κωδικός",
    "סיסמ",
    "المرور",
    "pw=",
    "pw:",
    "pw =",
    "pw :",
    "psk",
    "mariadb",
    "http -a",
    "podman login",
    "registry login",
    "az login",
    "oc login",
    "twine upload",
    "osql ",
    "bcp ",
    "cqlsh",
    "mongo ",
    "mongosh ",
    "mongodump ",
    "mongorestore ",
    "mongoexport ",
    "mongoimport ",
    "ldapadd",
    "ldapmodify",
    "ldapdelete",
    "plink",
    "pscp",
    "addprinc",
    "smbclient",
    "rpcclient",
    "smbget",
    "winexe",
    "net rpc",
    "to-securestring",
    "zip -",
    "7z a",
    "7z x",
    "7za ",
    "rar a",
    "rar x",
    "openssl enc",
    "snmp",
    "ipmitool",
    "mosquitto_",
    "sudo -S",
    "kinit ",
    "cryptsetup ",
    "net use ",
    "net user ",
    "sqlplus ",
    "expdp ",
    "impdp ",
    "userid=",
    "send \"",
    "send -- \"",
    "add_user ",
    "change_password ",
    "rootpw",
    "jwt.sign(",
    "jwt.verify(",
    "jwt.encode(",
    "jwt.decode(",
    "createhmac(",
    "createcipher(",
    "createcipheriv(",
    "createdecipher(",
    "createdecipheriv(",
    "hmac.new(",
    "fernet(",
    "aes.encrypt(",
    "aes.decrypt(",
    "aes_encrypt(",
    "aes_decrypt(",
    "pgp_sym_encrypt(",
    "pgp_sym_decrypt(",
    "sequelize(",
    "new mysqli(",
    "ldap_bind(",
    "wifi.begin(",
    "create_superuser(",
    "btoa(",
    "64encode(",
    "64_encode(",
    "buffer.from(",
];

/// How far before a hit its line is looked at, in bytes.
pub(crate) const BEFORE: usize = 160;
/// The longest value that is looked for, in bytes: an RSA key of 4,096 bits in base64 is 3,200.
pub(crate) const VALUE_MAX: usize = 3600;

/// How a name and its value are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// `name = "value"`, `name := 'value'`, `name => "value"`: a quoted literal is assigned.
    Assigned,
    /// `"name": "value"`, `name: 'value'`: a quoted literal after a colon.
    Entry,
    /// `name=value`, `name = value`: unquoted after an equals sign, from the start of a line (env, ini, properties).
    Line,
    /// `name: value`: unquoted after a colon, from the start of a line (YAML).
    Yaml,
    /// A line of a YAML block scalar (`name: |`).
    Block,
    /// `…name=value…` inside a line: URL queries, connection strings, log lines, shell prefixes.
    Inline,
    /// `<name>value</name>`, and the text of an element whose attribute names it.
    Element,
    /// `--name value`, `-p value`, `-pvalue`.
    Flag,
    /// `set_name("value")`, `login("user", "value")`: an argument of a call that says what it takes.
    Argument,
    /// `name = call("value")`: an argument of a call whose result is assigned.
    Wrapped,
    /// `["value", …]` assigned to the name.
    Listed,
    /// `getenv("name", "value")`, `name || "value"`, `${NAME:-value}`: what is taken when nothing is set.
    Fallback,
    /// `name == "value"`.
    Compared,
    /// `name: NAME` and `value: value` as neighbours, on one line or two.
    Pair,
    /// `IDENTIFIED BY 'value'`, `PASSWORD 'value'`.
    Sql,
    /// `name value`: nothing but a blank between (netrc, Dockerfile, nginx, Gradle).
    Blank,
    /// "the password is value".
    Prose,
    /// `Authorization: Bearer value` and kin.
    Header,
    /// Basic credentials in base64.
    Basic,
    /// `scheme://user:value@host`.
    Url,
    /// `scheme://value@host`: a user name alone, which may be a token.
    UrlUser,
    /// The private member of a JSON Web Key.
    Jwk,
    /// Near the name and assigned to nothing. Never scored: only a service that is named near makes it a finding.
    Mention,
    /// Given to a service's name alone: `circleci = "…"`. Never scored: it has the form of the service's keys.
    Named,
}

impl Form {
    /// Every form that is scored, in the order of the scorer's table.
    pub const ALL: [Self; 22] = [
        Self::Assigned,
        Self::Entry,
        Self::Line,
        Self::Yaml,
        Self::Block,
        Self::Inline,
        Self::Element,
        Self::Flag,
        Self::Argument,
        Self::Wrapped,
        Self::Listed,
        Self::Fallback,
        Self::Compared,
        Self::Pair,
        Self::Sql,
        Self::Blank,
        Self::Prose,
        Self::Header,
        Self::Basic,
        Self::Url,
        Self::UrlUser,
        Self::Jwk,
    ];

    /// What a person calls it, for reasons and `explain`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assigned => "assigned literal",
            Self::Entry => "literal of a key",
            Self::Line => "line of a configuration",
            Self::Yaml => "YAML value",
            Self::Block => "YAML block",
            Self::Inline => "name=value within a line",
            Self::Element => "XML element",
            Self::Flag => "command-line flag",
            Self::Argument => "call argument",
            Self::Wrapped => "argument of an assigned call",
            Self::Listed => "list element",
            Self::Fallback => "fallback value",
            Self::Compared => "comparison",
            Self::Pair => "name and value pair",
            Self::Sql => "SQL password",
            Self::Blank => "value after a blank",
            Self::Prose => "prose",
            Self::Header => "authorization header",
            Self::Basic => "Basic credentials",
            Self::Url => "password in a URL",
            Self::UrlUser => "user name in a URL",
            Self::Jwk => "private member of a JSON Web Key",
            Self::Mention => "value near a word",
            Self::Named => "value of a service's name",
        }
    }
}

/// A candidate: ranges are byte offsets in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The name beside the value, quotes off.
    pub name: Range<usize>,
    /// The secret itself, quotes off.
    pub value: Range<usize>,
    /// How it is written.
    pub form: Form,
}

/// Adds a candidate unless the last few already hold its value: a name with two keywords is hit twice. The scheme of an
/// authorization is no part of the value.
pub(crate) fn push(
    text: &[u8],
    out: &mut Vec<Found>,
    name: Range<usize>,
    mut value: Range<usize>,
    form: Form,
) {
    const SCHEMES: [&[u8]; 7] = [b"bearer", b"basic", b"token", b"apikey", b"bot", b"key", b"digest"];
    let bytes = text.get(value.clone()).unwrap_or_default();
    let word = bytes.iter().position(|b| !b.is_ascii_alphabetic()).unwrap_or(bytes.len());
    if word <= 6 && SCHEMES.iter().any(|s| s.eq_ignore_ascii_case(&bytes[..word])) {
        let blanks = bytes[word..].iter().take_while(|b| **b == b' ').count();
        let rest = &bytes[word + blanks..];
        if rest.is_empty() && form != Form::Assigned && form != Form::Entry {
            return;
        }
        if blanks > 0 && rest.len() >= 6 && !rest.contains(&b' ') {
            value.start += word + blanks;
        }
    }
    if value.is_empty() || out.iter().rev().take(6).any(|f| f.value == value) {
        return;
    }
    if form == Form::Flag && text.get(value.start) == Some(&b'-') {
        return;
    }
    out.push(Found { name, value, form });
}

/// The part of a line that stands before `at`, at most [`BEFORE`] bytes of it.
fn line_before(text: &[u8], at: usize) -> &[u8] {
    let before = &text[at.saturating_sub(BEFORE)..at];
    memchr::memrchr(b'\n', before).map_or(before, |end| &before[end + 1..])
}

/// Looks for values beside the name that holds the keyword at `hit`, and adds them to `out`.
pub fn find(text: &[u8], hit: Range<usize>, out: &mut Vec<Found>) {
    let Some(keyword) = text.get(hit.clone()) else { return };
    if command::find(text, keyword, &hit, out) {
        return;
    }
    let name = name::around(text, &hit);
    let before = out.len();
    beside(text, &name, out);
    if out.len() == before {
        mention::find(text, keyword, &name, out);
    }
}

/// What the name is given, in any of the forms.
fn beside(text: &[u8], name: &Range<usize>, out: &mut Vec<Found>) {
    let mut at = Cursor::new(text, name.end);
    let closed = at.name_tail(name.start);
    if at.element_end() {
        // <key>password</key><string>value</string>, <th>Password</th><td>value</td>
        value::element(&at, name, out);
        return;
    }
    if column::find(text, name, at.at, out) {
        return;
    }
    // {name: DB_PASSWORD, value: …}
    if closed || at.at_line_end() || at.rest().starts_with(b", value: ") {
        let before = out.len();
        pair::find(text, &at, name, out);
        if out.len() > before {
            return;
        }
    }
    let before = out.len();
    value::after(&mut at, name, closed, out);
    if out.len() == before {
        distant::compared(text, name, out);
    }
}

#[cfg(test)]
mod tests;
