//! Any endpoint that speaks `OpenAI`'s chat completions. It remembers nothing, so the last turns go
//! along every time.

use secrecy::SecretString;
use url::Url;

use super::{
    AgentError, ProbeReport, Question,
    completion::{self, Body, Endpoint, Said},
};
use crate::http::Http;

pub struct OpenAiChat {
    endpoint: Endpoint,
    model: String,
    instructions: Option<String>,
    memory_turns: usize,
}

impl OpenAiChat {
    pub(super) fn new(
        http: &Http,
        url: &Url,
        token: Option<SecretString>,
        model: String,
        instructions: Option<String>,
        memory_turns: u16,
    ) -> Self {
        let endpoint = Endpoint::new(http, url, token);
        Self {
            endpoint,
            model,
            instructions,
            memory_turns: memory_turns.into(),
        }
    }

    pub(super) fn memory_turns(&self) -> usize {
        self.memory_turns
    }

    pub(super) async fn ask(&self, question: &Question<'_>) -> Result<String, AgentError> {
        let forgotten = question.history.len().saturating_sub(self.memory_turns);
        let history = question.history.iter().skip(forgotten);
        let messages = self
            .instructions
            .iter()
            .map(|text| Said::by_system(text))
            .chain(history.flat_map(|turn| {
                [
                    Said::by_user(&turn.question),
                    Said::by_assistant(&turn.answer),
                ]
            }))
            .chain([Said::now(question)])
            .collect();
        let body = Body {
            model: &self.model,
            user: None,
            stream: true,
            messages,
        };
        completion::read(completion::send(self.endpoint.ask(question.turn, &body)).await?).await
    }

    pub(super) async fn probe(&self) -> Result<ProbeReport, AgentError> {
        self.endpoint.probe(&self.model).await
    }
}
