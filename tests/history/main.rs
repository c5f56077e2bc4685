//! `unleak history` against a slow, obvious reference, under fuzzed pack layouts.
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]

mod again;
mod changing;
mod damage;
mod equality;
mod reference;
mod repo;
mod told;
