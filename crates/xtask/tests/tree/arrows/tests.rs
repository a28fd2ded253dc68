//! The checks themselves, on workspaces that are made up.

use std::collections::BTreeMap;

use super::{Member, unused, wrong_arrows, wrong_weight};
use crate::workspace::Kind;

/// A member of a made-up workspace; those called `…-fn` are functions.
fn member(name: &'static str, names: &[(Option<Kind>, &'static str)]) -> Member<'static> {
    Member {
        name,
        is_function: name.ends_with("-fn"),
        names: names.to_vec(),
    }
}

#[test]
fn the_planned_arrows_are_allowed() {
    let wrong = wrong_arrows(&[
        member(
            "a-fn",
            &[
                (None, "shared"),
                (None, "kakao-channel"),
                (Some(Kind::Dev), "emulator"),
            ],
        ),
        member(
            "shared",
            &[
                (None, "reply"),
                (None, "outside"),
                (Some(Kind::Dev), "test-support"),
            ],
        ),
        member("kakao", &[(None, "reply"), (Some(Kind::Dev), "emulator")]),
        member("bundle", &[(None, "a-fn"), (None, "emulator")]),
        member("dari", &[(None, "bundle"), (None, "shared")]),
        member(
            "tests",
            &[(Some(Kind::Dev), "dari"), (Some(Kind::Dev), "a-fn")],
        ),
    ]);
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn an_arrow_the_wrong_way_is_told_in_a_sentence() {
    for (name, kind, other, expected) in [
        (
            "a-fn",
            None,
            "b-fn",
            "`a-fn` must not depend on `b-fn`: a function knows",
        ),
        (
            "a-fn",
            None,
            "emulator",
            "`a-fn` must not depend on `emulator`: a function",
        ),
        (
            "shared",
            None,
            "kakao",
            "`shared` must not depend on `kakao`: what functions share",
        ),
        (
            "shared",
            Some(Kind::Dev),
            "agents",
            "`shared` must not depend on `agents`, not even in its tests",
        ),
        (
            "reply",
            Some(Kind::Build),
            "outside",
            "`reply` must not depend on `outside`, not even to be built",
        ),
        (
            "emulator",
            None,
            "kakao",
            "`emulator` must not depend on `kakao`: it is written",
        ),
        (
            "bundle",
            None,
            "dari",
            "`bundle` must not depend on `dari`: it is the whole",
        ),
        (
            "dari",
            None,
            "a-fn",
            "`dari` must not depend on `a-fn`: the command",
        ),
        (
            "kakao",
            None,
            "test-support",
            "`kakao` must not depend on `test-support`: what",
        ),
        (
            "agents",
            Some(Kind::Dev),
            "tests",
            "`agents` must not depend on `tests`, not even",
        ),
    ] {
        let wrong = wrong_arrows(&[member(name, &[(kind, other)]), member("b-fn", &[])]);
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        assert!(wrong[0].starts_with(expected), "{wrong:?}");
    }
}

#[test]
fn a_new_member_needs_a_row() {
    let wrong = wrong_arrows(&[member("newcomer", &[])]);
    assert!(
        wrong[0].starts_with("`newcomer` is new: say in the table"),
        "{wrong:?}"
    );
}

#[test]
fn what_only_the_manifest_names_is_unused() {
    let named = ["serde_json", "bytes"].map(str::to_owned).into();
    assert_eq!(unused(&["bytes", "serde-json", "url"], &named), ["url"]);
}

#[test]
fn weight_is_found_however_far_away() {
    let graph = BTreeMap::from([
        ("reply", vec!["url"]),
        ("url", vec!["idna"]),
        ("idna", vec!["hyper-util"]),
        ("outside", vec!["reqwest"]),
        ("reqwest", vec!["aws-lc-rs", "http"]),
        ("kakao", vec!["shared"]),
        ("shared", vec!["aws-sdk-sqs", "reply"]),
    ]);
    let expected = [
        "`hyper-util` is built with `reply`: reply → url → idna → hyper-util",
        "`aws-sdk-sqs` is built with `kakao`: kakao → shared → aws-sdk-sqs",
    ];
    assert_eq!(wrong_weight(&graph), expected);
}
