//! A model of the newest Rust reader of SDN, apart from the one in the library: what it takes, and what it loses of it.
//!
//! It works as that reader does: it cuts the whole text into tokens, passing over characters that begin none, and then
//! takes a statement after the other. What it rejects and what it loses is noted with its place.

use std::collections::HashSet;

/// What the reader makes of a document.
#[derive(Debug, Default)]
pub struct Reading {
    /// Where it gives up, so that nothing is read.
    pub rejected: Option<usize>,
    /// What is read otherwise than it is written.
    pub losses: Vec<(Loss, usize)>,
}

/// How something is lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Loss {
    /// A word, number, text, bracket or indentation in a block is passed over.
    Passed,
    /// A sign in a block is passed over.
    Sign,
    /// A word alone becomes a setting of its own, a line two elements, or a block without lines an empty list.
    Invented,
    /// The value of a key that stands again.
    Overwritten,
    /// A line counts to another block than its indentation says.
    Misplaced,
    /// A quote that is never closed takes the rest of the file.
    Open,
    /// A number of more than 64 bits.
    Range,
    /// A character outside quotes is passed over.
    Skipped,
    /// A value has another text afterwards.
    Text,
}

impl Loss {
    /// Whether more than the text of one value is lost.
    pub fn is_of_structure(self) -> bool {
        !matches!(self, Self::Sign | Self::Skipped | Self::Text)
    }
}

#[derive(Clone, PartialEq, Debug)]
enum Kind {
    Integer,
    Float,
    Text,
    Constant,
    Word,
    Table,
    Sign(char),
    Line,
    Indent,
    Dedent,
    End,
}

#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    start: usize,
    end: usize,
    /// The text of a word, or of a number as the reader spells it.
    text: String,
}

/// Reads a document.
pub fn read(source: &str) -> Reading {
    let mut lexer =
        Lexer { source, at: 0, indents: vec![0], brackets: 0, tokens: Vec::new(), losses: Vec::new(), misplaced: None };
    lexer.run();
    let Lexer { tokens, losses, .. } = lexer;
    let mut parser = Parser { source, tokens, at: 0, losses };
    let rejected = parser.document().err();
    Reading { rejected, losses: parser.losses }
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
    indents: Vec<usize>,
    brackets: usize,
    tokens: Vec<Token>,
    losses: Vec<(Loss, usize)>,
    /// Where a line begins that is indented as no open block is. It does no harm unless it holds a token.
    misplaced: Option<usize>,
}

impl Lexer<'_> {
    fn peek(&self) -> Option<char> {
        self.source[self.at..].chars().next()
    }

    fn skip(&mut self, mut skips: impl FnMut(char) -> bool) {
        while let Some(c) = self.peek().filter(|&c| skips(c)) {
            self.at += c.len_utf8();
        }
    }

    fn push(&mut self, kind: Kind, start: usize) {
        if let Some(line) = self.misplaced.take().filter(|_| !matches!(kind, Kind::Line | Kind::End | Kind::Dedent)) {
            self.losses.push((Loss::Misplaced, line));
        }
        let text = self.source[start..self.at].to_owned();
        self.tokens.push(Token { kind, start, end: self.at, text });
    }

    fn run(&mut self) {
        let mut at_line_start = true;
        loop {
            if at_line_start {
                at_line_start = false;
                match self.brackets {
                    0 => self.indentation(),
                    _ => self.skip(|c| matches!(c, ' ' | '\t' | '\n')),
                }
            }
            self.skip(|c| matches!(c, ' ' | '\t'));
            let start = self.at;
            let Some(c) = self.peek() else { break };
            self.at += c.len_utf8();
            let digit_next = self.peek().is_some_and(|next| next.is_ascii_digit());
            match c {
                '\n' => {
                    self.push(Kind::Line, start);
                    at_line_start = true;
                }
                '(' | '[' | '{' => {
                    self.brackets += 1;
                    self.push(Kind::Sign(c), start);
                }
                ')' | ']' | '}' => {
                    self.brackets = self.brackets.saturating_sub(1);
                    self.push(Kind::Sign(c), start);
                }
                ',' | ':' | '=' | '|' => self.push(Kind::Sign(c), start),
                '#' => self.skip(|c| c != '\n'),
                '"' => self.text(start),
                '-' if digit_next => self.number(start),
                _ if c.is_ascii_digit() => self.number(start),
                _ if c.is_alphabetic() || c == '_' => {
                    self.skip(|c| c.is_alphanumeric() || "_/.-#".contains(c));
                    let kind = match &self.source[start..self.at] {
                        "true" | "false" | "null" | "nil" => Kind::Constant,
                        "table" => Kind::Table,
                        _ => Kind::Word,
                    };
                    self.push(kind, start);
                }
                '\r' if self.peek() == Some('\n') => {}
                '\u{feff}' if start == 0 => {}
                _ => self.losses.push((Loss::Skipped, start)),
            }
        }
        let start = self.at;
        for _ in 1..self.indents.len() {
            self.push(Kind::Dedent, start);
        }
        self.push(Kind::End, start);
    }

    fn indentation(&mut self) {
        let start = self.at;
        let mut indent = 0;
        while let Some(c) = self.peek() {
            match c {
                ' ' => indent += 1,
                '\t' => indent += 4,
                '\n' => indent = 0,
                '#' => {
                    self.skip(|c| c != '\n');
                    if self.peek().is_none() {
                        break;
                    }
                    indent = 0;
                }
                _ => break,
            }
            self.at += 1;
        }
        let current = self.indents.last().copied().unwrap_or(0);
        if indent > current {
            self.indents.push(indent);
            self.push(Kind::Indent, start);
        }
        while self.indents.last().is_some_and(|&top| top > indent) {
            self.indents.pop();
            self.push(Kind::Dedent, start);
        }
        if self.indents.last() != Some(&indent) && self.peek().is_some() {
            self.misplaced = Some(self.at);
        }
    }

    fn text(&mut self, start: usize) {
        loop {
            self.skip(|c| c != '"' && c != '\\');
            match self.peek() {
                Some('"') => {
                    self.at += 1;
                    break;
                }
                Some(_) => {
                    self.at += 1;
                    self.at += self.peek().map_or(0, char::len_utf8);
                }
                None => {
                    self.losses.push((Loss::Open, start));
                    break;
                }
            }
        }
        self.push(Kind::Text, start);
    }

    fn number(&mut self, start: usize) {
        let mut digits = String::from(&self.source[start..self.at]);
        let (mut dot, mut exponent) = (false, false);
        while let Some(c) = self.peek() {
            let behind = self.source[self.at + c.len_utf8()..].chars().next();
            match c {
                '0'..='9' => digits.push(c),
                '_' => {}
                '.' if !dot && !exponent && behind.is_some_and(|c| c.is_ascii_digit()) => {
                    digits.push('.');
                    dot = true;
                }
                'e' | 'E' if !exponent => {
                    digits.push('e');
                    exponent = true;
                    if let Some(sign @ ('+' | '-')) = behind {
                        digits.push(sign);
                        self.at += 1;
                    }
                }
                _ => break,
            }
            self.at += 1;
        }
        let (kind, text) = if dot || exponent {
            (Kind::Float, digits.parse::<f64>().unwrap_or(0.0).to_string())
        } else {
            (Kind::Integer, digits.parse::<i64>().map_or("0".to_owned(), |number| number.to_string()))
        };
        self.tokens.push(Token { kind, start, end: self.at, text });
    }
}

struct Parser<'s> {
    source: &'s str,
    tokens: Vec<Token>,
    at: usize,
    losses: Vec<(Loss, usize)>,
}

/// Where the document is rejected.
type Rejected = usize;

impl Parser<'_> {
    fn token(&self) -> &Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn kind(&self) -> &Kind {
        &self.token().kind
    }

    fn is(&self, sign: char) -> bool {
        *self.kind() == Kind::Sign(sign)
    }

    fn next(&mut self) -> Token {
        let token = self.token().clone();
        self.at += 1;
        token
    }

    fn skip_lines(&mut self) {
        while *self.kind() == Kind::Line {
            self.at += 1;
        }
    }

    fn lose(&mut self, loss: Loss) {
        let start = self.token().start;
        self.losses.push((loss, start));
    }

    fn expect(&mut self, kind: &Kind) -> Result<Token, Rejected> {
        if self.kind() == kind { Ok(self.next()) } else { Err(self.token().start) }
    }

    fn add(&mut self, keys: &mut HashSet<String>, key: &Token) {
        if !keys.insert(key.text.clone()) {
            self.losses.push((Loss::Overwritten, key.start));
        }
    }

    fn document(&mut self) -> Result<(), Rejected> {
        let mut keys = HashSet::new();
        loop {
            self.skip_lines();
            if *self.kind() == Kind::End {
                return Ok(());
            }
            let key = self.expect(&Kind::Word)?;
            self.statement(&key)?;
            self.add(&mut keys, &key);
        }
    }

    fn statement(&mut self, _key: &Token) -> Result<(), Rejected> {
        match self.kind() {
            Kind::Sign(':') => {
                self.at += 1;
                self.after_colon()
            }
            Kind::Sign('=') => {
                self.at += 1;
                self.value()
            }
            Kind::Sign('|') => self.named_table(),
            _ => Err(self.token().start),
        }
    }

    fn after_colon(&mut self) -> Result<(), Rejected> {
        match self.kind() {
            Kind::Table => self.typed_table(),
            Kind::Line | Kind::Indent => {
                self.skip_lines();
                if *self.kind() != Kind::Indent {
                    return Ok(());
                }
                self.at += 1;
                self.skip_lines();
                let is_dict = *self.kind() == Kind::Word
                    && self.tokens.get(self.at + 1).is_some_and(|next| next.kind == Kind::Sign(':'));
                if is_dict { self.dict_block() } else { self.list_block() }
            }
            _ => self.value(),
        }
    }

    fn dict_block(&mut self) -> Result<(), Rejected> {
        let mut keys = HashSet::new();
        loop {
            self.skip_lines();
            match self.kind() {
                Kind::End => return Ok(()),
                Kind::Dedent => {
                    self.at += 1;
                    return Ok(());
                }
                Kind::Word => {
                    let key = self.next();
                    if matches!(self.kind(), Kind::Sign(':' | '=' | '|')) {
                        self.statement(&key)?;
                    } else {
                        self.losses.push((Loss::Invented, key.start));
                    }
                    self.add(&mut keys, &key);
                }
                Kind::Sign(',' | ')' | ']' | '}') => {
                    self.lose(Loss::Sign);
                    self.at += 1;
                    if *self.kind() == Kind::Word {
                        self.lose(Loss::Invented);
                    }
                }
                _ => {
                    self.lose(Loss::Passed);
                    self.at += 1;
                }
            }
        }
    }

    fn list_block(&mut self) -> Result<(), Rejected> {
        self.skip_lines();
        if self.ends_row() {
            self.lose(Loss::Invented);
        }
        self.lines(|parser| {
            parser.value()?;
            if !parser.ends_row() {
                parser.lose(Loss::Invented);
            }
            Ok(())
        })
    }

    /// All that stands in a block, up to its end.
    fn lines(&mut self, mut one: impl FnMut(&mut Self) -> Result<(), Rejected>) -> Result<(), Rejected> {
        loop {
            self.skip_lines();
            match self.kind() {
                Kind::End => return Ok(()),
                Kind::Dedent => {
                    self.at += 1;
                    return Ok(());
                }
                _ => one(self)?,
            }
        }
    }

    /// Names up to a sign that closes them.
    fn names(&mut self, close: char) -> Result<usize, Rejected> {
        let mut names = 0;
        while !self.is(close) {
            self.expect(&Kind::Word)?;
            names += 1;
            if !self.is(',') {
                break;
            }
            self.at += 1;
        }
        self.expect(&Kind::Sign(close))?;
        Ok(names)
    }

    fn typed_table(&mut self) -> Result<(), Rejected> {
        self.at += 1;
        self.expect(&Kind::Sign('{'))?;
        let columns = self.names('}')?;
        match self.kind() {
            Kind::Sign('=') => {
                self.at += 1;
                self.tuples()
            }
            Kind::Line | Kind::Indent => self.rows_below(columns),
            _ => Ok(()),
        }
    }

    fn tuples(&mut self) -> Result<(), Rejected> {
        self.expect(&Kind::Sign('['))?;
        self.each_up_to(']', |parser| {
            parser.expect(&Kind::Sign('('))?;
            parser.each_up_to(')', Self::value)
        })
    }

    fn named_table(&mut self) -> Result<(), Rejected> {
        self.at += 1;
        let columns = self.names('|')?;
        match self.kind() {
            Kind::Line | Kind::Indent => self.rows_below(columns),
            Kind::End => Ok(()),
            _ => self.row(columns),
        }
    }

    fn rows_below(&mut self, columns: usize) -> Result<(), Rejected> {
        self.skip_lines();
        if *self.kind() != Kind::Indent {
            return Ok(());
        }
        self.at += 1;
        self.lines(|parser| parser.row(columns))
    }

    fn ends_row(&self) -> bool {
        matches!(self.kind(), Kind::Line | Kind::Dedent | Kind::End)
    }

    fn row(&mut self, columns: usize) -> Result<(), Rejected> {
        let start = self.token().start;
        let mut cells = 0;
        let mut after_comma = false;
        loop {
            if self.ends_row() {
                cells += usize::from(after_comma);
                break;
            }
            if self.is(',') {
                self.at += 1;
                cells += 1;
                after_comma = true;
                continue;
            }
            let first = self.at;
            let losses = self.losses.len();
            self.value()?;
            let is_last = columns > 0 && cells + 1 == columns;
            if !self.ends_row() && !self.is(',') {
                // What belongs to no number of its own need not fit.
                self.losses.truncate(losses);
                self.joined(first, is_last);
            }
            cells += 1;
            if !self.is(',') {
                break;
            }
            self.at += 1;
            after_comma = true;
        }
        if columns > 0 && cells != columns { Err(start) } else { Ok(()) }
    }

    /// A cell of several tokens, put together again.
    fn joined(&mut self, first: usize, is_last: bool) {
        let start = self.tokens[first].start;
        let value = &self.tokens[first..self.at];
        let mut text = match value {
            [one] if one.kind == Kind::Text => self.source[one.start + 1..one.end - 1].to_owned(),
            [one] if one.text == "nil" => "null".to_owned(),
            [one] => one.text.clone(),
            // A list or dict becomes a text.
            _ => {
                self.losses.push((Loss::Passed, start));
                String::new()
            }
        };
        let mut end = value.last().map_or(start, |last| last.end);
        while !self.ends_row() && (is_last || !self.is(',')) {
            let token = self.next();
            if token.start > end {
                text.push(' ');
            }
            text += &self.source[token.start..token.end];
            end = token.end;
        }
        if text != self.source[start..end] {
            self.losses.push((Loss::Text, start));
        }
    }

    fn each_up_to(
        &mut self,
        close: char,
        mut one: impl FnMut(&mut Self) -> Result<(), Rejected>,
    ) -> Result<(), Rejected> {
        while !self.is(close) {
            one(self)?;
            if !self.is(',') {
                break;
            }
            self.at += 1;
        }
        self.expect(&Kind::Sign(close)).map(drop)
    }

    fn value(&mut self) -> Result<(), Rejected> {
        let token = self.next();
        match token.kind {
            Kind::Integer | Kind::Float => {
                let written = self.source[token.start..token.end].replace('_', "");
                let fits = match token.kind {
                    Kind::Integer => written.parse::<i64>().is_ok(),
                    _ => written.parse::<f64>().map_or(true, f64::is_finite),
                };
                let begins = written.trim_start_matches('-').as_bytes();
                if !fits {
                    self.losses.push((Loss::Range, token.start));
                } else if written.ends_with(['e', 'E', '+', '-'])
                    || matches!(begins, [b'0', next, ..] if next.is_ascii_digit())
                {
                    self.losses.push((Loss::Text, token.start));
                }
                Ok(())
            }
            Kind::Text | Kind::Constant | Kind::Word => Ok(()),
            Kind::Sign('[') => self.each_up_to(']', Self::value),
            Kind::Sign('{') => {
                let mut keys = HashSet::new();
                self.each_up_to('}', |parser| {
                    let key = parser.expect(&Kind::Word)?;
                    parser.expect(&Kind::Sign(':'))?;
                    parser.value()?;
                    parser.add(&mut keys, &key);
                    Ok(())
                })
            }
            _ => Err(token.start),
        }
    }
}
