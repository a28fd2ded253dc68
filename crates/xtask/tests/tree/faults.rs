//! docs/faults.md against the names of the tests.

use std::process::Command;

#[test]
fn faults_and_tests_agree() {
    let xtask = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["faults", "--check"])
        .output()
        .unwrap();
    let says = String::from_utf8_lossy(&xtask.stderr);
    assert!(xtask.status.success(), "{says}");
}
