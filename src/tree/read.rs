//! Reading a document as a tree.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{DEEPEST, Node};
use crate::address::Target;
use crate::sdn::token::{TokenKind, tokens};
use crate::sdn::{self, Cell, Document, PieceKind, Place, Row, Spelling, Table, Value, reader};
use crate::text::{Lines, Span};

/// Which types values have.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Types {
    /// Those that the newest Rust reader gives them, where that changes no spelling.
    Typed,
    /// Every single value is a text, but for a setting that has none.
    Text,
}

/// Why a document is no tree.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not UTF-8 throughout.
    #[error("line {line} is not UTF-8")]
    NotUtf8 {
        /// Line number, from 1.
        line: usize,
    },
    /// A line is neither a setting nor a table, and no element of a block.
    #[error("line {line} is no SDN")]
    NoSdn {
        /// Line number, from 1.
        line: usize,
    },
    /// What a line says is in doubt.
    #[error("line {line} cannot be read for certain: {why}")]
    InDoubt {
        /// Line number, from 1.
        line: usize,
        /// What is in doubt.
        why: String,
    },
    /// Only one of several would be seen.
    #[error("`{name}` stands {} times, {}", .lines.len(), on_lines(.lines))]
    Twice {
        /// The name.
        name: String,
        /// Line numbers, from 1.
        lines: Vec<usize>,
    },
    /// Values stand too deep within each other.
    #[error("line {line} holds more than {DEEPEST} values within each other")]
    TooDeep {
        /// Line number, from 1.
        line: usize,
    },
}

fn on_lines(lines: &[usize]) -> String {
    let mut distinct = lines.to_vec();
    distinct.dedup();
    let shown: Vec<String> = distinct.iter().take(10).map(ToString::to_string).collect();
    let more = if distinct.len() > 10 { ", …" } else { "" };
    format!("on {} {}{more}", if distinct.len() == 1 { "line" } else { "lines" }, shown.join(", "))
}

/// What a document says.
///
/// ```
/// use sdnlock::sdn::Document;
/// use sdnlock::tree::{Node, Types, read};
///
/// let document = Document::parse("port: 8080\nbuild: 007\n");
/// let port = ("port".to_owned(), Node::Integer(8080));
/// let build = ("build".to_owned(), Node::Text("007".to_owned()));
/// assert_eq!(read(&document, Types::Typed)?, Node::Dict(vec![port, build]));
/// # Ok::<(), sdnlock::tree::ReadError>(())
/// ```
///
/// # Errors
/// See [`ReadError`].
pub fn read(document: &Document, types: Types) -> Result<Node, ReadError> {
    let reader = Reader { document, types };
    if let Some(offset) = document.not_utf8() {
        return Err(ReadError::NotUtf8 { line: reader.line_at(offset) });
    }
    if let Some(marker) = document.first_conflict_marker() {
        return Err(reader.in_doubt(marker.span.start, CONFLICT));
    }
    reader.entries(None, 0)
}

const CONFLICT: &str = "a merge left a conflict marker there";

/// What the part of a document says that an address names.
///
/// # Errors
/// See [`ReadError`].
pub fn read_target(document: &Document, target: &Target<'_>, types: Types) -> Result<Node, ReadError> {
    let reader = Reader { document, types };
    let whole = match target {
        Target::Table(table) => Some(table.piece()),
        Target::Block(piece) => Some(*piece),
        Target::Record(..) | Target::Value(_) => None,
    };
    if let Some(piece) = whole {
        let lines = &document.pieces()[piece..document.pieces()[piece].end];
        if let Some(marker) = lines.iter().find(|piece| piece.kind == PieceKind::ConflictMarker) {
            return Err(reader.in_doubt(marker.span.start, CONFLICT));
        }
    }
    match target {
        Target::Table(table) => reader.table(table, 0),
        Target::Record(table, row) => reader.row(&reader.columns(table)?, row, 0),
        Target::Value(place) if document.pieces()[place.piece()].kind == PieceKind::Row => {
            reader.value(place.span(), place.value().spelling(), Node::Text(String::new()), 0)
        }
        Target::Value(place) => reader.value(place.span(), place.value().spelling(), Node::Nothing, 0),
        Target::Block(piece) => reader.block(*piece, 0),
    }
}

/// What a cell says; nothing if its list or dict cannot be told for certain.
#[must_use]
pub fn of_cell(cell: &Cell<'_>, types: Types) -> Option<Node> {
    let empty = Node::Text(String::new());
    Reader { document: cell.document(), types }.value(cell.span(), cell.value().spelling(), empty, 0).ok()
}

struct Reader<'d> {
    document: &'d Document,
    types: Types,
}

impl<'d> Reader<'d> {
    /// The settings and tables directly below `parent`, or at the top.
    fn entries(&self, parent: Option<usize>, depth: usize) -> Result<Node, ReadError> {
        let mut entries: Vec<(String, Node)> = Vec::new();
        let mut places: Vec<usize> = Vec::new();
        for piece in self.document.children(parent) {
            places.push(piece);
            if let Some(table) = self.document.table_at(piece) {
                entries.push((table.name().into_owned(), self.table(&table, depth + 1)?));
                continue;
            }
            let start = self.document.pieces()[piece].span.start;
            let line = self.document.setting_line(&self.document.pieces()[piece]);
            let Some(line) = line else { return Err(ReadError::NoSdn { line: self.line_at(start) }) };
            let key = String::from_utf8_lossy(line.key.of(self.document.source())).into_owned();
            entries.push((key, self.setting(piece, depth + 1)?));
        }
        let names = entries.iter().map(|(name, _)| name.as_str());
        self.refuse_twice(names.zip(places.iter().map(|&piece| self.document.pieces()[piece].span.start)))?;
        Ok(Node::Dict(entries))
    }

    fn setting(&self, piece: usize, depth: usize) -> Result<Node, ReadError> {
        let whole = &self.document.pieces()[piece];
        let source = self.document.source();
        let value = self.document.setting_line(whole).expect("the piece is a setting").value;
        if self.document.children(Some(piece)).next().is_some() {
            if value.spelling == Spelling::Empty {
                return self.block(piece, depth);
            }
            return Err(self.in_doubt(whole.span.start, "lines are indented below its value"));
        }
        if let Some(problem) = value.problem {
            return Err(self.in_doubt(problem.offset(), problem.explain()));
        }
        if tokens(source, value.span).seen().next().is_some_and(|first| first.kind == TokenKind::Table) {
            return self.short_table(value.span, depth);
        }
        self.alone(value.span)?;
        self.value(value.span, value.spelling, Node::Nothing, depth)
    }

    /// What stands below a setting: settings and tables, or elements.
    fn block(&self, piece: usize, depth: usize) -> Result<Node, ReadError> {
        if depth > DEEPEST {
            return Err(ReadError::TooDeep { line: self.line_at(self.document.pieces()[piece].span.start) });
        }
        let is_element = |&piece: &usize| self.document.pieces()[piece].kind == PieceKind::Other;
        if !self.document.children(Some(piece)).all(|piece| is_element(&piece)) {
            return self.entries(Some(piece), depth);
        }
        let elements = self.document.children(Some(piece)).map(|piece| {
            let whole = &self.document.pieces()[piece];
            if self.document.children(Some(piece)).next().is_some() {
                return Err(self.in_doubt(whole.span.start, "lines are indented below it"));
            }
            let place = Place::of_element(self.document, piece).map_err(|why| self.in_doubt(whole.span.start, why))?;
            self.alone(place.span())?;
            self.value(place.span(), place.value().spelling(), Node::Nothing, depth + 1)
        });
        elements.collect::<Result<_, _>>().map(Node::List)
    }

    fn table(&self, table: &Table<'d>, depth: usize) -> Result<Node, ReadError> {
        let columns = self.columns(table)?;
        let rows = table.rows().map(|row| self.row(&columns, &row, depth + 1));
        rows.collect::<Result<_, _>>().map(Node::List)
    }

    /// The names of the columns, each once; none if they have none.
    fn columns(&self, table: &Table<'d>) -> Result<Vec<String>, ReadError> {
        if table.is_typed() {
            return Ok(Vec::new());
        }
        let columns: Vec<String> = table.columns().map(Cow::into_owned).collect();
        let start = table.name_span().start;
        self.refuse_twice(columns.iter().map(|name| (name.as_str(), start)))?;
        Ok(columns)
    }

    fn row(&self, columns: &[String], row: &Row<'d>, depth: usize) -> Result<Node, ReadError> {
        if let Some(trouble) = row.trouble() {
            return Err(self.in_doubt(row.span().start, &trouble));
        }
        let cell =
            |cell: Cell<'d>| self.value(cell.span(), cell.value().spelling(), Node::Text(String::new()), depth + 1);
        if columns.is_empty() {
            return row.cells().map(cell).collect::<Result<_, _>>().map(Node::List);
        }
        let cells = columns.iter().zip(row.cells()).map(|(name, value)| Ok((name.clone(), cell(value)?)));
        cells.collect::<Result<_, _>>().map(Node::Dict)
    }

    fn value(&self, span: Span, spelling: Spelling, empty: Node, depth: usize) -> Result<Node, ReadError> {
        let source = self.document.source();
        match spelling {
            Spelling::Empty => Ok(empty),
            Spelling::Bracketed => {
                if depth + brackets(source, span) > DEEPEST {
                    return Err(ReadError::TooDeep { line: self.line_at(span.start) });
                }
                if memchr::memchr(b'\n', span.of(source)).is_some() {
                    return Err(self.in_doubt(span.start, "its list or dict reaches over several lines"));
                }
                let read = reader::read(source, span);
                if read.fault.is_some() || read.end != span.end {
                    return Ok(Node::Text(String::from_utf8_lossy(span.of(source)).into_owned()));
                }
                self.bracketed(span)
            }
            Spelling::Quoted | Spelling::Bare => Ok(self.scalar(Value::new(span.of(source), spelling))),
        }
    }

    /// A value outside tables must be all that stands there.
    fn alone(&self, span: Span) -> Result<(), ReadError> {
        let source = self.document.source();
        match reader::read(source, span).next {
            Some(next) if reader::begins_statement(source, Span::new(next.span.start, span.end)) => {
                let why = "a reader takes what stands behind the value for a setting or table of its own";
                Err(self.in_doubt(span.start, why))
            }
            _ => Ok(()),
        }
    }

    fn scalar(&self, value: Value<'_>) -> Node {
        let text = value.text();
        if self.types == Types::Text {
            return Node::Text(text.into_owned());
        }
        if value.is_null() {
            return Node::Nothing;
        }
        let integer = value.integer().map(Node::Integer);
        let typed = integer.or_else(|| value.float().map(Node::Float)).or_else(|| value.boolean().map(Node::Boolean));
        typed.unwrap_or_else(|| Node::Text(text.into_owned()))
    }

    /// A list or dict on one line that a reader takes.
    fn bracketed(&self, span: Span) -> Result<Node, ReadError> {
        let source = self.document.source();
        let Some(entries) = sdn::entries(source, span) else {
            return Ok(Node::Text(String::from_utf8_lossy(span.of(source)).into_owned()));
        };
        let value = |entry: &sdn::Entry| match entry.value.spelling {
            Spelling::Bracketed => self.bracketed(entry.value.span),
            spelling => Ok(self.scalar(Value::new(entry.value.span.of(source), spelling))),
        };
        if source[span.start] == b'[' {
            return entries.iter().map(value).collect::<Result<_, _>>().map(Node::List);
        }
        let dict = entries.iter().map(|entry| {
            let key = entry.key.unwrap_or(Span::empty(entry.value.span.start));
            Ok((String::from_utf8_lossy(key.of(source)).into_owned(), value(entry)?))
        });
        let dict: Vec<(String, Node)> = dict.collect::<Result<_, _>>()?;
        self.refuse_twice(dict.iter().map(|(name, _)| (name.as_str(), span.start)))?;
        Ok(Node::Dict(dict))
    }

    /// `table{i32, i32} = [(1, 2), (3, 4)]`
    fn short_table(&self, span: Span, depth: usize) -> Result<Node, ReadError> {
        let source = self.document.source();
        let doubt = || self.in_doubt(span.start, "it is no typed table as readers know it");
        let is_equals = |token: &sdn::token::Token| token.kind == TokenKind::Sign(b'=');
        let equals = tokens(source, span).find(is_equals).ok_or_else(doubt)?;
        // Each row is read as the list of its cells.
        let mut rows = source[equals.span.end..span.end].to_vec();
        let all = Span::new(0, rows.len());
        for token in tokens(&source[equals.span.end..span.end], all) {
            match token.kind {
                TokenKind::Sign(b'(') => rows[token.span.start] = b'[',
                TokenKind::Sign(b')') => rows[token.span.start] = b']',
                _ => {}
            }
        }
        let rows = Document::parse([b"rows:", rows.as_slice()].concat());
        let rows = Reader { document: &rows, types: self.types }.setting(0, depth).map_err(|_| doubt())?;
        match rows {
            Node::List(rows) if rows.iter().all(|row| matches!(row, Node::List(_))) => Ok(Node::List(rows)),
            _ => Err(doubt()),
        }
    }

    fn refuse_twice<'n>(&self, names: impl Iterator<Item = (&'n str, usize)>) -> Result<(), ReadError> {
        let mut offsets: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut first: Option<&str> = None;
        for (name, offset) in names {
            let known = offsets.entry(name).or_default();
            known.push(offset);
            if known.len() > 1 {
                first.get_or_insert(name);
            }
        }
        match first {
            None => Ok(()),
            Some(name) => {
                let lines = offsets[name].iter().map(|&offset| self.line_at(offset)).collect();
                Err(ReadError::Twice { name: name.to_owned(), lines })
            }
        }
    }

    fn in_doubt(&self, offset: usize, why: &str) -> ReadError {
        ReadError::InDoubt { line: self.line_at(offset), why: why.to_owned() }
    }

    fn line_at(&self, offset: usize) -> usize {
        Lines::new(self.document.source()).position(offset).line
    }
}

/// How deep the brackets of a value stand within each other.
fn brackets(source: &[u8], span: Span) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for token in tokens(source, span) {
        match token.kind {
            TokenKind::Sign(b'[' | b'{') => depth += 1,
            TokenKind::Sign(b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}
