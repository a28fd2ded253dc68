//! Cuts a text into pieces for bubbles, where a reader would pause.

use super::{
    PlainText,
    measure::{fitting, floor, is_boundary},
};

/// A text in pieces, without the white space at the cuts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    pub parts: Vec<PlainText>,
    /// What did not fit.
    pub rest: Option<PlainText>,
}

/// Cuts `text` into at most `max_parts` of at most `max_units` UTF-16 code units each (at least 2,
/// the widest character): after a paragraph, else a line, a sentence, a word, or between two
/// graphemes, but never so early that half of the room is wasted.
pub fn split(text: &PlainText, max_units: usize, max_parts: usize) -> Split {
    let mut parts = Vec::new();
    let mut rest = text.as_str();
    while parts.len() < max_parts && !rest.is_empty() {
        let (part, after) = rest.split_at(cut(rest, max_units.max(2)));
        parts.extend(PlainText::piece(part));
        rest = after;
    }
    Split {
        parts,
        rest: PlainText::piece(rest),
    }
}

/// Where the first part of `text` ends, in bytes; never 0.
fn cut(text: &str, max_units: usize) -> usize {
    let fits = fitting(text, max_units);
    let (_, beyond) = text.split_at(fits);
    if beyond.is_empty() {
        return fits;
    }
    // White space after the last character that fits goes with the cut.
    let reach = fits + beyond.len() - beyond.trim_start().len();
    let (head, _) = text.split_at(reach);
    let earliest = fitting(head, max_units / 2);
    let after = |separator: &str| {
        head.rfind(separator)
            .map(|at| at + separator.len())
            .filter(|at| *at > earliest)
    };
    after("\n\n")
        .or_else(|| after("\n"))
        .or_else(|| after_sentence_or_word(text, head, earliest))
        .unwrap_or_else(|| floor(text, fits))
}

/// The last sentence that ends in `head` after `earliest`, else the last word.
fn after_sentence_or_word(text: &str, head: &str, earliest: usize) -> Option<usize> {
    let mut word = None;
    let mut before_space = false;
    for (at, c) in head.char_indices().rev() {
        let after = at + c.len_utf8();
        if after <= earliest {
            break;
        }
        if c.is_whitespace() && !before_space && is_boundary(text, after) {
            if ends_sentence(head.split_at(at).0) {
                return Some(after);
            }
            word = word.or(Some(after));
        }
        before_space = c.is_whitespace();
    }
    word
}

fn ends_sentence(text: &str) -> bool {
    let closers = ['"', '\'', '”', '’', ')', ']', '」', '』', '》', '〉'];
    let mut last = text.trim_end().trim_end_matches(closers).chars().rev();
    match last.next() {
        // "3. " counts something, "2026. 3. 1." is a date.
        Some('.') => !last.next().is_some_and(|c| c.is_ascii_digit()),
        Some('!' | '?' | '…' | '。' | '！' | '？') => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_segmentation::UnicodeSegmentation;

    use super::*;
    use crate::{clean::is_blank, measure::units};

    fn parts(text: &str, max_units: usize) -> Vec<String> {
        let split = split(&PlainText::literal(text).unwrap(), max_units, usize::MAX);
        assert_eq!(split.rest, None);
        split.parts.into_iter().map(String::from).collect()
    }

    #[test]
    fn short_text_stays_whole() {
        assert_eq!(parts("한 줄\n\n두 줄", 9), ["한 줄\n\n두 줄"]);
    }

    #[test]
    fn paragraphs_come_before_lines_and_lines_before_sentences() {
        assert_eq!(
            parts("가나다라\n\n마바. 사\n아자차카", 14),
            ["가나다라\n\n마바. 사", "아자차카"]
        );
        assert_eq!(
            parts("가나다라마바사\n\n마바\n아자. 차카", 14),
            ["가나다라마바사", "마바\n아자. 차카"]
        );
        assert_eq!(
            parts("가나다라 마바사\n아자. 차카타파하", 14),
            ["가나다라 마바사", "아자. 차카타파하"]
        );
        assert_eq!(
            parts("좋아요. (네?) 그럼 이따가 봐요", 14),
            ["좋아요. (네?)", "그럼 이따가 봐요"]
        );
    }

    #[test]
    fn early_boundaries_do_not_waste_the_bubble() {
        assert_eq!(
            parts("가\n\n나\n다. 라마바사 아자차카", 16),
            ["가\n\n나\n다. 라마바사", "아자차카"]
        );
    }

    #[test]
    fn numbers_with_points_are_not_sentences() {
        assert_eq!(
            parts("모임은 다음 달 2026. 3. 1. 서울에서", 20),
            ["모임은 다음 달 2026. 3. 1.", "서울에서"]
        );
        assert_eq!(
            parts("준비물은 1. 물 2. 컵", 10),
            ["준비물은 1. 물", "2. 컵"]
        );
    }

    #[test]
    fn a_part_may_fill_the_bubble_to_the_last_unit() {
        assert_eq!(parts("가나다라 마바사아", 4), ["가나다라", "마바사아"]);
        assert_eq!(parts("abcdefgh", 4), ["abcd", "efgh"]);
    }

    #[test]
    fn a_cut_keeps_the_next_line_indented() {
        assert_eq!(
            parts("if a:\n    b()\n    c()", 14),
            ["if a:\n    b()", "    c()"]
        );
    }

    #[test]
    fn what_does_not_fit_is_the_rest() {
        let split = split(&PlainText::literal("하나 둘 셋 넷").unwrap(), 2, 2);
        assert_eq!(
            split
                .parts
                .iter()
                .map(PlainText::as_str)
                .collect::<Vec<_>>(),
            ["하나", "둘"]
        );
        assert_eq!(split.rest.unwrap().as_str(), "셋 넷");
    }

    #[test]
    fn f114_emoji_families_are_never_cut() {
        assert_eq!(parts("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", 20), ["👨‍👩‍👧👨‍👩‍👧", "👨‍👩‍👧"]);
        assert_eq!(
            parts("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", 4),
            ["\u{1112}\u{1161}\u{11ab}", "\u{1100}\u{1173}\u{11af}"]
        );
        assert_eq!(parts("🇰🇷🇯🇵🇺🇸", 6), ["🇰🇷", "🇯🇵", "🇺🇸"]);
    }

    #[test]
    fn f114_a_pile_of_marks_is_cut_and_comes_to_an_end() {
        let pile = format!("e{}", "\u{301}".repeat(2500));
        let parts = parts(&pile, 900);
        assert_eq!(
            parts.iter().map(|part| units(part)).collect::<Vec<_>>(),
            [900, 900, 701]
        );
        assert_eq!(parts.concat(), pile);
    }

    fn texts() -> impl Strategy<Value = String> {
        let words = prop_oneof![
            Just("안녕하세요. ".to_owned()),
            Just("\n\n  ".to_owned()),
            Just("👨‍👩‍👧❤️‍🔥🇰🇷".to_owned()),
            Just("각".to_owned()),
            Just(" \u{301}".to_owned()),
            Just("क्षि".to_owned()),
            Just("\u{301}".repeat(40)),
            "[a-z]{1,30} ?",
            "\\p{any}{0,4}",
        ];
        proptest::collection::vec(words, 1..60).prop_map(|words| words.concat())
    }

    fn readable(text: &str) -> String {
        text.chars()
            .filter(|c| !is_blank(c.encode_utf8(&mut [0; 4])))
            .collect()
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_every_part_fits(
            text in texts(),
            max_units in 2..80usize,
            max_parts in 1..5usize,
        ) {
            let Some(text) = PlainText::literal(&text) else { return Ok(()) };
            let split = split(&text, max_units, max_parts);
            prop_assert!((1..=max_parts).contains(&split.parts.len()));
            prop_assert!(split.parts.iter().all(|part| units(part.as_str()) <= max_units));
            let pieces = split.parts.iter().chain(&split.rest).map(PlainText::as_str);
            prop_assert_eq!(readable(&pieces.collect::<String>()), readable(text.as_str()));
        }

        #[test]
        fn f114_split_never_cuts_a_grapheme(text in texts(), max_units in 20..200usize) {
            let Some(text) = PlainText::literal(&text) else { return Ok(()) };
            let text = text.as_str();
            let max_units = text.graphemes(true).map(units).fold(max_units, usize::max);
            let mut boundaries = text.grapheme_indices(true).map(|(at, _)| at).collect::<Vec<_>>();
            boundaries.push(text.len());
            let mut at = 0;
            for part in parts(text, max_units) {
                let start = at + text.split_at(at).1.find(&part).unwrap();
                prop_assert!(boundaries.contains(&start), "{part:?} starts inside a grapheme");
                at = start + part.len();
                let is_trimmed = text.split_at(at).1.starts_with(char::is_whitespace);
                prop_assert!(boundaries.contains(&at) || is_trimmed, "{part:?} ends inside a grapheme");
            }
        }
    }
}
