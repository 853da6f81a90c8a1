//! The file of a baseline: the findings that a check lets pass.
//!
//! ```text
//! # sdnlock baseline, version 1
//! doc/bug_db.sdn SDN201 0f6a2b7c9d1e3f58
//! doc/todo_db.sdn SDN403 9b1d0c7e55a2f014 3
//! ```
//! 1. A line is one finding: the file, from the folder of the baseline, the code, what the line in the database is known
//!    by, and how many such findings there are, if there are several. Nothing in it depends on where a line stands.
//! 2. The lines are sorted, so that what two people add or remove is seldom at the same place; but they are read in any
//!    order. What stands twice, as where git took the lines of both sides, counts once, with the larger number: no finding
//!    passes by that which did not pass before.
//! 3. In the name of a file, bytes that are no UTF-8, blanks, `#`, `%` and what nobody can see are written as `%20`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use sdnlock::check::{Fingerprint, Known, Rule};

use crate::cli::text::is_unseen;

/// What the first line says, before the number of the version.
const HEADER: &str = "# sdnlock baseline, version ";

/// The version that is written, and the last one that is read.
const VERSION: u32 = 1;

/// Digits of what a line is known by.
const DIGITS: usize = 16;

/// The findings that pass, by the files that they are in.
pub type Entries = BTreeMap<PathBuf, Known>;

/// Why a file is no baseline.
#[derive(PartialEq, Eq, Debug)]
pub struct Fault {
    /// Number of the line, from 1.
    pub line: usize,
    pub why: String,
    /// What can be done about it.
    pub hint: Option<&'static str>,
}

/// Reads a baseline. One that says nothing has no entries.
pub fn read(content: &[u8]) -> Result<Entries, Fault> {
    let mut entries = Entries::new();
    let mut has_header = false;
    for (number, line) in content.split(|&byte| byte == b'\n').enumerate() {
        let fault = |why: &str| Fault { line: number + 1, why: why.to_owned(), hint: None };
        let line = std::str::from_utf8(line).map_err(|_| fault("it is no UTF-8"))?.trim_end();
        if line.is_empty() {
            continue;
        }
        if ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|marker| line.starts_with(marker)) {
            let hint = Some("keep the lines of both sides, and delete the markers");
            return Err(Fault { hint, ..fault("a merge left this marker") });
        }
        if line.starts_with('#') {
            let version = line.strip_prefix(HEADER).and_then(|version| version.parse::<u32>().ok());
            let version = version.ok_or_else(|| fault("it is no line of a baseline"))?;
            if version > VERSION {
                let why = format!("it is of version {version}, and only version {VERSION} is known here");
                return Err(Fault { hint: Some("use a newer sdnlock"), ..fault(&why) });
            }
            has_header = true;
            continue;
        }
        if !has_header {
            return Err(fault(&format!("a baseline begins with `{HEADER}{VERSION}`")));
        }
        let (path, fingerprint, number) = entry(line).map_err(|why| fault(&why))?;
        let known = entries.entry(path).or_default();
        known.add(fingerprint, number.saturating_sub(known.number(fingerprint)));
    }
    Ok(entries)
}

fn entry(line: &str) -> Result<(PathBuf, Fingerprint, usize), String> {
    const PARTS: &str = "a line is a file, a code, 16 digits, and a number if there are several";
    let mut parts = line.split_ascii_whitespace();
    let (Some(path), Some(code), Some(content)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(PARTS.to_owned());
    };
    let path = decoded(path).ok_or_else(|| format!("`{path}` is no name of a file"))?;
    let rule = Rule::ALL.iter().copied().find(|rule| rule.code() == code);
    let rule = rule.ok_or_else(|| format!("there is no rule `{code}`"))?;
    let is_digits = content.len() == DIGITS && content.bytes().all(|byte| byte.is_ascii_hexdigit());
    let content = u64::from_str_radix(content, 16).ok().filter(|_| is_digits);
    let content = content.ok_or_else(|| PARTS.to_owned())?;
    let number = match parts.next() {
        None => 1,
        Some(number) => number.parse().ok().filter(|&number| number > 0).ok_or_else(|| PARTS.to_owned())?,
    };
    if parts.next().is_some() {
        return Err(PARTS.to_owned());
    }
    Ok((path, Fingerprint { rule, content }, number))
}

/// A baseline as it is written.
pub fn written(entries: &Entries, line_end: &str) -> String {
    let of_file = |(path, known): (&PathBuf, &Known)| {
        let path = encoded(path);
        let lines = known.iter().map(|(Fingerprint { rule, content }, number)| {
            let several = if number > 1 { format!(" {number}") } else { String::new() };
            format!("{path} {} {content:0DIGITS$x}{several}{line_end}", rule.code())
        });
        lines.collect::<Vec<_>>()
    };
    let mut lines: Vec<String> = entries.iter().flat_map(of_file).collect();
    lines.sort();
    format!("{HEADER}{VERSION}{line_end}{}", lines.concat())
}

fn encoded(path: &Path) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_whitespace() || is_unseen(c) || matches!(c, '#' | '%') {
                text += &hidden(c.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                text.push(c);
            }
        }
        text += &hidden(chunk.invalid());
    }
    text
}

fn hidden(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02X}")).collect()
}

fn decoded(text: &str) -> Option<PathBuf> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        if first == b'%' {
            let digits = behind.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = &behind[2..];
        } else {
            bytes.push(first);
            rest = behind;
        }
    }
    (!bytes.is_empty() && !bytes.contains(&0)).then(|| PathBuf::from(OsString::from_vec(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(content: &str) -> (usize, String) {
        let fault = read(content.as_bytes()).unwrap_err();
        (fault.line, fault.why)
    }

    #[test]
    fn what_is_written_is_read() {
        let one = |content, number| Known::from_iter([(Fingerprint { rule: Rule::RowWidth, content }, number)]);
        let name = OsString::from_vec(b"my db/\xff#1 100%\n\xc3\xa9\xe2\x80\x8f.sdn".to_vec());
        let entries = Entries::from([
            (PathBuf::from("b.sdn"), one(7, 1)),
            (PathBuf::from("../a.sdn"), one(u64::MAX, 12)),
            (PathBuf::from(name), one(1 << 40, 2)),
        ]);
        let text = written(&entries, "\n");
        assert_eq!(
            text,
            "# sdnlock baseline, version 1\n\
             ../a.sdn SDN201 ffffffffffffffff 12\n\
             b.sdn SDN201 0000000000000007\n\
             my%20db/%FF%231%20100%25%0A\u{e9}%E2%80%8F.sdn SDN201 0000010000000000 2\n"
        );
        assert_eq!(read(text.as_bytes()).unwrap(), entries);
        assert_eq!(read(written(&entries, "\r\n").as_bytes()).unwrap(), entries);
        assert_eq!(read(b"").unwrap(), read(b"# sdnlock baseline, version 1\n\n").unwrap());
    }

    #[test]
    fn the_lines_of_both_sides_of_a_merge_count_once() {
        let header = "# sdnlock baseline, version 1\n";
        let line = "a.sdn SDN201 0000000000000007";
        let known = |content: &str| read(content.as_bytes()).unwrap()[Path::new("a.sdn")].len();
        assert_eq!(known(&format!("{header}{line}\n{line} 3\n{header}{line} 2\n")), 3);
        assert_eq!(known(&format!("{header}{line}\n{line}\n")), 1);
    }

    #[test]
    fn a_line_that_is_none_is_told() {
        let header = "# sdnlock baseline, version 1\n";
        assert_eq!(fault("a: 1\n"), (1, "a baseline begins with `# sdnlock baseline, version 1`".to_owned()));
        assert_eq!(fault("# a note\n"), (1, "it is no line of a baseline".to_owned()));
        assert_eq!(fault(&header.replace('1', "2")).1, "it is of version 2, and only version 1 is known here");
        for bad in [
            "a.sdn SDN201",
            "a.sdn SDN201 7",
            "a.sdn SDN201 +000000000000007",
            "a.sdn SDN201 0000000000000007 0",
            "a.sdn SDN201 0000000000000007 1 x",
            "a%2.sdn SDN201 0000000000000007",
            "a%00.sdn SDN201 0000000000000007",
            "a.sdn SDN999 0000000000000007",
            "a.sdn row-width 0000000000000007",
            "<<<<<<< ours",
        ] {
            assert_eq!(fault(&format!("{header}\n{bad}\n")).0, 3, "{bad}");
        }
        assert_eq!(read(b"# sdnlock baseline, version 1\n\xff SDN201 0000000000000007\n").unwrap_err().line, 2);
    }
}
