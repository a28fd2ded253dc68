//! The examples of the original documents load as they are, and the schema that editors get is the
//! one in the repository.

use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::json;

use super::*;

const EVERY_SETTING: &str = include_str!("../../../tests/samples/config/every-setting.json5");

fn env(name: &str) -> Option<String> {
    match name {
        "KAKAO_CHANNEL_ID" => Some("_abc123".to_owned()),
        "KAKAO_ADMIN_KEY" | "KAKAO_SENDER_KEY" | "TOAST_APP_KEY" | "TOAST_SECRET_KEY" => {
            Some(format!("the {name}"))
        }
        "SKILL_KEY" | "CALLBACK_TOKEN" | "AGENT_TOKEN" => {
            Some(format!("{name}-0123456789-0123456789-0123456789-0123"))
        }
        _ => None,
    }
}

fn no_env(_: &str) -> Option<String> {
    None
}

/// The configuration in a few words, and the warnings.
fn summary(text: &str, env: Env<'_>) -> String {
    let Loaded { config, warnings } = load(text, env).unwrap();
    let accounts = config.accounts.iter().map(|(scope, account)| {
        assert_eq!(*scope, account.scope);
        format!("{} {} {:?}\n", scope.channel, scope.account, account.policy)
    });
    let bindings = config
        .bindings
        .iter()
        .map(|binding| format!("{} -> {}\n", binding.channel, binding.agent));
    let defaults = config
        .default_account
        .iter()
        .map(|(channel, id)| format!("default of {channel}: {id}\n"));
    let warnings = warnings.iter().map(|warning| format!("! {warning}\n"));
    accounts
        .chain(defaults)
        .chain(bindings)
        .chain(warnings)
        .collect()
}

macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!("../../../tests/samples/config/", $name, ".json5"))
    };
}

#[test]
fn original_000_quick_setup_loads() {
    assert_snapshot!(summary(sample!("000-quick-setup"), &no_env), @r#"
    kakao default Pairing
    default of kakao: default
    ! agents: there is no agent, so messages get no answer
    ! channels.kakao.appKey: the JavaScript key has no use here; Dari needs restApiKey
    ! channels.kakao.channelId: a channel id starts with _: it is the end of the channel's address at pf.kakao.com
    ! channels.kakao.skillKey: not set, so every request of the bot is refused; choose at least 24 random characters, and let the skill send them in a header
    "#);
}

#[test]
fn original_000_message_types_loads() {
    assert_snapshot!(summary(sample!("000-message-types"), &no_env), @r#"
    kakao default Pairing
    default of kakao: default
    ! agents: there is no agent, so messages get no answer
    ! channels.kakao.appKey: the JavaScript key has no use here; Dari needs restApiKey
    ! channels.kakao.messageTypes.alimtalk: AlimTalk goes out through NHN Cloud: it also needs toastAppKey and toastSecretKey
    ! channels.kakao.messageTypes.friendtalk: Kakao closed FriendTalk on 2025-12-31; Brand Message took its place
    ! channels.kakao.skillKey: not set, so every request of the bot is refused; choose at least 24 random characters, and let the skill send them in a header
    "#);
}

#[test]
fn original_001_quick_start_loads() {
    assert_snapshot!(summary(sample!("001-quick-start"), &env), @r#"
    kakao default Open
    default of kakao: default
    ! agents: there is no agent, so messages get no answer
    ! channels.kakao.accounts.default.adminKey: this is Kakao's admin key, a master key; the REST API key, which an original guide puts here, belongs into restApiKey
    ! channels.kakao.accounts.default.dmPolicy: nobody gets in; add "*" to allowFrom to let everyone in
    ! channels.kakao.accounts.default.skillKey: not set, so every request of the bot is refused; choose at least 24 random characters, and let the skill send them in a header
    ! channels.kakao.accounts.default.webhookPath: applies to `dari dev` only
    ! channels.kakao.accounts.default.webhookPort: applies to `dari dev` only
    "#);
}

#[test]
fn original_001_all_options_loads() {
    assert_snapshot!(summary(sample!("001-all-options"), &no_env), @r#"
    kakao default Open
    default of kakao: default
    ! agents: there is no agent, so messages get no answer
    ! channels.kakao.accounts.default.adminKey: this is Kakao's admin key, a master key; the REST API key, which an original guide puts here, belongs into restApiKey
    ! channels.kakao.accounts.default.appKey: the JavaScript key has no use here; Dari needs restApiKey
    ! channels.kakao.accounts.default.channelId: a channel id starts with _: it is the end of the channel's address at pf.kakao.com
    ! channels.kakao.accounts.default.dmPolicy: only the senders in allowFrom get in; add "*" to let everyone in
    ! channels.kakao.accounts.default.senderKey: FriendTalk, which an original guide sends with this key, closed on 2025-12-31; the key serves AlimTalk and Brand Message (see messageTypes)
    ! channels.kakao.accounts.default.skillKey: not set, so every request of the bot is refused; choose at least 24 random characters, and let the skill send them in a header
    ! channels.kakao.accounts.default.webhookPath: applies to `dari dev` only
    ! channels.kakao.accounts.default.webhookPort: applies to `dari dev` only
    "#);
}

#[test]
fn original_001_friend_talk_loads() {
    assert_snapshot!(summary(sample!("001-friend-talk"), &no_env), @r#"
    kakao default Pairing
    default of kakao: default
    ! agents: there is no agent, so messages get no answer
    ! channels.kakao.accounts.default.senderKey: FriendTalk, which an original guide sends with this key, closed on 2025-12-31; the key serves AlimTalk and Brand Message (see messageTypes)
    ! channels.kakao.accounts.default.skillKey: not set, so every request of the bot is refused; choose at least 24 random characters, and let the skill send them in a header
    "#);
}

#[test]
fn original_001_routing_loads() {
    assert_snapshot!(summary(sample!("001-routing"), &no_env), @r#"
    kakao -> my-assistant
    ! routing.bindings[0].agent: there is no agent "my-assistant" under agents, so these messages get no answer
    "#);
}

#[test]
fn original_001_complete_loads_with_its_environment() {
    assert_snapshot!(summary(sample!("001-complete"), &env), @r#"
    kakao default Open
    default of kakao: default
    kakao -> lawith-assistant
    ! channels.kakao.accounts.default.adminKey: this is Kakao's admin key, a master key; the REST API key, which an original guide puts here, belongs into restApiKey
    ! channels.kakao.accounts.default.dmPolicy: nobody gets in; add "*" to allowFrom to let everyone in
    ! channels.kakao.accounts.default.senderKey: FriendTalk, which an original guide sends with this key, closed on 2025-12-31; the key serves AlimTalk and Brand Message (see messageTypes)
    ! channels.kakao.accounts.default.skillKey: not set, so every request of the bot is refused; choose at least 24 random characters, and let the skill send them in a header
    ! channels.kakao.accounts.default.webhookPort: applies to `dari dev` only
    ! routing.bindings[0].agent: there is no agent "lawith-assistant" under agents, so these messages get no answer
    "#);
    assert_snapshot!(load(sample!("001-complete"), &no_env).unwrap_err(), @r#"
    channels.kakao.accounts.default.adminKey: not set in the environment: KAKAO_ADMIN_KEY
    channels.kakao.accounts.default.channelId: not set in the environment: KAKAO_CHANNEL_ID
    channels.kakao.accounts.default.senderKey: not set in the environment: KAKAO_SENDER_KEY
    channels.kakao.accounts.default.toastAppKey: not set in the environment: TOAST_APP_KEY
    channels.kakao.accounts.default.toastSecretKey: not set in the environment: TOAST_SECRET_KEY
    "#);
}

#[test]
fn original_004_config_file_is_a_kakaowork_account() {
    assert_snapshot!(summary(sample!("004-config-file"), &no_env), @r#"
    kakaowork default Pairing
    default of kakaowork: default
    ! agents: there is no agent, so messages get no answer
    ! channels.kakao: holds settings of KakaoWork only, so it is read as a KakaoWork account; write it under channels.kakaowork
    ! channels.kakao.callbackToken: not set, so every call of KakaoWork is refused
    "#);
}

#[test]
fn original_004_multi_account_is_a_kakaowork_channel() {
    assert_snapshot!(summary(sample!("004-multi-account"), &no_env), @r#"
    kakaowork internal Allowlist
    kakaowork support Open
    default of kakaowork: support
    ! agents: there is no agent, so messages get no answer
    ! channels.kakao.accounts.internal: holds settings of KakaoWork only, so it is read as a KakaoWork account; write it under channels.kakaowork
    ! channels.kakao.accounts.internal.callbackToken: not set, so every call of KakaoWork is refused
    ! channels.kakao.accounts.support: holds settings of KakaoWork only, so it is read as a KakaoWork account; write it under channels.kakaowork
    ! channels.kakao.accounts.support.callbackToken: not set, so every call of KakaoWork is refused
    ! channels.kakao.accounts.support.dmPolicy: nobody gets in; add "*" to allowFrom to let everyone in
    "#);
}

#[test]
fn original_004_callback_url_is_a_kakaowork_account() {
    assert_snapshot!(summary(sample!("004-callback-url"), &|name| (name == "KAKAOWORK_APP_KEY").then(|| "key".to_owned())), @r#"
    kakaowork default Pairing
    default of kakaowork: default
    ! agents: there is no agent, so messages get no answer
    ! channels.kakao: holds settings of KakaoWork only, so it is read as a KakaoWork account; write it under channels.kakaowork
    ! channels.kakao.callbackPath: not used: KakaoWork has to call /kakaowork/callback/default/<callbackToken>
    ! channels.kakao.callbackToken: not set, so every call of KakaoWork is refused
    ! channels.kakao.callbackUrl: not used: KakaoWork has to call /kakaowork/callback/default/<callbackToken>
    "#);
}

#[test]
fn damaged_characters_are_characters() {
    let document = "{ channels: { kakao: { name: \"ÏïåÎ¶ºÌÜ° ‚úÖ \u{fffd}\" } } }";
    let config = load(document, &no_env).unwrap().config;
    assert_eq!(
        config.kakao().next().unwrap().0.name.as_deref(),
        Some("ÏïåÎ¶ºÌÜ° ‚úÖ \u{fffd}")
    );
}

/// Of KakaoTalk, and of KakaoWork.
fn number_of_accounts(config: &Config) -> (usize, usize) {
    let of = |channel| config.of_channel(channel).count();
    (of(Channel::Kakao), of(Channel::KakaoWork))
}

#[test]
fn an_account_with_a_rest_api_key_in_the_environment_stays_with_kakaotalk() {
    let env = |name: &str| (name == "KAKAO_REST_API_KEY").then(|| "key".to_owned());
    let config = load(sample!("004-config-file"), &env).unwrap().config;
    assert_eq!(number_of_accounts(&config), (1, 0));
}

#[test]
fn where_kakaowork_has_its_own_section_nothing_is_moved_to_it() {
    let document = r#"{ channels: { kakao: { appKey: "a", proxy: "http://proxy" }, kakaowork: { appKey: "b" } } }"#;
    let Loaded { config, warnings } = load(document, &no_env).unwrap();
    assert_eq!(number_of_accounts(&config), (1, 1));
    let expected = "channels.kakao.proxy: belongs to KakaoWork (channels.kakaowork) and has no effect on KakaoTalk";
    assert!(
        warnings
            .iter()
            .any(|warning| warning.to_string() == expected)
    );
}

#[test]
fn bindings_follow_the_accounts_that_are_moved_to_kakaowork() {
    let document = r#"{
        channels: { kakao: { accounts: { work: { appKey: "a" }, talk: { restApiKey: "b" } } } },
        agents: { a: { kind: "echo" }, b: { kind: "echo" } },
        routing: { bindings: [{ channel: "kakao", agent: "a" }, { channel: "kakao", account: "work", agent: "b" }] },
    }"#;
    let config = load(document, &no_env).unwrap().config;
    let agent = |channel, name| {
        let account = AccountId::parse(name).unwrap();
        config
            .agent_for_anyone(&Scope { channel, account })
            .unwrap()
            .0
    };
    assert_eq!(agent(Channel::KakaoWork, "work"), "b");
    assert_eq!(agent(Channel::Kakao, "talk"), "a");
}

#[test]
fn bindings_may_name_the_channel_that_a_moved_account_is_of() {
    let document = r#"{
        channels: { kakao: { accounts: { work: { appKey: "a" }, talk: { restApiKey: "b" } } } },
        agents: { a: { kind: "echo" } },
        routing: { bindings: [{ channel: "kakaowork", account: "work", agent: "a" }] },
    }"#;
    let config = load(document, &no_env).unwrap().config;
    let [binding] = &config.bindings[..] else {
        panic!("{:?}", config.bindings)
    };
    assert_eq!(binding.channel, Channel::KakaoWork);
    let misspelt = document.replace(r#"account: "work""#, r#"account: "wrk""#);
    let problem = load(&misspelt, &no_env).unwrap_err().to_string();
    assert!(problem.contains(r#"no account "wrk" of kakaowork; did you mean "work"?"#));
}

#[test]
fn every_setting_has_its_place() {
    assert_snapshot!(summary(EVERY_SETTING, &env), @r#"
    kakao default Pairing
    kakaowork default Pairing
    default of kakao: default
    default of kakaowork: default
    kakao -> main
    kakaowork -> other
    ! channels.kakao.accounts.default.appKey: the JavaScript key has no use here; Dari needs restApiKey
    ! channels.kakao.accounts.default.messageTypes.friendtalk: Kakao closed FriendTalk on 2025-12-31; Brand Message took its place
    ! channels.kakao.accounts.default.webhookPath: applies to `dari dev` only
    ! channels.kakao.accounts.default.webhookPort: applies to `dari dev` only
    ! channels.kakaowork.accounts.default.callbackPath: not used: KakaoWork has to call /kakaowork/callback/default/<callbackToken>
    ! channels.kakaowork.accounts.default.callbackUrl: not used: KakaoWork has to call /kakaowork/callback/default/<callbackToken>
    ! channels.kakaowork.accounts.default.keyFile: not used: there is an appKey as well
    "#);
}

#[test]
fn the_schema_for_editors_is_up_to_date() {
    let file = include_str!("../../../config.schema.json");
    let schema = schema();
    if crate::env::process_env("UPDATE_SCHEMA").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../config.schema.json");
        std::fs::write(path, format!("{schema:#}\n")).unwrap();
    } else {
        let in_file = serde_json::from_str(file).unwrap_or(Value::Null);
        assert!(
            schema == in_file,
            "UPDATE_SCHEMA=1 cargo test -p shared schema_for_editors writes config.schema.json anew"
        );
    }
}

#[test]
fn the_schema_describes_every_setting() {
    fn undescribed(schema: &Value, path: &str, found: &mut Vec<String>) {
        for (name, setting) in schema["properties"].as_object().into_iter().flatten() {
            if setting.get("description").is_none() && setting.get("const").is_none() {
                found.push(format!("{path}.{name}"));
            }
        }
        for name in ["$defs", "oneOf"] {
            match &schema[name] {
                Value::Object(parts) => parts
                    .iter()
                    .for_each(|(name, part)| undescribed(part, name, found)),
                Value::Array(parts) => parts.iter().for_each(|part| undescribed(part, path, found)),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    undescribed(&schema(), "", &mut found);
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn the_settings_of_a_kakaowork_account_are_those_of_the_schema() {
    let schema = schema();
    let described: Vec<_> = schema["$defs"]["KakaoWork"]["properties"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let mut listed = [account::SETTINGS, kakaowork::SETTINGS].concat();
    listed.sort_unstable();
    assert_eq!(described, listed);
}

fn places(value: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    match value {
        Value::Object(values) => values.iter().for_each(|(name, value)| {
            let name = name.replace('~', "~0").replace('/', "~1");
            places(value, &format!("{path}/{name}"), found);
        }),
        Value::Array(values) => {
            values
                .iter()
                .enumerate()
                .for_each(|(position, value)| places(value, &format!("{path}/{position}"), found));
        }
        _ => {}
    }
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::sample::select(vec![
            "*",
            "default",
            "open",
            "echo",
            "${GONE}",
            "${SKILL_KEY}",
            "가",
            "http://[",
            "1"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let names = prop_oneof![
            any::<String>(),
            prop::sample::select(vec!["default", "enabled", "kind", "url", "1"])
                .prop_map(str::to_owned)
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(names, inner, 0..4).prop_map(|values| json!(values)),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_makes_loading_panic(text in any::<String>()) {
        let _ = load(&text, &env);
    }

    #[test]
    fn whatever_is_written_anywhere_is_read_or_reported(
        changes in prop::collection::vec((any::<prop::sample::Index>(), anything()), 1..4),
    ) {
        let mut document: Value = json5::from_str(EVERY_SETTING).unwrap();
        for (place, value) in changes {
            let mut found = Vec::new();
            places(&document, "", &mut found);
            *document.pointer_mut(place.get(&found).as_str()).unwrap() = value;
        }
        if let Err(problems) = load(&document.to_string(), &env) {
            prop_assert!(problems.iter().count() > 0);
            // The checker lets nothing pass that cannot be read.
            prop_assert!(!problems.to_string().contains("cannot be read"), "{}", problems);
        }
    }
}
