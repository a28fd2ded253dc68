//! Bringing an answer to its person: to its callback, once, or to the pile they collect from.

use shared::{
    clock::Time,
    queue::TurnQueue,
    telemetry::{Metric, Timing, count, time},
    text::Line,
    turn::{Answer, Callback, Finished, Post, PostResult, Posted, budget},
};

use crate::{Job, WorkError};

impl<Q: TurnQueue> Job<'_, Q> {
    pub(crate) async fn deliver(&self, answer: &Answer) -> Result<(), WorkError> {
        match self.store(answer).await? {
            Finished::Replaced => self.deliver_replaced().await,
            finished => self.bring(finished).await,
        }
    }

    /// The person of a replaced turn is told so, by the way that the answer would have gone.
    pub(crate) async fn deliver_replaced(&self) -> Result<(), WorkError> {
        let (turns, now) = (&self.worker.turns, self.now());
        let sentence = self.line(Line::Replaced).reply;
        let keep = self.account.held_answer;
        let finished = turns.finish_replaced(self.turn, &self.owner, &sentence, now, keep);
        let finished = finished.await?;
        count(Metric::Replaced);
        self.bring(finished).await
    }

    async fn bring(&self, finished: Finished) -> Result<(), WorkError> {
        match finished {
            Finished::Post(mut post) => {
                self.worker.hand_on(self.turn, post.next.take()).await?;
                self.post(post).await
            }
            Finished::Held { next } => {
                count(Metric::Held);
                self.worker.hand_on(self.turn, next).await
            }
            Finished::Replaced | Finished::Lost => Ok(()),
        }
    }

    /// Stores the answer before anyone is shown it. An agent may have worked for minutes: a store
    /// that is away for a moment is tried again until the lease is over.
    async fn store(&self, answer: &Answer) -> Result<Finished, WorkError> {
        let (worker, keep) = (self.worker, self.account.held_answer);
        let until = self.now() + budget::LEASE;
        let mut pause = budget::TRY_AGAIN;
        loop {
            let now = self.now();
            let stored = worker
                .turns
                .finish(self.turn, &self.owner, answer, now, keep);
            match stored.await {
                Err(error) if now < until => {
                    self.look_for_keys(&error).await;
                    tracing::warn!(%error, "an answer could not be stored");
                }
                finished => return Ok(finished?),
            }
            worker
                .clock
                .sleep_until(until.min(self.now() + pause))
                .await;
            pause *= 2;
        }
    }

    /// Posts a stored reply; once more if the first post did not leave, or nobody knows.
    pub(crate) async fn post(&self, post: Post) -> Result<(), WorkError> {
        let (worker, keep) = (self.worker, self.account.held_answer);
        let (body, rest) = self.bubbles(&post);
        let mut not_before = self.not_before(&post.callback);
        let next = loop {
            worker.clock.sleep_until(not_before).await;
            let result = if self.now() < post.callback.latest {
                self.call_back(&post.callback.url, body.clone()).await
            } else {
                PostResult::Refused
            };
            let (now, rest) = (self.now(), rest.as_ref());
            let posted = worker
                .turns
                .posted(self.turn, &self.owner, result, rest, now, keep);
            match posted.await? {
                Posted::Again => not_before = self.now() + budget::TRY_AGAIN,
                Posted::Delivered { next } => {
                    count(Metric::CallbackAccepted);
                    time(Timing::Answer, self.now().since(post.received));
                    break next;
                }
                Posted::Held { next } => {
                    count(Metric::CallbackRefused);
                    count(Metric::Held);
                    break next;
                }
                Posted::Unconfirmed { next } => {
                    count(Metric::CallbackUnconfirmed);
                    break next;
                }
                Posted::Lost => break None,
            }
        };
        worker.hand_on(self.turn, next).await
    }

    /// Spends the slot of this turn on a sentence and a button, while the agent thinks on.
    pub(crate) async fn spend_slot(&self) -> Result<(), WorkError> {
        let turns = &self.worker.turns;
        let spent = turns.spend_slot(self.turn, &self.owner, self.now()).await?;
        if let Some(callback) = spent {
            self.say(&callback, Line::StillThinking).await;
        }
        Ok(())
    }

    /// One sentence of ours into a callback. If it fails, the answer itself still comes another
    /// way.
    pub(crate) async fn say(&self, callback: &Callback, line: Line<'_>) {
        let not_before = self.not_before(callback);
        self.worker.clock.sleep_until(not_before).await;
        count(Metric::NoticePosted);
        self.call_back(&callback.url, self.sentence(line)).await;
    }

    /// Earliest time at which the callback takes an answer: as the callback says, or sooner if the
    /// queue message says so, which was written after it.
    fn not_before(&self, callback: &Callback) -> Time {
        let earliest = self.turn.earliest;
        earliest.map_or(callback.earliest, |known| known.min(callback.earliest))
    }

    /// A sentence of ours as the answer.
    pub(crate) fn line(&self, line: Line<'_>) -> Answer {
        Answer {
            reply: line.in_language(self.account.locale).into(),
            memory: None,
        }
    }
}
