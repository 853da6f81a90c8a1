use super::reader::Reader;
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

/// Declares the rules: identifier, code, name, severity, what a reader that it is about loses, those readers,
/// what the rule is about.
macro_rules! rules {
    ($($rule:ident = $code:literal, $name:literal, $severity:ident, $harm:ident $readers:tt, $about:literal;)*) => {
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

            /// What the rule is about, in one sentence.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Self::$rule => $about,)* }
            }

            /// How bad it is for the newest Rust reader; what only others lose is a note.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$rule => Severity::$severity,)* }
            }

            /// The readers that misread it.
            #[must_use]
            pub fn readers(self) -> &'static [Reader] {
                match self { $(Self::$rule => readers!$readers,)* }
            }

            fn harm(self) -> Harm {
                match self { $(Self::$rule => Harm::$harm,)* }
            }
        }
    };
}

/// The readers of a rule: a list of names, or one of the groups.
macro_rules! readers {
    () => { &[] };
    (all) => { Reader::ALL };
    (rust) => { &[Reader::RNew, Reader::ROld] };
    ($($reader:ident)*) => { &[$(Reader::$reader,)*] };
}

/// What a reader loses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Harm {
    /// Rows, settings, or the whole file.
    Structure,
    /// The text of a value.
    Value,
    /// Nothing by itself: it is against what the project says, or what is usual.
    Convention,
}

rules! {
    NotUtf8 = "SDN001", "not-utf8", Error, Structure(all), "Bytes that are no UTF-8.";
    ConflictMarker = "SDN002", "conflict-marker", Error, Structure(all), "A marker that a merge left.";
    CarriageReturn = "SDN003", "carriage-return", Error, Structure(rust), "An empty line with a carriage return inside a block.";
    OpenQuote = "SDN101", "open-quote", Error, Structure(all), "A quote that is never closed.";
    OpenBracket = "SDN102", "open-bracket", Error, Structure(rust), "A bracket that is never closed.";
    BracketLines = "SDN103", "bracket-lines", Error, Structure(RNew ROld SDb), "A list or dict that reaches over several lines.";
    UnknownLine = "SDN104", "unknown-line", Error, Structure(RNew ROld SLib), "A line that is no table, setting, row or comment.";
    UnexpectedIndent = "SDN105", "unexpected-indent", Error, Structure(rust), "A line indented below one that holds nothing.";
    UnexpectedDedent = "SDN106", "unexpected-dedent", Error, Structure(rust), "A line indented less, but to where no line began.";
    RowWidth = "SDN201", "row-width", Error, Structure(all), "A row with more or fewer cells than its table has columns.";
    DuplicateTable = "SDN202", "duplicate-table", Error, Structure(all), "A second table of one name.";
    BadColumn = "SDN203", "bad-column", Error, Structure(rust), "A column name that is no single word.";
    BadCell = "SDN204", "bad-cell", Error, Structure(rust), "A cell that is no value.";
    UnevenRows = "SDN205", "uneven-rows", Error, Structure(rust), "A row that is indented otherwise than the first one.";
    TableInTable = "SDN206", "table-in-table", Error, Structure(all), "A table among the rows of another one.";
    BackslashQuote = "SDN207", "backslash-quote", Error, Structure(RNew ROld SLib), "A backslash before the quote that ends a text.";
    DuplicateSetting = "SDN301", "duplicate-setting", Error, Structure(RNew ROld SLib), "A second setting of one name.";
    UnquotedText = "SDN302", "unquoted-text", Error, Structure(rust), "A value of several words without quotes.";
    BadValue = "SDN303", "bad-value", Error, Structure(rust), "A setting whose value is none.";
    KeywordName = "SDN304", "keyword-name", Error, Structure(rust), "A setting, table or column named by a keyword.";
    BadElement = "SDN305", "bad-element", Error, Structure(rust), "A line in a list of elements that is none.";
    NumberRange = "SDN401", "number-range", Error, Value(rust), "A number that does not fit in 64 bits.";
    SchemaTable = "SDN501", "schema-table", Error, Convention(), "A part of a schema that is no table of one.";
    SchemaEntry = "SDN502", "schema-entry", Error, Convention(), "An entry of a schema that means nothing.";
    SchemaDuplicate = "SDN503", "schema-duplicate", Error, Convention(), "A second entry of a schema about the same.";
    SchemaType = "SDN504", "schema-type", Error, Convention(), "A type in a schema that there is not.";
    SchemaValues = "SDN505", "schema-values", Error, Convention(), "Values in a schema where there should be none, or none where there should be.";
    SchemaLimit = "SDN506", "schema-limit", Error, Convention(), "A limit in a schema that is none.";
    WrongType = "SDN511", "wrong-type", Error, Convention(), "A cell that is not of the type that the schema says.";
    RequiredCell = "SDN512", "required-cell", Error, Convention(), "An empty cell that the schema requires.";
    UnlistedValue = "SDN513", "unlisted-value", Error, Convention(), "A cell that is none of the values that the schema lists.";
    RepeatedKey = "SDN514", "repeated-key", Error, Convention(), "Two live rows with one key of the schema.";
    DanglingReference = "SDN515", "dangling-reference", Error, Convention(), "A reference of the schema that leads nowhere.";
    MissingColumn = "SDN516", "missing-column", Error, Convention(), "A table without a column of the schema.";
    TooLarge = "SDN517", "too-large", Error, Convention(), "A file that is larger than the schema allows.";
    RepeatedId = "SDN601", "repeated-id", Warning, Convention(all), "Two live rows with one id.";
    DanglingId = "SDN602", "dangling-id", Warning, Convention(), "An id of a string or row that does not exist.";
    StringGap = "SDN603", "string-gap", Warning, Convention(SDb STest), "A table of strings whose ids do not count from 0.";
}

impl Rule {
    /// How bad it is for those who use this reader.
    #[must_use]
    pub fn severity_for(self, reader: Reader) -> Severity {
        match self.harm() {
            _ if reader == Reader::RNew => self.severity(),
            Harm::Convention => self.severity(),
            _ if !self.readers().contains(&reader) => Severity::Note,
            Harm::Structure => Severity::Error,
            Harm::Value => Severity::Warning,
        }
    }
}

impl Rule {
    /// Whether the rule is about a line that has no name of its own.
    pub(super) fn is_about_a_line(self) -> bool {
        matches!(self, Self::UnknownLine | Self::UnexpectedIndent | Self::UnexpectedDedent | Self::BadElement)
    }
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
    /// How bad it is, for the reader by which the document was judged.
    pub severity: Severity,
    /// What can be done about it.
    pub help: Option<String>,
    /// A change of the source that mends it and loses nothing, if there is one.
    pub fix: Option<Fix>,
    /// What names the row, setting or line, wherever it stands: the same finding in another version
    /// of the document has the same subject.
    pub subject: String,
    /// Findings of one rule in one run of lines are shown as one.
    pub(super) run: Option<usize>,
}

/// Bytes of the source that are to be replaced.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// Which.
    pub span: Span,
    /// What shall stand there.
    pub text: String,
}

impl Finding {
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn fix(mut self, span: Span, text: impl Into<String>) -> Self {
        self.fix = Some(Fix { span, text: text.into() });
        self
    }

    pub(super) fn in_run(mut self, run: usize) -> Self {
        self.run = Some(run);
        self
    }
}

/// Where findings are collected.
pub(super) type Findings = Vec<Finding>;

/// Makes a finding without help.
pub(super) fn finding(rule: Rule, span: Span, subject: impl AsRef<str>, message: impl Into<String>) -> Finding {
    let (message, subject) = (message.into(), shortened(subject.as_ref()));
    Finding { rule, span, message, severity: rule.severity(), help: None, fix: None, subject, run: None }
}

/// How much of a text is shown in a message or kept as a subject.
const MOST_CHARACTERS: usize = 80;

/// The beginning of a text, if it is long.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The beginning of what stands at `span`.
pub(super) fn excerpt(source: &[u8], span: Span) -> String {
    let end = span.end.min(span.start + 4 * MOST_CHARACTERS);
    shortened(&String::from_utf8_lossy(&source[span.start..end]))
}
