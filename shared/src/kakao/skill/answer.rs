//! How Dari answers on KakaoTalk: text in bubbles, with the buttons that belong to it. Both
//! functions answer through this.

use super::{
    render::{self, ChunkLimit, Look, Page},
    response::{BubbleText, Label as ButtonLabel, MAX_OUTPUTS, QuickReply, Response, Surface, Tap},
};
use crate::{
    config::{Account, KakaoSettings, Locale},
    http::Origin,
    reply::{PlainText, Reply},
    text::{Label, Line},
};

/// The first page of a reply in the account's bubbles, and what is left for the button `계속`. In a
/// room, which has no buttons, one bubble is left free to say so. `local` are origins that pictures
/// and links may have besides public hosts.
pub fn page(
    reply: &Reply,
    account: &Account,
    kakao: &KakaoSettings,
    surface: Surface,
    local: &[Origin],
) -> (Page, Option<Reply>) {
    let look = Look {
        limit: ChunkLimit::new(kakao.text_chunk_limit.into()).unwrap_or_default(),
        surface,
        local,
    };
    let mut page = render::page(reply, look, MAX_OUTPUTS);
    if page.rest.is_some() && surface == Surface::Group {
        page = render::page(reply, look, MAX_OUTPUTS - 1)
            .with_last(&Line::MoreInRoom.in_language(account.locale));
    }
    let rest = page.rest.take();
    (page, rest)
}

/// A page, with the ways on from it: `waiting` for another answer, `more` of this one.
pub fn present(
    page: Page,
    waiting: bool,
    more: bool,
    account: &Account,
    surface: Surface,
) -> Response {
    let on = [
        more.then_some(Label::More),
        waiting.then_some(Label::Collect),
    ];
    let buttons = on
        .into_iter()
        .flatten()
        .map(|label| button(label, account.locale))
        .collect();
    page.into_response(buttons, surface)
}

/// A sentence of ours, with its button if it has one.
pub fn line(line: Line<'_>, account: &Account, surface: Surface) -> Response {
    let said = sentence(&line.in_language(account.locale));
    match line {
        Line::StillThinking => {
            said.with_quick_replies(vec![button(Label::Collect, account.locale)], surface)
        }
        _ => said,
    }
}

/// One bubble; for sentences of ours, which fit into one.
pub fn sentence(text: &PlainText) -> Response {
    Response::text(BubbleText::from(text))
}

/// "The answer follows through the callback." Only for a request that brought one.
pub fn acknowledge(locale: Locale) -> Response {
    Response::use_callback(Some(&Line::Waiting.in_language(locale)))
}

fn button(label: Label, locale: Locale) -> QuickReply {
    let words = label.in_language(locale);
    QuickReply::new(ButtonLabel::fit(words), Tap::says(words))
}
