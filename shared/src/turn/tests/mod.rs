//! The document's rules, one by one; `simulation` then lets workers loose on it.

mod simulation;

use std::time::Duration;

use super::{conversation::Opening, *};
use crate::{
    access::{Admitted, Scope},
    clock::Time,
    config::Concurrency,
    identity::{AccountId, Channel, SenderId, SenderKind},
    message::Message,
    reply::PlainText,
    store::Document,
};

const START: Time = Time::from_millis(1_800_000_000_000);
const KEEP: Duration = Duration::from_hours(24);

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn text(text: &str) -> PlainText {
    PlainText::literal(text).unwrap()
}

fn whole(text: &PlainText) -> (String, Option<PlainText>) {
    (text.as_str().to_owned(), None)
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
        url: format!("https://callback/{turn}"),
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
        fingerprint: request.words,
        speaker: "alice",
        concurrency: request.concurrency,
    };
    conversation.open(&opening, &admitted)
}

fn opened(requests: &[Request]) -> Conversation {
    let mut conversation = Conversation::default();
    for request in requests {
        assert_eq!(
            open(&mut conversation, request),
            Opened::New { stalled: None }
        );
    }
    conversation
}

fn known(turn: &str, stranded: bool) -> Opened {
    Opened::Again {
        turn: turn.to_owned(),
        stranded,
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

#[test]
fn an_answer_in_time_goes_to_the_callback_byte_for_byte() {
    let mut talk = opened(&[request("t1", "안녕", START)]);
    assert!(is_ask(&talk.claim("t1", "w1", START)));
    let post = post_of(talk.finish("t1", "w1", text("반가워요"), START + secs(3), KEEP));
    assert_eq!(
        (post.url.as_str(), post.answer.as_str()),
        ("https://callback/t1", "반가워요")
    );
    assert_eq!(
        talk.posted(
            "t1",
            "w1",
            PostResult::Accepted,
            None,
            START + secs(4),
            KEEP
        ),
        Posted::Delivered { next: None }
    );
    assert_eq!(talk.claim("t1", "w2", START + secs(30)), Step::Gone);
}

#[test]
fn f26_the_window_closes_at_fifty_seconds() {
    for (millis, posted) in [(49_999, true), (50_000, false)] {
        let mut talk = opened(&[request("t1", "안녕", START)]);
        let now = START + Duration::from_millis(millis);
        assert!(is_ask(&talk.claim("t1", "w1", now)));
        let finished = talk.finish("t1", "w1", text("늦은 답"), now, KEEP);
        assert_eq!(matches!(finished, Finished::Post(_)), posted, "{millis} ms");
    }
}

#[test]
fn f32_the_same_request_again_is_the_same_turn() {
    let mut talk = opened(&[request("t1", "안녕", START)]);
    let again = Request {
        turn: "t2",
        keys: vec!["t1".to_owned()],
        ..request("t1", "안녕", START + secs(60))
    };
    assert_eq!(open(&mut talk, &again), known("t1", true));
    assert_eq!(talk.unfinished().count(), 1);
}

#[test]
fn f08_a_replay_a_day_later_does_not_reach_the_agent() {
    let mut talk = opened(&[request("t1", "안녕", START)]);
    talk.claim("t1", "w1", START);
    talk.finish("t1", "w1", text("답"), START, KEEP);
    talk.posted("t1", "w1", PostResult::Accepted, None, START, KEEP);
    let replay = Request {
        at: START + secs(25 * 3600),
        ..request("t1", "안녕", START)
    };
    assert_eq!(open(&mut talk, &replay), known("t1", false));
    assert_eq!(talk.unfinished().count(), 0);
}

#[test]
fn f33_a_known_request_with_other_words_is_refused_and_changes_nothing() {
    let mut talk = opened(&[request("t1", "안녕", START)]);
    let before = talk.clone();
    assert_eq!(
        open(&mut talk, &request("t1", "다른 말", START)),
        Opened::Mismatch
    );
    assert_eq!(talk, before);
}

#[test]
fn a_double_tap_is_one_turn_and_the_same_words_later_are_another() {
    let mut talk = opened(&[request("t1", "예약", START)]);
    assert_eq!(
        open(
            &mut talk,
            &request("t2", "예약", START + Duration::from_millis(2_999))
        ),
        Opened::DoubleTap
    );
    assert_eq!(
        open(&mut talk, &request("t3", "예약", START + secs(3))),
        Opened::New { stalled: None }
    );
}

#[test]
fn f37_without_any_id_only_a_call_in_flight_is_joined() {
    let nameless = |turn, at| Request {
        keys: Vec::new(),
        slot: Slot::Closed,
        ..request(turn, "안녕", at)
    };
    let mut talk = opened(&[nameless("t1", START)]);
    assert_eq!(
        open(&mut talk, &nameless("t2", START + secs(10))),
        known("t1", true)
    );
    talk.claim("t1", "w1", START);
    talk.finish("t1", "w1", text("답"), START, KEEP);
    assert_eq!(
        open(&mut talk, &nameless("t3", START + secs(20))),
        Opened::New { stalled: None }
    );
}

#[test]
fn f28_a_second_worker_steps_back_while_the_first_holds_the_lease() {
    let mut talk = opened(&[request("t1", "안녕", START)]);
    assert!(is_ask(&talk.claim("t1", "w1", START)));
    assert_eq!(
        talk.claim("t1", "w2", START + secs(1)),
        Step::Later(START + budget::LEASE)
    );
    assert_eq!(talk.renew("t1", "w1", START + secs(8)), Renewed::Mine);
    assert_eq!(
        talk.claim("t1", "w2", START + secs(20)),
        Step::Later(START + secs(28))
    );
}

#[test]
fn f29_a_worker_that_lost_its_lease_writes_nothing() {
    let mut talk = opened(&[request("t1", "안녕", START)]);
    talk.claim("t1", "w1", START);
    assert!(is_ask(&talk.claim("t1", "w2", START + secs(21))));
    let before = talk.clone();
    assert_eq!(talk.renew("t1", "w1", START + secs(22)), Renewed::Lost);
    assert_eq!(talk.spend_slot("t1", "w1"), None);
    assert_eq!(
        talk.finish("t1", "w1", text("늦었다"), START + secs(22), KEEP),
        Finished::Lost
    );
    assert_eq!(
        talk.posted(
            "t1",
            "w1",
            PostResult::Accepted,
            None,
            START + secs(22),
            KEEP
        ),
        Posted::Lost
    );
    assert_eq!(talk, before);
}

#[test]
fn f25_a_stored_answer_is_posted_by_whoever_takes_over_and_the_agent_is_not_asked_again() {
    let mut talk = opened(&[request("t1", "안녕", START)]);
    talk.claim("t1", "w1", START);
    talk.finish("t1", "w1", text("답"), START + secs(2), KEEP);
    match talk.claim("t1", "w2", START + secs(23)) {
        Step::Post(post) => assert_eq!(
            (post.url.as_str(), post.answer.as_str()),
            ("https://callback/t1", "답")
        ),
        other => panic!("{other:?}"),
    }
    // The first may have been accepted: it is kept for whoever asks, and not shown unasked.
    assert_eq!(
        talk.posted(
            "t1",
            "w2",
            PostResult::Refused,
            None,
            START + secs(24),
            KEEP
        ),
        Posted::Unconfirmed { next: None }
    );
    assert_eq!(talk.status(START).held, 0);
    assert_eq!(
        talk.collect(START + secs(30), whole),
        Collected::Answer {
            page: "답".to_owned(),
            thinking: false,
            more: false
        }
    );
}

#[test]
fn f27_an_answer_whose_receipt_was_lost_is_posted_once_more_and_then_left() {
    let mut talk = opened(&[request("t1", "안녕", START)]);
    talk.claim("t1", "w1", START);
    talk.finish("t1", "w1", text("답"), START, KEEP);
    assert_eq!(
        talk.posted("t1", "w1", PostResult::Unknown, None, START, KEEP),
        Posted::Again
    );
    assert_eq!(
        talk.posted("t1", "w1", PostResult::Refused, None, START, KEEP),
        Posted::Unconfirmed { next: None }
    );
}

#[test]
fn a_refused_answer_is_held() {
    let mut talk = opened(&[request("t1", "안녕", START)]);
    talk.claim("t1", "w1", START);
    talk.finish("t1", "w1", text("답"), START, KEEP);
    assert_eq!(
        talk.posted("t1", "w1", PostResult::Refused, None, START, KEEP),
        Posted::Held { next: None }
    );
    assert_eq!(talk.status(START).held, 1);
}

#[test]
fn an_answer_that_never_left_is_tried_again_and_then_held() {
    let mut talk = opened(&[request("t1", "안녕", START)]);
    talk.claim("t1", "w1", START);
    talk.finish("t1", "w1", text("답"), START, KEEP);
    assert_eq!(
        talk.posted("t1", "w1", PostResult::NotSent, None, START, KEEP),
        Posted::Again
    );
    assert_eq!(
        talk.posted("t1", "w1", PostResult::NotSent, None, START, KEEP),
        Posted::Held { next: None }
    );
}

#[test]
fn one_turn_at_a_time_is_with_the_agent() {
    let mut talk = opened(&[
        request("t1", "하나", START),
        request("t2", "둘", START + secs(1)),
    ]);
    assert!(is_ask(&talk.claim("t1", "w1", START + secs(1))));
    assert_eq!(
        talk.claim("t2", "w2", START + secs(1)),
        Step::Later(START + secs(1) + budget::LANE_RECHECK)
    );
    talk.finish("t1", "w1", text("하나의 답"), START + secs(5), KEEP);
    let posted = talk.posted(
        "t1",
        "w1",
        PostResult::Accepted,
        None,
        START + secs(5),
        KEEP,
    );
    assert_eq!(
        posted,
        Posted::Delivered {
            next: Some("t2".to_owned())
        }
    );
    assert!(is_ask(&talk.claim("t2", "w3", START + secs(5))));
}

#[test]
fn f21b_a_turn_that_waits_for_its_lane_has_its_own_slot_spent_in_time() {
    let mut talk = opened(&[
        request("t1", "하나", START),
        request("t2", "둘", START + secs(10)),
    ]);
    talk.claim("t1", "w1", START);
    let mut now = START + secs(10);
    let url = loop {
        talk.renew("t1", "w1", now);
        match talk.claim("t2", "w2", now) {
            Step::Later(at) => {
                assert!(at > now && at <= START + secs(59));
                now = at;
            }
            Step::Notice { url, .. } => break url,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        (url.as_str(), now),
        ("https://callback/t2", START + secs(59))
    );
    assert!(matches!(talk.claim("t2", "w2", now), Step::Later(_)));
}

#[test]
fn late_answers_are_held_joined_and_shown_before_the_next_one() {
    let mut talk = opened(&[request("t1", "하나", START)]);
    talk.claim("t1", "w1", START);
    assert_eq!(
        talk.spend_slot("t1", "w1").as_deref(),
        Some("https://callback/t1")
    );
    assert_eq!(
        talk.finish("t1", "w1", text("늦은 답"), START + secs(70), KEEP),
        Finished::Held { next: None }
    );
    open(&mut talk, &request("t2", "둘", START + secs(80)));
    talk.claim("t2", "w2", START + secs(80));
    let post = post_of(talk.finish("t2", "w2", text("새 답"), START + secs(82), KEEP));
    assert_eq!(post.answer.as_str(), "늦은 답\n\n새 답");
}

#[test]
fn a_collected_answer_can_be_looked_at_again_for_ten_minutes() {
    let mut talk = opened(&[Request {
        slot: Slot::Closed,
        ..request("t1", "하나", START)
    }]);
    assert_eq!(talk.collect(START, whole), Collected::Thinking);
    talk.claim("t1", "w1", START);
    talk.finish("t1", "w1", text("답"), START, KEEP);
    let shown = Collected::Answer {
        page: "답".to_owned(),
        thinking: false,
        more: false,
    };
    assert_eq!(talk.collect(START, whole), shown);
    assert_eq!(talk.collect(START + secs(599), whole), shown);
    assert_eq!(talk.collect(START + secs(600), whole), Collected::Nothing);
}

#[test]
fn what_does_not_fit_is_offered_page_by_page() {
    let mut talk = opened(&[Request {
        slot: Slot::Closed,
        ..request("t1", "하나", START)
    }]);
    talk.claim("t1", "w1", START);
    talk.finish("t1", "w1", text("가 나 다"), START, KEEP);
    let first_word = |all: &PlainText| match all.as_str().split_once(' ') {
        Some((word, rest)) => (word.to_owned(), Some(text(rest))),
        None => (all.as_str().to_owned(), None),
    };
    let page = |word: &str, more| Collected::Answer {
        page: word.to_owned(),
        thinking: false,
        more,
    };
    assert_eq!(talk.collect(START, first_word), page("가", true));
    assert_eq!(talk.collect_more(START, first_word), page("나", true));
    assert_eq!(talk.collect_more(START, first_word), page("다", false));
}

#[test]
fn a_held_answer_is_gone_when_its_time_is_over() {
    let mut talk = opened(&[Request {
        slot: Slot::Closed,
        ..request("t1", "하나", START)
    }]);
    talk.claim("t1", "w1", START);
    talk.finish("t1", "w1", text("답"), START, KEEP);
    assert_eq!(talk.collect(START + KEEP, whole), Collected::Nothing);
}

#[test]
fn under_reject_a_second_message_is_turned_away_and_stores_nothing() {
    let rejecting = |turn, words, at| Request {
        concurrency: Concurrency::Reject,
        ..request(turn, words, at)
    };
    let mut talk = opened(&[rejecting("t1", "하나", START)]);
    assert_eq!(
        open(&mut talk, &rejecting("t2", "둘", START + secs(5))),
        Opened::Busy
    );
    assert_eq!(talk.unfinished().count(), 1);
}

#[test]
fn under_latest_the_older_turn_is_told_and_makes_way() {
    let latest = |turn, words, at| Request {
        concurrency: Concurrency::Latest,
        ..request(turn, words, at)
    };
    let mut talk = opened(&[
        latest("t1", "하나", START),
        latest("t2", "둘", START + secs(1)),
    ]);
    assert!(matches!(
        talk.claim("t1", "w1", START + secs(1)),
        Step::Replaced {
            url: Some(_),
            next: Some(_)
        }
    ));
    assert!(is_ask(&talk.claim("t2", "w2", START + secs(2))));
    open(&mut talk, &latest("t3", "셋", START + secs(3)));
    assert_eq!(talk.renew("t2", "w2", START + secs(4)), Renewed::Replaced);
    assert_eq!(
        talk.finish("t2", "w2", text("늦은 답"), START + secs(4), KEEP),
        Finished::Replaced
    );
    assert!(matches!(
        talk.claim("t3", "w3", START + secs(4)),
        Step::Later(_)
    ));
    assert_eq!(
        talk.drop_replaced("t2"),
        Step::Replaced {
            url: Some("https://callback/t2".to_owned()),
            next: Some("t3".to_owned())
        }
    );
    assert!(is_ask(&talk.claim("t3", "w3", START + secs(4))));
}

#[test]
fn f139_a_sender_is_slowed_down_without_writes_and_others_are_not() {
    let words: Vec<String> = (0..20).map(|number| format!("말 {number}")).collect();
    let mut talk = Conversation::default();
    let mut outcomes = Vec::new();
    for (number, words) in words.iter().enumerate() {
        let message = Message {
            text: words.clone(),
            ..Message::default()
        };
        let (turn, admitted) = (
            format!("t{number}"),
            Admitted::for_test(SenderId::new(SenderKind::BotGroupKey, "room").unwrap()),
        );
        let mut opening = Opening {
            turn: &turn,
            session: "session",
            scope: &Scope {
                channel: Channel::Kakao,
                account: AccountId::default(),
            },
            group: true,
            message: &message,
            received: START,
            now: START,
            slot: &Slot::Closed,
            keys: std::slice::from_ref(&turn),
            fingerprint: words,
            speaker: "alice",
            concurrency: Concurrency::Queue,
        };
        let before = talk.clone();
        outcomes.push(talk.open(&opening, &admitted));
        talk.abandon(&turn);
        if outcomes.last() == Some(&Opened::TooFast) {
            assert_eq!(talk, before);
            opening.speaker = "bob";
            assert_eq!(
                talk.clone().open(&opening, &admitted),
                Opened::New { stalled: None }
            );
            opening.speaker = "alice";
            opening.now = START + budget::PACE;
            assert_eq!(
                talk.clone().open(&opening, &admitted),
                Opened::New { stalled: None }
            );
        }
    }
    assert_eq!(
        outcomes
            .iter()
            .filter(|outcome| **outcome == Opened::TooFast)
            .count(),
        10
    );
}

#[test]
fn too_many_waiting_messages_are_turned_away() {
    let mut talk = opened(&[
        request("t1", "하나", START),
        request("t2", "둘", START),
        request("t3", "셋", START),
        request("t4", "넷", START),
        request("t5", "다섯", START),
    ]);
    assert_eq!(open(&mut talk, &request("t6", "여섯", START)), Opened::Full);
}

#[test]
fn f34_a_turn_that_workers_keep_failing_at_ends_in_an_apology_and_frees_the_lane() {
    let mut talk = opened(&[request("t1", "하나", START)]);
    let mut now = START;
    for _ in 0..budget::MAX_TRIES {
        assert!(is_ask(&talk.claim("t1", "dead", now)));
        now = now + budget::LEASE;
    }
    assert_eq!(talk.claim("t1", "w", now), Step::GiveUp);
    assert_eq!(
        talk.finish("t1", "w", text("미안해요"), now, KEEP),
        Finished::Held { next: None }
    );
}

#[test]
fn f34_a_turn_nobody_came_for_is_named_when_the_next_message_comes_and_is_over_in_the_end() {
    let mut talk = opened(&[request("t1", "하나", START)]);
    let next = request("t2", "둘", START + secs(30));
    assert_eq!(
        open(&mut talk, &next),
        Opened::New {
            stalled: Some("t1".to_owned())
        }
    );
    let much_later = START + budget::TURN_LIFETIME + secs(31);
    open(&mut talk, &request("t3", "셋", much_later));
    assert_eq!(talk.unfinished().collect::<Vec<_>>(), ["t3"]);
}

#[test]
fn a_new_session_forgets_what_was_said_and_a_late_answer_does_not_bring_it_back() {
    let mut talk = opened(&[request("t1", "하나", START)]);
    talk.claim("t1", "w1", START);
    talk.begin_session("other", START);
    talk.remember_turn("t1", "답", 20, START);
    talk.finish("t1", "w1", text("답"), START, KEEP);
    open(&mut talk, &request("t2", "둘", START + secs(60)));
    talk.posted("t1", "w1", PostResult::Accepted, None, START, KEEP);
    match talk.claim("t2", "w2", START + secs(60)) {
        Step::Ask(ask) => assert_eq!((ask.session.as_str(), ask.memory), ("other", Vec::new())),
        other => panic!("{other:?}"),
    }
}

#[test]
fn memory_is_bounded_in_turns_and_size_and_fades() {
    let mut talk = opened(&[]);
    talk.begin_session("s", START);
    for number in 0..30 {
        let exchange = Exchange {
            question: format!("질문 {number}"),
            answer: "답".repeat(500),
        };
        talk.remember("s", exchange, 20, START);
    }
    let memory = talk.memory(START);
    assert!(memory.len() <= 20 && memory.last().is_some_and(|last| last.question == "질문 29"));
    assert!(serde_json::to_string(&memory).unwrap().len() < 30_000);
    assert!(talk.memory(START + budget::FORGET_MEMORY).is_empty());
}

#[test]
fn f107a_unknown_fields_of_a_later_release_do_not_disturb() {
    let talk = opened(&[request("t1", "하나", START)]);
    let mut stored = serde_json::to_value(&talk).unwrap();
    stored["later"] = serde_json::json!({ "new": true });
    assert_eq!(
        serde_json::from_value::<Conversation>(stored).unwrap(),
        talk
    );
    assert!(talk.expires() >= START + budget::FORGET_CONVERSATION);
}
