//! References that lost what they name.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use super::conventions::{gaps_of, links_of};
use super::finding::{Finding, Rule, finding, shortened};
use super::{Schema, in_order};
use crate::record::{Named, content, gone};
use crate::sdn::Document;

/// The references of `new` to records that are in `old` and not there, each by itself: those that the schema declares,
/// and those by name that hold in `old`. With them, the ids of strings that counted up in `old` and do not any more.
#[must_use]
pub fn newly_dangling(old: &Document, new: &Document, schema: &Schema) -> Vec<Finding> {
    let declared = schema.references().map(|(from, to)| (Rule::DanglingReference, from, to));
    let by_name = links_of(old, schema).into_iter().map(|[from, to]| (Rule::DanglingId, from, to));
    let mut found: Vec<Finding> = Vec::new();
    let (before, now) = (Named::of(old), Named::of(new));
    let mut all_gone: HashMap<(String, String), BTreeSet<Cow<'_, str>>> = HashMap::new();
    for (rule, from, to) in declared.chain(by_name) {
        let gone = all_gone.entry(to.clone()).or_insert_with(|| gone(&[&before], &now, &to));
        if gone.is_empty() {
            continue;
        }
        for (row, at) in now.live_rows(&from) {
            let cell = row.cell(at);
            let Some((cell, text)) = cell.and_then(|cell| Some((cell, content(cell)?))) else { continue };
            if gone.contains(&text) {
                let ((name, column), (target, key)) = (&from, &to);
                let shown = shortened(&text);
                let message = format!("`{name}.{column}` refers to `{target}.{key}`, which has no `{shown}`");
                found.push(finding(rule, cell.span(), format!("{name}.{column} {text}"), message));
            }
        }
    }
    let known: HashSet<String> = gaps_of(old).into_iter().map(|gap| gap.message).collect();
    found.extend(gaps_of(new).into_iter().filter(|gap| !known.contains(&gap.message)));
    in_order(&mut found);
    found
}
