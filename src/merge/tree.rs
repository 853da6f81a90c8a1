//! The merge of a document from the outside in: blocks, tables, rows.

use std::cell::OnceCell;

use super::align::{Placed, Token, align};
use super::cells::{Outcome, Rows, Version};
use super::columns::Columns;
use super::conflict::{Clash, Conflict, ConflictKind, Side, Subject};
use super::items::{self, Item, items, without_line_end};
use super::keys::key_of;
use super::page::Page;
use super::rowwise::{Fitted, Rowwise};
use super::{Options, Strategy, rows, settings, three_way};
use crate::address::Address;
use crate::sdn::{Document, PieceKind, Table};
use crate::text::Lines;

/// Merges three documents into `page`, and gives the conflicts.
pub(super) fn merge(documents: [&Document; 3], options: &Options, page: &mut Page<'_>) -> Vec<Conflict> {
    let mut tree = Tree { documents, options, page, conflicts: Vec::new(), lines: Default::default(), depth: 0 };
    tree.block(documents.map(|document| (0, document.pieces().len())), None);
    tree.conflicts
}

struct Tree<'d, 'm, 'p> {
    documents: [&'d Document; 3],
    options: &'m Options,
    page: &'m mut Page<'p>,
    conflicts: Vec<Conflict>,
    lines: [OnceCell<Lines<'d>>; 3],
    /// How many blocks are open.
    depth: usize,
}

/// Blocks deeper than this are not looked into.
const MOST_DEPTH: usize = 64;

/// Where items stand.
enum Within<'a, 'd> {
    /// In the document, or in the block of the setting with this address.
    Block(Option<&'a Address>),
    /// In a table.
    Table(&'a Rowwise<'d>),
}

/// One item on each side that has it.
type Versions = [Option<Item>; 3];

impl<'d> Tree<'d, '_, '_> {
    /// The items between two pieces of each side.
    fn block(&mut self, ranges: [(usize, usize); 3], address: Option<&Address>) {
        let found = self.items(ranges);
        let tokens = items::tokens(self.documents, &found);
        self.place_all(&found, &tokens, &Within::Block(address));
    }

    fn rows(&mut self, ranges: [(usize, usize); 3], table: &Rowwise<'d>) {
        let found = self.items(ranges);
        let tokens = rows::tokens(self.documents, table, &found);
        self.place_all(&found, &tokens, &Within::Table(table));
    }

    fn items(&self, ranges: [(usize, usize); 3]) -> [Vec<Item>; 3] {
        std::array::from_fn(|side| items(self.documents[side], ranges[side].0, ranges[side].1))
    }

    fn place_all(&mut self, items: &[Vec<Item>; 3], tokens: &[Vec<Token>; 3], within: &Within<'_, 'd>) {
        for placed in align([&tokens[0], &tokens[1], &tokens[2]]) {
            match placed {
                Placed::One(at) => self.place(std::array::from_fn(|side| at[side].map(|at| items[side][at])), within),
                Placed::Clash(at) if self.options.strategy == Strategy::LastWriteWins => {
                    for &their in &at[2] {
                        self.copy([None, None, Some(items[2][their])], 2, within);
                    }
                }
                Placed::Clash(at) => {
                    let text = |side: usize| {
                        let lines = at[side].iter().map(|&at| self.text(side, items[side][at]));
                        lines.collect::<Vec<_>>().join(self.page.line_end())
                    };
                    let texts = [text(0), text(1), text(2)];
                    let first = |side: usize| at[side].first().map(|&at| items[side][at]);
                    let versions = [first(0), first(1), first(2)];
                    self.conflict(ConflictKind::Changed, Subject::Lines, versions, &texts, Vec::new());
                }
            }
        }
    }

    fn place(&mut self, versions: Versions, within: &Within<'_, 'd>) {
        match versions {
            [_, Some(_), Some(_)] => self.both(versions, within),
            [None, Some(_), None] => self.copy(versions, 1, within),
            [None, None, Some(_)] => self.copy(versions, 2, within),
            [Some(base), Some(ours), None] => self.removed(Side::Theirs, (0, base), (1, ours), versions, within),
            [Some(base), None, Some(theirs)] => self.removed(Side::Ours, (0, base), (2, theirs), versions, within),
            [_, None, None] => {}
        }
    }

    fn text(&self, side: usize, item: Item) -> &'d [u8] {
        item.text(self.documents[side])
    }

    /// One side has it as it was, or not at all.
    fn copy(&mut self, versions: Versions, side: usize, within: &Within<'_, 'd>) {
        let Some(item) = versions[side] else { return };
        let document = self.documents[side];
        if let Within::Table(table) = within
            && item.kind(document) == PieceKind::Row
        {
            match table.fitted(side, item) {
                Some(Fitted::AsItIs) => {}
                Some(Fitted::Otherwise(line)) => return self.page.lines(&line),
                None => {
                    let subject = self.subject(versions, within);
                    return self.unresolved(ConflictKind::Columns, subject, versions, Vec::new());
                }
            }
        }
        self.page.lines(item.span(document).of(document.source()));
    }

    /// Removed by one side. What the other one did not change goes.
    fn removed(
        &mut self,
        by: Side,
        (_, base): (usize, Item),
        (side, item): (usize, Item),
        versions: Versions,
        within: &Within<'_, 'd>,
    ) {
        let is_as_it_was = match within {
            Within::Table(table) if item.kind(self.documents[side]) == PieceKind::Row => {
                (table.columns.are_alike(0, side) && self.text(0, base) == self.text(side, item))
                    || table.says_the_same(side, base, item)
            }
            _ => self.text(0, base) == self.text(side, item),
        };
        if is_as_it_was {
            return;
        }
        match (self.options.strategy, by) {
            (Strategy::LastWriteWins, Side::Theirs) => {}
            (Strategy::LastWriteWins, _) => self.copy(versions, side, within),
            _ => {
                let subject = self.subject(versions, within);
                self.unresolved(ConflictKind::Removed(by), subject, versions, Vec::new());
            }
        }
    }

    /// Both sides have it.
    fn both(&mut self, versions: Versions, within: &Within<'_, 'd>) {
        let [base, Some(ours), Some(theirs)] = versions else { return };
        let (our, their) = (self.text(1, ours), self.text(2, theirs));
        let old = base.map(|base| self.text(0, base));
        // Of rows in other columns the same text says something else.
        let are_alike = |one: usize, other: usize| match within {
            Within::Table(table) => table.columns.are_alike(one, other),
            Within::Block(_) => true,
        };
        if our == their && are_alike(1, 2) {
            // They may still end otherwise.
            let whole = |side: usize, item: Item| item.span(self.documents[side]).of(self.documents[side].source());
            let is_as_it_was = base.is_some_and(|base| whole(0, base) == whole(1, ours));
            return self.copy(versions, if is_as_it_was { 2 } else { 1 }, within);
        }
        // A row of ours may need cells of theirs.
        let is_forced = matches!(within, Within::Table(table) if table.columns.is_forced);
        if old == Some(their) && are_alike(0, 2) && !is_forced {
            return self.copy(versions, 1, within);
        }
        if old == Some(our) && are_alike(0, 1) {
            return self.copy(versions, 2, within);
        }
        let kind = |side: usize| versions[side].map(|item| item.kind(self.documents[side]));
        let alike = |of: PieceKind| kind(1) == Some(of) && kind(2) == Some(of) && kind(0).is_none_or(|kind| kind == of);
        match within {
            Within::Table(table) if alike(PieceKind::Row) => self.record(versions, table),
            Within::Block(address) if alike(PieceKind::Table) => self.table(versions, *address),
            Within::Block(address) if alike(PieceKind::Setting) => self.setting(versions, *address),
            _ => self.opaque(versions, within, Vec::new()),
        }
    }

    /// Versions of something that is not looked into.
    fn opaque(&mut self, versions: Versions, within: &Within<'_, 'd>, clashes: Vec<Clash>) {
        if self.options.strategy == Strategy::LastWriteWins {
            return self.copy(versions, 2, within);
        }
        let kind = if versions[0].is_some() { ConflictKind::Changed } else { ConflictKind::Added };
        let subject = self.subject(versions, within);
        self.unresolved(kind, subject, versions, clashes);
    }

    fn record(&mut self, versions: Versions, table: &Rowwise<'d>) {
        let version = |side: usize| {
            let item = versions[side]?;
            let document = self.documents[side];
            let row = table.tables[side]?.row_at(item.piece)?;
            let start = item.span(document).start;
            let line = (start, start + self.text(side, item).len());
            Some(Version { row, source: document.source(), line })
        };
        let (Some(ours), Some(theirs)) = (version(1), version(2)) else { return };
        // What both sides made of a record that was hidden are two new ones.
        let is_live = |side: usize, version: &Version<'d>| {
            table.tables[side].is_some_and(|table| crate::record::is_live(&table, &version.row))
        };
        let both_revived = is_live(1, &ours) && is_live(2, &theirs);
        let base = version(0).filter(|base| !both_revived || is_live(0, base));
        let rows = Rows { columns: &table.columns, base, ours, theirs, strategy: self.options.strategy };
        match rows.merge() {
            Outcome::Clean(line) => self.page.lines(&self.with_end(line, versions)),
            Outcome::Clash { kind, clashes, ours, theirs } => {
                let modified = rows.modified();
                let base = versions[0].map(|item| self.text(0, item).to_vec()).unwrap_or_default();
                let subject = self.subject(versions, &Within::Table(table));
                self.conflict(kind, subject, versions, &[base, ours, theirs], clashes);
                if let Some(conflict) = self.conflicts.last_mut() {
                    conflict.modified = modified;
                }
            }
        }
    }

    fn table(&mut self, versions: Versions, within: Option<&Address>) {
        let tables: [Option<Table<'d>>; 3] =
            std::array::from_fn(|side| versions[side].and_then(|item| self.documents[side].table_at(item.piece)));
        let all = || tables.iter().flatten();
        let is_typed = all().any(Table::is_typed);
        let stands_alone = all().any(|table| table.row_at(table.piece()).is_some());
        let theirs_wins = self.options.strategy == Strategy::LastWriteWins;
        let columns = Columns::merge(tables).or_else(|| theirs_wins.then(|| Columns::of_theirs(tables)));
        let Some(columns) = columns.filter(|_| !is_typed && !stands_alone) else {
            return self.opaque(versions, &Within::Block(within), Vec::new());
        };
        let (length, conflicts) = (self.page.bytes.len(), self.conflicts.len());
        // Whether rows that do not fit were taken back.
        let taken_back = |tree: &mut Self| {
            let has_failed = theirs_wins && tree.conflicts.len() > conflicts;
            if has_failed {
                tree.page.cut(length);
                tree.conflicts.truncate(conflicts);
            }
            has_failed
        };
        self.table_in(columns, tables, versions, within);
        if taken_back(self) {
            self.table_in(Columns::of_theirs(tables), tables, versions, within);
        }
        if taken_back(self) {
            self.copy(versions, 2, &Within::Block(within));
        }
    }

    /// A table in these columns.
    fn table_in(
        &mut self,
        columns: Columns<'d>,
        tables: [Option<Table<'d>>; 3],
        versions: Versions,
        within: Option<&Address>,
    ) {
        let headers: [Option<&[u8]>; 3] =
            std::array::from_fn(|side| versions[side].map(|item| item.own_text(self.documents[side])));
        let header = match columns.carrier {
            Some(side) => headers[side],
            None => three_way(&headers[0].or(headers[1]), headers[1], headers[2]).unwrap_or(headers[1]),
        };
        let header = self.with_end(header.unwrap_or_default().to_vec(), versions);
        self.page.lines(&header);
        let table = Rowwise::of(below(within, self.name(versions)), tables, columns, &self.options.keys);
        self.rows(below_pieces(versions), &table);
    }

    fn setting(&mut self, versions: Versions, within: Option<&Address>) {
        let name = self.name(versions);
        let pieces = versions.map(|item| item.map(|item| item.piece));
        let own: [Option<&[u8]>; 3] =
            std::array::from_fn(|side| versions[side].map(|item| item.own_text(self.documents[side])));
        // A value on the line of one side, and lines below that of the other one, exclude each other.
        let has_block = |side: usize| versions[side].is_some_and(|item| item.end > item.piece + 1);
        if own[1] != own[2] && has_block(1) != has_block(2) {
            return self.opaque(versions, &Within::Block(within), Vec::new());
        }
        let merged = match three_way(&own[0], own[1], own[2]) {
            Some(own) => Ok(own.unwrap_or_default().to_vec()),
            None => settings::merge(self.documents, pieces, &name),
        };
        let merged = if self.depth < MOST_DEPTH { merged } else { Err(Vec::new()) };
        match merged {
            Ok(line) => {
                let line = self.with_end(line, versions);
                self.page.lines(&line);
                let address = below(within, name);
                self.depth += 1;
                self.block(below_pieces(versions), Some(&address));
                self.depth -= 1;
            }
            Err(clashes) => self.opaque(versions, &Within::Block(within), clashes),
        }
    }

    /// The name of a table or setting.
    fn name(&self, versions: Versions) -> String {
        let name = |side: usize| versions[side].and_then(|item| items::name(self.documents[side], item.piece));
        String::from_utf8_lossy(name(1).or(name(2)).or(name(0)).unwrap_or_default()).into_owned()
    }

    /// What a conflict is about.
    fn subject(&self, versions: Versions, within: &Within<'_, 'd>) -> Subject {
        match within {
            Within::Table(table) => {
                let key = |side: usize| {
                    let row = table.tables[side]?.row_at(versions[side]?.piece)?;
                    key_of(&row, &table.keys[side]).map(|key| key.to_string())
                };
                match key(1).or_else(|| key(2)).or_else(|| key(0)) {
                    Some(key) => Subject::Record { table: table.address.to_string(), key },
                    None => Subject::Lines,
                }
            }
            Within::Block(within) => match self.name(versions) {
                name if name.is_empty() => Subject::Lines,
                name => Subject::Entry { address: below(*within, name).to_string() },
            },
        }
    }

    /// A line with the line end that it has on our side.
    fn with_end(&self, mut line: Vec<u8>, versions: Versions) -> Vec<u8> {
        let end = |side: usize| {
            let item = versions[side]?;
            let own = self.documents[side].pieces()[item.piece].span.of(self.documents[side].source());
            let end = &own[without_line_end(own).len()..];
            (!end.is_empty()).then_some(end)
        };
        line.extend(end(1).or_else(|| end(2)).unwrap_or(self.page.line_end()));
        line
    }

    /// A conflict of the lines as they stand on each side.
    fn unresolved(&mut self, kind: ConflictKind, subject: Subject, versions: Versions, clashes: Vec<Clash>) {
        let texts: [Vec<u8>; 3] =
            std::array::from_fn(|side| versions[side].map(|item| self.text(side, item).to_vec()).unwrap_or_default());
        self.conflict(kind, subject, versions, &texts, clashes);
    }

    fn conflict(
        &mut self,
        kind: ConflictKind,
        subject: Subject,
        versions: Versions,
        texts: &[Vec<u8>; 3],
        clashes: Vec<Clash>,
    ) {
        let lines = std::array::from_fn(|side| {
            let document = self.documents[side];
            let lines = self.lines[side].get_or_init(|| Lines::new(document.source()));
            versions[side].map(|item| lines.position(item.span(document).start).line)
        });
        let line = self.page.line();
        self.conflicts.push(Conflict { kind, subject, clashes, lines, line, modified: [None, None] });
        self.page.conflict([&texts[0], &texts[1], &texts[2]]);
    }
}

/// The pieces below the first one of each version.
fn below_pieces(versions: Versions) -> [(usize, usize); 3] {
    versions.map(|item| item.map_or((0, 0), |item| (item.piece + 1, item.end)))
}

fn below(within: Option<&Address>, name: String) -> Address {
    match within {
        Some(address) => address.clone().with(name),
        None => Address::of(name),
    }
}
