//! Comments are at most as wide as code. rustfmt sees to the code.
//!
//! Not so the doc comments of what becomes the JSON Schema: a line break there would be one in the
//! sentence that editors show. They are known by the `derive(JsonSchema)` above them.

use std::{collections::BTreeSet, fmt::Write};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, ItemEnum, ItemStruct, Meta,
    visit::{self, Visit},
};

use crate::repo::{self, Source};

/// Columns, rustfmt's own.
const WIDTH: usize = 100;

#[test]
fn comments_are_as_wide_as_code() {
    let mut found = String::new();
    for Source { path, text } in repo::sources(&["rs"]).unwrap() {
        for line in too_wide(&text) {
            writeln!(found, "{path}:{line}").unwrap();
        }
    }
    assert!(
        found.is_empty(),
        "comments wider than {WIDTH} columns:\n{found}"
    );
}

/// The lines, counted from 1, that a comment makes wider than they may be.
fn too_wide(text: &str) -> Vec<usize> {
    let is_wide = |(number, line): (usize, &str)| (line.chars().count() > WIDTH).then_some(number);
    let wide: Vec<usize> = (1..).zip(text.lines()).filter_map(is_wide).collect();
    if wide.is_empty() {
        return wide;
    }
    let mut excused = BTreeSet::new();
    wide_code(text.parse().unwrap(), &mut excused);
    let mut schema = SchemaDocs::default();
    schema.visit_file(&syn::parse_file(text).unwrap());
    excused.append(&mut schema.lines);
    wide.into_iter()
        .filter(|line| !excused.contains(line))
        .collect()
}

/// The lines that code makes wide: long strings, mostly.
fn wide_code(tokens: TokenStream, lines: &mut BTreeSet<usize>) {
    let mut doc_comment = None;
    for token in tokens {
        let span = token.span();
        if doc_comment == Some(span.start()) {
            continue;
        }
        match token {
            // The tokens of a doc comment all stand where the comment does.
            TokenTree::Punct(sign)
                if sign.as_char() == '#' && span.end().column != span.start().column + 1 =>
            {
                doc_comment = Some(span.start());
            }
            TokenTree::Group(group) => {
                let end = group.span_close().end();
                if end.column > WIDTH {
                    lines.insert(end.line);
                }
                wide_code(group.stream(), lines);
            }
            _ => {
                lines.extend(span.start().line..span.end().line);
                if span.end().column > WIDTH {
                    lines.insert(span.end().line);
                }
            }
        }
    }
}

/// The lines of doc comments that become the JSON Schema.
#[derive(Default)]
struct SchemaDocs {
    is_within: bool,
    lines: BTreeSet<usize>,
}

impl SchemaDocs {
    fn within(&mut self, attributes: &[Attribute], visit: impl FnOnce(&mut Self)) {
        let derives = |attribute: &Attribute| {
            matches!(&attribute.meta, Meta::List(list) if list.path.is_ident("derive")
                && list.tokens.to_string().contains("JsonSchema"))
        };
        self.is_within = attributes.iter().any(derives);
        visit(self);
        self.is_within = false;
    }
}

impl<'ast> Visit<'ast> for SchemaDocs {
    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        self.within(&item.attrs, |this| visit::visit_item_struct(this, item));
    }

    fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
        self.within(&item.attrs, |this| visit::visit_item_enum(this, item));
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if self.is_within && attribute.path().is_ident("doc") {
            self.lines.insert(attribute.pound_token.span.start().line);
        }
    }
}

fn words(columns: usize) -> String {
    "다".repeat(columns)
}

#[test]
fn width_is_counted_in_characters() {
    let text = format!("// {}\n// {}\n", words(97), words(98));
    assert_eq!(too_wide(&text), [2]);
}

#[test]
fn every_kind_of_comment_is_measured() {
    let wide = words(120);
    let text = format!(
        "//! {wide}\n/// {wide}\nfn f() {{\n    // {wide}\n    g(); // {wide}\n    /* {wide}\n{wide} */\n}}\n/** {wide} */\nfn g() {{}}\n"
    );
    assert_eq!(too_wide(&text), [1, 2, 4, 5, 6, 7, 9]);
}

#[test]
fn wide_strings_are_no_comments() {
    let wide = words(120);
    let text = format!(
        "fn f() {{\n    let a = \"// {wide}\";\n    let b = r#\"\n// {wide}\n{wide}\"#;\n    #[doc = \"{wide}\"]\n    let c = 1;\n}}\n"
    );
    assert_eq!(too_wide(&text), [0; 0]);
}

#[test]
fn what_becomes_the_schema_stays_on_one_line() {
    let wide = words(120);
    let text = format!(
        "/// {wide}\n#[derive(Deserialize, schemars::JsonSchema)]\nstruct S {{\n    /// {wide}\n    a: u8,\n    // {wide}\n    b: u8,\n}}\n/// {wide}\nstruct T;\n"
    );
    assert_eq!(too_wide(&text), [6, 9]);
}
