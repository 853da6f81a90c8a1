//! Records one below the other, one `column: value` a line.

use super::grid::Grid;
use crate::cli::{streams, text};

/// The records, with an empty line between them.
pub fn records(grid: &Grid<'_>, columns: &[usize]) -> String {
    let at_terminal = streams::stdout_is_terminal();
    let fields = |row: &super::grid::Line<'_>| {
        let columns = columns.iter().filter(|&&column| row.has(column));
        columns.map(|&column| field(&grid.columns[column], &row.text(column), at_terminal)).collect::<String>()
    };
    grid.rows.iter().map(fields).collect::<Vec<_>>().join("\n")
}

/// One value of a record. A terminal gets nothing on which it would act.
pub fn field(column: &str, value: &str, at_terminal: bool) -> String {
    let line = format!("{column}: {}", text::on_one_line(value));
    (if at_terminal { text::visible(&line) } else { line }) + "\n"
}
