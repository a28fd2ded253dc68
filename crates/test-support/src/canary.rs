//! Canaries: secrets and words of people that must never appear in a log, a queue or a table, in
//! any encoding (F-79). `Cloud` looks for them at the end of every test.

use std::{fmt::Write, sync::Mutex};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use shared::keys::hex;

use crate::keys;

pub const SKILL_KEY: &str = "canary-skill-key-7d1f0c55a2";
pub const AGENT_TOKEN: &str = "canary-agent-token-51b7e9";
/// Every question of a test contains it.
pub const QUESTION: &str = "카나리아질문";
/// Every answer of an agent contains it.
pub const ANSWER: &str = "카나리아답변";

/// The canaries of one test: the known ones, and those that the test adds.
pub struct Canaries(Mutex<Vec<String>>);

impl Default for Canaries {
    fn default() -> Self {
        let known = [
            SKILL_KEY,
            AGENT_TOKEN,
            keys::DIGEST,
            keys::SEALING,
            QUESTION,
            ANSWER,
        ];
        Self(Mutex::new(known.map(str::to_owned).to_vec()))
    }
}

impl Canaries {
    pub fn add(&self, canary: &str) {
        // A shorter one would be found by chance.
        assert!(canary.len() >= 8, "{canary}");
        self.0.lock().unwrap().push(canary.to_owned());
    }

    /// The first canary that the text contains, in whatever encoding.
    pub fn find(&self, text: &str) -> Option<String> {
        let canaries = self.0.lock().unwrap();
        let found = canaries
            .iter()
            .find(|canary| spellings(canary).iter().any(|it| text.contains(it)));
        found.cloned()
    }
}

/// The canary as it is, with JSON's escapes, URL-encoded, in hexadecimal, and as it would look
/// inside a longer text in base64.
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
    // Base64 works on groups of three bytes. Where they begin depends on what stands before the
    // canary, so all three positions are tried; the letters at both ends depend on the neighbours
    // and are cut off.
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
