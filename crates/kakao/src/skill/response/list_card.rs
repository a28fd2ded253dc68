//! A heading and a few rows, each with a picture and a tap of its own.

use serde::Serialize;

use super::{
    Buttons, Limited, Link, Tap, WebUrl,
    rules::{Violation, check_count},
};

/// Words of a row; the platform states no limit and cuts what does not fit on the screen.
pub type RowText = Limited<100>;

/// One to five rows below a heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListCard {
    header: Header,
    items: Vec<ListItem>,
    #[serde(flatten)]
    pub buttons: Option<Buttons>,
}

/// The heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Header {
    pub title: RowText,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListItem {
    pub title: RowText,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<RowText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_url: Option<WebUrl>,
    #[serde(flatten)]
    pub on_tap: Option<OnTap>,
}

/// What a tap on a row does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum OnTap {
    /// Opens an address.
    Link { link: Link },
    /// Talks to the bot; that of a block says the title.
    Tap(Tap),
}

impl ListCard {
    pub const MAX_ITEMS: usize = 5;
    pub const MAX_ITEMS_IN_CAROUSEL: usize = 4;

    pub fn new(header: Header, items: Vec<ListItem>) -> Result<Self, Violation> {
        check_count(items.len(), Self::MAX_ITEMS)?;
        Ok(Self {
            header,
            items,
            buttons: None,
        })
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
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::*;

    fn header() -> Header {
        Header {
            title: Limited::fit("근처 카페"),
            link: None,
        }
    }

    #[test]
    fn rows_open_an_address_or_talk_to_the_bot() {
        let link = Link::web(WebUrl::parse("https://map.example.com/1").unwrap());
        let items = vec![
            ListItem {
                description: Some(Limited::fit("걸어서 4분")),
                on_tap: Some(OnTap::Link { link: link.clone() }),
                ..ListItem::new(Limited::fit("달빛 커피"))
            },
            ListItem {
                on_tap: Some(OnTap::Tap(Tap::says("느린 오후 자세히"))),
                ..ListItem::new(Limited::fit("느린 오후"))
            },
            ListItem::new(Limited::fit("새벽")),
        ];
        let header = Header {
            link: Some(link),
            ..header()
        };
        assert_eq!(
            to_value(ListCard::new(header, items).unwrap()).unwrap(),
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
        let list = |count| ListCard::new(header(), items(count)).map(|list| list.len());
        assert_eq!(
            [list(0), list(5), list(6)],
            [Err(Violation::Empty), Ok(5), Err(Violation::TooMany(5))]
        );
    }
}
