//! The command as a person types it: the real binary, in a directory of its own.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use tempfile::TempDir;

const DARI: &str = env!("CARGO_BIN_EXE_dari");

fn dari(folder: &Path, args: &[&str]) -> Output {
    Command::new(DARI)
        .args(args)
        .current_dir(folder)
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What went wrong, which must be one line.
fn complaint(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    assert!(text.starts_with("dari: "), "{text}");
    text
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A running `dari dev`, killed at the end whatever happens.
struct Dev {
    child: Child,
    said: Vec<String>,
}

impl Dev {
    fn start(folder: &Path, args: &[&str]) -> Self {
        Self::start_logging(folder, args, "warn", Stdio::null())
    }

    fn start_logging(folder: &Path, args: &[&str], level: &str, stderr: Stdio) -> Self {
        let mut child = Command::new(DARI)
            .args([&["dev", "--port", "0"], args].concat())
            .current_dir(folder)
            .env("RUST_LOG", level)
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = Vec::new();
        while said
            .last()
            .is_none_or(|last: &String| !last.starts_with("ready"))
        {
            said.push(
                lines
                    .next()
                    .unwrap_or_else(|| panic!("it ended: {said:?}"))
                    .unwrap(),
            );
        }
        Self { child, said }
    }

    fn url(&self) -> &str {
        self.said.last().unwrap().strip_prefix("ready ").unwrap()
    }

    fn signal(&mut self, signal: &str) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap().code()
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn code_in(text: &str) -> String {
    let line = text
        .lines()
        .find(|line| line.contains("dari pairing approve kakao"))
        .unwrap();
    line.split_whitespace().last().unwrap().to_owned()
}

#[test]
fn a_conversation_from_the_first_word_to_the_answer() {
    let folder = folder();
    let _dev = Dev::start(folder.path(), &[]);
    let first = dari(folder.path(), &["say", "안녕하세요"]);
    assert!(first.status.success(), "{first:?}");
    let code = code_in(&out(&first));
    let listed = out(&dari(folder.path(), &["pairing", "list"]));
    assert!(
        listed.contains(&code) && listed.contains("botUserKey:"),
        "{listed}"
    );
    let json: serde_json::Value = serde_json::from_str(&out(&dari(
        folder.path(),
        &["pairing", "list", "kakao", "--json"],
    )))
    .unwrap();
    assert_eq!(json.pointer("/requests/0/code").unwrap(), code.as_str());
    let approved = dari(
        folder.path(),
        &["pairing", "approve", "kakao", &code.to_lowercase()],
    );
    assert!(
        out(&approved).starts_with("Approved botUserKey:"),
        "{approved:?}"
    );
    let answer = out(&dari(folder.path(), &["say", "안녕하세요"]));
    assert_eq!(
        answer,
        "● 생각하고 있어요. 잠시만 기다려 주세요.\n● 안녕하세요\n"
    );
    let answer = out(&dari(folder.path(), &["say", "--no-callback", "바로"]));
    assert_eq!(answer, "● 바로\n");

    let again = dari(folder.path(), &["pairing", "approve", "kakao", &code]);
    assert_eq!(again.status.code(), Some(1));
    assert!(complaint(&again).contains("no waiting request has this code"));
    let approved = out(&dari(
        folder.path(),
        &["pairing", "list", "--approved", "--json"],
    ));
    let approved: serde_json::Value = serde_json::from_str(&approved).unwrap();
    let sender = approved
        .pointer("/approved/0/id")
        .unwrap()
        .as_str()
        .unwrap();
    assert!(
        dari(folder.path(), &["pairing", "revoke", "kakao", sender])
            .status
            .success()
    );
    assert_eq!(
        dari(folder.path(), &["pairing", "revoke", "kakao", sender])
            .status
            .code(),
        Some(1)
    );
    assert!(out(&dari(folder.path(), &["say", "아직 되나요"])).contains("승인 코드"));
}

#[test]
fn a_request_is_dismissed_by_its_id() {
    let folder = folder();
    let _dev = Dev::start(folder.path(), &[]);
    dari(folder.path(), &["say", "안녕"]);
    let json: serde_json::Value =
        serde_json::from_str(&out(&dari(folder.path(), &["pairing", "list", "--json"]))).unwrap();
    let id = json
        .pointer("/requests/0/requestId")
        .unwrap()
        .as_str()
        .unwrap();
    let wrong = dari(folder.path(), &["pairing", "dismiss", "kakao", "nonsense"]);
    assert_eq!(wrong.status.code(), Some(1));
    let (prefix, _) = id.split_at(8);
    let dismissed = dari(folder.path(), &["pairing", "dismiss", "kakao", prefix]);
    assert!(out(&dismissed).starts_with("Dismissed"), "{dismissed:?}");
    assert_eq!(
        out(&dari(folder.path(), &["pairing", "list"])),
        "Nobody is waiting to be let in.\n"
    );
}

#[test]
fn what_data_keeps_survives_a_kill() {
    let folder = folder();
    let mut dev = Dev::start(folder.path(), &["--data", "kept"]);
    let code = code_in(&out(&dari(folder.path(), &["say", "안녕"])));
    assert!(
        dari(folder.path(), &["pairing", "approve", &code])
            .status
            .success()
    );
    dev.signal("-KILL");
    let _dev = Dev::start(folder.path(), &["--data", "kept"]);
    assert_eq!(
        out(&dari(
            folder.path(),
            &["say", "--no-callback", "다시 왔어요"]
        )),
        "● 다시 왔어요\n"
    );
}

#[test]
fn a_changed_configuration_counts_without_a_restart_and_a_broken_one_does_not() {
    let folder = folder();
    let _dev = Dev::start(folder.path(), &[]);
    let file = folder.path().join(".dari/config.json5");
    let before = fs::read_to_string(&file).unwrap();
    assert!(out(&dari(folder.path(), &["say", "안녕"])).contains("승인 코드"));
    fs::write(&file, before.replace("\"pairing\"", "\"disabled\"")).unwrap();
    let says = |expected: &str| {
        (0..500).any(|_| out(&dari(folder.path(), &["say", "안녕"])).contains(expected))
    };
    assert!(says("대화를 받지 않고"));
    fs::write(&file, "{ broken").unwrap();
    assert!(!dari(folder.path(), &["config", "check"]).status.success());
    fs::write(&file, before).unwrap();
    assert!(says("승인을 기다리고"));
}

#[test]
fn ctrl_c_stops_it_cleanly() {
    for signal in ["-INT", "-TERM"] {
        let folder = folder();
        let mut dev = Dev::start(folder.path(), &[]);
        assert!(folder.path().join(".dari/dev.json").exists());
        assert_eq!(dev.signal(signal), Some(0), "{signal}");
        assert!(!folder.path().join(".dari/dev.json").exists());
    }
}

#[test]
fn channels_status_tells_how_each_account_is() {
    let folder = folder();
    let _dev = Dev::start(folder.path(), &[]);
    let status = dari(folder.path(), &["channels", "status", "--probe"]);
    assert_eq!(
        out(&status),
        "kakao default (다리): enabled, configured, running, pairing, agent main, works\n"
    );
    let json = out(&dari(folder.path(), &["channels", "status", "--json"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json.pointer("/channels/0/accountId").unwrap(), "default");
    assert_eq!(json.pointer("/channels/0/running").unwrap(), true);
}

#[test]
fn a_probe_of_an_agent_that_is_not_there_fails() {
    let folder = folder();
    let config = r#"{
        channels: { kakao: { enabled: true, skillKey: "0123456789abcdef0123456789" } },
        agents: { main: { kind: "openclaw", url: "http://127.0.0.1:9", token: "t" } },
    }"#;
    fs::write(folder.path().join("dari.json5"), config).unwrap();
    let _dev = Dev::start(folder.path(), &["--config", "dari.json5"]);
    let status = dari(folder.path(), &["channels", "status", "--probe"]);
    assert_eq!(status.status.code(), Some(1));
    assert!(
        out(&status).contains("probe failed: the agent cannot be reached"),
        "{status:?}"
    );
}

#[test]
fn mistakes_are_one_line_and_exit_2() {
    let folder = folder();
    fs::write(
        folder.path().join("bad.json5"),
        r#"{ chanels: {} , agents: { main: { kind: "ecko" } } }"#,
    )
    .unwrap();
    for (args, expected) in [
        (&["dev", "--prot", "1"][..], "--prot"),
        (&["dev", "--port", "99999"], "99999"),
        (
            &["dev", "--port", "0", "--config", "missing.json5"],
            "missing.json5 cannot be read",
        ),
        (
            &["dev", "--port", "0", "--config", "bad.json5"],
            "did you mean",
        ),
        (
            &["dev", "--port", "0", "--agent", "nonsense"],
            "neither `echo` nor an address",
        ),
        (
            &["dev", "--port", "0", "--agent", "http://127.0.0.1:9"],
            "cannot be reached",
        ),
        (&["frobnicate"], "frobnicate"),
    ] {
        let output = dari(folder.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?} {output:?}");
        assert!(complaint(&output).contains(expected), "{args:?} {output:?}");
    }
}

#[test]
fn a_busy_port_is_said_and_exits_2() {
    let folder = folder();
    let dev = Dev::start(folder.path(), &[]);
    let port = dev.url().rsplit(':').next().unwrap().to_owned();
    let second = tempfile::tempdir().unwrap();
    let output = dari(second.path(), &["dev", "--port", &port]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        complaint(&output).contains(&format!("port {port} is taken")),
        "{output:?}"
    );
}

#[test]
fn without_a_running_bundle_the_other_commands_say_what_to_do() {
    let folder = folder();
    for args in [
        &["say", "안녕"][..],
        &["pairing", "list"],
        &["channels", "status"],
    ] {
        let output = dari(folder.path(), args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(
            complaint(&output).contains("no `dari dev` runs in this directory"),
            "{output:?}"
        );
    }
}

#[test]
fn config_check_prints_every_problem_with_its_path() {
    let folder = folder();
    let file = folder.path().join("dari.json5");
    fs::write(
        &file,
        r#"{ channels: { kakao: { dmPolicy: "paring", textChunkLimit: "x" } }, agent: {} }"#,
    )
    .unwrap();
    let output = dari(folder.path(), &["config", "check", "dari.json5"]);
    assert_eq!(output.status.code(), Some(1));
    let problems = out(&output);
    for path in [
        "agent:",
        "channels.kakao.dmPolicy:",
        "channels.kakao.textChunkLimit:",
    ] {
        assert!(problems.contains(path), "{problems}");
    }
    assert!(complaint(&output).contains("3 problems"));
    fs::write(&file, r#"{ channels: { kakao: { enabled: true, skillKey: "0123456789abcdef0123456789" } }, agents: { main: { kind: "echo" } } }"#).unwrap();
    let output = dari(folder.path(), &["config", "check", "dari.json5"]);
    assert!(
        output.status.success() && out(&output).ends_with("dari.json5 is valid.\n"),
        "{output:?}"
    );
}

#[test]
fn help_schema_and_completions_are_there() {
    let folder = folder();
    let help = out(&dari(folder.path(), &["--help"]));
    assert!(
        help.contains("dari pairing approve kakao CODE") && help.contains("Exit codes"),
        "{help}"
    );
    let schema: serde_json::Value =
        serde_json::from_str(&out(&dari(folder.path(), &["config", "schema"]))).unwrap();
    assert!(schema.get("properties").is_some());
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            out(&dari(folder.path(), &["completions", shell])).contains("pairing"),
            "{shell}"
        );
    }
    assert_eq!(dari(folder.path(), &[]).status.code(), Some(2));
}

#[test]
fn the_original_settings_of_port_and_path_work_here() {
    let folder = folder();
    let config = r#"{
        channels: { kakao: { accounts: { default: {
            enabled: true, webhookPath: "/my/webhook", dmPolicy: "open", skillKey: "0123456789abcdef0123456789",
        } } } },
        agents: { main: { kind: "echo" } },
    }"#;
    fs::write(folder.path().join("dari.json5"), config).unwrap();
    let dev = Dev::start(folder.path(), &["--config", "dari.json5", "--no-emulator"]);
    let address = dev.url().strip_prefix("http://").unwrap();
    let status = |path: &str| {
        use std::io::Write;
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(
        (
            status("/my/webhook"),
            status("/kakao/webhook"),
            status("/emulator/")
        ),
        ("401".to_owned(), "401".to_owned(), "404".to_owned())
    );
    let output = dari(folder.path(), &["say", "안녕"]);
    assert!(complaint(&output).contains("--no-emulator"));
}

#[test]
fn f79_f117_nothing_personal_and_no_secret_is_ever_logged() {
    let folder = folder();
    let log = fs::File::create(folder.path().join("log")).unwrap();
    let dev = Dev::start_logging(folder.path(), &["--data", "kept"], "trace", log.into());
    let mut canaries = Vec::new();
    let code = code_in(&out(&dari(folder.path(), &["say", "카나리아발화"])));
    let pending: serde_json::Value =
        serde_json::from_str(&out(&dari(folder.path(), &["pairing", "list", "--json"]))).unwrap();
    let sender = pending
        .pointer("/requests/0/id")
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned();
    dari(folder.path(), &["pairing", "approve", "kakao", &code]);
    for text in ["카나리아발화", "카나리아질문", "/상태", "답변 확인"] {
        let exchange = out(&dari(folder.path(), &["say", "--json", text]));
        let exchange: serde_json::Value = serde_json::from_str(&exchange).unwrap();
        let callback = exchange.pointer("/request/userRequest/callbackUrl");
        canaries
            .extend(callback.and_then(|url| Some(url.as_str()?.rsplit('/').next()?.to_owned())));
    }
    let config = fs::read_to_string(folder.path().join(".dari/config.json5")).unwrap();
    let secrets = config.split('"').filter(|text| {
        text.len() >= 40
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    });
    canaries.extend(secrets.map(str::to_owned));
    canaries.extend([
        "카나리아".to_owned(),
        code,
        sender.strip_prefix("botUserKey:").unwrap().to_owned(),
    ]);
    assert!(canaries.len() >= 8, "{canaries:?}");
    drop(dev);
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.len() > 10_000, "the log is too quiet to prove anything");
    // The engine keeps what is new in a file beside its own.
    let files = fs::read_dir(folder.path().join("kept")).unwrap();
    let stored: Vec<u8> = files
        .flat_map(|file| fs::read(file.unwrap().path()).unwrap())
        .collect();
    let stored = String::from_utf8_lossy(&stored).into_owned();
    assert!(stored.contains("kakao#default"), "these are not the tables");
    for canary in &canaries {
        let escaped: String = canary
            .chars()
            .map(|c| {
                if c.is_ascii() {
                    c.to_string()
                } else {
                    format!("\\u{:04x}", u32::from(c))
                }
            })
            .collect();
        for form in [canary.clone(), escaped, base64_of(canary)] {
            assert!(!log.contains(&form), "{canary} is in the log");
            assert!(!stored.contains(&form), "{canary} is in the tables");
        }
    }
}

fn base64_of(text: &str) -> String {
    use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
    BASE64_STANDARD_NO_PAD.encode(text)
}
