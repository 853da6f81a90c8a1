//! Whether a text is JSON (RFC 8259). No depth exhausts the stack.

pub(super) fn is_json(text: &str) -> bool {
    let mut rest = Rest(text.as_bytes());
    // The brackets that are still to be closed.
    let mut open = Vec::new();
    loop {
        rest.skip_blanks();
        let whole = match rest.next() {
            Some(b'{') => {
                rest.skip_blanks();
                if !rest.take(b'}') {
                    open.push(b'}');
                    if rest.take_key() {
                        continue;
                    }
                    return false;
                }
                true
            }
            Some(b'[') => {
                rest.skip_blanks();
                if !rest.take(b']') {
                    open.push(b']');
                    continue;
                }
                true
            }
            Some(b'"') => rest.take_string(),
            Some(b't') => rest.take_all(b"rue"),
            Some(b'f') => rest.take_all(b"alse"),
            Some(b'n') => rest.take_all(b"ull"),
            Some(first @ (b'-' | b'0'..=b'9')) => rest.take_number(first),
            _ => false,
        };
        if !whole {
            return false;
        }
        loop {
            rest.skip_blanks();
            let Some(&close) = open.last() else { return rest.0.is_empty() };
            if rest.take(close) {
                open.pop();
            } else if rest.take(b',') && (close == b']' || rest.take_key()) {
                break;
            } else {
                return false;
            }
        }
    }
}

/// What has not been read yet.
struct Rest<'s>(&'s [u8]);

impl Rest<'_> {
    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn take(&mut self, wanted: u8) -> bool {
        self.take_all(&[wanted])
    }

    fn take_all(&mut self, wanted: &[u8]) -> bool {
        let rest = self.0.strip_prefix(wanted);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn skip_blanks(&mut self) {
        let blanks = self.0.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r')).count();
        self.0 = &self.0[blanks..];
    }

    /// A string and the colon behind it.
    fn take_key(&mut self) -> bool {
        self.skip_blanks();
        let key = self.take(b'"') && self.take_string();
        self.skip_blanks();
        key && self.take(b':')
    }

    /// A string behind its first quote.
    fn take_string(&mut self) -> bool {
        loop {
            match self.next() {
                None | Some(..b' ') => return false,
                Some(b'"') => return true,
                Some(b'\\') => match self.next() {
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
                    Some(b'u') if self.0.len() >= 4 && self.0[..4].iter().all(u8::is_ascii_hexdigit) => {
                        self.0 = &self.0[4..];
                    }
                    _ => return false,
                },
                Some(_) => {}
            }
        }
    }

    fn take_number(&mut self, first: u8) -> bool {
        let whole = match first {
            b'-' => self.take(b'0') || self.take_digits(),
            b'0' => true,
            _ => {
                self.take_digits();
                true
            }
        };
        let fraction = !self.take(b'.') || self.take_digits();
        let exponent = !(self.take(b'e') || self.take(b'E')) || {
            let _ = self.take(b'+') || self.take(b'-');
            self.take_digits()
        };
        whole && fraction && exponent
    }

    /// At least one digit.
    fn take_digits(&mut self) -> bool {
        let digits = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
        self.0 = &self.0[digits..];
        digits > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_told_from_what_is_none() {
        for json in ["{}", " [1, -2.5e+3, \"a\\u00e9\\n\"] ", "{\"a\": {\"b\": [null, true]}, \"c\": 0}", "\"x\"", "-0"]
        {
            assert!(is_json(json), "{json}");
        }
        for none in [
            "",
            "{",
            "{a: 1}",
            "[1,]",
            "[1 2]",
            "{\"a\" 1}",
            "{\"a\":}",
            "01",
            "1.",
            "1e",
            "-",
            "\"a",
            "\"\\q\"",
            "nul",
            "[}",
            "1 2",
            "\"\n\"",
        ] {
            assert!(!is_json(none), "{none}");
        }
        assert!(!is_json(&"[".repeat(1_000_000)));
    }
}
