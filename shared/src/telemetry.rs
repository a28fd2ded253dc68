//! What operators see: logs without anything personal in them, and counted events under fixed names.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config;

/// An event worth counting. Alarms and dashboards go by these names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    AuthFailed,
    Acknowledged,
    AnsweredInTime,
    CannedAnswer,
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
}

impl Metric {
    pub fn name(self) -> &'static str {
        match self {
            Self::AuthFailed => "auth_failed",
            Self::Acknowledged => "acknowledged",
            Self::AnsweredInTime => "answered_in_time",
            Self::CannedAnswer => "canned_answer",
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
        }
    }
}

/// Counts one event.
pub fn count(metric: Metric) {
    tracing::info!(target: "dari::metric", metric = metric.name(), count = 1_u64);
}

/// Logs to standard output, one JSON object a line; `RUST_LOG` chooses, `info` unless set. For functions.
pub fn init() {
    tracing_subscriber::registry()
        .with(filter("info"))
        .with(
            fmt::layer()
                .json()
                .flatten_event(true)
                .without_time()
                .with_current_span(false),
        )
        .init();
}

/// Logs to standard error, for eyes. For `dari dev`.
pub fn init_for_terminal(default: &str) {
    tracing_subscriber::registry()
        .with(filter(default))
        .with(
            fmt::layer()
                .with_writer(std::io::stderr)
                .with_ansi(std::io::stderr().is_terminal())
                .with_target(false)
                .without_time(),
        )
        .init();
}

fn filter(default: &str) -> EnvFilter {
    let wanted = config::process_env("RUST_LOG").filter(|wanted| !wanted.is_empty());
    EnvFilter::try_new(wanted.as_deref().unwrap_or(default))
        .unwrap_or_else(|_| EnvFilter::new(default))
}
