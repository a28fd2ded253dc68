//! The document's rules, one by one; `simulation` then lets workers loose on it.

mod held;
mod lane;
mod opening;
mod overview;
mod simulation;

use std::time::Duration;

use reply::{PlainText, Reply};

use super::{conversation::Opening, *};
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

fn whole(reply: &Reply) -> (String, Option<Reply>) {
    (reply.words(), None)
}

/// One person's request, as a test words it.
#[derive(Clone)]
struct Request {
    turn: &'static str,
    words: &'static str,
    at: Time,
    slot: Slot,
    keys: Vec<String>,
    concurrency: Concurrency,
}

fn request(turn: &'static str, words: &'static str, at: Time) -> Request {
    let slot = Slot::Callback {
        url: OneUseUrl::new(&format!("https://callback/{turn}")),
        due: at + budget::CALLBACK_WINDOW,
    };
    Request {
        turn,
        words,
        at,
        slot,
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
        slot: &request.slot,
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

fn known(turn: &str, stranded: bool) -> Opened {
    Opened::Again {
        turn: turn.to_owned(),
        open: stranded,
        stranded,
        same_slot: true,
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
