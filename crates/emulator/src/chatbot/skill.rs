//! Calls the skill as the platform does (skill.md §2).

use std::time::Duration;

use bytes::Bytes;
use reqwest::{
    header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT},
    redirect::Policy,
};

/// Longer answers are not read to the end; a bubble may have 30 kB.
const MAX_ANSWER: usize = 4 << 20;

pub(crate) struct Caller {
    http: Result<reqwest::Client, reqwest::Error>,
}

/// One request to a skill.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) url: String,
    pub(crate) header: Option<(String, String)>,
    pub(crate) request_id: String,
    pub(crate) body: Bytes,
    /// A delay before the request is sent; counts towards the deadline.
    pub(crate) latency: Duration,
    pub(crate) deadline: Duration,
}

/// How a call ended.
pub(crate) enum Called {
    Answered {
        status: u16,
        is_json: bool,
        body: Bytes,
    },
    TimedOut,
    /// In words, without the URL.
    Failed(String),
}

impl Caller {
    #[expect(
        clippy::disallowed_methods,
        reason = "the emulator is the outside: it calls whatever skill its user names"
    )]
    pub(crate) fn new() -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .pool_max_idle_per_host(0)
            .build();
        Self { http }
    }

    pub(crate) async fn call(&self, call: Call) -> Called {
        let deadline = call.deadline;
        let answer = tokio::time::timeout(deadline, self.answer(call)).await;
        answer.unwrap_or(Called::TimedOut)
    }

    async fn answer(&self, call: Call) -> Called {
        tokio::time::sleep(call.latency).await;
        self.exchange(call)
            .await
            .unwrap_or_else(|error| Called::Failed(reason(error)))
    }

    async fn exchange(&self, call: Call) -> Result<Called, reqwest::Error> {
        let http = match &self.http {
            Ok(http) => http,
            Err(error) => return Ok(Called::Failed(error.to_string())),
        };
        let mut request = http
            .post(&call.url)
            .header(ACCEPT, "*/*")
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, "AHC/2.1")
            .header("x-request-id", &call.request_id)
            .header("x-chappie-footprint", &call.request_id)
            .body(call.body);
        if let Some((name, value)) = call.header {
            let name = name.parse::<HeaderName>();
            let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) else {
                return Ok(Called::Failed("the bot's header is not a valid one".into()));
            };
            request = request.header(name, value);
        }
        let mut response = request.send().await?;
        let is_json = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.to_ascii_lowercase().starts_with("application/json"));
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ANSWER {
                return Ok(Called::Failed("the answer is longer than 4 MiB".into()));
            }
        }
        Ok(Called::Answered {
            status,
            is_json,
            body: body.into(),
        })
    }
}

fn reason(error: reqwest::Error) -> String {
    let connecting = error.is_connect();
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let doing = if connecting {
        "connecting to the skill"
    } else {
        "calling the skill"
    };
    format!("{doing}: {cause}")
}
