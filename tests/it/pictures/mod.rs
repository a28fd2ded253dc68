//! Pictures that people send: the worker fetches each once, looks what kind of file it is, and
//! passes it to the agent; nothing of it is stored or logged.

mod apart;
mod place;

use std::{io::Write, thread, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use bundle::Store;
use emulator::{Event, Message, Photo};
use serde_json::json;
use test_support::{
    agent::ScriptedAgent,
    world::{OPEN, World, callback_screen, document, screen},
};

use self::place::Place;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The content of every test picture, easy to search for in logs and tables.
const CANARY: &str = "canary-picture-4e1b77";

fn png(bytes: usize) -> Vec<u8> {
    let mut png = PNG.to_vec();
    while png.len() < bytes {
        png.extend_from_slice(CANARY.as_bytes());
    }
    png.truncate(bytes);
    png
}

fn file(media_type: &str, bytes: &[u8]) -> Photo {
    Photo {
        media_type: media_type.to_owned(),
        base64: STANDARD.encode(bytes),
    }
}

fn photo(media_type: &str, bytes: &[u8]) -> Message {
    Message {
        user: "alice".to_owned(),
        photo: Some(file(media_type, bytes)),
        ..Message::default()
    }
}

/// A message with a picture at an address of the test's choice.
fn photo_at(url: &str) -> Message {
    let media = json!({ "type": "image", "url": url });
    Message {
        user: "alice".to_owned(),
        event: Some(Event {
            name: "사진".to_owned(),
            params: [("media".to_owned(), media)].into_iter().collect(),
        }),
        callback: Some(true),
        ..Message::default()
    }
}

fn data_uri(media_type: &str, bytes: &[u8]) -> String {
    format!("data:{media_type};base64,{}", STANDARD.encode(bytes))
}

async fn world_with(agent: &ScriptedAgent, places: &[&Place]) -> World {
    let origins: Vec<_> = places.iter().map(|place| place.url.as_str()).collect();
    let document = document(OPEN, &agent.as_openclaw());
    World::reaching(&document, Store::Memory, &origins.join(",")).await
}

#[tokio::test]
async fn a_photo_reaches_the_agent_byte_for_byte() {
    let agent = ScriptedAgent::start().await;
    let world = world_with(&agent, &[]).await;
    for (media_type, bytes) in [
        ("image/png", png(300_000)),
        ("image/jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec()),
        ("image/webp", b"RIFF\x24\0\0\0WEBPVP8 ".to_vec()),
    ] {
        // The media type that the server names does not count; the bytes do.
        let exchange = world.sends_message(&photo("image/x-odd", &bytes)).await;
        let asked = agent.asked().await;
        let body = asked.body.to_string();
        assert!(body.contains(&data_uri(media_type, &bytes)), "{media_type}");
        assert!(asked.text().contains("[사진 1장]"), "{}", asked.text());
        assert!(!body.contains("http"), "an address has left");
        asked.answers("잘 봤어요");
        world.later(Duration::from_secs(4));
        let shown = callback_screen(&world.after_callback(&exchange).await);
        assert_eq!(shown, "잘 봤어요");
    }
}

#[tokio::test]
async fn the_secure_plugins_pictures_come_in_their_order() {
    let agent = ScriptedAgent::start().await;
    let world = world_with(&agent, &[]).await;
    let (first, second) = (png(1_000), png(2_000));
    let message = Message {
        secure_images: vec![file("image/png", &first), file("image/png", &second)],
        text: Some("보안 사진".to_owned()),
        ..Message::text("alice", "")
    };
    world.sends_message(&message).await;
    let asked = agent.asked().await;
    let body = asked.body.to_string();
    let position = |bytes: &[u8]| body.find(&data_uri("image/png", bytes)).unwrap();
    assert!(position(&first) < position(&second));
    assert!(asked.text().contains("[사진 2장]"), "{}", asked.text());
}

#[tokio::test]
async fn missing_pictures_are_counted_for_the_agent() {
    let agent = ScriptedAgent::start().await;
    let world = world_with(&agent, &[]).await;
    let files = vec![file("image/png", PNG), file("image/png", b"no picture")];
    let message = Message {
        secure_images: files,
        text: Some("보안 사진".to_owned()),
        ..Message::text("alice", "")
    };
    world.sends_message(&message).await;
    let asked = agent.asked().await;
    let said = asked.text();
    assert!(
        said.contains("[사진 2장, 이 중 1장은 열 수 없었음]"),
        "{said}"
    );
    assert!(asked.body.to_string().contains(&data_uri("image/png", PNG)));
}

#[tokio::test]
async fn what_is_no_picture_or_too_large_is_told_and_the_agent_is_not_asked() {
    let agent = ScriptedAgent::start().await;
    let account = format!("{OPEN}, mediaMaxMb: 1");
    let world = World::with(&document(&account, &agent.as_openclaw())).await;
    for (bytes, expected) in [
        (
            "그림이 아니에요".as_bytes().to_vec(),
            "사진으로 열 수 없어요",
        ),
        (
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(),
            "사진으로 열 수 없어요",
        ),
        (png(1_000_001), "1MB까지"),
    ] {
        let shown = world.answer_to(&photo("image/png", &bytes)).await;
        assert!(shown.contains(expected), "{shown}");
    }
    assert_eq!(agent.times_asked(), 0);
    world
        .sends_message(&photo("image/png", &png(1_000_000)))
        .await;
    agent.asked().await;
}

#[tokio::test]
async fn an_expired_picture_is_asked_for_again() {
    let agent = ScriptedAgent::start().await;
    let world = world_with(&agent, &[]).await;
    world.sends("먼저 이것부터").await;
    let first = agent.asked().await;
    world.sends_message(&photo("image/png", PNG)).await;
    let kakao = world.stack.emulator.as_ref().unwrap();
    kakao.advance(Duration::from_mins(11));
    first.answers("네");
    world.settled().await;
    let shown = world.asks("답변 확인").await;
    assert!(
        shown.contains("사진을 볼 수 있는 시간이 지났어요"),
        "{shown}"
    );
    assert_eq!(agent.times_asked(), 1);
}

#[tokio::test]
async fn f23_refusals_are_told_and_redirects_are_not_followed() {
    let inside = Place::answering("");
    let place = Place::answering(&inside.url);
    let agent = ScriptedAgent::start().await;
    let world = world_with(&agent, &[&place, &inside]).await;
    for (status, expected) in [
        (403, "시간이 지났어요"),
        (404, "시간이 지났어요"),
        (410, "시간이 지났어요"),
        (301, "사진을 열 수 없어요"),
        (302, "사진을 열 수 없어요"),
        (307, "사진을 열 수 없어요"),
        (206, "사진을 열 수 없어요"),
        (500, "사진을 열 수 없어요"),
    ] {
        let url = format!("{}/{status}", place.url);
        let shown = world.answer_to(&photo_at(&url)).await;
        assert!(shown.contains(expected), "{status}: {shown}");
        // Slowly enough for the limit on how fast one sender may write.
        world.later(Duration::from_secs(5));
    }
    assert_eq!((place.times_asked(), inside.times_asked()), (8, 0));
    assert_eq!(agent.times_asked(), 0);
    world
        .sends_message(&photo_at(&format!("{}/a", place.url)))
        .await;
    agent.asked().await;
}

#[tokio::test]
async fn f23_a_picture_elsewhere_is_never_asked_for() {
    let elsewhere = Place::answering("");
    let agent = ScriptedAgent::start().await;
    let world = world_with(&agent, &[]).await;
    for host in [
        elsewhere.url.clone(),
        elsewhere.url.replace("127.0.0.1", "localhost"),
        elsewhere.url.replace("127.0.0.1", "2130706433"),
    ] {
        let exchange = world
            .sends_message(&photo_at(&format!("{host}/a.png")))
            .await;
        let shown = screen(&exchange);
        assert!(shown.contains("사진을 열 수 없어요"), "{shown}");
    }
    assert_eq!((elsewhere.times_asked(), agent.times_asked()), (0, 0));
}

#[tokio::test]
async fn a_place_that_drips_is_left_and_the_person_answered() {
    let place = Place::new(|stream, _| {
        let mut going = stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 900000\r\n\r\n")
            .is_ok();
        for byte in PNG.iter().cycle() {
            if !going {
                break;
            }
            going = stream.write_all(&[*byte]).is_ok();
            thread::sleep(Duration::from_millis(20));
        }
    });
    let agent = ScriptedAgent::start().await;
    let world = world_with(&agent, &[&place]).await;
    let exchange = world
        .sends_message(&photo_at(&format!("{}/a", place.url)))
        .await;
    place.next.notified().await;
    world.later(Duration::from_secs(11));
    let shown = callback_screen(&world.after_callback(&exchange).await);
    assert!(shown.contains("사진을 열 수 없어요"), "{shown}");
    assert_eq!((place.times_asked(), agent.times_asked()), (1, 0));
}

#[tokio::test]
async fn echo_needs_no_picture() {
    let place = Place::answering("");
    let echo = document(OPEN, test_support::world::ECHO);
    let world = World::reaching(&echo, Store::Memory, &place.url).await;
    let shown = world
        .answer_to(&photo_at(&format!("{}/a", place.url)))
        .await;
    assert!(shown.contains("사진 1장을 받았어요"), "{shown}");
    assert_eq!(place.times_asked(), 0);
}
