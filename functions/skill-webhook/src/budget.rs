//! How long a skill request may take, from its receipt at the gateway (faults.md §1), and what the
//! callback of one allows (skill.md §5.5).

use std::time::Duration;

/// Kakao gives up after 5 s; we have answered by then, come what may.
pub const HARD_STOP: Duration = Duration::from_millis(3_800);
/// A request with less time left than this gets the canned answer at once: nothing is begun that
/// could not be finished (F-21).
pub const LEAST_LEFT: Duration = Duration::from_secs(1);
/// Without a callback, how long an answer is waited for.
pub const WAIT_FOR_ANSWER: Duration = Duration::from_millis(3_300);
/// No answer is handed out after this: the write that notes it might be cut off.
pub const LAST_COLLECT: Duration = Duration::from_millis(3_400);
const _: () = assert!(WAIT_FOR_ANSWER.as_millis() < LAST_COLLECT.as_millis());
/// A waiting request looks for its answer after this, and then after ever longer pauses.
pub const LOOK_AGAIN: Duration = Duration::from_millis(150);
/// For one call to AWS. A message has at most five of them one after another.
pub const PATIENCE: Duration = Duration::from_millis(700);
const _: () = assert!(5 * PATIENCE.as_millis() < HARD_STOP.as_millis());
/// The longest a hand-over to the queue may take before the person is told to try again.
pub const HAND_OVER: Duration = PATIENCE;
/// A message is acknowledged within this after its turn was opened: one write and one hand-over.
pub const ACKNOWLEDGED: Duration = PATIENCE.saturating_add(HAND_OVER);
/// A callback used sooner after our acknowledgement is refused as unknown.
pub const SETTLE: Duration = Duration::from_secs(1);
/// A callback URL is good for 60 s in a channel chat and 300 s in a group; the last 10 s are not
/// planned with.
pub const CALLBACK_WINDOW: Duration = Duration::from_secs(50);
pub const GROUP_CALLBACK_WINDOW: Duration = Duration::from_secs(290);
/// Posts of one answer by one worker. A second one is safe: the URL lets only one through.
pub const CALLBACK_POSTS: u8 = 2;
