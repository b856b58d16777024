//! Text files as editors on any system save them.

use std::{fs, io, path::Path};

pub(crate) const APPLICATION: &str = concat!("callperf-cli/", env!("CARGO_PKG_VERSION"));

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a text file; see [`text`].
pub(crate) fn read_text(file: &Path) -> io::Result<String> {
    text(&fs::read(file)?)
}

/// Returns UTF-8 text without the byte order mark that it may begin with.
///
/// # Errors
/// For UTF-16, which `PowerShell` writes, and for other encodings.
pub(crate) fn text(bytes: &[u8]) -> io::Result<String> {
    let bytes = without_mark(bytes);
    if is_utf16(bytes) {
        return Err(refused("the file is UTF-16; save it as UTF-8"));
    }
    let text = str::from_utf8(bytes);
    text.map(str::to_owned).map_err(|_| refused("the file isn't UTF-8; save it as UTF-8"))
}

pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
}

/// Whether its mark is there, or an ASCII character as two bytes.
fn is_utf16(bytes: &[u8]) -> bool {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [first, second, ..] => (*first == 0) != (*second == 0),
        _ => false,
    }
}

fn refused(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        for (bytes, expected) in [
            (&b"\xef\xbb\xbfone\r\ntwo"[..], "one\r\ntwo"),
            (b"one", "one"),
            (b"\xef\xbb\xbf", ""),
            (b"", ""),
        ] {
            assert_eq!(text(bytes).unwrap(), expected);
        }
    }

    #[test]
    fn other_encodings_are_refused_by_name() {
        let encoded = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(bytes).collect()
        };
        for sample in ["\u{feff}RC=1", "RC=1"] {
            for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
                let error = text(&encoded(sample, bytes)).unwrap_err().to_string();
                assert_eq!(error, "the file is UTF-16; save it as UTF-8");
            }
        }
        let error = text(b"RC=\xfcber").unwrap_err().to_string();
        assert_eq!(error, "the file isn't UTF-8; save it as UTF-8");
    }
}
