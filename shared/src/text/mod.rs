//! Every sentence a person sees, in one file per language: `ko` and `en`. A sentence is asked for
//! by its name ([`Line`], [`Label`]), and said in the language of the account.

mod command;
mod en;
mod ko;
mod line;
mod parts;

use reply::PlainText;

pub use self::{
    command::Command,
    line::{Label, Line},
};
use crate::config::Locale;

impl Line<'_> {
    pub fn in_language(&self, locale: Locale) -> PlainText {
        let line = match locale {
            Locale::Ko => ko::line(self),
            Locale::En => en::line(self),
        };
        PlainText::literal(&line).unwrap_or_default()
    }
}

impl Label {
    pub fn in_language(self, locale: Locale) -> &'static str {
        match locale {
            Locale::Ko => ko::label(self),
            Locale::En => en::label(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        access::Code,
        identity::{SenderId, SenderKind},
    };

    #[test]
    fn commands_are_understood_in_both_languages_and_nothing_else_is() {
        for (text, command) in [
            ("/help", Some(Command::Help)),
            (" /도움말\n", Some(Command::Help)),
            ("／ｈｅｌｐ", Some(Command::Help)),
            ("／도움말", Some(Command::Help)),
            (
                "/\u{1103}\u{1169}\u{110b}\u{116e}\u{11b7}\u{1106}\u{1161}\u{11af}",
                Some(Command::Help),
            ),
            ("답변\u{3000}확인", Some(Command::Collect)),
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
    fn a_stranger_reads_the_code_and_whom_to_give_it_to_and_no_id_or_command() {
        let code = Code::parse("ABCDEFGH").unwrap();
        let told = |kind, locale| {
            let sender = &SenderId::new(kind, "f5aae05b").unwrap();
            let line = Line::PairingCode {
                code: &code,
                sender,
            };
            line.in_language(locale).to_string()
        };
        assert_eq!(
            told(SenderKind::BotUserKey, Locale::Ko),
            "관리자가 승인한 분만 이용할 수 있어요.\n\n승인 코드 ABCDEFGH를 관리자에게 알려 주세요. 1시간 동안 유효해요."
        );
        assert_eq!(
            told(SenderKind::BotGroupKey, Locale::Ko),
            "이 채팅방은 승인이 필요해요. 승인되면 방에 있는 모두가 이용할 수 있어요.\n\n승인 코드 ABCDEFGH를 관리자에게 알려 주세요. 1시간 동안 유효해요."
        );
        assert!(told(SenderKind::BotUserKey, Locale::En).contains("code ABCDEFGH."));
        assert!(told(SenderKind::BotGroupKey, Locale::En).contains("everyone in it"));
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
