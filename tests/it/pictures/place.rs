//! A server that pictures are fetched from.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use tokio::sync::Notify;

use super::PNG;

/// An HTTP server on loopback that answers each request as the test wants, in a thread of its own.
pub(super) struct Place {
    pub(super) url: String,
    asked: Arc<AtomicUsize>,
    pub(super) next: Arc<Notify>,
}

impl Place {
    pub(super) fn new(answer: impl Fn(&mut TcpStream, &str) + Send + Sync + 'static) -> Self {
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

    /// Serves a PNG. `/<status>` answers with that status and a `location` header to `elsewhere`.
    pub(super) fn answering(elsewhere: &str) -> Self {
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

    pub(super) fn times_asked(&self) -> usize {
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
