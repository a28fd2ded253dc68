//! Headings of a Markdown file: their numbers, which comments cite, and their anchors.

use std::collections::{BTreeMap, BTreeSet};

/// The lines that are text: not inside a fence of code.
pub fn text_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
            return None;
        }
        (!is_code).then_some((index + 1, line))
    })
}

fn headings(text: &str) -> impl Iterator<Item = &str> {
    text_lines(text).filter_map(|(_, line)| {
        let heading = line.trim_start_matches('#').strip_prefix(' ')?;
        line.starts_with('#').then(|| heading.trim())
    })
}

/// `5.4` of "### 5.4 Callback response", `2` of "## 2. Transport".
pub fn section_numbers(text: &str) -> BTreeSet<String> {
    headings(text)
        .filter_map(|heading| heading.split(' ').next())
        .map(|number| number.trim_end_matches('.'))
        .filter(|number| number.split('.').all(is_number))
        .map(str::to_owned)
        .collect()
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.chars().all(|c| c.is_ascii_digit())
}

/// The names by which a link can point at a heading, as GitHub makes them.
pub fn anchors(text: &str) -> BTreeSet<String> {
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    headings(text)
        .map(|heading| {
            let slug: String = heading
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect();
            let before = times.entry(slug.clone()).or_default();
            *before += 1;
            match *before {
                1 => slug,
                again => format!("{slug}-{}", again - 1),
            }
        })
        .collect()
}

#[test]
fn headings_have_numbers_and_anchors() {
    let text = "# A file\n## 2. 전송 방법\n### 2.1 `GET /x`: now\n## 10 A\n## 2a B\n## A\n## A\n```\n## 3 code\n```\n";
    let numbers = section_numbers(text);
    assert_eq!(numbers.into_iter().collect::<Vec<_>>(), ["10", "2", "2.1"]);
    let anchors = anchors(text);
    for anchor in ["a-file", "2-전송-방법", "21-get-x-now", "a", "a-1"] {
        assert!(anchors.contains(anchor), "{anchor} of {anchors:?}");
    }
}
