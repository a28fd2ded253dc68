//! Who may do what: the template must allow exactly what the table of docs/permissions.md says.

use std::collections::BTreeSet;

use serde_norway::Value;
use shared::env::Need;

use super::{
    read::{at, entries, items, resources, target, target_at, text, text_at},
    rules::{Findings, unless},
};

const TABLE: &str = include_str!("../../../docs/permissions.md");

/// Who, action, resource.
type Permission = (String, String, String);

pub fn matrix(template: &Value) -> Findings {
    let written = written();
    let allowed: BTreeSet<_> = allowed(template).into_iter().collect();
    let line = |(who, action, resource): &Permission| format!("{who}, {action}, {resource}");
    let unlisted = allowed.difference(&written);
    let missing = written.difference(&allowed);
    unlisted
        .map(|it| format!("allowed, but not in docs/permissions.md: {}", line(it)))
        .chain(missing.map(|it| format!("in docs/permissions.md, but not allowed: {}", line(it))))
        .collect()
}

/// The rows of that table.
fn written() -> BTreeSet<Permission> {
    let cells = |line: &'static str| -> Vec<&'static str> {
        line.split('|')
            .map(|cell| cell.trim().trim_matches('`'))
            .collect()
    };
    let rows: BTreeSet<_> = TABLE
        .lines()
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| match cells(line)[..] {
            ["", who, action, resource, why, ""] if !why.is_empty() => {
                (who.to_owned(), action.to_owned(), resource.to_owned())
            }
            _ => panic!("not a row of four cells: {line}"),
        })
        .collect();
    assert!(rows.len() > 10, "the table was not found");
    rows
}

/// What the role of each function allows, under the function's name, and what the topic's policy
/// allows.
fn allowed(template: &Value) -> Vec<Permission> {
    let functions = resources(template, "AWS::Serverless::Function");
    let of_functions = functions.iter().flat_map(|(function, properties)| {
        let role = target_at(properties, "Role").unwrap_or("no role");
        let role = at(template, &format!("Resources.{role}.Properties.Policies"));
        let policies = items(role);
        policies
            .into_iter()
            .flat_map(|policy| statements(at(policy, "PolicyDocument")))
            .flat_map(|statement| permissions(function, statement))
            .collect::<Vec<_>>()
    });
    let policies = resources(template, "AWS::SNS::TopicPolicy");
    let of_topics = policies.iter().flat_map(|(_, properties)| {
        statements(at(properties, "PolicyDocument"))
            .into_iter()
            .flat_map(|statement| {
                let who = text_at(statement, "Principal.Service").unwrap_or("anybody");
                permissions(who, statement)
            })
    });
    of_functions.chain(of_topics).collect()
}

fn statements(document: Option<&Value>) -> Vec<&Value> {
    items(document.and_then(|document| at(document, "Statement")))
}

fn permissions(who: &str, statement: &Value) -> Vec<Permission> {
    let resources = items(at(statement, "Resource"));
    items(at(statement, "Action"))
        .into_iter()
        .flat_map(|action| {
            resources.iter().map(move |resource| {
                // A resource that is no plain reference is shown as it is written, so no row of the
                // table matches it.
                let named = target(resource).map(str::to_owned);
                (
                    who.to_owned(),
                    text(action).unwrap_or_default().to_owned(),
                    named.unwrap_or_else(|| format!("{resource:?}")),
                )
            })
        })
        .collect()
}

pub fn stars(template: &Value) -> Findings {
    let roles = resources(template, "AWS::IAM::Role");
    let topics = resources(template, "AWS::SNS::TopicPolicy");
    let documents = roles
        .iter()
        .flat_map(|(id, role)| {
            let policies = items(at(role, "Policies"));
            policies
                .into_iter()
                .map(|policy| (*id, at(policy, "PolicyDocument")))
        })
        .chain(
            topics
                .iter()
                .map(|(id, policy)| (*id, at(policy, "PolicyDocument"))),
        );
    documents
        .flat_map(|(id, document)| {
            statements(document).into_iter().flat_map(move |statement| {
                let plain = ["Action", "Resource"].into_iter().flat_map(|part| {
                    let values = items(at(statement, part));
                    let starred = values
                        .into_iter()
                        .filter_map(text)
                        .filter(|it| it.contains('*'));
                    starred
                        .map(|it| format!("{id} allows {it}"))
                        .collect::<Vec<_>>()
                });
                let turned = ["NotAction", "NotResource", "NotPrincipal"]
                    .into_iter()
                    .filter(|part| at(statement, part).is_some())
                    .map(|part| format!("{id} says {part}"));
                plain.chain(turned).collect::<Vec<_>>()
            })
        })
        .collect()
}

/// Each function has a role of its own, written out in the template.
pub fn roles(template: &Value) -> Findings {
    let functions = resources(template, "AWS::Serverless::Function");
    let used: Vec<_> = functions
        .iter()
        .filter_map(|(_, properties)| target_at(properties, "Role"))
        .collect();
    let roles = resources(template, "AWS::IAM::Role");
    let of_functions = functions.iter().flat_map(|(id, properties)| {
        let role = target_at(properties, "Role");
        let own = used.iter().filter(|used| Some(**used) == role).count() == 1;
        let declared = roles.iter().any(|(declared, _)| Some(*declared) == role);
        [
            unless(own && declared, format!("{id} has no role of its own")),
            unless(
                at(properties, "Policies").is_none(),
                format!("{id} has policies beside its role"),
            ),
        ]
    });
    let of_roles = roles.iter().flat_map(|(id, role)| {
        let trusted = items(at(role, "AssumeRolePolicyDocument.Statement"));
        let lambda = trusted.iter().all(|statement| {
            text_at(statement, "Principal.Service") == Some("lambda.amazonaws.com")
        });
        [
            unless(used.contains(id), format!("{id} is nobody's role")),
            unless(
                at(role, "ManagedPolicyArns").is_none(),
                format!("{id} has policies that are not written here"),
            ),
            unless(
                lambda && trusted.len() == 1,
                format!("others than Lambda may take the role {id}"),
            ),
        ]
    });
    of_functions.chain(of_roles).flatten().collect()
}

/// Each function's environment names what its role lets it use and nothing else, under the
/// variables that the code reads.
pub fn environment(template: &Value) -> Findings {
    let functions = resources(template, "AWS::Serverless::Function");
    let of_functions = functions.iter().filter_map(|(id, properties)| {
        let told: BTreeSet<_> = variables(template, properties)
            .filter_map(|(_, value)| target(value))
            .filter(|resource| at(template, &format!("Resources.{resource}")).is_some())
            .map(str::to_owned)
            .collect();
        let log = target_at(properties, "LoggingConfig.LogGroup");
        let may_use: BTreeSet<_> = allowed(template)
            .into_iter()
            .filter(|(who, _, resource)| who == id && Some(resource.as_str()) != log)
            .map(|(_, _, resource)| resource)
            .collect();
        unless(
            told == may_use,
            format!("{id} is told of {told:?}, and may use {may_use:?}"),
        )
    });
    let named = [Need::AccessTable, Need::TurnsTable, Need::TurnQueue].map(|need| {
        let right = functions.iter().any(|(_, properties)| {
            variables(template, properties).any(|(name, value)| {
                name == need.variable() && target(value) == Some(need.resource())
            })
        });
        unless(
            right,
            format!("{} does not name {}", need.variable(), need.resource()),
        )
    });
    of_functions.chain(named.into_iter().flatten()).collect()
}

fn variables<'a>(
    template: &'a Value,
    properties: &'a Value,
) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let of_all = entries(at(template, "Globals.Function.Environment.Variables"));
    of_all.chain(entries(at(properties, "Environment.Variables")))
}
