//! Changing a document so that it says what a tree says.
//!
//! The document is read as a tree first. Where both trees say the same, nothing is touched. What differs becomes
//! splices: of a value, of a row, of a setting with all below it. Afterwards the new source is read again, and must
//! say what was wanted; otherwise nothing is changed.

use std::collections::{HashMap, HashSet};

use super::changer::Changer;
use super::elements::Elements;
use super::error::ChangeError;
use super::fresh::Fresh;
use super::inside;
use super::path::Path;
use super::read::{Types, read};
use super::rows::Rows;
use super::spelling::{inline, spelled};
use super::{DEEPEST, Node};
use crate::record::Keys;
use crate::sdn::{Document, PieceKind, Reseal, Seal, Spelling, TextEdit, seal};
use crate::text::Span;

/// Changes a document so that it says what `wanted` says, and nothing else of it: comments, spacing and the spelling
/// of what says the same already stay as they are.
///
/// Records are matched by their keys, the elements of blocks by their places. A record that is there keeps the
/// columns that it does not name. Settings, tables and records that are not wanted are removed.
///
/// ```
/// use sdnlock::sdn::{Document, Reseal};
/// use sdnlock::tree::{Node, Types, change, read};
///
/// let document = Document::parse("# web\nport:  8080   # open\n");
/// let wanted = Node::Dict(vec![("port".to_owned(), Node::Integer(9090))]);
/// assert_eq!(change(&document, &wanted, Reseal::default())?, b"# web\nport:  9090   # open\n");
/// # Ok::<(), sdnlock::tree::ChangeError>(())
/// ```
///
/// # Errors
/// See [`ChangeError`].
pub fn change(document: &Document, wanted: &Node, reseal: Reseal) -> Result<Vec<u8>, ChangeError> {
    change_by(document, wanted, reseal, &Keys::new())
}

/// As [`change`], where these are the keys of tables.
///
/// # Errors
/// As [`change`].
pub fn change_by(document: &Document, wanted: &Node, reseal: Reseal, keys: &Keys) -> Result<Vec<u8>, ChangeError> {
    let Node::Dict(entries) = wanted else { return Err(ChangeError::NoDict) };
    check_depth(wanted)?;
    let Node::Dict(old) = read(document, Types::Typed)? else { return Err(ChangeError::NoDict) };
    let mut changer = Changer { document, keys, text: TextEdit::new(document) };
    changer.entries(None, &old, entries, &Path::Root)?;
    let Some(new) = changer.text.finish().map_err(|_| ChangeError::InDoubt)? else {
        return Ok(document.source().to_vec());
    };
    Seal::of(document.source()).permit(reseal)?;
    if !read(&new, Types::Typed).is_ok_and(|said| said.fulfils(wanted)) {
        return Err(ChangeError::InDoubt);
    }
    Ok(seal(new.into_source()))
}

/// Looks without recursion, so that no depth exhausts the stack.
fn check_depth(node: &Node) -> Result<(), ChangeError> {
    let mut open = vec![(node, 0)];
    while let Some((node, depth)) = open.pop() {
        if depth > DEEPEST {
            return Err(ChangeError::TooDeep);
        }
        match node {
            Node::List(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
            Node::Dict(entries) => open.extend(entries.iter().map(|(_, value)| (value, depth + 1))),
            _ => {}
        }
    }
    Ok(())
}

impl Changer<'_> {
    /// The settings and tables below `parent`, or at the top.
    fn entries(
        &mut self,
        parent: Option<usize>,
        old: &[(String, Node)],
        wanted: &[(String, Node)],
        path: &Path<'_>,
    ) -> Result<(), ChangeError> {
        let mut by_name = HashMap::new();
        for (name, node) in wanted {
            if by_name.insert(name.as_str(), node).is_some() {
                return Err(ChangeError::Twice { place: path.name(name).shown() });
            }
        }
        let known: HashSet<&str> = old.iter().map(|(name, _)| name.as_str()).collect();
        let pieces: Vec<usize> = self.document.children(parent).collect();
        let mut last = None;
        for (&piece, (name, old)) in pieces.iter().zip(old) {
            match by_name.get(name.as_str()) {
                None => self.text.remove_lines(piece),
                Some(wanted) => {
                    last = Some(piece);
                    if !old.says_same(wanted) {
                        self.entry(piece, old, wanted, &path.name(name))?;
                    }
                }
            }
        }
        let new: Vec<&(String, Node)> = wanted.iter().filter(|(name, _)| !known.contains(name.as_str())).collect();
        if !new.is_empty() {
            self.add(parent, last, pieces.last().copied(), &new, path)?;
        }
        Ok(())
    }

    /// Adds settings and tables behind the last one below `parent`. `kept` is the last one that stays.
    fn add(
        &mut self,
        parent: Option<usize>,
        kept: Option<usize>,
        last: Option<usize>,
        new: &[&(String, Node)],
        path: &Path<'_>,
    ) -> Result<(), ChangeError> {
        let pieces = self.document.pieces();
        let indent = last.map_or_else(String::new, |piece| self.text.indent(piece));
        let mut fresh = Fresh::new(&indent);
        for (name, node) in new {
            fresh.entry(name, node, &path.name(name))?;
        }
        let at = last.map_or(self.document.source().len(), |last| pieces[pieces[last].end - 1].span.end);
        let is_table = |piece: usize| pieces[piece].kind == PieceKind::Table;
        let is_parted = parent.is_none() && kept.is_some_and(|kept| is_table(kept) || fresh.begins_with_table());
        let blank = is_parted.then(String::new);
        self.text.insert_ended_lines(at, blank.iter().chain(fresh.lines()));
        Ok(())
    }

    /// A table or setting that shall say something else.
    fn entry(&mut self, piece: usize, old: &Node, wanted: &Node, path: &Path<'_>) -> Result<(), ChangeError> {
        if let Some(table) = self.document.table_at(piece) {
            return match (old, wanted) {
                (Node::List(old), Node::List(wanted)) => Rows::of(&table, self.keys, path).change(self, old, wanted),
                _ => self.replace(piece, wanted, path),
            };
        }
        let is_block = self.document.children(Some(piece)).next().is_some();
        match (old, wanted) {
            (Node::Dict(old), Node::Dict(wanted)) if is_block && !wanted.is_empty() => {
                self.entries(Some(piece), old, wanted, path)
            }
            (Node::List(old), Node::List(wanted)) if is_block && !wanted.is_empty() => {
                Elements::of(self.document, piece).change(self, old, wanted, path)
            }
            _ if is_block => self.replace(piece, wanted, path),
            _ => self.single(piece, old, wanted, path),
        }
    }

    /// A setting with a single value.
    fn single(&mut self, piece: usize, old: &Node, wanted: &Node, path: &Path<'_>) -> Result<(), ChangeError> {
        let line = self.document.setting_line(&self.document.pieces()[piece]).ok_or(ChangeError::InDoubt)?;
        let value = line.value;
        let is_short_table = matches!(old, Node::List(_)) && value.spelling == Spelling::Bare;
        if is_short_table {
            let why = "it is a typed table on one line, which is not changed so".to_owned();
            return Err(ChangeError::Refused { place: path.shown(), why });
        }
        if value.spelling == Spelling::Bracketed {
            let inside = inside::changes(self.document.source(), value.span, old, wanted);
            if let Some(splices) = inside {
                self.text.extend(splices);
                return Ok(());
            }
        } else if Fresh::is_block(wanted) && !(self.has_comment(piece, value.span) && inline(wanted).is_ok()) {
            return self.replace(piece, wanted, path);
        }
        let text = spelled(wanted, value.spelling).map_err(|why| ChangeError::BadValue { place: path.shown(), why })?;
        self.text.push(self.text.value(value.span, &text));
        Ok(())
    }

    /// Whether a comment stands behind a value, which would be lost if its line were written anew.
    fn has_comment(&self, piece: usize, value: Span) -> bool {
        let end = self.document.body(&self.document.pieces()[piece]).end;
        Span::new(value.end.min(end), end).of(self.document.source()).contains(&b'#')
    }

    /// Writes a setting or table anew, with all below it.
    fn replace(&mut self, piece: usize, wanted: &Node, path: &Path<'_>) -> Result<(), ChangeError> {
        let mut fresh = Fresh::new(&self.text.indent(piece));
        let Path::Name(_, name) = path else { return Err(ChangeError::InDoubt) };
        fresh.entry(name, wanted, path)?;
        self.text.replace_lines(piece, fresh.lines());
        Ok(())
    }
}
