//! How long an agent's answer takes to become a response.

use kakao::skill::{
    render::{ChunkLimit, Look, page},
    response::{QuickReply, Surface},
};
use reply::{Reply, Suggestion};

const LOOK: Look<'static> = Look {
    limit: ChunkLimit::DEFAULT,
    surface: Surface::Channel,
    local: &[],
    hidden_picture: None,
};

fn main() {
    divan::main();
}

/// What an agent answers at length: headings, lists, a table, code and links, mostly in Korean.
fn markdown() -> String {
    const SECTION: &str = "## 서울 나들이\n\n내일은 **오후부터 비**가 와요. 우산을 *꼭* 챙기세요! **\"기상청\"**은 바뀔 수 있대요.\n\n\
        1. **경복궁**: 10시에 문을 열어요\n   - 한복을 입으면 무료\n   - [예약](https://example.com/palace?lang=ko)\n2. `북촌`까지 걸어서 15분\n\n\
        | 곳 | 요금 | 시간 |\n|---|---|---|\n| 경복궁 | 3,000원 | 10~17시 |\n| 창덕궁 | 3,000원 | 9~18시 |\n\n\
        ```python\nprint(\"a_b * c\")\n```\n\n> 저녁은 광장시장에서 드세요.\n\n";
    SECTION.repeat(10_000_usize.div_ceil(SECTION.len()))
}

#[divan::bench(name = "markdown 10 kB → response JSON")]
fn markdown_to_response(bencher: divan::Bencher<'_, '_>) {
    bencher.with_inputs(markdown).bench_refs(|markdown| {
        let page = page(&Reply::read(markdown)?, LOOK, 3);
        let more = page
            .rest
            .as_ref()
            .and_then(|_| QuickReply::suggested(&Suggestion::says("계속")));
        Some(page.into_response(more.into_iter().collect()).to_json())
    });
}

/// The largest card there is, as an agent writes it.
fn carousel() -> String {
    let card = r#"{"title":"달빛 커피","description":"걸어서 4분, 지금 열려 있어요. 창가 자리가 좋아요.",
        "thumbnail":{"imageUrl":"https://img.example.com/a.png","altText":"카페 안","link":{"web":"https://example.com/a"}},
        "buttons":[{"label":"지도 보기","action":"webLink","webLinkUrl":"https://map.example.com/1"},
            {"label":"예약하기","action":"message","messageText":"달빛 커피 예약","extra":{"place":{"id":1}}},
            {"label":"전화","action":"phone","phoneNumber":"02-123-4567"}]}"#;
    let header = r#"{"title":"근처 카페","description":"가까운 곳부터","thumbnail":{"imageUrl":"https://img.example.com/h.png"}}"#;
    let cards = [card; 10].join(",");
    format!(
        r#"{{"carousel":{{"type":"basicCard","header":{header},"items":[{cards}]}},"quickReplies":["더 보기","처음으로"]}}"#
    )
}

#[divan::bench(name = "carousel of 10 cards → response JSON")]
fn carousel_to_response(bencher: divan::Bencher<'_, '_>) {
    bencher.with_inputs(carousel).bench_refs(|said| {
        let page = page(&Reply::read(said)?, LOOK, 3);
        Some(page.into_response(Vec::new()).to_json())
    });
}
