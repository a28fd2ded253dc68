//! Who has talked with the bots: the people and rooms, and the keys under which a bot knows them.

use std::collections::HashSet;

use super::{keys, platform::Chatbot};

/// A person's own chat with a bot, or a group room that a bot is in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Chat {
    /// The bot's id without `!`.
    pub bot: String,
    /// The person's or the room's name.
    pub name: String,
    pub is_room: bool,
    /// `botUserKey` or `botGroupKey`.
    pub key: String,
}

impl Chatbot {
    /// The last chats there have been, at most `most`, the newest first.
    pub fn chats(&self, most: usize) -> Vec<Chat> {
        let mut seen = HashSet::new();
        let mut chats = Vec::new();
        for exchange in self.state().records().rev() {
            if chats.len() == most {
                break;
            }
            let (name, is_room) = match &exchange.room {
                Some(room) => (room, true),
                None => (&exchange.user, false),
            };
            if seen.insert((&exchange.bot, name, is_room)) {
                chats.push(Chat {
                    key: if is_room {
                        keys::room_key(&exchange.bot, name)
                    } else {
                        keys::user_keys(&exchange.bot, name).bot_user_key
                    },
                    bot: exchange.bot.clone(),
                    name: name.clone(),
                    is_room,
                });
            }
        }
        chats
    }
}
