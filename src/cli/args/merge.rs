//! The options of `sdnlock merge`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::{ChangeOptions, LockOptions, LossOptions};

/// Merge two versions of a database, by record and cell
///
/// BASE is what both began with. What one side changed is taken, different cells of one record are combined,
/// settings are merged by address and everything else by lines. What both changed differently is a conflict: it
/// stands in the result with git's markers around whole rows, and `sdnlock check` finds it there. Files that are
/// no SDN by their name are merged by lines.
///
/// The result is printed, or written to the file that -o names, under its lock.
#[derive(Args, Debug)]
#[command(after_long_help = include_str!("../help/merge.txt"))]
#[command(mut_args(|option| if matches!(option.get_id().as_str(), "diff" | "dry_run") { option.hide_short_help(true) } else { option }))]
pub struct MergeArgs {
    /// What both sides began with
    ///
    /// One of the three may be `-`, standard input.
    #[arg(value_hint = ValueHint::FilePath)]
    pub base: PathBuf,
    /// Our side
    #[arg(value_hint = ValueHint::FilePath)]
    pub ours: PathBuf,
    /// The incoming side
    #[arg(value_hint = ValueHint::FilePath)]
    pub theirs: PathBuf,
    /// With --git: the length of the markers, %L
    #[arg(value_name = "SIZE", requires = "git", hide_short_help = true)]
    pub git_marker_size: Option<usize>,
    /// With --git: the path of the database in the repository, %P
    #[arg(value_name = "PATH", requires = "git", hide_short_help = true)]
    pub git_path: Option<PathBuf>,
    /// Write the result to this file
    #[arg(short, long, value_name = "OUT", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub merging: MergingOptions,
    /// How conflicts are marked [default: merge]
    ///
    /// With --git, merge.conflictStyle says if it is not given.
    #[arg(long, value_name = "STYLE", hide_short_help = true)]
    pub conflict_style: Option<StyleName>,
    /// The length of the markers, at least 7 [default: 7]
    #[arg(long, value_name = "N", hide_short_help = true, conflicts_with = "git_marker_size")]
    pub marker_size: Option<usize>,
    /// The database that these are versions of, whose schema counts [default: OUTPUT, else OURS]
    ///
    /// Where this folder belongs to a repository, from the root of that; messages name it too.
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath, hide_short_help = true, conflicts_with = "git_path")]
    pub path: Option<PathBuf>,
    /// What a side is called in the markers: first OURS, then BASE, then THEIRS
    #[arg(short = 'L', long = "label", value_name = "LABEL", hide_short_help = true)]
    pub labels: Vec<String>,
    /// Print one JSON object, for programs
    ///
    /// {"clean": true|false, "conflicts": [{"kind": "changed"|"added"|"removed"|"columns"|"invalid", "table",
    /// "key", "address", "removed_by": "ours"|"theirs"|null, "message", "cells": [{"column", "base", "ours",
    /// "theirs"}], "base_line", "ours_line", "theirs_line", "line", "ours_modified", "theirs_modified"}],
    /// "renumbered": [{"table", "old", "new"}], "result": TEXT|null}. What is not known is null; result is the
    /// merged text unless it was written to a file.
    #[arg(long, conflicts_with = "git")]
    pub json: bool,
    /// Treat the files as SDN whatever their names
    #[arg(long, hide_short_help = true)]
    pub sdn: bool,
    /// Work as a merge driver of git
    ///
    /// The result is written over OURS. The arguments are %O %A %B %L %P. The exit code is 0 for a clean merge, 1 for conflicts, and 129 for every
    /// failure, which git takes for one. `sdnlock git-setup` sets this up.
    #[arg(long, conflicts_with_all = ["output", "dry_run"])]
    pub git: bool,
    /// Work as a merge tool of jj: leave no conflict in the result that jj would take for resolved
    ///
    /// The arguments are `--path=$path --marker-size $marker_length $base $left $right -o $output`. The exit code is 0
    /// for a clean merge, 1 for conflicts that stand in the result, as diff3 has them, and another one if the
    /// conflict is to stay as it is: jj reads the result back and merges it by lines once more, so that a conflict
    /// that is none of lines would be forgotten. `sdnlock jj-setup` sets this up.
    #[arg(long, hide_short_help = true, requires = "output", conflicts_with_all = ["git", "json", "conflict_style"])]
    pub jj: bool,
    #[command(flatten)]
    pub change: ChangeOptions,
    #[command(flatten)]
    pub loss: LossOptions,
    #[command(flatten)]
    pub lock: LockOptions,
}

/// How two versions are brought together.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Merge options")]
pub struct MergingOptions {
    /// What is made of a conflict
    #[arg(long, value_name = "NAME", default_value = "merge")]
    pub strategy: StrategyName,
    /// Give one of two new records with the same number the next free one
    ///
    /// It is the one of the incoming side. What refers to it there follows: the columns that the schema names, or
    /// those called as the first column of its table.
    #[arg(long, hide_short_help = true)]
    pub renumber: bool,
}

/// What is made of a conflict
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum StrategyName {
    /// Different cells are combined; a conflict stays one
    Merge,
    /// Any record that both sides changed is a conflict
    Error,
    /// THEIRS wins every conflict
    LastWriteWins,
    /// The record with the later last_modified, updated_at or last_updated wins
    LastModifiedWins,
}

/// How conflicts are marked
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum StyleName {
    /// Both sides
    Merge,
    /// Both sides and the base
    Diff3,
    /// As diff3, without the lines that both sides have
    Zdiff3,
}
