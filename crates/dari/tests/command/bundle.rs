//! `dari dev` and what talks to it.

use super::*;

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
fn what_was_said_and_approved_stays_unless_a_fresh_start_is_wanted() {
    let folder = folder();
    let says = |text: &str| out(&dari(folder.path(), &["say", "--no-callback", text]));
    let mut dev = Dev::start(folder.path(), &[]);
    assert!(dev.says("kept       .dari/data"), "{:?}", dev.said);
    let code = code_in(&says("안녕"));
    let approved = ["pairing", "approve", &code, "--note", "단골 지영"];
    assert!(dari(folder.path(), &approved).status.success());
    assert_eq!(dev.signal("-INT"), Some(0));

    let mut dev = Dev::start(folder.path(), &[]);
    assert_eq!(says("다시 왔어요"), "● 다시 왔어요\n");
    let listed = out(&dari(folder.path(), &["pairing", "list", "--approved"]));
    assert!(listed.contains("단골 지영"), "{listed}");
    for (path, mode) in [(".dari/data", 0o700), (".dari/.gitignore", 0o600)] {
        use std::os::unix::fs::PermissionsExt;
        let found = fs::metadata(folder.path().join(path)).unwrap();
        assert_eq!(found.permissions().mode() & 0o777, mode, "{path}");
    }
    assert_eq!(dev.signal("-INT"), Some(0));

    let _dev = Dev::start(folder.path(), &["--fresh"]);
    assert!(says("또 왔어요").contains("승인 코드"));
}

#[test]
fn whoever_goes_on_to_a_configuration_of_their_own_keeps_what_is_stored() {
    let folder = folder();
    let says = |text: &str| out(&dari(folder.path(), &["say", "--no-callback", text]));
    let mut dev = Dev::start(folder.path(), &[]);
    let code = code_in(&says("안녕"));
    dari(folder.path(), &["pairing", "approve", &code]);
    assert_eq!(dev.signal("-INT"), Some(0));
    let config = r#"{
        channels: { kakao: { enabled: true, skillKey: "0123456789abcdef0123456789" } },
        agents: { main: { kind: "echo" } },
    }"#;
    fs::write(folder.path().join("dari.json5"), config).unwrap();
    let _dev = Dev::start(folder.path(), &["--config", "dari.json5"]);
    assert_eq!(says("다시 왔어요"), "● 다시 왔어요\n");
}

#[test]
fn a_message_leaves_one_line_with_who_and_which_way_and_how_long() {
    let folder = folder();
    let log = fs::File::create(folder.path().join("log")).unwrap();
    let _dev = Dev::start_logging(folder.path(), &[], "", log.into());
    let code = code_in(&out(&dari(folder.path(), &["say", "안녕"])));
    dari(folder.path(), &["pairing", "approve", &code]);
    let before = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(
        before.contains("(default): not approved: has a code, "),
        "{before}"
    );
    dari(folder.path(), &["say", "저예요"]);
    let said = |log: &str| {
        let new = log.strip_prefix(&before).unwrap();
        new.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    // The line is written when the worker knows that the callback was taken.
    let lines = (0..500)
        .map(|_| {
            dari(folder.path(), &["channels", "status"]);
            said(&fs::read_to_string(folder.path().join("log")).unwrap())
        })
        .find(|lines| !lines.is_empty())
        .unwrap();
    let [line] = lines.as_slice() else {
        panic!("{lines:?}");
    };
    let (time, rest) = line.split_once("  INFO ").unwrap();
    assert_eq!(time.split(':').map(str::len).collect::<Vec<_>>(), [2, 2, 2]);
    assert!(
        rest.contains(" (default): answered by callback, ") && rest.contains("(agent "),
        "{line}"
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
    assert!(says("지금은 대화할 수 없어요"));
    fs::write(&file, "{ broken").unwrap();
    assert!(!dari(folder.path(), &["config", "check"]).status.success());
    // Whatever the file holds now, the last good one is in force, and so for the other commands.
    let status = out(&dari(folder.path(), &["channels", "status"]));
    assert!(
        status.contains(", disabled, ")
            && status.contains("! The edited configuration is not in force: "),
        "{status}"
    );
    let json = out(&dari(folder.path(), &["channels", "status", "--json"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let why = json["rejectedEdit"].as_str().unwrap();
    assert!(why.contains("config.json5"), "{why}");
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
    assert_eq!(status("/kakao/webhook/"), status("/kakao/webhook"));
    let output = dari(folder.path(), &["say", "안녕"]);
    assert!(complaint(&output).contains("--no-emulator"));
}

#[test]
fn a_second_bundle_in_a_folder_gives_it_back_to_the_first() {
    let folder = folder();
    let first = Dev::start(folder.path(), &[]);
    let mut second = Dev::start(folder.path(), &[]);
    let talks_to = || std::fs::read_to_string(folder.path().join(".dari/dev.json")).unwrap();
    assert!(talks_to().contains(second.url()));
    assert_eq!(second.signal("-INT"), Some(0));
    assert!(talks_to().contains(first.url()));
    assert!(dari(folder.path(), &["say", "안녕하세요"]).status.success());
}

#[test]
fn a_proxy_in_the_environment_does_not_stand_before_this_machine() {
    let folder = folder();
    let nowhere = "http://127.0.0.1:9";
    let proxies =
        ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"].map(|name| (name, nowhere));
    let _dev = Dev::start_with(folder.path(), &[], &proxies);
    let mut listing = command(folder.path(), &["pairing", "list"]);
    let listing = listing.envs(proxies).output().unwrap();
    assert!(listing.status.success(), "{listing:?}");
    let mut say = command(folder.path(), &["say", "안녕"]);
    assert!(out(&say.envs(proxies).output().unwrap()).contains("승인 코드"));
}
