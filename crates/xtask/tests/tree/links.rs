//! Links from Markdown to files and headings of the repository.

use std::{collections::BTreeMap, path::Path};

use crate::{
    markdown::{anchors, text_lines},
    place::{folder, joined},
    repo::{self, Source},
};

#[test]
fn links_lead_somewhere() {
    let root = repo::root().unwrap();
    let sources = repo::sources(&["md"]).unwrap();
    let broken = broken(&sources, &|path| root.join(path).exists());
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

fn broken(sources: &[Source], exists: &dyn Fn(&Path) -> bool) -> Vec<String> {
    let texts: BTreeMap<&str, &str> = sources
        .iter()
        .map(|source| (source.path.as_str(), source.text.as_str()))
        .collect();
    let mut broken = Vec::new();
    for source in sources {
        for (line, text) in text_lines(&source.text) {
            for target in targets(&without_code(text)) {
                if let Some(why) = wrong(source, target, &texts, exists) {
                    broken.push(format!("{}:{line}: {target}: {why}", source.path));
                }
            }
        }
    }
    broken
}

fn wrong(
    source: &Source,
    target: &str,
    texts: &BTreeMap<&str, &str>,
    exists: &dyn Fn(&Path) -> bool,
) -> Option<String> {
    if target.contains(':') {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = if file.is_empty() {
        Some(source.path.clone())
    } else {
        joined(folder(&source.path), file)
    };
    let Some(path) = path else {
        return Some("it leads out of the repository".to_owned());
    };
    if !exists(Path::new(&path)) {
        return Some("no such file".to_owned());
    }
    let text = texts.get(path.as_str())?;
    let is_there = anchor.is_empty() || anchors(text).contains(anchor);
    (!is_there).then(|| format!("{path} has no such heading"))
}

/// What a line links to: `[text](target)` and `[name]: target`.
fn targets(line: &str) -> Vec<&str> {
    let mut targets = Vec::new();
    let mut rest = line;
    while let Some((_, after)) = rest.split_once("](") {
        let Some((target, after)) = after.split_once(')') else {
            break;
        };
        targets.extend(target.split(' ').next());
        rest = after;
    }
    if line.starts_with('[')
        && let Some((_, target)) = line.split_once("]: ")
    {
        targets.extend(target.split(' ').next());
    }
    targets
}

/// Code in a line as spaces.
fn without_code(line: &str) -> String {
    let mut parts = line.split('`');
    let mut text = parts.next().unwrap_or_default().to_owned();
    while let Some(code) = parts.next() {
        text.push_str(&" ".repeat(code.len()));
        text.push_str(parts.next().unwrap_or_default());
    }
    text
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let source = |path: &str, text: &str| Source {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let sources = [
        source(
            "docs/a.md",
            "# Top\n\
             [ok](b/c.md#there) [ok](#top) [ok](../README.md) [ok](https://example.org/x#y)\n\
             [gone](gone.md) `[code](gone.md)` ![`x`](b/c.md#not-there)\n\
             [up](../../outside.md)\n\
             [named]: c.md\n\
             ```\n[code](gone.md)\n```\n",
        ),
        source("docs/b/c.md", "## There\n"),
        source("README.md", ""),
    ];
    let exists = |path: &Path| sources.iter().any(|source| Path::new(&source.path) == path);
    assert_eq!(
        broken(&sources, &exists),
        [
            "docs/a.md:3: gone.md: no such file",
            "docs/a.md:3: b/c.md#not-there: docs/b/c.md has no such heading",
            "docs/a.md:4: ../../outside.md: it leads out of the repository",
            "docs/a.md:5: c.md: no such file",
        ]
    );
}
