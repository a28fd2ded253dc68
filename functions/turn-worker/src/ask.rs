//! Asking the agent: as long as it may take, while the lease is renewed and the reply slot is not
//! forgotten.

use std::{pin::pin, time::Duration};

use agents::{Agent, AgentError, ErrorClass, Question, Said};
use shared::{
    clock::Time,
    config::Concurrency,
    queue::TurnQueue,
    telemetry::{Metric, Timing, count, time},
    text::Line,
    turn::{Answer, Ask, Renewed, budget},
};

use crate::{
    Job, WorkError,
    breaker::SharedBreaker,
    pictures::{self, Pictures},
};

/// What must not be forgotten while something takes its time.
struct Watch {
    renew_every: Duration,
    renew_at: Time,
    notice_at: Option<Time>,
}

enum Watched<T> {
    Done(T),
    TooLong,
    /// The turn is not ours any more.
    Lost,
}

impl<Q: TurnQueue> Job<'_, Q> {
    /// `None` if the turn is not ours to answer any more.
    pub(crate) async fn ask(&self, ask: Ask) -> Result<Option<Answer>, WorkError> {
        let worker = self.worker;
        let (scope, conversation) = (&self.turn.scope, &self.turn.conversation);
        let is_of = |sender: &_| worker.turns.is_of(conversation, scope, sender);
        let asked_for = self.config.agent_for(scope, is_of);
        let Some((name, settings)) = asked_for else {
            count(Metric::AgentFailed);
            return Ok(Some(self.line(Line::NoAgent)));
        };
        let agent = Agent::new(&settings.kind, &worker.http);
        let breaker = SharedBreaker::of(name, &worker.turns);
        let mut watch = self.watch_for(&ask);

        let addresses: &[_] = if agent.takes_pictures() {
            &ask.message.images
        } else {
            &[]
        };
        // Nobody waits for pictures that will not be shown to anyone.
        if !addresses.is_empty() && breaker.is_open(self.now()).await {
            return Ok(Some(self.unreachable()));
        }
        let mut pictures = Pictures::at(addresses, self.kakao.media_max_mb);
        let fetching = pictures.fetch(&worker.http, &worker.clock);
        let limit = self.limit(pictures::ENOUGH);
        if let Watched::Lost = self.watch(&mut watch, limit, fetching).await? {
            return Ok(None);
        }
        if let Some(line) = pictures.instead_of(&ask.message) {
            return Ok(Some(self.line(line)));
        }

        let asked = self.now();
        if !breaker.lets_through(asked).await {
            return Ok(Some(self.unreachable()));
        }
        let question = self.question(&ask, &pictures, asked);
        let limit = self.limit(self.account.timeout.unwrap_or(settings.timeout));
        let asking = agent.ask(&question);
        match self.watch(&mut watch, limit, asking).await? {
            Watched::Done(answered) => {
                let now = self.now();
                time(Timing::Agent, now.since(asked));
                breaker.ended(is_outage(&answered), asked, now).await;
                Ok(Some(self.read(answered, &agent)))
            }
            Watched::TooLong => {
                count(Metric::AgentFailed);
                breaker.ended(true, asked, self.now()).await;
                Ok(Some(self.line(Line::AgentTooSlow)))
            }
            Watched::Lost => Ok(None),
        }
    }

    fn question<'a>(&'a self, ask: &'a Ask, pictures: &'a Pictures<'_>, now: Time) -> Question<'a> {
        let (scope, conversation) = (&self.turn.scope, &self.turn.conversation);
        Question {
            turn: &self.turn.turn,
            session: &ask.session,
            channel: scope.channel.as_str(),
            account: scope.account.as_str(),
            conversation: conversation.as_str(),
            sender: &ask.speaker,
            locale: self.account.locale,
            received: ask.received,
            now,
            message: &ask.message,
            pictures: pictures.fetched(),
            missing: pictures.missing(),
            history: &ask.memory,
        }
    }

    /// Until when something may take that long at most: its answer must still be brought before
    /// this worker is killed.
    fn limit(&self, patience: Duration) -> Time {
        let limit = self.now() + patience;
        let killed = self.deadline.map(|deadline| deadline - budget::BRING);
        killed.map_or(limit, |killed| limit.min(killed))
    }

    fn watch_for(&self, ask: &Ask) -> Watch {
        let renew_every = match self.account.concurrency {
            Concurrency::Latest => budget::RENEW_LATEST,
            Concurrency::Queue | Concurrency::Reject => budget::RENEW,
        };
        Watch {
            renew_every,
            renew_at: self.now() + renew_every,
            notice_at: ask.notice_at,
        }
    }

    /// Waits for `work` until `limit`, while the lease is renewed and the slot is spent in time.
    async fn watch<T>(
        &self,
        watch: &mut Watch,
        limit: Time,
        work: impl Future<Output = T>,
    ) -> Result<Watched<T>, WorkError> {
        let mut work = pin!(work);
        loop {
            let wake = watch
                .notice_at
                .into_iter()
                .fold(limit.min(watch.renew_at), std::cmp::min);
            if let Some(done) = self.worker.clock.before(wake, &mut work).await {
                return Ok(Watched::Done(done));
            }
            let now = self.now();
            if watch.notice_at.is_some_and(|at| at <= now) {
                // A store that is away must not cost the agent's work: it is tried again. A slot
                // whose time is over is not spent.
                watch.notice_at = match self.spend_slot().await {
                    Ok(()) => None,
                    Err(error) => {
                        if let WorkError::Store(error) = &error {
                            self.look_for_keys(error).await;
                        }
                        tracing::warn!(%error, "a reply slot could not be spent");
                        Some(now + budget::TRY_AGAIN)
                    }
                };
            }
            if limit <= now {
                return Ok(Watched::TooLong);
            }
            if watch.renew_at <= now {
                watch.renew_at = now + watch.renew_every;
                if !self.still_ours().await? {
                    return Ok(Watched::Lost);
                }
            }
        }
    }

    /// Renews the lease. If the store does not answer, the turn is taken for ours: the next renewal
    /// comes before the lease is over.
    async fn still_ours(&self) -> Result<bool, WorkError> {
        match self
            .worker
            .turns
            .renew(self.turn, &self.owner, self.now())
            .await
        {
            Ok(Renewed::Mine) => Ok(true),
            Ok(Renewed::Lost) => Ok(false),
            Ok(Renewed::Replaced) => {
                self.drop_replaced().await?;
                Ok(false)
            }
            Err(error) => {
                self.look_for_keys(&error).await;
                tracing::warn!(%error, "a lease could not be renewed");
                Ok(true)
            }
        }
    }

    fn read(&self, answered: Result<Option<Said>, AgentError>, agent: &Agent) -> Answer {
        if let Err(error) = &answered {
            note(*error);
        }
        match answered {
            Ok(Some(said)) => Answer {
                reply: said.reply,
                memory: agent.memory_turns().map(|turns| (turns, said.words)),
            },
            // The platform waits for something, and so does the person who saw the waiting message.
            Ok(None) | Err(AgentError::Empty) => self.line(Line::AgentSilent),
            Err(error) => {
                tracing::warn!(%error, account = %self.account.id(), "the agent did not answer");
                self.line(match (error, error.class()) {
                    (AgentError::Unreachable, _) => Line::AgentUnreachable,
                    (_, ErrorClass::PersonsMistake) => Line::AgentCannotTake,
                    (_, ErrorClass::Permanent) => Line::AgentMisconfigured,
                    _ => Line::AgentFailed,
                })
            }
        }
    }

    fn unreachable(&self) -> Answer {
        count(Metric::AgentDown);
        count(Metric::AgentFailed);
        self.line(Line::AgentUnreachable)
    }
}

/// Counts an answer that failed, so that the owner hears of it. A wrong token fails for everybody
/// until the owner acts, and a small bot has too few messages to wait for more of them. What a
/// person can mend is no failure: people must not ring the owner.
fn note(error: AgentError) {
    if error == AgentError::Unauthorized {
        count(Metric::AgentDown);
    }
    if error.class() != ErrorClass::PersonsMistake {
        count(Metric::AgentFailed);
    }
}

/// Whether this counts against the agent. An empty answer does not: the agent is there.
fn is_outage(answered: &Result<Option<Said>, AgentError>) -> bool {
    let Err(error) = answered else { return false };
    *error != AgentError::Empty && error.class() == ErrorClass::TryAgain
}
