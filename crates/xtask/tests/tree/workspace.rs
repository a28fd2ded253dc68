//! The workspace as cargo sees it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use serde::Deserialize;

/// Read once for the whole binary; needs no network.
pub static WORKSPACE: LazyLock<Workspace> = LazyLock::new(|| {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    serde_json::from_slice(&output.stdout).unwrap()
});

#[derive(Deserialize)]
pub struct Workspace {
    packages: Vec<Package>,
    #[serde(rename = "workspace_members")]
    members: Vec<String>,
    #[serde(rename = "workspace_root")]
    root: PathBuf,
    resolve: Resolve,
}

#[derive(Deserialize)]
pub struct Package {
    id: String,
    pub name: String,
    pub manifest_path: PathBuf,
    pub dependencies: Vec<Dependency>,
    targets: Vec<Target>,
}

/// As the manifest states it.
#[derive(Deserialize)]
pub struct Dependency {
    pub name: String,
    pub rename: Option<String>,
    #[serde(default)]
    pub kind: Option<Kind>,
}

/// `None` in its place is a normal dependency.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Build,
    Dev,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    src_path: PathBuf,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<DepKind>,
}

#[derive(Deserialize)]
struct DepKind {
    kind: Option<Kind>,
}

impl Workspace {
    pub fn members(&self) -> impl Iterator<Item = &Package> {
        let is_member = |package: &&Package| self.members.contains(&package.id);
        self.packages.iter().filter(is_member)
    }

    /// `path` as it is written in the repository.
    pub fn relative<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }

    /// Which package builds which: normal and build dependencies, as the lock file resolves them.
    pub fn graph(&self) -> BTreeMap<&str, Vec<&str>> {
        let names: BTreeMap<&str, &str> = self
            .packages
            .iter()
            .map(|package| (package.id.as_str(), package.name.as_str()))
            .collect();
        let mut graph: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for node in &self.resolve.nodes {
            let built = node.deps.iter().filter(|edge| {
                let is_built = |of: &DepKind| of.kind != Some(Kind::Dev);
                edge.dep_kinds.iter().any(is_built)
            });
            let built = built.map(|edge| names[edge.pkg.as_str()]);
            graph
                .entry(names[node.id.as_str()])
                .or_default()
                .extend(built);
        }
        graph
    }
}

impl Package {
    pub fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap()
    }

    /// The root files of what is built for people: its library and its programs.
    pub fn roots(&self) -> impl Iterator<Item = &Path> {
        let is_built = |target: &&Target| {
            target
                .kind
                .iter()
                .any(|kind| matches!(kind.as_str(), "lib" | "bin"))
        };
        self.targets
            .iter()
            .filter(is_built)
            .map(|target| target.src_path.as_path())
    }
}
