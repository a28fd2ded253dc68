//! Every path that a file's code mentions: in `use`, in types, patterns and expressions, in what is
//! handed to macros and attributes. Tests are left out, and so is what only re-exports.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Block, Expr, ExprPath, Field, ImplItemConst, ImplItemFn, Item, ItemFn, ItemMacro,
    ItemUse, Local, Macro, Meta, PatIdent, Path, Stmt, TraitItemFn, Variant, VisRestricted,
    Visibility,
    visit::{self, Visit},
};

use super::names::{Names, Scope, Target, leaves};
use crate::source;

/// What one module's code mentions.
pub struct Mentions<'a> {
    names: &'a Names,
    module: usize,
    blocks: Vec<Scope>,
    /// What the functions around the current line call their parameters and variables.
    variables: Vec<BTreeSet<String>>,
    /// The module that defines an item, and the item's name.
    pub items: BTreeSet<(usize, String)>,
    /// The first names of paths that lead out of this crate.
    pub outside: BTreeSet<String>,
    /// Paths into this crate at whose end nothing was found.
    pub unresolved: BTreeSet<String>,
}

impl<'a> Mentions<'a> {
    pub fn of(names: &'a Names, module: usize, items: &[Item]) -> Self {
        let mut mentions = Self {
            names,
            module,
            blocks: Vec::new(),
            variables: Vec::new(),
            items: BTreeSet::new(),
            outside: BTreeSet::new(),
            unresolved: BTreeSet::new(),
        };
        for item in items {
            mentions.visit_item(item);
        }
        mentions
    }

    fn mention(&mut self, path: &[String]) {
        let Some(first) = path.first() else { return };
        let targets = self.names.resolve(self.module, &self.blocks, path);
        if targets.is_empty() {
            self.unresolved.insert(path.join("::"));
        }
        for target in targets {
            match target {
                Target::Item(module, name) => {
                    self.items.insert((module, name));
                }
                Target::Outside => {
                    self.outside.insert(first.clone());
                }
                Target::Module(_) => {}
            }
        }
    }

    fn is_variable(&self, name: &str) -> bool {
        self.variables.iter().any(|names| names.contains(name))
    }

    /// The paths among tokens whose grammar is a macro's own. A name alone counts only if it is
    /// called or starts with a capital: it may as well be a field or a variable.
    fn tokens(&mut self, tokens: &TokenStream, strings_are_paths: bool) {
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let follows_dot = at
                .checked_sub(1)
                .is_some_and(|before| is_punct(&tokens, before, '.'));
            at += 1;
            match token {
                TokenTree::Group(group) => self.tokens(&group.stream(), strings_are_paths),
                TokenTree::Ident(first) if !follows_dot => {
                    let mut path = vec![first.to_string()];
                    while is_punct(&tokens, at, ':') && is_punct(&tokens, at + 1, ':') {
                        let Some(TokenTree::Ident(next)) = tokens.get(at + 2) else {
                            break;
                        };
                        path.push(next.to_string());
                        at += 3;
                    }
                    let is_macro = is_punct(&tokens, at, '!') && !is_punct(&tokens, at + 1, '=');
                    let is_called = matches!(tokens.get(at), Some(TokenTree::Group(_)));
                    let is_capital = path[0].starts_with(char::is_uppercase);
                    if is_macro {
                        self.outside.insert(path.swap_remove(0));
                    } else if path.len() > 1
                        || (is_called || is_capital) && !self.is_variable(&path[0])
                    {
                        self.mention(&path);
                    }
                }
                TokenTree::Literal(literal) if strings_are_paths => {
                    let text = literal.to_string();
                    let parsed = syn::parse_str::<Path>(text.trim_matches('"'));
                    if let Ok(path) = parsed
                        && path.segments.len() > 1
                    {
                        self.visit_path(&path);
                    }
                }
                _ => {}
            }
        }
    }

    fn within_function(&mut self, variables: Variables, visit: impl FnOnce(&mut Self)) {
        self.variables.push(variables.0);
        visit(self);
        self.variables.pop();
    }
}

fn is_punct(tokens: &[TokenTree], at: usize, sign: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

fn names_of(path: &Path) -> Vec<String> {
    path.segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect()
}

impl<'ast> Visit<'ast> for Mentions<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !source::is_for_tests(source::attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        for leaf in leaves(&item.tree) {
            let first = leaf.path.first().cloned().unwrap_or_default();
            if item.leading_colon.is_some() {
                self.outside.insert(first);
            } else if matches!(item.vis, Visibility::Inherited) {
                self.mention(&leaf.path);
            } else if !matches!(first.as_str(), "crate" | "self" | "super") {
                self.outside.insert(first);
            }
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if path.leading_colon.is_some() {
            self.outside.extend(names_of(path).into_iter().next());
        } else {
            self.mention(&names_of(path));
        }
        for segment in &path.segments {
            self.visit_path_arguments(&segment.arguments);
        }
    }

    fn visit_expr_path(&mut self, expression: &'ast ExprPath) {
        let name = expression.path.get_ident();
        if !name.is_some_and(|name| self.is_variable(&name.to_string())) {
            visit::visit_expr_path(self, expression);
        }
    }

    fn visit_block(&mut self, block: &'ast Block) {
        let items = block.stmts.iter().filter_map(|statement| match statement {
            Stmt::Item(item) if !source::is_for_tests(source::attributes(item)) => Some(item),
            _ => None,
        });
        self.blocks.push(Scope::of(items));
        visit::visit_block(self, block);
        self.blocks.pop();
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        let mut variables = Variables::default();
        variables.visit_item_fn(function);
        self.within_function(variables, |this| visit::visit_item_fn(this, function));
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if source::is_for_tests(&function.attrs) {
            return;
        }
        let mut variables = Variables::default();
        variables.visit_impl_item_fn(function);
        self.within_function(variables, |this| visit::visit_impl_item_fn(this, function));
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if source::is_for_tests(&function.attrs) {
            return;
        }
        let mut variables = Variables::default();
        variables.visit_trait_item_fn(function);
        self.within_function(variables, |this| visit::visit_trait_item_fn(this, function));
    }

    fn visit_impl_item_const(&mut self, constant: &'ast ImplItemConst) {
        if !source::is_for_tests(&constant.attrs) {
            visit::visit_impl_item_const(self, constant);
        }
    }

    fn visit_field(&mut self, field: &'ast Field) {
        if !source::is_for_tests(&field.attrs) {
            visit::visit_field(self, field);
        }
    }

    fn visit_variant(&mut self, variant: &'ast Variant) {
        if !source::is_for_tests(&variant.attrs) {
            visit::visit_variant(self, variant);
        }
    }

    fn visit_local(&mut self, local: &'ast Local) {
        if !source::is_for_tests(&local.attrs) {
            visit::visit_local(self, local);
        }
    }

    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        // What `macro_rules!` writes has meaning only where it is used.
        if item.ident.is_none() {
            visit::visit_item_macro(self, item);
        }
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        if call.path.segments.len() > 1 {
            self.outside.extend(names_of(&call.path).into_iter().next());
        }
        self.tokens(&call.tokens, false);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let name = attribute.path();
        if name.segments.len() > 1 {
            self.outside.extend(names_of(name).into_iter().next());
        }
        match &attribute.meta {
            Meta::List(list) => {
                let strings_are_paths = name.is_ident("serde") || name.is_ident("schemars");
                self.tokens(&list.tokens, strings_are_paths);
            }
            Meta::NameValue(pair) if !matches!(pair.value, Expr::Lit(_)) => {
                self.visit_expr(&pair.value);
            }
            _ => {}
        }
    }

    /// `pub(in path)` uses nothing.
    fn visit_vis_restricted(&mut self, _: &'ast VisRestricted) {}
}

/// The names that a function gives to its parameters and variables.
#[derive(Default)]
struct Variables(BTreeSet<String>);

impl<'ast> Visit<'ast> for Variables {
    fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
        let name = pattern.ident.to_string();
        if name.starts_with(char::is_lowercase) {
            self.0.insert(name);
        }
        visit::visit_pat_ident(self, pattern);
    }
}
