//! What is counted and measured. Alarms and the dashboard of `template.yaml` go by these names.

use std::time::Duration;

use tracing::Span;

/// Events under this target are metrics; see [`super::lines`].
pub const TARGET: &str = "dari::metric";

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
    AgentFailed,
    /// An agent failed so often that it is not asked for a while.
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

/// Counts one event. The metric counted last within a span that has an `outcome` becomes its
/// outcome.
pub fn count(metric: Metric) {
    count_many(metric, 1);
}

pub fn count_many(metric: Metric, times: u64) {
    Span::current().record("outcome", metric.name());
    emit(metric.name(), times, "Count");
}

pub fn time(timing: Timing, took: Duration) {
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    emit(timing.name(), millis, "Milliseconds");
}

pub fn gauge(gauge: Gauge, value: u64) {
    emit(gauge.name(), value, "Count");
}

fn emit(metric: &'static str, value: u64, unit: &'static str) {
    tracing::info!(target: TARGET, metric, value, unit);
}
