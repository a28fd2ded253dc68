//! What we keep in DynamoDB, in one of two shapes.
//!
//! A **document** ([`Documents`]) is small and always read and changed as a whole: a conversation
//! with its turns, the people who wait to be let into one account. Code changes it in memory; the
//! write lands only if nobody else's came in between, otherwise the change is made again on what is
//! there then. Take it where several facts must agree with each other.
//!
//! An **item** ([`Items`]) is one of many of its kind, such as an approval. It is written under a
//! condition ([`Over`]), and found by its key or in a list ([`Query`]): of its partition, or of an
//! [`Index`] over plain attributes that its kind declares. Take it where nobody knows how many
//! there will be, or where they are looked for by something else than their key, such as when they
//! are due.
//!
//! A document and an item can change together ([`Documents::change_along`]).
//!
//! Both are encrypted and bound to their purpose and primary key: copied into another row they do
//! not open. Both begin with a version number, so that a later form is told from this one. Both
//! know when they expire, and every read checks it; the table's TTL only cleans up.
//!
//! **A lost response.** Every write carries a name of its own, its [`Revision`]. If the response to
//! a write is lost, the SDK tries again and finds its condition broken by the first try; the name
//! on what is stored tells that it was ours, and the write counts as done (F-104). Transactions,
//! and the deletion of an item is one, are recognised by DynamoDB itself. If no try is answered,
//! the error is [`StoreError::Unavailable`], and what was to be written may be stored or not:
//! whoever comes again must look first.

mod documents;
mod error;
mod index;
mod items;
mod query;
mod rows;
mod tables;
#[cfg(test)]
pub(crate) mod tests;

pub use self::{
    documents::{Document, Documents, Read},
    error::StoreError,
    index::{Index, Sort, Value},
    items::{Item, Items, Over, Page, PutOutcome, Stored},
    query::{Cursor, Query},
    rows::{PrimaryKey, Revision, Write},
    tables::{check_table, create_table, embedded_client},
};
