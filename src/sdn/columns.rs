//! Changes to the columns of a table, in its header and in all of its rows.

use std::collections::HashSet;

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

/// One change after the other, new columns that follow each other in one step; nothing without changes.
fn all(table: &Table<'_>, changes: &[Alteration]) -> Result<Option<Document>, AlterError> {
    if changes.is_empty() {
        return Ok(None);
    }
    let new = changes.iter().take_while(|change| matches!(change, Alteration::Add { .. })).count();
    let (step, rest) = changes.split_at(new.max(1));
    let altered = one(table, step)?;
    // It stays the same piece: no line comes or goes.
    let Some(table) = altered.table_at(table.piece()) else {
        return Err(unlike(table, table.name_span().start).into());
    };
    Ok(all(&table, rest)?.or(Some(altered)))
}

/// One change, or several new columns.
fn one(table: &Table<'_>, step: &[Alteration]) -> Result<Document, AlterError> {
    let document = table.document();
    let mut text = TextEdit::new(document);
    match step {
        [Alteration::Rename { from, to }] => {
            let column = column(table, from)?;
            check_name(table, to)?;
            text.push(text.word(table.column_spans()[column], to.clone()));
        }
        [Alteration::Drop { name }] => drop_column(table, column(table, name)?, &mut text)?,
        _ => add(table, &new_columns(step), &mut text)?,
    }
    let new = text.finish()?.ok_or_else(|| unlike(table, table.name_span().start))?;
    verify(table, &new, step)?;
    Ok(new)
}

/// The names and defaults of the columns that a step adds.
fn new_columns(step: &[Alteration]) -> Vec<(&str, &str)> {
    let new = step.iter().filter_map(|change| match change {
        Alteration::Add { name, default } => Some((name.as_str(), default.as_str())),
        _ => None,
    });
    new.collect()
}

fn column(table: &Table<'_>, name: &str) -> Result<usize, AlterError> {
    table.column(name).ok_or_else(|| AlterError::NoColumn {
        table: table.name().into_owned(),
        column: name.to_owned(),
        instead: table.columns().map(std::borrow::Cow::into_owned).collect(),
    })
}

fn check_name(table: &Table<'_>, name: &str) -> Result<(), AlterError> {
    if !is_name(name) {
        return Err(AlterError::BadName { name: name.to_owned() });
    }
    if table.column(name).is_some() {
        return Err(AlterError::Exists { table: table.name().into_owned(), column: name.to_owned() });
    }
    Ok(())
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
        check_name(table, name)?;
        if !known.insert(name) {
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

fn drop_column(table: &Table<'_>, position: usize, text: &mut TextEdit<'_>) -> Result<(), AlterError> {
    let columns = table.column_spans();
    if columns.len() == 1 {
        let column = table.columns().next().unwrap_or_default().into_owned();
        return Err(AlterError::Only { table: table.name().into_owned(), column });
    }
    let mut without = |spans: &[Span]| {
        let span = match position {
            0 => Span::new(spans[0].start, spans[1].start),
            _ => Span::new(spans[position - 1].end, spans[position].end),
        };
        text.push(text.word(span, String::new()));
    };
    without(columns);
    for row in rows(table)? {
        without(&row.cells().map(|cell| cell.span()).collect::<Vec<Span>>());
    }
    Ok(())
}

/// Reads the new document: the rows must have the cells that were intended, and every other line must be the same.
fn verify(old: &Table<'_>, new: &Document, step: &[Alteration]) -> Result<(), AlterError> {
    let document = old.document();
    let same_pieces = document.pieces().len() == new.pieces().len()
        && document.pieces().iter().zip(new.pieces()).all(|(old, new)| {
            (old.kind, old.indent, old.parent, old.end) == (new.kind, new.indent, new.parent, new.end)
        });
    let table = new.table_at(old.piece()).filter(|_| same_pieces).ok_or_else(|| unlike(old, old.name_span().start))?;
    for (was, is) in old.rows().zip(table.rows()) {
        let mut texts: Vec<String> = was.cells().map(|cell| cell.value().text().into_owned()).collect();
        for change in step {
            match change {
                Alteration::Add { default, .. } => texts.push(default.clone()),
                Alteration::Rename { .. } => {}
                Alteration::Drop { name } => drop(old.column(name).map(|position| texts.remove(position))),
            }
        }
        if !is.reading().fits() || !is.cells().map(|cell| cell.value().text()).eq(texts.iter().map(String::as_str)) {
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
        assert!(refused("t |a|\n    1\n    1, 2\n", add("b", "")).starts_with("line 3 cannot be changed safely"));
        assert_eq!(refused("t: table{i32}\n    1\n", remove("a")), "`t` is a typed table, whose columns have no names");
    }
}
