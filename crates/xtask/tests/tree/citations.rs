//! What comments and documents rest on: sections (`skill.md` and a number), lines of
//! docs/faults.md, and files of Markdown. All of it must be there.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use crate::{
    markdown::section_numbers,
    place::{folder, joined},
    repo::{self, Source},
};

/// Where people write. `""` is for files like `justfile`.
const WRITTEN: [&str; 12] = [
    "", "css", "html", "js", "json5", "md", "mjs", "py", "rs", "sh", "toml", "yaml",
];
const FAULTS: &str = "docs/faults.md";
/// Their tests cite what is not there, on purpose.
const EXAMPLES: [&str; 2] = ["/tests/tree/citations.rs", "/tests/tree/links.rs"];

#[test]
fn what_is_cited_is_there() {
    let mut sources = repo::sources(&WRITTEN).unwrap();
    sources.retain(|source| {
        !EXAMPLES
            .iter()
            .any(|example| source.path.ends_with(example))
    });
    let wrong = Library::new(&sources).wrong(&sources);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What can be cited.
struct Library<'a> {
    /// By file: its numbered sections.
    sections: BTreeMap<&'a str, BTreeSet<String>>,
    faults: BTreeSet<&'a str>,
}

impl<'a> Library<'a> {
    fn new(sources: &'a [Source]) -> Self {
        let documents = sources.iter().filter(|source| is_document(source));
        let faults = sources
            .iter()
            .filter(|source| source.path == FAULTS)
            .flat_map(|source| source.text.lines())
            .filter_map(|line| line.strip_prefix("- **")?.split(' ').next())
            .collect();
        Self {
            sections: documents
                .map(|source| (source.path.as_str(), section_numbers(&source.text)))
                .collect(),
            faults,
        }
    }

    fn wrong(&self, sources: &[Source]) -> Vec<String> {
        let mut wrong = Vec::new();
        for source in sources {
            for paragraph in paragraphs(source) {
                for (at, complaint) in self.wrong_in(source, &paragraph.text) {
                    let line = paragraph.line(at);
                    wrong.push(format!("{}:{line}: {complaint}", source.path));
                }
            }
        }
        wrong
    }

    /// Complaints, and where in the paragraph.
    fn wrong_in(&self, source: &Source, paragraph: &str) -> Vec<(usize, String)> {
        let own = self
            .sections
            .get(source.path.as_str())
            .filter(|sections| !sections.is_empty());
        let mut wrong = Vec::new();
        let mut cited: Option<(&str, Vec<&str>)> = None;
        // Where the last mention ended.
        let mut end = 0;
        for Mention { at, what, length } in mentions(paragraph) {
            let gap = paragraph.get(end..at).unwrap_or_default();
            end = at + length;
            match what {
                What::File(name) => {
                    let files = self.files(source, name);
                    if files.is_empty() {
                        wrong.push((at, format!("there is no {name}")));
                    }
                    cited = Some((name, files));
                }
                What::Section(number) => {
                    // In a document with sections of its own, only what follows a name at once is
                    // another's.
                    let is_own = own.is_some() && (cited.is_none() || !joins(gap));
                    if is_own {
                        cited = None;
                    }
                    let (name, is_there) = match (&cited, own) {
                        (Some((name, files)), _) => (
                            *name,
                            files.is_empty()
                                || files
                                    .iter()
                                    .any(|file| self.sections[file].contains(number)),
                        ),
                        (None, Some(own)) => ("this file", own.contains(number)),
                        (None, None) => ("no file that is named", false),
                    };
                    if !is_there {
                        wrong.push((at, format!("{name} has no §{number}")));
                    }
                }
                What::Fault(id) => {
                    if !self.faults.contains(id) {
                        wrong.push((at, format!("{FAULTS} has no {id}")));
                    }
                }
            }
        }
        wrong
    }

    /// The documents that a name may mean: one beside the file, from the root, or the one of that
    /// name wherever it is.
    fn files(&self, source: &Source, name: &str) -> Vec<&'a str> {
        let beside = joined(folder(&source.path), name);
        let all = self.sections.keys().copied();
        let is_exact = |file: &&str| beside.as_deref() == Some(*file) || name == *file;
        let exact: Vec<_> = all.clone().filter(is_exact).collect();
        if !exact.is_empty() {
            return exact;
        }
        let suffix = format!("/{name}");
        all.filter(|file| file.ends_with(&suffix)).collect()
    }
}

/// Whether a section after it still belongs to the file that was named before it.
fn joins(gap: &str) -> bool {
    let between = gap.trim_matches([' ', '`', ')', ']', ',', '*', '–', '§']);
    matches!(between, "" | "and" | "or")
}

fn is_document(source: &Source) -> bool {
    Path::new(&source.path)
        .extension()
        .is_some_and(|extension| extension == "md")
}

/// What is read together: a comment, a paragraph of a document, or a single line.
struct Paragraph {
    text: String,
    /// Where each line begins in the text.
    lines: Vec<(usize, usize)>,
}

impl Paragraph {
    /// The line of the file that has this place of the text.
    fn line(&self, at: usize) -> usize {
        let before = self.lines.iter().take_while(|(start, _)| *start <= at);
        before.last().map_or(0, |(_, line)| *line)
    }
}

/// Comments that wrap are one paragraph, and so is a paragraph of a document; everything else is
/// taken line by line.
fn paragraphs(source: &Source) -> Vec<Paragraph> {
    let is_document = is_document(source);
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    let mut goes_on = false;
    for (index, line) in source.text.lines().enumerate() {
        let line = line.trim();
        let words = if is_document {
            Some(line)
        } else {
            comment(line)
        };
        // Comments go on over an empty line of theirs, documents do not.
        let joined = words
            .filter(|words| !is_document || !words.is_empty() && !words.starts_with(['|', '#']));
        match (joined, paragraphs.last_mut()) {
            (Some(words), Some(paragraph)) if goes_on => {
                paragraph.text.push(' ');
                paragraph.lines.push((paragraph.text.len(), index + 1));
                paragraph.text.push_str(words);
            }
            _ => paragraphs.push(Paragraph {
                text: words.unwrap_or(line).to_owned(),
                lines: vec![(0, index + 1)],
            }),
        }
        goes_on = joined.is_some();
    }
    paragraphs
}

fn comment(line: &str) -> Option<&str> {
    ["///", "//!", "//", "#", "/**", "*"]
        .iter()
        .find_map(|mark| line.strip_prefix(mark))
        .map(str::trim_start)
}

struct Mention<'a> {
    at: usize,
    length: usize,
    what: What<'a>,
}

enum What<'a> {
    File(&'a str),
    Section(&'a str),
    Fault(&'a str),
}

/// In the order in which they stand.
fn mentions(text: &str) -> Vec<Mention<'_>> {
    let mut mentions = Vec::new();
    for (at, _) in text.match_indices(".md") {
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
        let goes_on = text[at + 3..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let stem = text[..at]
            .rsplit(|c| !is_name(c))
            .next()
            .unwrap_or_default();
        let start = at - stem.len();
        let name = &text[start..at + 3];
        // An address on the web, or an ending and no name.
        let is_other = name.starts_with("//") || name.starts_with('.') && !name.starts_with("..");
        if !goes_on && !stem.is_empty() && !is_other {
            mentions.push(Mention {
                at: start,
                length: name.len(),
                what: What::File(name),
            });
        }
    }
    for (at, mark) in text.match_indices('§') {
        let mut rest = text[at + mark.len()..].trim_start();
        while let Some(number) = number(rest) {
            mentions.push(Mention {
                at: text.len() - rest.len(),
                length: number.len(),
                what: What::Section(number),
            });
            // The other end of a range.
            match rest[number.len()..].strip_prefix('–') {
                Some(after) => rest = after,
                None => break,
            }
        }
    }
    for (at, _) in text.match_indices("F-") {
        let is_inside = text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
        let digits = text[at + 2..]
            .chars()
            .take_while(char::is_ascii_digit)
            .count();
        if is_inside || digits == 0 {
            continue;
        }
        let mut letters = text[at + 2 + digits..].chars();
        let letter = letters.next().filter(char::is_ascii_lowercase);
        let has_letter = letter.is_some() && !letters.next().is_some_and(char::is_alphanumeric);
        let length = 2 + digits + usize::from(has_letter);
        mentions.push(Mention {
            at,
            length,
            what: What::Fault(&text[at..at + length]),
        });
    }
    mentions.sort_by_key(|mention| mention.at);
    mentions
}

/// `5.4` of "5.4, …".
fn number(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let number = text[..end.unwrap_or(text.len())].trim_end_matches('.');
    (!number.is_empty()).then_some(number)
}

#[cfg(test)]
fn complaints(path: &str, text: &str) -> Vec<String> {
    let source = |path: &str, text: &str| Source {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let sources = [
        source(
            "docs/platform/skill.md",
            "## 1. A\n### 1.2 B\nas in §1.2, `faults.md` §6\n",
        ),
        source(
            "docs/faults.md",
            "## 6. C\n- **F-01 (P0)** …\n- **F-01a (P0)** …\n",
        ),
        source("docs/platform/README.md", ""),
        source(path, text),
    ];
    Library::new(&sources).wrong(&sources)
}

#[test]
fn what_exists_may_be_cited_in_every_way_it_is_written() {
    let good = [
        "/// Sent once (skill.md §1, §1.2 and faults.md",
        "/// §6); see docs/platform/skill.md §1–1.2, F-01 and F-01a. UTF-8, https://example.org/x.md.",
        "///",
        "/// What comes later in a comment is still of faults.md, or so (§6).",
        "let x = 1; // skill.md §1.2.",
        "# `skill.md` §1 (with words between), §1.2",
    ]
    .join("\n");
    assert_eq!(complaints("a.rs", &good), [""; 0]);
    let document = "See [skill.md](platform/skill.md) §1 and `README.md`, or *.md.\n";
    assert_eq!(complaints("docs/a.md", document), [""; 0]);
}

#[test]
fn what_is_not_there_is_found_where_it_is_cited() {
    let bad = [
        "/// Too long a section (skill.md §1.3),",
        "/// wrapped (skill.md",
        "/// §7), a range (skill.md §1–9).",
        "fn nothing() {}",
        "// F-02, F-01b, §1.2",
        "// as nobody.md §1 says",
    ]
    .join("\n");
    assert_eq!(
        complaints("a.rs", &bad),
        [
            "a.rs:1: skill.md has no §1.3",
            "a.rs:3: skill.md has no §7",
            "a.rs:3: skill.md has no §9",
            "a.rs:5: docs/faults.md has no F-02",
            "a.rs:5: docs/faults.md has no F-01b",
            "a.rs:5: no file that is named has no §1.2",
            "a.rs:6: there is no nobody.md",
        ]
    );
    assert_eq!(
        complaints("docs/a.md", "## 3. D\nIn §4; `faults.md` §6, here §6.\n"),
        [
            "docs/a.md:2: this file has no §4",
            "docs/a.md:2: this file has no §6",
        ]
    );
}
