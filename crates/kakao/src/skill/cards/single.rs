//! One card in a bubble of its own, and each kind of card made into one that can be shown.

use outside::Origin;
use reply::CardKind;
use serde_json::{Map, Value};

use super::{
    commerce,
    fitting::Fitting,
    item, list, plain,
    words::{Fields, Rest},
};
use crate::skill::response::{AnyCard, Space};

/// With as many rows as the bytes of a bubble hold, and in words if they hold none.
pub(super) fn fit(
    kind: CardKind,
    body: &Map<String, Value>,
    mut space: Space<'_>,
    local: &[Origin],
) -> Rest {
    let surface = space.surface();
    for rows in [usize::MAX, 2, 1] {
        let mut fitting = Fitting::alone(surface, local).with_rows(rows);
        let Some(card) = shape(kind, body, &mut fitting) else {
            return fitting.rest;
        };
        match space.card(card) {
            Ok(()) => return fitting.rest,
            Err(unused) => space = unused,
        }
    }
    let mut fitting = Fitting::alone(surface, local);
    let mut fields = Fields::of(body);
    let picture = fitting.picture(&mut fields);
    fitting.rest.show(picture.map(|it| it.image));
    fitting.press_none(&mut fields);
    fitting.rest.unused(fields);
    fitting.rest
}

/// The card as it is shown, without what has no room on it; `None` if nothing of it can be shown.
pub(super) fn shape(
    kind: CardKind,
    body: &Map<String, Value>,
    fitting: &mut Fitting<'_>,
) -> Option<AnyCard> {
    match kind {
        CardKind::CommerceCard => commerce::shape(body, fitting),
        CardKind::ListCard => list::shape(body, fitting),
        CardKind::ItemCard => item::shape(body, fitting),
        CardKind::TextCard | CardKind::BasicCard | CardKind::Carousel => {
            plain::shape(body, fitting)
        }
    }
}
