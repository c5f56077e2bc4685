//! The hooks beyond the commit's own: messages, pushes, and what a server receives, each run by git itself.
//!
//! The trap: a push that fails for another reason than a secret looks as if it was stopped; `stopped` therefore wants the
//! rule's name, and `passes` that the remote has what was pushed.
#![allow(clippy::unwrap_used, reason = "a test ends where its preparations fail")]

mod message;
mod push;
mod server;
mod world;
