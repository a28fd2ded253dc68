//! Any endpoint that speaks `OpenAI`'s responses. We ask it to store nothing, so the last turns are
//! sent with every question. An `OpenClaw` gateway has such an endpoint too, and takes pictures in
//! a form of its own (openclaw.md §1.3). A gateway is recognised by the configured model, which
//! names an agent.

use std::borrow::Cow;

use outside::Http;
use serde::Serialize;
use serde_json::{Value, json};
use shared::config::OpenAi;

use super::{
    AgentError, Picture, ProbeReport, Question,
    broken::Broken,
    endpoint::{self, Endpoint},
    openclaw,
    picture::{self, Base64, DataUri},
    wording::{self, Progress, Text, Wording},
};

const PATH: &[&str] = &["responses"];

pub struct OpenAiResponses {
    endpoint: Endpoint,
    settings: OpenAi,
}

/// The request body: everything about the person and the message that leaves (F-124).
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<&'a str>,
    stream: bool,
    store: bool,
    input: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    /// Optional for `OpenAI`, required by `OpenClaw`.
    r#type: &'static str,
    role: &'static str,
    content: Content<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Text(Cow<'a, str>),
    Parts(Vec<Part<'a>>),
}

/// `OpenAI` takes a picture as `image_url` only, `OpenClaw` as `source` only; both refuse a part
/// with a field they do not know.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Part<'a> {
    InputText {
        text: String,
    },
    #[serde(rename = "input_image")]
    Image {
        image_url: DataUri<'a>,
    },
    #[serde(rename = "input_image")]
    OpenClawImage {
        source: Source<'a>,
    },
}

#[derive(Serialize)]
struct Source<'a> {
    r#type: &'static str,
    media_type: &'static str,
    data: Base64<'a>,
}

impl OpenAiResponses {
    pub(super) fn new(http: &Http, settings: OpenAi) -> Self {
        let token = settings.token.clone();
        Self {
            endpoint: Endpoint::new(http, &settings.url, PATH, token),
            settings,
        }
    }

    pub(super) fn settings(&self) -> &OpenAi {
        &self.settings
    }

    pub(super) async fn ask(&self, question: &Question<'_>) -> Result<String, Broken> {
        let history = question.last_turns(self.settings.memory_turns.into());
        let pictures = match (self.settings.images, self.is_openclaw()) {
            (false, _) => Vec::new(),
            (true, true) => openclaw::fitting(question.pictures),
            (true, false) => question.pictures.iter().collect(),
        };
        let missing = if self.settings.images {
            question.missing_beside(&pictures)
        } else {
            question.missing
        };
        let remembered = history.iter().flat_map(|turn| {
            [
                item("user", turn.question.as_str()),
                item("assistant", turn.answer.as_str()),
            ]
        });
        let body = Body {
            model: &self.settings.model,
            instructions: self.settings.instructions.as_deref(),
            stream: true,
            store: false,
            input: remembered
                .chain([self.now(question, &pictures, missing)])
                .collect(),
        };
        let body = picture::to_json(&body, pictures.iter().copied());
        let response = endpoint::send(self.endpoint.ask(question.turn, body)).await?;
        wording::read::<Responses>(response).await
    }

    fn now<'a>(
        &self,
        question: &Question<'_>,
        pictures: &[&'a Picture],
        missing: usize,
    ) -> Item<'a> {
        let text = question.message.in_words(missing);
        if pictures.is_empty() {
            return item("user", text);
        }
        let is_openclaw = self.is_openclaw();
        let images = pictures.iter().map(|picture| {
            if is_openclaw {
                Part::OpenClawImage {
                    source: Source {
                        r#type: "base64",
                        media_type: picture.media_type,
                        data: Base64(picture),
                    },
                }
            } else {
                Part::Image {
                    image_url: DataUri(picture),
                }
            }
        });
        let parts = [Part::InputText { text }].into_iter().chain(images);
        Item {
            content: Content::Parts(parts.collect()),
            ..item("user", "")
        }
    }

    /// Whether the model is an agent of an `OpenClaw` gateway; a gateway takes no other models
    /// (openclaw.md §1.2).
    fn is_openclaw(&self) -> bool {
        let model = self.settings.model.as_str();
        model == "openclaw"
            || ["openclaw/", "openclaw:", "agent:"]
                .iter()
                .any(|prefix| model.starts_with(prefix))
    }

    pub(super) async fn probe(&self) -> Result<ProbeReport, Broken> {
        self.endpoint.probe(&self.settings.model).await
    }

    /// Sends a question without words.
    pub(super) async fn knock(&self) -> Result<(), Broken> {
        let nothing = json!({ "model": self.settings.model, "input": [], "max_output_tokens": 16 });
        self.endpoint.knock(nothing.to_string()).await
    }
}

fn item<'a>(role: &'static str, text: impl Into<Cow<'a, str>>) -> Item<'a> {
    Item {
        r#type: "message",
        role,
        content: Content::Text(text.into()),
    }
}

/// Reads the texts and refusals of all messages, with a blank line between messages.
struct Responses;

impl Wording for Responses {
    fn event(event: &Value, text: &mut Text) -> Result<Progress, Broken> {
        let words = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
        match words("type") {
            "response.output_text.delta" | "response.refusal.delta" => text.push(words("delta")),
            "response.output_text.done" => text.settle(words("text")),
            "response.refusal.done" => text.settle(words("refusal")),
            "response.output_item.added" if event.get("item").is_some_and(is_message) => {
                text.begin_message();
            }
            "response.completed" => {
                end(event, text);
                return Ok(Progress::Over);
            }
            "response.incomplete" => {
                end(event, text);
                note_cut(event.get("response"), text);
                return Ok(Progress::Over);
            }
            "response.failed" | "response.cancelled" => {
                let error = event.pointer("/response/error").unwrap_or(&Value::Null);
                return Err(wording::broken(error, text));
            }
            // A whole response, sent as a stream of one event.
            "" if event.get("output").is_some() => {
                Self::whole(event, text)?;
                return Ok(Progress::Finished);
            }
            _ => {}
        }
        Ok(Progress::Open)
    }

    fn whole(body: &Value, text: &mut Text) -> Result<(), Broken> {
        let output = body.get("output").and_then(Value::as_array);
        let output = output.ok_or(AgentError::Unreadable)?;
        let status = body.get("status").and_then(Value::as_str);
        if !matches!(status, None | Some("completed" | "incomplete")) {
            return Err(AgentError::Failed.into());
        }
        push(text, output);
        if status == Some("incomplete") {
            note_cut(Some(body), text);
        }
        Ok(())
    }
}

/// Takes the answer from the last event, which repeats all of it, if nothing was streamed before.
fn end(event: &Value, text: &mut Text) {
    let output = event.pointer("/response/output").and_then(Value::as_array);
    if let Some(output) = output.filter(|_| text.is_empty()) {
        push(text, output);
    }
}

fn note_cut(response: Option<&Value>, text: &mut Text) {
    let reason = response.and_then(|response| response.pointer("/incomplete_details/reason"));
    if reason.and_then(Value::as_str) == Some("content_filter") {
        text.stop_by_filter();
    } else {
        text.break_off();
    }
}

fn push(text: &mut Text, output: &[Value]) {
    for item in output.iter().filter(|item| is_message(item)) {
        let parts = item.get("content").and_then(Value::as_array);
        text.begin_message();
        for part in parts.into_iter().flatten() {
            let name = match part.get("type").and_then(Value::as_str) {
                Some("output_text") => "text",
                Some("refusal") => "refusal",
                _ => continue,
            };
            text.push(part.get(name).and_then(Value::as_str).unwrap_or_default());
        }
    }
}

/// Whether an item of the output is for the person; thoughts and tool calls have other types.
fn is_message(item: &Value) -> bool {
    let kind = item.get("type").and_then(Value::as_str);
    matches!(kind, None | Some("message"))
}
