//! Text and tags. What only looks like a tag (`List<String>`, `<name>`) is text.

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

/// Longest tag in which quotes are heeded, in bytes.
const LONGEST: usize = 4_096;

pub(crate) enum Piece<'a> {
    Text(&'a str),
    Tag(Tag<'a>),
}

/// A tag of a known element.
#[derive(Clone, Copy)]
pub(crate) struct Tag<'a> {
    /// In small letters.
    pub(crate) element: &'static str,
    pub(crate) closes: bool,
    /// It ends a line.
    pub(crate) is_block: bool,
    pub(crate) attributes: &'a str,
}

/// Text and tags of `html`; comments are left out.
pub(crate) fn pieces(html: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            if let Some(comment) = rest.strip_prefix("<!--") {
                rest = comment.split_once("-->").map_or("", |(_, after)| after);
                continue;
            }
            if let Some((tag, after)) = tag(rest) {
                rest = after;
                return Some(Piece::Tag(tag));
            }
            // A `<` that opens nothing is text, as all before the next is.
            let next = rest.char_indices().skip(1).find(|(_, c)| *c == '<');
            let (text, after) = rest.split_at(next.map_or(rest.len(), |(at, _)| at));
            rest = after;
            return Some(Piece::Text(text));
        }
        None
    })
}

/// The tag that `html` begins with, and what follows it.
fn tag(html: &str) -> Option<(Tag<'_>, &str)> {
    let inner = html.strip_prefix('<')?;
    let (closes, inner) = match inner.strip_prefix('/') {
        Some(inner) => (true, inner),
        None => (false, inner),
    };
    let length = inner.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let (name, inner) = inner.split_at_checked(length)?;
    if !inner.starts_with(['>', '/', ' ', '\t', '\r', '\n']) {
        return None;
    }
    let (element, is_block) = known(name)?;
    let (attributes, after) = inner.split_at_checked(end(inner)?)?;
    let tag = Tag {
        element,
        closes,
        is_block,
        attributes,
    };
    Some((tag, after.strip_prefix('>')?))
}

fn known(name: &str) -> Option<(&'static str, bool)> {
    let name = name.to_ascii_lowercase();
    let found = |list: &[&'static str]| {
        let at = list.binary_search(&name.as_str()).ok()?;
        list.get(at).copied()
    };
    found(&BLOCK)
        .map(|element| (element, true))
        .or_else(|| found(&INLINE).map(|element| (element, false)))
}

/// Where the `>` is that ends a tag; one in quotes does not.
fn end(inner: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in inner.bytes().enumerate().take(LONGEST) {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    inner.find('>')
}

impl Tag<'_> {
    /// What an attribute says.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        let mut rest = self.attributes;
        loop {
            let (head, after) = rest.split_once('=')?;
            let after = after.trim_start();
            let quote = after.chars().next()?;
            let (value, next) = match after.strip_prefix(['"', '\'']) {
                Some(quoted) => quoted.split_once(quote)?,
                None => after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())),
            };
            let key = head.trim_end().rsplit(char::is_whitespace).next()?;
            if key.eq_ignore_ascii_case(name) {
                let value = value.replace("&quot;", "\"").replace("&#39;", "'");
                return Some(
                    value
                        .replace("&lt;", "<")
                        .replace("&gt;", ">")
                        .replace("&amp;", "&"),
                );
            }
            rest = next;
        }
    }
}

/// `html` without comments and known tags; those that end a line become a line break.
pub(crate) fn without_tags(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for piece in pieces(html) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Tag(tag) if tag.is_block => out.push('\n'),
            Piece::Tag(_) => {}
        }
    }
    out
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
    fn attributes_are_read_however_they_are_quoted() {
        let url = |html| match pieces(html).next() {
            Some(Piece::Tag(tag)) => tag.attribute("href"),
            _ => None,
        };
        for html in [
            "<a href=\"https://a.example/?x=1&amp;y=>2\">",
            "<A class='b' HREF = 'https://a.example/?x=1&y=>2' >",
        ] {
            assert_eq!(url(html).as_deref(), Some("https://a.example/?x=1&y=>2"));
        }
        assert_eq!(url("<a href=/b target=_top>").as_deref(), Some("/b"));
        assert_eq!(url("<a name=\"href\">"), None);
    }
}
