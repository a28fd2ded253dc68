//! Any endpoint that speaks `OpenAI`'s chat completions. The endpoint remembers nothing, so the
//! last turns are sent with every question.

use outside::Http;
use serde_json::json;
use shared::config::OpenAi;

use super::{
    ProbeReport, Question,
    broken::Broken,
    completion::{self, Body, ChatMessage, Completion},
    endpoint::{self, Endpoint},
    picture, wording,
};

pub struct OpenAiChat {
    endpoint: Endpoint,
    settings: OpenAi,
}

impl OpenAiChat {
    pub(super) fn new(http: &Http, settings: OpenAi) -> Self {
        let token = settings.token.clone();
        Self {
            endpoint: Endpoint::new(http, &settings.url, completion::PATH, token),
            settings,
        }
    }

    pub(super) fn settings(&self) -> &OpenAi {
        &self.settings
    }

    pub(super) async fn ask(&self, question: &Question<'_>) -> Result<String, Broken> {
        let history = question.last_turns(self.settings.memory_turns.into());
        let pictures: Vec<_> = if self.settings.images {
            question.pictures.iter().collect()
        } else {
            Vec::new()
        };
        let messages = self
            .settings
            .instructions
            .iter()
            .map(|text| ChatMessage::by_system(text))
            .chain(history.iter().flat_map(|turn| {
                [
                    ChatMessage::by_user(&turn.question),
                    ChatMessage::by_assistant(&turn.answer),
                ]
            }))
            .chain([ChatMessage::now(question, &pictures, question.missing)])
            .collect();
        let body = Body {
            model: &self.settings.model,
            user: None,
            stream: true,
            messages,
        };
        let body = picture::to_json(&body, pictures.iter().copied());
        let response = endpoint::send(self.endpoint.ask(question.turn, body)).await?;
        wording::read::<Completion>(response).await
    }

    pub(super) async fn probe(&self) -> Result<ProbeReport, Broken> {
        self.endpoint.probe(&self.settings.model).await
    }

    /// Sends a question without words.
    pub(super) async fn knock(&self) -> Result<(), Broken> {
        let nothing = json!({ "model": self.settings.model, "messages": [], "max_tokens": 1 });
        self.endpoint.knock(nothing.to_string()).await
    }
}
