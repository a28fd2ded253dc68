//! What is counted and measured. Alarms and the dashboard of `template.yaml` go by these names.

use std::time::Duration;

use tracing::{Instrument, Span};

/// Events under this target are metrics, and a span under it is an invocation; see
/// `lines.rs`.
pub const TARGET: &str = "dari::metric";

/// The unit of what is counted: two of it are one metric with their sum.
pub(super) const COUNT: &str = "Count";

/// An event worth counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// An authenticated call of the platform.
    Message,
    AuthFailed,
    Acknowledged,
    AnsweredInTime,
    CannedAnswer,
    /// Turned away because the turn queue is not emptied.
    Busy,
    UnknownKind,
    RefusedUrl,
    RequestMismatch,
    OtherBot,
    Challenged,
    KeptOut,
    HandOverFailed,
    CallbackAccepted,
    CallbackRefused,
    CallbackUnconfirmed,
    NoticePosted,
    Held,
    Collected,
    Expired,
    Replaced,
    /// A question got no answer of the agent.
    AgentFailed,
    /// A question that could not be answered by an agent that is down: it has failed so often that
    /// it is not asked for a while, or it does not take our token.
    AgentDown,
    /// An event came while something that the function cannot do without is missing.
    NotReady,
    /// The configuration could not be read again: the old one goes on.
    ConfigStale,
}

impl Metric {
    pub const ALL: &[Self] = &[
        Self::Message,
        Self::AuthFailed,
        Self::Acknowledged,
        Self::AnsweredInTime,
        Self::CannedAnswer,
        Self::Busy,
        Self::UnknownKind,
        Self::RefusedUrl,
        Self::RequestMismatch,
        Self::OtherBot,
        Self::Challenged,
        Self::KeptOut,
        Self::HandOverFailed,
        Self::CallbackAccepted,
        Self::CallbackRefused,
        Self::CallbackUnconfirmed,
        Self::NoticePosted,
        Self::Held,
        Self::Collected,
        Self::Expired,
        Self::Replaced,
        Self::AgentFailed,
        Self::AgentDown,
        Self::NotReady,
        Self::ConfigStale,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::AuthFailed => "auth_failed",
            Self::Acknowledged => "acknowledged",
            Self::AnsweredInTime => "answered_in_time",
            Self::CannedAnswer => "canned_answer",
            Self::Busy => "busy",
            Self::UnknownKind => "unknown_kind",
            Self::RefusedUrl => "refused_url",
            Self::RequestMismatch => "request_mismatch",
            Self::OtherBot => "other_bot",
            Self::Challenged => "challenged",
            Self::KeptOut => "kept_out",
            Self::HandOverFailed => "hand_over_failed",
            Self::CallbackAccepted => "callback_accepted",
            Self::CallbackRefused => "callback_refused",
            Self::CallbackUnconfirmed => "callback_unconfirmed",
            Self::NoticePosted => "notice_posted",
            Self::Held => "held",
            Self::Collected => "collected",
            Self::Expired => "expired",
            Self::Replaced => "replaced",
            Self::AgentFailed => "agent_failed",
            Self::AgentDown => "agent_down",
            Self::NotReady => "not_ready",
            Self::ConfigStale => "config_stale",
        }
    }
}

// What is missing in `ALL` would be on no dashboard, and no test would know. `ConfigStale` is last.
const _: () = assert!(Metric::ALL.len() == Metric::ConfigStale as usize + 1);

/// What a new version of a function is judged by while it gets its first messages: strangers cause
/// neither. These are counted for each version as well (`template.yaml`, the alarms of a new
/// version).
pub const JUDGING: &[Metric] = &[Metric::CannedAnswer, Metric::NotReady];

/// How long something took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// From the gateway to the answer of the function behind the skill.
    Ack,
    /// The agent alone.
    Agent,
    /// From the gateway to the answer in the chat, by callback.
    Answer,
}

impl Timing {
    pub const ALL: &[Self] = &[Self::Ack, Self::Agent, Self::Answer];

    pub fn name(self) -> &'static str {
        match self {
            Self::Ack => "ack_ms",
            Self::Agent => "agent_ms",
            Self::Answer => "answer_ms",
        }
    }
}

/// How many of something there are at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gauge {
    /// People of one account who wait to be let in.
    PendingPairings,
}

impl Gauge {
    pub const ALL: &[Self] = &[Self::PendingPairings];

    pub fn name(self) -> &'static str {
        match self {
            Self::PendingPairings => "pending_pairings",
        }
    }
}

/// Does the work of one invocation. What is counted and measured in it becomes one line of the log
/// at its end, whatever end that is.
pub fn invocation<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let invocation = Invocation(tracing::info_span!(target: TARGET, "invocation"));
    // On the heap, because the work of a function is large, and would be in here twice.
    let work = Box::pin(work.instrument(invocation.0.clone()));
    async move {
        let _ends_last = invocation;
        work.await
    }
}

/// Not when the span closes: what an invocation leaves open, such as a connection, may hold it for
/// minutes.
struct Invocation(Span);

impl Drop for Invocation {
    fn drop(&mut self) {
        self.0
            .in_scope(|| tracing::info!(target: TARGET, over = true));
    }
}

/// Counts one event. The metric counted last within a span that has an `outcome` becomes its
/// outcome.
pub fn count(metric: Metric) {
    count_many(metric, 1);
}

pub fn count_many(metric: Metric, times: u64) {
    Span::current().record("outcome", metric.name());
    emit(metric.name(), times, COUNT);
}

pub fn time(timing: Timing, took: Duration) {
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    emit(timing.name(), millis, "Milliseconds");
}

pub fn gauge(gauge: Gauge, value: u64) {
    emit(gauge.name(), value, "None");
}

fn emit(metric: &'static str, value: u64, unit: &'static str) {
    tracing::info!(target: TARGET, metric, value, unit);
}
