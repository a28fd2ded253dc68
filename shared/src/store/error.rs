//! What can go wrong with the store.

use crate::keys::NoRandomness;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Try again later.
    #[error("the table {table} did not do `{action}`: {reason}")]
    Unavailable {
        table: String,
        action: &'static str,
        reason: String,
    },
    /// Sealed with other keys, in another version, or not written by us.
    #[error("an item of the table {table} cannot be read: {reason}")]
    Unreadable { table: String, reason: String },
    /// A mistake of ours: trying again does not help.
    #[error("an item of the table {table} cannot be written: {reason}")]
    Unwritable { table: String, reason: String },
    /// Others kept changing the same document or item. Try again later.
    #[error("an item of the table {table} is changed by too many at once")]
    Contended { table: String },
    /// A cursor that another query made, or that was changed on its way to the caller and back.
    #[error("the cursor does not belong to this list of the table {table}")]
    ForeignCursor { table: String },
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}
