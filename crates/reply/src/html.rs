//! Takes HTML tags out of text and leaves what they enclose. What only looks like a tag
//! (`List<String>`, `<name>`) stays.

/// Elements whose tags are dropped, sorted.
const INLINE: [&str; 48] = [
    "a", "abbr", "b", "bdi", "bdo", "big", "button", "center", "cite", "code", "col", "colgroup",
    "del", "dfn", "em", "font", "i", "img", "input", "ins", "kbd", "label", "link", "mark", "meta",
    "picture", "q", "rp", "rt", "ruby", "s", "samp", "script", "small", "span", "strike", "strong",
    "style", "sub", "sup", "svg", "td", "th", "tt", "u", "var", "video", "wbr",
];

/// Elements whose tags end a line, sorted.
const BLOCK: [&str; 41] = [
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "caption",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "iframe",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "title",
    "tr",
    "ul",
];

/// `html` without comments and known tags; those that end a line become a line break.
pub(super) fn without_tags(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((text, after)) = rest.split_once('<') {
        out.push_str(text);
        rest = after;
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
        } else if let Some((tag, after)) = after.split_once('>') {
            match kind(tag) {
                Some(Kind::Inline) => rest = after,
                Some(Kind::Block) => {
                    out.push('\n');
                    rest = after;
                }
                None => out.push('<'),
            }
        } else {
            out.push('<');
            break;
        }
    }
    out.push_str(rest);
    out
}

enum Kind {
    Inline,
    Block,
}

/// `tag` is the text between the angle brackets.
fn kind(tag: &str) -> Option<Kind> {
    let tag = tag.strip_prefix('/').unwrap_or(tag);
    let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next()?;
    let is_tag = matches!(
        tag.as_bytes().get(name.len()),
        None | Some(b' ' | b'\t' | b'\r' | b'\n' | b'/')
    );
    let name = name.to_ascii_lowercase();
    match () {
        () if !is_tag => None,
        () if BLOCK.binary_search(&name.as_str()).is_ok() => Some(Kind::Block),
        () if INLINE.binary_search(&name.as_str()).is_ok() => Some(Kind::Inline),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_sorted() {
        assert!(INLINE.is_sorted() && BLOCK.is_sorted());
    }

    #[test]
    fn known_tags_go_and_their_text_stays() {
        assert_eq!(
            without_tags("<b class=\"x\">굵게</b><BR/>다음<!-- 메모 --> <p>끝</p>"),
            "굵게\n다음 \n끝\n"
        );
    }

    #[test]
    fn what_only_looks_like_a_tag_stays() {
        for text in [
            "List<String> a<b",
            "<name> </name>",
            "a < b > c",
            "<b",
            "<a:b>",
            "<>",
            "</>",
        ] {
            assert_eq!(without_tags(text), text);
        }
    }

    #[test]
    fn an_open_comment_hides_the_rest() {
        assert_eq!(without_tags("a<!-- b"), "a");
    }
}
