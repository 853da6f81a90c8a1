//! Numbers as they are written: read exactly, compared by value, and spelled.

use std::cmp::Ordering;
use std::fmt;

/// A text that is a decimal number, of any size and precision.
///
/// ```
/// use sdnlock::address::Number;
///
/// assert_eq!(Number::of("1.50"), Number::of("1.5"));
/// assert!(Number::of("9223372036854775809") > Number::of("9223372036854775808"));
/// assert_eq!(Number::of("1.0.1"), None);
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Number {
    is_negative: bool,
    /// How many digits stand before the point, or how many zeros behind it, in negative, before the first digit.
    scale: i64,
    /// From the first to the last one that is not zero; none of zero.
    digits: String,
}

/// More digits of an exponent than any number has.
const MOST_EXPONENT: usize = 9;

impl Number {
    /// Reads a text; `inf` and `nan` are no numbers.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
                if !is_digits(digits) || digits.len() > MOST_EXPONENT {
                    return None;
                }
                (mantissa, exponent.parse::<i64>().ok()?)
            }
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
        if !is_digits(whole) || !fraction.is_none_or(is_digits) {
            return None;
        }
        let all = [whole, fraction.unwrap_or_default()].concat();
        let digits = all.trim_start_matches('0');
        let zeros = i64::try_from(all.len() - digits.len()).ok()?;
        let digits = digits.trim_end_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Self { is_negative: false, scale: 0, digits });
        }
        let scale = i64::try_from(whole.len()).ok()? - zeros + exponent;
        Some(Self { is_negative: text.starts_with('-'), scale, digits })
    }

    fn absolute(&self) -> (bool, i64, &str) {
        (!self.digits.is_empty(), self.scale, &self.digits)
    }
}

/// By value.
impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_sign = other.is_negative.cmp(&self.is_negative);
        let by_size = self.absolute().cmp(&other.absolute());
        by_sign.then(if self.is_negative { by_size.reverse() } else { by_size })
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// As all spellings of its value: without padding, and with an exponent only if it would be long without.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { is_negative, scale, digits } = self;
        f.write_str(if *is_negative { "-" } else { "" })?;
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
        match usize::try_from(*scale) {
            _ if digits.is_empty() => f.write_str("0"),
            Ok(0) => write!(f, "0.{digits}"),
            Ok(whole) if whole < digits.len() => write!(f, "{}.{}", &digits[..whole], &digits[whole..]),
            Ok(whole) if whole <= 22 => write!(f, "{digits:0<whole$}"),
            Err(_) if *scale > -6 => write!(f, "0.{}{digits}", zeros(-scale)),
            _ if digits.len() == 1 => write!(f, "{digits}e{}", scale - 1),
            _ => write!(f, "{}.{}e{}", &digits[..1], &digits[1..], scale - 1),
        }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// A double in the form that is read back as it, with as few digits as that takes: without an exponent, unless it would
/// be long, and with a point, since an integer of many digits is none for the Rust reader.
pub(crate) fn shortest(float: f64) -> String {
    let plain = float.to_string();
    let (least, most) = PLAIN;
    if !float.is_finite() || plain.contains('.') && plain.len() <= MOST_PLAIN {
        plain
    } else if float == 0.0 || (least..most).contains(&float.abs()) {
        plain + ".0"
    } else {
        format!("{float:e}")
    }
}

/// Where a number needs no exponent. A word as `7e12` may be a part of a digest.
const PLAIN: (f64, f64) = (1e-4, 1e16);
/// The longest text of a number that is written without an exponent beyond that.
const MOST_PLAIN: usize = 24;

/// Whether every reader takes this for the same number, and it is not padded: an integer of 64 bits, or a decimal
/// fraction with no more digits than its double has. `90.0` is let through, and an exponent where one is needed.
pub(super) fn is_canonical(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once('e').map_or((unsigned, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    if !is_digits(whole) || (whole.len() > 1 && whole.starts_with('0')) {
        return false;
    }
    if fraction.is_none() && exponent.is_none() {
        return text.parse::<i64>().is_ok() && text != "-0";
    }
    let is_padded = |fraction: &str| fraction.ends_with('0') && (fraction != "0" || exponent.is_some());
    let (Some(number), Ok(float)) = (Number::of(text), text.parse::<f64>()) else { return false };
    let (least, most) = PLAIN;
    fraction.is_none_or(|fraction| !is_padded(fraction))
        && exponent.is_none_or(|_| float != 0.0 && !(least..most).contains(&float.abs()))
        && float.is_finite()
        && Number::of(&format!("{float:e}")) == Some(number)
}

/// The order of two texts: by value if both are numbers, else by their characters.
#[must_use]
pub fn compare(ours: &str, theirs: &str) -> Ordering {
    match (Number::of(ours), Number::of(theirs)) {
        (Some(ours), Some(theirs)) => ours.cmp(&theirs),
        _ => ours.cmp(theirs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_numbers_if_both_are() {
        for (less, more) in [
            ("2", "10"),
            ("-10", "2"),
            ("-10", "-9.5"),
            ("1.5", "10"),
            ("10", "2a"),
            ("b", "c"),
            ("", "a"),
            ("1e2", "101"),
            ("0", "0.001"),
            ("-0.1", "0"),
            ("0.01", "0.1"),
            ("1e-400", "1e-399"),
        ] {
            assert_eq!(compare(less, more), Ordering::Less, "{less} {more}");
            assert_eq!(compare(more, less), Ordering::Greater, "{more} {less}");
        }
        for (same, other) in
            [("7", "7.0"), ("007", "7"), ("-0", "0.0"), ("x", "x"), ("+5", "5"), ("1.5e3", "1500"), ("0e9", "0")]
        {
            assert_eq!(compare(same, other), Ordering::Equal);
        }
        assert_eq!(compare("9223372036854775806", "9223372036854775807"), Ordering::Less);
        assert_eq!(compare("18446744073709551617", "18446744073709551616"), Ordering::Greater);
        assert_eq!(compare("nan", "inf"), Ordering::Greater);
    }

    #[test]
    fn all_spellings_of_a_number_are_shown_alike() {
        for (text, shown) in [
            ("007.50", "7.5"),
            ("-0.0", "0"),
            ("1e3", "1000"),
            ("-12e-3", "-0.012"),
            ("0.5", "0.5"),
            ("1e21", "1000000000000000000000"),
            ("1e22", "1e22"),
            ("2.5e-9", "2.5e-9"),
            ("123456789012345678901234567890", "1.2345678901234567890123456789e29"),
        ] {
            let number = Number::of(text).unwrap();
            assert_eq!(number.to_string(), shown);
            assert_eq!(Number::of(shown), Some(number));
        }
    }

    #[test]
    fn what_only_begins_as_a_number_is_none() {
        for no_number in
            ["", "-", ".5", "1.", "1e", "1e+", "0x1f", "1_000", "2026-02-06", "1.0.1", "7e12ab", "é", "1e9999999999"]
        {
            assert_eq!(Number::of(no_number), None, "{no_number}");
        }
    }
}
