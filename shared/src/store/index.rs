//! What of an item is stored in the open, and the indexes that find items by it.

use aws_sdk_dynamodb::types::{AttributeValue, ScalarAttributeType};
use serde::{Deserialize, Serialize};

use crate::clock::Time;

/// The value of a plain attribute. Whoever can read the table can read it, so it says nothing about
/// a person, except as a digest. It is not sealed either: what matters is decided by the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Text(String),
    Number(u64),
}

/// A secondary index of a table: it lists the items that have both its attributes, those with the
/// same `partition` together and in the order of `sort`. Whole items are copied into it.
///
/// An index lags behind its table, usually by less than a second: what it lists may have changed
/// since, or be gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Index {
    pub name: &'static str,
    /// The name of a text attribute.
    pub partition: &'static str,
    pub sort: Sort,
}

/// The attribute that an index sorts by: its name, and what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Text(&'static str),
    Number(&'static str),
}

impl Sort {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text(name) | Self::Number(name) => name,
        }
    }

    pub(super) fn scalar(self) -> ScalarAttributeType {
        match self {
            Self::Text(_) => ScalarAttributeType::S,
            Self::Number(_) => ScalarAttributeType::N,
        }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

/// In milliseconds.
impl From<Time> for Value {
    fn from(time: Time) -> Self {
        Self::Number(time.as_millis())
    }
}

impl From<Value> for AttributeValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Text(text) => Self::S(text),
            Value::Number(number) => Self::N(number.to_string()),
        }
    }
}
