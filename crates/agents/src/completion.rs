//! What `openclaw` and `openai-chat` share: the request body of the chat completions endpoint, and
//! how the text is read from its responses (openclaw.md §1.2).

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::{
    AgentError, Picture, Question,
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
    fn event(event: &Value, text: &mut Text) -> Result<Progress, AgentError> {
        let choice = choice(event);
        let delta = choice.and_then(|choice| choice.get("delta"));
        push(text, delta.and_then(|delta| delta.get("content")));
        let reason = choice.and_then(|choice| choice.get("finish_reason"));
        Ok(if reason.is_some_and(Value::is_string) {
            Progress::Finished
        } else {
            Progress::Open
        })
    }

    fn whole(body: &Value, text: &mut Text) -> Result<(), AgentError> {
        let message = choice(body)
            .and_then(|choice| choice.get("message"))
            .ok_or(AgentError::Unreadable)?;
        push(text, message.get("content"));
        Ok(())
    }
}

fn choice(body: &Value) -> Option<&Value> {
    let choices = body.get("choices")?.as_array()?;
    choices
        .iter()
        .find(|choice| choice.get("index").is_none_or(|index| index == 0))
}

/// Adds `content` to `text`: a string, or a list of text and picture parts.
fn push(text: &mut Text, content: Option<&Value>) {
    match content {
        Some(Value::String(part)) => text.push(part),
        Some(Value::Array(parts)) => {
            for part in parts {
                let picture = part.pointer("/image_url/url").and_then(Value::as_str);
                if let Some(words) = part.get("text").and_then(Value::as_str) {
                    text.push(words);
                } else if let Some(url) = picture.filter(|url| url.starts_with("http")) {
                    text.push(&format!("\n\n![](<{url}>)\n\n"));
                }
            }
        }
        _ => {}
    }
}
