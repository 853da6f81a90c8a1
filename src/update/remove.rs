//! Removing records and settings.

use std::collections::{BTreeMap, HashSet, btree_map};

use crate::address::{Address, Finder, LookupError, Step, Target};
use crate::check::{self, Finding, Schema};
use crate::record::VALID;
use crate::sdn::{self, Document, Edit, EditError, Place, Reseal, Row, Spelling, Table};
use crate::text::Span;

/// How records are removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Removing {
    /// Rows are removed even where a column `valid` could hide them, with all earlier rows of their key, and a whole
    /// table if one is named.
    pub purge: bool,
    /// References to what is removed may stay, though they lead nowhere then.
    pub leave_dangling: bool,
    /// What is done about a seal that is not right.
    pub reseal: Reseal,
}

/// Why nothing was removed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RemoveError {
    /// The address names nothing, or nothing certain.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// What it names is only a part of something.
    #[error("`{address}` is {is}, which cannot be removed alone")]
    Part {
        /// The address.
        address: Address,
        /// What it names.
        is: &'static str,
    },
    /// A whole table, which is removed only if that is said.
    #[error("`{address}` is a table with {records} rows")]
    WholeTable {
        /// The address.
        address: Address,
        /// How many rows it has.
        records: usize,
    },
    /// Other records refer to what would be removed.
    #[error("what other records refer to would be gone")]
    Dangling {
        /// Their references.
        findings: Vec<Finding>,
        /// The text that they stand in.
        content: Vec<u8>,
    },
    /// The file cannot be changed safely.
    #[error(transparent)]
    Edit(#[from] EditError),
}

/// Removes what these addresses name, in one step: a record, which is only hidden where its table has a column
/// `valid`; a setting with all below it; an element or entry of a list or dict.
///
/// The schema says which keys the records have, and what refers to them.
///
/// # Errors
/// See [`RemoveError`]; nothing is removed then.
pub fn remove(
    document: &Document,
    addresses: &[Address],
    how: Removing,
    schema: &Schema,
) -> Result<Vec<u8>, RemoveError> {
    let mut edit = Edit::of(document, how.reseal)?;
    let keys = schema.keys();
    let mut finder = Finder::new(document, &keys);
    let mut entries = Entries::default();
    // What goes with something else, or was named already, need not be removed by itself.
    let mut named: HashSet<&Address> = HashSet::new();
    let all: HashSet<&Address> = addresses.iter().collect();
    let goes_with_another =
        |address: &Address| std::iter::successors(address.outer(), Address::outer).any(|outer| all.contains(&outer));
    for address in addresses.iter().filter(|address| named.insert(address) && !goes_with_another(address)) {
        match finder.find(address)? {
            Target::Record(table, row) if !how.purge && hide(&table, &row, &mut edit)? => {}
            // A number means this row alone, whatever its key.
            Target::Record(_, row) if matches!(address.steps().last(), Some(Step::Index(_))) => {
                edit.remove_row(&row)?;
            }
            Target::Record(table, row) => {
                for row in finder.all_of(&table, &row).iter().filter(|row| row.reading().fits()) {
                    edit.remove_row(row)?;
                }
            }
            Target::Block(piece) => edit.remove_lines(piece)?,
            Target::Table(table) if how.purge => edit.remove_lines(table.piece())?,
            Target::Table(table) => {
                return Err(RemoveError::WholeTable { address: address.clone(), records: table.rows().count() });
            }
            Target::Value(place) => value(address, &place, &mut finder, &mut edit, &mut entries)?,
        }
    }
    entries.remove(&mut edit)?;
    let removed = edit.finish()?;
    if how.leave_dangling {
        return Ok(removed);
    }
    let new = Document::parse(removed);
    let findings = check::newly_dangling(document, &new, schema);
    let content = new.into_source();
    if findings.is_empty() { Ok(content) } else { Err(RemoveError::Dangling { findings, content }) }
}

/// Hides a record, if its table has a column for that.
fn hide<'d>(table: &Table<'d>, row: &Row<'d>, edit: &mut Edit<'d>) -> Result<bool, EditError> {
    let valid = table.column(VALID).filter(|_| !table.is_typed());
    let Some(cell) = valid.and_then(|valid| row.cell(valid)) else { return Ok(false) };
    edit.set(&Place::of_cell(table.document(), row.piece(), cell), "false")?;
    Ok(true)
}

fn value<'d>(
    address: &Address,
    place: &Place<'d>,
    finder: &mut Finder<'d, '_>,
    edit: &mut Edit<'d>,
    entries: &mut Entries<'d>,
) -> Result<(), RemoveError> {
    let (document, piece) = (finder.document(), place.piece());
    let whole = finder.setting_line(piece).map(|line| line.value.span);
    let is_line = match whole {
        Some(value) => value == place.span(),
        None => Place::of_element(document, piece).is_ok_and(|element| element.span() == place.span()),
    };
    if is_line {
        return Ok(edit.remove_lines(piece)?);
    }
    // The list or dict that it is an entry of, and the value that holds all of these.
    let mut outer: Option<Place<'d>> = None;
    let mut whole = *place;
    let mut above = address.outer();
    while let Some(address) = above {
        let Target::Value(place) = finder.find(&address)? else { break };
        outer = outer.or(Some(place));
        whole = place;
        above = address.outer();
    }
    match outer {
        Some(outer) if outer.value().spelling() == Spelling::Bracketed => {
            entries.add(document.source(), &whole, &outer, place).ok_or(RemoveError::Part {
                address: address.clone(),
                is: "a part of a list or dict that cannot be read for certain",
            })
        }
        _ => Err(RemoveError::Part { address: address.clone(), is: "a cell" }),
    }
}

/// Entries of lists and dicts that are to be removed.
#[derive(Default)]
struct Entries<'d> {
    /// By where the outermost list or dict of a line begins: it, and the lists and dicts in it that lose entries.
    wholes: BTreeMap<usize, (Place<'d>, BTreeMap<usize, Losing>)>,
}

/// A list or dict that loses entries.
struct Losing {
    /// All that stands between its brackets.
    inside: Span,
    /// Each of its entries, and whether it goes.
    entries: Vec<(Span, bool)>,
}

impl<'d> Entries<'d> {
    /// Notes that `entry` of `outer`, which is `whole` or stands in it, goes; nothing if it is not found there.
    fn add(&mut self, source: &[u8], whole: &Place<'d>, outer: &Place<'d>, entry: &Place<'d>) -> Option<()> {
        let (_, losing) = self.wholes.entry(whole.span().start).or_insert_with(|| (*whole, BTreeMap::new()));
        let span = outer.span();
        let losing = match losing.entry(span.start) {
            btree_map::Entry::Occupied(known) => known.into_mut(),
            btree_map::Entry::Vacant(new) => {
                let span_of = |entry: &sdn::Entry| {
                    Span::new(entry.key.map_or(entry.value.span.start, |key| key.start), entry.value.span.end)
                };
                let entries = sdn::entries(source, span)?.iter().map(|entry| (span_of(entry), false)).collect();
                new.insert(Losing { inside: Span::new(span.start + 1, span.end - 1), entries })
            }
        };
        losing.entries.iter_mut().find(|(span, _)| span.end == entry.span().end)?.1 = true;
        Some(())
    }

    fn remove(self, edit: &mut Edit<'d>) -> Result<(), EditError> {
        for (whole, losing) in self.wholes.into_values() {
            let mut cuts: Vec<Span> = losing.values().flat_map(Losing::cuts).collect();
            cuts.sort_unstable_by_key(|cut| (cut.start, std::cmp::Reverse(cut.end)));
            edit.cut(&whole, &cuts)?;
        }
        Ok(())
    }
}

impl Losing {
    /// What goes: each entry with the comma that parts it from the next one or, of the last ones, from the one before.
    fn cuts(&self) -> Vec<Span> {
        let mut cuts = Vec::new();
        let mut before = None;
        let mut entries = self.entries.iter().peekable();
        while let Some(&(span, goes)) = entries.next() {
            if !goes {
                before = Some(span);
                continue;
            }
            while entries.next_if(|(_, goes)| *goes).is_some() {}
            cuts.push(match (entries.peek(), before) {
                (Some((next, _)), _) => Span::new(span.start, next.start),
                (None, Some(before)) => {
                    Span::new(before.end, self.entries.last().map_or(span.end, |(last, _)| last.end))
                }
                (None, None) => self.inside,
            });
        }
        cuts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn removed(source: &str, addresses: &[&str], purge: bool) -> Result<String, String> {
        let addresses: Vec<Address> = addresses.iter().map(|address| address.parse().unwrap()).collect();
        let how = Removing { purge, ..Removing::default() };
        let removed =
            remove(&Document::parse(source), &addresses, how, &Schema::default()).map_err(|error| error.to_string())?;
        Ok(String::from_utf8(removed).unwrap())
    }

    const SOURCE: &str = "\
port: 8080  # web
limits = {cpu: 4, mem: [1, 2, 3], }
server:
    host: localhost
    log:
        level: info

stages:
    build
    # then
    test
t |id, n, valid|
    1, a, false
    1, b, true
    2, c, true
u |id|
    1
    2";

    #[test]
    fn records_are_hidden_or_removed() {
        let source = removed(SOURCE, &["t.1", "u.2"], false).unwrap();
        assert_eq!(
            source,
            SOURCE.replace("b, true", "b, false").replace("\n    2\"", "").strip_suffix("\n    2").unwrap()
        );
        let source = removed(SOURCE, &["t.1"], true).unwrap();
        assert_eq!(source, SOURCE.replace("    1, a, false\n    1, b, true\n", ""));
        assert_eq!(removed(SOURCE, &["t"], false).unwrap_err(), "`t` is a table with 3 rows");
        assert!(removed(SOURCE, &["t"], true).unwrap().ends_with("    test\nu |id|\n    1\n    2"));
        assert!(removed(SOURCE, &["t.2.n"], false).unwrap_err().contains("is a cell"));
    }

    #[test]
    fn settings_and_elements_are_removed_with_all_below_them() {
        let source = removed(SOURCE, &["port", "server.log", "stages[1]"], false).unwrap();
        let expected = SOURCE.replace("port: 8080  # web\n", "").replace("    log:\n        level: info\n", "");
        assert_eq!(source, expected.replace("    test\n", ""));
        assert!(!removed(SOURCE, &["server"], false).unwrap().contains("info"));
        let entry = |address: &str| removed(SOURCE, &[address], false).unwrap().lines().nth(1).unwrap().to_owned();
        assert_eq!(entry("limits.cpu"), "limits = {mem: [1, 2, 3], }");
        assert_eq!(entry("limits.mem"), "limits = {cpu: 4, }");
        assert_eq!(entry("limits.mem[0]"), "limits = {cpu: 4, mem: [2, 3], }");
        assert_eq!(entry("limits.mem[2]"), "limits = {cpu: 4, mem: [1, 2], }");
        let entries =
            |addresses: &[&str]| removed(SOURCE, addresses, false).unwrap().lines().nth(1).unwrap().to_owned();
        assert_eq!(entries(&["limits.mem[0]", "limits.mem[2]"]), "limits = {cpu: 4, mem: [2], }");
        assert_eq!(entries(&["limits.mem[2]", "limits.mem[1]", "limits.cpu"]), "limits = {mem: [1], }");
        assert_eq!(entries(&["limits.mem[2]", "limits.mem[1]", "limits.mem[0]"]), "limits = {cpu: 4, mem: [], }");
        assert_eq!(entries(&["limits.mem[1]", "limits.mem"]), "limits = {cpu: 4, }");
        assert_eq!(entries(&["limits.mem", "limits.cpu"]), "limits = {}");
        // What stays is as it was, whatever a reader makes of it.
        let odd = "l: [007, 2, 1_0]\nd: {a: 1, b: 1.50}\nt |id, v|\n    1, [50%, 2, x y]\n";
        let left = "l: [007, 1_0]\nd: {b: 1.50}\nt |id, v|\n    1, [50%, x y]\n";
        assert_eq!(removed(odd, &["l[1]", "d.a", "t.1.v[1]"], false).unwrap(), left);
    }
}
