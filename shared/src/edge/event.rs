//! The gateway's events (HTTP API, payload format 2.0). `lambda_http` makes the requests of them,
//! but panics or fails on much that a stranger can put into one: it only gets what it can take.

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, uri::PathAndQuery};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::clock::Time;

/// What the `http` crate does not take in a query; it takes `%` with anything after it.
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');
/// The same for a path, and what `url` would change in it or take for its end.
const PATH: &AsciiSet = &QUERY
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
/// A gateway lets through 10 KB of them (API Gateway's quotas); a `HeaderMap` panics at 32,768.
const MAX_HEADERS: usize = 4_096;

/// Why an event is no request. Never what was in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("it is no JSON that could be an event")]
    Json,
    #[error("it has no HTTP method")]
    Method,
    #[error("its path and query are too long")]
    Address,
    #[error("it has too many headers")]
    Headers,
    #[error("its body is not the base64 that it is said to be")]
    Body,
    #[error("it is not of the gateway's shape")]
    Shape,
}

/// The request of an event, and when the gateway had it, if it says so.
pub(super) fn read(event: &str) -> Result<(Request<Bytes>, Option<Time>), Unreadable> {
    let mut event: Map<String, Value> =
        serde_json::from_str(event).map_err(|_| Unreadable::Json)?;
    let body = body(&mut event)?;
    let context = event.get("requestContext");
    let received = context
        .and_then(|context| context.get("timeEpoch")?.as_u64())
        .filter(|millis| *millis > 0)
        .map(Time::from_millis);
    let method = context
        .and_then(|context| context.pointer("/http/method")?.as_str())
        .filter(|method| Method::from_bytes(method.as_bytes()).is_ok())
        .ok_or(Unreadable::Method)?
        .to_owned();
    let (path, query) = address(&event)?;
    let cleaned = json!({
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers(event.remove("headers"))?,
        "cookies": cookies(event.remove("cookies")),
        "requestContext": { "http": { "method": method } },
    });
    let request = lambda_http::request::from_str(&cleaned.to_string());
    let request = request.map_err(|_| Unreadable::Shape)?;
    Ok((request.map(|_| body), received))
}

fn address(event: &Map<String, Value>) -> Result<(String, String), Unreadable> {
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
    let path = text("rawPath");
    let slash = if path.starts_with('/') { "" } else { "/" };
    let path = format!("{slash}{}", utf8_percent_encode(path, PATH));
    let query = utf8_percent_encode(text("rawQueryString"), QUERY).to_string();
    match PathAndQuery::try_from(format!("{path}?{query}")) {
        Ok(_) => Ok((path, query)),
        Err(_) => Err(Unreadable::Address),
    }
}

/// Those that there can be. `Host` is none of them: the conversion would make an address of it, and
/// no decision may depend on it (F-05).
fn headers(given: Option<Value>) -> Result<Value, Unreadable> {
    let Some(Value::Object(mut headers)) = given else {
        return Ok(Value::Null);
    };
    headers.retain(|name, value| {
        HeaderName::from_bytes(name.as_bytes()).is_ok_and(|name| name != http::header::HOST)
            && value
                .as_str()
                .is_some_and(|value| HeaderValue::from_str(value).is_ok())
    });
    if headers.len() > MAX_HEADERS {
        return Err(Unreadable::Headers);
    }
    Ok(headers.into())
}

fn cookies(given: Option<Value>) -> Value {
    let Some(Value::Array(mut cookies)) = given else {
        return Value::Null;
    };
    cookies.retain(Value::is_string);
    cookies.into()
}

fn body(event: &mut Map<String, Value>) -> Result<Bytes, Unreadable> {
    let Some(Value::String(body)) = event.remove("body") else {
        return Ok(Bytes::new());
    };
    match event.get("isBase64Encoded") {
        Some(Value::Bool(true)) => BASE64_STANDARD
            .decode(body)
            .map(Bytes::from)
            .map_err(|_| Unreadable::Body),
        _ => Ok(body.into()),
    }
}
