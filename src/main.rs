//! The `unleak` binary: hands the arguments to the library and turns the outcome into an exit status.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(unleak::run(std::env::args_os()))
}
