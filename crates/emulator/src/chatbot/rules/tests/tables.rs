//! Every rule of one field: a good answer, one change to it, and what that breaks.
//!
//! A change is a JSON value, `-` to remove the field, `text 51` for so many syllables or `6 of {…}`
//! for a list.

use serde_json::{Value, json};

use super::{
    super::{Severity, read},
    answer, basic_card, broken_by, carousel, channel, commerce_card, item_card, list_card,
    text_card, with,
};

const COMPONENTS: &str = r#"
simpleText | /text | - | required .text | lost
simpleText | /text | " \n" | required .text | lost
simpleText | /text | 3 | type .text | lost
simpleText | /text | text 1001 | text-length .text | lost
simpleText | /extra | {"markdown": true} | group-only .extra.markdown | cut
simpleImage | /imageUrl | - | required .imageUrl | lost
simpleImage | /imageUrl | "a.png" | url .imageUrl | lost
simpleImage | /imageUrl | "file:///a.png" | url .imageUrl | lost
simpleImage | /altText | text 51 | length .altText | cut
textCard | | {"text": "옛 칸"} | required .title | lost
textCard | | {"title": "", "description": " "} | required .title | lost
textCard | /title | text 51 | length .title | cut
textCard | /description | text 399 | length .description | cut
textCard | /buttons | 4 of {"label": "공유", "action": "share"} | count .buttons | lost
textCard | /buttons | {} | type .buttons | lost
textCard | /buttonLayout | "horizontal" | count .buttons | lost
textCard | /buttonLayout | "grid" | value .buttonLayout | lost
textCard | /buttons/0 | "열기" | type .buttons[0] | lost
textCard | /buttons/0/label | - | required .buttons[0].label | lost
textCard | /buttons/0/label | text 15 | label-length .buttons[0].label | lost
textCard | /buttons/0/action | - | required .buttons[0].action | lost
textCard | /buttons/0/action | "osLink" | action .buttons[0].action | lost
textCard | /buttons/0/action | "addChannel" | action .buttons[0].action | lost
textCard | /buttons/0/action | "guide" | group-only .buttons[0].action | lost
textCard | /buttons/0/webLinkUrl | - | required .buttons[0].webLinkUrl | lost
textCard | /buttons/0/webLinkUrl | "javascript:alert(1)" | url .buttons[0].webLinkUrl | lost
textCard | /buttons/1/messageText | - | required .buttons[1].messageText | lost
textCard | /buttons/2/blockId | - | required .buttons[2].blockId | lost
textCard | /buttons/2/blockId | "ffffffffffffffffffffffff" | block .buttons[2].blockId | lost
textCard | /forwardable | "yes" | type .forwardable | lost
basicCard | /thumbnail | - | thumbnail-2461 .thumbnail | lost
basicCard | /thumbnail/imageUrl | - | required .thumbnail.imageUrl | lost
basicCard | /thumbnail/link | {"web": "x"} | url .thumbnail.link.web | lost
basicCard | /thumbnail/altText | text 51 | length .thumbnail.altText | cut
basicCard | /title | text 51 | length .title | cut
basicCard | /description | text 231 | length .description | cut
basicCard | /profile/nickname | - | required .profile.nickname | lost
basicCard | /buttons/0/phoneNumber | - | required .buttons[0].phoneNumber | lost
commerceCard | /price | - | required .price | lost
commerceCard | /price | "10000" | type .price | lost
commerceCard | /currency | "usd" | value .currency | lost
commerceCard | /discountedPrice | - | discount .discountRate | cut
commerceCard | /thumbnails | - | required .thumbnails | lost
commerceCard | /thumbnails | [] | count .thumbnails | lost
commerceCard | /thumbnails | 2 of {"imageUrl": "https://example.com/a.png"} | count .thumbnails | lost
commerceCard | /title | text 31 | length .title | cut
commerceCard | /description | text 41 | length .description | cut
listCard | /header | - | required .header | lost
listCard | /header/title | - | required .header.title | lost
listCard | /items | - | required .items | lost
listCard | /items | [] | count .items | lost
listCard | /items | 6 of {"title": "하나"} | count .items | lost
listCard | /items/0/title | - | required .items[0].title | lost
listCard | /items/1/messageText | - | required .items[1].messageText | lost
listCard | /items/2/blockId | - | required .items[2].blockId | lost
listCard | /items/1/action | "webLink" | value .items[1].action | lost
listCard | /listLayout | "ranking" | group-only .listLayout | cut
itemCard | /itemList | - | required .itemList | lost
itemCard | /itemList | 11 of {"title": "수량", "description": "1"} | count .itemList | lost
itemCard | /itemList/0/description | - | required .itemList[0].description | lost
itemCard | /itemList/0/title | text 7 | length .itemList[0].title | cut
itemCard | /itemList/0/description | "1\n2\n3" | lines .itemList[0].description | cut
itemCard | /profile | {"title": "하늘"} | head-with-profile .head | lost
itemCard | /head/title | "1\n2" | lines .head.title | cut
itemCard | /imageTitle/title | - | required .imageTitle.title | lost
itemCard | /itemListAlignment | "center" | value .itemListAlignment | lost
itemCard | /itemListSummary/title | - | required .itemListSummary.title | lost
itemCard | /itemListSummary/description | "무료" | amount .itemListSummary.description | cut
itemCard | /title | - | description-without-title .title | lost
itemCard | /description | text 196 | length .description | cut
itemCard | /description | "1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1" | lines .description | cut
itemCard | /thumbnail/height | 300 | ratio .thumbnail | cut
"#;

const CAROUSELS: &str = r#"
basicCard | /type | - | required .type | lost
basicCard | /type | "simpleText" | value .type | lost
basicCard | /items | [] | count .items | lost
basicCard | /items | - | required .items | lost
basicCard | /items | 11 of {"thumbnail": {"imageUrl": "https://example.com/"}} | count .items | lost
listCard | /items | 6 of {"header": {"title": "1"}, "items": [{"title": "2"}]} | count .items | lost
listCard | /items/1/items | 5 of {"title": "하나"} | count .items[1].items | lost
basicCard | /items/1 | {"basicCard": {}} | carousel-wrapper .items[1] | lost
basicCard | /items/1/thumbnail/fixedRatio | true | carousel-ratio .items[1] | lost
basicCard | /items/1/title | "1\n2\n3" | lines .items[1].title | cut
textCard | /items/0/description | text 129 | length .items[0].description | cut
itemCard | /items/1/itemList | 6 of {"title": "수량", "description": "1"} | count .items[1].itemList | lost
itemCard | /items/1/head | - | carousel-parts .items[1].head | lost
textCard | /header | {"title": "1", "description": "2", "thumbnail": {"imageUrl": "https://example.com/"}} | carousel-header .header | lost
basicCard | /header | {"description": "2", "thumbnail": {"imageUrl": "https://example.com/"}} | required .header.title | lost
basicCard | /header | {"title": "1", "thumbnail": {"imageUrl": "https://example.com/"}} | required .header.description | lost
basicCard | /header | {"title": "1", "description": "2"} | required .header.thumbnail | lost
"#;

const ENVELOPES: &str = r#"
| /version | - | version $.version | lost
| /version | "1.0" | version $.version | lost
| /version | 2.0 | version $.version | lost
| /template | - | required $.template | lost
| /template/outputs | - | required $.template.outputs | lost
| /template/outputs | [] | count $.template.outputs | lost
| /template/outputs | 4 of {"simpleText": {"text": "안녕"}} | count $.template.outputs | lost
| /template/outputs/0 | {} | component $.template.outputs[0] | lost
| /template/outputs/0 | {"simpleText": {"text": "1"}, "textCard": {"title": "2"}} | component $.template.outputs[0] | lost
| /template/outputs/0 | {"video": {}} | component $.template.outputs[0].video | lost
| /template/outputs/0 | {"simpleText": "안녕"} | type $.template.outputs[0].simpleText | lost
| /template/quickReplies | 11 of {"label": "네", "action": "message", "messageText": "네"} | count $.template.quickReplies | lost
| /template/quickReplies | [{"action": "message"}] | required $.template.quickReplies[0].label | lost
| /template/quickReplies | [{"label": "열다섯 글자가 되는 이름표예요", "action": "message"}] | length $.template.quickReplies[0].label | cut
| /template/quickReplies | [{"label": "네", "action": "Message"}] | value $.template.quickReplies[0].action | lost
| /template/quickReplies | [{"label": "네", "action": "block"}] | required $.template.quickReplies[0].blockId | lost
| /data | "x" | type $.data | lost
| /context | {"values": [{"lifeSpan": 1}]} | required $.context.values[0].name | lost
| /context | {"values": [{"name": "booking"}]} | required $.context.values[0].lifeSpan | lost
| /context | {"values": [{"name": "booking", "lifeSpan": 1, "params": {"n": 1}}]} | type $.context.values[0].params.n | lost
| /useCallback | "true" | type $.useCallback | lost
"#;

/// A line of a table: what is changed, where, to what, what that breaks, and whether all is lost.
fn rows(table: &str) -> impl Iterator<Item = (&str, &str, Value, (String, String, bool))> {
    table.trim().lines().map(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [what, pointer, change, broken, weight] = cells[..] else {
            panic!("not a row: {line}");
        };
        let (rule, at) = broken.split_once(' ').unwrap();
        let broken = (rule.to_owned(), at.to_owned(), weight == "lost");
        (what, pointer, changed(change), broken)
    })
}

fn changed(change: &str) -> Value {
    if change == "-" {
        return Value::Null;
    }
    if let Some(count) = change.strip_prefix("text ") {
        return json!("가".repeat(count.parse().unwrap()));
    }
    match change.split_once(" of ") {
        Some((count, item)) => {
            let item: Value = serde_json::from_str(item).unwrap();
            json!(vec![item; count.parse().unwrap()])
        }
        None => serde_json::from_str(change).unwrap(),
    }
}

#[test]
fn every_rule_of_a_component_is_kept() {
    for (kind, pointer, change, broken) in rows(COMPONENTS) {
        let good = match kind {
            "simpleText" => json!({"simpleText": {"text": "안녕"}}),
            "simpleImage" => json!({"simpleImage": {"imageUrl": "https://example.com/a.png"}}),
            "textCard" => text_card(),
            "basicCard" => basic_card(),
            "commerceCard" => commerce_card(),
            "listCard" => list_card(),
            "itemCard" => item_card(),
            other => panic!("no component: {other}"),
        };
        let bad = with(&good, &format!("/{kind}{pointer}"), change);
        assert_eq!(broken_by(&bad, &channel()), [broken], "{bad}");
    }
}

#[test]
fn every_rule_of_a_carousel_is_kept() {
    for (kind, pointer, change, broken) in rows(CAROUSELS) {
        let card = match kind {
            "textCard" => text_card(),
            "basicCard" => basic_card(),
            "listCard" => list_card(),
            "itemCard" => item_card(),
            other => panic!("no card: {other}"),
        };
        let good = carousel(kind, &card, 2);
        let bad = with(&good, &format!("/carousel{pointer}"), change);
        let broken_rules = broken_by(&bad, &channel());
        assert!(
            broken_rules.contains(&broken),
            "{broken:?} in {broken_rules:?}"
        );
        // Items made only to be counted lack what the others have.
        let counting = broken.0 == "count";
        assert!(broken_rules.len() == 1 || counting, "{broken_rules:?}");
    }
}

#[test]
fn item_cards_in_a_carousel_have_wide_pictures() {
    let square = with(&item_card(), "/itemCard/thumbnail/width", json!(400));
    let broken = broken_by(&carousel("itemCard", &square, 2), &channel());
    assert_eq!(
        broken,
        [("carousel-ratio".to_owned(), ".items[0]".to_owned(), true)]
    );
}

#[test]
fn every_rule_of_the_envelope_is_kept() {
    let good = answer(&json!({"simpleText": {"text": "안녕"}}));
    for (_, pointer, change, broken) in rows(ENVELOPES) {
        let bad = with(&good, pointer, change);
        let (_, rules) = read(&bad, &channel());
        let found: Vec<_> = rules
            .into_iter()
            .map(|rule| (rule.rule, rule.at, rule.severity == Severity::Refused))
            .collect();
        assert_eq!(found, [broken], "{bad}");
    }
    assert_eq!(read(&json!([]), &channel()).1[0].rule, "type");
}

#[test]
fn ten_quick_replies_and_a_context_break_nothing() {
    let good = answer(&json!({"simpleText": {"text": "안녕"}}));
    let reply = json!({"label": "네", "action": "message", "messageText": "네"});
    let good = with(&good, "/template/quickReplies", json!(vec![reply; 10]));
    let context = json!({"values": [{"name": "booking", "lifeSpan": 0}]});
    let good = with(&good, "/context", context);
    assert_eq!(read(&good, &channel()).1, []);
}

#[test]
fn letters_outside_the_basic_plane_count_twice() {
    let text = |count: usize| json!({"simpleText": {"text": "🙂".repeat(count)}});
    assert_eq!(broken_by(&text(500), &channel()), []);
    assert_eq!(broken_by(&text(501), &channel())[0].0, "text-length");
}
