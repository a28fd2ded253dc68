//! The carousel, and what its cards must have in common (skill.md §4.3).

use super::{
    check::{Check, Place},
    item_card::{Ratio, ratio},
    node::Node,
};

const TYPES: [&str; 5] = [
    "basicCard",
    "commerceCard",
    "itemCard",
    "listCard",
    "textCard",
];

impl Check<'_> {
    pub(super) fn carousel(&mut self, carousel: &Node) {
        if self.setting.group {
            self.refuse("channel-only", &carousel.path, "not in group chat rooms");
        }
        self.known(carousel, &["type", "items", "header"]);
        self.required_text(carousel, "type");
        let Some(kind) = self.one_of(carousel, "type", &TYPES) else {
            return;
        };
        let max = if kind == "listCard" { 5 } else { 10 };
        let items = self.some_objects(carousel, "items", max);
        for item in &items {
            if TYPES.iter().any(|wrapper| item.get(wrapper).is_some()) {
                let detail = "an item is the card's body, without the component's name";
                self.refuse("carousel-wrapper", &item.path, detail);
            } else {
                self.card(kind, item, Place::Carousel);
            }
        }
        self.one_ratio(kind, &items);
        if kind == "itemCard" {
            self.all_or_none(&items);
        }
        self.carousel_header(kind, carousel);
    }

    fn one_ratio(&mut self, kind: &str, items: &[Node]) {
        let mut ratios = items
            .iter()
            .filter_map(|item| Some((item, picture(kind, item)?)));
        let Some((_, first)) = ratios.next() else {
            return;
        };
        let odd: Vec<_> = ratios
            .filter(|(_, ratio)| *ratio != first)
            .map(|(item, _)| item.path.clone())
            .collect();
        for at in odd {
            self.refuse(
                "carousel-ratio",
                at,
                "all pictures of a carousel share one ratio",
            );
        }
        if kind == "itemCard" && first != Ratio::Wide {
            let detail = "pictures of item cards in a carousel are 2:1";
            self.refuse(
                "carousel-ratio",
                items.first().map_or("$", |item| &item.path),
                detail,
            );
        }
    }

    fn all_or_none(&mut self, items: &[Node]) {
        for part in ["thumbnail", "head", "profile", "imageTitle"] {
            let with = items.iter().filter(|item| item.get(part).is_some()).count();
            if with != 0 && with != items.len() {
                for item in items.iter().filter(|item| item.get(part).is_none()) {
                    let detail = "all item cards of a carousel have it, or none";
                    self.refuse("carousel-parts", item.path_of(part), detail);
                }
            }
        }
    }

    fn carousel_header(&mut self, kind: &str, carousel: &Node) {
        let Some(header) = self.object(carousel, "header") else {
            return;
        };
        if matches!(kind, "textCard" | "listCard") {
            let detail = format!("a carousel of {kind} has no header");
            self.refuse("carousel-header", &header.path, detail);
        }
        self.known(&header, &["title", "description", "thumbnail"]);
        self.required_text(&header, "title");
        self.required_text(&header, "description");
        self.lines(&header, "title", 2);
        self.lines(&header, "description", 3);
        if let Some(thumbnail) = self.required_object(&header, "thumbnail") {
            self.known(&thumbnail, &["imageUrl"]);
            self.required_url(&thumbnail, "imageUrl");
        }
    }
}

/// The shape of the item's picture, if it has one.
fn picture(kind: &str, item: &Node) -> Option<Ratio> {
    let fixed = |thumbnail: &Node| {
        let fixed = thumbnail
            .get("fixedRatio")
            .and_then(|node| node.value.as_bool());
        if fixed == Some(true) {
            Ratio::Square
        } else {
            Ratio::Wide
        }
    };
    match kind {
        "basicCard" => item.get("thumbnail").as_ref().map(fixed),
        "commerceCard" => item.get("thumbnails")?.items()?.first().map(fixed),
        "itemCard" => item.get("thumbnail").map(|thumbnail| {
            let measure = |key| thumbnail.get(key).and_then(|node| node.value.as_i64());
            ratio(measure("width"), measure("height"))
        }),
        _ => None,
    }
}
