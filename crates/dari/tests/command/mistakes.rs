//! Wrong usage, and help.

use super::*;

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
    for (args, choose) in [
        (&["dev", "--port", &port][..], "--port"),
        (
            &["dev", "--port", "0", "--dynamodb-port", &port],
            "--dynamodb-port",
        ),
    ] {
        let output = dari(second.path(), args);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(
            complaint(&output),
            format!("dari: port {port} is taken; choose another with {choose}\n")
        );
    }
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
            complaint(&output)
                .contains("no `dari dev` runs in this directory: start it in another terminal"),
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
fn a_mistyped_verb_is_answered_with_the_right_one() {
    let folder = folder();
    for (args, meant) in [
        (&["approve", "ABCDEFGH"][..], "`dari pairing approve`"),
        (&["status"], "`dari channels status`"),
        (&["pairing", "aprove", "X"], "`approve`"),
        (&["paring", "list"], "`pairing`"),
        (&["dev", "--prot", "1"], "`--port`"),
    ] {
        let output = dari(folder.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let complaint = complaint(&output);
        assert!(
            complaint.contains(&format!("did you mean {meant}?")),
            "{complaint}"
        );
    }
}

#[test]
fn flags_are_offered_where_they_mean_something_with_a_sentence_each() {
    let folder = folder();
    let help = |args: &[&str]| out(&dari(folder.path(), &[args, &["--help"]].concat()));
    for command in [
        &["dev"][..],
        &["say"],
        &["secret", "new"],
        &["completions"],
        &["config", "check"],
        &["config", "schema"],
    ] {
        assert!(!help(command).contains("--stack"), "{command:?}");
    }
    for command in [
        &["pairing", "list"][..],
        &["pairing", "approve"],
        &["pairing", "dismiss"],
        &["pairing", "revoke"],
        &["channels", "status"],
        &["agents", "test"],
        &["config", "push"],
    ] {
        assert!(help(command).contains("--stack"), "{command:?}");
    }
}

#[test]
fn a_fresh_secret_is_printed_for_a_skill_key_and_for_signing() {
    let folder = folder();
    let new = |args: &[&str]| out(&dari(folder.path(), &[&["secret", "new"], args].concat()));
    let key = new(&[]);
    assert_eq!(key.trim_end().len(), 43, "{key}");
    assert_ne!(key, new(&[]));
    let signing = new(&["--webhook"]);
    let config = format!(
        "{{ channels: {{ kakao: {{ skillKey: '{}' }} }}, agents: {{ main: {{ kind: 'webhook', url: 'https://agent.example.com', secret: '{}' }} }} }}",
        key.trim_end(),
        signing.trim_end()
    );
    fs::write(folder.path().join("dari.json5"), config).unwrap();
    let checked = dari(folder.path(), &["config", "check", "dari.json5"]);
    assert!(checked.status.success(), "{checked:?}");
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
