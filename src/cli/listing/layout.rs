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

/// How narrow a column becomes before the last ones are left out.
const NARROWEST: usize = 3;

/// Lines to be shown.
pub struct Page {
    pub text: String,
    /// The columns for which there was no room.
    pub left_out: Vec<String>,
}

/// Lays out these columns; `width` is that of the terminal, if there is one.
pub fn aligned(grid: &Grid<'_>, columns: &[usize], width: Option<usize>) -> Page {
    let cells: Vec<Vec<String>> =
        grid.rows.iter().map(|row| columns.iter().map(|&column| shown(&row.text(column))).collect()).collect();
    let names: Vec<String> = columns.iter().map(|&column| shown(&grid.columns[column])).collect();
    let widest = |position: usize| {
        let cells = cells.iter().map(|row| display_width(&row[position]));
        cells.chain([display_width(&names[position])]).max().unwrap_or(0)
    };
    let natural: Vec<usize> = (0..columns.len()).map(widest).collect();
    let widths = width.map_or_else(|| natural.clone(), |width| fitted(&natural, width));
    let is_number = |position: usize| {
        let mut filled = cells.iter().map(|row| row[position].as_str()).filter(|cell| !cell.is_empty()).peekable();
        filled.peek().is_some() && filled.all(|cell| Number::of(cell).is_some())
    };
    let to_the_right: Vec<bool> = (0..widths.len()).map(is_number).collect();
    let line = |cells: &[String], style: Style| {
        let padded = cells.iter().zip(&widths).zip(&to_the_right);
        let padded = padded.map(|((cell, &width), &to_the_right)| padded_to(cell, width, to_the_right));
        let text = padded.collect::<Vec<_>>().join(&" ".repeat(GAP));
        format!("{style}{}{style:#}\n", text.trim_end())
    };
    let mut text = line(&names, HEAD);
    for (row, cells) in grid.rows.iter().zip(&cells) {
        text += &line(cells, if row.is_live { Style::new() } else { HIDDEN });
    }
    Page { text, left_out: names[widths.len()..].to_vec() }
}

/// The text of a cell on one line, with nothing in it that a terminal acts on.
fn shown(text: &str) -> String {
    text::visible(text).replace('\t', "\u{2409}")
}

/// The widths of as many columns as there is room for: the widest ones give way first.
fn fitted(natural: &[usize], room: usize) -> Vec<usize> {
    let gaps = |count: usize| GAP * count.saturating_sub(1);
    let least = |count: usize| natural[..count].iter().map(|&width| width.min(NARROWEST)).sum::<usize>() + gaps(count);
    let count = (1..=natural.len()).rev().find(|&count| least(count) <= room).unwrap_or(natural.len().min(1));
    let natural = &natural[..count];
    let room = room.saturating_sub(gaps(count)).max(1);
    let capped = |cap: usize| natural.iter().map(|&width| width.min(cap)).sum::<usize>();
    let most = natural.iter().copied().max().unwrap_or(0);
    let cap = (0..=room.min(most)).rev().find(|&cap| capped(cap) <= room).unwrap_or(1);
    let mut left = room.saturating_sub(capped(cap));
    let widths = natural.iter().map(|&width| {
        let more = usize::from(width > cap && left > 0);
        left -= more;
        width.min(cap) + more
    });
    widths.collect()
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

    #[test]
    fn the_widest_columns_give_way_first() {
        assert_eq!(fitted(&[2, 30, 10], 80), [2, 30, 10]);
        assert_eq!(fitted(&[2, 30, 10], 32), [2, 16, 10]);
        assert_eq!(fitted(&[2, 30, 30], 25), [2, 10, 9]);
        assert_eq!(fitted(&[5, 5, 5], 8), [3, 3]);
        assert_eq!(fitted(&[50], 1), [1]);
        assert_eq!(fitted(&[], 10), [0; 0]);
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(padded_to("漢字", 5, false), "漢字 ");
        assert_eq!(padded_to("漢字漢字", 6, false), "漢字… ");
        assert_eq!(padded_to("abcdef", 4, true), "abc…");
        assert_eq!(padded_to("7", 3, true), "  7");
    }
}
