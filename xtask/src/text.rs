//! Text files as editors on any system save them.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

/// Thirty times the vendor's whole document.
pub(crate) const MOST_BYTES: u64 = 50 * 1024 * 1024;
pub(crate) const TOO_LARGE: &str = "is larger than 50 MiB";

/// Reads UTF-8 text, without the byte order mark that it may begin with.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    decoded(&bytes(path)?)
}

pub(crate) fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MOST_BYTES) {
        return Err(refused(TOO_LARGE));
    }
    Ok(bytes)
}

pub(crate) fn decoded(bytes: &[u8]) -> io::Result<String> {
    // Without its mark, too: what begins with an ASCII letter has a zero beside it.
    let is_utf16 = [b"\xff\xfe", b"\xfe\xff"].iter().any(|mark| bytes.starts_with(*mark))
        || bytes.iter().take(2).any(|byte| *byte == 0);
    if is_utf16 {
        return Err(refused("is UTF-16, not UTF-8"));
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = str::from_utf8(text).map_err(|_| refused("is not UTF-8"));
    text.map(str::to_owned)
}

fn refused(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}
