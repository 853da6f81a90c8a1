//! What is offered besides the content of databases.

use sdnlock::check::Rule;
use sdnlock::disk;

use super::line::Line;
use super::offers::{End, Offer};
use crate::cli::text;

/// The backups of the database, by number.
pub fn backups(line: &Line, word: &str) -> Vec<Offer> {
    let backups = line.file().and_then(|file| disk::backups(&file).ok()).unwrap_or_default();
    let offer = |backup: disk::Backup| {
        let age = backup.modified.elapsed().unwrap_or_default();
        let size = usize::try_from(backup.size).unwrap_or(usize::MAX);
        let help = format!("{}, {} ago", text::size(size), text::duration(age));
        Offer::new(backup.number.to_string(), End::Word).help(help)
    };
    backups.into_iter().map(offer).filter(|offer| offer.word.starts_with(word)).collect()
}

/// The rules of `check`: their names, or their codes where one of these is begun.
pub fn rules(_: &Line, word: &str) -> Vec<Offer> {
    let codes = !word.is_empty() && word.starts_with("SDN");
    let offer = |rule: &Rule| {
        let (name, other) = if codes { (rule.code(), rule.name()) } else { (rule.name(), rule.code()) };
        name.starts_with(word).then(|| Offer::new(name, End::Word).help(format!("{other}: {}", rule.about())))
    };
    Rule::ALL.iter().filter_map(offer).collect()
}
