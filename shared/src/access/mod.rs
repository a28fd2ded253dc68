//! Who may talk to the agent: the policy of an account, the people approved for it, and those who
//! wait.

mod approvals;
mod pairing;
mod policy;
mod store;

pub use approvals::{ApprovalError, Approvals};
pub use pairing::{Challenge, Code, PairingRequest};
pub use policy::{Admitted, Verdict, admit, needs_approval};
pub use store::{Access, AccessError};
