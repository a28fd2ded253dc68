//! The emulator and a skill, each behind a real socket.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use emulator::{Bot, Emulator, Exchange, Options};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify};

pub const BOT: &str = "6f1a0c5e9d2b7348a1c0de01";
pub const SECRET: (&str, &str) = ("X-Skill-Key", "a-secret-of-thirty-two-characters");

/// How the skill answers.
#[derive(Clone)]
pub enum Answer {
    Json(Value),
    Text(u16, &'static str),
    /// JSON once the notification has come.
    When(Arc<Notify>, Value),
    Never,
}

/// What has arrived at the skill.
#[derive(Clone)]
pub struct Seen {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Seen {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

#[derive(Clone)]
struct Skill {
    answer: Arc<Mutex<Answer>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    arrived: Arc<Notify>,
}

pub struct World {
    pub http: reqwest::Client,
    pub url: String,
    skill: Skill,
}

pub fn text(text: &str) -> Value {
    json!({"version": "2.0", "template": {"outputs": [{"simpleText": {"text": text}}]}})
}

pub fn ack() -> Value {
    json!({"version": "2.0", "useCallback": true, "data": {"text": "생각하고 있어요"}})
}

impl World {
    pub async fn new() -> Self {
        Self::with_deadline(Duration::from_secs(5)).await
    }

    pub async fn with_deadline(deadline: Duration) -> Self {
        Self::with(|options| options.skill_deadline = deadline).await
    }

    pub async fn with_panel(panel: &str) -> Self {
        Self::with(|options| options.panel = Some(panel.to_owned())).await
    }

    async fn with(change: impl FnOnce(&mut Options)) -> Self {
        let skill = Skill {
            answer: Arc::new(Mutex::new(Answer::Json(text("안녕하세요")))),
            seen: Arc::default(),
            arrived: Arc::default(),
        };
        let routes = Router::new().fallback(answer).with_state(skill.clone());
        let skill_url = serve(listener().await, routes);
        let listener = listener().await;
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let url = format!("{origin}/emulator");
        let mut options = Options::new(&url);
        change(&mut options);
        let emulator = Emulator::new(options);
        let header = Some((SECRET.0.to_owned(), SECRET.1.to_owned()));
        emulator
            .chatbot()
            .add_bot(Bot::new(BOT, format!("{skill_url}/kakao"), header));
        serve(
            listener,
            Router::new().nest_service("/emulator", emulator.router()),
        );
        #[expect(clippy::disallowed_methods, reason = "the test is the outside")]
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { http, url, skill }
    }

    pub fn skill_answers(&self, answer: Answer) {
        *self.skill.answer.lock().unwrap() = answer;
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.skill.seen.lock().unwrap().clone()
    }

    /// The body of the last request to the skill.
    pub fn payload(&self) -> Value {
        self.seen().last().unwrap().json()
    }

    pub async fn skill_called(&self) {
        self.skill.arrived.notified().await;
    }

    pub async fn put(&self, path: &str, body: Value) -> reqwest::Response {
        let request = self.http.put(format!("{}{path}", self.url));
        request.json(&body).send().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: &Value) -> reqwest::Response {
        let request = self.http.post(format!("{}{path}", self.url));
        request.json(body).send().await.unwrap()
    }

    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.http
            .get(format!("{}{path}", self.url))
            .send()
            .await
            .unwrap()
    }

    /// What the control API says to the message.
    pub async fn says(&self, message: Value) -> Exchange {
        let response = self
            .post(&format!("/api/bots/{BOT}/messages"), &message)
            .await;
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    /// Alice says it, the skill promises a callback.
    pub async fn acknowledged(&self) -> (Exchange, String) {
        self.skill_answers(Answer::Json(ack()));
        let exchange = self
            .says(json!({"user": "alice", "text": "내일 비 와?"}))
            .await;
        let url = callback_url(&exchange.request);
        (exchange, url)
    }

    pub async fn later(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap();
        let response = self.post("/api/clock", &json!({"advanceMs": millis})).await;
        assert_eq!(response.status(), 200);
    }

    pub async fn exchange(&self, id: &str) -> Exchange {
        self.get(&format!("/api/exchanges/{id}"))
            .await
            .json()
            .await
            .unwrap()
    }

    /// Posts a callback and returns the status, the status word and the message.
    pub async fn posts(&self, url: &str, body: &Value) -> (u16, String, String) {
        let response = self.http.post(url).json(body).send().await.unwrap();
        let status = response.status().as_u16();
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["taskId"].as_str().unwrap().len(), 36);
        assert!(body["timestamp"].as_i64().unwrap() > 1_700_000_000_000);
        let word = |key: &str| body[key].as_str().unwrap().to_owned();
        (status, word("status"), word("message"))
    }

    pub async fn faults(&self, faults: Value) {
        let response = self.put(&format!("/api/bots/{BOT}/faults"), faults).await;
        assert_eq!(response.status(), 200);
    }
}

pub fn callback_url(payload: &Value) -> String {
    payload["userRequest"]["callbackUrl"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

fn serve(listener: TcpListener, routes: Router) -> String {
    let url = format!("http://{}", listener.local_addr().unwrap());
    #[expect(
        clippy::disallowed_methods,
        reason = "the test is a server, not a function"
    )]
    tokio::spawn(async move { axum::serve(listener, routes).await });
    url
}

async fn answer(State(skill): State<Skill>, headers: HeaderMap, body: Bytes) -> Response {
    skill.seen.lock().unwrap().push(Seen { headers, body });
    skill.arrived.notify_one();
    let answer = skill.answer.lock().unwrap().clone();
    match answer {
        Answer::Json(answer) => axum::Json(answer).into_response(),
        Answer::Text(status, text) => (StatusCode::from_u16(status).unwrap(), text).into_response(),
        Answer::When(notify, answer) => {
            notify.notified().await;
            axum::Json(answer).into_response()
        }
        Answer::Never => std::future::pending().await,
    }
}
