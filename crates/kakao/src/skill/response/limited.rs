//! Text that fits where the platform shows it: most of its limits are one of these.

use reply::{PlainText, clean, fitting, floor, units};
use serde::Serialize;

/// Readable text of at most `MAX` UTF-16 code units on at most `LINES` lines, as safe to show as
/// [`PlainText`] and never blank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Limited<const MAX: usize, const LINES: usize = { usize::MAX }>(String);

impl<const MAX: usize, const LINES: usize> Limited<MAX, LINES> {
    pub const MAX_UNITS: usize = MAX;

    /// `None` if `text` is blank or does not fit.
    pub fn parse(text: &str) -> Option<Self> {
        let text = PlainText::literal(text)?;
        let text = text.as_str().trim();
        (fitting(text, MAX) == text.len() && text.lines().count() <= LINES)
            .then(|| Self(text.to_owned()))
    }

    /// `text` as far as it fits: lines too many are joined to the last, and "…" stands for the
    /// rest. Blank text becomes "…", because empty text is invalid (skill.md §4.2).
    pub fn fit(text: &str) -> Self {
        match clean(text).trim() {
            "" => Self("…".to_owned()),
            text => Self(shaped(text.to_owned(), MAX, LINES)),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn units(&self) -> usize {
        units(&self.0)
    }

    pub(super) fn lines(&self) -> usize {
        self.0.lines().count()
    }

    /// The same text in an even smaller place; at least one unit stays.
    pub(super) fn shortened(self, max_units: usize) -> Self {
        self.shaped(max_units, LINES)
    }

    /// The same text on even fewer lines.
    pub(super) fn on_lines(self, max_lines: usize) -> Self {
        self.shaped(MAX, max_lines)
    }

    pub(super) fn shaped(self, max_units: usize, max_lines: usize) -> Self {
        Self(shaped(
            self.0,
            max_units.clamp(1, MAX),
            max_lines.clamp(1, LINES),
        ))
    }
}

fn shaped(mut text: String, max_units: usize, max_lines: usize) -> String {
    if let Some((at, _)) = text.match_indices('\n').nth(max_lines.saturating_sub(1)) {
        let tail = text.split_off(at);
        for line in tail.lines().map(str::trim).filter(|line| !line.is_empty()) {
            text.push(' ');
            text.push_str(line);
        }
    }
    if fitting(&text, max_units) < text.len() {
        text.truncate(floor(&text, fitting(&text, max_units - 1)));
        text.truncate(text.trim_end().len());
        text.push('…');
    }
    text
}

impl<const MAX: usize, const LINES: usize> From<PlainText> for Limited<MAX, LINES> {
    fn from(text: PlainText) -> Self {
        Self(shaped(text.into(), MAX, LINES))
    }
}

impl<const MAX: usize, const LINES: usize> From<&PlainText> for Limited<MAX, LINES> {
    fn from(text: &PlainText) -> Self {
        text.clone().into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_that_does_not_fit_is_refused_or_shortened() {
        assert_eq!(
            Limited::<4>::parse(" 가나다라\0 ").unwrap().as_str(),
            "가나다라"
        );
        assert_eq!(Limited::<4>::parse("가나다라마"), None);
        assert_eq!(Limited::<9, 1>::parse("가\n나"), None);
        assert_eq!(Limited::<4>::fit("가나다라마").as_str(), "가나다…");
        assert_eq!(Limited::<4>::fit("가나 다라").as_str(), "가나…");
    }

    #[test]
    fn blank_text_becomes_an_ellipsis() {
        assert_eq!(Limited::<4>::parse(" \u{200b}"), None);
        assert_eq!(Limited::<4>::fit(" \u{200b}").as_str(), "…");
    }

    #[test]
    fn lines_too_many_are_joined_to_the_last() {
        assert_eq!(Limited::<20, 1>::fit("가\n나\n\n다").as_str(), "가 나 다");
        assert_eq!(Limited::<20, 2>::fit("가\n나\n\n다").as_str(), "가\n나 다");
        assert_eq!(Limited::<20>::fit("가\n나\n\n다").as_str(), "가\n나\n\n다");
    }

    #[test]
    fn f114_emoji_are_shortened_whole() {
        assert_eq!(
            Limited::<14>::fit("가족 👨‍👩‍👧 여행 가자고요").as_str(),
            "가족 👨‍👩‍👧 여…"
        );
        assert_eq!(Limited::<10>::fit("가족 👨‍👩‍👧 여행").as_str(), "가족…");
    }

    proptest! {
        #[test]
        fn f115_limited_text_is_always_within_its_limits(text in "([{#\\s\u{200d}]|👨‍👩‍👧|\\p{any}){0,60}") {
            let text = Limited::<14, 2>::fit(&text);
            prop_assert!(text.units() <= 14 && text.lines() <= 2);
            prop_assert_eq!(Limited::<14, 2>::parse(text.as_str()), Some(text));
        }
    }
}
