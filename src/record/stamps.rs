//! Versions and times of records: the columns in which they stand, and what two sides' come to.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Counts the changes of a record.
pub(crate) const VERSION: &str = "version";
pub(crate) const LAST_MODIFIED: &str = "last_modified";
/// Say when a record was changed, the most telling one first.
pub(crate) const TIMES: [&str; 3] = [LAST_MODIFIED, "updated_at", "last_updated"];
/// Says when a record was made.
pub(crate) const CREATED: &str = "created_at";

/// A column that says how often or when a record was changed. It never conflicts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stamp {
    Version,
    Time,
}

impl Stamp {
    pub fn of(column: &str) -> Option<Self> {
        match column {
            VERSION => Some(Self::Version),
            _ => TIMES.contains(&column).then_some(Self::Time),
        }
    }

    /// Whether a later stamp is less than an earlier one; not if either of them cannot be read.
    pub fn went_back(self, old: &str, new: &str) -> bool {
        match self {
            Self::Version => matches!((old.parse::<i64>(), new.parse::<i64>()), (Ok(old), Ok(new)) if new < old),
            Self::Time => matches!((instant(old), instant(new)), (Some(old), Some(new)) if new < old),
        }
    }

    /// What both sides' stamps come to.
    pub fn merged(self, base: Option<&str>, ours: &str, theirs: &str) -> String {
        let chosen = match self {
            Self::Version => return version(base, ours, theirs),
            Self::Time => match (instant(ours), instant(theirs)) {
                (Some(our), Some(their)) => their > our,
                (None, Some(_)) => true,
                (Some(_), None) => false,
                // Times of another kind are compared as they are written.
                (None, None) => theirs > ours,
            },
        };
        if chosen { theirs.to_owned() } else { ours.to_owned() }
    }
}

/// Both sides' steps on top of the base's version. What is no number gives way to one.
fn version(base: Option<&str>, ours: &str, theirs: &str) -> String {
    let number = |text: &str| text.parse::<i64>().ok();
    match (number(ours), number(theirs)) {
        (Some(our), Some(their)) => {
            let sum = base.and_then(number).and_then(|base| our.checked_add(their)?.checked_sub(base));
            sum.unwrap_or(our.max(their)).to_string()
        }
        (None, Some(_)) => theirs.to_owned(),
        (Some(_), None) => ours.to_owned(),
        (None, None) => ours.max(theirs).to_owned(),
    }
}

/// A time as RFC 3339 has it; a day is its first instant. What names no offset from UTC is in UTC.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    let in_utc = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    text.parse().ok().or_else(in_utc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_compared_as_instants() {
        let nine = instant("2026-11-23T09:00:00Z").unwrap();
        assert_eq!(instant("1970-01-01"), Some(Timestamp::UNIX_EPOCH));
        for same in ["2026-11-23T10:00:00+01:00", "2026-11-23 09:00:00", "2026-11-23T09:00", "2026-11-23t09:00:00.000z"]
        {
            assert_eq!(instant(same), Some(nine), "{same}");
        }
        assert!(instant("2026-11-23T09:00:00.5Z").unwrap() > nine);
        for no_time in ["", "soon", "12", "2026-13-01", "2026-11-23T09:00:00+1", "é026-11-23"] {
            assert_eq!(instant(no_time), None, "{no_time}");
        }
        let later = "2026-11-23T09:30:00Z";
        assert_eq!(Stamp::Time.merged(None, "2026-11-23T10:00:00+01:00", later), later);
        assert_eq!(Stamp::Time.merged(None, "", later), later);
    }

    #[test]
    fn versions_count_the_steps_of_both_sides() {
        assert_eq!(Stamp::Version.merged(Some("4"), "5", "7"), "8");
        assert_eq!(Stamp::Version.merged(None, "1", "1"), "1");
        assert_eq!(Stamp::Version.merged(Some("4"), "", "5"), "5");
        assert_eq!(Stamp::Version.merged(Some("x"), "2", "5"), "5");
    }
}
