use std::cmp::Ordering;

/// A text that is a decimal number.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Number {
    /// A whole one of 64 bits.
    Integer(i64),
    /// Any other.
    Float(f64),
}

impl Number {
    /// Reads a text; `inf` and `nan` are no numbers.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        if !digits.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let float = || text.parse::<f64>().ok().filter(|float| float.is_finite()).map(Self::Float);
        text.parse::<i64>().ok().map(Self::Integer).or_else(float)
    }

    /// The order by value.
    #[must_use]
    pub fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Integer(ours), Self::Integer(theirs)) => ours.cmp(&theirs),
            // Without the sign of zero.
            _ => (self.float() + 0.0).total_cmp(&(other.float() + 0.0)),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "beside a fraction an integer is one too")]
    fn float(self) -> f64 {
        match self {
            Self::Integer(integer) => integer as f64,
            Self::Float(float) => float,
        }
    }
}

/// The order of two texts: by value if both are numbers, else by their characters.
#[must_use]
pub fn compare(ours: &str, theirs: &str) -> Ordering {
    match (Number::of(ours), Number::of(theirs)) {
        (Some(ours), Some(theirs)) => ours.compare(theirs),
        _ => ours.cmp(theirs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_numbers_if_both_are() {
        for (less, more) in
            [("2", "10"), ("-10", "2"), ("1.5", "10"), ("10", "2a"), ("b", "c"), ("", "a"), ("1e2", "101")]
        {
            assert_eq!(compare(less, more), Ordering::Less, "{less} {more}");
        }
        for (same, other) in [("7", "7.0"), ("007", "7"), ("-0", "0.0"), ("x", "x")] {
            assert_eq!(compare(same, other), Ordering::Equal);
        }
        assert_eq!(compare("9223372036854775806", "9223372036854775807"), Ordering::Less);
        assert_eq!(compare("nan", "inf"), Ordering::Greater);
    }
}
