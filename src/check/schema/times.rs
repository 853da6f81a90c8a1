//! Dates and times as RFC 3339 has them. Nothing is computed with them, so they are only looked at.

/// Whether the text is a `full-date`: `2026-02-06`.
pub(super) fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    let (Some(year), Some(month), Some(day)) = (number(&bytes[..4]), number(&bytes[5..7]), number(&bytes[8..])) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// Whether the text is a `date-time`: `2026-02-06T08:53:34.5+01:00`. A blank may stand for the `T`; the
/// second 60 is the leap second.
pub(super) fn is_timestamp(text: &str) -> bool {
    let Some((date, rest)) = text.split_at_checked(10) else { return false };
    let bytes = rest.as_bytes();
    if !is_date(date) || bytes.len() < 10 || !matches!(bytes[0], b'T' | b't' | b' ') {
        return false;
    }
    let clock = bytes[3] == b':'
        && bytes[6] == b':'
        && below(&bytes[1..3], 24)
        && below(&bytes[4..6], 60)
        && below(&bytes[7..9], 61);
    let mut offset = &bytes[9..];
    if let Some(fraction) = offset.strip_prefix(b".") {
        let digits = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
        if digits == 0 {
            return false;
        }
        offset = &fraction[digits..];
    }
    clock
        && match offset {
            [b'Z' | b'z'] => true,
            [b'+' | b'-', h @ .., b':', m1, m2] => below(h, 24) && h.len() == 2 && below(&[*m1, *m2], 60),
            _ => false,
        }
}

fn below(digits: &[u8], limit: u32) -> bool {
    number(digits).is_some_and(|number| number < limit)
}

/// The number that some digits are; there are few of them.
fn number(digits: &[u8]) -> Option<u32> {
    let few = (1..=4).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    few.then(|| digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_of_the_calendar() {
        for date in ["2026-02-06", "2024-02-29", "2000-02-29", "2026-12-31"] {
            assert!(is_date(date), "{date}");
        }
        for none in
            ["2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "26-02-06", "2026-2-06", "é026-02-0"]
        {
            assert!(!is_date(none), "{none}");
        }
    }

    #[test]
    fn timestamps_have_an_offset() {
        for time in [
            "2026-01-21T10:00:00Z",
            "2026-02-05T08:53:34.471747421+00:00",
            "2026-02-05 08:53:34-07:30",
            "2016-12-31t23:59:60z",
        ] {
            assert!(is_timestamp(time), "{time}");
        }
        for none in [
            "2026-01-21T10:00:00",
            "2026-01-21T10:00Z",
            "2026-01-21T24:00:00Z",
            "2026-01-21T10:00:00.Z",
            "2026-01-21T10:00:00+1:00",
            "2026-01-21T10:00:00+01",
            "2026-02-30T10:00:00Z",
            "2026-01-21",
            "soon",
            "2026-01-21Té0:00:00Z",
        ] {
            assert!(!is_timestamp(none), "{none}");
        }
    }
}
