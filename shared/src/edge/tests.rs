use std::sync::LazyLock;

use http::Method;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

const PLACES: [&str; 24] = [
    "/version",
    "/routeKey",
    "/rawPath",
    "/rawQueryString",
    "/cookies",
    "/headers",
    "/headers/host",
    "/headers/x-forwarded-proto",
    "/headers/x-forwarded-port",
    "/headers/cookie",
    "/headers/이름",
    "/headers/",
    "/queryStringParameters",
    "/pathParameters",
    "/stageVariables",
    "/requestContext",
    "/requestContext/domainName",
    "/requestContext/stage",
    "/requestContext/authorizer",
    "/requestContext/timeEpoch",
    "/requestContext/http",
    "/requestContext/http/method",
    "/body",
    "/isBase64Encoded",
];

/// Shows what came in, or panics.
struct Mirror;

impl HttpFunction for Mirror {
    const ROUTES: &'static [Route] = &[
        Route {
            methods: &[Method::POST],
            path: "/in/{name}",
        },
        Route {
            methods: &[Method::GET, Method::POST],
            path: "/in",
        },
        Route {
            methods: &[Method::POST],
            path: "/panic",
        },
    ];

    async fn handle(&self, request: &Request<Bytes>, received: Time) -> Response<String> {
        assert_ne!(request.uri().path(), "/panic");
        let headers = request.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.to_string(), Value::from(value))
        });
        let seen = json!({
            "method": request.method().as_str(),
            "uri": request.uri().to_string(),
            "headers": headers.collect::<Map<_, _>>(),
            "body": String::from_utf8_lossy(request.body()),
            "received": received,
        });
        json(seen.to_string())
    }
}

async fn response_to(event: &str) -> Result<Response<String>, Panicked> {
    let deployed = Deployed {
        standby: Standby::start(async || Ok(Mirror)).await,
        unreadable: Sampler::default(),
    };
    deployed.respond(event).await
}

async fn status(event: &Value) -> u16 {
    let response = response_to(&event.to_string()).await;
    // The gateway answers so when a function fails.
    response.map_or(500, |response| response.status().as_u16())
}

fn event() -> Value {
    json!({
        "version": "2.0",
        "routeKey": "POST /in",
        "rawPath": "/in",
        "rawQueryString": "a=1&b=%20",
        "cookies": ["c=1", "d=2"],
        "headers": { "host": "example.com", "x-forwarded-proto": "https", "x-key": "k" },
        "requestContext": {
            "domainName": "example.com",
            "http": { "method": "POST", "path": "/in" },
            "stage": "$default",
            "timeEpoch": 1_583_348_638_390_u64,
        },
        "body": "{}",
        "isBase64Encoded": false,
    })
}

/// The event with something else, or nothing, in one place; as it is if there is no such place.
fn changed(mut event: Value, place: &str, value: Option<Value>) -> Value {
    let (parent, name) = place.rsplit_once('/').unwrap();
    if let Some(parent) = event.pointer_mut(parent).and_then(Value::as_object_mut) {
        match value {
            Some(value) => parent.insert(name.to_owned(), value),
            None => parent.remove(name),
        };
    }
    event
}

#[tokio::test]
async fn a_request_comes_in_whole_without_its_host() {
    let seen = response_to(&event().to_string()).await.unwrap();
    let seen: Value = serde_json::from_str(seen.body()).unwrap();
    let expected = json!({
        "method": "POST",
        "uri": "/in?a=1&b=%20",
        "headers": { "cookie": "c=1; d=2", "x-forwarded-proto": "https", "x-key": "k" },
        "body": "{}",
        "received": 1_583_348_638_390_u64,
    });
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn what_an_address_cannot_hold_is_encoded_and_the_rest_stays() {
    for (path, query, uri) in [
        ("/in/안", "", "/in/%EC%95%88"),
        (
            "/in/a b\"<>`{|}^\\",
            "",
            "/in/a%20b%22%3C%3E%60%7B%7C%7D%5E%5C",
        ),
        ("/in/%zz%2F%", "%zz=%", "/in/%zz%2F%?%zz=%"),
        ("/in/", "a b&c=\"한\"", "/in/?a%20b&c=%22%ED%95%9C%22"),
        ("/in/\n", "\u{0}#x", "/in/%0A?%00%23x"),
        ("/in/?x#y", "?", "/in/%3Fx%23y??"),
        ("in", "a[]={|}\\^`~", "/in?a[]={|}\\^`~"),
    ] {
        let event = changed(event(), "/rawPath", Some(json!(path)));
        let event = changed(event, "/rawQueryString", Some(json!(query)));
        let (request, _) = event::read(&event.to_string()).unwrap();
        assert_eq!(request.uri().to_string(), uri);
    }
}

#[tokio::test]
async fn a_header_that_cannot_be_is_as_if_not_sent() {
    let headers = json!({
        "X-Key": "k", "a b": "1", "": "2", "이름": "3", "host": "h", "line": "4\n", "number": 5,
        "none": null, "hangul": "값",
    });
    let event = changed(event(), "/headers", Some(headers));
    let (request, _) = event::read(&event.to_string()).unwrap();
    let mut names: Vec<_> = request.headers().keys().map(AsRef::<str>::as_ref).collect();
    names.sort_unstable();
    assert_eq!(names, ["cookie", "hangul", "x-key"]);
    assert_eq!(request.headers().get("hangul").unwrap(), "값");
}

#[tokio::test]
async fn a_body_is_text_or_base64() {
    let read = |body: Value, is_base64: Value| {
        let event = changed(event(), "/body", Some(body));
        let event = changed(event, "/isBase64Encoded", Some(is_base64));
        event::read(&event.to_string()).map(|(request, _)| request.into_body())
    };
    let bytes = |text: &'static [u8]| Ok(Bytes::from_static(text));
    let (no, yes) = (json!(false), json!(true));
    assert_eq!(read(json!("안녕"), no.clone()), bytes("안녕".as_bytes()));
    assert_eq!(read(json!("//4="), yes.clone()), bytes(b"\xff\xfe"));
    assert_eq!(read(json!(""), yes.clone()), bytes(b""));
    assert_eq!(read(Value::Null, yes.clone()), bytes(b""));
    assert_eq!(read(json!("//4="), json!("true")), bytes(b"//4="));
    for wrong in ["//4", "안녕", "{}", "//4=\n", "_-4="] {
        assert_eq!(read(json!(wrong), yes.clone()), Err(Unreadable::Body));
    }
}

#[tokio::test]
async fn the_gateways_time_counts_unless_it_is_none_or_still_to_come() {
    let before = Clock::System.now();
    for (time, counts) in [
        (json!(1_583_348_638_390_u64), true),
        (json!(1), true),
        (json!(0), false),
        (json!(-1), false),
        (json!(1.5), false),
        (json!("1583348638390"), false),
        (json!(u64::MAX), false),
        (Value::Null, false),
    ] {
        let event = changed(event(), "/requestContext/timeEpoch", Some(time.clone()));
        let seen = response_to(&event.to_string()).await.unwrap();
        let seen: Value = serde_json::from_str(seen.body()).unwrap();
        if counts {
            assert_eq!(seen["received"], time);
        } else {
            let received = Time::from_millis(seen["received"].as_u64().unwrap());
            assert!((before..=Clock::System.now()).contains(&received), "{time}");
        }
    }
}

#[tokio::test]
async fn what_is_no_event_is_400() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
    let surrogate = event().to_string().replace("example.com", "\\ud800");
    for no_event in ["", "null", "[]", "{}", "\"\"", "{", &deep, &surrogate] {
        assert_eq!(
            response_to(no_event).await.unwrap().status(),
            400,
            "{no_event:.50}"
        );
    }
    let many: Map<_, _> = (0..5_000).map(|n| (format!("x{n}"), json!("1"))).collect();
    let refused = [
        ("/rawQueryString", json!("a".repeat(70_000))),
        ("/rawPath", json!(" ".repeat(30_000))),
        ("/headers", many.into()),
        ("/requestContext/http", Value::Null),
        ("/requestContext/http/method", json!("A B")),
    ];
    for (place, value) in refused {
        let event = changed(event(), place, Some(value));
        assert_eq!(status(&event).await, 400, "{place}");
    }
}

#[tokio::test]
async fn only_what_is_on_a_route_reaches_the_function() {
    for (method, path, expected) in [
        ("POST", "/in", 200),
        ("GET", "/in", 200),
        ("PUT", "/in", 405),
        ("POST", "/in/", 200),
        ("POST", "/in/a", 200),
        ("POST", "/in/a/", 200),
        ("GET", "/in/a", 405),
        ("POST", "/in//", 404),
        ("POST", "/in/a/b", 404),
        ("POST", "/inn", 404),
        ("POST", "//in", 404),
        ("POST", "/", 404),
        ("GET", "/health", 200),
        ("HEAD", "/health", 200),
        ("POST", "/health", 405),
        ("GET", "/health/", 404),
        ("POST", "/panic", 500),
    ] {
        let event = changed(event(), "/rawPath", Some(json!(path)));
        let event = changed(event, "/requestContext/http/method", Some(json!(method)));
        assert_eq!(status(&event).await, expected, "{method} {path}");
        let request = Request::builder().method(method).uri(path);
        let request = request.body(Bytes::new()).unwrap();
        let here = respond(&Mirror, &request, Clock::System.now()).await;
        assert_eq!(here.status(), expected, "{method} {path}");
    }
}

#[tokio::test]
async fn a_panic_is_an_error_of_the_function_and_it_goes_on() {
    let deployed = Deployed {
        standby: Standby::start(async || Ok(Mirror)).await,
        unreadable: Sampler::default(),
    };
    let panics = changed(event(), "/rawPath", Some(json!("/panic"))).to_string();
    assert!(matches!(deployed.respond(&panics).await, Err(Panicked)));
    let next = deployed.respond(&event().to_string()).await.unwrap();
    assert_eq!(next.status(), 200);
}

#[tokio::test]
async fn a_function_that_cannot_start_answers_for_its_health_and_its_routes() {
    let deployed = Deployed {
        standby: Standby::start(async || Err::<Mirror, _>(StartError::NoKeys)).await,
        unreadable: Sampler::default(),
    };
    for (path, expected) in [("/in", 503), ("/health", 405), ("/other", 404)] {
        let event = changed(event(), "/rawPath", Some(json!(path)));
        let response = deployed.respond(&event.to_string()).await.unwrap();
        assert_eq!(response.status(), expected);
        assert_eq!(response.body(), "");
    }
}

#[test]
fn a_response_has_the_gateways_shape() {
    let mut response = json("{}".to_owned());
    for cookie in ["a=1; Secure", "b=2"] {
        let cookie = http::HeaderValue::from_static(cookie);
        response
            .headers_mut()
            .append(http::header::SET_COOKIE, cookie);
    }
    let seen = serde_json::to_value(response::for_gateway(response)).unwrap();
    let expected = json!({
        "statusCode": 200,
        "headers": { "content-type": "application/json; charset=utf-8" },
        "multiValueHeaders": {},
        "body": "{}",
        "isBase64Encoded": false,
        "cookies": ["a=1; Secure", "b=2"],
    });
    assert_eq!(seen, expected);
    let bare = serde_json::to_value(response::for_gateway(bare(StatusCode::NOT_FOUND))).unwrap();
    assert_eq!(
        (&bare["statusCode"], &bare["body"]),
        (&json!(404), &json!(""))
    );
}

fn anything() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        any::<String>(),
        "[ -~]{0,12}",
        "[/%.:@?#\\[\\]\\\\a-f0-9]{0,20}",
        "https?://[a-z.]{0,8}(:[0-9]{1,6})?/?",
    ];
    let leaf = prop_oneof![
        4 => text.clone().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
    ];
    let list = prop::collection::vec(leaf.clone(), 0..4).prop_map(Value::from);
    let map = prop::collection::vec((text, leaf.clone()), 0..4);
    let map = map.prop_map(|entries| Value::Object(entries.into_iter().collect()));
    prop_oneof![6 => leaf, 1 => list, 2 => map]
}

static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().build().unwrap()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_event_has_a_response(
        changes in prop::collection::vec((0..PLACES.len(), prop::option::weighted(0.9, anything())), 1..6),
    ) {
        let event = changes.into_iter().fold(event(), |event, (place, value)| changed(event, PLACES[place], value));
        let response = RUNTIME.block_on(response_to(&event.to_string())).unwrap();
        prop_assert!([200, 400, 404, 405].contains(&response.status().as_u16()), "{response:?}");
    }

    #[test]
    fn so_has_what_is_no_event(text in any::<String>()) {
        prop_assert_eq!(RUNTIME.block_on(response_to(&text)).unwrap().status(), 400);
    }
}
