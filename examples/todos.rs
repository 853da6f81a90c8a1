//! Closes an entry of a todo database:
//! `cargo run --example todos -- examples/todo_db.sdn 3`

use sdnlock::{Database, Record};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Todo {
    id: String,
    status: String,
    issue: Option<u32>, // an empty cell is `None`
}

impl Record for Todo {
    fn id(&self) -> String {
        self.id.clone()
    }

    fn table_name() -> &'static str {
        "todos"
    }
}

/// Closes an entry; gives how many are still open.
pub(crate) fn close(path: &str, id: &str) -> sdnlock::Result<usize> {
    let mut db = Database::<Todo>::load(path)?;
    if let Some(todo) = db.get_mut(id) {
        todo.status = "done".to_owned();
    }
    db.save()?; // locks, merges what others wrote meanwhile, replaces the file
    Ok(db.all().iter().filter(|todo| todo.status == "open").count())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(path), Some(id)) = (arguments.next(), arguments.next()) else {
        return Err("a database and the id of an entry are needed".into());
    };
    println!("{} entries are open", close(&path, &id)?);
    Ok(())
}
