//! Which configuration counts for what is judged, and what it was before this change.
//!
//! The trap: for a commit it is the index's copy, not the work tree's, or a secret could be allowed by a file that is not
//! committed with it. A file that is wrong is status 2: judging without it would be judging something else.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};

use crate::allow::{
    Allowances, Config, CustomRule, Date, Exceeded, FILE_NAME, Mode, Origin, Overrides, Settings, Strictness,
};
use crate::cli::Options;
use crate::detect::RuleSet;
use crate::detect::known::Known;
use crate::detect::rulefile::RuleSource;
use crate::doctor::Configured;
use crate::engine::Limits;
use crate::finding::Loss;
use crate::git::{Blob, Change, GitError, ObjectId, Repository};
use crate::source::known;

/// Why a configuration that is a link, a folder or a submodule does not count.
const NOT_REGULAR: &str =
    "cannot use .unleak.toml: it is no regular file; a repository's configuration may name nothing outside";

/// The layers that apply to one run.
pub(super) struct Configuration {
    layers: Vec<Arc<Config>>,
    /// The layers without what the change adds; `None` when the change does not touch the configuration.
    before: Option<Vec<Arc<Config>>>,
    /// What a person should know about the files.
    pub(super) notes: Vec<String>,
    settings: Settings,
    /// What this machine holds as secrets, where that is looked for.
    known: Vec<Known>,
    /// What only `--verbose` says.
    pub(super) details: Vec<String>,
    /// What the user asked for and could not be read.
    pub(super) losses: Vec<Loss>,
}

impl Configuration {
    /// For the staged diff: the index's copy.
    ///
    /// # Errors
    /// When a file cannot be read or is wrong.
    pub(super) fn staged(
        repository: &Repository,
        changes: &[Change],
        options: &Options,
    ) -> anyhow::Result<Self> {
        let path = FILE_NAME.as_bytes();
        let changed =
            changes.binary_search_by(|change| change.path.as_slice().cmp(path)).ok().map(|at| &changes[at]);
        let staged = match changed {
            Some(change) => change.new,
            None => repository.index_entry(path)?,
        };
        let content = read(repository, staged.as_ref())?;
        let before = match changed {
            Some(change) => Some(read(repository, change.olds.first())?),
            None => None,
        };
        let mut configuration = Self::new(content.as_deref(), before, options)?;
        if options.config.is_none() {
            configuration.notes.extend(work_tree_differs(repository, content.as_deref())?);
        }
        Ok(configuration)
    }

    /// Where there is no repository: the user's own, and what `--config` names.
    ///
    /// # Errors
    /// When a file cannot be read or is wrong.
    pub(super) fn of_user(options: &Options) -> anyhow::Result<Self> {
        Self::new(None, None, options)
    }

    /// For a range: the copy of its last commit, and of the commit that it starts from.
    ///
    /// # Errors
    /// When a file cannot be read or is wrong.
    pub(super) fn of_commit(
        repository: &Repository,
        tip: &ObjectId,
        from: Option<&ObjectId>,
        options: &Options,
    ) -> anyhow::Result<Self> {
        let at = |commit: &ObjectId| -> anyhow::Result<Option<Vec<u8>>> {
            read(repository, repository.file_at(commit, FILE_NAME.as_bytes())?.as_ref())
        };
        let content = at(tip)?;
        let before = from.map(at).transpose()?;
        Self::new(content.as_deref(), before.filter(|before| *before != content), options)
    }

    /// For commits that are pushed: `tip` is the copy of the one that a ref names, `before` what the oldest of them that
    /// changed it found. On a server that trusts both, the server's own file comes first, and no user's counts.
    ///
    /// # Errors
    /// When a file cannot be read or is wrong.
    pub(super) fn pushed(
        repository: &Repository,
        tip: Option<&Blob>,
        before: Option<Option<&Blob>>,
        server: bool,
        options: &Options,
    ) -> anyhow::Result<Self> {
        let content = read(repository, tip)?;
        // What cannot be read any more allowed nothing.
        let before = before.map(|blob| read(repository, blob).unwrap_or_default());
        let before = before.filter(|before| *before != content);
        if !server {
            return Self::new(content.as_deref(), before, options);
        }
        let own = server_file(repository, options)?;
        let pushed = content.map(|bytes| parse(FILE_NAME, Origin::Repository, &bytes)).transpose()?;
        let layers = own.into_iter().chain(pushed.map(Arc::new)).collect();
        Ok(Self::of_layers(layers, None, &Overrides::default(), options))
    }

    /// For a server's hook: the file that its git configuration names, and nothing else. Whoever pushes through the file
    /// system brings variables of their own, so none counts.
    ///
    /// # Errors
    /// When the file cannot be read or is wrong.
    pub(super) fn of_server(repository: &Repository, options: &Options) -> anyhow::Result<Self> {
        let layers = server_file(repository, options)?.into_iter().collect();
        Ok(Self::of_layers(layers, None, &Overrides::default(), options))
    }

    /// True where pushed files and comments may allow something.
    pub(super) fn trusts_pushed(&self) -> bool {
        self.settings.trust_pushed
    }

    /// For files as they stand: the work tree's copy. `top` is `None` outside of a work tree.
    ///
    /// # Errors
    /// When a file cannot be read or is wrong.
    pub(super) fn of_work_tree(top: Option<&Path>, options: &Options) -> anyhow::Result<Self> {
        let content = match top.filter(|_| options.config.is_none()) {
            Some(top) => {
                let file = top.join(FILE_NAME);
                match file.symlink_metadata() {
                    Ok(found) if !found.is_file() => bail!("{NOT_REGULAR}"),
                    Ok(_) => Some(
                        std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?,
                    ),
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                    Err(error) => {
                        return Err(error).with_context(|| format!("cannot look at {}", file.display()));
                    }
                }
            }
            None => None,
        };
        Self::new(content.as_deref(), None, options)
    }

    /// For history: HEAD's copy. Where HEAD is damaged there is none, and the loss is given too.
    ///
    /// # Errors
    /// When a file is wrong.
    pub(super) fn of_head(
        repository: &Repository,
        options: &Options,
    ) -> anyhow::Result<(Self, Option<Loss>)> {
        let content = || -> anyhow::Result<Option<Vec<u8>>> {
            let Some(head) = repository.head()? else { return Ok(None) };
            read(repository, repository.file_at(&head, FILE_NAME.as_bytes())?.as_ref())
        };
        let (content, loss) = match content() {
            Ok(content) => (content, None),
            Err(error) if error.downcast_ref::<GitError>().is_some() => {
                let reason = format!("judged without HEAD's {FILE_NAME}: {error:#}");
                (None, Some(Loss { path: None, reason }))
            }
            Err(error) => return Err(error),
        };
        Ok((Self::new(content.as_deref(), None, options)?, loss))
    }

    /// `before` is the outer `None` when nothing changed, the inner when there was no file.
    fn new(
        content: Option<&[u8]>,
        before: Option<Option<Vec<u8>>>,
        options: &Options,
    ) -> anyhow::Result<Self> {
        let user = user_file()?;
        let mut layers = Vec::new();
        if let Some(file) = &options.config {
            let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
            layers.push(Arc::new(parse(&file.display().to_string(), Origin::Repository, &bytes)?));
        } else if let Some(content) = content {
            layers.push(Arc::new(parse(FILE_NAME, Origin::Repository, content)?));
        }
        layers.extend(user.clone());
        let before = before.filter(|_| options.config.is_none()).map(|content| {
            // What cannot be read any more allowed nothing.
            let repository = content.and_then(|bytes| parse(FILE_NAME, Origin::Repository, &bytes).ok());
            repository.map(Arc::new).into_iter().chain(user).collect()
        });
        let variables = Overrides::from_env(|name| std::env::var_os(name)).map_err(anyhow::Error::msg)?;
        Ok(Self::of_layers(layers, before, &variables, options))
    }

    fn of_layers(
        layers: Vec<Arc<Config>>,
        before: Option<Vec<Arc<Config>>>,
        variables: &Overrides,
        options: &Options,
    ) -> Self {
        let flags = Overrides { strictness: options.strictness, ..Overrides::default() };
        let configs: Vec<&Config> = layers.iter().map(AsRef::as_ref).collect();
        let settings = Settings::resolve(&flags, variables, &configs);
        let notes = configs.iter().flat_map(|config| former_names(config)).collect();
        Self { layers, before, notes, settings, known: Vec::new(), details: Vec::new(), losses: Vec::new() }
    }

    /// Looks for what this machine holds as secrets too, in `.env` files beside what is judged among others. Only where a
    /// person's own commit or work tree is judged: elsewhere the answer would confirm a stranger's guess.
    ///
    /// Reads files outside the repository, so a run under CI, and one whose configuration says `known.enabled = false`, does
    /// without.
    pub(super) fn with_known_values<'p>(
        mut self,
        repository: Option<&Repository>,
        paths: impl Iterator<Item = &'p [u8]>,
    ) -> Self {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let in_ci = variable("CI").is_some_and(|value| value != "false" && value != "0");
        if in_ci || self.layers.iter().any(|config| config.known == Some(false)) {
            return self;
        }
        let of_user = |list: fn(&Config) -> &Vec<String>| -> Vec<String> {
            let own = self.layers.iter().filter(|config| config.origin == Origin::User);
            own.flat_map(|config| list(config).iter().cloned()).collect()
        };
        let mut folders: Vec<PathBuf> = paths.filter_map(folder).collect();
        folders.dedup();
        let read = known::read(&known::Request {
            home: std::env::home_dir().filter(|home| home.is_absolute()),
            top: repository.and_then(Repository::top).map(Path::to_path_buf),
            folders,
            // What cannot be told is taken as not ignored: it is judged itself then.
            ignored: &|path| {
                let told = |r: &Repository| r.ignores(path.as_os_str().as_encoded_bytes()).ok().flatten();
                repository.and_then(told).unwrap_or(false)
            },
            files: of_user(|config| &config.known_files),
            command: of_user(|config| &config.known_command),
            variable: &variable,
        });
        self.known = crate::judge::known::telling(read.values);
        self.details.extend(read.skipped);
        self.losses.extend(read.failed.map(|reason| Loss { path: None, reason }));
        self
    }

    /// The rules, custom ones added and disabled ones taken out.
    ///
    /// # Errors
    /// When the custom keywords do not fit an automaton.
    pub(super) fn rules(&self) -> anyhow::Result<RuleSet> {
        let mut custom: Vec<RuleSource> = Vec::new();
        for (index, layer) in self.layers.iter().enumerate() {
            for own in &layer.custom {
                let id = &own.rule.id;
                let same = |config: &&Arc<Config>| config.custom.iter().any(|other| other.rule.id == *id);
                if let Some(other) = self.layers[..index].iter().find(same) {
                    bail!(
                        "cannot tell two rules apart: `{id}` stands in {} and in {}:{}; give one of them another id",
                        other.name,
                        layer.name,
                        own.line
                    );
                }
                custom.push(own.rule.clone());
            }
        }
        let disabled =
            self.layers.iter().flat_map(|config| config.disable.iter().map(String::as_str)).collect();
        let rules = RuleSet::new(&custom, &disabled).context("cannot use the configuration's own rules")?;
        let block = self.layers.iter().flat_map(|config| config.block.iter().map(String::as_str)).collect();
        let rules = rules.with_blocking(&block);
        Ok(if self.known.is_empty() { rules } else { rules.with_known(self.known.clone()) })
    }

    /// The rules that the files bring, each with its file.
    pub(super) fn own_rules(&self) -> Vec<(String, CustomRule)> {
        let own = |config: &Arc<Config>| {
            let name = config.name.clone();
            config.custom.clone().into_iter().map(move |rule| (name.clone(), rule))
        };
        self.layers.iter().flat_map(own).collect()
    }

    /// What it allows.
    pub(super) fn allowances(&self) -> Allowances {
        Allowances::new(self.layers.clone(), Date::today())
    }

    /// What it allowed before this change.
    pub(super) fn allowances_before(&self) -> Option<Allowances> {
        self.before.clone().map(|layers| Allowances::new(layers, Date::today()))
    }

    /// From which confidence on a candidate blocks.
    pub(super) fn blocks(&self) -> f64 {
        crate::judge::BLOCKS[self.settings.strictness as usize]
    }

    /// How sure a finding must be to block.
    pub(super) fn strictness(&self) -> Strictness {
        self.settings.strictness
    }

    /// True where secrets are told and let pass.
    pub(super) fn warns(&self) -> bool {
        self.settings.mode == Mode::Warn
    }

    /// What the inside of an item may cost, where `built_in` says it otherwise.
    pub(super) fn limits(&self, built_in: Limits) -> Limits {
        self.settings.bounds.over(built_in)
    }

    /// True where a limit that was reached counts as a loss.
    pub(super) fn limits_block(&self) -> bool {
        self.settings.limits_exceeded == Exceeded::Block
    }
}

/// The folder of a path; none where it is no path of this system.
fn folder(path: &[u8]) -> Option<PathBuf> {
    let end = path.iter().rposition(|b| *b == b'/').unwrap_or(0);
    Some(PathBuf::from(std::str::from_utf8(&path[..end]).ok()?))
}

/// Notes on rules that are called by a former name: it works, and a person should know.
fn former_names(config: &Config) -> impl Iterator<Item = String> {
    config.renamed.iter().map(|renamed| {
        format!(
            "{}:{}: the rule `{}` is called `{}` now; the old name works still",
            config.name, renamed.line, renamed.old, renamed.new
        )
    })
}

fn parse(name: &str, origin: Origin, bytes: &[u8]) -> anyhow::Result<Config> {
    Ok(Config::parse(name, origin, bytes, &RuleSet::built_in_ids)?)
}

fn read(repository: &Repository, blob: Option<&Blob>) -> anyhow::Result<Option<Vec<u8>>> {
    let Some(blob) = blob else { return Ok(None) };
    if blob.is_submodule() || blob.mode == 0o120_000 {
        bail!("{NOT_REGULAR}");
    }
    let content =
        repository.objects()?.blob(&blob.id).with_context(|| format!("cannot read {FILE_NAME}"))?.to_vec();
    Ok(Some(content))
}

/// Every configuration file that would count here, and what is wrong with it, for `unleak doctor`.
pub(super) fn examined(repository: Option<&Repository>, options: &Options) -> Vec<Configured> {
    let mut files = Vec::new();
    let mut look = |name: String, origin: Origin, bytes: anyhow::Result<Option<Vec<u8>>>| {
        let error = match bytes {
            Ok(None) => return,
            Ok(Some(bytes)) => parse(&name, origin, &bytes).err(),
            Err(error) => Some(error),
        };
        files.push(Configured { name, error: error.map(|error| format!("{error:#}")) });
    };
    let from = |path: &Path| match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).context("it cannot be read"),
    };
    if let Some(file) = &options.config {
        look(
            file.display().to_string(),
            Origin::Repository,
            from(file).and_then(|b| b.context("it is not there").map(Some)),
        );
    }
    if let Some(repository) = repository
        && let Some(top) = repository.top()
    {
        let staged = repository
            .index_entry(FILE_NAME.as_bytes())
            .map_err(anyhow::Error::from)
            .and_then(|entry| read(repository, entry.as_ref()));
        let here = from(&top.join(FILE_NAME));
        let differs = match (&staged, &here) {
            (Ok(Some(staged)), Ok(Some(here))) => staged != here,
            (_, Ok(here)) => here.is_some(),
            (_, Err(_)) => true,
        };
        look(format!("{FILE_NAME}, as staged"), Origin::Repository, staged);
        if differs {
            look(
                format!("{FILE_NAME}, in the work tree (it counts once it is staged)"),
                Origin::Repository,
                here,
            );
        }
    }
    if let Some(path) = user_path() {
        look(path.display().to_string(), Origin::User, from(&path));
    }
    files
}

/// A note when the file that the person sees is not the one that counts.
fn work_tree_differs(repository: &Repository, staged: Option<&[u8]>) -> anyhow::Result<Option<String>> {
    let Some(top) = repository.top() else { return Ok(None) };
    let file = top.join(FILE_NAME);
    let here = match std::fs::read(&file) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(_) => {
            return Ok(Some(format!("the work tree's {FILE_NAME} cannot be read; the staged one counts")));
        }
    };
    // A checkout may have turned line ends round.
    let lines = |bytes: &[u8]| bytes.iter().copied().filter(|b| *b != b'\r').collect::<Vec<u8>>();
    Ok(match (staged, here) {
        (None, Some(_)) => {
            Some(format!("{FILE_NAME} is not staged and does not count yet: git add {FILE_NAME}"))
        }
        (Some(staged), Some(here)) if lines(staged) != lines(&here) => Some(format!(
            "the work tree's {FILE_NAME} differs from the staged one, which counts: git add {FILE_NAME}"
        )),
        _ => None,
    })
}

/// The file that the server's git configuration names as `unleak.config`, relative to the git directory; `--config` stands
/// in for it.
fn server_file(repository: &Repository, options: &Options) -> anyhow::Result<Option<Arc<Config>>> {
    let file = match &options.config {
        Some(file) => PathBuf::from(file),
        None => match repository.config_string("unleak.config")?.filter(|value| !value.is_empty()) {
            Some(value) => repository.common_dir().join(value),
            None => return Ok(None),
        },
    };
    let name = file.display().to_string();
    let bytes = std::fs::read(&file).with_context(|| {
        format!("cannot read {name}, which unleak.config in the server's git configuration names")
    })?;
    Ok(Some(Arc::new(parse(&name, Origin::Server, &bytes)?)))
}

/// The user's own file, if there is one.
fn user_file() -> anyhow::Result<Option<Arc<Config>>> {
    let Some(path) = user_path() else { return Ok(None) };
    match std::fs::read(&path) {
        Ok(bytes) => Ok(Some(Arc::new(parse(&path.display().to_string(), Origin::User, &bytes)?))),
        Err(error)
            if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) =>
        {
            Ok(None)
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// `$XDG_CONFIG_HOME/unleak/config.toml`; relative values do not count, as the specification has it.
fn user_path() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")))?;
    Some(Path::new(&folder).join("unleak").join("config.toml"))
}
