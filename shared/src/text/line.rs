//! What Dari itself says, without the words.

use crate::{
    access::Code,
    clock::Time,
    identity::{Scope, SenderId},
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

/// The words on a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    Collect,
    More,
}
