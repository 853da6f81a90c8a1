//! Reading a schema, and what is wrong with it.

use std::borrow::Cow;
use std::collections::HashSet;

use super::super::finding::{Finding, Findings, Rule, excerpt, finding};
use super::super::reader::Reader;
use super::files::fault_of_glob;
use super::{ColumnRule, FileKind, FileRule, Reference, Schema, TABLES, TableRules, ValueType};
use crate::limits::{LimitError, Limits};
use crate::record;
use crate::sdn::{Document, PieceKind, Row, Spelling, Table, Value};
use crate::text::Span;

impl Schema {
    /// Reads a schema. What cannot be understood is left out of it, and told.
    ///
    /// ```
    /// use sdnlock::check::Schema;
    /// use sdnlock::sdn::Document;
    ///
    /// let source = "limits |name, value|\n    max_size, 500MB\n    max_rows, 12\n";
    /// let (schema, findings) = Schema::read(&Document::parse(source));
    /// assert_eq!(schema.max_size, Some(500_000_000));
    /// assert_eq!(findings[0].message, "there is no limit `max_rows`");
    /// ```
    #[must_use]
    pub fn read(document: &Document) -> (Self, Vec<Finding>) {
        let mut reading = Reading { schema: Self::default(), seen: HashSet::new(), findings: Vec::new() };
        for piece in document.pieces().iter().filter(|piece| piece.kind == PieceKind::Setting && piece.parent.is_none())
        {
            let body = document.body(piece);
            let shown = excerpt(document.source(), body);
            let found = finding(Rule::SchemaTable, body, &shown, "a schema consists of tables, and this is none");
            reading.findings.push(found.help(TABLES_ARE));
        }
        for table in document.tables() {
            reading.table(&table);
        }
        reading.findings.sort_by_key(|finding| (finding.span.start, finding.rule));
        (reading.schema, reading.findings)
    }
}

const TABLES_ARE: &str = "the tables of a schema are `columns`, `keys`, `references`, `limits` and `files`";

/// A schema that is being read.
struct Reading {
    schema: Schema,
    /// What has been said: the table of the schema, and the names.
    seen: HashSet<(&'static str, [String; 3])>,
    findings: Findings,
}

impl Reading {
    fn table(&mut self, table: &Table<'_>) {
        let name = table.name();
        let Some(&(name, needed)) = TABLES.iter().find(|(known, _)| *known == name) else {
            let message = format!("a schema has no table `{name}`");
            self.findings.push(finding(Rule::SchemaTable, table.name_span(), &name, message).help(TABLES_ARE));
            return;
        };
        let missing = needed.iter().find(|column| table.is_typed() || table.column(column).is_none());
        if let Some(missing) = missing {
            let message = format!("the table `{name}` of a schema needs a column `{missing}`");
            let header = HEADERS.iter().find(|header| header.starts_with(name)).unwrap_or(&"");
            let help = format!("its header is `{header}`");
            self.findings.push(finding(Rule::SchemaTable, table.name_span(), name, message).help(help));
            return;
        }
        for row in table.rows().filter(|row| row.reading().fits() && record::is_live(table, row)) {
            let entry = Entry { table, row };
            match name {
                "columns" => self.column(&entry),
                "keys" => self.key(&entry),
                "references" => self.reference(&entry),
                "limits" => self.limit(&entry),
                _ => self.file(&entry),
            }
        }
    }

    fn column(&mut self, entry: &Entry<'_, '_>) {
        let Some(([table, name], _)) = self.names(entry, "columns", ["table", "column"]) else { return };
        let type_name = entry.text("type");
        let value_type = ValueType::from_name(&type_name);
        let values: Vec<String> = entry.text("values").split(';').map(|value| value.trim().to_owned()).collect();
        let values: Vec<String> = values.into_iter().filter(|value| !value.is_empty()).collect();
        match value_type {
            None => {
                let types: Vec<_> = ValueType::ALL.iter().map(|known| known.name()).collect();
                let message = match &*type_name {
                    "" => "a type is missing here".to_owned(),
                    unknown => format!("there is no type `{unknown}`"),
                };
                self.tell(entry, Rule::SchemaType, "type", message, format!("the types are {}", types.join(", ")));
            }
            Some(ValueType::Enum) => self.enumeration(entry, &values),
            Some(_) if values.is_empty() => {}
            Some(other) => {
                let message = format!("values are listed here, but a column of type {} may hold others", other.name());
                self.tell(entry, Rule::SchemaValues, "values", message, "make it `enum`, or leave the values out");
            }
        }
        let required = entry.text("required");
        if !matches!(&*required, "" | "true" | "false") {
            let message = format!("`{required}` says neither that the column is required nor that it is not");
            self.tell(entry, Rule::SchemaEntry, "required", message, "write `true` or `false`");
        }
        // A type that is not known is any.
        let value_type = value_type.filter(|known| *known != ValueType::Enum || !values.is_empty());
        let value_type = value_type.unwrap_or(ValueType::Text);
        let default = entry.text("default").into_owned();
        let rule = ColumnRule { name, value_type, required: required == "true", values, default };
        let fits = |value: Value<'_>| match rule.value_type {
            ValueType::Enum => rule.values.contains(&rule.default),
            other => other.accepts(value),
        };
        if !rule.default.is_empty() && !entry.value("default").is_none_or(fits) {
            let message = format!("the default `{}` is no value of the column", rule.default);
            self.tell(entry, Rule::SchemaValues, "default", message, "write one that is, or none");
        }
        self.rules(table).columns.push(rule);
    }

    fn enumeration(&mut self, entry: &Entry<'_, '_>, values: &[String]) {
        if values.is_empty() {
            let message = "an enumeration without values accepts nothing";
            self.tell(entry, Rule::SchemaValues, "values", message, "list them, as `\"open;closed\"`");
        }
        let mut seen = HashSet::new();
        if let Some(twice) = values.iter().find(|value| !seen.insert(*value)) {
            let message = format!("`{twice}` stands twice among the values");
            self.findings.push(entry.finding(Rule::SchemaDuplicate, "values", message));
        }
    }

    fn key(&mut self, entry: &Entry<'_, '_>) {
        let is_quoted = |value: Value<'_>| value.spelling() == Spelling::Quoted;
        if entry.text("columns").is_empty() && entry.value("columns").is_some_and(is_quoted) {
            // A table without a key.
            let Some(([table], _)) = self.names(entry, "keys", ["table"]) else { return };
            self.rules(table).keys.push(Vec::new());
            return;
        }
        let Some(([table, joined], span)) = self.names(entry, "keys", ["table", "columns"]) else { return };
        let columns: Vec<String> = joined.split(['/', ';', ',']).map(|name| name.trim().to_owned()).collect();
        let mut seen = HashSet::new();
        let message = if columns.iter().any(String::is_empty) {
            "the name of a column is missing here".to_owned()
        } else if let Some(twice) = columns.iter().find(|name| !seen.insert(*name)) {
            format!("`{twice}` stands twice in this key")
        } else {
            self.rules(table).keys.push(columns);
            return;
        };
        let help = "the columns of a key are joined with `/`, as `bug_id/line_num`";
        self.findings.push(finding(Rule::SchemaEntry, span, joined, message).help(help));
    }

    fn reference(&mut self, entry: &Entry<'_, '_>) {
        let Some(([table, column], _)) = self.names(entry, "references", ["table", "column"]) else { return };
        let target = entry.text("target").into_owned();
        let names = target.split_once('.').filter(|(table, column)| !table.is_empty() && !column.is_empty());
        let message = match names {
            None if target.is_empty() => "the target of this reference is missing".to_owned(),
            None => format!("`{target}` names no column of a table"),
            Some((target_table, target_column)) if target_table == table && target_column == column => {
                "this column refers to itself".to_owned()
            }
            Some((target_table, target_column)) => {
                let (target_table, target_column) = (target_table.to_owned(), target_column.to_owned());
                self.rules(table).references.push(Reference { column, target_table, target_column });
                return;
            }
        };
        self.tell(entry, Rule::SchemaEntry, "target", message, "write the target as `strings.id`");
    }

    fn limit(&mut self, entry: &Entry<'_, '_>) {
        let Some(([name], span)) = self.names(entry, "limits", ["name"]) else { return };
        let value = entry.text("value");
        if name == "max_size" {
            self.schema.max_size = size(&value);
            if self.schema.max_size.is_none() {
                let message = format!("`{value}` is no size");
                let help = "write a number with B, KB, MB, GB, KiB, MiB or GiB";
                self.tell(entry, Rule::SchemaLimit, "value", message, help);
            }
            return;
        }
        match self.schema.limits.set(&name, &value) {
            Ok(()) => {}
            Err(error @ LimitError::Value(_)) => {
                let help = "write how many, as `10`, or a share of the records of a table, as `5%`";
                self.tell(entry, Rule::SchemaLimit, "value", error.to_string(), help);
            }
            Err(error) => {
                let help = format!(
                    "the limits are `max_size`, {}",
                    Limits::names().map(|name| format!("`{name}`")).join(", ")
                );
                self.findings.push(finding(Rule::SchemaEntry, span, &name, error.to_string()).help(help));
            }
        }
    }

    fn file(&mut self, entry: &Entry<'_, '_>) {
        let Some(([glob], span)) = self.names(entry, "files", ["glob"]) else { return };
        if let Some(fault) = fault_of_glob(&glob) {
            let help = "patterns are those of .gitignore, as `*.tbl`, `vendor/` or `data/**`";
            self.findings.push(finding(Rule::SchemaEntry, span, glob, fault).help(help));
            return;
        }
        if ["kind", "reader"].iter().all(|column| entry.text(column).is_empty()) {
            let message = "this entry of `files` says neither what the files are nor which reader they are for";
            self.findings.push(entry.finding(Rule::SchemaEntry, "glob", message));
            return;
        }
        let kind = self.named(entry, "kind", FileKind::ALL, FileKind::name);
        let reader = self.named(entry, "reader", Reader::ALL, Reader::name);
        self.schema.files.push(FileRule { glob, kind, reader });
    }

    /// What a cell names, if it names anything; that there is no such name is told.
    fn named<T: Copy>(
        &mut self,
        entry: &Entry<'_, '_>,
        column: &str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Option<T> {
        let text = entry.text(column);
        let found = all.iter().copied().find(|one| name(*one).eq_ignore_ascii_case(&text));
        if found.is_none() && !text.is_empty() {
            let names: Vec<&str> = all.iter().map(|one| name(*one)).collect();
            let message = format!("there is no {column} `{text}`");
            self.tell(entry, Rule::SchemaEntry, column, message, format!("write one of {}", names.join(", ")));
        }
        found
    }

    /// What an entry is about, and where the last of the names stands; nothing if a name is missing, or
    /// if an entry above is about the same.
    fn names<const N: usize>(
        &mut self,
        entry: &Entry<'_, '_>,
        of: &'static str,
        columns: [&str; N],
    ) -> Option<([String; N], Span)> {
        for column in columns {
            if entry.text(column).is_empty() {
                let message = format!("this entry of `{of}` has no `{column}`, so it is about nothing");
                self.findings.push(entry.finding(Rule::SchemaEntry, column, message));
                return None;
            }
        }
        let names = columns.map(|column| entry.text(column).into_owned());
        let mut known: [String; 3] = Default::default();
        known[..N].clone_from_slice(&names);
        if of == "references" {
            // A column may refer to several tables.
            known[2] = entry.text("target").into_owned();
        }
        let last = columns[N - 1];
        if !self.seen.insert((of, known)) {
            let message = format!("`{}` has an entry in `{of}` above already", names.join("."));
            self.findings.push(entry.finding(Rule::SchemaDuplicate, last, message).help("remove one of the two"));
            return None;
        }
        Some((names, entry.span(last)))
    }

    fn rules(&mut self, table: String) -> &mut TableRules {
        self.schema.tables.entry(table).or_default()
    }

    fn tell(
        &mut self,
        entry: &Entry<'_, '_>,
        rule: Rule,
        column: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.push(entry.finding(rule, column, message).help(help));
    }
}

/// The headers of the tables of a schema.
const HEADERS: [&str; 5] = [
    "columns |table, column, type, required, values|",
    "keys |table, columns|",
    "references |table, column, target|",
    "limits |name, value|",
    "files |glob, kind, reader|",
];

/// A row of a schema.
struct Entry<'t, 'd> {
    table: &'t Table<'d>,
    row: Row<'d>,
}

impl<'d> Entry<'_, 'd> {
    fn value(&self, column: &str) -> Option<Value<'d>> {
        Some(self.row.cell(self.table.column(column)?)?.value())
    }

    /// What stands in a column; nothing if there is no such column.
    fn text(&self, column: &str) -> Cow<'d, str> {
        let cell = self.table.column(column).and_then(|position| self.row.cell(position));
        cell.filter(|cell| !cell.value().is_null()).map(|cell| cell.value().text()).unwrap_or_default()
    }

    /// Where it stands; the whole row if nothing does.
    fn span(&self, column: &str) -> Span {
        let cell = self.table.column(column).and_then(|position| self.row.cell(position));
        cell.map(|cell| cell.span()).filter(|span| !span.is_empty()).unwrap_or(self.row.span())
    }

    fn finding(&self, rule: Rule, column: &str, message: impl Into<String>) -> Finding {
        let shown = excerpt(self.table.document().source(), self.row.span());
        finding(rule, self.span(column), shown, message)
    }
}

/// Reads a size as `500MB`, in bytes: KB, MB and GB are powers of 1000, KiB, MiB and GiB of 1024.
fn size(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim() {
        "" | "B" => 1,
        "KB" | "kB" => 1000,
        "MB" => 1000 * 1000,
        "GB" => 1000 * 1000 * 1000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("500MB"), Some(500_000_000));
        assert_eq!(size(" 2 KiB "), Some(2048));
        assert_eq!(size("12"), Some(12));
        for none in ["", "much", "-1", "1.5MB", "20 YB", "99999999999GB"] {
            assert_eq!(size(none), None, "{none}");
        }
    }
}
