//! Files that engines read beside those of a history.

use std::{collections::BTreeSet, path::PathBuf};

use super::place::Place;
use crate::{
    error::Result,
    model::{layout, manifest::Manifest},
};

/// Files that an engine would read beside those of the manifest.
pub(crate) fn strays(place: &Place, manifest: &Manifest) -> Result<Vec<PathBuf>> {
    let mut listed: BTreeSet<_> = manifest.files().collect();
    let changing = manifest.directory.iter().flat_map(|directory| &directory.changing);
    listed.extend(changing.map(|(day, entry)| layout::directory_part(*day, entry)));
    let found = place.readable_files()?.into_iter().filter(|file| !listed.contains(file));
    Ok(found.map(|file| place.at(&file)).collect())
}
