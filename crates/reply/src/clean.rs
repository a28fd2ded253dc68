//! Makes text safe to show: takes out what controls, hides or opens a template, and leaves
//! everything a person can read.

/// Most invisible joiners in a row that are kept: `🏴󠁧󠁢󠁥󠁮󠁧󠁿` needs six. A longer row would hide a
/// message.
const MAX_JOINERS: usize = 8;

/// `text` without control characters except `\n`, without hidden characters and `{{#`, with lines
/// trimmed at their ends and at most one empty line in a row, none at either end.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut breaks = 0;
    for line in text.split('\n') {
        for line in line.strip_suffix('\r').unwrap_or(line).split(is_line_break) {
            let before = out.len();
            let start = before + if before == 0 { 0 } else { breaks };
            out.extend(std::iter::repeat_n('\n', start - before));
            push_line(&mut out, line);
            if out.len() == start {
                out.truncate(before);
                breaks = 2;
            } else {
                breaks = 1;
            }
        }
    }
    out
}

/// Whether a cleaned text has nothing to read.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_whitespace() || is_joiner(c) || matches!(c, '\u{115f}' | '\u{1160}'))
}

fn push_line(out: &mut String, line: &str) {
    let start = out.len();
    let mut base = ' ';
    let mut joiners = 0;
    for c in line.chars() {
        if c.is_ascii_graphic() || ('가'..='힣').contains(&c) {
            if c == '#' {
                break_template(out);
            }
            out.push(c);
        } else if c == '\t' {
            out.push_str("  ");
        } else if is_filler(c) {
            out.push(' ');
        } else if is_joiner(c) {
            joiners += 1;
            if joiners <= MAX_JOINERS && joins(base, c) {
                out.push(c);
            }
            continue;
        } else if is_hidden(c) {
            continue;
        } else {
            out.push(c);
        }
        base = c;
        joiners = 0;
    }
    let end = start + out.get(start..).unwrap_or_default().trim_end().len();
    out.truncate(end);
}

/// Keeps a `#` that comes next from opening a template (skill.md §8), with white space before it or
/// not.
fn break_template(out: &mut String) {
    if let Some(head) = out.trim_end().strip_suffix("{{") {
        out.insert(head.len() + 1, ' ');
    }
}

fn is_line_break(c: char) -> bool {
    matches!(
        c,
        '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Letters that show nothing.
fn is_filler(c: char) -> bool {
    matches!(c, '\u{3164}' | '\u{ffa0}' | '\u{2800}')
}

fn is_joiner(c: char) -> bool {
    matches!(
        c,
        '\u{34f}' | '\u{180b}'..='\u{180d}' | '\u{200c}' | '\u{200d}'
    ) || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0020}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Whether `joiner` means something after `base`.
fn joins(base: char, joiner: char) -> bool {
    match joiner {
        '\u{fe0e}' | '\u{fe0f}' if base.is_ascii() => {
            base.is_ascii_digit() || matches!(base, '#' | '*')
        }
        '\u{e0020}'..='\u{e007f}' => base == '🏴',
        _ => !base.is_ascii() && !base.is_whitespace(),
    }
}

/// Controls, zero-width spaces, marks of direction, and format characters that no one sees.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        )
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0001}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_of_every_kind_become_one() {
        assert_eq!(
            clean("\n \na\r\nb\rc\u{2028}d\u{c}e \t\n\n\u{200b}\n\n  f\n\n"),
            "a\nb\nc\nd\ne\n\n  f"
        );
    }

    #[test]
    fn f115_control_characters_are_taken_out() {
        assert_eq!(clean("a\0b\u{1b}[31mc\u{7f}\u{9b}d\te"), "ab[31mcd  e");
    }

    #[test]
    fn f115_templates_are_broken_however_they_are_written() {
        assert_eq!(
            clean("{{#mentions.a}} {{ #b {{\n\n#c {{{{#d {\u{200b}{\u{200d}\u{feff}#e"),
            "{ {#mentions.a}} { { #b { {\n\n#c {{{ {#d { {#e"
        );
        assert_eq!(clean("{{name}} { {# {#"), "{{name}} { {# {#");
    }

    #[test]
    fn f114_what_hides_is_taken_out_and_emoji_stay_whole() {
        assert_eq!(
            clean("pay\u{200d}p\u{200b}al\u{202e}gpj.\u{2066}"),
            "paypalgpj."
        );
        for whole in [
            "👨‍👩‍👧",
            "❤️‍🔥",
            "1️⃣",
            "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
            "👍🏽",
            "\u{1112}\u{1161}\u{11ab}",
            "می‌خواهم",
            "葛󠄀",
        ] {
            assert_eq!(clean(whole), whole);
        }
        assert_eq!(
            clean(&format!("가{}", "\u{fe00}\u{e0101}".repeat(50)))
                .chars()
                .count(),
            1 + MAX_JOINERS
        );
    }
}
