use std::time::Duration;

use insta::assert_snapshot;
use secrecy::ExposeSecret;
use serde_json::json;

use super::*;

const SKILL_KEY: &str = "skill-key-0123456789-abcdef";

fn loaded(document: &Value) -> Loaded {
    load(&document.to_string(), &|_| None).unwrap()
}

fn problems(document: &Value) -> String {
    load(&document.to_string(), &|_| None)
        .unwrap_err()
        .to_string()
}

fn warnings(document: &Value) -> String {
    let warnings = loaded(document).warnings;
    warnings
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(
            "
",
        )
}

fn kakao(settings: &Value) -> Value {
    let mut account = json!({ "skillKey": SKILL_KEY });
    account
        .as_object_mut()
        .unwrap()
        .extend(settings.as_object().unwrap().clone());
    json!({ "channels": { "kakao": account }, "agents": { "main": { "kind": "echo" } } })
}

fn account(settings: &Value) -> Account {
    default(loaded(&kakao(settings)).config)
}

/// The account `default` of KakaoTalk.
fn default(mut config: Config) -> Account {
    config
        .accounts
        .remove(&Scope {
            channel: Channel::Kakao,
            account: AccountId::default(),
        })
        .unwrap()
}

fn of_kakaotalk<'a>(config: &'a Config, name: &str) -> &'a Account {
    config.account(Channel::Kakao, &id(name)).unwrap()
}

fn id(name: &str) -> AccountId {
    AccountId::parse(name).unwrap()
}

#[test]
fn an_account_without_settings_gets_the_defaults() {
    let account = account(&json!({}));
    let kakao_only = account.kakao().unwrap();
    assert!(account.enabled);
    assert_eq!(kakao_only.skill.keys.candidates().count(), 1);
    assert_eq!(kakao_only.skill.header, "x-dari-skill-key");
    assert_eq!(account.policy, Policy::Pairing);
    assert_eq!(
        (
            kakao_only.text_chunk_limit,
            kakao_only.media_max_mb,
            kakao_only.outbound.attempts
        ),
        (900, 2, 3)
    );
    assert_eq!(
        (account.timeout, account.held_answer),
        (None, Duration::from_hours(24))
    );
    assert_eq!(
        (account.concurrency, account.locale),
        (Concurrency::Queue, Locale::Ko)
    );
    assert_eq!(warnings(&kakao(&json!({}))), "");
}

#[test]
fn what_is_written_is_tidied() {
    let account = account(&json!({
        "botId": " 6f1a0c5e9d2b7348a1c0de01! ", "skillHeader": "X-My-Key", "restApiKey": " key\n", "clientSecret": " ", "timeoutSeconds": 30,
        "allowFrom": ["kakao:alice", "appUserId:7", 4_021_957_713_u64, "*"],
    }));
    let kakao_only = account.kakao().unwrap();
    let (skill, login) = (&kakao_only.skill, &kakao_only.login);
    assert_eq!(skill.bot_id.as_deref(), Some("6f1a0c5e9d2b7348a1c0de01"));
    assert_eq!(skill.header, "x-my-key");
    assert_eq!(login.rest_api_key.as_ref().unwrap().expose_secret(), "key");
    assert!(login.client_secret.is_none());
    assert_eq!(account.timeout, Some(Duration::from_secs(30)));
    let listed: Vec<_> = account.allow_from.iter().map(ToString::to_string).collect();
    assert_eq!(
        listed,
        ["botUserKey:4021957713", "botUserKey:alice", "appUserId:7"]
    );
    assert!(account.allow_from.any());
}

#[test]
fn accounts_inherit_what_they_do_not_say() {
    let config = loaded(&json!({ "channels": { "kakao": {
        "dmPolicy": "allowlist", "allowFrom": ["alice"], "locale": "en", "webhookPort": 9000, "defaultAccount": "SHOP",
        "accounts": { "Shop": { "dmPolicy": "open", "allowFrom": null }, "home": { "enabled": false } },
    } } }))
    .config;
    let (shop, home) = (of_kakaotalk(&config, "shop"), of_kakaotalk(&config, "home"));
    assert_eq!(
        (shop.policy, shop.locale, shop.enabled),
        (Policy::Open, Locale::En, true)
    );
    assert_eq!(shop.allow_from.iter().count(), 0);
    assert_eq!(
        (home.policy, home.locale, home.enabled),
        (Policy::Allowlist, Locale::En, false)
    );
    assert_eq!(home.allow_from.iter().count(), 1);
    assert_eq!(config.accounts.len(), 2);
    assert_eq!(config.default_account[&Channel::Kakao], id("shop"));
    assert_eq!(
        config.dev,
        Dev {
            webhook_port: Some(9000),
            webhook_path: None
        }
    );
}

#[test]
fn a_channel_that_is_switched_off_has_no_accounts_but_its_mistakes_are_reported() {
    let off = json!({ "channels": { "kakao": { "enabled": false, "accounts": { "a": { "enabled": true } } } } });
    assert!(loaded(&off).config.accounts.is_empty());
    assert_eq!(warnings(&off), "");
    let wrong = json!({ "channels": { "kakao": { "enabled": false, "skillHeader": "a b" } } });
    assert_eq!(
        problems(&wrong),
        "channels.kakao.skillHeader: is not a possible name of a header"
    );
}

#[test]
fn every_problem_is_reported_at_once_with_its_place() {
    let document = r#"{
        channel: {},
        channels: {
            kakao: {
                dmPolcy: "open", dmPolicy: "pairng", textChunkLimit: 2000, timeoutSeconds: "30", enabled: "yes", name: ["x"],
                allowFrom: ["ok", "", true], mediaMaxMb: 1.5, concurrency: 7, retry: { attempts: 0, delay: 1 }, skillHeader: "a b",
                webhookPath: "hook", restApiKey: "${GONE}", defaultAccount: "shp",
                accounts: { shop: { locale: "fr" }, SHOP: {}, "my shop": {}, bad: 3 },
            },
            telegram: {},
        },
        agents: {
            a: { kind: "openclaw" },
            b: { kind: "opnclaw", url: "http://127.0.0.1" },
            c: { url: "http://127.0.0.1" },
            d: { kind: "openai-chat", url: "ftp://example.com", model: " ", memoryTurns: -1, agentId: "x" },
            e: { kind: "webhook", url: "https://u:p@example.com", secret: "short" },
            f: "echo",
            g: { kind: "echo" },
        },
        routing: { bindings: [{ channel: "kakao", agent: "h" }, { channel: "kakoa", agent: "g" }, {}, { channel: "kakao", agent: "a", account: "shpo" }] },
        keys: { digest: "short", sealing: { "0": "x", "01": "x", "1": "x" } },
    }"#;
    let problems = load(document, &|_| None).unwrap_err();
    assert_snapshot!(problems, @r#"
    agents.a.url: is required
    agents.b.kind: must be one of echo, openclaw, openai-chat, openai-responses, webhook; did you mean "openclaw"?
    agents.c.kind: is required
    agents.d.agentId: unknown setting
    agents.d.memoryTurns: must be from 0 to 100, not -1
    agents.d.model: must not be empty
    agents.d.url: must start with https:// or http://
    agents.e.secret: must be whsec_ and 24 to 64 bytes in base64
    agents.e.url: must not hold a user or password
    agents.f: must be an object, not a string
    channel: unknown setting; did you mean "channels"?
    channels.kakao.accounts.bad: must be an object, not a number
    channels.kakao.accounts.shop: there is another account shop: upper and lower case are the same
    channels.kakao.accounts.shop.locale: must be one of ko, en
    channels.kakao.accounts["my shop"]: the name of an account has 1 to 64 letters, digits, - and _
    channels.kakao.allowFrom[1]: is not the id of a sender
    channels.kakao.allowFrom[2]: must be a string or a whole number, not true or false
    channels.kakao.concurrency: must be one of queue, latest, reject, not a number
    channels.kakao.defaultAccount: there is no account "shp"; did you mean "shop"?
    channels.kakao.dmPolcy: unknown setting; did you mean "dmPolicy"?
    channels.kakao.dmPolicy: must be one of pairing, allowlist, open, disabled; did you mean "pairing"?
    channels.kakao.enabled: must be true or false, not a string
    channels.kakao.mediaMaxMb: must be a whole number, not a fraction
    channels.kakao.name: must be a string, not a list
    channels.kakao.restApiKey: not set in the environment: GONE
    channels.kakao.retry.attempts: must be from 1 to 10, not 0
    channels.kakao.retry.delay: unknown setting
    channels.kakao.skillHeader: is not a possible name of a header
    channels.kakao.textChunkLimit: must be from 100 to 1000, not 2000
    channels.kakao.timeoutSeconds: must be a whole number, not a string
    channels.kakao.webhookPath: must be a path, such as /kakao/webhook
    channels.telegram: unknown setting
    keys.digest: must be 32 bytes in base64url, 43 characters
    keys.sealing.0: the version of a key is a whole number from 1
    keys.sealing.01: the version of a key is a whole number from 1
    keys.sealing.1: must be 32 bytes in base64url, 43 characters
    routing.bindings[0].agent: there is no agent "h" under agents
    routing.bindings[1].channel: must be one of kakao, kakaowork; did you mean "kakao"?
    routing.bindings[2].agent: is required
    routing.bindings[2].channel: is required
    routing.bindings[3].account: there is no account "shpo" of kakao; did you mean "shop"?
    "#);
}

#[test]
fn f48_an_unknown_policy_is_refused_and_a_missing_one_is_pairing() {
    for word in ["Open", "OPEN", "opn", "", "everyone", "null"] {
        assert!(
            problems(&kakao(&json!({ "dmPolicy": word })))
                .starts_with("channels.kakao.dmPolicy: must be one of pairing")
        );
    }
    assert_eq!(
        account(&json!({ "dmPolicy": null })).policy,
        Policy::Pairing
    );
}

#[test]
fn a_list_that_does_not_suit_its_policy_is_warned_of() {
    for (settings, expected) in [
        (
            json!({ "dmPolicy": "open" }),
            "channels.kakao.dmPolicy: nobody gets in; add \"*\" to allowFrom to let everyone in",
        ),
        (
            json!({ "dmPolicy": "open", "allowFrom": ["alice"] }),
            "channels.kakao.dmPolicy: only the senders in allowFrom get in; add \"*\" to let everyone in",
        ),
        (json!({ "dmPolicy": "open", "allowFrom": ["kakao:*"] }), ""),
        (
            json!({ "dmPolicy": "allowlist" }),
            "channels.kakao.dmPolicy: nobody gets in; list senders in allowFrom",
        ),
        (
            json!({ "allowFrom": ["*"] }),
            "channels.kakao.allowFrom: * counts under dmPolicy \"open\" only",
        ),
        (
            json!({ "allowFrom": ["accessGroup:family"] }),
            "channels.kakao.allowFrom[0]: access groups are not known here, so this lets nobody in; list the senders",
        ),
        (
            json!({ "allowFrom": ["kakaoWorkUserId:1"] }),
            "channels.kakao.allowFrom[0]: senders of kakao have no such ids, so this lets nobody in",
        ),
        (
            json!({ "allowFrom": [4_021_957_713_u64] }),
            "channels.kakao.allowFrom[0]: read as a bot user key, but it looks like a Kakao user id; those are written appUserId:123",
        ),
    ] {
        assert_eq!(warnings(&kakao(&settings)), expected, "{settings}");
    }
}

#[test]
fn f03_without_a_good_skill_key_there_is_nothing_to_compare_with() {
    for (key, previous, candidates) in [
        (json!(SKILL_KEY), json!(null), 1),
        (json!(SKILL_KEY), json!("an-older-key-0123456789-abc"), 2),
        (json!(SKILL_KEY), json!("short"), 1),
        (json!("12345678901234567890123"), json!(SKILL_KEY), 0),
        (json!("  12345678901234567890123  "), json!(null), 0),
        (json!("가나다라마바사아자차카타파하"), json!(null), 0),
        (json!("two-lines-0123456789\nof-a-key"), json!(null), 0),
        (json!(""), json!(null), 0),
        (json!(null), json!(SKILL_KEY), 0),
    ] {
        let settings = json!({ "skillKey": key, "skillKeyPrevious": previous });
        let found = account(&settings);
        let keys = &found.kakao().unwrap().skill.keys;
        assert_eq!(keys.candidates().count(), candidates, "{settings}");
        if candidates == 0 {
            assert!(warnings(&kakao(&settings)).contains("every request of the bot is refused"));
        }
    }
}

#[test]
fn f10_accounts_cannot_share_a_skill_key() {
    let shared = json!({ "channels": { "kakao": { "skillKey": SKILL_KEY, "accounts": { "a": {}, "b": {}, "c": { "enabled": false } } } } });
    assert_eq!(
        problems(&shared),
        "channels.kakao.skillKey: the account a has the same key; each account needs its own"
    );
    let handed_on = json!({ "channels": { "kakao": { "accounts": {
        "a": { "skillKey": SKILL_KEY },
        "b": { "skillKey": "another-key-0123456789-abc", "skillKeyPrevious": SKILL_KEY },
    } } } });
    assert_eq!(
        problems(&handed_on),
        "channels.kakao.accounts.b.skillKey: the account a has the same key; each account needs its own"
    );
}

#[test]
fn variables_fill_in_text_and_never_structure() {
    let env = |name: &str| match name {
        "KEY" => Some("\", dmPolicy: \"open".to_owned()),
        "POLICY" => Some("open".to_owned()),
        _ => None,
    };
    let document = r#"{ channels: { kakao: { restApiKey: "${KEY}", clientSecret: "$${KEY}", dmPolicy: "${POLICY}" } } }"#;
    let account = default(load(document, &env).unwrap().config);
    let login = &account.kakao().unwrap().login;
    let [key, secret] = [&login.rest_api_key, &login.client_secret]
        .map(|secret| secret.as_ref().unwrap().expose_secret());
    assert_eq!(key, "\", dmPolicy: \"open");
    assert_eq!(secret, "${KEY}");
    assert_eq!(account.policy, Policy::Open);
}

#[test]
fn the_environment_completes_the_default_account_only() {
    let env = |name: &str| {
        (name == "KAKAO_REST_API_KEY" || name == "KAKAOWORK_APP_KEY").then(|| "from-env".to_owned())
    };
    let document =
        r"{ channels: { kakao: { accounts: { default: {}, other: {}, } }, kakaowork: {} } }";
    let rest_api_key = |config: &Config, name: &str| {
        let key = &of_kakaotalk(config, name)
            .kakao()
            .unwrap()
            .login
            .rest_api_key;
        key.as_ref().map(|key| key.expose_secret().to_owned())
    };
    let config = load(document, &env).unwrap().config;
    assert_eq!(rest_api_key(&config, "default").unwrap(), "from-env");
    assert!(rest_api_key(&config, "other").is_none());
    let work = config.account(Channel::KakaoWork, &id("default")).unwrap();
    assert!(matches!(
        &work.settings,
        ChannelSettings::KakaoWork(KakaoWorkSettings {
            app_key: AppKey::Given(_),
            ..
        })
    ));
    let document = r#"{ channels: { kakao: { restApiKey: "written" } } }"#;
    let config = load(document, &env).unwrap().config;
    assert_eq!(rest_api_key(&config, "default").unwrap(), "written");
}

#[test]
fn f82_no_secret_appears_when_a_configuration_is_printed() {
    let text = include_str!("../../../tests/samples/config/every-setting.json5");
    let loaded = load(text, &|name| {
        Some(format!("canary-{name}-0123456789-0123456789-0123456789"))
    })
    .unwrap();
    let printed = format!("{loaded:?}");
    for secret in [
        "canary",
        "rest-api-key",
        "admin-key",
        "client-secret",
        "toast-",
        "work-app-key",
        "the-key-before",
        "AAEC",
        "bot-user-key",
    ] {
        assert!(!printed.contains(secret), "{secret}: {printed}");
    }
}
