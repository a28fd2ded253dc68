//! Settings of `dari dev` alone. The original documents write them into an account.

use schemars::JsonSchema;
use serde::Deserialize;

use super::read::{problem::Report, section::Entry};

/// Where `dari dev` listens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dev {
    pub webhook_port: Option<u16>,
    /// Starts with `/`.
    pub webhook_path: Option<String>,
}

impl Dev {
    /// What `other` says where this says nothing.
    #[must_use]
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            webhook_port: self.webhook_port.or(other.webhook_port),
            webhook_path: self.webhook_path.or(other.webhook_path),
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Written {
    /// The port of `dari dev`, and of nothing else.
    #[schemars(range(min = 1, max = 65535))]
    webhook_port: Option<u16>,
    /// One more path for the skill in `dari dev`, and in nothing else.
    webhook_path: Option<String>,
}

impl Written {
    pub(super) fn read(self, entry: &Entry, report: &mut Report) -> Dev {
        for (name, is_set) in [
            ("webhookPort", self.webhook_port.is_some()),
            ("webhookPath", self.webhook_path.is_some()),
        ] {
            if is_set {
                report.warn(entry.at(name), "applies to `dari dev` only");
            }
        }
        let webhook_path = self.webhook_path.filter(|path| {
            let fits = path.starts_with('/')
                && !path.contains(['?', '#'])
                && !path.contains(char::is_whitespace);
            if !fits {
                report.problem(
                    entry.at("webhookPath"),
                    "must be a path, such as /kakao/webhook",
                );
            }
            fits
        });
        Dev {
            webhook_port: self.webhook_port,
            webhook_path,
        }
    }
}
