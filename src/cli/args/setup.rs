//! The options of `sdnlock git-setup` and `sdnlock jj-setup`.

use clap::Args;

use super::LockOptions;

/// Let git merge databases by record, and name their tables
///
/// Shows what it would write into the configuration and the attributes of git, and writes it once that is agreed.
/// Whoever clones the repository runs it once too; until then git merges the databases as any text.
///
/// Where the repository is managed with jj, what `sdnlock jj-setup` writes is a part of it.
#[derive(Args, Debug)]
#[command(after_long_help = include_str!("../help/git-setup.txt"))]
pub struct GitSetupArgs {
    #[command(flatten)]
    pub setup: SetupOptions,
}

/// Let jj merge databases by record, and show changes so
///
/// Shows what it would write into the configuration of jj, and writes it once that is agreed. The repository may be
/// one of git too, or not.
///
/// Then `jj resolve --tool sdnlock` merges what is in conflict by record, and leaves the rest in the file with jj's
/// markers, where `sdnlock check` finds it; `jj diff --tool sdnlock` shows the records and settings that changed, and
/// how, and so do `jj show` and `jj log -p` with that tool.
#[derive(Args, Debug)]
#[command(after_long_help = include_str!("../help/jj-setup.txt"))]
pub struct JjSetupArgs {
    #[command(flatten)]
    pub setup: SetupOptions,
}

/// Where something is set up, and how.
#[derive(Args, Debug)]
pub struct SetupOptions {
    /// For all repositories of this user, not only for this one
    #[arg(long, visible_alias = "user")]
    pub global: bool,
    /// Take away what this command writes
    #[arg(long)]
    pub undo: bool,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    #[command(flatten)]
    pub lock: LockOptions,
}
