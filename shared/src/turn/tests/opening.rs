//! What becomes of a message that comes in.

use super::{super::kept::Kept, *};

#[test]
fn f32_the_same_request_again_is_the_same_turn() {
    let mut talk = opened(&[request("t1", "안녕", START)]);
    let again = Request {
        turn: "t2",
        keys: vec!["t1".to_owned()],
        ..request("t1", "안녕", START + secs(60))
    };
    assert_eq!(open(&mut talk, &again), stranded("t1"));
    assert_eq!(talk.unfinished().count(), 1);
}

#[test]
fn f08_a_replay_a_day_later_does_not_reach_the_agent() {
    let mut talk = opened(&[request("t1", "안녕", START)]);
    talk.claim("t1", "w1", START);
    talk.finish("t1", "w1", &answer("답"), START, KEEP);
    talk.posted("t1", "w1", PostResult::Accepted, None, START, KEEP);
    let replay = Request {
        at: START + secs(25 * 3600),
        ..request("t1", "안녕", START)
    };
    assert_eq!(open(&mut talk, &replay), ended("t1"));
    assert_eq!(talk.unfinished().count(), 0);
}

#[test]
fn f33_a_known_request_with_other_words_is_refused_and_changes_nothing() {
    let mut talk = opened(&[request("t1", "안녕", START)]);
    let before = talk.clone();
    let other = Request {
        keys: vec!["t1".to_owned()],
        ..request("t2", "다른 말", START)
    };
    assert_eq!(open(&mut talk, &other), Opened::Mismatch);
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
        Opened::New
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
        stranded("t1")
    );
    talk.claim("t1", "w1", START);
    talk.finish("t1", "w1", &answer("답"), START, KEEP);
    assert_eq!(
        open(&mut talk, &nameless("t3", START + secs(20))),
        Opened::New
    );
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
            opener_ends: START + OPENER_ENDS,
            slot: &Slot::Closed,
            unanswered: &text("아무도 답하지 않았어요"),
            keys: std::slice::from_ref(&turn),
            slot_key: None,
            fingerprint: words,
            speaker: "alice",
            concurrency: Concurrency::Queue,
            crowded: false,
        };
        let before = talk.clone();
        outcomes.push(talk.open(&opening, &admitted));
        talk.abandon(&turn);
        if outcomes.last() == Some(&Opened::TooFast) {
            assert_eq!(talk, before);
            opening.speaker = "bob";
            assert_eq!(talk.clone().open(&opening, &admitted), Opened::New);
            opening.speaker = "alice";
            opening.now = START + budget::PACE;
            assert_eq!(talk.clone().open(&opening, &admitted), Opened::New);
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
fn f34_a_turn_nobody_came_for_is_over_in_the_end_and_counted() {
    let mut talk = opened(&[request("t1", "하나", START)]);
    let much_later = START + budget::TURN_LIFETIME + secs(1);
    assert_eq!(talk.clone().tidy(much_later), 1);
    open(&mut talk, &request("t2", "둘", much_later));
    let unfinished: Vec<_> = talk.unfinished().map(|(_, turn)| turn).collect();
    assert_eq!(unfinished, ["t2"]);
}

#[test]
fn f104_a_turn_whose_opening_was_stored_unheard_is_still_new() {
    let mut talk = opened(&[request("t1", "하나", START)]);
    assert_eq!(open(&mut talk, &request("t1", "하나", START)), Opened::New);
    assert_eq!(talk.unfinished().count(), 1);
}

#[test]
fn under_latest_a_message_that_cannot_be_taken_replaces_nothing() {
    let latest = |turn, words, at| Request {
        concurrency: Concurrency::Latest,
        ..request(turn, words, at)
    };
    let mut talk = opened(&[latest("t1", "하나", START)]);
    let huge = text(&"가".repeat(20_000));
    for turn in ["h1", "h2", "h3", "h4", "h5"] {
        talk.kept
            .push(Kept::held(turn, "", huge.clone(), START + KEEP, None));
    }
    assert_eq!(
        open(&mut talk, &latest("t2", "둘", START + secs(5))),
        Opened::Full
    );
}
