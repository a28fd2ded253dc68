//! What can be tapped on a card (skill.md §4.4): as many buttons as have room, and what the others
//! become.

use reply::{PlainText, Suggestion, readable, units};
use serde_json::{Map, Value};
use url::Url;

use super::{fitting::Fitting, words::Fields};
use crate::skill::response::{
    BlockId, Button, Buttons, Extra, Label, PhoneNumber, Said, Tap, WebUrl,
};

/// Actions of group rooms (skill.md §8), which Dari does not offer.
const IN_ROOMS: [&str; 5] = ["guide", "invite", "inviteMember", "mention", "settings"];

/// A button that was understood.
struct Pressable<'a> {
    label: PlainText,
    does: Does<'a>,
}

enum Does<'a> {
    Talk(Talk<'a>),
    Open(WebUrl),
    /// The number, and how it was written.
    Dial(PhoneNumber, PlainText),
    Share,
    CallHuman,
}

/// A tap that talks to the bot.
#[derive(Default)]
pub(super) struct Talk<'a> {
    said: Option<PlainText>,
    /// A block's id.
    block: Option<&'a str>,
    extra: Option<Map<String, Value>>,
}

impl<'a> Talk<'a> {
    /// What a button or a row does, if it talks to the bot.
    pub(super) fn read(fields: &mut Fields<'a>) -> Option<Self> {
        let action = fields.code("action");
        let may_run = action.is_none_or(|action| action == "block");
        let is_block = |id: &&str| may_run && BlockId::parse(id).is_some();
        let talk = Self {
            said: fields.text("messageText"),
            block: fields.code("blockId").filter(is_block),
            extra: fields.extra(),
        };
        let does_talk = match action {
            Some("block" | "message") => true,
            Some("phone" | "share" | "operator") => false,
            Some(action) if IN_ROOMS.contains(&action) => false,
            _ => talk.said.is_some() || talk.block.is_some(),
        };
        does_talk.then_some(talk)
    }

    /// Says the whole label if it has nothing else to say.
    pub(super) fn tap(self, label: &PlainText, shown: &str) -> Tap {
        let extra = self.extra.map(Extra::new);
        let message_text = self.said.as_ref().unwrap_or(label).into();
        match self.block.and_then(BlockId::parse) {
            None => Tap::Message {
                message_text,
                extra,
            },
            Some(block_id) => Tap::Block {
                block_id,
                message_text: (self.said.is_some() || label.as_str() != shown)
                    .then_some(message_text),
                extra,
            },
        }
    }

    /// Whether a label that is cut is still said in full by a tap.
    fn says_all_of(&self, label: &PlainText) -> bool {
        self.said.is_none() && units(label.as_str()) <= Said::MAX_UNITS
    }
}

impl Fitting<'_> {
    /// The card's buttons; below each other unless it asks for the other way (square pictures do)
    /// and they have room.
    pub(super) fn buttons(&mut self, fields: &mut Fields<'_>, is_square: bool) -> Option<Buttons> {
        let side_by_side = match fields.code("buttonLayout") {
            Some("horizontal") => true,
            Some("vertical") => false,
            _ => is_square,
        };
        let mut pressables = self.pressables(fields);
        let beyond = pressables.split_off(pressables.len().min(Buttons::MAX));
        let buttons = pressables.into_iter().map(|it| self.button(it)).collect();
        for pressable in beyond {
            self.tell(pressable);
        }
        Buttons::new(buttons, side_by_side).ok()
    }

    /// For a card that has no room for any button.
    pub(super) fn press_none(&mut self, fields: &mut Fields<'_>) {
        for pressable in self.pressables(fields) {
            self.tell(pressable);
        }
    }

    fn pressables<'a>(&mut self, fields: &mut Fields<'a>) -> Vec<Pressable<'a>> {
        let values = fields.list("buttons").iter();
        values.filter_map(|value| self.pressable(value)).collect()
    }

    fn pressable<'a>(&mut self, value: &'a Value) -> Option<Pressable<'a>> {
        let Value::Object(body) = value else {
            let does = Does::Talk(Talk::default());
            return readable(value).map(|label| Pressable { label, does });
        };
        let mut fields = Fields::of(body);
        let label = fields.text("label").or_else(|| fields.text("title"));
        let pressable = self.understood(label, &mut fields);
        self.rest.unused(fields);
        pressable
    }

    /// `None` if it can do nothing; its label is said then.
    fn understood<'a>(
        &mut self,
        label: Option<PlainText>,
        fields: &mut Fields<'a>,
    ) -> Option<Pressable<'a>> {
        let action = fields.code("action");
        let url = fields.code("webLinkUrl");
        let number = fields.text("phoneNumber");
        if let (Some("webLink") | None, Some(url)) = (action, url) {
            return self.opening(label, url);
        }
        if let Some(talk) = Talk::read(fields) {
            let label = label.or_else(|| talk.said.clone())?;
            let does = Does::Talk(talk);
            return Some(Pressable { label, does });
        }
        let does = match (action, number, url) {
            (Some("share"), ..) => Does::Share,
            (Some("operator"), ..) => Does::CallHuman,
            (Some("phone") | None, Some(number), _) => return self.dialling(label, number),
            (None, None, _) => Does::Talk(Talk {
                extra: fields.extra(),
                ..Talk::default()
            }),
            (Some(action), _, Some(url)) if action != "phone" && !IN_ROOMS.contains(&action) => {
                return self.opening(label, url);
            }
            _ => {
                self.rest.say_all(label);
                return None;
            }
        };
        label.map(|label| Pressable { label, does })
    }

    fn opening<'a>(&mut self, label: Option<PlainText>, url: &str) -> Option<Pressable<'a>> {
        let Some(url) = self.address(url) else {
            self.rest.say_all(label);
            return None;
        };
        let host = || PlainText::literal(Url::parse(url.as_str()).ok()?.host_str()?);
        Some(Pressable {
            label: label.or_else(host)?,
            does: Does::Open(url),
        })
    }

    fn dialling<'a>(
        &mut self,
        label: Option<PlainText>,
        number: PlainText,
    ) -> Option<Pressable<'a>> {
        let Some(dialled) = dialled(number.as_str()) else {
            match label {
                Some(label) => self.rest.say_pair(&label, number.as_str()),
                None => self.rest.say(number),
            }
            return None;
        };
        Some(Pressable {
            label: label.unwrap_or_else(|| number.clone()),
            does: Does::Dial(dialled, number),
        })
    }

    fn button(&mut self, Pressable { label, does }: Pressable<'_>) -> Button {
        let shown = match &does {
            Does::Talk(talk) if talk.says_all_of(&label) => Label::from(&label),
            _ => self.rest.limited(&label),
        };
        match does {
            Does::Talk(talk) => {
                let tap = talk.tap(&label, shown.as_str());
                Button::tap(shown, tap)
            }
            Does::Open(url) => Button::web_link(shown, url),
            Does::Dial(number, _) => Button::phone(shown, number),
            Does::CallHuman => Button::operator(shown),
            Does::Share => Button::share(shown),
        }
    }

    /// What a button without room becomes.
    fn tell(&mut self, Pressable { label, does }: Pressable<'_>) {
        match does {
            Does::Talk(talk) => self.rest.suggest([Suggestion {
                label: label.into(),
                message_text: talk.said.map(String::from),
                block_id: talk.block.map(str::to_owned),
                extra: talk.extra,
            }]),
            Does::Open(url) => self.rest.say_pair(&label, url.as_str()),
            Does::Dial(_, number) => self.rest.say_pair(&label, number.as_str()),
            Does::Share | Does::CallHuman => self.rest.say(label),
        }
    }
}

/// A number that was written for people: `(02) 123.4567`.
fn dialled(number: &str) -> Option<PhoneNumber> {
    let written = |c: char| !matches!(c, ' ' | '(' | ')');
    let number: String = number.chars().filter(|c| written(*c)).collect();
    PhoneNumber::parse(&number.replace(['.', '‑', '–'], "-"))
}
