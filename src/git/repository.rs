//! One opened repository, whichever way it is read.
//!
//! Hands on: [`Repository`]. The trap: ownership. libgit2's rule is narrower than git's, so its refusal is put to git;
//! only what git accepts is opened without the check, and git's refusal, with its remedy, is final.

use std::cell::{OnceCell, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::error::printable;
use super::id::Format;
use super::index::{Fault, Index};
use super::library::library_diff;
use super::lookup::in_index;
use super::objects::Source;
use super::pack::Inventory;
use super::process::{Git, Place};
use super::staged::{self, Trouble};
use super::store::{self, Store};
use super::tree::{Lookup, Trees, diff_trees};
use super::{Blob, Change, GitError, ObjectId, Objects, Staged};

/// A repository, opened as a hook must: `GIT_DIR`, `GIT_WORK_TREE`, `GIT_INDEX_FILE` and the rest honoured.
pub struct Repository {
    pub(super) reader: Reader,
    pub(super) place: Place,
    git: OnceCell<Git>,
    store: OnceCell<Arc<Store>>,
    /// The index that was opened last: finding its extensions means a walk over all of it, so that is done once.
    index: RefCell<Option<(PathBuf, Rc<Index>)>>,
}

pub(super) enum Reader {
    Library(git2::Repository),
    /// Why libgit2 does not do.
    Process(String),
}

impl Repository {
    /// Opens the repository of the current folder and environment.
    ///
    /// # Errors
    /// When there is none, its owner is not trusted, or neither libgit2 nor git can open it.
    pub fn open_from_env() -> Result<Self, GitError> {
        // Git does not hash again what it reads either; checksums and lengths are still held to.
        git2::opts::strict_hash_verification(false);
        match git2::Repository::open_from_env() {
            Ok(repository) => Self::with_library(repository),
            Err(error) => Self::ask_git(&error),
        }
    }

    fn with_library(repository: git2::Repository) -> Result<Self, GitError> {
        // libgit2 would look for HEAD in the namespace of GIT_NAMESPACE, which git gives to those who fetch and push alone.
        repository.remove_namespace().map_err(|e| GitError::library("leave the namespace", &e))?;
        let format = match repository.object_format() {
            git2::ObjectFormat::Sha1 => Format::Sha1,
            git2::ObjectFormat::Sha256 => Format::Sha256,
        };
        let place = Place {
            git_dir: repository.path().to_path_buf(),
            common_dir: repository.commondir().to_path_buf(),
            top: top_of(&repository)?,
            format,
        };
        // git2 takes the folder of objects as UTF-8 only.
        let reader = match place.common_dir.to_str() {
            Some(_) => Reader::Library(repository),
            None => Reader::Process("the repository's path is no UTF-8".to_owned()),
        };
        Ok(Self { reader, place, git: OnceCell::new(), store: OnceCell::new(), index: RefCell::default() })
    }

    /// libgit2 refused: git decides whether this is a repository, and whose.
    fn ask_git(error: &git2::Error) -> Result<Self, GitError> {
        let reason = printable(error.message().as_bytes());
        let owner = error.code() == git2::ErrorCode::Owner;
        let git = match Git::find(&reason) {
            Ok(git) => git,
            Err(_) if error.code() == git2::ErrorCode::NotFound => {
                return Err(GitError::NotARepository { reason });
            }
            Err(_) if owner => return Err(GitError::NotOwned { reason }),
            Err(error) => return Err(error),
        };
        let place = git.locate().map_err(|said| {
            if owner || said.contains("dubious ownership") {
                GitError::NotOwned { reason: said }
            } else {
                GitError::NotARepository { reason: said }
            }
        })?;
        // Opening the git directory itself skips libgit2's check of the owner, which git has just made. It also skips
        // the variables for objects, so inside a quarantine git reads.
        let plain = std::env::var_os("GIT_OBJECT_DIRECTORY").is_none()
            && std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES").is_none();
        let reader = match git2::Repository::open_bare(&place.git_dir) {
            Ok(repository) if owner && plain => Reader::Library(repository),
            _ => Reader::Process(reason),
        };
        let repository =
            Self { reader, place, git: OnceCell::new(), store: OnceCell::new(), index: RefCell::default() };
        if matches!(repository.reader, Reader::Process(_)) {
            repository.git()?;
        }
        Ok(repository)
    }

    /// Git itself, for what is not read by other means.
    pub(super) fn git(&self) -> Result<&Git, GitError> {
        if let Some(git) = self.git.get() {
            return Ok(git);
        }
        let because = match &self.reader {
            Reader::Process(reason) => reason,
            Reader::Library(_) => "the index has a form that only git reads",
        };
        let git = Git::at(self.place.clone(), because)?;
        Ok(self.git.get_or_init(|| git))
    }

    /// The work tree's top; `None` for a bare repository.
    #[must_use]
    pub fn top(&self) -> Option<&Path> {
        self.place.top.as_deref()
    }

    /// The git directory of this work tree.
    #[must_use]
    pub fn git_dir(&self) -> &Path {
        &self.place.git_dir
    }

    /// The git directory that linked work trees share.
    #[must_use]
    pub fn common_dir(&self) -> &Path {
        &self.place.common_dir
    }

    /// Why libgit2 does not read this repository and git does; `None` when libgit2 does.
    #[must_use]
    pub fn read_by_git_because(&self) -> Option<&str> {
        match &self.reader {
            Reader::Library(_) => None,
            Reader::Process(reason) => Some(reason),
        }
    }

    /// The index file that git names, and whether the environment named it.
    pub(super) fn index_path(&self) -> Result<(PathBuf, bool), GitError> {
        let Some(named) = std::env::var_os("GIT_INDEX_FILE").filter(|n| !n.is_empty()) else {
            return Ok((self.place.git_dir.join("index"), false));
        };
        // Git means a relative one from the top, not from the folder that the hook went into.
        let path = match &self.place.top {
            Some(top) => top.join(named),
            None => std::path::absolute(&named)
                .map_err(|e| GitError::io("find the index", Path::new(&named), &e))?,
        };
        Ok((path, true))
    }

    /// HEAD's commit; `None` on a branch without commits.
    ///
    /// # Errors
    /// When HEAD is broken.
    pub fn head(&self) -> Result<Option<ObjectId>, GitError> {
        match &self.reader {
            Reader::Library(repository) => match repository.head() {
                Ok(head) => match head.target() {
                    Some(id) => Ok(Some(id.into())),
                    None => Err(broken("HEAD", "it names no commit".to_owned())),
                },
                Err(error) if error.code() == git2::ErrorCode::UnbornBranch => Ok(None),
                Err(error) => Err(broken("HEAD", printable(error.message().as_bytes()))),
            },
            Reader::Process(_) => self.git()?.head(),
        }
    }

    /// What a commit of the index that git names would change against HEAD, or the empty tree. In a merge, what none of
    /// its parents has: they are HEAD and `MERGE_HEAD`, or, before that is written, the ids in `GITHEAD_<oid>`.
    ///
    /// # Errors
    /// When HEAD, the index or a tree cannot be read, or the named index is not there although HEAD has files.
    pub fn staged(&self) -> Result<Staged, GitError> {
        let head = self.head()?;
        let (path, named) = self.index_path()?;
        let missing = !index_exists(&path)?;
        if missing && !named && self.place.top.is_none() {
            return Err(GitError::Bare);
        }
        let trees = self.trees();
        let old = match (head, &trees) {
            (Some(commit), Some(trees)) => trees.of_commit(commit)?,
            (Some(commit), None) => commit,
            (None, _) => self.place.format.empty_tree(),
        };
        let mut staged = match &trees {
            Some(trees) if missing => {
                let mut changes = Vec::new();
                diff_trees(trees, Some(old), None, &mut Vec::new(), 0, &mut changes)?;
                Staged { changes, unmerged: Vec::new() }
            }
            Some(trees) => self.staged_in(trees, old, &path)?,
            None => self.git()?.diff_index(Some(&path), old)?,
        };
        if missing && named && !staged.changes.is_empty() {
            return Err(GitError::IndexMissing { path });
        }
        let others = self.merged(head)?;
        if !others.is_empty() {
            self.hold_against(&mut staged, &others, trees.as_ref())?;
        }
        Ok(staged)
    }

    /// The index file at `path`, opened once.
    pub(super) fn index(&self, path: &Path) -> Result<Rc<Index>, Fault> {
        if let Some((known, index)) = &*self.index.borrow()
            && known == path
        {
            return Ok(Rc::clone(index));
        }
        let index = Rc::new(Index::open(path, &self.place.git_dir, self.place.format)?);
        *self.index.borrow_mut() = Some((path.to_path_buf(), Rc::clone(&index)));
        Ok(index)
    }

    /// Own reader first, then git, then libgit2.
    fn staged_in(&self, trees: &Trees, old: ObjectId, path: &Path) -> Result<Staged, GitError> {
        let own = self
            .index(path)
            .map_err(Trouble::from)
            .and_then(|index| staged::against_index(trees, old, &index));
        let fault = match own {
            Ok(staged) => return Ok(staged),
            Err(Trouble::Repository(error)) => return Err(error),
            Err(Trouble::Index(fault)) => fault,
        };
        let git = match (self.git(), &self.reader) {
            (Ok(git), _) => git,
            // libgit2 comes last: it loops for ever on a loose tree that is cut short.
            (Err(_), Reader::Library(repository)) => {
                return library_diff(repository, old, path).map_err(|e| GitError::IndexUnreadable {
                    reason: format!("{} (libgit2 says: {})", fault.0, printable(e.message().as_bytes())),
                });
            }
            (Err(error), Reader::Process(_)) => return Err(error),
        };
        git.diff_index(Some(path), old).map_err(|error| match error {
            GitError::GitFailed { reason, .. } => {
                GitError::IndexUnreadable { reason: format!("{} (git says: {reason})", fault.0) }
            }
            error => error,
        })
    }

    /// Every object, by number.
    #[must_use]
    pub fn inventory(&self) -> Inventory {
        let folders = store::object_folders(&self.place.common_dir);
        Inventory::open(folders, self.place.format.length())
    }

    pub(super) fn trees(&self) -> Option<Trees> {
        self.store().map(|store| Trees::new(store, self.place.format))
    }

    /// The objects; `None` where git reads them.
    fn store(&self) -> Option<Arc<Store>> {
        let Reader::Library(repository) = &self.reader else { return None };
        let store = self
            .store
            .get_or_init(|| Arc::new(Store::new(&self.place.common_dir, repository.object_format())));
        Some(Arc::clone(store))
    }

    /// The parents of a merge in progress besides HEAD.
    fn merged(&self, head: Option<ObjectId>) -> Result<Vec<ObjectId>, GitError> {
        let path = self.place.git_dir.join("MERGE_HEAD");
        match std::fs::read(&path) {
            Ok(text) => {
                let ids = text
                    .split(|&b| b == b'\n')
                    .filter(|l| !l.is_empty())
                    .map(|l| ObjectId::from_hex(l.trim_ascii()));
                return ids
                    .collect::<Option<_>>()
                    .ok_or_else(|| broken("MERGE_HEAD", "it does not hold ids of commits".to_owned()));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(GitError::io("read MERGE_HEAD", &path, &error)),
        }
        let mut others = Vec::new();
        for (name, _) in std::env::vars_os() {
            let id = name.as_encoded_bytes().strip_prefix(b"GITHEAD_").and_then(ObjectId::from_hex);
            // The variable outlives its merge in whatever that starts: a hook of the merge that commits elsewhere, or
            // after it. What is unknown here or already part of HEAD is not being merged.
            if let (Some(id), Some(head)) = (id, head)
                && id.as_bytes().len() == self.place.format.length()
                && self.merge_base(&head, &id).is_ok_and(|base| base != id)
            {
                others.push(id);
            }
        }
        crate::order::sort(&mut others);
        Ok(others)
    }

    /// Adds the other parents' versions, and leaves out what equals one of them.
    fn hold_against(
        &self,
        staged: &mut Staged,
        others: &[ObjectId],
        trees: Option<&Trees>,
    ) -> Result<(), GitError> {
        for &commit in others {
            let paths: Vec<&[u8]> = staged.changes.iter().map(|c| &c.path[..]).collect();
            let found = match trees {
                Some(trees) => {
                    let mut lookup = Lookup::new(trees, trees.of_commit(commit)?)?;
                    paths.into_iter().map(|path| lookup.find(path)).collect::<Result<Vec<_>, _>>()?
                }
                None => self.git()?.in_tree(commit, &paths)?,
            };
            for (change, blob) in staged.changes.iter_mut().zip(found) {
                change.olds.extend(blob);
            }
        }
        staged.changes.retain(|c| c.new.is_none_or(|new| !c.olds.contains(&new)));
        Ok(())
    }

    /// The file at `path` (bytes, relative to the top) in the index that git names, as it would be committed.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn index_entry(&self, path: &[u8]) -> Result<Option<Blob>, GitError> {
        Ok(self.index_entries(&[path])?.pop().flatten())
    }

    /// The files at `paths` in the index, in the same order; one pass over the index.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn index_entries(&self, paths: &[&[u8]]) -> Result<Vec<Option<Blob>>, GitError> {
        let (file, _) = self.index_path()?;
        if !index_exists(&file)? {
            return Ok(vec![None; paths.len()]);
        }
        let trees = self.trees();
        let own = self
            .index(&file)
            .map_err(Trouble::from)
            .and_then(|index| in_index(&index, trees.as_ref(), paths));
        match own {
            Ok(found) => Ok(found),
            Err(Trouble::Repository(error)) => Err(error),
            Err(Trouble::Index(fault)) => self
                .git()
                .and_then(|git| git.in_index(Some(&file), paths))
                .map_err(|_| GitError::IndexUnreadable { reason: fault.0 }),
        }
    }

    /// The file at `path` (bytes, relative to the top) in a commit.
    ///
    /// # Errors
    /// When the commit or a tree cannot be read.
    pub fn file_at(&self, commit: &ObjectId, path: &[u8]) -> Result<Option<Blob>, GitError> {
        match self.trees() {
            Some(trees) => Lookup::new(&trees, trees.of_commit(*commit)?)?.find(path),
            None => Ok(self.git()?.in_tree(*commit, &[path])?.pop().flatten()),
        }
    }

    /// The commit that a revision names.
    ///
    /// # Errors
    /// When there is none.
    pub fn resolve(&self, revision: &str) -> Result<ObjectId, GitError> {
        let unknown = || GitError::UnknownRevision { revision: revision.to_owned() };
        let Reader::Library(repository) = &self.reader else { return self.git()?.resolve(revision) };
        // Names and whole ids need no walk. What remains is put to git: libgit2 would read commits on its way, and it
        // loops for ever on a loose one that is cut short.
        let id = match ObjectId::from_hex(revision.as_bytes()) {
            Some(id) => Some(id),
            None => repository
                .resolve_reference_from_short_name(revision)
                .ok()
                .and_then(|reference| reference.resolve().ok()?.target())
                .map(ObjectId::from),
        };
        if let (Some(id), Some(trees)) = (id, self.trees()) {
            return trees.peel(id).and_then(|commit| commit.ok_or_else(unknown)).map_err(
                |error| match error {
                    GitError::ObjectMissing { .. } => unknown(),
                    error => error,
                },
            );
        }
        match self.git() {
            Ok(git) => git.resolve(revision),
            Err(_) => {
                let object = repository.revparse_single(revision).map_err(|_| unknown())?;
                Ok(object.peel(git2::ObjectType::Commit).map_err(|_| unknown())?.id().into())
            }
        }
    }

    /// The best common ancestor of two commits.
    ///
    /// # Errors
    /// When there is none, or a commit is missing.
    pub fn merge_base(&self, a: &ObjectId, b: &ObjectId) -> Result<ObjectId, GitError> {
        let repository = match (self.git(), &self.reader) {
            (Ok(git), _) => return git.merge_base(*a, *b)?.ok_or(GitError::NoMergeBase),
            (Err(_), Reader::Library(repository)) => repository,
            (Err(error), Reader::Process(_)) => return Err(error),
        };
        match repository.merge_base(oid(a)?, oid(b)?) {
            Ok(base) => Ok(base.into()),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Err(GitError::NoMergeBase),
            Err(error) => Err(GitError::library("find where two commits part", &error)),
        }
    }

    /// What the commit `to` changes against the commit `from`, sorted by path.
    ///
    /// # Errors
    /// When a commit or tree cannot be read.
    pub fn between(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<Change>, GitError> {
        self.between_or_from_nothing(Some(from), to)
    }

    /// The same, where `from` may be nothing at all: what a first commit adds.
    pub(super) fn between_or_from_nothing(
        &self,
        from: Option<&ObjectId>,
        to: &ObjectId,
    ) -> Result<Vec<Change>, GitError> {
        let by_git = || self.git()?.diff_tree(from.copied().unwrap_or(self.place.format.empty_tree()), *to);
        let Some(trees) = self.trees() else { return by_git() };
        let old = from.map(|commit| trees.of_commit(*commit)).transpose()?;
        let new = trees.of_commit(*to)?;
        let mut changes = Vec::new();
        match diff_trees(&trees, old, Some(new), &mut Vec::new(), 0, &mut changes) {
            Ok(()) => Ok(changes),
            Err(GitError::TooDeep) => by_git(),
            Err(error) => Err(error),
        }
    }

    /// A reader of objects for one thread. Make them before the threads start.
    ///
    /// # Errors
    /// When the object database cannot be opened or git cannot be started.
    pub fn objects(&self) -> Result<Objects, GitError> {
        let source = match self.store() {
            Some(store) => Source::Library(store),
            None => Source::Process(self.git()?.batch()?.into()),
        };
        Ok(Objects { source, config: self.place.common_dir.join("config") })
    }

    /// Whether `.gitignore` and its kin name a path, staged or not; `None` where it cannot be told.
    ///
    /// # Errors
    /// When the ignore files cannot be read.
    pub fn ignores(&self, path: &[u8]) -> Result<Option<bool>, GitError> {
        let Ok(path) = std::str::from_utf8(path) else { return Ok(None) };
        let Reader::Library(repository) = &self.reader else {
            return Ok(self.git().ok().map(|git| git.ignores(Path::new(path))));
        };
        let ignores = repository.is_path_ignored(path);
        ignores.map(Some).map_err(|error| GitError::library("read what is ignored", &error))
    }

    /// Stages one path, relative to the top, as the user's own `git add` would.
    ///
    /// # Errors
    /// When git is not found or refuses.
    pub fn stage(&self, path: &Path) -> Result<(), GitError> {
        // Git puts another file in its place.
        self.index.take();
        self.git()?.add(path)
    }
}

/// Whether the index is there; opening anything but a file (a pipe) might never end.
fn index_exists(path: &Path) -> Result<bool, GitError> {
    match path.metadata() {
        Ok(metadata) if metadata.is_file() => Ok(true),
        Ok(_) => Err(GitError::IndexUnreadable { reason: "it is not a regular file".to_owned() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(GitError::io("find the index", path, &error)),
    }
}

/// The work tree's top as git sees it.
fn top_of(repository: &git2::Repository) -> Result<Option<PathBuf>, GitError> {
    let Some(workdir) = repository.workdir() else { return Ok(None) };
    let absolute =
        |path: &Path| std::path::absolute(path).map_err(|e| GitError::io("find the work tree", path, &e));
    // libgit2 takes a relative one from the git directory, git from the current folder.
    if let Some(named) = std::env::var_os("GIT_WORK_TREE").filter(|n| !n.is_empty()) {
        return absolute(Path::new(&named)).map(Some);
    }
    // A git directory that was named without a work tree has the current folder as its top, unless it is a linked work
    // tree's (git sets GIT_DIR for the hooks of those) or the configuration says otherwise.
    if std::env::var_os("GIT_DIR").is_some() && !repository.is_worktree() {
        let config = repository.config().map_err(|e| GitError::library("read git's configuration", &e))?;
        if config.get_entry("core.worktree").is_err() {
            return absolute(Path::new(".")).map(Some);
        }
    }
    Ok(Some(workdir.to_path_buf()))
}

fn broken(name: &str, reason: String) -> GitError {
    GitError::BrokenReference { name: name.to_owned(), reason }
}

fn oid(id: &ObjectId) -> Result<git2::Oid, GitError> {
    git2::Oid::from_bytes(id.as_bytes()).map_err(|e| GitError::library("use an object's id", &e))
}
