//! Real and odd databases come back byte for byte, and their tables are read whole.

#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;

use sdnlock::sdn::{Document, PieceKind};

mod support;

#[test]
fn the_pieces_of_a_document_are_its_source() {
    for path in support::documents() {
        let source = fs::read(&path).unwrap();
        let document = Document::parse(source.clone());
        let together: Vec<u8> =
            document.pieces().iter().flat_map(|piece| piece.span.of(document.source()).to_vec()).collect();
        assert!(together == source, "{} is not the sum of its pieces", path.display());
        let mut at = 0;
        for piece in document.pieces() {
            assert_eq!(piece.span.start, at, "{}", path.display());
            assert!(!piece.span.is_empty(), "{}", path.display());
            at = piece.span.end;
        }
    }
}

/// Databases whose tables are broken in fact.
const BROKEN: &[&str] = &["odd.sdn", "not_utf8.sdn"];

#[test]
fn every_row_of_a_real_table_is_read() {
    let mut rows = 0;
    for path in support::databases().iter().chain(&support::real()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if BROKEN.contains(&&*name) {
            continue;
        }
        let document = Document::parse(fs::read(path).unwrap());
        for table in document.tables() {
            for row in table.rows() {
                assert!(row.reading().fits(), "{name}, table {}: {:?}", table.name(), row.trouble());
                assert_eq!(row.cells().len(), table.columns().len());
                rows += 1;
            }
        }
    }
    assert!(rows >= 120, "only {rows} rows were found");
}

#[test]
fn every_line_of_a_document_has_its_place() {
    use PieceKind::*;
    let document = Document::parse(fs::read(support::fixture("odd.sdn")).unwrap());
    let kinds: Vec<PieceKind> = document.pieces().iter().map(|piece| piece.kind).collect();
    assert_eq!(
        kinds,
        [
            ByteOrderMark,
            Setting,
            Setting,
            Setting,
            Setting,
            Other,
            Other,
            Table,
            Row,
            ConflictMarker,
            Row,
            ConflictMarker,
            Row,
            ConflictMarker,
            Other,
            Setting,
            Other,
            Other,
            Other,
            Blank,
            Table,
            Row,
            Row,
            Table,
            Setting
        ]
    );
}

#[test]
fn no_depth_exhausts_the_stack() {
    // On a stack that is smaller than one byte for each bracket.
    const DEPTH: usize = 200_000;
    let deep = |before: &str, open: &str, behind: &str| format!("{before}{}{behind}", open.repeat(DEPTH)).into_bytes();
    let sources = [
        deep("a: ", "[", "\n"),
        deep("a: ", "{a: ", "\n"),
        deep("", "{", ""),
        format!("a: {}{}\n", "[".repeat(DEPTH), "]".repeat(DEPTH)).into_bytes(),
        format!("t |a|\n    {}\n", "[".repeat(DEPTH)).into_bytes(),
        (0..2000).map(|n| format!("{}k:\n", " ".repeat(n))).collect::<String>().into_bytes(),
    ];
    let small = std::thread::Builder::new().stack_size(128 * 1024);
    let parsed = small.spawn(move || {
        for source in sources {
            let document = Document::parse(source);
            let _ = sdnlock::check::check(&document);
            let address: sdnlock::address::Address = "a[0][0][0]".parse().unwrap();
            let _ = address.find(&document);
        }
    });
    parsed.unwrap().join().unwrap();
}
