//! What the owner writes beside an approval, to know later whose it is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// In characters.
const LONGEST: usize = 80;

/// One line of the owner's.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Note(String);

impl Note {
    /// `None` if it is blank, longer than 80 characters, or no single line.
    pub fn parse(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        let fits = !typed.is_empty()
            && typed.chars().count() <= LONGEST
            && !typed.contains(char::is_control);
        fits.then(|| Self(typed.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Without the words: they name a person, and must not reach a log by way of `{:?}`.
impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Note(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_one_line_of_eighty_characters_at_most() {
        let long = "가".repeat(LONGEST);
        for (typed, kept) in [
            (" 단골 김지영 ", Some("단골 김지영")),
            (long.as_str(), Some(long.as_str())),
            ("", None),
            (" \t", None),
            ("두\n줄", None),
        ] {
            let note = Note::parse(typed);
            assert_eq!(note.as_ref().map(Note::as_str), kept, "{typed:?}");
        }
        assert_eq!(Note::parse(&"가".repeat(LONGEST + 1)), None);
    }
}
