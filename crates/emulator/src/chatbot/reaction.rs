//! How a callback is answered: with its verdict, or as a fault wants it.

use std::{io, time::Duration};

use axum::{
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde_json::Value;

use super::{
    faults::{CallbackFaults, Mode},
    verdict::Verdict,
};

/// The pace of slow answers.
const DRIP: Duration = Duration::from_millis(500);

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

    /// As the faults want it.
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
