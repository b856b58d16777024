//! Reading what users keep in files: tables of known fields, and texts that stand for a value.

use std::{borrow::Cow, fmt, marker::PhantomData, str::FromStr};

use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Unexpected, Visitor},
};

use super::nearest::nearest;

/// A type that is stored as a table of fields, or as a text.
pub(crate) trait Table: Default + Sized {
    type Value;
    /// What it is, with its article.
    const WHAT: &'static str;
    const FIELDS: &'static [&'static str];

    /// Reads the value of one of the fields.
    fn take<'de, A: MapAccess<'de>>(
        &mut self,
        field: &'static str,
        entries: &mut A,
    ) -> Result<(), A::Error>;

    /// Notes that a field is there.
    fn note(&mut self, _field: &'static str) {}

    /// What the fields say together.
    fn finish<E: de::Error>(self) -> Result<Self::Value, E>;

    /// The value that a text stands for.
    fn of_text<E: de::Error>(text: &str) -> Result<Self::Value, E> {
        let message = format!("{text:?} is a text, and {} is a table of fields", Self::WHAT);
        Err(E::custom(message))
    }
}

pub(crate) fn read<'de, T: Table, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T::Value, D::Error> {
    deserializer.deserialize_any(TableVisitor::<T>(PhantomData))
}

struct TableVisitor<T>(PhantomData<T>);

impl<'de, T: Table> Visitor<'de> for TableVisitor<T> {
    type Value = T::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WHAT)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T::Value, E> {
        T::of_text(text)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<T::Value, A::Error> {
        let mut table = T::default();
        let field = Field { of: T::WHAT, known: T::FIELDS };
        while let Some(field) = entries.next_key_seed(field)? {
            table.note(field);
            table.take(field, &mut entries)?;
        }
        table.finish()
    }
}

/// Reads a field into its place, once.
pub(crate) fn once<'de, V: Deserialize<'de>, A: MapAccess<'de>>(
    place: &mut Option<V>,
    field: &'static str,
    entries: &mut A,
) -> Result<(), A::Error> {
    if place.is_some() {
        return Err(de::Error::duplicate_field(field));
    }
    *place = Some(entries.next_value()?);
    Ok(())
}

/// The fields of a [`Table`], each in the member of its name.
macro_rules! fields {
    ($($field:ident),+ $(,)?) => {
        const FIELDS: &'static [&'static str] = &[$(stringify!($field)),+];

        fn take<'de, A: serde::de::MapAccess<'de>>(
            &mut self,
            field: &'static str,
            entries: &mut A,
        ) -> Result<(), A::Error> {
            match field {
                $(stringify!($field) => {
                    $crate::words::stored::once(&mut self.$field, field, entries)
                })+
                _ => Err(serde::de::Error::unknown_field(field, Self::FIELDS)),
            }
        }
    };
}
pub(crate) use fields;

pub(crate) fn required<V, E: de::Error>(value: Option<V>, field: &'static str) -> Result<V, E> {
    value.ok_or_else(|| E::missing_field(field))
}

/// The instant that a point's text stands for.
pub(crate) fn time<E: de::Error>(text: &str) -> Result<Timestamp, E> {
    text.parse().map_err(|error| E::custom(format!("time {text:?}: {error}")))
}

/// The name of a field; an unknown one is refused with the nearest.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    pub(crate) of: &'static str,
    pub(crate) known: &'static [&'static str],
}

impl<'de> DeserializeSeed<'de> for Field {
    type Value = &'static str;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let name = <Cow<'de, str>>::deserialize(deserializer)?;
        self.known
            .iter()
            .find(|known| **known == name)
            .copied()
            .ok_or_else(|| de::Error::custom(self.unknown(&name)))
    }
}

impl Field {
    fn unknown(self, name: &str) -> String {
        let Self { of, known } = self;
        match nearest(name, known.iter().copied()) {
            Some(near) => format!("{of} has no field `{name}`; did you mean `{near}`?"),
            None => format!("{of} has no field `{name}`; there are {}", known.join(", ")),
        }
    }
}

/// A value as a text, or as one of TOML's own dates and times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<T>(pub(crate) T);

/// How the crate `toml` hands over a date or a time: a table with this field alone.
pub(crate) const TOML_DATE: &str = "$__toml_private_datetime";

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor(PhantomData)).map(Self)
    }
}

struct TextVisitor<T>(PhantomData<T>);

impl<'de, T: FromStr<Err: fmt::Display>> Visitor<'de> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(|error| E::custom(format!("{text:?}: {error}")))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<T, A::Error> {
        let date = Field { of: "a date", known: &[TOML_DATE] };
        let Some(_) = entries.next_key_seed(date)? else {
            return Err(de::Error::custom("expected a text, found an empty table"));
        };
        let text: String = entries.next_value()?;
        // A time of the day, which has seconds in TOML.
        let minute = text.strip_suffix(":00").filter(|minute| minute.len() == "09:00".len());
        self.visit_str(minute.unwrap_or(&text))
    }
}

/// A whole number of 32 bits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whole(pub(crate) u32);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u32(WholeVisitor).map(Self)
    }
}

struct WholeVisitor;

impl Visitor<'_> for WholeVisitor {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from 0 to {}", u32::MAX)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<u32, E> {
        let other = |_| E::invalid_value(Unexpected::Unsigned(number), &self);
        number.try_into().map_err(other)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<u32, E> {
        let other = |_| E::invalid_value(Unexpected::Signed(number), &self);
        number.try_into().map_err(other)
    }
}

/// What lists hold.
pub(crate) trait Item {
    /// One of them, as it is written.
    fn example() -> String;
}

impl Item for Text<String> {
    fn example() -> String {
        "\"1503200033\"".to_owned()
    }
}

/// A list, which is what is missed where one of its items stands alone.
#[derive(Debug)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

impl<'de, T: Deserialize<'de> + Item> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As what it is: the null of YAML would be an empty list otherwise.
        deserializer.deserialize_any(ListVisitor(PhantomData)).map(Self)
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Item> Visitor<'de> for ListVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list, as in [{}]", T::example())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(list)
    }
}

/// The texts of a list.
pub(crate) fn texts(List(list): List<Text<String>>) -> Vec<String> {
    list.into_iter().map(|Text(text)| text).collect()
}
