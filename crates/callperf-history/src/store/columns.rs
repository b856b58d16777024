//! What a file's columns hold, as far as their dictionaries say.

use std::collections::BTreeSet;

use parquet::{
    column::page::Page,
    errors::ParquetError,
    file::{reader::FileReader as _, serialized_reader::SerializedFileReader},
};

use super::source::Source;

/// The texts of a column, which the head of each group has once each.
pub(crate) fn texts(file: Source, name: &str) -> Result<BTreeSet<String>, ParquetError> {
    let reader = SerializedFileReader::new(file)?;
    let columns = reader.metadata().file_metadata().schema_descr().columns();
    let column = columns.iter().position(|column| column.name() == name);
    let mut texts = BTreeSet::new();
    for group in 0..reader.num_row_groups() {
        let Some(column) = column else { break };
        let mut pages = reader.get_row_group(group)?.get_column_page_reader(column)?;
        if let Some(Page::DictionaryPage { buf, .. }) = pages.get_next_page()? {
            texts.extend(plain_texts(&buf));
        }
    }
    Ok(texts)
}

/// Texts in Parquet's encoding PLAIN: each with its length before it.
fn plain_texts(mut bytes: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length) as usize;
        let Some((text, rest)) = rest.split_at_checked(length) else { break };
        texts.push(String::from_utf8_lossy(text).into_owned());
        bytes = rest;
    }
    texts
}
