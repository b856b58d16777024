//! The numbers of a breakdown, word by word.

use std::{borrow::Borrow, borrow::Cow, marker::PhantomData};

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Number;

use super::value::{Meaning, Value};
use crate::words::vocabulary::Word;

/// The numbers of one breakdown, by word.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    pub(crate) meaning: Meaning,
    pub(crate) by_word: Vec<(Cow<'static, str>, Number)>,
}

/// The order in which the words came doesn't count.
impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        self.meaning == other.meaning && self.sorted() == other.sorted()
    }
}

impl Values {
    fn sorted(&self) -> Vec<&(Cow<'static, str>, Number)> {
        let mut sorted: Vec<_> = self.by_word.iter().collect();
        sorted.sort_by(|one, other| one.0.cmp(&other.0));
        sorted
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Value)> {
        let value = |number: &Number| Value::new(number.clone(), self.meaning.clone());
        self.by_word.iter().map(move |(word, number)| (&**word, value(number)))
    }

    pub(super) fn get(&self, word: &str) -> Option<Value> {
        let (_, number) = self.by_word.iter().find(|(name, _)| name == word)?;
        Some(Value::new(number.clone(), self.meaning.clone()))
    }
}

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Meaning { unit, aggregation, interval } = &self.meaning;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("unit", unit)?;
        if let Some(aggregation) = aggregation {
            map.serialize_entry("aggregation", aggregation)?;
        }
        if let Some(interval) = interval {
            map.serialize_entry("interval", interval)?;
        }
        map.serialize_entry("values", &InOrder(&self.sorted()))?;
        map.end()
    }
}

struct InOrder<'a>(&'a [&'a (Cow<'static, str>, Number)]);

impl Serialize for InOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(word, number)| (word, number)))
    }
}

/// The numbers of one breakdown, typed by its words.
///
/// Of a breakdown that wasn't asked for, every word is absent.
#[derive(Clone, Copy, Debug)]
pub struct By<'a, W> {
    pub(super) values: Option<&'a Values>,
    pub(super) words: PhantomData<W>,
}

impl<'a, W: Word> By<'a, W> {
    /// The value of a word; `None` where it wasn't asked for, or where the API
    /// doesn't have the word.
    #[must_use]
    pub fn get(&self, word: impl Borrow<W>) -> Option<Value> {
        self.values?.get(word.borrow().as_str())
    }

    /// Every word that was sent with its value, sorted by the word's text.
    pub fn iter(&self) -> impl Iterator<Item = (W, Value)> + 'a {
        let all = self.values.into_iter().flat_map(Values::iter);
        let mut entries: Vec<_> = all.map(|(word, value)| (W::from_wire(word), value)).collect();
        entries.sort_by(|one, other| one.0.cmp(&other.0));
        entries.into_iter()
    }

    /// Whether the breakdown wasn't sent at all.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.values.is_none()
    }
}
