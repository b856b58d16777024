//! Text files as editors on any system save them.

use std::fs;
use std::io;
use std::path::Path;

/// Reads UTF-8 text, without the byte order mark that it may begin with.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    let bytes = fs::read(path)?;
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(refused("the file is UTF-16; save it as UTF-8"));
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let text = str::from_utf8(text).map_err(|_| refused("the file isn't UTF-8; save it as UTF-8"));
    text.map(str::to_owned)
}

fn refused(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}
