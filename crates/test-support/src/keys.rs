//! The keys of every test, and the account that a test has unless it says otherwise.

use shared::identity::{AccountId, Channel, Scope};

// `concat!` takes literals, not constants.
macro_rules! digest {
    () => {
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    };
}
macro_rules! sealing {
    () => {
        "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"
    };
}

/// What Kakao sends in the header.
pub const SKILL_KEY: &str = "test-skill-key-0123456789abcdef";
pub const DIGEST: &str = digest!();
pub const SEALING: &str = sealing!();

/// The part `keys` of a configuration.
pub const KEYS: &str = concat!(
    r#"keys: { digest: ""#,
    digest!(),
    r#"", sealing: { "1": ""#,
    sealing!(),
    r#"" } }"#
);

/// The account `default` of KakaoTalk.
pub fn scope() -> Scope {
    Scope {
        channel: Channel::Kakao,
        account: AccountId::default(),
    }
}
