//! `dari`, the operator's command.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    dari::run(std::env::args_os()).await
}
