//! Links in Markdown.

use super::writer::{Link, Writer};

impl Writer<'_> {
    pub(super) fn end_link(&mut self) {
        if let Some(link) = self.links.pop() {
            self.lead_to(&link);
        }
    }

    pub(super) fn end_anchor(&mut self) {
        if let Some(link) = self.anchor.take() {
            self.lead_to(&link);
        }
    }

    /// Writes the address behind the text of a link, or in its place if they are the same.
    fn lead_to(&mut self, link: &Link<'_>) {
        let text = self.out.get(link.at..).unwrap_or_default().trim();
        let Some(url) = visible_address(&link.url).filter(|_| self.links.is_empty()) else {
            return;
        };
        let bare = |url: &str| {
            url.split_once("://")
                .map_or(url, |(_, url)| url)
                .trim_end_matches('/')
                .to_owned()
        };
        if text.is_empty() || bare(text) == bare(url) {
            self.out.truncate(link.at);
            self.markers.forget_from(link.at);
            self.text(url);
        } else {
            self.text(&format!(" ({url})"));
        }
    }
}

pub(super) fn is_address(url: &str) -> bool {
    url.contains(['/', ':']) || url.starts_with('#')
}

/// What a person can follow; other links (`javascript:`, `#top`) are not shown.
pub(super) fn visible_address(url: &str) -> Option<&str> {
    let has_scheme = |scheme: &str| {
        url.get(..scheme.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    };
    if ["https://", "http://"].into_iter().any(has_scheme) {
        return Some(url);
    }
    ["mailto:", "tel:"]
        .into_iter()
        .find(|scheme| has_scheme(scheme))
        .and_then(|scheme| url.get(scheme.len()..))
}
