//! What `dari config push` stores: the document with its variables filled in and with keys, checked
//! as the functions will read it.

use serde_json::Value;
use shared::{
    config::{self, Config, Env, Loaded, Problems},
    keys::Keys,
};

use crate::folder;

/// The longest value that Secrets Manager holds, in bytes.
const MAX_BYTES: usize = 65_536;

/// A document ready to be stored.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) text: String,
    pub(crate) loaded: Loaded,
    pub(crate) keys: KeysFrom,
    /// Whether it differs from what is stored.
    pub(crate) is_new: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
/// Where the keys of a document come from.
pub(crate) enum KeysFrom {
    Document,
    Stored,
    Made,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{0}")]
    Problems(#[from] Problems),
    #[error(
        "what is stored cannot be read, and so neither its keys ({0}): see `dari config pull`; --drop-old-keys stores over it"
    )]
    StoredUnreadable(Problems),
    #[error(
        "keys.digest is another one than the stored: every approval and conversation would be lost; take over the stored one, or leave `keys` out"
    )]
    OtherDigest,
    #[error(
        "it lacks sealing keys that are stored, or has others in their place: {}; what they sealed could not be read any more. Add them, or leave `keys` out; --drop-old-keys does without them",
        .0.iter().map(|version| format!("{version:?}")).collect::<Vec<_>>().join(", ")
    )]
    LacksKeys(Vec<String>),
    #[error("it is {0} bytes long as it would be stored; a secret holds {MAX_BYTES}")]
    TooLong(usize),
    #[error("no keys could be made: {0}")]
    NoKeys(anyhow::Error),
}

/// Prepares `text` to replace `stored`. Keys that are stored must stay, unless `drop_old_keys`; the
/// digest key must stay even then.
pub(crate) fn prepare(
    text: &str,
    env: Env<'_>,
    stored: Option<&str>,
    drop_old_keys: bool,
) -> Result<Ready, Refusal> {
    // This reports every problem at once, unset variables included.
    config::load(text, env)?;
    let mut document = config::standalone(text, env)?;
    let stored_keys = match stored.map(config::keys_of) {
        None => None,
        Some(Ok(keys)) => keys,
        Some(Err(_)) if drop_old_keys => None,
        Some(Err(problems)) => return Err(Refusal::StoredUnreadable(problems)),
    };
    let keys = add_keys(&mut document, stored_keys.as_ref().map(|(keys, _)| keys))?;
    let text = format!("{document:#}");
    // A function loads it like this: without any environment.
    let loaded = config::load(&text, &|_| None)?;
    if let (Some((_, old)), Some(new)) = (&stored_keys, &loaded.config.keys) {
        compare(old, new, drop_old_keys)?;
    }
    if text.len() > MAX_BYTES {
        return Err(Refusal::TooLong(text.len()));
    }
    let stored = stored.and_then(|stored| config::standalone(stored, &|_| None).ok());
    Ok(Ready {
        text,
        loaded,
        keys,
        is_new: stored.is_none_or(|stored| stored != document),
    })
}

/// The reasons why a configuration would answer nobody: its owner hardly wants that.
pub(crate) fn silent(config: &Config) -> Vec<String> {
    let mut enabled = config
        .kakao()
        .filter(|(account, _)| account.enabled)
        .peekable();
    if enabled.peek().is_none() {
        return vec![
            "no account of channels.kakao is enabled, so nobody would be answered".to_owned(),
        ];
    }
    enabled
        .filter(|(_, kakao)| kakao.skill.keys.candidates().next().is_none())
        .map(|(account, _)| {
            let id = account.id();
            format!("the account {id} has no skillKey of 24 characters or more, so it would refuse every message")
        })
        .collect()
}

fn add_keys(document: &mut Value, stored: Option<&Value>) -> Result<KeysFrom, Refusal> {
    let Some(settings) = document.as_object_mut() else {
        return Ok(KeysFrom::Document);
    };
    if settings.get("keys").is_some_and(|keys| !keys.is_null()) {
        return Ok(KeysFrom::Document);
    }
    let (keys, from) = match stored {
        Some(keys) => (keys.clone(), KeysFrom::Stored),
        None => (
            folder::fresh_keys().map_err(Refusal::NoKeys)?,
            KeysFrom::Made,
        ),
    };
    settings.insert("keys".to_owned(), keys);
    Ok(from)
}

fn compare(old: &Keys, new: &Keys, drop_old_keys: bool) -> Result<(), Refusal> {
    if old.digest() != new.digest() {
        return Err(Refusal::OtherDigest);
    }
    let lacking: Vec<_> = old
        .versions()
        .filter(|version| old.get(*version) != new.get(*version))
        .map(|version| version.to_string())
        .collect();
    if lacking.is_empty() || drop_old_keys {
        Ok(())
    } else {
        Err(Refusal::LacksKeys(lacking))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    const B: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";
    const C: &str = "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8";

    fn keys(digest: &str, sealing: &str) -> String {
        format!("keys: {{ digest: '{digest}', sealing: {{ {sealing} }} }}")
    }

    fn document(rest: &str) -> String {
        format!(
            "// A comment\n{{ channels: {{ kakao: {{ skillKey: '${{KEY}}' }} }}, agents: {{ main: {{ kind: 'echo' }} }}, {rest} }}"
        )
    }

    fn env(name: &str) -> Option<String> {
        (name == "KEY").then(|| "with-a-${brace}-0123456789".to_owned())
    }

    fn push(text: &str, stored: Option<&str>) -> Result<Ready, String> {
        prepare(text, &env, stored, false).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn variables_are_filled_in_and_what_is_stored_stands_alone() {
        let ready = push(&document(&keys(A, &format!("'1': '{B}'"))), None).unwrap();
        assert_eq!(ready.keys, KeysFrom::Document);
        let stored: Value = serde_json::from_str(&ready.text).unwrap();
        assert_eq!(
            stored.pointer("/channels/kakao/skillKey").unwrap(),
            "with-a-$${brace}-0123456789"
        );
        let loaded = config::load(&ready.text, &|_| None).unwrap();
        let (_, kakao) = loaded.config.kakao().next().unwrap();
        let key = kakao.skill.keys.candidates().next().unwrap();
        assert_eq!(
            secrecy::ExposeSecret::expose_secret(key),
            "with-a-${brace}-0123456789"
        );
        // Pulling and pushing again changes nothing.
        let again = prepare(&ready.text, &|_| None, Some(&ready.text), false).unwrap();
        assert!(!again.is_new);
        assert_eq!(again.text, ready.text);
    }

    #[test]
    fn every_problem_is_said_at_once() {
        let problems = push(
            "{ channels: { kakao: { skillKey: '${GONE}', dmPolicy: 'paring' } } }",
            None,
        );
        assert_eq!(
            problems.unwrap_err(),
            "channels.kakao.dmPolicy: must be one of pairing, allowlist, open, disabled; did you mean \"pairing\"?\n\
             channels.kakao.skillKey: not set in the environment: GONE"
        );
    }

    #[test]
    fn stored_keys_are_kept_and_fresh_ones_made_if_there_are_none() {
        let made = push(&document(""), None).unwrap();
        assert_eq!((made.keys, made.is_new), (KeysFrom::Made, true));
        let kept = push(&document("keys: null"), Some(&made.text)).unwrap();
        assert_eq!((kept.keys, kept.is_new), (KeysFrom::Stored, false));
        assert_eq!(kept.text, made.text);
        // A stored document without keys, as somebody may have typed it into the console.
        let made = push(&document(""), Some("{ /* by hand */ }")).unwrap();
        assert_eq!((made.keys, made.is_new), (KeysFrom::Made, true));
        // The stored keys count even if the rest of what is stored is invalid.
        let stored = format!(
            "{{ channels: {{ kakaro: 1 }}, {} }}",
            keys(A, &format!("'3': '{B}'"))
        );
        let kept = push(&document(""), Some(&stored)).unwrap();
        assert_eq!(kept.keys, KeysFrom::Stored);
        assert_eq!(kept.loaded.config.keys.unwrap().newest().0, 3);
    }

    #[test]
    fn another_digest_key_is_refused_whatever_is_asked_for() {
        let stored = document(&keys(A, &format!("'1': '{B}'"))).replace("${KEY}", "");
        let other = document(&keys(C, &format!("'1': '{B}'")));
        assert!(
            push(&other, Some(&stored))
                .unwrap_err()
                .starts_with("keys.digest is another")
        );
        assert!(matches!(
            prepare(&other, &env, Some(&stored), true),
            Err(Refusal::OtherDigest)
        ));
    }

    #[test]
    fn sealing_keys_are_not_dropped_unless_asked() {
        let stored = document(&keys(A, &format!("'1': '{A}', '2': '{B}', '10': '{C}'")))
            .replace("${KEY}", "");
        let fewer = document(&keys(A, &format!("'2': '{C}', '10': '{C}'")));
        let refused = push(&fewer, Some(&stored)).unwrap_err();
        assert!(
            refused.contains(r#"in their place: "1", "2"; what"#),
            "{refused}"
        );
        assert!(prepare(&fewer, &env, Some(&stored), true).unwrap().is_new);
        let more = document(&keys(
            A,
            &format!("'1': '{A}', '2': '{B}', '10': '{C}', '11': '{A}'"),
        ));
        assert!(push(&more, Some(&stored)).is_ok());
    }

    #[test]
    fn what_cannot_be_read_is_not_stored_over_unless_asked() {
        for stored in [
            "",
            "not a document",
            "{ keys: { digest: 'x' } }",
            "{ keys: '${K}' }",
        ] {
            let refused = push(&document(""), Some(stored)).unwrap_err();
            assert!(
                refused.starts_with("what is stored cannot be read"),
                "{refused}"
            );
            let ready = prepare(&document(""), &env, Some(stored), true).unwrap();
            assert_eq!((ready.keys, ready.is_new), (KeysFrom::Made, true));
        }
    }

    #[test]
    fn a_secret_holds_64_kib() {
        let named = |length: usize| {
            document(&format!(
                "routing: {{ bindings: [] }}, $schema: '{}', {}",
                "다".repeat(length / 3) + &"x".repeat(length % 3),
                keys(A, &format!("'1': '{B}'"))
            ))
        };
        let without = push(&named(0), None).unwrap().text.len();
        let room = MAX_BYTES - without;
        assert_eq!(push(&named(room), None).unwrap().text.len(), MAX_BYTES);
        assert_eq!(
            push(&named(room + 1), None).unwrap_err(),
            "it is 65537 bytes long as it would be stored; a secret holds 65536"
        );
    }

    #[test]
    fn a_configuration_that_would_answer_nobody_says_so() {
        let silent =
            |document: &str| silent(&config::load(document, &|_| None).unwrap().config).join("; ");
        assert!(silent("{}").contains("no account"));
        let short = r#"{ channels: { kakao: { skillKey: "short" } } }"#;
        assert!(silent(short).contains("the account default has no skillKey"));
        let good = r#"{ channels: { kakao: { skillKey: "0123456789abcdef01234567" } } }"#;
        assert_eq!(silent(good), "");
    }
}
