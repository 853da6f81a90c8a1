//! Adding numbers without changing more of their spelling than needed.

use super::number::{Number, is_canonical, shortest};

/// The sum of two numbers: of integers and decimal fractions exactly, as far as a double holds that; else as doubles.
/// `None` if one is no number or the sum does not fit.
pub(super) fn add(a: &str, b: &str) -> Option<String> {
    if let Some(exact) = exact(a, b).filter(|sum| is_canonical(sum)) {
        return Some(exact);
    }
    let is_integer = |text: &str| !text.contains(['.', 'e', 'E']);
    if is_integer(a) && is_integer(b) {
        return None;
    }
    let double = |text: &str| Number::of(text).and_then(|_| text.parse::<f64>().ok());
    let sum = double(a)? + double(b)?;
    sum.is_finite().then(|| shortest(sum))
}

fn exact(a: &str, b: &str) -> Option<String> {
    let (a, b) = (Decimal::read(a)?, Decimal::read(b)?);
    let places = a.places.max(b.places);
    let sum = a.scaled_to(places)?.checked_add(b.scaled_to(places)?)?;
    if places == 0 {
        return i64::try_from(sum).ok().map(|sum| sum.to_string());
    }
    let digits = format!("{:0>width$}", sum.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    // A fraction is not padded, but a number that had one keeps it.
    let fraction = match fraction.trim_end_matches('0') {
        "" => "0",
        fraction => fraction,
    };
    Some(format!("{}{whole}.{fraction}", if sum < 0 { "-" } else { "" }))
}

struct Decimal {
    digits: i128,
    places: usize,
}

impl Decimal {
    fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let complete = !whole.is_empty() && (fraction.is_empty() != digits.contains('.'));
        if !complete || !all_digits(whole) || !all_digits(fraction) || digits.len() > 30 {
            return None;
        }
        let value: i128 = format!("{whole}{fraction}").parse().ok()?;
        let digits = if text.starts_with('-') { -value } else { value };
        Some(Self { digits, places: fraction.len() })
    }

    fn scaled_to(&self, places: usize) -> Option<i128> {
        let power = u32::try_from(places - self.places).ok()?;
        self.digits.checked_mul(10_i128.checked_pow(power)?)
    }
}

#[cfg(test)]
mod tests {
    use super::add;

    #[test]
    fn sums_are_exact() {
        assert_eq!(add("1", "1").as_deref(), Some("2"));
        assert_eq!(add("12", "-13").as_deref(), Some("-1"));
        assert_eq!(add("0.1", "0.2").as_deref(), Some("0.3"));
        assert_eq!(add("90.0", "1").as_deref(), Some("91.0"));
        assert_eq!(add("1.25", "0.25").as_deref(), Some("1.5"));
        assert_eq!(add("0.5", "0.50").as_deref(), Some("1.0"));
        assert_eq!(add("-0.75", "0.5").as_deref(), Some("-0.25"));
        assert_eq!(add("1", "+2").as_deref(), Some("3"));
        assert_eq!(add("18.272727272727273", "0.5").as_deref(), Some("18.772727272727273"));
        assert_eq!(add("9223372036854775806", "1").as_deref(), Some("9223372036854775807"));
    }

    #[test]
    fn what_no_double_holds_is_rounded() {
        assert_eq!(add("0.1", "0.00000000000000000001").as_deref(), Some("0.1"));
        assert_eq!(add("1e300", "1").as_deref(), Some("1e300"));
        assert_eq!(add("1e3", "0.5").as_deref(), Some("1000.5"));
        assert_eq!(add("9007199254740993", "0.0").as_deref(), Some("9007199254740992.0"));
    }

    #[test]
    fn what_is_no_number_or_too_large_has_no_sum() {
        for (a, b) in [
            ("a", "1"),
            ("1", ""),
            ("1.", "1"),
            (".5", "1"),
            ("nan", "0.5"),
            ("9223372036854775807", "1"),
            ("1.7976931348623157e308", "1e308"),
        ] {
            assert_eq!(add(a, b), None, "{a} + {b}");
        }
    }
}
