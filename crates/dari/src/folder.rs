//! `.dari/` in the current directory: the configuration and keys that `dari dev` makes, and a note
//! that says where the running one is.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, anyhow};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::{
    config::{self, Config, Loaded},
    env::process_env,
    keys::{KeyRing, Keys, hex, random},
};

use crate::failure::Failure;

const FOLDER: &str = ".dari";

/// The note that a running `dari dev` leaves about itself.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Running {
    pub(crate) url: String,
    pub(crate) dynamodb: String,
    pub(crate) config: PathBuf,
    pub(crate) emulator: bool,
    pub(crate) agent: Option<String>,
    /// The keys in use, as a document writes them. The configuration may take them from variables
    /// that are set only in the terminal of `dari dev`.
    pub(crate) keys: String,
    /// The last edit of the configuration, if it could not be used.
    #[serde(default)]
    pub(crate) rejected: Option<Rejected>,
}

/// An edit of the configuration that did not come into force.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Rejected {
    pub(crate) why: String,
    /// The document that is in force instead.
    in_force: String,
}

impl Running {
    pub(crate) fn read() -> Option<Self> {
        serde_json::from_str(&fs::read_to_string(running_file()).ok()?).ok()
    }

    /// The configuration in force, for commands that need to know only which accounts there are. A
    /// `dari dev` that runs on with an older one than its file holds has noted that within a
    /// second or two.
    pub(crate) async fn configuration(&mut self) -> Result<Loaded, Failure> {
        let with_stand_ins = |name: &str| Some(stand_in(name));
        let mut loaded = self.in_force_with(&with_stand_ins);
        for _ in 0..25 {
            if loaded.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            match Self::read() {
                Some(newer) => *self = newer,
                None => break,
            }
            loaded = self.in_force_with(&with_stand_ins);
        }
        loaded
    }

    /// The same with its secrets, which takes every variable of the document.
    pub(crate) fn configuration_with_secrets(&self) -> Result<Loaded, Failure> {
        self.in_force_with(&process_env)
    }

    fn in_force_with(&self, env: config::Env<'_>) -> Result<Loaded, Failure> {
        match &self.rejected {
            Some(rejected) => parse(&self.config, &rejected.in_force, env),
            None => load_with(&self.config, env),
        }
    }

    /// Why the configuration as it stands in its file is not in force; nothing if it is.
    pub(crate) fn rejected_edit(&self) -> Option<&str> {
        Some(&self.rejected.as_ref()?.why)
    }

    /// Notes that an edit of the configuration was rejected, or that there is nothing to note any
    /// more.
    pub(crate) fn note(&mut self, rejected: Option<(String, &str)>) {
        self.rejected = rejected.map(|(why, in_force)| Rejected {
            why,
            in_force: in_force.to_owned(),
        });
        let ours = Self::read().is_some_and(|running| running.url == self.url);
        if ours && let Err(error) = self.write() {
            eprintln!("dari: {error:#}");
        }
    }

    pub(crate) fn key_ring(&self) -> Result<KeyRing, Failure> {
        let loaded = config::load(&self.keys, &|_| None).ok();
        let keys = loaded.and_then(|loaded| loaded.config.keys);
        keys.map(KeyRing::new).ok_or_else(|| {
            Failure::failed("what `dari dev` noted about itself is unreadable: start it again")
        })
    }

    /// Whether this `dari dev` still runs: a killed one leaves its note behind.
    pub(crate) async fn is_there(&self) -> bool {
        let address = self.dynamodb.trim_start_matches("http://");
        tokio::net::TcpStream::connect(address).await.is_ok()
    }

    /// Makes the commands in this directory talk to this bundle. Returns the bundle that they
    /// talked to before, if it still runs.
    pub(crate) async fn take_over(&self) -> Result<Option<Self>> {
        let other = match Self::read() {
            Some(other) if other.is_there().await => Some(other),
            _ => None,
        };
        if let Some(other) = &other {
            eprintln!(
                "dari: another `dari dev` runs in this directory, on {}: commands here now talk to this one",
                other.url
            );
        }
        self.write()?;
        Ok(other)
    }

    /// Makes the commands in this directory talk to the other bundle again, if it still runs.
    pub(crate) async fn give_back(&self, other: Option<Self>) {
        self.remove();
        if let Some(other) = other
            && Self::read().is_none()
            && other.is_there().await
        {
            // If this fails, commands say that nothing runs here.
            let _ = other.write();
        }
    }

    fn write(&self) -> Result<()> {
        private_file(&running_file(), &serde_json::to_string_pretty(self)?)
    }

    /// Removes the note, unless another bundle has replaced it meanwhile.
    fn remove(&self) {
        if Self::read().is_some_and(|running| running.url == self.url) {
            // It is as good if the note is gone already.
            let _ = fs::remove_file(running_file());
        }
    }
}

/// Where the configuration is that `dari dev` makes here.
pub(crate) fn own_config() -> PathBuf {
    Path::new(FOLDER).join("config.json5")
}

/// Where `dari dev` keeps its tables unless told otherwise.
pub(crate) fn usual_data() -> PathBuf {
    Path::new(FOLDER).join("data")
}

/// Keeps what is in this folder out of the repository it may lie in.
pub(crate) fn hide_from_git() -> Result<()> {
    let file = Path::new(FOLDER).join(".gitignore");
    if file.exists() {
        return Ok(());
    }
    private_file(&file, "*\n")
}

fn running_file() -> PathBuf {
    Path::new(FOLDER).join("dev.json")
}

/// The configuration in `file`; without one, the one of this directory, which is made if it is
/// missing.
pub(crate) fn load_or_make(file: Option<PathBuf>) -> Result<(PathBuf, Loaded), Failure> {
    let file = match file {
        Some(file) => file,
        None => {
            let file = own_config();
            if !file.exists() {
                private_file(&file, &fresh_config()?)?;
            }
            file
        }
    };
    let loaded = load(&file)?;
    Ok((file, loaded))
}

pub(crate) fn load(file: &Path) -> Result<Loaded, Failure> {
    load_with(file, &process_env)
}

/// A variable that is set only in the terminal of `dari dev` need not be set elsewhere: a stand-in
/// takes its place, which has the form of a key and is a different one for every name.
fn stand_in(name: &str) -> String {
    let stand_in = || {
        format!("{:A<43}", hex(name.as_bytes()))
            .chars()
            .take(43)
            .collect()
    };
    process_env(name).unwrap_or_else(stand_in)
}

fn load_with(file: &Path, env: config::Env<'_>) -> Result<Loaded, Failure> {
    parse(file, &text_of(file)?, env)
}

/// What stands in a configuration.
pub(crate) fn text_of(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file)
        .map_err(|error| Failure::usage(format!("{} cannot be read: {error}", file.display())))
}

/// The configuration that stands in `file`.
pub(crate) fn parse(file: &Path, text: &str, env: config::Env<'_>) -> Result<Loaded, Failure> {
    config::load(text, env).map_err(|problems| {
        let count = problems.iter().count();
        let first = problems
            .iter()
            .next()
            .map(ToString::to_string)
            .unwrap_or_default();
        let more = if count > 1 {
            format!(
                " (and {} more; see `dari config check {}`)",
                count - 1,
                file.display()
            )
        } else {
            String::new()
        };
        Failure::usage(format!("{}: {first}{more}", file.display()))
    })
}

/// The configuration's keys, or a set of this directory's own, which is made if it is missing.
pub(crate) fn keys(config: &Config) -> Result<Keys> {
    if let Some(keys) = &config.keys {
        return Ok(keys.clone());
    }
    let file = Path::new(FOLDER).join("keys.json5");
    // Whoever goes on from the configuration made here to one of their own keeps what is stored.
    if !file.exists()
        && let Ok(own) = load(&own_config())
        && let Some(keys) = own.config.keys
    {
        return Ok(keys);
    }
    if !file.exists() {
        private_file(
            &file,
            &format!(
                "// Made by `dari dev`: what it stored can be read only with these.\n{{ keys: {} }}\n",
                fresh_keys()?
            ),
        )?;
    }
    let loaded = load(&file).map_err(|failure| anyhow!(failure.to_string()))?;
    let keys = loaded.config.keys;
    keys.with_context(|| format!("{} holds no keys", file.display()))
}

/// A document with nothing but these keys.
pub(crate) fn written(keys: &Keys) -> String {
    let text = |key: &[u8; 32]| BASE64_URL_SAFE_NO_PAD.encode(key);
    let sealing: BTreeMap<_, _> = keys
        .versions()
        .filter_map(|version| Some((version, text(keys.get(version)?))))
        .collect();
    json!({ "keys": { "digest": text(keys.digest()), "sealing": sealing } }).to_string()
}

/// 32 random bytes as text: a skill key, or one of the keys of a document.
pub(crate) fn fresh_secret() -> Result<String> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// A secret that signs calls, as Standard Webhooks writes it: with padding, because not every
/// library does without.
pub(crate) fn fresh_webhook_secret() -> Result<String> {
    Ok(format!("whsec_{}", BASE64_STANDARD.encode(random::<32>()?)))
}

/// The `keys` of a document that has none yet.
pub(crate) fn fresh_keys() -> Result<Value> {
    Ok(json!({ "digest": fresh_secret()?, "sealing": { "1": fresh_secret()? } }))
}

fn fresh_config() -> Result<String> {
    Ok(format!(
        r#"// Made by `dari dev`. Change it as you like: `dari config check` says what is wrong with it.
{{
  channels: {{
    kakao: {{
      enabled: true,
      name: "다리",
      // The value of the header X-Dari-Skill-Key that Kakao's console sends with every message.
      skillKey: "{}",
      // pairing: strangers wait for your approval | allowlist | open | disabled
      dmPolicy: "pairing",
    }},
  }},
  agents: {{
    // kind: echo | openclaw | openai-chat | openai-responses | webhook
    main: {{ kind: "echo" }},
  }},
  // What Dari stores can be read only with these.
  keys: {},
}}
"#,
        fresh_secret()?,
        fresh_keys()?
    ))
}

/// Writes a file that only its owner can read.
pub(crate) fn private_file(file: &Path, text: &str) -> Result<()> {
    let write = || -> std::io::Result<()> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(file)?;
        // `mode` holds only for a new file; an old one may have been open to others.
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        file.write_all(text.as_bytes())
    };
    write().with_context(|| format!("{} cannot be written", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_file_is_private_even_if_it_was_open_to_others() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/config.json5");
        let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        private_file(&file, "one").unwrap();
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        private_file(&file, "2").unwrap();
        assert_eq!(
            (mode(), fs::read_to_string(&file).unwrap().as_str()),
            (0o600, "2")
        );
    }
}
