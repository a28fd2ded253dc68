//! What people can tell Dari itself.

use unicode_normalization::UnicodeNormalization;

/// In bytes; no command is longer, however it is typed.
const LONGEST: usize = 96;

/// What a person can tell Dari itself. Every language is understood, whatever the account's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Help,
    New,
    Status,
    Forget,
    Collect,
    More,
}

impl Command {
    /// The whole message must be the command; nothing is guessed. Width and decomposed letters do
    /// not matter: they are how some keyboards type.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > LONGEST {
            return None;
        }
        let text: String = text.nfkc().collect();
        match text.to_lowercase().as_str() {
            "/help" | "/도움말" => Some(Self::Help),
            "/new" | "/새대화" => Some(Self::New),
            "/status" | "/상태" => Some(Self::Status),
            "/forget" | "/내정보삭제" => Some(Self::Forget),
            "답변 확인" | "답변확인" | "show answer" => Some(Self::Collect),
            "계속" | "more" => Some(Self::More),
            _ => None,
        }
    }
}
