//! The manual is the one that the definitions of the command line give.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;
use std::path::Path;
use std::process::Command;

#[allow(dead_code, reason = "the program itself is not run here")]
#[path = "../examples/generate.rs"]
mod generate;
mod support;

#[test]
fn the_checked_in_files_equal_freshly_made_ones() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = generate::files().unwrap();
    for (path, content) in &files {
        let there = fs::read(root.join(path)).unwrap_or_default();
        assert!(there == *content, "{} is out of step: run `cargo run --example generate`", path.display());
    }
    for entry in fs::read_dir(root.join("man")).unwrap() {
        let path = Path::new("man").join(entry.unwrap().file_name());
        assert!(files.iter().any(|(known, _)| *known == path), "nothing makes {}", path.display());
    }
}

#[test]
fn the_manual_has_no_errors_that_its_formatter_knows() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("man");
    for entry in fs::read_dir(folder).unwrap() {
        let page = entry.unwrap().path();
        match Command::new("groff").args(["-man", "-ww", "-z", "-Tutf8"]).arg(&page).output() {
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                assert!(output.status.success() && said.is_empty(), "{}: {said}", page.display());
            }
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{error}");
                return support::not_tested("groff");
            }
        }
    }
}

#[test]
fn the_manual_is_clean_for_the_formatter_of_bsd() {
    if !support::has_program("mandoc") {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("man");
    for entry in fs::read_dir(folder).unwrap() {
        let page = entry.unwrap().path();
        let lint = Command::new("mandoc").args(["-Tlint", "-Wwarning"]).arg(&page).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&lint.stdout), "", "{}", page.display());
    }
}

#[test]
fn the_command_prints_each_page() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("man");
    let mut pages = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let wanted = name.strip_prefix("sdnlock-").unwrap_or_default();
        let printed = Command::new(env!("CARGO_BIN_EXE_sdnlock"))
            .arg("man")
            .args(Some(wanted).filter(|wanted| !wanted.is_empty()))
            .output()
            .unwrap();
        assert!(printed.stdout == fs::read(&path).unwrap(), "{name}");
        pages += 1;
    }
    assert!(pages >= 21, "{pages}");
}

#[test]
fn every_command_has_a_page_and_the_overview_says_all() {
    let man = |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("man").join(name)).unwrap();
    let overview = man("sdnlock.1");
    for section in ["EXIT STATUS", "ENVIRONMENT", "FILES", "LIMITS", "EXAMPLES"] {
        let heading = format!(".SH \"{section}\"");
        let plain = format!(".SH {section}");
        assert!(overview.lines().any(|line| line == heading || line == plain), "the overview has no {section}");
    }
    // One page for each command that the definitions know.
    let files = generate::files().unwrap();
    let pages: Vec<_> = files.iter().filter(|(path, _)| path.to_string_lossy().starts_with("man/sdnlock-")).collect();
    assert!(pages.len() >= 12, "only {} pages", pages.len());
    for (path, page) in pages {
        let page = String::from_utf8_lossy(page);
        // A format of files has no exit status.
        let whole = page.contains("EXIT STATUS") || path.extension().is_some_and(|section| section == "5");
        assert!(page.contains("EXAMPLES") && whole, "{}", path.display());
    }
}
