//! The emulator's bots: one for each account of KakaoTalk that is enabled.

use emulator::{Bot, Emulator};
use secrecy::ExposeSecret;
use shared::{
    config::{Account, Config, KakaoSettings},
    keys::hex,
};

/// The id of the emulator's bot for an account: the configured one, or an invented one that stays
/// the same.
pub fn bot_id(account: &Account) -> String {
    let invented = || {
        let mut bytes = [0xda; 12];
        bytes
            .iter_mut()
            .zip(account.id().as_str().bytes())
            .for_each(|(byte, letter)| *byte = letter);
        hex(&bytes)
    };
    let configured = account.kakao().and_then(|kakao| kakao.skill.bot_id.clone());
    configured.unwrap_or_else(invented)
}

pub(crate) fn add_bots(emulator: &Emulator, config: &Config, url: &str) {
    for (account, kakao) in config.kakao().filter(|(account, _)| account.enabled) {
        emulator.chatbot().add_bot(bot(account, kakao, url));
    }
}

/// The bot as its owner would set it up in Kakao's console: with the account's own address, and the
/// key in its header.
fn bot(account: &Account, kakao: &KakaoSettings, url: &str) -> Bot {
    let key = kakao.skill.keys.candidates().next();
    let header = key.map(|key| (kakao.skill.header.clone(), key.expose_secret().to_owned()));
    let mut bot = Bot::new(
        bot_id(account),
        format!("{url}/kakao/webhook/{}", account.id()),
        header,
    );
    if let Some(name) = &account.name {
        bot.name.clone_from(name);
    }
    bot
}
