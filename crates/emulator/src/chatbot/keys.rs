//! Keys and ids as the chatbot platform makes them: stable for a person in a bot, random for a
//! request.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::keys::{derived, fresh, hex};

/// The two keys under which a bot knows a person (skill.md §3.4).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserKeys {
    /// 66 hex digits; another bot sees another value.
    pub bot_user_key: String,
    /// 12 URL-safe characters; the person's key for the channel.
    pub plusfriend_user_key: String,
}

/// The keys of the person called `user` in the bot.
pub(crate) fn user_keys(bot: &str, user: &str) -> UserKeys {
    let channel = of_bot("plusfriend", bot, user);
    UserKeys {
        bot_user_key: hex(&of_bot("user", bot, user)),
        plusfriend_user_key: URL_SAFE_NO_PAD.encode(channel.first_chunk::<9>().unwrap_or(&[0; 9])),
    }
}

/// The `botGroupKey` of a group chat room.
pub(crate) fn room_key(bot: &str, room: &str) -> String {
    hex(&of_bot("room", bot, room))
}

/// The short number that a skill test sends instead of a user key (skill.md §3.10).
pub(crate) fn account_id(bot: &str, user: &str) -> String {
    let digest = of_bot("account", bot, user);
    let number = u32::from_be_bytes(*digest.first_chunk().unwrap_or(&[0; 4]));
    (100_000 + number % 900_000).to_string()
}

/// A stable 24-hex id of something that belongs to the bot.
pub(crate) fn object_id(bot: &str, kind: &str, name: &str) -> String {
    hex(of_bot(kind, bot, name)
        .first_chunk::<12>()
        .unwrap_or(&[0; 12]))
}

/// A trailing `!` of the bot's id plays no part.
fn of_bot(kind: &str, bot: &str, name: &str) -> [u8; 33] {
    derived(kind, bot.trim_end_matches('!'), name)
}

/// A fresh `chp-<32 hex>`, the form of `X-Request-Id` and of the footprint (skill.md §2).
pub(crate) fn request_id() -> String {
    format!("chp-{}", hex(&fresh::<16>()))
}

/// A fresh 24-character placeholder id, as the skill test sends.
pub(crate) fn placeholder_id() -> String {
    hex(&fresh::<12>())
}

/// A fresh callback token in one of the two styles seen (skill.md §5.1).
pub(crate) fn callback_token(development: bool) -> String {
    let (left, right) = (fresh::<9>(), fresh::<9>());
    let (left, right) = (URL_SAFE_NO_PAD.encode(left), URL_SAFE_NO_PAD.encode(right));
    if development {
        format!("-{left}_{right}")
    } else {
        format!("cbtoken:{left}{right}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOT: &str = "6f1a0c5e9d2b7348a1c0de01";

    #[test]
    fn a_person_has_one_key_per_bot_whatever_the_channel() {
        let keys = user_keys(BOT, "alice");
        assert_eq!(keys, user_keys(&format!("{BOT}!"), "alice"));
        assert_ne!(keys, user_keys(BOT, "bob"));
        assert_ne!(keys, user_keys("6f1a0c5e9d2b7348a1c0de02", "alice"));
    }

    #[test]
    fn keys_look_like_the_platform_s() {
        let keys = user_keys(BOT, "앨리스");
        assert_eq!(keys.bot_user_key.len(), 66);
        assert!(keys.bot_user_key.bytes().all(|b| b.is_ascii_hexdigit()));
        assert_eq!(keys.plusfriend_user_key.len(), 12);
        assert_eq!(room_key(BOT, "가족방").len(), 66);
        assert_eq!(account_id(BOT, "alice").len(), 6);
        assert_eq!(object_id(BOT, "block", "폴백 블록").len(), 24);
    }

    #[test]
    fn fresh_ids_have_their_form() {
        assert!(request_id().starts_with("chp-"));
        assert_eq!(request_id().len(), 36);
        assert_ne!(request_id(), request_id());
        assert!(callback_token(false).starts_with("cbtoken:"));
        assert!(callback_token(true).starts_with('-') && callback_token(true).contains('_'));
    }
}
