//! Whether a sender is let in (openclaw.md §2). Nothing reaches an agent without an [`Admitted`],
//! and only [`admit`] makes one.

use crate::{
    config::{AllowFrom, Policy},
    identity::{Sender, SenderId},
};

/// Proof that the policy let this sender in, now, for this account.
#[derive(Clone, Debug)]
pub struct Admitted {
    sender: SenderId,
}

impl Admitted {
    /// The id that names the conversation.
    pub fn sender(&self) -> &SenderId {
        &self.sender
    }
}

#[cfg(test)]
impl Admitted {
    pub(crate) fn for_test(sender: SenderId) -> Self {
        Self { sender }
    }
}

#[derive(Clone, Debug)]
pub enum Verdict {
    Admit(Admitted),
    /// Ask for the owner's approval; the message goes no further.
    Challenge,
    /// Keep out, without a code.
    Block,
}

/// First match wins: `disabled` blocks; `open` admits everyone if `*` is listed; a listed sender is
/// admitted; `pairing` admits the approved and challenges the rest; `allowlist` blocks. `approved`
/// is asked only under `pairing`.
pub fn admit(policy: Policy, allow_from: &AllowFrom, sender: &Sender, approved: bool) -> Verdict {
    let admitted = || {
        Verdict::Admit(Admitted {
            sender: sender.id.clone(),
        })
    };
    let listed = is_listed(allow_from, sender);
    match policy {
        Policy::Disabled => Verdict::Block,
        Policy::Open if allow_from.any() => admitted(),
        _ if listed => admitted(),
        Policy::Pairing if approved => admitted(),
        Policy::Pairing => Verdict::Challenge,
        Policy::Open | Policy::Allowlist => Verdict::Block,
    }
}

/// Whether [`admit`] looks at `approved` at all. If not, the store need not be asked.
pub fn needs_approval(policy: Policy, allow_from: &AllowFrom, sender: &Sender) -> bool {
    policy == Policy::Pairing && !is_listed(allow_from, sender)
}

fn is_listed(allow_from: &AllowFrom, sender: &Sender) -> bool {
    sender.ids().any(|id| allow_from.contains(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config, identity::SenderKind};

    fn bot_user(id: &str) -> Sender {
        Sender {
            id: SenderId::new(SenderKind::BotUserKey, id).unwrap(),
            aliases: Vec::new(),
        }
    }

    fn verdict(policy: &str, allow_from: &str, sender: &Sender, approved: bool) -> &'static str {
        let document = format!(
            r#"{{ channels: {{ kakao: {{ enabled: true, dmPolicy: "{policy}", allowFrom: {allow_from} }} }} }}"#
        );
        let config = config::load(&document, &|_| None).unwrap().config;
        let (account, _) = config.kakao().next().unwrap();
        match admit(account.policy, &account.allow_from, sender, approved) {
            Verdict::Admit(_) => "admit",
            Verdict::Challenge => "challenge",
            Verdict::Block => "block",
        }
    }

    #[test]
    fn f47_the_policies_decide_as_documented() {
        let alice = bot_user("alice");
        for (policy, allow_from, approved, expected) in [
            ("pairing", "[]", false, "challenge"),
            ("pairing", "[]", true, "admit"),
            ("pairing", r#"["alice"]"#, false, "admit"),
            ("pairing", r#"["*"]"#, false, "challenge"),
            ("allowlist", "[]", false, "block"),
            ("allowlist", "[]", true, "block"),
            ("allowlist", r#"["bob"]"#, true, "block"),
            ("allowlist", r#"["*"]"#, false, "block"),
            ("allowlist", r#"["kakao:alice"]"#, false, "admit"),
            ("open", "[]", true, "block"),
            ("open", r#"["bob"]"#, false, "block"),
            ("open", r#"["alice"]"#, false, "admit"),
            ("open", r#"["*"]"#, false, "admit"),
            ("disabled", r#"["*", "alice"]"#, true, "block"),
        ] {
            assert_eq!(
                verdict(policy, allow_from, &alice, approved),
                expected,
                "{policy} {allow_from} approved={approved}"
            );
        }
    }

    #[test]
    fn f49_the_same_letters_under_another_kind_are_another_sender() {
        let room = Sender {
            id: SenderId::new(SenderKind::BotGroupKey, "alice").unwrap(),
            aliases: Vec::new(),
        };
        assert_eq!(verdict("allowlist", r#"["alice"]"#, &room, false), "block");
        assert_eq!(
            verdict("allowlist", r#"["botGroupKey:alice"]"#, &room, false),
            "admit"
        );
        assert_eq!(
            verdict(
                "allowlist",
                r#"["appUserId:alice"]"#,
                &bot_user("alice"),
                false
            ),
            "block"
        );
    }

    #[test]
    fn an_alias_the_platform_vouches_for_counts() {
        let mut alice = bot_user("alice");
        alice
            .aliases
            .extend(SenderId::new(SenderKind::AppUserId, "3700112233"));
        assert_eq!(
            verdict("allowlist", r#"["appUserId:3700112233"]"#, &alice, false),
            "admit"
        );
    }
}
