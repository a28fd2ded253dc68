use insta::assert_snapshot;
use proptest::prelude::*;

use crate::{Part, PlainText, Reply};

fn plain(markdown: &str) -> String {
    Reply::from_markdown(markdown).unwrap().words()
}

#[test]
fn korean_answer() {
    assert_snapshot!(plain(
        "## 내일 서울 날씨\n\n내일은 **오후부터 비**가 와요.\n우산을 *꼭* 챙기세요!\n\n### 준비물\n1. **우산**: 접이식\n   - 3단이면 좋아요\n   - ~~장우산~~\n\
         2. `방수` 신발\n\n> 기상청 예보예요.\n> 바뀔 수 있어요.\n\n---\n자세히: [기상청](https://www.kma.go.kr) · <https://weather.go.kr>"
    ), @r#"
    내일 서울 날씨

    내일은 오후부터 비가 와요.
    우산을 꼭 챙기세요!

    준비물
    1. 우산: 접이식
      • 3단이면 좋아요
      • 장우산
    2. 방수 신발

    │ 기상청 예보예요.
    │ 바뀔 수 있어요.

    ―――

    자세히: 기상청 (https://www.kma.go.kr) · https://weather.go.kr
    "#);
}

#[test]
fn english_answer() {
    assert_snapshot!(plain(
        "# Setup\nRun this:\n\n```sh\ncargo build \\\n    --release   # **not** bold\n\n\n\necho \"a_b\" `x`\n```\n\nThen:\n* open `main.rs`\n* read\n\n  the second paragraph\n* done\n\n\
         That's all, folks &amp; friends &lt;3\n***"
    ), @r#"
    Setup

    Run this:

    cargo build \
        --release   # **not** bold

    echo "a_b" `x`

    Then:
    • open main.rs

    • read

      the second paragraph

    • done

    That's all, folks & friends <3

    ―――
    "#);
}

#[test]
fn lists() {
    assert_snapshot!(plain("할 일:\n- [x] 장보기\n- [ ] 청소\n  - 방\n    - 침대\n\n      매트리스\n\n다음\n\n3) 셋\n4) 넷\n\n> - 인용 속\n> - 목록\n\n1. > 목록 속\n   > 인용\n1. 둘"), @r#"
    할 일:
    ☑ 장보기
    ☐ 청소
      • 방
        • 침대

          매트리스

    다음

    3) 셋
    4) 넷

    │ • 인용 속
    │ • 목록

    1. │ 목록 속
      │ 인용
    2. 둘
    "#);
}

#[test]
fn loose_lists_keep_their_details_close() {
    assert_snapshot!(plain("1. 제목\n   - 하나\n   - 둘\n\n2. 제목\n   - 셋\n\n끝"), @r#"
    1. 제목
      • 하나
      • 둘

    2. 제목
      • 셋

    끝
    "#);
}

#[test]
fn tables() {
    assert_snapshot!(plain(
        "요금표\n\n| 구분 | 요금 |\n|---|--:|\n| **성인** | 3,000원<br>(주말 4,000원) |\n| 아이 | |\n\n| 역 | 도착 | 비고 |\n|---|---|---|\n| 서울 | 10:00 | `정시` |\n| 부산 | | 지연 |\n\n끝"
    ), @r#"
    요금표

    구분 | 요금
    성인: 3,000원 / (주말 4,000원)
    아이

    역 | 도착 | 비고
    서울 | 10:00 | 정시
    부산 | - | 지연

    끝
    "#);
}

#[test]
fn links_and_images() {
    assert_snapshot!(plain(
        "[지도](https://map.example.com/?q=a_b_c) [https://a.example](https://a.example) [b.example](https://b.example/) [ ](https://c.example)\n\
         <me@example.com> [메일](mailto:me@example.com) [전화](tel:02-123-4567) [위로](#top) [x](javascript:alert(1))\n\
         ![고양이](https://img.example.com/cat.jpg) ![](https://img.example.com/dog.jpg) [![배지](https://img.example.com/b.svg)](https://ci.example.com)\n\
         그냥 https://d.example/_next/_a_?x=1&y=2 와 [참고][1]\n\n[1]: https://e.example"
    ), @r#"
    지도 (https://map.example.com/?q=a_b_c) https://a.example https://b.example/ https://c.example
    me@example.com 메일 (me@example.com) 전화 (02-123-4567) 위로 x
    고양이  배지 (https://ci.example.com)
    그냥 https://d.example/_next/_a_?x=1&y=2 와 참고 (https://e.example)

    [고양이] https://img.example.com/cat.jpg

    https://img.example.com/dog.jpg

    [배지] https://img.example.com/b.svg
    "#);
}

#[test]
fn pictures_come_where_their_paragraph_ends() {
    let kinds = |markdown: &str| {
        let reply = Reply::from_markdown(markdown).unwrap();
        let shown = reply.parts().iter().map(|part| match part {
            Part::Text(text) => text.as_str().to_owned(),
            Part::Image(image) => format!("<{}>", image.url.rsplit('/').next().unwrap()),
            Part::Card(_) => "card".to_owned(),
        });
        shown.collect::<Vec<_>>()
    };
    let cat = "![고양이](https://img.example.com/cat)";
    let dog = "![강아지](https://img.example.com/dog)";
    assert_eq!(kinds(cat), ["<cat>"]);
    assert_eq!(
        kinds(&format!("둘이에요.\n\n{cat}\n{dog}\n\n귀엽죠?")),
        ["둘이에요.", "<cat>", "<dog>", "귀엽죠?"]
    );
    assert_eq!(
        kinds(&format!("이 {cat}와\n저 {dog}예요.\n\n끝")),
        ["이 고양이와\n저 강아지예요.", "<cat>", "<dog>", "끝"]
    );
    assert_eq!(
        kinds(&format!(
            "- {cat}\n- 둘\n\n| a | b |\n|---|---|\n| {dog} | c |\n\n끝"
        )),
        ["• 고양이\n• 둘", "<cat>", "a | b\n강아지: c", "<dog>", "끝"]
    );
    assert_eq!(kinds(&format!("오늘은 {cat}")), ["오늘은 고양이", "<cat>"]);
    let bare = "![](https://img.example.com/cat)";
    assert_eq!(
        kinds(&format!("**\"x\"**는 가나다 {bare}라마바사")),
        ["\"x\"는 가나다 라마바사", "<cat>"]
    );
    assert_eq!(
        kinds(&format!("| 항목이 | 값 |\n|-|-|\n| 가나 {bare} | 하나 |")),
        ["항목이 | 값\n가나: 하나", "<cat>"]
    );
    assert_eq!(
        kinds("![막대](data:image/png;base64,AAAA) ![](javascript:x) 글"),
        ["막대  글"]
    );
}

#[test]
fn html() {
    assert_snapshot!(plain(
        "첫 줄<br>둘째 줄<br/>\n<b>굵게</b>와 <span style=\"x\">색</span>, List<String>과 <이름> <name>\n\n\
         <details>\n<summary>더 보기</summary>\n<p>숨은 **글** &amp; &lt;끝&gt;</p>\n</details>\n<!-- 메모 -->"
    ), @r#"
    첫 줄
    둘째 줄
    굵게와 색, List<String>과 <이름> <name>

    더 보기

    숨은 글 & <끝>
    "#);
}

#[test]
fn lines_break_where_the_author_broke_them() {
    assert_eq!(
        plain("가\n나  \n다\\\n라\n\n\n\n마"),
        "가\n나\n다\n라\n\n마"
    );
}

#[test]
fn dates_at_the_start_of_a_line_are_not_lists() {
    assert_eq!(
        plain("2026. 3. 1. 삼일절\n2026. 5. 5. 어린이날"),
        "2026. 3. 1. 삼일절\n2026. 5. 5. 어린이날"
    );
}

#[test]
fn lists_that_are_all_ones_are_counted() {
    assert_eq!(plain("1. 가\n1. 나\n1. 다"), "1. 가\n2. 나\n3. 다");
    assert_eq!(plain("7. 가\n9. 나"), "7. 가\n9. 나");
}

#[test]
fn a_greeting_that_looks_like_a_fence_is_not_lost() {
    assert_eq!(
        plain("~~~안녕~~~\n**잘** 지내?"),
        "~~~안녕~~~\n**잘** 지내?"
    );
    assert_eq!(plain("~~~ hi there"), "~~~ hi there");
    assert_eq!(plain("~~~c++\na\n~~~"), "a");
}

#[test]
fn a_line_that_looks_like_a_link_definition_is_not_lost() {
    assert_eq!(plain("[공지]: 내일"), "[공지]: 내일");
    assert_eq!(
        plain("안녕\n\n[공지]: 내일\n\n끝"),
        "안녕\n\n[공지]: 내일\n\n끝"
    );
}

#[test]
fn f115_templates_cannot_be_hidden_in_markdown() {
    for markdown in [
        "{{#webhook.x}}",
        "{**{**#webhook.x}}",
        "{&#x7b;&#35;x}}",
        "{\\{#x",
        "{{\n# 제목",
        "{{<b>#</b>x",
        "`{{`#x",
        "{<!-- -->{#x",
    ] {
        let text = plain(markdown);
        let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            !squeezed.contains("{{#") && !squeezed.contains("{{ #"),
            "{text:?}"
        );
    }
}

#[test]
fn f115_deep_nesting_stays_small() {
    for unit in [
        "> ",
        "- ",
        "1. ",
        "* > ",
        "<div>\n",
        "[",
        "**가(",
        "`",
        "<a",
        "![",
        "~~\"a\"~~가",
    ] {
        let reply = Reply::from_markdown(&format!("{}\na\na\n\nb", unit.repeat(20_000)));
        assert!(reply.is_none_or(|reply| reply.bytes() <= crate::MAX_BYTES));
    }
}

#[test]
fn f115_a_deep_quote_of_many_lines_stays_small() {
    let markdown = format!("{}{}", "> ".repeat(2000), "a\n".repeat(2000));
    assert!(plain(&markdown).len() < 10 * markdown.len());
}

#[test]
fn cells_beyond_the_header_are_kept() {
    assert_eq!(
        plain("| 이름 |\n|---|\n| 하나 | 둘 |\n| 셋 |"),
        "이름\n하나: 둘\n셋"
    );
}

fn markdown() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        "[*_~`#>|\\-\\[\\]()<>&!\\\\ \n]{1,6}",
        "[가-힣a-z0-9 ]{1,8}",
        Just("\n\n".to_owned()),
        Just("<br>".to_owned()),
        Just("\n<div>\n".to_owned()),
        Just("\n| a | b |\n|---|---|\n| ".to_owned()),
        Just("[a](https://a.example)".to_owned()),
        Just("![a](https://a.example/b.png)".to_owned()),
        Just("![](https://a.example/b.png)".to_owned()),
        Just("**\"가\"**는".to_owned()),
        Just("\n  - ".to_owned()),
        Just("\n```\n".to_owned()),
        "\\p{any}{0,3}",
    ];
    proptest::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn letters_are_never_lost(words in proptest::collection::vec("[가-힣]{1,4}", 1..20), marks in proptest::collection::vec("[*_~`#>|\\- \n]{1,4}", 20)) {
        let markdown = words.iter().zip(&marks).flat_map(|(word, mark)| [mark.as_str(), word]).collect::<String>();
        let text = plain(&markdown);
        let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
        prop_assert_eq!(letters(&text), words.concat());
    }

    #[test]
    fn any_markdown_becomes_text_or_nothing(markdown in markdown()) {
        let reply = Reply::from_markdown(&markdown);
        for part in reply.iter().flat_map(Reply::parts) {
            if let Part::Text(text) = part {
                prop_assert_eq!(PlainText::literal(text.as_str()), Some(text.clone()));
            }
        }
    }
}
