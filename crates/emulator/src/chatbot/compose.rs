//! From what a person does to the request that the skill gets, with the addresses issued in it.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use super::{
    bot::Bot,
    message::{Console, Message},
    payload::{self, Scene},
    photos,
    rules::{Setting, Slot},
    state::{Sent, State},
    token::Token,
};

/// Builds the request and issues the addresses in it; `Err` says why there is nothing to send.
pub(super) fn compose(
    state: &mut State,
    bot: &Bot,
    message: &Message,
    now: i64,
) -> Result<Sent, String> {
    if message.user.is_empty() {
        return Err("user is missing".into());
    }
    let mut setting = Setting {
        group: message.room.is_some(),
        event: message.event.is_some(),
        blocks: Some(bot.blocks.iter().map(|block| block.id.clone()).collect()),
        ..Setting::default()
    };
    let validation = message.validation.is_some();
    if let Some(raw) = &message.raw {
        let url = raw.pointer("/userRequest/callbackUrl");
        if url.is_some_and(|url| !url.is_null()) {
            setting.slot = Slot::Given;
        }
        return Ok(Sent {
            body: bytes_of(raw),
            block: None,
            callback: None,
            setting,
            validation,
        });
    }
    if !says_something(message) {
        let wanted = "say something: text, tap, photo, video, secureImages, event, block, \
                      knowledge, validation, console, raw or repeat";
        return Err(wanted.into());
    }
    let block = payload::block_for(bot, message)?;
    let testing = message.console == Some(Console::BotTest);
    let development = message.dev_channel.unwrap_or(bot.dev_channel) || testing;
    let ground = Arc::clone(&state.ground);
    let photo = match &message.photo {
        None if message.video => Some(photos::invented_video()),
        photo => photo.clone(),
    };
    let photo = photo
        .map(|photo| photos::in_chat(&mut ground.album(), &photo, now))
        .transpose()?;
    let images = &message.secure_images;
    let images = (!images.is_empty())
        .then(|| photos::through_plugin(&mut ground.album(), images, now))
        .transpose()?;
    let can_call_back = message.console != Some(Console::SkillTest) && !validation;
    let callback = can_call_back && message.callback.unwrap_or(block.callback);
    if callback {
        setting.slot = Slot::Given;
    }
    let token = callback.then(|| Token::issue(&bot.id, development, testing, &setting, now));
    let last_block = state.last_block(&bot.id, &message.user, message.room.as_deref());
    let body = payload::build(&Scene {
        bot,
        message,
        block: &block,
        last_block: last_block.as_ref(),
        development,
        callback_url: token
            .as_ref()
            .map(|token| format!("{}{}", ground.options.public_url, token.target)),
        media_url: photo,
        secure_images: images,
    });
    let target = token.as_ref().map(|token| token.target.clone());
    state
        .tokens
        .extend(token.map(|token| (token.target.clone(), token)));
    Ok(Sent {
        body: bytes_of(&body),
        block: Some(block),
        callback: target,
        setting,
        validation,
    })
}

fn says_something(message: &Message) -> bool {
    message.text.is_some()
        || message.tap.is_some()
        || message.photo.is_some()
        || message.video
        || !message.secure_images.is_empty()
        || message.event.is_some()
        || message.block.is_some()
        || message.knowledge.is_some()
        || message.validation.is_some()
        || message.console.is_some()
}

/// The text of a string, anything else as JSON.
fn bytes_of(value: &Value) -> Bytes {
    match value {
        Value::String(text) => text.clone().into(),
        value => value.to_string().into(),
    }
}
