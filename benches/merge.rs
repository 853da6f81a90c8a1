//! How long a merge of three databases of 20 MB takes, beside `git merge-file`.
//!
//! ```console
//! $ cargo bench --bench merge
//! ```
//! Both sides change a thousand records in place, and theirs adds some; then one side is in another order too.

#![allow(clippy::disallowed_methods, reason = "plays the part of other programs")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const ROWS: usize = 165_000;
const ROUNDS: usize = 7;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<String> = (0..ROWS)
        .map(|n| {
            let file = format!("src/app/file_{}.spl", n % 977);
            format!("    {n}, TODO, core, P2, \"fix the thing number {n} in the parser, soon\", {file}, {}, \"\", open, true\n", n % 3000)
        })
        .collect();
    let changed = |first: usize, from: &str, to: &str| -> Vec<String> {
        let mut rows = rows.clone();
        rows.iter_mut().skip(first).step_by(ROWS / 1000).for_each(|row| *row = row.replace(from, to));
        rows
    };
    let ours = changed(1, ", open,", ", done,");
    let mut theirs = changed(50, "P2", "P1");
    theirs.extend(
        (0..200).map(|n| format!("    {}, TODO, core, P2, \"new\", src/x.spl, 1, \"\", open, true\n", ROWS + n)),
    );
    // A step that has no factor in common with the number of rows visits each once.
    let moved: Vec<String> = (0..ROWS).map(|n| ours[n * 7919 % ROWS].clone()).collect();
    for (what, ours) in [("changed in place", &ours), ("in another order", &moved)] {
        for (name, rows) in [("base.sdn", &rows), ("ours.sdn", ours), ("theirs.sdn", &theirs)] {
            let header = "todos |id, keyword, area, priority, description, file, line, issue, status, valid|\n";
            fs::write(folder.path().join(name), format!("{header}{}", rows.concat())).unwrap();
        }
        let git = median(folder.path(), &["git", "merge-file", "-p", "-q", "ours.sdn", "base.sdn", "theirs.sdn"]);
        let own = env!("CARGO_BIN_EXE_sdnlock");
        let sdnlock = median(folder.path(), &[own, "-q", "merge", "base.sdn", "ours.sdn", "theirs.sdn"]);
        println!("{what}: git merge-file {git:.2} s, sdnlock merge {sdnlock:.2} s, ratio {:.2}", sdnlock / git);
    }
}

/// The median time of a command in seconds.
fn median(folder: &Path, words: &[&str]) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            let mut command = Command::new(words[0]);
            command.args(&words[1..]).current_dir(folder).stdout(Stdio::null()).status().unwrap();
            begun.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}
