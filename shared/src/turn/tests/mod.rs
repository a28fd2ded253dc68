//! The document's rules, one by one; `simulation` then lets workers loose on it.

mod held;
mod lane;
mod opening;
mod overview;
mod simulation;

use std::time::Duration;

use reply::{PlainText, Reply};

use super::*;
use crate::{
    access::Admitted,
    clock::Time,
    config::Concurrency,
    identity::{AccountId, Channel, Scope, SenderId, SenderKind},
    message::Message,
    store::Document,
};

const START: Time = Time::from_millis(1_800_000_000_000);
const KEEP: Duration = Duration::from_hours(24);

/// What the slots here allow, after the message came.
const EARLIEST: Duration = Duration::from_millis(2_400);
const LATEST: Duration = Duration::from_secs(50);
/// When the function that opened a turn has ended, after the message came.
const OPENER_ENDS: Duration = Duration::from_millis(3_800);

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn text(text: &str) -> Reply {
    PlainText::literal(text).unwrap().into()
}

fn answer(words: &str) -> Answer {
    Answer {
        reply: text(words),
        memory: None,
    }
}

fn later(at: Time) -> Step {
    Step::Later { at, stalled: None }
}

fn whole(showing: Showing<'_>) -> (String, Option<Reply>) {
    (showing.reply.words(), None)
}

/// One person's request, as a test words it.
#[derive(Clone)]
struct Request {
    turn: &'static str,
    words: &'static str,
    at: Time,
    slot: Slot,
    unanswered: String,
    keys: Vec<String>,
    concurrency: Concurrency,
}

fn request(turn: &'static str, words: &'static str, at: Time) -> Request {
    let slot = Slot::Callback(Callback {
        url: OneUseUrl::new(&format!("https://callback/{turn}")),
        earliest: at + EARLIEST,
        latest: at + LATEST,
        posts_left: 2,
    });
    Request {
        turn,
        words,
        at,
        slot,
        unanswered: "아무도 답하지 않았어요".to_owned(),
        keys: vec![turn.to_owned()],
        concurrency: Concurrency::Queue,
    }
}

fn open(conversation: &mut Conversation, request: &Request) -> Opened {
    let admitted = Admitted::for_test(SenderId::new(SenderKind::BotUserKey, "alice").unwrap());
    let message = Message {
        text: request.words.to_owned(),
        ..Message::default()
    };
    let opening = Opening {
        turn: request.turn,
        session: "session",
        scope: &Scope {
            channel: Channel::Kakao,
            account: AccountId::default(),
        },
        group: false,
        message: &message,
        received: request.at,
        now: request.at,
        opener_ends: request.at + OPENER_ENDS,
        slot: &request.slot,
        unanswered: &text(&request.unanswered),
        keys: &request.keys,
        slot_key: None,
        fingerprint: request.words,
        speaker: "alice",
        concurrency: request.concurrency,
        crowded: false,
    };
    conversation.open(&opening, &admitted)
}

fn opened(requests: &[Request]) -> Conversation {
    let mut conversation = Conversation::default();
    for request in requests {
        assert_eq!(open(&mut conversation, request), Opened::New);
    }
    conversation
}

fn ended(turn: &str) -> Opened {
    Opened::Ended {
        turn: turn.to_owned(),
    }
}

fn stranded(turn: &str) -> Opened {
    Opened::Stranded {
        turn: turn.to_owned(),
    }
}

fn is_ask(step: &Step) -> bool {
    matches!(step, Step::Ask(_))
}

fn post_of(finished: Finished) -> Post {
    match finished {
        Finished::Post(post) => post,
        other => panic!("{other:?}"),
    }
}
