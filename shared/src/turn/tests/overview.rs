//! What somebody sees who looks on.

use super::*;

fn closed(turn: &'static str, at: Time) -> Request {
    Request {
        slot: Slot::Closed,
        ..request(turn, turn, at)
    }
}

/// The only turn's state.
fn state(talk: &Conversation, now: Time) -> TurnState {
    let views = talk.clone().overview(now);
    assert_eq!(views.len(), 1);
    views[0].state
}

#[test]
fn each_step_of_a_turn_is_seen() {
    let mut talk = opened(&[request("t1", "하나", START)]);
    assert_eq!(state(&talk, START), TurnState::Opened);
    talk.claim("t1", "w1", START);
    assert_eq!(state(&talk, START), TurnState::Answering);
    talk.finish("t1", "w1", &answer("답"), START, KEEP);
    assert_eq!(state(&talk, START), TurnState::Posting);
    let mut unsure = talk.clone();
    talk.posted("t1", "w1", PostResult::Accepted, None, START, KEEP);
    assert_eq!(state(&talk, START), TurnState::Answered);
    unsure.posted("t1", "w1", PostResult::Unknown, None, START, KEEP);
    unsure.posted("t1", "w1", PostResult::Unknown, None, START, KEEP);
    assert_eq!(state(&unsure, START), TurnState::Unconfirmed);
}

#[test]
fn what_nobody_saw_is_not_called_answered() {
    let mut talk = opened(&[closed("t1", START)]);
    let late = START + budget::TURN_LIFETIME + secs(1);
    assert_eq!(state(&talk, late), TurnState::Expired);
    talk.claim("t1", "w1", START);
    talk.finish("t1", "w1", &answer("답"), START, KEEP);
    assert_eq!(state(&talk, START), TurnState::Held);
    assert_eq!(state(&talk, START + KEEP), TurnState::Expired);
    talk.collect(Wanted::Asked, START, whole);
    assert_eq!(state(&talk, START), TurnState::Answered);
    assert_eq!(state(&talk, START + KEEP), TurnState::Answered);
}

#[test]
fn a_replaced_turn_is_called_so() {
    let latest = |turn, at| Request {
        concurrency: Concurrency::Latest,
        ..closed(turn, at)
    };
    let talk = opened(&[latest("t1", START), latest("t2", START + secs(5))]);
    let states: Vec<_> = talk
        .overview(START + secs(5))
        .into_iter()
        .map(|view| view.state)
        .collect();
    assert_eq!(states, [TurnState::Replaced, TurnState::Opened]);
}
