//! What a document holds that has a name: its tables and settings, by their paths.

use std::collections::{HashMap, HashSet};

use crate::address::{Path, Paths};
use crate::sdn::{Document, Table};

/// Blocks deeper than this are not looked into.
const MOST_DEPTH: usize = 64;

/// What a document holds that has a name.
#[derive(Default)]
pub(crate) struct Contents<'d> {
    pub tables: Vec<(Path, Table<'d>)>,
    /// Tables whose name stands above them already.
    pub repeated: Vec<(Path, Table<'d>)>,
    pub settings: Vec<(Path, Setting)>,
    /// Where its tables are.
    places: HashMap<Path, usize>,
}

pub(crate) struct Setting {
    /// The last name of its path.
    pub name: String,
    pub value: String,
    /// Where its key begins.
    pub at: usize,
}

impl<'d> Contents<'d> {
    /// Documents that are compared have their paths together.
    pub fn of(document: &'d Document, paths: &mut Paths) -> Self {
        let mut contents = Self::default();
        contents.block(document, None, None, paths, 0);
        contents.places = contents.tables.iter().enumerate().map(|(at, (path, _))| (*path, at)).collect();
        contents
    }

    pub fn table(&self, path: Path) -> Option<&Table<'d>> {
        self.places.get(&path).map(|&at| &self.tables[at].1)
    }

    /// Names that stand twice in a block name nothing but their first occurrence.
    fn block(
        &mut self,
        document: &'d Document,
        parent: Option<usize>,
        within: Option<Path>,
        paths: &mut Paths,
        depth: usize,
    ) {
        let mut seen = HashSet::new();
        let source = document.source();
        for piece in document.children(parent) {
            let line = document.setting_line(&document.pieces()[piece]);
            let table = document.table_at(piece);
            let span = match (&line, &table) {
                (Some(line), _) => line.key,
                (_, Some(table)) => table.name_span(),
                _ => continue,
            };
            let name = String::from_utf8_lossy(span.of(source)).into_owned();
            let path = paths.of(within, &name);
            let is_first = seen.insert(path);
            if let Some(table) = table {
                let tables = if is_first { &mut self.tables } else { &mut self.repeated };
                tables.push((path, table));
            } else if let Some(line) = line.filter(|_| is_first) {
                let value = line.value.span.of(source);
                let is_block = document.pieces()[piece].end > piece + 1 && depth < MOST_DEPTH;
                if is_block {
                    self.block(document, Some(piece), Some(path), paths, depth + 1);
                }
                if !is_block || !value.is_empty() {
                    let value = crate::sdn::Value::new(value, line.value.spelling).text().into_owned();
                    self.settings.push((path, Setting { name, value, at: span.start }));
                }
            }
        }
    }
}
