use super::places::Places;
use super::reader::Reader;
use crate::text::{Span, Splice};

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

impl Severity {
    /// The name, as `error`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
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
    WrongSeal = "SDN004", "wrong-seal", Error, Structure(all), "A checksum line that does not match the rest of the file.";
    DoubledSeal = "SDN005", "doubled-seal", Error, Structure(all), "A second checksum line, as when two databases were written into one file.";
    NotSdn = "SDN006", "not-sdn", Error, Structure(all), "A file in another format.";
    ZeroBytes = "SDN007", "zero-bytes", Error, Structure(all), "Zero bytes in place of what was written, as a cut of the power leaves them.";
    OpenQuote = "SDN101", "open-quote", Error, Structure(all), "A quote that is never closed.";
    OpenBracket = "SDN102", "open-bracket", Error, Structure(rust), "A bracket that is never closed.";
    BracketLines = "SDN103", "bracket-lines", Error, Structure(RNew ROld SDb), "A list or dict that reaches over several lines.";
    UnknownLine = "SDN104", "unknown-line", Error, Structure(RNew ROld SLib), "A line that is no table, setting, row or comment.";
    UnexpectedIndent = "SDN105", "unexpected-indent", Error, Structure(rust), "A line indented below one that holds nothing.";
    UnexpectedDedent = "SDN106", "unexpected-dedent", Error, Structure(rust), "A line indented less, but to where no line began.";
    MixedIndent = "SDN107", "mixed-indent", Warning, Structure(SLib), "Tabs and blanks mixed in the indentation of one block.";
    RowWidth = "SDN201", "row-width", Error, Structure(all), "A row with more or fewer cells than its table has columns.";
    DuplicateTable = "SDN202", "duplicate-table", Error, Structure(all), "A second table of one name.";
    BadColumn = "SDN203", "bad-column", Error, Structure(rust), "A column name that is no single word.";
    BadCell = "SDN204", "bad-cell", Error, Structure(rust), "A cell that is no value.";
    UnevenRows = "SDN205", "uneven-rows", Error, Structure(rust), "A row that is indented otherwise than the first one.";
    TableInTable = "SDN206", "table-in-table", Error, Structure(all), "A table among the rows of another one.";
    BackslashQuote = "SDN207", "backslash-quote", Error, Structure(RNew ROld SLib), "A backslash before the quote that ends a text.";
    DuplicateColumn = "SDN208", "duplicate-column", Error, Structure(all), "A second column of one name.";
    NoColumns = "SDN209", "no-columns", Error, Structure(all), "A table without columns.";
    HeaderComma = "SDN210", "header-comma", Warning, Structure(SDb STest SDash), "A comma before the bar that ends a header.";
    TypeMismatch = "SDN211", "type-mismatch", Warning, Convention(), "A cell that is not of the type its typed table declares.";
    UnpairedBracket = "SDN212", "unpaired-bracket", Warning, Structure(rust), "A bracket without its partner, where that does no harm yet.";
    CommaInLast = "SDN213", "comma-in-last", Warning, Structure(ROld SLib SDb STest SDash), "A comma that belongs to the last cell by accident.";
    SettingInTable = "SDN214", "setting-in-table", Warning, Convention(), "A row that looks like a setting.";
    DuplicateSetting = "SDN301", "duplicate-setting", Error, Structure(RNew ROld SLib), "A second setting of one name.";
    UnquotedText = "SDN302", "unquoted-text", Error, Structure(rust), "A value of several words without quotes.";
    BadValue = "SDN303", "bad-value", Error, Structure(rust), "A setting whose value is none.";
    KeywordName = "SDN304", "keyword-name", Error, Structure(rust), "A setting, table or column named by a keyword.";
    BadElement = "SDN305", "bad-element", Error, Structure(rust), "A line in a list of elements that is none.";
    SeveralOnLine = "SDN306", "several-on-line", Warning, Structure(SLib), "Two settings on one line.";
    DashList = "SDN307", "dash-list", Warning, Structure(RNew ROld SDb STest SDash), "Elements of a list that begin with dashes.";
    DashRecords = "SDN308", "dash-records", Error, Structure(RNew ROld SDb STest SDash), "Records that begin with dashes.";
    NumberRange = "SDN401", "number-range", Error, Value(rust), "A number that does not fit in 64 bits.";
    SkippedCharacters = "SDN402", "skipped-characters", Warning, Value(rust), "Characters that no value begins with, outside quotes.";
    RespelledNumber = "SDN403", "respelled-number", Warning, Value(rust), "A number that is spelled otherwise once it was read.";
    RespelledNull = "SDN404", "respelled-null", Warning, Value(rust), "The word `nil` at the beginning of a text.";
    CollapsedBlanks = "SDN405", "collapsed-blanks", Warning, Value(rust), "Several blanks, or a tab, within an unquoted text.";
    TextBehindQuote = "SDN406", "text-behind-quote", Warning, Value(rust), "More text behind a text in quotes, as doubled quotes make it.";
    LineBreakInText = "SDN407", "line-break-in-text", Warning, Structure(SLib SDb STest SDash), "A line break within quotes.";
    GluedHash = "SDN408", "glued-hash", Warning, Convention(), "A `#` that seems to open a comment, but belongs to a word.";
    CutByComment = "SDN409", "cut-by-comment", Warning, Value(rust), "A `#` that opens a comment where a text seems to go on.";
    UnknownEscape = "SDN410", "unknown-escape", Warning, Value(all), "An escape that no reader undoes.";
    ControlCharacter = "SDN411", "control-character", Warning, Convention(), "A control character within quotes.";
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
    TableRemoved = "SDN701", "table-removed", Warning, Convention(), "A table that a change removes.";
    ColumnRemoved = "SDN702", "column-removed", Warning, Convention(), "Columns that a change removes.";
    RecordRemoved = "SDN703", "record-removed", Warning, Convention(), "Records that a change removes or hides.";
    RecordRenumbered = "SDN704", "record-renumbered", Warning, Convention(), "Records that a change gives other keys.";
    KeyDoubled = "SDN705", "key-doubled", Warning, Convention(), "Keys that more than one record has after a change.";
    RecordReverted = "SDN706", "record-reverted", Warning, Convention(), "Records whose version or time a change sets back.";
    SettingRemoved = "SDN707", "setting-removed", Warning, Convention(), "Settings that a change removes.";
    CellChanged = "SDN708", "cell-changed", Error, Convention(), "A cell that a change was to leave as it is.";
    SealRemoved = "SDN709", "seal-removed", Error, Convention(), "A checksum line that a change removes.";
    KeyTaken = "SDN710", "key-taken", Error, Convention(), "A new record with the key of one that others have made meanwhile.";
    DatabaseRemoved = "SDN711", "database-removed", Error, Convention(), "A database that a change removes.";
    BlankInTable = "SDN901", "blank-in-table", Note, Structure(SLib SDb), "A blank line among the rows of a table.";
    SeveralWords = "SDN902", "several-words", Note, Structure(ROld), "A cell of several words without quotes.";
    TableWithoutBlank = "SDN903", "table-without-blank", Note, Structure(SDb), "A table that begins without a blank line before it.";
    LineEnds = "SDN904", "line-ends", Note, Structure(SDb), "Lines that end with a carriage return.";
    CommentInTable = "SDN905", "comment-in-table", Note, Structure(SLib), "A comment among the rows of a table.";
    CommentBehind = "SDN906", "comment-behind", Note, Value(SLib SDb SDash), "A comment behind a row or a value.";
    TabIndent = "SDN907", "tab-indent", Note, Structure(SLib), "Lines indented by tabs.";
    Escape = "SDN908", "escape", Note, Value(SDb STest SDash), "A backslash within a text in quotes.";
    EmptyCell = "SDN909", "empty-cell", Note, Structure(SLib), "An empty cell.";
    ListInCell = "SDN910", "list-in-cell", Note, Structure(SDb STest SDash), "A list or dict with commas in a cell.";
    ByteOrderMark = "SDN911", "byte-order-mark", Note, Structure(SDb), "A byte-order mark.";
    ColonInCell = "SDN912", "colon-in-cell", Note, Structure(SLib), "A colon in a cell without quotes.";
    RepeatedFirst = "SDN913", "repeated-first", Note, Convention(STest), "Two live rows with one first cell, in a table without an id.";
}

impl Rule {
    /// The rule of this code or name, in whatever case it is written.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let is_named = |rule: &Self| rule.code().eq_ignore_ascii_case(name) || rule.name().eq_ignore_ascii_case(name);
        Self::ALL.iter().copied().find(is_named)
    }

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

    /// Whether the rule is about a file as a whole, whichever of its lines is shown.
    pub(super) fn is_about_the_file(self) -> bool {
        matches!(self, Self::NotSdn | Self::TooLarge | Self::LineEnds | Self::ByteOrderMark)
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
    pub fix: Option<Splice>,
    /// What names the row, setting or line, wherever it stands: the same finding in another version
    /// of the document has the same subject.
    pub subject: String,
    /// Findings of one rule in one run of lines are shown as one.
    pub(super) run: Option<usize>,
    /// All the places for which it stands, if it stands for several and these were asked for.
    pub(super) places: Option<Box<Places>>,
}

impl Finding {
    pub(crate) fn with_severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn fix(mut self, span: Span, text: impl Into<String>) -> Self {
        self.fix = Some(Splice::new(span, text));
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
pub(crate) fn finding(rule: Rule, span: Span, subject: impl AsRef<str>, message: impl Into<String>) -> Finding {
    let (message, subject) = (message.into(), shortened(subject.as_ref()));
    let severity = rule.severity();
    Finding { rule, span, message, severity, help: None, fix: None, subject, run: None, places: None }
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

/// The beginning of a list, if it is long: no more of it is looked at than is shown.
pub(super) fn shortened_list(texts: &[String]) -> String {
    let texts = texts.iter().take(MOST_CHARACTERS).map(|text| shortened(text));
    shortened(&texts.collect::<Vec<_>>().join(", "))
}

/// The beginning of what stands at `span`.
pub(super) fn excerpt(source: &[u8], span: Span) -> String {
    let end = span.end.min(span.start + 4 * MOST_CHARACTERS);
    shortened(&String::from_utf8_lossy(&source[span.start..end]))
}
