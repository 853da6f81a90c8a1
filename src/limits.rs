//! How much a change may take away.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// What a change may take away.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum LossKind {
    /// A table.
    Tables,
    /// Columns of a table.
    Columns,
    /// Records of a table.
    Removed,
    /// The keys of records, which have other ones now.
    Renumbered,
    /// That a key names one record only.
    Doubled,
    /// Newer versions of records, which are as they were before: their stamps went back.
    Reverted,
    /// Settings.
    Settings,
    /// What cells said, outside the columns that may change.
    Changed,
}

impl LossKind {
    /// All of them, the heaviest first.
    pub const ALL: [Self; 8] = [
        Self::Tables,
        Self::Columns,
        Self::Removed,
        Self::Renumbered,
        Self::Doubled,
        Self::Reverted,
        Self::Settings,
        Self::Changed,
    ];

    /// Its name, as in `removed`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tables => "tables",
            Self::Columns => "columns",
            Self::Removed => "removed",
            Self::Renumbered => "renumbered",
            Self::Doubled => "doubled",
            Self::Reverted => "reverted",
            Self::Settings => "settings",
            Self::Changed => "changed",
        }
    }
}

/// How many things of a kind a change may take away from a table.
///
/// ```
/// use sdnlock::loss::Limit;
///
/// let (few, share): (Limit, Limit) = ("10".parse()?, "5%".parse()?);
/// assert_eq!((few.of(3600), share.of(3600), share.of(19)), (10, 180, 0));
/// # Ok::<(), sdnlock::loss::LimitError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limit {
    /// So many.
    Count(usize),
    /// So many of a hundred live records that the table had, from 0 to 100.
    Percent(u8),
}

/// A text that is no limit.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LimitError {
    /// Nothing of this name is limited.
    #[error("there is no limit `{0}`")]
    Name(String),
    /// It is neither a number nor a share.
    #[error("`{0}` is neither a number nor a share as `5%`")]
    Value(String),
}

impl Limit {
    /// How many that is for a table that had so many records.
    #[must_use]
    pub fn of(self, records: usize) -> usize {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => records / 100 * usize::from(percent) + records % 100 * usize::from(percent) / 100,
        }
    }
}

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let percent = |share: &str| share.trim_end().parse().ok().filter(|&percent: &u8| percent <= 100);
        let limit = match text.strip_suffix('%') {
            Some(share) => percent(share).map(Self::Percent),
            None => text.parse().ok().map(Self::Count),
        };
        limit.ok_or_else(|| LimitError::Value(text.to_owned()))
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

/// What a change may take away: of each kind so much, and what cells say only in some columns.
///
/// Where nothing is said of a kind, any loss of that kind is allowed, or only one that is not large.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Limits {
    by_kind: BTreeMap<LossKind, Limit>,
    only: Option<Vec<String>>,
    refuses_large: bool,
}

/// What is more than this, and more than [`LARGE_PERCENT`] of a table, is a large loss.
pub const LARGE: usize = 20;
/// See [`LARGE`].
pub const LARGE_PERCENT: u8 = 20;

impl Limits {
    /// Everything is allowed.
    pub const NONE: Self = Self { by_kind: BTreeMap::new(), only: None, refuses_large: false };

    /// Nothing may be lost; what cells say may change.
    #[must_use]
    pub fn no_loss() -> Self {
        let kinds = LossKind::ALL.into_iter().filter(|kind| *kind != LossKind::Changed);
        kinds.fold(Self::NONE, |limits, kind| limits.with(kind, Limit::Count(0)))
    }

    /// These, but of one kind so much is allowed.
    #[must_use]
    pub fn with(mut self, kind: LossKind, limit: Limit) -> Self {
        self.by_kind.insert(kind, limit);
        self
    }

    /// These, but only in these columns may cells change.
    #[must_use]
    pub fn with_only(self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { only: Some(columns.into_iter().map(Into::into).collect()), ..self }
    }

    /// These, and what they do not speak of may not be a large loss: more than [`LARGE`] records that are gone,
    /// renumbered or reverted, if that is more than [`LARGE_PERCENT`] of the table's; more than [`LARGE`] keys that are doubled; a
    /// column or a table with more than [`LARGE`] records.
    #[must_use]
    pub fn refusing_large(self) -> Self {
        Self { refuses_large: true, ..self }
    }

    /// These, and where they say nothing what the others say.
    #[must_use]
    pub fn or(mut self, others: &Self) -> Self {
        for (kind, limit) in &others.by_kind {
            self.by_kind.entry(*kind).or_insert(*limit);
        }
        self.only = self.only.or_else(|| others.only.clone());
        self.refuses_large |= others.refuses_large;
        self
    }

    /// The names of what can be limited.
    #[must_use]
    pub fn names() -> [&'static str; 8] {
        LossKind::ALL.map(|kind| if kind == LossKind::Changed { ONLY } else { kind.name() })
    }

    /// Adds what a schema or an option says: `removed`, `renumbered`, `doubled`, `reverted`, `columns`, `tables` or `settings` with a
    /// number or a share; `only` with the columns that may change, parted by `,` or `;`.
    ///
    /// # Errors
    /// If there is no such limit, or that is not its value.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), LimitError> {
        if name == ONLY {
            let columns = value.split([',', ';']).map(str::trim).filter(|column| !column.is_empty());
            self.only = Some(columns.map(str::to_owned).collect());
            return Ok(());
        }
        let kinds = LossKind::ALL.into_iter().filter(|kind| *kind != LossKind::Changed);
        let kind = kinds.into_iter().find(|kind| kind.name() == name);
        let kind = kind.ok_or_else(|| LimitError::Name(name.to_owned()))?;
        self.by_kind.insert(kind, value.trim().parse()?);
        Ok(())
    }

    /// The columns in which cells may change, where that is said.
    #[must_use]
    pub fn only(&self) -> Option<&[String]> {
        self.only.as_deref()
    }

    /// What a policy in a journal says of them, word by word.
    pub(crate) fn words(&self) -> impl Iterator<Item = String> {
        let kinds = self.by_kind.iter().map(|(kind, limit)| format!("{}={limit}", kind.name()));
        let only = self.only.iter().map(|columns| {
            let columns: Vec<String> = columns.iter().map(|column| escaped(column)).collect();
            format!("{ONLY}={}", columns.join(","))
        });
        kinds.chain(only).chain(self.refuses_large.then(|| LARGE_WORD.to_owned()))
    }

    /// Adds what a word of a policy says.
    pub(crate) fn add_word(mut self, word: &str) -> Option<Self> {
        match word.split_once('=') {
            None if word == LARGE_WORD => self.refuses_large = true,
            Some((ONLY, columns)) => {
                let columns = columns.split(',').filter(|column| !column.is_empty()).map(unescaped);
                self.only = Some(columns.collect::<Option<_>>()?);
            }
            Some((name, value)) => self.set(name, value).ok()?,
            None => return None,
        }
        Some(self)
    }

    /// Whether anything is refused.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::NONE
    }

    /// Whether a table that had so many records may not lose so many things of a kind.
    #[must_use]
    pub fn refuse(&self, kind: LossKind, count: usize, records: usize) -> bool {
        match (self.by_kind.get(&kind), kind) {
            (_, LossKind::Changed) => self.only.is_some(),
            (Some(limit), _) => count > limit.of(records),
            (None, _) => self.refuses_large && is_large(kind, count, records),
        }
    }
}

const ONLY: &str = "only";
const LARGE_WORD: &str = "no-large-loss";

/// A name without blanks and commas: their bytes stand there as `%20`.
fn escaped(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let byte = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02x}") };
    name.bytes().map(byte).collect()
}

fn unescaped(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(part.get(2..)?.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

fn is_large(kind: LossKind, count: usize, records: usize) -> bool {
    match kind {
        LossKind::Tables | LossKind::Columns => records > LARGE,
        // Nobody wants those.
        LossKind::Doubled => count > LARGE,
        LossKind::Removed | LossKind::Renumbered | LossKind::Reverted => {
            count > LARGE.max(Limit::Percent(LARGE_PERCENT).of(records))
        }
        LossKind::Settings | LossKind::Changed => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_numbers_and_shares() {
        assert_eq!("0".parse(), Ok(Limit::Count(0)));
        assert_eq!("12 %".parse(), Ok(Limit::Percent(12)));
        for none in ["", "%", "-1", "101%", "1.5", "x"] {
            assert_eq!(none.parse::<Limit>(), Err(LimitError::Value(none.to_owned())));
        }
        assert_eq!(Limit::Percent(20).of(usize::MAX), usize::MAX / 5);
    }
}
