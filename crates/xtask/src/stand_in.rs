//! A stand-in for AWS, in a process of its own so that its work is not counted as anybody's.
//!
//! It is only there to answer quickly: nothing is stored, nobody has ever written before, every
//! hand-over succeeds. Whether the functions do right is for the extended tests.

use std::process::Stdio;

use anyhow::{Context, Result, bail};
use axum::{
    Json, Router,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    process::{Child, Command},
};

/// Its skill key is that of the sample events; all keys are made up.
const CONFIGURATION: &str = r#"{
    channels: { kakao: { skillKey: "example-skill-key-not-a-secret-000", dmPolicy: "open", allowFrom: ["*"] } },
    agents: { main: { kind: "echo" } },
    keys: {
        digest: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        sealing: { "1": "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8" },
    },
}"#;

/// A stand-in that runs; it is killed when dropped.
pub struct StandIn {
    /// Without a slash at the end.
    pub url: String,
    _process: Child,
}

impl StandIn {
    pub async fn start() -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("stand-in")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = process.stdout.take().context("no output")?;
        match BufReader::new(stdout).lines().next_line().await? {
            Some(url) => Ok(Self {
                url,
                _process: process,
            }),
            None => bail!("the stand-in for AWS has ended"),
        }
    }
}

/// Prints where it listens, and answers until it is killed.
pub async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, Router::new().fallback(answer)).await?)
}

async fn answer(headers: HeaderMap) -> Response {
    let target = headers.get("x-amz-target");
    let target = target.and_then(|target| target.to_str().ok());
    let operation = target.and_then(|target| target.split('.').next_back());
    let body = match operation.unwrap_or_default() {
        "GetItem" | "PutItem" | "TransactWriteItems" | "ChangeMessageVisibility" => json!({}),
        "GetQueueAttributes" => json!({
            "Attributes": { "QueueArn": "arn:aws:sqs:ap-northeast-2:123456789012:turns" },
        }),
        "SendMessage" => json!({
            "MessageId": "00000000-0000-4000-8000-000000000000",
            "MD5OfMessageBody": "00000000000000000000000000000000",
        }),
        "GetSecretValue" => json!({
            "ARN": "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:config-000000",
            "Name": "config",
            "VersionId": "00000000-0000-4000-8000-000000000000",
            "SecretString": CONFIGURATION,
        }),
        other => {
            let error = json!({ "__type": "UnknownOperationException", "message": other });
            return (StatusCode::BAD_REQUEST, Json(error)).into_response();
        }
    };
    let json = [(header::CONTENT_TYPE, "application/x-amz-json-1.0")];
    (json, body.to_string()).into_response()
}
