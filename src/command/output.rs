//! Where the report goes: standard output, or a file that is there whole or not at all.
//!
//! Hands on [`Output`], a writer with an end ([`Output::finish`]). The trap: a reader of the file, or an earlier report,
//! must never meet half of a new one, so it is written beside its place and renamed; what is no regular file (a pipe,
//! `/dev/stdout`) cannot be renamed over and is written as it is.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::report::escape;

/// Where a report is written to.
pub(super) struct Output {
    writer: BufWriter<Target>,
    /// The temporary file and the place it is meant for.
    renames: Option<(Temporary, PathBuf)>,
    name: String,
}

enum Target {
    Stdout(io::StdoutLock<'static>),
    File(File),
}

/// A file that is removed again when it was not renamed.
struct Temporary(Option<PathBuf>);

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            let _ = fs::remove_file(path);
        }
    }
}

impl Output {
    /// Opens it: `None` and `-` are standard output. `private` is for a report with whole secrets in it: only the user may
    /// read a new file.
    ///
    /// # Errors
    /// When there is no place for the file.
    pub(super) fn open(file: Option<&Path>, private: bool) -> anyhow::Result<Self> {
        let Some(file) = file.filter(|file| *file != Path::new("-")) else {
            let writer = BufWriter::new(Target::Stdout(io::stdout().lock()));
            return Ok(Self { writer, renames: None, name: String::new() });
        };
        let name = escape(file.as_os_str().as_encoded_bytes());
        Self::to_file(file, private, name.clone())
            .with_context(|| format!("cannot write the report to {name}"))
    }

    /// True when it is standard output, which may be a terminal.
    pub(super) fn is_stdout(&self) -> bool {
        self.name.is_empty()
    }

    fn to_file(file: &Path, private: bool, name: String) -> io::Result<Self> {
        // A link keeps being one: what it names is replaced.
        let place = match fs::canonicalize(file) {
            Ok(place) => place,
            Err(error) if error.kind() == io::ErrorKind::NotFound => file.to_path_buf(),
            Err(error) => return Err(error),
        };
        let kept = match fs::metadata(&place) {
            Ok(found) if found.is_dir() => return Err(io::Error::from(io::ErrorKind::IsADirectory)),
            Ok(found) if !found.is_file() => {
                let target = OpenOptions::new().write(true).open(&place)?;
                return Ok(Self { writer: BufWriter::new(Target::File(target)), renames: None, name });
            }
            Ok(found) => Some(found.permissions()),
            Err(_) => None,
        };
        let (temporary, target) = beside(&place, private)?;
        if let Some(permissions) = kept {
            target.set_permissions(permissions)?;
        }
        let renames = Some((temporary, place));
        Ok(Self { writer: BufWriter::new(Target::File(target)), renames, name })
    }

    /// Puts the whole report in its place.
    ///
    /// # Errors
    /// When it cannot be written to the end; a file that stood there before is then as it was.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        let Self { writer, renames, name } = self;
        let done = || -> io::Result<()> {
            let target = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
            match target {
                Target::Stdout(mut out) => out.flush()?,
                // A pipe or device has nothing to sync.
                Target::File(file) if renames.is_some() => file.sync_all()?,
                Target::File(_) => {}
            }
            if let Some((mut temporary, place)) = renames
                && let Some(path) = temporary.0.take()
            {
                fs::rename(&path, place).inspect_err(|_| drop(Temporary(Some(path))))?;
            }
            Ok(())
        };
        if name.is_empty() {
            Ok(done()?)
        } else {
            done().with_context(|| format!("cannot write the report to {name}"))
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::File(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::File(file) => file.flush(),
        }
    }
}

/// A new file in the same folder, and so on the same file system.
fn beside(place: &Path, private: bool) -> io::Result<(Temporary, File)> {
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if private {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let _ = private;
    for attempt in 0..100 {
        let path = folder.join(format!(".unleak-report.{}.{attempt}.tmp", std::process::id()));
        match options.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (Temporary(Some(path)), file)),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "temporary files of this name are in the way"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(file: &Path, text: &str, private: bool) -> anyhow::Result<()> {
        let mut output = Output::open(Some(file), private)?;
        output.write_all(text.as_bytes())?;
        output.finish()
    }

    #[test]
    fn a_report_replaces_an_earlier_one_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("report");
        write(&file, "one", false).expect("written");
        write(&file, "two", false).expect("written");
        assert_eq!(fs::read_to_string(&file).expect("there"), "two");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn a_report_that_is_given_up_changes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("report");
        write(&file, "one", false).expect("written");
        let mut output = Output::open(Some(&file), false).expect("open");
        output.write_all(b"half").expect("written");
        output.flush().expect("written");
        drop(output);
        assert_eq!(fs::read_to_string(&file).expect("there"), "one");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
        let missing = folder.path().join("no/report");
        let error = write(&missing, "x", false).expect_err("no folder").to_string();
        assert!(error.starts_with("cannot write the report to "), "{error}");
        assert!(write(folder.path(), "x", false).is_err());
    }

    #[test]
    #[cfg(unix)]
    fn modes_links_and_devices_stay_what_they_are() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = tempfile::tempdir().expect("a folder");
        let (file, link) = (folder.path().join("report"), folder.path().join("link"));
        let mode = |file: &Path| fs::metadata(file).expect("there").permissions().mode() & 0o777;
        write(&file, "one", true).expect("written");
        assert_eq!(mode(&file), 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("set");
        symlink("report", &link).expect("a link");
        write(&link, "two", false).expect("written");
        assert_eq!((fs::read_to_string(&file).expect("there").as_str(), mode(&file)), ("two", 0o640));
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        write(Path::new("/dev/null"), "three", false).expect("written");
        assert!(!fs::metadata("/dev/null").expect("there").is_file());
    }
}
