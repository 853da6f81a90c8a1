//! What a test needs that not every machine has.
//!
//! A test that cannot run prints `not tested: TEST: no NEED` on standard error, past the harness, which would keep it
//! to itself; so `cargo test 2>&1 | grep -c '^not tested: '` counts them. Where `SDNLOCK_TEST_REQUIRE` lists the need,
//! the test fails instead: `.ci/run` lists what it has installed.

use std::io::Write;
use std::process::Command;

/// Whether this program can be run. If not, that is said.
pub fn has_program(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(name).is_file());
    if !found {
        not_tested(name);
    }
    found
}

/// Whether strace(1) is there and may trace. If not, that is said.
pub fn has_strace() -> bool {
    let traced = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    let found = traced.is_ok_and(|output| output.status.success());
    if !found {
        not_tested("strace");
    }
    found
}

/// Says that the running test needs something that is not there.
///
/// # Panics
/// If it is required.
pub fn not_tested(need: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a part of a test");
    let required = std::env::var("SDNLOCK_TEST_REQUIRE").unwrap_or_default();
    assert!(!required.split_whitespace().any(|name| name == need), "{test} needs {need}, and it is not here");
    // `eprintln!` would be caught.
    let _ = std::io::stderr().write_all(format!("not tested: {test}: no {need}\n").as_bytes());
}
