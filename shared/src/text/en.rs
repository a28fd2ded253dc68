//! English.

use super::{
    line::{Label, Line},
    parts::{Words, ago},
};

pub(super) fn line(line: &Line<'_>) -> Words {
    match line {
        Line::Waiting => "Thinking. One moment, please.".into(),
        Line::StillThinking => "Your answer is on its way. Please tap ‘Show answer’ in a moment.".into(),
        Line::StillThinkingInRoom => "Your answer is on its way. Please send ‘Show answer’ in a moment.".into(),
        Line::NothingToCollect => "There is no answer to show right now.".into(),
        Line::PairingCode { code, sender } => {
            let who = if sender.is_room() {
                "This chat room needs approval. Once approved, everyone in it can use this bot."
            } else {
                "Only people approved by its owner can use this bot."
            };
            let code = code.expose();
            format!("{who}\n\nPlease give the owner the approval code {code}. It is valid for 1 hour.").into()
        }
        Line::PairingWaits => "Still waiting for approval. Please give the owner the code you received.".into(),
        Line::PairingFull => "Many people are waiting for approval. Please write again later.".into(),
        Line::KeptOut => "Only people approved by its owner can use this bot.".into(),
        Line::Disabled => "This bot is not available at the moment.".into(),
        Line::OtherBot => "This bot is not connected yet.".into(),
        Line::SkillTest => "Connected. The skill server answers.".into(),
        Line::BotTest => "Connected. The bot test does not call the agent; please write on the real channel.".into(),
        Line::Welcome => "Hello! Ask me anything.\nSend /help to see what you can do.".into(),
        Line::WelcomeStranger => "Hello! Send a message, and I will tell you how to get access.".into(),
        Line::News => "There is news. Please send what you would like to know.".into(),
        Line::UnsupportedMedia => "This kind of message cannot be read yet. Please send text or a picture.".into(),
        Line::RefusedPicture => "This picture cannot be opened. Please send it again from KakaoTalk.".into(),
        Line::PictureTooLarge { max } => format!("This picture is too large. Please send one of at most {max} MB.").into(),
        Line::PictureGone => "The link to this picture has expired. Please send the picture again.".into(),
        Line::UnknownPicture => "This file cannot be opened as a picture. Please send a JPEG, PNG, GIF or WebP picture.".into(),
        Line::SentTwice => "The same message came twice, so it was taken once.".into(),
        Line::OneMoment => "Your previous message is still being answered. Please write again after that.".into(),
        Line::TooManyWaiting => "Many messages are waiting for an answer. Please write again after that.".into(),
        Line::TooFast => "That was a little fast. Please write again in a moment.".into(),
        Line::Crowded => "Too many messages are waiting at the moment. Please write again in a little while.".into(),
        Line::Replaced => "A newer message came, so this one will not be answered.".into(),
        Line::TryAgain => "Something went wrong for a moment. Please try again shortly.".into(),
        Line::PerhapsTaken => "It is not certain that your message arrived. Press or send ‘Show answer’ in a moment; if there is no answer, please send it again.".into(),
        Line::Unconfirmed { question } => format!("The answer to “{question}” may not have arrived. If you have not seen it, press or send ‘Show answer’.").into(),
        Line::NoAgent => "This bot is not ready yet. Please tell the owner.".into(),
        Line::AgentUnreachable => "This bot cannot answer right now. Please try again shortly.".into(),
        Line::AgentFailed => "Something went wrong while preparing the answer. Please try again shortly.".into(),
        Line::AgentMisconfigured => "This bot is not set up correctly and could not answer. Please tell the owner.".into(),
        Line::AgentCannotTake => "This message is too long. Please send it in parts.".into(),
        Line::ConversationTooLong => "This conversation has grown too long to go on. Please send /new to start anew.".into(),
        Line::AgentDeclines => "This cannot be answered. Please ask in other words.".into(),
        Line::AgentSilent => "No answer came this time. Please ask in other words.".into(),
        Line::AgentTooSlow => "The answer took too long and was stopped. Please send it again.".into(),
        Line::Help => "Here is what you can do.\n\n• Send a question, and you get an answer.\n• Send ‘Show answer’ for a late answer, and ‘More’ for the rest of a long one.\n\n\
                       /new – start over\n/status – see the current status\n/forget – delete what is stored about you\n/help – see this help"
            .into(),
        Line::NewSession => "A new conversation begins. Ask me anything.".into(),
        Line::Status { status, now } => {
            let begun = match status.begun.map(|begun| ago(begun, *now)) {
                None => "No conversation yet.".to_owned(),
                Some((0, 0)) => "This conversation began less than a minute ago.".to_owned(),
                Some((0, minutes)) => format!("This conversation began {minutes} min ago."),
                Some((hours, minutes)) => format!("This conversation began {hours} h {minutes} min ago."),
            };
            format!("{begun}\nAnswers being prepared: {}\nAnswers not seen yet: {}", status.waiting, status.held).into()
        }
        Line::ForgottenRoom => "The conversation of this room is deleted.".into(),
        Line::HiddenPicture => "There is a picture here that cannot be shown.".into(),
        Line::MoreInRoom => "Please send ‘More’ to read on.".into(),
        Line::Forgotten => {
            "Everything stored about you, conversation and approval, is deleted. You may need a new approval to continue.\n\
             Please ask the owner about what the bot itself remembers."
                .into()
        }
    }
}

pub(super) fn label(label: Label) -> &'static str {
    match label {
        Label::Collect => "Show answer",
        Label::More => "More",
    }
}
