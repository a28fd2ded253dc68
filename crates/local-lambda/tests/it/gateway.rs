use std::time::Duration;

use bytes::Bytes;
use local_lambda::{
    epoch_millis,
    function::Function,
    gateway::{self, Gateway},
};
use serde_json::{Value, json};

use crate::sample;

const ROUTES: [&str; 5] = [
    "ANY /kakao/webhook",
    "ANY /kakao/webhook/{account}",
    "GET /kakao/webhook/main",
    "GET /health",
    "GET /files/{path+}",
];

fn gateway(routes: &[&str]) -> Gateway {
    let function = Function::new(sample(Duration::from_mins(1)), 4);
    gateway::serve(function, routes).unwrap()
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn echoed(request: reqwest::RequestBuilder) -> Value {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

#[tokio::test]
async fn a_request_becomes_the_event_that_aws_makes_of_it() {
    let gateway = gateway(&[]);
    let before = epoch_millis();
    let event = echoed(
        client()
            .post(format!("{}/a/b?x=1&y=a%20b&x=2", gateway.url))
            .header("X-Dari-Skill-Key", "secret")
            .header("x-twice", "one")
            .header("x-twice", "two")
            .header("x-forwarded-for", "203.0.113.9")
            .header("cookie", "a=1; b=2")
            .header("user-agent", "AHC/2.1")
            .json(&json!({ "utterance": "안녕" })),
    )
    .await;
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["routeKey"], "$default");
    assert_eq!(event["rawPath"], "/a/b");
    assert_eq!(event["rawQueryString"], "x=1&y=a%20b&x=2");
    assert_eq!(
        event["queryStringParameters"],
        json!({ "x": "1,2", "y": "a b" })
    );
    assert_eq!(event["headers"]["x-dari-skill-key"], "secret");
    assert_eq!(event["headers"]["x-twice"], "one,two");
    assert_eq!(
        event["headers"]["x-forwarded-for"],
        "203.0.113.9, 127.0.0.1"
    );
    assert_eq!(event["headers"].get("cookie"), None);
    assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
    assert_eq!(event["body"], "{\"utterance\":\"안녕\"}");
    assert_eq!(event["isBase64Encoded"], false);
    let context = &event["requestContext"];
    let http = json!({
        "method": "POST",
        "path": "/a/b",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "AHC/2.1",
    });
    assert_eq!(context["http"], http);
    assert_eq!(context["stage"], "$default");
    assert!(
        gateway
            .url
            .ends_with(context["domainName"].as_str().unwrap())
    );
    let received = 1_583_348_638_390;
    let past = gateway::event(&http::Request::default(), "$default", "::1", received);
    assert_eq!(past["requestContext"]["timeEpoch"], received);
    assert_eq!(past["requestContext"]["time"], "04/Mar/2020:19:03:58 +0000");
    let at = context["timeEpoch"].as_u64().unwrap();
    assert!((before..=epoch_millis()).contains(&at));
}

#[tokio::test]
async fn what_is_not_text_is_sent_as_base64() {
    let gateway = gateway(&[]);
    for (content_type, body, expected, is_base64) in [
        ("text/plain; charset=utf-8", "안녕", "안녕", true),
        ("application/vnd.api+json", "{}", "{}", true),
        ("image/png", "abc", "YWJj", false),
        ("application/x-www-form-urlencoded", "abc", "YWJj", false),
    ] {
        let request = client()
            .post(&gateway.url)
            .header("content-type", content_type);
        let event = echoed(request.body(body)).await;
        assert_eq!(event["body"], expected, "{content_type}");
        assert_eq!(event["isBase64Encoded"], !is_base64, "{content_type}");
    }
    let request = client()
        .post(&gateway.url)
        .header("content-type", "text/plain");
    let event = echoed(request.body(vec![0xff, 0xfe])).await;
    assert_eq!(event["body"], "//4=");
    let event = echoed(client().get(&gateway.url)).await;
    assert_eq!(event.get("body"), None);
}

#[tokio::test]
async fn the_functions_answer_becomes_the_response() {
    let gateway = gateway(&[]);
    let picture = client().get(format!("{}/picture", gateway.url));
    let picture = picture.send().await.unwrap();
    assert_eq!(picture.status(), 203);
    assert_eq!(picture.headers()["content-type"], "image/png");
    let all = |name: &str| -> Vec<String> {
        let values = picture.headers().get_all(name).iter();
        values.map(|it| it.to_str().unwrap().to_owned()).collect()
    };
    assert_eq!(all("x-one"), ["1"]);
    assert_eq!(all("x-many"), ["a", "b"]);
    assert_eq!(all("set-cookie"), ["a=1; Secure", "b=2"]);
    assert_eq!(picture.bytes().await.unwrap(), &b"\x89PNG"[..]);

    let plain = client()
        .get(format!("{}/plain", gateway.url))
        .send()
        .await
        .unwrap();
    assert_eq!(plain.headers()["content-type"], "application/json");
    assert_eq!(
        plain.json::<Value>().await.unwrap(),
        json!({ "answer": 42 })
    );
}

#[tokio::test]
async fn a_failed_invocation_is_500() {
    let function = Function::new(sample(Duration::from_millis(300)), 1);
    let gateway = gateway::serve(function, &[]).unwrap();
    for path in ["broken", "exit", "hang"] {
        let url = format!("{}/{path}", gateway.url);
        let answer = client().get(url).send().await.unwrap();
        assert_eq!(answer.status(), 500, "{path}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body, json!({ "message": "Internal Server Error" }));
    }
}

#[tokio::test]
async fn a_request_takes_its_route() {
    let gateway = gateway(&ROUTES);
    for (path, route, parameters) in [
        ("/kakao/webhook", ROUTES[0], Value::Null),
        (
            "/kakao/webhook/other",
            ROUTES[1],
            json!({ "account": "other" }),
        ),
        ("/kakao/webhook/main", ROUTES[2], Value::Null),
        ("/health", ROUTES[3], Value::Null),
        ("/files/a/b.png", ROUTES[4], json!({ "path": "a/b.png" })),
    ] {
        let event = echoed(client().get(format!("{}{path}", gateway.url))).await;
        assert_eq!(event["routeKey"], route);
        assert_eq!(event["requestContext"]["routeKey"], route);
        assert_eq!(event["pathParameters"], parameters, "{path}");
    }
    for path in ["/", "/kakao", "/kakao/webhook/", "/kakao/webhook/a/b"] {
        let answer = client().get(format!("{}{path}", gateway.url));
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body, json!({ "message": "Not Found" }));
    }
    let wrong_method = client().post(format!("{}/health", gateway.url));
    assert_eq!(wrong_method.send().await.unwrap().status(), 404);
}

/// The sample event of this repository, sent as a request, is that event again.
#[test]
fn the_event_is_the_one_of_the_samples() {
    let mut above = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let root = above.find(|it| it.join("events").exists()).unwrap();
    for name in ["callback", "health", "text", "wrong-key"] {
        let path = root.join(format!("events/skill-webhook-{name}.json"));
        let expected: Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let context = &expected["requestContext"];
        let mut request = http::Request::builder()
            .method(context["http"]["method"].as_str().unwrap())
            .uri(expected["rawPath"].as_str().unwrap());
        for (name, value) in expected["headers"].as_object().unwrap() {
            if !name.starts_with("x-forwarded") {
                request = request.header(name, value.as_str().unwrap());
            }
        }
        let body = expected["body"].as_str().unwrap_or_default().to_owned();
        let request = request.body(Bytes::from(body)).unwrap();
        let route = expected["routeKey"].as_str().unwrap();
        let mut event = gateway::event(&request, route, "203.0.113.41", 0);
        for own in ["apiId", "requestId"] {
            event["requestContext"][own] = context[own].clone();
        }
        assert_eq!(event, expected, "{name}");
    }
}
