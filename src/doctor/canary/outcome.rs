//! Runs a command with an end to patience, and keeps what it printed.
//!
//! Hands on [`run`] and [`Ran`]. The trap: a hook leaves children behind that hold its output open, so the output goes to a
//! file, and the whole process group is ended, not its first process alone.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

/// How much of what a hook prints is looked at.
const MOST_OUTPUT: u64 = 16 * 1024 * 1024;

/// What a hook did.
#[derive(Debug)]
pub(in crate::doctor) struct Ran {
    /// Its exit status (-1 for a signal); `None` when it did not end in time.
    pub(in crate::doctor) status: Option<i32>,
    /// All that it printed.
    pub(in crate::doctor) output: String,
    /// There was none to run.
    pub(in crate::doctor) missing: bool,
}

/// Runs it with `output` as the file for both of its streams.
pub(super) fn run(command: &mut Command, output: &Path, patience: Duration) -> anyhow::Result<Ran> {
    let cannot = "cannot keep what the hook prints";
    let mut file = File::options().read(true).append(true).create_new(true).open(output).context(cannot)?;
    command.stdin(Stdio::null()).stdout(file.try_clone().context(cannot)?);
    command.stderr(file.try_clone().context(cannot)?);
    own_group(command);
    let mut child = command.spawn().context("cannot run the hook")?;
    let deadline = Instant::now() + patience;
    let status = loop {
        if let Some(status) = child.try_wait().context("cannot wait for the hook")? {
            break Some(status.code().unwrap_or(-1));
        }
        if Instant::now() >= deadline {
            end(&mut child);
            break None;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    file.rewind().context(cannot)?;
    let mut bytes = Vec::new();
    file.take(MOST_OUTPUT).read_to_end(&mut bytes).context(cannot)?;
    Ok(Ran { status, output: String::from_utf8_lossy(&bytes).into_owned(), missing: false })
}

#[cfg(unix)]
fn own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
fn own_group(_: &mut Command) {}

fn end(child: &mut Child) {
    if cfg!(unix) {
        let group = format!("-{}", child.id());
        // The child itself is ended below in any case.
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    }
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_hook_that_does_not_end_is_ended_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo started; sleep 600 & echo $! >child; sleep 600"]).current_dir(&folder);
        let ran = run(&mut command, &folder.path().join("output"), Duration::from_millis(500)).unwrap();
        assert_eq!((ran.status, ran.output.as_str()), (None, "started\n"));
        let child = std::fs::read_to_string(folder.path().join("child")).unwrap();
        // Ended, and perhaps not yet collected by whoever adopted it. A busy machine takes a moment to deliver the signal.
        let state = || std::fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
        let ended = || Some(state()).filter(|state| state.is_empty() || state.contains(") Z ")).is_some();
        let patience = Instant::now() + Duration::from_secs(60);
        while !ended() {
            assert!(Instant::now() < patience, "{}", state());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
