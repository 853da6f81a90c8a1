//! The command line: what options there are, what each command does, and how it is told.

mod aftermath;
pub mod args;
mod change;
mod checking;
mod child;
pub mod commands;
mod conflicts;
mod databases;
mod differences;
mod editor;
mod failure;
mod findings;
mod git;
mod limits;
mod marks;
mod merging;
mod refusals;
pub mod report;
mod schemas;
mod session;
mod settings;
mod signals;
pub mod status;
mod streams;
mod text;
mod wait;
