//! How a time is written: only the day, or with the time of day, to which precision, and in which offset from UTC.

use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::stamps::instant;

/// How a time is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum TimeStyle {
    /// `2026-02-06`
    Day,
    /// `2026-02-06T08:53:34Z`, and whatever is like it.
    Moment {
        /// `T`, `t` or a blank.
        separator: char,
        precision: Precision,
        zone: Zone,
    },
}

/// How exact a time of day is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Precision {
    Minutes,
    Seconds,
    /// With so many digits of a fraction.
    Fraction(usize),
}

/// What is said of the offset from UTC.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Zone {
    /// Nothing: UTC is meant.
    Unsaid,
    /// `Z`, or a small one.
    Utc(char),
    /// So many minutes, in digits with or without a colon: `+01:00`, `+0100`.
    Offset { minutes: i32, has_colon: bool },
}

impl TimeStyle {
    /// RFC 3339 in UTC with seconds.
    pub const PLAIN: Self = Self::Moment { separator: 'T', precision: Precision::Seconds, zone: Zone::Utc('Z') };

    /// How a text is written; nothing if it is no time.
    pub fn of(text: &str) -> Option<Self> {
        let (day, rest) = text.split_at_checked("2026-02-06".len())?;
        if !has_shape(day, "0000-00-00") {
            return None;
        }
        instant(text)?;
        let Some(separator) = rest.chars().next() else { return Some(Self::Day) };
        let (clock, rest) = rest[separator.len_utf8()..].split_at_checked("08:53".len())?;
        if !matches!(separator, 'T' | 't' | ' ') || !has_shape(clock, "00:00") {
            return None;
        }
        let (precision, zone) = match rest.split_at_checked(":34".len()) {
            Some((seconds, rest)) if has_shape(seconds, ":00") => fraction(rest),
            _ => (Precision::Minutes, rest),
        };
        Some(Self::Moment { separator, precision, zone: Zone::of(zone)? })
    }

    /// The time written so. What is no time stays as it is.
    pub fn write(self, time: &str) -> String {
        let Some(instant) = instant(time) else { return time.to_owned() };
        let offset = match self {
            Self::Moment { zone: Zone::Offset { minutes, .. }, .. } => Offset::from_seconds(minutes * 60).ok(),
            _ => None,
        };
        let local = offset.unwrap_or(Offset::UTC).to_datetime(instant);
        let day = format!("{:04}-{:02}-{:02}", local.year(), local.month(), local.day());
        let Self::Moment { separator, precision, zone } = self else { return day };
        format!("{day}{separator}{}{}", precision.write(local), zone.write())
    }

    /// Whether the time of day is written, to the second at least, with an offset from UTC.
    pub fn is_exact(self) -> bool {
        match self {
            Self::Day => false,
            Self::Moment { precision, zone, .. } => precision != Precision::Minutes && zone != Zone::Unsaid,
        }
    }
}

/// The precision that a fraction behind the seconds has, and what follows it.
fn fraction(text: &str) -> (Precision, &str) {
    let Some(digits) = text.strip_prefix('.') else { return (Precision::Seconds, text) };
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    (Precision::Fraction(count), &digits[count..])
}

impl Precision {
    fn write(self, time: DateTime) -> String {
        let minutes = format!("{:02}:{:02}", time.hour(), time.minute());
        match self {
            Self::Minutes => minutes,
            Self::Seconds => format!("{minutes}:{:02}", time.second()),
            Self::Fraction(digits) => {
                let fraction = format!("{:09}", time.subsec_nanosecond());
                format!("{minutes}:{:02}.{:0<digits$.digits$}", time.second(), fraction)
            }
        }
    }
}

impl Zone {
    fn of(text: &str) -> Option<Self> {
        let number = |digits: &str| digits.parse::<i32>().ok();
        match text.as_bytes() {
            [] => Some(Self::Unsaid),
            [letter @ (b'Z' | b'z')] => Some(Self::Utc(char::from(*letter))),
            [sign @ (b'+' | b'-'), digits @ ..] if matches!(digits.len(), 4 | 5) => {
                let has_colon = has_shape(&text[1..], "00:00");
                if !has_colon && !has_shape(&text[1..], "0000") {
                    return None;
                }
                let minutes = number(&text[1..3])? * 60 + number(&text[text.len() - 2..])?;
                Some(Self::Offset { minutes: if *sign == b'-' { -minutes } else { minutes }, has_colon })
            }
            _ => None,
        }
    }

    fn write(self) -> String {
        match self {
            Self::Unsaid => String::new(),
            Self::Utc(letter) => letter.to_string(),
            Self::Offset { minutes, has_colon } => {
                let (sign, colon) = (if minutes < 0 { '-' } else { '+' }, if has_colon { ":" } else { "" });
                format!("{sign}{:02}{colon}{:02}", minutes.abs() / 60, minutes.abs() % 60)
            }
        }
    }
}

/// Whether a text has a digit where the other one has `0`, and else says the same.
fn has_shape(text: &str, shape: &str) -> bool {
    let fits = |(byte, wanted): (u8, u8)| if wanted == b'0' { byte.is_ascii_digit() } else { byte == wanted };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_others_are() {
        let now = "2026-11-23T09:05:07.123456789Z";
        for (other, written) in [
            ("2026-02-06", "2026-11-23"),
            ("2026-02-06T08:53:34Z", "2026-11-23T09:05:07Z"),
            ("2026-02-06T08:53:34", "2026-11-23T09:05:07"),
            ("2026-02-06 08:53", "2026-11-23 09:05"),
            ("2026-02-06t08:53:34.5z", "2026-11-23t09:05:07.1z"),
            ("2026-02-06T08:53:34.471747+00:00", "2026-11-23T09:05:07.123456+00:00"),
            ("2026-02-06T08:53:34.471747421Z", "2026-11-23T09:05:07.123456789Z"),
            ("2026-02-06 08:53:34+01:30", "2026-11-23 10:35:07+01:30"),
            ("2026-02-06T08:53:34-1000", "2026-11-22T23:05:07-1000"),
        ] {
            assert_eq!(TimeStyle::of(other).map(|style| style.write(now)), Some(written.to_owned()), "{other}");
            // Written so, it is read so.
            assert_eq!(TimeStyle::of(written), TimeStyle::of(other), "{other}");
        }
        let style = TimeStyle::of("2026-02-06T08:53:34.471Z").unwrap();
        assert_eq!(style.write("2026-11-23T09:00:00Z"), "2026-11-23T09:00:00.000Z");
        assert_eq!(TimeStyle::PLAIN.write("soon"), "soon");
    }

    #[test]
    fn what_is_no_time_has_no_style() {
        for none in
            ["", "soon", "12", "2026-13-01", "20260206", "2026-02-06T8:53", "2026-02-06T08:53:34[UTC]", "é026-02-06"]
        {
            assert_eq!(TimeStyle::of(none), None, "{none}");
        }
    }
}
