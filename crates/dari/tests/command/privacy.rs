//! What must never be printed or stored in the clear.

use super::*;

#[test]
fn f79_f117_nothing_personal_and_no_secret_is_ever_logged() {
    let folder = folder();
    let log = fs::File::create(folder.path().join("log")).unwrap();
    let dev = Dev::start_logging(folder.path(), &["--data", "kept"], "trace", log.into());
    let mut canaries = Vec::new();
    let code = code_in(&out(&dari(folder.path(), &["say", "카나리아발화"])));
    let pending: serde_json::Value =
        serde_json::from_str(&out(&dari(folder.path(), &["pairing", "list", "--json"]))).unwrap();
    let sender = pending
        .pointer("/requests/0/id")
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned();
    dari(folder.path(), &["pairing", "approve", "kakao", &code]);
    for text in ["카나리아발화", "카나리아질문", "/상태", "답변 확인"] {
        let exchange = out(&dari(folder.path(), &["say", "--json", text]));
        let exchange: serde_json::Value = serde_json::from_str(&exchange).unwrap();
        let callback = exchange.pointer("/request/userRequest/callbackUrl");
        canaries
            .extend(callback.and_then(|url| Some(url.as_str()?.rsplit('/').next()?.to_owned())));
    }
    let config = fs::read_to_string(folder.path().join(".dari/config.json5")).unwrap();
    let secrets = config.split('"').filter(|text| {
        text.len() >= 40
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    });
    canaries.extend(secrets.map(str::to_owned));
    canaries.extend([
        "카나리아".to_owned(),
        code,
        sender.strip_prefix("botUserKey:").unwrap().to_owned(),
    ]);
    assert!(canaries.len() >= 8, "{canaries:?}");
    drop(dev);
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.len() > 10_000, "the log is too quiet to prove anything");
    // The engine keeps recent writes in a file beside its database.
    let files = fs::read_dir(folder.path().join("kept")).unwrap();
    let stored: Vec<u8> = files
        .flat_map(|file| fs::read(file.unwrap().path()).unwrap())
        .collect();
    let stored = String::from_utf8_lossy(&stored).into_owned();
    assert!(stored.contains("kakao#default"), "these are not the tables");
    for canary in &canaries {
        let escaped: String = canary
            .chars()
            .map(|c| {
                if c.is_ascii() {
                    c.to_string()
                } else {
                    format!("\\u{:04x}", u32::from(c))
                }
            })
            .collect();
        for form in [canary.clone(), escaped, base64_of(canary)] {
            assert!(!log.contains(&form), "{canary} is in the log");
            assert!(!stored.contains(&form), "{canary} is in the tables");
        }
    }
}

fn base64_of(text: &str) -> String {
    use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
    BASE64_STANDARD_NO_PAD.encode(text)
}
