//! Aligned columns, within the width of a terminal or without a limit.

use anstyle::Style;
use sdnlock::address::Number;
use unicode_width::UnicodeWidthChar;

use super::grid::Grid;
use crate::cli::text;

const HEAD: Style = Style::new().bold();
const HIDDEN: Style = Style::new().dimmed();

/// What stands between two columns.
const GAP: usize = 2;

/// How narrow the head of a column becomes where its cells are narrower.
const NARROWEST_HEAD: usize = 3;

/// How narrow the cells of a column become before the last columns are left out.
const NARROWEST: usize = 14;

/// Lines to be shown.
pub struct Page {
    pub text: String,
    /// The columns for which there was no room.
    pub left_out: Vec<String>,
    /// Those that would have shown nothing but their names, and for which there was no room.
    pub empty: Vec<String>,
}

/// A column that is laid out.
struct Column {
    name: String,
    cells: Vec<String>,
    /// The width of its widest cell.
    content: usize,
    is_number: bool,
}

impl Column {
    fn of(grid: &Grid<'_>, column: usize) -> Self {
        let cells: Vec<String> = grid.rows.iter().map(|row| shown(&row.text(column))).collect();
        let mut filled = cells.iter().filter(|cell| !cell.is_empty()).peekable();
        let is_number = filled.peek().is_some() && filled.all(|cell| Number::of(cell).is_some());
        let content = cells.iter().map(|cell| display_width(cell)).max().unwrap_or(0);
        Self { name: shown(&grid.columns[column]), cells, content, is_number }
    }

    /// The width in which nothing is cut.
    fn natural(&self) -> usize {
        self.content.max(display_width(&self.name))
    }

    /// The width in which its cells are not cut, and something of its name is seen.
    fn narrow(&self) -> usize {
        self.content.max(display_width(&self.name).min(NARROWEST_HEAD))
    }
}

/// Lays out these columns; `width` is that of the terminal, if there is one.
pub fn aligned(grid: &Grid<'_>, columns: &[usize], width: Option<usize>) -> Page {
    let mut columns: Vec<Column> = columns.iter().map(|&column| Column::of(grid, column)).collect();
    let natural: Vec<usize> = columns.iter().map(Column::natural).collect();
    let mut empty = Vec::new();
    let widths = match width {
        Some(room) if needed(&natural) > room => {
            if !grid.rows.is_empty() {
                empty = columns
                    .extract_if(1.min(columns.len()).., |column| column.content == 0)
                    .map(|column| column.name)
                    .collect();
            }
            fitted(&columns, room)
        }
        _ => natural,
    };
    let line = |cells: Vec<&str>, style: Style| {
        let padded = cells.iter().zip(&widths).zip(&columns);
        let padded = padded.map(|((cell, &width), column)| padded_to(cell, width, column.is_number));
        let text = padded.collect::<Vec<_>>().join(&" ".repeat(GAP));
        format!("{style}{}{style:#}\n", text.trim_end())
    };
    let mut text = line(columns.iter().map(|column| column.name.as_str()).collect(), HEAD);
    for (position, row) in grid.rows.iter().enumerate() {
        let cells = columns.iter().map(|column| column.cells[position].as_str()).collect();
        text += &line(cells, if row.is_live { Style::new() } else { HIDDEN });
    }
    let left_out = columns[widths.len()..].iter().map(|column| column.name.clone()).collect();
    Page { text, left_out, empty }
}

/// The room that columns of these widths take.
fn needed(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

/// The text of a cell on one line, with nothing in it that a terminal acts on.
fn shown(text: &str) -> String {
    text::visible(text).replace('\t', "\u{2409}")
}

/// The widths of as many columns as there is room for. All of them get some room first, then their names, and then the
/// cells of the widest ones.
fn fitted(columns: &[Column], room: usize) -> Vec<usize> {
    let least: Vec<usize> = columns.iter().map(|column| column.narrow().min(NARROWEST)).collect();
    let count = (1..=least.len()).rev().find(|&count| needed(&least[..count]) <= room).unwrap_or(least.len().min(1));
    let columns = &columns[..count];
    let room = room.saturating_sub(needed(&vec![0; count])).max(1);
    let mut widths: Vec<usize> = least[..count].iter().map(|&width| width.min(room)).collect();
    grow(&mut widths, columns.iter().map(|column| column.natural().min(NARROWEST)), room);
    grow(&mut widths, columns.iter().map(Column::natural), room);
    widths
}

/// Lets columns grow up to these widths as long as there is room, the narrowest ones first.
fn grow(widths: &mut [usize], wanted: impl Iterator<Item = usize>, room: usize) {
    let wanted: Vec<usize> = wanted.collect();
    let capped =
        |cap: usize| widths.iter().zip(&wanted).map(|(&width, &wanted)| wanted.min(cap).max(width)).collect::<Vec<_>>();
    let most = wanted.iter().copied().max().unwrap_or(0);
    let Some(cap) = (0..=room.min(most)).rev().find(|&cap| capped(cap).iter().sum::<usize>() <= room) else { return };
    let mut grown = capped(cap);
    let mut left = room - grown.iter().sum::<usize>();
    for (width, &wanted) in grown.iter_mut().zip(&wanted) {
        if *width < wanted && left > 0 {
            *width += 1;
            left -= 1;
        }
    }
    widths.copy_from_slice(&grown);
}

fn display_width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The text in so many columns of the terminal, shortened if it is longer.
fn padded_to(text: &str, width: usize, to_the_right: bool) -> String {
    let natural = display_width(text);
    let text = if natural > width { shortened(text, width) } else { text.to_owned() };
    let blanks = " ".repeat(width.saturating_sub(display_width(&text)));
    if to_the_right { blanks + &text } else { text + &blanks }
}

fn shortened(text: &str, width: usize) -> String {
    let mut taken = 0;
    let fits = |c: &char| {
        taken += c.width().unwrap_or(0);
        taken < width
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, content: usize) -> Column {
        Column { name: name.to_owned(), cells: Vec::new(), content, is_number: false }
    }

    #[test]
    fn the_widest_columns_give_way_first() {
        let widths = |columns: &[(&str, usize)], room: usize| {
            fitted(&columns.iter().map(|(name, content)| column(name, *content)).collect::<Vec<_>>(), room)
        };
        assert_eq!(widths(&[("id", 2), ("text", 30), ("status", 10)], 46), [2, 30, 10]);
        assert_eq!(widths(&[("id", 2), ("text", 30), ("status", 10)], 36), [2, 20, 10]);
        assert_eq!(widths(&[("id", 2), ("text", 30), ("file", 30)], 37), [2, 16, 15]);
        // Names of narrow columns have their room before wide cells.
        assert_eq!(widths(&[("priority", 2), ("text", 20)], 26), [8, 16]);
        assert_eq!(widths(&[("priority", 2), ("text", 20)], 20), [4, 14]);
        // Then the last columns are left out.
        assert_eq!(widths(&[("id", 2), ("text", 30), ("file", 30)], 30), [2, 26]);
        assert_eq!(widths(&[("id", 50)], 1), [1]);
        assert_eq!(widths(&[], 10), [0; 0]);
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(padded_to("漢字", 5, false), "漢字 ");
        assert_eq!(padded_to("漢字漢字", 6, false), "漢字… ");
        assert_eq!(padded_to("abcdef", 4, true), "abc…");
        assert_eq!(padded_to("7", 3, true), "  7");
    }
}
