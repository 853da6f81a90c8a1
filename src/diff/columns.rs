//! The columns of two versions of a table.

use std::collections::{HashMap, HashSet};

use crate::sdn::{Row, Table};

/// Where a column stands in one of the documents.
#[derive(Clone, Copy)]
pub(crate) struct Position {
    pub at: usize,
    pub is_key: bool,
}

/// A column of a table, in each of the documents.
pub(crate) struct Column {
    pub name: String,
    pub old: Option<Position>,
    pub new: Option<Position>,
}

/// The columns of both versions of a table, those of the new one first.
#[derive(Default)]
pub(crate) struct Columns {
    all: Vec<Column>,
    /// Which of them the columns of each version are, by their places there.
    of_old: Vec<usize>,
    of_new: Vec<usize>,
}

impl Columns {
    /// Those of two tables with their key columns.
    pub fn of(old: Option<(&Table<'_>, &[usize])>, new: Option<(&Table<'_>, &[usize])>) -> Self {
        let mut columns = Self::default();
        let mut known: HashMap<String, usize> = HashMap::new();
        let versions = [(true, new), (false, old)].into_iter().filter_map(|(is_new, of)| Some((is_new, of?)));
        for (is_new, (table, key)) in versions {
            let key: HashSet<usize> = key.iter().copied().collect();
            for (at, column) in table.columns().enumerate() {
                let name = if table.is_typed() { format!("[{at}]") } else { column.into_owned() };
                let Self { all, of_old, of_new } = &mut columns;
                let position = *known.entry(name.clone()).or_insert_with(|| {
                    all.push(Column { name, old: None, new: None });
                    all.len() - 1
                });
                let Column { old, new, .. } = &mut all[position];
                let (places, side) = if is_new { (of_new, new) } else { (of_old, old) };
                places.push(position);
                // Of several columns of one name the first one is meant.
                side.get_or_insert(Position { at, is_key: key.contains(&at) });
            }
        }
        columns
    }

    /// Those in which one of two rows says something: a row may have fewer cells than its table has columns.
    pub fn within(&self, old: Option<&Row<'_>>, new: Option<&Row<'_>>) -> impl Iterator<Item = &Column> {
        let first = |places: &[usize], row: Option<&Row<'_>>| {
            places[..row.map_or(0, |row| row.cells().len()).min(places.len())].to_vec()
        };
        let mut places = [first(&self.of_new, new), first(&self.of_old, old)].concat();
        places.sort_unstable();
        places.dedup();
        places.into_iter().map(|place| &self.all[place])
    }
}
