//! Numbers for the names of tables and settings, where many stand below the same ones: no address repeats these then.

use std::collections::HashMap;
use std::rc::Rc;

use super::Address;

/// A table or setting by its name and those of what holds it. What has the same names has the same number, and of two
/// the one that was seen first has the smaller one.
pub(crate) type Path = u32;

/// The names of paths, each with that of what holds it.
#[derive(Default)]
pub(crate) struct Paths {
    numbers: HashMap<(Option<Path>, Rc<str>), Path>,
    names: Vec<(Option<Path>, Rc<str>)>,
}

impl Paths {
    pub fn of(&mut self, within: Option<Path>, name: &str) -> Path {
        let step = (within, Rc::from(name));
        let next = Path::try_from(self.names.len()).unwrap_or(Path::MAX);
        *self.numbers.entry(step).or_insert_with_key(|step| {
            self.names.push(step.clone());
            next
        })
    }

    /// The names of a path, from the outside in.
    pub fn names(&self, path: Path) -> Vec<&str> {
        let step = |path: Path| self.names.get(path as usize);
        let outwards = std::iter::successors(step(path), |(within, _)| within.and_then(step));
        let mut names: Vec<&str> = outwards.map(|(_, name)| &**name).collect();
        names.reverse();
        names
    }

    pub fn address(&self, path: Path) -> Address {
        let mut names = self.names(path).into_iter();
        let outermost = Address::of(names.next().unwrap_or_default());
        names.fold(outermost, Address::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_the_same_names_has_the_same_number() {
        let mut paths = Paths::default();
        let a = paths.of(None, "a");
        let b = paths.of(Some(a), "b.c");
        assert_eq!([paths.of(None, "a"), paths.of(Some(a), "b.c")], [a, b]);
        assert_ne!(paths.of(None, "b.c"), b);
        assert_eq!(paths.address(b).to_string(), "a.\"b.c\"");
    }
}
