//! Ways in which the platform can be told to misbehave.

use std::{io, time::Duration};

use axum::{
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::callback::Verdict;

/// The pace of slow answers.
const DRIP: Duration = Duration::from_millis(500);

/// How the platform misbehaves towards one bot; by default not at all.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Faults {
    pub skill: SkillFaults,
    pub callback: CallbackFaults,
}

/// Between the platform and the skill.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SkillFaults {
    /// Delays each request on its way to the skill; counts towards the 5 s.
    pub latency_ms: u64,
    /// Loses the skill's answer on its way back; the exchange fails.
    pub drop_answer: bool,
}

/// Where callbacks are posted.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CallbackFaults {
    pub mode: Mode,
    /// Where `redirect` sends the caller.
    pub location: Option<String>,
    /// Delays each answer after the callback has been dealt with.
    pub latency_ms: u64,
    /// How long after its arrival an acknowledgement counts; a callback before that is refused.
    pub settle_ms: u64,
    /// How many callbacks meet the mode before all is well again; none is forever.
    pub times: Option<u32>,
}

/// What happens to a callback.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// What is documented.
    #[default]
    Ok,
    /// 400 `FAIL` with the documented refusal of a token. Nothing is delivered, the URL stays good.
    Refuse,
    /// 500 `ERROR` with the documented internal error. Nothing is delivered, the URL stays good.
    ServerError,
    /// Delivered, then the connection is cut without a byte of answer.
    AcceptThenCut,
    /// The connection is cut; nothing is delivered, the URL stays good.
    CutBeforeAccept,
    /// Delivered; the answer comes one byte every half second.
    SlowDrip,
    /// Delivered; the answer is 64 MiB of valid JSON.
    Huge,
    /// Delivered; the answer starts well and never ends.
    NeverEnding,
    /// Delivered; the answer is cut-off JSON.
    BadJson,
    /// 200 with status `FAIL`. Nothing is delivered, the URL stays good.
    FailBody,
    /// 307 to `location`. Nothing is delivered, the URL stays good.
    Redirect,
}

impl Mode {
    /// Whether the callback is dealt with as documented and only its answer goes wrong.
    pub(crate) fn accepts(self) -> bool {
        matches!(
            self,
            Self::Ok
                | Self::AcceptThenCut
                | Self::SlowDrip
                | Self::Huge
                | Self::NeverEnding
                | Self::BadJson
        )
    }
}

impl CallbackFaults {
    /// The mode, unless it has been met as often as it was asked for.
    pub(crate) fn active(&self) -> Mode {
        if self.times == Some(0) {
            Mode::Ok
        } else {
            self.mode
        }
    }

    /// Counts one callback that met the mode.
    pub(crate) fn met(&mut self) {
        self.times = self.times.map(|times| times.saturating_sub(1));
    }
}

/// How a callback is answered.
pub(crate) struct Reaction {
    mode: Mode,
    verdict: Verdict,
    body: Value,
    location: String,
}

impl Reaction {
    /// As documented.
    pub(crate) fn documented(verdict: Verdict, now: i64) -> Self {
        Self {
            mode: Mode::Ok,
            verdict,
            body: verdict.body(now),
            location: String::new(),
        }
    }

    /// As the faults have it.
    pub(crate) fn faulty(faults: &CallbackFaults, verdict: Verdict, now: i64) -> Self {
        Self {
            mode: faults.active(),
            location: faults.location.clone().unwrap_or_default(),
            ..Self::documented(verdict, now)
        }
    }

    /// The status answered, unless the connection is cut.
    pub(crate) fn status(&self) -> Option<u16> {
        match self.mode {
            Mode::AcceptThenCut | Mode::CutBeforeAccept => None,
            Mode::Redirect => Some(307),
            _ => Some(self.verdict.status),
        }
    }

    /// What the answer says, in words.
    pub(crate) fn message(&self) -> &'static str {
        match self.mode {
            Mode::AcceptThenCut | Mode::CutBeforeAccept => "connection cut",
            Mode::Redirect => "redirected",
            _ => self.verdict.message,
        }
    }
}

impl IntoResponse for Reaction {
    fn into_response(self) -> Response {
        let text = self.body.to_string();
        let body = match self.mode {
            Mode::AcceptThenCut | Mode::CutBeforeAccept => cut(),
            Mode::SlowDrip => drip(text),
            Mode::Huge => huge(&text),
            Mode::NeverEnding => never_ending(&text),
            Mode::BadJson => Body::from(text.chars().take(60).collect::<String>()),
            Mode::Redirect => Body::empty(),
            Mode::Ok | Mode::Refuse | Mode::ServerError | Mode::FailBody => Body::from(text),
        };
        let mut response = Response::builder()
            .status(self.status().unwrap_or(200))
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8");
        if self.mode == Mode::Redirect {
            response = response.header(header::LOCATION, self.location);
        }
        response
            .body(body)
            .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
    }
}

/// A body that fails before its first byte: the connection is closed without a status line.
fn cut() -> Body {
    Body::from_stream(stream::iter([Err::<Bytes, _>(io::Error::other("cut"))]))
}

fn drip(text: String) -> Body {
    let bytes = stream::iter(text.into_bytes());
    Body::from_stream(bytes.then(|byte| async move {
        tokio::time::sleep(DRIP).await;
        Ok::<_, io::Error>(Bytes::from(vec![byte]))
    }))
}

fn huge(text: &str) -> Body {
    let filler = Bytes::from(vec![b' '; 1 << 16]);
    let fillers = stream::repeat_with(move || filler.clone()).take(1 << 10);
    let (start, end) = text.split_at_checked(1).unwrap_or(("", text));
    let (start, end) = (Bytes::from(start.to_owned()), Bytes::from(end.to_owned()));
    let chunks = stream::iter([start])
        .chain(fillers)
        .chain(stream::iter([end]));
    Body::from_stream(chunks.map(Ok::<_, io::Error>))
}

fn never_ending(text: &str) -> Body {
    let start = text.strip_suffix('}').unwrap_or(text).to_owned();
    let spaces = stream::repeat(()).then(|()| async {
        tokio::time::sleep(DRIP).await;
        Bytes::from_static(b" ")
    });
    let chunks = stream::iter([Bytes::from(start)]).chain(spaces);
    Body::from_stream(chunks.map(Ok::<_, io::Error>))
}
