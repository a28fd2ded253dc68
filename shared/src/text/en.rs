//! English.

use super::{
    line::{Label, Line},
    parts::{Words, ago, approve_command},
};

pub(super) fn line(line: &Line<'_>) -> Words {
    match line {
        Line::Waiting => "Thinking. One moment, please.".into(),
        Line::StillThinking => "Still thinking.\nPlease tap or send ‘Show answer’ in a little while.".into(),
        Line::NothingToCollect => "There is no answer to show right now.".into(),
        Line::PairingCode { code, sender, scope } => format!(
            "Hello. Only people its owner has approved can use this bot.\n\nPairing code: {code}\nYour id: {sender}\n\n\
             Please give the owner this code. It is valid for one hour.\nThe owner approves you with:\n\
             {command}",
            code = code.expose(),
            command = approve_command(code, scope),
        )
        .into(),
        Line::PairingWaits => "Still waiting for approval. Please give the owner the code you received.".into(),
        Line::PairingFull => "Many people are waiting for approval. Please write again later.".into(),
        Line::KeptOut => "Only people who were given access can use this bot.".into(),
        Line::Disabled => "This bot is not taking messages at the moment.".into(),
        Line::OtherBot => "This bot is not connected yet.".into(),
        Line::SkillTest => "Connected. The skill server answers.".into(),
        Line::BotTest => "Connected. The bot test does not call the agent; please write on the real channel.".into(),
        Line::Welcome => "Hello! Ask me anything.\nSend /help to see what you can do.".into(),
        Line::WelcomeStranger => "Hello! Send a message, and I will tell you how to get access.".into(),
        Line::News => "There is news. Please tell me what you would like to know.".into(),
        Line::UnsupportedMedia => "I cannot read this kind of message yet. Please send text or a picture.".into(),
        Line::RefusedPicture => "I cannot open this picture. Please send it again from KakaoTalk.".into(),
        Line::PictureTooLarge { max } => format!("This picture is too large. Please send one of at most {max} MB.").into(),
        Line::PictureGone => "The link to this picture has expired. Please send the picture again.".into(),
        Line::UnknownPicture => "I cannot open this file as a picture. Please send a JPEG, PNG, GIF or WebP picture.".into(),
        Line::SentTwice => "You sent the same message twice, so I took it once.".into(),
        Line::OneMoment => "I am answering your previous message. Please write again after that.".into(),
        Line::TooManyWaiting => "Several messages still wait for an answer. Please write again after that.".into(),
        Line::TooFast => "That was a little fast. Please write again in a moment.".into(),
        Line::Crowded => "Too many messages are waiting at the moment. Please write again in a little while.".into(),
        Line::Replaced => "You sent a newer message, so I will not answer this one.".into(),
        Line::TryAgain => "Something went wrong for a moment. Please try again shortly.".into(),
        Line::NoAgent => "No agent is connected yet. Please tell the owner.".into(),
        Line::AgentUnreachable => "The agent cannot be reached right now. Please try again shortly.".into(),
        Line::AgentFailed => "Something went wrong while answering. Please try again shortly.".into(),
        Line::AgentMisconfigured => "The agent is not set up correctly and could not answer. Please tell the owner.".into(),
        Line::AgentCannotTake => "This message is too long for the agent. Please send it in parts.".into(),
        Line::AgentSilent => "The agent gave no answer. Please ask in another way.".into(),
        Line::AgentTooSlow => "Answering took too long, so I stopped. Please send it again.".into(),
        Line::Help => "Here is what you can do.\n\n• Just write, and the agent answers.\n• Send ‘Show answer’ for a late answer, and ‘More’ for the rest of a long one.\n\n\
                       /new – start over\n/status – see what is going on\n/forget – delete what is stored about you\n/help – this text"
            .into(),
        Line::NewSession => "A new conversation begins. Ask me anything.".into(),
        Line::Status { status, now } => {
            let begun = match status.begun.map(|begun| ago(begun, *now)) {
                None => "No conversation yet.".to_owned(),
                Some((0, 0)) => "This conversation began less than a minute ago.".to_owned(),
                Some((0, minutes)) => format!("This conversation began {minutes} min ago."),
                Some((hours, minutes)) => format!("This conversation began {hours} h {minutes} min ago."),
            };
            format!("{begun}\nBeing answered: {}\nNot yet shown: {}", status.waiting, status.held).into()
        }
        Line::ForgottenRoom => "The conversation of this room is deleted.".into(),
        Line::HiddenPicture => "There is a picture here that cannot be shown.".into(),
        Line::MoreInRoom => "Please send ‘More’ to read on.".into(),
        Line::Forgotten => {
            "Everything stored about you, conversation and approval, is deleted. You may need a new approval to continue.\n\
             Please ask the owner about what the connected agent itself remembers."
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
