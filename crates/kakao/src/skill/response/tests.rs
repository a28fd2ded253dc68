use serde_json::{Value, from_str, json};

use super::*;

fn bubbles(surface: Surface, count: usize) -> Bubbles {
    let mut bubbles = Bubbles::on(surface);
    for _ in 0..count {
        bubbles.space().unwrap().text(BubbleText::fit("네"));
    }
    bubbles
}

fn quick_reply() -> QuickReply {
    let Value::Object(extra) = json!({"turn": "t-81"}) else {
        panic!("no object")
    };
    QuickReply::new(
        Label::fit("답변 확인"),
        Tap::Message {
            message_text: Said::fit("답변 확인"),
            extra: Some(Extra::new(extra)),
        },
    )
}

fn url(path: &str) -> WebUrl {
    WebUrl::parse(&format!("https://img.example.com/{path}")).unwrap()
}

fn card(bytes: usize) -> AnyCard {
    let Value::Object(extra) = json!({"data": "a".repeat(bytes)}) else {
        panic!("no object")
    };
    let tap = Tap::Message {
        message_text: Said::fit("네"),
        extra: Some(Extra::new(extra)),
    };
    let buttons = Buttons::new(vec![Button::tap(Label::fit("네"), tap)], false).unwrap();
    AnyCard::TextCard(TextCard::new(Some(Limited::fit("제목")), None, Some(buttons)).unwrap())
}

fn in_json(response: &Response) -> Value {
    from_str(&response.to_json()).unwrap()
}

#[test]
fn a_text_is_written_as_documented() {
    let text = BubbleText::fit("아직 답을 만들고 있어요.");
    let response = Response::new(Bubbles::text(text, Surface::Channel), vec![quick_reply()]);
    insta::assert_snapshot!(response.to_json(), @r#"{"version":"2.0","template":{"outputs":[{"simpleText":{"text":"아직 답을 만들고 있어요."}}],"quickReplies":[{"label":"답변 확인","action":"message","messageText":"답변 확인","extra":{"turn":"t-81"}}]}}"#);
}

#[test]
fn an_answer_that_comes_later_has_no_template() {
    let waiting = PlainText::literal("생각하고 있어요.").unwrap();
    insta::assert_snapshot!(Response::use_callback(&waiting).to_json(), @r#"{"version":"2.0","useCallback":true,"data":{"text":"생각하고 있어요."}}"#);
}

#[test]
fn a_response_has_one_to_three_bubbles() {
    let count = |bubbles: Bubbles| {
        let json = in_json(&Response::new(bubbles, vec![]));
        json["template"]["outputs"].as_array().unwrap().len()
    };
    assert_eq!(
        in_json(&Response::new(Bubbles::on(Surface::Channel), vec![])),
        in_json(&Response::text(BubbleText::fit("…")))
    );
    let mut three = bubbles(Surface::Channel, 3);
    assert!(three.space().is_none());
    assert_eq!(count(three), 3);
    let mut two = bubbles(Surface::Channel, 1);
    two.space().unwrap().image(SimpleImage {
        image_url: url("a.jpg"),
        alt_text: Some(AltText::fit("고양이")),
    });
    assert_eq!(
        in_json(&Response::new(two, vec![]))["template"]["outputs"][1],
        json!({"simpleImage": {"imageUrl": "https://img.example.com/a.jpg", "altText": "고양이"}})
    );
}

#[test]
fn a_bubble_of_too_many_bytes_is_refused() {
    let mut bubbles = Bubbles::on(Surface::Channel);
    assert!(bubbles.space().unwrap().card(card(31_000)).is_err());
    assert!(bubbles.is_empty());
    assert!(bubbles.space().unwrap().card(card(30_000)).is_ok());
    assert_eq!(bubbles.len(), 1);
}

#[test]
fn quick_replies_beyond_ten_are_left_out() {
    let response = Response::new(bubbles(Surface::Channel, 1), vec![quick_reply(); 12]);
    assert_eq!(
        in_json(&response)["template"]["quickReplies"]
            .as_array()
            .unwrap()
            .len(),
        10
    );
}

#[test]
fn group_rooms_get_neither_quick_replies_nor_carousels_nor_commerce_cards() {
    let response = Response::new(bubbles(Surface::Group, 1), vec![quick_reply()]);
    assert_eq!(response, Response::text(BubbleText::fit("네")));
    let text = TextCard::new(Some(Limited::fit("1안")), None, None).unwrap();
    let carousel = Carousel::starting_with(AnyCard::TextCard(text.clone())).unwrap();
    let commerce = AnyCard::CommerceCard(CommerceCard {
        title: None,
        description: None,
        price: 1000,
        currency: Currency::Won,
        discount: None,
        thumbnails: [Thumbnail::new(url("a.jpg"))],
        profile: None,
        buttons: None,
    });
    for (surface, is_shown) in [(Surface::Channel, true), (Surface::Group, false)] {
        let mut bubbles = Bubbles::on(surface);
        let carousel = bubbles.space().unwrap().carousel(carousel.clone());
        assert_eq!(carousel.is_ok(), is_shown);
        let commerce = bubbles.space().unwrap().card(commerce.clone());
        assert_eq!(commerce.is_ok(), is_shown);
        let text = bubbles
            .space()
            .unwrap()
            .card(AnyCard::TextCard(text.clone()));
        assert!(text.is_ok());
        assert_eq!(bubbles.len(), if is_shown { 3 } else { 1 });
    }
}
