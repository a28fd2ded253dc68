//! What looks like markup of blocks and is none: comparisons (`>= 19세`, `- > 25`) look like
//! quotations, a comment that never ends would hide the rest. Both are hidden from the parser
//! behind stand-ins and come back at the end. The stand-ins are control characters, which no text
//! may have.

use std::borrow::Cow;

const GREATER: char = '\u{1}';
const LESS: char = '\u{2}';
/// Stands before what must not begin a block, and goes at the end.
pub(super) const NOTHING: char = '\u{3}';

/// `markdown` with stand-ins.
pub(super) fn hidden(markdown: &str) -> Cow<'_, str> {
    let mut places = comparisons(markdown);
    places.extend(open_comments(markdown));
    if places.is_empty() {
        return Cow::Borrowed(markdown);
    }
    places.sort_unstable();
    let mut out = String::with_capacity(markdown.len());
    let mut kept = 0;
    for at in places {
        out.push_str(markdown.get(kept..at).unwrap_or_default());
        let is_less = markdown.as_bytes().get(at) == Some(&b'<');
        out.push(if is_less { LESS } else { GREATER });
        kept = at + 1;
    }
    out.push_str(markdown.get(kept..).unwrap_or_default());
    Cow::Owned(out)
}

/// `text` as it was written.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    // Counted, because that is ten times as fast as looking for the first.
    let is_stand_in = |byte: &u8| (1..=3).contains(byte);
    if text
        .as_bytes()
        .iter()
        .filter(|byte| is_stand_in(byte))
        .count()
        == 0
    {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            GREATER => out.push('>'),
            LESS => out.push('<'),
            NOTHING => {}
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Where a line begins with a `>` that compares.
fn comparisons(markdown: &str) -> Vec<usize> {
    let mut found = Vec::new();
    if !markdown.contains('>') {
        return found;
    }
    let mut start = 0;
    for line in markdown.split_inclusive('\n') {
        if line.contains('>') {
            found.extend(comparison(line).map(|at| start + at));
        }
        start += line.len();
    }
    found
}

/// A number or `=` directly after it compares; the number of a list's item also does behind white
/// space. Anything else is quoted.
fn comparison(line: &str) -> Option<usize> {
    let mut rest = line;
    let mut is_item = false;
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        if let Some(item) = after_bullet(rest) {
            (rest, is_item) = (item, true);
        } else if let Some(after) = rest.strip_prefix('>') {
            let value = if is_item { after.trim_start() } else { after };
            if after.starts_with('=') || is_number(value) {
                return Some(line.len() - rest.len());
            }
            rest = after;
        } else {
            return None;
        }
    }
}

fn after_bullet(line: &str) -> Option<&str> {
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let after = if number.len() < line.len() {
        number.strip_prefix(['.', ')'])
    } else {
        line.strip_prefix(['-', '*', '+'])
    };
    after.filter(|after| after.starts_with([' ', '\t']))
}

fn is_number(text: &str) -> bool {
    let signs = ['-', '+', '−', '$', '₩', '￦', '.'];
    let digits = text.trim_start_matches(signs);
    digits.starts_with(|c: char| c.is_ascii_digit())
}

/// Where comments begin that never end.
fn open_comments(markdown: &str) -> impl Iterator<Item = usize> {
    let closed = match markdown.rfind("<!--") {
        Some(_) => markdown.rfind("-->").map_or(0, |at| at + "-->".len()),
        None => markdown.len(),
    };
    let open = markdown.get(closed..).unwrap_or_default();
    open.match_indices("<!--").map(move |(at, _)| closed + at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Reply;

    fn render(markdown: &str) -> String {
        Reply::from_markdown(markdown).unwrap().words()
    }

    #[test]
    fn a_comparison_is_no_quotation() {
        assert_eq!(
            render("- < 10: 저렴\n- 10~25: 보통\n- > 25: 비쌈\n1. > -5도"),
            "• < 10: 저렴\n• 10~25: 보통\n• > 25: 비쌈\n1. > -5도"
        );
        for plain in [">= 19세\n>=20세", ">19세만", ">₩5,000", "<19세", "a > b"] {
            assert_eq!(render(plain), plain);
        }
        assert_eq!(render("> 3줄 요약\n> > 둘"), "│ 3줄 요약\n\n│ │ 둘");
        assert_eq!(render("```\n>= 1\n```"), ">= 1");
        assert_eq!(render("<div>\n>= 1\n</div>"), ">= 1");
    }

    #[test]
    fn a_comment_that_never_ends_hides_nothing() {
        assert_eq!(
            render("첫 문단\n\n<!-- 메모\n\n둘째 <!-- 문단"),
            "첫 문단\n\n<!-- 메모\n\n둘째 <!-- 문단"
        );
        assert_eq!(render("가<!-- 나 -->다 <!-- 라"), "가다 <!-- 라");
        assert_eq!(render("`<!--`는 주석"), "<!--는 주석");
    }

    proptest! {
        #[test]
        fn what_was_hidden_comes_back(text in "([ >=<!0-9\\n-]|<!--|-->|- >|가){0,30}") {
            let hidden = hidden(&text);
            prop_assert_eq!(shown(&hidden), text.as_str());
        }
    }
}
