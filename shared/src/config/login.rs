//! The Kakao Developers app of an account: what Kakao Login and the APIs behind it ask for. Says
//! where the original documents mistake one key for another (developers-rest.md §10.2).

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;

use super::read::{problem::Report, section::Entry, values::Secret};

#[derive(Clone, Debug)]
pub struct Login {
    pub rest_api_key: Option<SecretString>,
    pub admin_key: Option<SecretString>,
    /// The JavaScript key, which nothing here needs.
    pub app_key: Option<SecretString>,
    pub client_secret: Option<SecretString>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Written {
    /// The JavaScript key of the Kakao Developers app. Dari does not need it.
    app_key: Option<Secret>,
    /// The REST API key of the Kakao Developers app.
    rest_api_key: Option<Secret>,
    /// The primary admin key of the Kakao Developers app, a master key for servers. Not the REST API key.
    admin_key: Option<Secret>,
    /// The client secret of Kakao Login.
    client_secret: Option<Secret>,
}

impl Written {
    pub(super) fn read(self, entry: &Entry, report: &mut Report) -> Login {
        if self.app_key.is_some() {
            report.warn(
                entry.at("appKey"),
                "the JavaScript key has no use here; Dari needs restApiKey",
            );
        }
        let is_mistaken = self.admin_key.as_ref().is_some_and(|admin| {
            self.rest_api_key
                .as_ref()
                .is_none_or(|rest| rest.expose() == admin.expose())
        });
        if is_mistaken {
            report.warn(
                entry.at("adminKey"),
                "this is Kakao's admin key, a master key; the REST API key, which an original guide puts here, belongs into restApiKey",
            );
        }
        Login {
            rest_api_key: self.rest_api_key.and_then(Secret::read),
            admin_key: self.admin_key.and_then(Secret::read),
            app_key: self.app_key.and_then(Secret::read),
            client_secret: self.client_secret.and_then(Secret::read),
        }
    }
}
