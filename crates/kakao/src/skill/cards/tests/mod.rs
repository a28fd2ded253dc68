//! Cards as they are shown, and what becomes of broken ones.

pub(in crate::skill) mod check;
pub(in crate::skill) mod damage;
mod repairs;

use outside::Origin;
use reply::{Card, CardKind, Part, Suggestion};
use serde_json::{Value, json, to_value};

use self::check::check;
use super::{
    super::response::{Bubbles, Response, Surface},
    fit,
};

/// A card as an agent writes it: `{"textCard": {…}}`.
fn card(written: &Value) -> Card {
    let (name, body) = written.as_object().unwrap().iter().next().unwrap();
    Card {
        kind: CardKind::parse(name).unwrap(),
        body: body.as_object().unwrap().clone(),
    }
}

/// What became of a card.
struct Fitted {
    output: Option<Value>,
    rest: Vec<Part>,
    suggestions: Vec<Suggestion>,
}

fn fitted(card: &Card, surface: Surface) -> Fitted {
    let mut bubbles = Bubbles::on(surface);
    let local = [Origin::parse("http://127.0.0.1:8788").unwrap()];
    let rest = fit(card, bubbles.space().unwrap(), &local);
    let (rest, suggestions) = rest.into_parts();
    let output = to_value(&bubbles).unwrap().get(0).cloned();
    check(&Response::new(bubbles, vec![]).to_json(), surface);
    Fitted {
        output,
        rest,
        suggestions,
    }
}

fn in_json(fitted: &Fitted) -> Value {
    let part = |part: &Part| match part {
        Part::Text(text) => json!(text),
        Part::Image(image) => json!({"image": image}),
        Part::Card(card) => json!({card.kind.as_str(): card.body}),
    };
    let mut json = json!({"shown": fitted.output});
    if !fitted.rest.is_empty() {
        json["rest"] = fitted.rest.iter().map(part).collect();
    }
    if !fitted.suggestions.is_empty() {
        json["suggestions"] = json!(fitted.suggestions);
    }
    json
}

fn shown(written: &Value) -> Value {
    in_json(&fitted(&card(written), Surface::Channel))
}

fn in_group(written: &Value) -> Value {
    in_json(&fitted(&card(written), Surface::Group))
}

/// A card that is shown as it was written, twice.
fn stays(written: &Value) {
    assert_eq!(shown(written), json!({"shown": written}));
}

const A: &str = "https://img.example.com/a.jpg";

fn text_card() -> Value {
    json!({"textCard": {
        "title": "연결이 필요해요",
        "description": "계정을 연결하면 일정과 메모를 이어서 볼 수 있어요.",
        "buttons": [
            {"label": "계정 연결", "action": "webLink", "webLinkUrl": "https://gw.example.com/link/ab12"},
            {"label": "나중에", "action": "message", "messageText": "나중에 할게", "extra": {"intent": "later"}},
            {"label": "상담", "action": "block", "blockId": "6f1a0c5e9d2b7348a1c0f001"},
        ],
        "buttonLayout": "vertical",
    }})
}

#[test]
fn a_text_card_is_shown_as_it_is() {
    stays(&text_card());
}

fn basic_card() -> Value {
    json!({"basicCard": {
        "title": "서울숲 벚꽃", "description": "이번 주말이 가장 예뻐요.",
        "thumbnail": {"imageUrl": A, "altText": "벚꽃길", "fixedRatio": true, "link": {"web": "https://map.example.com/1"}},
        "profile": {"nickname": "봄나들이", "imageUrl": A},
        "buttons": [
            {"label": "길 찾기", "action": "webLink", "webLinkUrl": "https://map.example.com/1"},
            {"label": "전화", "action": "phone", "phoneNumber": "02-123-4567"},
        ],
        "buttonLayout": "horizontal",
    }})
}

#[test]
fn a_basic_card_is_shown_as_it_is() {
    stays(&basic_card());
}

fn commerce_card() -> Value {
    json!({"commerceCard": {
        "title": "제주 감귤 3kg", "description": "오늘 출발하면 내일 도착해요",
        "price": 15000, "currency": "won", "discountRate": 20, "discountedPrice": 12000,
        "thumbnails": [{"imageUrl": A}], "profile": {"nickname": "감귤농장"},
        "buttons": [{"label": "담기", "action": "message", "messageText": "감귤 담아 줘"}],
        "buttonLayout": "vertical",
    }})
}

#[test]
fn a_commerce_card_is_shown_as_it_is() {
    stays(&commerce_card());
}

fn list_card() -> Value {
    json!({"listCard": {
        "header": {"title": "근처 카페", "link": {"web": "https://map.example.com/"}},
        "items": [
            {"title": "달빛 커피", "description": "걸어서 4분", "imageUrl": A, "link": {"web": "https://map.example.com/1"}},
            {"title": "느린 오후", "action": "message", "messageText": "느린 오후 자세히", "extra": {"placeId": 2}},
            {"title": "새벽", "action": "block", "blockId": "6f1a0c5e9d2b7348a1c0f001"},
        ],
        "buttons": [{"label": "더 보기", "action": "message", "messageText": "카페 더 보기"}],
        "buttonLayout": "vertical",
    }})
}

#[test]
fn a_list_card_is_shown_as_it_is() {
    stays(&list_card());
}

fn item_card() -> Value {
    json!({"itemCard": {
        "thumbnail": {"imageUrl": A, "altText": "포스터", "width": 800, "height": 400},
        "head": {"title": "예매가 끝났어요"},
        "imageTitle": {"title": "달의 뒷면", "description": "12세 이상", "imageUrl": A},
        "itemList": [{"title": "날짜", "description": "3월 1일 19:30"}, {"title": "자리", "description": "D열 7번"}],
        "itemListAlignment": "right",
        "itemListSummary": {"title": "합계", "description": "12,000원"},
        "title": "안내", "description": "10분 전에 오세요.",
        "buttons": [{"label": "보내기", "action": "share"}],
        "buttonLayout": "vertical",
    }})
}

#[test]
fn an_item_card_is_shown_as_it_is() {
    stays(&item_card());
}

fn carousel() -> Value {
    let items: Vec<_> = (1..=10)
        .map(|n| json!({"title": format!("{n}안"), "thumbnail": {"imageUrl": A}}))
        .collect();
    json!({"carousel": {
        "type": "basicCard", "items": items,
        "header": {"title": "이번 주 추천", "description": "골라 보세요", "thumbnail": {"imageUrl": A}},
    }})
}

#[test]
fn a_carousel_is_shown_as_it_is() {
    stays(&carousel());
}

/// The places of everything a person reads.
fn words(value: &Value, at: &str, places: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains(|c| ('가'..='힣').contains(&c)) => {
            places.push(at.to_owned());
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                words(item, &format!("{at}/{index}"), places);
            }
        }
        Value::Object(entries) => {
            for (name, entry) in entries {
                words(entry, &format!("{at}/{name}"), places);
            }
        }
        _ => {}
    }
}

#[test]
fn words_of_any_length_keep_to_the_limits_wherever_they_stand() {
    let profile = json!({"title": "하늘여행", "imageUrl": A});
    let mut with_profile = item_card();
    with_profile["itemCard"]["profile"] = profile;
    with_profile["itemCard"]["head"].take();
    let cards = [
        text_card(),
        basic_card(),
        commerce_card(),
        list_card(),
        item_card(),
        with_profile,
        carousel(),
    ];
    for sample in &cards {
        let mut places = Vec::new();
        words(sample, "", &mut places);
        assert!(places.len() > 2, "{sample}");
        for place in places {
            for long in ["가".repeat(1_200), "가나다 ".repeat(12), "가\n".repeat(20)] {
                let mut changed = sample.clone();
                *changed.pointer_mut(&place).unwrap() = long.into();
                // `fitted` checks what comes of it.
                fitted(&card(&changed), Surface::Channel);
            }
        }
    }
}

#[test]
fn lists_of_any_length_go_on_in_further_cards() {
    let items: Vec<_> = (1..=12)
        .map(|n| json!({"title": format!("{n}번")}))
        .collect();
    let list = json!({"listCard": {"header": {"title": "할 일"}, "items": items}});
    let mut lengths = Vec::new();
    let mut next = Some(card(&list));
    while let Some(card) = next {
        let fitted = fitted(&card, Surface::Channel);
        let output = to_value(fitted.output).unwrap();
        assert_eq!(output["listCard"]["header"]["title"], "할 일");
        lengths.push(output["listCard"]["items"].as_array().unwrap().len());
        next = fitted.rest.into_iter().find_map(|part| match part {
            Part::Card(card) => Some(card),
            _ => None,
        });
    }
    assert_eq!(lengths, [5, 5, 2]);
}

#[test]
fn the_sum_stands_below_the_last_row() {
    let rows: Vec<_> = (1..=12)
        .map(|n| json!({"title": format!("{n}월"), "description": "1,000원"}))
        .collect();
    let fitted = fitted(
        &card(&json!({"itemCard": {
            "itemList": rows, "itemListSummary": {"title": "합계", "description": "12,000원"},
        }})),
        Surface::Channel,
    );
    let json = in_json(&fitted);
    assert_eq!(
        json["shown"]["itemCard"]["itemList"]
            .as_array()
            .unwrap()
            .len(),
        10
    );
    insta::assert_snapshot!(json["rest"], @r#"[{"itemCard":{"itemList":[{"description":"1,000원","title":"11월"},{"description":"1,000원","title":"12월"}],"itemListSummary":{"description":"12,000원","title":"합계"}}}]"#);
}

#[test]
fn a_long_carousel_goes_on_in_another() {
    let items: Vec<_> = (1..=14)
        .map(|n| json!({"title": format!("{n}안")}))
        .collect();
    let json = shown(&json!({"carousel": {"type": "textCard", "items": items}}));
    assert_eq!(
        json["shown"]["carousel"]["items"].as_array().unwrap().len(),
        10
    );
    insta::assert_snapshot!(json["rest"], @r#"[{"carousel":{"items":[{"title":"11안"},{"title":"12안"},{"title":"13안"},{"title":"14안"}],"type":"textCard"}}]"#);
}

#[test]
fn a_group_room_gets_single_cards() {
    let carousel = json!({"carousel": {"type": "commerceCard", "items": [
        {"title": "귤", "price": 9000, "thumbnails": [{"imageUrl": A}]},
        {"title": "배", "price": 20000, "discount": 2000},
    ]}});
    insta::assert_snapshot!(in_group(&carousel), @r#"{"rest":[{"commerceCard":{"discount":2000,"price":20000,"title":"배"}}],"shown":{"basicCard":{"description":"9,000원","thumbnail":{"imageUrl":"https://img.example.com/a.jpg"},"title":"귤"}}}"#);
    let pear = json!({"commerceCard": {"title": "배", "price": 20000, "discount": 2000}});
    insta::assert_snapshot!(in_group(&pear), @r#"{"shown":{"textCard":{"description":"20,000원 → 18,000원 (-2,000원)","title":"배"}}}"#);
}

#[test]
fn a_bubble_of_too_many_bytes_comes_apart() {
    let long = |n: usize| format!("https://img.example.com/{n}{}", "a".repeat(1990));
    let card = |n: usize| {
        let link = json!({"web": long(n)});
        json!({"title": format!("{n}안"), "thumbnail": {"imageUrl": long(n), "link": link}})
    };
    let items: Vec<_> = (1..=10).map(card).collect();
    let json = shown(&json!({"carousel": {"type": "basicCard", "items": items}}));
    assert_eq!(
        json["shown"]["carousel"]["items"].as_array().unwrap().len(),
        6
    );
    assert_eq!(
        json["rest"][0]["carousel"]["items"]
            .as_array()
            .unwrap()
            .len(),
        4
    );
    let extra = json!({"a": "b".repeat(40_000)});
    let button = json!({"label": "고르기", "action": "message", "extra": extra});
    let json = shown(&json!({"textCard": {"title": "제목", "buttons": [button]}}));
    assert_eq!(
        (&json["shown"], &json["rest"]),
        (&Value::Null, &json!(["제목"]))
    );
    assert_eq!(json["suggestions"][0]["label"], "고르기");
}
