//! The keys of the key ring, decoded. What they are used for is the business of `shared::keys`.

use std::{collections::BTreeMap, fmt};

use secrecy::{CloneableSecret, ExposeSecret, SecretBox, zeroize::Zeroize};

use super::{
    agent::decode,
    document,
    problem::{Report, key},
};

/// The digest key and the sealing keys; there is always a newest one.
#[derive(Clone)]
pub struct Keys {
    digest: Key,
    newest: (u32, Key),
    older: BTreeMap<u32, Key>,
}

type Key = SecretBox<Bytes>;

#[derive(Clone)]
struct Bytes([u8; 32]);

impl Zeroize for Bytes {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl CloneableSecret for Bytes {}

impl Keys {
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest.expose_secret().0
    }

    /// The version that seals, and its key.
    pub fn newest(&self) -> (u32, &[u8; 32]) {
        (self.newest.0, &self.newest.1.expose_secret().0)
    }

    /// Those that open, the newest last.
    pub fn versions(&self) -> impl Iterator<Item = u32> {
        self.older.keys().copied().chain([self.newest.0])
    }

    pub fn get(&self, version: u32) -> Option<&[u8; 32]> {
        let key = if version == self.newest.0 {
            &self.newest.1
        } else {
            self.older.get(&version)?
        };
        Some(&key.expose_secret().0)
    }
}

/// The versions alone.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys(sealing with {})", self.newest.0)
    }
}

pub(super) fn resolve(keys: document::Keys, report: &mut Report) -> Option<Keys> {
    let digest = keys
        .digest
        .and_then(|digest| read(digest, "keys.digest".to_owned(), report));
    let mut sealing = BTreeMap::new();
    let written = keys.sealing?;
    if written.is_empty() {
        report.problem("keys.sealing", "must hold at least one key");
    }
    for (version, secret) in written {
        let path = key("keys.sealing", &version);
        match version
            .parse()
            .ok()
            .filter(|number: &u32| *number > 0 && number.to_string() == version)
        {
            Some(number) => sealing
                .extend(secret.and_then(|secret| Some((number, read(secret, path, report)?)))),
            None => report.problem(path, "the version of a key is a whole number from 1"),
        }
    }
    let newest = sealing.pop_last();
    Some(Keys {
        digest: digest?,
        newest: newest?,
        older: sealing,
    })
}

fn read(secret: document::Secret, path: String, report: &mut Report) -> Option<Key> {
    let bytes = secret
        .read()
        .and_then(|secret| decode(secret.expose_secret()));
    let key = bytes.and_then(|bytes| {
        Some(SecretBox::new(Box::new(Bytes(
            bytes.expose_secret().try_into().ok()?,
        ))))
    });
    if key.is_none() {
        report.problem(path, "must be 32 bytes in base64url, 43 characters");
    }
    key
}

#[cfg(test)]
mod tests {
    use super::super::load;

    const DIGEST: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    const KEY: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";

    #[test]
    fn the_highest_version_seals_and_all_of_them_open() {
        let document = format!(
            r#"{{ keys: {{ digest: "{DIGEST}", sealing: {{ "9": "{DIGEST}", "10": "{KEY}=" }} }} }}"#
        );
        let keys = load(&document, &|_| None).unwrap().config.keys.unwrap();
        assert_eq!(keys.digest()[..3], [0, 1, 2]);
        assert_eq!((keys.newest().0, keys.newest().1[0]), (10, 0x20));
        assert_eq!(keys.get(9), Some(keys.digest()));
        assert_eq!(keys.get(10), Some(keys.newest().1));
        assert_eq!(keys.get(11), None);
        assert_eq!(keys.versions().collect::<Vec<_>>(), [9, 10]);
        assert_eq!(format!("{keys:?}"), "Keys(sealing with 10)");
    }

    #[test]
    fn keys_that_are_no_keys_are_refused() {
        for (keys, expected) in [
            (format!("digest: '{KEY}'"), "keys.sealing: is required"),
            (
                format!("digest: '{KEY}', sealing: {{}}"),
                "keys.sealing: must hold at least one key",
            ),
            (
                format!("digest: '{KEY}A', sealing: {{ '1': '{KEY}' }}"),
                "keys.digest: must be 32 bytes in base64url, 43 characters",
            ),
            (
                format!("digest: '{KEY}', sealing: {{ '1': '{KEY}', '02': '{KEY}' }}"),
                "keys.sealing.02: the version of a key is a whole number from 1",
            ),
        ] {
            let problems = load(&format!("{{ keys: {{ {keys} }} }}"), &|_| None).unwrap_err();
            assert_eq!(problems.to_string(), expected);
        }
    }
}
