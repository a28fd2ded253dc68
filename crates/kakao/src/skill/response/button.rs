//! What a person can tap: buttons of cards, quick replies, and what a tap says.

use reply::{PlainText, Suggestion, clean};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    Limited, WebUrl,
    rules::{Violation, check_count},
};

/// What stands on a button or quick reply.
pub type Label = Limited<14, 1>;

/// What a tap says.
pub type Said = Limited<1000>;

/// Data that comes back with a tap, as `action.clientExtra`. Its strings are made safe like any
/// text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Extra(Map<String, Value>);

impl Extra {
    pub fn new(values: Map<String, Value>) -> Self {
        Self(safe_map(values))
    }
}

fn safe_map(values: Map<String, Value>) -> Map<String, Value> {
    values
        .into_iter()
        .map(|(key, value)| (clean(&key), safe(value)))
        .collect()
}

fn safe(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(clean(&text)),
        Value::Array(values) => values.into_iter().map(safe).collect(),
        Value::Object(values) => Value::Object(safe_map(values)),
        other => other,
    }
}

/// The id of a block of the bot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct BlockId(String);

impl BlockId {
    /// 24 hex digits. One that the bot does not have costs the whole answer, and only the platform
    /// knows which it has.
    pub fn parse(id: &str) -> Option<Self> {
        (id.len() == 24 && id.bytes().all(|b| b.is_ascii_hexdigit())).then(|| Self(id.to_owned()))
    }
}

/// A telephone number to dial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// 3 to 20 digits, `-` and a leading `+`.
    pub fn parse(number: &str) -> Option<Self> {
        let digits = number.strip_prefix('+').unwrap_or(number);
        ((3..=20).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit() || b == b'-'))
        .then(|| Self(number.to_owned()))
    }
}

/// A tap that talks to the bot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(
    tag = "action",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Tap {
    /// Says `message_text` as if the person had typed it.
    Message {
        message_text: Said,
        #[serde(skip_serializing_if = "Option::is_none")]
        extra: Option<Extra>,
    },
    /// Runs a block, whatever the text. Fills no slot (skill.md §4.4).
    Block {
        block_id: BlockId,
        /// The utterance; without it, the label.
        #[serde(skip_serializing_if = "Option::is_none")]
        message_text: Option<Said>,
        #[serde(skip_serializing_if = "Option::is_none")]
        extra: Option<Extra>,
    },
}

impl Tap {
    pub fn says(text: &str) -> Self {
        Self::Message {
            message_text: Limited::fit(text),
            extra: None,
        }
    }
}

/// An answer to tap, below the last bubble until the next message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuickReply {
    label: Label,
    #[serde(flatten)]
    tap: Tap,
}

impl QuickReply {
    pub fn new(label: Label, tap: Tap) -> Self {
        Self { label, tap }
    }

    /// Says its label in full where the suggestion says nothing else. `None` if there is nothing to
    /// read on it.
    pub fn suggested(suggestion: &Suggestion) -> Option<Self> {
        let label = PlainText::literal(&suggestion.label)?;
        let said = suggestion.message_text.as_deref().map(Said::fit);
        let block = suggestion.block_id.as_deref().and_then(BlockId::parse);
        let extra = suggestion.extra.clone().map(Extra::new);
        let tap = match block {
            Some(block_id) => Tap::Block {
                block_id,
                message_text: said,
                extra,
            },
            None => Tap::Message {
                message_text: said.unwrap_or_else(|| Said::from(&label)),
                extra,
            },
        };
        let label = label.into();
        Some(Self { label, tap })
    }
}

/// A button of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Button {
    label: Label,
    #[serde(flatten)]
    action: Action,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Action {
    Tap(Tap),
    Other(Other),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(
    tag = "action",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
enum Other {
    WebLink { web_link_url: WebUrl },
    Phone { phone_number: PhoneNumber },
    Share,
    Operator,
}

impl Button {
    pub fn tap(label: Label, tap: Tap) -> Self {
        Self {
            label,
            action: Action::Tap(tap),
        }
    }

    /// Opens an address. The skill does not hear of it (skill.md §4.4).
    pub fn web_link(label: Label, url: WebUrl) -> Self {
        Self {
            label,
            action: Action::Other(Other::WebLink { web_link_url: url }),
        }
    }

    /// Dials. Not shown on a PC.
    pub fn phone(label: Label, number: PhoneNumber) -> Self {
        Self {
            label,
            action: Action::Other(Other::Phone {
                phone_number: number,
            }),
        }
    }

    /// Passes the bubble on.
    pub fn share(label: Label) -> Self {
        Self {
            label,
            action: Action::Other(Other::Share),
        }
    }

    /// Calls a human; the channel needs one-to-one chat or consultation talk.
    pub fn operator(label: Label) -> Self {
        Self {
            label,
            action: Action::Other(Other::Operator),
        }
    }
}

/// The buttons of one card and how they stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Buttons {
    buttons: Vec<Button>,
    button_layout: Layout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Layout {
    Vertical,
    Horizontal,
}

impl Buttons {
    /// On one card.
    pub const MAX: usize = 3;
    const MAX_SIDE_BY_SIDE: usize = 2;
    /// Units of a label beside another.
    const MAX_LABEL_SIDE_BY_SIDE: usize = 8;

    /// One to three: side by side if that is wanted and their labels have room there, else below
    /// each other.
    pub fn new(buttons: Vec<Button>, side_by_side: bool) -> Result<Self, Violation> {
        check_count(buttons.len(), Self::MAX)?;
        let is_short = |it: &Button| it.label.units() <= Self::MAX_LABEL_SIDE_BY_SIDE;
        let have_room = buttons.len() == 1
            || buttons.len() <= Self::MAX_SIDE_BY_SIDE && buttons.iter().all(is_short);
        let button_layout = if side_by_side && have_room {
            Layout::Horizontal
        } else {
            Layout::Vertical
        };
        Ok(Self {
            buttons,
            button_layout,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::*;

    #[test]
    fn every_button_has_the_field_its_action_needs() {
        let label = || Label::fit("누르기");
        let block = BlockId::parse("6f1a0c5e9d2b7348a1c0f001").unwrap();
        let buttons = [
            Button::web_link(label(), WebUrl::parse("https://example.com").unwrap()),
            Button::tap(label(), Tap::says("안녕")),
            Button::tap(
                label(),
                Tap::Block {
                    block_id: block,
                    message_text: None,
                    extra: None,
                },
            ),
            Button::phone(label(), PhoneNumber::parse("02-123-4567").unwrap()),
            Button::share(label()),
            Button::operator(label()),
        ];
        assert_eq!(
            to_value(buttons).unwrap(),
            json!([
                {"label": "누르기", "action": "webLink", "webLinkUrl": "https://example.com/"},
                {"label": "누르기", "action": "message", "messageText": "안녕"},
                {"label": "누르기", "action": "block", "blockId": "6f1a0c5e9d2b7348a1c0f001"},
                {"label": "누르기", "action": "phone", "phoneNumber": "02-123-4567"},
                {"label": "누르기", "action": "share"},
                {"label": "누르기", "action": "operator"},
            ])
        );
    }

    #[test]
    fn too_many_buttons_are_refused() {
        let buttons = |count| Buttons::new(vec![Button::share(Label::fit("나누기")); count], false);
        assert_eq!(buttons(4), Err(Violation::TooMany(3)));
        assert_eq!(buttons(0), Err(Violation::Empty));
        assert!(buttons(3).is_ok());
    }

    #[test]
    fn buttons_without_room_side_by_side_stand_below_each_other() {
        let layout = |labels: &[&str]| {
            let button = |label: &&str| Button::share(Label::fit(label));
            let buttons = Buttons::new(labels.iter().map(button).collect(), true);
            buttons.unwrap().button_layout
        };
        assert_eq!(layout(&["친구에게 보내요"]), Layout::Horizontal);
        assert_eq!(layout(&["친구에게 보내 주세요"]), Layout::Horizontal);
        assert_eq!(layout(&["친구에게 보내요", "닫기"]), Layout::Horizontal);
        assert_eq!(layout(&["친구에게 보내 주세요", "닫기"]), Layout::Vertical);
        assert_eq!(layout(&["하나", "둘", "셋"]), Layout::Vertical);
    }

    #[test]
    fn a_suggestion_says_what_its_label_had_no_room_for() {
        let quick_reply = |text| QuickReply::suggested(&Suggestion::says(text));
        assert_eq!(
            to_value(quick_reply("내일 서울 날씨는 어때요?\n모레는요?").unwrap()).unwrap(),
            json!({"label": "내일 서울 날씨는 어때요…", "action": "message", "messageText": "내일 서울 날씨는 어때요?\n모레는요?"})
        );
        assert_eq!(quick_reply("\u{200b} "), None);
    }

    #[test]
    fn f115_extra_data_cannot_open_a_template() {
        let Value::Object(values) = json!({"{{#a": ["{{#b", {"c": "{{ #d\0"}], "e": 1}) else {
            panic!("no object")
        };
        assert_eq!(
            to_value(Extra::new(values)).unwrap(),
            json!({"{ {#a": ["{ {#b", {"c": "{ { #d"}], "e": 1})
        );
    }

    #[test]
    fn ids_and_numbers_of_no_use_are_refused() {
        assert!(
            ["", "a b", "한글"]
                .into_iter()
                .all(|id| BlockId::parse(id).is_none())
        );
        assert!(
            ["12", "call me", "+", "010-1234-5678-9012-3456"]
                .into_iter()
                .all(|number| PhoneNumber::parse(number).is_none())
        );
    }
}
