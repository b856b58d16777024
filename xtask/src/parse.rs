//! JSON and YAML as one value, strictly: no name twice, no number that JSON lacks, and not without end.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{
    self, Deserialize as _, DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess as _,
    Visitor,
};
use serde_json::{Map, Number, Value};

use crate::error::Problem;
use crate::exact::{is_rounded, rounded};
use crate::pointer::child;

/// Aliases of YAML can make any number of values of a few lines. The vendor's whole document has a tenth of this.
const MOST: usize = 2_000_000;
const COMPLETE: &str = "check that the file is complete";

pub(crate) fn json(text: &str) -> Result<Value, Problem> {
    let mut reading = Reading::new(false);
    reading.rounded = rounded(text).into_iter().collect();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = reading.deserialize(&mut deserializer).and_then(|value| {
        deserializer.end()?;
        Ok(value)
    });
    value.map_err(|error| {
        let what = format!("is not JSON: {error}");
        reading.problem(error.line(), what)
    })
}

pub(crate) fn yaml(text: &str) -> Result<Value, Problem> {
    let reading = Reading::new(true);
    let mut documents = yaml_serde::Deserializer::from_str(text);
    let problem = |error: yaml_serde::Error| {
        let what = format!("is not YAML: {error}");
        reading.problem(error.location().map_or(0, |it| it.line()), what)
    };
    let Some(document) = documents.next() else {
        return Err(Problem::new("", "is empty", COMPLETE));
    };
    let value = reading.deserialize(document).map_err(problem)?;
    match documents.next().map(yaml_serde::Value::deserialize) {
        None => Ok(value),
        Some(Ok(_)) => {
            let remedy = "give a file of one document, without a line `---` in its midst";
            Err(Problem::new("", "has more than one YAML document", remedy))
        }
        Some(Err(error)) => Err(problem(error)),
    }
}

/// What is wrong besides the syntax: what, the remedy, and the steps to it from the inside out.
type Found = (String, &'static str, Vec<String>);

struct Reading {
    is_yaml: bool,
    left: Cell<usize>,
    /// By their order among the numbers of a JSON text, as they are written.
    rounded: BTreeMap<usize, String>,
    numbers: Cell<usize>,
    found: RefCell<Option<Found>>,
}

impl Reading {
    fn new(is_yaml: bool) -> Self {
        Self {
            is_yaml,
            left: Cell::new(MOST),
            rounded: BTreeMap::new(),
            numbers: Cell::new(0),
            found: RefCell::new(None),
        }
    }

    fn problem(&self, line: usize, otherwise: String) -> Problem {
        match self.found.take() {
            Some((what, remedy, steps)) => {
                let pointer = steps.iter().rev().fold(String::new(), |at, step| child(&at, step));
                let line = if line == 0 { String::new() } else { format!(", line {line}") };
                Problem::new(pointer, format!("{what}{line}"), remedy)
            }
            None => Problem::new("", otherwise, COMPLETE),
        }
    }

    fn refuse<E: de::Error>(&self, what: String, remedy: &'static str, step: Option<&str>) -> E {
        let error = E::custom(&what);
        let steps = step.map(str::to_owned).into_iter().collect();
        self.found.replace(Some((what, remedy, steps)));
        error
    }

    /// Adds a step to the place of what was found further in.
    fn inside<T, E>(&self, result: Result<T, E>, step: impl FnOnce() -> String) -> Result<T, E> {
        if result.is_err()
            && let Some((_, _, steps)) = &mut *self.found.borrow_mut()
        {
            steps.push(step());
        }
        result
    }

    /// A number, or its text if it would be rounded: what needs a number there says so.
    fn number(&self, number: impl Into<Value>) -> Value {
        let order = self.numbers.get();
        self.numbers.set(order + 1);
        self.rounded.get(&order).map_or_else(|| number.into(), |text| text.clone().into())
    }

    fn count<E: de::Error>(&self) -> Result<(), E> {
        let Some(left) = self.left.get().checked_sub(1) else {
            let what = format!("holds more than {MOST} values");
            return Err(self.refuse(what, "give a smaller document, with fewer aliases", None));
        };
        self.left.set(left);
        Ok(())
    }

    /// The mappings of a merge key take part with the names that aren't there, the first before the others.
    fn merge<E: de::Error>(&self, map: &mut Map<String, Value>, merged: Value) -> Result<(), E> {
        let mappings = match merged {
            Value::Array(mappings) => mappings,
            mapping => vec![mapping],
        };
        for mapping in mappings {
            let Value::Object(mapping) = mapping else {
                let what = "merges what is not a mapping".to_owned();
                let remedy = "write an alias of a mapping, or a list of such";
                return Err(self.refuse(what, remedy, Some(MERGE)));
            };
            for (name, value) in mapping {
                map.entry(name).or_insert(value);
            }
        }
        Ok(())
    }
}

const MERGE: &str = "<<";

impl<'de> DeserializeSeed<'de> for &Reading {
    type Value = Value;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &Reading {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        self.count()?;
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        self.count()?;
        Ok(value.into())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        self.count()?;
        Ok(self.number(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        self.count()?;
        Ok(self.number(value))
    }

    // As in JSON: a whole number beyond 64 bits is a float if that is the same number.
    #[allow(clippy::cast_precision_loss)]
    fn visit_i128<E: de::Error>(self, value: i128) -> Result<Value, E> {
        let text = value.to_string();
        if is_rounded(&text) { self.visit_str(&text) } else { self.visit_f64(value as f64) }
    }

    #[allow(clippy::cast_precision_loss)]
    fn visit_u128<E: de::Error>(self, value: u128) -> Result<Value, E> {
        let text = value.to_string();
        if is_rounded(&text) { self.visit_str(&text) } else { self.visit_f64(value as f64) }
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        self.count()?;
        Number::from_f64(value).map(|number| self.number(number)).ok_or_else(|| {
            let what = format!("is the number {value}, which JSON lacks");
            self.refuse(what, "write a finite number within the range of a 64-bit float", None)
        })
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        self.count()?;
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        self.count()?;
        let mut items = Vec::new();
        while let Some(item) =
            self.inside(access.next_element_seed(self), || items.len().to_string())?
        {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        self.count()?;
        let mut map = Map::new();
        let mut merged = None;
        loop {
            let known = Name { reading: self, map: &map, is_merged: merged.is_some() };
            let Some(name) = access.next_key_seed(known)? else { break };
            let value = self.inside(access.next_value_seed(self), || name.clone())?;
            if self.is_yaml && name == MERGE {
                merged = Some(value);
            } else {
                map.insert(name, value);
            }
        }
        merged.map_or(Ok(()), |merged| self.merge(&mut map, merged))?;
        Ok(Value::Object(map))
    }

    /// A tag of YAML says nothing in an OpenAPI document.
    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Value, A::Error> {
        let (_, tagged) = access.variant::<String>()?;
        tagged.newtype_variant_seed(self)
    }
}

/// A name of an object, among those that it has already.
struct Name<'a> {
    reading: &'a Reading,
    map: &'a Map<String, Value>,
    is_merged: bool,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = String;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Name<'_> {
    fn no_string<E: de::Error>(self) -> E {
        self.reading.refuse("has a key that is no string".to_owned(), "quote the key", None)
    }
}

impl<'de> Visitor<'de> for Name<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<String, E> {
        let is_merge = self.reading.is_yaml && name == MERGE;
        if self.map.contains_key(name) || is_merge && self.is_merged {
            let what = format!("the name `{name}` is there twice");
            let remedy = "leave one of the two: which one counts is up to each reader";
            return Err(self.reading.refuse(what, remedy, Some(name)));
        }
        Ok(name.to_owned())
    }

    // A status code is often written without quotes, and is a number then.
    fn visit_u64<E: de::Error>(self, name: u64) -> Result<String, E> {
        self.visit_str(&name.to_string())
    }

    fn visit_i64<E: de::Error>(self, name: i64) -> Result<String, E> {
        self.visit_str(&name.to_string())
    }

    fn visit_f64<E: de::Error>(self, name: f64) -> Result<String, E> {
        self.visit_str(&name.to_string())
    }

    fn visit_bool<E: de::Error>(self, name: bool) -> Result<String, E> {
        self.visit_str(if name { "true" } else { "false" })
    }

    fn visit_unit<E: de::Error>(self) -> Result<String, E> {
        Err(self.no_string())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<String, A::Error> {
        Err(self.no_string())
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<String, A::Error> {
        Err(self.no_string())
    }
}
