//! What the scripts of the shells but bash are told.
//!
//! zsh and fish: in the first line `words`, `paths BEFORE`, or `command N`, where N counts words from 0. Behind
//! `words` there is one line for each. elvish and PowerShell are told the words only, paths among them.

use super::completers::Paths;
use super::line::Line;
use super::offers::{End, Offer};
use super::told::{self, Told};

/// Each word as `_describe` takes it, behind `+` if it may go on, else `-`.
pub fn zsh(line: &Line) -> String {
    told(line, |offer| {
        let sign = if offer.end == End::Open { '+' } else { '-' };
        let escaped = |text: &str| text.replace('\\', "\\\\").replace(':', "\\:");
        let help = offer.help.as_ref().map(|help| format!(":{}", help.replace('\\', "\\\\")));
        format!("{sign}{}{}", escaped(&offer.word), help.unwrap_or_default())
    })
}

/// Each word as `complete` takes it. Whether a blank follows fish knows by the last character.
pub fn fish(line: &Line) -> String {
    told(line, with_help)
}

/// Each word behind `+` if it may go on, else `-`, and before a tab and its remark.
pub fn elvish(line: &Line) -> String {
    let show = |offer: &Offer| {
        let goes_on = offer.end == End::Open || offer.word.ends_with('/');
        let sign = if goes_on { '+' } else { '-' };
        format!("{sign}{}\t{}\n", offer.word, offer.help.as_deref().unwrap_or_default())
    };
    words(line).iter().map(show).collect()
}

/// Each word, and its remark behind a tab.
pub fn powershell(line: &Line) -> String {
    words(line).iter().map(|offer| format!("{}\n", with_help(offer))).collect()
}

fn with_help(offer: &Offer) -> String {
    match &offer.help {
        Some(help) => format!("{}\t{help}", offer.word),
        None => offer.word.clone(),
    }
}

fn told(line: &Line, show: impl Fn(&Offer) -> String) -> String {
    match told::of(line, Paths::Shell) {
        Told::Words(words) => {
            let lines = words.iter().map(|offer| format!("{}\n", show(offer)));
            format!("words\n{}", lines.collect::<String>())
        }
        Told::Paths(before) => format!("paths {before}\n"),
        Told::Command(first) => format!("command {first}\n"),
    }
}

fn words(line: &Line) -> Vec<Offer> {
    match told::of(line, Paths::Engine) {
        Told::Words(words) => words,
        Told::Paths(_) | Told::Command(_) => Vec::new(),
    }
}
