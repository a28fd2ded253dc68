//! Why a body cannot be read.

/// Why a body is no call. The first three are answered with 400, the last with an apology (skill.md
/// §3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    #[error("the body is not json")]
    NotJson,
    #[error("the body is not a json object")]
    NotObject,
    #[error("the body has a key twice")]
    DuplicateKey,
    #[error("the body names no usable sender")]
    NoSender,
}
