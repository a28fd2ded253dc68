//! A crate's source as the compiler reads it when no test is built: which file holds which module.

use std::path::{Path, PathBuf};

use syn::{Attribute, Expr, ExprLit, Item, ItemMod, Lit, Meta, Token, punctuated::Punctuated};

/// Without its child modules and without what only tests compile.
pub struct Module {
    pub file: PathBuf,
    pub parent: Option<usize>,
    pub children: Vec<(String, usize)>,
    pub items: Vec<Item>,
}

/// Where the files of a module's children are looked for.
struct Place {
    /// The folder of `child.rs` and `child/mod.rs`.
    children: PathBuf,
    /// The folder that `#[path]` starts from.
    paths: PathBuf,
}

/// All modules of the crate; the first is its root. `text_of` reads a file, if there is one.
pub fn modules(root: &Path, text_of: &dyn Fn(&Path) -> Option<String>) -> Vec<Module> {
    let mut modules = Vec::new();
    file(&mut modules, root, None, true, text_of);
    modules
}

/// The module that a file holds; `None` if only tests compile it.
fn file(
    modules: &mut Vec<Module>,
    file: &Path,
    parent: Option<usize>,
    owns_folder: bool,
    text_of: &dyn Fn(&Path) -> Option<String>,
) -> Option<usize> {
    let text = text_of(file).unwrap_or_else(|| panic!("{}: no such file", file.display()));
    let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    if is_for_tests(&parsed.attrs) {
        return None;
    }
    let folder = file.parent().unwrap();
    let place = Place {
        children: if owns_folder {
            folder.to_owned()
        } else {
            file.with_extension("")
        },
        paths: folder.to_owned(),
    };
    Some(module(modules, file, parent, &place, parsed.items, text_of))
}

fn module(
    modules: &mut Vec<Module>,
    file: &Path,
    parent: Option<usize>,
    place: &Place,
    items: Vec<Item>,
    text_of: &dyn Fn(&Path) -> Option<String>,
) -> usize {
    let this = modules.len();
    let children = Vec::new();
    modules.push(Module {
        file: file.to_owned(),
        parent,
        children,
        items: Vec::new(),
    });
    for item in items {
        if is_for_tests(attributes(&item)) {
            continue;
        }
        let Item::Mod(declared) = item else {
            modules[this].items.push(item);
            continue;
        };
        let name = declared.ident.to_string();
        if let Some(child) = child(modules, file, this, place, declared, text_of) {
            modules[this].children.push((name, child));
        }
    }
    this
}

fn child(
    modules: &mut Vec<Module>,
    parents_file: &Path,
    parent: usize,
    place: &Place,
    declared: ItemMod,
    text_of: &dyn Fn(&Path) -> Option<String>,
) -> Option<usize> {
    let name = declared.ident.to_string();
    if let Some((_, items)) = declared.content {
        let folder = place.children.join(&name);
        let inner = Place {
            children: folder.clone(),
            paths: folder,
        };
        return Some(module(
            modules,
            parents_file,
            Some(parent),
            &inner,
            items,
            text_of,
        ));
    }
    if let Some(path) = path_attribute(&declared.attrs) {
        let path = place.paths.join(path);
        return file(modules, &path, Some(parent), true, text_of);
    }
    let beside = place.children.join(&name).with_added_extension("rs");
    if text_of(&beside).is_some() {
        return file(modules, &beside, Some(parent), false, text_of);
    }
    let inside = place.children.join(&name).join("mod.rs");
    file(modules, &inside, Some(parent), true, text_of)
}

fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes
        .iter()
        .find_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(path),
                    ..
                }) => Some(path.value()),
                _ => None,
            },
            _ => None,
        })
}

/// True for what is compiled only with `cfg(test)`.
pub fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => list
            .parse_args()
            .is_ok_and(|condition| holds_outside_tests(&condition) == Some(false)),
        _ => false,
    })
}

/// `None` if it depends on something else than `test`.
fn holds_outside_tests(condition: &Meta) -> Option<bool> {
    let Meta::List(list) = condition else {
        return if condition.path().is_ident("test") {
            Some(false)
        } else {
            None
        };
    };
    let parts = list
        .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
        .ok()?;
    let parts: Vec<Option<bool>> = parts.iter().map(holds_outside_tests).collect();
    let decided_by = |word: bool| {
        if parts.contains(&Some(word)) {
            Some(word)
        } else if parts.contains(&None) {
            None
        } else {
            Some(!word)
        }
    };
    if list.path.is_ident("not") {
        parts.first().copied().flatten().map(|part| !part)
    } else if list.path.is_ident("all") {
        decided_by(false)
    } else if list.path.is_ident("any") {
        decided_by(true)
    } else {
        None
    }
}

pub fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
