//! The tables and settings of blocks by their names.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::sdn::{Document, PieceKind};

/// By the piece of a block, what stands in it by name. A block that is looked into once is searched; of one that is
/// looked into again all names are noted.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(HashMap<Option<usize>, Option<HashMap<String, Vec<usize>>>>);

impl Names {
    /// The tables and settings of this name below `parent`, or at the top.
    pub fn find(&mut self, document: &Document, parent: Option<usize>, name: &str) -> Vec<usize> {
        let Some(noted) = self.0.get_mut(&parent) else {
            self.0.insert(parent, None);
            let has_name = |&piece: &usize| name_of(document, piece).as_deref() == Some(name);
            return document.children(parent).filter(has_name).collect();
        };
        let noted = noted.get_or_insert_with(|| {
            let mut noted: HashMap<String, Vec<usize>> = HashMap::new();
            for piece in document.children(parent) {
                if let Some(name) = name_of(document, piece) {
                    noted.entry(name.into_owned()).or_default().push(piece);
                }
            }
            noted
        });
        noted.get(name).cloned().unwrap_or_default()
    }
}

/// The name of a table or setting.
pub(super) fn name_of(document: &Document, piece: usize) -> Option<Cow<'_, str>> {
    if let Some(table) = document.table_at(piece) {
        return Some(table.name());
    }
    let line = document.setting_line(&document.pieces()[piece])?;
    Some(String::from_utf8_lossy(line.key.of(document.source())))
}

/// The name that a line which cannot be read seems to be meant to give a table or setting.
pub(super) fn meant_name(document: &Document, piece: usize) -> Option<Cow<'_, str>> {
    let line = &document.pieces()[piece];
    if line.kind != PieceKind::Other {
        return None;
    }
    let text = without_dash(document.body(line).of(document.source()));
    let (name, behind) = text.split_at(text.iter().position(|b| !is_of_name(*b)).unwrap_or(text.len()));
    let sign = behind.trim_ascii_start().first()?;
    (!name.is_empty() && b":=|".contains(sign)).then(|| String::from_utf8_lossy(name))
}

/// What stands behind the dash of an item.
pub(super) fn without_dash(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"- ").unwrap_or(text).trim_ascii_start()
}

/// Whether a name that stands before this goes on.
pub(super) fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_/.-".contains(&byte)
}
