//! An object of which ranges are read.

use std::{
    io::{self, Read},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;

use super::objects::Objects;

/// What is fetched at once: a page of a column takes less, and a request costs more.
const WINDOW: u64 = 512 * 1024;

/// An object, and the part of it that was read last.
#[derive(Clone)]
pub(crate) struct Ranged {
    objects: Objects,
    name: String,
    length: u64,
    window: Arc<Mutex<Window>>,
}

#[derive(Default)]
struct Window {
    start: u64,
    bytes: Bytes,
}

impl Window {
    fn part(&self, start: u64, length: usize) -> Option<Bytes> {
        let from = usize::try_from(start.checked_sub(self.start)?).ok()?;
        let to = from.checked_add(length)?;
        (to <= self.bytes.len()).then(|| self.bytes.slice(from..to))
    }
}

impl Ranged {
    /// An object of this length, of which the end is read first: a small one is read whole.
    pub(crate) fn open(objects: Objects, name: &str, length: u64) -> io::Result<Self> {
        let window = Arc::new(Mutex::new(Window::default()));
        let object = Self { objects, name: name.to_owned(), length, window };
        let tail = length.min(WINDOW);
        object.bytes(length - tail, usize::try_from(tail).map_err(io::Error::other)?)?;
        Ok(object)
    }

    pub(crate) fn len(&self) -> u64 {
        self.length
    }

    pub(crate) fn bytes(&self, start: u64, length: usize) -> io::Result<Bytes> {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(part) = window.part(start, length) {
            return Ok(part);
        }
        let end = start.saturating_add(WINDOW.max(length as u64)).min(self.length);
        let bytes = self.objects.range(&self.name, start..end)?;
        if bytes.len() as u64 != end.saturating_sub(start) {
            let reason = format!("it is cut off: {} bytes were to come", self.length);
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, reason));
        }
        *window = Window { start, bytes };
        let past_end = || io::Error::new(io::ErrorKind::UnexpectedEof, "it ends too early");
        window.part(start, length).ok_or_else(past_end)
    }

    pub(crate) fn reader(&self, start: u64) -> impl Read + use<> {
        Reader { object: self.clone(), at: start }
    }
}

struct Reader {
    object: Ranged,
    at: u64,
}

/// A header of a page takes less.
const PIECE: u64 = 8 * 1024;

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.object.length.saturating_sub(self.at);
        let length = left.min(PIECE).min(buffer.len() as u64);
        if length == 0 {
            return Ok(0);
        }
        let bytes =
            self.object.bytes(self.at, usize::try_from(length).map_err(io::Error::other)?)?;
        buffer[..bytes.len()].copy_from_slice(&bytes);
        self.at += bytes.len() as u64;
        Ok(bytes.len())
    }
}
