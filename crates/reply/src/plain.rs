//! From markdown to the plain text that people like to read in a chat bubble, and its pictures.
//! Lines break where the author broke them.

mod escape;
mod images;
mod link;
mod tags;
mod writer;

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use self::{
    link::is_address,
    writer::{BULLET, Block, Count, Link, List, QUOTE, Writer},
};
use super::{
    Part,
    html::{as_markdown, without_tags},
    lookalike, table, text,
};

/// HTML may hold markdown that holds HTML; below this depth, tags are taken out and the markdown
/// stays as it is.
const MAX_HTML: usize = 2;

/// `markdown` as text and pictures. A picture comes after the paragraph, list or table it is in;
/// its alternative text stays in the text, unless the paragraph has nothing but pictures.
pub(super) fn parts(markdown: &str) -> Vec<Part> {
    let head = text::head(markdown);
    let hidden = lookalike::hidden(head);
    let mut writer = written(&hidden, 0);
    if head.len() < markdown.len() {
        writer.out.push('…');
    }
    writer.text_ends();
    writer.parts
}

/// The words of a text that stands in a field of its own. Only what is marked up is read as
/// Markdown, so that `- 5` and `+ 더 보기` stay as they are.
pub(super) fn words(text: &str) -> String {
    let marks = ["*", "_", "~~", "`", "](", "<", "&", "# "];
    if !marks.iter().any(|mark| text.contains(mark)) {
        return text.to_owned();
    }
    let words: Vec<_> = parts(text).iter().map(Part::words).collect();
    words.join("\n\n")
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

impl<'a> Writer<'a> {
    fn event(&mut self, event: Event<'a>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag, range),
            Event::Text(text) if self.is_code => self.text(&text),
            Event::Text(text) => self.line(&text, range),
            Event::Code(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => {
                self.text(&text);
                self.read = range.end;
            }
            Event::Html(text) => self.html.push_str(&text),
            Event::InlineHtml(text) => {
                self.inline_html(&text);
                self.read = range.end;
            }
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
                | Tag::HtmlBlock
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
                self.lists.push(List {
                    count: next.map(Count::from),
                    loose: false,
                });
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
                let marker = marker(tag.to_end(), self.source, &range);
                self.marker(range.start..range.start + marker);
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

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        self.end_of(tag, range);
        let is_block = matches!(
            tag,
            TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::Table
                | TagEnd::BlockQuote(_)
                | TagEnd::List(_)
                | TagEnd::HtmlBlock
        );
        let is_whole = self.html_depth == 0 && self.is_outermost();
        if is_block && is_whole && !self.images.is_empty() {
            self.place_images();
        }
    }

    fn end_of(&mut self, tag: TagEnd, range: Range<usize>) {
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
            TagEnd::HtmlBlock => self.end_html_block(),
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
                let marker = marker(tag, self.source, &range);
                self.marker(range.end - marker..range.end);
            }
            TagEnd::Image => self.end_image(),
            TagEnd::Link => self.end_link(),
            _ => {}
        }
    }

    /// A block of HTML is Markdown of its own. Its pictures belong to the text around it.
    fn end_html_block(&mut self) {
        let html = std::mem::take(&mut self.html);
        if self.html_depth == MAX_HTML {
            self.text(without_tags(&html).trim());
        } else {
            let markdown = as_markdown(&html);
            let hidden = lookalike::hidden(&markdown);
            let inner = written(&hidden, self.html_depth + 1);
            self.text(inner.out.trim());
            self.images.extend(inner.images);
            self.told += inner.told;
        }
        self.want(2);
    }

    /// Text as it stands in a line: perhaps a marker of emphasis.
    fn line(&mut self, text: &str, range: Range<usize>) {
        self.close_gap();
        let is_escaped = self.unescape(&range);
        let is_marker = matches!(text, "*" | "_" | "~") && range.len() == 1;
        if is_marker && !is_escaped {
            self.marker(range);
        } else {
            self.text(text);
            self.read = range.end;
        }
    }

    /// A marker is written as it stands until the paragraph is over.
    fn marker(&mut self, range: Range<usize>) {
        self.close_gap();
        if !self.is_in_formula(range.start) {
            self.markers
                .note(range.clone(), self.source, self.out.len());
        }
        self.text(self.source.get(range.clone()).unwrap_or_default());
        self.read = range.end;
    }

    fn paragraph(&mut self, source: Range<usize>) {
        self.block(2);
        self.text(self.source.get(source).unwrap_or_default().trim());
        self.want(2);
    }

    /// What stands behind a fence usually names a language and is left out; `~~~안녕~~~` is meant to
    /// be read.
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
        let bullet = match self.lists.last_mut().and_then(|list| list.count.as_mut()) {
            None => BULLET.to_owned(),
            Some(count) => {
                let after = source.trim_start_matches(|c: char| c.is_ascii_digit());
                let written = source.get(..source.len() - after.len()).unwrap_or_default();
                let end = if after.starts_with(')') { ')' } else { '.' };
                format!("{}{end} ", count.number(written))
            }
        };
        self.text(&bullet);
        self.fresh = true;
        self.blocks.push(Block::Item);
    }

    fn end_row(&mut self) {
        // The parser leaves out cells for which the header has no column.
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

    fn has_empty_line_before(&self, at: usize) -> bool {
        let head = self.source.get(..at).unwrap_or_default();
        let text = head.trim_end_matches(|c: char| c.is_whitespace() || c == '>');
        head.get(text.len()..)
            .unwrap_or_default()
            .matches('\n')
            .count()
            > 1
    }
}

/// How long the marker of a piece of emphasis is.
fn marker(tag: TagEnd, source: &str, range: &Range<usize>) -> usize {
    let text = source.get(range.clone()).unwrap_or_default();
    match tag {
        TagEnd::Strong => 2,
        TagEnd::Strikethrough if text.starts_with("~~") => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests;
