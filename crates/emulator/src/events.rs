//! `GET api/events`: what happens, as server-sent events.
//!
//! A connection begins with `snapshot` (`{bots, faults, nowMs}`; the faults by bot id), one
//! `exchange` for each that is kept, oldest change first, and `ready`. From then on come `exchange`
//! (whole), `bots`, `faults` and `clock` as they change. Who connects again starts anew. An event
//! is made when the reader takes it, so a slow reader misses states in between and holds nothing.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::stream::{self, Stream};
use serde_json::{Value, json};

use crate::{Emulator, bot::Bot, changes::Subject};

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
            let mut changed = std::pin::pin!(self.inner.changed.notified());
            changed.as_mut().enable();
            let (event, next) = self.read_on(progress);
            progress = next;
            if let Some((name, data)) = event {
                return (name, data, progress);
            }
            let wait = self.until_lapse();
            let _ = tokio::time::timeout(wait, changed).await;
        }
    }

    /// The next event that is due, if one is.
    fn read_on(&self, progress: Progress) -> (Option<(&'static str, Value)>, Progress) {
        let now = self.inner.clock.now_ms();
        let mut state = self.state();
        state.lapse(now);
        let (mut seen, until) = match progress {
            Progress::Connected => {
                let bots: Vec<Bot> = state.bots().map(Bot::shown).collect();
                let data = json!({"bots": bots, "faults": state.all_faults(), "nowMs": now});
                let until = state.changes.revision();
                return (
                    Some(("snapshot", data)),
                    Progress::Snapshot { seen: 0, until },
                );
            }
            Progress::Snapshot { seen, until } => (seen, Some(until)),
            Progress::Following { seen } => (seen, None),
        };
        while let Some((revision, subject)) = state.changes.after(seen) {
            if until.is_some_and(|until| revision > until) {
                break;
            }
            seen = revision;
            let event = match subject {
                Subject::Exchange(id) => state
                    .view(&id, now)
                    .map(|exchange| ("exchange", json!(exchange))),
                _ if until.is_some() => None,
                Subject::Bots => {
                    let bots: Vec<Bot> = state.bots().map(Bot::shown).collect();
                    Some(("bots", json!(bots)))
                }
                Subject::Faults => Some(("faults", state.all_faults())),
                Subject::Clock => Some(("clock", json!({"nowMs": now}))),
            };
            if event.is_some() {
                let progress = match until {
                    Some(until) => Progress::Snapshot { seen, until },
                    None => Progress::Following { seen },
                };
                return (event, progress);
            }
        }
        let event = until.map(|_| ("ready", json!({})));
        let seen = until.unwrap_or(seen);
        (event, Progress::Following { seen })
    }

    /// How long until a callback URL stops being good.
    fn until_lapse(&self) -> Duration {
        let now = self.inner.clock.now_ms();
        let at = self.state().next_lapse();
        let left = at.map_or(i64::MAX, |at| at - now);
        Duration::from_millis(u64::try_from(left).unwrap_or_default().max(1))
    }
}
