//! A struct as the texts of its columns.

use serde::Serialize;
use serde::ser::{Impossible, SerializeMap, SerializeStruct, Serializer};

use super::to_cell::Cell;
use super::{FieldError, Texts};

/// What a record says in each of its fields, in their order.
pub(in crate::db) fn to_row(record: &impl Serialize) -> Result<Texts, FieldError> {
    Ok(record.serialize(Row)?.texts)
}

/// The fields of a record that are lists or dicts.
pub(in crate::db) fn lists(record: &impl Serialize) -> Result<Vec<String>, FieldError> {
    Ok(record.serialize(Row)?.lists)
}

struct Row;

/// The fields so far.
struct Fields {
    texts: Texts,
    /// Those that are lists or dicts.
    lists: Vec<String>,
    key: String,
}

impl Fields {
    fn push(&mut self, column: &str, value: &(impl Serialize + ?Sized)) -> Result<(), FieldError> {
        let said = value.serialize(Cell { inline: false }).map_err(|error| error.in_column(column))?;
        if said.is_list {
            self.lists.push(column.to_owned());
        }
        self.texts.push((column.to_owned(), said.text));
        Ok(())
    }
}

impl SerializeStruct for Fields {
    type Ok = Fields;
    type Error = FieldError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), FieldError> {
        self.push(key, value)
    }

    fn skip_field(&mut self, key: &'static str) -> Result<(), FieldError> {
        self.push(key, "")
    }

    fn end(self) -> Result<Fields, FieldError> {
        Ok(self)
    }
}

impl SerializeMap for Fields {
    type Ok = Fields;
    type Error = FieldError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), FieldError> {
        self.key = key.serialize(Cell { inline: false })?.text;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), FieldError> {
        let key = std::mem::take(&mut self.key);
        self.push(&key, value)
    }

    fn end(self) -> Result<Fields, FieldError> {
        Ok(self)
    }
}

/// What a record is that is no struct.
fn no_struct<T>(what: &str) -> Result<T, FieldError> {
    Err(FieldError::new(format!("a record is a struct whose fields are the columns, not {what}")))
}

macro_rules! refuse {
    ($($method:ident: $type:ty => $what:literal),* $(,)?) => {
        $(fn $method(self, _: $type) -> Result<Fields, FieldError> {
            no_struct($what)
        })*
    };
}

impl Serializer for Row {
    type Ok = Fields;
    type Error = FieldError;
    type SerializeSeq = Impossible<Fields, FieldError>;
    type SerializeTuple = Impossible<Fields, FieldError>;
    type SerializeTupleStruct = Impossible<Fields, FieldError>;
    type SerializeTupleVariant = Impossible<Fields, FieldError>;
    type SerializeMap = Fields;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Impossible<Fields, FieldError>;

    refuse! {
        serialize_bool: bool => "a boolean",
        serialize_i8: i8 => "a number",
        serialize_i16: i16 => "a number",
        serialize_i32: i32 => "a number",
        serialize_i64: i64 => "a number",
        serialize_u8: u8 => "a number",
        serialize_u16: u16 => "a number",
        serialize_u32: u32 => "a number",
        serialize_u64: u64 => "a number",
        serialize_f32: f32 => "a number",
        serialize_f64: f64 => "a number",
        serialize_char: char => "a character",
        serialize_str: &str => "a text",
        serialize_bytes: &[u8] => "bytes",
        serialize_unit_struct: &'static str => "nothing",
    }

    fn serialize_none(self) -> Result<Fields, FieldError> {
        no_struct("nothing")
    }

    fn serialize_unit(self) -> Result<Fields, FieldError> {
        no_struct("nothing")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Fields, FieldError> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Fields, FieldError> {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<Fields, FieldError> {
        no_struct("an enum")
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Fields, FieldError> {
        no_struct("an enum")
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, FieldError> {
        no_struct("a list")
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, FieldError> {
        no_struct("a tuple")
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, FieldError> {
        no_struct("a tuple")
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, FieldError> {
        no_struct("an enum")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields, FieldError> {
        Ok(Fields { texts: Vec::new(), lists: Vec::new(), key: String::new() })
    }

    fn serialize_struct(self, _: &'static str, fields: usize) -> Result<Fields, FieldError> {
        Ok(Fields { texts: Vec::with_capacity(fields), lists: Vec::new(), key: String::new() })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, FieldError> {
        no_struct("an enum")
    }
}
