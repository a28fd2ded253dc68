//! What `openclaw` and `openai-chat` share: the request body of the chat completions endpoint, and
//! how the text is read from its responses (openclaw.md §1.2).

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::{
    AgentError, Picture, Question,
    broken::Broken,
    picture::DataUri,
    wording::{Progress, Text, Wording},
};

/// Path of the endpoint below its base address.
pub const PATH: &[&str] = &["chat", "completions"];

/// The request body: everything about the person and the message that leaves (F-124).
#[derive(Serialize)]
pub struct Body<'a> {
    pub model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<&'a str>,
    pub stream: bool,
    pub messages: Vec<ChatMessage<'a>>,
}

#[derive(Serialize)]
pub struct ChatMessage<'a> {
    role: &'static str,
    content: Content<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Text(Cow<'a, str>),
    Parts(Vec<Part<'a>>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Part<'a> {
    Text { text: String },
    ImageUrl { image_url: ImageUrl<'a> },
}

#[derive(Serialize)]
struct ImageUrl<'a> {
    url: DataUri<'a>,
}

impl<'a> ChatMessage<'a> {
    pub fn by_system(content: &'a str) -> Self {
        Self::text("system", content)
    }

    pub fn by_user(content: &'a str) -> Self {
        Self::text("user", content)
    }

    pub fn by_assistant(content: &'a str) -> Self {
        Self::text("assistant", content)
    }

    /// The message of this turn, with the pictures that the endpoint takes. Its text says that
    /// `missing` more of its pictures are left out.
    pub fn now(question: &Question<'_>, pictures: &[&'a Picture], missing: usize) -> Self {
        let text = question.message.in_words(missing);
        if pictures.is_empty() {
            return Self::text("user", text);
        }
        let images = pictures.iter().map(|picture| Part::ImageUrl {
            image_url: ImageUrl {
                url: DataUri(picture),
            },
        });
        Self {
            role: "user",
            content: Content::Parts([Part::Text { text }].into_iter().chain(images).collect()),
        }
    }

    fn text(role: &'static str, content: impl Into<Cow<'a, str>>) -> Self {
        Self {
            role,
            content: Content::Text(content.into()),
        }
    }
}

/// Reads the text of the first choice.
pub struct Completion;

impl Wording for Completion {
    fn event(event: &Value, text: &mut Text) -> Result<Progress, Broken> {
        let Some(choice) = choice(event) else {
            return Ok(Progress::Open);
        };
        push(choice, ["delta", "message"], text);
        Ok(if note_end(choice, text) {
            Progress::Finished
        } else {
            Progress::Open
        })
    }

    fn whole(body: &Value, text: &mut Text) -> Result<(), Broken> {
        let choice = choice(body).ok_or(AgentError::Unreadable)?;
        if !push(choice, ["message", "delta"], text) {
            return Err(AgentError::Unreadable.into());
        }
        note_end(choice, text);
        Ok(())
    }
}

fn choice(body: &Value) -> Option<&Value> {
    let choices = body.get("choices")?.as_array()?;
    let is_first = |choice: &&Value| {
        let index = choice.get("index").and_then(Value::as_u64);
        index.unwrap_or_default() == 0
    };
    choices.iter().find(is_first)
}

/// Whether the choice says that it is complete. Notes what kept it from saying more.
fn note_end(choice: &Value, text: &mut Text) -> bool {
    let reason = choice.get("finish_reason").and_then(Value::as_str);
    match reason.unwrap_or_default().to_ascii_lowercase().as_str() {
        "length" | "max_tokens" | "model_length" => text.break_off(),
        "content_filter" | "safety" => text.stop_by_filter(),
        _ => {}
    }
    reason.is_some()
}

/// Adds what the choice says, under the first of the names that it has: content, and the words of
/// a refusal. False if it has none of them.
fn push(choice: &Value, names: [&str; 2], text: &mut Text) -> bool {
    let said = names.iter().filter_map(|name| choice.get(name));
    let Some(said) = said.into_iter().find(|said| said.is_object()) else {
        return false;
    };
    for name in ["content", "refusal"] {
        push_content(said.get(name), text);
    }
    true
}

/// Adds `content` to `text`: a string, or a list of text and picture parts. Parts of another type
/// are thoughts and the like.
fn push_content(content: Option<&Value>, text: &mut Text) {
    match content {
        Some(Value::String(part)) => text.push(part),
        Some(Value::Array(parts)) => {
            for part in parts {
                let words = |name| part.get(name).and_then(Value::as_str);
                let picture = part.pointer("/image_url/url").and_then(Value::as_str);
                match words("type") {
                    None | Some("text" | "output_text") => {
                        text.push(words("text").unwrap_or_default());
                    }
                    Some("refusal") => text.push(words("refusal").unwrap_or_default()),
                    _ => {}
                }
                if let Some(url) = picture.filter(|url| url.starts_with("http")) {
                    text.push(&format!("\n\n![](<{url}>)\n\n"));
                }
            }
        }
        _ => {}
    }
}
