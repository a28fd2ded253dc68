//! Turns of a channel that this worker does not serve.

use shared::{edge::HttpFunction, identity::Channel};
use test_support::{
    agent::ScriptedAgent,
    world::{OPEN, World, document},
};
use turn_worker::{TurnWorker, WorkError};

use super::{Behaviour, is_acknowledged, webhook, with_callback};

#[tokio::test]
async fn a_turn_of_kakaowork_is_never_taken_for_one_of_kakaotalk() {
    let agent = ScriptedAgent::start().await;
    let document = document(OPEN, &agent.as_openclaw());
    // Both channels have an account `default`.
    let document = document.replacen("channels: {", "channels: { kakaowork: {},", 1);
    let world = World::with(&document).await;
    let (webhook, _) = webhook(&world, Behaviour::Keep);
    let answer = webhook.handle(&with_callback("one"), world.now()).await;
    assert!(is_acknowledged(&answer));
    let unfinished = || async { world.stack.turns.unfinished(world.now()).await.unwrap() };
    let talk = unfinished().await.remove(0);
    let mut work = talk.clone();
    work.scope.channel = Channel::KakaoWork;

    let worker = TurnWorker::new(&world.parts(&[]), webhook.queue.clone()).unwrap();
    let refused = worker.work(&work).await.unwrap_err();
    assert!(matches!(
        refused,
        WorkError::UnservedChannel(Channel::KakaoWork)
    ));
    assert_eq!(agent.times_asked(), 0);
    assert_eq!(unfinished().await.len(), 1);
    tokio::select! {
        ended = worker.work(&talk) => panic!("{ended:?} without the agent"),
        asked = agent.asked() => drop(asked),
    }
}
