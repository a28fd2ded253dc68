//! Reads a KakaoTalk account, and says where the original documents are wrong about Kakao
//! (developers-rest.md §10.2, bizmessage.md §0).

use std::time::Duration;

use http::HeaderName;

use super::{
    Concurrency, Dev, KakaoAccount, Locale, Policy, SkillKeys,
    account::is_skill_key,
    channels::Written,
    document::{MessageType, Secret, Talk},
    held_answer,
    problem::Report,
    senders, text,
};
use crate::identity::Channel;

/// Variables of the original documents, for what the account `default` does not say.
pub(super) const VARIABLES: &[(&str, &str)] = &[
    ("appKey", "KAKAO_APP_KEY"),
    ("restApiKey", "KAKAO_REST_API_KEY"),
    ("adminKey", "KAKAO_ADMIN_KEY"),
    ("channelId", "KAKAO_CHANNEL_ID"),
];

/// Said of a skill key; what follows from it is another matter.
const UNFIT: &str = "shorter than 24 characters, or with characters that a header cannot carry";

const DEFAULT_SKILL_HEADER: &str = "x-dari-skill-key";

/// Nothing if the account cannot be read; then that is reported.
pub(super) fn read(written: &Written, report: &mut Report) -> Option<(KakaoAccount, Dev)> {
    let settings: Talk = written.settings(report)?;
    let enabled = settings.enabled.unwrap_or(true);
    let mut inner = Report::default();
    warn_of_mistakes(&settings, written, &mut inner);
    let account = account(settings, written, &mut inner);
    report.absorb(inner, enabled);
    Some(account)
}

fn account(settings: Talk, written: &Written, report: &mut Report) -> (KakaoAccount, Dev) {
    let policy = settings.dm_policy.unwrap_or(Policy::Pairing);
    let allow_from = senders::read(Channel::Kakao, settings.allow_from, written, report);
    senders::warn_of_policy(policy, &allow_from, written, report);
    let types = settings.message_types;
    let sender_key = settings.sender_key.and_then(Secret::read);
    let alimtalk = types
        .and_then(|types| types.alimtalk)
        .filter(is_enabled)
        .and_then(|alimtalk| {
            alimtalk
                .sender_key
                .and_then(Secret::read)
                .or_else(|| sender_key.clone())
        });
    let dev = Dev {
        webhook_port: settings.webhook_port,
        webhook_path: settings.webhook_path.filter(|path| {
            let fits = path.starts_with('/')
                && !path.contains(['?', '#'])
                && !path.contains(char::is_whitespace);
            if !fits {
                report.problem(
                    written.at("webhookPath"),
                    "must be a path, such as /kakao/webhook",
                );
            }
            fits
        }),
    };
    let account = KakaoAccount {
        id: written.id.clone(),
        name: text(settings.name),
        enabled: settings.enabled.unwrap_or(true),
        skill_header: skill_header(settings.skill_header, written, report),
        skill_keys: skill_keys(
            settings.skill_key,
            settings.skill_key_previous,
            written,
            report,
        ),
        bot_id: text(settings.bot_id).map(|id| id.trim_end_matches('!').to_owned()),
        channel_id: text(settings.channel_id),
        policy,
        allow_from,
        text_chunk_limit: settings.text_chunk_limit.unwrap_or(900),
        timeout: settings.timeout_seconds.map(Duration::from_secs),
        media_max_mb: settings.media_max_mb.unwrap_or(2),
        concurrency: settings.concurrency.unwrap_or(Concurrency::Queue),
        held_answer: held_answer(settings.held_answer_hours),
        locale: settings.locale.unwrap_or(Locale::Ko),
        rest_api_key: settings.rest_api_key.and_then(Secret::read),
        admin_key: settings.admin_key.and_then(Secret::read),
        app_key: settings.app_key.and_then(Secret::read),
        client_secret: settings.client_secret.and_then(Secret::read),
        sender_key,
        toast_app_key: settings.toast_app_key.and_then(Secret::read),
        toast_secret_key: settings.toast_secret_key.and_then(Secret::read),
        alimtalk,
        attempts: settings.retry.and_then(|retry| retry.attempts).unwrap_or(3),
    };
    if account.alimtalk.is_some()
        && (account.toast_app_key.is_none() || account.toast_secret_key.is_none())
    {
        let message =
            "AlimTalk goes out through NHN Cloud: it also needs toastAppKey and toastSecretKey";
        report.warn(written.at("messageTypes.alimtalk"), message);
    }
    (account, dev)
}

/// What an original document tells its reader to write, and what is meant.
fn warn_of_mistakes(settings: &Talk, written: &Written, report: &mut Report) {
    let mut warn = |name: &str, wrong: bool, message: &str| {
        if wrong {
            report.warn(written.at(name), message);
        }
    };
    warn(
        "appKey",
        settings.app_key.is_some(),
        "the JavaScript key has no use here; Dari needs restApiKey",
    );
    let (admin, rest) = (&settings.admin_key, &settings.rest_api_key);
    warn(
        "adminKey",
        admin.as_ref().is_some_and(|admin| {
            rest.as_ref()
                .is_none_or(|rest| rest.expose() == admin.expose())
        }),
        "this is Kakao's admin key, a master key; the REST API key, which an original guide puts here, belongs into restApiKey",
    );
    warn(
        "channelId",
        settings
            .channel_id
            .as_ref()
            .is_some_and(|id| !id.trim().starts_with('_')),
        "a channel id starts with _: it is the end of the channel's address at pf.kakao.com",
    );
    let friendtalk = settings
        .message_types
        .as_ref()
        .and_then(|types| types.friendtalk.as_ref());
    warn(
        "messageTypes.friendtalk",
        friendtalk.is_some_and(is_enabled),
        "Kakao closed FriendTalk on 2025-12-31; Brand Message took its place",
    );
    warn(
        "senderKey",
        settings.sender_key.is_some() && settings.message_types.is_none(),
        "FriendTalk, which an original guide sends with this key, closed on 2025-12-31; the key serves AlimTalk and Brand Message (see messageTypes)",
    );
    for (name, set) in [
        ("webhookPort", settings.webhook_port.is_some()),
        ("webhookPath", settings.webhook_path.is_some()),
    ] {
        warn(name, set, "applies to `dari dev` only");
    }
    for (name, set) in [
        ("keyFile", settings.key_file.is_some()),
        ("callbackToken", settings.callback_token.is_some()),
        ("callbackUrl", settings.callback_url.is_some()),
        ("callbackPath", settings.callback_path.is_some()),
        ("proxy", settings.proxy.is_some()),
    ] {
        warn(
            name,
            set,
            "belongs to KakaoWork (channels.kakaowork) and has no effect on KakaoTalk",
        );
    }
}

fn is_enabled(message_type: &MessageType) -> bool {
    message_type.enabled.unwrap_or(false)
}

fn skill_header(name: Option<String>, written: &Written, report: &mut Report) -> String {
    let Some(name) = text(name) else {
        return DEFAULT_SKILL_HEADER.to_owned();
    };
    if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
        // In lower case, however it was written.
        return name.as_str().to_owned();
    }
    report.problem(
        written.at("skillHeader"),
        "is not a possible name of a header",
    );
    String::new()
}

fn skill_keys(
    current: Option<Secret>,
    previous: Option<Secret>,
    written: &Written,
    report: &mut Report,
) -> SkillKeys {
    let previous = previous.and_then(Secret::read).filter(|previous| {
        let fits = is_skill_key(previous);
        if !fits {
            report.warn(
                written.at("skillKeyPrevious"),
                format!("{UNFIT}, so it is not accepted"),
            );
        }
        fits
    });
    let Some(current) = current.and_then(Secret::read) else {
        report.warn(written.at("skillKey"), "not set, so every request of the bot is refused; choose at least 24 random characters, and let the skill send them in a header");
        return SkillKeys::Missing;
    };
    if is_skill_key(&current) {
        return SkillKeys::Ready { current, previous };
    }
    report.warn(
        written.at("skillKey"),
        format!("{UNFIT}, so every request of the bot is refused"),
    );
    SkillKeys::Unfit
}
