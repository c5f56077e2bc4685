//! The one table of commands and flags. Parsing, `--help`, the man page and the shell completions are all made from it.
//!
//! Hands on [`COMMANDS`] and [`GLOBAL`]. To add a command: a row here, a variant in [`Command`](super::Command), an arm
//! in `parse`'s `typed`, then `UPDATE=1 cargo test --lib cli::`. The trap: a help text is one line of a screen; the
//! tests refuse a help that does not fit 80 columns and 24 lines.

/// What may stand for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A file's name.
    File,
    /// Anything.
    Text,
}

/// A flag.
#[derive(Debug)]
pub struct Flag {
    /// Without its dashes.
    pub long: &'static str,
    /// Its letter.
    pub short: Option<char>,
    /// What its value is called and may be; `None` for a flag that is there or not.
    pub value: Option<(&'static str, Kind)>,
    /// It may be given more than once.
    pub many: bool,
    /// Its command cannot do without.
    pub required: bool,
    /// The environment variable that stands in for it.
    pub variable: Option<&'static str>,
    /// What it does, in a few words.
    pub help: &'static str,
}

/// An argument that is no flag.
#[derive(Debug)]
pub struct Argument {
    /// What it is called.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// Takes all that follows, as it stands, flags too.
    pub rest: bool,
    /// May be there more than once, or not at all.
    pub many: bool,
    /// What it is, in a few words.
    pub help: &'static str,
}

/// A command, or the program without one.
#[derive(Debug)]
pub struct Spec {
    /// Empty for the program itself.
    pub name: &'static str,
    /// What it does, in a few words.
    pub about: &'static str,
    /// More about it: a few sentences, each a line of at most 80 columns.
    pub details: &'static [&'static str],
    /// What must or may follow. All but a `rest` or `many`, which stands last, are required.
    pub arguments: &'static [Argument],
    /// Flags of its own.
    pub flags: &'static [Flag],
    /// Uses worth copying.
    pub examples: &'static [&'static str],
}

/// A flag without value, variable or letter, to start from.
const PLAIN: Flag =
    Flag { long: "", short: None, value: None, many: false, required: false, variable: None, help: "" };

/// The hooks that `unleak hook` runs. No other may be installed: it would fail, and block what it stands before.
const HOOKS: Kind = Kind::OneOf(&crate::install::HOOKS);

/// When a long command is to end.
pub(super) const TIME_LIMIT: Flag = Flag {
    long: "time-limit",
    value: Some(("DURATION", Kind::Text)),
    help: "end after 90s, 10m or 1h with what was found",
    ..PLAIN
};

/// Flags that every command takes.
pub static GLOBAL: &[Flag] = &[
    Flag {
        long: "format",
        value: Some(("FORMAT", Kind::OneOf(&["human", "json", "jsonl", "sarif", "github", "html"]))),
        variable: Some("UNLEAK_FORMAT"),
        help: "what to print",
        ..PLAIN
    },
    Flag {
        long: "output",
        short: Some('o'),
        value: Some(("FILE", Kind::File)),
        help: "write what was found to FILE, whole or not at all",
        ..PLAIN
    },
    Flag {
        long: "strictness",
        value: Some(("LEVEL", Kind::OneOf(&["relaxed", "balanced", "strict"]))),
        variable: Some("UNLEAK_STRICTNESS"),
        help: "what blocks",
        ..PLAIN
    },
    Flag {
        long: "config",
        value: Some(("FILE", Kind::File)),
        variable: Some("UNLEAK_CONFIG"),
        help: "read FILE in place of the repository's .unleak.toml",
        ..PLAIN
    },
    Flag {
        long: "show-secrets",
        variable: Some("UNLEAK_SHOW_SECRETS"),
        help: "print secrets whole, not masked",
        ..PLAIN
    },
    Flag {
        long: "color",
        value: Some(("WHEN", Kind::OneOf(&["auto", "always", "never"]))),
        variable: Some("UNLEAK_COLOR"),
        help: "when to colour",
        ..PLAIN
    },
    Flag {
        long: "quiet",
        short: Some('q'),
        variable: Some("UNLEAK_QUIET"),
        help: "say nothing but what was found or not judged",
        ..PLAIN
    },
    Flag {
        long: "verbose",
        short: Some('v'),
        variable: Some("UNLEAK_VERBOSE"),
        help: "list what was allowed too, and every place",
        ..PLAIN
    },
    Flag { long: "help", short: Some('h'), help: "print help, also after a command", ..PLAIN },
    Flag { long: "version", short: Some('V'), help: "print the version", ..PLAIN },
];

/// The program without a command.
pub static ROOT: Spec = Spec {
    name: "",
    about: "judge what is staged",
    details: &[],
    arguments: &[],
    flags: &[],
    examples: &["unleak", "unleak --format json | jq .findings"],
};

/// The commands, in the order in which a newcomer needs them.
pub static COMMANDS: &[Spec] = &[
    Spec {
        name: "install",
        about: "make git ask unleak before each commit",
        details: &[
            "Installs the hooks pre-commit and pre-merge-commit in this repository, or those",
            "that --hook names. A hook that is already there is kept and called first.",
            "commit-msg judges messages, pre-push what a push publishes, pre-receive (in a",
            "bare repository, on a server) what is pushed to it.",
        ],
        arguments: &[],
        flags: &[
            Flag {
                long: "hook",
                value: Some(("NAME", HOOKS)),
                many: true,
                help: "only this one (repeatable)",
                ..PLAIN
            },
            Flag { long: "global", help: "for all repositories of this user", ..PLAIN },
            Flag {
                long: "team",
                value: Some(("KIND", Kind::OneOf(&["husky", "lefthook", "pre-commit", "hooks-path"]))),
                help: "write a team's files",
                ..PLAIN
            },
        ],
        examples: &[
            "unleak install",
            "unleak install --hook pre-push --hook commit-msg",
            "unleak install --team husky",
        ],
    },
    Spec {
        name: "uninstall",
        about: "undo install",
        details: &["Removes unleak's hooks from this repository and puts back what stood there."],
        arguments: &[],
        flags: &[
            Flag { long: "global", help: "the hooks for all repositories of this user", ..PLAIN },
            Flag { long: "force", help: "also hooks of unleak that were edited since", ..PLAIN },
        ],
        examples: &["unleak uninstall"],
    },
    Spec {
        name: "allow",
        about: "let one secret pass, and say why",
        details: &[
            "Adds an entry to .unleak.toml and stages that file. The fingerprint, which the",
            "report names, is that of one value, wherever it stands, and of no other.",
        ],
        arguments: &[Argument {
            name: "FINGERPRINT",
            kind: Kind::Text,
            rest: false,
            many: false,
            help: "which secret: u1- and 20 hex digits, from the report",
        }],
        flags: &[
            Flag {
                long: "reason",
                value: Some(("TEXT", Kind::Text)),
                required: true,
                help: "why it is fine",
                ..PLAIN
            },
            Flag {
                long: "path",
                value: Some(("GLOB", Kind::Text)),
                help: "only in files that this matches, as in .gitignore",
                ..PLAIN
            },
            Flag {
                long: "expires",
                value: Some(("DATE", Kind::Text)),
                help: "the last day on which it counts: 2027-06-30",
                ..PLAIN
            },
        ],
        examples: &[r#"unleak allow u1-… --path "docs/**" --reason "published sample key""#],
    },
    Spec {
        name: "history",
        about: "judge all that was ever committed, on every branch",
        details: &[
            "Judges every blob and message that a branch, remote, tag, note or stash leads",
            "to, each once; says who introduced a secret and whether HEAD still has it.",
        ],
        arguments: &[],
        flags: &[
            Flag {
                long: "unreachable",
                help: "also what only reflogs name, and objects that nothing names",
                ..PLAIN
            },
            Flag { long: "no-cache", help: "look at all anew, and keep nothing for the next run", ..PLAIN },
            TIME_LIMIT,
        ],
        examples: &["unleak history", "unleak history --unreachable --format json"],
    },
    Spec {
        name: "explain",
        about: "say why a line blocks or passes",
        details: &[
            "Says what was found there, what weighed how much, which checks ran, and what the",
            "gate does with it. Of a file with staged changes it is the staged content that",
            "counts, of any other the work tree's. With - a text on standard input is judged.",
        ],
        arguments: &[Argument {
            name: "PATH:LINE",
            kind: Kind::Text,
            rest: false,
            many: false,
            help: "where; a path alone means all of its lines",
        }],
        flags: &[Flag { long: "work-tree", help: "the work tree's content, staged or not", ..PLAIN }],
        examples: &["unleak explain src/app.py:3", "git show HEAD:src/app.py | unleak explain -"],
    },
    Spec {
        name: "paths",
        about: "judge files and folders, hidden and ignored ones too",
        details: &[
            "Judges whole files, not only what a change adds. `-` is standard input; without",
            "a PATH it is the current folder. `.git` is left out.",
        ],
        arguments: &[Argument {
            name: "PATH",
            kind: Kind::File,
            rest: false,
            many: true,
            help: "file or folder, or - for standard input",
        }],
        flags: &[
            Flag {
                long: "exclude",
                value: Some(("GLOB", Kind::Text)),
                many: true,
                help: "leave out what this matches, as in .gitignore",
                ..PLAIN
            },
            Flag { long: "respect-gitignore", help: "leave out what git ignores", ..PLAIN },
            Flag {
                long: "max-file-size",
                value: Some(("SIZE", Kind::Text)),
                help: "skip and list larger files: 500K, 20M, 1G",
                ..PLAIN
            },
            Flag { long: "skip-unreadable", help: "let files be that cannot be read", ..PLAIN },
            TIME_LIMIT,
        ],
        examples: &[
            "unleak paths .",
            "unleak paths --exclude '*.min.js' src docs",
            "kubectl get cm -o yaml | unleak paths -",
        ],
    },
    Spec {
        name: "image",
        about: "judge a container image: every layer",
        details: &[
            "Judges an archive of `docker save` or an OCI layout: files that a later layer",
            "deletes, the environment, labels and build history too. Asks no daemon.",
        ],
        arguments: &[Argument {
            name: "IMAGE",
            kind: Kind::File,
            rest: false,
            many: false,
            help: "archive or folder, or - for standard input",
        }],
        flags: &[TIME_LIMIT],
        examples: &["unleak image app.tar", "docker save app | unleak image -"],
    },
    Spec {
        name: "range",
        about: "judge what the commits of a branch or pull request add",
        details: &[
            "Judges each commit and its message. In GitHub, GitLab, Bitbucket, Azure, Jenkins",
            "and CircleCI the range is found without being given.",
        ],
        arguments: &[Argument {
            name: "RANGE",
            kind: Kind::Text,
            rest: false,
            many: true,
            help: "A..B: what B reaches and A does not; or one revision",
        }],
        flags: &[
            Flag { long: "stdin", help: "read commit ids, one a line", ..PLAIN },
            Flag {
                long: "since",
                value: Some(("DATE", Kind::Text)),
                help: "only commits after this day: 2027-06-30",
                ..PLAIN
            },
            TIME_LIMIT,
        ],
        examples: &["unleak range origin/main..HEAD", "git rev-list v1..v2 | unleak range --stdin"],
    },
    Spec {
        name: "rules",
        about: "list the rules, show one, try their examples",
        details: &[
            "Lists all rules, or those with a WORD in their id, title, provider or services.",
            "An ID alone shows one with everything. `test` runs the examples of all rules,",
            "or of those named: for those who write rules of their own in .unleak.toml.",
        ],
        arguments: &[Argument {
            name: "WORD",
            kind: Kind::Text,
            rest: false,
            many: true,
            help: "an id, a word to look for, or `test` and ids",
        }],
        flags: &[
            Flag {
                long: "provider",
                value: Some(("NAME", Kind::Text)),
                help: "only this provider's",
                ..PLAIN
            },
            Flag {
                long: "severity",
                value: Some(("LEVEL", Kind::OneOf(&["critical", "high", "medium", "low"]))),
                help: "only of this severity",
                ..PLAIN
            },
            Flag {
                long: "kind",
                value: Some(("KIND", Kind::OneOf(&["specific", "context", "generic", "file"]))),
                help: "only of this kind",
                ..PLAIN
            },
            Flag { long: "own", help: "only those of the configuration", ..PLAIN },
        ],
        examples: &["unleak rules aws", "unleak rules github-token", "unleak rules test acme-token"],
    },
    Spec {
        name: "hook",
        about: "what git and hook managers call",
        details: &[
            "Judges what this hook is about to let through. Options stand before NAME: all",
            "that follows it is taken as what git or the hook manager hands over.",
        ],
        arguments: &[
            Argument { name: "NAME", kind: HOOKS, rest: false, many: false, help: "which hook" },
            Argument {
                name: "ARGS",
                kind: Kind::Text,
                rest: true,
                many: false,
                help: "as git or the manager gives them",
            },
        ],
        flags: &[],
        examples: &["unleak hook pre-commit", "unleak --strictness strict hook pre-commit"],
    },
    Spec {
        name: "doctor",
        about: "say whether the gate stands here",
        details: &[
            "Says what is installed, which hook git would run and through which manager, and",
            "what is missing. With --canary it proves the gate: it stages a made secret in a",
            "scratch copy of this repository, runs the repository's own hook there and says",
            "whether unleak blocked it. Status 0: the gate stands; 2: it does not, or that is",
            "not sure. Your repository is not touched.",
        ],
        arguments: &[],
        flags: &[
            Flag { long: "canary", help: "prove it with a made secret", ..PLAIN },
            Flag {
                long: "timeout",
                value: Some(("DURATION", Kind::Text)),
                help: "how long the hook may take, such as 90s; 5m by itself",
                ..PLAIN
            },
        ],
        examples: &["unleak doctor --canary", "unleak doctor --canary --format json"],
    },
    Spec {
        name: "redact",
        about: "mask secrets in a log or a command's output",
        details: &[
            "Copies standard input to standard output, line by line, with every secret",
            "masked: what `unleak` would find, and the values of the environment's own",
            "secrets (names that end in TOKEN, SECRET, PASSWORD, KEY and the like).",
        ],
        arguments: &[Argument {
            name: "COMMAND",
            kind: Kind::Text,
            rest: true,
            many: false,
            help: "with --exec: what to run",
        }],
        flags: &[
            Flag { long: "exec", help: "run COMMAND and mask both of its streams", ..PLAIN },
            Flag {
                long: "env-secrets",
                value: Some(("NAMES", Kind::Text)),
                many: true,
                help: "more variables to mask: NAME,NAME; -NAME: not this",
                ..PLAIN
            },
        ],
        examples: &["make 2>&1 | unleak redact", "unleak redact --exec -- make test"],
    },
    Spec {
        name: "generate",
        about: "print shell completions, the man page or the schema",
        details: &[
            "Prints what packages and editors take: completions for a shell, the man page,",
            "the JSON Schema of .unleak.toml.",
        ],
        arguments: &[Argument {
            name: "WHAT",
            kind: Kind::OneOf(&["bash", "zsh", "fish", "powershell", "man", "schema"]),
            rest: false,
            many: false,
            help: "one of",
        }],
        flags: &[],
        examples: &["unleak generate bash > ~/.local/share/bash-completion/completions/unleak"],
    },
];

/// What people type who know other scanners, and the words that say what was meant. Names of commands that exist and
/// slips of the finger need no row.
pub(super) static MEANT: &[(&[&str], &str)] = &[
    (
        &[
            "scan",
            "detect",
            "protect",
            "staged",
            "check",
            "run",
            "git",
            "diff",
            "commit",
            "precommit",
            "secret",
        ],
        "`unleak` alone judges what is staged, `unleak paths PATH` whole files, `unleak range A..B` commits",
    ),
    (
        &["dir", "directory", "filesystem", "file", "files", "folder", "path", "stdin", "tree"],
        "did you mean `unleak paths PATH`?",
    ),
    (&["ci", "commits", "pr", "branch", "push"], "did you mean `unleak range A..B`?"),
    (&["init", "setup", "enable"], "did you mean `unleak install`?"),
    (&["remove", "disable"], "did you mean `unleak uninstall`?"),
    (
        &["ignore", "allowlist", "whitelist", "except"],
        "did you mean `unleak allow FINGERPRINT --reason TEXT`?",
    ),
    (&crate::install::HOOKS, "did you mean `unleak hook NAME`?"),
    (&["mask", "filter", "sanitize", "scrub"], "did you mean `unleak redact`?"),
    (&["completion", "completions", "man", "schema"], "did you mean `unleak generate WHAT`?"),
    (&["version"], "did you mean `unleak --version`?"),
];

/// The command of that name.
#[must_use]
pub fn command(name: &str) -> Option<&'static Spec> {
    COMMANDS.iter().find(|spec| spec.name == name)
}

impl Spec {
    /// `unleak`, `unleak allow`.
    #[must_use]
    pub fn call(&self) -> String {
        format!("unleak {}", self.name).trim_end().to_owned()
    }

    /// All flags that may follow it, its own first.
    pub fn all_flags(&self) -> impl Iterator<Item = &'static Flag> {
        self.flags.iter().chain(GLOBAL)
    }
}

impl Kind {
    /// `help`, with the words that are allowed.
    #[must_use]
    pub fn explain(self, help: &str) -> String {
        match self {
            Self::OneOf(words) => format!("{help}: {}", words.join(", ")),
            Self::File | Self::Text => help.to_owned(),
        }
    }
}

impl Argument {
    /// `NAME`, `[ARGS...]`.
    #[must_use]
    pub fn usage(&self) -> String {
        if self.rest || self.many { format!("[{}...]", self.name) } else { self.name.to_owned() }
    }
}

impl Flag {
    /// What it does, with the words that are allowed.
    #[must_use]
    pub fn explain(&self) -> String {
        self.value.map_or(self.help.to_owned(), |(_, kind)| kind.explain(self.help))
    }

    /// `-q, --quiet`, `    --format FORMAT`.
    #[must_use]
    pub fn usage(&self) -> String {
        let short = self.short.map_or("    ".to_owned(), |letter| format!("-{letter}, "));
        let value = self.value.map_or(String::new(), |(name, _)| format!(" {name}"));
        format!("{short}--{}{value}", self.long)
    }
}
