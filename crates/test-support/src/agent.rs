//! The agent of a test: an OpenAI-compatible endpoint on loopback that answers when the test says
//! so. `tests/aws` uses it too.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::JoinSet,
};

/// A question that reached the agent. If the test drops it unanswered, the agent answers 502.
pub struct Asked {
    pub body: Value,
    pub idempotency_key: String,
    reply: oneshot::Sender<String>,
}

impl Asked {
    pub fn answers(self, text: &str) {
        // In some tests the worker that asked is gone by now.
        let _ = self.reply.send(text.to_owned());
    }

    /// The text of the last message, or the first text part of it if it has parts.
    pub fn text(&self) -> &str {
        let messages = self.body["messages"].as_array().unwrap();
        let content = &messages.last().unwrap()["content"];
        let mut parts = content.as_array().into_iter().flatten();
        content
            .as_str()
            .or_else(|| parts.find_map(|part| part["text"].as_str()))
            .unwrap()
    }
}

/// The endpoint. It keeps every question until the test takes it with [`ScriptedAgent::asked`].
pub struct ScriptedAgent {
    pub url: String,
    asked: tokio::sync::Mutex<mpsc::UnboundedReceiver<Asked>>,
    count: Arc<Mutex<usize>>,
    _tasks: JoinSet<()>,
}

#[derive(Clone)]
struct Ears {
    sender: mpsc::UnboundedSender<Asked>,
    count: Arc<Mutex<usize>>,
}

impl ScriptedAgent {
    pub async fn start() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let count = Arc::new(Mutex::new(0));
        let router = Router::new()
            .route("/v1/chat/completions", post(complete))
            .route(
                "/v1/models",
                get(|| async {
                    Json(json!({ "object": "list", "data": [{ "id": "test-model" }] }))
                }),
            )
            // The body limit of an OpenClaw gateway (openclaw.md §1.2).
            .layer(DefaultBodyLimit::max(20 << 20))
            .with_state(Ears {
                sender,
                count: Arc::clone(&count),
            });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            url,
            asked: tokio::sync::Mutex::new(receiver),
            count,
            _tasks: tasks,
        }
    }

    /// The entry of `agents` in the configuration that makes this an OpenClaw agent.
    pub fn as_openclaw(&self) -> String {
        format!(
            r#"main: {{ kind: "openclaw", url: "{}", token: "agent-token", timeoutSeconds: 300 }}"#,
            self.url
        )
    }

    /// The same as an `openai-chat` agent, which Dari reminds of the last two turns.
    pub fn as_openai_chat(&self) -> String {
        format!(
            r#"main: {{ kind: "openai-chat", url: "{}/v1", token: "agent-token", model: "test-model", memoryTurns: 2, instructions: "짧게 답해 주세요." }}"#,
            self.url
        )
    }

    /// Waits for the next question.
    pub async fn asked(&self) -> Asked {
        self.asked.lock().await.recv().await.unwrap()
    }

    pub fn times_asked(&self) -> usize {
        *self.count.lock().unwrap()
    }
}

async fn complete(
    State(ears): State<Ears>,
    headers: axum::http::HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    *ears.count.lock().unwrap() += 1;
    let (reply, answer) = oneshot::channel();
    let idempotency_key = headers
        .get("idempotency-key")
        .map(|key| key.to_str().unwrap().to_owned())
        .unwrap_or_default();
    ears.sender
        .send(Asked {
            body,
            idempotency_key,
            reply,
        })
        .unwrap();
    let Ok(answer) = answer.await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let chunk = |delta: Value, finish: Value| {
        let chunk = json!({ "object": "chat.completion.chunk", "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] });
        format!("data: {chunk}\n\n")
    };
    let stream = [
        chunk(json!({ "role": "assistant" }), Value::Null),
        chunk(json!({ "content": answer }), Value::Null),
        chunk(json!({}), json!("stop")),
        "data: [DONE]\n\n".to_owned(),
    ]
    .concat();
    ([(header::CONTENT_TYPE, "text/event-stream")], stream).into_response()
}
