//! The analysis itself, on small trees. A tree is written as one text: a line `== path` starts a
//! file.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use super::Uses;

fn uses(tree: &str) -> Uses {
    let mut files: HashMap<PathBuf, String> = HashMap::new();
    for part in tree.split("== ").skip(1) {
        let (path, text) = part.split_once('\n').unwrap();
        files.insert(PathBuf::from(path.trim()), text.to_owned());
    }
    Uses::of(Path::new("lib.rs"), &|path| files.get(path).cloned())
}

/// The circles' files, as `a.rs b.rs`.
fn circles(tree: &str) -> Vec<String> {
    let uses = uses(tree);
    assert!(uses.unresolved.is_empty(), "{:?}", uses.unresolved);
    let named = |path: &&Path| path.display().to_string();
    uses.circles()
        .iter()
        .map(|files| files.iter().map(named).collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn two_files_that_import_each_other_are_a_circle() {
    let tree = "
== lib.rs
mod a; mod b;
== a.rs
use crate::b::B; pub struct A(B);
== b.rs
use crate::a::A; pub struct B(Option<Box<A>>);
";
    assert_eq!(circles(tree), ["a.rs b.rs"]);
}

#[test]
fn a_circle_names_what_ties_it() {
    let tree = "
== lib.rs
mod a; mod b; mod c;
== a.rs
use crate::b::{B, LIMIT}; pub struct A(B, [u8; LIMIT]);
== b.rs
pub const LIMIT: usize = 3; pub struct B(crate::c::C);
== c.rs
pub struct C(Option<Box<crate::a::A>>);
";
    let uses = uses(tree);
    let text = uses.describe(&uses.circles()[0], Path::to_owned);
    let expected =
        "a circle of 3 files:\n  a.rs → b.rs: B, LIMIT\n  b.rs → c.rs: C\n  c.rs → a.rs: A\n";
    assert_eq!(text, expected);
}

#[test]
fn a_re_exported_name_leads_to_the_file_that_defines_it() {
    let tree = "
== lib.rs
mod turn; mod other;
== turn/mod.rs
mod stage; mod lane; pub use self::{lane::Lane as Way, stage::*};
== turn/stage.rs
pub struct Stage(crate::other::Other);
== turn/lane.rs
pub struct Lane;
== other.rs
use crate::turn::{Stage, Way}; pub struct Other(Option<Box<Stage>>, Way);
";
    assert_eq!(circles(tree), ["other.rs turn/stage.rs"]);
}

#[test]
fn a_path_in_code_counts_without_an_import() {
    let tree = "
== lib.rs
mod a; mod b;
== a.rs
pub fn ask() -> u8 { crate::b::answer() }
== b.rs
use super::a; pub fn answer() -> u8 { a::ask() }
";
    assert_eq!(circles(tree), ["a.rs b.rs"]);
}

#[test]
fn a_child_that_uses_its_parents_item_is_a_circle_if_the_parent_uses_the_child() {
    let tree = "
== lib.rs
mod parent;
== parent.rs
mod child; pub struct Parent; fn make() -> child::Child { child::Child(Parent) }
== parent/child.rs
pub struct Child(pub super::Parent);
";
    assert_eq!(circles(tree), ["parent/child.rs parent.rs"]);
}

#[test]
fn a_parent_that_only_declares_and_re_exports_uses_nothing() {
    let tree = "
== lib.rs
mod parent;
== parent/mod.rs
mod child; pub(crate) use child::Child; pub struct Parent;
== parent/child.rs
pub struct Child(super::Parent);
";
    assert_eq!(circles(tree), [""; 0]);
}

#[test]
fn a_parent_uses_what_it_re_exports_and_names_itself() {
    let tree = "
== lib.rs
mod parent;
== parent/mod.rs
mod child; pub use child::Child; pub struct Parent; fn make() -> Child { Child(Parent) }
== parent/child.rs
pub struct Child(pub super::Parent);
";
    assert_eq!(circles(tree), ["parent/child.rs parent/mod.rs"]);
}

#[test]
fn a_diamond_is_no_circle() {
    let tree = "
== lib.rs
mod top; mod left; mod right; mod base; pub use top::Top;
== top.rs
use crate::{left::Left, right::Right}; pub struct Top(Left, Right);
== left.rs
use crate::base::Base; pub struct Left(Base);
== right.rs
use super::base; pub struct Right(base::Base);
== base.rs
pub struct Base;
";
    assert_eq!(circles(tree), [""; 0]);
}

#[test]
fn what_only_tests_compile_is_not_looked_at() {
    let tree = "
== lib.rs
mod a; mod b;
== a.rs
use crate::b::B; pub struct A(B);
#[cfg(test)] mod tests;
#[cfg(all(test, unix))] impl A { fn of(b: crate::b::B) -> Self { Self(b) } }
== b.rs
#[cfg(test)] use crate::a::A;
pub struct B;
impl B { #[cfg(test)] fn a(self) -> crate::a::A { A(self) } }
#[cfg(test)] mod tests { use super::*; fn a() -> crate::a::A { A(B) } }
";
    assert_eq!(circles(tree), [""; 0]);
}

#[test]
fn what_is_compiled_without_tests_too_is_looked_at() {
    let tree = "
== lib.rs
mod a; mod b;
== a.rs
use crate::b::B; pub struct A(B);
== b.rs
#[cfg(any(test, unix))] use crate::a::A;
#[cfg(not(test))] pub struct B(Option<Box<A>>);
";
    assert_eq!(circles(tree), ["a.rs b.rs"]);
}

#[test]
fn macros_and_attributes_are_looked_into() {
    let tree = "
== lib.rs
mod a; mod b; mod c;
== a.rs
use crate::b::B; pub const A: u8 = 1; fn b(b: B) { assert!(matches!(b, B::One)); }
== b.rs
pub enum B { One } fn a() { println!(\"{}\", super::a::A); }
== c.rs
#[derive(Deserialize)] pub struct C { #[serde(deserialize_with = \"crate::c::d::read\")] c: u8 }
pub const LIMIT: u8 = 3;
mod d;
== c/d.rs
pub fn read() -> u8 { super::LIMIT }
";
    assert_eq!(circles(tree), ["a.rs b.rs", "c/d.rs c.rs"]);
}

#[test]
fn names_of_variables_and_fields_are_not_items() {
    let tree = "
== lib.rs
mod a;
== a/mod.rs
mod stage; pub use stage::stage; pub struct A;
fn show(stage: u8) { log!(stage = 3, x.stage(), stage); f(stage); }
== a/stage.rs
pub fn stage(a: super::A) {}
";
    assert_eq!(circles(tree), [""; 0]);
}

#[test]
fn imports_inside_functions_count_where_they_stand() {
    let tree = "
== lib.rs
mod a; mod b;
== a.rs
pub enum A { One } fn a() { use crate::b; b::call(); }
== b.rs
pub fn call() { use super::a::A::*; struct B; let _ = (One, B); }
";
    assert_eq!(circles(tree), ["a.rs b.rs"]);
}

#[test]
fn files_are_found_the_way_the_compiler_finds_them() {
    let tree = "
== lib.rs
mod a; mod inline { mod deep; }
== a.rs
#[path = \"b_elsewhere.rs\"] mod b; mod c; pub struct A; fn all() -> (b::B, c::C) {}
== b_elsewhere.rs
pub struct B(super::A);
== a/c/mod.rs
mod d; pub struct C(d::D);
== a/c/d.rs
pub struct D(super::super::A);
== inline/deep.rs
use super::super::a::A;
";
    assert_eq!(circles(tree), ["a/c/d.rs a/c/mod.rs a.rs b_elsewhere.rs"]);
}

#[test]
fn a_path_that_leads_nowhere_is_told() {
    let uses = uses("== lib.rs\nmod a;\n== a.rs\nuse crate::gone::Gone; fn f() { super::lost(); }");
    let unresolved: Vec<_> = uses.unresolved.iter().map(String::as_str).collect();
    assert_eq!(unresolved, ["a.rs: crate::gone::Gone", "a.rs: super::lost"]);
}

#[test]
fn what_leads_out_of_the_crate_is_known_by_its_name() {
    let uses = uses(
        "== lib.rs
use serde_json::json; pub use bytes::Bytes; fn f() { json!({}); url::Url::parse(); }
#[derive(thiserror::Error)] struct E;
#[tokio::main] async fn main() { tracing::info!(\"{}\", ::http::X); }
#[cfg(test)] use insta::x;",
    );
    let outside: Vec<_> = uses.outside.iter().map(String::as_str).collect();
    for name in [
        "bytes",
        "http",
        "serde_json",
        "thiserror",
        "tokio",
        "tracing",
        "url",
    ] {
        assert!(outside.contains(&name), "{name} in {outside:?}");
    }
    assert!(!outside.contains(&"insta"), "{outside:?}");
}
