//! Kakao refuses callbacks, cuts the connection, redirects, or answers with nonsense.

use emulator::{CallbackFaults, Faults, Mode as Callback};
use test_support::{
    agent::ScriptedAgent,
    world::{OPEN, World, document, screen},
};

use super::SECOND;

/// For each way in which Kakao's callback can misbehave: what the person sees in the end.
#[tokio::test]
async fn f24_f27_whatever_a_callback_does_the_answer_is_shown_once_or_can_be_collected() {
    enum Then {
        /// The answer is shown through the callback.
        Shown,
        /// The answer is not shown; it is held, and comes with the next message.
        Held,
        /// The answer may have been shown, but Kakao never said so: it is not held for the next
        /// message, and can still be collected.
        Doubtful,
    }
    for (mode, then) in [
        (Callback::Refuse, Then::Held),
        (Callback::ServerError, Then::Held),
        (Callback::FailBody, Then::Held),
        (Callback::Redirect, Then::Held),
        (Callback::AcceptThenCut, Then::Doubtful),
        (Callback::CutBeforeAccept, Then::Doubtful),
        (Callback::BadJson, Then::Doubtful),
        (Callback::Huge, Then::Doubtful),
        (Callback::Ok, Then::Shown),
    ] {
        let agent = ScriptedAgent::start().await;
        let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
        let callback = CallbackFaults {
            mode,
            location: Some("http://127.0.0.1:9/stolen".to_owned()),
            ..CallbackFaults::default()
        };
        let emulator = world.stack.emulator.clone().unwrap();
        emulator
            .chatbot()
            .set_faults(
                &world.bot(),
                Faults {
                    callback,
                    ..Faults::default()
                },
            )
            .unwrap();
        let exchange = world.sends("질문").await;
        agent.asked().await.answers("소중한 답");
        world.later(2 * SECOND);
        let held = world.settled().await;
        emulator
            .chatbot()
            .set_faults(&world.bot(), Faults::default())
            .unwrap();
        let exchange = world.after_a_look(&exchange).await;
        let accepted = exchange
            .callback
            .as_ref()
            .is_some_and(|callback| callback.delivered);
        let collected = screen(&world.sends_without_callback("답변 확인").await);
        match then {
            Then::Shown => assert!(
                accepted && held == 0 && collected.contains("없어요"),
                "{mode:?}"
            ),
            Then::Held => assert!(
                !accepted && held == 1 && collected == "소중한 답",
                "{mode:?}"
            ),
            Then::Doubtful => assert!(held == 0 && collected == "소중한 답", "{mode:?}"),
        }
        assert_eq!(agent.times_asked(), 1, "{mode:?}");
    }
}
