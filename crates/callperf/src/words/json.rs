//! JSON whose objects hold a name twice.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value as Json};

use super::number::plain;

/// JSON in which a name that stands twice in an object, with different values,
/// has both as a list: the type that is expected there refuses a list, so that
/// neither value is taken for the right one.
pub(crate) struct Tolerated(pub(crate) Json);

impl<'de> Deserialize<'de> for Tolerated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(Tolerant).map(Self)
    }
}

/// What bytes say, where all who read JSON agree on it: no name stands in an
/// object twice.
#[cfg(feature = "testing")]
pub(crate) fn unambiguous(bytes: &[u8]) -> Option<Json> {
    let Tolerated(tolerated) = serde_json::from_slice(bytes).ok()?;
    let json: Json = serde_json::from_slice(bytes).ok()?;
    (json == tolerated).then_some(json)
}

struct Tolerant;

impl<'de> Visitor<'de> for Tolerant {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> std::result::Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Json, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Json, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Json, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(Tolerated(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> std::result::Result<Json, A::Error> {
        let mut map = Map::new();
        while let Some((name, Tolerated(value))) = entries.next_entry::<String, _>()? {
            let value = match map.remove(&name) {
                Some(earlier) if earlier != value => Json::Array(vec![earlier, value]),
                _ => value,
            };
            map.insert(name, value);
        }
        Ok(as_number(&map).unwrap_or(Json::Object(map)))
    }
}

/// How `serde_json` hands over a number where another crate has it keep all digits
/// (its feature `arbitrary_precision`): an object with this name alone.
const KEPT_NUMBER: &str = "$serde_json::private::Number";

fn as_number(map: &Map<String, Json>) -> Option<Json> {
    let digits = map.get(KEPT_NUMBER).filter(|_| map.len() == 1)?.as_str()?;
    let number: Number = digits.parse().ok()?;
    Some(plain(&number).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_that_stands_twice_has_neither_value() {
        let body = r#"{"a": 1, "a": 1, "b": {"c": 2, "c": 3}, "d": [1.5, null, true, "x", -1]}"#;
        let Tolerated(json) = serde_json::from_str(body).unwrap();
        assert_eq!(json, json!({"a": 1, "b": {"c": [2, 3]}, "d": [1.5, null, true, "x", -1]}));
    }
}
