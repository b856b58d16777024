//! One word that has several new names: which of them is its own can't be decided.

use std::collections::{BTreeMap, BTreeSet};

use super::difference::Difference;
use super::names::{Evidence, letters};
use super::rules::{self, Rule};

static RENAMED: [&Rule; 2] = [&rules::PROPERTY_RENAMED, &rules::VALUE_RENAMED];

/// Takes the certainty off renames of one word, however it is spelled, that give it different names.
pub(super) fn doubt(found: &mut [Difference]) {
    let mut heirs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (old, new) in found.iter().filter_map(renamed) {
        heirs.entry(old).or_default().insert(new);
    }
    let is_parted = |it: &Difference| {
        renamed(it).and_then(|(old, _)| heirs.get(&old)).is_some_and(|news| news.len() > 1)
    };
    for it in found.iter_mut().filter(|it| it.is_certain && is_parted(it)) {
        it.is_certain = false;
        it.note = Some(Evidence::Parted.note().to_owned());
    }
}

/// The letters of both names.
fn renamed(it: &Difference) -> Option<(String, String)> {
    let (old, new) = it.old.as_ref().zip(it.new.as_ref())?;
    RENAMED.contains(&it.rule).then(|| (letters(old), letters(new)))
}
