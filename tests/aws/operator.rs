//! The owner's side: the real `dari` command works on a deployed stack through AWS's interfaces.

use std::process::Output;

use serde_json::{Value, json};
use test_support::{
    canary::{ANSWER, QUESTION},
    cloud::{Cloud, Setup, Store, delivered, screen},
    servers::{binary, create_empty_secret, moto},
};
use tokio::process::Command;

/// An owner: the name of a stack that CloudFormation describes, and the folder that the owner runs
/// `dari` in.
struct Owner {
    stack: String,
    folder: tempfile::TempDir,
}

impl Owner {
    async fn of(cloud: &Cloud, secret: &str) -> Self {
        let names = cloud.names();
        let gateway = &cloud.gateway.url;
        let stack = format!("stack-{secret}");
        let outputs = [
            ("SkillUrl", format!("{gateway}/kakao/webhook")),
            ("HealthUrl", format!("{gateway}/health")),
            ("ConfigSecret", secret.to_owned()),
            ("AccessTable", names.access.clone()),
            ("TurnsTable", names.turns.clone()),
            ("TurnQueueUrl", cloud.queue.url.clone()),
        ];
        let outputs: Value = outputs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), json!({ "Value": value })))
            .collect::<serde_json::Map<_, _>>()
            .into();
        // CloudFormation refuses a stack without a resource.
        let template = json!({
            "Resources": { "Topic": { "Type": "AWS::SNS::Topic" } },
            "Outputs": outputs,
        });
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("Action", "CreateStack")
            .append_pair("Version", "2010-05-15")
            .append_pair("StackName", &stack)
            .append_pair("TemplateBody", &template.to_string())
            .finish();
        let created = client
            .post(moto())
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/ap-northeast-2/cloudformation/aws4_request, SignedHeaders=host, Signature=0")
            .body(query)
            .send()
            .await
            .unwrap();
        assert!(
            created.status().is_success(),
            "{}",
            created.text().await.unwrap()
        );
        Self {
            stack,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    async fn dari(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(binary("dari"));
        command
            .args(arguments)
            .args(["--stack", &self.stack])
            .current_dir(self.folder.path())
            .env_clear()
            .env("AWS_ENDPOINT_URL", moto())
            .env("AWS_REGION", local_lambda::REGION)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("SKILL_KEY", test_support::canary::SKILL_KEY);
        command.output().await.unwrap()
    }

    /// Runs a command that must succeed; returns what it printed.
    async fn does(&self, arguments: &[&str]) -> String {
        let output = self.dari(arguments).await;
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command that must refuse; returns its error message.
    async fn may_not(&self, arguments: &[&str]) -> String {
        let output = self.dari(arguments).await;
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    fn writes(&self, file: &str, document: &str) {
        std::fs::write(self.folder.path().join(file), document).unwrap();
    }
}

#[tokio::test]
async fn the_owner_stores_the_configuration_and_lets_a_stranger_in() {
    let secret = format!("owner-{}", std::process::id());
    create_empty_secret(&moto(), &secret).await;
    let cloud = Cloud::with(Setup {
        store: Store::Moto,
        env: vec![("DARI_CONFIG_SECRET", secret.clone())],
        ..Setup::default()
    })
    .await;
    let owner = Owner::of(&cloud, &secret).await;
    let agent = &cloud.agent.url;
    let document = |keys: &str| {
        format!(
            r#"{{ channels: {{ kakao: {{ skillKey: "${{SKILL_KEY}}" }} }},
                agents: {{ main: {{ kind: "openclaw", url: "{agent}" }} }}, {keys} }}"#
        )
    };
    owner.writes(
        "wrong.json5",
        r#"{ channels: { kakao: { skilKey: "x" } } }"#,
    );
    let refused = owner.dari(&["config", "push", "wrong.json5"]).await;
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(
        owner
            .may_not(&["config", "pull"])
            .await
            .contains("config push")
    );

    owner.writes("dari.json5", &document(""));
    let said = owner.does(&["config", "push", "dari.json5"]).await;
    assert!(said.contains("In force within 60 s"), "{said}");
    let stored: Value = serde_json::from_str(&owner.does(&["config", "pull"]).await).unwrap();
    assert_eq!(
        stored["channels"]["kakao"]["skillKey"],
        test_support::canary::SKILL_KEY
    );
    assert!(stored["keys"]["digest"].is_string(), "{stored}");
    owner.writes("other.json5", &document(test_support::keys::KEYS));
    assert!(
        owner
            .may_not(&["config", "push", "other.json5"])
            .await
            .contains("digest")
    );

    let challenged = screen(&cloud.says("mallory", QUESTION).await);
    let listed = owner.does(&["pairing", "list", "--json"]).await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let code = find(&listed, "code").unwrap();
    assert!(challenged.contains(code), "{challenged} {listed}");
    owner.does(&["pairing", "approve", "kakao", code]).await;
    let exchange = cloud.says("mallory", QUESTION).await;
    cloud.agent.asked().await.answers(ANSWER);
    assert_eq!(delivered(&cloud.after_callback(&exchange).await), ANSWER);
    let status = owner.does(&["channels", "status", "--json"]).await;
    let status: Value = serde_json::from_str(&status).unwrap();
    let account = &status["channels"][0];
    assert_eq!(account["running"], true, "{status}");
    assert_eq!(account["pendingPairings"], 0, "{status}");
    cloud.poller.until(|counts| counts.deleted == 1).await;
}

/// The first string under this name, at any depth.
fn find<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    match value {
        Value::Object(parts) => parts
            .get(name)
            .and_then(Value::as_str)
            .or_else(|| parts.values().find_map(|part| find(part, name))),
        Value::Array(parts) => parts.iter().find_map(|part| find(part, name)),
        _ => None,
    }
}

#[tokio::test]
async fn a_stack_that_is_not_there_is_said_to_be_missing() {
    let cloud = Cloud::with(Setup {
        polls: false,
        ..Setup::default()
    })
    .await;
    let mut owner = Owner::of(&cloud, &cloud.names().secret).await;
    owner.stack = "nowhere".to_owned();
    let said = owner.may_not(&["pairing", "list"]).await;
    assert!(
        said.contains("nowhere") && said.contains("sam deploy"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
}
