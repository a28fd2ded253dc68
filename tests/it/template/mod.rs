//! What must hold in `template.yaml`. `rules.rs` lists the rules, the files beside it say what each
//! looks at, and `mutants.rs` proves that each rule can fail: it breaks the template in one place
//! at a time and expects the rule to find it.

mod dashboard;
mod entry;
mod functions;
mod mutants;
mod numbers;
mod permissions;
mod read;
mod rules;
mod state;
mod watch;

use std::collections::BTreeSet;

use serde_norway::Value;
use shared::{
    edge::{self, HttpFunction},
    queue::LocalTurnQueue,
};
use skill_webhook::SkillWebhook;

const TEMPLATE: &str = include_str!("../../../template.yaml");
const GUIDES: [(&str, &str); 2] = [
    ("docs/deploy.md", include_str!("../../../docs/deploy.md")),
    (
        "docs/deploy.ko.md",
        include_str!("../../../docs/deploy.ko.md"),
    ),
];

fn template() -> Value {
    serde_norway::from_str(TEMPLATE).unwrap()
}

/// Asserts that the rules of this fault find nothing, and that there are such rules.
#[track_caller]
fn nothing_found(fault: &str) {
    let found = rules::check(&template());
    let of_fault: Vec<_> = found
        .iter()
        .filter(|finding| finding.starts_with(&format!("{fault} ")))
        .collect();
    assert!(of_fault.is_empty(), "{of_fault:#?}");
    assert!(rules::names().any(|name| name.starts_with(&format!("{fault} "))));
}

#[test]
fn f130_the_roles_allow_what_the_table_says_and_nothing_else() {
    nothing_found("F-130");
}

#[test]
fn f131_the_template_breaks_no_rule() {
    let found = rules::check(&template());
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn f131a_the_numbers_fit_each_other() {
    nothing_found("F-131a");
}

#[test]
fn f131b_the_access_log_holds_nothing_secret() {
    nothing_found("F-131b");
    let line = entry::sample_line(&template());
    assert!(line.starts_with('{') && line.ends_with('}'), "{line}");
    for secret in ["?", "/kakao/webhook/", "X-Dari"] {
        assert!(!line.contains(secret), "{secret} in {line}");
    }
}

#[test]
fn f131c_alarms_and_dashboard_know_every_metric() {
    nothing_found("F-131c");
}

#[test]
fn f131c_every_alarm_is_explained_in_both_guides() {
    let template = template();
    let alarms = read::resources(&template, watch::ALARM);
    assert!(!alarms.is_empty());
    for (guide, text) in GUIDES {
        for (id, _) in &alarms {
            let name = id.strip_suffix("Alarm").unwrap();
            let row = text.lines().find(|line| {
                let cell = line
                    .strip_prefix("| ")
                    .and_then(|rest| rest.split(' ').next());
                cell == Some(name)
            });
            assert!(row.is_some(), "{guide} does not explain {id}");
        }
    }
}

#[test]
fn f131d_every_route_is_throttled() {
    nothing_found("F-131d");
}

#[test]
fn the_gateway_has_the_routes_that_the_functions_answer() {
    let of_functions = [<SkillWebhook<LocalTurnQueue> as HttpFunction>::ROUTES];
    let answered: BTreeSet<_> = of_functions
        .into_iter()
        .flatten()
        .map(|route| route.path)
        .chain([edge::HEALTH])
        .collect();
    let routes = entry::routes(&template());
    let paths = routes.iter().filter_map(|route| route.split(' ').nth(1));
    assert_eq!(paths.collect::<BTreeSet<_>>(), answered);
}

#[test]
fn f129_every_exception_from_the_linter_has_a_reason() {
    let exceptions: Vec<_> = include_str!("../../../.cfnlintrc")
        .lines()
        .filter(|line| line.trim_start().starts_with("- "))
        .collect();
    assert!(!exceptions.is_empty());
    for exception in exceptions {
        assert!(exception.contains(" # "), "{exception}");
    }
    let lines: Vec<_> = TEMPLATE.lines().map(str::trim_start).collect();
    for pair in lines.windows(2) {
        if pair[1].starts_with("ignore_checks:") {
            assert!(pair[0].starts_with("# "), "{}", pair[1]);
        }
    }
}
