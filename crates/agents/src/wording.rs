//! Reads the text of a response, as a stream of events or in one piece. Where the text stands
//! differs between endpoints; that a stream must say that it is complete holds for all.

use outside::Response;
use serde_json::Value;

use super::{
    AgentError,
    endpoint::{MAX_BODY, unfinished},
    sse::Events,
};

/// Longest text kept, in bytes; far more than a channel shows.
const MAX_TEXT: usize = 256 * 1024;

/// Where one kind of endpoint puts its text.
pub trait Wording {
    /// Adds the text in one event of a stream to `text`.
    fn event(event: &Value, text: &mut Text) -> Result<Progress, AgentError>;

    /// Adds the text of a response in one piece to `text`.
    fn whole(body: &Value, text: &mut Text) -> Result<(), AgentError>;
}

/// How far a streamed answer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The end has not been announced.
    Open,
    /// All of the text is here, though the stream may go on.
    Finished,
    /// Nothing more is worth waiting for.
    Over,
}

/// The text of an answer so far. Where it is cut off, it ends with "…".
#[derive(Default)]
pub struct Text {
    said: String,
    /// Byte in `said` at which the part that is being streamed begins.
    part: usize,
    full: bool,
}

impl Text {
    pub fn push(&mut self, words: &str) {
        if self.full {
            return;
        }
        let room = MAX_TEXT.saturating_sub(self.said.len());
        let end = words.floor_char_boundary(room);
        self.said.push_str(words.get(..end).unwrap_or_default());
        if words.len() > room {
            self.full = true;
            self.said.push('…');
        }
    }

    /// Replaces the part that was being streamed by `part`, which is all of it.
    pub fn settle(&mut self, part: &str) {
        if !self.full {
            self.said.truncate(self.part);
            self.push(part);
            self.part = self.said.len();
        }
    }

    /// Begins another message, after a blank line unless it is the first.
    pub fn begin_message(&mut self) {
        if !self.is_empty() {
            self.push("\n\n");
            self.part = self.said.len();
        }
    }

    /// Ends the text with "…", because the agent had more to say. An empty text stays empty.
    pub fn break_off(&mut self) {
        self.said.truncate(self.said.trim_end().len());
        if !self.full && !self.said.is_empty() {
            self.said.push('…');
        }
    }

    pub fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    pub fn is_full(&self) -> bool {
        self.full
    }
}

/// Why an answer could not be read.
#[derive(Clone, Copy, Debug)]
pub struct Broken {
    pub error: AgentError,
    /// Whether the endpoint reported an internal error before its first word: asked again at once,
    /// it may answer the same question.
    pub is_internal: bool,
}

impl From<AgentError> for Broken {
    fn from(error: AgentError) -> Self {
        Self {
            error,
            is_internal: false,
        }
    }
}

impl From<Broken> for AgentError {
    fn from(broken: Broken) -> Self {
        broken.error
    }
}

/// The text of an answer, trimmed. A stream that ends before it says that it is complete is an
/// error, and so is an `error` in a 2xx response. Every question asks for a stream; a response in
/// one piece is understood too.
pub async fn read<W: Wording>(response: Response) -> Result<String, Broken> {
    let mut text = Text::default();
    if response.is_event_stream() {
        read_stream::<W>(response, &mut text).await?;
    } else {
        let body = response.read_capped(MAX_BODY).await.map_err(unfinished)?;
        let body: Value = serde_json::from_slice(&body).map_err(|_| AgentError::Unreadable)?;
        refuse_error(&body, &text)?;
        W::whole(&body, &mut text)?;
    }
    let text = text.said.trim();
    if text.is_empty() {
        Err(AgentError::Empty.into())
    } else {
        Ok(text.to_owned())
    }
}

async fn read_stream<W: Wording>(mut response: Response, text: &mut Text) -> Result<(), Broken> {
    let mut events = Events::default();
    let mut out = Vec::new();
    let mut finished = false;
    loop {
        let chunk = response.chunk().await;
        let ended = !matches!(chunk, Ok(Some(_)));
        match chunk {
            Ok(Some(chunk)) => events
                .push(&chunk, &mut out)
                .map_err(|_| AgentError::Failed)?,
            Ok(None) => out.extend(std::mem::take(&mut events).finish()),
            Err(_) => {}
        }
        for data in out.drain(..) {
            match take::<W>(&data, text)? {
                Progress::Open => {}
                Progress::Finished => finished = true,
                Progress::Over => return Ok(()),
            }
        }
        if ended {
            return finished.then_some(()).ok_or(AgentError::Failed.into());
        }
    }
}

fn take<W: Wording>(data: &str, text: &mut Text) -> Result<Progress, Broken> {
    if data.trim() == "[DONE]" {
        return Ok(Progress::Over);
    }
    let event: Value = serde_json::from_str(data).map_err(|_| AgentError::Failed)?;
    refuse_error(&event, text)?;
    let progress = W::event(&event, text)?;
    Ok(if text.is_full() {
        Progress::Over
    } else {
        progress
    })
}

fn refuse_error(body: &Value, text: &Text) -> Result<(), Broken> {
    match body.get("error") {
        None | Some(Value::Null) => Ok(()),
        Some(error) => Err(Broken {
            error: AgentError::Failed,
            is_internal: text.is_empty() && is_internal(error),
        }),
    }
}

pub fn is_internal(error: &Value) -> bool {
    error.get("message").and_then(Value::as_str) == Some("internal error")
}
