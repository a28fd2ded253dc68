//! Markdown → the plain text that people like to read in a chat bubble, and the pictures in it.
//! Lines break where the author broke them.

mod images;
mod link;

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use self::link::{Link, is_address};
use super::{
    Image, Part,
    emphasis::{Leftovers, literal_marker},
    html::without_tags,
    table, text,
};

/// Deeper quotes and lists are not indented further: a phone is narrow, and a hostile answer could
/// nest thousands.
const MAX_DEPTH: usize = 6;

/// HTML in markdown in HTML …; beyond this, tags are taken out and the markdown stays.
const MAX_HTML: usize = 2;

const BULLET: &str = "• ";
const QUOTE: &str = "│ ";

/// `markdown` as text and pictures. A picture comes after the paragraph, list or table it is in;
/// what it shows stays in the text, unless the paragraph has nothing but pictures.
pub(super) fn parts(markdown: &str) -> Vec<Part> {
    let head = text::head(markdown);
    let mut writer = written(head, 0);
    if head.len() < markdown.len() {
        writer.out.push('…');
    }
    writer.text_ends();
    writer.parts
}

fn nested(markdown: &str, html_depth: usize) -> String {
    written(markdown, html_depth).out
}

fn written(markdown: &str, html_depth: usize) -> Writer<'_> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let events = Parser::new_ext(markdown, options).into_offset_iter();
    // `[공지]: 내일` looks like the definition of a link; it would vanish.
    let definitions = events.reference_definitions().iter();
    let mut lines = definitions
        .filter(|(_, link)| !is_address(&link.dest))
        .map(|(_, link)| link.span.clone())
        .collect::<Vec<_>>();
    lines.sort_unstable_by_key(|span| span.start);
    let mut lines = lines.into_iter().peekable();

    let mut writer = Writer::new(markdown, html_depth);
    for (event, range) in events {
        while let Some(line) = lines.next_if(|line| line.start < range.start) {
            writer.paragraph(line);
        }
        writer.event(event, range);
    }
    lines.for_each(|line| writer.paragraph(line));
    writer.settle();
    writer
}

enum Block {
    Quote,
    Item,
}

struct List {
    /// `None` for bullets.
    next: Option<u64>,
    /// Its items stand apart.
    loose: bool,
}

#[derive(Default)]
struct Writer<'a> {
    source: &'a str,
    html_depth: usize,
    out: String,
    /// Line breaks due before the next text.
    gap: usize,
    /// Nothing was written yet since the bullet of the current item, or at all.
    fresh: bool,
    blocks: Vec<Block>,
    lists: Vec<List>,
    markers: Vec<Option<&'static str>>,
    links: Vec<Link<'a>>,
    leftovers: Leftovers,
    is_code: bool,
    html: String,
    row: Vec<String>,
    /// Where the row is in the source, from the end of its last cell.
    row_rest: Range<usize>,
    cell: usize,
    rows: Vec<Vec<String>>,
    /// What is complete: texts, and the pictures between them.
    parts: Vec<Part>,
    /// Where the paragraph, list or table of now starts in the output.
    outermost: usize,
    /// Its pictures, and how many letters tell what they show.
    images: Vec<Image>,
    told: usize,
}

impl<'a> Writer<'a> {
    fn new(source: &'a str, html_depth: usize) -> Self {
        let out = String::with_capacity(source.len());
        Self {
            source,
            html_depth,
            out,
            fresh: true,
            ..Self::default()
        }
    }

    fn event(&mut self, event: Event<'a>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.is_code => self.text(&text),
            Event::Text(text) => {
                self.close_gap();
                self.leftovers
                    .note(&text, self.source, range, self.out.len());
                self.text(&text);
            }
            Event::Code(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => self.text(&text),
            Event::Html(text) => self.html.push_str(&text),
            Event::InlineHtml(text) => match without_tags(&text).as_str() {
                "\n" => self.gap = 2.min(self.gap + 1),
                text => self.text(text),
            },
            Event::SoftBreak | Event::HardBreak => self.want(1),
            Event::Rule => {
                self.block(2);
                self.text("―――");
                self.want(2);
            }
            Event::TaskListMarker(is_done) => {
                if self.out.ends_with(BULLET) {
                    self.out.truncate(self.out.len() - BULLET.len());
                }
                self.out.push_str(if is_done { "☑ " } else { "☐ " });
            }
        }
    }

    fn start(&mut self, tag: Tag<'a>, range: Range<usize>) {
        let is_block = matches!(
            tag,
            Tag::Paragraph
                | Tag::Heading { .. }
                | Tag::Table(_)
                | Tag::BlockQuote(_)
                | Tag::List(_)
        );
        if is_block && self.is_outermost() && self.images.is_empty() {
            self.settle();
            self.outermost = self.out.len();
        }
        match tag {
            Tag::Paragraph => {
                if let (Some(Block::Item), Some(list)) = (self.blocks.last(), self.lists.last_mut())
                {
                    list.loose = true;
                }
                self.block(2);
            }
            Tag::Heading { .. } | Tag::HtmlBlock => self.block(2),
            Tag::Table(_) => {
                self.block(2);
                self.close_gap();
            }
            Tag::BlockQuote(_) => {
                self.block(2);
                self.blocks.push(Block::Quote);
                if self.fresh && !self.out.is_empty() {
                    self.out.push_str(QUOTE);
                }
            }
            Tag::CodeBlock(kind) => {
                self.block(2);
                self.is_code = true;
                self.fence(&kind, range);
            }
            Tag::List(next) => {
                let gap = if self.lists.is_empty() && self.has_empty_line_before(range.start) {
                    2
                } else {
                    1
                };
                self.settle();
                if !self.fresh {
                    self.gap = gap;
                }
                self.lists.push(List { next, loose: false });
            }
            Tag::Item => {
                self.block(1);
                self.bullet(range);
            }
            Tag::TableHead | Tag::TableRow => {
                self.row_rest = range;
            }
            Tag::TableCell => {
                self.cell = self.out.len();
                self.row_rest.start = range.end;
            }
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => {
                let marker = literal_marker(&tag, self.source, &range);
                self.markers.push(marker);
                self.text(marker.unwrap_or_default());
            }
            Tag::Link { dest_url: url, .. } | Tag::Image { dest_url: url, .. } => {
                self.close_gap();
                self.links.push(Link {
                    url,
                    at: self.out.len(),
                });
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        self.end_of(tag);
        let is_block = matches!(
            tag,
            TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::Table
                | TagEnd::BlockQuote(_)
                | TagEnd::List(_)
        );
        if is_block && self.is_outermost() && !self.images.is_empty() {
            self.place_images();
        }
    }

    fn end_of(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) => self.block(2),
            TagEnd::BlockQuote(_) => {
                self.block(2);
                self.blocks.pop();
            }
            TagEnd::CodeBlock => {
                self.is_code = false;
                self.want(2);
            }
            TagEnd::HtmlBlock => {
                let text = without_tags(&std::mem::take(&mut self.html));
                let text = if self.html_depth < MAX_HTML {
                    nested(&text, self.html_depth + 1)
                } else {
                    text
                };
                self.text(text.trim());
                self.want(2);
            }
            TagEnd::List(_) => {
                let is_outermost = self.lists.pop().is_some() && self.lists.is_empty();
                self.want(if is_outermost { 2 } else { 1 });
            }
            TagEnd::Item => {
                self.settle();
                self.blocks.pop();
                self.fresh = false;
                self.gap = if self.lists.last().is_some_and(|list| list.loose) {
                    2
                } else {
                    1
                };
            }
            TagEnd::TableHead | TagEnd::TableRow => self.end_row(),
            TagEnd::Table => {
                self.end_table();
                self.block(2);
            }
            TagEnd::TableCell => {
                self.settle();
                let cell = self.out.split_off(self.cell.min(self.out.len()));
                self.gap = 0;
                self.row.push(
                    cell.lines()
                        .map(str::trim)
                        .filter(|line| !line.is_empty())
                        .collect::<Vec<_>>()
                        .join(" / "),
                );
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                let marker = self.markers.pop().flatten();
                self.text(marker.unwrap_or_default());
            }
            TagEnd::Image if self.html_depth == 0 => self.end_image(),
            TagEnd::Link | TagEnd::Image => self.end_link(),
            _ => {}
        }
    }

    fn paragraph(&mut self, source: Range<usize>) {
        self.block(2);
        self.text(self.source.get(source).unwrap_or_default().trim());
        self.want(2);
    }

    /// What stands behind a fence names a language, but `~~~안녕~~~` greets.
    fn fence(&mut self, kind: &CodeBlockKind<'_>, range: Range<usize>) {
        let source = self.source.get(range).unwrap_or_default();
        let CodeBlockKind::Fenced(info) = kind else {
            return;
        };
        if !info.is_ascii() || info.contains(' ') && source.starts_with('~') {
            self.text(source.lines().next().unwrap_or_default());
            self.want(1);
        }
    }

    fn bullet(&mut self, range: Range<usize>) {
        let source = self.source.get(range).unwrap_or_default().trim_start();
        let bullet = match self.lists.last_mut().and_then(|list| list.next.as_mut()) {
            None => BULLET.to_owned(),
            Some(next) => {
                let after = source.trim_start_matches(|c: char| c.is_ascii_digit());
                let written = source.get(..source.len() - after.len()).unwrap_or_default();
                let end = if after.starts_with(')') { ')' } else { '.' };
                // Many write "1." before every item. Other numbers mean themselves: "2026. 3. 1."
                // is a date.
                let counted = if matches!(written, "0" | "1") {
                    next.to_string()
                } else {
                    written.to_owned()
                };
                *next += 1;
                format!("{counted}{end} ")
            }
        };
        self.text(&bullet);
        self.fresh = true;
        self.blocks.push(Block::Item);
    }

    fn end_row(&mut self) {
        // Cells beyond the header's would vanish.
        let rest = self.source.get(self.row_rest.clone()).unwrap_or_default();
        let rest = rest.trim_matches(|c: char| c == '|' || c.is_whitespace());
        if !rest.is_empty() {
            self.row.push(rest.to_owned());
        }
        self.rows.push(std::mem::take(&mut self.row));
    }

    fn end_table(&mut self) {
        for line in table::lines(&std::mem::take(&mut self.rows)) {
            self.text(&line);
            self.want(1);
        }
    }

    /// Writes `text`, which may have several lines.
    fn text(&mut self, text: &str) {
        let mut lines = text.split('\n');
        let mut line = lines.next();
        while let Some(text) = line {
            if !text.is_empty() {
                self.close_gap();
                self.out.push_str(text);
                self.fresh = false;
            }
            line = lines.next();
            if line.is_some() {
                self.gap += 1;
            }
        }
    }

    /// A block begins or ends here: text that follows comes after at least `breaks` line breaks,
    /// unless it still belongs to a bullet.
    fn block(&mut self, breaks: usize) {
        self.settle();
        if !self.fresh {
            self.want(breaks);
        }
    }

    fn want(&mut self, breaks: usize) {
        self.gap = self.gap.max(breaks);
    }

    fn close_gap(&mut self) {
        let gap = std::mem::take(&mut self.gap);
        if gap == 0 && !self.out.is_empty() {
            return;
        }
        self.out.extend(std::iter::repeat_n('\n', gap));
        for block in self.blocks.iter().take(MAX_DEPTH) {
            self.out.push_str(match block {
                Block::Quote => QUOTE,
                Block::Item => "  ",
            });
        }
    }

    fn has_empty_line_before(&self, at: usize) -> bool {
        let head = self.source.get(..at).unwrap_or_default();
        let text = head.trim_end_matches(|c: char| c.is_whitespace() || c == '>');
        head.get(text.len()..)
            .unwrap_or_default()
            .matches('\n')
            .count()
            > 1
    }

    fn settle(&mut self) {
        self.leftovers.settle(self.source, &mut self.out);
    }
}

#[cfg(test)]
mod tests;
