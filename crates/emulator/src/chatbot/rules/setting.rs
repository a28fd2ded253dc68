//! Where an answer is given, which decides what it may be.

/// The situation in which an answer is judged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Setting {
    /// In a group chat room (skill.md §8).
    pub(crate) group: bool,
    /// Started by the Event API rather than by the person.
    pub(crate) event: bool,
    pub(crate) slot: Slot,
    /// The ids of the bot's blocks; none if they are not known, which lets any id pass.
    pub(crate) blocks: Option<Vec<String>>,
    /// Whether fields that the reference does not have are named as well.
    pub(crate) strict: bool,
}

/// Whether the answer may promise a callback.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Slot {
    /// The request carried no `callbackUrl`.
    #[default]
    None,
    /// The request carried a `callbackUrl`.
    Given,
    /// The answer is itself a callback's body.
    Filling,
}
