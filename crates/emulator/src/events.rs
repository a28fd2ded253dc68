//! `GET api/events`: what happens, as server-sent events.
//!
//! A connection begins with `snapshot` (`{bots, faults, nowMs}`; the faults by bot id), one
//! `exchange` for each that is kept, oldest change first, and `ready`. From then on come `exchange`
//! (whole), `bots`, `faults` and `clock` as they change. A reader that connects again gets all this
//! anew. An event is made when the reader takes it, so a slow reader misses the states in between
//! and nothing is queued for it.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::stream::{self, Stream};
use serde_json::{Value, json};

use crate::{changes::Subject, emulator::Emulator, ground::CLOCK};

const HEARTBEAT: Duration = Duration::from_secs(15);

/// How soon a reader who has lost the connection tries again.
const RECONNECT: Duration = Duration::from_secs(1);

/// How far one connection has read.
enum Progress {
    Connected,
    /// Up to `seen`, on the way to the revision that was newest when the connection began.
    Snapshot {
        seen: u64,
        until: u64,
    },
    Following {
        seen: u64,
    },
}

pub(crate) async fn events(
    State(emulator): State<Emulator>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let told = stream::unfold(Progress::Connected, move |progress| {
        let emulator = emulator.clone();
        async move {
            let (name, data, progress) = emulator.next_event(progress).await;
            let event = Event::default().event(name).data(data.to_string());
            let first = name == "snapshot";
            let event = if first { event.retry(RECONNECT) } else { event };
            Some((Ok(event), progress))
        }
    });
    Sse::new(told).keep_alive(KeepAlive::new().interval(HEARTBEAT))
}

impl Emulator {
    async fn next_event(&self, mut progress: Progress) -> (&'static str, Value, Progress) {
        loop {
            let mut changed = std::pin::pin!(self.ground.changes.next());
            changed.as_mut().enable();
            let due = self.chatbot().pass_time();
            let (event, next) = self.read_on(progress);
            progress = next;
            if let Some((name, data)) = event {
                return (name, data, progress);
            }
            let wait = self.ground.clock.until(due);
            let _ = tokio::time::timeout(wait, changed).await;
        }
    }

    /// The next event that is due, if one is.
    fn read_on(&self, progress: Progress) -> (Option<(&'static str, Value)>, Progress) {
        let changes = &self.ground.changes;
        let (mut seen, until) = match progress {
            Progress::Connected => {
                // Read first: what changes after it is told of once more.
                let until = changes.revision();
                let progress = Progress::Snapshot { seen: 0, until };
                return (Some(("snapshot", self.snapshot())), progress);
            }
            Progress::Snapshot { seen, until } => (seen, Some(until)),
            Progress::Following { seen } => (seen, None),
        };
        while let Some((revision, subject)) = changes.after(seen) {
            if until.is_some_and(|until| revision > until) {
                break;
            }
            seen = revision;
            let was_in_snapshot = until.is_some() && subject.id.is_none();
            if !was_in_snapshot && let Some(news) = self.news(&subject) {
                let progress = match until {
                    Some(until) => Progress::Snapshot { seen, until },
                    None => Progress::Following { seen },
                };
                return (Some((subject.event, news)), progress);
            }
        }
        let event = until.map(|_| ("ready", json!({})));
        let seen = until.unwrap_or(seen);
        (event, Progress::Following { seen })
    }

    /// The state of everything but what is told of one by one. Each platform adds its part.
    fn snapshot(&self) -> Value {
        let mut snapshot = self.chatbot().snapshot();
        snapshot.insert("nowMs".into(), self.ground.clock.now_ms().into());
        Value::Object(snapshot)
    }

    /// The subject as it is now, from the platform that knows it; none if it is gone.
    fn news(&self, subject: &Subject) -> Option<Value> {
        if *subject == CLOCK {
            return Some(json!({"nowMs": self.ground.clock.now_ms()}));
        }
        self.chatbot().news(subject)
    }
}
