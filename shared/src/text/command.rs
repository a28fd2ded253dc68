//! What people can tell Dari itself.

use unicode_normalization::UnicodeNormalization;

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
    /// In bytes, with room for white space around it.
    const LONGEST: usize = 200;

    /// The whole message must be the command; nothing is guessed. Some keyboards write Hangul in its
    /// letters, others in full width.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > Self::LONGEST {
            return None;
        }
        let text: String = text.nfkc().collect();
        match text.trim().to_lowercase().as_str() {
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
