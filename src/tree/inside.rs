//! Changes within a list or dict on one line.

use super::Node;
use super::spelling::spelled;
use crate::sdn::{self, Spelling};
use crate::text::{Span, Splice};

/// The changes that make the list or dict in `span` say what is wanted; nothing if it has to be written anew.
pub(super) fn changes(source: &[u8], span: Span, old: &Node, wanted: &Node) -> Option<Vec<Splice>> {
    let pairs: Vec<(&Node, &Node)> = match (old, wanted) {
        (Node::List(old), Node::List(wanted)) if old.len() == wanted.len() => old.iter().zip(wanted).collect(),
        (Node::Dict(old), Node::Dict(wanted)) if old.len() == wanted.len() => {
            let same_names = old.iter().zip(wanted).all(|((old, _), (wanted, _))| old == wanted);
            same_names.then(|| old.iter().zip(wanted).map(|((_, old), (_, wanted))| (old, wanted)).collect())?
        }
        _ => return None,
    };
    let mut splices = Vec::new();
    for (entry, (old, wanted)) in sdn::entries(source, span)?.iter().zip(pairs) {
        if old.says_same(wanted) {
            continue;
        }
        if entry.value.spelling == Spelling::Bracketed
            && let Some(inside) = changes(source, entry.value.span, old, wanted)
        {
            splices.extend(inside);
            continue;
        }
        splices.push(Splice::new(entry.value.span, spelled(wanted, entry.value.spelling).ok()?));
    }
    Some(splices)
}
