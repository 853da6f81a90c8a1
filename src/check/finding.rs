use crate::text::Span;

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Worth knowing; no reader of today's Rust programs is misled.
    Note,
    /// A value is read, but changed.
    Warning,
    /// The file is rejected, or its structure is damaged.
    Error,
}

/// Declares the rules: identifier, code, name, severity, what the rule is about.
macro_rules! rules {
    ($($rule:ident = $code:literal, $name:literal, $severity:ident, $about:literal;)*) => {
        /// What a finding is about. The code never changes its meaning.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Rule {
            $(#[doc = $about] $rule,)*
        }

        impl Rule {
            /// All rules, by code.
            pub const ALL: &[Self] = &[$(Self::$rule,)*];

            /// The code, as `SDN101`.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$rule => $code,)* }
            }

            /// The name, as `open-quote`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$rule => $name,)* }
            }

            /// How bad it is.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$rule => Severity::$severity,)* }
            }
        }
    };
}

rules! {
    NotUtf8 = "SDN001", "not-utf8", Error, "Bytes that are no UTF-8.";
    ConflictMarker = "SDN002", "conflict-marker", Error, "A marker that a merge left.";
    OpenQuote = "SDN101", "open-quote", Error, "A quote that is never closed.";
    OpenBracket = "SDN102", "open-bracket", Error, "A bracket that is never closed.";
    BracketLines = "SDN103", "bracket-lines", Error, "A list or dict that reaches over several lines.";
    UnknownLine = "SDN104", "unknown-line", Error, "A line that is no table, setting, row or comment.";
    UnexpectedIndent = "SDN105", "unexpected-indent", Error, "A line indented below one that holds nothing.";
    RowWidth = "SDN201", "row-width", Error, "A row with more or fewer cells than its table has columns.";
    DuplicateTable = "SDN202", "duplicate-table", Error, "A second table of one name.";
    BadColumn = "SDN203", "bad-column", Error, "A column name that is no single word.";
    BadCell = "SDN204", "bad-cell", Error, "A cell that begins with what no value begins with.";
    DuplicateSetting = "SDN301", "duplicate-setting", Error, "A second setting of one name.";
    UnquotedText = "SDN302", "unquoted-text", Error, "A value of several words without quotes.";
    BadValue = "SDN303", "bad-value", Error, "A value that begins with what no value begins with.";
    KeywordKey = "SDN304", "keyword-key", Error, "A setting or table named by a keyword.";
    NumberRange = "SDN401", "number-range", Error, "A number that does not fit in 64 bits.";
}

/// One thing that is wrong, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What it is about.
    pub rule: Rule,
    /// The offending bytes.
    pub span: Span,
    /// What is wrong, in plain words.
    pub message: String,
    /// What can be done about it.
    pub help: Option<String>,
    /// What names the row, setting or line, wherever it stands: the same finding in another version
    /// of the document has the same subject.
    pub subject: String,
}

impl Finding {
    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.rule.severity()
    }
}

/// Where findings are collected.
pub(super) type Findings = Vec<Finding>;

/// Makes a finding; [`Draft::help`] and [`Draft::into`] finish it.
pub(super) fn finding(rule: Rule, span: Span, subject: impl Into<String>, message: impl Into<String>) -> Finding {
    Finding { rule, span, message: message.into(), help: None, subject: subject.into() }
}

impl Finding {
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
