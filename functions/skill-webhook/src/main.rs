//! The deployed function.

use lambda_http::Error;
use shared::{edge, telemetry};
use skill_webhook::SkillWebhook;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    edge::run(SkillWebhook::from_env).await
}
