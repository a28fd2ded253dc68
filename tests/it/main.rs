//! Whole flows in one process: the real handlers, the embedded DynamoDB engine as the store, and
//! the emulator as Kakao. They need nothing but Rust: `cargo test -p tests`. The functions' real
//! binaries run in `tests/aws`.
//!
//! A test is written with what the crate `test-support` offers:
//!
//! - A `World` is a whole bundle of the test's own, started as `dari dev` starts it. Its verbs are
//!   what people do: `sends` and `asks` are what Alice writes, `owner_approves` is what the owner
//!   decides. `later` moves the clocks of the bundle and of the emulator, so that no test sleeps.
//! - `document(account, agents)` writes its configuration. `OPEN` lets everyone in, `ECHO`
//!   is an agent that repeats what it is told.
//! - A `ScriptedAgent` answers when the test says so: `asked` waits for the next question, and
//!   `answers` answers it.
//! - `screen` and `callback_screen` read what the person sees, and panic if Kakao would show
//!   nothing.
//! - `World::behind_proxy` puts a `Proxy` of `local_lambda::fault` between the bundle and its
//!   tables. `set` makes it misbehave until `heal`; `gate` gives a `Gate`, which holds one request
//!   where the test wants it.
//!
//! ```text
//! let agent = ScriptedAgent::start().await;
//! let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
//! let exchange = world.sends("안녕하세요").await;
//! agent.asked().await.answers("반가워요");
//! world.later(Duration::from_secs(2));
//! assert_eq!(callback_screen(&world.after_callback(&exchange).await), "반가워요");
//! ```
//!
//! Where what is, in an order to read it in:
//!
//! - `talk` is conversations when all is well; `late` is answers that come after Kakao has stopped
//!   waiting; `rich` is cards and suggestions; `pictures` is what people send; `agents` is routing.
//! - `http` is keys, methods and paths; `access` is pairing and policies; `panel` is the operator's
//!   page; `samples` posts every body of the platform reference.
//! - `faults` is what misbehaves around the functions; `crash` is functions that die.
//! - `template` is what must hold in `template.yaml`.
//!
//! The name of a test is a sentence. If the test proves a line of docs/faults.md, the name begins
//! with the number of that line, such as `f40_`, and `cargo xtask faults` lists the test there.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::large_futures,
    reason = "a test fails by panicking, and plays the outside world itself"
)]

mod access;
mod agents;
mod crash;
mod faults;
mod http;
mod late;
mod panel;
mod pictures;
mod rich;
mod samples;
mod talk;
mod template;
