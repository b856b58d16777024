//! Where a history is, on a disk or in an object store, and the files in it.

pub(crate) mod adding;
pub(crate) mod breakdowns;
pub(crate) mod columns;
pub(crate) mod directory;
pub(crate) mod erasing;
mod folder;
#[cfg(all(test, feature = "object-store"))]
mod interleavings;
#[cfg(feature = "object-store")]
mod objects;
pub(crate) mod parquet_file;
pub(crate) mod place;
#[cfg(feature = "object-store")]
mod ranged;
#[cfg(feature = "object-store")]
mod refusal;
pub(crate) mod replacement;
pub(crate) mod rows;
#[cfg(feature = "object-store")]
mod service;
#[cfg(feature = "object-store")]
mod session;
pub(crate) mod sound;
pub(crate) mod source;
pub(crate) mod spool;
pub(crate) mod strays;
pub(crate) mod writing;

/// As the manifest has it.
fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
