//! Reads the keys that protect what is stored. What they are used for is the business of
//! [`crate::keys`].

use std::collections::BTreeMap;

use schemars::JsonSchema;
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::read::{
    problem::{Report, key},
    values::{self, Secret},
};
use crate::keys::{Key, Keys};

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Keys")]
pub(super) struct Written {
    /// 32 random bytes in base64url: makes the digests that stand for people. Never change it.
    #[schemars(required)]
    digest: Option<Secret>,
    /// 32 random bytes in base64url under each version number: the highest seals, all of them open.
    #[schemars(required, with = "BTreeMap<String, Secret>")]
    sealing: Option<BTreeMap<String, Option<Secret>>>,
}

impl Written {
    pub(super) fn read(self, report: &mut Report) -> Option<Keys> {
        let digest = self
            .digest
            .and_then(|digest| read(digest, "keys.digest".to_owned(), report));
        let mut sealing = BTreeMap::new();
        let written = self.sealing?;
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
        Keys::new(digest?, sealing)
    }
}

fn read(secret: Secret, path: String, report: &mut Report) -> Option<Key> {
    let bytes = secret
        .read()
        .and_then(|secret| values::base64(secret.expose_secret()));
    let key = bytes.and_then(|bytes| Key::new(bytes.expose_secret()));
    if key.is_none() {
        report.problem(path, "must be 32 bytes in base64url, 43 characters");
    }
    key
}

#[cfg(test)]
mod tests {
    use super::super::load;
    use crate::test_keys::{DIGEST, SEALING};

    #[test]
    fn the_highest_version_seals_and_all_of_them_open() {
        let document = format!(
            r#"{{ keys: {{ digest: "{DIGEST}", sealing: {{ "9": "{DIGEST}", "10": "{SEALING}=" }} }} }}"#
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
            (format!("digest: '{SEALING}'"), "keys.sealing: is required"),
            (
                format!("digest: '{SEALING}', sealing: {{}}"),
                "keys.sealing: must hold at least one key",
            ),
            (
                format!("digest: '{SEALING}A', sealing: {{ '1': '{SEALING}' }}"),
                "keys.digest: must be 32 bytes in base64url, 43 characters",
            ),
            (
                format!("digest: '{SEALING}', sealing: {{ '1': '{SEALING}', '02': '{SEALING}' }}"),
                "keys.sealing.02: the version of a key is a whole number from 1",
            ),
        ] {
            let problems = load(&format!("{{ keys: {{ {keys} }} }}"), &|_| None).unwrap_err();
            assert_eq!(problems.to_string(), expected);
        }
    }
}
