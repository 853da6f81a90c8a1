//! Tables, rows and cells as one reads them (layer 2), made on demand from the pieces.

use std::borrow::Cow;
use std::collections::HashMap;

use super::document::{Document, PieceKind};
use super::row::{self, CellCut, Reading};
use super::value::Value;
use crate::text::Span;

impl Document {
    /// All tables, in order, nested ones included.
    #[must_use]
    pub fn tables(&self) -> impl ExactSizeIterator<Item = Table<'_>> {
        (0..self.tables.len()).map(|index| Table::new(self, index))
    }

    /// The rows below a piece, as those of a table of so many columns.
    pub(crate) fn rows_below(&self, piece: usize, columns: usize) -> impl Iterator<Item = Row<'_>> {
        let first = piece + 1;
        let below = self.pieces()[first..self.pieces()[piece].end].iter().enumerate();
        let rows = below.filter(|(_, piece)| piece.kind == PieceKind::Row);
        rows.map(move |(offset, piece)| Row::new(self, first + offset, self.body(piece), columns))
    }

    /// The table whose first line is this piece.
    pub(crate) fn table_at(&self, piece: usize) -> Option<Table<'_>> {
        let index = self.tables.binary_search_by_key(&piece, |table| table.piece).ok()?;
        Some(Table::new(self, index))
    }
}

/// So many columns are searched for a name one by one.
const FEW_COLUMNS: usize = 16;

/// A table of a document.
#[derive(Clone, Copy, Debug)]
pub struct Table<'d> {
    document: &'d Document,
    index: usize,
}

impl<'d> Table<'d> {
    fn new(document: &'d Document, index: usize) -> Self {
        Self { document, index }
    }

    /// The document that holds the table.
    #[must_use]
    pub fn document(&self) -> &'d Document {
        self.document
    }

    /// Index of the table's first line among the pieces.
    #[must_use]
    pub fn piece(&self) -> usize {
        self.document.tables[self.index].piece
    }

    /// The table's name.
    #[must_use]
    pub fn name(&self) -> Cow<'d, str> {
        text(self.document, self.name_span())
    }

    /// Where the name stands.
    #[must_use]
    pub fn name_span(&self) -> Span {
        self.document.tables[self.index].header.name
    }

    /// The names of the columns, in order; of a typed table the names of their types.
    #[must_use]
    pub fn columns(&self) -> impl ExactSizeIterator<Item = Cow<'d, str>> + use<'d> {
        let document = self.document;
        self.column_spans().iter().map(move |&span| text(document, span))
    }

    /// Where the names of the columns stand.
    #[must_use]
    pub fn column_spans(&self) -> &'d [Span] {
        &self.document.tables[self.index].header.columns
    }

    /// Position of a column, counted from 0. The first one wins where a name stands twice.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        if self.column_spans().len() <= FEW_COLUMNS {
            if self.document.not_utf8().is_some() {
                return self.columns().position(|column| column == name);
            }
            // It is asked of every row, and a name may be long.
            let source = self.document.source();
            return self.column_spans().iter().position(|span| span.of(source) == name.as_bytes());
        }
        let places = self.document.tables[self.index].places.get_or_init(|| {
            let mut places = HashMap::with_capacity(self.column_spans().len());
            for (at, column) in self.columns().enumerate() {
                places.entry(column.into_owned()).or_insert(at);
            }
            places
        });
        places.get(name).copied()
    }

    /// The name of the column at this position.
    pub(crate) fn column_name(&self, position: usize) -> Option<Cow<'d, str>> {
        self.column_spans().get(position).map(|&span| text(self.document, span))
    }

    /// Whether the header is `name: table{…}`, whose columns have types but no names.
    #[must_use]
    pub fn is_typed(&self) -> bool {
        self.document.tables[self.index].header.typed
    }

    /// Whether a merge left a conflict in it.
    pub(crate) fn has_conflict(&self) -> bool {
        let pieces = self.document.pieces();
        let lines = &pieces[self.piece()..pieces[self.piece()].end];
        lines.iter().any(|piece| piece.kind == PieceKind::ConflictMarker)
    }

    /// All rows, in order, those of wrong width included.
    pub fn rows(&self) -> impl Iterator<Item = Row<'d>> + use<'d> {
        let document = self.document;
        let table = &document.tables[self.index];
        let columns = table.header.columns.len();
        let behind_header = table.header.row.map(|body| Row::new(document, table.piece, body, columns));
        behind_header.into_iter().chain(document.rows_below(table.piece, columns))
    }

    /// The row that is this piece, if it belongs to the table.
    #[must_use]
    pub fn row_at(&self, piece: usize) -> Option<Row<'d>> {
        let document = self.document;
        let table = &document.tables[self.index];
        let body = if piece == table.piece {
            table.header.row?
        } else {
            let row = document.pieces().get(piece)?;
            (row.kind == PieceKind::Row && row.parent == Some(table.piece)).then(|| document.body(row))?
        };
        Some(Row::new(document, piece, body, table.header.columns.len()))
    }
}

/// A row of a table, cut into cells.
#[derive(Clone, Debug)]
pub struct Row<'d> {
    document: &'d Document,
    piece: usize,
    body: Span,
    columns: usize,
    reading: Reading,
    cells: Vec<CellCut>,
}

impl<'d> Row<'d> {
    fn new(document: &'d Document, piece: usize, body: Span, columns: usize) -> Self {
        let mut cells = Vec::with_capacity(columns);
        let reading = row::cut(document.source(), body, columns, &mut cells);
        Self { document, piece, body, columns, reading, cells }
    }

    /// Index of the piece that holds the row.
    #[must_use]
    pub fn piece(&self) -> usize {
        self.piece
    }

    /// The row without indentation and line end.
    #[must_use]
    pub fn span(&self) -> Span {
        self.body
    }

    /// How the row was read; if it does not [fit](Reading::fits), its cells are not those of the columns.
    #[must_use]
    pub fn reading(&self) -> Reading {
        self.reading
    }

    /// Why the row cannot be cut into the cells of its table, in a few words; nothing if it can.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        match self.reading {
            Reading::Broken(problem) => Some(problem.explain().to_owned()),
            Reading::WrongWidth => {
                let cells = match self.cells.len() {
                    1 => "1 cell".to_owned(),
                    many => format!("{many} cells"),
                };
                Some(format!("the row has {cells}, the table {}", self.columns))
            }
            _ => None,
        }
    }

    /// The cells, in order.
    #[must_use]
    pub fn cells(&self) -> impl ExactSizeIterator<Item = Cell<'d>> {
        self.cells.iter().map(|&cut| Cell { document: self.document, cut })
    }

    /// The cell at this position, counted from 0.
    #[must_use]
    pub fn cell(&self, position: usize) -> Option<Cell<'d>> {
        self.cells.get(position).map(|&cut| Cell { document: self.document, cut })
    }
}

/// A cell of a row.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'d> {
    document: &'d Document,
    cut: CellCut,
}

impl<'d> Cell<'d> {
    /// The document that holds the cell.
    #[must_use]
    pub fn document(&self) -> &'d Document {
        self.document
    }

    /// Where the value stands, without the blanks around it.
    #[must_use]
    pub fn span(&self) -> Span {
        self.cut.span
    }

    /// Whether a backslash stands before the quote that closes the cell.
    pub(crate) fn ends_with_backslash(&self) -> bool {
        row::ends_with_backslash(self.document.source(), self.cut)
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> Value<'d> {
        Value::new(self.cut.span.of(self.document.source()), self.cut.spelling)
    }
}

/// The text of a span; bytes that are not UTF-8 become replacement characters.
pub(super) fn text(document: &Document, span: Span) -> Cow<'_, str> {
    String::from_utf8_lossy(span.of(document.source()))
}
