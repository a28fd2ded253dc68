//! The code fences of an answer, passed from front to back.

use std::ops::Range;

const MARK: &str = "```";

pub(super) struct Fences<'a> {
    said: &'a str,
    passed: usize,
    /// The first line of the fence that is open.
    open: Option<Range<usize>>,
    /// The words before this are told.
    told: usize,
    /// The fence that was open there is around a card, and its end is no word.
    is_around_card: bool,
}

impl<'a> Fences<'a> {
    pub(super) fn of(said: &'a str) -> Self {
        Self {
            said,
            passed: 0,
            open: None,
            told: 0,
            is_around_card: false,
        }
    }

    /// Whether code that is no JSON stands at `at`.
    pub(super) fn is_code(&mut self, at: usize) -> bool {
        while let Some(text) = self.said.get(self.passed..at)
            && let Some(next) = text.find(MARK)
        {
            let start = self.passed + next;
            let line = self.first_line(start);
            self.passed = line.end;
            self.open = match self.open {
                Some(_) => None,
                None => Some(line),
            };
        }
        let info = self.open.clone().and_then(|line| self.said.get(line));
        info.is_some_and(|info| {
            let info = info.trim_matches('`').trim().to_ascii_lowercase();
            !matches!(info.as_str(), "" | "json" | "json5" | "jsonc")
        })
    }

    /// The marks and what names the language.
    fn first_line(&self, start: usize) -> Range<usize> {
        let rest = self.said.get(start..).unwrap_or_default();
        let info = rest.trim_start_matches('`');
        let marks = rest.len() - info.len();
        let is_name = |c: char| !matches!(c, '\n' | '{' | '[');
        let name = info.len() - info.trim_start_matches(is_name).len();
        match self.open {
            Some(_) => start..start + marks,
            None => start..start + marks + name,
        }
    }

    /// The words that are not told yet and stand before `at`, without the fence around what is
    /// there.
    pub(super) fn words_before(&self, at: usize) -> String {
        let mut words = self.said.get(self.told..at).unwrap_or_default().to_owned();
        let open = self.open.clone().filter(|line| line.start >= self.told);
        if let Some(line) = open
            && line.end <= at
        {
            words.replace_range(line.start - self.told..line.end - self.told, "");
        }
        if self.is_around_card
            && let Some(end) = words.find(MARK)
        {
            words.replace_range(end..end + MARK.len(), "");
        }
        words
    }

    /// A card ends at `at`.
    pub(super) fn tell(&mut self, at: usize) {
        (self.told, self.passed) = (at, at);
        self.is_around_card = self.open.is_some();
    }

    pub(super) fn last_words(&self) -> String {
        let mut words = self.said.get(self.told..).unwrap_or_default().to_owned();
        if self.is_around_card
            && let Some(end) = words.find(MARK)
        {
            words.replace_range(end..end + MARK.len(), "");
        }
        words
    }
}
