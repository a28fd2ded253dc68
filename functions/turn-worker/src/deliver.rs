//! Bringing an answer to its person: through the callback, once, or to the pile they collect from.

use shared::{
    clock::Time,
    http::CallbackUrl,
    kakao::{
        callback::{self, Outcome, Refusal},
        skill::{answer, response::Surface},
    },
    queue::TurnQueue,
    telemetry::{Metric, Timing, count, time},
    text::Line,
    turn::{Answer, Finished, OneUseUrl, Post, PostResult, Posted, budget},
};

use crate::{Job, WorkError};

impl<Q: TurnQueue> Job<'_, Q> {
    pub(crate) async fn deliver(&self, answer: &Answer) -> Result<(), WorkError> {
        match self.keep(answer).await? {
            Finished::Post(post) => self.post(post).await,
            Finished::Held { next } => {
                count(Metric::Held);
                self.worker.hand_on(self.turn, next).await
            }
            Finished::Replaced => self.drop_replaced().await,
            Finished::Lost => Ok(()),
        }
    }

    /// Stores the answer before anyone is shown it. An agent may have worked for minutes: a store
    /// that is away for a moment is asked again until the lease is over.
    async fn keep(&self, answer: &Answer) -> Result<Finished, WorkError> {
        let until = self.now() + budget::LEASE;
        let mut pause = budget::SETTLE;
        loop {
            let now = self.now();
            let turns = &self.worker.turns;
            match turns
                .finish(
                    self.turn,
                    &self.owner,
                    answer,
                    now,
                    self.account.held_answer,
                )
                .await
            {
                Err(error) if now < until => {
                    self.look_for_keys(&error).await;
                    tracing::warn!(%error, "an answer could not be stored");
                }
                finished => return Ok(finished?),
            }
            let again = until.min(self.now() + pause);
            self.worker.clock.sleep_until(again).await;
            pause *= 2;
        }
    }

    /// Posts a stored answer; once more if the first post did not leave, or nobody knows: the URL
    /// itself lets only one through.
    pub(crate) async fn post(&self, post: Post) -> Result<(), WorkError> {
        let local = self.worker.http.local();
        let (page, rest) = answer::page(&post.answer, self.account, self.surface(), local);
        let body = answer::present(page, false, rest.is_some(), self.account).to_json();
        let mut not_before = self.not_before(post.settled);
        loop {
            self.worker.clock.sleep_until(not_before).await;
            let result = match self.now() < post.due {
                true => self.call_back(&post.url, body.clone()).await,
                false => PostResult::Refused,
            };
            let turns = &self.worker.turns;
            let keep = self.account.held_answer;
            let next = match turns
                .posted(
                    self.turn,
                    &self.owner,
                    result,
                    rest.as_ref(),
                    self.now(),
                    keep,
                )
                .await?
            {
                Posted::Again => {
                    not_before = self.now() + budget::SETTLE;
                    continue;
                }
                Posted::Delivered { next } => {
                    count(Metric::CallbackAccepted);
                    time(Timing::Answer, self.now().since(post.received));
                    next
                }
                Posted::Held { next } => {
                    count(Metric::CallbackRefused);
                    count(Metric::Held);
                    next
                }
                Posted::Unconfirmed { next } => {
                    count(Metric::CallbackUnconfirmed);
                    next
                }
                Posted::Lost => None,
            };
            return self.worker.hand_on(self.turn, next).await;
        }
    }

    /// Spends the slot of this turn on a sentence and a button, while the agent thinks on.
    pub(crate) async fn spend_slot(&self) -> Result<(), WorkError> {
        let now = self.now();
        let turns = &self.worker.turns;
        if let Some(url) = turns.spend_slot(self.turn, &self.owner, now).await? {
            self.say(&url, now, Line::StillThinking).await;
        }
        Ok(())
    }

    /// One sentence of ours into a callback. If it fails, the answer itself still comes another
    /// way.
    pub(crate) async fn say(&self, url: &OneUseUrl, settled: Time, line: Line<'_>) {
        let settled = self.not_before(settled);
        self.worker.clock.sleep_until(settled).await;
        count(Metric::NoticePosted);
        let body = answer::line(line, self.account, self.surface()).to_json();
        self.call_back(url, body).await;
    }

    /// `settled` is what the turn knows; who has it from the function that opened it knows better.
    fn not_before(&self, settled: Time) -> Time {
        let acknowledged = self.turn.handed_over.map(|at| at + budget::HAND_OVER);
        acknowledged.map_or(settled, |at| settled.min(at + budget::SETTLE))
    }

    async fn call_back(&self, url: &OneUseUrl, body: String) -> PostResult {
        // Checked when it came in; the settings may have changed since.
        let Ok(url) = CallbackUrl::parse(url.expose(), &self.worker.callback_hosts) else {
            count(Metric::RefusedUrl);
            return PostResult::Refused;
        };
        let outcome = callback::post(&self.worker.http, &url, body).await;
        if !matches!(outcome, Outcome::Accepted { .. }) {
            tracing::warn!(?outcome, "a callback was not accepted");
        }
        match outcome {
            Outcome::Accepted { .. } => PostResult::Accepted,
            Outcome::NotSent | Outcome::Refused(Refusal::NotAcknowledged) => PostResult::NotSent,
            Outcome::Refused(Refusal::BadBody | Refusal::BadFormat) => PostResult::Malformed,
            Outcome::Refused(_) => PostResult::Refused,
            Outcome::Unconfirmed => PostResult::Unknown,
        }
    }

    pub(crate) fn line(&self, line: Line<'_>) -> Answer {
        Answer {
            reply: line.in_language(self.account.locale).into(),
            memory: None,
        }
    }

    fn surface(&self) -> Surface {
        if self.turn.group {
            Surface::Group
        } else {
            Surface::Channel
        }
    }
}
