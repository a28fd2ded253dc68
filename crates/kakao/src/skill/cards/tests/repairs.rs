//! What becomes of cards that break a rule.

use serde_json::{Value, json};

use super::{A, in_group, shown};

#[track_caller]
fn becomes(written: Value, expected: Value) {
    assert_eq!(shown(&written), expected, "{written}");
}

#[test]
fn words_without_room_are_said_in_full() {
    let long = "가".repeat(60);
    becomes(
        json!({"textCard": {"title": long, "description": "설명"}}),
        json!({"shown": {"textCard": {"title": format!("{}…", "가".repeat(49)), "description": "설명"}}, "rest": [long]}),
    );
    becomes(
        json!({"textCard": {"title": long}}),
        json!({"shown": {"textCard": {"description": long}}}),
    );
    becomes(
        json!({"itemCard": {"itemList": [{"title": "아주 긴 이름", "description": 7}]}}),
        json!({"shown": {"itemCard": {"itemList": [{"title": "아주 긴…", "description": "7"}]}}, "rest": ["아주 긴 이름: 7"]}),
    );
}

#[test]
fn cards_without_what_makes_them_become_simpler_ones() {
    let text = json!({"shown": {"textCard": {"title": "제목", "description": "설명"}}});
    for written in [
        json!({"basicCard": {"title": "제목", "description": "설명"}}),
        json!({"basicCard": {"title": "제목", "text": "설명", "thumbnail": {"imageUrl": "http://10.0.0.1/a.png"}}}),
        json!({"listCard": {"header": {"title": "제목"}, "description": "설명", "items": []}}),
        json!({"itemCard": {"title": "제목", "description": "설명", "itemList": {}}}),
        json!({"textCard": {"title": "제목", "description": "설명", "buttons": true, "buttonLayout": []}}),
        json!({"carousel": {"items": [{"textCard": {"title": "제목", "description": "설명"}}]}}),
        json!({"carousel": {"type": "textCard", "items": [{"title": "제목", "description": "설명"}, {}, null]}}),
    ] {
        becomes(written, text.clone());
    }
    for empty in [
        json!({"textCard": {}}),
        json!({"basicCard": {"title": " ", "description": null}}),
        json!({"itemCard": {"itemList": [{}]}}),
        json!({"listCard": {"items": [null, [], {}]}}),
        json!({"carousel": {"type": "hologram", "items": [{}, {}]}}),
    ] {
        becomes(empty, json!({"shown": null}));
    }
}

#[test]
fn prices_are_read_as_they_are_written() {
    let priced = |price: Value| {
        let written = json!({"commerceCard": {"price": price, "thumbnails": [{"imageUrl": A}]}});
        let json = shown(&written)["shown"].clone();
        json.pointer("/commerceCard/price")
            .or_else(|| json.pointer("/basicCard/description"))
            .cloned()
    };
    for price in [
        json!(12000),
        json!(12000.0),
        json!("12000"),
        json!("12,000원"),
        json!("₩12,000"),
        json!("12,000 KRW"),
        json!(" 12000 won "),
    ] {
        assert_eq!(priced(price.clone()), Some(json!(12000)), "{price}");
    }
    for words in ["$12", "1.2만원", "12,00원", "무료", "-5", "99999999999"] {
        assert_eq!(priced(json!(words)), Some(json!(words)));
    }
    assert_eq!(priced(json!(null)), None);
}

#[test]
fn discounts_follow_the_rules() {
    let off = |fields: Value| {
        let mut written =
            json!({"commerceCard": {"price": 10000, "thumbnails": [{"imageUrl": A}]}});
        let body = written["commerceCard"].as_object_mut().unwrap();
        body.extend(fields.as_object().unwrap().clone());
        let json = shown(&written);
        let card = &json["shown"]["commerceCard"];
        let names = ["discount", "discountRate", "discountedPrice"];
        (
            names.map(|name| card[name].as_u64()),
            json["rest"][0].as_str().map(str::to_owned),
        )
    };
    let said = |text: &str| Some(text.to_owned());
    assert_eq!(
        off(json!({"discount": "1,000원"})),
        ([Some(1000), None, None], None)
    );
    assert_eq!(
        off(json!({"discountRate": "10%"})),
        ([None, Some(10), Some(9000)], None)
    );
    assert_eq!(
        off(json!({"discountRate": 10, "discount": 1000})),
        ([None, Some(10), Some(9000)], None)
    );
    assert_eq!(
        off(json!({"discountRate": 10, "dicountedPrice": 8900})),
        ([None, Some(10), Some(8900)], None)
    );
    assert_eq!(
        off(json!({"discountedPrice": 8000, "discount": 1000})),
        ([None, None, Some(8000)], said("-1,000원"))
    );
    assert_eq!(
        off(json!({"discount": 20000})),
        ([None; 3], said("-20,000원"))
    );
    assert_eq!(
        off(json!({"discountRate": "반값"})),
        ([None; 3], said("반값"))
    );
    assert_eq!(
        off(json!({"discount": 0, "discountRate": 0})),
        ([None; 3], None)
    );
}

#[test]
fn buttons_without_room_become_taps_and_lines() {
    let button = |n: usize| json!({"label": format!("{n}번"), "action": "message", "messageText": format!("{n}번 주세요"), "extra": {"n": n}});
    let json = shown(&json!({"textCard": {"title": "골라요", "buttons": [
        button(1), button(2), button(3), button(4),
        {"label": "지도", "action": "webLink", "webLinkUrl": "https://map.example.com/1"},
        {"label": "전화", "action": "phone", "phoneNumber": "(02) 123.4567"},
        {"label": "블록", "action": "block", "blockId": "6f1a0c5e9d2b7348a1c0f001"},
        {"label": "초대", "action": "invite"},
    ], "buttonLayout": "horizontal"}}));
    insta::assert_snapshot!(json, @r#"{"rest":["초대\n지도: https://map.example.com/1\n전화: (02) 123.4567"],"shown":{"textCard":{"buttonLayout":"vertical","buttons":[{"action":"message","extra":{"n":1},"label":"1번","messageText":"1번 주세요"},{"action":"message","extra":{"n":2},"label":"2번","messageText":"2번 주세요"},{"action":"message","extra":{"n":3},"label":"3번","messageText":"3번 주세요"}],"title":"골라요"}},"suggestions":[{"extra":{"n":4},"label":"4번","messageText":"4번 주세요"},{"blockId":"6f1a0c5e9d2b7348a1c0f001","label":"블록"}]}"#);
}

#[test]
fn buttons_are_understood_where_they_can_be() {
    let pressed = |button: Value| {
        let json = shown(&json!({"textCard": {"title": "가", "buttons": [button]}}));
        let button = json.pointer("/shown/textCard/buttons/0").cloned();
        button
            .or_else(|| json.pointer("/rest/0").cloned())
            .unwrap_or_default()
    };
    let says =
        |label: &str, text: &str| json!({"label": label, "action": "message", "messageText": text});
    let opens = |url: &str| json!({"label": "열기", "action": "webLink", "webLinkUrl": url});
    for (written, expected) in [
        (json!("예"), says("예", "예")),
        (json!({"label": "예"}), says("예", "예")),
        (json!({"label": 3, "action": "message"}), says("3", "3")),
        (
            json!({"action": "message", "messageText": "네"}),
            says("네", "네"),
        ),
        (
            json!({"label": "내일 서울 날씨는 어때요? 모레는요?", "action": "message"}),
            says(
                "내일 서울 날씨는 어때요…",
                "내일 서울 날씨는 어때요? 모레는요?",
            ),
        ),
        (
            json!({"label": "예", "action": "block", "blockId": "나쁜 아이디"}),
            says("예", "예"),
        ),
        (
            json!({"label": "열기", "action": "webLink", "messageText": "열어 줘"}),
            says("열기", "열어 줘"),
        ),
        (
            json!({"label": "열기", "action": "osLink", "webLinkUrl": "https://a.example.com/"}),
            opens("https://a.example.com/"),
        ),
        (
            json!({"label": "열기", "webLinkUrl": "https://a.example.com/"}),
            opens("https://a.example.com/"),
        ),
        (
            opens("http://127.0.0.1:8788/x"),
            opens("http://127.0.0.1:8788/x"),
        ),
        (opens("http://127.0.0.1:9001/x"), json!("열기")),
        (opens("http://u:p@127.0.0.1:8788/x"), json!("열기")),
        (opens("javascript:alert(1)"), json!("열기")),
        (json!({"label": "열기", "action": "webLink"}), json!("열기")),
        (
            json!({"label": "초대", "action": "invite", "messageText": "초대해"}),
            json!("초대"),
        ),
        (json!({"label": "몰라", "action": "dance"}), json!("몰라")),
        (
            json!({"label": "전화", "action": "phone", "phoneNumber": "없음"}),
            json!("전화: 없음"),
        ),
        (
            json!({"label": "전화", "action": "phone", "phoneNumber": "02 123 4567"}),
            json!({"label": "전화", "action": "phone", "phoneNumber": "021234567"}),
        ),
        (
            json!({"label": "사람", "action": "operator"}),
            json!({"label": "사람", "action": "operator"}),
        ),
        (json!({"action": "share"}), json!(null)),
    ] {
        assert_eq!(pressed(written.clone()), expected, "{written}");
    }
}

#[test]
fn f115_private_addresses_are_never_shown() {
    let private = "http://169.254.169.254/latest";
    let written = json!({"listCard": {
        "header": {"title": "목록", "link": {"web": private, "mobile": "https://m.example.com/"}, "imageUrl": private},
        "items": [{"title": "하나", "imageUrl": private, "link": {"web": private}}, {"title": "둘", "link": private, "urls": [private]}],
        "buttons": [{"label": "열기", "action": "webLink", "webLinkUrl": private}],
        "thumbnail": {"imageUrl": private, "altText": "달"},
    }});
    let json = shown(&written);
    assert!(!json.to_string().contains("169.254"), "{json}");
    assert_eq!(
        json["shown"]["listCard"]["header"]["link"]["web"],
        "https://m.example.com/"
    );
    assert_eq!(json["rest"], json!(["열기\n달"]));
}

#[test]
fn cards_that_do_not_go_together_come_apart() {
    let card = |title: &str| json!({"title": title, "thumbnail": {"imageUrl": A}});
    let mixed = json!({"carousel": {"items": [
        card("하나"), card("둘"), {"title": "셋"}, {"listCard": {"header": {"title": "넷"}, "items": [{"title": "다섯"}]}},
    ]}});
    insta::assert_snapshot!(shown(&mixed), @r#"{"rest":[{"carousel":{"items":[{"basicCard":{"title":"셋"}},{"listCard":{"header":{"title":"넷"},"items":[{"title":"다섯"}]}}]}}],"shown":{"carousel":{"items":[{"thumbnail":{"imageUrl":"https://img.example.com/a.jpg"},"title":"하나"},{"thumbnail":{"imageUrl":"https://img.example.com/a.jpg"},"title":"둘"}],"type":"basicCard"}}}"#);
    let item = |head: bool| {
        let mut body = json!({"itemList": [{"title": "날짜", "description": "3월 1일"}]});
        if head {
            body["head"] = json!({"title": "머리"});
        }
        body
    };
    let parts =
        json!({"carousel": {"type": "itemCard", "items": [item(true), item(false), item(false)]}});
    insta::assert_snapshot!(shown(&parts), @r#"{"rest":[{"carousel":{"items":[{"itemList":[{"description":"3월 1일","title":"날짜"}]},{"itemList":[{"description":"3월 1일","title":"날짜"}]}],"type":"itemCard"}}],"shown":{"itemCard":{"head":{"title":"머리"},"itemList":[{"description":"3월 1일","title":"날짜"}]}}}"#);
}

#[test]
fn pictures_of_a_carousel_take_one_shape() {
    let card =
        |square: bool| json!({"title": "가", "thumbnail": {"imageUrl": A, "fixedRatio": square}});
    let json =
        shown(&json!({"carousel": {"type": "basicCard", "items": [card(false), card(true)]}}));
    for item in json["shown"]["carousel"]["items"].as_array().unwrap() {
        assert_eq!(item["thumbnail"]["fixedRatio"], true);
    }
}

#[test]
fn a_header_without_a_place_comes_before_the_cards() {
    let items = json!([{"title": "하나"}, {"title": "둘"}]);
    let header =
        json!({"title": "추천", "description": "골라 보세요", "thumbnail": {"imageUrl": A}});
    becomes(
        json!({"carousel": {"type": "textCard", "items": items, "header": header}}),
        json!({"shown": null, "rest": [
            "추천\n골라 보세요", {"image": {"url": A}}, {"carousel": {"type": "textCard", "items": items}},
        ]}),
    );
}

#[test]
fn carousels_in_carousels_are_carousels_of_their_own() {
    let inner =
        json!({"carousel": {"type": "textCard", "items": [{"title": "하나"}, {"title": "둘"}]}});
    becomes(
        json!({"carousel": {"items": [inner, {"textCard": {"title": "셋"}}]}}),
        json!({"shown": inner, "rest": [{"textCard": {"title": "셋"}}]}),
    );
}

#[test]
fn group_rooms_get_the_price_in_words() {
    let card =
        json!({"commerceCard": {"title": "귤", "price": "9000", "thumbnails": [{"imageUrl": A}]}});
    let expected = json!({"shown": {"basicCard": {"title": "귤", "description": "9,000원", "thumbnail": {"imageUrl": A}}}});
    assert_eq!(in_group(&card), expected);
}
