//! Workers, leases, slots and the order of turns.

use super::*;

#[test]
fn an_answer_in_time_goes_to_the_callback_byte_for_byte() {
    let mut talk = opened(&[request("t1", "안녕", START)]);
    assert!(is_ask(&talk.claim("t1", "w1", START)));
    let post = post_of(talk.finish("t1", "w1", &answer("반가워요"), START + secs(3), KEEP));
    assert_eq!(
        (post.callback.url.expose(), post.reply.words().as_str()),
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
        let finished = talk.finish("t1", "w1", &answer("늦은 답"), now, KEEP);
        assert_eq!(matches!(finished, Finished::Post(_)), posted, "{millis} ms");
    }
}

#[test]
fn f28_a_second_worker_steps_back_while_the_first_holds_the_lease() {
    let mut talk = opened(&[request("t1", "안녕", START)]);
    assert!(is_ask(&talk.claim("t1", "w1", START)));
    assert_eq!(
        talk.claim("t1", "w2", START + secs(1)),
        later(START + budget::LEASE)
    );
    assert_eq!(talk.renew("t1", "w1", START + secs(8)), Renewed::Mine);
    assert_eq!(
        talk.claim("t1", "w2", START + secs(20)),
        later(START + secs(28))
    );
}

#[test]
fn f29_a_worker_that_lost_its_lease_writes_nothing() {
    let mut talk = opened(&[request("t1", "안녕", START)]);
    talk.claim("t1", "w1", START);
    assert!(is_ask(&talk.claim("t1", "w2", START + secs(21))));
    let before = talk.clone();
    assert_eq!(talk.renew("t1", "w1", START + secs(22)), Renewed::Lost);
    assert_eq!(talk.spend_slot("t1", "w1", START), None);
    assert_eq!(
        talk.finish("t1", "w1", &answer("늦었다"), START + secs(22), KEEP),
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
    talk.finish("t1", "w1", &answer("답"), START + secs(2), KEEP);
    match talk.claim("t1", "w2", START + secs(23)) {
        Step::Post(post) => assert_eq!(
            (post.callback.url.expose(), post.reply.words().as_str()),
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
        talk.collect(Wanted::Asked, START + secs(30), whole),
        Collected::Answer {
            page: "답".to_owned(),
            waiting: false,
            more: false
        }
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
        later(START + secs(1) + budget::LANE_RECHECK)
    );
    talk.finish("t1", "w1", &answer("하나의 답"), START + secs(5), KEEP);
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
            Step::Later { at, .. } => {
                assert!(at > now && at <= START + secs(59));
                now = at;
            }
            Step::Notice { callback, .. } => break callback.url,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        (url.expose(), now),
        ("https://callback/t2", START + secs(59))
    );
    assert!(matches!(talk.claim("t2", "w2", now), Step::Later { .. }));
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
    assert_eq!(talk.claim("t1", "w1", START + secs(1)), Step::Replaced);
    assert!(is_ask(&talk.claim("t2", "w2", START + secs(2))));
    open(&mut talk, &latest("t3", "셋", START + secs(3)));
    assert_eq!(talk.renew("t2", "w2", START + secs(4)), Renewed::Replaced);
    assert_eq!(
        talk.finish("t2", "w2", &answer("늦은 답"), START + secs(4), KEEP),
        Finished::Replaced
    );
    assert!(matches!(
        talk.claim("t3", "w3", START + secs(4)),
        Step::Later { .. }
    ));
    let sentence = text("새 메시지를 보내셨어요");
    let post = post_of(talk.finish_replaced("t2", "w2", &sentence, START + secs(4), KEEP));
    assert_eq!(post.callback.url, OneUseUrl::new("https://callback/t2"));
    assert_eq!(post.reply, sentence);
    assert!(is_ask(&talk.claim("t3", "w3", START + secs(4))));
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
        talk.finish("t1", "w", &answer("미안해요"), now, KEEP),
        Finished::Held { next: None }
    );
}

#[test]
fn f26_a_slot_is_not_spent_on_anything_after_its_time() {
    for (seconds, spent) in [(49, true), (50, false), (55, false), (70, false)] {
        let mut talk = opened(&[request("t1", "안녕", START)]);
        let now = START + secs(seconds);
        assert!(is_ask(&talk.claim("t1", "w1", now)));
        assert_eq!(
            talk.spend_slot("t1", "w1", now).is_some(),
            spent,
            "{seconds} s"
        );
        let mut talk = opened(&[request("t1", "하나", START), request("t2", "둘", START)]);
        talk.claim("t1", "w1", now);
        let waits = talk.claim("t2", "w2", now);
        assert_eq!(
            matches!(waits, Step::Notice { .. }),
            spent,
            "{seconds} s {waits:?}"
        );
    }
}

#[test]
fn an_answer_is_posted_within_the_times_of_its_slot() {
    let mut talk = opened(&[request("t1", "하나", START)]);
    talk.claim("t1", "w1", START);
    let post = post_of(talk.finish("t1", "w1", &answer("답"), START, KEEP));
    assert_eq!(
        (post.callback.earliest, post.callback.latest),
        (START + EARLIEST, START + LATEST)
    );
}

#[test]
fn a_waiting_turn_sends_for_the_one_before_it_that_nobody_holds() {
    let mut talk = opened(&[
        request("t1", "하나", START),
        request("t2", "둘", START + secs(5)),
    ]);
    assert_eq!(talk.stalled(START + secs(10)), None);
    let now = START + budget::LEASE + secs(1);
    assert_eq!(talk.stalled(now), Some("t1"));
    let stalled = Some("t1".to_owned());
    assert_eq!(
        talk.claim("t2", "w2", now),
        Step::Later {
            at: now + budget::LANE_RECHECK,
            stalled
        }
    );
    assert!(is_ask(&talk.claim("t1", "w1", now)));
    assert_eq!(talk.stalled(now), None);
}
