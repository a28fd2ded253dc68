//! What a person in the chat does, as the control API takes it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::media::Photo;

/// One thing a person does in a chat with the bot, or an operator in a console.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Message {
    /// Who: any name; the keys in the payload are derived from it.
    pub user: String,
    /// Whether the person has added the channel.
    pub friend: bool,
    /// What is typed.
    pub text: Option<String>,
    /// The group chat room it happens in; none is the channel's own chat.
    pub room: Option<String>,
    /// The name or id of the block to run, instead of the one that matches.
    pub block: Option<String>,
    /// Overrides the block's callback switch.
    pub callback: Option<bool>,
    /// Overrides the bot's channel.
    pub dev_channel: Option<bool>,
    /// A tap on a button, quick reply or list item instead of typing.
    pub tap: Option<Tap>,
    /// A photo (with `video`, a video) sent in the chat.
    pub photo: Option<Photo>,
    /// Photos sent through the secure image plugin, at most 10.
    pub secure_images: Vec<Photo>,
    /// Whether it is a video that is sent; without `photo`, an invented one.
    pub video: bool,
    /// Sent from one of the admin center's consoles instead of the chat.
    pub console: Option<Console>,
    /// The Event API runs a block.
    pub event: Option<Event>,
    /// A knowledge entry, a list of them, or the whole `intent.extra.knowledge`.
    pub knowledge: Option<Value>,
    /// A parameter validation call instead of a skill call.
    pub validation: Option<Validation>,
    /// Replaces the generated `X-Request-Id`.
    pub request_id: Option<String>,
    /// Sends the bytes and the request id of this exchange once more.
    pub repeat: Option<String>,
    /// With `repeat`: under a new request id.
    pub new_request_id: bool,
    /// The person's Kakao Login member number, if linked.
    pub app_user_id: Option<String>,
    /// Sends exactly this body: the text of a JSON string, anything else as JSON.
    pub raw: Option<Value>,
}

/// A tap; with a block id it runs that block, otherwise it says the message text.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Tap {
    pub label: Option<String>,
    pub message_text: Option<String>,
    /// Comes back to the skill as `action.clientExtra`.
    pub extra: Option<Value>,
    pub block_id: Option<String>,
    pub kind: TapKind,
}

/// What was tapped.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum TapKind {
    #[default]
    QuickReply,
    CardButton,
    ListItem,
}

/// The admin center's two consoles (skill.md §3.10).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Console {
    SkillTest,
    BotTest,
}

/// An Event API call as far as the skill sees it (skill.md §6).
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Event {
    pub name: String,
    /// Reaches the skill in `userRequest.params`.
    #[serde(default)]
    pub params: Map<String, Value>,
}

/// The value to be validated (skill.md §7); both default to the text.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Validation {
    pub origin: Option<String>,
    pub resolved: Option<Value>,
}

impl Default for Message {
    fn default() -> Self {
        Self {
            user: String::new(),
            friend: true,
            text: None,
            room: None,
            block: None,
            callback: None,
            dev_channel: None,
            tap: None,
            photo: None,
            secure_images: Vec::new(),
            video: false,
            console: None,
            event: None,
            knowledge: None,
            validation: None,
            request_id: None,
            repeat: None,
            new_request_id: false,
            app_user_id: None,
            raw: None,
        }
    }
}

impl Message {
    /// A friend of the channel types a text.
    pub fn text(user: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            user: user.into(),
            text: Some(text.into()),
            ..Self::default()
        }
    }
}
