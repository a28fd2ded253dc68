//! Which items to list, and where the next page begins.
//!
//! A function that lists needs `dynamodb:Query` on the table, or on the index it lists over.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{
    error::StoreError,
    index::{Index, Value},
    rows::{PARTITION, Row, Rows, SORT},
};

/// A list of items in the order of their sort key, or in the order of an index.
#[derive(Clone, Debug)]
pub struct Query {
    index: Option<Index>,
    partition: String,
    range: Range,
    limit: u16,
    after: Option<Cursor>,
}

#[derive(Clone, Debug)]
enum Range {
    All,
    Prefix(String),
    From(Value),
    Until(Value),
}

/// Where the next page of a list begins. It is sealed: a caller who gets it learns nothing from it,
/// can change nothing in it, and can use it for no other list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// One that a caller brings back. Whether it fits is seen when it is used.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Query {
    const LIMIT: u16 = 100;

    /// The items of one partition.
    pub fn partition(partition: impl Into<String>) -> Self {
        Self {
            index: None,
            partition: partition.into(),
            range: Range::All,
            limit: Self::LIMIT,
            after: None,
        }
    }

    /// The items that have this value in the first attribute of an index.
    pub fn index(index: Index, partition: impl Into<String>) -> Self {
        Self {
            index: Some(index),
            ..Self::partition(partition)
        }
    }

    /// Only those whose sort key begins so.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        let range = Range::Prefix(prefix.into());
        Self { range, ..self }
    }

    /// Only from this sort key on, itself included. Replaces an end or a prefix.
    #[must_use]
    pub fn from(self, start: impl Into<Value>) -> Self {
        let range = Range::From(start.into());
        Self { range, ..self }
    }

    /// Only up to this sort key, itself included. Replaces a start or a prefix.
    #[must_use]
    pub fn until(self, end: impl Into<Value>) -> Self {
        let range = Range::Until(end.into());
        Self { range, ..self }
    }

    /// How many items a page holds at most: 1 or more, and 100 unless it is said.
    #[must_use]
    pub fn limit(self, limit: u16) -> Self {
        Self { limit, ..self }
    }

    /// The page that begins there; a cursor fits the partition and the index that it came from.
    #[must_use]
    pub fn after(self, cursor: Cursor) -> Self {
        let after = Some(cursor);
        Self { after, ..self }
    }

    fn sort(&self) -> &'static str {
        self.index.map_or(SORT, |index| index.sort.name())
    }

    /// What its cursors are sealed to.
    fn bound_to<'a>(&'a self, purpose: &'a str) -> [&'a str; 4] {
        let index = self.index.map_or("", |index| index.name);
        ["cursor", purpose, index, &self.partition]
    }
}

impl Rows {
    pub(super) async fn query(
        &self,
        query: &Query,
    ) -> Result<(Vec<Row>, Option<Cursor>), StoreError> {
        let (condition, sort) = match &query.range {
            Range::All => ("#p = :p", None),
            Range::Prefix(prefix) => (
                "#p = :p AND begins_with(#s, :s)",
                Some(prefix.as_str().into()),
            ),
            Range::From(start) => ("#p = :p AND #s >= :s", Some(start.clone())),
            Range::Until(end) => ("#p = :p AND #s <= :s", Some(end.clone())),
        };
        let partition = query.index.map_or(PARTITION, |index| index.partition);
        let start = query.after.as_ref().map(|after| self.start(query, after));
        let mut call = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(query.index.map(|index| index.name.to_owned()))
            // An index has no consistent reads.
            .consistent_read(query.index.is_none())
            .key_condition_expression(condition)
            .expression_attribute_names("#p", partition)
            .expression_attribute_values(":p", AttributeValue::S(query.partition.clone()))
            .limit(query.limit.max(1).into())
            .set_exclusive_start_key(start.transpose()?);
        if let Some(sort) = sort {
            call = call
                .expression_attribute_names("#s", query.sort())
                .expression_attribute_values(":s", Value::into(sort));
        }
        let page = call.send().await;
        let page = page.map_err(|error| self.unavailable("Query", &error))?;
        let next = page.last_evaluated_key;
        let next = next.map(|last| self.cursor(query, &last)).transpose()?;
        Ok((page.items.unwrap_or_default(), next))
    }

    fn cursor(&self, query: &Query, last: &Row) -> Result<Cursor, StoreError> {
        let plain: BTreeMap<_, _> = last
            .iter()
            .filter_map(|(name, value)| Some((name, plain(value)?)))
            .collect();
        let plain = serde_json::to_vec(&plain).map_err(|error| self.unwritable(error))?;
        let sealed = self.keys.seal(&query.bound_to(self.purpose), &plain)?;
        Ok(Cursor(BASE64_URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// The last row before the page, as DynamoDB wants it.
    fn start(&self, query: &Query, Cursor(cursor): &Cursor) -> Result<Row, StoreError> {
        let last: Option<BTreeMap<String, Value>> = BASE64_URL_SAFE_NO_PAD
            .decode(cursor)
            .ok()
            .and_then(|sealed| self.keys.open(&query.bound_to(self.purpose), &sealed).ok())
            .and_then(|plain| serde_json::from_slice(&plain).ok());
        let foreign = || StoreError::ForeignCursor {
            table: self.table.clone(),
        };
        let last = last.ok_or_else(foreign)?.into_iter();
        Ok(last.map(|(name, value)| (name, value.into())).collect())
    }
}

/// Keys and attributes of an index are of no other type.
fn plain(value: &AttributeValue) -> Option<Value> {
    match value {
        AttributeValue::S(text) => Some(Value::Text(text.clone())),
        AttributeValue::N(number) => number.parse().ok().map(Value::Number),
        _ => None,
    }
}
