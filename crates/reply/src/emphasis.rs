//! Markers of emphasis that the `CommonMark` rules get wrong in Korean text: those they leave
//! standing before a particle (`**"인용"**은`), and those they take from text that never meant
//! emphasis (`2*3*4`, `10~12시`).

use std::ops::Range;

use pulldown_cmark::Tag;

/// The marker to put back where the parser took `range` of `source` for emphasis and it is none.
pub(super) fn literal_marker(
    tag: &Tag<'_>,
    source: &str,
    range: &Range<usize>,
) -> Option<&'static str> {
    let (before, after) = (before(source, range.start), after(source, range.end));
    let text = source.get(range.clone()).unwrap_or_default();
    let marker = match tag {
        Tag::Strikethrough if text.starts_with("~~") => "~~",
        Tag::Strikethrough => return Some("~"),
        Tag::Strong if text.starts_with('*') => "**",
        Tag::Strong => "__",
        _ if text.starts_with('*') => "*",
        _ => "_",
    };
    let is_literal = if marker.starts_with('*') {
        // A product: `2*3*4`, `(a+b)*c*(d+e)`.
        before.is_some_and(|c| c.is_ascii_alphanumeric() || c == ')')
            && after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '(')
    } else {
        is_in_address(source, range.start)
    };
    is_literal.then_some(marker)
}

/// Whether the word around byte `at` starts like a web address.
fn is_in_address(source: &str, at: usize) -> bool {
    const LONGEST: usize = 2048;
    let from = source.ceil_char_boundary(at.saturating_sub(LONGEST));
    source
        .get(from..at)
        .and_then(|head| head.rsplit(char::is_whitespace).next())
        .is_some_and(|word| word.contains("://"))
}

/// The runs of `*` or `~` that the parser left in one paragraph of the output.
#[derive(Default)]
pub(super) struct Leftovers(Vec<Run>);

struct Run {
    marker: u8,
    /// In the source.
    from: Range<usize>,
    /// Where it starts in the output.
    at: usize,
    /// One of a pair, which is taken out.
    paired: bool,
}

impl Leftovers {
    /// Remembers a marker that the parser left as text and that is about to be written at byte `at`
    /// of the output. Ignores other text.
    pub(super) fn note(&mut self, text: &str, source: &str, range: Range<usize>, at: usize) {
        let &[marker @ (b'*' | b'~')] = text.as_bytes() else {
            return;
        };
        if range.len() != 1 || before(source, range.start) == Some('\\') {
            return;
        }
        match self.0.last_mut() {
            Some(last) if last.marker == marker && last.from.end == range.start => {
                last.from.end = range.end;
            }
            _ => self.0.push(Run {
                marker,
                from: range,
                at,
                paired: false,
            }),
        }
    }

    /// Takes the pairs out of `out` and forgets the rest: the paragraph is over.
    pub(super) fn settle(&mut self, source: &str, out: &mut String) {
        self.pair(source);
        let mut runs = self.0.drain(..).filter(|run| run.paired).peekable();
        let Some(first) = runs.peek() else { return };
        let mut kept = first.at;
        let old = out.split_off(kept);
        let start = kept;
        for run in runs {
            out.push_str(old.get(kept - start..run.at - start).unwrap_or_default());
            kept = run.at + run.from.len();
        }
        out.push_str(old.get(kept - start..).unwrap_or_default());
    }

    /// The output was cut off at byte `at`.
    pub(super) fn forget_from(&mut self, at: usize) {
        self.0.retain(|run| run.at + run.from.len() <= at);
    }

    fn pair(&mut self, source: &str) {
        let mut open: Option<&mut Run> = None;
        for run in &mut self.0 {
            open = match open {
                Some(opener) if is_pair(opener, run, source) => {
                    (opener.paired, run.paired) = (true, true);
                    None
                }
                _ => Some(run),
            };
        }
    }
}

/// Whether two runs are equal, enclose text, and one of them was refused only because it stands
/// between punctuation and a letter, as before a Korean particle.
fn is_pair(open: &Run, close: &Run, source: &str) -> bool {
    let is_letter = |c: char| !c.is_ascii() && c.is_alphabetic();
    let is_punctuation = |c: char| !c.is_alphanumeric() && !c.is_whitespace();
    let (outer_open, inner_open) = (
        before(source, open.from.start),
        after(source, open.from.end),
    );
    let (inner_close, outer_close) = (
        before(source, close.from.start),
        after(source, close.from.end),
    );
    let is_refused = |inner: Option<char>, outer: Option<char>| {
        inner.is_some_and(is_punctuation) && outer.is_some_and(is_letter)
    };
    open.marker == close.marker
        && open.from.len() == close.from.len()
        && (open.marker == b'*' || open.from.len() == 2)
        && open.from.end < close.from.start
        && ![inner_open, inner_close]
            .into_iter()
            .flatten()
            .any(char::is_whitespace)
        && (is_refused(inner_open, outer_open) || is_refused(inner_close, outer_close))
}

fn before(source: &str, at: usize) -> Option<char> {
    source.get(..at)?.chars().next_back()
}

fn after(source: &str, at: usize) -> Option<char> {
    source.get(at..)?.chars().next()
}

#[cfg(test)]
mod tests {
    use crate::Reply;

    fn render(markdown: &str) -> String {
        Reply::from_markdown(markdown).unwrap().words()
    }

    #[test]
    fn bold_before_a_particle_loses_its_asterisks() {
        for (markdown, plain) in [
            ("**한국어**를 배워요", "한국어를 배워요"),
            ("**\"인용\"**은 그래요", "\"인용\"은 그래요"),
            ("**서울(수도)**에서 **부산**까지", "서울(수도)에서 부산까지"),
            (
                "그는**'네'**라고 했고 **\"아니\"**라고도",
                "그는'네'라고 했고 \"아니\"라고도",
            ),
            ("**이름:**홍길동 **나이:** 스물", "이름:홍길동 나이: 스물"),
            (
                "***\"굵고 기운\"***은 *\"기운\"*은 ~~\"지운\"~~은",
                "\"굵고 기운\"은 \"기운\"은 \"지운\"은",
            ),
            (
                "1. **「제목」**입니다\n2. **「둘」**이고 **\"셋\"**은",
                "1. 「제목」입니다\n2. 「둘」이고 \"셋\"은",
            ),
            (
                "| a | b |\n|-|-|\n| **\"x\"**는 | **(y)**도 |",
                "a | b\n\"x\"는: (y)도",
            ),
        ] {
            assert_eq!(render(markdown), plain);
        }
    }

    #[test]
    fn asterisks_that_mean_themselves_survive() {
        for plain in [
            "3 * 4 * 5",
            "3*4*5 = 60, 2**3**2",
            "a*(b+c)*d*(e)",
            "2*(3)*x 는 6x",
            "값 * \"둘\" *은 다르다",
            "5점 만점에 *****",
            "10~12시, 14~16시, 약~열~명",
            "snake_case a_b_c C# #해시태그 F#",
            "https://example.com/?a=__init__&b=~me~",
        ] {
            assert_eq!(render(plain), plain);
        }
        assert_eq!(render(r#"\**"별"**은"#), r#"**"별"**은"#);
        let link = r#"https://a.example/**"x""#;
        assert_eq!(
            render(&format!("[{link}](<{link}>)**은")),
            format!("{link}**은")
        );
        assert_eq!(
            render(r#"\*\*"별"\*\*은 `**"코드"**은`"#),
            r#"**"별"**은 **"코드"**은"#
        );
    }

    #[test]
    fn ordinary_emphasis_loses_its_markers() {
        assert_eq!(
            render("**a** __b__ *c* _d_ ~~e~~ ***f*** 한**글**자 API**키**"),
            "a b c d e f 한글자 API키"
        );
    }
}
