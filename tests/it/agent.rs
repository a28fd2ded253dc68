//! An OpenAI-compatible endpoint that answers when the test says so.

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

/// A question that reached the agent; dropped unanswered, the agent's connection breaks.
pub struct Asked {
    pub body: Value,
    pub idempotency_key: String,
    reply: oneshot::Sender<String>,
}

impl Asked {
    pub fn answers(self, text: &str) {
        // The asker may be gone; that is what some tests are about.
        let _ = self.reply.send(text.to_owned());
    }

    /// The last message: its text, or the first part of it that is one.
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
            // As a gateway's (openclaw.md §1.2).
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

    /// The agent as OpenClaw, in a configuration.
    pub fn as_openclaw(&self) -> String {
        format!(
            r#"main: {{ kind: "openclaw", url: "{}", token: "agent-token", timeoutSeconds: 300 }}"#,
            self.url
        )
    }

    pub fn as_openai_chat(&self) -> String {
        format!(
            r#"main: {{ kind: "openai-chat", url: "{}/v1", token: "agent-token", model: "test-model", memoryTurns: 2, instructions: "짧게 답해 주세요." }}"#,
            self.url
        )
    }

    /// The next question, when it comes.
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
