//! What stands in a column of a document, wherever its table is: what references name.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use super::content;
use crate::sdn::{Document, PieceKind, Row, Table};

/// What stands in a column of some documents, and not in that of the result. Rows that stand there word for word are
/// not looked into.
pub(crate) fn gone<'d>(there: &[&'d Document], result: &Document, to: &(String, String)) -> BTreeSet<Cow<'d, str>> {
    let mut headers: Vec<Vec<Cow<'_, str>>> = Vec::new();
    let mut rows: HashSet<&[u8]> = HashSet::new();
    for table in named(result, &to.0) {
        headers.push(table.columns().collect());
        rows.extend(row_texts(&table).map(|(_, text)| text));
    }
    let mut gone = BTreeSet::new();
    for document in there {
        for table in named(document, &to.0) {
            let is_alike = headers.iter().all(|header| table.columns().eq(header.iter().map(Cow::as_ref)));
            let Some(column) = table.column(&to.1) else { continue };
            let others = row_texts(&table).filter(|(_, text)| !is_alike || !rows.contains(text));
            let others = others.filter_map(|(piece, _)| table.row_at(piece)).filter(|row| row.reading().fits());
            gone.extend(others.filter_map(|row| content(row.cell(column)?)));
        }
    }
    if !gone.is_empty() {
        let left = texts(result, to, |_, _| true);
        gone.retain(|text| !left.contains(text));
    }
    gone
}

/// The pieces of a table that are rows, and what stands there.
fn row_texts<'d>(table: &Table<'d>) -> impl Iterator<Item = (usize, &'d [u8])> {
    let (document, first) = (table.document(), table.piece());
    let pieces = (first..document.pieces()[first].end).map(|piece| (piece, &document.pieces()[piece]));
    let rows = pieces.filter(move |(piece, row)| *piece == first || row.kind == PieceKind::Row);
    rows.map(|(piece, row)| (piece, document.body(row).of(document.source())))
}

/// The tables of this name whose columns have names.
pub(crate) fn named<'d>(document: &'d Document, name: &str) -> impl Iterator<Item = Table<'d>> {
    document.tables().filter(move |table| !table.is_typed() && table.name() == name)
}

/// What stands in a column of a table, in the rows that are meant.
pub(crate) fn texts<'d>(
    document: &'d Document,
    (name, column): &(String, String),
    is_meant: impl Fn(&Table<'d>, &Row<'d>) -> bool,
) -> BTreeSet<Cow<'d, str>> {
    let mut texts = BTreeSet::new();
    for table in named(document, name) {
        let Some(column) = table.column(column) else { continue };
        let rows = table.rows().filter(|row| row.reading().fits() && is_meant(&table, row));
        texts.extend(rows.filter_map(|row| content(row.cell(column)?)));
    }
    texts
}
