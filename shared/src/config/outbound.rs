//! What an account sends first: business messages through NHN Cloud, and how often a call is tried.
//! Says which of the original settings Kakao has closed since (bizmessage.md §0).

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;

use super::read::{problem::Report, section::Entry, values::Secret};

const DEFAULT_ATTEMPTS: u8 = 3;

#[derive(Clone, Debug)]
pub struct Outbound {
    pub sender_key: Option<SecretString>,
    pub toast_app_key: Option<SecretString>,
    pub toast_secret_key: Option<SecretString>,
    /// The sender key of AlimTalk, if that is enabled and has one.
    pub alimtalk: Option<SecretString>,
    /// Tries in all, 1 to 10, of calls that can be repeated without harm.
    pub attempts: u8,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Written {
    /// The key of the sender profile, for AlimTalk and Brand Message.
    sender_key: Option<Secret>,
    /// The app key of KakaoTalk Bizmessage at NHN Cloud.
    toast_app_key: Option<Secret>,
    /// The secret key of KakaoTalk Bizmessage at NHN Cloud.
    toast_secret_key: Option<Secret>,
    /// The business messages that may be sent.
    message_types: Option<MessageTypes>,
    /// How calls are repeated that can be repeated without harm.
    retry: Option<Retry>,
}

#[derive(Deserialize, JsonSchema)]
struct MessageTypes {
    /// Informational messages from reviewed templates.
    alimtalk: Option<MessageType>,
    /// Closed by Kakao on 2025-12-31. Brand Message took its place.
    friendtalk: Option<MessageType>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MessageType {
    /// Whether messages of this type may be sent. Default: false.
    enabled: Option<bool>,
    /// The key of the sender profile. Default: the account's `senderKey`.
    sender_key: Option<Secret>,
}

#[derive(Deserialize, JsonSchema)]
struct Retry {
    /// How often a call is tried in all. Default: 3.
    #[schemars(range(min = 1, max = 10))]
    attempts: Option<u8>,
}

impl MessageType {
    fn is_enabled(&self) -> bool {
        self.enabled.unwrap_or(false)
    }
}

impl Written {
    pub(super) fn read(self, entry: &Entry, report: &mut Report) -> Outbound {
        self.warn_of_friendtalk(entry, report);
        let sender_key = self.sender_key.and_then(Secret::read);
        let alimtalk = self
            .message_types
            .and_then(|types| types.alimtalk)
            .filter(MessageType::is_enabled)
            .and_then(|alimtalk| {
                alimtalk
                    .sender_key
                    .and_then(Secret::read)
                    .or_else(|| sender_key.clone())
            });
        let outbound = Outbound {
            sender_key,
            toast_app_key: self.toast_app_key.and_then(Secret::read),
            toast_secret_key: self.toast_secret_key.and_then(Secret::read),
            alimtalk,
            attempts: self
                .retry
                .and_then(|retry| retry.attempts)
                .unwrap_or(DEFAULT_ATTEMPTS),
        };
        if outbound.alimtalk.is_some()
            && (outbound.toast_app_key.is_none() || outbound.toast_secret_key.is_none())
        {
            let message =
                "AlimTalk goes out through NHN Cloud: it also needs toastAppKey and toastSecretKey";
            report.warn(entry.at("messageTypes.alimtalk"), message);
        }
        outbound
    }

    fn warn_of_friendtalk(&self, entry: &Entry, report: &mut Report) {
        let types = self.message_types.as_ref();
        let friendtalk = types.and_then(|types| types.friendtalk.as_ref());
        if friendtalk.is_some_and(MessageType::is_enabled) {
            report.warn(
                entry.at("messageTypes.friendtalk"),
                "Kakao closed FriendTalk on 2025-12-31; Brand Message took its place",
            );
        }
        if self.sender_key.is_some() && types.is_none() {
            report.warn(
                entry.at("senderKey"),
                "FriendTalk, which an original guide sends with this key, closed on 2025-12-31; the key serves AlimTalk and Brand Message (see messageTypes)",
            );
        }
    }
}
