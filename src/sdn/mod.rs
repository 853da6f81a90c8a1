//! The format: a source cut into pieces without losing a byte, and edits that touch nothing else.
//!
//! SDN is line-based. [`Document::parse`] cuts a source into [`Piece`]s, runs of whole lines that put
//! together are the source again; it never fails. What a piece says is read on demand: a
//! [`Table`] has [`Row`]s, a row [`Cell`]s, a cell a [`Value`], which is a text with typed views on
//! top. An [`Edit`] collects disjoint splices of the source and refuses where the meaning of the
//! touched piece is in doubt.
//!
//! ```text
//! file      = [ byte-order mark ] , { blank | comment | marker | table | setting | other }
//! table     = name "|" column { "," column } "|" , { row | blank | comment }
//!           | name ":" "table{" type { "," type } "}" , { row | blank | comment }
//! row       = deeper indentation , cell { "," cell }
//! cell      = [ "\"" … "\"" | "[" … "]" | "{" … "}" | bare ]
//! setting   = key ( ":" | "=" ) [ value ] , { deeper line }
//! comment   = "#" …                    (behind a value: wherever a token may start)
//! name, key = letter or "_" , { letter | digit | "_" | "/" | "." | "-" | "#" }
//! ```
//!
//! A line belongs to the last line above it that is indented less. Rows belong to their table until a
//! line is indented as little as its header; blank lines, comments and conflict markers end nothing.
//! A line that is none of these is kept as it is.

mod columns;
pub(crate) mod conflict;
mod decimal;
mod document;
mod edit;
pub(crate) mod header;
mod inline;
mod number;
mod open;
mod parse;
mod place;
pub(crate) mod reader;
mod row;
pub(crate) mod scan;
mod seal;
pub(crate) mod token;
mod value;
mod views;

pub use columns::{AlterError, Alteration, alter};
pub use document::{Document, Piece, PieceKind};
pub use edit::{Edit, EditError, NewCell};
pub use number::{Number, compare};
pub use place::Place;
pub use row::Reading;
pub use seal::{Reseal, Seal, SealError, keep_seal, seal_change};
pub use value::{ControlCharacterError, Problem, Spelling, Value, spell};
pub use views::{Cell, Row, Table};

pub(crate) use document::body;
pub(crate) use edit::{Layout, TextEdit};
pub(crate) use inline::{Entry, entries};
pub(crate) use number::shortest;
pub(crate) use seal::seal;
pub(crate) use value::{cut, is_name};

/// Whether a file is SDN by its name.
#[must_use]
pub fn is_sdn(path: &std::path::Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sdn"))
}
