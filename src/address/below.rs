//! What an address can go on with.

use std::borrow::Cow;

use super::{Address, Finder, LookupError, Step, Target, names};
use crate::record::Key;
use crate::sdn::{self, Document, Place, Row, Spelling, Table};

/// One step that an address can go on with, and what it then names.
#[derive(Clone, Debug)]
pub struct Below<'d> {
    /// The next step.
    pub step: Step,
    /// What the address names with it; nothing if what stands there cannot be read for certain.
    pub target: Option<Target<'d>>,
}

/// The steps, one after the other: a table may have very many records.
type Steps<'d> = Box<dyn Iterator<Item = Below<'d>> + 'd>;

impl<'d> Finder<'d, '_> {
    /// What an address can go on with: the tables and settings of a document or block, the records of a table, the
    /// columns of a record, the elements of a list, the entries of a dict.
    ///
    /// They come in the order of the document, each as often as it stands there, what cannot be read for certain
    /// without a target. Below a single value there is nothing.
    ///
    /// ```
    /// use sdnlock::address::{Finder, Step};
    /// use sdnlock::record::Keys;
    /// use sdnlock::sdn::Document;
    ///
    /// let document = Document::parse("port: 80\nt |id, n|\n    1, a\n    2, b\n");
    /// let keys = Keys::new();
    /// let mut finder = Finder::new(&document, &keys);
    /// let name = |step| if let Step::Name(name) = step { name } else { unreachable!() };
    /// let mut names = |address: Option<&str>| -> Result<Vec<String>, Box<dyn std::error::Error>> {
    ///     let address = address.map(str::parse).transpose()?;
    ///     Ok(finder.below(address.as_ref())?.map(|below| name(below.step)).collect())
    /// };
    /// assert_eq!(names(None)?, ["port", "t"]);
    /// assert_eq!(names(Some("t"))?, ["1", "2"]);
    /// assert_eq!(names(Some("t.2"))?, ["id", "n"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`find`](Self::find); there is always something at the top of the document, where no address is given.
    pub fn below(&mut self, address: Option<&Address>) -> Result<Steps<'d>, LookupError> {
        let document = self.document();
        let Some(address) = address else {
            return Ok(entries(document, None));
        };
        Ok(match self.find(address)? {
            Target::Table(table) => match self.key_columns(&table) {
                key if key.is_empty() => rows(table),
                key => records(table, key),
            },
            Target::Record(table, row) => cells(table, row),
            Target::Block(piece) => entries(document, Some(piece)),
            Target::Value(place) => inside(place),
        })
    }
}

fn entries(document: &Document, parent: Option<usize>) -> Steps<'_> {
    let children = move || document.children(parent);
    // A block is one of elements if none of its lines has a name.
    if parent.is_some() && children().all(|piece| names::name_of(document, piece).is_none()) {
        return Box::new(children().enumerate().map(|(position, piece)| {
            let place = Place::of_element(document, piece).ok();
            Below { step: Step::Index(position), target: place.map(Target::Value) }
        }));
    }
    Box::new(children().filter_map(|piece| {
        let name = names::name_of(document, piece).or_else(|| names::meant_name(document, piece))?;
        let target = document.table_at(piece).map(Target::Table).or_else(|| setting(document, piece));
        Some(Below { step: Step::Name(name.into_owned()), target })
    }))
}

fn setting(document: &Document, piece: usize) -> Option<Target<'_>> {
    let line = document.setting_line(&document.pieces()[piece])?;
    if line.value.spelling == Spelling::Empty && document.children(Some(piece)).next().is_some() {
        return Some(Target::Block(piece));
    }
    let readable = line.value.problem.is_none();
    readable.then(|| Target::Value(Place::new(document, piece, line.value.span, line.value.spelling)))
}

fn records(table: Table<'_>, key: Vec<usize>) -> Steps<'_> {
    Box::new(table.rows().filter_map(move |row| {
        let step = Step::Name(Key::of(&row, &key)?.to_string());
        Some(Below { step, target: record(table, row) })
    }))
}

/// The rows of a table without a key, by their numbers.
fn rows(table: Table<'_>) -> Steps<'_> {
    let rows = table.rows().enumerate();
    Box::new(rows.map(move |(number, row)| Below { step: Step::Index(number), target: record(table, row) }))
}

fn record<'d>(table: Table<'d>, row: Row<'d>) -> Option<Target<'d>> {
    row.reading().fits().then_some(Target::Record(table, row))
}

fn cells<'d>(table: Table<'d>, row: Row<'d>) -> Steps<'d> {
    // The columns of a typed table have no names.
    let names: Vec<Cow<'d, str>> = if table.is_typed() { Vec::new() } else { table.columns().collect() };
    let document = table.document();
    Box::new(names.into_iter().enumerate().filter_map(move |(position, name)| {
        let place = Place::of_cell(document, row.piece(), row.cell(position)?);
        Some(Below { step: Step::Name(name.into_owned()), target: Some(Target::Value(place)) })
    }))
}

fn inside(place: Place<'_>) -> Steps<'_> {
    let document = place.document();
    let is_several = place.value().spelling() == Spelling::Bracketed;
    let entries = is_several.then(|| sdn::entries(document.source(), place.span())).flatten().unwrap_or_default();
    Box::new(entries.into_iter().enumerate().map(move |(position, entry)| {
        let step = match entry.key {
            Some(key) => Step::Name(String::from_utf8_lossy(key.of(document.source())).into_owned()),
            None => Step::Index(position),
        };
        let place = Place::new(document, place.piece(), entry.value.span, entry.value.spelling);
        Below { step, target: Some(Target::Value(place)) }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Keys;

    const DOCUMENT: &str = "port: 8080\nlimits: {jobs: 4, opts: [one, two]}\nstages:\n    build\n    test all\n\
        server:\n    host: a\n    ports |name, port|\n        web, 80\nt |id, n|\n    1, a\n    1, b, c, d\n    \"x y\", c\n\
        points = table{i32, i32}\n    (1, 2)\nwords |a|b|\nnotes by hand\nsaid: a ) b\n- ref: main\n";

    fn below(address: &str) -> Vec<String> {
        let document = Document::parse(DOCUMENT);
        let keys = Keys::new();
        let address: Option<Address> = (!address.is_empty()).then(|| address.parse().unwrap());
        let mut finder = Finder::new(&document, &keys);
        let below = finder.below(address.as_ref()).unwrap();
        let shown = |Below { step, target }| {
            let step = match step {
                Step::Name(name) => name,
                Step::Index(index) => format!("#{index}"),
            };
            if target.is_some() { step } else { format!("{step}?") }
        };
        below.map(shown).collect()
    }

    #[test]
    fn every_place_says_what_stands_below_it() {
        assert_eq!(below(""), ["port", "limits", "stages", "server", "t", "points", "words?", "said", "ref?"]);
        assert_eq!(below("server"), ["host", "ports"]);
        assert_eq!(below("server.ports"), ["web"]);
        assert_eq!(below("t"), ["1", "1?", "x y"]);
        assert_eq!(below("server.ports.web"), ["name", "port"]);
        assert_eq!(below("limits"), ["jobs", "opts"]);
        assert_eq!(below("limits.opts"), ["#0", "#1"]);
        assert_eq!(below("stages"), ["#0", "#1"]);
        assert_eq!(below("port"), [""; 0]);
        assert_eq!(below("t.\"x y\""), ["id", "n"]);
    }
}
