//! The deployed function: the turn queue in, the turns that failed out.

use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use shared::{clock::Time, startup::Standby, telemetry};
use turn_worker::{Batch, TurnWorker};

/// For what the start of the function lacks. A turn that is given back stays away from every worker
/// for minutes, so failures that may pass are waited for.
const START_PATIENCE: Duration = Duration::from_secs(15);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let standby = Standby::start(TurnWorker::from_env).await;
    run(service_fn(async |event: LambdaEvent<Batch>| {
        let working = async {
            let deadline = Time::from_millis(event.context.deadline);
            let Some(worker) = standby.ready(START_PATIENCE).await else {
                return Err(Error::from("not ready, so the turn stays in the queue"));
            };
            Ok(worker.take(event.payload, deadline).await)
        };
        telemetry::invocation(working).await
    }))
    .await
}
