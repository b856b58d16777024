//! Files as editors on any system save them.

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns the content of a text file without the byte order mark that it may
/// begin with.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
}

/// Whether a file has the byte order mark of UTF-16, which `PowerShell` writes.
#[cfg(feature = "testing")]
pub(crate) fn is_utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..])
}
