use serde_json::{Value, from_str, json};

use super::*;

fn text(text: &str) -> Output {
    Output::SimpleText {
        text: BubbleText::fit(text),
    }
}

fn quick_reply() -> QuickReply {
    let Value::Object(extra) = json!({"turn": "t-81"}) else {
        panic!("no object")
    };
    QuickReply::new(
        Label::fit("답변 확인"),
        Tap::says("답변 확인").with_extra(Extra::new(extra)),
    )
}

fn url(path: &str) -> WebUrl {
    WebUrl::parse(&format!("https://img.example.com/{path}")).unwrap()
}

fn big_list() -> ListCard {
    let items = vec![
        ListItem::new(Limited::fit("줄"))
            .with_image(url(&"a".repeat(2000)))
            .opening(Link::web(url(&"b".repeat(2000))));
        4
    ];
    ListCard::new(Limited::fit("목록"), items).unwrap()
}

#[test]
fn a_text_is_written_as_documented() {
    let response = Response::text(BubbleText::fit("아직 답을 만들고 있어요."))
        .with_quick_replies(vec![quick_reply()], Surface::Channel);
    insta::assert_snapshot!(response.to_json(), @r#"{"version":"2.0","template":{"outputs":[{"simpleText":{"text":"아직 답을 만들고 있어요."}}],"quickReplies":[{"label":"답변 확인","action":"message","messageText":"답변 확인","extra":{"turn":"t-81"}}]}}"#);
}

#[test]
fn an_answer_that_comes_later_has_no_template() {
    let waiting = PlainText::literal("생각하고 있어요.").unwrap();
    insta::assert_snapshot!(Response::use_callback(Some(&waiting)).to_json(), @r#"{"version":"2.0","useCallback":true,"data":{"text":"생각하고 있어요."}}"#);
    let response =
        Response::use_callback(None).with_quick_replies(vec![quick_reply()], Surface::Channel);
    assert_eq!(
        response.to_json(),
        r#"{"version":"2.0","useCallback":true}"#
    );
}

#[test]
fn context_and_data_stand_beside_the_template() {
    let kept = ContextValue {
        name: Limited::fit("booking"),
        life_span: 3,
        ttl: Some(300),
        params: BTreeMap::from([(Limited::fit("step"), Limited::fit("confirm"))]),
    };
    let forgotten = ContextValue {
        name: Limited::fit("old"),
        life_span: 0,
        ttl: None,
        params: BTreeMap::new(),
    };
    let response = Response::text(BubbleText::fit("네"))
        .with_context(vec![kept, forgotten])
        .with_data(Extra::default());
    assert_eq!(
        from_str::<Value>(&response.to_json()).unwrap(),
        json!({
            "version": "2.0",
            "template": {"outputs": [{"simpleText": {"text": "네"}}]},
            "context": {"values": [
                {"name": "booking", "lifeSpan": 3, "ttl": 300, "params": {"step": "confirm"}},
                {"name": "old", "lifeSpan": 0},
            ]},
            "data": {},
        })
    );
}

#[test]
fn a_response_has_one_to_three_bubbles() {
    assert_eq!(
        Response::new(vec![], Surface::Channel),
        Err(Violation::Empty)
    );
    assert_eq!(
        Response::new(vec![text("네"); 4], Surface::Channel),
        Err(Violation::TooMany(3))
    );
    let image = SimpleImage::new(url("a.jpg"), Some(AltText::fit("고양이")));
    let response = Response::new(vec![text("네"), image.into()], Surface::Channel).unwrap();
    assert_eq!(
        from_str::<Value>(&response.to_json()).unwrap()["template"]["outputs"][1],
        json!({"simpleImage": {"imageUrl": "https://img.example.com/a.jpg", "altText": "고양이"}})
    );
}

#[test]
fn a_bubble_of_too_many_bytes_is_refused() {
    assert!(Response::new(vec![big_list().into()], Surface::Channel).is_ok());
    let carousel = Carousel::of_list_cards(vec![big_list(); 2]).unwrap();
    assert_eq!(
        Response::new(vec![carousel.into()], Surface::Channel),
        Err(Violation::TooLarge)
    );
}

#[test]
fn quick_replies_beyond_ten_are_left_out() {
    let response = Response::text(BubbleText::fit("네"))
        .with_quick_replies(vec![quick_reply(); 12], Surface::Channel);
    assert_eq!(
        from_str::<Value>(&response.to_json()).unwrap()["template"]["quickReplies"]
            .as_array()
            .unwrap()
            .len(),
        10
    );
}

#[test]
fn group_rooms_get_neither_quick_replies_nor_carousels_nor_commerce_cards() {
    let response = Response::text(BubbleText::fit("네"))
        .with_quick_replies(vec![quick_reply()], Surface::Group);
    assert_eq!(response, Response::text(BubbleText::fit("네")));
    let carousel = Carousel::of_text_cards(vec![TextCard::titled(Limited::fit("1안"))]).unwrap();
    let commerce = CommerceCard::new(1000, Thumbnail::new(url("a.jpg")));
    for output in [Output::from(carousel), commerce.into()] {
        assert_eq!(
            Response::new(vec![output.clone()], Surface::Group),
            Err(Violation::Misplaced)
        );
        assert!(Response::new(vec![output], Surface::Channel).is_ok());
    }
}
