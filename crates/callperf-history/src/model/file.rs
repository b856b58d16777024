//! What the manifest says of a file.

use serde::{Deserialize, Serialize};

/// The name of a day's file in a folder.
pub(crate) const PART: &str = "part-0.parquet";

/// The file of one day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Day {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
    /// Its name, if it is another than [`PART`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
}

impl Day {
    /// The name of the file in its partition.
    pub(crate) fn name(&self) -> &str {
        self.file.as_deref().unwrap_or(PART)
    }

    /// Whether both files have the same content.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        (self.rows, self.bytes, &self.sha256) == (other.rows, other.bytes, &other.sha256)
    }

    /// Whether its name is that of a file, and of none elsewhere.
    pub(crate) fn has_sound_name(&self) -> bool {
        let name = self.name();
        !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0'])
    }
}
