//! What a live check of an agent finds, as `dari agents test` prints it, and how endpoints list
//! their models.

use serde::Serialize;
use serde_json::Value;

/// Parts of the names of models that do not chat.
const NOT_FOR_CHAT: [&str; 11] = [
    "embed",
    "rerank",
    "whisper",
    "tts-",
    "dall-e",
    "moderation",
    "transcribe",
    "bge-",
    "gte-",
    "e5-",
    "clip-",
];

/// What a live check of an agent found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProbeReport {
    /// The model or agent that would be asked.
    pub target: String,
    /// Whether the endpoint lists the target. Some endpoints answer for more than they list.
    pub listed: bool,
    /// All that the endpoint lists; empty for an agent without a list.
    pub models: Vec<String>,
    /// The HTTP status that an agent without a list answered; `None` for one that has a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

impl ProbeReport {
    pub(crate) fn of_list(target: &str, models: Vec<String>) -> Self {
        Self {
            target: target.to_owned(),
            listed: models.iter().any(|model| bare(model) == bare(target)),
            models,
            status: None,
        }
    }

    /// The first listed model that can answer a question, as far as its name tells.
    pub fn first_for_chat(&self) -> Option<&str> {
        let chats = |model: &&String| {
            let name = model.to_lowercase();
            !NOT_FOR_CHAT.iter().any(|part| name.contains(part))
        };
        let mut models = self.models.iter();
        models
            .find(chats)
            .or(self.models.first())
            .map(String::as_str)
    }
}

/// A model's name as it may also be asked for: without `models/` before it and `:latest` behind.
fn bare(model: &str) -> &str {
    let model = model.strip_prefix("models/").unwrap_or(model);
    model.strip_suffix(":latest").unwrap_or(model)
}

/// The names in a list of models: in `data`, in `models`, or a list alone.
pub fn models_in(body: &Value) -> Option<Vec<String>> {
    let lists = [body.get("data"), body.get("models"), Some(body)];
    let list = lists.into_iter().flatten().find_map(Value::as_array)?;
    let name = |model: &Value| {
        let mut names = ["id", "model", "name"].iter();
        let name = model.as_str();
        let name = name.or_else(|| names.find_map(|name| model.get(name)?.as_str()));
        name.map(str::to_owned)
    };
    Some(list.iter().filter_map(name).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_is_read_in_every_form() {
        for list in [
            json!({"object": "list", "data": [{"id": "small", "object": "model"}]}),
            json!([{"id": "small"}]),
            json!({"models": [{"name": "small", "model": "small"}]}),
            json!(["small"]),
        ] {
            assert_eq!(models_in(&list), Some(vec!["small".to_owned()]), "{list}");
        }
        assert_eq!(models_in(&json!({"error": "Unexpected endpoint"})), None);
    }

    #[test]
    fn a_model_is_found_under_its_other_names() {
        for (listed, target, found) in [
            ("small", "small", true),
            ("small:latest", "small", true),
            ("small", "small:latest", true),
            ("models/small", "small", true),
            ("small:7b", "small", false),
            ("smaller", "small", false),
        ] {
            let report = ProbeReport::of_list(target, vec![listed.to_owned()]);
            assert_eq!(report.listed, found, "{listed} {target}");
        }
    }

    #[test]
    fn a_model_that_cannot_chat_is_not_taken() {
        for (models, first) in [
            (
                &[
                    "text-embedding-nomic-embed-text-v1.5",
                    "qwen2.5-7b-instruct",
                ][..],
                Some("qwen2.5-7b-instruct"),
            ),
            (&["whisper-1", "TTS-1", "small"], Some("small")),
            (&["bge-m3"], Some("bge-m3")),
            (&[], None),
        ] {
            let models = models.iter().map(|&model| model.to_owned()).collect();
            assert_eq!(ProbeReport::of_list("", models).first_for_chat(), first);
        }
    }
}
