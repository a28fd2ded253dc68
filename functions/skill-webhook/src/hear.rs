//! What the platform says, as Dari names it: who wrote, and what.

use kakao::skill::payload::{Caller, Content, Id, IdKind};
use shared::{
    identity::{Sender, SenderId, SenderKind},
    message::Message,
};

/// `None` if an id cannot be one of ours; then nobody is calling.
pub(crate) fn sender(caller: &Caller) -> Option<Sender> {
    Some(Sender {
        id: id(&caller.id)?,
        aliases: caller.aliases.iter().filter_map(id).collect(),
    })
}

fn id(id: &Id) -> Option<SenderId> {
    let kind = match id.kind() {
        IdKind::BotUserKey => SenderKind::BotUserKey,
        IdKind::PlusfriendUserKey => SenderKind::PlusfriendUserKey,
        IdKind::AppUserId => SenderKind::AppUserId,
        IdKind::BotGroupKey => SenderKind::BotGroupKey,
    };
    SenderId::new(kind, id.id())
}

pub(crate) fn message(content: &Content) -> Message {
    Message {
        text: content.text.clone(),
        images: content.images.clone(),
        tap: content.tap.clone(),
        details: content.details.clone(),
    }
}
