//! Reads the text of a response, as a stream of events or in one piece. Where the text stands
//! differs between endpoints. What holds for all: the body and not its type says what it is, what
//! is no event of the endpoint is a sign of life, and what is not meant for the person is left out.

use bytes::Bytes;
use outside::Response;
use serde_json::Value;

use super::{
    AgentError, asides,
    broken::Broken,
    complaint::{self, Complaint},
    endpoint::{MAX_BODY, unfinished},
    json,
    sse::Events,
};

/// A byte order mark.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Longest text kept, in bytes; far more than a channel shows.
const MAX_TEXT: usize = 256 * 1024;

/// Where one kind of endpoint puts its text.
pub trait Wording {
    /// Adds the text in one event of a stream to `text`.
    fn event(event: &Value, text: &mut Text) -> Result<Progress, Broken>;

    /// Adds the text of a response in one piece to `text`.
    fn whole(body: &Value, text: &mut Text) -> Result<(), Broken>;
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

/// The text of an answer so far.
#[derive(Default)]
pub struct Text {
    said: String,
    /// Byte in `said` at which the part that is being streamed begins.
    part: usize,
    is_full: bool,
    is_cut: bool,
    is_filtered: bool,
}

impl Text {
    pub fn push(&mut self, words: &str) {
        if self.is_full {
            return;
        }
        let room = MAX_TEXT.saturating_sub(self.said.len());
        let end = words.floor_char_boundary(room);
        self.said.push_str(words.get(..end).unwrap_or_default());
        if words.len() > room {
            self.is_full = true;
            self.is_cut = true;
        }
    }

    /// Replaces the part that was being streamed by `part`, which is all of it.
    pub fn settle(&mut self, part: &str) {
        if !self.is_full {
            self.said.truncate(self.part);
            self.push(part);
            self.part = self.said.len();
        }
    }

    /// Begins another message, after a blank line unless it is the first.
    pub fn begin_message(&mut self) {
        if !self.is_empty() && !self.said.ends_with("\n\n") {
            self.push("\n\n");
        }
        self.part = self.said.len();
    }

    /// Notes that the agent had more to say.
    pub fn break_off(&mut self) {
        self.is_cut = true;
    }

    /// Notes that a filter kept the agent from saying more.
    pub fn stop_by_filter(&mut self) {
        self.is_cut = true;
        self.is_filtered = true;
    }

    pub fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    /// What is meant for the person, trimmed; it ends with "…" where it was cut off.
    fn finish(self) -> Result<String, AgentError> {
        let said = json::joined(&self.said);
        let mut said = asides::without(&said).trim().to_owned();
        if said.is_empty() {
            return Err(if self.is_filtered {
                AgentError::Filtered
            } else {
                AgentError::Empty
            });
        }
        // A card with "…" behind it would not be one any more.
        let is_whole = said.starts_with('{') && serde_json::from_str::<Value>(&said).is_ok();
        if self.is_cut && !is_whole && !said.ends_with('…') {
            said.push('…');
        }
        Ok(said)
    }
}

/// The text of an answer, without what is not meant for the person. An `error` in a 2xx response is
/// an error. Every question asks for a stream; a response in one piece is understood too.
pub async fn read<W: Wording>(mut response: Response) -> Result<String, Broken> {
    let mut start = Vec::new();
    while first_byte(&start).is_none()
        && let Some(chunk) = response.chunk().await.map_err(unfinished)?
    {
        add(&mut start, &chunk)?;
    }
    let mut text = Text::default();
    if matches!(first_byte(&start), Some(b'{' | b'[' | b'<')) {
        read_whole::<W>(response, start, &mut text).await?;
    } else {
        read_stream::<W>(response, start, &mut text).await?;
    }
    Ok(text.finish()?)
}

/// The first byte that says something; `None` if it is not there yet.
fn first_byte(start: &[u8]) -> Option<u8> {
    if BOM.starts_with(start) {
        return None;
    }
    let start = start.strip_prefix(BOM).unwrap_or(start);
    start.trim_ascii_start().first().copied()
}

fn add(body: &mut Vec<u8>, chunk: &[u8]) -> Result<(), AgentError> {
    if body.len() + chunk.len() > MAX_BODY {
        return Err(AgentError::Unreadable);
    }
    body.extend_from_slice(chunk);
    Ok(())
}

async fn read_whole<W: Wording>(
    mut response: Response,
    mut body: Vec<u8>,
    text: &mut Text,
) -> Result<(), Broken> {
    while let Some(chunk) = response.chunk().await.map_err(unfinished)? {
        add(&mut body, &chunk)?;
    }
    let body = json::read(&body).ok_or(AgentError::Unreadable)?;
    refuse_error(&body, text)?;
    W::whole(&body, text)
}

/// Reads the events of a stream of which `start` is there. One that ends without saying that it is
/// complete was cut off, and one that breaks off has failed.
async fn read_stream<W: Wording>(
    mut response: Response,
    start: Vec<u8>,
    text: &mut Text,
) -> Result<(), Broken> {
    let mut events = Events::default();
    let mut out = Vec::new();
    let mut is_finished = false;
    let mut is_stream = response.is_event_stream();
    let start = start.strip_prefix(BOM).unwrap_or(&start);
    let mut chunk = Ok(Some(Bytes::copy_from_slice(start)));
    loop {
        match &chunk {
            Ok(Some(chunk)) => events
                .push(chunk, &mut out)
                .map_err(|_| AgentError::Failed)?,
            Ok(None) => out.extend(std::mem::take(&mut events).finish()),
            Err(_) => {}
        }
        is_stream |= !out.is_empty();
        for data in out.drain(..) {
            match take::<W>(&data, text)? {
                Progress::Open => {}
                Progress::Finished => is_finished = true,
                Progress::Over => return Ok(()),
            }
        }
        match chunk {
            Ok(Some(_)) => {}
            _ if is_finished => return Ok(()),
            Ok(None) if !is_stream => return Err(AgentError::Unreadable.into()),
            Ok(None) if !text.is_empty() => {
                text.break_off();
                return Ok(());
            }
            _ => return Err(AgentError::Failed.into()),
        }
        chunk = response.chunk().await;
    }
}

fn take<W: Wording>(data: &str, text: &mut Text) -> Result<Progress, Broken> {
    let data = data.trim();
    if data == "[DONE]" {
        return Ok(Progress::Over);
    }
    let Some(event) = json::read(data.as_bytes()) else {
        // Words of the answer may have been in it; anything else is a sign of life.
        return if data.starts_with('{') {
            Err(AgentError::Failed.into())
        } else {
            Ok(Progress::Open)
        };
    };
    refuse_error(&event, text)?;
    let progress = W::event(&event, text)?;
    Ok(if text.is_full {
        Progress::Over
    } else {
        progress
    })
}

fn refuse_error(body: &Value, text: &Text) -> Result<(), Broken> {
    complaint::in_response(body).map_or(Ok(()), |error| Err(broken(error, text)))
}

/// The error that an endpoint reports in a good response.
pub fn broken(error: &Value, text: &Text) -> Broken {
    let complaint = Complaint::of(error);
    Broken {
        error: Complaint::error(Some(&complaint), None),
        is_internal: text.is_empty() && complaint.is_internal(),
        complaint: Some(complaint),
    }
}
