//! `unleak install` and `uninstall` in real repositories, with real `git commit` and `git push`.
#![cfg(unix)]
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

mod global;
mod repository;
mod sandbox;
mod shell;
mod team;
