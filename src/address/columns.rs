//! The columns of tables by their names, noted once for many addresses.

use std::collections::HashMap;

use crate::sdn::Table;

/// The positions of columns, by table and name.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    of_table: HashMap<usize, HashMap<String, Vec<usize>>>,
}

impl Columns {
    /// Where the columns of this name stand.
    pub fn find(&mut self, table: &Table<'_>, name: &str) -> &[usize] {
        let columns = self.of_table.entry(table.piece()).or_insert_with(|| {
            let mut columns: HashMap<String, Vec<usize>> = HashMap::new();
            for (position, column) in table.columns().enumerate() {
                columns.entry(column.into_owned()).or_default().push(position);
            }
            columns
        });
        columns.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}
