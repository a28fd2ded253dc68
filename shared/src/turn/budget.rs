//! How long a turn and what is left of it may take, on every channel. What a channel allows is said
//! by the slot of a turn.

use std::time::Duration;

/// So long before a slot closes, it is spent on a sentence and a button.
pub const NOTICE_MARGIN: Duration = Duration::from_secs(1);
/// Who holds a turn and does not renew it for this long has lost it.
pub const LEASE: Duration = Duration::from_secs(20);
pub const RENEW: Duration = Duration::from_secs(8);
/// Under `latest`, how soon a worker notices that its message was replaced.
pub const RENEW_LATEST: Duration = Duration::from_secs(2);
/// What a worker keeps of the time before it is killed, to store an answer and bring it.
pub const BRING: Duration = Duration::from_secs(25);
/// Before a store or a slot that did not take something is tried again.
pub const TRY_AGAIN: Duration = Duration::from_secs(1);
/// A turn that waits for its lane looks again this often, and sends for the one before it should
/// nobody hold that any more.
pub const LANE_RECHECK: Duration = Duration::from_secs(10);
/// After this a message that nobody answered is not worth answering; longer than a full lane of
/// slow agents takes.
pub const TURN_LIFETIME: Duration = Duration::from_hours(2);
/// Workers that may fail at one turn.
pub const MAX_TRIES: u8 = 3;
/// Messages of one conversation that may wait at once.
pub const MAX_WAITING: usize = 5;
/// Two identical messages within this are a double tap.
pub const DOUBLE_TAP: Duration = Duration::from_secs(3);
/// How long a request is recognised when it comes again.
pub const REMEMBER_REQUEST: Duration = Duration::from_hours(48);
/// How long an answer that a response carried can be looked at again.
pub const SHOW_AGAIN: Duration = Duration::from_mins(10);
/// A conversation is forgotten this long after its last message.
pub const FORGET_CONVERSATION: Duration = Duration::from_hours(720);
/// What an agent without memory is reminded of is forgotten after this.
pub const FORGET_MEMORY: Duration = Duration::from_hours(168);
/// A sender may write this many messages at once, and then one every [`PACE`].
pub const BURST: u32 = 10;
pub const PACE: Duration = Duration::from_secs(3);
/// How long what is told of a turn stays collectable that no worker brought to its end.
pub const KEEP: Duration = Duration::from_hours(24);
