//! 한국어.

use super::{
    line::{Label, Line},
    parts::{Words, ago, approve_command},
};

pub(super) fn line(line: &Line<'_>) -> Words {
    match line {
        Line::Waiting => "생각하고 있어요. 잠시만 기다려 주세요.".into(),
        Line::StillThinking => "아직 생각하고 있어요.\n조금 뒤 ‘답변 확인’을 누르거나 보내 주세요.".into(),
        Line::NothingToCollect => "지금은 확인할 답변이 없어요.".into(),
        Line::PairingCode { code, sender, scope } => format!(
            "안녕하세요. 이 챗봇은 주인이 승인한 분만 쓸 수 있어요.\n\n승인 코드: {code}\n내 아이디: {sender}\n\n\
             주인에게 이 코드를 알려 주세요. 한 시간 동안 쓸 수 있어요.\n주인은 이 명령으로 승인해요:\n\
             {command}",
            code = code.expose(),
            command = approve_command(code, scope),
        )
        .into(),
        Line::PairingWaits => "아직 승인을 기다리고 있어요. 앞서 받으신 승인 코드를 주인에게 알려 주세요.".into(),
        Line::PairingFull => "지금은 승인을 기다리는 분이 많아요. 나중에 다시 보내 주세요.".into(),
        Line::KeptOut => "이 챗봇은 승인받은 분만 쓸 수 있어요.".into(),
        Line::Disabled => "지금은 대화를 받지 않고 있어요.".into(),
        Line::OtherBot => "이 챗봇은 아직 연결되지 않았어요.".into(),
        Line::SkillTest => "연결됐어요. 스킬 서버가 잘 응답하고 있어요.".into(),
        Line::BotTest => "연결됐어요. 봇테스트에서는 에이전트를 부르지 않아요. 실제 채널에서 말을 걸어 주세요.".into(),
        Line::Welcome => "안녕하세요! 무엇이든 물어보세요.\n‘/도움말’을 보내시면 쓸 수 있는 명령을 알려 드려요.".into(),
        Line::WelcomeStranger => "안녕하세요! 메시지를 보내 주시면 이용 방법을 안내해 드릴게요.".into(),
        Line::News => "새 소식이 있어요. 무엇이 궁금하신지 보내 주세요.".into(),
        Line::UnsupportedMedia => "아직 이런 메시지는 볼 수 없어요. 텍스트나 사진으로 보내 주세요.".into(),
        Line::RefusedPicture => "사진을 열 수 없어요. 카카오톡에서 사진을 다시 보내 주세요.".into(),
        Line::PictureTooLarge { max } => format!("사진이 너무 커요. {max}MB까지 볼 수 있으니 더 작은 사진으로 보내 주세요.").into(),
        Line::PictureGone => "사진을 볼 수 있는 시간이 지났어요. 사진을 다시 보내 주세요.".into(),
        Line::UnknownPicture => "이 파일은 사진으로 열 수 없어요. JPEG, PNG, GIF, WebP 사진으로 보내 주세요.".into(),
        Line::SentTwice => "같은 메시지를 두 번 보내셔서 한 번만 받았어요.".into(),
        Line::OneMoment => "먼저 보내신 메시지에 답하고 있어요. 답을 받은 뒤 다시 보내 주세요.".into(),
        Line::TooManyWaiting => "아직 답하지 못한 메시지가 많아요. 답을 받은 뒤 다시 보내 주세요.".into(),
        Line::TooFast => "메시지를 너무 빨리 보내셨어요. 잠시 뒤 다시 보내 주세요.".into(),
        Line::Crowded => "지금은 메시지가 많이 밀려 있어요. 잠시 뒤 다시 보내 주세요.".into(),
        Line::Replaced => "새 메시지를 보내셔서 이 메시지에는 답하지 않을게요.".into(),
        Line::TryAgain => "잠시 문제가 생겼어요. 조금 뒤 다시 보내 주세요.".into(),
        Line::NoAgent => "아직 연결된 에이전트가 없어요. 주인에게 알려 주세요.".into(),
        Line::AgentUnreachable => "지금 에이전트에 연결할 수 없어요. 조금 뒤 다시 보내 주세요.".into(),
        Line::AgentFailed => "답을 만드는 중에 문제가 생겼어요. 조금 뒤 다시 보내 주세요.".into(),
        Line::AgentMisconfigured => "에이전트 설정에 문제가 있어서 답하지 못했어요. 주인에게 알려 주세요.".into(),
        Line::AgentCannotTake => "에이전트가 받기에는 메시지가 너무 길어요. 나누어 보내 주세요.".into(),
        Line::AgentSilent => "에이전트가 답을 주지 않았어요. 다르게 물어봐 주세요.".into(),
        Line::AgentTooSlow => "답을 만드는 데 너무 오래 걸려서 멈췄어요. 다시 보내 주세요.".into(),
        Line::Help => "이렇게 쓸 수 있어요.\n\n• 그냥 말을 걸면 에이전트가 답해요.\n• 늦은 답은 ‘답변 확인’, 긴 답의 나머지는 ‘계속’을 보내면 볼 수 있어요.\n\n\
                       /새대화 – 처음부터 다시 시작해요\n/상태 – 지금 상태를 봐요\n/내정보삭제 – 저장된 내 정보를 모두 지워요\n/도움말 – 이 안내를 봐요"
            .into(),
        Line::NewSession => "새 대화를 시작했어요. 무엇이든 물어보세요.".into(),
        Line::Status { status, now } => {
            let begun = match status.begun.map(|begun| ago(begun, *now)) {
                None => "아직 대화를 시작하지 않았어요.".to_owned(),
                Some((0, 0)) => "대화를 시작한 지 1분이 안 됐어요.".to_owned(),
                Some((0, minutes)) => format!("대화를 시작한 지 {minutes}분 됐어요."),
                Some((hours, minutes)) => format!("대화를 시작한 지 {hours}시간 {minutes}분 됐어요."),
            };
            format!("{begun}\n답을 만드는 중: {}개\n확인하지 않은 답: {}개", status.waiting, status.held).into()
        }
        Line::ForgottenRoom => "이 방의 대화를 모두 지웠어요.".into(),
        Line::HiddenPicture => "여기에 사진이 있지만 보여 드릴 수 없어요.".into(),
        Line::MoreInRoom => "이어서 보려면 ‘계속’을 보내 주세요.".into(),
        Line::Forgotten => {
            "저장된 대화와 승인 정보를 모두 지웠어요. 다시 쓰시려면 승인을 새로 받아야 할 수 있어요.\n\
             연결된 에이전트가 따로 기억하는 내용은 주인에게 문의해 주세요."
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
