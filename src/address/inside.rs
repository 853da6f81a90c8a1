//! What stands within a value: the entries of lists and dicts on one line.

use super::Step;
use super::lookup::{LookupError, Search};
use crate::sdn::{Entry, Place, Spelling};

impl<'d> Search<'d, '_, '_> {
    /// Follows the rest of the address into lists and dicts on one line.
    pub(super) fn in_value(&mut self, mut place: Place<'d>, mut depth: usize) -> Result<Place<'d>, LookupError> {
        while let Some(step) = self.address.steps().get(depth) {
            let name = match step {
                Step::Name(name) => name.clone(),
                Step::Index(index) => format!("[{index}]"),
            };
            if place.value().spelling() != Spelling::Bracketed {
                return Err(self.nothing_within("a single value", &name, depth));
            }
            let source = self.document.source();
            let Some(entries) = self.last.entries(source, place.span()) else {
                let why = "its list or dict reaches over several lines or is not well-formed".to_owned();
                return Err(LookupError::Unreadable { line: self.line_at(place.span().start), why });
            };
            let is_list = source[place.span().start] == b'[';
            let (number, keys) = (entries.len(), entries.iter().filter_map(|entry| entry.key));
            let found: Vec<Entry> = match step {
                Step::Index(index) if is_list => entries.get(*index).copied().into_iter().collect(),
                Step::Name(name) if !is_list => entries
                    .iter()
                    .filter(|entry| entry.key.is_some_and(|key| key.of(source) == name.as_bytes()))
                    .copied()
                    .collect(),
                Step::Index(_) => return Err(self.nothing_within("a dict, whose entries are named", &name, depth)),
                Step::Name(_) => return Err(self.nothing_within("a list, whose elements are counted", &name, depth)),
            };
            match found[..] {
                [entry] => {
                    place = Place::new(self.document, place.piece(), entry.value.span, entry.value.spelling);
                }
                [] => match step {
                    Step::Index(index) => return Err(self.no_element("element", *index, number, depth)),
                    Step::Name(_) => {
                        let names = keys.map(|key| String::from_utf8_lossy(key.of(source))).collect::<Vec<_>>();
                        return Err(self.not_found("entry", &name, depth, names.into_iter()));
                    }
                },
                _ => {
                    let line = self.line_at(place.span().start);
                    return Err(LookupError::Several { what: "entry", name, lines: vec![line; found.len()] });
                }
            }
            depth += 1;
        }
        Ok(place)
    }
}
