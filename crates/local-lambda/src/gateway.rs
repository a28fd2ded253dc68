//! API Gateway's HTTP API in front of a function: requests become events of payload format 2.0, and
//! the function's answers become responses.
//!
//! `rawPath` stays as it was sent, percent signs and all.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde_json::{Map, Value, json};
use tokio::{task::JoinSet, time::timeout};

use crate::{
    ACCOUNT,
    function::Function,
    machine::{epoch_millis, loopback},
};

/// How long a function may take to answer a request: 30 s on AWS.
pub const INTEGRATION_LIMIT: Duration = Duration::from_secs(30);

const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// A gateway that is up; it is taken down when dropped.
pub struct Gateway {
    /// Without a slash at the end.
    pub url: String,
    _tasks: JoinSet<()>,
}

/// Puts a gateway with these routes before the function, such as `ANY /kakao/webhook/{account}`.
///
/// Without routes everything takes the route `$default`; with some, what fits none of them is 404.
pub fn serve(function: Function, routes: &[&str]) -> Result<Gateway> {
    let (listener, address) = loopback()?;
    let routes: Vec<String> = routes.iter().map(|&route| route.to_owned()).collect();
    let service = axum::Router::new()
        .fallback(answer)
        .with_state((function, Arc::<[String]>::from(routes)))
        .into_make_service_with_connect_info::<SocketAddr>();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let _ = axum::serve(listener, service).await;
    });
    Ok(Gateway {
        url: format!("http://{address}"),
        _tasks: tasks,
    })
}

async fn answer(
    State((function, routes)): State<(Function, Arc<[String]>)>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let received = epoch_millis();
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return refusal(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    let request = http::Request::from_parts(parts, body);
    let (method, path) = (request.method().as_str(), request.uri().path());
    let route = if routes.is_empty() {
        "$default"
    } else if let Some(route) = best(&routes, method, path) {
        route
    } else {
        return refusal(StatusCode::NOT_FOUND, "Not Found");
    };
    let event = event(&request, route, &peer.ip().to_string(), received);
    match timeout(INTEGRATION_LIMIT, function.invoke(event)).await {
        Err(_) => refusal(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        Ok(Err(_)) => refusal(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        Ok(Ok(answer)) => response(&answer)
            .unwrap_or_else(|| refusal(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")),
    }
}

fn refusal(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}

/// The event for a request that the gateway received at `received`, in milliseconds since 1970.
///
/// A `received` in the past makes the function believe that the gateway or a cold start took so
/// long.
pub fn event(request: &http::Request<Bytes>, route: &str, source_ip: &str, received: u64) -> Value {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let header = |name| header(request.headers(), name);
    let host = request.uri().host().map(str::to_owned);
    let host = header(header::HOST).or(host).unwrap_or_default();
    let path = request.uri().path();
    let mut event = json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": request.uri().query().unwrap_or_default(),
        "headers": headers(request.headers(), source_ip),
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "local00000",
            "domainName": host,
            "domainPrefix": host.split(['.', ':']).next().unwrap_or_default(),
            "http": {
                "method": request.method().as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": source_ip,
                "userAgent": header(header::USER_AGENT).unwrap_or_default(),
            },
            "requestId": format!("local{:011}=", COUNT.fetch_add(1, Ordering::Relaxed)),
            "routeKey": route,
            "stage": "$default",
            "time": time(received),
            "timeEpoch": received,
        },
        "isBase64Encoded": false,
    });
    let parameters = query(request.uri());
    if !parameters.is_empty() {
        set(&mut event, "queryStringParameters", parameters.into());
    }
    let in_path = path_parameters(route, path).unwrap_or_default();
    if !in_path.is_empty() {
        set(&mut event, "pathParameters", in_path.into());
    }
    if let Some(cookies) = header(header::COOKIE) {
        let cookies: Vec<&str> = cookies.split("; ").collect();
        set(&mut event, "cookies", cookies.into());
    }
    if !request.body().is_empty() {
        let content_type = header(header::CONTENT_TYPE).unwrap_or_default();
        let text = str::from_utf8(request.body())
            .ok()
            .filter(|_| is_text(&content_type) && header(header::CONTENT_ENCODING).is_none());
        let body = text.map_or_else(|| BASE64_STANDARD.encode(request.body()), str::to_owned);
        set(&mut event, "isBase64Encoded", text.is_none().into());
        set(&mut event, "body", body.into());
    }
    event
}

fn time(millis: u64) -> Option<String> {
    let time = jiff::Timestamp::from_millisecond(i64::try_from(millis).ok()?).ok()?;
    Some(time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string())
}

fn set(event: &mut Value, name: &str, value: Value) {
    if let Some(event) = event.as_object_mut() {
        event.insert(name.to_owned(), value);
    }
}

fn header(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    let mut values = headers.get_all(name).iter().peekable();
    values.peek()?;
    let values: Vec<_> = values
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    Some(values.join(","))
}

fn headers(given: &HeaderMap, source_ip: &str) -> Map<String, Value> {
    let mut headers: Map<String, Value> = given
        .keys()
        .filter(|name| **name != header::COOKIE)
        .filter_map(|name| Some((name.to_string(), header(given, name.clone())?.into())))
        .collect();
    let forwarded = match headers.get("x-forwarded-for").and_then(Value::as_str) {
        Some(before) => format!("{before}, {source_ip}"),
        None => source_ip.to_owned(),
    };
    headers.insert("x-forwarded-for".to_owned(), forwarded.into());
    headers.insert("x-forwarded-port".to_owned(), "443".into());
    headers.insert("x-forwarded-proto".to_owned(), "https".into());
    headers
}

/// The parameters of the query, decoded; values of the same name are joined with commas.
fn query(uri: &http::Uri) -> Map<String, Value> {
    let mut parameters = Map::new();
    let query = uri.query().unwrap_or_default();
    let Ok(url) = reqwest::Url::parse(&format!("http://localhost/?{query}")) else {
        return parameters;
    };
    for (name, value) in url.query_pairs().filter(|(name, _)| !name.is_empty()) {
        let joined = match parameters.get(name.as_ref()).and_then(Value::as_str) {
            Some(before) => format!("{before},{value}"),
            None => value.into_owned(),
        };
        parameters.insert(name.into_owned(), joined.into());
    }
    parameters
}

fn is_text(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    kind.starts_with("text/")
        || ["json", "xml", "javascript"].iter().any(|text| {
            kind.strip_prefix("application/")
                .is_some_and(|rest| rest.split('+').next_back() == Some(text))
        })
}

/// The most specific of the routes that fit the request.
fn best<'a>(routes: &'a [String], method: &str, path: &str) -> Option<&'a str> {
    let fits = |route: &&String| match route.split_once(' ') {
        Some((of, _)) => (of == "ANY" || of == method) && path_parameters(route, path).is_some(),
        None => *route == "$default",
    };
    let rank = |route: &&String| {
        let variables = route.matches('{').count();
        let is_general = route.starts_with("ANY ");
        (
            *route == "$default",
            route.contains("+}"),
            variables,
            is_general,
        )
    };
    routes
        .iter()
        .filter(fits)
        .min_by_key(rank)
        .map(String::as_str)
}

/// The values that the path has for the route's variables; none if it does not fit the route.
fn path_parameters(route: &str, path: &str) -> Option<Map<String, Value>> {
    let (_, pattern) = route.split_once(' ')?;
    let mut parameters = Map::new();
    let mut parts = path.split('/');
    for expected in pattern.split('/') {
        let part = parts.next()?;
        match expected
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
        {
            None if part == expected => {}
            None => return None,
            Some(name) => match name.strip_suffix('+') {
                Some(name) => {
                    let rest: Vec<&str> = std::iter::once(part).chain(parts).collect();
                    parameters.insert(name.to_owned(), rest.join("/").into());
                    return Some(parameters);
                }
                None if part.is_empty() => return None,
                None => {
                    parameters.insert(name.to_owned(), part.into());
                }
            },
        }
    }
    parts.next().is_none().then_some(parameters)
}

/// The response for a function's answer; none if it cannot be made into one. As on AWS, an answer
/// without `statusCode` is the body of a 200.
pub fn response(answer: &Value) -> Option<Response> {
    let Some(status) = answer.get("statusCode") else {
        return Some(Json(answer).into_response());
    };
    let status = u16::try_from(status.as_u64()?).ok()?;
    let mut response = Response::builder().status(status);
    for (name, value) in answer
        .get("headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        response = response.header(name, text(value)?);
    }
    let multi = answer.get("multiValueHeaders").and_then(Value::as_object);
    for (name, values) in multi.into_iter().flatten() {
        // A header of the same name in `headers` wins.
        let is_given = response
            .headers_ref()
            .is_some_and(|it| it.contains_key(name));
        for value in values.as_array()?.iter().filter(|_| !is_given) {
            response = response.header(name, text(value)?);
        }
    }
    for cookie in answer
        .get("cookies")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        response = response.header(header::SET_COOKIE, cookie.as_str()?);
    }
    let body = match answer.get("body") {
        None | Some(Value::Null) => String::new(),
        Some(body) => body.as_str()?.to_owned(),
    };
    let is_base64 = answer.get("isBase64Encoded") == Some(&Value::Bool(true));
    let body = if is_base64 {
        BASE64_STANDARD.decode(body).ok()?
    } else {
        body.into_bytes()
    };
    let is_typed = response
        .headers_ref()
        .is_some_and(|it| it.contains_key(header::CONTENT_TYPE));
    if !is_typed && !body.is_empty() {
        response = response.header(header::CONTENT_TYPE, "text/plain;charset=utf-8");
    }
    response.body(Body::from(body)).ok()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
