//! Who has talked with the bots: the people and rooms, and the keys under which a bot knows them.

use crate::Emulator;
use crate::keys;

/// A person's own chat with a bot, or a room with one in it.
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

impl Emulator {
    /// The chats there have been, the newest first.
    pub fn chats(&self) -> Vec<Chat> {
        let mut chats = Vec::new();
        for exchange in self.state().records().rev() {
            let chat = match &exchange.room {
                Some(room) => Chat {
                    key: keys::room_key(&exchange.bot, room),
                    bot: exchange.bot.clone(),
                    name: room.clone(),
                    is_room: true,
                },
                None => Chat {
                    key: keys::user_keys(&exchange.bot, &exchange.user).bot_user_key,
                    bot: exchange.bot.clone(),
                    name: exchange.user.clone(),
                    is_room: false,
                },
            };
            if !chats.contains(&chat) {
                chats.push(chat);
            }
        }
        chats
    }
}
