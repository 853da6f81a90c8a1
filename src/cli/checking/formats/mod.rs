//! Findings as programs read them: one file for each format.

pub mod github;
pub mod json;
mod place;
pub mod sarif;
pub mod short;
