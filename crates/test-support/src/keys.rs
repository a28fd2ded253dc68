//! The keys of every test, and the account that a test has unless it says otherwise.

use shared::identity::{AccountId, Channel, Scope};

/// What Kakao sends in the header.
pub const SKILL_KEY: &str = "test-skill-key-0123456789abcdef";
pub const DIGEST: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
pub const SEALING: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";

/// The part `keys` of a configuration.
pub const KEYS: &str = r#"keys: {
    digest: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    sealing: { "1": "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8" },
}"#;

/// The account `default` of KakaoTalk.
pub fn scope() -> Scope {
    Scope {
        channel: Channel::Kakao,
        account: AccountId::default(),
    }
}
