//! What sentences of every language are made of.

use std::borrow::Cow;

use crate::{
    access::Code,
    clock::Time,
    identity::{AccountId, Scope},
};

/// A sentence.
pub(super) type Words = Cow<'static, str>;

/// What the owner types to let somebody in.
pub(super) fn approve_command(code: &Code, scope: &Scope) -> String {
    let Scope { channel, account } = scope;
    let account = if *account == AccountId::default() {
        String::new()
    } else {
        format!(" --account {account}")
    };
    format!("dari pairing approve {channel} {}{account}", code.expose())
}

/// Hours and minutes since then.
pub(super) fn ago(since: Time, now: Time) -> (u64, u64) {
    let minutes = now.since(since).as_secs() / 60;
    (minutes / 60, minutes % 60)
}
