//! A function that speaks the Runtime API over a plain socket and does what its events say, so that
//! the machinery around it is tested without the runtime crate that real functions use.

use std::{
    env,
    fmt::Write as _,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::exit,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// Grows while the process runs.
static TICKS: AtomicU64 = AtomicU64::new(0);

enum Answer {
    Ok(Value),
    Error(&'static str),
    TooMuch,
}

fn main() -> Result<()> {
    let api = variable("AWS_LAMBDA_RUNTIME_API").context("no Runtime API")?;
    say("started");
    writeln!(io::stderr(), "warned")?;
    let mut runtime = Runtime::connect(&api)?;
    match variable("START").as_deref() {
        Some("report") => {
            let error = json!({ "errorType": "NoTable", "errorMessage": "there is no table" });
            runtime.post("init/error", &error.to_string())?;
            say("last words");
            exit(1);
        }
        Some("exit") => exit(7),
        _ => {}
    }
    thread::spawn(|| {
        loop {
            TICKS.fetch_add(1, Ordering::Relaxed);
            thread::sleep(Duration::from_millis(1));
        }
    });
    loop {
        let (id, event) = runtime.next()?;
        let (what, body) = match answer(&event)? {
            Answer::Ok(answer) => ("response", answer.to_string()),
            Answer::TooMuch => ("response", format!("\"{}\"", "x".repeat(7_000_000))),
            Answer::Error(kind) => (
                "error",
                json!({ "errorType": kind, "errorMessage": "as asked" }).to_string(),
            ),
        };
        runtime.post(&format!("invocation/{id}/{what}"), &body)?;
    }
}

fn answer(event: &Value) -> Result<Answer> {
    if event.get("rawPath").is_some() {
        return Ok(Answer::Ok(http(event)));
    }
    if let Some(records) = event.get("Records").and_then(Value::as_array) {
        return Ok(queue(records));
    }
    Ok(match event.get("do").and_then(Value::as_str) {
        Some("fail") => Answer::Error("Sample.Failure"),
        Some("flood") => Answer::TooMuch,
        Some("exit") => exit(3),
        Some("hang") => loop {
            thread::sleep(Duration::from_hours(1));
        },
        Some("ticks") => Answer::Ok(TICKS.load(Ordering::Relaxed).into()),
        Some("env") => {
            let all = env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
            Answer::Ok(all.collect::<Vec<_>>().into())
        }
        Some("get") => {
            let url = event
                .get("host")
                .and_then(Value::as_str)
                .context("no host")?;
            let answer = Runtime::connect(url)?.exchange("GET", "/", "")?;
            Answer::Ok(answer.2.into())
        }
        _ => {
            say(&format!("event {event}"));
            Answer::Ok(event.clone())
        }
    })
}

/// Sends the event back as the body, or what the path asks for.
fn http(event: &Value) -> Value {
    match event.get("rawPath").and_then(Value::as_str) {
        Some("/picture") => json!({
            "statusCode": 203,
            "headers": { "content-type": "image/png", "x-one": "1" },
            "multiValueHeaders": { "x-many": ["a", "b"], "x-one": ["2"] },
            "cookies": ["a=1; Secure", "b=2"],
            "body": "iVBORw==",
            "isBase64Encoded": true,
        }),
        Some("/plain") => json!({ "answer": 42 }),
        Some("/broken") => json!({ "statusCode": "two hundred" }),
        Some("/exit") => exit(3),
        Some("/hang") => loop {
            thread::sleep(Duration::from_hours(1));
        },
        _ => json!({ "statusCode": 200, "body": event.to_string() }),
    }
}

/// Does what the message says.
fn queue(records: &[Value]) -> Answer {
    let text = |record: &Value, name: &str| record.get(name)?.as_str().map(str::to_owned);
    let mut failures = Vec::new();
    for record in records {
        match text(record, "body").as_deref() {
            Some("fail") => return Answer::Error("Sample.Failure"),
            Some("leave") => {
                failures.push(json!({ "itemIdentifier": text(record, "messageId") }));
            }
            _ => say(&format!("record {record}")),
        }
    }
    Answer::Ok(json!({ "batchItemFailures": failures }))
}

fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

fn variable(name: &str) -> Option<String> {
    env::var_os(name)?.into_string().ok()
}

struct Runtime {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Runtime {
    fn connect(host: &str) -> Result<Self> {
        Ok(Self {
            stream: BufReader::new(TcpStream::connect(host)?),
            host: host.to_owned(),
        })
    }

    fn next(&mut self) -> Result<(String, Value)> {
        let path = "/2018-06-01/runtime/invocation/next";
        let (_, id, event) = self.exchange("GET", path, "")?;
        Ok((id, serde_json::from_str(&event)?))
    }

    fn post(&mut self, path: &str, body: &str) -> Result<()> {
        let path = format!("/2018-06-01/runtime/{path}");
        let (status, ..) = self.exchange("POST", &path, body)?;
        if !matches!(status, 202 | 413) {
            bail!("{path}: {status}");
        }
        Ok(())
    }

    /// Sends the body in chunks, as the real runtime may; returns status, request id and body.
    fn exchange(&mut self, method: &str, path: &str, body: &str) -> Result<(u16, String, String)> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n", self.host);
        if body.is_empty() {
            request.push_str("\r\n");
        } else {
            request.push_str("transfer-encoding: chunked\r\n\r\n");
            for chunk in body.as_bytes().chunks(65536) {
                let chunk = str::from_utf8(chunk)?;
                write!(request, "{:x}\r\n{chunk}\r\n", chunk.len())?;
            }
            request.push_str("0\r\n\r\n");
        }
        // May fail: a server that refuses a long body answers before it has read all of it.
        let _ = self.stream.get_mut().write_all(request.as_bytes());
        let status = self.line()?;
        let status = status.split(' ').nth(1).context("no status")?.parse()?;
        let (mut id, mut length) = (String::new(), 0);
        loop {
            let line = self.line()?;
            match line.split_once(": ") {
                None => break,
                Some(("lambda-runtime-aws-request-id", value)) => value.clone_into(&mut id),
                Some(("content-length", value)) => length = value.parse()?,
                Some(_) => {}
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok((status, id, String::from_utf8(body)?))
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            bail!("the connection was closed");
        }
        Ok(line.trim_end().to_owned())
    }
}
