//! How the times of a column are written: as most of its live records write them, and as the schema wants it.

use std::collections::HashMap;

use crate::check::{Schema, ValueType};
use crate::record::{TimeStyle, hiding_column, is_hidden};
use crate::sdn::{Edit, EditError, Place, Spelling, Table};

/// Which columns hold times by a schema, and whether these are days.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct TimeTypes(HashMap<(String, String), ValueType>);

impl TimeTypes {
    pub fn of(schema: &Schema) -> Self {
        let columns =
            schema.columns().filter(|(_, value_type)| matches!(value_type, ValueType::Date | ValueType::Timestamp));
        Self(columns.map(|((table, column), value_type)| ((table.to_owned(), column.to_owned()), value_type)).collect())
    }

    fn get(&self, table: &str, column: &str) -> Option<ValueType> {
        self.0.get(&(table.to_owned(), column.to_owned())).copied()
    }
}

/// How the times of one column are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ColumnTimes {
    style: TimeStyle,
    is_bare: bool,
}

impl ColumnTimes {
    /// As most live records write them in the first of these versions of a table in which any does; where several are
    /// as many, as the last one does. In a style that is not of the type of the column nothing is written.
    pub(super) fn of(versions: &[Option<Table<'_>>], column: &str, types: &TimeTypes) -> Self {
        let versions = || versions.iter().flatten();
        let seen = versions().find_map(|table| most_of(table, column));
        let wanted = versions().next().and_then(|table| types.get(&table.name(), column));
        let is_bare = seen.is_some_and(|seen| seen.is_bare);
        let style = seen.map_or(TimeStyle::PLAIN, |seen| seen.style);
        let style = match wanted {
            Some(ValueType::Date) => TimeStyle::Day,
            Some(ValueType::Timestamp) if !style.is_exact() => TimeStyle::PLAIN,
            _ => style,
        };
        Self { style, is_bare }
    }

    /// As [`of`](Self::of) one version, without a schema.
    pub fn of_table(table: &Table<'_>, column: &str) -> Self {
        Self::of(&[Some(*table)], column, &TimeTypes::default())
    }

    /// The time in place of an old one: written as that was, or as the others are if it was none.
    pub fn write(self, old: &str, now: &str) -> String {
        TimeStyle::of(old).unwrap_or(self.style).write(now)
    }

    /// Puts the time in a place.
    pub(super) fn set<'d>(self, place: &Place<'d>, now: &str, edit: &mut Edit<'d>) -> Result<(), EditError> {
        let value = place.value();
        let old = value.text();
        let text = self.write(&old, now);
        let is_bare = match value.spelling() {
            _ if TimeStyle::of(&old).is_none() => self.is_bare,
            spelling => spelling == Spelling::Bare,
        };
        if is_bare { edit.set_bare(place, &text) } else { edit.set(place, &text) }
    }
}

fn most_of(table: &Table<'_>, column: &str) -> Option<ColumnTimes> {
    let position = table.column(column)?;
    let hiding = hiding_column(table);
    let mut counts: HashMap<(TimeStyle, bool), (usize, usize)> = HashMap::new();
    for (number, row) in table.rows().enumerate() {
        let Some(cell) = row.cell(position).filter(|_| row.reading().fits() && !is_hidden(&row, hiding)) else {
            continue;
        };
        let Some(style) = TimeStyle::of(&cell.value().text()) else { continue };
        let (count, last) = counts.entry((style, cell.value().spelling() == Spelling::Bare)).or_default();
        *count += 1;
        *last = number;
    }
    let ((style, is_bare), _) = counts.into_iter().max_by_key(|&(_, counted)| counted)?;
    Some(ColumnTimes { style, is_bare })
}
