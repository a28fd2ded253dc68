//! HTML in answers: its pieces, and blocks of it as Markdown.

mod block;
mod piece;

pub(super) use self::{
    block::as_markdown,
    piece::{Piece, Tag, pieces, without_tags},
};
