//! A plain page that lists the bots and what was said last.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse};

use crate::Emulator;
use crate::bot::Bot;
use crate::callback::CallbackState;
use crate::exchange::{Bubble, Exchange, Outcome};

/// So many exchanges are listed.
const LISTED: usize = 50;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;\
padding:0 1rem}table{border-collapse:collapse;width:100%}td,th{border:1px solid #ccc;\
padding:.3rem .5rem;text-align:left;vertical-align:top;white-space:pre-wrap;\
overflow-wrap:break-word}td:last-child{overflow-wrap:anywhere}.broken{color:#b00020}";

pub(crate) async fn listing(State(emulator): State<Emulator>) -> impl IntoResponse {
    let now = emulator.inner.clock.now_ms();
    let state = emulator.state();
    let bots: String = state.bots().map(bot_row).collect();
    let newest = state.views(now).rev().take(LISTED);
    let exchanges: String = newest.map(|exchange| exchange_row(&exchange)).collect();
    let page = format!(
        "<!doctype html><html lang=\"ko\"><meta charset=\"utf-8\"><title>KakaoTalk emulator</title>\
         <style>{STYLE}</style><h1>KakaoTalk emulator</h1><p>KakaoTalk's chatbot platform, played on this machine.</p>\
         <h2>Bots</h2><table><tr><th>id<th>name<th>blocks</tr>{bots}</table>\
         <h2>Exchanges, newest first</h2>\
         <table><tr><th>id<th>user<th>said<th>outcome<th>seen</tr>{exchanges}</table></html>"
    );
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(page))
}

fn bot_row(bot: &Bot) -> String {
    let blocks: Vec<_> = bot.blocks.iter().map(|block| block.name.as_str()).collect();
    row(&[&bot.id, &bot.name, &blocks.join(", ")], &[])
}

fn exchange_row(exchange: &Exchange) -> String {
    let said = exchange.request.pointer("/userRequest/utterance");
    let said = said.or_else(|| exchange.request.get("utterance"));
    let said = said.and_then(|said| said.as_str()).unwrap_or_default();
    let mut outcome = match exchange.outcome {
        Outcome::Pending => "the skill is being called",
        Outcome::Answered => "answered at once",
        Outcome::Waiting => "answer promised",
        Outcome::Timeout => "no answer within 5 s",
        Outcome::Failed => "the skill failed",
        Outcome::Refused => "not shown: a rule is broken",
    }
    .to_owned();
    if let Some(error) = &exchange.error {
        let _ = write!(outcome, "\n{error}");
    }
    let mut seen: Vec<&str> = exchange.bubbles.iter().map(text).collect();
    seen.extend(exchange.waiting_message.as_deref());
    let mut broken: Vec<_> = exchange.broken_rules.iter().collect();
    if let Some(callback) = &exchange.callback {
        let came = match callback.state {
            CallbackState::Open => "\ncallback: waited for",
            CallbackState::Used => "\ncallback: used",
            CallbackState::Expired => "\ncallback: expired",
            CallbackState::Testing => "\ncallback: of a console, not usable",
            CallbackState::RefusedAck => "",
        };
        outcome.push_str(came);
        seen.extend(callback.bubbles.iter().map(text));
        broken.extend(&callback.broken_rules);
    }
    let broken: Vec<_> = broken
        .into_iter()
        .map(|rule| format!("{} at {}: {}", rule.rule, rule.at, rule.detail))
        .collect();
    let user = match &exchange.room {
        Some(room) => format!("{} ({room})", exchange.user),
        None => exchange.user.clone(),
    };
    row(
        &[&exchange.id, &user, said, &outcome, &seen.join("\n\n")],
        &broken,
    )
}

fn text(bubble: &Bubble) -> &str {
    &bubble.text
}

/// A table row; what is broken goes below the last cell's text.
fn row(cells: &[&str], broken: &[String]) -> String {
    let cells: Vec<_> = cells.iter().map(|cell| escaped(cell)).collect();
    let mut row = format!("<tr><td>{}", cells.join("<td>"));
    for rule in broken {
        let _ = write!(row, "<div class=\"broken\">{}</div>", escaped(rule));
    }
    row.push_str("</tr>");
    row
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut safe, c| {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
        safe
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_said_becomes_markup() {
        let row = row(&["<script>", "\"'&"], &["<b>".to_owned()]);
        assert_eq!(
            row,
            "<tr><td>&lt;script&gt;<td>&quot;&#39;&amp;<div class=\"broken\">&lt;b&gt;</div></tr>"
        );
    }
}
