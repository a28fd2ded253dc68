//! The person's side of a conversation: what they are shown when they ask, or when their message is
//! still waited for.

use reply::Reply;

use super::{
    budget,
    conversation::Conversation,
    kept::{Kept, take_joined},
};
use crate::clock::Time;

/// What a person asks for, or their message waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted<'a> {
    Held,
    Answer {
        turn: &'a str,
    },
    /// What did not fit into the last answer.
    More,
}

/// What there is to collect.
#[derive(Clone, Debug, PartialEq)]
pub enum Collected<P> {
    /// `waiting`: more is on its way, or there already. `more`: this one did not all fit.
    Answer {
        page: P,
        waiting: bool,
        more: bool,
    },
    Thinking,
    /// A newer message took the place of the one that was waited for.
    Replaced,
    Nothing,
}

impl Conversation {
    /// Hands out what is wanted, cut into a page; the rest is kept for [`Wanted::More`]. Where
    /// there is none of it, what is held, or else what was shown last.
    pub fn collect<P>(
        &mut self,
        wanted: Wanted<'_>,
        now: Time,
        page: impl FnOnce(&Reply) -> (P, Option<Reply>),
    ) -> Collected<P> {
        self.tidy(now);
        let found = match wanted {
            Wanted::Answer { turn } if self.was_replaced(turn) => return Collected::Replaced,
            Wanted::Answer { turn } => self.take_answer(turn),
            Wanted::More => self.more.take(),
            Wanted::Held => None,
        };
        if let Some(kept) = found.or_else(|| take_joined(&mut self.held)) {
            return self.show(kept, now, page);
        }
        let is_doubtful = self.shown.iter().any(|kept| kept.doubtful);
        if self.is_thinking() && !is_doubtful {
            return Collected::Thinking;
        }
        match take_joined(&mut self.shown) {
            Some(shown) => self.show(shown, now, page),
            None => Collected::Nothing,
        }
    }

    /// The held answer to a turn, after what was held before it.
    fn take_answer(&mut self, turn: &str) -> Option<Kept> {
        let position = self.held.iter().position(|kept| kept.turn == turn)?;
        let mut own: Vec<_> = self.held.drain(..=position).collect();
        let answer = take_joined(&mut own);
        self.held.splice(..0, own);
        answer
    }

    pub fn has_more(&self, now: Time) -> bool {
        self.more.as_ref().is_some_and(|more| more.until > now)
    }

    fn show<P>(
        &mut self,
        kept: Kept,
        now: Time,
        page: impl FnOnce(&Reply) -> (P, Option<Reply>),
    ) -> Collected<P> {
        let (page, rest) = page(&kept.reply);
        let more = rest.is_some();
        self.offer_more(rest.map(|reply| Kept {
            reply,
            ..kept.clone()
        }));
        // The answer to this very request may get lost: it can be asked for again.
        self.was_shown(Kept {
            until: kept.until.min(now + budget::SHOW_AGAIN),
            doubtful: false,
            ..kept
        });
        Collected::Answer {
            page,
            waiting: self.is_thinking() || !self.held.is_empty(),
            more,
        }
    }

    /// Keeps the rest of an answer, before the rest of an earlier one that nobody has asked for.
    pub(super) fn offer_more(&mut self, rest: Option<Kept>) {
        let Some(rest) = rest else { return };
        let both = |earlier: &Kept| rest.reply.and(&earlier.reply);
        let reply = self.more.as_ref().and_then(both);
        self.more = Some(match reply {
            Some(reply) => Kept { reply, ..rest },
            None => rest,
        });
    }

    /// Remembers this as last shown; drops older ones unless their delivery is unconfirmed.
    pub(super) fn was_shown(&mut self, kept: Kept) {
        self.shown.retain(|shown| shown.doubtful);
        self.shown.push(kept);
    }
}
