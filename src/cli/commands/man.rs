//! `sdnlock man`

use anyhow::Result;

use crate::cli::args::{ManArgs, PAGES};
use crate::cli::status;
use crate::cli::streams;

macro_rules! pages {
    ($($page:literal $section:literal,)*) => {
        [$(($page, include_str!(concat!("../../../man/sdnlock-", $page, ".", $section)))),*]
    };
}

const OVERVIEW: &str = include_str!("../../../man/sdnlock.1");

/// The pages that can be asked for, as many as the definitions of the options name.
const TEXTS: [(&str, &str); PAGES.len()] = pages! {
    "read" 1, "write" 1, "edit" 1, "exec" 1, "get" 1, "set" 1, "add" 1, "rm" 1, "list" 1, "alter" 1, "check" 1,
    "diff" 1, "merge" 1, "git-setup" 1, "jj-setup" 1, "status" 1, "restore" 1, "completions" 1, "man" 1, "schema" 5,
};

pub fn run(args: &ManArgs) -> Result<u8> {
    let page = args.page.as_deref().and_then(text).unwrap_or(OVERVIEW);
    streams::bytes(page.as_bytes())?;
    Ok(status::DONE)
}

fn text(wanted: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(page, _)| *page == wanted).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_that_can_be_asked_for_is_its_own() {
        for page in PAGES {
            let title = format!(".TH SDNLOCK-{} ", page.to_uppercase());
            assert!(text(page).is_some_and(|text| text.contains(&title)), "{page}");
        }
    }
}
