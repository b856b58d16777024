//! Words in files: a known one as its text, any other by its name on the wire.

use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};

use crate::words::{
    stored::{self, Item, List, Table, Text, required},
    vocabulary::{
        Aggregation, Breakdown, CallAction, CallResponse, CallResult, CallSegment, CallType,
        CompanyHours, DayOfWeek, Direction, EndingParty, Grouping, Interval, MembersOf, Origin,
        QueueHours, QueueSla, Word,
    },
};

/// A word that queries are stored with.
pub(super) trait Stored: Word {
    /// What it is, with its article.
    const WHAT: &'static str;
}

macro_rules! stored {
    ($($word:ty => $what:literal;)+) => {$(
        impl Stored for $word {
            const WHAT: &'static str = $what;
        }
    )+};
}

stored! {
    Direction => "a direction";
    Origin => "an origin";
    CallResponse => "a response";
    CallResult => "a result";
    CallType => "a type";
    CallSegment => "a segment";
    CallAction => "an action";
    CompanyHours => "company hours";
    QueueSla => "a queue SLA";
    EndingParty => "an ending party";
    QueueHours => "queue hours";
    Grouping => "a grouping";
    MembersOf => "a group of members";
    Breakdown => "a breakdown";
    Aggregation => "an aggregation";
    Interval => "an interval";
    DayOfWeek => "a day of the week";
}

/// The word of a text; an unknown one that is nearly a known one is refused as a slip. `field` is
/// where a table in place of the text has the word, if that isn't the word's own table.
pub(super) fn of_text<W: Stored, E: de::Error>(text: &str, field: Option<&str>) -> Result<W, E> {
    let word = W::from_text(text);
    if word.is_known() {
        return Ok(word);
    }
    let Some(near) = W::nearest(text) else { return Ok(word) };
    let own = format!("{{ wire = {text:?} }}");
    let table = field.map_or_else(|| own.clone(), |field| format!("{{ {field} = {own} }}"));
    Err(E::custom(format!(
        "{text:?} is unknown as {}; did you mean {:?}? To send it as it is, write {table}",
        W::WHAT,
        near.as_str()
    )))
}

/// A word to be written.
pub(super) struct Written<'a, W>(pub(super) &'a W);

impl<W: Word> Serialize for Written<'_, W> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(word) = self;
        if word.is_known() {
            return serializer.serialize_str(word.as_str());
        }
        let mut table = serializer.serialize_map(Some(1))?;
        table.serialize_entry("wire", word.as_str())?;
        table.end()
    }
}

/// Words to be written.
pub(super) struct AllWritten<'a, W>(pub(super) &'a [W]);

impl<W: Word> Serialize for AllWritten<'_, W> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Written))
    }
}

/// A word that was read.
pub(super) struct Read<W>(pub(super) W);

impl<'de, W: Stored> Deserialize<'de> for Read<W> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        stored::read::<StoredWord<W>, D>(deserializer).map(Self)
    }
}

impl<W: Stored> Item for Read<W> {
    fn example() -> String {
        W::KNOWN.first().map(|word| format!("{:?}", word.as_str())).unwrap_or_default()
    }
}

/// The words of a list.
pub(super) fn words<W>(List(list): List<Read<W>>) -> Vec<W> {
    list.into_iter().map(|Read(word)| word).collect()
}

struct StoredWord<W> {
    wire: Option<Text<String>>,
    word: PhantomData<W>,
}

impl<W> Default for StoredWord<W> {
    fn default() -> Self {
        Self { wire: None, word: PhantomData }
    }
}

impl<W: Stored> Table for StoredWord<W> {
    type Value = W;
    const WHAT: &'static str = W::WHAT;
    stored::fields!(wire);

    fn finish<E: de::Error>(self) -> Result<W, E> {
        let Text(wire) = required(self.wire, "wire")?;
        Ok(W::from_text(&wire))
    }

    fn of_text<E: de::Error>(text: &str) -> Result<W, E> {
        of_text(text, None)
    }
}
