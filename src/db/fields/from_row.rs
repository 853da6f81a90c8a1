//! The cells of a row as a struct.

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::FieldError;
use super::from_cell::Cell;
use crate::sdn::Value;

/// Makes a record of the cells of a row, with the names of their columns. Columns that the record does not know
/// are passed over.
pub(in crate::db) fn from_row<T: DeserializeOwned>(cells: &[(&str, Value<'_>)]) -> Result<T, FieldError> {
    T::deserialize(Row { cells })
}

/// The cells that are left.
#[derive(Clone, Copy)]
struct Row<'r> {
    cells: &'r [(&'r str, Value<'r>)],
}

impl<'de> MapAccess<'de> for Row<'_> {
    type Error = FieldError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, FieldError> {
        let Some((column, _)) = self.cells.first() else { return Ok(None) };
        seed.deserialize(Cell::word(column)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, FieldError> {
        let ((column, value), rest) = self.cells.split_first().ok_or_else(|| FieldError::new("there is no value"))?;
        self.cells = rest;
        seed.deserialize(Cell::of(*value)).map_err(|error| error.in_column(column))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.cells.len())
    }
}

impl<'de> Deserializer<'de> for Row<'_> {
    type Error = FieldError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_map(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_some(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq
        tuple tuple_struct map struct enum identifier ignored_any
    }
}
