//! Who may talk to the agent: the policy of an account, the people approved for it, and those who
//! wait for approval.

mod approvals;
mod note;
mod pairing;
mod policy;
mod store;
#[cfg(test)]
mod tests;

pub use self::{
    approvals::{ApprovalError, Approvals},
    note::Note,
    pairing::{Challenge, Code, PairingRequest},
    policy::{Admitted, Verdict, admit, needs_approval},
    store::{Access, AccessError, Approval},
};
