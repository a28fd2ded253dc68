//! Least privilege: what the functions really call on AWS is exactly what docs/permissions.md
//! lists. That the roles of `template.yaml` match that list is tested in `tests/it/template`.

use std::collections::BTreeSet;

use local_lambda::fault::Seen;
use serde_json::Value;
use test_support::{
    canary::{ANSWER, QUESTION},
    cloud::{Cloud, Setup, Wires, delivered, now},
    keys::scope,
};

const TABLE: &str = include_str!("../../docs/permissions.md");

#[tokio::test]
async fn f130_the_functions_do_what_their_roles_allow_and_all_of_it() {
    let cloud = Cloud::with(Setup {
        account: r#"dmPolicy: "pairing""#,
        ..Setup::default()
    })
    .await;
    cloud.says("alice", QUESTION).await;
    let waiting = cloud.access.pending(&scope(), now()).await.unwrap();
    let code = waiting[0].code.expose();
    let approved = cloud.access.approve(&scope(), code, now()).await;
    approved.unwrap().unwrap();
    let first = cloud.says("alice", QUESTION).await;
    let asked = cloud.agent.asked().await;
    // The second turn waits for the first, so its worker puts it back into the queue.
    let second = cloud.says("alice", "그다음은요?").await;
    cloud
        .at_worker
        .queue
        .until(|seen| seen.iter().any(|it| it.operation == "SendMessage"))
        .await;
    asked.answers(ANSWER);
    assert_eq!(delivered(&cloud.after_callback(&first).await), ANSWER);
    cloud.agent.asked().await.answers("그다음 답");
    assert_eq!(delivered(&cloud.after_callback(&second).await), "그다음 답");
    cloud.says("alice", "/forget").await;

    assert_eq!(used(&cloud, &cloud.at_webhook), allowed("SkillWebhook"));
    assert_eq!(used(&cloud, &cloud.at_worker), allowed("TurnWorker"));
}

/// The actions that a function has called, in the words of its role.
fn used(cloud: &Cloud, wires: &Wires) -> BTreeSet<String> {
    let names = cloud.names();
    let resources = [
        (&names.access, "AccessTable"),
        (&cloud.queue.url, "TurnQueue"),
        (&names.turns, "TurnsTable"),
        (&names.secret, "ConfigSecret"),
    ];
    let services = [
        ("dynamodb", &wires.store),
        ("sqs", &wires.queue),
        ("secretsmanager", &wires.secrets),
    ];
    let mut used = BTreeSet::new();
    for (service, proxy) in services {
        for seen in proxy.seen() {
            for (action, resource) in actions(&seen) {
                let known = resources.iter().find(|(name, _)| **name == resource);
                let (_, logical) = known.unwrap_or_else(|| panic!("{seen:?}"));
                used.insert(format!("{service}:{action} on {logical}"));
            }
        }
    }
    used
}

/// What a role must allow for this call, and on what. A transaction is allowed by its parts: there
/// is no action of its own.
fn actions(seen: &Seen) -> Vec<(String, String)> {
    if seen.operation != "TransactWriteItems" {
        let on = |resource: &String| (seen.operation.clone(), resource.clone());
        return seen.resources.iter().map(on).collect();
    }
    let body: Value = serde_json::from_slice(&seen.body).unwrap();
    let parts = body["TransactItems"].as_array().unwrap();
    let parts = parts.iter().flat_map(|part| part.as_object().unwrap());
    let of = |(kind, part): (&String, &Value)| {
        let table = part["TableName"].as_str().unwrap();
        (format!("{kind}Item"), table.to_owned())
    };
    parts.map(of).collect()
}

/// What a function's role allows, except for logging and what Lambda does in the role's name.
fn allowed(function: &str) -> BTreeSet<String> {
    let rows = TABLE
        .lines()
        .filter(|line| line.starts_with(&format!("| {function} |")));
    let allowed: BTreeSet<_> = rows
        .map(|row| {
            row.split('|')
                .map(|cell| cell.trim().trim_matches('`'))
                .collect()
        })
        .map(|cells: Vec<_>| format!("{} on {}", cells[2], cells[3]))
        .filter(|it| !it.starts_with("logs:"))
        .filter(|it| !it.contains("sqs:ReceiveMessage") && !it.contains("sqs:DeleteMessage"))
        .collect();
    assert!(allowed.len() > 3, "{allowed:?}");
    allowed
}
