//! What was found last: of one record, setting or list often many values are asked for, one after the other.

use std::sync::Arc;

use super::Step;
use crate::sdn::header::SettingLine;
use crate::sdn::{self, Document, Entry, PieceKind, Row, Table};
use crate::text::Span;

/// The last record, setting and list.
#[derive(Clone, Debug, Default)]
pub(super) struct Last<'d> {
    record: Option<(usize, Step, Arc<Row<'d>>)>,
    setting: Option<(usize, SettingLine)>,
    entries: Option<(Span, Vec<Entry>)>,
    block: Option<(Option<usize>, Vec<usize>)>,
}

impl<'d> Last<'d> {
    /// The record of a table that was found last, if this step named it.
    pub fn record(&self, table: &Table<'d>, step: &Step) -> Option<Arc<Row<'d>>> {
        let (_, _, row) = self.record.as_ref().filter(|(piece, last, _)| (*piece, last) == (table.piece(), step))?;
        Some(Arc::clone(row))
    }

    pub fn note_record(&mut self, table: &Table<'d>, step: &Step, row: &Arc<Row<'d>>) {
        self.record = Some((table.piece(), step.clone(), Arc::clone(row)));
    }

    /// Key and value of a piece that is a setting.
    pub fn setting(&mut self, document: &Document, piece: usize) -> Option<SettingLine> {
        match self.setting {
            Some((last, line)) if last == piece => Some(line),
            _ => {
                let line = document.setting_line(&document.pieces()[piece])?;
                self.setting = Some((piece, line));
                Some(line)
            }
        }
    }

    /// The lines of a block, if all of them are elements.
    pub fn elements(&mut self, document: &Document, block: Option<usize>) -> Option<&[usize]> {
        if self.block.as_ref().is_none_or(|(last, _)| *last != block) {
            let lines: Vec<usize> = document.children(block).collect();
            let is_list = lines.iter().all(|&line| document.pieces()[line].kind == PieceKind::Other);
            self.block = Some((block, if is_list { lines } else { return None }));
        }
        self.block.as_ref().map(|(_, elements)| elements.as_slice())
    }

    /// The entries of a list or dict, if they can be told for certain.
    pub fn entries(&mut self, source: &[u8], value: Span) -> Option<&[Entry]> {
        if self.entries.as_ref().is_none_or(|(last, _)| *last != value) {
            self.entries = Some((value, sdn::entries(source, value)?));
        }
        self.entries.as_ref().map(|(_, entries)| entries.as_slice())
    }
}
