//! Answers that wait, what is shown again, and what an agent is reminded of.

use super::*;

#[test]
fn f27_an_answer_whose_receipt_was_lost_is_posted_once_more_and_then_left() {
    let mut talk = opened(&[request("t1", "안녕", START)]);
    talk.claim("t1", "w1", START);
    talk.finish("t1", "w1", &answer("답"), START, KEEP);
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
    talk.finish("t1", "w1", &answer("답"), START, KEEP);
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
    talk.finish("t1", "w1", &answer("답"), START, KEEP);
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
fn late_answers_are_held_joined_and_shown_before_the_next_one() {
    let mut talk = opened(&[request("t1", "하나", START)]);
    talk.claim("t1", "w1", START);
    assert_eq!(
        talk.spend_slot("t1", "w1", START)
            .as_ref()
            .map(|callback| callback.url.expose()),
        Some("https://callback/t1")
    );
    assert_eq!(
        talk.finish("t1", "w1", &answer("늦은 답"), START + secs(70), KEEP),
        Finished::Held { next: None }
    );
    open(&mut talk, &request("t2", "둘", START + secs(80)));
    talk.claim("t2", "w2", START + secs(80));
    let post = post_of(talk.finish("t2", "w2", &answer("새 답"), START + secs(82), KEEP));
    assert_eq!(post.reply.words(), "“하나”\n\n늦은 답\n\n“둘”\n\n새 답");
}

#[test]
fn a_collected_answer_can_be_looked_at_again_for_ten_minutes() {
    let mut talk = opened(&[Request {
        slot: Slot::Closed,
        ..request("t1", "하나", START)
    }]);
    assert_eq!(
        talk.collect(Wanted::Asked, START, whole),
        Collected::Thinking
    );
    talk.claim("t1", "w1", START);
    talk.finish("t1", "w1", &answer("답"), START, KEEP);
    let shown = Collected::Answer {
        page: "답".to_owned(),
        waiting: false,
        more: false,
    };
    assert_eq!(talk.collect(Wanted::Asked, START, whole), shown);
    assert_eq!(talk.collect(Wanted::Asked, START + secs(599), whole), shown);
    assert_eq!(
        talk.collect(Wanted::Asked, START + secs(600), whole),
        Collected::Nothing { waiting: false }
    );
}

#[test]
fn an_answer_that_the_platform_would_never_show_is_held_as_words() {
    let mut talk = opened(&[request("t1", "하나", START)]);
    talk.claim("t1", "w1", START);
    let said = r#"{"textCard":{"title":"제목","buttons":[{"label":"예약","action":"message"}]},"quickReplies":[{"label":"블록","action":"block","blockId":"6f1a0c5e9d2b7348a1c0f001"}]}"#;
    let card = Answer {
        reply: Reply::read(said).unwrap(),
        memory: None,
    };
    talk.finish("t1", "w1", &card, START, KEEP);
    let posted = talk.posted("t1", "w1", PostResult::Malformed, None, START, KEEP);
    assert_eq!(posted, Posted::Held { next: None });
    let Collected::Answer { page, .. } = talk.collect(Wanted::Asked, START, |showing| {
        (showing.reply.clone(), None)
    }) else {
        panic!("nothing is held")
    };
    assert_eq!(page, text("제목\n예약\n\n· 블록"));
}

#[test]
fn what_does_not_fit_is_offered_page_by_page() {
    let mut talk = opened(&[Request {
        slot: Slot::Closed,
        ..request("t1", "하나", START)
    }]);
    talk.claim("t1", "w1", START);
    talk.finish("t1", "w1", &answer("가 나 다"), START, KEEP);
    let first_word = |all: Showing<'_>| match all.reply.words().split_once(' ') {
        Some((word, rest)) => (word.to_owned(), Some(text(rest))),
        None => (all.reply.words(), None),
    };
    let page = |word: &str, more| Collected::Answer {
        page: word.to_owned(),
        waiting: false,
        more,
    };
    assert_eq!(
        talk.collect(Wanted::Asked, START, first_word),
        page("가", true)
    );
    assert_eq!(
        talk.collect(Wanted::More, START, first_word),
        page("나", true)
    );
    assert_eq!(
        talk.collect(Wanted::More, START, first_word),
        page("다", false)
    );
}

#[test]
fn a_held_answer_is_gone_when_its_time_is_over() {
    let mut talk = opened(&[Request {
        slot: Slot::Closed,
        ..request("t1", "하나", START)
    }]);
    talk.claim("t1", "w1", START);
    talk.finish("t1", "w1", &answer("답"), START, KEEP);
    assert_eq!(
        talk.collect(Wanted::Asked, START + KEEP, whole),
        Collected::Nothing { waiting: false }
    );
}

#[test]
fn a_new_session_forgets_what_was_said_and_a_late_answer_does_not_bring_it_back() {
    let mut talk = opened(&[request("t1", "하나", START)]);
    talk.claim("t1", "w1", START);
    talk.begin_session("other", START);
    let said = Answer {
        memory: Some((20, "답".to_owned())),
        ..answer("답")
    };
    talk.finish("t1", "w1", &said, START, KEEP);
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
        talk.remember("s", &format!("질문 {number}"), &"답".repeat(500), 20, START);
    }
    let memory = talk.memory.at(START);
    assert!(memory.len() <= 20 && memory.last().is_some_and(|last| last.question == "질문 29"));
    assert!(serde_json::to_string(&memory).unwrap().len() < 30_000);
    assert!(talk.memory.at(START + budget::FORGET_MEMORY).is_empty());
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

#[test]
fn a_finish_that_was_stored_unheard_changes_nothing_when_said_again() {
    let mut talk = opened(&[request("t1", "하나", START)]);
    talk.claim("t1", "w1", START);
    talk.spend_slot("t1", "w1", START);
    talk.finish("t1", "w1", &answer("앞의 답"), START, KEEP);
    open(&mut talk, &request("t2", "둘", START + secs(5)));
    talk.claim("t2", "w2", START + secs(5));
    let said = Answer {
        memory: Some((20, "답".to_owned())),
        ..answer("답")
    };
    let first = talk.finish("t2", "w2", &said, START + secs(6), KEEP);
    let stored = talk.clone();
    assert_eq!(talk.finish("t2", "w2", &said, START + secs(7), KEEP), first);
    assert_eq!(talk, stored);
    assert_eq!(
        post_of(first).reply.words(),
        "“하나”\n\n앞의 답\n\n“둘”\n\n답"
    );
}

#[test]
fn an_answer_stored_by_a_worker_that_never_came_back_can_still_be_asked_for() {
    let mut talk = opened(&[request("t1", "하나", START)]);
    talk.claim("t1", "w1", START);
    talk.finish("t1", "w1", &answer("답"), START, KEEP);
    let much_later = START + budget::TURN_LIFETIME + secs(1);
    assert_eq!(talk.claim("t1", "w2", much_later), Step::Gone);
    let shown = Collected::Answer {
        page: "답".to_owned(),
        waiting: false,
        more: false,
    };
    assert_eq!(talk.collect(Wanted::Asked, much_later, whole), shown);
}

#[test]
fn whoever_waits_for_one_answer_is_not_shown_anothers() {
    let sync = |turn, words, at| Request {
        slot: Slot::Closed,
        ..request(turn, words, at)
    };
    let mut talk = opened(&[sync("t1", "하나", START), sync("t2", "둘", START)]);
    for turn in ["t1", "t2"] {
        talk.claim(turn, "w", START);
        talk.finish(turn, "w", &answer(&format!("{turn}의 답")), START, KEEP);
    }
    for (turn, waiting) in [("t1", true), ("t2", false)] {
        let page = format!("{turn}의 답");
        assert_eq!(
            talk.collect(Wanted::Answer { turn }, START, whole),
            Collected::Answer {
                page,
                waiting,
                more: false
            }
        );
    }
}

#[test]
fn the_rest_of_a_long_answer_survives_a_short_one() {
    let mut talk = opened(&[request("t1", "하나", START)]);
    talk.claim("t1", "w1", START);
    talk.finish("t1", "w1", &answer("긴 답"), START, KEEP);
    talk.posted(
        "t1",
        "w1",
        PostResult::Accepted,
        Some(text("나머지")),
        START,
        KEEP,
    );
    open(&mut talk, &request("t2", "둘", START + secs(5)));
    talk.claim("t2", "w1", START + secs(5));
    talk.finish("t2", "w1", &answer("짧은 답"), START + secs(5), KEEP);
    talk.posted(
        "t2",
        "w1",
        PostResult::Accepted,
        None,
        START + secs(5),
        KEEP,
    );
    let shown = Collected::Answer {
        page: "나머지".to_owned(),
        waiting: false,
        more: false,
    };
    assert_eq!(talk.collect(Wanted::More, START + secs(6), whole), shown);
}

#[test]
fn the_rest_of_an_answer_is_there_for_as_long_as_the_answer_was() {
    let mut talk = opened(&[Request {
        slot: Slot::Closed,
        ..request("t1", "하나", START)
    }]);
    talk.claim("t1", "w1", START);
    talk.finish("t1", "w1", &answer("긴 답"), START, KEEP);
    let half = |_: Showing<'_>| ("앞", Some(text("나머지")));
    talk.collect(Wanted::Asked, START, half);
    assert!(talk.has_more(START + KEEP - secs(1)));
    assert!(!talk.has_more(START + KEEP));
}
