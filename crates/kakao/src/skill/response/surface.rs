//! Where a response is shown.

/// A chat with one person, or a room that many read. Rooms lack some of what channels have
/// (skill.md §8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Surface {
    #[default]
    Channel,
    Group,
}

impl Surface {
    pub fn has_quick_replies(self) -> bool {
        self == Self::Channel
    }

    pub fn has_carousels(self) -> bool {
        self == Self::Channel
    }

    pub fn has_commerce_cards(self) -> bool {
        self == Self::Channel
    }
}
