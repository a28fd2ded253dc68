//! What a path means: the module or the item that it leads to, through imports and re-exports.

use std::collections::HashMap;

use syn::{Item, UseTree};

use crate::source::Module;

#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    Module(usize),
    /// Where it is defined, and the name it has there.
    Item(usize, String),
    /// Another crate, the language itself, or a name that the source does not show.
    Outside,
}

enum Meaning {
    Module(usize),
    Item,
    Import(Vec<String>),
}

/// The names that a module, or a block inside a function, gives meaning to.
#[derive(Default)]
pub struct Scope {
    names: HashMap<String, Vec<Meaning>>,
    globs: Vec<Vec<String>>,
}

/// A name that a `use` brings in: the path it stands for, and what it is called here.
pub struct Leaf {
    pub path: Vec<String>,
    /// `None` for `*`.
    name: Option<String>,
}

pub struct Names {
    scopes: Vec<Scope>,
    parents: Vec<Option<usize>>,
}

impl Names {
    pub fn of(modules: &[Module]) -> Self {
        let scope = |module: &Module| {
            let mut scope = Scope::of(module.items.iter());
            for (name, child) in &module.children {
                scope.add(name.clone(), Meaning::Module(*child));
            }
            scope
        };
        Self {
            scopes: modules.iter().map(scope).collect(),
            parents: modules.iter().map(|module| module.parent).collect(),
        }
    }

    /// Where `path`, written in `module` inside `blocks`, leads to: to several places, if a type, a
    /// function or a module share the name, and to none if nothing has it.
    pub fn resolve(&self, module: usize, blocks: &[Scope], path: &[String]) -> Vec<Target> {
        self.follow(module, blocks, path, &mut Vec::new())
    }

    /// `busy` are the imports being followed, which do not explain themselves.
    fn follow(
        &self,
        module: usize,
        blocks: &[Scope],
        path: &[String],
        busy: &mut Vec<*const String>,
    ) -> Vec<Target> {
        let Some((first, rest)) = path.split_first() else {
            return vec![Target::Module(module)];
        };
        let mut targets = match first.as_str() {
            "crate" => vec![Target::Module(0)],
            "self" => vec![Target::Module(module)],
            "super" => self.parents[module]
                .map(Target::Module)
                .into_iter()
                .collect(),
            name => self.first(module, blocks, name, busy),
        };
        for name in rest {
            let mut next = Vec::new();
            for target in targets {
                match target {
                    Target::Module(inner) if name == "super" => {
                        next.extend(self.parents[inner].map(Target::Module));
                    }
                    Target::Module(inner) => {
                        next.extend(self.within(&self.scopes[inner], inner, &[], name, busy));
                    }
                    item => next.push(item),
                }
            }
            targets = next;
        }
        targets
    }

    fn first(
        &self,
        module: usize,
        blocks: &[Scope],
        name: &str,
        busy: &mut Vec<*const String>,
    ) -> Vec<Target> {
        for (depth, block) in blocks.iter().enumerate().rev() {
            let found = self.within(block, module, &blocks[..=depth], name, busy);
            if !found.is_empty() {
                return found;
            }
        }
        let found = self.within(&self.scopes[module], module, &[], name, busy);
        if found.is_empty() {
            vec![Target::Outside]
        } else {
            found
        }
    }

    fn within(
        &self,
        scope: &Scope,
        module: usize,
        blocks: &[Scope],
        name: &str,
        busy: &mut Vec<*const String>,
    ) -> Vec<Target> {
        if let Some(meanings) = scope.names.get(name) {
            let mut targets = Vec::new();
            for meaning in meanings {
                match meaning {
                    Meaning::Module(child) => targets.push(Target::Module(*child)),
                    Meaning::Item => targets.push(Target::Item(module, name.to_owned())),
                    Meaning::Import(path) => {
                        targets.extend(self.import(module, blocks, path, busy));
                    }
                }
            }
            return targets;
        }
        let mut targets = Vec::new();
        let mut unknown = false;
        for glob in &scope.globs {
            for target in self.import(module, blocks, glob, busy) {
                match target {
                    Target::Module(inner) => {
                        busy.push(glob.as_ptr());
                        targets.extend(self.within(&self.scopes[inner], inner, &[], name, busy));
                        busy.pop();
                    }
                    Target::Item(..) => {}
                    Target::Outside => unknown = true,
                }
            }
        }
        if targets.is_empty() && unknown {
            vec![Target::Outside]
        } else {
            targets
        }
    }

    fn import(
        &self,
        module: usize,
        blocks: &[Scope],
        path: &[String],
        busy: &mut Vec<*const String>,
    ) -> Vec<Target> {
        if busy.contains(&path.as_ptr()) {
            return Vec::new();
        }
        busy.push(path.as_ptr());
        let targets = self.follow(module, blocks, path, busy);
        busy.pop();
        targets
    }
}

impl Scope {
    pub fn of<'a>(items: impl Iterator<Item = &'a Item>) -> Self {
        let mut scope = Self::default();
        for item in items {
            let name = match item {
                Item::Const(item) => &item.ident,
                Item::Enum(item) => &item.ident,
                Item::Fn(item) => &item.sig.ident,
                Item::Static(item) => &item.ident,
                Item::Struct(item) => &item.ident,
                Item::Trait(item) => &item.ident,
                Item::TraitAlias(item) => &item.ident,
                Item::Type(item) => &item.ident,
                Item::Union(item) => &item.ident,
                Item::Use(item) if item.leading_colon.is_none() => {
                    scope.import(&item.tree);
                    continue;
                }
                _ => continue,
            };
            scope.add(name.to_string(), Meaning::Item);
        }
        scope
    }

    fn import(&mut self, tree: &UseTree) {
        for leaf in leaves(tree) {
            match leaf.name {
                Some(name) => self.add(name, Meaning::Import(leaf.path)),
                None => self.globs.push(leaf.path),
            }
        }
    }

    fn add(&mut self, name: String, meaning: Meaning) {
        self.names.entry(name).or_default().push(meaning);
    }
}

pub fn leaves(tree: &UseTree) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    gather(tree, &mut Vec::new(), &mut leaves);
    leaves
}

fn gather(tree: &UseTree, path: &mut Vec<String>, leaves: &mut Vec<Leaf>) {
    let (last, rename) = match tree {
        UseTree::Path(step) => {
            path.push(step.ident.to_string());
            gather(&step.tree, path, leaves);
            path.pop();
            return;
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                gather(tree, path, leaves);
            }
            return;
        }
        UseTree::Glob(_) => {
            leaves.push(Leaf {
                path: path.clone(),
                name: None,
            });
            return;
        }
        UseTree::Name(leaf) => (leaf.ident.to_string(), None),
        UseTree::Rename(leaf) => (leaf.ident.to_string(), Some(leaf.rename.to_string())),
    };
    let mut path = path.clone();
    // `a::{self}` is `a`.
    if last != "self" || path.is_empty() {
        path.push(last);
    }
    let name = rename.or_else(|| path.last().cloned());
    leaves.push(Leaf { path, name });
}
