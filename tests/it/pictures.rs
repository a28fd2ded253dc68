//! Pictures on their way to the agent: fetched once, looked at, and gone with the question.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use dari::stack::Store;
use emulator::{Event, Message, Photo};
use http::{Method, Request, Response};
use serde_json::{Value, json};
use shared::{
    clock::Clock,
    config::{self, LiveConfig},
    http::{CallbackHosts, Http, Origin},
    keys::KeyRing,
    queue::{QueueError, TurnQueue},
    store,
    turn::{TurnRef, Turns},
};
use skill_webhook::SkillWebhook;
use tokio::sync::{Notify, mpsc};
use turn_worker::TurnWorker;

use crate::{
    agent::ScriptedAgent,
    world::{OPEN, SKILL_KEY, World, callback_screen, document, screen},
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Before and after what a picture shows, so that it would be noticed elsewhere.
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

/// A picture wherever a test wants it to be.
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

/// A place that pictures may be at, and that does what the test wants with whoever asks for one.
struct Place {
    url: String,
    asked: Arc<AtomicUsize>,
    next: Arc<Notify>,
}

impl Place {
    fn new(answer: impl Fn(&mut TcpStream, &str) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (asked, next) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let (counter, notify) = (Arc::clone(&asked), Arc::clone(&next));
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                counter.fetch_add(1, Ordering::SeqCst);
                let (answer, notify) = (Arc::clone(&answer), Arc::clone(&notify));
                thread::spawn(move || {
                    let path = requested(&mut stream);
                    notify.notify_one();
                    answer(&mut stream, &path);
                });
            }
        });
        Self { url, asked, next }
    }

    /// `/<status>` answers with it and leads to `elsewhere`; everything else is a picture.
    fn answering(elsewhere: &str) -> Self {
        let elsewhere = elsewhere.to_owned();
        Self::new(move |stream, path| {
            let status = path.trim_start_matches('/').parse().unwrap_or(200_u16);
            let head = format!(
                "HTTP/1.1 {status} X\r\nlocation: {elsewhere}\r\ncontent-length: {}\r\n\r\n",
                PNG.len()
            );
            let _ = stream.write_all(&[head.as_bytes(), PNG].concat());
        })
    }

    fn times_asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn requested(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match stream.read(&mut byte) {
            Ok(1) => bytes.push(byte[0]),
            _ => break,
        }
    }
    let head = String::from_utf8(bytes).unwrap();
    head.split(' ').nth(1).unwrap_or_default().to_owned()
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
        // What the header says does not count.
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
        // Not so fast that it would be too fast.
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
    let echo = document(OPEN, crate::world::ECHO);
    let world = World::reaching(&echo, Store::Memory, &place.url).await;
    let shown = world
        .answer_to(&photo_at(&format!("{}/a", place.url)))
        .await;
    assert!(shown.contains("사진 1장을 받았어요"), "{shown}");
    assert_eq!(place.times_asked(), 0);
}

/// A queue whose turns the test takes out by hand.
#[derive(Clone)]
struct HandQueue(mpsc::UnboundedSender<TurnRef>);

impl TurnQueue for HandQueue {
    async fn send(&self, turn: &TurnRef, _: Duration) -> Result<(), QueueError> {
        // Nobody listens in a process of its own.
        let _ = self.0.send(turn.clone());
        Ok(())
    }
}

/// The two functions by themselves, with the tables of a world.
struct Apart {
    world: World,
    webhook: SkillWebhook<HandQueue>,
    queued: mpsc::UnboundedReceiver<TurnRef>,
}

impl Apart {
    async fn new(document: &str, place: &Place) -> Self {
        let world = World::with(document).await;
        let (sender, queued) = mpsc::unbounded_channel();
        let webhook = SkillWebhook {
            config: world.live.clone(),
            keys: Arc::clone(&world.keys),
            access: world.stack.access.clone(),
            turns: world.stack.turns.clone(),
            queue: HandQueue(sender),
            callback_hosts: CallbackHosts::default(),
            extra_origins: vec![Origin::parse(&place.url).unwrap()],
            clock: world.clock(),
            refusals: Arc::default(),
            backlog: Arc::default(),
        };
        Self {
            world,
            webhook,
            queued,
        }
    }

    /// The answer to a photo, while the turn that it opens is worked at.
    async fn shows(
        &mut self,
        url: &str,
        work: impl AsyncFnOnce(TurnRef),
    ) -> (Response<String>, TurnRef) {
        let mut body: Value =
            serde_json::from_str(include_str!("../samples/skill/05-image-upload-plain.json"))
                .unwrap();
        body["userRequest"]["params"]["media"]["url"] = json!(url);
        body["userRequest"]["utterance"] = json!(url);
        body["userRequest"]["callbackUrl"] = Value::Null;
        let request = Request::builder()
            .method(Method::POST)
            .uri("/kakao/webhook")
            .header("x-dari-skill-key", SKILL_KEY)
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let handled = self.webhook.handle(&request, self.world.now());
        let worked = async {
            let turn = self.queued.recv().await.unwrap();
            work(turn.clone()).await;
            turn
        };
        tokio::join!(handled, worked)
    }
}

#[tokio::test]
async fn f23_an_address_that_is_no_longer_allowed_is_not_dialled() {
    let place = Place::answering("");
    let agent = ScriptedAgent::start().await;
    let mut apart = Apart::new(&document(OPEN, &agent.as_openclaw()), &place).await;
    let worker = TurnWorker {
        config: apart.world.live.clone(),
        turns: apart.world.stack.turns.clone(),
        queue: apart.webhook.queue.clone(),
        http: Http::new(&[]).unwrap(),
        callback_hosts: CallbackHosts::default(),
        clock: apart.world.clock(),
    };
    let url = format!("{}/a.png", place.url);
    let work = async |turn| worker.work(&turn).await.unwrap();
    let (response, _) = apart.shows(&url, work).await;
    assert!(
        response.body().contains("사진을 열 수 없어요"),
        "{}",
        response.body()
    );
    assert_eq!((place.times_asked(), agent.times_asked()), (0, 0));
}

/// What a worker in a process of its own said and needed.
struct Worked {
    output: String,
    peak_kib: u64,
    /// What the tables held afterwards, in bytes of their description.
    left: usize,
}

/// Lets a worker in a process of its own, at the most talkative, bring a picture of so many bytes to the agent.
async fn worked(bytes: usize) -> Worked {
    let picture = png(bytes);
    let served = picture.clone();
    let place = Place::new(move |stream, _| {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
            served.len()
        );
        let _ = stream.write_all(&[head.as_bytes(), &served].concat());
    });
    let agent = ScriptedAgent::start().await;
    let document = document(OPEN, &agent.as_openclaw());
    let mut apart = Apart::new(&document, &place).await;
    let dynamodb = apart.world.stack.dynamodb.clone();
    let origin = place.url.clone();
    let mut output = String::new();
    let url = format!("{}/a.png?signature={CANARY}", place.url);
    let work = async |turn: TurnRef| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child
            .args(["--ignored", "--exact", "--nocapture", "pictures::a_worker"])
            .env("RUST_LOG", "trace")
            .env("PICTURES_TURN", serde_json::to_string(&turn).unwrap())
            .env("PICTURES_DOCUMENT", &document)
            .env("PICTURES_TABLES", &dynamodb)
            .env("PICTURES_ORIGIN", &origin);
        let mut running = tokio::task::spawn_blocking(move || child.output().unwrap());
        tokio::select! {
            asked = agent.asked() => {
                let body = asked.body.to_string();
                assert!(body.contains(&data_uri("image/png", &picture)));
                asked.answers("잘 봤어요");
            }
            ran = &mut running => panic!("the agent was not asked: {ran:?}"),
        }
        let ran = running.await.unwrap();
        output = [ran.stdout, ran.stderr]
            .map(|it| String::from_utf8_lossy(&it).into_owned())
            .concat();
        assert!(
            ran.status.success() && output.contains("1 passed"),
            "{output}"
        );
    };
    apart.shows(&url, work).await;
    let peak = output.lines().find_map(|line| line.strip_prefix("peak "));
    let mut left = 0;
    for table in [dari::stack::TURNS_TABLE, dari::stack::ACCESS_TABLE] {
        left += apart.world.dump(table).await.len();
    }
    Worked {
        peak_kib: peak.unwrap().parse().unwrap(),
        output,
        left,
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn two_megabytes_cost_fifteen_mebibytes_and_leave_nothing_behind() {
    let (without, with) = (worked(PNG.len()).await, worked(2_000_000).await);
    let more = with.peak_kib.saturating_sub(without.peak_kib);
    println!(
        "peak {} KiB without, {} KiB with: {more} KiB",
        without.peak_kib, with.peak_kib
    );
    assert!(more > 2_000_000 / 1024, "measured nothing: {more} KiB");
    assert!(more <= 15 * 1024, "{more} KiB");
    // However it may be written down or sealed, it has not become shorter.
    assert!(
        with.left < without.left + 10_000,
        "{} {}",
        with.left,
        without.left
    );
    for spelling in [
        CANARY.to_owned(),
        STANDARD.encode(png(64))[16..48].to_owned(),
    ] {
        assert!(!with.output.contains(&spelling), "{spelling} is in the log");
    }
    assert!(with.output.contains("agent_ms"), "the log is silent");
}

#[tokio::test]
#[ignore = "run by two_megabytes_cost_fifteen_mebibytes_and_leave_nothing_behind in a process of its own"]
async fn a_worker() {
    shared::telemetry::init();
    let given = |name| std::env::var(name).unwrap();
    let config = config::load(&given("PICTURES_DOCUMENT"), &|_| None)
        .unwrap()
        .config;
    let keys = Arc::new(KeyRing::new(config.keys.clone().unwrap()));
    let client = store::embedded_client(&given("PICTURES_TABLES")).await;
    let origin = Origin::parse(&given("PICTURES_ORIGIN")).unwrap();
    let worker = TurnWorker {
        config: LiveConfig::new(config),
        turns: Turns::new(client, dari::stack::TURNS_TABLE.to_owned(), keys),
        queue: HandQueue(mpsc::unbounded_channel().0),
        http: Http::new(&[origin]).unwrap(),
        callback_hosts: CallbackHosts::default(),
        clock: Clock::System,
    };
    let turn: TurnRef = serde_json::from_str(&given("PICTURES_TURN")).unwrap();
    worker.work(&turn).await.unwrap();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.unwrap().trim().trim_end_matches(" kB");
    println!("\npeak {peak}");
}
