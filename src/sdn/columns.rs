//! Changes to the columns of a table, in its header and in all of its rows.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use super::document::Document;
use super::edit::{Doubts, EditError, NOT_AS_INTENDED, TextEdit, permit};
use super::row::Reading;
use super::seal::{self, Reseal};
use super::value::{Spelling, is_name, spell};
use super::views::{Row, Table};
use crate::text::Span;

/// A change to the columns of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Alteration {
    /// A new last column.
    Add {
        /// Its name.
        name: String,
        /// What its cells say in the rows that are there.
        default: String,
    },
    /// Another name for a column.
    Rename {
        /// The old one.
        from: String,
        /// The new one.
        to: String,
    },
    /// A column is removed with its cells.
    Drop {
        /// Its name.
        name: String,
    },
}

/// Why a table was not altered.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AlterError {
    /// The columns of a typed table have no names.
    #[error("`{table}` is a typed table, whose columns have no names")]
    Typed {
        /// The table.
        table: String,
    },
    /// There is no such column.
    #[error("`{table}` has no column `{column}`")]
    NoColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Those that it has.
        instead: Vec<String>,
    },
    /// There is one already.
    #[error("`{table}` has a column `{column}` already")]
    Exists {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// It is the only one.
    #[error("`{column}` is the only column of `{table}`")]
    Only {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// No reader takes this for the name of a column.
    #[error("`{name}` is no name of a column: one word that begins with a letter, and no keyword")]
    BadName {
        /// What was given.
        name: String,
    },
    /// The rows cannot be changed safely.
    #[error(transparent)]
    Edit(#[from] EditError),
}

/// Makes changes to the columns of a table, one after the other. Everything else stays as it is, byte for byte.
///
/// ```
/// use sdnlock::address::Address;
/// use sdnlock::sdn::{Alteration, Document, Reseal, alter};
///
/// let document = Document::parse("todos |id, text|\n    1,  \"fix it\"  # soon\n");
/// let todos = Address::of("todos").find_table(&document)?;
/// let done = Alteration::Add { name: "done".into(), default: "false".into() };
/// let altered = alter(&todos, &[done], Reseal::default())?;
/// assert_eq!(altered, b"todos |id, text, done|\n    1,  \"fix it\", false  # soon\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// See [`AlterError`]; nothing is changed then.
pub fn alter(table: &Table<'_>, changes: &[Alteration], reseal: Reseal) -> Result<Vec<u8>, AlterError> {
    if table.is_typed() {
        return Err(AlterError::Typed { table: table.name().into_owned() });
    }
    let document = table.document();
    permit(document, reseal)?;
    Doubts::of(document).check_table(table)?;
    match all(table, changes)? {
        Some(altered) => Ok(seal::seal(altered.into_source())),
        None => Ok(document.source().to_vec()),
    }
}

/// One change after the other, those of one kind that follow each other in one step; nothing without changes.
fn all(table: &Table<'_>, changes: &[Alteration]) -> Result<Option<Document>, AlterError> {
    let Some(first) = changes.first() else { return Ok(None) };
    let is_alike = |change: &&Alteration| std::mem::discriminant(*change) == std::mem::discriminant(first);
    let (step, rest) = changes.split_at(changes.iter().take_while(is_alike).count());
    let altered = one(table, step)?;
    // It stays the same piece: no line comes or goes.
    let Some(table) = altered.table_at(table.piece()) else {
        return Err(unlike(table, table.name_span().start).into());
    };
    Ok(all(&table, rest)?.or(Some(altered)))
}

/// Changes of one kind.
fn one(table: &Table<'_>, step: &[Alteration]) -> Result<Document, AlterError> {
    let mut text = TextEdit::new(table.document());
    let mut names = Names::of(table);
    let mut new: Vec<(&str, &str)> = Vec::new();
    for change in step {
        match change {
            Alteration::Rename { from, to } => names.rename(from, to)?,
            Alteration::Drop { name } => names.remove(name)?,
            Alteration::Add { name, default } => new.push((name, default)),
        }
    }
    if !new.is_empty() {
        add(table, &new, &mut text)?;
    }
    for (&span, name) in table.column_spans().iter().zip(&names.new) {
        if let Some(name) = name {
            text.push(text.word(span, (*name).to_owned()));
        }
    }
    if names.is_gone.contains(&true) {
        drop_columns(table, &names.is_gone, &mut text)?;
    }
    let document = text.finish()?.ok_or_else(|| unlike(table, table.name_span().start))?;
    let defaults: Vec<&str> = new.iter().map(|(_, default)| *default).collect();
    verify(table, &document, &names.is_gone, &defaults)?;
    Ok(document)
}

/// The names that the columns of a table have after some changes.
struct Names<'t, 'd> {
    table: &'t Table<'d>,
    /// The new ones of those that have another one.
    new: Vec<Option<&'t str>>,
    is_gone: Vec<bool>,
    /// Where those stand that have a name.
    places: HashMap<Cow<'t, str>, BTreeSet<usize>>,
    left: usize,
}

impl<'t, 'd: 't> Names<'t, 'd> {
    fn of(table: &'t Table<'d>) -> Self {
        let mut places: HashMap<Cow<'t, str>, BTreeSet<usize>> = HashMap::new();
        for (at, name) in table.columns().enumerate() {
            places.entry(name).or_default().insert(at);
        }
        let left = table.column_spans().len();
        Self { table, new: vec![None; left], is_gone: vec![false; left], places, left }
    }

    fn rename(&mut self, from: &str, to: &'t str) -> Result<(), AlterError> {
        let column = self.take(from)?;
        check_name(to)?;
        let places = self.places.entry(Cow::Borrowed(to)).or_default();
        if from == to || !places.is_empty() {
            return Err(AlterError::Exists { table: self.table.name().into_owned(), column: to.to_owned() });
        }
        places.insert(column);
        self.new[column] = Some(to);
        Ok(())
    }

    fn remove(&mut self, name: &str) -> Result<(), AlterError> {
        let column = self.take(name)?;
        if self.left == 1 {
            return Err(AlterError::Only { table: self.table.name().into_owned(), column: name.to_owned() });
        }
        self.left -= 1;
        self.is_gone[column] = true;
        Ok(())
    }

    /// The first column of a name, which it has no more.
    fn take(&mut self, name: &str) -> Result<usize, AlterError> {
        self.places.get_mut(name).and_then(BTreeSet::pop_first).ok_or_else(|| {
            let names = self.table.columns().zip(&self.new).zip(&self.is_gone).filter(|(_, is_gone)| !**is_gone);
            let names = names.map(|((old, new), _)| new.map_or_else(|| old.into_owned(), str::to_owned));
            let (table, column) = (self.table.name().into_owned(), name.to_owned());
            AlterError::NoColumn { table, column, instead: names.collect() }
        })
    }
}

fn check_name(name: &str) -> Result<(), AlterError> {
    if is_name(name) { Ok(()) } else { Err(AlterError::BadName { name: name.to_owned() }) }
}

/// The rows, all of which must be readable.
fn rows<'d>(table: &Table<'d>) -> Result<Vec<Row<'d>>, EditError> {
    let rows: Vec<Row<'d>> = table.rows().collect();
    match rows.iter().find(|row| !row.reading().fits()) {
        None => Ok(rows),
        Some(row) => Err(doubts(table).at(row.span().start, row.trouble().unwrap_or_default())),
    }
}

fn doubts<'d>(table: &Table<'d>) -> Doubts<'d> {
    Doubts::of(table.document())
}

fn unlike(table: &Table<'_>, at: usize) -> EditError {
    doubts(table).at(at, NOT_AS_INTENDED)
}

fn add(table: &Table<'_>, new: &[(&str, &str)], text: &mut TextEdit<'_>) -> Result<(), AlterError> {
    let mut known = HashSet::new();
    for (name, _) in new {
        check_name(name)?;
        if table.column(name).is_some() || !known.insert(name) {
            return Err(AlterError::Exists { table: table.name().into_owned(), column: (*name).to_owned() });
        }
    }
    let source = table.document().source();
    let defaults = new.iter().map(|(_, default)| spell(default, Spelling::Bare));
    let defaults: Vec<_> = defaults.collect::<Result<_, _>>().map_err(EditError::from)?;
    let columns = table.column_spans();
    let Some(last) = columns.last() else {
        return Err(doubts(table).at(table.name_span().start, "the table has no columns").into());
    };
    let comma = comma_between(source, columns);
    let names: String = new.iter().flat_map(|(name, _)| [comma, name]).collect();
    text.push(text.word(Span::empty(last.end), names));
    for row in rows(table)? {
        let cells: Vec<Span> = row.cells().map(|cell| cell.span()).collect();
        let Some(last) = row.cells().last() else { continue };
        let comma = comma_between(source, &cells);
        let added: String = defaults.iter().flat_map(|default| [comma, default]).collect();
        let splice = if row.reading() == Reading::CommasInLast {
            // Its commas are its own only as long as it is the last one.
            let quoted = spell(&last.value().text(), Spelling::Quoted).map_err(EditError::from)?.into_owned();
            text.word(last.span(), quoted + &added)
        } else {
            text.word(Span::empty(last.span().end), added)
        };
        text.push(splice);
    }
    Ok(())
}

/// What stands between the first two of these, if that is a comma with blanks.
fn comma_between(source: &[u8], spans: &[Span]) -> &'static str {
    match spans {
        [first, second, ..] if !second.is_empty() && source[first.end..second.start].last() == Some(&b',') => ",",
        _ => ", ",
    }
}

fn drop_columns(table: &Table<'_>, is_gone: &[bool], text: &mut TextEdit<'_>) -> Result<(), AlterError> {
    let first_left = is_gone.iter().position(|is_gone| !is_gone).unwrap_or_default();
    let mut without = |spans: &[Span]| {
        if first_left > 0 {
            text.push(text.word(Span::new(spans[0].start, spans[first_left].start), String::new()));
        }
        for at in (first_left..spans.len()).filter(|&at| is_gone[at]) {
            text.push(text.word(Span::new(spans[at - 1].end, spans[at].end), String::new()));
        }
    };
    without(table.column_spans());
    for row in rows(table)? {
        without(&row.cells().map(|cell| cell.span()).collect::<Vec<Span>>());
    }
    Ok(())
}

/// Reads the new document: the rows must have the cells that were intended, the old ones that are not gone and the new
/// ones, and every other line must be the same.
fn verify(old: &Table<'_>, new: &Document, is_gone: &[bool], added: &[&str]) -> Result<(), AlterError> {
    let document = old.document();
    let same_pieces = document.pieces().len() == new.pieces().len()
        && document.pieces().iter().zip(new.pieces()).all(|(old, new)| {
            (old.kind, old.indent, old.parent, old.end) == (new.kind, new.indent, new.parent, new.end)
        });
    let table = new.table_at(old.piece()).filter(|_| same_pieces).ok_or_else(|| unlike(old, old.name_span().start))?;
    for (was, is) in old.rows().zip(table.rows()) {
        let left = was.cells().enumerate().filter(|(at, _)| is_gone.get(*at) != Some(&true));
        let left = left.map(|(_, cell)| cell.value().text());
        let wanted = left.chain(added.iter().map(|&text| Cow::Borrowed(text)));
        if !is.reading().fits() || !is.cells().map(|cell| cell.value().text()).eq(wanted) {
            return Err(unlike(old, was.span().start).into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn altered(source: &str, change: Alteration) -> Result<String, AlterError> {
        let document = Document::parse(source);
        let table = document.tables().next().unwrap();
        alter(&table, &[change], Reseal::default()).map(|new| String::from_utf8(new).unwrap())
    }

    fn add(name: &str, default: &str) -> Alteration {
        Alteration::Add { name: name.to_owned(), default: default.to_owned() }
    }

    fn rename(from: &str, to: &str) -> Alteration {
        Alteration::Rename { from: from.to_owned(), to: to.to_owned() }
    }

    fn remove(name: &str) -> Alteration {
        Alteration::Drop { name: name.to_owned() }
    }

    #[test]
    fn columns_come_and_go_in_all_rows_and_leave_the_layout() {
        let source = "# head\nt | a,b , |  # x\n  1,  \"x, y\"   # c\n\n  # why\n  ,z#\n\t\nu |a|\n    1\n";
        let with = "# head\nt | a,b,c , |  # x\n  1,  \"x, y\", 0   # c\n\n  # why\n  ,z#,0\n\t\nu |a|\n    1\n";
        assert_eq!(altered(source, add("c", "0")).unwrap(), with);
        assert_eq!(altered(with, remove("c")).unwrap(), source);
        assert_eq!(altered("t |a, b|\n    1, x\n", remove("a")).unwrap(), "t |b|\n    x\n");
        let document = Document::parse("t |a,b|\n    1, x # c\n    \n    2,y\n");
        let several = alter(
            &document.tables().next().unwrap(),
            &[add("c", "0"), add("d", "z z"), remove("a")],
            Reseal::default(),
        );
        assert_eq!(several.unwrap(), b"t |b,c,d|\n    x, 0, \"z z\" # c\n    \n    y,0,\"z z\"\n");
        assert_eq!(altered("t |a, b|\n    1, x\n", rename("a", "id")).unwrap(), "t |id, b|\n    1, x\n");
        assert_eq!(altered("t |a, b| 1, x\n", add("c", "")).unwrap(), "t |a, b, c| 1, x, \"\"\n");
        assert_eq!(
            altered("t |a, b|\n    1, two words, more\n", add("c", "x")).unwrap(),
            "t |a, b, c|\n    1, \"two words, more\", x\n"
        );
    }

    #[test]
    fn many_changes_come_to_what_one_after_the_other_does() {
        let steps: &[&[Alteration]] = &[
            &[remove("a"), remove("b")],
            &[remove("b"), remove("a")],
            &[remove("c"), remove("b")],
            &[remove("b"), remove("c")],
            &[remove("c"), remove("a")],
            &[remove("a"), remove("a")],
            &[rename("a", "d"), rename("b", "a")],
            &[rename("a", "d"), rename("d", "e"), rename("e", "a"), rename("c", "d")],
            &[rename("a", "b"), rename("b", "d")],
            &[rename("c", "d"), remove("d"), remove("a"), add("a", "two words"), add("c", "")],
        ];
        let tables = [
            "t |a, b, c|\n    1, 2, 3\n",
            "t | a , b,c |\n  1 ,2 ,#x\n  1,\"x, y\",z#x\n  ,,\n",
            "t |a, b, c|\n    1, two words, 3  # why\n    [1, 2], \"\", {k: 3}\n",
            "t |a, a, b|\n    1, 2, 3\n",
            "t |a, b, c| 1, 2, 3 # x\n",
        ];
        for (source, changes) in tables.iter().flat_map(|source| steps.iter().map(move |changes| (source, changes))) {
            let at_once = alter(&Document::parse(*source).tables().next().unwrap(), changes, Reseal::default());
            let one = |text: Result<String, AlterError>, change: &Alteration| altered(&text?, change.clone());
            let one_by_one = changes.iter().fold(Ok((*source).to_owned()), one);
            assert_eq!(at_once.map(|new| String::from_utf8(new).unwrap()), one_by_one, "{source}{changes:?}");
        }
    }

    #[test]
    fn what_would_be_read_otherwise_is_refused() {
        let refused = |source: &str, change: Alteration| altered(source, change).unwrap_err().to_string();
        assert_eq!(refused("t |a|\n    1\n", add("a", "")), "`t` has a column `a` already");
        let document = Document::parse("t |a|\n    1\n");
        let twice = alter(&document.tables().next().unwrap(), &[add("b", ""), add("b", "x")], Reseal::default());
        assert_eq!(twice.unwrap_err().to_string(), "`t` has a column `b` already");
        assert!(refused("t |a|\n    1\n", add("two words", "")).contains("is no name of a column"));
        assert!(refused("t |a|\n    1\n", add("null", "")).contains("is no name of a column"));
        assert_eq!(refused("t |a|\n    1\n", remove("a")), "`a` is the only column of `t`");
        assert_eq!(refused("t |a|\n    1\n", rename("b", "c")), "`t` has no column `b`");
        let none_left = alter(&document.tables().next().unwrap(), &[remove("a"), remove("a")], Reseal::default());
        assert_eq!(none_left.unwrap_err().to_string(), "`a` is the only column of `t`");
        let gone = [rename("a", "b"), rename("a", "c")];
        let twice = alter(&document.tables().next().unwrap(), &gone, Reseal::default());
        assert_eq!(twice.unwrap_err().to_string(), "`t` has no column `a`");
        assert!(refused("t |a|\n    1\n    1, 2\n", add("b", "")).starts_with("line 3 cannot be changed safely"));
        assert_eq!(refused("t: table{i32}\n    1\n", remove("a")), "`t` is a typed table, whose columns have no names");
    }
}
