//! What is taken out of an answer, and what stays.

use proptest::prelude::*;

use super::*;

#[test]
fn thoughts_are_taken_out_in_all_their_shapes() {
    for said in [
        "<think>\n음.\n</think>\n\n4예요.",
        "<think></think>4예요.",
        "<THINKING time=\"2\">음.</THINKING>\n4예요.",
        "음.\n</think>\n\n4예요.",
        "음.</think>4예요.",
        "음. </think>4예요.",
        "[THINK]음.[/THINK]4예요.",
        "◁think▷음.◁/think▷4예요.",
        "<seed:think>음.</seed:think>4예요.",
        "<details type=\"reasoning\" done=\"true\">\n<summary>생각</summary>\n음.\n</details>\n4예요.",
        "<|START_THINKING|>음.<|END_THINKING|><|START_RESPONSE|>4예요.<|END_RESPONSE|>",
        "<|channel>thought\n음.<channel|>4예요.",
        "<|im_start|>assistant/think\n음.<|im_end|>\n<|im_start|>assistant\n4예요.<|im_end|>",
        "<think>코드는 ```python\n음.\n</think>\n4예요.",
        "<think>the tag <think> is mine.</think>4예요.",
        "<think>a<think>b</think>c</think>4예요.",
        "<think>`</think>` ends it.\n</think>\n4예요.",
        "4예요.\n<think>음. 여기서 끊",
    ] {
        assert_eq!(without(said), "4예요.", "{said}");
    }
}

#[test]
fn channels_are_read_to_the_final_one() {
    for said in [
        "<|channel|>analysis<|message|>음.<|end|><|start|>assistant<|channel|>final<|message|>4예요.",
        "<|channel|>analysis<|message|>음.<|end|>assistant<|channel|>final<|message|>4예요.<|return|>",
        "analysis<|message|>음.<|end|><|start|>assistant<|channel|>final<|message|>4예요.",
        "<|start|>assistant<|channel|>commentary to=functions.add <|constrain|>json<|message|>{}<|call|>\
         <|start|>functions.add to=assistant<|channel|>commentary<|message|>4<|end|>\
         <|start|>assistant<|channel|>final <|constrain|>text<|message|>4예요.",
        "<|channel|>final 4예요.",
        "analysis음. 덧셈이다.assistantfinal4예요.",
    ] {
        assert_eq!(without(said), "4예요.", "{said}");
    }
}

#[test]
fn only_thoughts_are_no_answer() {
    for said in [
        "<think>음.</think>",
        "<think>\n음. 여기서 끊",
        "음.</think>\n",
        "<|channel|>analysis<|message|>음.<|end|>",
        "<tool_call>{\"name\":\"weather\"}</tool_call>",
        "[TOOL_CALLS][{\"name\":\"weather\"}]",
        "<|im_end|>",
    ] {
        assert_eq!(without(said), "", "{said}");
    }
}

#[test]
fn tokens_and_invented_turns_are_taken_out() {
    for (said, meant) in [
        ("비가 와요.<|im_end|>", "비가 와요."),
        (
            "비가 와요.<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
            "비가 와요.",
        ),
        ("비가 와요.</s>", "비가 와요."),
        ("비가 와요.</s>\n[INST] 고마워 [/INST] 네!", "비가 와요."),
        (
            "비가 와요.<|im_end|>\n<|im_start|>user\n고마워<|im_end|>\n<|im_start|>assistant\n네!",
            "비가 와요.",
        ),
        (
            "<|im_start|>user\n날씨?<|im_end|>\n<|im_start|>assistant\n비가 와요.",
            "비가 와요.",
        ),
        ("비가 와요.\n<|user|>\n고마워", "비가 와요."),
        ("비가 와요.<|user|>", "비가 와요."),
        ("[|assistant|]비가 와요.[|endofturn|]", "비가 와요."),
        (
            "<bos><start_of_turn>model\n비가 와요.<end_of_turn>",
            "비가 와요.",
        ),
        ("비가 와요.<｜end▁of▁sentence｜>", "비가 와요."),
        (
            "찾아볼게요.\n<tool_call>\n{}\n</tool_call>\n\n비가 와요.",
            "찾아볼게요.\n\n비가 와요.",
        ),
        ("찾아볼게요.<function=weather>{}</function>", "찾아볼게요."),
    ] {
        assert_eq!(without(said), meant, "{said}");
    }
}

#[test]
fn citations_leave_no_hole() {
    for (said, meant) in [
        (
            "맑아요. \u{e200}cite\u{e202}turn0search5\u{e202}turn0search15\u{e201} 내일도요.",
            "맑아요. 내일도요.",
        ),
        ("맑아요\u{e200}cite\u{e202}turn0search5\u{e201}.", "맑아요."),
        ("\u{e203}맑아요\u{e204}\u{e200}cite\u{e202}turn0", "맑아요"),
        ("맑아요【4:0†source】.", "맑아요."),
        (
            "맑아요 【12†L3-L7】 그리고 【turn0search1】더워요.",
            "맑아요 그리고 더워요.",
        ),
        ("- 하나【1†a】\n- 둘【2†b】\n", "- 하나\n- 둘"),
    ] {
        assert_eq!(without(said), meant, "{said}");
    }
}

#[test]
fn a_card_loses_its_thoughts_and_stays_a_card() {
    let said = "<think>카드로.</think>\n{\"textCard\":{\"title\":\"비<|im_end|>\"}}";
    assert_eq!(without(said), r#"{"textCard":{"title":"비"}}"#);
}

#[test]
fn what_is_written_about_stays() {
    for said in [
        "추론 모델은 `<think>` 태그를 써요.\n\n```xml\n<think>생각</think>\n```",
        "닫는 태그예요:\n\n~~~\n</think>\n~~~\n끝",
        "1. ```\n   <|im_end|>\n   ```\n2. 둘",
        "> ```\n> <tool_call>\n> ```",
        "\"<think>\"는 여는 태그, ‘</think>’는 닫는 태그예요.",
        "\\<think\\>라고 써요.",
        "모델은 <think> 태그로 생각을 시작해요.",
        "생각이 끝나면 </think>를 써요.",
        "Llama 2는 [INST] 질문 [/INST] 꼴로 써요.",
        "a < b, c <= d, f <| g |> h, <s>품절</s>, [1], 【공지】 [링크](https://a.example)",
        "  앞뒤 공백\n\n\n그대로  ",
        "<b>굵게</b> <details><summary>더</summary>보기</details>",
    ] {
        assert!(matches!(without(said), Cow::Borrowed(_)), "{said}");
    }
}

#[test]
fn a_long_answer_of_marks_is_read_in_time_that_grows_with_it() {
    for piece in [
        "<think>",
        "<think><think></think>",
        "`<code>",
        "``` ~~~ ",
        "```a\n",
        "\u{e200}",
        "<|im_start|>",
        "<",
    ] {
        let said = piece.repeat(256 * 1024 / piece.len());
        assert!(without(&said).len() <= said.len());
    }
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<think>",
        "</think>",
        "<thi",
        "nk>",
        "[THINK]",
        "[/THINK]",
        "<tool_call>",
        "</tool_call>",
        "<|",
        "|>",
        "<|im_start|>",
        "<|im_end|>",
        "<|channel|>",
        "<|message|>",
        "<|start|>",
        "<|end|>",
        "assistant",
        "user",
        "analysis",
        "final",
        "assistantfinal",
        "[INST]",
        "[/INST]",
        "<s>",
        "</s>",
        "`",
        "```",
        "~~~",
        "\n",
        " ",
        "\\",
        "\"",
        "가",
        "a.",
        "- ",
        "> ",
        "【",
        "4:0†source",
        "】",
        "\u{e200}",
        "\u{e201}",
        "\u{e202}",
        "cite",
    ]);
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_text_without_marks_is_unchanged_to_the_letter(said in "[^<\\[◁【\u{e200}-\u{e2ff}]*") {
        prop_assume!(!said.trim_start().starts_with("analysis"));
        prop_assert!(matches!(without(&said), Cow::Borrowed(_)));
    }

    #[test]
    fn once_is_enough(said in pieces()) {
        let once = without(&said).into_owned();
        prop_assert_eq!(without(&once), once.as_str());
    }

    #[test]
    fn nothing_is_added_but_blank_lines(said: String) {
        let meant = without(&said);
        prop_assert!(meant.chars().filter(|c| !c.is_whitespace()).count()
            <= said.chars().filter(|c| !c.is_whitespace()).count());
    }

    #[test]
    fn thoughts_before_an_answer_never_reach_the_person(
        thoughts in "[가-힣a-z`~*.\n ]{0,60}", answer in "[가-힣a-z`*.][가-힣a-z`*.\n ]{0,40}[가-힣.]",
    ) {
        let said = format!("<think>\n{thoughts}\n</think>\n\n{answer}");
        prop_assert_eq!(without(&said), answer.as_str());
    }
}
