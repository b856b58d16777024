//! The names of keys, as the files of days have them.

use std::collections::BTreeMap;

use parquet::{
    data_type::ByteArrayType,
    errors::Result,
    file::{reader::FileReader as _, serialized_reader::SerializedFileReader},
};

use crate::store::{columns, rows::column, source::Source};

/// What is said of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) extension: Option<String>,
    pub(crate) name: Option<String>,
}

/// Adds the keys of a file that aren't known yet.
pub(super) fn add(
    open: impl Fn() -> std::io::Result<Source>,
    known: &mut BTreeMap<String, Named>,
) -> Result<()> {
    // The dictionary is a fraction of the file.
    if columns::texts(open()?, "key")?.iter().all(|key| known.contains_key(key)) {
        return Ok(());
    }
    let reader = SerializedFileReader::new(open()?)?;
    let mut found = BTreeMap::new();
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group)?;
        let mut texts = Vec::new();
        for name in ["key", "extension", "name"] {
            texts.push(column::<ByteArrayType>(&*group, name)?);
        }
        let [keys, extensions, names] = &texts[..] else { continue };
        let text = |texts: &[Option<parquet::data_type::ByteArray>], row: usize| {
            let bytes = texts.get(row)?.as_ref()?;
            Some(String::from_utf8_lossy(bytes.data()).into_owned())
        };
        for row in 0..keys.len() {
            if row > 0 && keys[row] == keys[row - 1] {
                continue;
            }
            let Some(key) = text(keys, row) else { continue };
            let (extension, name) = (text(extensions, row), text(names, row));
            found.insert(key, Named { extension, name });
        }
    }
    for (key, named) in found {
        known.entry(key).or_insert(named);
    }
    Ok(())
}
