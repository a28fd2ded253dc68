//! 한국어.

use super::{
    line::{Label, Line},
    parts::{Words, ago},
};

pub(super) fn line(line: &Line<'_>) -> Words {
    match line {
        Line::Waiting => "생각하고 있어요. 잠시만 기다려 주세요.".into(),
        Line::StillThinking => "답변을 준비하고 있어요. 잠시 뒤 ‘답변 확인’을 눌러 주세요.".into(),
        Line::StillThinkingInRoom => "답변을 준비하고 있어요. 잠시 뒤 ‘답변 확인’이라고 보내 주세요.".into(),
        Line::NothingToCollect => "지금은 확인할 답변이 없어요.".into(),
        Line::PairingCode { code, sender } => {
            let who = if sender.is_room() {
                "이 채팅방은 승인이 필요해요. 승인되면 방에 있는 모두가 이용할 수 있어요."
            } else {
                "관리자가 승인한 분만 이용할 수 있어요."
            };
            let code = code.expose();
            format!("{who}\n\n승인 코드 {code}를 관리자에게 알려 주세요. 1시간 동안 유효해요.").into()
        }
        Line::PairingWaits => "아직 승인을 기다리고 있어요. 앞서 받으신 승인 코드를 관리자에게 알려 주세요.".into(),
        Line::PairingFull => "지금은 승인을 기다리는 분이 많아요. 나중에 다시 보내 주세요.".into(),
        Line::KeptOut => "관리자가 승인한 분만 이용할 수 있어요.".into(),
        Line::Disabled => "지금은 대화할 수 없어요.".into(),
        Line::OtherBot => "이 챗봇은 아직 연결되지 않았어요.".into(),
        Line::SkillTest => "연결됐어요. 스킬 서버가 잘 응답하고 있어요.".into(),
        Line::BotTest => "연결됐어요. 봇테스트에서는 에이전트를 부르지 않아요. 실제 채널에서 말을 걸어 주세요.".into(),
        Line::Welcome => "안녕하세요! 무엇이든 물어보세요.\n‘/도움말’을 보내면 이용할 수 있는 명령을 알려 드려요.".into(),
        Line::WelcomeStranger => "안녕하세요! 메시지를 보내 주시면 이용 방법을 안내해 드릴게요.".into(),
        Line::News => "새 소식이 있어요. 궁금한 점을 보내 주세요.".into(),
        Line::UnsupportedMedia => "이 형식의 메시지는 아직 받을 수 없어요. 텍스트나 사진으로 보내 주세요.".into(),
        Line::RefusedPicture => "사진을 열 수 없어요. 카카오톡에서 사진을 다시 보내 주세요.".into(),
        Line::PictureTooLarge { max } => format!("사진이 너무 커요. {max}MB까지 받을 수 있으니 더 작은 사진으로 보내 주세요.").into(),
        Line::PictureGone => "사진을 볼 수 있는 시간이 지났어요. 사진을 다시 보내 주세요.".into(),
        Line::UnknownPicture => "이 파일은 사진으로 열 수 없어요. JPEG, PNG, GIF, WebP 사진으로 보내 주세요.".into(),
        Line::SentTwice => "같은 메시지를 두 번 보내셔서 한 번만 받았어요.".into(),
        Line::OneMoment => "먼저 보내신 메시지에 답변하고 있어요. 답변을 받은 뒤 다시 보내 주세요.".into(),
        Line::TooManyWaiting => "답변을 기다리는 메시지가 많아요. 답변을 받은 뒤 다시 보내 주세요.".into(),
        Line::TooFast => "메시지를 너무 빨리 보내셨어요. 잠시 뒤 다시 보내 주세요.".into(),
        Line::Crowded => "지금은 메시지가 많이 밀려 있어요. 잠시 뒤 다시 보내 주세요.".into(),
        Line::Replaced => "새 메시지를 보내셔서 이 메시지에는 답변하지 않을게요.".into(),
        Line::TryAgain => "잠시 문제가 생겼어요. 조금 뒤 다시 보내 주세요.".into(),
        Line::NoAgent => "챗봇이 아직 준비되지 않았어요. 관리자에게 알려 주세요.".into(),
        Line::AgentUnreachable => "지금은 답변할 수 없어요. 잠시 뒤 다시 보내 주세요.".into(),
        Line::AgentFailed => "답변을 준비하다가 문제가 생겼어요. 잠시 뒤 다시 보내 주세요.".into(),
        Line::AgentMisconfigured => "챗봇 설정에 문제가 있어 답변하지 못했어요. 관리자에게 알려 주세요.".into(),
        Line::AgentCannotTake => "메시지가 너무 길어요. 나눠서 보내 주세요.".into(),
        Line::AgentSilent => "이번에는 답변이 오지 않았어요. 다른 표현으로 다시 물어봐 주세요.".into(),
        Line::AgentTooSlow => "답변이 너무 오래 걸려 중단했어요. 다시 보내 주세요.".into(),
        Line::Help => "이렇게 이용할 수 있어요.\n\n• 궁금한 점을 보내면 답변해 드려요.\n• 늦은 답변은 ‘답변 확인’, 긴 답변의 나머지는 ‘계속’을 보내면 볼 수 있어요.\n\n\
                       /새대화 – 새 대화 시작하기\n/상태 – 현재 상태 보기\n/내정보삭제 – 저장된 내 정보 모두 지우기\n/도움말 – 도움말 보기"
            .into(),
        Line::NewSession => "새 대화를 시작했어요. 무엇이든 물어보세요.".into(),
        Line::Status { status, now } => {
            let begun = match status.begun.map(|begun| ago(begun, *now)) {
                None => "아직 대화를 시작하지 않았어요.".to_owned(),
                Some((0, 0)) => "대화를 시작한 지 1분이 안 됐어요.".to_owned(),
                Some((0, minutes)) => format!("대화를 시작한 지 {minutes}분 됐어요."),
                Some((hours, minutes)) => format!("대화를 시작한 지 {hours}시간 {minutes}분 됐어요."),
            };
            format!("{begun}\n준비 중인 답변 {}개\n확인하지 않은 답변 {}개", status.waiting, status.held).into()
        }
        Line::ForgottenRoom => "이 채팅방의 대화를 모두 지웠어요.".into(),
        Line::MoreInRoom => "이어서 보려면 ‘계속’을 보내 주세요.".into(),
        Line::Forgotten => {
            "저장된 대화와 승인 정보를 모두 지웠어요. 다시 이용하려면 승인을 새로 받아야 할 수 있어요.\n\
             챗봇이 따로 기억하는 내용은 관리자에게 문의해 주세요."
                .into()
        }
    }
}

pub(super) fn label(label: Label) -> &'static str {
    match label {
        Label::Collect => "답변 확인",
        Label::More => "계속",
    }
}
