//! Arrows one way: which crate of ours may depend on which.
//!
//! `functions → shared, platform crates → reply, outside, strict-json`;
//! `bundle → functions, shared, emulator`; `dari → bundle`. A test may also bring in what plays the
//! outside world.

mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::{
    circles::USES,
    repo,
    workspace::{Kind, Package, WORKSPACE},
};

/// What a crate may depend on, for what is built and run.
struct Rule {
    of: &'static str,
    may: &'static [&'static str],
    /// Why no more, as the end of a sentence.
    because: &'static str,
}

/// Stands for every member under `functions/`.
const FUNCTION: &str = "a function";

/// A new member gets a row here, and one on the map of docs/architecture.md.
const RULES: &[Rule] = &[
    Rule {
        of: FUNCTION,
        may: &[
            "shared",
            "reply",
            "outside",
            "kakao",
            "kakao-channel",
            "agents",
        ],
        because: "a function knows what functions share, never another function or who runs it",
    },
    Rule {
        of: "shared",
        may: &["reply", "outside", "strict-json"],
        because: "what functions share knows no function, no agent and no platform's wire",
    },
    Rule {
        of: "reply",
        may: &[],
        because: "the channel-neutral answer knows nothing of ours",
    },
    Rule {
        of: "outside",
        may: &[],
        because: "the guarded HTTP client knows nothing of ours",
    },
    Rule {
        of: "kakao",
        may: &["reply", "outside", "strict-json"],
        because: "what KakaoTalk's wire says does not depend on what we do with it",
    },
    Rule {
        of: "kakao-channel",
        may: &["shared", "reply", "kakao", "outside"],
        because: "a channel joins our domain to its platform and knows no agent and no function",
    },
    Rule {
        of: "agents",
        may: &["shared", "reply", "outside"],
        because: "an agent knows no channel and no function",
    },
    Rule {
        of: "strict-json",
        may: &[],
        because: "a reader of JSON knows nothing of ours",
    },
    Rule {
        of: "emulator",
        may: &[],
        because: "it is written from the platforms' references alone, to be able to prove us wrong",
    },
    Rule {
        of: "local-lambda",
        may: &[],
        because: "it runs any function's binary",
    },
    Rule {
        of: "bundle",
        may: &[
            FUNCTION,
            "shared",
            "reply",
            "outside",
            "kakao",
            "kakao-channel",
            "agents",
            "emulator",
        ],
        because: "it is the whole of what is deployed, in one process, and knows no command",
    },
    Rule {
        of: "dari",
        may: &[
            "bundle",
            "shared",
            "reply",
            "outside",
            "kakao",
            "kakao-channel",
            "agents",
            "emulator",
        ],
        because: "the command has verbs only and reaches the functions through the bundle",
    },
    Rule {
        of: "test-server",
        may: &[],
        because: "the tests of the smallest crates use it",
    },
    Rule {
        of: "test-support",
        may: &[
            "bundle",
            "shared",
            "reply",
            "outside",
            "kakao",
            "kakao-channel",
            "agents",
            "emulator",
            "local-lambda",
        ],
        because: "it serves the tests of every crate below the command",
    },
    Rule {
        of: "xtask",
        may: &["local-lambda"],
        because: "it measures finished programs",
    },
    Rule {
        of: "yardstick",
        may: &[],
        because: "it is the bare program that ours are measured by",
    },
];

/// Made of tests only: may depend on everything, and nothing on it.
const TESTS: &str = "tests";

/// What tests of any crate may bring in besides.
const FOR_TESTS: &[&str] = &["emulator", "local-lambda", "test-server", "test-support"];

/// What the tests or benches of one crate may bring in besides: the numbers of `dari` include those
/// of the handler itself.
const FOR_TESTS_OF: &[(&str, &str)] = &[("dari", "skill-webhook")];

/// What must not be built with a crate. `*` ends what only begins like this.
const NEVER: &[(&str, &[&str])] = &[
    (
        "reply",
        &["aws-*", "lambda*", "reqwest", "hyper*", "http", "axum*"],
    ),
    ("outside", &["aws-*", "lambda*"]),
    ("kakao", &["aws-*", "lambda*"]),
];

/// The cryptography of rustls: made by AWS, but not its SDK.
const NO_SDK: &[&str] = &["aws-lc-rs", "aws-lc-sys"];

/// A member as its manifest states it, with the members that it names.
struct Member<'a> {
    name: &'a str,
    is_function: bool,
    names: Vec<(Option<Kind>, &'a str)>,
}

fn members() -> Vec<Member<'static>> {
    let names: BTreeSet<&str> = WORKSPACE
        .members()
        .map(|member| member.name.as_str())
        .collect();
    let member = |package: &'static Package| Member {
        name: &package.name,
        is_function: is_function(package),
        names: package
            .dependencies
            .iter()
            .map(|dependency| (dependency.kind, dependency.name.as_str()))
            .filter(|(_, name)| names.contains(name))
            .collect(),
    };
    WORKSPACE.members().map(member).collect()
}

fn is_function(package: &Package) -> bool {
    WORKSPACE.relative(package.folder()).parent() == Some(Path::new("functions"))
}

/// A sentence for every arrow that must not be.
fn wrong_arrows(members: &[Member]) -> Vec<String> {
    let functions: BTreeSet<&str> = members
        .iter()
        .filter(|member| member.is_function)
        .map(|member| member.name)
        .collect();
    let row_of = |name| {
        if functions.contains(name) {
            FUNCTION
        } else {
            name
        }
    };
    let mut wrong = Vec::new();
    for member in members.iter().filter(|member| member.name != TESTS) {
        let name = member.name;
        let Some(rule) = RULES.iter().find(|rule| rule.of == row_of(name)) else {
            wrong.push(format!(
                "`{name}` is new: say in the table of {} what it may depend on",
                file!()
            ));
            continue;
        };
        for &(kind, other) in &member.names {
            let is_for_tests = kind == Some(Kind::Dev);
            let is_allowed = rule.may.contains(&row_of(other))
                || is_for_tests
                    && (other == name
                        || FOR_TESTS.contains(&other)
                        || FOR_TESTS_OF.contains(&(name, other)));
            if !is_allowed {
                let how = match kind {
                    None => "",
                    Some(Kind::Build) => ", not even to be built",
                    Some(Kind::Dev) => ", not even in its tests",
                };
                wrong.push(format!(
                    "`{name}` must not depend on `{other}`{how}: {}",
                    rule.because
                ));
            }
        }
    }
    wrong
}

#[test]
fn every_member_stands_on_the_map() {
    let map = fs::read_to_string(repo::root().unwrap().join("docs/architecture.md")).unwrap();
    let missing: Vec<_> = WORKSPACE
        .members()
        .map(|member| WORKSPACE.relative(member.folder()).display().to_string())
        .filter(|folder| !map.contains(&format!("`{folder}`")))
        .collect();
    assert!(
        missing.is_empty(),
        "not in docs/architecture.md: {missing:?}"
    );
}

#[test]
fn arrows_between_crates_point_one_way() {
    let members = members();
    let is_seen = |of: &str, to| {
        members
            .iter()
            .any(|it| it.name == of && it.names.contains(&to))
    };
    assert!(is_seen("dari", (None, "bundle")), "no arrows are seen");
    let wrong = wrong_arrows(&members);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_row_of_the_table_is_a_member() {
    let names: BTreeSet<&str> = WORKSPACE
        .members()
        .map(|member| member.name.as_str())
        .collect();
    let gone: BTreeSet<&str> = RULES
        .iter()
        .flat_map(|rule| rule.may.iter().chain([&rule.of]))
        .chain(FOR_TESTS)
        .chain(NEVER.iter().map(|(name, _)| name))
        .chain(FOR_TESTS_OF.iter().flat_map(|(of, may)| [of, may]))
        .chain([&TESTS])
        .copied()
        .filter(|name| *name != FUNCTION && !names.contains(name))
        .collect();
    assert!(gone.is_empty(), "no member has the name {gone:?}");
}

/// The normal dependencies, as code writes them, that the code does not name.
fn unused<'a>(dependencies: &[&'a str], named: &BTreeSet<String>) -> Vec<&'a str> {
    let is_unused = |name: &&&str| !named.contains(&name.replace('-', "_"));
    dependencies.iter().filter(is_unused).copied().collect()
}

/// So that a manifest shows what its crate reaches.
#[test]
fn manifests_name_only_what_is_used() {
    for package in WORKSPACE.members() {
        let named = package
            .roots()
            .flat_map(|root| USES[root].outside.clone())
            .collect();
        let normal = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind.is_none());
        let normal: Vec<&str> = normal
            .map(|dependency| dependency.rename.as_deref().unwrap_or(&dependency.name))
            .collect();
        let unused = unused(&normal, &named);
        assert!(
            unused.is_empty(),
            "`{}` names {unused:?} in its manifest only",
            package.name
        );
    }
}

/// A sentence for everything that is built with a crate and must not be.
fn wrong_weight(graph: &BTreeMap<&str, Vec<&str>>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, never) in NEVER {
        for way in ways(graph, name) {
            let last = way.last().copied().unwrap_or_default();
            let is_never = never.iter().any(|pattern| match pattern.strip_suffix('*') {
                Some(start) => last.starts_with(start) && !NO_SDK.contains(&last),
                None => last == *pattern,
            });
            if is_never {
                wrong.push(format!(
                    "`{last}` is built with `{name}`: {}",
                    way.join(" → ")
                ));
            }
        }
    }
    wrong
}

/// One way to each crate that is built with `name`, the shortest.
fn ways<'a>(graph: &BTreeMap<&'a str, Vec<&'a str>>, name: &'a str) -> Vec<Vec<&'a str>> {
    let mut ways = vec![vec![name]];
    let mut known = BTreeSet::from([name]);
    let mut at = 0;
    while let Some(way) = ways.get(at).cloned() {
        at += 1;
        for next in way
            .last()
            .and_then(|last| graph.get(last))
            .into_iter()
            .flatten()
        {
            if known.insert(next) {
                ways.push(way.iter().chain([next]).copied().collect());
            }
        }
    }
    ways
}

#[test]
fn light_crates_build_neither_aws_nor_http() {
    let graph = WORKSPACE.graph();
    let has_client = |way: &Vec<&str>| way.last() == Some(&"reqwest");
    assert!(ways(&graph, "outside").iter().any(has_client), "{graph:?}");
    let wrong = wrong_weight(&graph);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
