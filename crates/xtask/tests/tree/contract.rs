//! docs/contract.md against what is there: whatever people can set or call stands in it.

use std::{collections::BTreeSet, fs};

use crate::repo;

const CONTRACT: &str = "docs/contract.md";

#[test]
fn every_variable_stands_in_the_contract() {
    let read: BTreeSet<String> = repo::sources(&["rs", "yaml"])
        .unwrap()
        .into_iter()
        .filter(|source| is_deployed(&source.path))
        .flat_map(|source| variables(&source.text))
        .collect();
    assert!(read.contains("DARI_TURNS_TABLE"), "{read:?}");
    assert_eq!(missing(&read), [""; 0]);
}

#[test]
fn every_route_stands_in_the_contract() {
    let template = fs::read_to_string(repo::root().unwrap().join("template.yaml")).unwrap();
    let routes: BTreeSet<String> = template
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Path: /"))
        .map(|route| format!("/{route}"))
        .collect();
    assert!(!routes.is_empty());
    assert_eq!(missing(&routes), [""; 0]);
}

fn missing(names: &BTreeSet<String>) -> Vec<&String> {
    let contract = fs::read_to_string(repo::root().unwrap().join(CONTRACT)).unwrap();
    let stands = |name: &str| {
        contract.match_indices(name).any(|(at, _)| {
            let end = at + name.len();
            !contract[end..].starts_with(|c: char| c.is_ascii_alphanumeric() || "_/{".contains(c))
        })
    };
    names.iter().filter(|name| !stands(name)).collect()
}

/// Not a test, a bench or a tool of ours.
fn is_deployed(path: &str) -> bool {
    let mut folders = path.split('/');
    let is_tool = |folder: &str| {
        let folder = folder.trim_end_matches(".rs");
        matches!(
            folder,
            "benches" | "local-lambda" | "test-support" | "xtask"
        ) || folder.ends_with("tests")
    };
    !folders.any(is_tool)
}

/// In quotation marks in a program, a key in the template.
fn variables(text: &str) -> BTreeSet<String> {
    let program = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    program
        .match_indices("DARI_")
        .map(|(at, _)| &program[at..])
        .map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_uppercase() && c != '_');
            rest[..end.unwrap_or(rest.len())].to_owned()
        })
        .filter(|name| !name.ends_with('_'))
        .collect()
}

#[test]
fn what_is_missing_is_found() {
    let text = "read(\"DARI_CONFIG_FILE\", DARI_*)\n#[cfg(test)]\nmod tests { \"DARI_TEST\" }";
    let found = variables(text);
    assert_eq!(found.iter().collect::<Vec<_>>(), ["DARI_CONFIG_FILE"]);
    let names = [
        "DARI_CONFIG_FILE",
        "DARI_CONFIG_FIL",
        "/kakao/web",
        "/kakao/webhook",
    ];
    let names = names.map(str::to_owned).into_iter().collect();
    assert_eq!(missing(&names), ["/kakao/web", "DARI_CONFIG_FIL"]);
}
