//! A file of which the parts that are needed are read.

use std::fs::File;

use bytes::Bytes;
use parquet::{
    errors::Result,
    file::reader::{ChunkReader, Length},
};

#[cfg(feature = "object-store")]
use super::ranged::Ranged;

pub(crate) enum Source {
    File(File),
    #[cfg(feature = "object-store")]
    Object(Ranged),
}

impl Length for Source {
    fn len(&self) -> u64 {
        match self {
            Self::File(file) => file.len(),
            #[cfg(feature = "object-store")]
            Self::Object(object) => object.len(),
        }
    }
}

impl ChunkReader for Source {
    type T = Box<dyn std::io::Read>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(match self {
            Self::File(file) => Box::new(file.get_read(start)?),
            #[cfg(feature = "object-store")]
            Self::Object(object) => Box::new(object.reader(start)),
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        match self {
            Self::File(file) => file.get_bytes(start, length),
            #[cfg(feature = "object-store")]
            Self::Object(object) => Ok(object.bytes(start, length)?),
        }
    }
}
