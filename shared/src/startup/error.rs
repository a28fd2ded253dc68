//! Why a function cannot start, said so that its owner knows what to mend.

use outside::SetupError;

use crate::{aws::Lack, config::Problems};

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the environment is incomplete:\n{0}")]
    Settings(Problems),
    #[error("the configuration cannot be used:\n{0}")]
    Config(Problems),
    #[error("the configuration has no `keys`; `dari config push` adds them")]
    NoKeys,
    /// Everything that is missing, a line each.
    #[error("{0}")]
    Lacking(String),
    /// The configuration cannot be read at the moment.
    #[error("{0}")]
    Unavailable(String),
    #[error(transparent)]
    Http(#[from] SetupError),
}

impl StartError {
    /// Whether it stays so until somebody mends it.
    pub fn is_lasting(&self) -> bool {
        !matches!(self, Self::Unavailable(_))
    }
}

/// Where to look: at the function's role, or at the `resource` of the template.
pub(super) fn mend(lack: &Lack, resource: &str) -> String {
    match lack {
        Lack::Denied { .. } => {
            "the function's role in template.yaml allows it (docs/permissions.md)".to_owned()
        }
        Lack::Missing | Lack::Unavailable { .. } => {
            format!("{resource} of template.yaml provides it")
        }
    }
}
