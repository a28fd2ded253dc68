//! Which addresses pass and which are refused, with the tricks that lead a parser astray.

use proptest::prelude::*;

use super::*;

const TOKEN: &str = "/v1/bots/6f1a0c5e9d2b7348a1c0de01!/callback/cbtoken:-ab_c.d~e";

fn local() -> CallbackHosts {
    CallbackHosts::new(vec![Origin::parse("http://127.0.0.1:8788").unwrap()])
}

#[test]
fn f22_callback_addresses_of_kakao_are_kept_byte_for_byte() {
    for start in [
        "https://bot-api.kakao.com",
        "https://bot-api.kakao.com:443",
        "https://BOT-API.KAKAO.COM",
        "HTTPS://Bot-Api.Kakao.Com",
    ] {
        for end in [
            TOKEN,
            "/v1/bots/b/callback/a%2Fb?x=%E3%85%8E&y=+*",
            "/v1//x/",
            "/",
        ] {
            let raw = format!("{start}{end}");
            let url = CallbackUrl::parse(&raw, &CallbackHosts::default()).expect(&raw);
            assert_eq!(url.as_secret_str(), raw);
            assert_eq!(format!("{url:?}"), "CallbackUrl(bot-api.kakao.com/…)");
        }
    }
}

const REFUSED: &[(RefusedUrl, &str)] = &[
    (
        RefusedUrl::Scheme,
        "http://bot-api.kakao.com/v1/bots/b/callback/t",
    ),
    (RefusedUrl::Scheme, "ftp://bot-api.kakao.com/v1"),
    (RefusedUrl::Scheme, "wss://bot-api.kakao.com/v1"),
    (RefusedUrl::Scheme, "http://127.0.0.1:8789/v1"),
    (RefusedUrl::Scheme, "http://127.0.0.1/v1"),
    (RefusedUrl::Scheme, "http://localhost:8788/v1"),
    (
        RefusedUrl::Scheme,
        "http://169.254.169.254/latest/meta-data/",
    ),
    (RefusedUrl::Host, "https://127.0.0.1:8788/v1"),
    (RefusedUrl::Host, "https://127.0.0.1/v1"),
    (RefusedUrl::Host, "https://[::1]/v1"),
    (RefusedUrl::Host, "https://[::ffff:7f00:1]/v1"),
    (RefusedUrl::Host, "https://211.249.200.1/v1"),
    (RefusedUrl::Host, "https://localhost/v1"),
    (RefusedUrl::Host, "https://kakao.com/v1"),
    (RefusedUrl::Host, "https://api.kakao.com/v1"),
    (RefusedUrl::Host, "https://xbot-api.kakao.com/v1"),
    (RefusedUrl::Host, "https://x.bot-api.kakao.com/v1"),
    (RefusedUrl::Host, "https://bot-api.kakao.com./v1"),
    (RefusedUrl::Host, "https://bot-api.kakao.com../v1"),
    (RefusedUrl::Host, "https://.bot-api.kakao.com/v1"),
    (
        RefusedUrl::Host,
        "https://bot-api.kakao.com.evil.example/v1",
    ),
    (RefusedUrl::Host, "https://kakao.com.evil.example/v1"),
    (RefusedUrl::Host, "https://evil.example/bot-api.kakao.com"),
    (
        RefusedUrl::Form,
        "https://evil.example?bot-api.kakao.com/v1",
    ),
    (
        RefusedUrl::Host,
        "https://evil.example/v1?x=https://bot-api.kakao.com/",
    ),
    (RefusedUrl::Host, "https://bot-api-kakao.com/v1"),
    (RefusedUrl::Host, "https://bot-apikakao.com/v1"),
    (RefusedUrl::Host, "https://bot-api.kakao.co/v1"),
    (RefusedUrl::Host, "https://bot-api.kakao.com.kr/v1"),
    (RefusedUrl::Host, "https://xn--bt-api-wqf.kakao.com/v1"),
    (RefusedUrl::Host, "https://bot-api.xn--kkao-53d.com/v1"),
    (RefusedUrl::Port, "https://bot-api.kakao.com:8443/v1"),
    (RefusedUrl::Port, "https://bot-api.kakao.com:80/v1"),
    (RefusedUrl::Port, "https://bot-api.kakao.com:9001/v1"),
    (RefusedUrl::UserInfo, "https://user@bot-api.kakao.com/v1"),
    (
        RefusedUrl::UserInfo,
        "https://user:pass@bot-api.kakao.com/v1",
    ),
    (RefusedUrl::UserInfo, "https://@bot-api.kakao.com/v1"),
    (RefusedUrl::UserInfo, "https://:@bot-api.kakao.com/v1"),
    (
        RefusedUrl::UserInfo,
        "https://bot-api.kakao.com@evil.example/v1",
    ),
    (
        RefusedUrl::UserInfo,
        "https://bot-api.kakao.com:443@evil.example/v1",
    ),
    (
        RefusedUrl::UserInfo,
        "https://evil.example@bot-api.kakao.com/v1",
    ),
    (
        RefusedUrl::Form,
        "https://bot-api.kakao.com#@evil.example/v1",
    ),
    (RefusedUrl::Form, "https://bot-api.kakao.com/v1#"),
    (RefusedUrl::Form, "https://bot-api.kakao.com/v1#token"),
    (
        RefusedUrl::Form,
        "https://bot-api.kakao.com\\@evil.example/v1",
    ),
    (
        RefusedUrl::Form,
        "https://evil.example\\bot-api.kakao.com/v1",
    ),
    (RefusedUrl::Form, "https:\\\\bot-api.kakao.com/v1"),
    (RefusedUrl::Form, "https://bot-api.kakao.com/v1\\callback"),
    (RefusedUrl::Form, "https:bot-api.kakao.com/v1"),
    (RefusedUrl::Form, "https:/bot-api.kakao.com/v1"),
    (RefusedUrl::Form, "https:///bot-api.kakao.com/v1"),
    (RefusedUrl::Form, "//bot-api.kakao.com/v1"),
    (RefusedUrl::Form, "bot-api.kakao.com/v1"),
    (RefusedUrl::Form, "https://bot-api.kakao.com"),
    (RefusedUrl::Form, "https://bot-api.kakao.com?x=1"),
    (RefusedUrl::Form, "https://bot-api.kakao.com:/v1"),
    (RefusedUrl::Form, "https://bot-api.kakao.com:0443/v1"),
    (RefusedUrl::Form, "https://bot-api.kakao.com:99999/v1"),
    (RefusedUrl::Form, "https://bot-api.kakao.com:44 3/v1"),
    (RefusedUrl::Form, "https://bot%2dapi.kakao.com/v1"),
    (
        RefusedUrl::Form,
        "https://bot-api.kakao.com%00.evil.example/v1",
    ),
    (RefusedUrl::Form, "https://xn--zz--.kakao.com/v1"),
    (RefusedUrl::Form, "https://bot-api。kakao。com/v1"),
    (RefusedUrl::Form, "https://ｂot-api.kakao.com/v1"),
    (RefusedUrl::Form, "https://bоt-api.kakao.com/v1"),
    (RefusedUrl::Form, "https://bot-api.kakao.com\u{200b}/v1"),
    (RefusedUrl::Form, "https://bot-api.kakao\u{ad}.com/v1"),
    (RefusedUrl::Form, "https://2130706433/v1"),
    (RefusedUrl::Form, "https://0x7f.1/v1"),
    (RefusedUrl::Form, "https://0177.0.0.1/v1"),
    (RefusedUrl::Form, "https://127.1/v1"),
    (RefusedUrl::Form, "https://[0:0:0:0:0:0:0:1]/v1"),
    (RefusedUrl::Form, "https://bot-api.kakao.com/v1/../v2"),
    (RefusedUrl::Form, "https://bot-api.kakao.com/./v1"),
    (RefusedUrl::Form, "https://bot-api.kakao.com/v1/%2e%2e/v2"),
    (RefusedUrl::Form, "https://bot-api.kakao.com/v1?a='b'"),
    (RefusedUrl::Form, "https://bot-api.kakao.com/토큰"),
    (RefusedUrl::Form, "https://bot-api.kakao.com/v1?q=한"),
    (RefusedUrl::Form, "https://bot-api.kakao.com/v1/{token}"),
    (RefusedUrl::Form, "https://bot-api.kakao.com/v1/a b"),
    (RefusedUrl::Form, " https://bot-api.kakao.com/v1"),
    (RefusedUrl::Form, "https://bot-api.kakao.com/v1 "),
    (RefusedUrl::Form, "ht\ttps://bot-api.kakao.com/v1"),
    (RefusedUrl::Form, "https://bot-api.kakao\n.com/v1"),
    (
        RefusedUrl::Form,
        "https://bot-api.kakao.com/v1\r\nHost: evil.example",
    ),
    (RefusedUrl::Form, "https://bot-api.kakao.com/v1\0"),
    (RefusedUrl::Form, "javascript:alert(1)"),
    (RefusedUrl::Form, "file:///etc/passwd"),
    (RefusedUrl::Form, ""),
];

#[test]
fn f22_other_callback_addresses_are_refused() {
    for (reason, raw) in REFUSED {
        assert_eq!(
            CallbackUrl::parse(raw, &local()).err(),
            Some(*reason),
            "{raw:?}"
        );
    }
}

#[test]
fn f22_the_longest_callback_address_passes() {
    let raw = format!("https://bot-api.kakao.com/{}", "a".repeat(2048 - 26));
    assert!(CallbackUrl::parse(&raw, &CallbackHosts::default()).is_ok());
    let longer = format!("{raw}a");
    let refused = CallbackUrl::parse(&longer, &CallbackHosts::default()).err();
    assert_eq!(refused, Some(RefusedUrl::Form));
}

#[test]
fn f22_an_extra_origin_passes_exactly() {
    let raw = "http://127.0.0.1:8788/v1/bots/b!/callback/t";
    assert!(CallbackUrl::parse(raw, &local()).is_ok());
    assert!(CallbackUrl::parse(raw, &CallbackHosts::default()).is_err());
    assert!(CallbackUrl::parse("http://x@127.0.0.1:8788/", &local()).is_err());
}

#[test]
fn f22_a_suffix_admits_hosts_below_it_only() {
    let hosts = CallbackHosts::default().and_below(".kakao.com");
    for (host, admitted) in [
        ("bot-api.kakao.com", true),
        ("bot-api2.kakao.com", true),
        ("a.b.kakao.com", true),
        ("kakao.com", false),
        ("evilkakao.com", false),
        (".kakao.com", false),
        ("a..kakao.com", false),
        ("a.kakao.com.", false),
    ] {
        let parsed = CallbackUrl::parse(&format!("https://{host}/v1"), &hosts);
        assert_eq!(parsed.is_ok(), admitted, "{host}");
    }
}

#[test]
fn f116_media_come_from_kakaos_media_hosts_only() {
    use RefusedUrl::{Form, Host, Port, Scheme, UserInfo};

    let good = [
        "https://talk.kakaocdn.net/dna/a/i_b.png?credential=x&expires=1&signature=a%2Bb%3D",
        "http://secure.kakaocdn.net/a?b=c",
        "http://secure.kakaocdn.net:80/a",
        "https://talk.kakaocdn.net:443/a",
        "http://dn-m.talk.kakao.com/talkm/a.jpg",
        "https://DN.talk.kakao.com/a",
    ];
    for raw in good {
        assert_eq!(MediaUrl::parse(raw, &[]).expect(raw).as_secret_str(), raw);
    }
    let bad = [
        (Scheme, "ftp://talk.kakaocdn.net/a"),
        (Host, "https://kakaocdn.net/a"),
        (Host, "https://evilkakaocdn.net/a"),
        (Host, "https://talk.kakaocdn.net.evil.example/a"),
        (Host, "https://talk.kakaocdn.net./a"),
        (Host, "https://.kakaocdn.net/a"),
        (Host, "https://bot-api.kakao.com/a"),
        (Host, "https://169.254.169.254/a"),
        (Port, "https://talk.kakaocdn.net:80/a"),
        (Port, "http://talk.kakaocdn.net:443/a"),
        (Port, "http://talk.kakaocdn.net:8080/a"),
        (UserInfo, "https://a@talk.kakaocdn.net/a"),
        (Form, "https://evil.example\\.kakaocdn.net/a"),
        (Form, "https://talk.kakaocdn.net/a#b"),
        (Form, "https://talk.kakaocdn.net/../a"),
    ];
    for (reason, raw) in bad {
        assert_eq!(MediaUrl::parse(raw, &[]).err(), Some(reason), "{raw:?}");
    }
    let extra = [Origin::parse("http://localhost:8788").unwrap()];
    assert!(MediaUrl::parse("http://localhost:8788/media/1.png", &extra).is_ok());
    let shown = format!("{:?}", MediaUrl::parse(good[0], &[]).unwrap());
    assert_eq!(shown, "MediaUrl(talk.kakaocdn.net/…)");
}

fn address_like() -> impl Strategy<Value = String> {
    let scheme = "(https|http|HTTPS)[:/\\\\@]{1,4}";
    let junk = "[a-z.@:\\\\\\[\\]0-9%#?]{0,12}";
    let host = "(bot-api.kakao.com|BOT-API.kakao.com)?[.@:/\\\\#?]{0,3}";
    let rest = "(evil.example|443|bot-api.kakao.com)?[/?][ -~]{0,20}";
    (scheme, prop_oneof![Just(String::new()), junk], host, rest)
        .prop_map(|(scheme, junk, host, rest)| format!("{scheme}{junk}{host}{rest}"))
}

proptest! {
    #[test]
    fn f22_whatever_passes_is_on_kakaos_host(
        raw in prop_oneof![
            any::<String>(),
            address_like(),
        ],
    ) {
        if let Ok(url) = CallbackUrl::parse(&raw, &CallbackHosts::default()) {
            prop_assert_eq!(url.as_secret_str(), raw.as_str());
            let lower = raw.to_ascii_lowercase();
            let rest = lower.strip_prefix("https://bot-api.kakao.com").expect("kakao's host");
            prop_assert!(rest.starts_with('/') || rest.starts_with(":443/"));
        }
    }
}
