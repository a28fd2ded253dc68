//! Where the code in a Markdown text ends: what stands in it is meant to be read.

/// Longest beginning of a line in which a block of code can begin, in bytes.
const MAX_INDENTATION: usize = 200;

/// Finds code while a text is read from its beginning to its end.
#[derive(Default)]
pub struct Code {
    /// Ends that were looked for and do not come any more: the rest of the text is not searched for
    /// them again.
    missing: Vec<String>,
}

/// The characters that code begins with.
pub fn can_begin(c: char) -> bool {
    matches!(c, '`' | '~')
}

impl Code {
    /// Where the code ends that begins at the byte `at` of `text`, or how many bytes there are no
    /// code. Code that never ends is none: it may be a fence among thoughts that broke off.
    pub fn end(&mut self, text: &str, at: usize) -> Result<usize, usize> {
        let (before, rest) = text.split_at_checked(at).unwrap_or_default();
        let c = rest.chars().next().unwrap_or('`');
        let run = run(rest, c);
        let is_block = run >= 3 && line_of(before).is_some_and(is_indentation);
        let end = match c {
            _ if is_block && !has_backtick_info(rest, c) => self.fence_end(rest, run),
            '`' => span_end(rest, run),
            _ => None,
        };
        end.map(|end| at + end).ok_or(run.max(1))
    }

    fn fence_end(&mut self, rest: &str, run: usize) -> Option<usize> {
        let fence = rest.get(..run)?;
        if self
            .missing
            .iter()
            .any(|missing| fence.starts_with(missing.as_str()))
        {
            return None;
        }
        let mut end = 0;
        for (n, line) in rest.split_inclusive('\n').enumerate() {
            end += line.len();
            let line = line.trim_start_matches(is_margin).trim_end();
            let is_fence = line.starts_with(fence) && line.chars().all(|c| fence.contains(c));
            if n > 0 && is_fence {
                return Some(end);
            }
        }
        self.missing.push(fence.to_owned());
        None
    }
}

/// What stands before the end of `before` in its last line, if that is short.
pub fn line_of(before: &str) -> Option<&str> {
    let start = before.floor_char_boundary(before.len().saturating_sub(MAX_INDENTATION));
    let end = before.get(start..).unwrap_or_default();
    let line = end.rsplit('\n').next().unwrap_or_default();
    (start == 0 || line.len() < end.len()).then_some(line)
}

/// Whether a block can begin after this beginning of a line: in a quotation or a list, too.
fn is_indentation(line: &str) -> bool {
    let marker = line.trim_matches(is_margin);
    let number = marker.trim_end_matches(['.', ')']);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    matches!(marker, "" | "-" | "*" | "+") || is_number && marker.len() == number.len() + 1
}

fn is_margin(c: char) -> bool {
    matches!(c, ' ' | '\t' | '>')
}

/// Backticks behind the opening ones: they are no block.
fn has_backtick_info(rest: &str, c: char) -> bool {
    let line = rest.lines().next().unwrap_or_default();
    c == '`' && line.trim_start_matches('`').contains('`')
}

fn run(text: &str, c: char) -> usize {
    text.len() - text.trim_start_matches(c).len()
}

/// The end of the code between runs of backticks; it does not go on after a blank line.
fn span_end(rest: &str, opening: usize) -> Option<usize> {
    let mut at = opening;
    loop {
        at += rest.get(at..)?.find(['`', '\n'])?;
        let here = rest.get(at..)?;
        if let Some(after) = here.strip_prefix('\n') {
            if after
                .trim_start_matches([' ', '\t'])
                .starts_with(['\n', '\r'])
            {
                return None;
            }
            at += 1;
            continue;
        }
        let closing = run(here, '`');
        at += closing;
        if closing == opening {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code<'a>(text: &'a str, from: &str) -> Option<&'a str> {
        let at = text.find(from).unwrap();
        let end = Code::default().end(text, at).ok()?;
        text.get(at..end)
    }

    #[test]
    fn code_ends_where_markdown_ends_it() {
        for (text, from, expected) in [
            ("가 `<a>` 나", "`", Some("`<a>`")),
            ("``a ` b`` c", "`", Some("``a ` b``")),
            ("`a\nb` c", "`", Some("`a\nb`")),
            ("`a\n\nb`", "`", None),
            ("`a", "`", None),
            ("```\n<a>\n```\n나", "`", Some("```\n<a>\n```\n")),
            (
                "가\n> ~~~x\n> a\n> ~~~~\n나",
                "~",
                Some("~~~x\n> a\n> ~~~~\n"),
            ),
            ("1. ```\n   a\n   ```", "`", Some("```\n   a\n   ```")),
            ("```\na\n``\n", "`", None),
            ("```a```", "`", Some("```a```")),
            ("가 ~~~\n~~~", "~", None),
        ] {
            assert_eq!(code(text, from), expected, "{text}");
        }
    }
}
