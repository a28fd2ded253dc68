//! From values to types, for settings of every kind.

use std::borrow::Cow;

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::{Deserialize, Deserializer};
use url::Url;

use super::problem::{Report, key};

/// Reads what the checker has been over, so that it fits; if it does not, that is reported and not
/// hidden.
pub(crate) fn typed<'de, T: Deserialize<'de>>(
    value: impl Deserializer<'de>,
    path: &str,
    report: &mut Report,
) -> Option<T> {
    let unread = |error: serde_path_to_error::Error<_>| {
        report.problem(key(path, &error.path().to_string()), "cannot be read");
    };
    serde_path_to_error::deserialize(value).map_err(unread).ok()
}

/// Without white space around it; an empty one is none.
pub(crate) fn text(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

/// An http or https address without user, password and fragment.
pub(crate) fn address(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text.trim())
        .map_err(|_| "must be a whole address, such as https://agent.example.com")?;
    if !matches!(url.scheme(), "http" | "https") {
        Err("must start with https:// or http://")
    } else if !url.username().is_empty() || url.password().is_some() {
        Err("must not hold a user or password")
    } else if url.fragment().is_some() {
        Err("must not have a part after #")
    } else {
        Ok(url)
    }
}

/// Base64 of either alphabet, padded or not.
pub(crate) fn base64(text: &str) -> Option<SecretSlice<u8>> {
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let url_safe = text.replace('+', "-").replace('/', "_");
    GeneralPurpose::new(&alphabet::URL_SAFE, config)
        .decode(url_safe)
        .ok()
        .map(Into::into)
}

/// A text that is never shown.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Secret(SecretString);

impl Secret {
    /// Without white space around it; an empty one is none.
    pub(crate) fn read(self) -> Option<SecretString> {
        let text = self.expose();
        (!text.is_empty()).then(|| text.into())
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret().trim()
    }
}

impl JsonSchema for Secret {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}
