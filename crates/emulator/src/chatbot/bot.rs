//! A chatbot as its owner has set it up: the skill it calls and the blocks that call it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::keys;

/// A chatbot (skill.md §1).
#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Bot {
    /// 24 hex digits, without the `!` of the development channel.
    #[serde(default)]
    pub id: String,
    /// The name in the payload.
    #[serde(default = "default_name")]
    pub name: String,
    /// Where the skill is.
    pub skill_url: String,
    /// The custom header's name and secret value, if one is set.
    #[serde(default)]
    pub header: Option<(String, String)>,
    /// Whether people talk to it on the development channel unless a message says otherwise.
    #[serde(default)]
    pub dev_channel: bool,
    /// The blocks; without any given, those of [`Bot::new`].
    #[serde(default)]
    pub blocks: Vec<Block>,
}

/// One intent with its sample utterances and what follows when it matches.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Block {
    /// 24 hex digits; derived from the name when left out.
    #[serde(default)]
    pub id: String,
    /// The name in the payload.
    pub name: String,
    /// When it runs.
    #[serde(default)]
    pub kind: BlockKind,
    /// Whether the callback option is on.
    #[serde(default)]
    pub callback: bool,
    /// What the person sees while a callback is awaited; `{{#webhook.text}}` is filled from the
    /// skill's `data.text` (skill.md §5.2).
    #[serde(default = "default_waiting_message")]
    pub waiting_message: String,
    /// Texts that match it exactly. For an event block: the names of its events, none meaning any.
    #[serde(default)]
    pub utterances: Vec<String>,
}

/// When a block runs.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum BlockKind {
    /// When nothing else matches.
    Fallback,
    /// When a person enters the room for the first time.
    Welcome,
    /// When the Event API names it.
    Event,
    /// When an utterance matches.
    #[default]
    Normal,
}

fn default_name() -> String {
    "하늘비서".into()
}

fn default_waiting_message() -> String {
    "{{#webhook.text}}".into()
}

impl Bot {
    /// A bot on the production channel with a fallback block that has the callback on, a welcome
    /// block, a block without callback and an event block.
    pub fn new(
        id: impl Into<String>,
        skill_url: impl Into<String>,
        header: Option<(String, String)>,
    ) -> Self {
        Self {
            id: id.into(),
            name: default_name(),
            skill_url: skill_url.into(),
            header,
            dev_channel: false,
            blocks: Vec::new(),
        }
        .completed()
    }

    /// Fills in what was left out: the blocks and their ids.
    pub(crate) fn completed(mut self) -> Self {
        if let Some(id) = self.id.strip_suffix('!') {
            self.id = id.to_owned();
        }
        if self.blocks.is_empty() {
            self.blocks = vec![
                Block::new("폴백 블록", BlockKind::Fallback, true),
                Block::new("웰컴 블록", BlockKind::Welcome, false),
                Block {
                    utterances: vec!["콜백 없이".into()],
                    ..Block::new("콜백 없는 블록", BlockKind::Normal, false)
                },
                Block::new("이벤트 블록", BlockKind::Event, false),
            ];
        }
        for block in &mut self.blocks {
            if block.id.is_empty() {
                block.id = keys::object_id(&self.id, "block", &block.name);
            }
        }
        self
    }

    /// The block called `name`, or with that id.
    pub(crate) fn block(&self, name: &str) -> Option<&Block> {
        self.blocks.iter().find(|b| b.id == name || b.name == name)
    }

    /// The block that answers the text: the one with that utterance, else the fallback block.
    pub(crate) fn matching(&self, text: &str) -> Option<&Block> {
        let said = |block: &&Block| block.utterances.iter().any(|u| u.trim() == text.trim());
        self.blocks
            .iter()
            .filter(|block| block.kind != BlockKind::Event)
            .find(said)
            .or_else(|| self.of_kind(BlockKind::Fallback))
    }

    /// The block that the event runs.
    pub(crate) fn on_event(&self, event: &str) -> Option<&Block> {
        self.blocks
            .iter()
            .filter(|block| block.kind == BlockKind::Event)
            .find(|b| {
                b.name == event
                    || b.utterances.is_empty()
                    || b.utterances.iter().any(|u| u == event)
            })
    }

    fn of_kind(&self, kind: BlockKind) -> Option<&Block> {
        self.blocks.iter().find(|block| block.kind == kind)
    }

    /// The bot as it may be shown: without the header's value.
    pub(crate) fn shown(&self) -> Self {
        let mut shown = self.clone();
        if let Some((_, value)) = &mut shown.header {
            "***".clone_into(value);
        }
        shown
    }
}

impl fmt::Debug for Bot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bot")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("header", &self.header.as_ref().map(|(name, _)| name))
            .field("dev_channel", &self.dev_channel)
            .field("blocks", &self.blocks)
            .finish_non_exhaustive()
    }
}

impl Block {
    /// A block without utterances whose waiting message is the skill's own `data.text`.
    pub fn new(name: impl Into<String>, kind: BlockKind, callback: bool) -> Self {
        Self {
            id: String::new(),
            name: name.into(),
            kind,
            callback,
            waiting_message: default_waiting_message(),
            utterances: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bot() -> Bot {
        let header = ("X-Skill-Key".to_owned(), "secret-value".to_owned());
        Bot::new(
            "6f1a0c5e9d2b7348a1c0de01!",
            "http://127.0.0.1:1/",
            Some(header),
        )
    }

    #[test]
    fn the_secret_is_never_printed_or_shown() {
        assert!(!format!("{:?}", bot()).contains("secret-value"));
        let shown = serde_json::to_string(&bot().shown()).unwrap();
        assert!(!shown.contains("secret-value"));
    }

    #[test]
    fn text_without_its_own_block_reaches_the_fallback_block() {
        assert_eq!(bot().matching("아무 말").unwrap().name, "폴백 블록");
        assert_eq!(
            bot().matching(" 콜백 없이\n").unwrap().name,
            "콜백 없는 블록"
        );
    }

    #[test]
    fn a_bot_is_made_from_its_skill_url_alone() {
        let bot: Bot = serde_json::from_str(r#"{"skillUrl":"http://127.0.0.1:1/"}"#).unwrap();
        let bot = bot.completed();
        assert_eq!(bot.blocks.len(), 4);
        assert!(bot.blocks.iter().all(|block| block.id.len() == 24));
    }

    #[test]
    fn an_event_block_takes_its_own_events_or_any() {
        let mut bot = bot();
        assert!(bot.on_event("anything").is_some());
        bot.blocks[3].utterances = vec!["report_ready".into()];
        assert!(bot.on_event("report_ready").is_some());
        assert!(bot.on_event("other").is_none());
    }
}
