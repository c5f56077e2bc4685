//! One libFuzzer binary for all targets: `FUZZ_TARGET` names the one to run (see `fuzz/run`).
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use unleak::fuzzing::{TARGETS, Target, target};

static TARGET: LazyLock<&'static Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    target(&name).unwrap_or_else(|| {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!("FUZZ_TARGET must be one of: {}", names.join(" "));
        std::process::exit(2)
    })
});

fuzz_target!(|data: &[u8]| (TARGET.run)(data));
