//! The user's editor, and a question at the terminal.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, FdFlags, fcntl_setfd};

use super::child::End;
use super::signals::Hold;

/// What is run if nothing else is said.
const LAST_RESORT: &str = "vi";

/// An editor that is left so soon, and runs on, has gone into the background.
const SOON: Duration = Duration::from_secs(2);

/// How an editor was left.
pub struct Left {
    pub end: End,
    /// Whether it seems to run on, and nobody waits for it.
    pub in_background: bool,
}

/// How long an editor that was told to end may take to save what it has.
const TIME_TO_SAVE: Duration = Duration::from_secs(10);

/// The editor as a shell command line: the first of these variables that is set and not blank.
pub fn command() -> OsString {
    let dumb = env::var_os("TERM").is_none_or(|terminal| terminal == "dumb");
    let set = |name: &str| env::var_os(name).filter(|value| !value.as_encoded_bytes().trim_ascii().is_empty());
    // As for git, VISUAL is for terminals that can do more than print lines.
    set("SDNLOCK_EDITOR")
        .or_else(|| set("VISUAL").filter(|_| !dumb))
        .or_else(|| set("EDITOR"))
        .unwrap_or_else(|| LAST_RESORT.into())
}

/// Whether an editor takes `+LINE` before the name of a file for the place to begin at.
fn goes_to_lines(editor: &OsString) -> bool {
    const KNOWN: [&str; 17] = [
        "vi",
        "vim",
        "nvim",
        "view",
        "vimx",
        "gvim",
        "nano",
        "pico",
        "emacs",
        "emacsclient",
        "joe",
        "mg",
        "ne",
        "micro",
        "kak",
        "jed",
        "jove",
    ];
    let line = editor.to_string_lossy();
    let program = line.split_whitespace().next().unwrap_or_default();
    KNOWN.contains(&program.rsplit('/').next().unwrap_or_default())
}

/// Opens a file in the editor, at this line if it can do that, and waits until it is left. If it is ended by a signal, the shell that
/// runs it may be gone before it has saved what was typed; that is waited for too.
///
/// # Errors
/// If no shell can be started.
pub fn open(editor: &OsString, file: &Path, at: Option<usize>) -> io::Result<Left> {
    let begun = Instant::now();
    let mut line = editor.clone();
    line.push(" \"$@\"");
    // Whoever has inherited the one end keeps the other one from ending.
    let (ours, theirs) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    fcntl_setfd(&theirs, FdFlags::empty())?;
    let at = at.filter(|_| goes_to_lines(editor)).map(|line| format!("+{line}"));
    let status = Command::new("/bin/sh").arg("-c").arg(line).arg(editor).args(at).arg(file).status();
    drop(theirs);
    let end = End::from(status?);
    if ended_by_signal(end).is_some() {
        wait_for_end(&ours, TIME_TO_SAVE);
    }
    let in_background = begun.elapsed() < SOON && !wait_for_end(&ours, Duration::ZERO);
    Ok(Left { end, in_background })
}

/// The signal that ended an editor, as the shell that ran it tells it.
pub fn ended_by_signal(end: End) -> Option<i32> {
    const SIGNALS: std::ops::RangeInclusive<u8> = 129..=192;
    match end {
        End::Signal(signal) => Some(signal),
        End::Code(code) => SIGNALS.contains(&code).then(|| i32::from(code) - 128),
    }
}

/// Waits until nobody has the other end of the pipe any more, but not longer than that. Says whether it came to it.
fn wait_for_end(pipe: &OwnedFd, longest: Duration) -> bool {
    let begun = Instant::now();
    loop {
        let left = longest.saturating_sub(begun.elapsed());
        let mut ready = [PollFd::new(pipe, PollFlags::IN)];
        match poll(&mut ready, Timespec::try_from(left).ok().as_ref()) {
            Err(Errno::INTR) => {}
            Ok(0) => return false,
            _ => return true,
        }
    }
}

/// Whether somebody sits there who can answer.
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks until one of the letters is typed.
///
/// # Errors
/// The signal that came meanwhile, or nothing if the input ended.
pub fn ask(question: &str, letters: &[char], hold: &Hold) -> Result<char, Option<i32>> {
    let mut typed = Vec::new();
    let _ = write!(anstream::stderr(), "{question} ");
    loop {
        // A signal does not wake a read that waits for the terminal.
        let mut ready = [PollFd::from_borrowed_fd(rustix::stdio::stdin(), PollFlags::IN)];
        let step = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
        let polled = poll(&mut ready, Some(&step));
        if let Some(signal) = hold.take() {
            let _ = writeln!(anstream::stderr());
            return Err(Some(signal));
        }
        match polled {
            Ok(0) | Err(Errno::INTR) => continue,
            Ok(_) => {}
            Err(_) => return Err(None),
        }
        let mut byte = [0];
        match rustix::io::read(rustix::stdio::stdin(), &mut byte) {
            Ok(1) if byte[0] != b'\n' => typed.push(byte[0]),
            Ok(1) => {
                let line = String::from_utf8_lossy(&typed).trim().to_lowercase();
                if let Some(letter) = line.chars().next().filter(|letter| letters.contains(letter)) {
                    return Ok(letter);
                }
                typed.clear();
                let _ = write!(anstream::stderr(), "{question} ");
            }
            _ => {
                let _ = writeln!(anstream::stderr());
                return Err(None);
            }
        }
    }
}
