//! How long everything may take. All of it counts from the receipt at the gateway (faults.md §1,
//! skill.md §5.5).

use std::time::Duration;

/// Kakao gives up after 5 s; we have answered by then, come what may.
pub const HARD_STOP: Duration = Duration::from_millis(3_800);
/// A request with less time left than this gets the canned answer at once: nothing is begun that
/// could not be finished (F-21).
pub const LEAST_LEFT: Duration = Duration::from_secs(1);
/// Without a callback, how long an answer is waited for.
pub const WAIT_FOR_ANSWER: Duration = Duration::from_millis(3_300);
/// A waiting request looks for its answer after this, and then after ever longer pauses.
pub const LOOK_AGAIN: Duration = Duration::from_millis(150);
/// The longest a hand-over to the queue may take before the person is told to try again.
pub const HAND_OVER: Duration = Duration::from_millis(700);
/// A message is acknowledged within this after its turn was opened: one write and one hand-over,
/// each at most 700 ms.
pub const ACKNOWLEDGED: Duration = Duration::from_millis(1_400);
/// A callback used sooner after our acknowledgement is refused as unknown (skill.md §5.5).
pub const SETTLE: Duration = Duration::from_secs(1);
/// A callback URL is good for 60 s in a channel chat and 300 s in a group; the last 10 s are not
/// planned with.
pub const CALLBACK_WINDOW: Duration = Duration::from_secs(50);
pub const GROUP_CALLBACK_WINDOW: Duration = Duration::from_secs(290);
/// Before the window closes, it is spent on a sentence and a button.
pub const NOTICE_MARGIN: Duration = Duration::from_secs(1);
/// Who holds a turn and does not renew it for this long has lost it.
pub const LEASE: Duration = Duration::from_secs(20);
pub const RENEW: Duration = Duration::from_secs(8);
/// Under `latest`, how soon a worker notices that its message was replaced.
pub const RENEW_LATEST: Duration = Duration::from_secs(2);
/// What a worker keeps of the time before it is killed, to store an answer and bring it.
pub const BRING: Duration = Duration::from_secs(25);
/// A turn that waits for its lane looks again this often, and sends for the one before it should
/// nobody hold that any more.
pub const LANE_RECHECK: Duration = Duration::from_secs(10);
/// After this a message that nobody answered is not worth answering; longer than a full lane of
/// slow agents takes.
pub const TURN_LIFETIME: Duration = Duration::from_hours(2);
/// Workers that may fail at one turn.
pub const MAX_TRIES: u8 = 3;
/// Posts of one answer to one callback URL: a second only if the first may not have arrived.
pub const MAX_POSTS: u8 = 2;
/// Messages of one conversation that may wait at once.
pub const MAX_WAITING: usize = 5;
/// Two identical messages within this are a double tap.
pub const DOUBLE_TAP: Duration = Duration::from_secs(3);
/// How long a request is recognised when it comes again.
pub const REMEMBER_REQUEST: Duration = Duration::from_hours(48);
/// How long a collected answer can be looked at again.
pub const SHOW_AGAIN: Duration = Duration::from_mins(10);
/// A conversation is forgotten this long after its last message.
pub const FORGET_CONVERSATION: Duration = Duration::from_hours(720);
/// What an agent without memory is reminded of is forgotten after this.
pub const FORGET_MEMORY: Duration = Duration::from_hours(168);
/// A sender may write this many messages at once, and then one every [`PACE`].
pub const BURST: u32 = 10;
pub const PACE: Duration = Duration::from_secs(3);
/// How long an answer is there to be asked for whose post nobody lived to tell of.
pub const KEEP_DOUBTFUL: Duration = Duration::from_hours(24);
