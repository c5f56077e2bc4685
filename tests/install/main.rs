//! `unleak install` and `uninstall` in real repositories, with real `git commit` and `git push`.
#![cfg(unix)]
#![allow(missing_docs)]

mod global;
mod repository;
mod sandbox;
mod shell;
mod team;
