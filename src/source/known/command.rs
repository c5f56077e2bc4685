//! Runs the command that the user's own configuration names, and takes what it prints.
//!
//! The trap: a commit waits for it, so it has [`PATIENCE`], no terminal, and none of the variables with which git tells a hook
//! about the repository.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::LARGEST;

/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the command prints.
///
/// # Errors
/// What went wrong, as the end of a sentence that begins with its name.
pub(super) fn output(program: &str, arguments: &[String], home: Option<&Path>) -> Result<Vec<u8>, String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"GIT_")) {
        command.env_remove(name);
    }
    // Not where the repository is: it must find nothing of its own there.
    command.current_dir(home.unwrap_or_else(|| Path::new("/")));
    let mut child = command.spawn().map_err(|error| format!("cannot be run: {error}"))?;
    let (send, receive) = std::sync::mpsc::channel();
    if let Some(pipe) = child.stdout.take() {
        // Not joined: what the command leaves running may hold the pipe open for ever.
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = send.send(pipe.take(LARGEST).read_to_end(&mut bytes).map(|_| bytes));
        });
    }
    let end = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < end => std::thread::sleep(Duration::from_millis(2)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("did not end within {} seconds", PATIENCE.as_secs()));
            }
            Err(error) => return Err(format!("cannot be waited for: {error}")),
        }
    };
    if !status.success() {
        return Err(format!("failed ({status})"));
    }
    match receive.recv_timeout(end.saturating_duration_since(Instant::now())) {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(format!("cannot be read: {error}")),
        Err(_) => Err("did not close its output".to_owned()),
    }
}
