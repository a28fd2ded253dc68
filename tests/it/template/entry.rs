//! The way in: routes, throttling, and what the gateway writes down.

use serde_norway::Value;

use super::{
    read::{at, entries, number_at, resources, target, target_at, text, text_at},
    rules::{Findings, unless},
};

const GATEWAY: &str = "Resources.Gateway.Properties";
const FORMAT: &str = "Resources.Gateway.Properties.AccessLogSettings.Format";

/// The only variables that a line of the access log may contain: no path, query, header, body or
/// address of a person.
const LOGGED: &[&str] = &[
    "$context.requestId",
    "$context.requestTime",
    "$context.routeKey",
    "$context.status",
    "$context.responseLength",
    "$context.responseLatency",
    "$context.integrationStatus",
    "$context.integrationLatency",
    "$context.integration.requestId",
    "$context.integrationErrorMessage",
    "$context.error.responseType",
];

/// The routes of all functions, as the gateway names them: `GET /health`.
pub fn routes(template: &Value) -> Vec<String> {
    resources(template, "AWS::Serverless::Function")
        .into_iter()
        .flat_map(|(_, properties)| entries(at(properties, "Events")).collect::<Vec<_>>())
        .filter(|(_, event)| text_at(event, "Type") == Some("HttpApi"))
        .filter_map(|(_, event)| {
            let method = text_at(event, "Properties.Method")?;
            Some(format!("{method} {}", text_at(event, "Properties.Path")?))
        })
        .collect()
}

/// A route has a throttle of its own, or that of all others. CloudFormation knows the types of the
/// latter only: what is a parameter becomes a string in `RouteSettings`, which the gateway refuses.
pub fn throttling(template: &Value) -> Findings {
    let throttled = |settings: Option<&Value>| {
        let bounded = |name: &str| {
            let limit = settings.and_then(|settings| at(settings, name));
            limit.is_some_and(|limit| limit.as_u64() > Some(0) || target(limit).is_some())
        };
        bounded("ThrottlingRateLimit") && bounded("ThrottlingBurstLimit")
    };
    let own = at(template, &format!("{GATEWAY}.RouteSettings"));
    let rest = at(template, &format!("{GATEWAY}.DefaultRouteSettings"));
    let of_routes = routes(template).into_iter().filter_map(|route| {
        let settings = own.and_then(|own| own.get(route.as_str())).or(rest);
        unless(throttled(settings), format!("{route} is not throttled"))
    });
    let untyped = entries(own).flat_map(|(route, settings)| {
        entries(Some(settings))
            .filter(|(_, limit)| !limit.is_number())
            .map(|(name, _)| format!("{name} of {route} becomes a string"))
            .collect::<Vec<_>>()
    });
    let of_rest = unless(throttled(rest), "other routes are not throttled");
    of_routes.chain(untyped).chain(of_rest).collect()
}

/// The gateway is the only way to the functions, and every route hands them the same kind of event.
pub fn addresses(template: &Value) -> Findings {
    let functions = resources(template, "AWS::Serverless::Function");
    let urls = functions.iter().filter_map(|(id, properties)| {
        let none = at(properties, "FunctionUrlConfig").is_none();
        unless(none, format!("{id} has an address of its own"))
    });
    let declared = resources(template, "AWS::Lambda::Url");
    let declared = unless(declared.is_empty(), "a function has an address of its own");
    let events = functions.iter().flat_map(|(id, properties)| {
        entries(at(properties, "Events"))
            .filter(|(_, event)| text_at(event, "Type") == Some("HttpApi"))
            .flat_map(|(name, event)| {
                let version = text_at(event, "Properties.PayloadFormatVersion");
                let gateway = target_at(event, "Properties.ApiId");
                [
                    unless(
                        version == Some("2.0"),
                        format!("{id}.{name} is not in version 2.0"),
                    ),
                    unless(
                        gateway == Some("Gateway"),
                        format!("{id}.{name} is at another gateway"),
                    ),
                ]
            })
            .flatten()
            .collect::<Vec<_>>()
    });
    urls.chain(declared).chain(events).collect()
}

pub fn access_log(template: &Value) -> Findings {
    let destination = format!("{GATEWAY}.AccessLogSettings.DestinationArn");
    let group = target_at(template, &destination).unwrap_or("no log");
    let format = text_at(template, FORMAT).unwrap_or_default();
    let foreign = variables(format)
        .into_iter()
        .filter(|variable| !LOGGED.contains(&variable.as_str()))
        .map(|variable| format!("it holds {variable}"));
    let line = sample_line(template);
    let rest = [
        unless(
            at(
                template,
                &format!("Resources.{group}.Properties.RetentionInDays"),
            )
            .is_some(),
            "its log group has no retention",
        ),
        unless(
            serde_json::from_str::<serde_json::Value>(&line).is_ok_and(|line| line.is_object()),
            format!("a line is not JSON: {line}"),
        ),
        unless(
            format.contains("$context.routeKey") && format.contains("$context.status"),
            "it does not tell what was asked and answered",
        ),
    ];
    foreign.chain(rest.into_iter().flatten()).collect()
}

/// The line that the gateway would write about a request that holds everything that must not be
/// logged.
pub fn sample_line(template: &Value) -> String {
    let format = text_at(template, FORMAT).unwrap_or_default();
    let mut names = variables(format);
    // Longer names first, because one name may be the beginning of another.
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.iter().fold(format.to_owned(), |line, name| {
        let value = match name.as_str() {
            "$context.routeKey" => "ANY /kakao/webhook",
            "$context.path" => "/kakao/webhook/default?key=secret",
            "$context.error.responseType" => "-",
            _ => "200",
        };
        line.replace(name, value)
    })
}

fn variables(format: &str) -> Vec<String> {
    format
        .match_indices('$')
        .map(|(start, _)| {
            let rest = format[start + 1..].chars();
            let name = rest.take_while(|char| char.is_alphanumeric() || *char == '.');
            std::iter::once('$').chain(name).collect()
        })
        .collect()
}

pub fn traces(template: &Value) -> Findings {
    let settings = format!("{GATEWAY}.DefaultRouteSettings");
    let own = entries(at(template, &format!("{GATEWAY}.RouteSettings")));
    let all = own.chain(at(template, &settings).map(|rest| ("$default", rest)));
    let of_routes = all.flat_map(|(route, settings)| {
        ["DataTraceEnabled", "LoggingLevel"]
            .into_iter()
            .filter(|name| at(settings, name).is_some())
            .map(|name| format!("{route} has {name}"))
            .collect::<Vec<_>>()
    });
    let common = at(template, "Globals.Function.Tracing");
    let functions = resources(template, "AWS::Serverless::Function");
    let traced = functions
        .iter()
        .filter(|(_, properties)| at(properties, "Tracing").or(common).is_some())
        .map(|(id, _)| format!("{id} is traced"));
    of_routes.chain(traced).collect()
}

/// The gateway's timeout of every route, in milliseconds.
pub fn gateway_timeouts(template: &Value) -> Vec<(String, Option<u64>)> {
    resources(template, "AWS::Serverless::Function")
        .into_iter()
        .flat_map(|(id, properties)| {
            entries(at(properties, "Events"))
                .filter(|(_, event)| at(event, "Type").and_then(text) == Some("HttpApi"))
                .map(|(name, event)| {
                    let timeout = number_at(event, "Properties.TimeoutInMillis");
                    (format!("{id}.{name}"), timeout)
                })
                .collect::<Vec<_>>()
        })
        .collect()
}
