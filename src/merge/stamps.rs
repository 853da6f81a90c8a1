//! Versions and times of records, which never conflict.

/// A column that says how often or when a record was changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stamp {
    Version,
    Time,
}

/// The columns with times, the most telling one first.
pub(super) const TIMES: [&str; 3] = ["last_modified", "updated_at", "last_updated"];

impl Stamp {
    pub fn of(column: &str) -> Option<Self> {
        match column {
            "version" => Some(Self::Version),
            _ => TIMES.contains(&column).then_some(Self::Time),
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

/// A time as RFC 3339 has it, or a day, as seconds and nanoseconds since 1970 in UTC.
pub(super) fn instant(text: &str) -> Option<(i64, u32)> {
    let number = |at: std::ops::Range<usize>| -> Option<i64> {
        let digits = text.get(at)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
    };
    let sign = |at: usize, signs: &[u8]| text.as_bytes().get(at).is_some_and(|b| signs.contains(b));
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    if !sign(4, b"-") || !sign(7, b"-") || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Days from 1970, with years that begin in March.
    let (shifted, from_march) = (year - i64::from(month <= 2), (month + 9) % 12);
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let days =
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * from_march + 2) / 5 + day - 1 - 719_468;
    if text.len() == 10 {
        return Some((days * 86_400, 0));
    }
    if !sign(10, b"Tt ") || !sign(13, b":") || !sign(16, b":") {
        return None;
    }
    let seconds = days * 86_400 + number(11..13)? * 3600 + number(14..16)? * 60 + number(17..19)?;
    let mut rest = text.get(19..)?;
    let mut nanoseconds = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        let padded: String = fraction[..digits].chars().chain("000000000".chars()).take(9).collect();
        nanoseconds = padded.parse().ok()?;
        rest = &fraction[digits..];
    }
    let offset = match rest.as_bytes() {
        [] | [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] if [h1, h2, m1, m2].iter().all(|b| b.is_ascii_digit()) => {
            let digit = |b: &u8| i64::from(b - b'0');
            let minutes = (digit(h1) * 10 + digit(h2)) * 60 + digit(m1) * 10 + digit(m2);
            if *sign == b'-' { -minutes } else { minutes }
        }
        _ => return None,
    };
    Some((seconds - offset * 60, nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_compared_as_instants() {
        assert_eq!(instant("1970-01-01"), Some((0, 0)));
        assert_eq!(instant("2026-11-23T09:00:00Z"), Some((1_795_424_400, 0)));
        assert_eq!(instant("2026-11-23T10:00:00.5+01:00"), Some((1_795_424_400, 500_000_000)));
        for no_time in ["", "soon", "2026-13-01", "2026-11-23T09", "2026-11-23T09:00:00+1", "é026-11-23"] {
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
