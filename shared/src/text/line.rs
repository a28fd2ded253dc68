//! What Dari itself says, without the words.

use crate::{access::Code, clock::Time, identity::SenderId, turn::Status};

/// Something Dari itself says, as opposed to the agent.
#[derive(Clone, Copy, Debug)]
pub enum Line<'a> {
    /// While a callback is on its way; shown only if the block's waiting message asks for it.
    Waiting,
    /// The agent needs longer than the reply slot or the platform waits, or nothing is ready to be
    /// collected yet. Comes with the button that collects.
    StillThinking,
    /// The same in a room, which has no buttons.
    StillThinkingInRoom,
    /// Somebody asks for an answer, or for more of one, and there is none.
    NothingToCollect,
    /// Under `pairing`, to a stranger's first message: the code, and whom to give it to. What the
    /// owner needs besides is in the owner's listing.
    PairingCode {
        code: &'a Code,
        sender: &'a SenderId,
    },
    /// To a stranger who has a code that still waits for the owner.
    PairingWaits,
    /// No room for another pairing request of this account.
    PairingFull,
    /// To those whom the policy keeps out for good, without a code.
    KeptOut,
    /// The policy is `disabled`: nobody gets in.
    Disabled,
    /// The key is right, but the request is from another bot than the configured one.
    OtherBot,
    /// To the console's test of the skill: it got through, and no agent is asked.
    SkillTest,
    /// To the console's test of the bot, which does not reach the agent either.
    BotTest,
    /// To those who are let in, when they enter the chat room.
    Welcome,
    /// To a stranger who enters the chat room or sets off an event without writing: no code yet.
    WelcomeStranger,
    /// After an event, with no held answer to show.
    News,
    /// The message is of a kind that we cannot read, such as a video.
    UnsupportedMedia,
    /// No picture of the message can be had: not on the channel's own hosts, too many at once, or
    /// refused or not reached when fetched. The other lines about pictures have a reason to name.
    RefusedPicture,
    /// The picture is larger than the account takes (`mediaMaxMb`).
    PictureTooLarge {
        /// In MB.
        max: usize,
    },
    /// The address of the picture has expired.
    PictureGone,
    /// What was fetched is no picture of a kind we know.
    UnknownPicture,
    /// The same words right after one another, or a known request with another callback: this one
    /// opens no turn, that of the first goes on.
    SentTwice,
    /// `concurrency` is `reject`, and another message of this conversation is being answered.
    OneMoment,
    /// Too many messages of this conversation wait to be answered, or answers to be collected.
    TooManyWaiting,
    /// One person writes faster than `turn::budget` allows.
    TooFast,
    /// No worker takes turns from the queue at the moment, whoever's they are (F-134).
    Crowded,
    /// `concurrency` is `latest`, and a newer message took the place of this one.
    Replaced,
    /// Something of ours failed or took too long, or a request cannot be made sense of: nobody is
    /// named in it, or it came again with other content.
    TryAgain,
    /// The store did not say whether the message was taken. Comes with the button that collects.
    PerhapsTaken,
    /// After another answer: the answer to this question (its first words) was posted, and nobody
    /// knows whether it arrived. Comes with the button that collects.
    Unconfirmed { question: &'a str },
    /// The configuration names no agent for this conversation.
    NoAgent,
    /// No connection to the agent, or it was down a moment ago and is not asked for a while.
    AgentUnreachable,
    /// The agent failed in a way that may pass, or too many workers failed at this turn.
    AgentFailed,
    /// The agent refuses in a way that only the owner can mend, such as a wrong token.
    AgentMisconfigured,
    /// The message alone is too long for the agent.
    AgentCannotTake,
    /// The message and what was said before it are too long for the agent, even without the oldest
    /// turns.
    ConversationTooLong,
    /// A filter of the agent or its provider stopped the question or the answer.
    AgentDeclines,
    /// The agent answered with nothing to show.
    AgentSilent,
    /// The agent took longer than `timeoutSeconds`.
    AgentTooSlow,
    /// The answer to `/help`.
    Help,
    /// The answer to `/new`.
    NewSession,
    /// The answer to `/status`.
    Status { status: Status, now: Time },
    /// The answer to `/forget`, which deletes the approval too.
    Forgotten,
    /// The answer to `/forget` in a room, where the approval stays: it is everybody's.
    ForgottenRoom,
    /// In place of a picture of the agent's that is not at a public address and that no words
    /// describe.
    HiddenPicture,
    /// At the end of a page in a room, where no button can offer the rest.
    MoreInRoom,
}

/// The words on a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    Collect,
    More,
}
