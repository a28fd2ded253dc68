//! What the chatbot platform sends to a skill, read tolerantly: everything is optional except who
//! is calling, and what remains is small, clean and typed (skill.md §3, §7, §8).

use std::fmt;

use serde_json::Value;

use super::response::Surface;

mod content;
mod error;
mod id;
mod json;
mod photo;
#[cfg(test)]
mod tests;
mod who;

pub use content::Content;
pub use error::ParseError;
pub use id::{Caller, Id, IdKind};
use json::{at, is_true, label, scalar};
use photo::Media;

#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    Skill(Box<SkillCall>),
    Validation(ValidationCall),
}

/// One message, tap, event or console test that wants a skill response.
#[derive(Clone, PartialEq)]
pub struct SkillCall {
    pub bot: Bot,
    /// Whose conversation it is: the person, under all names the platform gave, or the room of a
    /// group chat.
    ///
    /// In a [`Kind::SkillTest`] the id is only the console's account number (skill.md §3.10).
    pub caller: Caller,
    /// Who wrote: always the person.
    pub speaker: Id,
    pub surface: Surface,
    /// As it was received, not checked (skill.md §5.6). That of a bot test does not work.
    pub callback_url: Option<String>,
    pub kind: Kind,
}

#[derive(Clone, PartialEq, Eq)]
pub struct Bot {
    /// Without the trailing `!` of the development channel.
    pub id: Option<String>,
    pub dev_channel: bool,
}

#[derive(Clone, PartialEq)]
pub enum Kind {
    /// The console's skill test; wants a fixed, immediate answer.
    SkillTest,
    /// The console's bot test.
    BotTest,
    /// The person entered the chat room and said nothing yet.
    Welcome,
    /// The Event API ran a block.
    Event,
    /// Its images are addresses whose hosts are not checked yet, at most 10.
    Message(Content),
    /// A video or something newer; `media` is its type in at most 16 ASCII letters, digits, `-` and
    /// `_`.
    UnsupportedMedia { media: String },
}

impl Kind {
    /// One word for logs and metrics.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::SkillTest => "skill-test",
            Self::BotTest => "bot-test",
            Self::Welcome => "welcome",
            Self::Event => "event",
            Self::Message(_) => "message",
            Self::UnsupportedMedia { .. } => "unsupported-media",
        }
    }
}

/// The platform asks whether a block's parameter is acceptable (skill.md §7).
#[derive(Clone, PartialEq, Eq)]
pub struct ValidationCall {
    /// What to give back unchanged; an object as its JSON. Absent if it is above 8 KiB.
    pub value: Option<String>,
}

/// Reads the body of a request.
pub fn parse(body: &[u8]) -> Result<Call, ParseError> {
    let root = json::read(body)?;
    if !root.is_object() {
        return Err(ParseError::NotObject);
    }
    match at(&root, &["userRequest"]) {
        Some(request) => skill(&root, request).map(|call| Call::Skill(Box::new(call))),
        None => validation(&root)
            .map(Call::Validation)
            .ok_or(ParseError::NoSender),
    }
}

fn skill(root: &Value, request: &Value) -> Result<SkillCall, ParseError> {
    let user = at(request, &["user"]).ok_or(ParseError::NoSender)?;
    let speaker = who::person(user).ok_or(ParseError::NoSender)?;
    let group = who::room(request)?;
    if who::is_contradicted(root, user, &speaker) {
        tracing::warn!(
            "the body names another person than the platform does; the platform's word counts"
        );
    }
    Ok(SkillCall {
        bot: bot(root),
        surface: if group.is_some() {
            Surface::Group
        } else {
            Surface::Channel
        },
        caller: who::caller(&speaker, group, user),
        speaker,
        callback_url: callback_url(request),
        kind: kind(root, request),
    })
}

fn bot(root: &Value) -> Bot {
    let id = at(root, &["bot", "id"]).and_then(label).unwrap_or_default();
    let marked = id.strip_suffix('!');
    let own = marked.unwrap_or(&id);
    Bot {
        id: (!own.is_empty()).then(|| own.to_owned()),
        dev_channel: marked.is_some(),
    }
}

/// The name of the matched block.
fn block(root: &Value, request: &Value) -> Option<String> {
    let name = at(request, &["block", "name"]).and_then(label);
    name.or_else(|| at(root, &["intent", "name"]).and_then(label))
}

fn callback_url(request: &Value) -> Option<String> {
    at(request, &["callbackUrl"])?
        .as_str()
        .filter(|url| !url.trim().is_empty())
        .map(str::to_owned)
}

fn kind(root: &Value, request: &Value) -> Kind {
    if at(request, &["user"]).is_some_and(is_console) {
        return Kind::SkillTest;
    }
    if at(request, &["params", "surface"]).is_some_and(|surface| surface == "BuilderBotTest")
        || at(request, &["params", "ignoreMe"]).is_some_and(is_true)
    {
        return Kind::BotTest;
    }
    let utterance = at(request, &["utterance"])
        .and_then(scalar)
        .unwrap_or_default();
    let mut text = content::text(&utterance);
    let images = match photo::find(root, &text) {
        Media::Absent => Vec::new(),
        Media::Photos(urls) => urls,
        Media::Other(media) => return Kind::UnsupportedMedia { media },
    };
    let tap = content::tap(root);
    if images.is_empty() && tap.is_none() {
        let block = block(root, request).unwrap_or_default();
        if is_welcome(&block) && (text.is_empty() || text == block) {
            return Kind::Welcome;
        }
        if text.is_empty() {
            return if content::is_event(root) {
                Kind::Event
            } else {
                Kind::Welcome
            };
        }
    }
    if images.contains(&text) || !images.is_empty() && photo::is_on_kakao_cdn(&text) {
        text.clear();
    }
    Kind::Message(Content {
        text,
        images,
        tap,
        details: content::details(root),
    })
}

fn is_console(user: &Value) -> bool {
    at(user, &["type"]).is_some_and(|kind| kind == "accountId")
}

/// Whether the block is named like a welcome block. The operator may rename it, so an empty
/// utterance alone is a welcome, too (skill.md §3.8).
fn is_welcome(block: &str) -> bool {
    block.contains("웰컴") || block.to_ascii_lowercase().contains("welcome")
}

fn validation(root: &Value) -> Option<ValidationCall> {
    at(root, &["isInSlotFilling"])?;
    let value = at(root, &["value"]);
    let given = value.and_then(|value| match value {
        Value::Object(_) => at(value, &["resolved"]).or_else(|| at(value, &["origin"])),
        plain => Some(plain),
    });
    let text = given.map(|given| scalar(given).map_or_else(|| given.to_string(), Into::into));
    Some(ValidationCall {
        value: text.filter(|text| text.len() <= content::MAX_DATA_BYTES),
    })
}

/// Neither text nor ids nor addresses, so that it may stand in a log.
impl fmt::Debug for SkillCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SkillCall")
            .field("kind", &self.kind)
            .field("surface", &self.surface)
            .field("dev_channel", &self.bot.dev_channel)
            .field("has_callback", &self.callback_url.is_some())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Bot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bot")
            .field("dev_channel", &self.dev_channel)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ValidationCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValidationCall").finish_non_exhaustive()
    }
}
