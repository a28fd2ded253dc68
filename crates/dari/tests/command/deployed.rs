//! Commands for a deployed stack, as far as they go without AWS.

use super::*;

const DOCUMENT: &str = r#"{
    channels: { kakao: { enabled: true, skillKey: "0123456789abcdef0123456789" } },
    agents: { main: { kind: "echo" } },
}"#;

/// The command on a machine that is set up for AWS, where no AWS can be reached.
fn dari_with_aws(folder: &Path, args: &[&str]) -> Output {
    command(folder, args)
        .env("AWS_REGION", "ap-northeast-2")
        .env("AWS_ACCESS_KEY_ID", "nobody")
        .env("AWS_SECRET_ACCESS_KEY", "nobody")
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .output()
        .unwrap()
}

#[test]
fn places_that_a_command_cannot_work_on_are_wrong_usage() {
    let folder = folder();
    fs::write(folder.path().join("dari.json5"), DOCUMENT).unwrap();
    for (args, expected) in [
        (
            &["--local", "--stack", "x", "pairing", "list"][..],
            "--local and --stack exclude each other",
        ),
        (
            &["pairing", "list", "--local", "--stack", "x"],
            "--local and --stack exclude each other",
        ),
        (&["--stack", "", "pairing", "list"], "--stack"),
        (&["dev", "--stack", "x"], "works on this machine only"),
        (
            &["say", "안녕", "--stack", "x"],
            "works on this machine only",
        ),
        (
            &["config", "check", "--stack", "x"],
            "works on this machine only",
        ),
        (
            &["config", "push", "dari.json5", "--local"],
            "reads its configuration from the file itself",
        ),
        (&["config", "pull", "--force"], "<FILE>"),
    ] {
        let output = dari(folder.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?} {output:?}");
        assert!(complaint(&output).contains(expected), "{args:?} {output:?}");
    }
}

#[test]
fn a_broken_document_is_told_before_anybody_signs_in() {
    let folder = folder();
    fs::write(
        folder.path().join("dari.json5"),
        r#"{ channels: { kakao: { skillKey: "${DARI_NO_SUCH_VARIABLE}", dmPolicy: "paring" } } }"#,
    )
    .unwrap();
    let output = dari(folder.path(), &["config", "push", "dari.json5"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        complaint(&output),
        "dari: dari.json5 has 2 problems; nothing was stored\n"
    );
    let problems = out(&output);
    assert!(
        problems.contains("channels.kakao.dmPolicy:")
            && problems.contains("not set in the environment: DARI_NO_SUCH_VARIABLE"),
        "{problems}"
    );
    let missing = dari(folder.path(), &["config", "push", "missing.json5"]);
    assert!(complaint(&missing).contains("missing.json5 cannot be read"));
}

#[test]
fn a_file_that_is_there_is_not_written_over() {
    let folder = folder();
    fs::write(folder.path().join("dari.json5"), DOCUMENT).unwrap();
    let output = dari_with_aws(folder.path(), &["config", "pull", "dari.json5"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(complaint(&output).contains("dari.json5 is there already"));
    let forced = dari_with_aws(folder.path(), &["config", "pull", "dari.json5", "--force"]);
    assert!(complaint(&forced).contains("cannot be reached"));
    let kept = fs::read_to_string(folder.path().join("dari.json5")).unwrap();
    assert_eq!(kept, DOCUMENT);
}

#[test]
fn what_is_missing_for_aws_is_said() {
    let folder = folder();
    fs::write(folder.path().join("dari.json5"), DOCUMENT).unwrap();
    let push = &["config", "push", "dari.json5"];
    let output = dari(folder.path(), push);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("AWS_REGION"), "{output:?}");
    let nobody = command(folder.path(), push)
        .env("AWS_REGION", "ap-northeast-2")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .unwrap();
    assert_eq!(nobody.status.code(), Some(2));
    assert!(
        complaint(&nobody).contains("no AWS credentials"),
        "{nobody:?}"
    );
    let offline = dari_with_aws(folder.path(), push);
    assert_eq!(offline.status.code(), Some(1));
    assert!(
        complaint(&offline).contains("in ap-northeast-2 cannot be reached"),
        "{offline:?}"
    );
}

/// What `aws login` leaves behind, with credentials that have not run out.
#[test]
fn who_signed_in_with_aws_login_is_signed_in() {
    const SESSION: &str = "arn:aws:iam::012345678901:user/owner";
    // Named after the SHA-256 of the session.
    const TOKEN: &str = "e9d93301c139b8fa84a49c5273798b94c2d3a5c92fa46111b8ace4a56ac755db.json";
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("dari.json5"), DOCUMENT).unwrap();
    let profile = format!("[default]\nregion = ap-northeast-2\nlogin_session = {SESSION}\n");
    fs::write(at("aws-config"), profile).unwrap();
    let token = r#"{
        "accessToken": {
            "accessKeyId": "nobody", "secretAccessKey": "nobody", "sessionToken": "none",
            "accountId": "012345678901", "expiresAt": "2999-01-01T00:00:00Z"
        },
        "tokenType": "aws_sigv4", "refreshToken": "none", "idToken": "none",
        "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": "none"
    }"#;
    fs::write(at(TOKEN), token).unwrap();
    let output = command(folder.path(), &["config", "push", "dari.json5"])
        .env("AWS_CONFIG_FILE", at("aws-config"))
        .env("AWS_LOGIN_CACHE_DIRECTORY", folder.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .output()
        .unwrap();
    assert!(
        complaint(&output).contains("in ap-northeast-2 cannot be reached"),
        "{output:?}"
    );
}

#[test]
fn aws_is_asked_only_if_no_local_bundle_can_be_meant() {
    let list = &["pairing", "list"];
    let fresh = folder();
    let named = command(fresh.path(), list)
        .env("DARI_STACK", "mine")
        .output()
        .unwrap();
    assert!(complaint(&named).contains("AWS_REGION"), "{named:?}");
    let set_up = dari_with_aws(fresh.path(), list);
    let said = complaint(&set_up);
    assert!(
        said.contains("no `dari dev` runs in this directory") && said.contains("on AWS"),
        "{said}"
    );
    let local = dari_with_aws(fresh.path(), &["--local", "pairing", "list"]);
    assert!(!complaint(&local).contains("on AWS"), "{local:?}");

    let here = folder();
    let mut dev = Dev::start(here.path(), &[]);
    assert_eq!(
        out(&dari_with_aws(here.path(), list)),
        "Nobody is waiting to be let in.\n"
    );
    let elsewhere = dari_with_aws(here.path(), &["--stack", "mine", "pairing", "list"]);
    assert!(complaint(&elsewhere).contains("cannot be reached"));
    dev.signal("-KILL");
    let killed = complaint(&dari_with_aws(here.path(), list));
    assert!(
        killed.contains("is not running any more") && !killed.contains("on AWS"),
        "{killed}"
    );
}
