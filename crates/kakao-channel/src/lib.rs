//! How Dari answers on KakaoTalk: replies and sentences of its own as skill responses, with the
//! buttons that belong to them; and on which hosts callbacks may be. The skill webhook and the turn
//! worker both answer through this crate.

use kakao::{
    address::CallbackHosts,
    skill::{
        render::{self, ChunkLimit, Look, Page},
        response::{
            BubbleText, Bubbles, Label as ButtonLabel, MAX_OUTPUTS, MAX_QUICK_REPLIES, QuickReply,
            Response, Surface, Tap,
        },
    },
};
use outside::Origin;
use reply::{MAX_SUGGESTIONS, PlainText, Reply};
use shared::{
    config::{Account, KakaoSettings, Locale},
    env::Hosts,
    text::{Label, Line},
};

// The buttons of a page, and all suggestions of a reply.
const _: () = assert!(2 + MAX_SUGGESTIONS <= MAX_QUICK_REPLIES);

/// The hosts that callbacks may be on, as the environment sets them.
pub fn callback_hosts(hosts: &Hosts) -> CallbackHosts {
    let allowed = CallbackHosts::new(hosts.extra_origins.clone());
    match &hosts.callback_domain {
        Some(domain) => allowed.and_below(domain),
        None => allowed,
    }
}

/// The first page of a reply in the account's bubbles, and what is left for the button `계속`. A
/// group chat has no buttons, so there one bubble is kept free to say that more follows. `local`
/// are origins that pictures and links may have besides public hosts.
pub fn page(
    reply: &Reply,
    account: &Account,
    kakao: &KakaoSettings,
    surface: Surface,
    local: &[Origin],
) -> (Page, Option<Reply>) {
    let hidden_picture = Line::HiddenPicture.in_language(account.locale);
    let look = Look {
        limit: ChunkLimit::new(kakao.text_chunk_limit.into()).unwrap_or_default(),
        surface,
        local,
        hidden_picture: Some(&hidden_picture),
    };
    let mut page = render::page(reply, look, MAX_OUTPUTS);
    if page.rest.is_some() && !surface.has_quick_replies() {
        page = render::page(reply, look, MAX_OUTPUTS - 1)
            .with_last(&Line::MoreInRoom.in_language(account.locale));
    }
    let rest = page.rest.take();
    (page, rest)
}

/// A reply and, after it, that the answer to another question may not have arrived.
pub fn with_offer(reply: &Reply, unconfirmed: Option<&str>, locale: Locale) -> Reply {
    let offer = unconfirmed.map(|question| Line::Unconfirmed { question }.in_language(locale));
    offer
        .and_then(|offer| reply.and(&offer.into()))
        .unwrap_or_else(|| reply.clone())
}

/// What there is after a page. Each way has a button.
#[derive(Clone, Copy, Debug)]
pub struct WaysOn {
    /// To the rest of this answer.
    pub more: bool,
    /// To another answer.
    pub waiting: bool,
}

/// A page with its buttons.
pub fn present(page: Page, ways_on: WaysOn, account: &Account) -> Response {
    let WaysOn { more, waiting } = ways_on;
    let labels = [
        more.then_some(Label::More),
        waiting.then_some(Label::Collect),
    ];
    let buttons = labels
        .into_iter()
        .flatten()
        .map(|label| button(label, account.locale))
        .collect();
    page.into_response(buttons)
}

/// A sentence of ours, with its button if it has one.
pub fn line(line: Line<'_>, account: &Account, surface: Surface) -> Response {
    match line {
        Line::StillThinking if !surface.has_quick_replies() => Response::new(
            sentence_in(Line::StillThinkingInRoom, account, surface),
            Vec::new(),
        ),
        Line::StillThinking | Line::PerhapsTaken | Line::TooManyWaiting | Line::SentTwice => {
            line_with_collect(line, account, surface)
        }
        _ => Response::new(sentence_in(line, account, surface), Vec::new()),
    }
}

/// A sentence of ours with the button that collects, where there are buttons.
pub fn line_with_collect(line: Line<'_>, account: &Account, surface: Surface) -> Response {
    let collect = surface
        .has_quick_replies()
        .then(|| button(Label::Collect, account.locale));
    Response::new(
        sentence_in(line, account, surface),
        collect.into_iter().collect(),
    )
}

fn sentence_in(line: Line<'_>, account: &Account, surface: Surface) -> Bubbles {
    Bubbles::text(BubbleText::from(line.in_language(account.locale)), surface)
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

#[cfg(test)]
mod tests {
    use kakao::address::CallbackUrl;

    use super::*;

    fn hosts(variables: &[(&str, &str)]) -> CallbackHosts {
        let lookup = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        callback_hosts(&Hosts::from_env(&lookup).unwrap())
    }

    #[test]
    fn a_stand_in_for_the_bot_api_may_take_callbacks() {
        let stand_in = hosts(&[("DARI_BOT_API_URL", "http://127.0.0.1:9911/emulator")]);
        let callback = "http://127.0.0.1:9911/emulator/bot-api/v1/bots/b/callback/t";
        assert!(CallbackUrl::parse(callback, &stand_in).is_ok());
        assert!(CallbackUrl::parse(callback, &hosts(&[])).is_err());
    }

    #[test]
    fn callbacks_on_other_hosts_of_a_domain_are_let_through_if_it_is_set() {
        let callback = "https://bot-api2.kakao.com/v1/bots/b/callback/t";
        assert!(CallbackUrl::parse(callback, &hosts(&[])).is_err());
        let wider = hosts(&[("DARI_CALLBACK_DOMAIN", "kakao.com")]);
        assert!(CallbackUrl::parse(callback, &wider).is_ok());
        assert!(CallbackUrl::parse("https://evilkakao.com/v1", &wider).is_err());
    }
}
