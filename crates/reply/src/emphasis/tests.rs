use proptest::{collection::vec, prelude::*, sample::select};

use crate::{PlainText, Reply};

fn render(markdown: &str) -> String {
    Reply::from_markdown(markdown).unwrap().words()
}

fn literally(text: &str) -> String {
    PlainText::literal(text).unwrap().into()
}

#[test]
fn bold_before_a_particle_loses_its_asterisks() {
    for (markdown, plain) in [
        ("**한국어**를 배워요", "한국어를 배워요"),
        ("**\"인용\"**은 그래요", "\"인용\"은 그래요"),
        ("**서울(수도)**에서 **부산**까지", "서울(수도)에서 부산까지"),
        (
            "그는**'네'**라고 했고 **\"아니\"**라고도",
            "그는'네'라고 했고 \"아니\"라고도",
        ),
        ("**이름:**홍길동 **나이:** 스물", "이름:홍길동 나이: 스물"),
        (
            "***\"굵고 기운\"***은 *\"기운\"*은 ~~\"지운\"~~은",
            "\"굵고 기운\"은 \"기운\"은 \"지운\"은",
        ),
        (
            "1. **「제목」**입니다\n2. **「둘」**이고 **\"셋\"**은",
            "1. 「제목」입니다\n2. 「둘」이고 \"셋\"은",
        ),
        (
            "| a | b |\n|-|-|\n| **\"x\"**는 | **(y)**도 |",
            "a | b\n\"x\"는: (y)도",
        ),
    ] {
        assert_eq!(render(markdown), plain);
    }
}

#[test]
fn bold_beside_digits_and_latin_letters_loses_its_asterisks() {
    for (markdown, plain) in [
        ("**영업시간:**10:00~22:00", "영업시간:10:00~22:00"),
        ("**Q.**질문 **No.**3 **C++**은", "Q.질문 No.3 C++은"),
        ("**남**/**여**, **A**/**B**", "남/여, A/B"),
        ("총액=**3,000원**, 서울-**부산**", "총액=3,000원, 서울-부산"),
        ("오늘은 **-5도**, **30**%", "오늘은 -5도, 30%"),
        ("**가격**:**1만원**", "가격:1만원"),
    ] {
        assert_eq!(render(markdown), plain);
    }
}

#[test]
fn emphasis_stands_in_emphasis() {
    for markdown in [
        "**굵고 *기운* 글**",
        "**굵고 *기운 글***",
        "*기울고 **굵은 글***",
        "***굵고** 기운 글*",
        "***기울고* 굵은 글**",
        "***굵고 기운* 글**",
    ] {
        let plain = markdown.replace('*', "");
        assert_eq!(render(markdown), plain, "{markdown}");
    }
}

#[test]
fn asterisks_that_mean_themselves_survive() {
    for plain in [
        "3 * 4 * 5",
        "3*4*5 = 60, 2**3**2",
        "a*(b+c)*d*(e)",
        "2*(3)*x 는 6x",
        "값 * \"둘\" *은 다르다",
        "5점 만점에 *****",
        "10~12시, 14~16시, 약~열~명",
        "네~~ 맞아요~~ 그렇~~죠~~ㅎㅎ",
        "snake_case a_b_c C# #해시태그 F#",
        "https://example.com/?a=__init__&b=~me~",
        "COUNT(*), SUM(*)과 \"*\" 또는 \"*\"",
        "서버 192.168.*.*와 10.0.*.*",
        "src/*/test/*.rs와 src/**/mod.rs, **/tests/**",
        "f(*args, **kwargs), g(*args, **kwargs)",
        "int* a, int* b, char *c, char *d",
        "이름*\n연락처*\n*표시는 꼭 적어 주세요",
        "hong**님과 kim**님, 홍**, 남궁**",
        "010-***-1234 / 010-***-5678, 010-**34-56**",
        "x^*_1 + y^*_2, \\mathbf{x}_{1} + \\mathbf{y}_{2}, $_{n}C_{r}$",
    ] {
        assert_eq!(render(plain), plain);
    }
    assert_eq!(render(r#"\**"별"**은"#), r#"**"별"**은"#);
    let link = r#"https://a.example/**"x""#;
    assert_eq!(
        render(&format!("[{link}](<{link}>)**은")),
        format!("{link}**은")
    );
    assert_eq!(
        render(r#"\*\*"별"\*\*은 `**"코드"**은`"#),
        r#"**"별"**은 **"코드"**은"#
    );
}

#[test]
fn ordinary_emphasis_loses_its_markers() {
    assert_eq!(
        render("**a** __둘 셋__ *c* _d_ ~~e~~ ***f*** 한**글**자 API**키**"),
        "a 둘 셋 c d e f 한글자 API키"
    );
}

/// What has stars and underscores of its own.
fn literal() -> impl Strategy<Value = String> {
    prop_oneof![
        "[가-힣]\\*{1,3}[가-힣]",
        "[가-힣]{1,2}\\*{1,4}",
        "[가-힣]{2}\\*\\*[가-힣]",
        "01[0-9]-\\*{3,4}-[0-9]{4}",
        "01[0-9]-[0-9]{2}\\*{2}-[0-9]{2}\\*{2}",
        "[0-9]{6}-[0-9]\\*{6}",
        "[0-9]{4}-\\*{4}-\\*{4}-[0-9]{4}",
        "[a-z]{2,5}\\*{2,4}(@[a-z]{3,6}\\.com)?",
        "[0-9]{2,3}\\.[0-9]{1,3}\\.\\*\\.\\*",
        "\\*\\.(txt|rs|md)",
        "[a-z]{1,4}/\\*{1,2}/[a-z]{1,4}\\.rs",
        "__[a-z]{2,6}__(\\.py)?",
        "[a-z]{1,4}_[a-z]{1,4}_[a-z]{1,4}",
        "https://[a-z]{2,5}\\.example/\\?q=\\*&_a=__b__&s=\\*\\.[a-z]{1,3}",
        "[0-9x]\\*[0-9y]\\*\\*?[0-9z]",
        "[가-힣]{1,3}~{1,3}",
    ]
}

fn after_literal() -> impl Strategy<Value = &'static str> {
    select(vec![" ", ", ", "님 ", "은 ", "과 ", "\n", ".\n\n"])
}

/// Emphasis as models write it, what stands before it, and what after.
fn emphasised() -> impl Strategy<Value = (&'static str, String, &'static str)> {
    let before = select(vec!["", "그는 ", "(", "가격: ", "참고:", "“", "서울/"]);
    let inside = prop_oneof![
        "[가-힣]{1,4}( [가-힣]{1,4}){0,2}",
        "[가-힣]{1,3}[:.!?)%]",
        "[A-Z][a-z]{0,4}[:.!?]",
        "\"[가-힣]{1,3}\"",
        "[가-힣]{1,2}\\([A-Z]{1,3}\\)",
        "「[가-힣]{1,3}」",
        "[0-9]{1,3}(,[0-9]{3})?원",
        "[0-9]{1,3}%",
    ];
    let after = select(vec![
        "", " 끝", "은 요", "10:00", "A형", ", ", ". ", "까지)", "」",
    ]);
    (before, inside, after)
}

proptest! {
    #[test]
    fn what_is_not_emphasis_stays_to_the_letter(pieces in vec((literal(), after_literal()), 1..9)) {
        let text = pieces.iter().flat_map(|(it, after)| [it.as_str(), after]).collect::<String>();
        prop_assert_eq!(render(&text), literally(&text));
    }

    #[test]
    fn no_marker_of_bold_is_shown(pieces in vec(emphasised(), 1..6)) {
        let with = |marker: &str| {
            let piece = |(before, it, after): &(&str, String, &str)| format!("{before}{marker}{it}{marker}{after}");
            pieces.iter().map(piece).collect::<Vec<_>>().join(" ")
        };
        prop_assert_eq!(render(&with("**")), literally(&with("")));
        prop_assert_eq!(render(&with("***")), literally(&with("")));
    }

    #[test]
    fn masks_and_bold_stand_side_by_side(pieces in vec((literal(), emphasised()), 1..5)) {
        let with = |marker: &str| {
            let piece = |(mask, (before, it, after)): &(String, (&str, String, &str))|
                format!("{mask} 님, {before}{marker}{it}{marker}{after}");
            pieces.iter().map(piece).collect::<Vec<_>>().join("\n\n")
        };
        prop_assert_eq!(render(&with("**")), literally(&with("")));
    }
}
