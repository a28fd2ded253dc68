//! What is known about whether an answer arrived decides what becomes of it: seen for certain, it
//! is never shown again; in doubt, it is offered; unseen, it comes along.

use emulator::{CallbackFaults, Faults, Message, Mode, SkillFaults};
use local_lambda::fault::Fault;
use test_support::{
    agent::ScriptedAgent,
    world::{OPEN, World, callback_screen, document, labels, screen},
};

use super::SECOND;

async fn world() -> (World, ScriptedAgent) {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
    (world, agent)
}

fn set(world: &World, faults: Faults) {
    let emulator = world.stack.emulator.as_ref().unwrap();
    emulator.chatbot().set_faults(&world.bot(), faults).unwrap();
}

fn callbacks(mode: Mode, times: u32) -> Faults {
    Faults {
        callback: CallbackFaults {
            mode,
            times: Some(times),
            ..CallbackFaults::default()
        },
        ..Faults::default()
    }
}

fn responses_are_lost() -> Faults {
    Faults {
        skill: SkillFaults {
            drop_answer: true,
            ..SkillFaults::default()
        },
        ..Faults::default()
    }
}

/// Asks without a callback, and is answered in the response.
async fn is_answered(world: &World, agent: &ScriptedAgent, words: &str) -> String {
    let sending = world.sends_without_callback(words);
    let answering = async { agent.asked().await.answers(&format!("{words}의 답")) };
    screen(&tokio::join!(sending, answering).0)
}

#[tokio::test]
async fn f25_an_answer_whose_response_was_lost_can_be_collected_whatever_came_since() {
    let (world, agent) = world().await;
    set(&world, responses_are_lost());
    let sending = world.sends_without_callback("하나");
    tokio::join!(sending, async {
        agent.asked().await.answers("하나의 답");
    });
    set(&world, Faults::default());
    world.later(4 * SECOND);
    // Nobody asked for the first answer again, and it may have been seen.
    assert_eq!(is_answered(&world, &agent, "둘").await, "둘의 답");
    world.later(4 * SECOND);
    let collected = screen(&world.sends_without_callback("답변 확인").await);
    assert_eq!(collected, "“하나”\n\n하나의 답\n\n“둘”\n\n둘의 답");
}

#[tokio::test]
async fn an_answer_that_a_response_waits_for_is_not_taken_by_a_callback() {
    let (world, agent) = world().await;
    let (first, second) = tokio::join!(world.sends_without_callback("하나"), async {
        let asked = agent.asked().await;
        let second = world.sends("둘").await;
        asked.answers("하나의 답");
        second
    });
    agent.asked().await.answers("둘의 답");
    world.later(2 * SECOND);
    let second = world.after_callback(&second).await;
    assert_eq!(screen(&first), "하나의 답");
    assert_eq!(callback_screen(&second), "둘의 답");
}

#[tokio::test]
async fn f27_an_answer_that_may_not_have_arrived_is_offered_once_and_never_pushed() {
    let (world, agent) = world().await;
    set(&world, callbacks(Mode::CutBeforeAccept, 2));
    world.sends("서울 날씨 알려 줘").await;
    agent.asked().await.answers("맑아요");
    world.later(2 * SECOND);
    world.settled().await;
    let offered = is_answered(&world, &agent, "부산은").await;
    assert!(offered.starts_with("부산은의 답"), "{offered}");
    assert!(
        offered.contains("“서울 날씨 알려 줘”") && !offered.contains("맑아요"),
        "{offered}"
    );
    world.later(4 * SECOND);
    let again = world.sends("제주는");
    let (again, ()) = tokio::join!(again, async {
        agent.asked().await.answers("제주는의 답");
    });
    world.later(2 * SECOND);
    let again = world.after_callback(&again).await;
    assert_eq!(callback_screen(&again), "제주는의 답");
    assert_eq!(again.callback.unwrap().quick_replies[0].label, "답변 확인");
    assert_eq!(
        screen(&world.sends_without_callback("답변 확인").await),
        "맑아요"
    );
}

#[tokio::test]
async fn what_was_delivered_for_certain_is_not_shown_again() {
    let (world, agent) = world().await;
    let exchange = world.sends("질문").await;
    agent.asked().await.answers("답");
    world.later(2 * SECOND);
    assert_eq!(
        callback_screen(&world.after_callback(&exchange).await),
        "답"
    );
    world.settled().await;
    let collected = screen(&world.sends_without_callback("답변 확인").await);
    assert!(collected.contains("확인할 답변이 없어요"), "{collected}");
}

#[tokio::test]
async fn f16_a_question_that_was_taken_is_never_to_be_sent_again() {
    let agent = ScriptedAgent::start().await;
    let (world, proxy) = World::behind_proxy(&document(OPEN, &agent.as_openclaw())).await;
    let sending = world.sends_without_callback("느린 질문");
    let (exchange, asked) = tokio::join!(sending, async {
        let asked = agent.asked().await;
        proxy.set(Fault::Throttle { every: 1 });
        world.later(4 * SECOND);
        asked
    });
    assert!(
        screen(&exchange).contains("답변을 준비하고 있어요"),
        "{}",
        screen(&exchange)
    );
    assert_eq!(labels(&exchange), ["답변 확인"]);
    proxy.heal();
    asked.answers("오래 생각한 답");
    world.settled().await;
    let collected = screen(&world.sends_without_callback("답변 확인").await);
    assert_eq!(collected, "오래 생각한 답");
}

#[tokio::test]
async fn the_sentence_for_a_replaced_question_is_owed_as_an_answer_is() {
    let agent = ScriptedAgent::start().await;
    let account = format!(r#"concurrency: "latest", {OPEN}"#);
    let world = World::with(&document(&account, &agent.as_openclaw())).await;
    world.sends("하나").await;
    let _asked = agent.asked().await;
    set(&world, callbacks(Mode::Refuse, 9));
    let second = world.sends("둘").await;
    world.later(3 * SECOND);
    let newer = agent.asked().await;
    while !world.asks("/상태").await.contains("확인하지 않은 답변 1개") {
        world.later(SECOND);
    }
    set(&world, Faults::default());
    newer.answers("둘의 답");
    world.later(2 * SECOND);
    let shown = callback_screen(&world.after_callback(&second).await);
    assert!(shown.starts_with("“하나”\n\n새 메시지를"), "{shown}");
    assert!(shown.ends_with("“둘”\n\n둘의 답"), "{shown}");
}

#[tokio::test]
async fn who_is_turned_away_because_too_much_waits_is_shown_how_to_make_room() {
    let (world, agent) = world().await;
    world.sends("질문 0").await;
    let _asked = agent.asked().await;
    for number in 1..5 {
        world.later(3 * SECOND);
        world.sends(&format!("질문 {number}")).await;
    }
    world.later(3 * SECOND);
    let full = world.sends_message(&Message::text("alice", "질문 5")).await;
    assert_eq!(labels(&full), ["답변 확인"], "{}", screen(&full));
}
