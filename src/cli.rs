//! The flags, and nothing that runs.
