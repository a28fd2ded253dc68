//! The document as it is written. Every setting stands once, in the file of its concern, with the
//! sentence that editors show. The JSON Schema comes from here, and the checker walks that schema,
//! so that a setting cannot be known to one and not to the other.
//!
//! Everything is optional: what is missing or was found wrong is `None`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{agents, channels, keys, routing};

/// What Dari connects: chat channels, agents, and which agent answers where. JSON5; `${NAME}` inside a string is replaced from the environment.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    /// Where an editor finds the JSON Schema of this document.
    #[serde(rename = "$schema")]
    _schema: Option<String>,
    /// The chat channels and their accounts.
    pub(super) channels: Option<channels::Written>,
    /// What produces answers, under names of your choice.
    #[schemars(with = "Option<BTreeMap<String, agents::Written>>")]
    pub(super) agents: Option<BTreeMap<String, Option<agents::Written>>>,
    /// Which agent answers where. Without it the agent called `main`, or the only one, answers everywhere.
    pub(super) routing: Option<routing::Written>,
    /// The keys that protect what Dari stores about people. `dari dev` makes its own if there are none.
    pub(super) keys: Option<keys::Written>,
}

/// The schema as it is in the repository; a test keeps it equal to [`schema`]. Generating it would
/// slow down every start of a function.
pub(super) fn written_schema() -> Value {
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

/// Objects have the described settings and no others. Formats such as `uint16` say nothing to
/// whoever writes a document.
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
