//! Where the files of days are, relative to the history. Places have slashes on each system.

use jiff::civil::Date;

use super::{file::Day, scope::Scope, table::SeriesName};

pub(crate) const MANIFEST: &str = "manifest.json";
/// The folder of the directory's table.
pub(crate) const DIRECTORY: &str = "directory";
/// Before the key of a queue in the name of a folder.
pub(crate) const OF_QUEUE: &str = "queue=";

/// The folder of a series' day.
pub(crate) fn partition(series: &SeriesName, day: Date) -> String {
    let mut parts = vec![series.table.to_string()];
    parts.extend(series.queue.iter().map(|queue| format!("{OF_QUEUE}{queue}")));
    if series.scope != Scope::All {
        parts.push(format!("scope={}", series.scope));
    }
    parts.push(format!("grouping={}", series.grouping));
    parts.push(format!("date={day}"));
    parts.join("/")
}

/// The folder of a day of the directory.
pub(crate) fn directory_partition(day: Date) -> String {
    format!("{DIRECTORY}/date={day}")
}

/// The file that the manifest lists for a series' day.
pub(crate) fn part(series: &SeriesName, day: Date, listed: &Day) -> String {
    in_partition(&partition(series, day), listed)
}

/// The same of the directory.
pub(crate) fn directory_part(day: Date, listed: &Day) -> String {
    in_partition(&directory_partition(day), listed)
}

pub(crate) fn in_partition(partition: &str, listed: &Day) -> String {
    format!("{partition}/{}", listed.name())
}

/// Whether engines pass over a file or folder of this name.
pub(crate) fn is_hidden(name: &str) -> bool {
    name.starts_with(['.', '_'])
}
