//! Reads what this person's own machine holds as secrets: `.env` files that git ignores, and the places in the home folder
//! where tools keep credentials.
//!
//! Hands on names and values, with the file they are kept in; which of them say anything is the judge's to decide. The trap:
//! a repository is foreign. Only regular files that this user owns are opened, without waiting, up to [`LARGEST`] bytes,
//! and nothing that was cloned names what is read.

mod command;
mod file;
mod formats;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub use crate::detect::known::Known;
use formats::Format;

/// Whatever a file of credentials holds, its values are parts of it. The first byte says which form it is read in.
pub(crate) fn fuzz(data: &[u8]) {
    let Some((which, bytes)) = data.split_first() else { return };
    let formats = [Format::Lines, Format::Netrc, Format::Pgpass, Format::Urls, Format::Json];
    formats::parse(formats[usize::from(*which) % formats.len()], bytes, &mut |_, value| {
        assert!(value.len() <= bytes.len());
    });
}

/// The largest file that is read, in bytes.
pub const LARGEST: u64 = 256 << 10;
/// The most values that are taken, all files together.
const MOST_VALUES: usize = 1_000;
/// The most folders of a repository in which `.env` files are looked for.
const MOST_FOLDERS: usize = 64;
/// Names of files whose values are this machine's own.
const ENV_FILES: [&str; 4] = [".env", ".env.local", ".env.production", ".env.development"];

/// Where a tool keeps credentials.
struct Place {
    /// Below the home folder.
    path: &'static str,
    /// The tool's own variable that names another place.
    variable: Variable,
    format: Format,
}

/// What a tool's variable holds.
#[derive(Clone, Copy)]
enum Variable {
    None,
    /// Another file.
    File(&'static str),
    /// Several files, as in `PATH`.
    Files(&'static str),
    /// The folder in which the file of this name is.
    Folder(&'static str, &'static str),
}

use Variable::{File, Files, Folder};

const fn place(path: &'static str, variable: Variable, format: Format) -> Place {
    Place { path, variable, format }
}

/// Each as its tool documents it: AWS CLI, curl and ftp, npm, twine, libpq, kubectl, docker, git-credential-store.
static PLACES: [Place; 10] = [
    place(".aws/credentials", File("AWS_SHARED_CREDENTIALS_FILE"), Format::Lines),
    place(".netrc", File("NETRC"), Format::Netrc),
    place("_netrc", Variable::None, Format::Netrc),
    place(".npmrc", File("NPM_CONFIG_USERCONFIG"), Format::Lines),
    place(".pypirc", Variable::None, Format::Lines),
    place(".pgpass", File("PGPASSFILE"), Format::Pgpass),
    place(".kube/config", Files("KUBECONFIG"), Format::Lines),
    place(".docker/config.json", Folder("DOCKER_CONFIG", "config.json"), Format::Json),
    place(".git-credentials", Variable::None, Format::Urls),
    place(".config/git/credentials", Variable::None, Format::Urls),
];

impl Place {
    /// What the tool's variable names instead; nothing when it is not set, or names no absolute path.
    fn named(&self, variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = match self.variable {
            Variable::None => Vec::new(),
            File(name) => variable(name).into_iter().map(PathBuf::from).collect(),
            Files(name) => variable(name)
                .iter()
                .flat_map(|list| std::env::split_paths(list).collect::<Vec<_>>())
                .collect(),
            Folder(name, file) => {
                variable(name).map(|folder| PathBuf::from(folder).join(file)).into_iter().collect()
            }
        };
        files.retain(|file| file.is_absolute());
        files
    }
}

/// Where to look.
pub struct Request<'a> {
    /// The home folder.
    pub home: Option<PathBuf>,
    /// The work tree's top; `None` outside of one.
    pub top: Option<PathBuf>,
    /// Folders below the top in which something is judged, relative to it.
    pub folders: Vec<PathBuf>,
    /// Does git ignore this path below the top?
    pub ignored: &'a dyn Fn(&Path) -> bool,
    /// Further files that the user's own configuration names; `~/` is the home folder.
    pub files: Vec<String>,
    /// A command that prints values, likewise.
    pub command: Vec<String>,
    /// Reads a variable.
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Values {
    /// Everything that has a value, telling or not.
    pub values: Vec<Known>,
    /// A line each on what was there and not read.
    pub skipped: Vec<String>,
    /// Why the user's own command gave nothing.
    pub failed: Option<String>,
}

impl Values {
    fn take(&mut self, shown: &str, format: Format, file: &Path) {
        match file::read(file) {
            Ok(Some(bytes)) => self.parse(shown, format, &bytes),
            Ok(None) => {}
            Err(reason) => self.skipped.push(format!("known values: {shown} is not read: {reason}")),
        }
    }

    fn parse(&mut self, shown: &str, format: Format, bytes: &[u8]) {
        let before = self.values.len();
        formats::parse(format, bytes, &mut |name, value| {
            if self.values.len() < MOST_VALUES && !value.is_empty() {
                let name = String::from_utf8_lossy(name).into_owned();
                self.values.push(Known { value, name, file: shown.to_owned() });
            }
        });
        if before < MOST_VALUES && self.values.len() == MOST_VALUES {
            self.skipped.push(format!("known values: only the first {MOST_VALUES} are looked for"));
        }
    }
}

/// Reads all of it.
#[must_use]
pub fn read(request: &Request<'_>) -> Values {
    let mut values = Values::default();
    if let Some(top) = &request.top {
        env_files(top, request, &mut values);
    }
    if let Some(home) = &request.home {
        for place in &PLACES {
            let named = place.named(request.variable);
            for file in &named {
                values.take(&file.display().to_string(), place.format, file);
            }
            if named.is_empty() {
                values.take(&format!("~/{}", place.path), place.format, &home.join(place.path));
            }
        }
    }
    for named in &request.files {
        let below_home = named.strip_prefix("~/").zip(request.home.as_ref());
        let file = below_home.map_or_else(|| PathBuf::from(named), |(rest, home)| home.join(rest));
        let format = PLACES
            .iter()
            .find(|place| file.ends_with(place.path))
            .map_or(Format::Lines, |place| place.format);
        if file.symlink_metadata().is_err() {
            values.skipped.push(format!("known values: {named} is not read: there is no such file"));
        }
        values.take(named, format, &file);
    }
    if let [program, arguments @ ..] = request.command.as_slice() {
        match command::output(program, arguments, request.home.as_deref()) {
            Ok(bytes) => values.parse("your own command", Format::Lines, &bytes),
            Err(reason) => values.failed = Some(format!("cannot read known values: `{program}` {reason}")),
        }
    }
    values
}

/// `.env` files at the top and in the folders of what is judged, when git ignores them: one that is tracked is judged itself.
fn env_files(top: &Path, request: &Request<'_>, values: &mut Values) {
    let mut folders: Vec<&Path> = vec![Path::new("")];
    folders
        .extend(request.folders.iter().map(PathBuf::as_path).filter(|folder| !folder.as_os_str().is_empty()));
    crate::order::sort(&mut folders);
    folders.dedup();
    if folders.len() > MOST_FOLDERS {
        let left = folders.len() - MOST_FOLDERS;
        values.skipped.push(format!("known values: .env files are not looked for in {left} of the folders"));
        folders.truncate(MOST_FOLDERS);
    }
    for folder in folders {
        for name in ENV_FILES {
            let path = folder.join(name);
            let file = top.join(&path);
            if file.symlink_metadata().is_ok() && (request.ignored)(&path) {
                values.take(&path.display().to_string(), Format::Lines, &file);
            }
        }
    }
}

#[cfg(test)]
mod tests;
