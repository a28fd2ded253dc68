//! Every sentence a person sees, in one place per language.

mod en;
mod ko;

use std::borrow::Cow;

use crate::{
    access::Code,
    clock::Time,
    config::Locale,
    identity::{AccountId, Scope, SenderId},
    reply::PlainText,
    turn::Status,
};

/// Something Dari itself says, as opposed to the agent.
#[derive(Clone, Copy, Debug)]
pub enum Line<'a> {
    /// While a callback is on its way; shown only if the block's waiting message asks for it.
    Waiting,
    StillThinking,
    NothingToCollect,
    PairingCode {
        code: &'a Code,
        sender: &'a SenderId,
        scope: &'a Scope,
    },
    PairingWaits,
    PairingFull,
    KeptOut,
    Disabled,
    OtherBot,
    SkillTest,
    BotTest,
    Welcome,
    WelcomeStranger,
    News,
    UnsupportedMedia,
    RefusedPicture,
    PictureTooLarge {
        /// In MB.
        max: usize,
    },
    PictureGone,
    UnknownPicture,
    SentTwice,
    OneMoment,
    TooManyWaiting,
    TooFast,
    Crowded,
    Replaced,
    TryAgain,
    NoAgent,
    AgentUnreachable,
    AgentFailed,
    AgentMisconfigured,
    AgentCannotTake,
    AgentSilent,
    AgentTooSlow,
    Help,
    NewSession,
    Status {
        status: Status,
        now: Time,
    },
    Forgotten,
    ForgottenRoom,
    MoreInRoom,
}

impl Line<'_> {
    pub fn in_language(&self, locale: Locale) -> PlainText {
        let line = match locale {
            Locale::Ko => ko::line(self),
            Locale::En => en::line(self),
        };
        PlainText::literal(&line).unwrap_or_default()
    }
}

/// The words on a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    Collect,
    More,
}

impl Label {
    pub fn in_language(self, locale: Locale) -> &'static str {
        match locale {
            Locale::Ko => ko::label(self),
            Locale::En => en::label(self),
        }
    }
}

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
    /// The whole message must be the command; nothing is guessed.
    pub fn parse(text: &str) -> Option<Self> {
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

/// What the owner types to let somebody in.
fn approve_command(code: &Code, scope: &Scope) -> String {
    let Scope { channel, account } = scope;
    let account = if *account == AccountId::default() {
        String::new()
    } else {
        format!(" --account {account}")
    };
    format!("dari pairing approve {channel} {}{account}", code.expose())
}

fn ago(since: Time, now: Time) -> (u64, u64) {
    let minutes = now.since(since).as_secs() / 60;
    (minutes / 60, minutes % 60)
}

type Words = Cow<'static, str>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Channel;

    #[test]
    fn commands_are_understood_in_both_languages_and_nothing_else_is() {
        for (text, command) in [
            ("/help", Some(Command::Help)),
            (" /도움말\n", Some(Command::Help)),
            ("/NEW", Some(Command::New)),
            ("/내정보삭제", Some(Command::Forget)),
            ("답변 확인", Some(Command::Collect)),
            ("계속", Some(Command::More)),
            ("/help me", None),
            ("help", None),
            ("답변 확인해 줘", None),
            ("", None),
        ] {
            assert_eq!(Command::parse(text), command, "{text:?}");
        }
    }

    #[test]
    fn the_owner_is_told_the_command_of_the_channel_that_was_written_to() {
        let code = Code::parse("ABCDEFGH").unwrap();
        let sender = SenderId::parse(Channel::KakaoWork, "7").unwrap();
        for (channel, account, command) in [
            (
                Channel::Kakao,
                "default",
                "dari pairing approve kakao ABCDEFGH",
            ),
            (
                Channel::Kakao,
                "shop",
                "dari pairing approve kakao ABCDEFGH --account shop",
            ),
            (
                Channel::KakaoWork,
                "default",
                "dari pairing approve kakaowork ABCDEFGH",
            ),
        ] {
            let account = AccountId::parse(account).unwrap();
            let line = Line::PairingCode {
                code: &code,
                sender: &sender,
                scope: &Scope { channel, account },
            };
            for locale in [Locale::Ko, Locale::En] {
                let line = line.in_language(locale).to_string();
                assert!(line.ends_with(&format!("\n{command}")), "{line}");
            }
        }
    }

    #[test]
    fn a_button_says_what_it_does_when_tapped() {
        for locale in [Locale::Ko, Locale::En] {
            assert_eq!(
                Command::parse(Label::Collect.in_language(locale)),
                Some(Command::Collect)
            );
            assert_eq!(
                Command::parse(Label::More.in_language(locale)),
                Some(Command::More)
            );
        }
    }
}
