//! What the databases may hold after a cut, as a function of its place in the log.
//!
//! # Rules
//! - A database holds one of the contents that were current between the last acknowledged change of it and
//!   what was under way. A command that writes a database in several steps has a content for each of them.
//! - What is promised to be whole is found in all of its databases, or in none.
//! - A change that was not acknowledged (its command failed, or was killed) may be lost until the next one of that
//!   database is.

use std::collections::{BTreeMap, BTreeSet};

/// The databases. A number below is a position here.
pub const NAMES: [&str; 6] = ["a.sdn", "b.sdn", "c.sdn", "sealed.sdn", "sub/d.sdn", "new.sdn"];
pub const A: usize = 0;
pub const B: usize = 1;
pub const C: usize = 2;
pub const SEALED: usize = 3;
pub const D: usize = 4;
/// This one is not there at first.
pub const NEW: usize = 5;

/// What a file holds; `None` if it is not there.
pub type Content = Option<String>;
/// What the databases hold.
pub type State = [Content; NAMES.len()];

/// A content that a database may hold after a cut from one place on, until before another one.
struct Possible {
    content: Content,
    from: usize,
    until: usize,
    /// What made it.
    by: &'static str,
}

/// Contents that are found together or not at all.
#[derive(Clone)]
struct Whole {
    what: &'static str,
    from: usize,
    until: usize,
    new: BTreeMap<usize, Content>,
}

/// Something that was done to the databases.
pub struct Step {
    pub what: &'static str,
    /// Where in the log it began and ended.
    pub begun: usize,
    pub ended: usize,
    /// It said that it is done.
    pub acknowledged: bool,
    /// The databases that it may have changed.
    pub covers: Vec<usize>,
    /// Whether all of its changes are found or none.
    pub whole: bool,
    /// A command wrote to the databases as it liked.
    pub foreign: bool,
    /// What it wrote on the way. Where all of its changes are found or none, that is never found.
    pub between: Vec<(usize, Content)>,
    /// What all databases held when it had ended.
    pub after: State,
}

/// All that was done, and what may be found of it.
pub struct History {
    possible: [Vec<Possible>; NAMES.len()],
    wholes: Vec<Whole>,
    /// Places at which steps began, and what they were.
    begun: Vec<(usize, &'static str)>,
    /// The same for people: with their ends, and the databases.
    steps: Vec<String>,
    /// Places at which something was acknowledged.
    pub acknowledged: Vec<usize>,
    /// Places from which on a command under `exec` may have left something broken of a database.
    foreign: Vec<(usize, usize)>,
    /// What was written and taken back, or is to be.
    undone: BTreeSet<(usize, String)>,
    /// All that the databases ever held.
    ever: BTreeSet<(usize, String)>,
    last: State,
}

impl History {
    /// The databases hold this, and it is on the disk.
    pub fn of(state: State) -> Self {
        let possible = state.clone().map(|content| vec![Possible { content, from: 0, until: usize::MAX, by: "start" }]);
        let mut history = Self {
            possible,
            wholes: Vec::new(),
            begun: vec![(0, "start")],
            steps: vec!["start".to_owned()],
            acknowledged: vec![0],
            foreign: Vec::new(),
            undone: BTreeSet::new(),
            ever: BTreeSet::new(),
            last: state.clone(),
        };
        history.hold(state);
        history
    }

    /// The databases hold this now.
    fn hold(&mut self, state: State) {
        let held = state.iter().enumerate().filter_map(|(of, content)| Some((of, content.clone()?)));
        self.ever.extend(held);
        self.last = state;
    }

    /// Whether a database ever held this.
    pub fn was_ever(&self, database: usize, content: &str) -> bool {
        self.ever.contains(&(database, content.to_owned()))
    }

    /// What the databases held after the last step.
    pub fn last(&self) -> &State {
        &self.last
    }

    /// What was under way at this place, or the last that was.
    pub fn under_way(&self, place: usize) -> &'static str {
        self.begun.iter().rev().find(|(begun, _)| *begun <= place).map_or("start", |(_, what)| what)
    }

    /// The last steps that had begun at this place.
    pub fn recent(&self, place: usize) -> String {
        let begun = self.begun.iter().filter(|(begun, _)| *begun <= place).count();
        self.steps[begun.saturating_sub(4)..begun].join("; ")
    }

    /// Whether a broken content of this database may have been put aside.
    pub fn may_reject(&self, database: usize, place: usize) -> bool {
        self.foreign.iter().any(|&(from, of)| of == database && from <= place)
    }

    /// Nothing that was possible before is from this place on.
    fn supersede(&mut self, database: usize, place: usize) {
        for possible in &mut self.possible[database] {
            possible.until = possible.until.min(place);
        }
    }

    fn begin(&mut self, what: &'static str, begun: usize, end: &str, covers: &[usize]) {
        self.begun.push((begun, what));
        let names: Vec<&str> = covers.iter().map(|&of| NAMES[of]).collect();
        self.steps.push(format!("{what} of {} at {begun}{end}", names.join(" ")));
        for whole in self.wholes.iter_mut().filter(|whole| covers.iter().any(|of| whole.new.contains_key(of))) {
            whole.until = whole.until.min(begun);
        }
    }

    pub fn record(&mut self, step: Step) {
        let Step { what, begun, ended, .. } = step;
        let end = format!(" to {ended}{}", if step.acknowledged { "" } else { " in vain" });
        self.begin(what, begun, &end, &step.covers);
        let known = step.between.iter().filter_map(|(of, content)| Some((*of, content.clone()?)));
        self.undone.extend(known);
        let mut new = BTreeMap::new();
        for &database in &step.covers {
            let after = &step.after[database];
            let on_the_way: Vec<_> = step.between.iter().filter(|(of, _)| *of == database && !step.whole).collect();
            let changed = *after != self.last[database];
            let of_step = on_the_way.into_iter().map(|(_, content)| content).chain([after]);
            let made =
                of_step.map(|content| Possible { content: content.clone(), from: begun, until: usize::MAX, by: what });
            let made: Vec<_> = made.collect();
            if changed || made.len() > 1 {
                self.possible[database].extend(made);
                if step.acknowledged {
                    self.supersede(database, ended);
                    let content = after.clone();
                    self.possible[database].push(Possible { content, from: ended, until: usize::MAX, by: what });
                }
            }
            if changed {
                new.insert(database, after.clone());
            }
            if step.foreign {
                self.foreign.push((begun, database));
            }
        }
        if step.whole {
            self.wholes.push(Whole { what, from: begun, until: usize::MAX, new });
        }
        if step.acknowledged {
            self.acknowledged.push(ended);
        }
        self.hold(step.after);
    }

    /// Records what several processes did to one database at the same time, each to its own part: `spans` has for each
    /// process and each number of its changes from 0 on the places at which that many may be found.
    pub fn record_many(
        &mut self,
        what: &'static str,
        database: usize,
        spans: &[Vec<(usize, usize)>],
        content: impl Fn(&[usize]) -> Content,
    ) {
        let begun = spans.iter().filter_map(|spans| spans.get(1)).map(|span| span.0).min().unwrap_or(0);
        self.begin(what, begun, "", &[database]);
        let mut firsts = spans.iter().map(|spans| spans[0].1);
        let first = firsts.by_ref().min().unwrap_or(usize::MAX);
        self.supersede(database, first);
        let mut counts = vec![0; spans.len()];
        loop {
            let from = counts.iter().zip(spans).map(|(&count, spans)| spans[count].0).max().unwrap_or(0).max(begun);
            let until = counts.iter().zip(spans).map(|(&count, spans)| spans[count].1).min().unwrap_or(0);
            if from < until {
                self.possible[database].push(Possible { content: content(&counts), from, until, by: what });
            }
            let Some(next) = (0..spans.len()).find(|&of| counts[of] + 1 < spans[of].len()) else { break };
            counts[next] += 1;
            counts[..next].fill(0);
        }
        self.acknowledged.extend(spans.iter().flatten().map(|span| span.1).filter(|&place| place != usize::MAX));
        let mut last = self.last.clone();
        last[database] = content(&counts);
        self.hold(last);
    }

    /// What may be found by those who look after a cut, from the beginning of the log that begins with it.
    pub fn after_cut(&self, place: usize) -> Self {
        let mut after = Self::of(self.last.clone());
        for (database, possible) in self.possible.iter().enumerate() {
            let now = possible.iter().filter(|possible| possible.from <= place && place < possible.until);
            let carried =
                |one: &Possible| Possible { content: one.content.clone(), from: 0, until: usize::MAX, by: one.by };
            after.possible[database] = now.map(carried).collect();
        }
        let open = self.wholes.iter().filter(|whole| whole.from <= place && place < whole.until);
        after.wholes = open.map(|whole| Whole { from: 0, until: usize::MAX, ..whole.clone() }).collect();
        let foreign = self.foreign.iter().filter(|(from, _)| *from <= place);
        after.foreign = foreign.map(|&(_, database)| (0, database)).collect();
        after.begun = vec![(0, self.under_way(place))];
        after.steps = vec![self.recent(place)];
        (after.ever, after.undone) = (self.ever.clone(), self.undone.clone());
        after
    }

    /// What was found there after a cut is what is on the disk from here on.
    pub fn found(&mut self, state: State, place: usize) {
        for (database, content) in state.iter().enumerate() {
            let found = Possible { content: content.clone(), from: 0, until: usize::MAX, by: "recovery" };
            self.supersede(database, place);
            self.possible[database].push(found);
        }
        self.hold(state);
    }

    /// What is wrong with databases that hold this after a cut at that place.
    pub fn judge(&self, place: usize, state: &State) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        for (database, (possible, now)) in self.possible.iter().zip(state).enumerate() {
            if possible.iter().any(|one| one.content == *now && one.from <= place && place < one.until) {
                continue;
            }
            let older = possible.iter().any(|one| one.content == *now && one.until <= place);
            let kind = match now {
                None => "gone".to_owned(),
                Some(text) if text.trim().is_empty() => "empty".to_owned(),
                Some(text) if text.contains('\0') => "full of zeros".to_owned(),
                Some(_) if older => {
                    let acknowledged = possible.iter().find(|one| one.from <= place && place < one.until);
                    format!("acknowledged {} lost", acknowledged.map_or("content", |one| one.by))
                }
                Some(text) if self.undone.contains(&(database, text.clone())) => "what was undone is there".to_owned(),
                Some(_) => "torn or mixed".to_owned(),
            };
            wrong.push(Wrong { kind, told: format!("{}: {}", NAMES[database], shortened(now)) });
        }
        for whole in self.wholes.iter().filter(|whole| whole.from <= place && place < whole.until) {
            let (new, old): (BTreeSet<_>, BTreeSet<_>) =
                whole.new.iter().map(|(&of, _)| of).partition(|of| whole.new[of] == state[*of]);
            if !new.is_empty() && !old.is_empty() {
                let names = |of: BTreeSet<usize>| of.into_iter().map(|of| NAMES[of]).collect::<Vec<_>>().join(" ");
                let told = format!("new: {}, not: {}", names(new), names(old));
                wrong.push(Wrong { kind: format!("{} not whole", whole.what), told });
            }
        }
        wrong
    }
}

/// Something that may not be.
#[derive(Clone, Debug)]
pub struct Wrong {
    /// By this it is counted.
    pub kind: String,
    pub told: String,
}

/// The end of a content, where its chance is.
pub fn shortened(content: &Content) -> String {
    let Some(text) = content else { return "not there".to_owned() };
    let tail: String = text.chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
    format!("{} bytes, at the end {tail:?}", text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(texts: [&str; NAMES.len()]) -> State {
        texts.map(|text| Some(text.to_owned()))
    }

    const START: [&str; NAMES.len()] = ["a0", "b0", "c0", "s0", "d0", "n0"];

    fn step(what: &'static str, (begun, ended): (usize, usize), covers: &[usize], after: [&str; NAMES.len()]) -> Step {
        let (covers, after) = (covers.to_vec(), state(after));
        Step {
            what,
            begun,
            ended,
            acknowledged: true,
            covers,
            whole: false,
            foreign: false,
            between: Vec::new(),
            after,
        }
    }

    #[track_caller]
    fn assert_judged(history: &History, place: usize, texts: [&str; NAMES.len()], kinds: &[&str]) {
        let judged = history.judge(place, &state(texts));
        assert_eq!(judged.iter().map(|wrong| &*wrong.kind).collect::<Vec<_>>(), kinds, "{judged:?}");
    }

    #[test]
    fn a_change_may_be_there_once_it_began_and_must_be_once_it_was_acknowledged() {
        let mut history = History::of(state(START));
        let changed = ["a1", "b0", "c0", "s0", "d0", "n0"];
        history.record(step("set", (10, 20), &[A], changed));
        assert_judged(&history, 9, START, &[]);
        assert_judged(&history, 9, changed, &["torn or mixed"]);
        for place in [10, 19] {
            assert_judged(&history, place, START, &[]);
            assert_judged(&history, place, changed, &[]);
        }
        assert_judged(&history, 20, changed, &[]);
        assert_judged(&history, 20, START, &["acknowledged set lost"]);
        assert_judged(&history, 20, ["", "b0\0", "c1", "s0", "d0", "n0"], &["empty", "full of zeros", "torn or mixed"]);
        let mut gone = state(changed);
        gone[D] = None;
        assert_eq!(history.judge(20, &gone)[0].kind, "gone");
    }

    #[test]
    fn a_change_that_was_not_acknowledged_may_be_lost_until_the_next_one_is() {
        let mut history = History::of(state(START));
        let (first, second) = (["a1", "b0", "c0", "s0", "d0", "n0"], ["a2", "b0", "c0", "s0", "d0", "n0"]);
        history.record(Step { acknowledged: false, ..step("killed", (10, 20), &[A], first) });
        assert_judged(&history, 30, START, &[]);
        history.record(step("set", (30, 40), &[A], second));
        for text in [START, first, second] {
            assert_judged(&history, 39, text, &[]);
        }
        assert_judged(&history, 40, first, &["acknowledged set lost"]);
        assert_judged(&history, 40, START, &["acknowledged set lost"]);
    }

    #[test]
    fn what_a_command_writes_on_the_way_may_be_found_while_it_runs() {
        let mut history = History::of(state(START));
        let (on_the_way, back) = (["a1", "b0", "c0", "s0", "d0", "n0"], START);
        let between = vec![(A, Some("a1".to_owned()))];
        history.record(Step { between, foreign: true, ..step("exec", (10, 20), &[A], back) });
        assert_judged(&history, 15, on_the_way, &[]);
        assert_judged(&history, 20, START, &[]);
        assert_judged(&history, 20, on_the_way, &["acknowledged exec lost"]);
        assert!(history.may_reject(A, 10) && !history.may_reject(A, 9) && !history.may_reject(B, 20));
    }

    #[test]
    fn a_transaction_is_found_in_all_of_its_databases_or_in_none() {
        let mut history = History::of(state(START));
        let new = ["a1", "b1", "c0", "s0", "d1", "n0"];
        history.record(Step { whole: true, ..step("transaction", (10, 20), &[A, B, C, D], new) });
        for (half, place) in [(["a1", "b0", "c0", "s0", "d1", "n0"], 10), (["a0", "b0", "c0", "s0", "d1", "n0"], 19)] {
            assert_judged(&history, place, half, &["transaction not whole"]);
        }
        assert_judged(&history, 15, START, &[]);
        assert_judged(&history, 15, new, &[]);
        // What one wrote that failed is never found.
        let between = vec![(A, Some("a9".to_owned()))];
        let failing = step("failing transaction", (22, 24), &[A, B], new);
        history.record(Step { whole: true, acknowledged: false, between, ..failing });
        for place in [22, 23, 24] {
            assert_judged(&history, place, ["a9", "b1", "c0", "s0", "d1", "n0"], &["what was undone is there"]);
        }
        // What is changed afterwards stands for itself.
        let later = ["a2", "b1", "c0", "s0", "d1", "n0"];
        history.record(step("set", (30, 40), &[A], later));
        assert_judged(&history, 35, later, &[]);
        let after_cut = history.after_cut(15);
        assert_judged(&after_cut, 0, ["a1", "b0", "c0", "s0", "d1", "n0"], &["transaction not whole"]);
        assert_judged(&after_cut, 0, later, &["torn or mixed", "transaction not whole"]);
    }

    #[test]
    fn what_was_found_after_a_cut_stays() {
        let mut history = History::of(state(START));
        let (new, newer) = (["a1", "b0", "c0", "s0", "d0", "n0"], ["a2", "b0", "c0", "s0", "d0", "n0"]);
        history.record(step("set", (10, 20), &[A], new));
        let mut later = history.after_cut(15);
        later.found(state(START), 5);
        assert_judged(&later, 4, new, &[]);
        assert_judged(&later, 4, START, &[]);
        assert_judged(&later, 5, new, &["acknowledged recovery lost"]);
        later.record(step("set", (6, 8), &[A], newer));
        assert_judged(&later, 7, START, &[]);
        assert_judged(&later, 8, START, &["acknowledged set lost"]);
        assert!(later.was_ever(A, "a1") && later.was_ever(A, "a2") && !later.was_ever(B, "a1"));
    }

    #[test]
    fn of_many_each_has_what_it_acknowledged() {
        let mut history = History::of(state(START));
        let content = |counts: &[usize]| Some(format!("{}-{}", counts[0], counts[1]));
        let spans = [vec![(0, 20), (10, 40), (30, usize::MAX)], vec![(0, 35), (15, usize::MAX)]];
        history.record_many("many", B, &spans, content);
        let found = |place: usize| -> Vec<String> {
            let all = ["b0", "0-0", "0-1", "1-0", "1-1", "2-0", "2-1"];
            let is_right = |text: &&str| history.judge(place, &state(["a0", text, "c0", "s0", "d0", "n0"])).is_empty();
            all.into_iter().filter(is_right).map(str::to_owned).collect()
        };
        assert_eq!(found(9), ["b0"]);
        assert_eq!(found(12), ["b0", "0-0", "1-0"]);
        assert_eq!(found(19), ["b0", "0-0", "0-1", "1-0", "1-1"]);
        assert_eq!(found(20), ["1-0", "1-1"]);
        assert_eq!(found(32), ["1-0", "1-1", "2-0", "2-1"]);
        assert_eq!(found(36), ["1-1", "2-1"]);
        assert_eq!(found(50), ["2-1"]);
        assert_eq!(history.last()[B].as_deref(), Some("2-1"));
    }
}
