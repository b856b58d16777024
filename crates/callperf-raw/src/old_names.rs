//! What revisions renamed, for the code that is generated from `openapi/renames.toml`.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// A type that was, or holds what was, called otherwise before.
pub trait OldNames {
    /// Takes what a server sent by an earlier name out of `extra`, into its field. What was sent by both names and
    /// differs stays there, and is noted.
    fn take_old_names(&mut self, differing: &mut Vec<Differing>);
}

/// A field that came by two names, with two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Differing {
    pub old: &'static str,
    pub new: &'static str,
}

/// A rename in the body of a request, or a drop.
#[derive(Clone, Copy, Debug)]
pub struct Rename {
    /// The first revision that has the new name, or lacks what it dropped.
    pub since: &'static str,
    pub kind: Kind,
    /// The path of the object, or of the text, in the names before: `[]` is each item of a list, `*` each entry of a
    /// map.
    pub place: &'static [&'static str],
    /// From there.
    pub old: &'static [&'static str],
    /// Empty for a drop.
    pub new: &'static [&'static str],
}

/// A field or a word in the body of a request that a revision was the first to have.
#[derive(Clone, Copy, Debug)]
pub struct Added {
    pub since: &'static str,
    /// The path of the object, or of the text, in the names of the Rust code.
    pub place: &'static [&'static str],
    pub name: &'static str,
}

/// How an operation's request differs from revision to revision.
#[derive(Clone, Copy, Debug)]
pub struct Changes {
    /// From the names of the Rust code to those of today.
    pub renames: &'static [Rename],
    /// From the names of the first revision to those of the Rust code.
    pub earlier: &'static [Rename],
    pub added: &'static [Added],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Name,
    Word,
    Move,
    /// Of the object's field, or of the text itself.
    Drop,
}

impl<T: OldNames> OldNames for Option<T> {
    fn take_old_names(&mut self, differing: &mut Vec<Differing>) {
        if let Some(it) = self {
            it.take_old_names(differing);
        }
    }
}

impl<T: OldNames> OldNames for Box<T> {
    fn take_old_names(&mut self, differing: &mut Vec<Differing>) {
        (**self).take_old_names(differing);
    }
}

impl<T: OldNames> OldNames for Vec<T> {
    fn take_old_names(&mut self, differing: &mut Vec<Differing>) {
        for it in self {
            it.take_old_names(differing);
        }
    }
}

impl<K, T: OldNames> OldNames for std::collections::BTreeMap<K, T> {
    fn take_old_names(&mut self, differing: &mut Vec<Differing>) {
        for it in self.values_mut() {
            it.take_old_names(differing);
        }
    }
}

/// Takes a field by an earlier name. A value of another type is another thing, and stays.
pub fn take<T: DeserializeOwned + PartialEq>(
    extra: &mut Map<String, Value>,
    old: &'static str,
    new: &'static str,
    field: &mut Option<T>,
    differing: &mut Vec<Differing>,
) {
    let Some(value) = value(extra, old) else { return };
    if field.as_ref().is_some_and(|known| *known != value) {
        differing.push(Differing { old, new });
        return;
    }
    extra.remove(old);
    *field = Some(value);
}

/// What stands at the place that a field has come to.
pub fn moved<T: DeserializeOwned>(extra: &mut Map<String, Value>, name: &str) -> Option<T> {
    let value = value(extra, name)?;
    extra.remove(name);
    Some(value)
}

fn value<T: DeserializeOwned>(extra: &Map<String, Value>, name: &str) -> Option<T> {
    T::deserialize(extra.get(name).filter(|value| !value.is_null())?).ok()
}

/// Gives a word the spelling of the Rust code.
pub fn reword(field: &mut Option<String>, spellings: &[&str], word: &str) {
    if let Some(text) = field
        && spellings.contains(&text.as_str())
    {
        word.clone_into(text);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Number, json};

    use super::*;

    fn taken(extra: Value, field: Option<u8>) -> (Option<Number>, Value, Vec<Differing>) {
        let Value::Object(mut extra) = extra else { panic!("an object") };
        let (mut field, mut differing) = (field.map(Number::from), Vec::new());
        take(&mut extra, "old", "new", &mut field, &mut differing);
        (field, extra.into(), differing)
    }

    #[test]
    fn a_field_is_read_by_its_earlier_name() {
        assert_eq!(taken(json!({"old": 1}), None), (Some(1.into()), json!({}), vec![]));
        assert_eq!(taken(json!({"other": 1}), None), (None, json!({"other": 1}), vec![]));
        assert_eq!(taken(json!({"old": null}), None), (None, json!({"old": null}), vec![]));
    }

    #[test]
    fn two_names_that_agree_are_one() {
        assert_eq!(taken(json!({"old": 1}), Some(1)), (Some(1.into()), json!({}), vec![]));
    }

    #[test]
    fn of_two_names_that_differ_the_current_one_counts() {
        let differing = vec![Differing { old: "old", new: "new" }];
        let expected = (Some(2.into()), json!({"old": 1}), differing);
        assert_eq!(taken(json!({"old": 1}), Some(2)), expected);
    }

    #[test]
    fn a_value_of_another_type_is_another_thing() {
        assert_eq!(taken(json!({"old": {}}), None), (None, json!({"old": {}}), vec![]));
    }

    #[test]
    fn a_word_has_one_spelling() {
        let reworded = |text: &str| {
            let mut field = Some(text.to_owned());
            reword(&mut field, &["People", "Persons"], "Users");
            field.unwrap()
        };
        assert_eq!(["Users", "Persons", "Queues"].map(reworded), ["Users", "Users", "Queues"]);
    }
}
