//! What `dari dev` says while it runs, on standard error: one line for each message that came to
//! its end, and a line for whatever goes wrong. People appear as digests.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::{self, Debug, Write as _},
    io::IsTerminal,
    sync::{Mutex, PoisonError},
};

use serde_json::{Map, Value};
use shared::{clock::Clock, env::process_env, telemetry};
use tracing::{
    Event, Id, Level, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Record},
};
use tracing_subscriber::{
    Layer,
    filter::filter_fn,
    fmt::{
        FmtContext, FormatEvent, FormattedFields,
        format::{JsonFields, Writer},
    },
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::table::time_of_day;

/// What everybody's log has and nobody at a terminal needs.
const NOT_SHOWN: [&str; 3] = ["kakao_request_id", "outcome", "turn"];

/// Characters of a person's digest that are shown: enough to tell people apart.
const DIGITS: usize = 8;

/// Begins to log; crates named in `silent` say nothing at all.
pub(crate) fn start(silent: &[&str]) {
    let asked_for = process_env("RUST_LOG").is_some_and(|it| it.contains(telemetry::METRICS));
    let words = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .fmt_fields(JsonFields::new())
        .event_format(Words)
        .with_filter(filter_fn(move |it| {
            asked_for || it.target() != telemetry::METRICS
        }));
    tracing_subscriber::registry()
        .with(telemetry::filter_for_terminal(silent))
        .with(words)
        .with(Journal::to(std::io::stderr()))
        .init();
}

fn now() -> String {
    time_of_day(Clock::System.now())
}

/// A line for an event: time, level, message, and every field once.
struct Words;

impl<S> FormatEvent<S, JsonFields> for Words
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Map::new();
        for span in context
            .event_scope()
            .into_iter()
            .flat_map(tracing_subscriber::registry::Scope::from_root)
        {
            let extensions = span.extensions();
            let known = extensions.get::<FormattedFields<JsonFields>>();
            let known = known.and_then(|known| serde_json::from_str(&known.fields).ok());
            if let Some(Value::Object(known)) = known {
                fields.extend(known);
            }
        }
        fields.retain(|name, _| !NOT_SHOWN.contains(&name.as_str()));
        let mut own = Fields::default();
        event.record(&mut own);
        let message = own.0.remove("message").unwrap_or_default();
        fields.extend(own.0.into_iter().map(|(name, text)| (name, text.into())));
        let level = *event.metadata().level();
        write!(writer, "{} ", now())?;
        if writer.has_ansi_escapes() {
            write!(writer, "\x1b[{}m{level:>5}\x1b[0m", colour(level))?;
        } else {
            write!(writer, "{level:>5}")?;
        }
        write!(writer, " {message}")?;
        for (name, value) in &fields {
            match value {
                Value::String(text) if name == "sender" => {
                    write!(writer, " {name}={}", short(text))?;
                }
                Value::String(text) => write!(writer, " {name}={text}")?,
                other => write!(writer, " {name}={other}")?,
            }
        }
        writeln!(writer)
    }
}

fn colour(level: Level) -> u8 {
    match level {
        Level::ERROR => 31,
        Level::WARN => 33,
        _ => 32,
    }
}

fn short(digest: &str) -> String {
    digest.chars().take(DIGITS).collect()
}

#[derive(Default)]
struct Fields(BTreeMap<String, String>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

/// Writes a line when a message has come to its end: who, which way it went, and how long it took.
struct Journal<W> {
    out: Mutex<W>,
    /// How many messages of a person are waiting for their answer at this moment.
    waiting: Mutex<HashMap<String, usize>>,
}

/// The spans of the functions, by their names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The webhook has a message.
    Message,
    /// A worker has a turn.
    Turn,
}

/// What is known of a message or a turn so far.
struct Told {
    kind: Kind,
    fields: Fields,
}

impl Told {
    fn text(&self, name: &str) -> &str {
        self.fields.0.get(name).map_or("", String::as_str)
    }

    fn took(&self, name: &str) -> Option<String> {
        let millis: u64 = self.fields.0.get(name)?.parse().ok()?;
        Some(if millis < 1_000 {
            format!("{millis} ms")
        } else {
            format!("{}.{} s", millis / 1_000, millis % 1_000 / 100)
        })
    }

    /// `waited_for`: a message of this person is waiting for its answer, and will tell what became
    /// of it.
    fn line(&self, waited_for: bool) -> Option<String> {
        let outcome = self.text("outcome");
        let is_told_elsewhere = match (self.kind, outcome) {
            (_, "") | (Kind::Message, "acknowledged") => true,
            (Kind::Turn, "held") => waited_for,
            _ => false,
        };
        if is_told_elsewhere {
            return None;
        }
        let mut line = match self.text("sender") {
            "" => "somebody".to_owned(),
            sender => short(sender),
        };
        let _ = write!(line, " ({}): {}", self.text("account"), in_words(outcome));
        if let Some(took) = self.took("ack_ms").or_else(|| self.took("answer_ms")) {
            let _ = write!(line, ", {took}");
        }
        if let Some(agent) = self.took("agent_ms") {
            let _ = write!(line, " (agent {agent})");
        }
        Some(line)
    }
}

/// Which way a message went, by the last thing that was counted of it.
fn in_words(outcome: &str) -> String {
    match outcome {
        "told" => "a sentence of Dari's own",
        "answered_in_time" => "answered",
        "callback_accepted" => "answered by callback",
        "callback_unconfirmed" => "sent by callback, but whether it arrived is not known",
        "held" => "the answer is held until they ask for it",
        "collected" => "a held answer was shown",
        "challenged" => "not approved: has a code",
        "kept_out" => "kept out by the policy",
        "replaced" => "replaced by a newer message",
        "notice_posted" => "told to come back for the answer",
        "agent_failed" => "the agent failed",
        "agent_down" => "the agent is down",
        "canned_answer" => "failed: told to try again",
        "hand_over_failed" => "failed: not handed over",
        "expired" => "ended without an answer",
        "busy" => "turned away: too many wait",
        other => return other.replace('_', " "),
    }
    .to_owned()
}

impl<W> Journal<W> {
    fn to(out: W) -> Self {
        Self {
            out: Mutex::new(out),
            waiting: Mutex::default(),
        }
    }

    fn waiting<T>(&self, look: impl FnOnce(&mut HashMap<String, usize>) -> T) -> T {
        look(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<S, W> Layer<S> for Journal<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: std::io::Write + Send + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let kind = match (attributes.metadata().target(), attributes.metadata().name()) {
            ("skill_webhook", "message") => Kind::Message,
            ("turn_worker", "turn") => Kind::Turn,
            _ => return,
        };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Told { kind, fields });
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut extensions = span.extensions_mut();
        let Some(told) = extensions.get_mut::<Told>() else {
            return;
        };
        let knew = !told.text("sender").is_empty();
        values.record(&mut told.fields);
        let sender = told.text("sender").to_owned();
        if told.kind == Kind::Message && !knew && !sender.is_empty() {
            self.waiting(|waiting| *waiting.entry(sender).or_default() += 1);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() != telemetry::METRICS {
            return;
        }
        let mut metric = Fields::default();
        event.record(&mut metric);
        let metric = metric.0;
        let (Some(name), Some(value)) = (metric.get("metric"), metric.get("value")) else {
            return;
        };
        if metric.get("unit").map(String::as_str) != Some("Milliseconds") {
            return;
        }
        let spans = context.event_scope(event);
        for span in spans.into_iter().flatten() {
            if let Some(told) = span.extensions_mut().get_mut::<Told>() {
                told.fields.0.insert(name.clone(), value.clone());
                return;
            }
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let Some(told) = span.extensions_mut().remove::<Told>() else {
            return;
        };
        let sender = told.text("sender");
        if told.kind == Kind::Message {
            self.waiting(|waiting| {
                if let Some(count) = waiting.get_mut(sender) {
                    *count -= 1;
                    if *count == 0 {
                        waiting.remove(sender);
                    }
                }
            });
        }
        let waited_for = self.waiting(|waiting| waiting.contains_key(sender));
        if let Some(line) = told.line(waited_for) {
            let line = format!("{}  INFO {line}\n", now());
            let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
            // Where nobody can be told, nobody is.
            let _ = out.write_all(line.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use shared::telemetry::{Metric, Timing, count, time};
    use tracing::field::Empty;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What the journal writes meanwhile, without the times of day.
    fn journal(happens: impl FnOnce()) -> Vec<String> {
        let written = Written::default();
        let subscriber = tracing_subscriber::registry().with(Journal::to(written.clone()));
        tracing::subscriber::with_default(subscriber, happens);
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let without_time = |line: &str| line.split_once("INFO ").unwrap().1.to_owned();
        text.lines().map(without_time).collect()
    }

    fn message() -> tracing::Span {
        let span = tracing::info_span!(
            target: "skill_webhook", "message",
            account = "default", sender = Empty, outcome = "told"
        );
        span.record("sender", "3fa2c1d09b7e");
        span
    }

    fn turn() -> tracing::Span {
        tracing::info_span!(
            target: "turn_worker", "turn",
            account = "default", sender = "3fa2c1d09b7e", outcome = Empty
        )
    }

    #[test]
    fn a_message_that_is_acknowledged_is_told_once_with_its_answer() {
        let lines = journal(|| {
            message().in_scope(|| {
                count(Metric::Acknowledged);
                time(Timing::Ack, Duration::from_millis(4));
            });
            turn().in_scope(|| {
                time(Timing::Agent, Duration::from_millis(1_230));
                count(Metric::CallbackAccepted);
                time(Timing::Answer, Duration::from_millis(1_990));
            });
        });
        assert_eq!(
            lines,
            ["3fa2c1d0 (default): answered by callback, 1.9 s (agent 1.2 s)"]
        );
    }

    #[test]
    fn a_message_that_waits_for_its_answer_is_told_once() {
        let lines = journal(|| {
            let message = message();
            turn().in_scope(|| count(Metric::Held));
            message.in_scope(|| {
                count(Metric::AnsweredInTime);
                time(Timing::Ack, Duration::from_millis(310));
            });
        });
        assert_eq!(lines, ["3fa2c1d0 (default): answered, 310 ms"]);
    }

    #[test]
    fn an_answer_that_nobody_waits_for_is_told_and_a_turn_without_an_end_is_not() {
        let lines = journal(|| {
            drop(turn());
            message().in_scope(|| time(Timing::Ack, Duration::from_millis(3_300)));
            turn().in_scope(|| count(Metric::Held));
        });
        assert_eq!(
            lines,
            [
                "3fa2c1d0 (default): a sentence of Dari's own, 3.3 s",
                "3fa2c1d0 (default): the answer is held until they ask for it",
            ]
        );
    }
}
