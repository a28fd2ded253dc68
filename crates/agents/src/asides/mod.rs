//! What an agent says and does not mean for the person: thoughts, tool calls, the control tokens of
//! its model and the citation marks of its provider. Whatever kind of agent answers, its answer
//! goes through [`without`] before it is shown or remembered.
//!
//! `mark` knows the marks, `code` where they are only written about. Code blocks, `` `<think>` ``
//! and `"<think>"` are for the person to read.

mod code;
mod mark;

use std::borrow::Cow;

use self::{
    code::Code,
    mark::{End, Mark, Who},
};

/// How often a text is looked through again: what is taken out may leave a mark behind that was
/// cut in two.
const MAX_ROUNDS: usize = 8;

/// Longest name of a speaker or channel, in bytes.
const MAX_HEADER: usize = 100;

/// What follows a word in a Korean sentence, and begins none.
const PARTICLES: [&str; 8] = ["를 ", "을 ", "는 ", "은 ", "가 ", "로 ", "라는 ", "까지 "];

/// What is meant for the person in the complete answer `said`; trimmed, if anything was taken out.
pub fn without(said: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(said);
    for _ in 0..MAX_ROUNDS {
        match Reader::read(&text) {
            Some(meant) => text = Cow::Owned(meant),
            None => break,
        }
    }
    text
}

/// Reads an answer from its beginning to its end.
struct Reader<'a> {
    text: &'a str,
    code: Code,
    /// How far the text was read, in bytes.
    at: usize,
    /// What is meant for the person so far.
    kept: String,
    /// Where in `kept` the words begin that came after the last mark.
    piece: usize,
    /// Whether whoever speaks does not speak to the person.
    is_hidden: bool,
    is_changed: bool,
    /// Ends that were looked for and do not come any more.
    missing: Vec<End>,
}

impl<'a> Reader<'a> {
    /// `None` if all of `text` is meant for the person.
    fn read(text: &'a str) -> Option<String> {
        let mut reader = Self {
            text,
            code: Code::default(),
            at: 0,
            kept: String::new(),
            piece: 0,
            is_hidden: false,
            is_changed: false,
            missing: Vec::new(),
        };
        reader.skip_bare_channels();
        while let Some((mark, length)) = reader.keep_to_next_mark() {
            if !reader.take(mark, length) {
                break;
            }
        }
        reader.drop_end_of_text();
        let is_changed = reader.is_changed;
        is_changed.then(|| reader.kept.trim().to_owned())
    }

    /// Some servers take the tokens out and leave the names of the channels:
    /// `analysis…assistantfinal…`.
    fn skip_bare_channels(&mut self) {
        const FINAL: &str = "assistantfinal";
        if self.text.trim_start().starts_with("analysis")
            && let Some(at) = self.text.find(FINAL)
        {
            self.is_changed = true;
            self.at = at + FINAL.len();
        }
    }

    /// `</s>` ends a text for many models. Elsewhere it is HTML.
    fn drop_end_of_text(&mut self) {
        let kept = self.kept.trim_end();
        if let Some(kept) = kept
            .strip_suffix("</s>")
            .filter(|kept| !kept.contains("<s>"))
        {
            self.kept.truncate(kept.len());
            self.is_changed = true;
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Keeps the words up to the next mark, or to the end.
    fn keep_to_next_mark(&mut self) -> Option<(Mark, usize)> {
        let rest = self.rest();
        let mut at = 0;
        let found = loop {
            let Some(c) = rest.get(at..).and_then(|rest| rest.chars().next()) else {
                break None;
            };
            // Among words that nobody reads, backticks need not come in pairs.
            if !self.is_hidden && code::can_begin(c) {
                at = match self.code.end(rest, at) {
                    Ok(end) => end,
                    Err(length) => at + length,
                };
                continue;
            }
            if mark::can_begin(c)
                && let Some(found) = self.mark_at(rest, at)
            {
                break Some(found);
            }
            at += c.len_utf8();
        };
        if !self.is_hidden {
            self.kept.push_str(rest.get(..at).unwrap_or_default());
        }
        self.at += at;
        found
    }

    fn mark_at(&mut self, rest: &str, at: usize) -> Option<(Mark, usize)> {
        let (before, here) = rest.split_at_checked(at)?;
        let (mark, length) = Mark::at(here)?;
        let after = here.get(length..)?;
        let is_mentioned = is_quoted(before, after) || self.is_mentioned(mark, before, after);
        (!is_mentioned).then_some((mark, length))
    }

    /// Whether a mark in the middle of a line is only spoken of.
    fn is_mentioned(&mut self, mark: Mark, before: &str, after: &str) -> bool {
        if self.is_hidden || code::line_of(before).is_some_and(|line| line.trim().is_empty()) {
            return false;
        }
        match mark {
            Mark::Opens(end) if end.may_be_mentioned() => {
                if !self.missing.contains(&end) && end.find(after).is_none() {
                    self.missing.push(end);
                }
                self.missing.contains(&end)
            }
            Mark::ThoughtsEnd => {
                let is_word = PARTICLES.iter().any(|it| after.starts_with(it));
                is_word && before.ends_with(' ')
            }
            Mark::Speaker | Mark::Speaks(_) => !header(after).1,
            _ => false,
        }
    }

    /// Takes the mark that comes next, and what belongs to it; false if nothing more is meant for
    /// the person.
    fn take(&mut self, mark: Mark, length: usize) -> bool {
        self.is_changed = true;
        self.at += length;
        match mark {
            Mark::Alone => {}
            Mark::Opens(end) => {
                let rest = self.rest();
                let (_, length) = end.find(rest).unwrap_or((0, rest.len()));
                self.at += length;
            }
            Mark::ThoughtsEnd => self.kept.clear(),
            Mark::Speaker => {
                let name = self.take_header();
                if !self.speaks(Who::of(name)) {
                    return false;
                }
            }
            Mark::Speaks(who) => {
                if !self.speaks(who) {
                    return false;
                }
            }
            Mark::Channel => {
                self.drop_piece(&["assistant"]);
                let name = self.take_header();
                self.is_hidden = !matches!(name, "final" | "");
            }
            Mark::Format => {
                self.take_header();
            }
            Mark::Text => {
                let name = self.drop_piece(&["analysis", "commentary", "final", "assistant"]);
                self.is_hidden |= matches!(name, Some("analysis" | "commentary"));
            }
        }
        self.close_gap();
        true
    }

    /// False if the model has answered and goes on to play the person.
    fn speaks(&mut self, who: Who) -> bool {
        self.is_hidden = who != Who::Assistant;
        who != Who::Another || self.kept.trim().is_empty()
    }

    /// The first word of the header that comes next.
    fn take_header(&mut self) -> &'a str {
        let (header, _) = header(self.rest());
        self.at += header.len();
        header.split_whitespace().next().unwrap_or_default()
    }

    /// Drops what was kept since the last mark if it is one of these names and nothing else: the
    /// token before it is missing.
    fn drop_piece(&mut self, names: &[&'static str]) -> Option<&'static str> {
        let piece = self.kept.get(self.piece..)?.trim();
        let name = names.iter().copied().find(|name| *name == piece)?;
        self.kept.truncate(self.piece);
        Some(name)
    }

    /// Makes one gap of those before and after what was taken out.
    fn close_gap(&mut self) {
        if !self.is_hidden {
            let rest = self.rest();
            let after = rest.split_at(rest.len() - rest.trim_start().len()).0;
            let words = self.kept.trim_end().len();
            let before = self.kept.get(words..).unwrap_or_default();
            let lines = |gap: &str| gap.matches('\n').count().min(2);
            let gap = lines(before).max(lines(after));
            if words == 0 {
                self.kept.clear();
                self.at += after.len();
            } else if gap > 0 {
                self.kept.truncate(words);
                self.kept.push_str("\n\n".get(..gap).unwrap_or_default());
                // The indentation of the next line stays.
                self.at += after.rfind('\n').map_or(0, |end| end + 1);
            } else if !before.is_empty() {
                self.at += after.len();
            }
        }
        self.piece = self.kept.len();
    }
}

/// `"<think>"` and `\<think>` speak of a mark.
fn is_quoted(before: &str, after: &str) -> bool {
    let is_quote = |c: char| matches!(c, '"' | '\'' | '“' | '”' | '‘' | '’');
    before.ends_with('\\') || before.ends_with(is_quote) && after.starts_with(is_quote)
}

/// The name of a speaker or channel that `text` begins with, and whether a line or another token
/// ends it. Without that, only the first word counts.
fn header(text: &str) -> (&str, bool) {
    let start = text
        .get(..text.floor_char_boundary(MAX_HEADER))
        .unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " _./=:-".contains(c);
    let plain = start.find(|c| !is_plain(c)).unwrap_or(start.len());
    let (plain, after) = text.split_at_checked(plain).unwrap_or_default();
    let word = plain.find(|c: char| !c.is_ascii_alphanumeric() && !"_./".contains(c));
    let word = plain.get(..word.unwrap_or(plain.len())).unwrap_or_default();
    let is_line = after.is_empty() || after.starts_with('\n');
    if after.starts_with("<|") || is_line && plain.trim_end() == word {
        (plain, true)
    } else {
        (word, false)
    }
}

#[cfg(test)]
mod tests;
