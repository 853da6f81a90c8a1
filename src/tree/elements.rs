//! Changes of a block of elements, one a line.

use super::Node;
use super::changer::Changer;
use super::error::ChangeError;
use super::inside;
use super::path::Path;
use super::spelling::spelled;
use crate::sdn::{Document, Place, Spelling};

/// The elements of a block.
pub(super) struct Elements {
    pieces: Vec<usize>,
}

impl Elements {
    pub fn of(document: &Document, block: usize) -> Self {
        Self { pieces: document.children(Some(block)).collect() }
    }

    /// Neither list is empty. What is the same at the beginning and at the end stays.
    pub fn change(
        &self,
        changer: &mut Changer<'_>,
        old: &[Node],
        wanted: &[Node],
        path: &Path<'_>,
    ) -> Result<(), ChangeError> {
        let document = changer.document;
        let same = |(old, wanted): &(&Node, &Node)| old.says_same(wanted);
        let before = old.iter().zip(wanted).take_while(same).count();
        let rest = old.len().min(wanted.len()) - before;
        let behind = old.iter().rev().zip(wanted.iter().rev()).take(rest).take_while(same).count();
        let (old_end, wanted_end) = (old.len() - behind, wanted.len() - behind);
        let both = (old_end - before).min(wanted_end - before);
        for index in before..before + both {
            let (old, wanted) = (&old[index], &wanted[index]);
            let place = Place::of_element(document, self.pieces[index]).map_err(|_| ChangeError::InDoubt)?;
            let spelling = place.value().spelling();
            let inside = match spelling {
                Spelling::Bracketed => inside::changes(document.source(), place.span(), old, wanted),
                _ => None,
            };
            match inside {
                Some(splices) => changer.text.extend(splices),
                None if old.says_same(wanted) => {}
                None => {
                    let text = spelled(wanted, spelling)
                        .map_err(|why| ChangeError::BadValue { place: path.index(index).shown(), why })?;
                    changer.text.push(changer.text.value(place.span(), &text));
                }
            }
        }
        for &piece in &self.pieces[before + both..old_end] {
            changer.text.remove_lines(piece);
        }
        if before + both < wanted_end {
            self.insert(changer, before + both, &wanted[before + both..wanted_end], path)?;
        }
        Ok(())
    }

    /// Inserts elements before the one at this position, or behind the last one.
    fn insert(
        &self,
        changer: &mut Changer<'_>,
        position: usize,
        new: &[Node],
        path: &Path<'_>,
    ) -> Result<(), ChangeError> {
        let pieces = changer.document.pieces();
        let neighbour = self.pieces[position.saturating_sub(1)];
        let indent = changer.text.indent(neighbour);
        let at = if position == 0 { pieces[neighbour].span.start } else { pieces[neighbour].span.end };
        let mut lines = Vec::new();
        for (offset, node) in new.iter().enumerate() {
            let element = spelled(node, Spelling::Bare)
                .map_err(|why| ChangeError::BadValue { place: path.index(position + offset).shown(), why })?;
            lines.push(format!("{indent}{element}"));
        }
        changer.text.insert_lines(at, lines);
        Ok(())
    }
}
