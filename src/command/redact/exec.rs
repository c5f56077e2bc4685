//! Runs a command with both of its output streams masked, and ends as it ends.
//!
//! The trap: Ctrl-C goes to all processes of a terminal, so the command gets it anyway and must not get it twice; what is
//! sent to this process alone is passed on.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::Context as _;

use super::pump::{Output, Pump};
use crate::redact::Masks;

/// What shells say of a command that cannot be run, and of one that is not there.
const CANNOT_RUN: u8 = 126;
const NOT_THERE: u8 = 127;

/// Runs the command and gives its status: 128 and the signal's number when one ended it.
pub(super) fn run(command: &[OsString], masks: &mut Masks<'_>) -> anyhow::Result<u8> {
    let signals = Signals::catch().context("cannot catch signals")?;
    let spawned =
        Command::new(&command[0]).args(&command[1..]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => {
            eprintln!("unleak: cannot run {}: {error}", crate::report::escape(command[0].as_encoded_bytes()));
            return Ok(if error.kind() == ErrorKind::NotFound { NOT_THERE } else { CANNOT_RUN });
        }
    };
    signals.pass_on(&child);
    let mut pump = Pump::new(masks);
    if let Some(stdout) = child.stdout.take() {
        pump.add(stdout, Output::Stdout);
    }
    if let Some(stderr) = child.stderr.take() {
        pump.add(stderr, Output::Stderr);
    }
    let moved = pump.run(&mut || Ok(child.try_wait()?.is_some()));
    if moved.is_err() {
        // What cannot be masked is not let through, and what nobody reads need not run on.
        stop(&mut child);
    }
    // Its pipes close with the threads that read them: a command that goes on writing gets SIGPIPE.
    let status = child.wait().context("cannot wait for the command")?;
    moved?;
    Ok(status_of(status))
}

fn stop(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
}

#[cfg(unix)]
fn status_of(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt as _;
    let number = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    number.and_then(|number| u8::try_from(number).ok()).unwrap_or(u8::MAX)
}

#[cfg(not(unix))]
fn status_of(status: ExitStatus) -> u8 {
    // Windows has statuses of 32 bits; one that does not fit is still no success.
    status.code().map_or(u8::MAX, |code| u8::try_from(code).unwrap_or(u8::MAX))
}

/// What ends the writer of a pipe by the terminal leaves its filter to print the last lines.
pub(super) fn outlive_interrupts() {
    use std::io::IsTerminal as _;
    // A filter that reads the terminal itself has nobody else to end it.
    #[cfg(unix)]
    if !std::io::stdin().is_terminal() {
        // When it cannot be caught it ends the filter: no more is lost than without this.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, std::sync::Arc::default());
    }
}

#[cfg(unix)]
struct Signals(signal_hook::iterator::Signals);

#[cfg(unix)]
impl Signals {
    /// From now on these signals end nothing here.
    fn catch() -> std::io::Result<Self> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
        let all = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2];
        signal_hook::iterator::Signals::new(all).map(Self)
    }

    fn pass_on(self, child: &Child) {
        use std::io::IsTerminal as _;
        let terminal = std::io::stdin().is_terminal()
            || std::io::stdout().is_terminal()
            || std::io::stderr().is_terminal();
        let mut signals = self.0;
        let pid = rustix::process::Pid::from_child(child);
        std::thread::spawn(move || {
            use signal_hook::consts::{SIGINT, SIGQUIT};
            for signal in signals.forever() {
                if terminal && matches!(signal, SIGINT | SIGQUIT) {
                    continue;
                }
                if let Some(signal) = rustix::process::Signal::from_named_raw(signal) {
                    // It may have ended by itself.
                    let _ = rustix::process::kill_process(pid, signal);
                }
            }
        });
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn catch() -> std::io::Result<Self> {
        Ok(Self)
    }

    fn pass_on(self, _: &Child) {}
}
