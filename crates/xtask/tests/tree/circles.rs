//! No circles: a file does not use what is defined in a file that, in however many steps, uses what
//! is defined in it.
//!
//! `mod` declarations and re-exports use nothing. Who imports a re-exported name uses the file that
//! defines it. A method is not seen where it is called, only the types that are named.

mod mentions;
mod names;
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use self::{mentions::Mentions, names::Names};
use crate::{
    source,
    workspace::{Package, WORKSPACE},
};

/// Every library and program of the workspace, by its root file. Read once for all tests.
pub static USES: LazyLock<BTreeMap<&Path, Uses>> = LazyLock::new(|| {
    let roots = WORKSPACE.members().flat_map(Package::roots);
    roots.map(|root| (root, Uses::read(root))).collect()
});

/// What one crate's files use of each other.
#[derive(Default)]
pub struct Uses {
    /// From a file to a file: the names that it uses of it.
    arrows: BTreeMap<PathBuf, BTreeMap<PathBuf, BTreeSet<String>>>,
    /// The first names of paths that lead out of the crate.
    pub outside: BTreeSet<String>,
    unresolved: BTreeSet<String>,
}

impl Uses {
    fn read(root: &Path) -> Self {
        Self::of(root, &|path| fs::read_to_string(path).ok())
    }

    fn of(root: &Path, text_of: &dyn Fn(&Path) -> Option<String>) -> Self {
        let modules = source::modules(root, text_of);
        let names = Names::of(&modules);
        let mut uses = Self::default();
        for (index, module) in modules.iter().enumerate() {
            let mentions = Mentions::of(&names, index, &module.items);
            for (definer, name) in mentions.items {
                let definer = &modules[definer].file;
                if *definer != module.file {
                    let arrows = uses.arrows.entry(module.file.clone()).or_default();
                    arrows.entry(definer.clone()).or_default().insert(name);
                }
            }
            uses.outside.extend(mentions.outside);
            let file = module.file.display();
            let unresolved = mentions.unresolved.into_iter();
            uses.unresolved
                .extend(unresolved.map(|path| format!("{file}: {path}")));
        }
        uses
    }

    /// The groups of files that lead around to each other.
    fn circles(&self) -> Vec<BTreeSet<&Path>> {
        let reachable: BTreeMap<&Path, BTreeSet<&Path>> = self
            .arrows
            .keys()
            .map(|file| (file.as_path(), self.reachable(file)))
            .collect();
        let reaches =
            |from: &Path, to: &Path| reachable.get(from).is_some_and(|all| all.contains(to));
        let mut circles: Vec<BTreeSet<&Path>> = Vec::new();
        for (&file, all) in &reachable {
            let is_known = circles.iter().any(|circle| circle.contains(file));
            if reaches(file, file) && !is_known {
                circles.push(
                    all.iter()
                        .copied()
                        .filter(|&other| reaches(other, file))
                        .collect(),
                );
            }
        }
        circles
    }

    fn reachable(&self, file: &Path) -> BTreeSet<&Path> {
        let mut found = BTreeSet::new();
        let mut open = vec![file];
        while let Some(file) = open.pop() {
            for next in self.arrows.get(file).into_iter().flat_map(BTreeMap::keys) {
                if found.insert(next.as_path()) {
                    open.push(next);
                }
            }
        }
        found
    }

    /// The arrows of a circle, a line each: which file uses what of which.
    fn describe(&self, circle: &BTreeSet<&Path>, shown: impl Fn(&Path) -> PathBuf) -> String {
        let mut text = format!("a circle of {} files:\n", circle.len());
        for (from, arrows) in &self.arrows {
            for (to, names) in arrows {
                if circle.contains(from.as_path()) && circle.contains(to.as_path()) {
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    let (from, to) = (shown(from), shown(to));
                    let names = names.join(", ");
                    writeln!(text, "  {} → {}: {names}", from.display(), to.display()).unwrap();
                }
            }
        }
        text
    }
}

#[test]
fn no_file_uses_a_file_that_leads_back_to_it() {
    let mut found = String::new();
    for uses in USES.values() {
        for circle in uses.circles() {
            let shown = |path: &Path| WORKSPACE.relative(path).to_owned();
            writeln!(found, "{}", uses.describe(&circle, shown)).unwrap();
        }
    }
    assert!(
        found.is_empty(),
        "move what both need to where both can see it\n\n{found}"
    );
}

/// What is not understood could hide a circle.
#[test]
fn every_path_into_a_crate_is_understood() {
    for uses in USES.values() {
        assert!(uses.unresolved.is_empty(), "{:#?}", uses.unresolved);
    }
}
