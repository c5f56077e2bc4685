//! How the binary is linked, where the linker of this machine can do it; each step is tried on a small program first.
//!
//! What the program never reads is left out: the tables for unwinding, since a panic ends it (a tenth of the file), and nine
//! tenths of the list of addresses that the dynamic linker must fix at every start. The unwinder is taken from the compiler's archive.
//! The trap: a linker may take a flag and make a program that does not start, so the tried program is run too.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

/// Leaves the unwinding tables out; the linkers that read such scripts are bfd, gold's successor lld among them, but not mold.
const WITHOUT_TABLES: &str =
    "SECTIONS { /DISCARD/ : { *(.eh_frame) *(.eh_frame_hdr) *(.gcc_except_table*) } } INSERT BEFORE .text;\n";

/// Ends as a panic ends the real program.
const PROGRAM: &str = "fn main() { if std::env::args_os().count() > 1 { panic!() } }\n";

/// Tells cargo what to hand to the linker.
pub(crate) fn choose(out: &Path) {
    let of_target = |name: &str| env::var(name).unwrap_or_default();
    let native = env::var("HOST") == env::var("TARGET");
    if !native || of_target("CARGO_CFG_TARGET_OS") != "linux" || of_target("CARGO_CFG_TARGET_ENV") != "gnu" {
        return;
    }
    link_unwinder();
    // Other builds unwind, and show where they were.
    if of_target("PROFILE") != "release" {
        return;
    }
    let script = out.join("linking.ld");
    fs::write(&script, WITHOUT_TABLES).expect("OUT_DIR is writable");
    // Not behind `-Wl`, where a comma in the folder's name would end it.
    let no_tables = [format!("-T{}", script.display()), "-Wl,--no-eh-frame-hdr".to_owned()];
    let short_list = ["-Wl,-z,pack-relative-relocs".to_owned()];
    let mut chosen: Vec<String> = Vec::new();
    for step in [&no_tables[..], &no_tables[1..], &short_list[..]] {
        let tried = [&chosen[..], step].concat();
        if !step.iter().any(|flag| chosen.contains(flag)) && works(out, &tried) {
            chosen = tried;
        }
    }
    for flag in chosen {
        println!("cargo:rustc-link-arg-bins={flag}");
    }
}

/// Whether a program that is linked so starts, and is aborted by a panic that says what it is, whether or not it is asked for a
/// backtrace: capturing one needs the tables, and aborts without them.
fn works(out: &Path, flags: &[String]) -> bool {
    let source = out.join("linking.rs");
    let program = out.join("linking");
    fs::write(&source, PROGRAM).expect("OUT_DIR is writable");
    let mut compile = process::Command::new(env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc")));
    compile.args(["--crate-name=linking", "--edition=2021", "-Cpanic=abort", "-Cstrip=symbols"]);
    let from_cargo = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    compile.args(from_cargo.split('\u{1f}').filter(|flag| !flag.is_empty()));
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        let mut chosen = OsString::from("-Clinker=");
        chosen.push(linker);
        compile.arg(chosen);
    }
    compile.args(flags.iter().map(|flag| format!("-Clink-arg={flag}")));
    compile.arg("-o").arg(&program).arg(&source);
    let linked = compile.output().is_ok_and(|made| made.status.success());
    let run = |panics: bool, backtrace: &str| {
        let mut command = process::Command::new(&program);
        command.args(panics.then_some("panic")).env("RUST_BACKTRACE", backtrace).output()
    };
    let aborted = |ran: process::Output| {
        ran.status.code().is_none() && ran.stderr.windows(8).any(|word| word == b"panicked")
    };
    linked
        && run(false, "1").is_ok_and(|ran| ran.status.success())
        && ["0", "1"].iter().all(|backtrace| run(true, backtrace).is_ok_and(aborted))
}

/// Takes the unwinder from the compiler's archive instead of `libgcc_s.so`, where there is one: a library less to load at
/// every start (a tenth of a whole run on a small repository).
fn link_unwinder() {
    let archive = process::Command::new("cc").arg("-print-file-name=libgcc_eh.a").output();
    let Ok(answer) = archive else { return };
    // The compiler gives the bare name back when it has none.
    let path = PathBuf::from(String::from_utf8_lossy(&answer.stdout).trim());
    if let Some(folder) = path.parent().filter(|_| path.is_absolute() && path.exists()) {
        println!("cargo:rustc-link-search=native={}", folder.display());
        println!("cargo:rustc-link-lib=static:-bundle=gcc_eh");
    }
}
