//! The person's side of a conversation: what they are shown when they ask, or when their message is
//! still waited for.

use reply::Reply;

use super::{
    budget,
    conversation::Conversation,
    kept::{Arrival, Kept, More, joined},
};
use crate::clock::Time;

/// What is shown, and on whose initiative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// The person asks for what they have not seen.
    Asked,
    /// A response waits for the answer to this turn.
    Answer { turn: &'a str },
    /// The person did something that is no question: what nobody has seen comes along.
    News,
    /// The person asks for what did not fit into the last answer.
    More,
}

/// What there is to show.
#[derive(Clone, Debug, PartialEq)]
pub enum Collected<P> {
    /// `waiting`: more is on its way, or there already. `more`: this one did not all fit.
    Answer {
        page: P,
        waiting: bool,
        more: bool,
    },
    Thinking,
    /// `waiting`: there is an answer that may have arrived, for whoever asks.
    Nothing {
        waiting: bool,
    },
}

/// A reply to be shown, and the first words of the question whose answer may not have arrived,
/// where the person has not been told yet.
#[derive(Clone, Copy, Debug)]
pub struct Showing<'a> {
    pub reply: &'a Reply,
    pub unconfirmed: Option<&'a str>,
}

impl Conversation {
    /// Hands out what is wanted, cut into a page; the rest is kept for [`Wanted::More`]. A response
    /// will carry it, so whether it arrives stays unknown.
    ///
    /// Unasked, nothing is shown that may have been shown before.
    pub fn collect<P>(
        &mut self,
        wanted: Wanted<'_>,
        now: Time,
        page: impl FnOnce(Showing<'_>) -> (P, Option<Reply>),
    ) -> Collected<P> {
        self.tidy(now);
        match wanted {
            Wanted::More => match self.more.take() {
                Some(more) => self.show_more(more, now, page),
                None => self.show_due(now, page),
            },
            Wanted::Asked => self.show_due(now, page),
            Wanted::News => self.show(self.held(now), now, page),
            Wanted::Answer { turn } => self.show(self.answer_to(turn, now), now, page),
        }
    }

    pub fn has_more(&self, now: Time) -> bool {
        self.more.as_ref().is_some_and(|more| more.until > now)
    }

    /// The turns whose answers nobody has seen, and no response waits for.
    fn held(&self, now: Time) -> Vec<String> {
        self.turns_of(|kept| kept.is_held(now))
    }

    /// The answer to a turn, after what was held before it; without it, what is held. An answer
    /// that was shown before is shown again to the same request.
    fn answer_to(&self, turn: &str, now: Time) -> Vec<String> {
        let Some(own) = self.kept.iter().position(|kept| kept.turn == turn) else {
            return self.held(now);
        };
        let (before, from_own) = self.kept.split_at(own);
        let is_new = from_own
            .first()
            .is_some_and(|own| matches!(own.arrival, Arrival::Held { .. }));
        let held = before.iter().filter(|kept| is_new && kept.is_held(now));
        held.chain(from_own.first())
            .map(|kept| kept.turn.clone())
            .collect()
    }

    fn turns_of(&self, is_it: impl Fn(&Kept) -> bool) -> Vec<String> {
        let kept = self.kept.iter().filter(|kept| is_it(kept));
        kept.map(|kept| kept.turn.clone()).collect()
    }

    /// What the person has not seen for certain; if there is nothing, what responses carried.
    fn show_due<P>(
        &mut self,
        now: Time,
        page: impl FnOnce(Showing<'_>) -> (P, Option<Reply>),
    ) -> Collected<P> {
        let mut due = self.turns_of(|kept| kept.is_due(now));
        if due.is_empty() && !self.is_thinking(now) {
            due = self.turns_of(Kept::is_shown);
        } else {
            // They may look for one of these, and will ask again.
            for kept in self.kept.iter_mut().filter(|kept| kept.is_shown()) {
                kept.until = now + budget::SHOW_AGAIN;
            }
        }
        self.show(due, now, page)
    }

    fn show<P>(
        &mut self,
        turns: Vec<String>,
        now: Time,
        page: impl FnOnce(Showing<'_>) -> (P, Option<Reply>),
    ) -> Collected<P> {
        let chosen = self.kept.iter().filter(|kept| turns.contains(&kept.turn));
        let Some((reply, count)) = joined(chosen) else {
            return if self.is_thinking(now) {
                Collected::Thinking
            } else {
                let waiting = self.kept.iter().any(Kept::is_unconfirmed);
                Collected::Nothing { waiting }
            };
        };
        let mut last = None;
        for kept in self
            .kept
            .iter_mut()
            .filter(|kept| turns.contains(&kept.turn))
            .take(count)
        {
            last = Some(kept.clone());
            kept.mark_carried(now);
        }
        let offer = self.to_offer();
        let (page, rest) = page(Showing {
            reply: &reply,
            unconfirmed: offer.as_ref().map(|(_, question)| question.as_str()),
        });
        if let Some((turn, _)) = offer {
            self.mark_offered(&turn);
        }
        let more = rest.is_some();
        let rest = rest
            .zip(last)
            .map(|(rest, last)| More::new(&last, rest, Some(now)));
        self.offer_more(rest);
        Collected::Answer {
            page,
            waiting: self.is_thinking(now) || self.is_due(now),
            more,
        }
    }

    /// Whoever asks for more has seen the page before it.
    fn show_more<P>(
        &mut self,
        more: More,
        now: Time,
        page: impl FnOnce(Showing<'_>) -> (P, Option<Reply>),
    ) -> Collected<P> {
        let seen = more.after.map(|at| Arrival::Shown { at });
        self.kept.retain(|kept| Some(kept.arrival) != seen);
        let turn = more.turn.clone();
        self.kept.push(Kept::held(
            &turn,
            &more.question,
            more.reply,
            more.until,
            None,
        ));
        self.show(vec![turn], now, page)
    }

    /// Keeps the rest of an answer, before the rest of an earlier one that nobody has asked for.
    pub(super) fn offer_more(&mut self, rest: Option<More>) {
        let Some(rest) = rest else { return };
        let both = |earlier: &More| rest.reply.and(&earlier.reply);
        let reply = self.more.as_ref().and_then(both);
        self.more = Some(match reply {
            Some(reply) => More { reply, ..rest },
            None => rest,
        });
    }

    /// The first answer that may not have arrived without the person having been told so: its turn
    /// and the first words of its question.
    pub(super) fn to_offer(&self) -> Option<(String, String)> {
        let unoffered = Arrival::Unconfirmed { offered: false };
        let kept = self.kept.iter().find(|kept| kept.arrival == unoffered)?;
        Some((kept.turn.clone(), kept.question.clone()))
    }

    /// Notes that the person has been told.
    pub(super) fn mark_offered(&mut self, turn: &str) {
        for kept in self.kept.iter_mut().filter(|kept| kept.turn == turn) {
            if let Arrival::Unconfirmed { offered } = &mut kept.arrival {
                *offered = true;
            }
        }
    }

    /// Whether there is an answer that the person has not seen for certain.
    pub fn is_due(&self, now: Time) -> bool {
        self.kept.iter().any(|kept| kept.is_due(now))
    }
}
