//! What an endpoint says about an error: whom it concerns, and its words, cleaned for a log.

use std::fmt;

use serde_json::Value;

use super::{AgentError, json};

/// Longest text shown, in characters.
const MAX_SHOWN: usize = 200;

/// Longest text looked at, in bytes.
const MAX_READ: usize = 4096;

/// A piece of that many characters is recognised as the person's words.
const RECOGNISED: usize = 8;

/// Letters and digits in a row that are taken for a key.
const KEY: usize = 20;

/// How keys begin that may be shorter or have gaps.
const KEY_PREFIXES: [&str; 9] = [
    "sk-", "sk_", "pk-", "rk-", "ghp_", "xoxb-", "AIza", "eyJ", "whsec_",
];

/// What providers say, in lower case, when a conversation is more than a model takes.
const TOO_LONG: [&str; 18] = [
    "context_length",
    "context length",
    "context_window",
    "context window",
    "context size",
    "context_size",
    "context overflow",
    "context limit",
    "prompt is too long",
    "prompt too long",
    "input is too long",
    "input too long",
    "input length",
    "too many tokens",
    "request too large",
    "string_above_max_length",
    "reduce the length of",
    "maximum number of input tokens",
];

/// What they say when a filter stops a question or an answer.
const FILTERED: [&str; 14] = [
    "content_filter",
    "content filter",
    "contentfilter",
    "content_policy",
    "content policy",
    "content management policy",
    "responsibleaipolicy",
    "data_inspection_failed",
    "inappropriate content",
    "content exists risk",
    "safety system",
    "moderation",
    "prohibited_content",
    "usage policies",
];

/// What an endpoint says about an error. `Debug` leaves it out: it may quote a person or a key.
pub struct Complaint {
    words: String,
    /// Words, code and type in lower case, to look for what they mean.
    meaning: String,
    /// The HTTP status that the error names.
    status: Option<u16>,
}

impl fmt::Debug for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Complaint(…)")
    }
}

impl Complaint {
    /// The complaint in the body of an error response; a page says nothing that helps.
    pub fn in_body(body: &[u8]) -> Option<Self> {
        let Some(body) = json::read(body) else {
            let text = String::from_utf8_lossy(body);
            let text = text.trim();
            let says = !text.is_empty() && !text.starts_with('<');
            return says.then(|| Self::of(&Value::from(text)));
        };
        Some(Self::of(in_response(&body).unwrap_or(&body)))
    }

    /// `error` is a text, or an object in one of the forms that are in use.
    pub fn of(error: &Value) -> Self {
        let at = |path: &str| error.pointer(path).and_then(Value::as_str);
        let says = |paths: &[&str]| {
            let said = paths.iter().filter_map(|path| at(path));
            said.map(str::trim).find(|said| !said.is_empty())
        };
        let codes = says(&["/code"]).into_iter().chain(says(&["/type"]));
        let codes = codes
            .chain(says(&["/innererror/code"]))
            .chain(says(&["/status"]));
        let codes = codes.collect::<Vec<_>>().join(" ");
        let words = error.as_str().or_else(|| {
            says(&[
                "/message",
                "/msg",
                "/detail",
                "/detail/0/msg",
                "/detail/message",
                "/error_description",
                "/errors/0/message",
                "/error/message",
                "/error",
                "/title",
            ])
        });
        let words = words.unwrap_or(&codes);
        let words = words.get(..words.floor_char_boundary(MAX_READ));
        let words = words.unwrap_or_default().to_owned();
        let status = [error.get("code"), error.get("status")]
            .into_iter()
            .flatten()
            .filter_map(Value::as_u64)
            .find(|status| (400..600).contains(status));
        Self {
            meaning: format!("{words} {codes}").to_lowercase(),
            words,
            status: status.and_then(|status| u16::try_from(status).ok()),
        }
    }

    /// Whether it is what an `OpenClaw` gateway says of an error of its own (openclaw.md §1.2).
    pub fn is_internal(&self) -> bool {
        self.words == "internal error"
    }

    /// Which error it is; `status` is that of the response, or `None` if the response was a good
    /// one and had the error inside.
    pub fn error(complaint: Option<&Self>, status: Option<u16>) -> AgentError {
        let means = |words: &[&str]| {
            let meaning = complaint.map_or("", |complaint| complaint.meaning.as_str());
            words.iter().any(|word| meaning.contains(word))
        };
        let status = status.or_else(|| complaint?.status);
        match status {
            Some(413) => AgentError::MessageTooLong,
            None | Some(400 | 403 | 422 | 429 | 451 | 500..) if means(&TOO_LONG) => {
                AgentError::ConversationTooLong
            }
            None | Some(400 | 403 | 422 | 451 | 500..) if means(&FILTERED) => AgentError::Filtered,
            Some(401 | 403) => AgentError::Unauthorized,
            None if means(&["invalid_api_key", "authentication_error"]) => AgentError::Unauthorized,
            Some(status) => AgentError::Rejected { status },
            None => AgentError::Failed,
        }
    }

    /// The words, fit for a log: in one line, short, without keys, `secrets` and anything that was
    /// `told` to the agent.
    pub fn cleaned(&self, secrets: &[&str], told: &[&str]) -> String {
        let mut words = self.words.clone();
        for secret in secrets.iter().filter(|secret| secret.len() > 3) {
            words = words.replace(secret, "…");
        }
        let words = without_told(&words, told);
        let plain = words.replace(|c: char| c.is_control(), " ");
        let words: Vec<_> = plain.split_whitespace().map(without_keys).collect();
        let mut words = words.join(" ").replace("……", "…");
        if let Some((end, _)) = words.char_indices().nth(MAX_SHOWN - 1)
            && words.chars().count() > MAX_SHOWN
        {
            words.truncate(end);
            words.push('…');
        }
        words
    }
}

/// The error in a response that is good otherwise, if there is one that says anything.
pub fn in_response(body: &Value) -> Option<&Value> {
    let is_error = |name| body.get(name).and_then(Value::as_str) == Some("error");
    match body.get("error").filter(|error| !is_blank(error)) {
        None => (is_error("object") || is_error("type")).then_some(body),
        error => error,
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(is) => !is,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.trim().is_empty(),
        Value::Array(values) => values.iter().all(is_blank),
        Value::Object(fields) => fields.values().all(is_blank),
    }
}

/// `words` with "…" for every piece that stands in one of the texts.
fn without_told(words: &str, told: &[&str]) -> String {
    let mut hidden = vec![false; words.len()];
    let mut hide = |start: usize, end: usize| {
        if let Some(bytes) = hidden.get_mut(start..end) {
            bytes.fill(true);
        }
    };
    let ends = || words.char_indices().map(|(at, _)| at).chain([words.len()]);
    for (start, end) in ends().zip(ends().skip(RECOGNISED)) {
        let piece = words.get(start..end).unwrap_or_default();
        if told.iter().any(|text| text.contains(piece)) {
            hide(start, end);
        }
    }
    // A text that is shorter than such a piece, such as a name.
    for text in told.iter().map(|text| text.trim()) {
        if text.len() > 3 && text.chars().count() < RECOGNISED {
            for (start, found) in words.match_indices(text) {
                hide(start, start + found.len());
            }
        }
    }
    let mut shown = String::with_capacity(words.len());
    for (at, c) in words.char_indices() {
        match hidden.get(at) {
            Some(true) if shown.ends_with('…') => {}
            Some(true) => shown.push('…'),
            _ => shown.push(c),
        }
    }
    shown
}

/// `word` with "…" for a key in it, and for the query of an address.
fn without_keys(word: &str) -> String {
    if let Some((address, _)) = word.split_once('?').filter(|(it, _)| it.contains("://")) {
        return format!("{}?…", without_keys(address));
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*' | '.' | '+');
    let mut shown = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(c) = rest.chars().next() {
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end.max(c.len_utf8()));
        shown.push_str(if is_key(part) { "…" } else { part });
        rest = after;
    }
    shown
}

fn is_key(part: &str) -> bool {
    let begins = |prefix: &str| part.starts_with(prefix) && part.len() > prefix.len() + 4;
    let mut pieces = part.split(|c: char| !c.is_ascii_alphanumeric());
    // A key that the endpoint itself has masked, or that looks like a UUID.
    let is_uuid = part.len() == 36 && part.matches('-').count() == 4;
    KEY_PREFIXES.into_iter().any(begins)
        || part.contains("**")
        || is_uuid
        || pieces.any(|piece| piece.len() >= KEY)
}

#[cfg(test)]
mod tests;
