//! A card of any kind.

use reply::CardKind;
use serde::{Serialize, Serializer};

use super::{BasicCard, CommerceCard, ItemCard, ListCard, TextCard};

/// A card that stands alone or in a carousel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AnyCard {
    TextCard(TextCard),
    BasicCard(BasicCard),
    CommerceCard(CommerceCard),
    ListCard(ListCard),
    ItemCard(ItemCard),
}

impl AnyCard {
    pub(super) fn kind(&self) -> CardKind {
        match self {
            Self::TextCard(_) => CardKind::TextCard,
            Self::BasicCard(_) => CardKind::BasicCard,
            Self::CommerceCard(_) => CardKind::CommerceCard,
            Self::ListCard(_) => CardKind::ListCard,
            Self::ItemCard(_) => CardKind::ItemCard,
        }
    }

    /// The card without the name of its kind, as a carousel has it.
    pub(super) fn body<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::TextCard(card) => card.serialize(serializer),
            Self::BasicCard(card) => card.serialize(serializer),
            Self::CommerceCard(card) => card.serialize(serializer),
            Self::ListCard(card) => card.serialize(serializer),
            Self::ItemCard(card) => card.serialize(serializer),
        }
    }
}
