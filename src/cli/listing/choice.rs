//! Which rows and columns are listed, and in which order.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::path::Path;

use sdnlock::address::{ColumnCondition, LookupError, Number, Test};
use sdnlock::record::VALID;

use super::grid::{Grid, Line};
use crate::cli::args::ChoiceOptions;
use crate::cli::failure::Failure;

/// What is sorted by: numbers come before texts.
enum SortKey {
    Number(Number),
    Text(String),
}

impl SortKey {
    fn of(text: &str) -> Self {
        Number::of(text).map_or_else(|| Self::Text(text.to_owned()), Self::Number)
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(ours), Self::Number(theirs)) => ours.cmp(theirs),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
            (Self::Text(ours), Self::Text(theirs)) => ours.cmp(theirs),
        }
    }
}

/// What was asked for.
pub struct Choice {
    conditions: Vec<ColumnCondition>,
    /// Columns, and whether the largest comes first.
    sort: Vec<(String, bool)>,
    columns: Vec<String>,
    reverse: bool,
    all: bool,
}

impl Choice {
    /// # Errors
    /// If a condition cannot be read.
    pub fn new(options: &ChoiceOptions) -> Result<Self, Failure> {
        let conditions = options.conditions.iter().map(|text| text.parse()).collect::<Result<Vec<_>, _>>();
        let conditions = conditions.map_err(|error| Failure::column_condition(&error))?;
        let sort = options.sort.iter().map(|column| match column.strip_prefix('-') {
            Some(column) => (column.to_owned(), true),
            None => (column.clone(), false),
        });
        let names_hidden = conditions.iter().any(|condition: &ColumnCondition| condition.column == VALID);
        Ok(Self {
            sort: sort.collect(),
            columns: options.columns.clone(),
            reverse: options.reverse,
            all: options.all || names_hidden,
            conditions,
        })
    }

    /// Whether hidden records are not listed.
    pub fn leaves_hidden_out(&self) -> bool {
        !self.all
    }

    /// Leaves the rows that were asked for, in their order, and gives the positions of the columns.
    ///
    /// # Errors
    /// If there is no such column.
    pub fn apply(&self, path: &Path, grid: &mut Grid<'_>) -> Result<Vec<usize>, Failure> {
        let places = places(&grid.columns);
        let position = |name: &String| places.get(name).copied().ok_or_else(|| no_column(path, grid, name));
        let conditions = self.conditions.iter().map(|condition| Ok((position(&condition.column)?, condition)));
        let conditions: Vec<(usize, &ColumnCondition)> = conditions.collect::<Result<_, Failure>>()?;
        let tests = conditions.into_iter().map(|(column, condition)| {
            let test = condition.predicate.among(grid.rows.iter().map(|row| row.text(column)));
            let test = test.map_err(|error| Failure::not_comparable(&condition.column, &error))?;
            Ok((column, test))
        });
        let tests: Vec<(usize, Test<'_>)> = tests.collect::<Result<_, Failure>>()?;
        let sort = self.sort.iter().map(|(name, descends)| Ok((position(name)?, *descends)));
        let sort: Vec<(usize, bool)> = sort.collect::<Result<_, Failure>>()?;
        let columns: Vec<usize> = if self.columns.is_empty() {
            (0..grid.columns.len()).collect()
        } else {
            self.columns.iter().map(position).collect::<Result<_, _>>()?
        };
        grid.rows.retain(|row| {
            (self.all || row.is_live) && tests.iter().all(|(column, test)| test.holds(&row.text(*column)))
        });
        if !sort.is_empty() {
            sort_rows(&mut grid.rows, &sort, self.reverse);
        } else if self.reverse {
            grid.rows.reverse();
        }
        Ok(columns)
    }
}

fn sort_rows(rows: &mut Vec<Line<'_>>, sort: &[(usize, bool)], reverse: bool) {
    let keys = |row: &Line<'_>| sort.iter().map(|(column, _)| SortKey::of(&row.text(*column))).collect::<Vec<_>>();
    let mut keyed: Vec<(Vec<SortKey>, Line<'_>)> = rows.drain(..).map(|row| (keys(&row), row)).collect();
    keyed.sort_by(|(ours, _), (theirs, _)| {
        let each = ours.iter().zip(theirs).zip(sort).map(|((ours, theirs), (_, descends))| {
            let order = ours.compare(theirs);
            if *descends == reverse { order } else { order.reverse() }
        });
        each.fold(Ordering::Equal, Ordering::then)
    });
    rows.extend(keyed.into_iter().map(|(_, row)| row));
}

/// Where the columns stand, of several of one name the first one.
fn places(columns: &[String]) -> HashMap<String, usize> {
    let mut places = HashMap::with_capacity(columns.len());
    for (at, name) in columns.iter().enumerate() {
        places.entry(name.clone()).or_insert(at);
    }
    places
}

fn no_column(path: &Path, grid: &Grid<'_>, name: &str) -> Failure {
    let (name, instead) = (name.to_owned(), grid.columns.clone());
    Failure::lookup(
        path,
        &LookupError::NotFound { what: "column", name, within: grid.name.clone(), instead, elsewhere: Vec::new() },
    )
}
