//! Pictures on their way to an agent.

use bytes::Bytes;
use serde_json::Value;

use super::*;

fn picture(media_type: &'static str, bytes: &'static [u8]) -> Picture {
    Picture {
        media_type,
        bytes: Bytes::from_static(bytes),
    }
}

fn two() -> [Picture; 2] {
    [
        picture("image/png", &[0xfb, 0xff]),
        picture("image/jpeg", b"jpg"),
    ]
}

/// The content of the last message that the agent is sent, with these pictures.
async fn asked(agent: impl Fn(&str) -> Agent, pictures: &[Picture]) -> Value {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(500))
        .mount(&server)
        .await;
    let agent = agent(&server.uri());
    ask_with(&agent, pictures).await.unwrap_err();
    let requests = server.received_requests().await.unwrap();
    let body: Value = requests.last().unwrap().body_json().unwrap();
    let turns = body.get("messages").or(body.get("input")).unwrap();
    turns.as_array().unwrap().last().unwrap()["content"].clone()
}

const PROMPT: &str = "안녕?\n\n[버튼 데이터] {\"orderId\":\"A-17\"}\n[사진 1장]";

#[tokio::test]
async fn chat_completions_get_them_as_data_uris() {
    let expected = json!([
        {"type": "text", "text": PROMPT},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,+/8="}},
        {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,anBn"}},
    ]);
    assert_eq!(asked(openclaw, &two()).await, expected);
    assert_eq!(asked(openai_chat, &two()).await, expected);
}

#[tokio::test]
async fn responses_get_them_in_the_words_of_openai_or_of_openclaw() {
    let expected = json!([
        {"type": "input_text", "text": PROMPT},
        {"type": "input_image", "image_url": "data:image/png;base64,+/8="},
        {"type": "input_image", "image_url": "data:image/jpeg;base64,anBn"},
    ]);
    assert_eq!(asked(openai_responses, &two()).await, expected);
    let source = |media_type: &str, data: &str| json!({"type": "input_image", "source": {"type": "base64", "media_type": media_type, "data": data}});
    let expected = json!([
        {"type": "input_text", "text": PROMPT},
        source("image/png", "+/8="),
        source("image/jpeg", "anBn"),
    ]);
    for model in ["openclaw", "openclaw/main", "openclaw:main", "agent:main"] {
        let gateway = |url: &str| {
            agent(&AgentKind::OpenAiResponses(OpenAi {
                model: model.to_owned(),
                ..settings(url)
            }))
        };
        assert_eq!(asked(gateway, &two()).await, expected, "{model}");
    }
}

#[tokio::test]
async fn a_model_that_takes_no_pictures_is_told_how_many_came() {
    for kind in [AgentKind::OpenAiChat, AgentKind::OpenAiResponses] {
        let blind = |url: &str| {
            agent(&kind(OpenAi {
                images: false,
                ..settings(url)
            }))
        };
        assert_eq!(asked(blind, &two()).await, PROMPT);
        assert!(!blind("http://localhost").takes_pictures());
    }
    assert!(openai_chat("http://localhost").takes_pictures());
}

#[tokio::test]
async fn a_gateway_gets_as_many_as_it_takes() {
    let many = vec![picture("image/png", b"x"); 9];
    assert_eq!(asked(openclaw, &many).await.as_array().unwrap().len(), 9);
    let large = |size: usize| Picture {
        media_type: "image/png",
        bytes: vec![0; size].into(),
    };
    let heavy = [
        large(10_000_001),
        large(8_000_000),
        large(7_000_000),
        large(6_000_000),
    ];
    let sizes: Vec<_> = openclaw::fitting(&heavy)
        .iter()
        .map(|picture| picture.bytes.len())
        .collect();
    assert_eq!(sizes, [8_000_000, 6_000_000]);
}
