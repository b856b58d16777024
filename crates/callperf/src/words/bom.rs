//! Files as editors on any system save them.

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns the content of a text file without the byte order mark that it may
/// begin with.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
}

/// Returns the text of a UTF-8 file without the byte order mark that it may begin with.
///
/// # Errors
/// The encoding that it has instead, and the remedy.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, &'static str> {
    let bytes = without_mark(bytes);
    if is_utf16(bytes) {
        return Err("the file is UTF-16; save it as UTF-8");
    }
    str::from_utf8(bytes).map_err(|_| "the file isn't UTF-8; save it as UTF-8")
}

/// Whether a file has the byte order mark of UTF-16, which `PowerShell` writes, or begins with an ASCII character of
/// it, which has a zero beside it.
pub(crate) fn is_utf16(bytes: &[u8]) -> bool {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [one, other, ..] => (*one == 0) != (*other == 0),
        _ => false,
    }
}
