//! Settings and tables that are written anew, in the common layout: one blank line around tables, four blanks of
//! indentation.

use super::Node;
use super::error::ChangeError;
use super::path::Path;
use super::spelling::{SpellError, spelled};
use crate::sdn::{Spelling, is_name};

/// One more level of indentation.
const INDENT: &str = "    ";

/// Lines of new settings and tables.
pub(super) struct Fresh {
    indent: String,
    lines: Vec<String>,
    begins_with_table: bool,
    ends_with_table: bool,
}

impl Fresh {
    pub fn new(indent: &str) -> Self {
        Self { indent: indent.to_owned(), lines: Vec::new(), begins_with_table: false, ends_with_table: false }
    }

    /// Whether the first line is that of a table.
    pub fn begins_with_table(&self) -> bool {
        self.begins_with_table
    }

    /// Whether a node is written on several lines.
    pub fn is_block(node: &Node) -> bool {
        matches!(node, Node::Dict(entries) if !entries.is_empty()) || records(node).is_some()
    }

    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Adds a setting or table.
    pub fn entry(&mut self, name: &str, node: &Node, path: &Path<'_>) -> Result<(), ChangeError> {
        let is_table = records(node).is_some();
        if self.lines.is_empty() {
            self.begins_with_table = is_table;
        } else if self.indent.is_empty() && (is_table || self.ends_with_table) {
            self.lines.push(String::new());
        }
        self.ends_with_table = is_table;
        let indent = self.indent.clone();
        self.lines_of(name, node, &indent, path)
    }

    fn lines_of(&mut self, name: &str, node: &Node, indent: &str, path: &Path<'_>) -> Result<(), ChangeError> {
        let bad = |path: &Path<'_>, why| ChangeError::BadValue { place: path.shown(), why };
        if !is_name(name) {
            return Err(bad(path, SpellError::Name(name.to_owned())));
        }
        if let Some(records) = records(node) {
            return self.table(name, &records, indent, path);
        }
        match node {
            Node::Dict(entries) if !entries.is_empty() => {
                self.lines.push(format!("{indent}{name}:"));
                let deeper = format!("{indent}{INDENT}");
                // A block that begins with a table is none for the Rust reader.
                let (tables, settings): (Vec<_>, Vec<_>) =
                    entries.iter().partition(|(_, value)| self::records(value).is_some());
                if settings.is_empty() {
                    if let Ok(text) = spelled(node, Spelling::Bare) {
                        self.lines.pop();
                        self.lines.push(format!("{indent}{name}: {text}"));
                        return Ok(());
                    }
                    let why = "a block of tables alone cannot be written: it must begin with a setting".to_owned();
                    return Err(ChangeError::Refused { place: path.shown(), why });
                }
                for (name, value) in settings.into_iter().chain(tables) {
                    self.lines_of(name, value, &deeper, &path.name(name))?;
                }
            }
            _ => {
                let text = spelled(node, Spelling::Bare).map_err(|why| bad(path, why))?;
                self.lines.push(format!("{indent}{name}: {text}"));
            }
        }
        Ok(())
    }

    fn table(
        &mut self,
        name: &str,
        records: &[&[(String, Node)]],
        indent: &str,
        path: &Path<'_>,
    ) -> Result<(), ChangeError> {
        let mut columns: Vec<&str> = Vec::new();
        let mut known = std::collections::HashSet::new();
        for (column, _) in records.iter().copied().flatten() {
            if !is_name(column) {
                return Err(ChangeError::BadValue { place: path.shown(), why: SpellError::Name(column.clone()) });
            }
            if known.insert(column.as_str()) {
                columns.push(column);
            }
        }
        self.lines.push(format!("{indent}{name} |{}|", columns.join(", ")));
        for (index, record) in records.iter().enumerate() {
            let cells = columns.iter().map(|column| {
                let cell = record.iter().find(|(name, _)| name == column);
                let Some((name, value)) = cell else { return Ok("\"\"".to_owned()) };
                let place = |why| ChangeError::BadValue { place: path.index(index).name(name).shown(), why };
                spelled(value, Spelling::Bare).map_err(place)
            });
            let cells: Vec<String> = cells.collect::<Result<_, _>>()?;
            self.lines.push(format!("{indent}{INDENT}{}", cells.join(", ")));
        }
        Ok(())
    }
}

/// The records, if a node is a list of nothing else.
fn records(node: &Node) -> Option<Vec<&[(String, Node)]>> {
    let Node::List(items) = node else { return None };
    let records: Option<Vec<_>> = items
        .iter()
        .map(|item| match item {
            Node::Dict(record) if !record.is_empty() => Some(record.as_slice()),
            _ => None,
        })
        .collect();
    records.filter(|records| !records.is_empty())
}
