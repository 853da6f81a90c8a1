//! What may stay of what a command left of a database, or a process that was killed.
//!
//! This is decided here once: at the end of a command, and where a transaction that was interrupted is ended, by what its
//! journal says of each database.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::check::{self, Finding, Schema, TooLarge};
use crate::disk::is_blank;
use crate::limits::Limits;
use crate::loss::{LossError, permit};
use crate::record::Keys;
use crate::sdn::{Document, Seal, is_sdn};
use crate::text::lost_in;
use crate::txn::End;

/// What a database must be to stay as a command left it.
///
/// ```
/// use sdnlock::policy::{Policy, Refusal};
/// use sdnlock::txn::End;
///
/// let policy: Policy = "sdn max-size=100".parse()?;
/// let old = b"a: 1\n";
/// assert_eq!(policy.judge(Some(old), Some(b"a: 2\n"), End::Succeeded), Ok(()));
/// assert!(matches!(policy.judge(Some(old), Some(b"a: \"x\n"), End::Succeeded), Err(Refusal::Invalid(_))));
/// assert_eq!(policy.judge(Some(old), Some(b""), End::Succeeded), Ok(()));
/// assert_eq!(policy.judge(Some(old), Some(b""), End::Failed), Err(Refusal::Emptied));
/// # Ok::<(), sdnlock::policy::PolicyError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    content: Content,
    max_size: Option<usize>,
    limits: Limits,
    /// How records are known; nothing where no schema was looked at.
    keys: Option<Keys>,
}

/// What the content of a database is held for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Content {
    /// SDN: what was valid and rightly sealed stays so.
    Sdn,
    /// Any text.
    Text,
    /// Anything: it was asked for that nothing is checked.
    Unchecked,
}

/// Why what was left of a database may not stay.
#[derive(Clone, PartialEq, Debug)]
pub enum Refusal {
    /// It is gone, and the command did not succeed.
    Removed,
    /// It is empty, and the command did not succeed.
    Emptied,
    /// It is a part of what it was, or has holes, as a cut of the power leaves it.
    CutShort,
    /// It is larger than its schema allows.
    TooLarge(TooLarge),
    /// It is no valid SDN any more; these are the errors that it did not have.
    Invalid(Vec<Finding>),
    /// Its seal was right and is not any more.
    Unsealed(Seal),
    /// This is gone, or stands under other keys, and may not.
    Lost(LossError),
}

/// What files are cut into where the power fails, in bytes.
const BLOCK: usize = 4096;

impl Policy {
    const fn new(content: Content) -> Self {
        Self { content, max_size: None, limits: Limits::NONE, keys: None }
    }

    /// For SDN that is to stay valid.
    pub const SDN: Self = Self::new(Content::Sdn);
    /// For any text.
    pub const TEXT: Self = Self::new(Content::Text);
    /// For anything.
    pub const UNCHECKED: Self = Self::new(Content::Unchecked);

    /// That of a file by its name.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        if is_sdn(path) { Self::SDN } else { Self::TEXT }
    }

    /// This one with a largest size, in bytes. What was larger may stay so.
    #[must_use]
    pub fn at_most(self, max_size: Option<usize>) -> Self {
        Self { max_size, ..self }
    }

    /// This one with limits of what a change may take away, by record. They are for SDN.
    #[must_use]
    pub fn limiting(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// This one with what a schema says: the largest size, the limits, and how records are known.
    #[must_use]
    pub fn by_schema(self, schema: &Schema) -> Self {
        self.at_most(schema.max_size()).limiting(schema.limits.clone()).by_keys(schema.keys())
    }

    /// This one, by which records are known by these keys. What is written into a journal says nothing of them.
    #[must_use]
    pub fn by_keys(self, keys: Keys) -> Self {
        Self { keys: Some(keys), ..self }
    }

    /// Judges what a database holds, when what worked on it has ended, by what it held before; nothing where there is
    /// no such file.
    ///
    /// # Errors
    /// Why it may not stay.
    pub fn judge(&self, before: Option<&[u8]>, after: Option<&[u8]>, end: End) -> Result<(), Refusal> {
        if self.content == Content::Unchecked && !end.is_interrupted() {
            return Ok(());
        }
        // Who fails or is killed half-way often has emptied or removed the file before.
        let half_way = |refusal| if end == End::Succeeded { Ok(()) } else { Err(refusal) };
        let held = before.unwrap_or_default();
        let Some(after) = after else {
            return if before.is_some() {
                half_way(Refusal::Removed).and_then(|()| self.judge_losses(held, b""))
            } else {
                Ok(())
            };
        };
        if is_blank(after) && !is_blank(held) {
            // Nobody empties a file with zero bytes on purpose.
            let emptied = if after.contains(&0) { Err(Refusal::Emptied) } else { half_way(Refusal::Emptied) };
            return emptied.and_then(|()| self.judge_losses(held, after));
        }
        if end == End::PowerCut && is_cut_short(held, after) {
            return Err(Refusal::CutShort);
        }
        if self.content == Content::Unchecked {
            return Ok(());
        }
        TooLarge::unless(self.max_size, held.len(), after.len()).map_err(Refusal::TooLarge)?;
        if self.content == Content::Sdn {
            judge_sdn(held, after)?;
        }
        self.judge_losses(held, after)
    }

    fn judge_losses(&self, before: &[u8], after: &[u8]) -> Result<(), Refusal> {
        if self.content != Content::Sdn || self.limits.is_none() || before == after {
            return Ok(());
        }
        let keys = self.keys.clone().unwrap_or_default();
        permit(before, after, &keys, &self.limits).map(drop).map_err(Refusal::Lost)
    }
}

/// Whether this is a part of what it was, or has holes that it did not have.
fn is_cut_short(before: &[u8], after: &[u8]) -> bool {
    let is_part = after.len() < before.len() && after.len().is_multiple_of(BLOCK) && before.starts_with(after);
    (is_part && !after.is_empty()) || (lost_in(after).next().is_some() && lost_in(before).next().is_none())
}

fn judge_sdn(before: &[u8], after: &[u8]) -> Result<(), Refusal> {
    let new = Document::parse(after);
    if !check::is_valid(&new) {
        let old = Document::parse(before);
        if check::is_valid(&old) {
            return Err(Refusal::Invalid(check::new_errors(&old, &new)));
        }
    }
    match Seal::of(after) {
        Seal::Right => Ok(()),
        seal if Seal::of(before) == Seal::Right && !is_blank(after) => Err(Refusal::Unsealed(seal)),
        _ => Ok(()),
    }
}

/// How a policy is written into a journal.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.content {
            Content::Sdn => "sdn",
            Content::Text => "text",
            Content::Unchecked => "unchecked",
        })?;
        self.max_size.map_or(Ok(()), |size| write!(f, " {MAX_SIZE}{size}"))?;
        self.limits.words().try_for_each(|word| write!(f, " {word}"))
    }
}

const MAX_SIZE: &str = "max-size=";

/// A text that is no policy.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("it is no policy that this version knows")]
pub struct PolicyError;

impl FromStr for Policy {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        let mut words = text.split(' ');
        let policy = match words.next() {
            Some("sdn") => Self::SDN,
            Some("text") => Self::TEXT,
            Some("unchecked") => Self::UNCHECKED,
            _ => return Err(PolicyError),
        };
        words.try_fold(policy, |policy, word| {
            if let Some(size) = word.strip_prefix(MAX_SIZE) {
                return Ok(policy.at_most(Some(size.parse().map_err(|_| PolicyError)?)));
            }
            let limits = policy.limits.clone().add_word(word).ok_or(PolicyError)?;
            Ok(policy.limiting(limits))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::{Limit, LossKind};

    const ALL: [End; 4] = [End::Succeeded, End::Failed, End::Killed, End::PowerCut];

    fn sealed(text: &str) -> Vec<u8> {
        crate::sdn::seal(format!("#sdn-crc32:0\n{text}").into_bytes())
    }

    #[test]
    fn a_policy_reads_back() {
        let limits = Limits::no_loss().with(LossKind::Removed, Limit::Percent(20)).with_only(["a b", "c,d=%", "ä"]);
        let limited = [Policy::SDN.limiting(limits), Policy::SDN.limiting(Limits::NONE.refusing_large())];
        let plain = [Policy::SDN, Policy::TEXT, Policy::UNCHECKED, Policy::SDN.at_most(Some(20))];
        for policy in plain.into_iter().chain(limited) {
            assert_eq!(policy.to_string().parse(), Ok(policy));
        }
        for other in [
            "",
            "sdn removed",
            "sdn removed=x",
            "sdn changed=1",
            "sdn only=%4",
            "sdn max-size=",
            "sdn max-size=-1",
            "sdn other=1",
            "xml",
        ] {
            assert_eq!(other.parse::<Policy>(), Err(PolicyError), "{other}");
        }
    }

    #[test]
    fn what_is_gone_or_empty_stays_if_the_command_succeeded() {
        for policy in [Policy::SDN, Policy::TEXT] {
            for after in [None, Some(&b""[..]), Some(b" \n")] {
                assert_eq!(policy.judge(Some(b"a: 1\n"), after, End::Succeeded), Ok(()));
                for end in [End::Failed, End::Killed, End::PowerCut] {
                    assert!(policy.judge(Some(b"a: 1\n"), after, end).is_err(), "{after:?} {end:?}");
                    assert_eq!(policy.judge(None, None, end), Ok(()));
                    assert_eq!(policy.judge(Some(b"\n"), Some(b""), end), Ok(()));
                }
            }
        }
        assert_eq!(Policy::UNCHECKED.judge(Some(b"a"), Some(b""), End::Failed), Ok(()));
        assert_eq!(Policy::UNCHECKED.judge(Some(b"a"), Some(b""), End::Killed), Err(Refusal::Emptied));
    }

    #[test]
    fn zero_bytes_never_stay() {
        for policy in [Policy::SDN, Policy::TEXT] {
            for end in ALL {
                assert_eq!(policy.judge(Some(b"a: 1\n"), Some(&[0; 20]), end), Err(Refusal::Emptied));
            }
        }
        let holes = [b"a: 1\nb: ", &[0; 20][..]].concat();
        assert!(matches!(Policy::SDN.judge(Some(b"a: 1\n"), Some(&holes), End::Succeeded), Err(Refusal::Invalid(_))));
    }

    #[test]
    fn a_part_of_what_it_was_stays_unless_the_power_failed() {
        let row = "    1, x\n";
        let old = format!("t |id, s|\n{}", row.repeat(1000));
        let part = &old.as_bytes()[..BLOCK];
        assert_eq!(Policy::TEXT.judge(Some(old.as_bytes()), Some(part), End::Killed), Ok(()));
        assert_eq!(Policy::TEXT.judge(Some(old.as_bytes()), Some(part), End::PowerCut), Err(Refusal::CutShort));
        assert_eq!(Policy::TEXT.judge(Some(old.as_bytes()), Some(&old.as_bytes()[..100]), End::PowerCut), Ok(()));
        let holes = [b"a: 1\n", &[0; 20][..]].concat();
        assert_eq!(Policy::TEXT.judge(Some(b"a: 1\n"), Some(&holes), End::Killed), Ok(()));
        assert_eq!(Policy::UNCHECKED.judge(Some(b"a: 1\n"), Some(&holes), End::PowerCut), Err(Refusal::CutShort));
    }

    #[test]
    fn what_was_valid_and_sealed_stays_so() {
        let right = sealed("a: 1\n");
        let wrong = [&right[..], b"b: 2\n"].concat();
        for end in ALL {
            let judge = |old: &[u8], new: &[u8]| Policy::SDN.judge(Some(old), Some(new), end);
            assert_eq!(judge(&right, &sealed("a: 2\n")), Ok(()));
            assert!(matches!(judge(&right, &wrong), Err(Refusal::Unsealed(Seal::Wrong { .. }))));
            assert_eq!(judge(&right, b"a: 1\n"), Err(Refusal::Unsealed(Seal::None)));
            assert_eq!(judge(&wrong, &[&wrong[..], b"c: 3\n"].concat()), Ok(()));
            assert!(matches!(
                judge(&right, &[&right[..], b"#sdn-crc32:1\nb: 2\n"].concat()),
                Err(Refusal::Unsealed(Seal::Doubled { .. }))
            ));
            assert!(matches!(judge(b"a: 1\n", b"a: \"x\n"), Err(Refusal::Invalid(_))));
            assert_eq!(judge(b"a: \"y\n", b"a: \"x\n"), Ok(()));
            assert_eq!(Policy::TEXT.judge(Some(b"a: 1\n"), Some(b"a: \"x\n"), end), Ok(()));
        }
    }

    #[test]
    fn what_grows_over_the_limit_does_not_stay() {
        let policy = Policy::SDN.at_most(Some(8));
        let judge = |old: &[u8], new: &[u8]| policy.judge(Some(old), Some(new), End::Succeeded);
        assert_eq!(judge(b"a: 1\n", b"a: 12345\n"), Err(Refusal::TooLarge(TooLarge { size: 9, limit: 8 })));
        assert_eq!(judge(b"a: 123456\n", b"a: 12345\n"), Ok(()));
    }
}
