//! The extended tests: the functions' real binaries under a Lambda Runtime API, against servers
//! that speak AWS's protocols. They are killed, frozen and cut off here, in real time. `.ci/aws`
//! builds the binaries, starts moto and runs all of this; `.ci/aws f25` runs the tests with `f25`
//! in their name.
//!
//! A test is written with these:
//!
//! - A `Cloud` of the crate `test-support` is AWS and Kakao around the binaries, one for each test.
//!   `Setup` says what is to be otherwise: settings, how many processes, moto instead of the
//!   engine. Its verbs are what people do: `says`, `says_without_callback`, `knocks`. When it is
//!   dropped, it looks for secrets and personal words in everything that was logged, queued or
//!   stored.
//! - A `Proxy` of `local_lambda::fault` stands before each AWS service that a function calls, and
//!   before Kakao: `cloud.at_webhook` and `cloud.at_worker` have one each for the store, the queue
//!   and the secrets, and `cloud.kakao` is before the emulator. `set` makes it misbehave until
//!   `heal`; `count` and `seen` tell what has passed.
//! - A `Gate` holds one request at a proxy, before or after the dependency has acted. `reached`
//!   waits for that request; then the test kills or freezes the process, and `release` or `drop_it`
//!   decides what becomes of the request. `outcome.rs` has the predicates for gates (`put`, `post`,
//!   `send`).
//! - `cloud.agent` is a `ScriptedAgent`, as in `tests/it`; `with_agent` (`chat.rs`) lets it answer
//!   every question at once.
//!
//! ```text
//! let cloud = Cloud::new().await;
//! let exchange = cloud.says("alice", QUESTION).await;
//! let asked = cloud.agent.asked().await;
//! let stored = cloud.at_worker.store.gate(put, When::After);
//! asked.answers(ANSWER);
//! stored.reached().await;
//! worker(&cloud).await.kill();
//! stored.drop_it();
//! assert_eq!(delivered(&cloud.after_callback(&exchange).await), ANSWER);
//! ```
//!
//! Where what is, in an order to read it in:
//!
//! - `flow` is the main job from end to end; `start` is functions that start while something is
//!   missing; `operator` is the `dari` command on a stack; `permissions` is what the functions
//!   call.
//! - `deadline` is the five seconds of a skill; `duplicates` is what comes twice; `crash` is
//!   processes that are killed, `lease` processes that are frozen.
//! - `overload` and `amplification` are too much at once, and how often what is down is called;
//!   `alarms` is what the owner hears of it.
//!
//! As in `tests/it`, a test's name begins with the number of the line of docs/faults.md that it
//! proves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::large_futures,
    reason = "a test fails by panicking, and plays the outside world itself"
)]

mod alarms;
mod amplification;
mod chat;
mod crash;
mod deadline;
mod duplicates;
mod flow;
mod lease;
mod operator;
mod outcome;
mod overload;
mod permissions;
mod start;
