//! `dari agents test`, against servers that answer what the test wants.

use std::{
    io::{BufRead, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
};

use super::*;

/// A server with one answer to every GET and one to every POST; it keeps what it was asked.
struct Server {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(list: &'static str, answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = asked.clone();
        // The thread ends with the process.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut lines = BufReader::new(stream.try_clone().unwrap());
                let (mut head, mut length) = (String::new(), 0);
                loop {
                    let mut line = String::new();
                    lines.read_line(&mut line).unwrap();
                    if line.trim().is_empty() {
                        break;
                    }
                    if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    head.push_str(&line);
                }
                let mut body = vec![0; length];
                lines.read_exact(&mut body).unwrap();
                let said = if head.starts_with("GET") {
                    list
                } else {
                    answer
                };
                kept.lock()
                    .unwrap()
                    .push(head + &String::from_utf8(body).unwrap());
                let (status, json) = said.split_once(' ').unwrap();
                let length = json.len();
                let answered = write!(
                    stream,
                    "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{json}"
                );
                answered.unwrap();
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn with_agents(agents: &str) -> TempDir {
    let folder = folder();
    fs::create_dir(folder.path().join(".dari")).unwrap();
    let document = format!(
        "{{ channels: {{ kakao: {{ skillKey: '0123456789abcdef0123456789' }} }}, agents: {{ {agents} }} }}"
    );
    fs::write(folder.path().join(".dari/config.json5"), document).unwrap();
    folder
}

const LIST: &str = r#"200 {"data":[{"id":"openclaw"},{"id":"openclaw/main"}]}"#;
const CARD: &str = r#"200 {"choices":[{"message":{"content":"{\"textCard\":{\"title\":\"안녕하세요\",\"description\":\"저는 다리예요.\"},\"quickReplies\":[{\"label\":\"더 보기\",\"action\":\"message\"}]}"}}]}"#;

#[test]
fn an_agent_of_the_file_is_asked_without_a_running_bundle() {
    let server = Server::start(LIST, CARD);
    let folder = with_agents(&format!(
        "main: {{ kind: 'openclaw', url: '{}/?key=canary', token: 'canary-token' }}",
        server.url
    ));
    let output = dari(folder.path(), &["agents", "test"]);
    assert!(output.status.success(), "{output:?}");
    let said = out(&output);
    let (said, took) = said.rsplit_once("\nanswered in ").unwrap();
    assert!(took.ends_with(" ms\n"), "{took}");
    let expected = format!(
        "agent     main (openclaw)\nsettings  .dari/config.json5\naddress   {}/\ntarget    openclaw\nlists     openclaw, openclaw/main\n\n안녕하세요\n저는 다리예요.\n\n[더 보기]\n\ncards: textCard\n",
        server.url
    );
    assert_eq!(said, expected);
    let asked = server.asked();
    assert!(
        asked[1].contains("자기소개") && asked[1].contains("canary-token"),
        "{asked:?}"
    );

    let asked_again = ["--message", "뭐 해요?", "--json"];
    let output = dari(
        folder.path(),
        &[&["agents", "test", "main"][..], &asked_again].concat(),
    );
    let json: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(json["ok"], true);
    assert_eq!(json["answer"], "안녕하세요\n저는 다리예요.");
    assert_eq!(json["suggestions"], serde_json::json!(["더 보기"]));
    assert_eq!(json["cards"], serde_json::json!(["textCard"]));
    assert_eq!(json["probe"]["models"][1], "openclaw/main");
    assert!(json["milliseconds"].is_u64());
    assert!(!out(&output).contains("canary"), "{json}");
    assert!(server.asked().last().unwrap().contains("뭐 해요?"));
}

/// An agent's entry for an address, what its list and its endpoint answer, and what is advised.
type Case<'a> = (
    &'a dyn Fn(&str) -> String,
    &'static str,
    &'static str,
    &'a str,
);

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    let chat = |url: &str| {
        format!("a: {{ kind: 'openai-chat', url: '{url}', model: 'gpt-x', token: 't' }}")
    };
    let responses = |url: &str| chat(url).replace("-chat", "-responses");
    let webhook = |url: &str| {
        format!(
            "a: {{ kind: 'webhook', url: '{url}', secret: '{}' }}",
            "A".repeat(32)
        )
    };
    let openclaw = |url: &str| format!("a: {{ kind: 'openclaw', url: '{url}' }}");
    let not_there = r#"404 {"error":{"message":"The model `gpt-x` does not exist"}}"#;
    let unexpected = r#"200 {"error":"Unexpected endpoint or method. (POST /chat/completions)"}"#;
    let cases: [Case; 12] = [
        (&chat, "401 {}", "401 {}", "check agents.a.token"),
        (
            &chat,
            "404 {}",
            "404 {}",
            "does /v1 belong to the end of agents.a.url",
        ),
        (&responses, "404 {}", "404 {}", "speak openai-responses?"),
        (&responses, LIST, "400 {}", "is there a model \"gpt-x\""),
        (&chat, LIST, not_there, "is there a model \"gpt-x\""),
        (
            &chat,
            LIST,
            not_there,
            "(it says: The model `gpt-x` does not exist)",
        ),
        (
            &chat,
            unexpected,
            unexpected,
            "does /v1 belong to the end of agents.a.url",
        ),
        (
            &chat,
            LIST,
            "200 []",
            "not the address of an endpoint as OpenAI defines it",
        ),
        (&openclaw, "404 {}", "404 {}", "chatCompletions.enabled"),
        (&webhook, "200 {}", "200 {}", r#"{"reply":{"text":"…"}}"#),
        (
            &webhook,
            "200 {}",
            "401 {}",
            "agents.a.secret must be the secret",
        ),
        (&chat, LIST, "302 {}", "it sends elsewhere"),
    ];
    for (agent, list, answer, expected) in cases {
        let server = Server::start(list, answer);
        let folder = with_agents(&agent(&server.url));
        let output = dari(folder.path(), &["agents", "test", "a"]);
        assert_eq!(output.status.code(), Some(1), "{expected}: {output:?}");
        let said = complaint(&output);
        assert!(
            said.contains(expected) && said.contains(&server.url),
            "{said}"
        );
    }
    let folder = with_agents(&chat("http://127.0.0.1:9"));
    let output = dari(folder.path(), &["agents", "test", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(complaint(&output).contains("is it running"), "{output:?}");
    let json: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(json["ok"], false);
    assert!(json["error"].as_str().unwrap().contains("is it running"));
}

#[test]
fn an_agent_that_is_too_slow_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut first = [0];
            stream.read_exact(&mut first).unwrap();
            if first == *b"G" {
                stream
                    .write_all(b"HTTP/1.1 404 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                    .unwrap();
            }
            kept.push(stream);
        }
    });
    let folder = with_agents(&format!(
        "a: {{ kind: 'openai-chat', url: '{url}', model: 'm' }}"
    ));
    let output = dari(folder.path(), &["agents", "test", "--timeout", "1"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        complaint(&output).contains("did not answer in 1 s: wait longer with --timeout"),
        "{output:?}"
    );
    assert!(out(&output).contains("lists     nothing"), "{output:?}");
}

#[test]
fn silence_is_an_answer() {
    let server = Server::start("200 {}", r#"200 {"reply":null}"#);
    let secret = "A".repeat(32);
    let folder = with_agents(&format!(
        "hook: {{ kind: 'webhook', url: '{}', secret: '{secret}' }}",
        server.url
    ));
    let output = dari(folder.path(), &["agents", "test"]);
    let said = out(&output);
    assert!(output.status.success(), "{output:?}");
    assert!(
        said.contains("(it chose to stay silent)") && said.contains("ping      answered with 200"),
        "{said}"
    );
    assert!(!said.contains(&secret));
}

#[test]
fn an_agent_must_be_named_if_there_are_several() {
    let folder = with_agents("a: { kind: 'echo' }, b: { kind: 'echo' }");
    for (args, expected) in [
        (
            &["agents", "test"][..],
            "say which agent to test; configured are: a, b",
        ),
        (
            &["agents", "test", "c"],
            "there is no agent \"c\"; configured are: a, b",
        ),
        (&["agents", "test", "a", "--timeout", "0"], "--timeout"),
    ] {
        let output = dari(folder.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?} {output:?}");
        assert!(complaint(&output).contains(expected), "{output:?}");
    }
    let named = out(&dari(folder.path(), &["agents", "test", "b"]));
    assert!(
        named.contains("b (echo)") && named.contains("자기소개"),
        "{named}"
    );
    let nothing = dari(super::folder().path(), &["agents", "test"]);
    assert_eq!(nothing.status.code(), Some(1));
    assert!(complaint(&nothing).contains("no `dari dev` runs in this directory"));
}

#[test]
fn the_running_bundle_answers_for_its_agent() {
    let folder = folder();
    let dev = Dev::start(folder.path(), &[]);
    let said = out(&dari(folder.path(), &["--local", "agents", "test"]));
    assert!(
        said.contains("agent     main (echo)\n") && said.contains("config.json5\n"),
        "{said}"
    );
    drop(dev);

    let server = Server::start(LIST, CARD);
    let folder = tempfile::tempdir().unwrap();
    let _dev = Dev::start(folder.path(), &["--agent", &server.url]);
    let said = out(&dari(folder.path(), &["agents", "test"]));
    assert!(
        said.contains("of the running `dari dev`") && said.contains("저는 다리예요."),
        "{said}"
    );
}

#[test]
fn the_status_calls_the_agent_that_really_runs() {
    const OTHERS: &str = r#"200 [{"id":"text-embedding-3"},{"id":"small"}]"#;
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(OTHERS, r#"400 {"error":"messages must not be empty"}"#);
    let _dev = Dev::start(folder.path(), &["--agent", &server.url]);
    let status = dari(folder.path(), &["channels", "status", "--probe"]);
    let said = out(&status);
    assert!(status.status.success(), "{status:?}");
    assert!(
        said.contains(&format!("agent {}, works", server.url)),
        "{said}"
    );
    let last = server.asked().pop().unwrap();
    assert!(last.contains(r#""model":"small""#), "{last}");
}

#[test]
fn a_list_that_is_open_to_anybody_does_not_vouch_for_the_token() {
    let refused = r#"401 {"error":{"message":"Invalid token"}}"#;
    let server = Server::start(r#"200 {"data":[{"id":"small"}]}"#, refused);
    let folder = with_agents(&format!(
        "main: {{ kind: 'openai-chat', url: '{}', token: 'wrong', model: 'small' }}",
        server.url
    ));
    let _dev = Dev::start(folder.path(), &[]);
    let status = dari(folder.path(), &["channels", "status", "--probe"]);
    assert_eq!(status.status.code(), Some(1));
    let said = out(&status);
    assert!(
        said.contains("probe failed: the agent does not accept our token: Invalid token"),
        "{said}"
    );
}
