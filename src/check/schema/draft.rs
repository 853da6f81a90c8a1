//! A first schema, from what databases hold.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::super::cells::rows;
use super::super::conventions::Layout;
use super::{ColumnRule, Reference, TableRules, ValueType, judge};
use crate::record::{Keys, NoKey, certain_key, content, distinct};
use crate::sdn::{Document, Spelling, Table, Value, spell};

/// An enumeration has no more values than these,
const MOST_VALUES: usize = 8;
/// and on average each of them stands in so many cells.
const LEAST_REPEATED: usize = 3;
/// What is no key by its name needs so many rows to show that it is one.
const LEAST_ROWS: usize = 8;

/// Writes a first schema of some databases, which accepts all of them: columns with the narrowest type
/// that fits what they hold, keys, and references.
///
/// ```
/// use sdnlock::check::draft;
/// use sdnlock::sdn::Document;
///
/// let database = Document::parse("todos |id, note|\n    1, \"some text\"\n    2, \n");
/// let schema = draft(&[database]);
/// assert!(schema.contains("    todos, id, integer, true, \"\"\n    todos, note, text, false, \"\"\n"));
/// assert!(schema.contains("keys |table, columns|\n    todos, id\n"));
/// ```
#[must_use]
pub fn draft(documents: &[Document]) -> String {
    let mut sketches: Vec<Sketch<'_>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for table in documents.iter().flat_map(Document::tables) {
        let name = table.name().into_owned();
        if table.is_typed() || table.column_spans().is_empty() || !is_writable(&name) {
            continue;
        }
        let index = *known.entry(name).or_insert_with_key(|name| {
            sketches.push(Sketch { name: name.clone(), tables: Vec::new() });
            sketches.len() - 1
        });
        sketches[index].tables.push(table);
    }
    let named = Named::of(documents);
    let mut links = kept(links(documents), &named);
    let drafted: Vec<(String, TableRules)> = sketches
        .into_iter()
        .map(|sketch| {
            let links = links.remove(&sketch.name).unwrap_or_default();
            let rules = sketch.rules(links, &named);
            (sketch.name, rules)
        })
        .collect();
    written(&drafted)
}

/// The tables of each name.
type ByName<'d> = HashMap<Cow<'d, str>, Vec<Table<'d>>>;

/// Those of which a schema can speak, of each document.
struct Named<'d>(Vec<(&'d Document, ByName<'d>)>);

impl<'d> Named<'d> {
    fn of(documents: &'d [Document]) -> Self {
        let named = documents.iter().map(|document| {
            let mut named = ByName::new();
            for table in document.tables().filter(|table| !table.is_typed()) {
                named.entry(table.name()).or_default().push(table);
            }
            (document, named)
        });
        Self(named.collect())
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &Table<'d>> {
        self.0.iter().filter_map(move |(_, named)| named.get(name)).flatten()
    }
}

/// Without the links that a table does not keep.
fn kept(mut links: HashMap<String, Vec<Reference>>, named: &Named<'_>) -> HashMap<String, Vec<Reference>> {
    let mut is_broken: HashMap<String, Vec<bool>> =
        links.iter().map(|(name, links)| (name.clone(), vec![false; links.len()])).collect();
    for (document, tables) in &named.0 {
        let targets = judge::Targets::of(document, links.values().flatten());
        for (name, links) in &links {
            let (Some(tables), Some(is_broken)) = (tables.get(name.as_str()), is_broken.get_mut(name)) else {
                continue;
            };
            for table in tables {
                judge::note_broken(table, links, &targets, is_broken);
            }
        }
    }
    for (name, links) in &mut links {
        let mut is_broken = is_broken.remove(name).into_iter().flatten();
        links.retain(|_| is_broken.next() != Some(true));
    }
    links
}

/// Whether a name can stand in a schema.
fn is_writable(name: &str) -> bool {
    !name.is_empty() && spell(name, Spelling::Empty).is_ok()
}

/// The columns that name rows of other tables, by their tables.
fn links(documents: &[Document]) -> HashMap<String, Vec<Reference>> {
    let mut links: HashMap<String, Vec<Reference>> = HashMap::new();
    let mut seen = HashSet::new();
    for document in documents {
        let layout = Layout::of(document);
        for table in document.tables().filter(|table| !table.is_typed()) {
            for link in layout.links(&table) {
                let (Some(column), Some(target_column)) =
                    (table.column_name(link.column), link.target.column_name(link.target_column))
                else {
                    continue;
                };
                let (column, target_column) = (column.into_owned(), target_column.into_owned());
                let target_table = link.target.name().into_owned();
                let writable = is_writable(&target_table) && is_writable(&target_column);
                let reference = Reference { column, target_table, target_column };
                let name = table.name().into_owned();
                let mut is_new = || seen.insert((name.clone(), reference.clone()));
                if writable && !reference.target_table.contains('.') && is_new() {
                    links.entry(name).or_default().push(reference);
                }
            }
        }
    }
    links
}

/// The tables of one name, of all databases.
struct Sketch<'d> {
    name: String,
    tables: Vec<Table<'d>>,
}

impl Sketch<'_> {
    fn rules(&self, links: Vec<Reference>, named: &Named<'_>) -> TableRules {
        let holds = |rules: &TableRules| named.all(&self.name).all(|table| judge::keeps(table, rules));
        let columns: Vec<(String, Seen)> = self.columns();
        let filled: HashSet<&str> =
            columns.iter().filter(|(_, seen)| seen.filled > 0).map(|(name, _)| name.as_str()).collect();
        let references: Vec<Reference> = links.into_iter().filter(|link| filled.contains(&*link.column)).collect();
        let keys: Vec<Vec<String>> = self
            .key(&columns)
            .into_iter()
            .filter(|key| holds(&TableRules { keys: vec![key.clone()], ..TableRules::default() }))
            .collect();
        let referring = references.iter().map(|reference| reference.column.as_str());
        let known: HashSet<&str> = keys.iter().flatten().map(String::as_str).chain(referring).collect();
        let is_name =
            |column: &String| column.ends_with("_id") || column.ends_with("_str") || known.contains(column.as_str());
        let columns = columns.into_iter().map(|(name, seen)| {
            let may_be_enum = !is_name(&name);
            seen.rule(name, may_be_enum)
        });
        TableRules { columns: columns.collect(), keys, references }
    }

    /// A table whose first column would be its key, if it did not repeat there.
    fn repeating(&self) -> Option<&Table<'_>> {
        let repeats = |table: &&Table<'_>| matches!(Keys::new().columns(table), Err(NoKey::Repeated { .. }));
        self.tables.iter().find(repeats)
    }

    /// The columns that all the tables have, and what they hold.
    fn columns(&self) -> Vec<(String, Seen)> {
        let Some((first, others)) = self.tables.split_first() else { return Vec::new() };
        let mut names: Vec<String> = Vec::new();
        let mut known = HashSet::new();
        for name in first.columns().map(Cow::into_owned) {
            let everywhere = others.iter().all(|table| table.column(&name).is_some());
            if is_writable(&name) && everywhere && known.insert(name.clone()) {
                names.push(name);
            }
        }
        let mut columns: Vec<(String, Seen)> = names.into_iter().map(|name| (name, Seen::nothing())).collect();
        for table in &self.tables {
            let places = columns.iter().enumerate().filter_map(|(at, (name, _))| Some((table.column(name)?, at)));
            let mut places: Vec<(usize, usize)> = places.collect();
            places.sort_unstable();
            for row in rows(table) {
                for (position, at) in &places {
                    // A row may have fewer cells.
                    let Some(cell) = row.cell(*position) else { break };
                    let seen = &mut columns[*at].1;
                    seen.rows += 1;
                    if content(cell).is_some() {
                        seen.add(cell.value());
                    }
                }
            }
        }
        columns
    }

    /// What may be the key; no columns if there is none.
    fn key(&self, columns: &[(String, Seen)]) -> Option<Vec<String>> {
        let (first, seen) = columns.first()?;
        let second = columns.get(1).map(|(name, _)| name.as_str());
        let table = self.tables.first()?;
        let usual = certain_key(table).and_then(|column| table.columns().nth(column));
        let key = if let Some(usual) = usual {
            vec![usual.into_owned()]
        } else if second == Some("line_num") && seen.filled > 1 {
            vec![first.clone(), "line_num".to_owned()]
        } else {
            let names = seen.words && seen.filled == seen.rows && seen.rows >= LEAST_ROWS;
            // Several rows of a log may be about one thing.
            let is_log = columns[1..].iter().any(|(name, _)| matches!(&**name, "line" | "timestamp" | "run_id"));
            match self.repeating() {
                // Several columns may tell the rows apart.
                Some(repeating) => distinct(repeating).unwrap_or_default(),
                None if !names || is_log => return None,
                None => vec![first.clone()],
            }
        };
        let plain = key.iter().all(|name| is_writable(name) && !name.contains(['/', ';', ',']));
        plain.then_some(key)
    }
}

/// What the cells of a column hold.
struct Seen {
    rows: usize,
    filled: usize,
    /// The types that fit all of them, the narrowest one first.
    types: Vec<ValueType>,
    /// How often each value stands; nothing if there are too many.
    values: Option<HashMap<String, usize>>,
    /// Whether each is one word that is no fraction or time.
    words: bool,
}

impl Seen {
    fn nothing() -> Self {
        use ValueType::{Boolean, Date, Float, Integer, Json, List, Path, Timestamp};
        let types = vec![Boolean, Integer, Float, Timestamp, Date, Json, List, Path];
        Self { rows: 0, filled: 0, types, values: Some(HashMap::new()), words: true }
    }

    fn add(&mut self, value: Value<'_>) {
        let text = value.text();
        self.filled += 1;
        self.types.retain(|&known| known.accepts(value) && looks_like(known, &text));
        let blank = text.contains(char::is_whitespace);
        let odd = [ValueType::Timestamp, ValueType::Date, ValueType::Float].iter().any(|known| known.accepts(value));
        self.words &= !blank && (!odd || ValueType::Integer.accepts(value));
        let Some(values) = &mut self.values else { return };
        if is_word(&text) {
            *values.entry(text.into_owned()).or_default() += 1;
        }
        if values.len() > MOST_VALUES || values.values().sum::<usize>() < self.filled {
            self.values = None;
        }
    }

    fn rule(self, name: String, may_be_enum: bool) -> ColumnRule {
        let required = self.rows > 0 && self.filled == self.rows;
        let narrowest = self.types.first().copied().filter(|_| self.filled > 0);
        let repeated = |values: &HashMap<String, usize>| {
            values.len() > 1 && self.filled >= values.len() * LEAST_REPEATED && values.values().all(|&times| times > 1)
        };
        let values = self.values.filter(|values| may_be_enum && narrowest.is_none() && repeated(values));
        let mut values: Vec<String> = values.unwrap_or_default().into_keys().collect();
        values.sort();
        let other = if values.is_empty() { ValueType::Text } else { ValueType::Enum };
        ColumnRule { name, value_type: narrowest.unwrap_or(other), required, values, default: String::new() }
    }
}

/// Whether a text that may be of a type seems to be meant so.
fn looks_like(value_type: ValueType, text: &str) -> bool {
    match value_type {
        ValueType::Json => text.starts_with(['{', '[']),
        ValueType::List => text.starts_with('['),
        ValueType::Path => {
            let begins = text.starts_with(|c: char| c.is_alphabetic() || "/._~".contains(c));
            begins && text.contains('/') && !text.contains("://") && !text.contains(char::is_whitespace)
        }
        _ => true,
    }
}

/// Whether a text may be a value of an enumeration.
fn is_word(text: &str) -> bool {
    const LONGEST: usize = 32;
    let begins = text.starts_with(|c: char| c.is_alphabetic() || c == '_');
    begins && text.len() <= LONGEST && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

/// The tables of a schema.
fn written(tables: &[(String, TableRules)]) -> String {
    let bare = |text: &str| spell(text, Spelling::Empty).unwrap_or_default().into_owned();
    let mut text = "# What the tables of this project hold; see sdnlock-schema(5).\n\n".to_owned();
    text += "columns |table, column, type, required, values|\n";
    for (table, column) in tables.iter().flat_map(|(table, rules)| rules.columns.iter().map(move |c| (table, c))) {
        let ColumnRule { name, value_type, required, values, .. } = column;
        let (table, name, values) = (bare(table), bare(name), values.join(";"));
        text += &format!("    {table}, {name}, {}, {required}, \"{values}\"\n", value_type.name());
    }
    let keys: String = tables
        .iter()
        .flat_map(|(table, rules)| rules.keys.iter().map(move |key| (table, key.join("/"))))
        .map(|(table, key)| {
            format!("    {}, {}\n", bare(table), if key.is_empty() { "\"\"".into() } else { bare(&key) })
        })
        .collect();
    let references: String = tables
        .iter()
        .flat_map(|(table, rules)| rules.references.iter().map(move |reference| (table, reference)))
        .map(|(table, Reference { column, target_table, target_column })| {
            let target = format!("{target_table}.{target_column}");
            format!("    {}, {}, {}\n", bare(table), bare(column), bare(&target))
        })
        .collect();
    for (header, rows) in [("keys |table, columns|", keys), ("references |table, column, target|", references)] {
        if !rows.is_empty() {
            text += &format!("\n{header}\n{rows}");
        }
    }
    text
}
