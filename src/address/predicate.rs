use std::borrow::Cow;

use crate::sdn::{Number, Spelling, Value, compare, cut};

/// How two texts are compared.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Comparison {
    /// `=` or `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `~`: the one contains the other.
    Contains,
}

impl Comparison {
    /// Longer signs stand before those that they begin with.
    const SIGNS: [(&str, Self); 8] = [
        ("!=", Self::NotEqual),
        ("<=", Self::LessOrEqual),
        (">=", Self::GreaterOrEqual),
        ("==", Self::Equal),
        ("=", Self::Equal),
        ("<", Self::Less),
        (">", Self::Greater),
        ("~", Self::Contains),
    ];

    /// What is written for a comparison elsewhere, and what is meant.
    const ELSEWHERE: [(&str, &str); 6] =
        [("=>", ">="), ("=<", "<="), ("<>", "!="), ("=!", "!="), ("=~", "~"), ("===", "=")];

    /// Finds the first sign of a comparison outside double quotes: what stands before it, and what behind.
    #[must_use]
    pub fn split(text: &str) -> Option<(&str, Self, &str)> {
        let mut quoted = false;
        let mut escaped = false;
        for (at, c) in text.char_indices() {
            match c {
                _ if std::mem::take(&mut escaped) => {}
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                _ if quoted => {}
                _ => {
                    let sign = Self::SIGNS.iter().find(|(sign, _)| text[at..].starts_with(sign));
                    if let Some((sign, comparison)) = sign {
                        return Some((&text[..at], *comparison, &text[at + sign.len()..]));
                    }
                }
            }
        }
        None
    }

    /// Whether it asks for an order.
    pub(super) fn is_order(self) -> bool {
        matches!(self, Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual)
    }
}

/// What a value is compared with: `SIGN VALUE`.
///
/// Blanks around both do not count. The value may stand in double quotes, as in a file, and must if it holds a comma,
/// begins with a quote or a sign, or has blanks at its ends; a list or dict in its brackets need not.
///
/// ```
/// use sdnlock::address::Predicate;
///
/// let (left, more) = Predicate::split("n > 100")?;
/// assert_eq!(left, "n");
/// let column = ["9", "n/a", "1e3"];
/// let test = more.among(column.map(Into::into))?;
/// assert_eq!(column.map(|text| test.holds(text)), [false, false, true]);
/// assert!(Predicate::split("status=open,done").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Predicate {
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub value: String,
}

/// A text that asks for nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("cannot read the condition `{text}`: {problem}")]
pub struct PredicateError {
    /// What was to be read.
    pub text: String,
    /// What is wrong with it.
    pub problem: PredicateProblem,
}

/// What keeps a text from being a condition.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PredicateProblem {
    /// There is no sign of a comparison.
    #[error("`=VALUE`, or another comparison, is missing")]
    NoComparison,
    /// A sign that another language has.
    #[error("there is no comparison `{given}`")]
    NoSuchComparison {
        /// The sign.
        given: &'static str,
        /// What is written here.
        instead: &'static str,
    },
    /// The value begins with a sign.
    #[error("the value begins with a sign")]
    Sign,
    /// An order, and nothing behind it.
    #[error("there is nothing behind the sign")]
    NoValue,
    /// The value holds a comma.
    #[error("the value holds a comma")]
    Comma,
    /// A quote is never closed.
    #[error("a quote is never closed")]
    OpenQuote,
    /// Something stands behind the quotes.
    #[error("something stands behind the quotes")]
    BehindQuotes,
}

/// An order is asked for between numbers and what is none.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{value}` is no number, and they are")]
pub struct NoNumber {
    /// What is no number.
    pub value: String,
}

impl Predicate {
    /// Reads what is compared, and with what.
    ///
    /// # Errors
    /// If there is no comparison, or the value is not as it should be.
    pub fn split(text: &str) -> Result<(&str, Self), PredicateError> {
        let fail = |problem| PredicateError { text: text.to_owned(), problem };
        let (before, comparison, behind) =
            Comparison::split(text).ok_or_else(|| fail(PredicateProblem::NoComparison))?;
        let signs = &text[before.len()..];
        let (left, behind) = (before.trim(), behind.trim());
        if behind.starts_with(['=', '<', '>', '~', '!']) {
            let elsewhere = Comparison::ELSEWHERE.iter().find(|(given, _)| signs.starts_with(given));
            return Err(fail(match elsewhere {
                Some(&(given, instead)) => PredicateProblem::NoSuchComparison { given, instead },
                None => PredicateProblem::Sign,
            }));
        }
        if left.ends_with('!') && comparison == Comparison::Contains {
            return Err(fail(PredicateProblem::NoSuchComparison { given: "!~", instead: "!=" }));
        }
        let value = read_value(behind).map_err(fail)?;
        if value.is_empty() && comparison.is_order() {
            return Err(fail(PredicateProblem::NoValue));
        }
        Ok((left, Self { comparison, value: value.into_owned() }))
    }

    /// A value as [`split`](Self::split) reads it.
    ///
    /// ```
    /// use sdnlock::address::Predicate;
    ///
    /// assert_eq!(Predicate::spelled("in progress"), "in progress");
    /// assert_eq!(Predicate::spelled("a, \"b\""), r#""a, \"b\"""#);
    /// ```
    #[must_use]
    pub fn spelled(value: &str) -> Cow<'_, str> {
        let is_plain = Self::split(&format!("=={value}")).is_ok_and(|(_, read)| read.value == value);
        if is_plain {
            return Cow::Borrowed(value);
        }
        Cow::Owned(format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")))
    }

    /// What is asked of each of these texts.
    ///
    /// # Errors
    /// If it asks for an order, most of the texts are numbers, and the value is none.
    pub fn among<'t>(&self, texts: impl IntoIterator<Item = Cow<'t, str>>) -> Result<Test<'_>, NoNumber> {
        let mut test = Test { predicate: self, number: None, wants_numbers: false };
        if !self.comparison.is_order() {
            return Ok(test);
        }
        test.number = Number::of(&self.value).map(|number| number.to_string());
        let (mut numbers, mut others) = (0, 0);
        for text in texts.into_iter().filter(|text| !text.is_empty()) {
            *(if Number::of(&text).is_some() { &mut numbers } else { &mut others }) += 1;
        }
        test.wants_numbers = numbers > others;
        if test.wants_numbers && test.number.is_none() {
            return Err(NoNumber { value: self.value.clone() });
        }
        Ok(test)
    }
}

/// What is asked of a text.
#[derive(Clone, Debug)]
pub struct Test<'p> {
    predicate: &'p Predicate,
    /// The value as all spellings of it, if it is a number and an order is asked for.
    number: Option<String>,
    /// Whether what is no number is neither less nor greater.
    wants_numbers: bool,
}

impl Test<'_> {
    /// Whether a text is so. Numbers are compared by value, other texts by their characters.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        let Predicate { comparison, value } = self.predicate;
        if self.wants_numbers && Number::of(text).is_none() {
            return false;
        }
        let order = || compare(text, self.number.as_ref().unwrap_or(value));
        match comparison {
            Comparison::Equal => order().is_eq(),
            Comparison::NotEqual => order().is_ne(),
            Comparison::Less => order().is_lt(),
            Comparison::LessOrEqual => order().is_le(),
            Comparison::Greater => order().is_gt(),
            Comparison::GreaterOrEqual => order().is_ge(),
            Comparison::Contains => text.contains(value),
        }
    }
}

/// The value behind a sign, without blanks around it.
fn read_value(text: &str) -> Result<Cow<'_, str>, PredicateProblem> {
    let cut = cut(text.as_bytes(), 0, text.len());
    let is_whole = cut.span.range() == (0..text.len());
    match cut.spelling {
        Spelling::Quoted if !is_whole => Err(PredicateProblem::BehindQuotes),
        Spelling::Quoted | Spelling::Bracketed if is_whole => Ok(Value::new(text.as_bytes(), cut.spelling).text()),
        _ if text.starts_with('"') && cut.problem.is_some() => Err(PredicateProblem::OpenQuote),
        _ if text.starts_with('"') => Err(PredicateProblem::BehindQuotes),
        _ if text.contains(',') => Err(PredicateProblem::Comma),
        _ => Ok(Cow::Borrowed(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(&str, Comparison, String), PredicateProblem> {
        let read = Predicate::split(text).map_err(|error| error.problem);
        read.map(|(left, Predicate { comparison, value })| (left, comparison, value))
    }

    fn holds(text: &str, sign_and_value: &str) -> bool {
        let (_, predicate) = Predicate::split(sign_and_value).unwrap();
        predicate.among([Cow::Borrowed(text)]).unwrap().holds(text)
    }

    #[test]
    fn the_first_sign_outside_quotes_is_the_comparison() {
        use Comparison::{Contains, Equal, Greater, LessOrEqual, NotEqual};
        assert_eq!(read("t.1.a!=b=c"), Ok(("t.1.a", NotEqual, "b=c".into())));
        assert_eq!(read(r#"t."a=\"b".n<=3"#), Ok((r#"t."a=\"b".n"#, LessOrEqual, "3".into())));
        assert_eq!(read("a = b"), Ok(("a", Equal, "b".into())));
        assert_eq!(read(" a==  b c "), Ok(("a", Equal, "b c".into())));
        assert_eq!(read(r#"a="b \"c\", d ""#), Ok(("a", Equal, "b \"c\", d ".into())));
        assert_eq!(read("a~[x, y]"), Ok(("a", Contains, "[x, y]".into())));
        assert_eq!(read("a>[x"), Ok(("a", Greater, "[x".into())));
        assert_eq!(read("a="), Ok(("a", Equal, String::new())));
        assert_eq!(read("a=\"\""), Ok(("a", Equal, String::new())));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        use PredicateProblem::{BehindQuotes, Comma, NoComparison, NoSuchComparison, NoValue, OpenQuote, Sign};
        assert_eq!(read("t.1.a"), Err(NoComparison));
        for (given, instead) in
            [("=>", ">="), ("=<", "<="), ("<>", "!="), ("=~", "~"), ("===", "="), ("=!", "!="), ("!~", "!=")]
        {
            assert_eq!(read(&format!("a {given} b")), Err(NoSuchComparison { given, instead }));
            assert_eq!(read(&format!("a{given}b")), Err(NoSuchComparison { given, instead }));
        }
        assert_eq!(read("a ~ <br>"), Err(Sign));
        assert_eq!([read("n>"), read("n <= \"\"")], [Err(NoValue), Err(NoValue)]);
        assert_eq!([read("a=b,c"), read("a~b, c")], [Err(Comma), Err(Comma)]);
        assert_eq!([read("a=\"b"), read("a=\"b\\\"")], [Err(OpenQuote), Err(OpenQuote)]);
        assert_eq!([read("a=\"b\" c"), read("a=\"b\"#c"), read("a=\"b\" # c")], [const { Err(BehindQuotes) }; 3]);
    }

    #[test]
    fn numbers_are_compared_by_value_and_texts_by_their_characters() {
        assert!(holds("9", "<10") && holds("9", "< \"10\""));
        assert!(holds("9223372036854775807", ">9223372036854775806"));
        assert!(holds("1.5", ">=1.50") && holds("1.5", "=1.50") && !holds("1.5", "!=1.50"));
        assert!(holds("2026-01-02T00:00:00Z", "<2026-01-10T00:00:00Z"));
        assert!(holds("2026-01-02", ">2025"));
        assert!(holds("b", ">a") && holds("bab", "~a") && !holds("b", "~a"));
    }

    #[test]
    fn what_is_no_number_is_neither_less_nor_greater_among_numbers() {
        let (_, predicate) = Predicate::split("n<100").unwrap();
        let texts = ["9", "", "n/a", "1e3", "7"];
        let test = predicate.among(texts.map(Cow::Borrowed)).unwrap();
        assert_eq!(texts.map(|text| test.holds(text)), [true, false, false, false, true]);
        let (_, predicate) = Predicate::split("n<abc").unwrap();
        assert_eq!(predicate.among(texts.map(Cow::Borrowed)).unwrap_err(), NoNumber { value: "abc".into() });
        assert!(predicate.among(["a", "b", "1"].map(Cow::Borrowed)).is_ok());
    }
}
