//! How Dari answers on KakaoTalk: replies and sentences of ours in bubbles, with their buttons. Both
//! functions answer through this.

use super::{
    render::{self, ChunkLimit, Look, Page},
    response::{
        BubbleText, Bubbles, Label as ButtonLabel, MAX_OUTPUTS, MAX_QUICK_REPLIES, QuickReply,
        Response, Surface, Tap,
    },
};
use crate::{
    config::{KakaoAccount, Locale},
    http::Origin,
    reply::{MAX_SUGGESTIONS, PlainText, Reply},
    text::{Label, Line},
};

// The buttons of a page, and all suggestions of a reply.
const _: () = assert!(2 + MAX_SUGGESTIONS <= MAX_QUICK_REPLIES);

/// The first page of a reply, and what is left for the button `계속`. A group room has no buttons;
/// there the last bubble says how to go on. `local` are origins that pictures and links may have
/// besides public hosts.
pub fn page(
    reply: &Reply,
    account: &KakaoAccount,
    surface: Surface,
    local: &[Origin],
) -> (Page, Option<Reply>) {
    let look = Look {
        limit: ChunkLimit::new(account.text_chunk_limit.into()).unwrap_or_default(),
        surface,
        local,
    };
    let mut page = render::page(reply, look, MAX_OUTPUTS);
    if page.rest.is_some() && !surface.has_quick_replies() {
        page = render::page(reply, look, MAX_OUTPUTS - 1)
            .with_last(&Line::MoreInRoom.in_language(account.locale));
    }
    let rest = page.rest.take();
    (page, rest)
}

/// A page with its buttons: for another answer that is `waiting`, for `more` of this one.
pub fn present(page: Page, waiting: bool, more: bool, account: &KakaoAccount) -> Response {
    let ways_on = [
        more.then_some(Label::More),
        waiting.then_some(Label::Collect),
    ];
    let buttons = ways_on
        .into_iter()
        .flatten()
        .map(|label| button(label, account.locale))
        .collect();
    page.into_response(buttons)
}

/// A sentence of ours, with its button if it has one.
pub fn line(line: Line<'_>, account: &KakaoAccount, surface: Surface) -> Response {
    let text = BubbleText::from(line.in_language(account.locale));
    let buttons = match line {
        Line::StillThinking => vec![button(Label::Collect, account.locale)],
        _ => Vec::new(),
    };
    Response::new(Bubbles::text(text, surface), buttons)
}

/// A sentence of ours without buttons, for any surface.
pub fn sentence(text: &PlainText) -> Response {
    Response::text(BubbleText::from(text))
}

/// Promises the answer through the callback. Only for a request that brought one.
pub fn acknowledge(locale: Locale) -> Response {
    Response::use_callback(&Line::Waiting.in_language(locale))
}

fn button(label: Label, locale: Locale) -> QuickReply {
    let words = label.in_language(locale);
    QuickReply::new(ButtonLabel::fit(words), Tap::says(words))
}
