//! What an agent is asked.

use shared::{clock::Time, config::Locale, message::Message, turn::Exchange};

use super::picture::Picture;

/// One turn, as an agent sees it. Nothing in it names the person (F-124).
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The id of the turn, sent along so that the agent recognises a second try: as
    /// `Idempotency-Key`, or as `webhook-id`.
    pub turn: &'a str,
    /// Names the conversation since `/new` was last said. In lower case, because `OpenClaw` ignores
    /// the difference (openclaw.md §1.2).
    pub session: &'a str,
    pub channel: &'a str,
    pub account: &'a str,
    /// A digest that names the conversation; unlike `session` it never changes.
    pub conversation: &'a str,
    /// A digest of the person; in a group not the same as the conversation.
    pub sender: &'a str,
    /// The language of the account.
    pub locale: Locale,
    /// When the message came.
    pub received: Time,
    /// When the question is asked: the signature to a webhook is valid for minutes only.
    pub now: Time,
    pub message: &'a Message,
    /// The pictures of the message, as far as they could be fetched.
    pub pictures: &'a [Picture],
    /// How many more pictures the message had.
    pub missing: usize,
    /// Earlier turns, oldest first. Only agents without memory use them.
    pub history: &'a [Exchange],
}

impl<'a> Question<'a> {
    /// The last `turns` of the history.
    pub(crate) fn last_turns(&self, turns: usize) -> &'a [Exchange] {
        let forgotten = self.history.len().saturating_sub(turns);
        self.history.get(forgotten..).unwrap_or_default()
    }

    /// How many pictures of the message the agent does not get if it is handed only these.
    pub(crate) fn missing_beside(&self, handed: &[&Picture]) -> usize {
        self.missing + self.pictures.len().saturating_sub(handed.len())
    }
}
