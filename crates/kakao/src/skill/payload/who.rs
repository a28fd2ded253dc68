//! Who is calling. Only `userRequest.user` and `userRequest.chat` count: the platform writes them,
//! while parameters and button data hold whatever somebody put into them (F-50).

use serde_json::Value;

use super::{
    error::ParseError,
    id::{Caller, Id, IdKind},
    json::{at, is_empty, scalar},
};

/// The person in a `user` object (skill.md §3.4); `None` if its id is declared to be of another
/// kind.
pub(super) fn person(user: &Value) -> Option<Id> {
    let said = at(user, &["type"]).and_then(Value::as_str);
    let other = [
        IdKind::PlusfriendUserKey,
        IdKind::AppUserId,
        IdKind::BotGroupKey,
    ];
    if other.iter().any(|kind| Some(kind.as_str()) == said) {
        return None;
    }
    id(user, "id", IdKind::BotUserKey)
}

/// The room of a group chat (skill.md §8), or `None` in a 1:1 chat.
///
/// A `chat` that names no room is an error: an answer meant for one person must not end up in front
/// of several.
pub(super) fn room(request: &Value) -> Result<Option<Id>, ParseError> {
    let Some(chat) = at(request, &["chat"]).filter(|chat| !is_empty(chat)) else {
        return Ok(None);
    };
    let kind = IdKind::BotGroupKey;
    let own = match at(chat, &["type"]) {
        Some(said) if said != kind.as_str() => None,
        _ => id(chat, "id", kind),
    };
    own.or_else(|| id(at(chat, &["properties"])?, kind.as_str(), kind))
        .map(Some)
        .ok_or(ParseError::NoSender)
}

/// A room stands for everyone in it and has no other names.
pub(super) fn caller(speaker: &Id, room: Option<Id>, user: &Value) -> Caller {
    if let Some(id) = room {
        return Caller {
            id,
            aliases: Vec::new(),
        };
    }
    let aliases = at(user, &["properties"]).map_or_else(Vec::new, |given| {
        let kinds = [IdKind::PlusfriendUserKey, IdKind::AppUserId];
        kinds
            .into_iter()
            .filter_map(|kind| id(given, kind.as_str(), kind))
            .collect()
    });
    Caller {
        id: speaker.clone(),
        aliases,
    }
}

/// Whether parameters or button data name another person than the platform does. It is logged and
/// otherwise ignored.
pub(super) fn is_contradicted(root: &Value, user: &Value, speaker: &Id) -> bool {
    let given = |name| at(user, &["properties", name]).and_then(scalar);
    let truths = [
        (["botUserKey", "bot_user_key"], Some(speaker.id().into())),
        (
            ["plusfriendUserKey", "plusfriend_user_key"],
            given("plusfriendUserKey"),
        ),
        (["appUserId", "app_user_id"], given("appUserId")),
    ];
    let claims = [
        ["action", "params"],
        ["action", "clientExtra"],
        ["userRequest", "params"],
    ];
    given("botUserKey").is_some_and(|key| key != speaker.id())
        || claims
            .iter()
            .filter_map(|path| at(root, path))
            .any(|claim| {
                truths.iter().any(|(names, truth)| {
                    let mut claimed = names
                        .iter()
                        .filter_map(|name| at(claim, &[name]).and_then(scalar));
                    claimed.any(|id| Some(id) != *truth)
                })
            })
}

fn id(holder: &Value, name: &str, kind: IdKind) -> Option<Id> {
    Id::new(kind, &scalar(at(holder, &[name])?)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn f49_an_id_of_another_kind_is_nobody() {
        for kind in ["plusfriendUserKey", "appUserId", "botGroupKey"] {
            assert_eq!(person(&json!({"id": "abc", "type": kind})), None);
        }
        for kind in [
            json!("botUserKey"),
            json!("someNewWord"),
            json!(null),
            json!(7),
        ] {
            assert!(person(&json!({"id": "abc", "type": kind})).is_some());
        }
    }

    #[test]
    fn unusable_ids_are_nobody() {
        for user in [
            json!("abc"),
            json!({}),
            json!([]),
            json!({"properties": {"botUserKey": "abc"}}),
        ] {
            assert_eq!(person(&user), None);
        }
        for id in [
            json!(""),
            json!(" "),
            json!(1.5),
            json!({}),
            json!(true),
            json!("a\u{0}b"),
            json!("a".repeat(129)),
        ] {
            assert_eq!(person(&json!({"id": id})), None);
        }
    }

    #[test]
    fn f111_numeric_ids_survive_exactly() {
        let number = |id: Value| person(&json!({"id": id})).map(|person| person.id().to_owned());
        assert_eq!(
            number(json!(u64::MAX)).as_deref(),
            Some("18446744073709551615")
        );
        assert_eq!(
            number(json!(i64::MIN)).as_deref(),
            Some("-9223372036854775808")
        );
    }

    #[test]
    fn a_chat_without_a_usable_room_is_refused() {
        let room_of = |chat: Value| {
            room(&json!({"chat": chat})).map(|room| room.map(|id| id.id().to_owned()))
        };
        for chat in [json!(null), json!({}), json!("")] {
            assert_eq!(room_of(chat), Ok(None));
        }
        for chat in [
            json!({"id": "r"}),
            json!({"id": "r", "type": "botGroupKey"}),
            json!({"id": "x", "type": "newWord", "properties": {"botGroupKey": "r"}}),
            json!({"properties": {"botGroupKey": "r"}}),
        ] {
            assert_eq!(room_of(chat), Ok(Some("r".to_owned())));
        }
        for chat in [
            json!("r"),
            json!({"id": {}}),
            json!({"id": "x", "type": "newWord"}),
            json!({"id": "x", "type": "botUserKey"}),
        ] {
            assert_eq!(room_of(chat), Err(ParseError::NoSender));
        }
    }

    #[test]
    fn f50_only_another_persons_ids_are_a_contradiction() {
        let speaker = Id::new(IdKind::BotUserKey, "me").unwrap();
        let user = json!({"id": "me", "properties": {"botUserKey": "me", "appUserId": 7}});
        let contradicted = |root: Value| is_contradicted(&root, &user, &speaker);
        assert!(!contradicted(
            json!({"action": {"clientExtra": {"botUserKey": "me", "appUserId": "7", "userId": "x"}}})
        ));
        assert!(contradicted(
            json!({"action": {"clientExtra": {"bot_user_key": "you"}}})
        ));
        assert!(contradicted(
            json!({"action": {"params": {"appUserId": 8}}})
        ));
        assert!(contradicted(
            json!({"userRequest": {"params": {"plusfriendUserKey": "new"}}})
        ));
        assert!(is_contradicted(
            &json!({}),
            &json!({"properties": {"botUserKey": "you"}}),
            &speaker
        ));
    }
}
