//! Addresses, one step after the other.

use std::collections::HashSet;

use sdnlock::address::{Address, Below, Comparison, Step, Target};
use sdnlock::record;
use sdnlock::sdn::{Row, Spelling, Table};

use super::database::Database;
use super::line::Line;
use super::offers::{self, End, Offer};
use super::values;

/// What the address is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// `read`
    Print,
    /// `get`
    Get,
    /// `set ADDR=VALUE`
    Set,
    /// `set --if ADDR=VALUE`
    Compare,
    /// `rm`
    Remove,
    /// `rm --purge`
    Purge,
}

/// What may stand behind a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    /// The address ends here.
    Nothing,
    /// It must go on, with this sign.
    Must(&'static str),
    /// It may go on with this sign.
    May(&'static str),
}

/// What the word of a line can go on with.
pub fn complete(line: &Line, word: &str, purpose: Purpose) -> Vec<Offer> {
    let Some(database) = Database::of(line) else {
        return Vec::new();
    };
    let value_at = match purpose {
        Purpose::Set => Typed::of(word).sign,
        Purpose::Compare => Comparison::split(word).map(|(address, _, _)| address.len()),
        _ => None,
    };
    match value_at {
        None => steps(&database, word, purpose).unwrap_or_default(),
        Some(end) => values::of_address(&database, word, end, purpose == Purpose::Compare),
    }
}

fn steps(database: &Database, word: &str, purpose: Purpose) -> Option<Vec<Offer>> {
    let typed = Typed::of(word);
    let address: Option<Address> = typed.base.map(str::parse).transpose().ok()?;
    // A cell is not removed.
    if let (Some(address), Purpose::Remove | Purpose::Purge) = (&address, purpose)
        && matches!(database.finder().find(address).ok()?, Target::Record(..))
    {
        return None;
    }
    let mut choice = Choice::default();
    for Below { step, target } in database.finder().below(address.as_ref()).ok()? {
        let is_live = match &target {
            Some(Target::Record(table, row)) => record::is_live(table, row),
            _ => true,
        };
        let Some(text) = typed.segment(&step).filter(|_| is_live || purpose != Purpose::Remove) else {
            continue;
        };
        let by_name = || matches!(&step, Step::Name(name) if name.starts_with(typed.tail));
        if text.starts_with(typed.tail) || by_name() {
            choice.add(text, step, target, is_live, typed.tail);
        }
    }
    let chosen = choice.best();
    let exact = chosen.len() == 1 && chosen[0].0 == typed.tail;
    let offers = chosen.into_iter().map(|(text, step, target)| {
        let here = match (step, &address) {
            (Step::Name(name), None) => Address::of(name),
            (Step::Name(name), Some(address)) => address.clone().with(name),
            (Step::Index(index), address) => address.clone()?.at(index),
        };
        // What cannot be read for certain is offered as it stands: the command says what is wrong with it.
        let next = target.as_ref().map_or(Next::Nothing, |target| next(target, &here, purpose, database));
        let (sign, end) = match next {
            Next::Nothing => ("", End::Word),
            Next::Must(sign) => (sign, End::Open),
            Next::May(sign) => (if exact { sign } else { "" }, End::Open),
        };
        let offer = Offer::new(format!("{}{text}{sign}", typed.before), end);
        Some(match summary(here.steps().last()?, target.as_ref()) {
            Some(summary) => offer.help(summary),
            None => offer,
        })
    });
    offers.collect()
}

fn next(target: &Target<'_>, address: &Address, purpose: Purpose, database: &Database) -> Next {
    use Purpose::{Compare, Get, Print, Purge, Remove, Set};
    let changes = matches!(purpose, Set | Compare);
    match (target, purpose) {
        (Target::Record(..), Print | Get) => Next::May("."),
        (Target::Record(..), Set | Compare) => Next::Must("."),
        (Target::Record(..), Remove | Purge) => Next::Nothing,
        (Target::Block(_) | Target::Table(_), _) => {
            let first = database.finder().below(Some(address)).ok().and_then(|mut below| below.next());
            let sign = if first.is_some_and(|below| matches!(below.step, Step::Index(_))) { "[" } else { "." };
            let is_table = matches!(target, Target::Table(_));
            let goes_on = changes || purpose == Get || (is_table && purpose == Remove);
            if goes_on { Next::Must(sign) } else { Next::May(sign) }
        }
        (Target::Value(place), _) => match (place.value().spelling(), place.value().raw().first()) {
            (Spelling::Bracketed, Some(b'{')) if changes => Next::Must("."),
            (Spelling::Bracketed, Some(b'{')) => Next::May("."),
            (Spelling::Bracketed, _) if !changes => Next::May("["),
            _ if changes => Next::Must("="),
            _ => Next::Nothing,
        },
    }
}

/// What is said of what stands there and has no certain meaning.
pub const UNREADABLE: &str = "cannot be read for certain";

/// What stands there, in few words.
fn summary(step: &Step, target: Option<&Target<'_>>) -> Option<String> {
    match target {
        Some(Target::Table(table)) => Some(columns(table)),
        Some(Target::Record(_, row)) => Some(cells(step, row)),
        Some(Target::Value(place)) => Some(place.value().text().into_owned()),
        Some(Target::Block(_)) => None,
        None => Some(UNREADABLE.to_owned()),
    }
}

/// The columns of a table.
pub fn columns(table: &Table<'_>) -> String {
    table.columns().collect::<Vec<_>>().join(", ")
}

/// The cells of a record, without the one that is its key.
fn cells(step: &Step, row: &Row<'_>) -> String {
    let is_key = |text: &str| matches!(step, Step::Name(key) if key == text);
    let texts = row.cells().map(|cell| cell.value().text()).filter(|text| !text.is_empty() && !is_key(text));
    texts.collect::<Vec<_>>().join(", ")
}

/// What fits to the word so far: the steps that begin so, else one whose name does, which needs quotes; of records
/// those that are live.
#[derive(Default)]
struct Choice<'d> {
    live: Vec<Found<'d>>,
    hidden: Vec<Found<'d>>,
    by_name: Vec<Found<'d>>,
    known: HashSet<(String, bool)>,
}

/// A step as it is written, and what it leads to.
type Found<'d> = (String, Step, Option<Target<'d>>);

impl<'d> Choice<'d> {
    fn add(&mut self, text: String, step: Step, target: Option<Target<'d>>, is_live: bool, tail: &str) {
        if text.contains(char::is_control) || !self.known.insert((text.clone(), is_live)) {
            return;
        }
        let list = match (text.starts_with(tail), is_live) {
            (true, true) => &mut self.live,
            (true, false) => &mut self.hidden,
            (false, _) => &mut self.by_name,
        };
        list.push((text, step, target));
        // A table may have very many records.
        if list.len() >= 2 * offers::MOST {
            *list = offers::few(std::mem::take(list), |(text, _, _)| text);
        }
    }

    fn best(self) -> Vec<Found<'d>> {
        let by_name = if self.by_name.len() == 1 { self.by_name } else { Vec::new() };
        let best = [self.live, self.hidden, by_name].into_iter().find(|found| !found.is_empty());
        offers::few(best.unwrap_or_default(), |(text, _, _)| text)
    }
}

/// The word so far.
struct Typed<'w> {
    /// All steps but the last one.
    base: Option<&'w str>,
    /// The same, with the sign behind it.
    before: &'w str,
    /// What there is of the last step.
    tail: &'w str,
    /// Whether the last step is that into a list.
    in_list: bool,
    /// Where a value is given.
    sign: Option<usize>,
}

impl<'w> Typed<'w> {
    fn of(word: &'w str) -> Self {
        let mut last = None;
        let mut sign = None;
        let mut quoted = false;
        let mut escaped = false;
        for (at, c) in word.char_indices() {
            match c {
                _ if std::mem::take(&mut escaped) => {}
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                '.' | '[' if !quoted && sign.is_none() => last = Some((at, c)),
                '=' if !quoted && sign.is_none() => sign = Some(at),
                _ => {}
            }
        }
        let behind = last.map_or(0, |(at, _)| at + 1);
        let base = last.map(|(at, _)| &word[..at]);
        let in_list = last.is_some_and(|(_, c)| c == '[');
        Self { base, before: &word[..behind], tail: &word[behind..], in_list, sign }
    }

    /// A step as it is written behind what stands there, if it can stand there.
    fn segment(&self, step: &Step) -> Option<String> {
        match step {
            Step::Index(index) if self.in_list => Some(format!("{index}]")),
            Step::Name(name) if !self.in_list => {
                let written = Address::of(name).to_string();
                let quote = self.tail.starts_with('"') && !written.starts_with('"');
                Some(if quote { format!("\"{}\"", name.replace('\\', "\\\\")) } else { written })
            }
            _ => None,
        }
    }
}
