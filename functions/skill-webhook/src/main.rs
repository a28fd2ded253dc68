//! Wiring of the deployed function: API Gateway's events in, skill responses out.

use std::time::Duration;

use bytes::Bytes;
use lambda_http::{Body, Error, Request, RequestExt, request::RequestContext, run, service_fn};
use shared::{
    clock::{Clock, Time},
    startup::Standby,
    telemetry,
};
use skill_webhook::SkillWebhook;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let standby = Standby::start(SkillWebhook::from_env).await;
    run(service_fn(|event: Request| {
        let received = gateway_time(&event).unwrap_or_else(|| Clock::System.now());
        let request = event.map(|body| Bytes::copy_from_slice(&body));
        let standby = &standby;
        async move {
            let response = match skill_webhook::without_dependencies(&request) {
                Some(response) => response,
                None => match standby.ready(Duration::ZERO).await {
                    Some(webhook) => webhook.handle(&request, received).await,
                    None => skill_webhook::not_ready(),
                },
            };
            Ok::<_, Error>(response.map(Body::from))
        }
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
