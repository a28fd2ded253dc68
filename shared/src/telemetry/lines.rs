//! The lines of a function's log: one flat JSON object each, with the fields of the spans around
//! it, so that a line says whose message it is about.

use std::{fmt, io::Write};

use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    fmt::{
        MakeWriter,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    layer::Context,
    registry::LookupSpan,
};

use super::{
    counted::{Counted, Filing},
    metric::TARGET,
};

/// Writes them.
pub(super) struct Lines<W> {
    pub(super) filing: Filing,
    pub(super) writer: W,
}

/// What is known of a span.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut known = Fields::default();
        attributes.record(&mut known);
        let mut extensions = span.extensions_mut();
        extensions.insert(known);
        if attributes.metadata().target() == TARGET {
            extensions.insert(Counted::default());
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(known) = span.extensions_mut().get_mut::<Fields>() {
            values.record(known);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut own = Fields::default();
        event.record(&mut own);
        if event.metadata().target() == TARGET {
            self.count(event, own.0, &context);
            return;
        }
        let mut line = Map::new();
        line.insert("level".to_owned(), event.metadata().level().as_str().into());
        line.insert("target".to_owned(), event.metadata().target().into());
        line.extend(around(event, &context));
        line.extend(own.0);
        self.write(line);
    }
}

impl<W: for<'w> MakeWriter<'w>> Lines<W> {
    /// Keeps a metric with those of its invocation until that is over. One that no invocation is
    /// around has a line of its own.
    fn count<S>(&self, event: &Event<'_>, metric: Map<String, Value>, context: &Context<'_, S>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let is_over = metric.contains_key("over");
        let mut counted = Counted::of(&metric, around(event, context));
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(so_far) = span.extensions_mut().get_mut::<Counted>() {
                so_far.join(counted);
                if !is_over {
                    return;
                }
                counted = std::mem::take(so_far);
                break;
            }
        }
        if let Some(line) = self.filing.line(counted) {
            self.write(line);
        }
    }

    /// In one piece: what writes at the same time must not come between. A log that cannot be
    /// written has nobody who could be told.
    fn write(&self, mut line: Map<String, Value>) {
        let mut now = String::new();
        if SystemTime.format_time(&mut Writer::new(&mut now)).is_ok() {
            line.insert("timestamp".to_owned(), now.into());
        }
        let line = format!("{}\n", Value::Object(line));
        let _ = self.writer.make_writer().write_all(line.as_bytes());
    }
}

/// The fields of all spans around an event; an inner one counts more than an outer one.
fn around<S>(event: &Event<'_>, context: &Context<'_, S>) -> Map<String, Value>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let mut all = Map::new();
    let scope = context.event_scope(event).into_iter();
    for span in scope.flat_map(tracing_subscriber::registry::Scope::from_root) {
        if let Some(known) = span.extensions().get::<Fields>() {
            all.extend(known.0.clone());
        }
    }
    all
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0
            .insert(field.name().to_owned(), format!("{value:?}").into());
    }
}
