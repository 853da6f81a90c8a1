//! The merge of a document from the outside in: blocks, tables, rows.

use super::align::{Placed, align};
use super::cells::{Outcome, Rows, Version};
use super::columns::Columns;
use super::conflict::{Clash, Conflict, ConflictKind, FullName, Subject};
use super::draft::Draft;
use super::entries;
use super::items::{self, Item, items};
use super::keys::key_of;
use super::level::{Doubt, Entry, Level};
use super::numbers::Doubtful;
use super::page::Page;
use super::rows;
use super::rowwise::{Fitted, Rowwise};
use super::settings;
use super::sides::{Side, Sides};
use super::{Options, Strategy};
use crate::sdn::{Document, PieceKind, Row, Table};

/// Merges three documents into `page`. Of `doubtful` records, named by table and key, it is not known what they were in
/// the base. With `by_content` the rows of tables without a key are known by what they say, wherever they stand. The
/// flag says whether a name or key stood there more often than once, or in a conflict.
pub(super) fn merge<'d, 'p>(
    documents: Sides<&'d Document>,
    doubtful: &Doubtful,
    options: &Options,
    by_content: bool,
    page: Page<'p>,
) -> (Draft<'d, 'p>, bool) {
    let draft = Draft::new(documents, page);
    let mut tree = Tree { documents, doubtful, options, by_content, draft, was_tangled: false, depth: 0 };
    tree.block(documents.map(|document| (0, document.pieces().len())), Sides::default(), None);
    (tree.draft, tree.was_tangled)
}

struct Tree<'d, 'm, 'p> {
    documents: Sides<&'d Document>,
    doubtful: &'m Doubtful,
    options: &'m Options,
    by_content: bool,
    draft: Draft<'d, 'p>,
    was_tangled: bool,
    /// How many blocks are open.
    depth: usize,
}

/// Blocks deeper than this are not looked into.
const MAX_DEPTH: usize = 64;

/// Where items stand.
enum Within<'a, 'd> {
    /// In the document, or in the block of the setting of this name.
    Block(Option<&'a FullName>),
    /// In a table.
    Table(&'a Rowwise<'d>),
}

/// One item on each side that has it.
type Versions = Sides<Option<Item>>;

impl<'d> Tree<'d, '_, '_> {
    /// The items between two pieces of each side, which the settings `parents` hold.
    fn block(&mut self, ranges: Sides<(usize, usize)>, parents: Sides<Option<usize>>, within: Option<&FullName>) {
        let level = entries::level(self.documents, parents, &self.items(ranges));
        self.place_all(&level, &Within::Block(within));
    }

    fn rows(&mut self, ranges: Sides<(usize, usize)>, table: &Rowwise<'d>) {
        let level = rows::level(self.documents, table, &self.items(ranges), self.by_content);
        self.place_all(&level, &Within::Table(table));
    }

    fn items(&self, ranges: Sides<(usize, usize)>) -> Sides<Vec<Item>> {
        Sides::from_fn(|side| items(self.documents[side], ranges[side].0, ranges[side].1))
    }

    fn place_all(&mut self, level: &Level, within: &Within<'_, 'd>) {
        self.was_tangled |= level.is_tangled;
        let item = |side: Side, at: usize| level.entries[side][at].item;
        for placed in align(level.tokens.each_ref().map(Vec::as_slice)) {
            match placed {
                Placed::One(at) => {
                    let entries = Sides::from_fn(|side| at[side].map(|at| &level.entries[side][at]));
                    self.place(entries, within);
                }
                Placed::Clash(at) if self.options.strategy == Strategy::LastWriteWins => {
                    for their in at.theirs {
                        self.copy_alone(Side::Theirs, item(Side::Theirs, their), within);
                    }
                }
                Placed::Clash(at) => {
                    let lines = Sides::from_fn(|side| at[side].iter().map(|&at| item(side, at)).collect());
                    self.lines_conflict(ConflictKind::Changed, Subject::Lines, &lines);
                }
            }
        }
    }

    fn place(&mut self, entries: Sides<Option<&Entry>>, within: &Within<'_, 'd>) {
        if entries.values().flatten().any(|entry| matches!(entry.doubt, Doubt::Tangled(_))) {
            return self.tangle(entries, within);
        }
        let versions = entries.map(|entry| entry.map(|entry| entry.item));
        let is_unknown = entries.values().flatten().any(|entry| matches!(entry.doubt, Doubt::UnknownBase));
        match versions {
            Sides { ours: Some(_), theirs: Some(_), .. } => self.both(versions, within),
            Sides { base: None, ours: Some(_), theirs: None } if is_unknown => {
                self.removed_or_changed(Side::Theirs, versions, within);
            }
            Sides { base: None, ours: None, theirs: Some(_) } if is_unknown => {
                self.removed_or_changed(Side::Ours, versions, within);
            }
            Sides { base: None, ours: Some(_), theirs: None } => self.copy(versions, Side::Ours, within),
            Sides { base: None, ours: None, theirs: Some(_) } => self.copy(versions, Side::Theirs, within),
            Sides { base: Some(base), ours: Some(ours), theirs: None } => {
                self.removed(Side::Theirs, base, ours, versions, within);
            }
            Sides { base: Some(base), ours: None, theirs: Some(theirs) } => {
                self.removed(Side::Ours, base, theirs, versions, within);
            }
            Sides { ours: None, theirs: None, .. } => {}
        }
    }

    /// Both sides changed what is tangled.
    fn tangle(&mut self, entries: Sides<Option<&Entry>>, within: &Within<'_, 'd>) {
        let items = entries.map(|entry| match entry {
            Some(Entry { item, doubt: Doubt::Tangled(others) }) => [&[*item], &others[..]].concat(),
            Some(entry) => vec![entry.item],
            None => Vec::new(),
        });
        if self.options.strategy == Strategy::LastWriteWins {
            for item in items.theirs {
                self.copy_alone(Side::Theirs, item, within);
            }
            return;
        }
        let subject = self.subject(&items, within);
        self.lines_conflict(ConflictKind::Changed, subject, &items);
    }

    fn copy_alone(&mut self, side: Side, item: Item, within: &Within<'_, 'd>) {
        let mut versions = Versions::default();
        versions[side] = Some(item);
        self.copy(versions, side, within);
    }

    /// One side has it as it was, or not at all.
    fn copy(&mut self, versions: Versions, side: Side, within: &Within<'_, 'd>) {
        let Some(item) = versions[side] else { return };
        let document = self.documents[side];
        if let Within::Table(table) = within
            && item.kind(document) == PieceKind::Row
        {
            match table.fitted(side, item) {
                Some(Fitted::AsItIs) => {}
                Some(Fitted::Otherwise(line)) => return self.draft.page.lines(&line),
                None => return self.unresolved(ConflictKind::Columns, versions, Vec::new(), within),
            }
        }
        self.draft.page.lines(item.span(document).of(document.source()));
    }

    /// Removed by one side. What the other one did not change goes.
    fn removed(&mut self, by: Side, base: Item, item: Item, versions: Versions, within: &Within<'_, 'd>) {
        let side = by.other();
        let is_as_it_was = match within {
            Within::Table(table) if item.kind(self.documents[side]) == PieceKind::Row => {
                (table.columns.are_alike(Side::Base, side)
                    && self.draft.text(Side::Base, base) == self.draft.text(side, item))
                    || table.says_the_same(side, base, item)
            }
            _ => self.draft.text(Side::Base, base) == self.draft.text(side, item),
        };
        if !is_as_it_was {
            self.removed_or_changed(by, versions, within);
        }
    }

    /// Removed by one side, changed by the other one.
    fn removed_or_changed(&mut self, by: Side, versions: Versions, within: &Within<'_, 'd>) {
        match (self.options.strategy, by) {
            (Strategy::LastWriteWins, Side::Theirs) => {}
            (Strategy::LastWriteWins, _) => self.copy(versions, Side::Theirs, within),
            _ => self.unresolved(ConflictKind::Removed(by), versions, Vec::new(), within),
        }
    }

    /// Both sides have it.
    fn both(&mut self, versions: Versions, within: &Within<'_, 'd>) {
        let Sides { base, ours: Some(ours), theirs: Some(theirs) } = versions else { return };
        let (our, their) = (self.draft.text(Side::Ours, ours), self.draft.text(Side::Theirs, theirs));
        let old = base.map(|base| self.draft.text(Side::Base, base));
        // Of rows in other columns the same text says something else.
        let are_alike = |one: Side, other: Side| match within {
            Within::Table(table) => table.columns.are_alike(one, other),
            Within::Block(_) => true,
        };
        if our == their && are_alike(Side::Ours, Side::Theirs) {
            // They may still end otherwise.
            let whole = |side: Side, item: Item| item.span(self.documents[side]).of(self.documents[side].source());
            let is_as_it_was = base.is_some_and(|base| whole(Side::Base, base) == whole(Side::Ours, ours));
            return self.copy(versions, if is_as_it_was { Side::Theirs } else { Side::Ours }, within);
        }
        // A row of ours may need cells of theirs.
        let is_forced = matches!(within, Within::Table(table) if table.columns.is_forced);
        if old == Some(their) && are_alike(Side::Base, Side::Theirs) && !is_forced {
            return self.copy(versions, Side::Ours, within);
        }
        if old == Some(our) && are_alike(Side::Base, Side::Ours) {
            return self.copy(versions, Side::Theirs, within);
        }
        let kinds = Sides::from_fn(|side| versions[side].map(|item| item.kind(self.documents[side])));
        let are_all = |of: PieceKind| kinds.values().flatten().all(|kind| *kind == of);
        match within {
            Within::Table(table) if are_all(PieceKind::Row) => self.record(versions, table),
            Within::Block(within) if are_all(PieceKind::Table) => self.table(versions, *within),
            Within::Block(within) if are_all(PieceKind::Setting) => self.setting(versions, *within),
            _ => self.opaque(versions, within, Vec::new()),
        }
    }

    /// Versions of something that is not looked into.
    fn opaque(&mut self, versions: Versions, within: &Within<'_, 'd>, clashes: Vec<Clash>) {
        if self.options.strategy == Strategy::LastWriteWins {
            return self.copy(versions, Side::Theirs, within);
        }
        let kind = if versions.base.is_some() { ConflictKind::Changed } else { ConflictKind::Added };
        self.unresolved(kind, versions, clashes, within);
    }

    fn record(&mut self, versions: Versions, table: &Rowwise<'d>) {
        let version = |side: Side| {
            let item = versions[side]?;
            let document = self.documents[side];
            let row = table.tables[side]?.row_at(item.piece)?;
            let start = item.span(document).start;
            let line = (start, start + self.draft.text(side, item).len());
            Some(Version { row, source: document.source(), line })
        };
        let (Some(ours), Some(theirs)) = (version(Side::Ours), version(Side::Theirs)) else { return };
        // What both sides made of a record that was hidden are two new ones.
        let is_live = |side: Side, version: &Version<'d>| {
            table.tables[side].is_some_and(|table| crate::record::is_live(&table, &version.row))
        };
        let both_revived = is_live(Side::Ours, &ours) && is_live(Side::Theirs, &theirs);
        let base = version(Side::Base)
            .filter(|base| !both_revived || is_live(Side::Base, base))
            .filter(|base| !Self::is_doubtful(table, &base.row));
        let versions_of = Sides { base, ours: Some(ours), theirs: Some(theirs) };
        let Some(rows) = Rows::of(&table.columns, versions_of, self.options.strategy) else { return };
        match rows.merge() {
            Outcome::Clean(line) => self.draft.page.lines(&self.draft.with_end(line, versions)),
            Outcome::Clash { kind, clashes, ours, theirs } => {
                let modified = rows.modified();
                let base = versions.base.map(|item| self.draft.text(Side::Base, item).to_vec()).unwrap_or_default();
                let texts = Sides { base, ours, theirs };
                let items = versions.map(|item| item.into_iter().collect());
                let subject = self.subject(&items, &Within::Table(table));
                let conflict = self.draft.new_conflict(kind, subject, &items, clashes);
                self.draft.conflict(Conflict { modified, ..conflict }, &texts);
            }
        }
    }

    fn is_doubtful(table: &Rowwise<'d>, base: &Row<'d>) -> bool {
        let Some(doubtful) = &table.doubtful else { return false };
        key_of(base, &table.keys.base)
            .is_some_and(|key| key.parts().next().is_some_and(|number| doubtful.contains(number)))
    }

    fn table(&mut self, versions: Versions, within: Option<&FullName>) {
        let tables: Sides<Option<Table<'d>>> =
            Sides::from_fn(|side| versions[side].and_then(|item| self.documents[side].table_at(item.piece)));
        let all = || tables.values().flatten();
        let is_typed = all().any(Table::is_typed);
        let stands_alone = all().any(|table| table.row_at(table.piece()).is_some());
        let theirs_wins = self.options.strategy == Strategy::LastWriteWins;
        let columns = Columns::merge(tables).or_else(|| theirs_wins.then(|| Columns::of_theirs(tables)));
        let Some(columns) = columns.filter(|_| !is_typed && !stands_alone) else {
            return self.opaque(versions, &Within::Block(within), Vec::new());
        };
        let mark = self.draft.mark();
        // Whether rows that do not fit were taken back.
        let taken_back = |tree: &mut Self| {
            let has_failed = theirs_wins && tree.draft.has_conflicts_since(mark);
            if has_failed {
                tree.draft.cut(mark);
            }
            has_failed
        };
        self.table_in(columns, tables, versions, within);
        if taken_back(self) {
            self.table_in(Columns::of_theirs(tables), tables, versions, within);
        }
        if taken_back(self) {
            self.copy(versions, Side::Theirs, &Within::Block(within));
        }
    }

    /// A table in these columns.
    fn table_in(
        &mut self,
        columns: Columns<'d>,
        tables: Sides<Option<Table<'d>>>,
        versions: Versions,
        within: Option<&FullName>,
    ) {
        let headers: Sides<Option<&[u8]>> =
            Sides::from_fn(|side| versions[side].map(|item| item.own_text(self.documents[side])));
        let header = match columns.carrier {
            Some(side) => headers[side],
            None => Sides { base: headers.base.or(headers.ours), ..headers }.agreed().unwrap_or(headers.ours),
        };
        let header = self.draft.with_end(header.unwrap_or_default().to_vec(), versions);
        self.draft.page.lines(&header);
        let mut table = Rowwise::of(below(within, self.name(versions)), tables, columns, &self.options.keys);
        table.doubtful = tables.base.and_then(|table| self.doubtful.get(&*table.name()).cloned());
        self.rows(below_pieces(versions), &table);
    }

    fn setting(&mut self, versions: Versions, within: Option<&FullName>) {
        let name = self.name(versions);
        let pieces = versions.map(|item| item.map(|item| item.piece));
        let own: Sides<Option<&[u8]>> =
            Sides::from_fn(|side| versions[side].map(|item| item.own_text(self.documents[side])));
        // A value on the line of one side, and lines below that of the other one, exclude each other.
        let has_block = versions.map(|item| item.is_some_and(|item| item.end > item.piece + 1));
        if own.ours != own.theirs && has_block.ours != has_block.theirs {
            return self.opaque(versions, &Within::Block(within), Vec::new());
        }
        let merged = match own.agreed() {
            Some(own) => Ok(own.unwrap_or_default().to_vec()),
            None => settings::merge(self.documents, pieces, &name),
        };
        let merged = if self.depth < MAX_DEPTH { merged } else { Err(Vec::new()) };
        match merged {
            Ok(line) => {
                let line = self.draft.with_end(line, versions);
                self.draft.page.lines(&line);
                let name = below(within, name);
                self.depth += 1;
                self.block(below_pieces(versions), pieces, Some(&name));
                self.depth -= 1;
            }
            Err(clashes) => self.opaque(versions, &Within::Block(within), clashes),
        }
    }

    /// The name of a table or setting.
    fn name(&self, versions: Versions) -> String {
        let name = Sides::from_fn(|side| items::name(self.documents[side], versions[side]?.piece)).newest();
        String::from_utf8_lossy(name.unwrap_or_default()).into_owned()
    }

    /// What items are about: the first record or entry that has a name.
    fn subject(&self, items: &Sides<Vec<Item>>, within: &Within<'_, 'd>) -> Subject {
        let pieces = |side: Side| items[side].iter().flat_map(|item| item.piece..item.end);
        match within {
            Within::Table(table) => {
                let key = Sides::from_fn(|side| {
                    let rows = pieces(side).filter_map(|piece| table.tables[side]?.row_at(piece));
                    rows.filter_map(|row| key_of(&row, &table.keys[side])).map(|key| key.to_string()).next()
                });
                match key.newest() {
                    Some(key) => Subject::Record { table: table.name.clone(), key },
                    None => Subject::Lines,
                }
            }
            Within::Block(within) => {
                let name = |side: Side| pieces(side).find_map(|piece| items::name(self.documents[side], piece));
                match Sides::from_fn(name).newest() {
                    Some(name) => {
                        let name = String::from_utf8_lossy(name).into_owned();
                        Subject::Entry(below(*within, name))
                    }
                    None => Subject::Lines,
                }
            }
        }
    }

    /// A conflict of the lines as they stand on each side.
    fn unresolved(&mut self, kind: ConflictKind, versions: Versions, clashes: Vec<Clash>, within: &Within<'_, 'd>) {
        let items = versions.map(|item| item.into_iter().collect());
        let subject = self.subject(&items, within);
        let conflict = self.draft.new_conflict(kind, subject, &items, clashes);
        self.draft.conflict_of(conflict, &items);
    }

    /// A conflict of several items of each side.
    fn lines_conflict(&mut self, kind: ConflictKind, subject: Subject, items: &Sides<Vec<Item>>) {
        let conflict = self.draft.new_conflict(kind, subject, items, Vec::new());
        self.draft.conflict_of(conflict, items);
    }
}

/// The pieces below the first one of each version.
fn below_pieces(versions: Versions) -> Sides<(usize, usize)> {
    versions.map(|item| item.map_or((0, 0), |item| (item.piece + 1, item.end)))
}

fn below(within: Option<&FullName>, name: String) -> FullName {
    match within {
        Some(within) => within.with(name),
        None => FullName::of(name),
    }
}
