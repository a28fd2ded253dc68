//! The numbers of the template must fit each other and the budgets of the code.

use std::time::Duration;

use serde_norway::Value;
use shared::turn::budget;
use skill_webhook::budget as skill;

use super::{
    entry,
    read::number_at,
    rules::{Findings, unless},
};

/// How long Kakao waits for a skill, and how long it takes callbacks, of one person and of a group
/// (skill.md §5.5).
const KAKAO_WAITS: Duration = Duration::from_secs(5);
const CALLBACKS: Duration = Duration::from_mins(1);
const GROUP_CALLBACKS: Duration = Duration::from_mins(5);
/// How long an agent may take, unless it is configured (contract.md §3).
const AGENT: Duration = Duration::from_mins(5);

/// How long a store may be away without a turn being lost.
const STORE_AWAY: Duration = Duration::from_mins(10);

pub fn relations(template: &Value) -> Findings {
    let seconds = |path: &str| number_at(template, &format!("Resources.{path}")).unwrap_or(0);
    let time = |path: &str| Duration::from_secs(seconds(path));
    let webhook = time("SkillWebhook.Properties.Timeout");
    let worker = time("TurnWorker.Properties.Timeout");
    let hidden = time("TurnQueue.Properties.VisibilityTimeout");
    let kept = time("TurnQueue.Properties.MessageRetentionPeriod");
    let dead = time("TurnDeadLetters.Properties.MessageRetentionPeriod");
    let received = seconds("TurnQueue.Properties.RedrivePolicy.maxReceiveCount");
    let all_tries = hidden * u32::try_from(received).unwrap_or(u32::MAX);
    let of_routes = entry::gateway_timeouts(template)
        .into_iter()
        .filter_map(|(route, timeout)| {
            let timeout = Duration::from_millis(timeout.unwrap_or(0));
            unless(
                timeout > skill::HARD_STOP && timeout >= webhook,
                format!("the gateway gives {route} up before the function does"),
            )
        });
    [
        unless(
            webhook > skill::HARD_STOP,
            "the webhook is stopped before it has answered",
        ),
        unless(
            webhook <= KAKAO_WAITS,
            "the webhook works on when Kakao has given up",
        ),
        unless(
            worker >= AGENT + budget::BRING,
            "the worker is stopped before its agent is done and its answer brought",
        ),
        unless(
            worker > skill::GROUP_CALLBACK_WINDOW && worker > skill::CALLBACK_WINDOW,
            "the worker is stopped before its callback closes",
        ),
        // AWS advises six times the worker's timeout; faults.md says why this queue is an
        // exception.
        unless(hidden >= worker, "a turn comes again while it is worked on"),
        unless(
            hidden > budget::LEASE,
            "a turn comes again before anybody else may claim it",
        ),
        // After three workers have failed, a fourth try apologises to the person; one more is to
        // spare.
        unless(
            received >= u64::from(budget::MAX_TRIES) + 2,
            "a turn is a dead letter before its person got an apology",
        ),
        // Each failed try puts the turn back into the queue for the length of a lease.
        unless(
            budget::LEASE * u32::try_from(received).unwrap_or(0) >= STORE_AWAY,
            "turns are thrown away while the store is away for some minutes",
        ),
        unless(
            kept > all_tries && kept > budget::TURN_LIFETIME,
            "a turn vanishes instead of going to the dead letters",
        ),
        unless(dead > kept, "a dead letter vanishes as soon as it is one"),
    ]
    .into_iter()
    .flatten()
    .chain(of_routes)
    .collect()
}

#[test]
fn f131a_the_budgets_fit_each_other_and_kakao() {
    assert!(skill::HARD_STOP + Duration::from_secs(1) <= KAKAO_WAITS);
    assert!(skill::WAIT_FOR_ANSWER < skill::HARD_STOP);
    assert!(skill::HAND_OVER < skill::ACKNOWLEDGED && skill::ACKNOWLEDGED < skill::HARD_STOP);
    // One renewal of the lease may be late or lost.
    assert!(budget::LEASE > budget::RENEW * 2);
    assert!(budget::RENEW_LATEST < budget::RENEW);
    assert!(skill::CALLBACK_WINDOW + Duration::from_secs(5) <= CALLBACKS);
    assert!(skill::GROUP_CALLBACK_WINDOW + Duration::from_secs(5) <= GROUP_CALLBACKS);
    // The turn of a dead worker is taken over while its callback is still open.
    assert!(budget::LEASE * 2 < skill::CALLBACK_WINDOW);
    assert!(budget::REMEMBER_REQUEST > budget::TURN_LIFETIME);
}
