//! The request bodies of the platform: the skill payload in all its situations (skill.md §3) and
//! the flat body of a parameter validation call (§7).

use serde_json::{Map, Value, json};

use super::{
    bot::{Block, BlockKind, Bot},
    keys,
    message::{Console, Message, TapKind},
};

/// What the body is built from, besides the message itself.
pub(crate) struct Scene<'a> {
    pub(crate) bot: &'a Bot,
    pub(crate) message: &'a Message,
    pub(crate) block: &'a Block,
    /// The block that ran before in this chat.
    pub(crate) last_block: Option<&'a Block>,
    /// On the development channel.
    pub(crate) development: bool,
    pub(crate) callback_url: Option<String>,
    /// The uploaded photo's or video's address.
    pub(crate) media_url: Option<String>,
    /// What the secure image plugin puts into its parameter.
    pub(crate) secure_images: Option<String>,
}

/// The block that the message runs; `Err` says why there is none.
pub(crate) fn block_for(bot: &Bot, message: &Message) -> Result<Block, String> {
    let named = message.block.as_deref();
    let tapped = message.tap.as_ref().and_then(|tap| tap.block_id.as_deref());
    if let Some(name) = named.or(tapped) {
        let block = bot.block(name).cloned();
        return block.ok_or_else(|| format!("the bot has no block {name:?}"));
    }
    if message.knowledge.is_some() {
        let mut block = Block::new("지식+", BlockKind::Normal, false);
        block.id = keys::object_id(&bot.id, "block", &block.name);
        return Ok(block);
    }
    if let Some(event) = &message.event {
        let block = bot.on_event(&event.name).cloned();
        return block
            .ok_or_else(|| format!("no block of the bot takes the event {:?}", event.name));
    }
    let block = bot.matching(&utterance(message, None)).cloned();
    block.ok_or_else(|| "no block matches and the bot has no fallback block".into())
}

/// The skill payload, or the validation body if the message asks for one.
pub(crate) fn build(scene: &Scene) -> Value {
    if scene.message.validation.is_some() {
        return validation(scene);
    }
    if scene.message.console == Some(Console::SkillTest) {
        return skill_test(scene);
    }
    let (message, bot) = (scene.message, scene.bot);
    let mut payload = json!({
        "bot": {"id": bot_id(scene), "name": bot.name},
        "intent": {"id": scene.block.id, "name": scene.block.name},
        "action": action(scene),
        "userRequest": user_request(scene),
        "contexts": [],
    });
    if message.room.is_none() {
        let mut extra = json!({"reason": {"code": 1, "message": "OK"}});
        put(
            &mut extra,
            "knowledge",
            message.knowledge.as_ref().map(knowledge),
        );
        put_at(&mut payload, "intent", "extra", Some(extra));
    }
    put(&mut payload, "flow", flow(scene));
    payload
}

fn user_request(scene: &Scene) -> Value {
    let message = scene.message;
    let mut request = json!({
        "block": {"id": scene.block.id, "name": scene.block.name},
        "user": user(scene),
        "utterance": utterance(message, scene.media_url.as_deref()),
        "params": params(scene),
        "lang": "ko",
        "timezone": "Asia/Seoul",
    });
    put(
        &mut request,
        "callbackUrl",
        scene.callback_url.clone().map(Value::from),
    );
    let chat = message.room.as_ref().map(|room| {
        let key = keys::room_key(&scene.bot.id, room);
        json!({"id": key, "type": "botGroupKey", "properties": {"botGroupKey": key}})
    });
    put(&mut request, "chat", chat);
    request
}

fn user(scene: &Scene) -> Value {
    let message = scene.message;
    let keys = keys::user_keys(&scene.bot.id, &message.user);
    let key = keys.bot_user_key;
    let mut properties = json!({"botUserKey": key});
    let app_user = message.app_user_id.clone().map(Value::from);
    match (message.console, &message.room) {
        (Some(_), _) => put(&mut properties, "bot_user_key", Some(json!(key))),
        (None, Some(_)) => put(&mut properties, "appUserId", app_user),
        (None, None) => {
            let channel_key = json!(keys.plusfriend_user_key);
            put(&mut properties, "bot_user_key", Some(json!(key)));
            put(
                &mut properties,
                "plusfriendUserKey",
                Some(channel_key.clone()),
            );
            put(&mut properties, "plusfriend_user_key", Some(channel_key));
            put(
                &mut properties,
                "isFriend",
                message.friend.then_some(Value::Bool(true)),
            );
            if app_user.is_some() {
                put(&mut properties, "appUserStatus", Some(json!("REGISTERED")));
                put(
                    &mut properties,
                    "app_user_status",
                    Some(json!("REGISTERED")),
                );
                put(&mut properties, "appUserId", app_user.clone());
                put(&mut properties, "app_user_id", app_user);
            }
        }
    }
    json!({"id": key, "type": "botUserKey", "properties": properties})
}

/// The utterance: the text, or what stands in its place for a tap, an upload or the plugin.
pub(crate) fn utterance(message: &Message, media_url: Option<&str>) -> String {
    let tapped = message.tap.as_ref();
    let tapped = tapped.and_then(|tap| tap.message_text.as_ref().or(tap.label.as_ref()));
    let typed = message.text.as_ref().or(tapped).cloned();
    match message.console {
        Some(Console::SkillTest) => typed.unwrap_or_else(|| "발화 내용".into()),
        Some(Console::BotTest) => format!("{}\n", typed.unwrap_or_default()),
        None if media_url.is_some() => media_url.unwrap_or_default().into(),
        None if !message.secure_images.is_empty() && typed.is_none() => {
            "사진을 전송했습니다.".into()
        }
        None => typed.unwrap_or_default(),
    }
}

fn params(scene: &Scene) -> Value {
    let message = scene.message;
    let mut params = match (message.console, &message.room) {
        (Some(_), _) => json!({"surface": "BuilderBotTest", "ignoreMe": "true"}),
        (None, Some(_)) => json!({}),
        (None, None) => json!({"surface": "Kakaotalk.plusfriend"}),
    };
    let kind = if message.video { "video" } else { "image" };
    let media = scene
        .media_url
        .as_ref()
        .map(|url| json!({"type": kind, "url": url}));
    put(&mut params, "media", media);
    for (name, value) in message.event.iter().flat_map(|event| &event.params) {
        put(&mut params, name, Some(value.clone()));
    }
    params
}

fn action(scene: &Scene) -> Value {
    let extra = scene.message.tap.as_ref().and_then(|tap| tap.extra.clone());
    let mut action = json!({
        "id": keys::object_id(&scene.bot.id, "skill", ""),
        "name": "skill",
        "params": {},
        "detailParams": {},
        "clientExtra": extra.unwrap_or_else(|| json!({})),
    });
    if let Some(images) = &scene.secure_images {
        let detail = json!({"groupName": "", "origin": images, "value": images});
        put(&mut action, "params", Some(json!({"secureimage": images})));
        put(
            &mut action,
            "detailParams",
            Some(json!({"secureimage": detail})),
        );
    }
    action
}

fn flow(scene: &Scene) -> Option<Value> {
    let message = scene.message;
    let started_by_platform = message.event.is_some() || scene.block.kind == BlockKind::Welcome;
    let quiet_group = message.room.is_some() && message.tap.is_none();
    if started_by_platform || quiet_group {
        return None;
    }
    let last = scene
        .last_block
        .map(|block| json!({"id": block.id, "name": block.name}));
    let mut trigger = json!({"type": trigger(scene)});
    if message.tap.is_some() {
        put(&mut trigger, "referrerBlock", last.clone());
    }
    let mut flow = json!({"trigger": trigger});
    put(&mut flow, "lastBlock", last);
    Some(flow)
}

fn trigger(scene: &Scene) -> &'static str {
    if scene.media_url.is_some() {
        return "IMAGE_UPLOAD";
    }
    let Some(tap) = &scene.message.tap else {
        return "TEXT_INPUT";
    };
    match (tap.kind, tap.block_id.is_some()) {
        (TapKind::QuickReply, false) => "QUICKREPLY_BUTTON_MESSAGE",
        (TapKind::QuickReply, true) => "QUICKREPLY_BUTTON_BLOCK",
        (TapKind::CardButton, false) => "CARD_BUTTON_MESSAGE",
        (TapKind::CardButton, true) => "CARD_BUTTON_BLOCK",
        (TapKind::ListItem, false) => "LIST_ITEM_MESSAGE",
        (TapKind::ListItem, true) => "LIST_ITEM_BLOCK",
    }
}

/// `intent.extra.knowledge` from an entry, a list of entries, or the whole.
fn knowledge(given: &Value) -> Value {
    if given.get("matchedKnowledges").is_some() {
        return given.clone();
    }
    let entries = match given {
        Value::Array(entries) => entries.clone(),
        entry => vec![entry.clone()],
    };
    json!({"responseType": "skill", "matchedKnowledges": entries})
}

fn skill_test(scene: &Scene) -> Value {
    let block = json!({"id": keys::placeholder_id(), "name": "블록 이름"});
    json!({
        "bot": {"id": scene.bot.id, "name": "봇 이름"},
        "intent": block,
        "action": {
            "id": keys::placeholder_id(),
            "name": keys::placeholder_id(),
            "params": {},
            "detailParams": {},
            "clientExtra": null,
        },
        "userRequest": {
            "timezone": "Asia/Seoul",
            "params": {"ignoreMe": "true"},
            "block": block,
            "utterance": utterance(scene.message, None),
            "lang": null,
            "user": {
                "id": keys::account_id(&scene.bot.id, &scene.message.user),
                "type": "accountId",
                "properties": {},
            },
        },
    })
}

fn validation(scene: &Scene) -> Value {
    let text = utterance(scene.message, None);
    let asked = scene.message.validation.clone().unwrap_or_default();
    let origin = asked.origin.unwrap_or_else(|| text.clone());
    let resolved = asked.resolved.unwrap_or_else(|| json!(origin));
    json!({
        "bot": {"id": bot_id(scene), "name": scene.bot.name},
        "isInSlotFilling": true,
        "utterance": text,
        "params": params(scene),
        "value": {"origin": origin, "resolved": resolved},
        "user": user(scene),
        "timezone": "Asia/Seoul",
        "lang": "ko",
    })
}

fn bot_id(scene: &Scene) -> String {
    format!(
        "{}{}",
        scene.bot.id,
        if scene.development { "!" } else { "" }
    )
}

fn put(object: &mut Value, key: &str, value: Option<Value>) {
    if let (Some(fields), Some(value)) = (object.as_object_mut(), value) {
        fields.insert(key.to_owned(), value);
    }
}

fn put_at(object: &mut Value, outer: &str, key: &str, value: Option<Value>) {
    let fields = object.as_object_mut();
    if let Some(inner) = fields.and_then(|fields: &mut Map<_, _>| fields.get_mut(outer)) {
        put(inner, key, value);
    }
}
