//! What must never be seen in a log, a queue or a table, in any spelling (F-79).

use std::{fmt::Write, sync::Mutex};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use shared::keys::hex;

pub const SKILL_KEY: &str = "canary-skill-key-7d1f0c55a2";
pub const AGENT_TOKEN: &str = "canary-agent-token-51b7e9";
pub const DIGEST_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
pub const SEALING_KEY: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";
/// In what people say.
pub const QUESTION: &str = "카나리아질문";
/// In what agents say.
pub const ANSWER: &str = "카나리아답변";

pub struct Canaries(Mutex<Vec<String>>);

impl Default for Canaries {
    fn default() -> Self {
        let known = [
            SKILL_KEY,
            AGENT_TOKEN,
            DIGEST_KEY,
            SEALING_KEY,
            QUESTION,
            ANSWER,
        ];
        Self(Mutex::new(known.map(str::to_owned).to_vec()))
    }
}

impl Canaries {
    pub fn add(&self, canary: &str) {
        // Shorter ones would be found by chance.
        assert!(canary.len() >= 8, "{canary}");
        self.0.lock().unwrap().push(canary.to_owned());
    }

    /// The first canary that the text holds, however it is spelt.
    pub fn find(&self, text: &str) -> Option<String> {
        let canaries = self.0.lock().unwrap();
        let found = canaries
            .iter()
            .find(|canary| spellings(canary).iter().any(|it| text.contains(it)));
        found.cloned()
    }
}

/// As it is, in JSON's escapes, in a URL, in hexadecimal, and within anything in base64.
fn spellings(canary: &str) -> Vec<String> {
    let mut escaped = String::new();
    for unit in canary.encode_utf16() {
        match u8::try_from(unit) {
            Ok(ascii) if ascii.is_ascii() => escaped.push(char::from(ascii)),
            _ => write!(escaped, "\\u{unit:04x}").unwrap(),
        }
    }
    let percent: String = url::form_urlencoded::byte_serialize(canary.as_bytes()).collect();
    let hex = hex(canary.as_bytes());
    let mut spellings = vec![
        canary.to_owned(),
        escaped,
        percent.to_lowercase(),
        percent,
        hex.to_uppercase(),
        hex,
    ];
    // What surrounds it decides where its groups of three bytes begin; the letters at both ends
    // depend on the neighbours.
    for before in 0..3 {
        let bytes = ["xx".as_bytes().get(..before).unwrap(), canary.as_bytes()].concat();
        for encoded in [
            STANDARD_NO_PAD.encode(&bytes),
            URL_SAFE_NO_PAD.encode(&bytes),
        ] {
            let inner = encoded.len() - 2;
            spellings.push(encoded.get(4..inner).unwrap().to_owned());
        }
    }
    spellings
}

#[test]
fn f79_a_canary_is_found_in_every_spelling_and_place() {
    let canaries = Canaries::default();
    canaries.add("https://bot-api.example/callback?t=1");
    assert_eq!(canaries.find("nothing of the kind"), None);
    for canary in [QUESTION, SKILL_KEY, "https://bot-api.example/callback?t=1"] {
        let found = |text: &str| assert_eq!(canaries.find(text).as_deref(), Some(canary), "{text}");
        found(&format!("a {canary} b"));
        found(&serde_json::to_string(&format!("{{\"a\":\"{canary}\"}}")).unwrap());
        for before in ["", "1", "12", "123"] {
            let around = format!("{before}{canary} and more");
            found(&STANDARD_NO_PAD.encode(&around));
            found(&URL_SAFE_NO_PAD.encode(&around));
            found(&hex(around.as_bytes()));
        }
        let query = url::form_urlencoded::byte_serialize(canary.as_bytes());
        found(&query.collect::<String>());
    }
}
