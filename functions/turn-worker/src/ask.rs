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
    turn::{Answer, Ask, Renewed, Replaced, budget},
};

use crate::{
    Job, WorkError, breaker,
    pictures::{self, Pictures},
};

/// What must not be forgotten while something takes its time.
struct Watch {
    pace: Duration,
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
        let Some((name, settings)) = self.config.agent_for(scope, |sender| {
            worker.turns.is_of(conversation, scope, sender)
        }) else {
            return Ok(Some(self.line(Line::NoAgent)));
        };
        let agent = Agent::new(&settings.kind, &worker.http);
        let breakers = worker.turns.beside(breaker::PURPOSE);
        let down = || {
            count(Metric::AgentFailed);
            Ok(Some(self.line(Line::AgentUnreachable)))
        };
        let killed = self.deadline.map(|deadline| deadline - budget::BRING);
        let within = |patience| {
            let limit = self.now() + patience;
            killed.map_or(limit, |killed| limit.min(killed))
        };
        let pace = match self.account.concurrency {
            Concurrency::Latest => budget::RENEW_LATEST,
            Concurrency::Queue | Concurrency::Reject => budget::RENEW,
        };
        let mut watch = Watch {
            pace,
            renew_at: self.now() + pace,
            notice_at: ask.notice_at,
        };

        let addresses = match agent.takes_pictures() {
            true => ask.message.images.as_slice(),
            false => &[],
        };
        // Nobody waits for pictures that will not be shown to anyone.
        if !addresses.is_empty() && breaker::is_down(&breakers, name, self.now()).await {
            return down();
        }
        let mut pictures = Pictures::at(addresses, self.kakao.media_max_mb);
        let fetching = pictures.fetch(&worker.http, &worker.clock);
        let limit = within(pictures::ENOUGH);
        if let Watched::Lost = self.watch(&mut watch, limit, fetching).await? {
            return Ok(None);
        }
        if let Some(line) = pictures.instead_of(&ask.message) {
            return Ok(Some(self.line(line)));
        }

        let asked = self.now();
        if !breaker::lets_through(&breakers, name, asked).await {
            return down();
        }
        let question = Question {
            turn: &self.turn.turn,
            session: &ask.session,
            channel: scope.channel.as_str(),
            account: scope.account.as_str(),
            conversation: conversation.as_str(),
            sender: ask.speaker.as_deref().unwrap_or(conversation.as_str()),
            locale: self.account.locale,
            received: ask.received,
            now: asked,
            message: &ask.message,
            pictures: pictures.fetched(),
            missing: pictures.missing(),
            history: &ask.memory,
        };
        let limit = within(self.account.timeout.unwrap_or(settings.timeout));
        let asking = agent.ask(&question);
        match self.watch(&mut watch, limit, asking).await? {
            Watched::Done(answered) => {
                let now = self.now();
                time(Timing::Agent, now.since(asked));
                // Whoever has nothing to say is there.
                let failed = matches!(&answered, Err(error) if *error != AgentError::Empty && error.class() == ErrorClass::TryAgain);
                breaker::ended(&breakers, name, failed, asked, now).await;
                Ok(Some(self.read(answered, &agent)))
            }
            Watched::TooLong => {
                count(Metric::AgentFailed);
                breaker::ended(&breakers, name, true, asked, self.now()).await;
                Ok(Some(self.line(Line::AgentTooSlow)))
            }
            Watched::Lost => Ok(None),
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
                // A store that does not answer must not cost the agent's work; nothing is spent
                // after its time.
                watch.notice_at = match self.spend_slot().await {
                    Ok(()) => None,
                    Err(error) => {
                        if let WorkError::Store(error) = &error {
                            self.look_for_keys(error).await;
                        }
                        tracing::warn!(%error, "a reply slot could not be spent");
                        Some(now + budget::SETTLE)
                    }
                };
            }
            if limit <= now {
                return Ok(Watched::TooLong);
            }
            if watch.renew_at <= now {
                watch.renew_at = now + watch.pace;
                if !self.still_ours().await? {
                    return Ok(Watched::Lost);
                }
            }
        }
    }

    /// Renews the lease. A store that does not answer is asked again in time.
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

    pub(crate) async fn drop_replaced(&self) -> Result<(), WorkError> {
        let turns = &self.worker.turns;
        match turns.drop_replaced(self.turn, self.now()).await? {
            Some(replaced) => self.tell_replaced(replaced).await,
            None => Ok(()),
        }
    }

    pub(crate) async fn tell_replaced(&self, replaced: Replaced) -> Result<(), WorkError> {
        count(Metric::Replaced);
        self.worker.hand_on(self.turn, replaced.next).await?;
        if let Some(url) = replaced.url {
            self.say(&url, replaced.settled, Line::Replaced).await;
        }
        Ok(())
    }

    fn read(&self, answered: Result<Option<Said>, AgentError>, agent: &Agent) -> Answer {
        let failed = |line| {
            count(Metric::AgentFailed);
            self.line(line)
        };
        match answered {
            Ok(Some(said)) => Answer {
                reply: said.reply,
                memory: agent.memory_turns().map(|turns| (turns, said.words)),
            },
            // The platform waits for something, and so does the person who saw the waiting message.
            Ok(None) => self.line(Line::AgentSilent),
            Err(AgentError::Empty) => failed(Line::AgentSilent),
            Err(error) => {
                tracing::warn!(%error, account = %self.account.id(), "the agent did not answer");
                failed(match (error, error.class()) {
                    (AgentError::Unreachable, _) => Line::AgentUnreachable,
                    (_, ErrorClass::PersonsMistake) => Line::AgentCannotTake,
                    (_, ErrorClass::Permanent) => Line::AgentMisconfigured,
                    _ => Line::AgentFailed,
                })
            }
        }
    }
}
