//! The key ring: digests that stand for people in tables and logs, and the encryption of everything
//! we store about them.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{PoisonError, RwLock, RwLockReadGuard},
};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    digest,
    error::Unspecified,
    hmac,
    rand::{SecureRandom, SystemRandom},
};
use secrecy::{CloneableSecret, ExposeSecret, SecretBox, zeroize::Zeroize};
use subtle::ConstantTimeEq;

/// A sealed value does not open: another key, bound to something else, or changed bytes.
#[derive(Debug, thiserror::Error)]
#[error("a sealed value cannot be opened with the configured keys")]
pub struct CannotOpen;

/// The operating system's generator gave nothing.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random bytes")]
pub struct NoRandomness;

/// With another digest key nothing stored would be found again.
#[derive(Debug, thiserror::Error)]
#[error("keys.digest is another one than before")]
pub struct DigestChanged;

/// The digest key and the sealing keys; there is always a newest one.
#[derive(Clone)]
pub struct Keys {
    digest: Key,
    newest: (u32, Key),
    older: BTreeMap<u32, Key>,
}

/// 256 bits, never shown.
#[derive(Clone)]
pub struct Key(SecretBox<Bytes>);

#[derive(Clone)]
struct Bytes([u8; 32]);

impl Zeroize for Bytes {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl CloneableSecret for Bytes {}

impl Key {
    /// `None` unless there are 32 bytes.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let bytes = Bytes(bytes.try_into().ok()?);
        Some(Self(SecretBox::new(Box::new(bytes))))
    }

    fn bytes(&self) -> &[u8; 32] {
        &self.0.expose_secret().0
    }
}

impl Keys {
    /// The sealing keys by their versions; `None` without any.
    pub fn new(digest: Key, mut sealing: BTreeMap<u32, Key>) -> Option<Self> {
        Some(Self {
            digest,
            newest: sealing.pop_last()?,
            older: sealing,
        })
    }

    pub fn digest(&self) -> &[u8; 32] {
        self.digest.bytes()
    }

    /// The version that seals, and its key.
    pub fn newest(&self) -> (u32, &[u8; 32]) {
        (self.newest.0, self.newest.1.bytes())
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
        Some(key.bytes())
    }
}

/// The versions alone.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys(sealing with {})", self.newest.0)
    }
}

/// The configured keys, ready to use.
pub struct KeyRing {
    digest: hmac::Key,
    keys: RwLock<Keys>,
}

impl KeyRing {
    pub fn new(keys: Keys) -> Self {
        Self {
            digest: hmac::Key::new(hmac::HMAC_SHA256, keys.digest()),
            keys: RwLock::new(keys),
        }
    }

    /// Takes over the sealing keys of a configuration that was read again. The digest key must be
    /// the same.
    pub fn replace(&self, keys: Keys) -> Result<(), DigestChanged> {
        let mut held = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if !same_secret(keys.digest(), held.digest()) {
            return Err(DigestChanged);
        }
        *held = keys;
        Ok(())
    }

    fn keys(&self) -> RwLockReadGuard<'_, Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A keyed digest of `parts`, 32 lower-case hex characters. Parts are length-prefixed, so that
    /// `["ab", "c"]` and `["a", "bc"]` differ.
    pub fn digest(&self, parts: &[&str]) -> String {
        let tag = hmac::sign(&self.digest, &framed(parts));
        hex(tag.as_ref().get(..16).unwrap_or_default())
    }

    /// Encrypts with the newest key. It opens only with the same `bound_to`: moved to another row
    /// or used for something else, it does not.
    pub fn seal(&self, bound_to: &[&str], plain: &[u8]) -> Result<Vec<u8>, NoRandomness> {
        let keys = self.keys();
        let (version, key) = keys.newest();
        let nonce: [u8; NONCE_LEN] = random()?;
        let mut sealed = [&version.to_be_bytes()[..], &nonce[..]].concat();
        let mut body = plain.to_vec();
        cipher(key)
            .and_then(|cipher| {
                let nonce = Nonce::assume_unique_for_key(nonce);
                cipher.seal_in_place_append_tag(nonce, aad(version, bound_to), &mut body)
            })
            // The cipher refuses only bodies of 64 GiB: in practice it is the generator that fails.
            .map_err(|_| NoRandomness)?;
        sealed.append(&mut body);
        Ok(sealed)
    }

    pub fn open(&self, bound_to: &[&str], sealed: &[u8]) -> Result<Vec<u8>, CannotOpen> {
        let (version, rest) = sealed.split_first_chunk::<4>().ok_or(CannotOpen)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(CannotOpen)?;
        let version = u32::from_be_bytes(*version);
        let keys = self.keys();
        let key = keys.get(version).ok_or(CannotOpen)?;
        let mut body = body.to_vec();
        let plain = cipher(key)
            .and_then(|cipher| {
                let nonce = Nonce::assume_unique_for_key(*nonce);
                let plain = cipher.open_in_place(nonce, aad(version, bound_to), &mut body)?;
                Ok(plain.len())
            })
            .map_err(|_| CannotOpen)?;
        body.truncate(plain);
        Ok(body)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRing")
    }
}

fn cipher(key: &[u8; 32]) -> Result<LessSafeKey, Unspecified> {
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key)?))
}

fn aad(version: u32, bound_to: &[&str]) -> Aad<Vec<u8>> {
    let mut bytes = version.to_be_bytes().to_vec();
    bytes.append(&mut framed(bound_to));
    Aad::from(bytes)
}

fn framed(parts: &[&str]) -> Vec<u8> {
    parts
        .iter()
        .flat_map(|part| [&(part.len() as u64).to_be_bytes()[..], part.as_bytes()].concat())
        .collect()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// Bytes from the operating system's generator.
pub fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// A name that nobody else has: 32 lower-case hex characters.
pub fn random_id() -> Result<String, NoRandomness> {
    Ok(hex(&random::<16>()?))
}

/// Whether two secrets are equal. The time it takes tells nothing about where they differ, because
/// both sides are digested first.
pub fn same_secret(given: &[u8], expected: &[u8]) -> bool {
    let [given, expected] = [given, expected].map(|side| digest::digest(&digest::SHA256, side));
    given.as_ref().ct_eq(expected.as_ref()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config, test_keys::DIGEST};

    fn ring(document: &str) -> KeyRing {
        let loaded = config::load(document, &|_| None).unwrap();
        KeyRing::new(loaded.config.keys.unwrap())
    }

    const ONE: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";
    const TWO: &str = "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8";

    fn old() -> KeyRing {
        ring(&format!(
            r#"{{ keys: {{ digest: "{DIGEST}", sealing: {{ "1": "{ONE}" }} }} }}"#
        ))
    }

    fn rotated() -> KeyRing {
        ring(&format!(
            r#"{{ keys: {{ digest: "{DIGEST}", sealing: {{ "1": "{ONE}", "2": "{TWO}" }} }} }}"#
        ))
    }

    #[test]
    fn f31_digests_are_stable_and_parts_do_not_run_together() {
        assert_eq!(
            old().digest(&["kakao", "default", "botUserKey:abc"]),
            "5297553347946a3a69538b662546fe48"
        );
        assert_eq!(old().digest(&["a"]), rotated().digest(&["a"]));
        assert_ne!(old().digest(&["ab", "c"]), old().digest(&["a", "bc"]));
    }

    #[test]
    fn what_an_older_key_sealed_still_opens_after_rotation() {
        let sealed = old().seal(&["turns", "c1"], "안녕".as_bytes()).unwrap();
        assert_eq!(
            rotated().open(&["turns", "c1"], &sealed).unwrap(),
            "안녕".as_bytes()
        );
        let newer = rotated().seal(&["turns", "c1"], b"x").unwrap();
        assert!(old().open(&["turns", "c1"], &newer).is_err());
    }

    #[test]
    fn a_ring_takes_over_new_sealing_keys_and_refuses_another_digest_key() {
        let ring = old();
        let newer = rotated().seal(&["turns", "c1"], b"x").unwrap();
        assert!(ring.open(&["turns", "c1"], &newer).is_err());
        let keys = |document: &str| {
            let loaded = config::load(document, &|_| None).unwrap();
            loaded.config.keys.unwrap()
        };
        let two = format!(r#"{{ keys: {{ digest: "{DIGEST}", sealing: {{ "2": "{TWO}" }} }} }}"#);
        ring.replace(keys(&two)).unwrap();
        assert_eq!(ring.open(&["turns", "c1"], &newer).unwrap(), b"x");
        let other = format!(r#"{{ keys: {{ digest: "{ONE}", sealing: {{ "3": "{ONE}" }} }} }}"#);
        assert!(ring.replace(keys(&other)).is_err());
        assert_eq!(ring.open(&["turns", "c1"], &newer).unwrap(), b"x");
    }

    #[test]
    fn f77_moved_or_changed_ciphertext_does_not_open() {
        let ring = old();
        let sealed = ring.seal(&["turns", "c1"], b"answer").unwrap();
        assert!(ring.open(&["turns", "c2"], &sealed).is_err());
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert!(
                ring.open(&["turns", "c1"], &changed).is_err(),
                "byte {position}"
            );
        }
        assert!(ring.open(&["turns", "c1"], b"short").is_err());
    }

    #[test]
    fn f04_only_equal_secrets_are_the_same() {
        assert!(same_secret(
            b"0123456789abcdef01234567",
            b"0123456789abcdef01234567"
        ));
        for wrong in [
            &b""[..],
            b"0123456789abcdef0123456",
            b"0123456789abcdef012345678",
            b"x123456789abcdef01234567",
        ] {
            assert!(!same_secret(wrong, b"0123456789abcdef01234567"));
        }
    }
}
