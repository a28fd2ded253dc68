//! How long text is as platforms count it, and where it may be cut.

use unicode_segmentation::GraphemeCursor;

/// UTF-16 code units in `text`. Kakao does not state what it counts; no other way of counting gives
/// more (skill.md §4.2).
pub fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// How many bytes of `text` fit into `max_units`; ends between characters, perhaps inside a
/// grapheme.
pub fn fitting(text: &str, max_units: usize) -> usize {
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        if units > max_units {
            return at;
        }
    }
    text.len()
}

/// The last grapheme boundary at or before byte `max`; inside the first grapheme, the last
/// character boundary, so that a grapheme of thousands of marks can be cut, too.
pub fn floor(text: &str, max: usize) -> usize {
    let at = text.floor_char_boundary(max);
    if is_boundary(text, at) {
        return at;
    }
    match GraphemeCursor::new(at, text.len(), true).prev_boundary(text, 0) {
        Ok(Some(boundary)) if boundary > 0 => boundary,
        _ => at,
    }
}

/// Whether byte `at` is between two graphemes.
pub(super) fn is_boundary(text: &str, at: usize) -> bool {
    GraphemeCursor::new(at, text.len(), true)
        .is_boundary(text, 0)
        .unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f114_text_is_measured_in_utf16_units() {
        assert_eq!(
            [
                units("한글"),
                units("\u{1112}\u{1161}\u{11ab}"),
                units("👍"),
                units("")
            ],
            [2, 3, 2, 0]
        );
        assert_eq!(
            [
                fitting("가👍나", 2),
                fitting("가👍나", 3),
                fitting("가👍나", 9)
            ],
            [3, 7, 10]
        );
    }

    #[test]
    fn f114_a_cut_stays_out_of_graphemes_where_it_can() {
        let text = "가👨‍👩‍👧나";
        let family = "가👨‍👩‍👧".len();
        assert_eq!(
            [
                floor(text, 2),
                floor(text, 3),
                floor(text, 10),
                floor(text, family),
                floor(text, 99)
            ],
            [0, 3, 3, family, text.len()]
        );
        assert_eq!(floor("e\u{301}\u{301}\u{301}", 4), 3);
    }
}
