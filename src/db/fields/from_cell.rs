//! The text of one cell as a value.

use std::borrow::Cow;
use std::str::FromStr;

use serde::de::value::{CowStrDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::FieldError;
use crate::sdn::{Spelling, Value, entries};
use crate::text::Span;

/// A cell, or an element of the list or dict in one.
#[derive(Clone)]
pub(super) struct Cell<'c> {
    text: Cow<'c, str>,
    is_null: bool,
    inline: bool,
}

impl<'c> Cell<'c> {
    /// The cell of a row.
    pub fn of(value: Value<'c>) -> Self {
        Self { text: value.text(), is_null: value.text().is_empty() || value.is_null(), inline: false }
    }

    /// An element: what is empty there is a text.
    fn element(value: Value<'c>) -> Self {
        Self { text: value.text(), is_null: value.is_null(), inline: true }
    }

    /// The name of a column, or a key.
    pub fn word(text: &'c str) -> Self {
        Self { text: Cow::Borrowed(text), is_null: false, inline: false }
    }

    fn parse<T: FromStr>(&self, what: &str) -> Result<T, FieldError> {
        self.text.parse().map_err(|_| FieldError::new(format!("it is no {what}")))
    }

    /// The elements of the list, or the entries of the dict, that begins with this bracket.
    fn entries(&self, open: char, close: char, what: &str) -> Result<Vec<(Option<&str>, Cell<'_>)>, FieldError> {
        if self.inline {
            return Err(FieldError::new("it is a list or dict within another one"));
        }
        let text = self.text.trim();
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let brackets = text.len() > 1 && text.starts_with(open) && text.ends_with(close);
        let source = text.as_bytes();
        let read = brackets.then(|| entries(source, Span::new(0, source.len()))).flatten();
        let read = read.ok_or_else(|| FieldError::new(format!("it is no {what} as {open}…{close}")))?;
        let cells = read.into_iter().map(|entry| {
            let value = Value::new(entry.value.span.of(source), entry.value.spelling);
            let key = entry.key.map(|key| &text[key.range()]);
            if value.spelling() == Spelling::Bracketed {
                return Err(FieldError::new("it holds a list or dict within another one"));
            }
            Ok((key, Cell::element(value)))
        });
        cells.collect()
    }
}

impl IntoDeserializer<'_, FieldError> for Cell<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident: $visit:ident $what:literal),*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
            visitor.$visit(self.parse($what)?)
        })*
    };
}

impl<'de> Deserializer<'de> for Cell<'_> {
    type Error = FieldError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        match self.text {
            Cow::Borrowed(text) => visitor.visit_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    parsed!(
        deserialize_bool: visit_bool "boolean: `true` or `false`",
        deserialize_i8: visit_i8 "integer from -128 to 127",
        deserialize_i16: visit_i16 "integer of 16 bits",
        deserialize_i32: visit_i32 "integer of 32 bits",
        deserialize_i64: visit_i64 "integer of 64 bits",
        deserialize_i128: visit_i128 "integer of 128 bits",
        deserialize_u8: visit_u8 "integer from 0 to 255",
        deserialize_u16: visit_u16 "integer from 0 to 65535",
        deserialize_u32: visit_u32 "integer of 32 bits without a sign",
        deserialize_u64: visit_u64 "integer of 64 bits without a sign",
        deserialize_u128: visit_u128 "integer of 128 bits without a sign",
        deserialize_f32: visit_f32 "number",
        deserialize_f64: visit_f64 "number",
        deserialize_char: visit_char "single character"
    );

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        if self.is_null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        if self.is_null { visitor.visit_unit() } else { Err(FieldError::new("it is not empty")) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, FieldError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        let entries = self.entries('[', ']', "list")?;
        let mut elements = SeqDeserializer::new(entries.into_iter().map(|(_, cell)| cell));
        let value = visitor.visit_seq(&mut elements)?;
        elements.end()?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, FieldError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        let entries = self.entries('{', '}', "dict")?;
        let entries = entries.into_iter().filter_map(|(key, cell)| Some((Cell::word(key?), cell)));
        visitor.visit_map(MapDeserializer::new(entries))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        let text: CowStrDeserializer<'_, FieldError> = self.text.into_deserializer();
        text.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { str string bytes byte_buf identifier }
}
