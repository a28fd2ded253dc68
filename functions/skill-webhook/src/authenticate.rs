//! Whose bot is calling. Only the fixed header of the skill's settings tells (skill.md §2.1).

use http::{HeaderMap, StatusCode};
use secrecy::ExposeSecret;
use shared::{
    config::{Account, Config, KakaoSettings, Skill},
    keys::same_secret,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Missing or wrong: the caller learns nothing.
    Unauthorized,
    /// The account has no key that is long enough to keep anybody out.
    NoKey,
}

impl Refused {
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NoKey => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Unauthorized => "the header with the skill key is missing or wrong",
            Self::NoKey => "the account has no skillKey of 24 characters or more",
        }
    }
}

/// The account that the path names, or on the bare path the one whose key was sent. Every key of
/// every candidate is compared, so that the time it takes tells nothing (F-04, F-07).
pub(crate) fn account<'a>(
    config: &'a Config,
    headers: &HeaderMap,
    named: Option<&str>,
) -> Result<(&'a Account, &'a KakaoSettings), Refused> {
    let candidates: Vec<_> = config
        .kakao()
        .filter(|(account, _)| {
            account.enabled
                && named.is_none_or(|named| account.id().as_str().eq_ignore_ascii_case(named))
        })
        .collect();
    if !candidates.is_empty()
        && candidates
            .iter()
            .all(|(_, kakao)| kakao.skill.keys.candidates().next().is_none())
    {
        return Err(Refused::NoKey);
    }
    let mut found = Err(Refused::Unauthorized);
    for (account, kakao) in candidates {
        let sent = sent(headers, &kakao.skill).unwrap_or_default();
        for key in kakao.skill.keys.candidates() {
            if same_secret(sent, key.expose_secret().as_bytes()) && found.is_err() {
                found = Ok((account, kakao));
            }
        }
    }
    found
}

/// A header that was sent twice counts as not sent: either could be the wrong one.
fn sent<'h>(headers: &'h HeaderMap, skill: &Skill) -> Option<&'h [u8]> {
    let mut values = headers.get_all(skill.header.as_str()).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value.as_bytes()),
        _ => None,
    }
}
