//! The keys that tests of this crate configure. The crate `test-support` has its own: it builds on
//! this one, so the tests in here cannot use it.

pub const DIGEST: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
pub const SEALING: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";
