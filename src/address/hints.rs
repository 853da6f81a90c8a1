//! Of what is not there: whether it is, and cannot be read, or where something like it is.

use super::lookup::{LookupError, Search};
use super::names::{is_of_name, name_of, without_dash};
use super::{Address, Step};
use crate::check::{self, Finding};
use crate::sdn::{PieceKind, Table};

impl<'d> Search<'d, '_, '_> {
    /// Why a block, or the document, has no table or setting of this name: it may be there, and not be readable.
    pub(super) fn no_entry(&mut self, parent: Option<usize>, name: &str, depth: usize) -> LookupError {
        let document = self.document;
        if let Some(error) = self.passed_over(parent, name) {
            return error;
        }
        let instead = document.children(parent).filter_map(|piece| name_of(document, piece));
        let mut error = self.not_found("table or setting", name, depth, instead);
        if !self.wants_hints {
            return error;
        }
        let mut found: Vec<Address> = Vec::new();
        // A name with dots in it.
        for (joined, rest) in self.joined(depth) {
            if !self.names.find(document, parent, &joined).is_empty() {
                found.push(self.followed(depth, joined, rest));
            }
        }
        let rest = &self.address.steps()[depth + 1..];
        let pieces = 0..document.pieces().len();
        let others = pieces.filter(|&piece| name_of(document, piece).as_deref() == Some(name));
        found.extend(others.map(|piece| rest.iter().fold(Address::of_piece(document, piece), Address::and)));
        self.offer(found, &mut error);
        error
    }

    /// Names with an error those of some addresses that lead somewhere.
    fn offer(&mut self, mut found: Vec<Address>, error: &mut LookupError) {
        found.retain(|address| self.leads_somewhere(address));
        found.dedup();
        if let LookupError::NotFound { elsewhere, .. } = error {
            *elsewhere = found;
        }
    }

    /// The names from here on as one, two and more of them together, with the number of those that are left.
    fn joined(&self, depth: usize) -> Vec<(String, usize)> {
        let steps = self.address.steps();
        let mut all = Vec::new();
        let mut joined = String::new();
        for (at, step) in steps.iter().enumerate().skip(depth) {
            let Step::Name(name) = step else { break };
            joined = if joined.is_empty() { name.clone() } else { format!("{joined}.{name}") };
            if at > depth {
                all.push((joined.clone(), steps.len() - at - 1));
            }
        }
        all
    }

    /// The address with this name in place of those from here on, but for the last ones.
    fn followed(&self, depth: usize, name: String, rest: usize) -> Address {
        let steps = self.address.steps();
        let address = if depth == 0 { Address::of(name) } else { self.address.first(depth).with(name) };
        steps[steps.len() - rest..].iter().fold(address, Address::and)
    }

    /// A line of a block that begins with this name, and is no statement that can be read.
    fn passed_over(&self, parent: Option<usize>, name: &str) -> Option<LookupError> {
        let document = self.document;
        let source = document.source();
        let mut range = parent.map_or(0..document.pieces().len(), |parent| parent + 1..document.pieces()[parent].end);
        let begins = |text: &[u8]| {
            let goes_on = |b: &u8| is_of_name(*b) || *b == b'#';
            without_dash(text).strip_prefix(name.as_bytes()).is_some_and(|behind| !behind.first().is_some_and(goes_on))
        };
        let is_meant = |&piece: &usize| {
            let line = &document.pieces()[piece];
            line.kind == PieceKind::Other && begins(document.body(line).of(source))
        };
        let piece = range.find(|piece| !name.is_empty() && is_meant(piece))?;
        let span = document.pieces()[piece].span;
        let is_about = |finding: &Finding| finding.span.start < span.end && span.start < finding.span.end.max(1);
        let found = check::check(document).into_iter().find(is_about);
        let why = found.map_or_else(|| "it is no table or setting".to_owned(), |finding| finding.message);
        Some(LookupError::Unreadable { line: self.line(piece), why })
    }

    /// A key with dots in it needs quotes.
    pub(super) fn no_record(&mut self, table: &Table<'d>, key: &str, depth: usize) -> LookupError {
        let mut error = self.not_found("record", key, depth, std::iter::empty());
        if self.wants_hints {
            let joined = self.joined(depth).into_iter().filter(|(key, _)| self.index.find(table, key).is_ok());
            let joined: Vec<(String, usize)> = joined.collect();
            let found = joined.into_iter().map(|(key, rest)| self.followed(depth, key, rest)).collect();
            self.offer(found, &mut error);
        }
        error
    }
}
