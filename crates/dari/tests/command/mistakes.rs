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
