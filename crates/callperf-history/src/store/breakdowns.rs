//! The breakdowns that a file has.

use callperf::Grouping;
use parquet::errors::ParquetError;

use super::{columns, source::Source};
use crate::model::breakdowns::of;

/// The breakdowns that a day's file lacks, by their names in it. Of a file without rows
/// nothing is known.
pub(crate) fn lacking(file: Source, grouping: &Grouping) -> Result<Vec<String>, ParquetError> {
    let there = columns::texts(file, "breakdown")?;
    let missing = of(grouping).map(|it| it.as_str().to_owned()).filter(|it| !there.contains(it));
    Ok(if there.is_empty() { Vec::new() } else { missing.collect() })
}
