//! A function with our SDK clients and nothing of ours: it asks what the skill webhook asks, of the
//! same places, at the same moments.

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::types::AttributeValue;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

const QUEUE: &str = "http://127.0.0.1/000000000000/turns";

struct Clients {
    dynamodb: aws_sdk_dynamodb::Client,
    sqs: aws_sdk_sqs::Client,
    secrets: aws_sdk_secretsmanager::Client,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let sdk = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .load()
        .await;
    let clients = Clients {
        dynamodb: aws_sdk_dynamodb::Client::new(&sdk),
        sqs: aws_sdk_sqs::Client::new(&sdk),
        secrets: aws_sdk_secretsmanager::Client::new(&sdk),
    };
    let secret = clients.secrets.get_secret_value().secret_id("config");
    let queue = clients.sqs.get_queue_attributes().queue_url(QUEUE);
    let (secret, queue, access, turns) = tokio::join!(
        secret.send(),
        queue.send(),
        clients.read("access"),
        clients.read("turns"),
    );
    secret?;
    queue?;
    access?;
    turns?;
    run(service_fn(async |_: LambdaEvent<Value>| {
        clients.answer().await
    }))
    .await
}

impl Clients {
    async fn answer(&self) -> Result<Value, Error> {
        tokio::try_join!(self.read("access"), self.read("turns"))?;
        self.dynamodb
            .put_item()
            .table_name("turns")
            .item("pk", AttributeValue::S("pk".to_owned()))
            .item("sk", AttributeValue::S("sk".to_owned()))
            .send()
            .await?;
        self.sqs
            .send_message()
            .queue_url(QUEUE)
            .message_body("{}")
            .send()
            .await?;
        Ok(json!({ "statusCode": 200, "body": "{}" }))
    }

    async fn read(&self, table: &str) -> Result<(), Error> {
        self.dynamodb
            .get_item()
            .table_name(table)
            .key("pk", AttributeValue::S("pk".to_owned()))
            .key("sk", AttributeValue::S("sk".to_owned()))
            .consistent_read(true)
            .send()
            .await?;
        Ok(())
    }
}
