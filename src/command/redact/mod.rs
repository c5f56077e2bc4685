//! `unleak redact`: a filter that masks secrets, for pipes and for the output of one command.
//!
//! The trap: it stands in other people's pipelines, so it says nothing on standard output of its own, adds at most one
//! line to standard error, and ends with the status that the pipeline would have without it.

mod exec;
mod pump;

use std::ffi::OsString;
use std::io::Write as _;

use anyhow::bail;

use super::configuration::Configuration;
use crate::cli::Options;
use crate::git::Repository;
use crate::redact::Masks;
use crate::redact::environment::{Named, Variable, look};
use pump::{Output, Pump};

/// What the command line asks for.
pub(super) struct Request {
    /// Run `command` instead of reading standard input.
    pub(super) exec: bool,
    /// A program and its arguments.
    pub(super) command: Vec<OsString>,
    /// Lists of names of variables.
    pub(super) env_secrets: Vec<String>,
}

/// Masks until the end of the input; gives 0, or the command's status.
pub(super) fn run(request: &Request, options: &Options) -> anyhow::Result<u8> {
    match (request.exec, request.command.is_empty()) {
        (true, true) => {
            bail!("`unleak redact --exec` lacks its command: unleak redact --exec -- COMMAND [ARGS]")
        }
        (false, false) => {
            bail!(
                "`unleak redact` reads standard input; to run a command: unleak redact --exec -- COMMAND [ARGS]"
            )
        }
        _ => {}
    }
    // Outside of a repository, or in one that cannot be opened, the user's own file counts alone.
    let repository = Repository::open_from_env().ok();
    let top = repository.as_ref().and_then(Repository::top);
    let configuration = Configuration::of_work_tree(top, options)?;
    let rules = configuration.rules()?;
    let allowances = configuration.allowances();
    let mut masks = Masks::new(&rules, configuration.blocks(), &allowances);
    let notes = add_environment(&mut masks, &Named::read(&request.env_secrets), options)?;
    for note in notes.iter().filter(|_| !options.quiet) {
        writeln!(std::io::stderr(), "unleak: {note}")?;
    }
    let status = if request.exec { exec::run(&request.command, &mut masks)? } else { filter(&mut masks)? };
    let (secrets, places) = masks.counts();
    if places > 0 && !options.quiet {
        let many = |n: usize| if n == 1 { "" } else { "s" };
        // The stream that it would be said on may be closed; the status is the command's all the same.
        let _ = writeln!(
            std::io::stderr(),
            "unleak: masked {secrets} secret{} in {places} place{}",
            many(secrets),
            many(places)
        );
    }
    Ok(status)
}

fn filter(masks: &mut Masks<'_>) -> anyhow::Result<u8> {
    exec::outlive_interrupts();
    let mut pump = Pump::new(masks);
    pump.add(std::io::stdin(), Output::Stdout);
    pump.run(&mut || Ok(false))?;
    if pump.is_broken() {
        // Ends like every command whose reader went away.
        return Err(std::io::Error::from(std::io::ErrorKind::BrokenPipe).into());
    }
    Ok(0)
}

/// Takes in the secrets of the environment; gives what a person should know about it.
fn add_environment(masks: &mut Masks<'_>, named: &Named, options: &Options) -> anyhow::Result<Vec<String>> {
    let mut variables: Vec<(String, Vec<u8>)> = std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.into_encoded_bytes()))
        .collect();
    // Two names of one value: the same is taken in every run.
    crate::order::sort(&mut variables);
    let mut notes = Vec::new();
    let mut rest = Vec::new();
    for (name, value) in &variables {
        let shown = crate::report::escape(name.as_bytes());
        let asked_for = named.secret.contains(name);
        match look(name, value, named) {
            Variable::Secret => {
                if !masks.add_variable(&shown, value) && asked_for {
                    notes.push(format!("cannot mask {shown}: its value has fewer than 4 bytes"));
                }
            }
            Variable::LeftOut(why) if asked_for || options.verbose => {
                let more = if asked_for { "" } else { "; --env-secrets masks it all the same" };
                notes.push(format!("{shown} is not masked: {why}{more}"));
            }
            Variable::LeftOut(_) | Variable::Plain => {
                if !named.plain.contains(name) {
                    rest.extend([name.as_bytes(), b"=", value, b"\n"].concat());
                }
            }
        }
    }
    for name in named.secret.iter().filter(|name| !variables.iter().any(|(known, _)| known == *name)) {
        notes.push(format!("{} is not set", crate::report::escape(name.as_bytes())));
    }
    masks.add_found_in(&rest)?;
    Ok(notes)
}
