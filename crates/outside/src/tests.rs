//! The guard, against servers on this machine and with lookups that the tests make up.

use std::{
    io::{Read, Write},
    net::TcpListener,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use test_server::{RawServer, wait_for_hang_up};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use super::*;

fn origin(server: &RawServer) -> Origin {
    Origin::parse(server.origin()).unwrap()
}

fn received(url: &str) -> ReceivedUrl {
    ReceivedUrl::parse(url, |_| Ok(())).unwrap()
}

fn at(origin: &Origin, path: &str) -> ReceivedUrl {
    received(&format!("{origin}{path}"))
}

#[tokio::test]
async fn f23_an_allowed_host_that_leads_to_this_machine_is_not_dialled() {
    let server = RawServer::saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let port = server.url("").rsplit_once(':').unwrap().1.parse().unwrap();
    let url = received("https://bot-api.kakao.com/v1");
    for ip in [
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "0.0.0.0",
        "::",
        "64:ff9b::7f00:1",
    ] {
        let lookup = move |_| async move { Ok(vec![SocketAddr::new(ip.parse().unwrap(), port)]) };
        let http = Http::with_lookup(&[], lookup).unwrap();
        assert_eq!(
            http.post_alone(&url).send().await.err(),
            Some(Failure::NotSent),
            "{ip}"
        );
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn f23_each_connection_uses_the_one_lookup_that_was_checked() {
    static LOOKUPS: AtomicUsize = AtomicUsize::new(0);
    let server = RawServer::saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let origin = server.url("").replace("127.0.0.1", "emulator.test");
    let extra = [Origin::parse(&origin).unwrap()];
    let http = Http::with_lookup(&extra, |_| async {
        LOOKUPS.fetch_add(1, Ordering::SeqCst);
        Ok(vec![SocketAddr::from(([127, 0, 0, 1], 0))])
    })
    .unwrap();
    http.post_alone(&at(&extra[0], "/v1")).send().await.unwrap();
    assert_eq!(
        (LOOKUPS.load(Ordering::SeqCst), server.connections()),
        (1, 1)
    );
}

#[tokio::test]
async fn f23_a_private_number_is_dialled_only_if_it_is_an_extra_origin() {
    let server = RawServer::saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let url = at(&origin(&server), "/v1");
    let strict = Http::new(&[]).unwrap();
    assert_eq!(
        strict.post_alone(&url).send().await.err(),
        Some(Failure::NotSent)
    );
    assert_eq!(server.connections(), 0);
    let local = Http::new(&[origin(&server)]).unwrap();
    assert!(local.post_alone(&url).send().await.unwrap().is_success());
}

#[tokio::test]
async fn f23_redirects_are_not_followed() {
    let inside = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200))
        .expect(0)
        .mount(&inside)
        .await;
    for status in [301, 302, 303, 307, 308] {
        let target = inside.uri();
        let outside = RawServer::saying(format!(
            "HTTP/1.1 {status} Moved\r\nlocation: {target}/\r\ncontent-length: 0\r\n\r\n"
        ));
        let http = Http::new(&[origin(&outside), Origin::parse(&target).unwrap()]).unwrap();
        let response = http
            .post_alone(&at(&origin(&outside), "/v1"))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), status);
        let url = Url::parse(&outside.url("/")).unwrap();
        let response = http.agent(Method::GET, url).send().await.unwrap();
        assert_eq!(response.status(), status);
    }
    inside.verify().await;
}

#[test]
fn f23_proxy_variables_are_ignored() {
    let mut child = Command::new(std::env::current_exe().unwrap());
    for name in [
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ] {
        child.env(name, "http://127.0.0.1:1");
    }
    child
        .env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .env_remove("REQUEST_METHOD");
    let child = child
        .args(["--ignored", "--exact", "tests::under_proxy_variables"])
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && output.contains("1 passed"),
        "{output}"
    );
}

#[tokio::test]
#[ignore = "run by f23_proxy_variables_are_ignored in a process with proxy variables"]
async fn under_proxy_variables() {
    let server = RawServer::saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let http = Http::new(&[origin(&server)]).unwrap();
    http.post_alone(&at(&origin(&server), "/v1"))
        .send()
        .await
        .unwrap();
    let url = Url::parse(&server.url("/")).unwrap();
    http.agent(Method::GET, url).send().await.unwrap();
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn f27_a_used_connection_is_not_used_again() {
    let server = RawServer::start(|stream, _| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
            .unwrap();
        wait_for_hang_up(stream);
    });
    let http = Http::new(&[origin(&server)]).unwrap();
    let url = at(&origin(&server), "/v1");
    let agent = Url::parse(&server.url("/")).unwrap();
    for _ in 0..2 {
        for request in [
            http.post_alone(&url),
            http.agent(Method::GET, agent.clone()),
        ] {
            let response = request.within(Duration::from_secs(3)).send().await.unwrap();
            assert_eq!(response.read_capped(2).await.unwrap(), b"{}");
        }
    }
    assert_eq!(server.connections(), 4);
}

#[tokio::test]
async fn f24_a_body_is_read_up_to_its_cap_and_no_further() {
    let server = RawServer::saying("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789");
    let http = Http::new(&[origin(&server)]).unwrap();
    for (max, body) in [
        (9, Err(Failure::TooLarge)),
        (10, Ok(b"0123456789".to_vec())),
    ] {
        let response = http
            .post_alone(&at(&origin(&server), "/"))
            .send()
            .await
            .unwrap();
        assert_eq!(response.read_capped(max).await, body);
    }
}

#[tokio::test]
async fn f23_pictures_are_guarded_like_callbacks() {
    let inside = RawServer::saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let outside = RawServer::saying(format!(
        "HTTP/1.1 302 Found\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
        inside.url("/")
    ));
    let url = at(&origin(&outside), "/a.png");
    let refused = Http::new(&[]).unwrap().get_alone(&url).await.err();
    assert_eq!(
        (refused, outside.connections()),
        (Some(Failure::NotSent), 0)
    );
    let http = Http::new(&[origin(&outside), origin(&inside)]).unwrap();
    assert_eq!(http.get_alone(&url).await.unwrap().status(), 302);
    assert_eq!((outside.connections(), inside.connections()), (1, 0));

    let port = origin(&inside).to_string();
    let port = port.rsplit_once(':').unwrap().1.parse().unwrap();
    for start in ["http", "https"] {
        let url = format!("{start}://talk.kakaocdn.net/a.png");
        let url = received(&url);
        let lookup = move |_| async move { Ok(vec![SocketAddr::from(([127, 0, 0, 1], port))]) };
        let http = Http::with_lookup(&[], lookup).unwrap();
        assert_eq!(http.get_alone(&url).await.err(), Some(Failure::NotSent));
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn a_plain_picture_of_kakao_is_tried_with_tls_first() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serving = thread::spawn(move || {
        let mut first = [[0; 1], [0; 1]];
        for byte in &mut first {
            let (mut stream, _) = listener.accept().unwrap();
            stream.read_exact(byte).unwrap();
            if byte == b"G" {
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";
                stream.write_all(answer).unwrap();
                wait_for_hang_up(&mut stream);
            }
        }
        first
    });
    // The extra origin only makes the guard let this machine through; the address itself is
    // Kakao's.
    let exempt = Origin::parse("http://talk.kakaocdn.net:1").unwrap();
    let lookup = move |_| async move { Ok(vec![address]) };
    let http = Http::with_lookup(&[exempt], lookup).unwrap();
    let url = received("http://talk.kakaocdn.net/a.png");
    let response = http.get_alone(&url).await.unwrap();
    assert_eq!(response.read_capped(2).await.unwrap(), b"hi");
    // A TLS handshake, then a GET.
    assert_eq!(serving.join().unwrap(), [[0x16], *b"G"]);
}

#[tokio::test]
async fn what_is_announced_as_too_large_is_not_read() {
    let server = RawServer::start(|stream, _| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n")
            .unwrap();
        wait_for_hang_up(stream);
    });
    let http = Http::new(&[origin(&server)]).unwrap();
    let response = http.get_alone(&at(&origin(&server), "/")).await.unwrap();
    assert_eq!(response.read_capped(10).await, Err(Failure::TooLarge));

    let endless = RawServer::start(|stream, _| {
        let mut going = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").is_ok();
        while going {
            going = stream.write_all(&[0; 1024]).is_ok();
        }
    });
    let http = Http::new(&[origin(&endless)]).unwrap();
    let response = http.get_alone(&at(&origin(&endless), "/")).await.unwrap();
    assert_eq!(response.read_capped(10_000).await, Err(Failure::TooLarge));
}

#[tokio::test]
async fn f80_errors_and_debug_name_no_address() {
    let server = RawServer::start(|_, _| ());
    let url = at(&origin(&server), "/v1/canary-token?canary=query");
    let http = Http::new(&[origin(&server)]).unwrap();
    let cut = http.post_alone(&url).send().await.err().unwrap();
    let refused = Http::new(&[])
        .unwrap()
        .post_alone(&url)
        .send()
        .await
        .err()
        .unwrap();
    assert_eq!((cut, refused), (Failure::BrokeOff, Failure::NotSent));
    let shown = format!("{cut} {cut:?} {refused} {refused:?} {http:?} {url:?}");
    assert!(!shown.contains("canary"), "{shown}");
}
