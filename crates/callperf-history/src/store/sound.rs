//! A day's file, if it is what was written.

use std::{io, path::Path};

use bytes::Bytes;

use super::hex;
use crate::model::file::Day;

/// What is wrong with a day's file.
#[derive(Debug)]
pub(crate) enum Unsound {
    /// It can't be read.
    Unreadable(io::Error),
    /// It has so many bytes, and had others.
    Length(u64),
    /// It has other bytes: damage, or another day's file in its place.
    Content,
}

/// What is read of a file, if it is what was written.
pub(crate) type Sound<T> = Result<T, Unsound>;

/// These bytes, if they are those of the file that the manifest lists.
pub(crate) fn checked(bytes: Bytes, listed: &Day) -> Sound<Bytes> {
    if bytes.len() as u64 != listed.bytes {
        return Err(Unsound::Length(bytes.len() as u64));
    }
    if hex(&hmac_sha256::Hash::hash(&bytes)) != listed.sha256 {
        return Err(Unsound::Content);
    }
    Ok(bytes)
}

impl Unsound {
    /// What is wrong, in words.
    pub(crate) fn in_words(&self, file: &Path, listed: &Day) -> String {
        let file = file.display();
        match self {
            Self::Unreadable(error) => format!("{file}: {error}"),
            Self::Length(bytes) => {
                format!("{file}: it is damaged: it has {bytes} bytes, and had {}", listed.bytes)
            }
            Self::Content => {
                format!("{file}: it is damaged, or another day's file: its bytes are others")
            }
        }
    }
}
