//! A heading and a few rows, each with a picture and a tap of its own.

use serde::Serialize;

use super::{Buttons, Limited, Link, Tap, Violation, WebUrl, check_count};

/// Words of a row; the platform states no limit and cuts what does not fit on the screen.
type RowText = Limited<100>;

/// One to five rows below a heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListCard {
    header: Header,
    items: Vec<ListItem>,
    #[serde(flatten)]
    buttons: Option<Buttons>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Header {
    title: RowText,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<Link>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListItem {
    title: RowText,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<RowText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_url: Option<WebUrl>,
    #[serde(flatten)]
    on_tap: Option<OnTap>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum OnTap {
    Link { link: Link },
    Tap(Tap),
}

impl ListCard {
    const MAX_ITEMS: usize = 5;
    pub(super) const MAX_ITEMS_IN_CAROUSEL: usize = 4;

    pub fn new(title: RowText, items: Vec<ListItem>) -> Result<Self, Violation> {
        check_count(items.len(), Self::MAX_ITEMS)?;
        Ok(Self {
            header: Header { title, link: None },
            items,
            buttons: None,
        })
    }

    #[must_use]
    pub fn with_link(mut self, link: Link) -> Self {
        self.header.link = Some(link);
        self
    }

    #[must_use]
    pub fn with_buttons(mut self, buttons: Buttons) -> Self {
        self.buttons = Some(buttons);
        self
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }
}

impl ListItem {
    pub fn new(title: RowText) -> Self {
        Self {
            title,
            description: None,
            image_url: None,
            on_tap: None,
        }
    }

    #[must_use]
    pub fn with_description(mut self, description: RowText) -> Self {
        self.description = Some(description);
        self
    }

    #[must_use]
    pub fn with_image(mut self, image_url: WebUrl) -> Self {
        self.image_url = Some(image_url);
        self
    }

    /// A tap opens an address.
    #[must_use]
    pub fn opening(mut self, link: Link) -> Self {
        self.on_tap = Some(OnTap::Link { link });
        self
    }

    /// A tap talks to the bot; that of a block says the title.
    #[must_use]
    pub fn tapping(mut self, tap: Tap) -> Self {
        self.on_tap = Some(OnTap::Tap(tap));
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::*;

    #[test]
    fn rows_open_an_address_or_talk_to_the_bot() {
        let link = Link::web(WebUrl::parse("https://map.example.com/1").unwrap());
        let items = vec![
            ListItem::new(Limited::fit("달빛 커피"))
                .with_description(Limited::fit("걸어서 4분"))
                .opening(link.clone()),
            ListItem::new(Limited::fit("느린 오후")).tapping(Tap::says("느린 오후 자세히")),
            ListItem::new(Limited::fit("새벽")),
        ];
        assert_eq!(
            to_value(
                ListCard::new(Limited::fit("근처 카페"), items)
                    .unwrap()
                    .with_link(link)
            )
            .unwrap(),
            json!({
                "header": {"title": "근처 카페", "link": {"web": "https://map.example.com/1"}},
                "items": [
                    {"title": "달빛 커피", "description": "걸어서 4분", "link": {"web": "https://map.example.com/1"}},
                    {"title": "느린 오후", "action": "message", "messageText": "느린 오후 자세히"},
                    {"title": "새벽"},
                ],
            })
        );
    }

    #[test]
    fn a_list_has_one_to_five_rows() {
        let items = |count| vec![ListItem::new(Limited::fit("줄")); count];
        let list = |count| ListCard::new(Limited::fit("목록"), items(count)).map(|list| list.len());
        assert_eq!(
            [list(0), list(5), list(6)],
            [Err(Violation::Empty), Ok(5), Err(Violation::TooMany(5))]
        );
    }
}
