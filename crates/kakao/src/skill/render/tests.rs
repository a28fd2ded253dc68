use proptest::prelude::*;
use reply::{Card, CardKind};
use serde_json::{Value, from_str};

use super::*;
use crate::skill::cards::tests::{check::check, damage::wrapped};

fn bubbles(response: &Response) -> Vec<String> {
    let json = from_str::<Value>(&response.to_json()).unwrap();
    let outputs = json["template"]["outputs"].as_array().unwrap();
    outputs
        .iter()
        .map(|output| output["simpleText"]["text"].as_str().unwrap().to_owned())
        .collect()
}

fn look(limit: usize) -> Look<'static> {
    Look {
        limit: ChunkLimit::new(limit).unwrap(),
        surface: Surface::Channel,
        local: &[],
        hidden_picture: None,
    }
}

fn render(text: &str, limit: usize) -> (Vec<String>, Option<String>) {
    let text = PlainText::literal(text).unwrap();
    let page = page(&text.into(), look(limit), MAX_OUTPUTS);
    let rest = page.rest.as_ref().map(Reply::words);
    (bubbles(&page.into_response(vec![])), rest)
}

/// A page of nothing but text, in bubbles of at most `limit` units, with quick replies.
fn check_text(response: &Response, limit: usize) {
    let json = response.to_json();
    check(&json, Surface::Channel);
    assert!(!json.contains("{{#"), "{json}");
    let json: Value = from_str(&json).unwrap();
    let quick_replies = json["template"]["quickReplies"].as_array().unwrap();
    assert!((1..=10).contains(&quick_replies.len()));
    for quick_reply in quick_replies {
        assert_eq!(quick_reply["action"], "message");
        assert!(quick_reply["messageText"].is_string());
    }
    for text in bubbles(response) {
        let units = text.encode_utf16().count();
        assert!(units <= limit.max(2), "a bubble of {units} units");
    }
}

#[test]
fn a_short_answer_is_one_bubble() {
    assert_eq!(
        render("안녕하세요.", 900),
        (vec!["안녕하세요.".to_owned()], None)
    );
}

#[test]
fn f30_a_long_answer_is_three_bubbles_and_a_rest() {
    let paragraphs = (1..=9)
        .map(|n| format!("{n}번째 문단. {}", "가".repeat(40)))
        .collect::<Vec<_>>();
    let (bubbles, rest) = render(&paragraphs.join("\n\n"), 110);
    assert_eq!(bubbles.len(), 3);
    assert_eq!(bubbles[0], paragraphs[..2].join("\n\n"));
    assert_eq!(bubbles[2], format!("{} …", paragraphs[4..6].join("\n\n")));
    assert_eq!(rest.unwrap(), paragraphs[6..].join("\n\n"));
}

#[test]
fn the_ellipsis_never_exceeds_the_limit() {
    let (bubbles, rest) = render(&"가".repeat(3100), 1000);
    assert_eq!(
        bubbles,
        ["가".repeat(1000), "가".repeat(1000), "가".repeat(1000)]
    );
    assert_eq!(rest.unwrap(), "가".repeat(100));
}

#[test]
fn every_page_leads_to_the_next() {
    let words = (0..4000).map(|n| n.to_string()).collect::<Vec<_>>();
    let mut next = PlainText::literal(&words.join(" ")).map(Reply::from);
    let mut seen = Vec::new();
    while let Some(reply) = next {
        let page = page(&reply, look(900), MAX_OUTPUTS);
        next = page.rest.clone();
        for bubble in bubbles(&page.into_response(vec![])) {
            seen.extend(
                bubble
                    .split_whitespace()
                    .filter(|word| *word != "…")
                    .map(str::to_owned),
            );
        }
    }
    assert_eq!(seen, words);
}

#[test]
fn chunk_limits_are_1_to_1000() {
    let limits = [0, 1, 1000, 1001].map(|units| ChunkLimit::new(units).map(ChunkLimit::units));
    assert_eq!(limits, [None, Some(1), Some(1000), None]);
    assert_eq!(ChunkLimit::default().units(), 900);
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{{#mentions.x}}".to_owned()),
        Just("{{ #webhook.text}}".to_owned()),
        Just("{\"version\":\"2.0\",\"template\":null}".to_owned()),
        Just("[a](http://169.254.169.254/)".to_owned()),
        Just("**\"가\"**는".to_owned()),
        Just("\u{0}\u{1b}[0m\u{7f}\u{85}".to_owned()),
        Just("\u{200b}\u{202e}\u{feff}\u{200d}".to_owned()),
        Just("e\u{301}\u{301}👨‍👩‍👧".to_owned()),
        Just("\n\n".to_owned()),
        Just("| a | b |\n|--|--|\n| c | d |\n".to_owned()),
        "[*_~`#>|{}\\-\\[\\]()<&! \n]{1,4}",
        "\\p{any}{0,8}",
        "[가-힣]{1,9}[. ]",
    ];
    (proptest::collection::vec(piece, 0..30), 1..4usize)
        .prop_map(|(pieces, times)| pieces.concat().repeat(times))
}

proptest! {
    #[test]
    fn f115_any_answer_becomes_a_valid_response(markdown in hostile(), limit in 1..=1000usize) {
        let Some(reply) = Reply::from_markdown(&markdown) else { return Ok(()) };
        let suggestion = QuickReply::suggested(&Suggestion::says(&reply.words())).unwrap();
        let page = page(&reply, look(limit), MAX_OUTPUTS);
        check_text(&page.into_response(vec![suggestion; 11]), limit);
    }
}

#[test]
fn f115_an_answer_of_100_kb_becomes_a_valid_response() {
    for unit in [
        "가",
        "{{#a}}",
        "\u{301}",
        "👨‍👩‍👧",
        "\"",
        "\\",
        "**굵게** ",
        "> ",
        "- a\n",
        "\0a",
        " \n",
        "<b>",
        "&amp;",
        "```\n",
    ] {
        let Some(reply) = Reply::from_markdown(&unit.repeat(100_000 / unit.len())) else {
            continue;
        };
        let page = page(&reply, look(900), MAX_OUTPUTS);
        let more = QuickReply::suggested(&Suggestion::says("계속")).unwrap();
        check_text(&page.into_response(vec![more]), 900);
    }
}

/// A part of a reply, and what a person must be able to read of it or see.
fn part(kind: u8, n: usize) -> (Part, Vec<String>) {
    let token = |letter: char| format!("{letter}{n}z");
    let card = |kind, body: Value| {
        let body = body.as_object().unwrap().clone();
        Part::Card(Card { kind, body })
    };
    let text = |text: &str| Part::Text(PlainText::literal(text).unwrap());
    match kind {
        0 => (text(&token('a')), vec![token('a')]),
        1 => {
            let words: Vec<_> = (0..150)
                .map(|word| format!("{}{word}w", token('b')))
                .collect();
            (text(&words.join(" ")), words)
        }
        2 => {
            let url = format!("https://img.example.com/{}", token('c'));
            (Part::Image(Image::parse(&url, None).unwrap()), vec![url])
        }
        3 => {
            let image = Image::parse("http://10.0.0.1/a.png", Some(&token('d')));
            (Part::Image(image.unwrap()), vec![token('d')])
        }
        4 => {
            let rows: Vec<_> = (0..8).map(|row| format!("{}{row}w", token('e'))).collect();
            let items: Vec<_> = rows
                .iter()
                .map(|row| serde_json::json!({ "title": row }))
                .collect();
            let body = serde_json::json!({ "header": { "title": token('f') }, "items": items });
            (
                card(CardKind::ListCard, body),
                [rows, vec![token('f')]].concat(),
            )
        }
        5 => {
            let buttons: Vec<_> = (0..5)
                .map(|button| serde_json::json!({ "label": format!("{}{button}", token('g')), "action": "message" }))
                .collect();
            let labels = (0..5).map(|button| format!("{}{button}", token('g')));
            let body = serde_json::json!({ "title": token('h'), "buttons": buttons });
            (
                card(CardKind::TextCard, body),
                labels.chain([token('h')]).collect(),
            )
        }
        _ => {
            let cards: Vec<_> = (0..3)
                .map(|card| serde_json::json!({ "title": format!("{}{card}", token('i')) }))
                .collect();
            let titles = (0..3).map(|card| format!("{}{card}", token('i'))).collect();
            let body = serde_json::json!({ "type": "textCard", "items": cards });
            (card(CardKind::Carousel, body), titles)
        }
    }
}

proptest! {
    #[test]
    fn f30_page_by_page_everything_is_shown(
        kinds in proptest::collection::vec(0..7u8, 1..9),
        suggestions in 0..12usize,
        limit in 100..=1000usize,
        in_room in any::<bool>(),
        bubbles in 1..=3usize,
    ) {
        let look = Look {
            surface: if in_room { Surface::Group } else { Surface::Channel },
            ..look(limit)
        };
        let (parts, expected): (Vec<_>, Vec<_>) =
            kinds.iter().enumerate().map(|(n, kind)| part(*kind, n)).unzip();
        let suggested: Vec<_> = (0..suggestions).map(|n| format!("s{n}z")).collect();
        let reply = Reply::new(parts, suggested.iter().map(|it| Suggestion::says(it)).collect());
        let mut next = reply;
        let mut seen = String::new();
        let mut pages = 0;
        while let Some(reply) = next {
            let page = page(&reply, look, bubbles);
            next = page.rest.clone();
            seen.push_str(&page.into_response(vec![]).to_json());
            pages += 1;
            prop_assert!(pages < 200, "it does not come to an end");
        }
        for words in expected.concat().iter().chain(&suggested) {
            prop_assert!(seen.contains(words), "{words} is never shown");
        }
        prop_assert!(!seen.contains("10.0.0.1"));
    }
}

fn any_part() -> impl Strategy<Value = Option<Part>> {
    let text = |text: String| PlainText::literal(&text).map(Part::Text);
    let url = prop_oneof![
        "https://img.example.com/[a-z\"\\\\{#?]{0,9}",
        Just("http://10.0.0.1/a.png".to_owned()),
        Just("http://127.0.0.1:8788/a.png".to_owned()),
    ];
    let picture =
        (url, hostile()).prop_map(|(url, alt)| Image::parse(&url, Some(&alt)).map(Part::Image));
    let card = wrapped(2).prop_map(|written| {
        let (name, body) = written.as_object()?.iter().next()?;
        let (kind, body) = (CardKind::parse(name)?, body.as_object()?.clone());
        Some(Part::Card(Card { kind, body }))
    });
    prop_oneof![hostile().prop_map(text), picture, card]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn f115_any_page_is_one_the_platform_shows(
        parts in proptest::collection::vec(any_part(), 1..6),
        suggestions in proptest::collection::vec((hostile(), prop::option::of(hostile())), 0..12),
        limit in 1..=1000usize,
        in_room in any::<bool>(),
    ) {
        let local = [Origin::parse("http://127.0.0.1:8788").unwrap()];
        let look = Look {
            surface: if in_room { Surface::Group } else { Surface::Channel },
            local: &local,
            ..look(limit)
        };
        let suggestions = suggestions.into_iter().map(|(label, message_text)| Suggestion {
            message_text,
            ..Suggestion::says(&label)
        });
        let sentence = PlainText::literal("이어서 볼까요?").unwrap();
        let mut next = Reply::new(parts.into_iter().flatten().collect(), suggestions.collect());
        // With bubbles of one letter the end is far.
        for _ in 0..9 {
            let Some(reply) = next else { break };
            let first = page(&reply, look, 2).with_last(&sentence);
            let page = page(&reply, look, MAX_OUTPUTS);
            next = page.rest.clone();
            for page in [first, page] {
                let way_on = QuickReply::suggested(&Suggestion::says("계속")).unwrap();
                check(&page.into_response(vec![way_on; 2]).to_json(), look.surface);
            }
        }
    }

    #[test]
    fn f115_any_sentence_is_one_the_platform_shows(text in hostile()) {
        let Some(text) = PlainText::literal(&text) else { return Ok(()) };
        for surface in [Surface::Channel, Surface::Group] {
            check(&Response::text((&text).into()).to_json(), surface);
            check(&Response::use_callback(&text).to_json(), surface);
        }
    }
}
