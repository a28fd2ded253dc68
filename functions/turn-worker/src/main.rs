//! Wiring of the deployed function: the turn queue in, the turns that failed out.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use shared::{
    clock::{Clock, Time},
    config::Need,
    queue::SqsTurnQueue,
    startup::{self, Standby, StartError},
    telemetry,
};
use turn_worker::{Batch, TurnWorker};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let standby = Standby::start(wire).await;
    run(service_fn(async |event: LambdaEvent<Batch>| {
        let deadline = Time::from_millis(event.context.deadline);
        let Some(worker) = standby.ready().await else {
            return Err(Error::from("not ready, so the turn stays in the queue"));
        };
        Ok(worker.take(event.payload, deadline).await)
    }))
    .await
}

async fn wire() -> Result<TurnWorker<SqsTurnQueue>, StartError> {
    let parts = startup::start(&[Need::TurnsTable, Need::TurnQueue]).await?;
    Ok(TurnWorker {
        turns: parts.turns()?,
        queue: parts.queue()?,
        config: parts.config,
        http: parts.http,
        callback_hosts: parts.callback_hosts,
        clock: Clock::System,
    })
}
