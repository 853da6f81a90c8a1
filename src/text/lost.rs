//! What a cut of the power leaves of a file: bytes of zero in place of what was written.

use super::Span;

/// So many zero bytes in a row nobody has written on purpose.
const LOST: [u8; 8] = [0; 8];

/// The runs of zero bytes that stand in place of what is lost: long ones, and any where there is nothing else.
///
/// ```
/// use sdnlock::text::{Span, lost_in};
///
/// assert!(lost_in(b"one \0 is a character\n").next().is_none());
/// let lost: Vec<Span> = lost_in(b"a: 1\n\0\0\0\0\0\0\0\0").collect();
/// assert_eq!(lost, [Span::new(5, 13)]);
/// ```
pub fn lost_in(source: &[u8]) -> impl Iterator<Item = Span> {
    let run_from = |start: usize| {
        let behind = source[start..].iter().position(|&byte| byte != 0);
        Span::new(start, behind.map_or(source.len(), |length| start + length))
    };
    let is_blank = source.first() == Some(&0) && source.iter().all(|byte| *byte == 0 || byte.is_ascii_whitespace());
    let shortest = if is_blank { 1 } else { LOST.len() };
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + memchr::memmem::find(&source[at..], &LOST[..shortest])?;
        let run = run_from(start);
        at = run.end;
        Some(run)
    })
}
