//! What sentences of every language are made of.

use std::borrow::Cow;

use crate::clock::Time;

/// A sentence.
pub(super) type Words = Cow<'static, str>;

/// Hours and minutes since then.
pub(super) fn ago(since: Time, now: Time) -> (u64, u64) {
    let minutes = now.since(since).as_secs() / 60;
    (minutes / 60, minutes % 60)
}
