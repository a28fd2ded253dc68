//! Reads a KakaoWork account.

use std::time::Duration;

use secrecy::SecretString;

use super::{
    AppKey, Concurrency, KakaoWorkAccount, Locale, Policy,
    account::is_callback_token,
    channels::Written,
    document::{Secret, Work},
    held_answer,
    problem::Report,
    senders, text,
};
use crate::identity::Channel;

/// The variable of the original document, for what the account `default` does not say.
pub(super) const VARIABLES: &[(&str, &str)] = &[("appKey", "KAKAOWORK_APP_KEY")];

/// Every setting that an account of KakaoWork can have.
pub(super) const SETTINGS: &[&str] = &[
    "allowFrom",
    "appKey",
    "callbackPath",
    "callbackToken",
    "callbackUrl",
    "concurrency",
    "dmPolicy",
    "enabled",
    "heldAnswerHours",
    "keyFile",
    "locale",
    "name",
    "proxy",
    "timeoutSeconds",
];

/// Nothing if the account cannot be read; then that is reported.
pub(super) fn read(written: &Written, report: &mut Report) -> Option<KakaoWorkAccount> {
    let settings: Work = written.settings(report)?;
    let enabled = settings.enabled.unwrap_or(true);
    let mut inner = Report::default();
    let account = account(settings, written, &mut inner);
    report.absorb(inner, enabled);
    Some(account)
}

fn account(settings: Work, written: &Written, report: &mut Report) -> KakaoWorkAccount {
    for (name, set) in [
        ("callbackUrl", settings.callback_url.is_some()),
        ("callbackPath", settings.callback_path.is_some()),
    ] {
        if set {
            let message = format!(
                "not used: KakaoWork has to call /kakaowork/callback/{}/<callbackToken>",
                written.id
            );
            report.warn(written.at(name), message);
        }
    }
    let policy = settings.dm_policy.unwrap_or(Policy::Pairing);
    let allow_from = senders::read(Channel::KakaoWork, settings.allow_from, written, report);
    senders::warn_of_policy(policy, &allow_from, written, report);
    KakaoWorkAccount {
        id: written.id.clone(),
        name: text(settings.name),
        enabled: settings.enabled.unwrap_or(true),
        app_key: app_key(settings.app_key, settings.key_file, written, report),
        callback_token: callback_token(settings.callback_token, written, report),
        policy,
        allow_from,
        proxy: proxy(settings.proxy, written, report),
        timeout: settings.timeout_seconds.map(Duration::from_secs),
        concurrency: settings.concurrency.unwrap_or(Concurrency::Queue),
        held_answer: held_answer(settings.held_answer_hours),
        locale: settings.locale.unwrap_or(Locale::Ko),
    }
}

fn app_key(
    given: Option<Secret>,
    file: Option<String>,
    written: &Written,
    report: &mut Report,
) -> AppKey {
    match (given.and_then(Secret::read), text(file)) {
        (Some(key), file) => {
            if file.is_some() {
                report.warn(
                    written.at("keyFile"),
                    "not used: there is an appKey as well",
                );
            }
            AppKey::Given(key)
        }
        (None, Some(file)) => AppKey::File(file.into()),
        (None, None) => {
            report.warn(
                written.at("appKey"),
                "neither appKey nor keyFile is set, so nothing can be sent",
            );
            AppKey::Missing
        }
    }
}

fn callback_token(
    token: Option<Secret>,
    written: &Written,
    report: &mut Report,
) -> Option<SecretString> {
    let Some(token) = token.and_then(Secret::read) else {
        report.warn(
            written.at("callbackToken"),
            "not set, so every call of KakaoWork is refused",
        );
        return None;
    };
    if is_callback_token(&token) {
        return Some(token);
    }
    let message = "not at least 43 letters, digits, - and _, so every call of KakaoWork is refused";
    report.warn(written.at("callbackToken"), message);
    None
}

fn proxy(proxy: Option<Secret>, written: &Written, report: &mut Report) -> Option<SecretString> {
    let proxy = proxy?;
    // A proxy may ask for user and password.
    let fits = url::Url::parse(proxy.expose())
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !fits && !proxy.expose().is_empty() {
        report.problem(
            written.at("proxy"),
            "must be the address of a proxy, such as http://proxy.example.com:3128",
        );
    }
    proxy.read()
}
