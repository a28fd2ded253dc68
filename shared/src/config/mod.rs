//! The configuration: one JSON5 document that says which channels, accounts and agents there are
//! (contract.md §3), and the settings of the environment around it. A document is read whole: every
//! problem is reported at once, with its place.

mod account;
mod agent;
mod channels;
mod check;
mod document;
mod keys;
mod live;
mod parse;
mod problem;
mod routing;
#[cfg(test)]
mod samples_tests;
mod senders;
mod settings;
mod talk;
#[cfg(test)]
mod tests;
mod work;

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::Value;

pub use self::{
    account::{
        AllowFrom, AppKey, Concurrency, KakaoAccount, KakaoWorkAccount, Locale, Policy, SkillKeys,
    },
    agent::{Agent, AgentKind, OpenAi},
    keys::Keys,
    live::LiveConfig,
    problem::{Problem, Problems},
    routing::Binding,
    settings::{ConfigSource, Hosts, Need, Settings},
};
use self::{document::Document, problem::Report};
use crate::identity::{AccountId, Channel};

/// Answers for the variables of an environment.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a document says, with every default filled in.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The accounts of KakaoTalk; none if the channel is switched off.
    pub kakao: BTreeMap<AccountId, KakaoAccount>,
    /// The accounts of KakaoWork; none if the channel is switched off.
    pub kakaowork: BTreeMap<AccountId, KakaoWorkAccount>,
    /// The account that a command means when it names none; there for every channel that has
    /// accounts.
    pub default_account: BTreeMap<Channel, AccountId>,
    pub agents: BTreeMap<String, Agent>,
    pub bindings: Vec<Binding>,
    /// The functions cannot do without; `dari dev` makes its own.
    pub keys: Option<Keys>,
    pub dev: Dev,
}

/// Settings of `dari dev` alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dev {
    pub webhook_port: Option<u16>,
    /// Starts with `/`.
    pub webhook_path: Option<String>,
}

/// A document that can be used, and what its owner should know about it.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub config: Config,
    pub warnings: Vec<Problem>,
}

/// Reads a JSON5 document; `env` answers for `${NAME}`, and for a few settings of the accounts
/// `default` that are not in the document: `KAKAO_APP_KEY`, `KAKAO_REST_API_KEY`,
/// `KAKAO_ADMIN_KEY`, `KAKAO_CHANNEL_ID` and `KAKAOWORK_APP_KEY`.
pub fn load(text: &str, env: Env<'_>) -> Result<Loaded, Problems> {
    let mut value = parse::parse(text)?;
    let mut report = Report::default();
    parse::substitute(&mut value, "", env, &mut report);
    check::check(&written_schema(), &mut value, &mut report);
    let document = if value.is_object() {
        read(value, "", &mut report)
    } else {
        None
    };
    let config = document.map(|document| resolve(document, env, &mut report));
    let (config, warnings) = report.finish(config)?;
    Ok(Loaded { config, warnings })
}

/// The document with its variables filled in. It stands alone: whoever loads it needs no
/// environment, and reads what this one would.
pub fn standalone(text: &str, env: Env<'_>) -> Result<Value, Problems> {
    let mut value = parse::parse(text)?;
    let mut report = Report::default();
    parse::substitute(&mut value, "", env, &mut report);
    parse::escape(&mut value);
    Ok(report.finish(Some(value))?.0)
}

/// Reads what the checker has been over, so that it fits; if it does not, that is reported and not
/// hidden.
fn read<T: for<'de> Deserialize<'de>>(value: Value, path: &str, report: &mut Report) -> Option<T> {
    let unread = |error: serde_path_to_error::Error<_>| {
        report.problem(
            problem::key(path, &error.path().to_string()),
            "cannot be read",
        );
    };
    serde_path_to_error::deserialize(value).map_err(unread).ok()
}

fn resolve(document: Document, env: Env<'_>, report: &mut Report) -> Config {
    let accounts = document
        .channels
        .map(|channels| channels::resolve(channels, env, report))
        .unwrap_or_default();
    let written = document.agents.unwrap_or_default();
    let names = written.keys().cloned().collect();
    let agents = agent::resolve(written, report);
    let bindings = document
        .routing
        .map(|routing| routing::resolve(routing, &accounts, &names, report));
    let config = Config {
        kakao: accounts.kakao,
        kakaowork: accounts.kakaowork,
        default_account: accounts.defaults,
        agents,
        bindings: bindings.unwrap_or_default(),
        keys: document.keys.and_then(|keys| keys::resolve(keys, report)),
        dev: accounts.dev,
    };
    routing::warn_of_silence(&config, &accounts.places, report);
    config
}

/// The `keys` of a document, as they are written and as they are; everything else in it may be
/// wrong.
pub fn keys_of(text: &str) -> Result<Option<(Value, Keys)>, Problems> {
    let document = parse::parse(text)?;
    let Some(keys) = document.get("keys").filter(|keys| !keys.is_null()) else {
        return Ok(None);
    };
    let alone = serde_json::json!({ "keys": keys }).to_string();
    let loaded = load(&alone, &|_| None)?;
    Ok(loaded.config.keys.map(|read| (keys.clone(), read)))
}

/// The schema as it is in the repository; a test keeps it equal to [`schema`]. To make that anew
/// would cost every start of a function more.
fn written_schema() -> Value {
    serde_json::from_str(include_str!("../../../config.schema.json")).unwrap_or_default()
}

/// The JSON Schema of the document, with a description of every setting, for editors.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Document).to_value();
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("title".to_owned(), "Dari configuration".into());
    }
    close(&mut schema);
    schema
}

/// Objects have the settings that are described and no others; the width of our integers is
/// nobody's business.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(parts) => {
            if parts.contains_key("properties")
                && parts.get("type").is_some_and(|named| named == "object")
            {
                parts.insert("additionalProperties".to_owned(), false.into());
            }
            if parts.get("format").is_some_and(Value::is_string) {
                parts.remove("format");
            }
            parts.values_mut().for_each(close);
        }
        Value::Array(parts) => parts.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Without white space around it; an empty one is none.
fn text(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

fn held_answer(hours: Option<u64>) -> Duration {
    Duration::from_hours(hours.unwrap_or(24))
}

/// A variable of the process's environment. The only place that looks there.
#[expect(
    clippy::disallowed_methods,
    reason = "everything else gets its environment handed in"
)]
pub fn process_env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
