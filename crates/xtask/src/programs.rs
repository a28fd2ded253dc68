//! What is measured: our functions, and two programs that do less to compare them with. Each has an
//! event and a way to tell whether its answer is the right one.
//!
//! A new function is one more row of [`FUNCTIONS`], the tables and queues it needs in
//! [`Measured::program`], and what it asks of AWS in `stand_in`.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use local_lambda::{REGION, sandbox::Program};
use serde_json::Value;

use crate::{binaries::Binaries, repo, stand_in::StandIn};

/// One program that is measured.
#[derive(Debug)]
pub struct Measured {
    /// Of the program, and of the row or column in what is printed.
    pub name: &'static str,
    package: &'static str,
    /// A file of `events/`.
    event: &'static str,
    /// Whether the program did what it is measured at.
    is_answer: fn(&Value) -> bool,
}

/// The least a function can be.
pub const HELLO: Measured = Measured {
    name: "hello",
    package: "yardstick",
    event: MESSAGE,
    is_answer: is_ok,
};

/// The AWS clients of ours and nothing else: the yardstick.
pub const BARE: Measured = Measured {
    name: "bare",
    package: "yardstick",
    event: MESSAGE,
    is_answer: is_ok,
};

/// The functions that are deployed.
pub const FUNCTIONS: &[Measured] = &[
    Measured {
        name: "skill-webhook",
        package: "skill-webhook",
        event: MESSAGE,
        is_answer: |answer| body(answer).is_some_and(|body| is_acknowledgement(&body)),
    },
    Measured {
        name: "turn-worker",
        package: "turn-worker",
        // A turn that is not in the table.
        event: "turn-worker-turn.json",
        is_answer: |answer| {
            let failures = answer.get("batchItemFailures").and_then(Value::as_array);
            failures.is_some_and(Vec::is_empty)
        },
    },
];

/// Everything that is measured, in the order in which it is printed.
pub fn all() -> impl Iterator<Item = &'static Measured> {
    [&HELLO, &BARE].into_iter().chain(FUNCTIONS)
}

/// What cargo has to build for them.
pub fn packages() -> Vec<&'static str> {
    let mut packages: Vec<_> = all().map(|it| it.package).collect();
    packages.dedup();
    packages
}

/// A skill request of somebody who has not written before, with a callback.
pub const MESSAGE: &str = "skill-webhook-callback.json";

/// A file of the folder `events`.
pub fn event(name: &str) -> Result<Value> {
    let file = repo::root()?.join("events").join(name);
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    serde_json::from_str(&text).with_context(|| format!("{name} is not JSON"))
}

/// As `template.yaml` has it for the webhook, and ample for the others.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Where a machine has all its certificates in one file. Left alone, the SDK may find a directory
/// of hundreds as well and read each: what is compared would depend on how a machine keeps them.
const CERTIFICATES: [&str; 3] = [
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/cert.pem",
];

impl Measured {
    /// Set up as on AWS, but for where AWS is.
    pub fn program(&self, binaries: &Binaries, aws: &StandIn) -> Result<Program> {
        let path = binaries.path(self.name)?;
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

    pub fn event(&self) -> Result<Value> {
        event(self.event)
    }

    /// An error unless the program did what it is measured at.
    pub fn check(&self, answer: &Value) -> Result<()> {
        let is_answer = (self.is_answer)(answer);
        ensure!(is_answer, "{}: an unexpected answer {answer}", self.name);
        Ok(())
    }
}

fn is_ok(answer: &Value) -> bool {
    answer.get("statusCode") == Some(&200.into())
}

fn body(answer: &Value) -> Option<Value> {
    let body = answer.get("body").filter(|_| is_ok(answer))?.as_str()?;
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

    fn function(name: &str) -> &'static Measured {
        FUNCTIONS.iter().find(|it| it.name == name).unwrap()
    }

    #[test]
    fn only_what_was_to_be_measured_counts_as_an_answer() {
        let answer =
            |status: u16, body: Value| json!({ "statusCode": status, "body": body.to_string() });
        let accepted = json!({ "version": "2.0", "useCallback": true });
        let apology = json!({ "version": "2.0", "template": { "outputs": [] } });
        let webhook = function("skill-webhook");
        assert!(webhook.check(&answer(200, accepted.clone())).is_ok());
        assert!(webhook.check(&answer(200, apology)).is_err());
        assert!(webhook.check(&answer(503, accepted)).is_err());
        let worker = function("turn-worker");
        assert!(worker.check(&json!({ "batchItemFailures": [] })).is_ok());
        assert!(
            worker
                .check(&json!({ "batchItemFailures": [{ "itemIdentifier": "a" }] }))
                .is_err()
        );
        assert!(worker.check(&json!({})).is_err());
        assert!(BARE.check(&json!({ "statusCode": 500 })).is_err());
    }

    #[test]
    fn a_package_is_built_once() {
        assert_eq!(packages(), ["yardstick", "skill-webhook", "turn-worker"]);
    }

    #[test]
    fn events_are_the_samples_of_the_repository() {
        let event = function("skill-webhook").event().unwrap();
        let body = body(&json!({ "statusCode": 200, "body": event["body"] }));
        assert!(body.unwrap()["userRequest"]["callbackUrl"].is_string());
        assert!(function("turn-worker").event().unwrap()["Records"].is_array());
    }
}
