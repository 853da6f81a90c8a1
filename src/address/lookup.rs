//! Finding what an address names in a document.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use super::columns::Columns;
use super::last::Last;
use super::names::{Names, name_of};
use super::{Address, Step};
use crate::record::{self, FindError, Index, Keys, NoKey};
use crate::sdn::header::SettingLine;
use crate::sdn::{Document, Place, Row, Spelling, Table, conflict};
use crate::text::Lines;

/// What an address names.
#[derive(Clone, Debug)]
pub enum Target<'d> {
    /// A table with its rows.
    Table(Table<'d>),
    /// A record of a table.
    Record(Table<'d>, Row<'d>),
    /// A cell or the value of a setting, or a value within one.
    Value(Place<'d>),
    /// A setting with a block of further settings or elements below it; the index is its piece.
    Block(usize),
}

/// Why an address names nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LookupError {
    /// There is nothing of this name.
    #[error("no {what} `{name}`{}", in_address(.within.as_ref()))]
    NotFound {
        /// What was looked for, as `table or setting`, `record`, `column`.
        what: &'static str,
        /// Its name.
        name: String,
        /// The address of what was looked into; nothing at the top of the file.
        within: Option<Address>,
        /// The names that exist there.
        instead: Vec<String>,
        /// Where something of this name, or of this and the next ones together, stands.
        elsewhere: Vec<Address>,
    },
    /// There are several of this name.
    #[error("{what} `{name}` stands {} times, {}", .lines.len(), on_lines(.lines))]
    Several {
        /// What was looked for.
        what: &'static str,
        /// Its name.
        name: String,
        /// The lines, from 1.
        lines: Vec<usize>,
    },
    /// It may be one of several.
    #[error("{what} `{name}` may be {}", quoted(.instead))]
    Ambiguous {
        /// What was looked for.
        what: &'static str,
        /// What was written.
        name: String,
        /// What may be meant.
        instead: Vec<String>,
    },
    /// A table has no key by which its records could be named.
    #[error("`{table}` has no key: {why}")]
    NoKey {
        /// The address of the table.
        table: Address,
        /// Why that is so.
        why: String,
        /// Columns that would tell its live records apart, if that was looked for.
        distinct: Option<Vec<String>>,
    },
    /// The address goes on below a value that has nothing in it.
    #[error("`{within}` is {is}, and has no `{name}`")]
    NothingWithin {
        /// The address so far.
        within: Address,
        /// What it names.
        is: &'static str,
        /// The next step.
        name: String,
    },
    /// A table was meant.
    #[error("`{address}` is {is}, not a table")]
    NotATable {
        /// The address.
        address: Address,
        /// What it names.
        is: &'static str,
    },
    /// The place is there, but what it says is in doubt.
    #[error("line {line} cannot be read for certain: {why}")]
    Unreadable {
        /// Line number, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}

fn in_address(address: Option<&Address>) -> String {
    address.map(|address| format!(" in `{address}`")).unwrap_or_default()
}

/// How many lines an error lists at most.
const MOST_LINES: usize = 10;

fn on_lines(lines: &[usize]) -> String {
    let mut distinct = lines.to_vec();
    distinct.dedup();
    let shown: Vec<String> = distinct.iter().take(MOST_LINES).map(ToString::to_string).collect();
    let more = if distinct.len() > MOST_LINES { ", …" } else { "" };
    format!("on {} {}{more}", if distinct.len() == 1 { "line" } else { "lines" }, shown.join(", "))
}

impl LookupError {
    /// Says that a table has no key, with what would be one.
    pub(crate) fn no_key(table: &Table<'_>, why: &NoKey) -> Self {
        let (why, distinct) = match why {
            NoKey::Repeated { column, key, at } => {
                let lines = Lines::new(table.document().source());
                let [one, other] = at.map(|at| lines.position(at).line);
                let why = format!("`{key}` stands in its first column `{column}` on lines {one} and {other}");
                (why, record::distinct(table))
            }
            other => (other.to_string(), None),
        };
        Self::NoKey { table: Address::of_table(table), why, distinct }
    }
}

impl Address {
    /// The address of a table.
    #[must_use]
    pub fn of_table(table: &Table<'_>) -> Self {
        Self::of_piece(table.document(), table.piece())
    }

    /// The address of a table or setting.
    pub(super) fn of_piece(document: &Document, piece: usize) -> Self {
        let mut names = Vec::new();
        let mut inside = Some(piece);
        while let Some(piece) = inside {
            names.extend(name_of(document, piece).map(Cow::into_owned));
            inside = document.pieces()[piece].parent;
        }
        let outermost = names.pop().unwrap_or_default();
        names.into_iter().rev().fold(Self::of(outermost), Self::with)
    }

    /// Finds what this address names.
    ///
    /// # Errors
    /// If there is no such thing, or several of the same name, or if its line cannot be read for
    /// certain.
    pub fn find<'d>(&self, document: &'d Document) -> Result<Target<'d>, LookupError> {
        self.find_by(document, &Keys::new())
    }

    /// Finds the table that this address names.
    ///
    /// ```
    /// use sdnlock::address::Address;
    /// use sdnlock::sdn::Document;
    ///
    /// let document = Document::parse("server:\n    host: a\n    ports |name, port|\n        web, 80\n");
    /// let ports = "server.ports".parse::<Address>()?.find_table(&document)?;
    /// assert_eq!(ports.rows().count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`find`](Self::find), and if it names something else.
    pub fn find_table<'d>(&self, document: &'d Document) -> Result<Table<'d>, LookupError> {
        let is = match self.find(document) {
            Ok(Target::Table(table)) => return Ok(table),
            Ok(Target::Record(..)) => "a record",
            Ok(Target::Value(_)) => "a value",
            Ok(Target::Block(_)) => "a block of settings",
            Err(LookupError::NotFound { .. }) => {
                let mut all: Vec<Self> = document.tables().map(|table| Self::of_table(&table)).collect();
                all.dedup();
                let instead = all.iter().map(Self::to_string).collect();
                let elsewhere = all.into_iter().filter(|other| other.steps().last() == self.steps().last()).collect();
                let name = self.to_string();
                return Err(LookupError::NotFound { what: "table", name, within: None, instead, elsewhere });
            }
            Err(error) => return Err(error),
        };
        Err(LookupError::NotATable { address: self.clone(), is })
    }

    /// As [`find`](Self::find), where these are the keys of tables.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn find_by<'d>(&self, document: &'d Document, keys: &Keys) -> Result<Target<'d>, LookupError> {
        Finder::new(document, keys).find(self)
    }
}

/// Finds what addresses name in one document. For many addresses the records of a table are noted once.
///
/// ```
/// use sdnlock::address::{Finder, Target};
/// use sdnlock::record::Keys;
/// use sdnlock::sdn::Document;
///
/// let document = Document::parse("t |id, n|\n    1, a\n    2, b\n");
/// let keys = Keys::new();
/// let mut finder = Finder::new(&document, &keys);
/// for (address, text) in [("t.1.n", "a"), ("t.2.n", "b")] {
///     let Target::Value(place) = finder.find(&address.parse()?)? else { unreachable!() };
///     assert_eq!(place.value().text(), text);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Finder<'d, 'k> {
    document: &'d Document,
    index: Index<'d, 'k>,
    names: Names,
    /// The pieces that are the rows of a table, by its own piece.
    rows: HashMap<usize, Vec<usize>>,
    columns: Columns,
    last: Last<'d>,
    /// The pieces of conflicts that a merge left.
    unresolved: Vec<Range<usize>>,
}

impl<'d, 'k> Finder<'d, 'k> {
    /// A finder in this document, where these are the keys of tables.
    #[must_use]
    pub fn new(document: &'d Document, keys: &'k Keys) -> Self {
        let unresolved = conflict::unresolved(document);
        Self {
            document,
            index: Index::new(keys),
            names: Names::default(),
            rows: HashMap::new(),
            columns: Columns::default(),
            last: Last::default(),
            unresolved,
        }
    }

    /// Finds what an address names.
    ///
    /// # Errors
    /// As [`Address::find`].
    pub fn find(&mut self, address: &Address) -> Result<Target<'d>, LookupError> {
        let Self { document, index, names, rows, columns, last, unresolved } = self;
        let mut search = Search { document, address, index, names, rows, columns, last, wants_hints: true };
        let found = search.entry(None, 0)?;
        let piece = match &found {
            Target::Table(table) => table.piece(),
            Target::Record(_, row) => row.piece(),
            Target::Value(place) => place.piece(),
            Target::Block(piece) => *piece,
        };
        // Nobody knows which of several versions will stay.
        let at = unresolved.partition_point(|conflict| conflict.end <= piece);
        if unresolved.get(at).is_some_and(|conflict| conflict.start < piece) {
            let why = "it is one side of a conflict that a merge left".to_owned();
            return Err(LookupError::Unreadable { line: search.line(piece), why });
        }
        Ok(found)
    }

    pub(crate) fn document(&self) -> &'d Document {
        self.document
    }

    /// Key and value of a piece that is a setting.
    pub(crate) fn setting_line(&mut self, piece: usize) -> Option<SettingLine> {
        self.last.setting(self.document, piece)
    }

    /// Where a column of a table stands, the first one of its name.
    pub(crate) fn column(&mut self, table: &Table<'d>, name: &str) -> Option<usize> {
        self.columns.find(table, name).first().copied()
    }

    /// Where the key columns of a table stand; none if it has no key.
    pub(crate) fn key_columns(&mut self, table: &Table<'d>) -> Vec<usize> {
        self.index.key_columns(table).map(<[usize]>::to_vec).unwrap_or_default()
    }

    /// All rows of a record, hidden ones included.
    pub(crate) fn all_of(&mut self, table: &Table<'d>, row: &Row<'d>) -> Vec<Row<'d>> {
        self.index.all_of(table, row)
    }
}

pub(super) struct Search<'d, 'a, 'k> {
    pub document: &'d Document,
    pub address: &'a Address,
    pub index: &'a mut Index<'d, 'k>,
    pub names: &'a mut Names,
    rows: &'a mut HashMap<usize, Vec<usize>>,
    columns: &'a mut Columns,
    pub last: &'a mut Last<'d>,
    /// Whether something like what is not there is looked for.
    pub wants_hints: bool,
}

impl<'d> Search<'d, '_, '_> {
    /// Step number `depth` names a table or setting among the children of `parent`.
    fn entry(&mut self, parent: Option<usize>, depth: usize) -> Result<Target<'d>, LookupError> {
        let name = match &self.address.steps()[depth] {
            Step::Name(name) => name,
            Step::Index(index) => return self.element_of_block(parent, *index, depth),
        };
        let named = self.names.find(self.document, parent, name);
        let piece = match named[..] {
            [piece] => piece,
            [] => return Err(self.no_entry(parent, name, depth)),
            _ => {
                let lines = self.lines(named.iter().map(|&piece| self.document.pieces()[piece].span.start));
                return Err(LookupError::Several { what: "table or setting", name: name.clone(), lines });
            }
        };
        match self.document.table_at(piece) {
            Some(table) => self.in_table(table, depth + 1),
            None => self.in_setting(piece, depth + 1),
        }
    }

    fn in_table(&mut self, table: Table<'d>, depth: usize) -> Result<Target<'d>, LookupError> {
        let Some(step) = self.address.steps().get(depth) else { return Ok(Target::Table(table)) };
        let row = self.record(&table, step, depth)?;
        let column = match self.address.steps().get(depth + 1) {
            None => return Ok(Target::Record(table, Row::clone(&row))),
            Some(Step::Name(column)) => column,
            Some(Step::Index(index)) => {
                return Err(self.nothing_within(
                    "a record, whose cells are named by their column",
                    &format!("[{index}]"),
                    depth + 1,
                ));
            }
        };
        if table.is_typed() {
            return Err(self.nothing_within(
                "a record of a typed table, whose columns have no names",
                column,
                depth + 1,
            ));
        }
        let positions = self.columns.find(&table, column);
        if let times @ 2.. = positions.len() {
            let lines = vec![self.line_at(table.name_span().start); times];
            return Err(LookupError::Several { what: "column", name: column.clone(), lines });
        }
        let Some(cell) = positions.first().and_then(|&position| row.cell(position)) else {
            return Err(self.not_found("column", column, depth + 1, table.columns()));
        };
        let place = Place::of_cell(self.document, row.piece(), cell);
        self.in_value(place, depth + 2).map(Target::Value)
    }

    /// The record that a step below a table names. Of one record often many cells are asked for.
    fn record(&mut self, table: &Table<'d>, step: &Step, depth: usize) -> Result<Arc<Row<'d>>, LookupError> {
        if let Some(row) = self.last.record(table, step) {
            return Ok(row);
        }
        let found = match step {
            Step::Name(key) => self.index.find(table, key).map_err(|error| (key, error)),
            Step::Index(index) => {
                let rows =
                    self.rows.entry(table.piece()).or_insert_with(|| table.rows().map(|row| row.piece()).collect());
                let Some(row) = rows.get(*index).and_then(|&piece| table.row_at(piece)) else {
                    let count = rows.len();
                    return Err(self.no_element("row", *index, count, depth));
                };
                if row.reading().fits() { Ok(row) } else { Err((&String::new(), FindError::Unreadable(row))) }
            }
        };
        let row = Arc::new(found.map_err(|(key, error)| self.not_a_record(table, key, error, depth))?);
        self.last.note_record(table, step, &row);
        Ok(row)
    }

    fn in_setting(&mut self, piece: usize, depth: usize) -> Result<Target<'d>, LookupError> {
        let more = depth < self.address.steps().len();
        let line = self.last.setting(self.document, piece).expect("the piece is a setting");
        if line.value.spelling == Spelling::Empty && self.document.children(Some(piece)).next().is_some() {
            return if more { self.entry(Some(piece), depth) } else { Ok(Target::Block(piece)) };
        }
        if let Some(problem) = line.value.problem {
            let why = problem.explain().to_owned();
            return Err(LookupError::Unreadable { line: self.line(piece), why });
        }
        let place = Place::new(self.document, piece, line.value.span, line.value.spelling);
        self.in_value(place, depth).map(Target::Value)
    }

    /// Element `index` of a block whose lines are all elements.
    fn element_of_block(
        &mut self,
        parent: Option<usize>,
        index: usize,
        depth: usize,
    ) -> Result<Target<'d>, LookupError> {
        let Some(elements) = self.last.elements(self.document, parent) else {
            return Err(self.nothing_within("a block of settings", &format!("[{index}]"), depth));
        };
        let (number, element) = (elements.len(), elements.get(index).copied());
        let piece = element.ok_or_else(|| self.no_element("element", index, number, depth))?;
        let place = Place::of_element(self.document, piece)
            .map_err(|why| LookupError::Unreadable { line: self.line(piece), why: why.to_owned() })?;
        self.in_value(place, depth + 1).map(Target::Value)
    }

    pub fn not_found<'n>(
        &self,
        what: &'static str,
        name: &str,
        depth: usize,
        names: impl Iterator<Item = Cow<'n, str>>,
    ) -> LookupError {
        let within = (depth > 0).then(|| self.address.first(depth));
        let mut known = HashSet::new();
        let instead = names.map(Cow::into_owned).filter(|name| known.insert(name.clone())).collect();
        LookupError::NotFound { what, name: name.to_owned(), within, instead, elsewhere: Vec::new() }
    }

    /// Whether another address names anything.
    pub fn leads_somewhere(&mut self, address: &Address) -> bool {
        let Self { document, index, names, rows, columns, last, .. } = self;
        Search { document, address, index, names, rows, columns, last, wants_hints: false }.entry(None, 0).is_ok()
    }

    pub fn no_element(&self, what: &'static str, index: usize, count: usize, depth: usize) -> LookupError {
        let within = Some(self.address.first(depth));
        let instead = if count == 0 { vec![] } else { vec![format!("[0] to [{}]", count - 1)] };
        LookupError::NotFound { what, name: format!("[{index}]"), within, instead, elsewhere: Vec::new() }
    }

    /// Why a key names no record of a table.
    fn not_a_record(&mut self, table: &Table<'d>, key: &str, error: FindError<'d>, depth: usize) -> LookupError {
        match error {
            FindError::NoKey(NoKey::NoColumns) => self.nothing_within("a table without columns", key, depth),
            FindError::NoKey(why) => LookupError::no_key(table, &why),
            FindError::NotFound => self.no_record(table, key, depth),
            FindError::Several(rows) => {
                let lines = self.lines(rows.iter().map(|row| row.span().start));
                LookupError::Several { what: "record", name: key.to_owned(), lines }
            }
            FindError::Ambiguous(keys) => {
                let table = self.address.first(depth);
                let instead = keys.iter().map(|key| table.clone().with(key.to_string()).to_string()).collect();
                LookupError::Ambiguous { what: "record", name: key.to_owned(), instead }
            }
            FindError::Unreadable(row) => {
                let why = row.trouble().unwrap_or_default();
                LookupError::Unreadable { line: self.line_at(row.span().start), why }
            }
        }
    }

    pub fn nothing_within(&self, is: &'static str, name: &str, depth: usize) -> LookupError {
        LookupError::NothingWithin { within: self.address.first(depth), is, name: name.to_owned() }
    }

    fn lines(&self, offsets: impl Iterator<Item = usize>) -> Vec<usize> {
        let lines = Lines::new(self.document.source());
        offsets.map(|offset| lines.position(offset).line).collect()
    }

    pub fn line(&self, piece: usize) -> usize {
        self.line_at(self.document.pieces()[piece].span.start)
    }

    pub fn line_at(&self, offset: usize) -> usize {
        Lines::new(self.document.source()).position(offset).line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r#"port: 8080  # web
limits = {cpu: 4, opts: {a: [1, "two"]}}
server:
    host: localhost
    log:
        level: info
stages:
    build
    "test all"
empty:
todos |id, status, valid|
    1, open, true
    2, old, false
    2, new, true
    3, dead, false
    3, deader, false
    4, a, true
    4, b, true
    5, "x
twice: 1
twice: 2
pairs |a, b|
    k, [p, q]
"#;

    fn value(address: &str) -> Result<String, LookupError> {
        let document = Document::parse(SOURCE);
        match address.parse::<Address>().unwrap().find(&document)? {
            Target::Value(place) => Ok(place.value().text().into_owned()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn settings_and_what_is_in_them_are_found() {
        assert_eq!(value("port").unwrap(), "8080");
        assert_eq!(value("limits.opts.a[1]").unwrap(), "two");
        assert_eq!(value("server.log.level").unwrap(), "info");
        assert_eq!(value("stages[1]").unwrap(), "test all");
        assert_eq!(value("empty").unwrap(), "");
        assert_eq!(value("pairs.k.b[0]").unwrap(), "p");
    }

    #[test]
    fn the_live_row_is_meant_else_the_last_one() {
        assert_eq!(value("todos.1.status").unwrap(), "open");
        assert_eq!(value("todos.2.status").unwrap(), "new");
        assert_eq!(value("todos.3.status").unwrap(), "deader");
        assert_eq!(value("todos.4.status").unwrap_err().to_string(), "record `4` stands 2 times, on lines 17, 18");
    }

    #[test]
    fn what_is_not_there_is_named_with_what_is() {
        let error = value("todo.1").unwrap_err();
        assert_eq!(error.to_string(), "no table or setting `todo`");
        let LookupError::NotFound { instead, .. } = error else { panic!() };
        assert_eq!(instead[..3], ["port", "limits", "server"]);
        assert_eq!(value("todos.1.state").unwrap_err().to_string(), "no column `state` in `todos.1`");
        assert_eq!(value("todos.9.status").unwrap_err().to_string(), "no record `9` in `todos`");
        assert_eq!(value("stages[2]").unwrap_err().to_string(), "no element `[2]` in `stages`");
        assert_eq!(value("port.x").unwrap_err().to_string(), "`port` is a single value, and has no `x`");
        assert_eq!(value("twice").unwrap_err().to_string(), "table or setting `twice` stands 2 times, on lines 20, 21");
        assert!(value("todos.5.status").unwrap_err().to_string().starts_with("line 19 cannot be read for certain"));
    }
}
