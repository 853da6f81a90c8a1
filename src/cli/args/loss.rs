//! Options of what a change may take away.

use clap::Args;

/// What a change may take away.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Loss options")]
pub struct LossOptions {
    /// Keep the change whatever it takes away
    ///
    /// Otherwise what the options below and `limits` in .sdnlock.sdn say may not be lost, and exec, write and merge
    /// refuse a large loss: more than 20 records that are gone, stand under another key or
    /// went back to an earlier version, if that is more than 20% of
    /// their table; more than 20 keys that stand twice; a table of more than 20 records, or a column of one.
    #[arg(long, conflicts_with_all = ["no_loss", "limits", "only"], hide_short_help = true)]
    pub allow_loss: bool,
    /// Refuse a change that removes, renumbers, doubles or reverts records, or removes columns, tables or settings
    #[arg(long, hide_short_help = true)]
    pub no_loss: bool,
    /// Refuse a change that takes away more than this: `removed=10`, `removed=5%`
    ///
    /// What can be limited is what happens to the records of a table, `removed`, `renumbered`, `doubled` and
    /// `reverted`, its `columns`, and `tables` and `settings`. A share is one of the records that the table had. What the schema says of
    /// the same does not count then.
    #[arg(long = "limit", value_name = "NAME=N", hide_short_help = true)]
    pub limits: Vec<String>,
    /// Refuse a change of cells in other columns, and of settings
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',', hide_short_help = true)]
    pub only: Option<Vec<String>>,
}
