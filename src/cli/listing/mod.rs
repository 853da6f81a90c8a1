//! Listing the records of a table, or the tables of a database.

mod choice;
mod formats;
mod grid;
mod layout;
pub mod vertical;

use std::num::NonZeroUsize;
use std::path::Path;

use anyhow::Result;
use sdnlock::record::Keys;
use sdnlock::sdn::{Document, Piece, PieceKind, Table};
use sdnlock::text::Lines;

use super::args::{ChoiceOptions, ListFormat};
use super::failure::Failure;
use super::pager::{self, Paging};
use super::report::Report;
use super::status;
use super::streams;
use super::text;
use choice::Choice;
use grid::{Grid, Odd};

/// How many lines a note names at most.
const MOST_LINES: usize = 10;

/// How a list is made.
pub struct Listing {
    choice: Choice,
    format: ListFormat,
    paging: Paging,
    report: Report,
    /// How many records stand on one line, if not one for itself.
    chunks: Option<NonZeroUsize>,
}

impl Listing {
    /// # Errors
    /// If a condition cannot be read.
    pub fn new(choice: &ChoiceOptions, format: ListFormat, paging: Paging, report: Report) -> Result<Self, Failure> {
        Ok(Self { choice: Choice::new(choice)?, format, paging, report, chunks: None })
    }

    /// The same, but of JSON lines each is an array of so many records.
    pub fn in_chunks(self, chunks: Option<NonZeroUsize>) -> Self {
        Self { chunks, ..self }
    }

    /// Lists the records of a table. What is none of them is told.
    pub fn records(&self, path: &Path, table: &Table<'_>, keys: &Keys) -> Result<()> {
        let (grid, odd) = Grid::of_table(table, keys);
        self.tell(path, &odd);
        self.show(path, grid)
    }

    /// Lists the tables of a database.
    pub fn tables(&self, path: &Path, document: &Document) -> Result<()> {
        let grid = Grid::of_tables(document);
        self.note_broken_headers(path, document);
        if grid.rows.is_empty() && self.format == ListFormat::Table {
            self.report.note(format!("{} has no tables", text::path(path)));
            return Ok(());
        }
        self.show(path, grid)
    }

    fn show(&self, path: &Path, mut grid: Grid<'_>) -> Result<()> {
        let hidden = grid.rows.iter().filter(|row| !row.is_live).count();
        let columns = self.choice.apply(path, &mut grid)?;
        if grid.rows.is_empty() && hidden > 0 && self.choice.leaves_hidden_out() {
            let rows = text::count(hidden, "row");
            self.report.note(format!("{rows} left out, which `valid` hides; list hidden ones too with `--all`"));
        }
        let page = match self.format {
            ListFormat::Table => return self.aligned(&grid, &columns),
            ListFormat::Record if streams::stdout_is_terminal() => {
                return pager::show(&vertical::records(&grid, &columns), self.paging);
            }
            ListFormat::Record => vertical::records(&grid, &columns),
            ListFormat::Json => return streams::json(&formats::json(&grid, &columns)),
            ListFormat::Jsonl => return streams::json(&formats::jsonl(&grid, &columns, self.chunks)),
            ListFormat::Csv => formats::csv(&grid, &columns),
            ListFormat::Tsv => formats::tsv(&grid, &columns),
            ListFormat::Keys => {
                if let Err(why) = &grid.key {
                    let name = grid.name.as_ref().map(ToString::to_string).unwrap_or_default();
                    let note = format!("`{name}` has no key: {why}; its rows are named by `--format addresses`");
                    self.report.note(text::visible(&note));
                }
                formats::keys(&grid)
            }
            ListFormat::Addresses => formats::addresses(&grid),
            ListFormat::Sdn => formats::sdn(&grid, &columns).map_err(|error| {
                let title = format!("{}: a record cannot be written as SDN: {error}", text::path(path));
                Failure::new(status::INVALID, title).hint("leave its column out with `--columns`")
            })?,
        };
        streams::data(page.as_bytes())
    }

    fn aligned(&self, grid: &Grid<'_>, columns: &[usize]) -> Result<()> {
        let page = layout::aligned(grid, columns, streams::width_of_stdout());
        if !page.empty.is_empty() {
            self.report.note(format!("left out, since they are empty: {}", page.empty.join(", ")));
        }
        if !page.left_out.is_empty() {
            let names = page.left_out.join(", ");
            self.report
                .note(format!("no room for {names}; choose with `--columns`, or see all with `--format record`"));
        }
        pager::show(&page.text, self.paging)
    }

    /// Says which lines may be meant for the headers of tables.
    fn note_broken_headers(&self, path: &Path, document: &Document) {
        let is_meant = |piece: &&Piece| {
            piece.kind == PieceKind::Other && document.body(piece).of(document.source()).contains(&b'|')
        };
        let lines = Lines::new(document.source());
        let broken = document.pieces().iter().filter(is_meant).map(|piece| lines.position(piece.span.start).line);
        let broken: Vec<usize> = broken.collect();
        if !broken.is_empty() {
            let (what, lines) = (text::count(broken.len(), "line"), on_lines(&broken));
            let check = format!("sdnlock check {}", text::argument(path.as_ref()));
            self.report.note(format!("{what} may be meant for tables and cannot be read, {lines}; see `{check}`"));
        }
    }

    fn tell(&self, path: &Path, odd: &Odd) {
        let argument = text::argument(path.as_ref());
        if !odd.unreadable.is_empty() {
            let rows = text::count(odd.unreadable.len(), "row");
            let lines = on_lines(&odd.unreadable);
            self.report.note(format!("left out {rows} that cannot be read, {lines}; see `sdnlock check {argument}`"));
        }
        if !odd.markers.is_empty() {
            let lines = on_lines(&odd.markers);
            self.report.note(format!(
                "a conflict is not resolved, so that rows are listed in several versions; its markers are {lines}"
            ));
        }
    }
}

fn on_lines(lines: &[usize]) -> String {
    let shown: Vec<String> = lines.iter().take(MOST_LINES).map(ToString::to_string).collect();
    let more = if lines.len() > MOST_LINES { ", …" } else { "" };
    format!("on {} {}{more}", if lines.len() == 1 { "line" } else { "lines" }, shown.join(", "))
}
