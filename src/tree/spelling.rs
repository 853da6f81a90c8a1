//! How a node is written as one value.

use super::{DEEPEST, Node};
use crate::sdn::{ControlCharacterError, Spelling, is_name, shortest, spell};

/// Why a node cannot be written as one value.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SpellError {
    /// No reader could take it back.
    #[error(transparent)]
    ControlCharacter(#[from] ControlCharacterError),
    /// A number that no reader takes for one.
    #[error("{0} cannot be written as a number")]
    Number(String),
    /// A name that is none.
    #[error("`{0}` is no name: one word that begins with a letter, and no keyword")]
    Name(String),
    /// A list or dict that not every reader takes.
    #[error("its list or object cannot be written so that every reader takes it back")]
    Unsafe,
    /// Values stand too deep within each other.
    #[error("more than {DEEPEST} values stand within each other")]
    TooDeep,
}

/// A node on one line, as every reader takes it: `[a, {b: 1}]`.
///
/// # Errors
/// See [`SpellError`].
pub fn inline(node: &Node) -> Result<String, SpellError> {
    spelled(node, Spelling::Bare)
}

/// A node in place of a value that is spelled like this.
pub(super) fn spelled(node: &Node, like: Spelling) -> Result<String, SpellError> {
    let mut text = String::new();
    write(node, like, 0, &mut text)?;
    if matches!(node, Node::List(_) | Node::Dict(_)) && spell(&text, Spelling::Bracketed)? != text {
        return Err(SpellError::Unsafe);
    }
    Ok(text)
}

fn write(node: &Node, like: Spelling, depth: usize, to: &mut String) -> Result<(), SpellError> {
    if depth > DEEPEST {
        return Err(SpellError::TooDeep);
    }
    match node {
        Node::Nothing => to.push_str("null"),
        Node::Boolean(boolean) => to.push_str(if *boolean { "true" } else { "false" }),
        Node::Integer(integer) => to.push_str(&integer.to_string()),
        Node::Float(float) => {
            if !float.is_finite() {
                return Err(SpellError::Number(float.to_string()));
            }
            to.push_str(&shortest(*float));
        }
        Node::Text(text) => {
            let bare = matches!(like, Spelling::Bare | Spelling::Bracketed | Spelling::Empty);
            let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            let is_boolean = matches!(text.as_str(), "true" | "false");
            let like = if bare && is_word && !is_boolean { Spelling::Bare } else { Spelling::Quoted };
            to.push_str(&spell(text, like)?);
        }
        Node::List(items) => {
            to.push('[');
            for (position, item) in items.iter().enumerate() {
                to.push_str(if position > 0 { ", " } else { "" });
                write(item, Spelling::Bare, depth + 1, to)?;
            }
            to.push(']');
        }
        Node::Dict(entries) => {
            to.push('{');
            for (position, (name, value)) in entries.iter().enumerate() {
                if !is_name(name) {
                    return Err(SpellError::Name(name.clone()));
                }
                to.push_str(if position > 0 { ", " } else { "" });
                to.push_str(name);
                to.push_str(": ");
                write(value, Spelling::Bare, depth + 1, to)?;
            }
            to.push('}');
        }
    }
    Ok(())
}

/// What a single value says, as texts are compared: of a list or dict, how it is written.
pub(super) fn text(node: &Node) -> String {
    match node {
        Node::Text(text) => text.clone(),
        other => inline(other).unwrap_or_default(),
    }
}
