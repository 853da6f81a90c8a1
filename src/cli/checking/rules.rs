//! Rules by their names, and what can be said about them.

use anstyle::Style;
use sdnlock::check::{Reader, Rule};

use crate::cli::failure::Failure;
use crate::cli::status;

/// The explanations: a file for each code, which holds text, and the sections `bad:` and `good:`, indented by
/// four blanks. A byte that cannot be shown stands there as `<0d>`.
macro_rules! explanations {
    ($($code:ident)*) => {
        &[$((stringify!($code), include_str!(concat!("../help/explain/", stringify!($code), ".txt"))),)*]
    };
}

const EXPLANATIONS: &[(&str, &str)] = explanations! {
    SDN001 SDN002 SDN003 SDN004 SDN005 SDN006 SDN007
    SDN101 SDN102 SDN103 SDN104 SDN105 SDN106 SDN107
    SDN201 SDN202 SDN203 SDN204 SDN205 SDN206 SDN207 SDN208 SDN209 SDN210 SDN211 SDN212 SDN213 SDN214
    SDN301 SDN302 SDN303 SDN304 SDN305 SDN306 SDN307 SDN308
    SDN401 SDN402 SDN403 SDN404 SDN405 SDN406 SDN407 SDN408 SDN409 SDN410 SDN411
    SDN501 SDN502 SDN503 SDN504 SDN505 SDN506 SDN511 SDN512 SDN513 SDN514 SDN515 SDN516 SDN517
    SDN601 SDN602 SDN603
    SDN701 SDN702 SDN703 SDN704 SDN705 SDN706 SDN707 SDN708 SDN709 SDN710 SDN711
    SDN901 SDN902 SDN903 SDN904 SDN905 SDN906 SDN907 SDN908 SDN909 SDN910 SDN911 SDN912 SDN913
};

/// How many rules are offered in place of one that does not exist.
const MOST_OFFERED: usize = 3;

/// The rule of this code or name.
pub fn named(name: &str) -> Result<Rule, Failure> {
    Rule::named(name).ok_or_else(|| {
        let lower = name.to_ascii_lowercase();
        let likeness = |rule: &Rule| {
            let code = strsim::jaro_winkler(&lower, &rule.code().to_ascii_lowercase());
            code.max(strsim::jaro_winkler(&lower, rule.name()))
        };
        let mut rules = Rule::ALL.to_vec();
        rules.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)));
        let offered = rules.iter().take(MOST_OFFERED).map(|rule| format!("`{}` {}", rule.code(), rule.name()));
        Failure::new(status::USAGE, format!("there is no rule `{name}`"))
            .hint(format!("the nearest ones are {}", offered.collect::<Vec<_>>().join(", ")))
    })
}

/// What a rule is about, whom it misleads, and an example.
pub fn explanation(rule: Rule) -> String {
    const BOLD: Style = Style::new().bold();
    let title = format!("{BOLD}{} {}{BOLD:#} ({})", rule.code(), rule.name(), rule.severity().name());
    let readers = match rule.readers() {
        [] => String::new(),
        readers => format!("\nread wrongly by:{}\n", described(readers)),
    };
    format!("{title}\n{}\n{readers}\n{}", rule.about(), text(rule))
}

/// The file about a rule.
pub fn text(rule: Rule) -> &'static str {
    EXPLANATIONS.iter().find(|(code, _)| *code == rule.code()).map_or("", |(_, text)| text)
}

/// Readers by their names.
pub fn readers(readers: &[Reader]) -> String {
    if readers == Reader::ALL {
        return "every reader".to_owned();
    }
    readers.iter().map(|reader| reader.name()).collect::<Vec<_>>().join(", ")
}

/// Readers by their names, with what they are.
fn described(listed: &[Reader]) -> String {
    if listed == Reader::ALL {
        return format!(" {}", readers(listed));
    }
    let lines = listed.iter().map(|reader| format!("\n    {:6}  {}", reader.name(), reader.about()));
    lines.collect()
}
