//! What stands in a column of a document, wherever its table is: what references name.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use super::{content, hiding_column, is_hidden};
use crate::sdn::{Document, PieceKind, Row, Table};

/// The tables of a document whose columns have names, by their names and those of their columns. Each row is cut once,
/// however many columns are asked for.
pub(crate) struct Named<'d>(HashMap<Cow<'d, str>, OfName<'d>>);

/// The tables of one name.
#[derive(Default)]
struct OfName<'d> {
    tables: Vec<Cut<'d>>,
    /// For each column the tables that have it, and where it stands there.
    columns: HashMap<Cow<'d, str>, Vec<(usize, usize)>>,
    /// The rows of all these tables, as they stand there.
    texts: OnceCell<HashSet<&'d [u8]>>,
    /// Whether the columns of all these tables are the same.
    is_one: bool,
}

/// A table, and its rows once they have been cut: those that fit, and whether they are live.
struct Cut<'d> {
    table: Table<'d>,
    rows: OnceCell<Vec<(Row<'d>, bool)>>,
}

impl<'d> Cut<'d> {
    fn rows(&self) -> &[(Row<'d>, bool)] {
        self.rows.get_or_init(|| {
            let hiding = hiding_column(&self.table);
            let rows = self.table.rows().filter(|row| row.reading().fits());
            rows.map(|row| (!is_hidden(&row, hiding), row)).map(|(is_live, row)| (row, is_live)).collect()
        })
    }
}

impl<'d> Named<'d> {
    pub fn of(document: &'d Document) -> Self {
        let mut named: HashMap<Cow<'d, str>, OfName<'d>> = HashMap::new();
        for table in document.tables().filter(|table| !table.is_typed()) {
            let OfName { tables, columns, is_one, .. } = named.entry(table.name()).or_default();
            for (at, column) in table.columns().enumerate() {
                let having = columns.entry(column).or_default();
                // Of several columns of one name the first one is meant.
                if having.last().is_none_or(|(last, _)| *last != tables.len()) {
                    having.push((tables.len(), at));
                }
            }
            *is_one = tables.first().is_none_or(|first| *is_one && first.table.columns().eq(table.columns()));
            tables.push(Cut { table, rows: OnceCell::new() });
        }
        Self(named)
    }

    /// The tables of a name that have a column, and where it stands.
    fn having(&self, (name, column): &(String, String)) -> impl Iterator<Item = (&Cut<'d>, usize)> {
        let of_name = self.0.get(name.as_str());
        let places = of_name.and_then(|of_name| Some((of_name, of_name.columns.get(column.as_str())?)));
        places.into_iter().flat_map(|(of_name, places)| places.iter().map(|&(table, at)| (&of_name.tables[table], at)))
    }

    /// The live rows of the tables that have a column, and where it stands.
    pub fn live_rows(&self, from: &(String, String)) -> impl Iterator<Item = (&Row<'d>, usize)> {
        let rows = self.having(from).flat_map(|(table, at)| table.rows().iter().map(move |row| (row, at)));
        rows.filter(|((_, is_live), _)| *is_live).map(|((row, _), at)| (row, at))
    }

    /// What stands in a column.
    pub fn texts(&self, to: &(String, String)) -> BTreeSet<Cow<'d, str>> {
        let rows = self.having(to).flat_map(|(table, at)| table.rows().iter().map(move |(row, _)| (row, at)));
        rows.filter_map(|(row, at)| content(row.cell(at)?)).collect()
    }

    /// What stands in a column, in live rows.
    pub fn live_texts(&self, from: &(String, String)) -> BTreeSet<Cow<'d, str>> {
        self.live_rows(from).filter_map(|(row, at)| content(row.cell(at)?)).collect()
    }
}

/// What stands in a column of some documents, and not in that of the result. Rows that stand there word for word are
/// not looked into.
pub(crate) fn gone<'d>(there: &[&Named<'d>], result: &Named<'_>, to: &(String, String)) -> BTreeSet<Cow<'d, str>> {
    let of_name = result.0.get(to.0.as_str());
    let texts = of_name.map(|of_name| {
        of_name
            .texts
            .get_or_init(|| of_name.tables.iter().flat_map(|cut| row_texts(&cut.table)).map(|(_, text)| text).collect())
    });
    let mut gone = BTreeSet::new();
    for (Cut { table, .. }, column) in there.iter().flat_map(|document| document.having(to)) {
        let is_alike =
            of_name.is_some_and(|of_name| of_name.is_one && of_name.tables[0].table.columns().eq(table.columns()));
        let others = row_texts(table)
            .filter(|(_, text)| !is_alike || !texts.is_some_and(|texts| texts.contains(text)))
            .filter_map(|(piece, _)| table.row_at(piece))
            .filter(|row| row.reading().fits());
        gone.extend(others.filter_map(|row| content(row.cell(column)?)));
    }
    if !gone.is_empty() {
        let left = result.texts(to);
        gone.retain(|text| !left.contains(text));
    }
    gone
}

/// The pieces of a table that are rows, and what stands there.
fn row_texts<'d>(table: &Table<'d>) -> impl Iterator<Item = (usize, &'d [u8])> + use<'d> {
    let (document, first) = (table.document(), table.piece());
    let pieces = (first..document.pieces()[first].end).map(|piece| (piece, &document.pieces()[piece]));
    let rows = pieces.filter(move |(piece, row)| *piece == first || row.kind == PieceKind::Row);
    rows.map(|(piece, row)| (piece, document.body(row).of(document.source())))
}
