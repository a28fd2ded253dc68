//! How long an agent's answer takes to become a response.

use shared::{
    kakao::skill::{
        render::{ChunkLimit, Look, page},
        response::{QuickReply, Surface},
    },
    reply::Reply,
};

const LOOK: Look<'static> = Look {
    limit: ChunkLimit::DEFAULT,
    surface: Surface::Channel,
    local: &[],
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
            .and_then(|_| QuickReply::suggestion("계속"));
        Some(
            page.into_response(more.into_iter().collect(), Surface::Channel)
                .to_json(),
        )
    });
}
