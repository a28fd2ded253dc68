//! The request bodies and headers (skill.md §2, §3, §7, §8).

use serde_json::{Value, json};

use crate::world::{Answer, BOT, SECRET, World, callback_url, text};

async fn payload_of(message: Value) -> Value {
    let world = World::new().await;
    let exchange = world.says(message).await;
    assert_eq!(exchange.request, world.payload());
    world.payload()
}

async fn keys(world: &World, user: &str) -> Value {
    let path = format!("/api/bots/{BOT}/users/{user}");
    world.get(&path).await.json().await.unwrap()
}

#[tokio::test]
async fn a_friend_s_text_arrives_as_documented() {
    let world = World::new().await;
    world
        .says(json!({"user": "alice", "text": "내일 비 와?"}))
        .await;
    let payload = world.payload();
    let keys = keys(&world, "alice").await;
    let url = callback_url(&payload);
    let token = url.strip_prefix(&format!("{}/bot-api/v1/bots/{BOT}/callback/", world.url));
    assert!(token.unwrap().starts_with("cbtoken:"));
    let block = payload["intent"]["id"].clone();
    let skill = payload["action"]["id"].clone();
    let expected = json!({
        "bot": {"id": BOT, "name": "하늘비서"},
        "intent": {"id": block, "name": "폴백 블록", "extra": {"reason": {"code": 1, "message": "OK"}}},
        "action": {"id": skill, "name": "skill", "params": {}, "detailParams": {}, "clientExtra": {}},
        "userRequest": {
            "block": {"id": block, "name": "폴백 블록"},
            "user": {"id": keys["botUserKey"], "type": "botUserKey", "properties": {
                "botUserKey": keys["botUserKey"],
                "bot_user_key": keys["botUserKey"],
                "plusfriendUserKey": keys["plusfriendUserKey"],
                "plusfriend_user_key": keys["plusfriendUserKey"],
                "isFriend": true,
            }},
            "utterance": "내일 비 와?",
            "params": {"surface": "Kakaotalk.plusfriend"},
            "callbackUrl": url,
            "lang": "ko",
            "timezone": "Asia/Seoul",
        },
        "contexts": [],
        "flow": {"trigger": {"type": "TEXT_INPUT"}},
    });
    assert_eq!(payload, expected);
}

#[tokio::test]
async fn the_headers_are_the_platform_s() {
    let world = World::new().await;
    let exchange = world.says(json!({"user": "alice", "text": "안녕"})).await;
    let headers = world.seen()[0].headers.clone();
    assert_eq!(headers[SECRET.0], SECRET.1);
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["accept"], "*/*");
    assert_eq!(headers["user-agent"], "AHC/2.1");
    assert_eq!(headers["x-request-id"], exchange.request_id.as_str());
    assert!(
        headers["x-chappie-footprint"]
            .to_str()
            .unwrap()
            .starts_with("chp-")
    );
    let another = world.says(json!({"user": "alice", "text": "안녕"})).await;
    assert_ne!(another.request_id, exchange.request_id);
}

#[tokio::test]
async fn who_is_no_friend_has_no_is_friend_field() {
    let payload = payload_of(json!({"user": "alice", "friend": false, "text": "안녕"})).await;
    let properties = &payload["userRequest"]["user"]["properties"];
    assert_eq!(properties.get("isFriend"), None);
    assert!(properties["plusfriendUserKey"].is_string());
}

#[tokio::test]
async fn a_linked_user_has_a_member_number() {
    let payload =
        payload_of(json!({"user": "alice", "text": "안녕", "appUserId": "3700112233"})).await;
    let properties = &payload["userRequest"]["user"]["properties"];
    assert_eq!(properties["appUserId"], "3700112233");
    assert_eq!(properties["appUserStatus"], "REGISTERED");
}

#[tokio::test]
async fn the_callback_depends_on_the_block_unless_overridden() {
    let world = World::new().await;
    for (message, expected) in [
        (json!({"user": "a", "text": "안녕"}), true),
        (json!({"user": "a", "text": "콜백 없이"}), false),
        (
            json!({"user": "a", "text": "안녕", "block": "콜백 없는 블록"}),
            false,
        ),
        (
            json!({"user": "a", "text": "안녕", "callback": false}),
            false,
        ),
        (
            json!({"user": "a", "text": "콜백 없이", "callback": true}),
            true,
        ),
    ] {
        let exchange = world.says(message).await;
        assert_eq!(
            world.payload()["userRequest"].get("callbackUrl").is_some(),
            expected
        );
        assert_eq!(exchange.callback.is_some(), expected);
    }
}

#[tokio::test]
async fn the_development_channel_marks_bot_and_token() {
    let payload = payload_of(json!({"user": "alice", "text": "안녕", "devChannel": true})).await;
    assert_eq!(payload["bot"]["id"], format!("{BOT}!"));
    let url = callback_url(&payload);
    let (_, token) = url
        .split_once(&format!("/bot-api/v1/bots/{BOT}!/callback/"))
        .unwrap();
    assert!(token.starts_with('-') && token.contains('_'));
}

#[tokio::test]
async fn a_group_room_has_its_own_shape() {
    let message =
        json!({"user": "alice", "room": "가족방", "text": "회식 어디서 하지", "appUserId": "37"});
    let payload = payload_of(message).await;
    let chat = &payload["userRequest"]["chat"];
    assert_eq!(chat["type"], "botGroupKey");
    assert_eq!(chat["id"].as_str().unwrap().len(), 66);
    assert_eq!(chat["properties"]["botGroupKey"], chat["id"]);
    let properties = payload["userRequest"]["user"]["properties"]
        .as_object()
        .unwrap();
    assert_eq!(
        properties.keys().collect::<Vec<_>>(),
        ["appUserId", "botUserKey"]
    );
}

#[tokio::test]
async fn the_skill_test_sends_placeholders() {
    let payload = payload_of(json!({"user": "owner", "console": "skill-test"})).await;
    let request = &payload["userRequest"];
    assert_eq!(request["user"]["type"], "accountId");
    assert!(
        request["user"]["id"]
            .as_str()
            .unwrap()
            .parse::<u32>()
            .is_ok()
    );
    assert_eq!(request["user"]["properties"], json!({}));
    assert_eq!(request["params"], json!({"ignoreMe": "true"}));
    assert_eq!(request["lang"], Value::Null);
    assert_eq!(request["utterance"], "발화 내용");
    assert_eq!(request.get("callbackUrl"), None);
    assert_eq!(payload["action"]["clientExtra"], Value::Null);
    assert_eq!(payload["intent"].get("extra"), None);
    assert_eq!((payload.get("flow"), payload.get("contexts")), (None, None));
}

#[tokio::test]
async fn the_bot_test_looks_almost_real() {
    let payload = payload_of(json!({"user": "owner", "console": "bot-test", "text": "안녕"})).await;
    let request = &payload["userRequest"];
    assert_eq!(payload["bot"]["id"], format!("{BOT}!"));
    assert_eq!(request["utterance"], "안녕\n");
    assert_eq!(
        request["params"],
        json!({"surface": "BuilderBotTest", "ignoreMe": "true"})
    );
    let properties = request["user"]["properties"].as_object().unwrap();
    assert_eq!(
        properties.keys().collect::<Vec<_>>(),
        ["botUserKey", "bot_user_key"]
    );
    assert!(request["callbackUrl"].is_string());
}

#[tokio::test]
async fn a_photo_is_an_address_that_expires() {
    let world = World::new().await;
    let photo = json!({"mediaType": "image/png", "base64": "cG5n"});
    world.says(json!({"user": "alice", "photo": photo})).await;
    let payload = world.payload();
    let media = &payload["userRequest"]["params"]["media"];
    assert_eq!(media["type"], "image");
    assert_eq!(payload["userRequest"]["utterance"], media["url"]);
    assert_eq!(payload["flow"]["trigger"]["type"], "IMAGE_UPLOAD");
    let url = media["url"].as_str().unwrap();
    for part in [".png?credential=", "&expires=", "&signature="] {
        assert!(url.contains(part), "{url}");
    }
    let response = world.http.get(url).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "image/png");
    assert_eq!(response.bytes().await.unwrap(), "png");
    let (unsigned, _) = url.split_once('?').unwrap();
    assert_eq!(world.http.get(unsigned).send().await.unwrap().status(), 403);
    world.later(std::time::Duration::from_mins(10)).await;
    assert_eq!(world.http.get(url).send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn a_video_needs_no_bytes() {
    let payload = payload_of(json!({"user": "alice", "video": true})).await;
    assert_eq!(payload["userRequest"]["params"]["media"]["type"], "video");
    assert_eq!(payload["flow"]["trigger"]["type"], "IMAGE_UPLOAD");
}

#[tokio::test]
async fn secure_images_hide_in_a_parameter() {
    let photo = json!({"mediaType": "image/jpeg", "base64": "anBn"});
    let payload = payload_of(json!({"user": "alice", "secureImages": [photo, photo]})).await;
    let parameter = payload["action"]["params"]["secureimage"].as_str().unwrap();
    assert_eq!(
        payload["action"]["detailParams"]["secureimage"]["origin"],
        parameter
    );
    let parameter: Value = serde_json::from_str(parameter).unwrap();
    assert_eq!(parameter["privacyAgreement"], "Y");
    assert_eq!(parameter["imageQuantity"], "2");
    assert_eq!(
        parameter["secureUrls"]
            .as_str()
            .unwrap()
            .matches("http://")
            .count(),
        2
    );
    assert_eq!(payload["userRequest"]["params"].get("media"), None);
}

#[tokio::test]
async fn a_tap_carries_its_extra_and_where_it_came_from() {
    let world = World::new().await;
    world.says(json!({"user": "alice", "text": "안녕"})).await;
    let block = world.payload()["intent"].clone();
    for (tap, utterance, trigger) in [
        (
            json!({"label": "네", "messageText": "네!", "extra": {"n": 1}}),
            "네!",
            "QUICKREPLY_BUTTON_MESSAGE",
        ),
        (
            json!({"label": "네", "blockId": block["id"], "extra": {"n": 1}}),
            "네",
            "QUICKREPLY_BUTTON_BLOCK",
        ),
        (
            json!({"label": "네", "extra": {"n": 1}, "kind": "cardButton"}),
            "네",
            "CARD_BUTTON_MESSAGE",
        ),
        (
            json!({"label": "네", "extra": {"n": 1}, "kind": "listItem"}),
            "네",
            "LIST_ITEM_MESSAGE",
        ),
    ] {
        world.says(json!({"user": "alice", "tap": tap})).await;
        let payload = world.payload();
        assert_eq!(payload["userRequest"]["utterance"], utterance);
        assert_eq!(payload["action"]["clientExtra"], json!({"n": 1}));
        let flow = &payload["flow"];
        assert_eq!(flow["trigger"]["type"], trigger);
        assert_eq!(flow["trigger"]["referrerBlock"]["id"], block["id"]);
        assert_eq!(flow["lastBlock"]["name"], "폴백 블록");
    }
}

#[tokio::test]
async fn the_welcome_block_says_nothing() {
    let payload = payload_of(json!({"user": "alice", "block": "웰컴 블록"})).await;
    assert_eq!(payload["userRequest"]["utterance"], "");
    assert_eq!(payload["intent"]["name"], "웰컴 블록");
    assert_eq!(payload.get("flow"), None);
}

#[tokio::test]
async fn an_event_s_params_arrive_with_the_surface() {
    let event = json!({"name": "report_ready", "params": {"jobId": "job-7f31"}});
    let payload = payload_of(json!({"user": "alice", "event": event})).await;
    assert_eq!(payload["intent"]["name"], "이벤트 블록");
    let expected = json!({"surface": "Kakaotalk.plusfriend", "jobId": "job-7f31"});
    assert_eq!(payload["userRequest"]["params"], expected);
    assert_eq!(payload["userRequest"]["utterance"], "");
}

#[tokio::test]
async fn a_knowledge_hit_comes_in_the_intent() {
    let entry = json!({"question": "환불?", "answer": "7일 안에", "categories": ["환불"], "landingUrl": "", "imageUrl": ""});
    let payload = payload_of(json!({"user": "alice", "text": "환불", "knowledge": entry})).await;
    let intent = &payload["intent"];
    assert_eq!(intent["name"], "지식+");
    assert_eq!(intent["extra"]["knowledge"]["responseType"], "skill");
    assert_eq!(
        intent["extra"]["knowledge"]["matchedKnowledges"],
        json!([entry])
    );
}

#[tokio::test]
async fn a_validation_call_is_flat() {
    let world = World::new().await;
    world.skill_answers(Answer::Json(
        json!({"status": "FAIL", "message": "다시 입력해 주세요"}),
    ));
    let message = json!({"user": "alice", "text": "01012340000", "validation": {}});
    let exchange = world.says(message).await;
    let payload = world.payload();
    assert_eq!(payload.get("userRequest"), None);
    assert_eq!(payload["isInSlotFilling"], true);
    assert_eq!(
        payload["value"],
        json!({"origin": "01012340000", "resolved": "01012340000"})
    );
    assert_eq!(payload["user"]["type"], "botUserKey");
    assert_eq!(exchange.bubbles[0].text, "다시 입력해 주세요");
    world.skill_answers(Answer::Json(text("안녕")));
    let exchange = world
        .says(json!({"user": "alice", "text": "1", "validation": {}}))
        .await;
    assert_eq!(exchange.broken_rules[0].at, "$.status");
}

#[tokio::test]
async fn raw_bodies_go_out_untouched() {
    let world = World::new().await;
    world
        .says(json!({"user": "alice", "raw": "{\"bot\": {\"id"}))
        .await;
    assert_eq!(world.seen()[0].body, "{\"bot\": {\"id");
    world.says(json!({"user": "alice", "raw": [1, 2]})).await;
    assert_eq!(world.seen()[1].body, "[1,2]");
}

#[tokio::test]
async fn a_repeat_has_the_same_bytes_and_request_id() {
    let world = World::new().await;
    let first = world
        .says(json!({"user": "alice", "text": "안녕", "requestId": "chp-1"}))
        .await;
    let again = world.says(json!({"repeat": first.id})).await;
    world
        .says(json!({"repeat": first.id, "newRequestId": true}))
        .await;
    let seen = world.seen();
    assert!(seen.iter().all(|request| request.body == seen[0].body));
    assert_eq!(
        (first.request_id.as_str(), again.request_id.as_str()),
        ("chp-1", "chp-1")
    );
    assert_ne!(seen[2].headers["x-request-id"], "chp-1");
}
