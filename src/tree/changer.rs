//! The changes of a document while they are gathered.

use crate::record::Keys;
use crate::sdn::{Document, TextEdit};

pub(super) struct Changer<'d> {
    pub keys: &'d Keys,
    pub document: &'d Document,
    pub text: TextEdit<'d>,
}
