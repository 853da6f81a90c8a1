//! The database that a line speaks of.

use sdnlock::address::{Address, Finder};
use sdnlock::check::Schema;
use sdnlock::disk;
use sdnlock::project;
use sdnlock::record::Keys;
use sdnlock::sdn::{Document, Table};

use super::line::Line;

/// Larger files are not looked into, so that nobody waits for the answer.
const LARGEST: u64 = 32 << 20;

/// What a database holds, and what its schema says.
pub struct Database {
    pub document: Document,
    pub schema: Schema,
    pub keys: Keys,
}

impl Database {
    /// Reads the database of a line without a lock. There is none if it cannot be read.
    pub fn of(line: &Line) -> Option<Self> {
        let path = line.file()?;
        // What the system makes up as it is read says that it is empty, and may never end.
        if !(1..=LARGEST).contains(&path.metadata().ok()?.len()) {
            return None;
        }
        let document = Document::parse(disk::read(&path).ok()??.into_bytes());
        let schema = project::schema_as_far_as_known(&path);
        Some(Self { document, keys: schema.keys(), schema })
    }

    pub fn finder(&self) -> Finder<'_, '_> {
        Finder::new(&self.document, &self.keys)
    }

    /// The table of this name or address.
    pub fn table(&self, name: &str) -> Option<Table<'_>> {
        name.parse::<Address>().ok()?.find_table(&self.document).ok()
    }
}
