//! The order of what is merged: three sequences of items become one.
//!
//! A keyed item is the same item wherever it stands. Any other item, a comment or a line without a name, is the same
//! if it says the same at a corresponding place, as for a diff by lines. What one side added stands behind what it
//! stands behind there; what both added at one place stands there one behind the other, ours first.

use std::collections::{HashMap, VecDeque};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

use super::sides::Sides;

/// An item of a sequence, as far as its order matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Token {
    /// Equal for items that are the same.
    pub id: u32,
    /// Whether no other item of its sequence has this number.
    pub keyed: bool,
    /// Whether two sides that both begin an addition with it mean the same one.
    pub shared: bool,
    /// Whether different ones that both sides put at one place cannot stand there one behind the other.
    pub exclusive: bool,
}

/// Items that are versions of one; where a side is missing, it does not have the item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Placed {
    /// At most one item of each side.
    One(Sides<Option<usize>>),
    /// Lines that both sides replaced by different ones.
    Clash(Sides<Vec<usize>>),
}

/// Puts three sequences into one order. Items that both sides removed are left out.
pub(super) fn align(tokens: Sides<&[Token]>) -> Vec<Placed> {
    let Sides { base, ours, theirs } = tokens;
    let (to_ours, to_theirs) = (matches(base, ours), matches(base, theirs));
    let mut links = Links::new(&to_ours, &to_theirs, ours.len(), theirs.len());
    links.pair_added(ours, theirs);
    let mut list = List::new(base.len(), theirs.len());
    list.follow_ours(&links, ours.len());
    list.insert_theirs(&links, theirs.len());
    list.find_clashes(&links, tokens);
    list.in_order()
}

/// Where an item of the base stands on a side.
#[derive(Clone, Copy)]
pub(super) struct There {
    pub index: usize,
    /// Whether it stands in the same order there.
    pub in_order: bool,
}

/// Where each item of `from` is in `to`.
pub(super) fn matches(from: &[Token], to: &[Token]) -> Vec<Option<There>> {
    let same = |(a, b): &(&Token, &Token)| a.id == b.id;
    let head = from.iter().zip(to).take_while(same).count();
    let tail = from[head..].iter().rev().zip(to[head..].iter().rev()).take_while(same).count();
    let mut found: Vec<Option<There>> = vec![None; from.len()];
    let mut put = |from: usize, to: usize| found[from] = Some(There { index: to, in_order: true });
    (0..head).for_each(|at| put(at, at));
    (1..=tail).for_each(|back| put(from.len() - back, to.len() - back));
    let ids = |tokens: &[Token]| tokens[head..tokens.len() - tail].iter().map(|token| token.id).collect::<Vec<_>>();
    let (old, new) = (ids(from), ids(to));
    if !old.is_empty() && !new.is_empty() {
        for op in capture_diff_slices_deadline(Algorithm::Myers, &old, &new, None) {
            if let DiffOp::Equal { old_index, new_index, len } = op {
                (0..len).for_each(|at| put(head + old_index + at, head + new_index + at));
            }
        }
        let places: HashMap<u32, usize> =
            (head..to.len() - tail).filter(|&at| to[at].keyed).map(|at| (to[at].id, at)).collect();
        for at in head..from.len() - tail {
            if found[at].is_none() && from[at].keyed {
                found[at] = places.get(&from[at].id).map(|&index| There { index, in_order: false });
            }
        }
    }
    hold_to_keyed(&mut found, from, to);
    found
}

/// Of equal lines, such as two comments that say the same, the one before a keyed item is that before the same item:
/// what stands there belongs to it. Both sides choose alike then.
fn hold_to_keyed(found: &mut [Option<There>], from: &[Token], to: &[Token]) {
    let mut back = vec![None; to.len()];
    for (at, there) in found.iter().enumerate() {
        if let Some(there) = there.filter(|there| there.in_order) {
            back[there.index] = Some(at);
        }
    }
    for keyed in (0..from.len()).filter(|&at| from[at].keyed) {
        let Some(There { index: mut there, in_order: true }) = found[keyed] else { continue };
        let mut at = keyed;
        while at > 0 && there > 0 && from[at - 1].id == to[there - 1].id && !from[at - 1].keyed {
            (at, there) = (at - 1, there - 1);
            if back[there] == Some(at) {
                continue;
            }
            if let Some(other) = back[there].replace(at) {
                found[other] = None;
            }
            if let Some(other) = found[at].replace(There { index: there, in_order: true }) {
                back[other.index] = None;
            }
        }
    }
}

/// Which items of the three sequences are the same.
struct Links<'m> {
    to_ours: &'m [Option<There>],
    to_theirs: &'m [Option<There>],
    ours_to_base: Vec<Option<usize>>,
    theirs_to_base: Vec<Option<usize>>,
    /// What both sides added.
    ours_to_theirs: Vec<Option<usize>>,
    theirs_to_ours: Vec<Option<usize>>,
}

impl<'m> Links<'m> {
    fn new(to_ours: &'m [Option<There>], to_theirs: &'m [Option<There>], ours: usize, theirs: usize) -> Self {
        let back = |matches: &[Option<There>], length: usize| {
            let mut back = vec![None; length];
            for (base, there) in matches.iter().enumerate() {
                if let Some(there) = there {
                    back[there.index] = Some(base);
                }
            }
            back
        };
        Self {
            to_ours,
            to_theirs,
            ours_to_base: back(to_ours, ours),
            theirs_to_base: back(to_theirs, theirs),
            ours_to_theirs: vec![None; ours],
            theirs_to_ours: vec![None; theirs],
        }
    }

    /// Finds what both sides added: the same key, or the same lines before or behind the same item.
    fn pair_added(&mut self, ours: &[Token], theirs: &[Token]) {
        let added = |tokens: &[Token], to_base: &[Option<usize>]| {
            (0..tokens.len()).filter(|&at| to_base[at].is_none()).collect::<Vec<usize>>()
        };
        let (our_additions, their_additions) = (added(ours, &self.ours_to_base), added(theirs, &self.theirs_to_base));
        if our_additions.is_empty() || their_additions.is_empty() {
            return;
        }
        let keys: HashMap<u32, usize> =
            our_additions.iter().filter(|&&at| ours[at].keyed).map(|&at| (ours[at].id, at)).collect();
        for at in their_additions {
            if let Some(&our) = keys.get(&theirs[at].id).filter(|_| theirs[at].keyed) {
                self.pair(our, at);
            }
        }
        for base in 0..self.to_ours.len() {
            if let (Some(our), Some(their)) = (self.to_ours[base], self.to_theirs[base]) {
                self.pair_lines_around(ours, theirs, our.index, their.index);
            }
        }
        for our in 0..ours.len() {
            if let Some(their) = self.ours_to_theirs[our].filter(|_| ours[our].keyed) {
                self.pair_lines_around(ours, theirs, our, their);
            }
        }
        self.pair_lines_before(ours, theirs, ours.len(), theirs.len());
        self.pair_lines_from(ours, theirs, 0, 0);
        self.pair_between(ours, theirs);
    }

    /// What both sides put between the same two items of the base is the same, in whatever order they put it there:
    /// rows without a key, elements of a block.
    fn pair_between(&mut self, ours: &[Token], theirs: &[Token]) {
        let mut open: HashMap<(Option<usize>, u32), VecDeque<usize>> = HashMap::new();
        let is_open = |token: &Token, is_new: bool| token.shared && !token.keyed && is_new;
        let mut before = None;
        for (our, token) in ours.iter().enumerate() {
            before = self.ours_to_base[our].filter(|&base| self.is_common(base)).or(before);
            if is_open(token, self.ours_to_base[our].is_none() && self.ours_to_theirs[our].is_none()) {
                open.entry((before, token.id)).or_default().push_back(our);
            }
        }
        if open.is_empty() {
            return;
        }
        let mut before = None;
        for (their, token) in theirs.iter().enumerate() {
            before = self.theirs_to_base[their].filter(|&base| self.is_common(base)).or(before);
            if is_open(token, self.theirs_to_base[their].is_none() && self.theirs_to_ours[their].is_none())
                && let Some(our) = open.get_mut(&(before, token.id)).and_then(VecDeque::pop_front)
            {
                self.pair(our, their);
            }
        }
    }

    /// Whether an item of the base stands in its order on both sides.
    fn is_common(&self, base: usize) -> bool {
        [self.to_ours, self.to_theirs].iter().all(|there| there[base].is_some_and(|there| there.in_order))
    }

    fn pair(&mut self, ours: usize, theirs: usize) {
        self.ours_to_theirs[ours] = Some(theirs);
        self.theirs_to_ours[theirs] = Some(ours);
    }

    fn pair_lines_around(&mut self, ours: &[Token], theirs: &[Token], our: usize, their: usize) {
        self.pair_lines_before(ours, theirs, our, their);
        self.pair_lines_from(ours, theirs, our + 1, their + 1);
    }

    fn pair_lines_before(&mut self, ours: &[Token], theirs: &[Token], mut our: usize, mut their: usize) {
        while our > 0 && their > 0 && self.are_equal_additions(ours, theirs, our - 1, their - 1) {
            our -= 1;
            their -= 1;
            self.pair(our, their);
        }
    }

    fn pair_lines_from(&mut self, ours: &[Token], theirs: &[Token], mut our: usize, mut their: usize) {
        while our < ours.len()
            && their < theirs.len()
            && ours[our].shared
            && self.are_equal_additions(ours, theirs, our, their)
        {
            self.pair(our, their);
            our += 1;
            their += 1;
        }
    }

    fn are_equal_additions(&self, ours: &[Token], theirs: &[Token], our: usize, their: usize) -> bool {
        ours[our].id == theirs[their].id
            && !ours[our].keyed
            && self.ours_to_base[our].is_none()
            && self.theirs_to_base[their].is_none()
            && self.ours_to_theirs[our].is_none()
            && self.theirs_to_ours[their].is_none()
    }
}

/// The merged order while it is made: a linked list, so that an insertion costs the same everywhere.
struct List {
    entries: Vec<Entry>,
    first: Option<usize>,
    /// The entries of the items of the base, and of theirs.
    of_base: Vec<Option<usize>>,
    of_theirs: Vec<Option<usize>>,
}

struct Entry {
    placed: Placed,
    /// Whether only ours put it there.
    is_ours: bool,
    next: Option<usize>,
}

impl List {
    fn new(base: usize, theirs: usize) -> Self {
        Self { entries: Vec::new(), first: None, of_base: vec![None; base], of_theirs: vec![None; theirs] }
    }

    /// Begins with all items of ours, but those that only theirs moved.
    fn follow_ours(&mut self, links: &Links<'_>, ours: usize) {
        self.entries.reserve(ours);
        let mut last = None;
        for our in 0..ours {
            let sides = if let Some(base) = links.ours_to_base[our] {
                let there = links.to_theirs[base];
                let is_in_order = links.to_ours[base].is_some_and(|there| there.in_order);
                if there.is_some_and(|there| !there.in_order) && is_in_order {
                    continue;
                }
                Sides { base: Some(base), ours: Some(our), theirs: there.map(|there| there.index) }
            } else {
                Sides { base: None, ours: Some(our), theirs: links.ours_to_theirs[our] }
            };
            let entry = self.insert(last, sides);
            let is_moved = sides.base.is_some_and(|base| links.to_ours[base].is_some_and(|there| !there.in_order));
            self.entries[entry].is_ours = is_moved || (sides.base.is_none() && sides.theirs.is_none());
            last = Some(entry);
        }
    }

    /// Inserts what only theirs has or moved, each behind what it stands behind there.
    fn insert_theirs(&mut self, links: &Links<'_>, theirs: usize) {
        let mut last: Option<usize> = None;
        for their in 0..theirs {
            if let Some(entry) = self.of_theirs[their] {
                // What ours moved away is no longer where theirs put something behind it.
                if !self.entries[entry].is_ours {
                    last = Some(entry);
                }
                continue;
            }
            let base = links.theirs_to_base[their];
            let ours = base.and_then(|base| links.to_ours[base]).map(|there| there.index);
            let mut after = last;
            if !last.is_some_and(|last| self.has_only_theirs(last)) {
                while let Some(next) = self.behind(after).filter(|&next| self.entries[next].is_ours) {
                    after = Some(next);
                }
            }
            last = Some(self.insert(after, Sides { base, ours, theirs: Some(their) }));
        }
    }

    fn insert(&mut self, after: Option<usize>, sides: Sides<Option<usize>>) -> usize {
        let entry = self.entries.len();
        let next = self.behind(after);
        self.entries.push(Entry { placed: Placed::One(sides), is_ours: false, next });
        match after {
            Some(after) => self.entries[after].next = Some(entry),
            None => self.first = Some(entry),
        }
        if let Some(base) = sides.base {
            self.of_base[base] = Some(entry);
        }
        if let Some(their) = sides.theirs {
            self.of_theirs[their] = Some(entry);
        }
        entry
    }

    fn behind(&self, entry: Option<usize>) -> Option<usize> {
        entry.map_or(self.first, |entry| self.entries[entry].next)
    }

    fn has_only_theirs(&self, entry: usize) -> bool {
        matches!(self.entries[entry].placed, Placed::One(Sides { ours: None, theirs: Some(_), .. }))
    }

    /// Finds lines in the place of which both sides put other ones.
    fn find_clashes(&mut self, links: &Links<'_>, Sides { base, ours, theirs }: Sides<&[Token]>) {
        let mut gone = self.gone_lines(links, base);
        let mut before = None;
        loop {
            let (mut our_run, mut their_run) = (Vec::new(), Vec::new());
            let mut next = self.behind(before);
            while let Some(entry) = next {
                match self.entries[entry].placed {
                    Placed::One(Sides { base: None, ours: Some(our), theirs: None }) if their_run.is_empty() => {
                        our_run.push((entry, our));
                    }
                    Placed::One(Sides { base: None, ours: None, theirs: Some(their) }) => {
                        their_run.push((entry, their));
                    }
                    _ => break,
                }
                next = self.entries[entry].next;
            }
            let last = their_run.last().or(our_run.last()).map(|&(entry, _)| entry);
            let our_rest = our_run.split_off(leading_lines(&our_run, ours));
            let their_rest = their_run.split_off(leading_lines(&their_run, theirs));
            let replaced = gone.remove(&before).unwrap_or_default();
            let are_exclusive = our_run.iter().any(|&(_, our)| ours[our].exclusive)
                && their_run.iter().any(|&(_, their)| theirs[their].exclusive);
            if let (Some(&(first, _)), false) = (our_run.first(), their_run.is_empty())
                && (are_exclusive || !replaced.is_empty())
            {
                let indexes = |lines: &[(usize, usize)]| lines.iter().map(|&(_, index)| index).collect();
                let (ours, theirs) = (indexes(&our_run), indexes(&their_run));
                self.entries[first].placed = Placed::Clash(Sides { base: replaced, ours, theirs });
                let mut at = first;
                for (entry, _) in our_rest.into_iter().chain(their_rest) {
                    self.entries[at].next = Some(entry);
                    at = entry;
                }
                self.entries[at].next = next;
                before = Some(at);
            } else if last.is_some() {
                before = last;
            } else if next.is_some() {
                before = next;
            } else {
                break;
            }
        }
    }

    /// The lines of the base that neither side has, by the entry of what stands before them.
    fn gone_lines(&self, links: &Links<'_>, base: &[Token]) -> HashMap<Option<usize>, Vec<usize>> {
        let mut gone: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
        let mut before = None;
        for (at, token) in base.iter().enumerate() {
            if !token.keyed && links.to_ours[at].is_none() && links.to_theirs[at].is_none() {
                gone.entry(before).or_default().push(at);
            } else {
                before = self.of_base[at].or(before);
            }
        }
        gone
    }

    fn in_order(mut self) -> Vec<Placed> {
        let mut order = Vec::with_capacity(self.entries.len());
        let mut next = self.first;
        while let Some(entry) = next {
            next = self.entries[entry].next;
            order.push(std::mem::replace(&mut self.entries[entry].placed, Placed::One(Sides::default())));
        }
        order
    }
}

/// How many additions of a side stand before the first one that is keyed.
fn leading_lines(run: &[(usize, usize)], tokens: &[Token]) -> usize {
    run.iter().take_while(|&&(_, index)| !tokens[index].keyed).count()
}

#[cfg(test)]
mod tests {
    use super::super::sides::Side;
    use super::*;

    /// Merges words; capital letters are keyed, `.` is a blank line.
    fn merged(base: &str, ours: &str, theirs: &str) -> String {
        let tokens = |text: &str| -> Vec<Token> {
            text.chars()
                .map(|c| Token { id: u32::from(c), keyed: c.is_uppercase(), shared: c != '.', exclusive: c > 's' })
                .collect()
        };
        let sides = Sides { base: tokens(base), ours: tokens(ours), theirs: tokens(theirs) };
        let texts = Sides { base, ours, theirs }.map(|text| text.chars().collect::<Vec<char>>());
        let order = align(sides.each_ref().map(Vec::as_slice));
        let shown = order.into_iter().map(|placed| match placed {
            Placed::One(Sides { base: Some(_), ours, theirs }) if ours.is_none() || theirs.is_none() => String::new(),
            Placed::One(Sides { ours: Some(at), .. }) => texts.ours[at].to_string(),
            Placed::One(Sides { theirs: Some(at), .. }) => texts.theirs[at].to_string(),
            Placed::One(_) => "?".to_owned(),
            Placed::Clash(lines) => {
                let side = |side: Side| lines[side].iter().map(|&at| texts[side][at]).collect::<String>();
                format!("<{}|{}|{}>", side(Side::Ours), side(Side::Base), side(Side::Theirs))
            }
        });
        shown.collect()
    }

    #[test]
    fn what_both_sides_added_stands_where_they_put_it() {
        assert_eq!(merged("ABC", "ABXC", "AYBC"), "AYBXC");
        assert_eq!(merged("AB", "ABX", "ABY"), "ABXY");
        assert_eq!(merged("AB", "XAB", "YAB"), "XYAB");
        assert_eq!(merged("ABC", "AC", "ABYC"), "AYC");
        assert_eq!(merged("", "X", "Y"), "XY");
    }

    #[test]
    fn what_one_side_moved_is_moved() {
        assert_eq!(merged("ABC", "CAB", "ABCY"), "CABY");
        assert_eq!(merged("ABC", "ABCX", "CAB"), "CABX");
        assert_eq!(merged("ABCD", "DCBA", "ABCD"), "DCBA");
    }

    #[test]
    fn equal_lines_that_both_added_stand_there_once() {
        assert_eq!(merged("A", "AxY", "AxZ"), "AxYZ");
        assert_eq!(merged("AB", "A.B", "A.B"), "A.B");
        assert_eq!(merged("A", "A.Y", "A.Z"), "A.Y.Z");
        assert_eq!(merged("ab", "abc", "abcd"), "abcd");
        assert_eq!(merged("A", "Abc", "Acb"), "Abc");
        assert_eq!(merged("A", "Abbc", "Acdb"), "Abbcd");
    }

    #[test]
    fn equal_lines_belong_to_what_stands_behind_them() {
        assert_eq!(merged("AcBcC", "AcC", "XAcC"), "XAcC");
        assert_eq!(merged("cAcBcC", "cBcC", "cAcC"), "cC");
    }

    #[test]
    fn lines_that_both_replaced_clash() {
        assert_eq!(merged("AxB", "AyB", "AzB"), "A<y|x|z>B");
        assert_eq!(merged("AxB", "AyB", "AyB"), "AyB");
        assert_eq!(merged("AxB", "AyB", "AB"), "AyB");
        assert_eq!(merged("AB", "AaB", "AbB"), "AabB");
        assert_eq!(merged("AB", "AxB", "AyB"), "A<x||y>B");
    }
}
