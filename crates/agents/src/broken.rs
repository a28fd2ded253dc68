//! An error as it comes from an endpoint, before what it says is cleaned.

use super::{AgentError, NoAnswer, complaint::Complaint};

/// Why an endpoint gave no answer, in its own words.
#[derive(Debug)]
pub struct Broken {
    pub error: AgentError,
    pub complaint: Option<Complaint>,
    /// Whether the endpoint reported an internal error before its first word: asked again at once,
    /// it may answer the same question.
    pub is_internal: bool,
}

impl Broken {
    /// For a log, without `secrets` and without pieces of what was `told` to the agent.
    pub fn cleaned(self, secrets: &[&str], told: &[&str]) -> NoAnswer {
        let cleaned = |complaint: Complaint| complaint.cleaned(secrets, told);
        NoAnswer {
            error: self.error,
            words: self.complaint.map(cleaned).unwrap_or_default(),
        }
    }
}

impl From<AgentError> for Broken {
    fn from(error: AgentError) -> Self {
        Self {
            error,
            complaint: None,
            is_internal: false,
        }
    }
}
