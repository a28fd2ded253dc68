//! What is measured: two functions of ours and two programs that do less, each with an event and
//! what is an answer to it.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use local_lambda::{REGION, sandbox::Program};
use serde_json::Value;

use crate::{binaries::Binaries, stand_in::StandIn};

/// A message of somebody who has not written before, with a callback.
const MESSAGE: &str = include_str!("../../../events/skill-webhook-callback.json");

/// A turn that is not in the table.
const TURN: &str = include_str!("../../../events/turn-worker-turn.json");

/// As `template.yaml` has it for the webhook, and ample for the others.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Where a machine has all its certificates in one file. Left alone, the SDK may find a directory
/// of hundreds as well and read each: what is compared would depend on how a machine keeps them.
const CERTIFICATES: [&str; 3] = [
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/cert.pem",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measured {
    /// The least a function can be.
    Hello,
    /// The AWS clients of ours and nothing else: the yardstick.
    Bare,
    SkillWebhook,
    TurnWorker,
}

impl Measured {
    pub const ALL: [Self; 4] = [
        Self::Hello,
        Self::Bare,
        Self::SkillWebhook,
        Self::TurnWorker,
    ];
    pub const FUNCTIONS: [Self; 2] = [Self::SkillWebhook, Self::TurnWorker];
    pub const PACKAGES: [&'static str; 3] = ["yardstick", "skill-webhook", "turn-worker"];

    pub fn name(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Bare => "bare",
            Self::SkillWebhook => "skill-webhook",
            Self::TurnWorker => "turn-worker",
        }
    }

    /// Set up as on AWS, but for where AWS is.
    pub fn program(self, binaries: &Binaries, aws: &StandIn) -> Result<Program> {
        let path = binaries.path(self.name())?;
        let certificates = CERTIFICATES.iter().find(|file| Path::new(file).exists());
        let certificates = certificates.context("this machine has no file of certificates")?;
        Ok([
            ("SSL_CERT_FILE", *certificates),
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_SESSION_TOKEN", "test"),
            ("AWS_ENDPOINT_URL", &aws.url),
            ("DARI_CONFIG_SECRET", "config"),
            ("DARI_ACCESS_TABLE", "access"),
            ("DARI_TURNS_TABLE", "turns"),
            (
                "DARI_TURN_QUEUE_URL",
                "https://sqs.ap-northeast-2.amazonaws.com/123456789012/turns",
            ),
            ("RUST_LOG", "info"),
        ]
        .into_iter()
        .fold(Program::new(path, TIMEOUT), |program, (name, value)| {
            program.with_env(name, value)
        }))
    }

    pub fn event(self) -> Result<Value> {
        let event = match self {
            Self::TurnWorker => TURN,
            Self::Hello | Self::Bare | Self::SkillWebhook => MESSAGE,
        };
        serde_json::from_str(event).context("a sample event is not JSON")
    }

    /// Whether the function did what it is measured at.
    pub fn check(self, answer: &Value) -> Result<()> {
        let is_answer = match self {
            Self::Hello | Self::Bare => answer.get("statusCode") == Some(&200.into()),
            Self::SkillWebhook => body(answer).is_some_and(|body| is_acknowledgement(&body)),
            Self::TurnWorker => answer
                .get("batchItemFailures")
                .and_then(Value::as_array)
                .is_some_and(Vec::is_empty),
        };
        ensure!(is_answer, "{}: an unexpected answer {answer}", self.name());
        Ok(())
    }
}

fn body(answer: &Value) -> Option<Value> {
    let is_ok = answer.get("statusCode") == Some(&200.into());
    let body = answer.get("body").filter(|_| is_ok)?.as_str()?;
    serde_json::from_str(body).ok()
}

/// Whether a skill response announces a callback (skill.md §5).
pub fn is_acknowledgement(response: &Value) -> bool {
    response.get("version") == Some(&"2.0".into())
        && response.get("useCallback") == Some(&true.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_was_to_be_measured_counts_as_an_answer() {
        let answer =
            |status: u16, body: Value| json!({ "statusCode": status, "body": body.to_string() });
        let accepted = json!({ "version": "2.0", "useCallback": true });
        let apology = json!({ "version": "2.0", "template": { "outputs": [] } });
        let webhook = Measured::SkillWebhook;
        assert!(webhook.check(&answer(200, accepted.clone())).is_ok());
        assert!(webhook.check(&answer(200, apology)).is_err());
        assert!(webhook.check(&answer(503, accepted)).is_err());
        let worker = Measured::TurnWorker;
        assert!(worker.check(&json!({ "batchItemFailures": [] })).is_ok());
        assert!(
            worker
                .check(&json!({ "batchItemFailures": [{ "itemIdentifier": "a" }] }))
                .is_err()
        );
        assert!(worker.check(&json!({})).is_err());
        assert!(Measured::Bare.check(&json!({ "statusCode": 500 })).is_err());
    }

    #[test]
    fn events_are_the_samples_of_the_repository() {
        let body = body(
            &json!({ "statusCode": 200, "body": Measured::SkillWebhook.event().unwrap()["body"] }),
        );
        assert!(body.unwrap()["userRequest"]["callbackUrl"].is_string());
        assert!(Measured::TurnWorker.event().unwrap()["Records"].is_array());
    }
}
