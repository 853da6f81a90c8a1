//! Many records that another program says: as JSON, or as lines with separators.

mod delimited;
mod json;

use std::fmt;

use sdnlock::update::Fields;

use super::args::{AddArgs, RecordsSource};
use super::failure::Failure;
use super::status;
use super::streams;
use super::text;

/// How the records are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    Json,
    Csv,
    Tsv,
}

/// Where a record stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// On this line, from 1.
    Line(usize),
    /// It is the one of this number in the array, from 1.
    Number(usize),
    /// It is the one of this number in the array on this line, both from 1.
    OfLine(usize, usize),
    /// The text as a whole.
    Whole,
}

impl Source {
    /// A record of the array that stands there.
    fn record(self, number: usize) -> Self {
        match self {
            Self::Line(line) => Self::OfLine(line, number),
            _ => Self::Number(number),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Number(number) => write!(f, "record {number}"),
            Self::OfLine(line, number) => write!(f, "line {line}, record {number}"),
            Self::Whole => f.write_str("the input"),
        }
    }
}

/// A record that cannot be taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadRecord {
    /// Where it stands.
    pub at: Source,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for BadRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.why)
    }
}

/// The records of the file that the options name, with their places; nothing if they name none.
///
/// # Errors
/// If it cannot be read, or if a record in it cannot be taken: all of these are told.
pub fn records(args: &AddArgs) -> Result<Option<Vec<(Source, Fields)>>, Failure> {
    let RecordsSource { json, csv, tsv } = &args.source;
    let named = [(Format::Json, json), (Format::Csv, csv), (Format::Tsv, tsv)];
    let Some((format, source)) = named.into_iter().find_map(|(format, path)| Some((format, path.as_deref()?))) else {
        return Ok(None);
    };
    let content = streams::read_all(source)?;
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&content);
    let records = match format {
        Format::Json => json::records(content),
        Format::Csv => delimited::csv(content),
        Format::Tsv => delimited::tsv(content),
    };
    records.map(Some).map_err(|bad| {
        let title = format!("not changing `{}`: {} cannot be taken", args.table, text::count(bad.len(), "record"));
        Failure::told(status::INVALID, title, bad.iter().map(ToString::to_string)).unchanged(&args.file)
    })
}
