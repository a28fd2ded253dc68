//! Wiring of the deployed function: API Gateway's events in, skill responses out.

use std::sync::Arc;

use bytes::Bytes;
use lambda_http::{Body, Error, Request, RequestExt, request::RequestContext, run, service_fn};
use shared::{
    clock::{Clock, Time},
    startup, telemetry,
};
use skill_webhook::SkillWebhook;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let parts = startup::start().await?;
    let webhook = SkillWebhook {
        config: parts.config,
        keys: parts.keys,
        access: parts.access,
        turns: parts.turns,
        queue: parts.queue,
        callback_hosts: parts.callback_hosts,
        extra_origins: parts.extra_origins,
        clock: Clock::System,
        refusals: Arc::default(),
    };
    run(service_fn(|event: Request| {
        let received = gateway_time(&event).unwrap_or_else(|| webhook.clock.now());
        let request = event.map(|body| Bytes::copy_from_slice(&body));
        let webhook = &webhook;
        async move { Ok::<_, Error>(webhook.handle(&request, received).await.map(Body::from)) }
    }))
    .await
}

/// When the gateway had the request: a cold start counts against the deadline.
fn gateway_time(event: &Request) -> Option<Time> {
    match event.request_context_ref()? {
        RequestContext::ApiGatewayV2(context) if context.time_epoch > 0 => {
            Some(Time::from_millis(context.time_epoch.cast_unsigned()))
        }
        _ => None,
    }
}
