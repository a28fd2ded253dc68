//! What an account of KakaoWork adds: the key of its bot, and the secret in the address that
//! KakaoWork calls.

use std::path::PathBuf;

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{
    read::{
        problem::Report,
        section::Entry,
        values::{Secret, text},
    },
    senders::{self, AllowFrom, Sender},
};
use crate::identity::Channel;

/// The variable of the original document, for what the account `default` does not say.
pub(super) const VARIABLES: &[(&str, &str)] = &[("appKey", "KAKAOWORK_APP_KEY")];

/// The settings that no other channel's accounts have in this meaning.
pub(super) const SETTINGS: &[&str] = &[
    "appKey",
    "callbackPath",
    "callbackToken",
    "callbackUrl",
    "keyFile",
    "proxy",
];

/// 256 random bits in base64url.
const CALLBACK_TOKEN_MIN_BYTES: usize = 43;

/// What only an account of KakaoWork has.
#[derive(Clone, Debug)]
pub struct KakaoWorkSettings {
    pub app_key: AppKey,
    /// At least 256 bits; without it every callback is refused.
    pub callback_token: Option<SecretString>,
    /// An address; it may hold a password.
    pub proxy: Option<SecretString>,
}

/// Where the app key of a KakaoWork bot comes from.
#[derive(Clone, Debug)]
pub enum AppKey {
    Missing,
    Given(SecretString),
    File(PathBuf),
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "KakaoWork")]
pub(super) struct Written {
    /// Who always may: user ids of the workspace. `*` lets everyone in, under `open` only.
    #[schemars(with = "Option<Vec<Sender>>")]
    allow_from: Option<Vec<Option<Sender>>>,
    /// The app key of the bot.
    app_key: Option<Secret>,
    /// A file that holds the app key.
    key_file: Option<String>,
    /// The secret end of the address that KakaoWork calls: at least 43 letters, digits, `-` and `_`, at random. Without it every call is refused.
    callback_token: Option<Secret>,
    /// Not used: Dari answers at `/kakaowork/callback/<account>/<callbackToken>`.
    callback_url: Option<String>,
    /// Not used: Dari answers at `/kakaowork/callback/<account>/<callbackToken>`.
    callback_path: Option<String>,
    /// The proxy for calls to KakaoWork.
    proxy: Option<Secret>,
}

// The original documents write these under `kakao`, too.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Misplaced {
    /// KakaoWork only: belongs into `channels.kakaowork`.
    key_file: Option<String>,
    /// KakaoWork only: belongs into `channels.kakaowork`.
    callback_token: Option<Secret>,
    /// KakaoWork only: belongs into `channels.kakaowork`.
    callback_url: Option<String>,
    /// KakaoWork only: belongs into `channels.kakaowork`.
    callback_path: Option<String>,
    /// KakaoWork only: belongs into `channels.kakaowork`.
    proxy: Option<Secret>,
}

impl Misplaced {
    pub(super) fn warn(&self, entry: &Entry, report: &mut Report) {
        for (name, is_set) in [
            ("keyFile", self.key_file.is_some()),
            ("callbackToken", self.callback_token.is_some()),
            ("callbackUrl", self.callback_url.is_some()),
            ("callbackPath", self.callback_path.is_some()),
            ("proxy", self.proxy.is_some()),
        ] {
            if is_set {
                report.warn(
                    entry.at(name),
                    "belongs to KakaoWork (channels.kakaowork) and has no effect on KakaoTalk",
                );
            }
        }
    }
}

impl Written {
    pub(super) fn read(self, entry: &Entry, report: &mut Report) -> (AllowFrom, KakaoWorkSettings) {
        for (name, is_set) in [
            ("callbackUrl", self.callback_url.is_some()),
            ("callbackPath", self.callback_path.is_some()),
        ] {
            if is_set {
                let message = format!(
                    "not used: KakaoWork has to call /kakaowork/callback/{}/<callbackToken>",
                    entry.id
                );
                report.warn(entry.at(name), message);
            }
        }
        let settings = KakaoWorkSettings {
            app_key: app_key(self.app_key, self.key_file, entry, report),
            callback_token: callback_token(self.callback_token, entry, report),
            proxy: proxy(self.proxy, entry, report),
        };
        let allow_from = senders::read(Channel::KakaoWork, self.allow_from, entry, report);
        (allow_from, settings)
    }
}

fn app_key(
    given: Option<Secret>,
    file: Option<String>,
    entry: &Entry,
    report: &mut Report,
) -> AppKey {
    match (given.and_then(Secret::read), text(file)) {
        (Some(key), file) => {
            if file.is_some() {
                report.warn(entry.at("keyFile"), "not used: there is an appKey as well");
            }
            AppKey::Given(key)
        }
        (None, Some(file)) => AppKey::File(file.into()),
        (None, None) => {
            report.warn(
                entry.at("appKey"),
                "neither appKey nor keyFile is set, so nothing can be sent",
            );
            AppKey::Missing
        }
    }
}

fn callback_token(
    token: Option<Secret>,
    entry: &Entry,
    report: &mut Report,
) -> Option<SecretString> {
    let Some(token) = token.and_then(Secret::read) else {
        report.warn(
            entry.at("callbackToken"),
            "not set, so every call of KakaoWork is refused",
        );
        return None;
    };
    if is_callback_token(&token) {
        return Some(token);
    }
    let message = "not at least 43 letters, digits, - and _, so every call of KakaoWork is refused";
    report.warn(entry.at("callbackToken"), message);
    None
}

/// Long enough, and the same after it went through an address.
fn is_callback_token(token: &SecretString) -> bool {
    let token = token.expose_secret();
    token.len() >= CALLBACK_TOKEN_MIN_BYTES
        && token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

fn proxy(proxy: Option<Secret>, entry: &Entry, report: &mut Report) -> Option<SecretString> {
    let proxy = proxy?;
    // A proxy may ask for user and password.
    let fits = url::Url::parse(proxy.expose())
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !fits && !proxy.expose().is_empty() {
        report.problem(
            entry.at("proxy"),
            "must be the address of a proxy, such as http://proxy.example.com:3128",
        );
    }
    proxy.read()
}
