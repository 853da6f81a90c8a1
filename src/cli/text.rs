//! How times, sizes and paths are written.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// A time in at most two units, as `3 min 12 s`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    let two = |large: u64, large_unit: &str, small: u64, small_unit: &str| match small {
        0 => format!("{large} {large_unit}"),
        _ => format!("{large} {large_unit} {small} {small_unit}"),
    };
    match seconds {
        0..=9 if time.subsec_millis() > 0 && seconds > 0 => {
            let tenths = time.as_millis() / 100;
            if tenths.is_multiple_of(10) {
                format!("{seconds} s")
            } else {
                format!("{}.{} s", tenths / 10, tenths % 10)
            }
        }
        0 => format!("{} ms", time.as_millis()),
        1..60 => format!("{seconds} s"),
        60..3600 => two(seconds / 60, "min", seconds % 60, "s"),
        3600..86_400 => two(seconds / 3600, "h", seconds % 3600 / 60, "min"),
        _ => two(seconds / 86_400, "d", seconds % 86_400 / 3600, "h"),
    }
}

/// A size in bytes, KiB, MiB or GiB.
pub fn size(bytes: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "one digit behind the point is shown")]
    let scaled = |unit: usize| bytes as f64 / unit as f64;
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..0x10_0000 => format!("{:.1} KiB", scaled(1 << 10)),
        0x10_0000..0x4000_0000 => format!("{:.1} MiB", scaled(1 << 20)),
        _ => format!("{:.1} GiB", scaled(1 << 30)),
    }
}

/// `1 line`, `2 lines`.
pub fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A path in backquotes, with control characters made visible.
pub fn path(path: &Path) -> String {
    format!("`{}`", visible(&path.to_string_lossy()))
}

/// The path as one would type it in the current folder, if it is below that.
pub fn from_here(path: &Path) -> &Path {
    let here = std::env::current_dir().ok();
    here.and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path)
}

/// An argument as a shell takes it. What cannot be seen is written as its bytes are escaped there, `$'\342\200\217'`.
pub fn argument(text: &OsStr) -> String {
    let text = text.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "_-./=:,+@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into_owned();
    }
    if !text.contains(is_unseen) {
        return format!("'{}'", text.replace('\'', "'\\''"));
    }
    let escaped = text.chars().map(|c| match c {
        '\n' => "\\n".to_owned(),
        '\'' | '\\' => format!("\\{c}"),
        c if is_unseen(c) => c.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("\\{byte:03o}")).collect(),
        c => c.to_string(),
    });
    format!("$'{}'", escaped.collect::<String>())
}

/// The command line of this process, as one would type it.
pub fn command_line() -> String {
    let mut arguments = std::env::args_os();
    let program = arguments.next().map(PathBuf::from).unwrap_or_default();
    let name = program.file_name().unwrap_or("sdnlock".as_ref()).to_owned();
    let words = std::iter::once(name).chain(arguments).map(|word| argument(&word));
    words.collect::<Vec<_>>().join(" ")
}

/// The text with everything in it made visible that a terminal would act on, or that nobody could see: whatever is
/// printed for people goes through this. A control character of ASCII is shown as its picture, `␛`, every other one as
/// `<U+200F>`, as less(1) and vim show them. A text that went through it once stays as it is.
pub fn visible(text: &str) -> String {
    shown(text, is_unseen)
}

/// As [`visible`], for a text of several lines.
pub fn visible_lines(text: &str) -> String {
    shown(text, |c| is_unseen(c) && c != '\n')
}

/// As [`visible`], for a list that programs read line by line: what people cannot see is left, but for control characters.
pub fn visible_controls(text: &str) -> String {
    shown(text, |c| is_unseen(c) && c.is_control())
}

/// Whether nobody can see a character, or a terminal acts on it: controls but for the tab, the marks of formats and
/// directions, and the separators of lines and paragraphs. These are the general categories Cc, Cf, Zl and Zp of Unicode.
pub fn is_unseen(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control() && c != '\t';
    }
    matches!(
        c.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
    )
}

fn shown(text: &str, replaced: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c) {
            _ if !replaced(c) => shown.push(c),
            code @ 0..0x20 => shown.extend(char::from_u32(0x2400 + code)),
            0x7f => shown.push('\u{2421}'),
            code => shown += &format!("<U+{code:04X}>"),
        }
    }
    shown
}

/// A text in JSON that says the same, with everything escaped in it that nobody could see. Those characters that stand
/// between values are line ends and tabs.
pub fn visible_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        if is_unseen(c) && c != '\n' {
            let mut units = [0; 2];
            shown.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The text on one line that cannot be taken for anything else: in quotes, with escapes as in a database, if it holds
/// line ends or tabs, begins with a quote, or has blanks at its ends.
pub fn on_one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(['\n', '\r', '\t']) && !text.starts_with('"') && text.trim() == text {
        return Cow::Borrowed(text);
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\\' | '"' => quoted.extend(['\\', c]),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    Cow::Owned(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_two_units_at_most() {
        let ms = |n| duration(Duration::from_millis(n));
        assert_eq!(ms(300), "300 ms");
        assert_eq!(ms(1500), "1.5 s");
        assert_eq!(ms(10_000), "10 s");
        assert_eq!(ms(192_000), "3 min 12 s");
        assert_eq!(ms(3_600_000), "1 h");
        assert_eq!(ms(100_000_000), "1 d 3 h");
        assert_eq!(ms(1000), "1 s");
    }

    #[test]
    fn arguments_can_be_pasted() {
        let shown = |text: &str| argument(text.as_ref());
        assert_eq!(shown("a-1.sdn"), "a-1.sdn");
        assert_eq!(shown("my file.sdn"), "'my file.sdn'");
        assert_eq!(shown("it's"), "'it'\\''s'");
        assert_eq!(shown(""), "''");
        assert_eq!(shown("it's\n\u{200f}\\"), r"$'it\'s\n\342\200\217\\'");
    }

    #[test]
    fn a_text_on_one_line_is_unmistakable() {
        for plain in ["", "two words", "C:\\x", "say \"x\"", "\u{1b}"] {
            assert_eq!(on_one_line(plain), plain);
        }
        assert_eq!(on_one_line("a\nb: \"c\"\t\\"), r#""a\nb: \"c\"\t\\""#);
        assert_eq!(on_one_line("\"a\""), r#""\"a\"""#);
        assert_eq!(on_one_line(" a"), "\" a\"");
    }

    #[test]
    fn nothing_reaches_the_terminal_that_it_would_act_on() {
        assert_eq!(visible("a\x1b[31m\u{202e}\u{9b}\t"), "a␛[31m<U+202E><U+009B>\t");
        assert_eq!(visible("\n\r\u{7f}\u{e0001}é漢"), "␊␍␡<U+E0001>é漢");
        assert_eq!(visible_lines("\n\r\u{2028}"), "\n␍<U+2028>");
        assert_eq!(visible_controls("\n\u{200d}\u{85}"), "␊\u{200d}<U+0085>");
        let once = visible("\u{200f}\u{7}");
        assert_eq!(visible(&once), once);
    }

    #[test]
    fn json_says_the_same_visibly() {
        let value = "a\n\u{7f}\u{9b}\u{200f}\u{e0001}\u{1f600}";
        let json = format!("{{\n  \"a\": {}\n}}\n", serde_json::to_string(value).unwrap());
        let shown = visible_json(&json);
        assert!(!shown.contains(|c| is_unseen(c) && c != '\n'), "{shown:?}");
        let read: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(read["a"], value);
    }

    #[test]
    fn what_is_unseen_is_what_unicode_says() {
        // `Cc`, `Cf`, `Zl` and `Zp` of UnicodeData.txt 17.0, by the kinds of Perl's `\p{…}` in the crate `regex`.
        let unseen = regex::Regex::new(r"^[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]$").unwrap();
        for c in char::MIN..=char::MAX {
            let expected = c != '\t' && unseen.is_match(c.encode_utf8(&mut [0; 4]));
            assert_eq!(is_unseen(c), expected, "{:04X}", u32::from(c));
        }
    }
}
