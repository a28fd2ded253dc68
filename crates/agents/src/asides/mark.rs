//! The marks by which models tell their thoughts, tool calls and turns apart, and providers their
//! citations. Each is recognised by its first characters alone.

/// What a mark means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Thoughts or a tool call, until this ends them.
    Opens(End),
    /// The end of thoughts. Where nothing began them, they began in the prompt.
    ThoughtsEnd,
    /// The name of whoever speaks comes next.
    Speaker,
    /// Whoever speaks from here on.
    Speaks(Who),
    /// The name of a channel comes next: `analysis`, `commentary` or `final`.
    Channel,
    /// A format comes next.
    Format,
    /// The text of a channel comes next.
    Text,
    /// Stands for itself alone, such as the end of a turn or a citation.
    Alone,
}

/// What ends thoughts or a tool call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The closing tag of this name.
    Tag(&'static str),
    Words(&'static str),
    Nothing,
}

/// Who speaks, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Assistant,
    /// A person or the operator, whom the model only plays.
    Another,
    /// A tool, or the model with itself.
    Nobody,
}

const THOUGHTS: [&str; 8] = [
    "think",
    "thinking",
    "thought",
    "reasoning",
    "scratchpad",
    "seed:think",
    "antthinking",
    "antml:thinking",
];

const TOOL_CALLS: [&str; 9] = [
    "tool_call",
    "tool_calls",
    "tool_response",
    "tool_result",
    "function_call",
    "function_calls",
    "function_results",
    "minimax:tool_call",
    "antml:function_calls",
];

/// Openings that are no tags, with what ends them, and whether they are thoughts.
const PAIRS: [(&str, &str, bool); 13] = [
    ("[THINK]", "[/THINK]", true),
    ("◁think▷", "◁/think▷", true),
    ("<|START_THINKING|>", "<|END_THINKING|>", true),
    ("<|begin_of_thought|>", "<|end_of_thought|>", true),
    ("<|think|>", "<|end|>", true),
    ("<|channel>thought", "<channel|>", true),
    ("<|tool_call>", "<tool_call|>", false),
    ("<|tool_response>", "<tool_response|>", false),
    ("<|tool_call|>", "<|/tool_call|>", false),
    (
        "<|tool_calls_section_begin|>",
        "<|tool_calls_section_end|>",
        false,
    ),
    ("<|START_ACTION|>", "<|END_ACTION|>", false),
    ("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>", false),
    (
        "<｜DSML｜function_calls>",
        "</｜DSML｜function_calls>",
        false,
    ),
];

/// Tool calls that only the end of the answer ends.
const TO_THE_END: [&str; 2] = ["[TOOL_CALLS]", "<|python_tag|>"];

/// Marks that are written like tags.
const TOKENS: [(&str, Mark); 9] = [
    ("<start_of_turn>", Mark::Speaker),
    ("<|turn>", Mark::Speaker),
    ("<end_of_turn>", Mark::Alone),
    ("<turn|>", Mark::Alone),
    ("<bos>", Mark::Alone),
    ("<eos>", Mark::Alone),
    ("<pad>", Mark::Alone),
    ("[INST]", Mark::Speaks(Who::Another)),
    ("[/INST]", Mark::Speaks(Who::Assistant)),
];

/// Longest name of a control token, in bytes.
const MAX_NAME: usize = 40;

/// Longest tag and longest citation, in bytes.
const MAX_LENGTH: usize = 240;

/// How deep thoughts may begin in thoughts.
const MAX_DEPTH: usize = 8;

/// The characters that marks begin with.
pub fn can_begin(c: char) -> bool {
    matches!(c, '<' | '[' | '◁' | '【') || is_private(c)
}

/// What providers keep for their marks.
fn is_private(c: char) -> bool {
    ('\u{e200}'..='\u{e2ff}').contains(&c)
}

impl Mark {
    /// The mark that `text` begins with, and its length in bytes.
    pub fn at(text: &str) -> Option<(Self, usize)> {
        match text.chars().next()? {
            '<' => pair(text).or_else(|| tag(text)).or_else(|| token(text)),
            '[' | '◁' => pair(text).or_else(|| token(text)),
            '【' => citation(text),
            c if is_private(c) => Some((Self::Alone, private(text, c))),
            _ => None,
        }
    }
}

impl Who {
    /// Whose name is `name`, as the models know it.
    pub fn of(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "" | "assistant" | "model" | "bot" => Self::Assistant,
            "user" | "human" | "system" | "developer" => Self::Another,
            _ => Self::Nobody,
        }
    }
}

impl End {
    /// Whether somebody may write its opening without meaning it.
    pub fn may_be_mentioned(self) -> bool {
        matches!(self, Self::Tag(_) | Self::Words("[/THINK]"))
    }

    /// Where the end begins and ends in `text`; what begins once more inside ends once more.
    pub fn find(self, text: &str) -> Option<(usize, usize)> {
        match self {
            Self::Nothing => None,
            Self::Words(words) => text.find(words).map(|at| (at, at + words.len())),
            Self::Tag(name) => {
                let mut depth = 0_usize;
                let mut first = None;
                for (at, _) in text.match_indices('<') {
                    let rest = text.get(at..).unwrap_or_default();
                    let Some(found) = parse(rest).filter(|tag| tag.name.eq_ignore_ascii_case(name))
                    else {
                        continue;
                    };
                    let place = (at, at + found.length);
                    match (found.closes, depth) {
                        (false, MAX_DEPTH) => break,
                        (false, _) => depth += 1,
                        (true, 0) => return Some(place),
                        (true, _) => {
                            first = first.or(Some(place));
                            depth -= 1;
                        }
                    }
                }
                // A thought that only mentions the opening tag ends with the first closing one.
                first
            }
        }
    }
}

fn pair(text: &str) -> Option<(Mark, usize)> {
    for (opening, closing, is_thought) in PAIRS {
        if text.starts_with(opening) {
            return Some((Mark::Opens(End::Words(closing)), opening.len()));
        }
        // "<|end|>" ends other things, too.
        if is_thought && closing != "<|end|>" && text.starts_with(closing) {
            return Some((Mark::ThoughtsEnd, closing.len()));
        }
    }
    let to_the_end = TO_THE_END
        .iter()
        .find(|opening| text.starts_with(**opening));
    to_the_end.map(|opening| (Mark::Opens(End::Nothing), opening.len()))
}

struct Tag<'a> {
    closes: bool,
    name: &'a str,
    attributes: &'a str,
    length: usize,
}

/// The tag that `text` begins with, such as `<think>` or `</ think >`.
fn parse(text: &str) -> Option<Tag<'_>> {
    let inside = text.strip_prefix('<')?;
    let inside = inside.get(..inside.floor_char_boundary(MAX_LENGTH))?;
    let (inside, _) = inside.split_once('>')?;
    let length = inside.len() + 2;
    let (closes, inside) = match inside.strip_prefix('/') {
        Some(inside) => (true, inside),
        None => (false, inside),
    };
    let inside = inside.trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    let (name, attributes) = inside.split_at(inside.find(|c| !is_name(c)).unwrap_or(inside.len()));
    let is_one = !name.is_empty() && !attributes.contains(['<', '\n']);
    is_one.then_some(Tag {
        closes,
        name,
        attributes,
        length,
    })
}

fn tag(text: &str) -> Option<(Mark, usize)> {
    let tag = parse(text)?;
    let named = |names: &[&'static str]| {
        let mut names = names.iter().copied();
        names.find(|name| tag.name.eq_ignore_ascii_case(name))
    };
    let is_thought = named(&THOUGHTS);
    // Open WebUI puts thoughts into `<details>`, which is also HTML.
    let thought = is_thought.or_else(|| {
        let is_one = tag.attributes.contains(r#"type="reasoning""#);
        named(&["details"]).filter(|_| is_one)
    });
    // `<function=weather>`
    let call = named(&TOOL_CALLS)
        .or_else(|| named(&["function"]).filter(|_| tag.attributes.starts_with('=') || tag.closes));
    let mark = match (thought.or(call), tag.closes) {
        (None, _) => return None,
        (Some(_), false) if tag.attributes.ends_with('/') => Mark::Alone,
        (Some(name), false) => Mark::Opens(End::Tag(name)),
        (Some(_), true) if is_thought.is_some() => Mark::ThoughtsEnd,
        (Some(_), true) => Mark::Alone,
    };
    Some((mark, tag.length))
}

/// A control token: one of the list, `<|…|>`, `<｜…｜>` or `[|…|]`.
fn token(text: &str) -> Option<(Mark, usize)> {
    let listed = TOKENS.iter().find(|(token, _)| text.starts_with(token));
    if let Some((token, mark)) = listed {
        return Some((*mark, token.len()));
    }
    let (opening, closing) = [("<|", "|>"), ("<｜", "｜>"), ("[|", "|]")]
        .into_iter()
        .find(|(opening, _)| text.starts_with(opening))?;
    let inside = text.strip_prefix(opening)?;
    let inside = inside.get(..inside.floor_char_boundary(MAX_NAME + closing.len()))?;
    let (name, _) = inside.split_once(closing)?;
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '▁' | '-' | '.' | '/' | ':');
    if name.is_empty() || !name.chars().all(is_name) {
        return None;
    }
    let mark = match name.to_ascii_lowercase().as_str() {
        "start" | "begin" | "im_start" | "start_header_id" => Mark::Speaker,
        "channel" => Mark::Channel,
        "constrain" => Mark::Format,
        "message" | "content" => Mark::Text,
        "assistant" => Mark::Speaks(Who::Assistant),
        "user" | "system" => Mark::Speaks(Who::Another),
        "tool" | "observation" => Mark::Speaks(Who::Nobody),
        _ => Mark::Alone,
    };
    Some((mark, opening.len() + name.len() + closing.len()))
}

/// `【4:0†source】` or `【turn0search5】`; other words may stand in such brackets.
fn citation(text: &str) -> Option<(Mark, usize)> {
    let inside = text.strip_prefix('【')?;
    let inside = inside.get(..inside.floor_char_boundary(MAX_LENGTH))?;
    let (inside, _) = inside.split_once('】')?;
    let begins = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let is_one = begins(inside) && inside.contains('†')
        || inside.strip_prefix("turn").is_some_and(begins) && !inside.contains(' ');
    is_one.then_some((Mark::Alone, "【】".len() + inside.len()))
}

/// The length of a mark in private characters: up to the end that it has, or the words in it.
fn private(text: &str, first: char) -> usize {
    if first != '\u{e200}' {
        return first.len_utf8();
    }
    let line = text
        .get(..text.floor_char_boundary(MAX_LENGTH))
        .unwrap_or_default();
    let line = line.lines().next().unwrap_or_default();
    let next = line.char_indices().skip(1);
    let mut marks = next.filter(|(_, c)| matches!(c, '\u{e200}' | '\u{e201}'));
    match marks.next() {
        Some((at, '\u{e201}')) => at + '\u{e201}'.len_utf8(),
        _ => {
            let is_inside = |c: char| is_private(c) || c.is_ascii_alphanumeric() || c == '_';
            text.find(|c| !is_inside(c)).unwrap_or(text.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_told_from_what_looks_like_them() {
        let opens = |name| Mark::Opens(End::Tag(name));
        for (text, expected) in [
            ("<think>가", Some((opens("think"), 7))),
            ("<Thinking time=\"3\">", Some((opens("thinking"), 19))),
            ("</ think >", Some((Mark::ThoughtsEnd, 10))),
            ("<think/>", Some((Mark::Alone, 8))),
            (
                "<details type=\"reasoning\" done>",
                Some((opens("details"), 31)),
            ),
            ("<details>", None),
            ("<function=weather>", Some((opens("function"), 18))),
            ("<function>", None),
            ("<thinker>", None),
            ("< 3", None),
            ("<|im_end|>", Some((Mark::Alone, 10))),
            ("<|im_start|>", Some((Mark::Speaker, 12))),
            ("<|a b|>", None),
            ("<|> x |>", None),
            ("<｜end▁of▁sentence｜>", Some((Mark::Alone, 27))),
            ("[|endofturn|]", Some((Mark::Alone, 13))),
            ("[|a|]", Some((Mark::Alone, 5))),
            ("[THINK]", Some((Mark::Opens(End::Words("[/THINK]")), 7))),
            ("[think]", None),
            ("[링크](https://a.example)", None),
            ("【4:0†source】.", Some((Mark::Alone, 18))),
            ("【turn0search5】", Some((Mark::Alone, 18))),
            ("【공지】", None),
            (
                "\u{e200}cite\u{e202}turn0\u{e201}다",
                Some((Mark::Alone, 18)),
            ),
            ("\u{e200}cite\u{e202}turn0 다", Some((Mark::Alone, 15))),
            ("\u{e203}", Some((Mark::Alone, 3))),
        ] {
            assert_eq!(Mark::at(text), expected, "{text}");
        }
    }

    #[test]
    fn what_begins_twice_ends_twice() {
        let end = |text| End::Tag("think").find(text).map(|(at, _)| at);
        assert_eq!(end("a</think>b</think>"), Some(1));
        assert_eq!(end("a<think>b</think>c</think>d"), Some(18));
        assert_eq!(end("the tag <think> is"), None);
        assert_eq!(end("the tag <think> is</think>b"), Some(18));
    }
}
