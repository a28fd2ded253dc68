//! The person's side of a conversation: what they are shown when they ask, or when their message is
//! still waited for.

use reply::Reply;

use super::{
    budget,
    conversation::Conversation,
    kept::{Kept, take_joined},
};
use crate::clock::Time;

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
    /// Hands out what is held, or what was shown last if nothing is, cut into a page; the rest is
    /// kept for [`Self::collect_more`].
    pub fn collect<P>(
        &mut self,
        now: Time,
        page: impl FnOnce(&Reply) -> (P, Option<Reply>),
    ) -> Collected<P> {
        self.tidy(now);
        let doubtful = self.shown.iter().any(|kept| kept.doubtful);
        let kept = match take_joined(&mut self.held) {
            Some(held) => held,
            None if self.is_thinking() && !doubtful => return Collected::Thinking,
            None => match take_joined(&mut self.shown) {
                Some(shown) => shown,
                None => return Collected::Nothing,
            },
        };
        self.show(kept, now, page)
    }

    /// For whoever waits for the answer to `turn`: that, and what was held before it. While it is
    /// not there, what is held.
    pub fn collect_answer<P>(
        &mut self,
        turn: &str,
        now: Time,
        page: impl FnOnce(&Reply) -> (P, Option<Reply>),
    ) -> Collected<P> {
        self.tidy(now);
        if self.was_replaced(turn) {
            return Collected::Replaced;
        }
        let Some(position) = self.held.iter().position(|kept| kept.turn == turn) else {
            return self.collect(now, page);
        };
        let mut own: Vec<_> = self.held.drain(..=position).collect();
        let kept = take_joined(&mut own);
        self.held.splice(..0, own);
        match kept {
            Some(kept) => self.show(kept, now, page),
            None => Collected::Nothing,
        }
    }

    /// Hands out what did not fit before.
    pub fn collect_more<P>(
        &mut self,
        now: Time,
        page: impl FnOnce(&Reply) -> (P, Option<Reply>),
    ) -> Collected<P> {
        self.tidy(now);
        match self.more.take() {
            Some(more) => self.show(more, now, page),
            None => self.collect(now, page),
        }
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

    /// Replaces what was shown before it, but for what may never have arrived.
    pub(super) fn was_shown(&mut self, kept: Kept) {
        self.shown.retain(|shown| shown.doubtful);
        self.shown.push(kept);
    }
}
