//! Whether turns are taken from the queue, as far as this process can tell from those it handed
//! over itself.
//!
//! One turn is remembered until a worker has taken it. If none has after [`TOO_LONG`], new messages
//! would wait as long, and their callbacks would close meanwhile: people are told so at once
//! instead (F-134). Every [`TOO_LONG`] one message goes through all the same, as a scout: whether
//! that one is taken tells whether workers are back.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use shared::{
    clock::Time,
    turn::{ConversationKey, Turns},
};

const TOO_LONG: Duration = Duration::from_secs(40);

#[derive(Debug, Default)]
pub struct Backlog(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    first: Option<Sent>,
    /// The last one that was let through while `first` waited too long.
    scout: Option<Sent>,
}

/// A turn in the queue that has its lane: only a missing worker keeps it waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) conversation: ConversationKey,
    pub(crate) turn: String,
    pub(crate) at: Time,
}

impl Sent {
    fn is_late(&self, now: Time) -> bool {
        now.since(self.at) >= TOO_LONG
    }
}

impl Backlog {
    pub(crate) fn sent(&self, sent: Sent) {
        let mut waiting = self.waiting();
        let Waiting { first, scout } = &mut *waiting;
        match first {
            Some(first) if first.is_late(sent.at) => scout.get_or_insert(sent),
            _ => first.get_or_insert(sent),
        };
    }

    /// Looks whether the probe still waits; `None` if there is no probe, or it could not be read.
    /// It is looked at again with the next message then.
    pub(crate) async fn look(&self, turns: &Turns, now: Time) -> Option<bool> {
        let probe = self.probe(now)?;
        let read = turns.read(&probe.conversation, now).await.ok()?;
        Some(read.document.awaits_worker(&probe.turn))
    }

    /// A turn that should have been taken by now, if there is one.
    fn probe(&self, now: Time) -> Option<Sent> {
        let waiting = self.waiting();
        let first = waiting.first.as_ref().filter(|first| first.is_late(now))?;
        Some(waiting.scout.as_ref().unwrap_or(first).clone())
    }

    /// Records whether the probe still waits; true if a new turn would wait too long. Where it is
    /// not, the message of the caller may be the next scout: so it is asked once the message will
    /// go on.
    pub(crate) fn judge(&self, still_waits: bool, now: Time) -> bool {
        let mut waiting = self.waiting();
        if !still_waits {
            *waiting = Waiting::default();
            return false;
        }
        match &waiting.scout {
            Some(scout) if !scout.is_late(now) => true,
            // This message is the next scout.
            Some(_) => {
                waiting.first = waiting.scout.take();
                false
            }
            None => false,
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Time::from_millis(1_800_000_000_000 + seconds * 1_000)
    }

    fn sent(turn: &str, seconds: u64) -> Sent {
        Sent {
            conversation: serde_json::from_value("c".into()).unwrap(),
            turn: turn.to_owned(),
            at: at(seconds),
        }
    }

    #[test]
    fn f134_after_forty_seconds_of_waiting_one_message_goes_through_and_the_others_do_not() {
        let backlog = Backlog::default();
        backlog.sent(sent("a", 0));
        backlog.sent(sent("b", 10));
        assert_eq!(backlog.probe(at(39)), None);
        assert_eq!(backlog.probe(at(40)), Some(sent("a", 0)));
        assert!(!backlog.judge(true, at(40)), "the scout goes through");
        backlog.sent(sent("scout", 40));
        assert_eq!(backlog.probe(at(41)), Some(sent("scout", 40)));
        assert!(backlog.judge(true, at(41)));
        assert!(backlog.judge(true, at(79)));
        assert!(!backlog.judge(true, at(80)), "the next scout goes through");
        backlog.sent(sent("second scout", 80));
        assert_eq!(backlog.probe(at(81)), Some(sent("second scout", 80)));
        assert!(backlog.judge(true, at(81)));
    }

    #[test]
    fn f134_as_soon_as_a_turn_is_taken_everyone_goes_through() {
        let backlog = Backlog::default();
        backlog.sent(sent("a", 0));
        assert!(!backlog.judge(true, at(40)));
        backlog.sent(sent("scout", 40));
        assert!(!backlog.judge(false, at(42)));
        assert_eq!(backlog.probe(at(100)), None);
        backlog.sent(sent("b", 100));
        assert_eq!(backlog.probe(at(139)), None);
        assert_eq!(backlog.probe(at(140)), Some(sent("b", 100)));
    }
}
