//! A value as the text of one cell.

use serde::Serialize;
use serde::ser::{
    Impossible, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, SerializeTupleStruct, Serializer,
};

use super::FieldError;
use crate::sdn::{Spelling, is_name, shortest, spell};

/// What a cell says.
pub(super) struct Said {
    pub text: String,
    /// Whether that is a list or dict, and not a text.
    pub is_list: bool,
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self { text, is_list: false }
    }
}

/// Turns a value into its text; `inline` if it stands in a list or dict, where it is spelled as it is read there.
#[derive(Clone, Copy)]
pub(super) struct Cell {
    pub inline: bool,
}

impl Cell {
    fn text(self, text: &str) -> Result<Said, FieldError> {
        if !self.inline {
            return Ok(text.to_owned().into());
        }
        // What is no text is spelled without quotes, so a text that looks like it has them.
        let is_number = text.bytes().next().is_some_and(|b| b.is_ascii_digit() || b == b'-');
        let like = if is_number || matches!(text, "true" | "false") { Spelling::Quoted } else { Spelling::Bare };
        let spelled = spell(text, like).map_err(|control| FieldError::new(control.to_string()))?;
        Ok(spelled.into_owned().into())
    }

    fn open(self, bracket: char) -> Result<Inline, FieldError> {
        if self.inline {
            return too_deep();
        }
        Ok(Inline { text: bracket.to_string(), key: String::new() })
    }
}

fn too_deep<T>() -> Result<T, FieldError> {
    Err(FieldError::new("it is a list or dict within another one, which not every reader takes: keep it as text"))
}

fn no_cell<T>(what: &str) -> Result<T, FieldError> {
    Err(FieldError::new(format!("{what} cannot be written into a cell: keep it as text")))
}

/// A list or dict, as far as it is written.
pub(super) struct Inline {
    text: String,
    key: String,
}

impl Inline {
    fn push<T: Serialize + ?Sized>(&mut self, key: Option<&str>, value: &T) -> Result<(), FieldError> {
        if self.text.len() > 1 {
            self.text.push_str(", ");
        }
        if let Some(key) = key {
            if !is_name(key) {
                return Err(FieldError::new(format!("`{key}` cannot be a key: it is no word of letters and digits")));
            }
            self.text.push_str(key);
            self.text.push_str(": ");
        }
        self.text.push_str(&value.serialize(Cell { inline: true })?.text);
        Ok(())
    }

    fn close(mut self, bracket: char) -> Said {
        self.text.push(bracket);
        Said { text: self.text, is_list: true }
    }
}

macro_rules! elements {
    ($($trait:ident: $method:ident),*) => {
        $(impl $trait for Inline {
            type Ok = Said;
            type Error = FieldError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), FieldError> {
                self.push(None, value)
            }

            fn end(self) -> Result<Said, FieldError> {
                Ok(self.close(']'))
            }
        })*
    };
}

elements!(SerializeSeq: serialize_element, SerializeTuple: serialize_element, SerializeTupleStruct: serialize_field);

impl SerializeMap for Inline {
    type Ok = Said;
    type Error = FieldError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), FieldError> {
        self.key = key.serialize(Cell { inline: false })?.text;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), FieldError> {
        let key = std::mem::take(&mut self.key);
        self.push(Some(&key), value)
    }

    fn end(self) -> Result<Said, FieldError> {
        Ok(self.close('}'))
    }
}

impl SerializeStruct for Inline {
    type Ok = Said;
    type Error = FieldError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), FieldError> {
        self.push(Some(key), value)
    }

    fn end(self) -> Result<Said, FieldError> {
        Ok(self.close('}'))
    }
}

/// The text of a number, or another one where readers would not take that for the same number.
fn number(text: String, float: f64) -> String {
    let is_plain = spell(&text, Spelling::Bare).is_ok_and(|spelled| spelled == text);
    if is_plain { text } else { shortest(float) }
}

macro_rules! plain {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<Said, FieldError> {
            Ok(value.to_string().into())
        })*
    };
}

impl Serializer for Cell {
    type Ok = Said;
    type Error = FieldError;
    type SerializeSeq = Inline;
    type SerializeTuple = Inline;
    type SerializeTupleStruct = Inline;
    type SerializeTupleVariant = Impossible<Said, FieldError>;
    type SerializeMap = Inline;
    type SerializeStruct = Inline;
    type SerializeStructVariant = Impossible<Said, FieldError>;

    plain!(
        serialize_bool: bool,
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128
    );

    fn serialize_f32(self, value: f32) -> Result<Said, FieldError> {
        Ok(number(value.to_string(), value.into()).into())
    }

    fn serialize_f64(self, value: f64) -> Result<Said, FieldError> {
        Ok(number(value.to_string(), value).into())
    }

    fn serialize_char(self, value: char) -> Result<Said, FieldError> {
        self.text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<Said, FieldError> {
        self.text(value)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Said, FieldError> {
        no_cell("a run of bytes")
    }

    fn serialize_none(self) -> Result<Said, FieldError> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Said, FieldError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Said, FieldError> {
        Ok(if self.inline { "null" } else { "" }.to_owned().into())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Said, FieldError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Said, FieldError> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Said, FieldError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Said, FieldError> {
        no_cell("an enum variant with data")
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Inline, FieldError> {
        self.open('[')
    }

    fn serialize_tuple(self, _: usize) -> Result<Inline, FieldError> {
        self.open('[')
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Inline, FieldError> {
        self.open('[')
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, FieldError> {
        no_cell("an enum variant with data")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Inline, FieldError> {
        self.open('{')
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Inline, FieldError> {
        self.open('{')
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, FieldError> {
        no_cell("an enum variant with data")
    }
}
