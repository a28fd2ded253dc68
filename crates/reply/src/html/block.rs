//! A block of HTML as Markdown: its lists, tables and lines. Tags that stand in a line stay for the
//! writer.

use super::piece::{Piece, Tag, pieces};
use crate::lookalike::NOTHING;

/// Deeper lists are not indented further.
const MAX_DEPTH: usize = 6;

#[derive(Default)]
struct Block {
    out: String,
    /// `None` for bullets, else the number of the next item.
    lists: Vec<Option<u64>>,
    table: Option<Table>,
}

#[derive(Default)]
struct Table {
    /// Cells of the row that is being read.
    cells: usize,
    rows: usize,
}

pub(crate) fn as_markdown(html: &str) -> String {
    let mut block = Block::default();
    for piece in pieces(html) {
        match piece {
            Piece::Text(text) => block.text(text),
            Piece::Tag(tag) => block.tag(tag),
        }
    }
    block.end_table();
    block.out
}

impl Block {
    fn text(&mut self, text: &str) {
        if self.table.is_none() {
            self.out.push_str(text);
            return;
        }
        let is_between_cells = self.table.as_ref().is_some_and(|table| table.cells == 0);
        if is_between_cells && text.trim().is_empty() {
            return;
        }
        for c in text.chars() {
            match c {
                '\n' | '\r' => self.out.push(' '),
                '|' => self.out.push_str("\\|"),
                c => self.out.push(c),
            }
        }
    }

    fn tag(&mut self, tag: Tag<'_>) {
        if tag.closes && matches!(tag.element, "td" | "th" | "li") {
            return;
        }
        match (tag.element, tag.closes) {
            ("table", false) => {
                self.end_table();
                self.out.push_str("\n\n");
                self.table = Some(Table::default());
            }
            ("table", true) => self.end_table(),
            ("tr", _) if self.table.is_some() => self.end_row(),
            ("td" | "th", _) => self.cell(),
            _ if self.table.is_some() && tag.is_block => self.line_of_cell(&tag),
            ("ul", false) => self.lists.push(None),
            ("ol", false) => {
                let start = tag.attribute("start").and_then(|start| start.parse().ok());
                self.lists.push(Some(start.unwrap_or(1)));
            }
            ("ul" | "ol", true) => {
                self.lists.pop();
                self.out.push('\n');
            }
            ("li", _) => self.item(),
            ("a" | "img" | "sub" | "sup", _) => self.inline(tag),
            _ if tag.is_block => self.out.push('\n'),
            _ => {}
        }
    }

    fn item(&mut self) {
        self.out.push('\n');
        let depth = self.lists.len().min(MAX_DEPTH);
        self.out
            .extend(std::iter::repeat_n("   ", depth.saturating_sub(1)));
        match self.lists.last_mut() {
            Some(Some(next)) => {
                self.out.extend([next.to_string().as_str(), ". "]);
                *next = next.saturating_add(1);
            }
            Some(None) => self.out.push_str("- "),
            None => {}
        }
    }

    /// A row of the table must stay one line.
    fn line_of_cell(&mut self, tag: &Tag<'_>) {
        let is_in_cell = self.table.as_ref().is_some_and(|table| table.cells > 0);
        if is_in_cell && !is_part(tag) {
            self.out.push_str("<br>");
        }
    }

    fn cell(&mut self) {
        match &mut self.table {
            Some(table) => {
                table.cells += 1;
                self.out.push_str("| ");
            }
            None => self.out.push_str(" | "),
        }
    }

    /// Below its first row a table needs a line.
    fn end_row(&mut self) {
        let Some(table) = &mut self.table else { return };
        if table.cells == 0 {
            return;
        }
        self.out.push_str("|\n");
        if table.rows == 0 {
            self.out.extend(std::iter::repeat_n("|-", table.cells));
            self.out.push_str("|\n");
        }
        table.rows += 1;
        table.cells = 0;
    }

    fn end_table(&mut self) {
        self.end_row();
        if self.table.take().is_some() {
            self.out.push('\n');
        }
    }

    /// Kept as it stands, where it begins no block.
    fn inline(&mut self, tag: Tag<'_>) {
        let is_at_start = self.out.trim_end_matches([' ', '\t']).ends_with('\n');
        if self.out.is_empty() || is_at_start {
            self.out.push(NOTHING);
        }
        let slash = if tag.closes { "/" } else { "" };
        let (element, attributes) = (tag.element, tag.attributes);
        self.out.extend(["<", slash, element, attributes, ">"]);
    }
}

/// Of a table, and no line of a cell.
fn is_part(tag: &Tag<'_>) -> bool {
    matches!(
        tag.element,
        "tbody" | "thead" | "tfoot" | "caption" | "colgroup" | "col"
    )
}
