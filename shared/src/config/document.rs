//! The document as it is written: every setting once, with the sentence that editors show. The JSON Schema comes from here, and the
//! checker walks that schema, so that a setting cannot be known to one and not to the other.
//!
//! Everything is optional: what is missing or was found wrong is `None`.

use std::{borrow::Cow, collections::BTreeMap};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Concurrency, Locale, Policy};
use crate::identity::Channel;

/// What Dari connects: chat channels, agents, and which agent answers where. JSON5; `${NAME}` inside a string is replaced from the environment.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    /// Where an editor finds the JSON Schema of this document.
    #[serde(rename = "$schema")]
    _schema: Option<String>,
    /// The chat channels and their accounts.
    pub(super) channels: Option<Channels>,
    /// What produces answers, under names of your choice.
    #[schemars(with = "Option<BTreeMap<String, Agent>>")]
    pub(super) agents: Option<BTreeMap<String, Option<Agent>>>,
    /// Which agent answers where. Without it the agent called `main`, or the only one, answers everywhere.
    pub(super) routing: Option<Routing>,
    /// The keys that protect what Dari stores about people. `dari dev` makes its own if there are none.
    pub(super) keys: Option<Keys>,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Channels {
    /// KakaoTalk, through the skill of a chatbot.
    pub(super) kakao: Option<Section<Talk>>,
    /// KakaoWork, through a bot.
    pub(super) kakaowork: Option<Section<Work>>,
}

/// Settings written here are the account `default` or, if there are `accounts`, what those do not say themselves.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "{A}Channel", bound = "A: JsonSchema")]
pub(super) struct Section<A> {
    #[serde(flatten)]
    #[schemars(with = "A")]
    pub(super) shared: Map<String, Value>,
    /// The account that commands mean when they name none.
    pub(super) default_account: Option<String>,
    /// One entry per bot, under a name of letters, digits, `-` and `_`; upper case is folded.
    #[schemars(with = "Option<BTreeMap<String, A>>")]
    pub(super) accounts: Option<BTreeMap<String, Option<Map<String, Value>>>>,
    #[serde(skip)]
    _account: std::marker::PhantomData<fn() -> A>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Kakao")]
pub(super) struct Talk {
    /// Whether it is used at all. Default: true.
    pub(super) enabled: Option<bool>,
    /// A name for people.
    pub(super) name: Option<String>,
    /// The secret that the skill of the bot sends in a header of your choice. At least 24 characters; without it every request is refused.
    pub(super) skill_key: Option<Secret>,
    /// The secret before the present one; both are accepted while you change it.
    pub(super) skill_key_previous: Option<Secret>,
    /// The header that carries the secret. Default: `X-Dari-Skill-Key`.
    pub(super) skill_header: Option<String>,
    /// The id of the bot. If it is set, requests of other bots are refused.
    pub(super) bot_id: Option<String>,
    /// The id of the KakaoTalk channel: the end of its pf.kakao.com address, such as `_abc123`.
    pub(super) channel_id: Option<String>,
    /// Who may talk to the agent. Default: `pairing`.
    pub(super) dm_policy: Option<Policy>,
    /// Who always may: bot user keys, or `kind:id` with the kinds botUserKey, plusfriendUserKey, appUserId and botGroupKey. `*` lets everyone in, under `open` only.
    #[schemars(with = "Option<Vec<Sender>>")]
    pub(super) allow_from: Option<Vec<Option<Sender>>>,
    /// The longest bubble, in characters. Default: 900; KakaoTalk allows 1000.
    #[schemars(range(min = 100, max = 1000))]
    pub(super) text_chunk_limit: Option<u16>,
    /// How long the agent may think for this account. Default: what the agent says.
    #[schemars(range(min = 5, max = 900))]
    pub(super) timeout_seconds: Option<u64>,
    /// The largest picture, in MB of 1,000,000 bytes; all pictures of a message may have 14 MB together. Default: 2.
    #[schemars(range(min = 1, max = 20))]
    pub(super) media_max_mb: Option<u32>,
    /// What happens to a message that comes while the agent answers another one of the same sender. Default: `queue`.
    pub(super) concurrency: Option<Concurrency>,
    /// How long an answer that came too late can be collected, in hours. Default: 24.
    #[schemars(range(min = 1, max = 168))]
    pub(super) held_answer_hours: Option<u64>,
    /// The language of Dari's own sentences. Default: `ko`.
    pub(super) locale: Option<Locale>,
    /// The JavaScript key of the Kakao Developers app. Dari does not need it.
    pub(super) app_key: Option<Secret>,
    /// The REST API key of the Kakao Developers app.
    pub(super) rest_api_key: Option<Secret>,
    /// The primary admin key of the Kakao Developers app, a master key for servers. Not the REST API key.
    pub(super) admin_key: Option<Secret>,
    /// The client secret of Kakao Login.
    pub(super) client_secret: Option<Secret>,
    /// The key of the sender profile, for AlimTalk and Brand Message.
    pub(super) sender_key: Option<Secret>,
    /// The app key of KakaoTalk Bizmessage at NHN Cloud.
    pub(super) toast_app_key: Option<Secret>,
    /// The secret key of KakaoTalk Bizmessage at NHN Cloud.
    pub(super) toast_secret_key: Option<Secret>,
    /// The business messages that may be sent.
    pub(super) message_types: Option<MessageTypes>,
    /// How calls are repeated that can be repeated without harm.
    pub(super) retry: Option<Retry>,
    /// The port of `dari dev`, and of nothing else.
    #[schemars(range(min = 1, max = 65535))]
    pub(super) webhook_port: Option<u16>,
    /// One more path for the skill in `dari dev`, and in nothing else.
    pub(super) webhook_path: Option<String>,
    /// KakaoWork only: belongs into `channels.kakaowork`.
    pub(super) key_file: Option<String>,
    /// KakaoWork only: belongs into `channels.kakaowork`.
    pub(super) callback_token: Option<Secret>,
    /// KakaoWork only: belongs into `channels.kakaowork`.
    pub(super) callback_url: Option<String>,
    /// KakaoWork only: belongs into `channels.kakaowork`.
    pub(super) callback_path: Option<String>,
    /// KakaoWork only: belongs into `channels.kakaowork`.
    pub(super) proxy: Option<Secret>,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct MessageTypes {
    /// Informational messages from reviewed templates.
    pub(super) alimtalk: Option<MessageType>,
    /// Closed by Kakao on 2025-12-31. Brand Message took its place.
    pub(super) friendtalk: Option<MessageType>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MessageType {
    /// Whether messages of this type may be sent. Default: false.
    pub(super) enabled: Option<bool>,
    /// The key of the sender profile. Default: the account's `senderKey`.
    pub(super) sender_key: Option<Secret>,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Retry {
    /// How often a call is tried in all. Default: 3.
    #[schemars(range(min = 1, max = 10))]
    pub(super) attempts: Option<u8>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "KakaoWork")]
pub(super) struct Work {
    /// Whether it is used at all. Default: true.
    pub(super) enabled: Option<bool>,
    /// A name for people.
    pub(super) name: Option<String>,
    /// The app key of the bot.
    pub(super) app_key: Option<Secret>,
    /// A file that holds the app key.
    pub(super) key_file: Option<String>,
    /// The secret end of the address that KakaoWork calls: at least 43 letters, digits, `-` and `_`, at random. Without it every call is refused.
    pub(super) callback_token: Option<Secret>,
    /// Not used: Dari answers at `/kakaowork/callback/<account>/<callbackToken>`.
    pub(super) callback_url: Option<String>,
    /// Not used: Dari answers at `/kakaowork/callback/<account>/<callbackToken>`.
    pub(super) callback_path: Option<String>,
    /// Who may talk to the agent. Default: `pairing`.
    pub(super) dm_policy: Option<Policy>,
    /// Who always may: user ids of the workspace. `*` lets everyone in, under `open` only.
    #[schemars(with = "Option<Vec<Sender>>")]
    pub(super) allow_from: Option<Vec<Option<Sender>>>,
    /// The proxy for calls to KakaoWork.
    pub(super) proxy: Option<Secret>,
    /// How long the agent may think for this account. Default: what the agent says.
    #[schemars(range(min = 5, max = 900))]
    pub(super) timeout_seconds: Option<u64>,
    /// What happens to a message that comes while the agent answers another one of the same sender. Default: `queue`.
    pub(super) concurrency: Option<Concurrency>,
    /// How long an answer that came too late can be collected, in hours. Default: 24.
    #[schemars(range(min = 1, max = 168))]
    pub(super) held_answer_hours: Option<u64>,
    /// The language of Dari's own sentences. Default: `ko`.
    pub(super) locale: Option<Locale>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(tag = "kind")]
pub(super) enum Agent {
    /// Says what it was told, to try things out.
    #[serde(rename = "echo")]
    Echo(Timeout),
    /// An OpenClaw gateway. It remembers the conversation itself.
    #[serde(rename = "openclaw")]
    OpenClaw(OpenClaw),
    /// Any endpoint with `/chat/completions`, as OpenAI defines it. Dari sends the last turns with each question.
    #[serde(rename = "openai-chat")]
    OpenAiChat(OpenAi),
    /// Any endpoint with `/responses`, as OpenAI defines it. Nothing is stored there; Dari sends the last turns with each question.
    #[serde(rename = "openai-responses")]
    OpenAiResponses(OpenAi),
    /// A server of your own, called as Standard Webhooks describe; its answer is the reply.
    #[serde(rename = "webhook")]
    Webhook(Webhook),
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) struct Timeout {
    /// How long it may think. Default: 300.
    #[schemars(range(min = 5, max = 900))]
    pub(super) timeout_seconds: Option<u64>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) struct OpenClaw {
    /// The address of the gateway, such as `http://127.0.0.1:18789`.
    #[schemars(required)]
    pub(super) url: Option<String>,
    /// The token of the gateway.
    pub(super) token: Option<Secret>,
    /// The agent behind the gateway. Default: the gateway's own choice.
    pub(super) agent_id: Option<String>,
    /// How long it may think. Default: 300.
    #[schemars(range(min = 5, max = 900))]
    pub(super) timeout_seconds: Option<u64>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) struct OpenAi {
    /// The base address, up to `/v1`.
    #[schemars(required)]
    pub(super) url: Option<String>,
    /// The API key.
    pub(super) token: Option<Secret>,
    /// The name of the model.
    #[schemars(required)]
    pub(super) model: Option<String>,
    /// What the model is told before every conversation.
    pub(super) instructions: Option<String>,
    /// How many of the last turns it is reminded of. Default: 20.
    #[schemars(range(min = 0, max = 100))]
    pub(super) memory_turns: Option<u16>,
    /// Whether the model takes pictures; if not, it is only told how many came. Default: true.
    pub(super) images: Option<bool>,
    /// How long it may think. Default: 300.
    #[schemars(range(min = 5, max = 900))]
    pub(super) timeout_seconds: Option<u64>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) struct Webhook {
    /// The address that is called.
    #[schemars(required)]
    pub(super) url: Option<String>,
    /// The secret that signs the calls: `whsec_` and 24 to 64 bytes in base64.
    #[schemars(required)]
    pub(super) secret: Option<Secret>,
    /// How long it may think. Default: 300.
    #[schemars(range(min = 5, max = 900))]
    pub(super) timeout_seconds: Option<u64>,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Routing {
    /// The one that fits best decides: one that names the sender and the account, then one that names the sender, then the account, then the channel alone; among equals the first.
    #[schemars(with = "Option<Vec<Binding>>")]
    pub(super) bindings: Option<Vec<Option<Binding>>>,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Binding {
    /// The channel.
    #[schemars(required, with = "ChannelName")]
    pub(super) channel: Option<Channel>,
    /// The account. Default: every account of the channel.
    pub(super) account: Option<String>,
    /// The senders, as `allowFrom` writes them: bot user keys, or rooms as `botGroupKey:id`. Default: everyone.
    #[schemars(with = "Option<Vec<Sender>>")]
    pub(super) senders: Option<Vec<Option<Sender>>>,
    /// The name of an agent.
    #[schemars(required)]
    pub(super) agent: Option<String>,
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "the names of `Channel`, for the schema")]
enum ChannelName {
    Kakao,
    KakaoWork,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Keys {
    /// 32 random bytes in base64url: makes the digests that stand for people. Never change it.
    #[schemars(required)]
    pub(super) digest: Option<Secret>,
    /// 32 random bytes in base64url under each version number: the highest seals, all of them open.
    #[schemars(required, with = "BTreeMap<String, Secret>")]
    pub(super) sealing: Option<BTreeMap<String, Option<Secret>>>,
}

/// A text that is never shown.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Secret(SecretString);

impl Secret {
    /// Without white space around it; an empty one is none.
    pub(super) fn read(self) -> Option<SecretString> {
        let text = self.expose();
        (!text.is_empty()).then(|| text.into())
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret().trim()
    }
}

impl JsonSchema for Secret {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

/// An entry of `allowFrom` or `senders`; the original documents do not say whether ids are texts or numbers.
#[derive(Deserialize)]
#[serde(from = "Value")]
pub(super) struct Sender(pub(super) String);

impl From<Value> for Sender {
    fn from(value: Value) -> Self {
        match value {
            Value::String(text) => Self(text),
            other => Self(other.to_string()),
        }
    }
}

impl JsonSchema for Sender {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Sender".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "integer"] })
    }
}
