//! Wiring of the deployed function: the turn queue in, one turn at a time.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde::Deserialize;
use shared::{clock::Clock, startup, telemetry, turn::TurnRef};
use turn_worker::TurnWorker;

/// SQS delivers batches; ours have one message (template.yaml), and a failed one comes again.
#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    body: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let parts = startup::start().await?;
    let worker = TurnWorker {
        config: parts.config,
        turns: parts.turns,
        queue: parts.queue,
        http: parts.http,
        callback_hosts: parts.callback_hosts,
        clock: Clock::System,
    };
    run(service_fn(async |event: LambdaEvent<Batch>| {
        for record in &event.payload.records {
            let turn: TurnRef = serde_json::from_str(&record.body)?;
            worker.work(&turn).await?;
        }
        Ok::<_, Error>(())
    }))
    .await
}
