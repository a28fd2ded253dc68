//! What stands around a marker, and what that says about it.

use std::ops::Range;

/// What stands at one side of a marker.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// White space, or nothing.
    Edge,
    Open,
    Close,
    /// Opens or closes.
    Quote,
    Mark,
    /// Of a word, or of something that is written like one: `010-`.
    Ascii,
    /// Of a word in any other script.
    Letter,
}

/// Where emphasis starts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// Between words.
    Between,
    /// Inside a word, as in `한**글**자`.
    Inside,
}

/// What holds the pieces of a number, a name or an address together.
const GLUE: [char; 8] = ['-', '.', '_', '/', '@', '=', '&', '\\'];

/// What ends a label or a sentence.
const ENDS: [char; 7] = [':', '.', '!', '?', '…', '。', '：'];

/// Whether the marker may start emphasis.
pub(super) fn starts(kind: u8, marker: &Range<usize>, source: &str) -> Option<Start> {
    let (before, beyond) = before(source, marker.start);
    let (after, further) = after(source, marker.end);
    let outer = side(before, beyond);
    let inner = match side(after, further) {
        // `.env` is a name, not the middle of one.
        Side::Ascii if after.is_some_and(is_glue) => Side::Mark,
        inner => inner,
    };
    let is_long = marker.len() > 1;
    let is_apart = matches!(outer, Side::Edge | Side::Open);
    let may_begin = match inner {
        Side::Edge | Side::Close => false,
        // `"*"`
        Side::Quote => before != after,
        // `**-5도**`, but `q=*&sort` and `*.txt` are none.
        Side::Mark => is_apart && (is_long || !after.is_some_and(is_glue)),
        Side::Open | Side::Ascii | Side::Letter => true,
    };
    if !may_begin {
        return None;
    }
    match outer {
        // `10.0.*.*`
        Side::Mark if !is_long && before.is_some_and(is_glue) => None,
        Side::Edge | Side::Open | Side::Quote | Side::Mark => Some(Start::Between),
        // `(a+b)*c`
        Side::Close => (kind != b'_' && is_long).then_some(Start::Between),
        Side::Ascii | Side::Letter => {
            let is_bold = kind == b'*' && is_long;
            let is_number = outer == Side::Ascii && inner != Side::Letter;
            (is_bold && !is_number).then_some(Start::Inside)
        }
    }
}

/// Whether the marker may end emphasis.
pub(super) fn ends(kind: u8, marker: &Range<usize>, source: &str) -> bool {
    let (before, beyond) = before(source, marker.start);
    let (after, further) = after(source, marker.end);
    let ends = before.is_some_and(|c| ENDS.contains(&c));
    let inner = match side(before, beyond) {
        // `010-**34`
        Side::Ascii if !ends && before.is_some_and(is_glue) => return false,
        Side::Ascii if ends => Side::Mark,
        inner => inner,
    };
    let outer = side(after, further);
    let is_long = marker.len() > 1;
    match (inner, outer) {
        (Side::Edge | Side::Open, _) => false,
        (Side::Quote, Side::Quote) => before != after,
        (_, Side::Edge | Side::Close | Side::Quote | Side::Mark) => true,
        (_, Side::Open) => kind != b'_',
        (_, Side::Ascii | Side::Letter) if kind == b'_' => false,
        (Side::Ascii, Side::Ascii) => is_long,
        (Side::Mark, _) => is_long || ends,
        (Side::Close | Side::Quote | Side::Ascii | Side::Letter, _) => true,
    }
}

/// Whether what stands between two markers may be emphasised.
pub(super) fn encloses_something(
    kind: u8,
    len: usize,
    start: Start,
    inner: Range<usize>,
    source: &str,
) -> bool {
    let text = source.get(inner).unwrap_or_default();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_written = match (start, kind) {
        // `홍**님과 김**님` is two masks, `한**글**자` and `그는**'네'**라고` are bold.
        (Start::Inside, _) => text.chars().all(char::is_alphanumeric) || is_quoted(text),
        // `__init__`
        (Start::Between, b'_') => len == 1 || !text.chars().all(is_name),
        (Start::Between, _) => true,
    };
    // A footnote's star starts a line, and another ends one.
    let may_be_long = len > 1 || !text.contains('\n');
    is_written && may_be_long && !text.chars().all(is_glue)
}

fn is_quoted(text: &str) -> bool {
    let side = |c: Option<char>| side(c, None);
    matches!(side(text.chars().next()), Side::Open | Side::Quote)
        && matches!(side(text.chars().next_back()), Side::Close | Side::Quote)
}

fn is_glue(c: char) -> bool {
    GLUE.contains(&c)
}

/// `beyond` stands on the other side of `c`.
fn side(c: Option<char>, beyond: Option<char>) -> Side {
    let Some(c) = c else { return Side::Edge };
    match c {
        _ if c.is_ascii_alphanumeric() => Side::Ascii,
        _ if is_glue(c) && beyond.is_some_and(|c| c.is_ascii_alphanumeric()) => Side::Ascii,
        '"' | '\'' | '`' => Side::Quote,
        '(' | '[' | '{' | '<' | '“' | '‘' | '「' | '『' | '《' | '〈' | '【' | '（' | '［' => {
            Side::Open
        }
        ')' | ']' | '}' | '>' | '”' | '’' | '」' | '』' | '》' | '〉' | '】' | '）' | '］' => {
            Side::Close
        }
        _ if c.is_whitespace() => Side::Edge,
        _ if is_punctuation(c) => Side::Mark,
        _ => Side::Letter,
    }
}

/// Of ASCII, in general, of East Asia, and in full width. Signs and emoji count as letters.
fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(c, '·' | '\u{2010}'..='\u{205e}' | '\u{3001}'..='\u{303f}')
        || matches!(c, '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}')
}

/// The character before byte `at`, and the one before that.
fn before(source: &str, at: usize) -> (Option<char>, Option<char>) {
    let mut chars = source.get(..at).unwrap_or_default().chars();
    (chars.next_back(), chars.next_back())
}

/// The character after byte `at`, and the one after that.
fn after(source: &str, at: usize) -> (Option<char>, Option<char>) {
    let mut chars = source.get(at..).unwrap_or_default().chars();
    (chars.next(), chars.next())
}
