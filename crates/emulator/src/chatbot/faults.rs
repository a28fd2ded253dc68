//! Ways in which the platform can be told to misbehave.

use serde::{Deserialize, Serialize};

/// How the platform misbehaves towards one bot; by default not at all.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Faults {
    pub skill: SkillFaults,
    pub callback: CallbackFaults,
}

/// Between the platform and the skill.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SkillFaults {
    /// Delays each request on its way to the skill; counts towards the 5 s.
    pub latency_ms: u64,
    /// Loses the skill's answer on its way back; the exchange fails.
    pub drop_answer: bool,
}

/// Where callbacks are posted.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CallbackFaults {
    pub mode: Mode,
    /// Where `redirect` sends the caller.
    pub location: Option<String>,
    /// Delays each answer after the callback has been dealt with.
    pub latency_ms: u64,
    /// How long an acknowledgement takes to count; a callback before that is refused.
    pub settle_ms: u64,
    /// How many callbacks the mode hits before all is well again; none is forever.
    pub times: Option<u32>,
}

/// What happens to a callback.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// What is documented.
    #[default]
    Ok,
    /// 400 `FAIL` with the documented refusal of a token. Nothing is delivered, the URL stays good.
    Refuse,
    /// 500 `ERROR` with the documented internal error. Nothing is delivered, the URL stays good.
    ServerError,
    /// Delivered, then the connection is cut without a byte of answer.
    AcceptThenCut,
    /// The connection is cut; nothing is delivered, the URL stays good.
    CutBeforeAccept,
    /// Delivered; the answer comes one byte every half second.
    SlowDrip,
    /// Delivered; the answer is 64 MiB of valid JSON.
    Huge,
    /// Delivered; the answer starts well and never ends.
    NeverEnding,
    /// Delivered; the answer is cut-off JSON.
    BadJson,
    /// 200 with status `FAIL`. Nothing is delivered, the URL stays good.
    FailBody,
    /// 307 to `location`. Nothing is delivered, the URL stays good.
    Redirect,
}

impl Mode {
    /// Whether the callback is dealt with as documented and only its answer goes wrong.
    pub(crate) fn accepts(self) -> bool {
        matches!(
            self,
            Self::Ok
                | Self::AcceptThenCut
                | Self::SlowDrip
                | Self::Huge
                | Self::NeverEnding
                | Self::BadJson
        )
    }
}

impl CallbackFaults {
    /// The mode, unless it has hit as many callbacks as it was set for.
    pub(crate) fn active(&self) -> Mode {
        if self.times == Some(0) {
            Mode::Ok
        } else {
            self.mode
        }
    }

    /// Counts one callback that the mode has hit.
    pub(crate) fn use_up(&mut self) {
        self.times = self.times.map(|times| times.saturating_sub(1));
    }
}
