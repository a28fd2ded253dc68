//! Where keys and ids come from: derived ones are the same every time, fresh ones are random.

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Always the same bytes for the `kind` of thing that `owner` has under this name.
pub(crate) fn derived(kind: &str, owner: &str, name: &str) -> [u8; 33] {
    let named = format!("{kind}\n{}\n{owner}\n{name}", owner.len());
    let digest = digest::digest(&digest::SHA384, named.as_bytes());
    *digest.as_ref().first_chunk().unwrap_or(&[0; 33])
}

/// Random bytes.
pub(crate) fn fresh<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // On failure the bytes stay zero, which is good enough for an emulator.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    bytes
}

/// 24 random characters that are safe in a path.
pub(crate) fn fresh_token() -> String {
    URL_SAFE_NO_PAD.encode(fresh::<18>())
}

/// A random UUID, version 4.
pub(crate) fn fresh_uuid() -> String {
    let bits = u128::from_be_bytes(fresh()) & !(0xf << 76) | 0x4 << 76;
    let bits = bits & !(0x3 << 62) | 0x2 << 62;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        bits >> 96,
        bits >> 80 & 0xffff,
        bits >> 64 & 0xffff,
        bits >> 48 & 0xffff,
        bits & 0xffff_ffff_ffff,
    )
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_keys_stay_and_fresh_ones_differ() {
        assert_eq!(derived("user", "a", "b"), derived("user", "a", "b"));
        assert_ne!(derived("user", "a", "b"), derived("user", "ab", ""));
        assert_ne!(fresh_token(), fresh_token());
        assert_eq!(fresh_token().len(), 24);
        let uuid = fresh_uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!(uuid.as_bytes()[14], b'4');
    }
}
