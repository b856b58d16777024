//! The folder on the disk, and the files in it.

pub(crate) mod adding;
pub(crate) mod breakdowns;
pub(crate) mod columns;
pub(crate) mod directory;
pub(crate) mod erasing;
pub(crate) mod folder;
pub(crate) mod parquet_file;
pub(crate) mod replacement;
pub(crate) mod rows;
pub(crate) mod sound;
pub(crate) mod spool;
pub(crate) mod strays;

/// As the manifest has it.
fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
