//! Backslashes. `CommonMark` drops one before any punctuation; formulas and paths have theirs for
//! other reasons.

use std::ops::Range;

use super::writer::Writer;

/// How far a formula is looked for, in bytes.
const LONGEST: usize = 1_000;

impl Writer<'_> {
    /// Writes the backslash that the parser left out before the text in `range`, if it was no
    /// escape. Whether there was one, written or not.
    pub(super) fn unescape(&mut self, range: &Range<usize>) -> bool {
        let Some(at) = range.start.checked_sub(1).filter(|at| *at >= self.read) else {
            return false;
        };
        if self.source.as_bytes().get(at) != Some(&b'\\') {
            return false;
        }
        let text = self.source.get(range.start..).unwrap_or_default();
        if self.formula <= at
            && let Some(length) = formula(text)
        {
            self.formula = range.start + length;
        }
        if self.formula > at || is_of_tex(text) {
            self.out.push('\\');
        }
        true
    }

    pub(super) fn is_in_formula(&self, at: usize) -> bool {
        at < self.formula
    }
}

/// What TeX means by a backslash and people do not escape.
fn is_of_tex(text: &str) -> bool {
    text.starts_with([',', ';', ':', '{', '}', '\\'])
        || text.starts_with('!') && !text.starts_with("![")
}

/// The length of a formula, `text` being what follows its first backslash: `\(…\)` or `\[…\]` with
/// something of TeX in it. Escaped brackets around anything else are brackets.
fn formula(text: &str) -> Option<usize> {
    let end = match text.as_bytes().first()? {
        b'(' => "\\)",
        b'[' => "\\]",
        _ => return None,
    };
    let near = text.get(1..text.floor_char_boundary(LONGEST))?;
    let paragraph = near.split("\n\n").next()?;
    let (inner, _) = paragraph.split_once(end)?;
    let is_tex = inner.contains(['\\', '^', '_', '{']);
    is_tex.then_some("(".len() + inner.len() + end.len())
}
