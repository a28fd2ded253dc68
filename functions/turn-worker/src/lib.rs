//! Takes a turn from the queue, asks the agent, and brings the answer to its person or holds it.
//!
//! At-least-once in, at-most-once out: any number of workers may come with the same turn, at any
//! time, and be killed anywhere. The lease in the conversation's document decides who works; the
//! one-use callback URL decides what is shown.
//!
//! In an order to read it in: `batch` is what SQS hands over and gets back; `step`, here, claims a
//! turn and does what its state asks for; `ask` asks the agent, with `pictures` (those of the
//! message) and `breaker` (an agent that is down is left alone); `deliver` brings the answer to
//! its person or holds it, with `callback`, the post itself.

mod ask;
mod batch;
mod breaker;
mod callback;
mod deliver;
mod pictures;

use std::{sync::Arc, time::Duration};

use kakao::address::CallbackHosts;
use outside::Http;
use shared::{
    clock::{Clock, Time},
    config::{Account, Config, KakaoSettings},
    env::Need,
    identity::Channel,
    keys::{self, NoRandomness},
    live::LiveConfig,
    queue::{LocalTurns, QueueError, SqsTurnQueue, TurnQueue},
    startup::{self, Parts, StartError},
    store::StoreError,
    telemetry::{Metric, count},
    text::Line,
    turn::{Step, TurnRef, Turns, budget},
};
use tracing::{Instrument, field::Empty};

pub use crate::batch::{Batch, Failures};

/// For one call to AWS. Nobody waits at the other end of a line, so a slow store costs no answer of
/// an agent; but of two renewals of a lease one may fail, and the lease still holds.
pub const PATIENCE: Duration = Duration::from_millis(1_400);

/// Why a turn comes again; nothing was lost.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error("the account of a turn is not in the configuration, as far as that is known")]
    UnknownAccount,
    /// A newer worker may know how.
    #[error("this worker does not serve the accounts of {0}")]
    UnservedChannel(Channel),
    #[error("no owner token could be made")]
    NoRandomness(#[from] NoRandomness),
}

/// The function, with what it needs.
#[derive(Clone)]
pub struct TurnWorker<Q> {
    pub config: LiveConfig,
    pub turns: Turns,
    pub queue: Q,
    pub http: Http,
    pub callback_hosts: CallbackHosts,
    pub clock: Clock,
}

/// One worker's hold on one turn.
struct Job<'a, Q> {
    worker: &'a TurnWorker<Q>,
    config: &'a Config,
    account: &'a Account,
    kakao: &'a KakaoSettings,
    turn: &'a TurnRef,
    owner: String,
    /// When this worker is killed, if it is.
    deadline: Option<Time>,
}

impl TurnWorker<SqsTurnQueue> {
    /// As it is deployed.
    pub async fn from_env() -> Result<Self, StartError> {
        let parts = startup::start(&[Need::TurnsTable, Need::TurnQueue], PATIENCE).await?;
        Self::new(&parts, parts.queue()?)
    }
}

impl<Q> TurnWorker<Q> {
    pub fn new(parts: &Parts, queue: Q) -> Result<Self, StartError> {
        Ok(Self {
            config: parts.config.clone(),
            turns: parts.turns()?,
            queue,
            http: parts.http()?,
            callback_hosts: kakao_channel::callback_hosts(&parts.hosts),
            clock: parts.clock.clone(),
        })
    }
}

impl<Q: TurnQueue> TurnWorker<Q> {
    /// Takes turns from a queue in this process, until every sender is gone.
    pub async fn serve(self, turns: LocalTurns)
    where
        Q: 'static,
    {
        let worker = Arc::new(self);
        let work = move |turn: TurnRef| {
            let worker = Arc::clone(&worker);
            async move {
                let done = worker.work(&turn).await;
                done.inspect_err(|error| tracing::warn!(%error, "a turn is tried again"))
            }
        };
        turns.run(budget::LEASE, work).await;
    }

    pub async fn work(&self, turn: &TurnRef) -> Result<(), WorkError> {
        self.work_until(turn, None).await
    }

    /// `deadline` is when the process is killed, if it is.
    pub async fn work_until(
        &self,
        turn: &TurnRef,
        deadline: Option<Time>,
    ) -> Result<(), WorkError> {
        let span = tracing::info_span!(
            "turn",
            turn = turn.turn,
            account = %turn.scope.account,
            sender = turn.conversation.as_str(),
            outcome = Empty,
        );
        self.step(turn, deadline).instrument(span).await
    }

    async fn step(&self, turn: &TurnRef, deadline: Option<Time>) -> Result<(), WorkError> {
        let now = self.clock.now();
        let mut config = self.config.fresh(now).await;
        if !config.accounts.contains_key(&turn.scope) {
            // The function that opened the turn may know a newer configuration.
            if !self.config.reread(now).await && self.config.has_source() {
                return Err(WorkError::UnknownAccount);
            }
            config = self.config.current();
        }
        let Some(account) = config.accounts.get(&turn.scope) else {
            tracing::warn!(account = %turn.scope.account, "a turn of an account that is no longer configured is dropped");
            return Ok(());
        };
        let Some(kakao) = account.kakao() else {
            return Err(WorkError::UnservedChannel(turn.scope.channel));
        };
        let job = Job {
            worker: self,
            config: &config,
            account,
            kakao,
            turn,
            owner: keys::random_id()?,
            deadline,
        };
        match self.turns.claim(turn, &job.owner, self.clock.now()).await? {
            Step::Gone => Ok(()),
            Step::Later { at, stalled } => {
                self.hand_on(turn, stalled).await?;
                job.come_back(at).await
            }
            Step::Notice { callback, again } => {
                job.say(&callback, Line::StillThinking).await;
                job.come_back(again).await
            }
            Step::Replaced => job.deliver_replaced().await,
            Step::Ask(ask) => match job.ask(*ask).await? {
                Some(answer) => job.deliver(&answer).await,
                None => Ok(()),
            },
            Step::GiveUp => {
                count(Metric::Expired);
                job.deliver(&job.line(Line::AgentFailed)).await
            }
            Step::Post(post) => job.post(post).await,
        }
    }

    /// Hands on the turn whose time in the lane has come. It would come back by itself, only later.
    async fn hand_on(&self, turn: &TurnRef, next: Option<String>) -> Result<(), WorkError> {
        let Some(next) = next else { return Ok(()) };
        let next = TurnRef {
            turn: next,
            earliest: None,
            ..turn.clone()
        };
        Ok(self.queue.send(&next, Duration::ZERO).await?)
    }
}

impl<Q: TurnQueue> Job<'_, Q> {
    /// Puts the turn back into the queue before this delivery of it is given up. Should both come,
    /// the lease lets one through.
    async fn come_back(&self, at: Time) -> Result<(), WorkError> {
        let after = at.since(self.worker.clock.now());
        Ok(self.worker.queue.send(self.turn, after).await?)
    }

    /// What cannot be read may be sealed with a key that is newer than our configuration.
    async fn look_for_keys(&self, error: &StoreError) {
        if let StoreError::Unreadable { .. } = error {
            self.worker.config.reread(self.now()).await;
        }
    }

    fn now(&self) -> Time {
        self.worker.clock.now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_outlives_a_renewal_that_fails_as_slowly_as_it_can() {
        assert!(2 * (budget::RENEW + PATIENCE) < budget::LEASE);
    }
}
