//! Where the programs under test are, and the servers that play AWS.

use std::{path::PathBuf, time::Duration};

use aws_sdk_dynamodb::config::Credentials;
use serde_json::json;
use shared::aws;

/// A program that `cargo build --workspace` has made.
pub fn binary(name: &str) -> PathBuf {
    let mut folder = std::env::current_exe().unwrap();
    folder.pop();
    folder.pop();
    let binary = folder.join(name);
    assert!(
        binary.is_file(),
        "{} is not there: `cargo build --workspace` makes it",
        binary.display()
    );
    binary
}

/// The address of moto, which `.ci/aws` starts: it plays SQS, Secrets Manager, CloudFormation and,
/// where a test wants it, DynamoDB.
pub fn moto() -> String {
    let url = std::env::var_os("DARI_TEST_MOTO");
    let url = url.expect(
        "DARI_TEST_MOTO is the address of a moto server; `.ci/aws` starts one and runs these tests",
    );
    url.into_string().unwrap()
}

pub async fn client(endpoint: &str) -> aws_sdk_dynamodb::Client {
    let sdk = aws::sdk_settings(Duration::from_secs(20))
        .region(local_lambda::REGION)
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(endpoint)
        .load()
        .await;
    aws_sdk_dynamodb::Client::new(&sdk)
}

/// Creates the secret, or gives it another value.
pub async fn create_secret(endpoint: &str, name: &str, value: &str) {
    let secret = json!({ "Name": name, "SecretString": value });
    if !ask_for_secret(endpoint, "CreateSecret", secret).await {
        let put = json!({ "SecretId": name, "SecretString": value });
        assert!(ask_for_secret(endpoint, "PutSecretValue", put).await);
    }
}

/// Creates the secret without a value, as `template.yaml` does.
pub async fn create_empty_secret(endpoint: &str, name: &str) {
    assert!(ask_for_secret(endpoint, "CreateSecret", json!({ "Name": name })).await);
}

async fn ask_for_secret(endpoint: &str, operation: &str, body: serde_json::Value) -> bool {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client
        .post(endpoint)
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("secretsmanager.{operation}"))
        .header("authorization", authorization())
        .body(body.to_string());
    request.send().await.unwrap().status().is_success()
}

/// moto does not verify the signature, but reads the region.
fn authorization() -> String {
    let region = local_lambda::REGION;
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{region}/secretsmanager/aws4_request, SignedHeaders=host, Signature=0"
    )
}
