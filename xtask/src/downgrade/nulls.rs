//! Whether null is valid by a schema of 3.1, where every part of a composition has a say. In 3.0, `nullable` is read
//! as the word for all of it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::keywords::Schema;
use super::walk::Walk;

/// Results by pointer. What contains itself adds nothing to what is around it.
type Known = BTreeMap<String, bool>;

impl Walk<'_> {
    pub(super) fn allows_null(&self, schema: &Schema) -> bool {
        self.object_allows(schema, &mut Known::new())
    }

    fn allows(&self, schema: &Value, known: &mut Known) -> bool {
        match schema {
            Value::Object(schema) => self.object_allows(schema, known),
            other => *other != false,
        }
    }

    fn object_allows(&self, schema: &Schema, known: &mut Known) -> bool {
        if schema.get("nullable").is_some_and(|flag| *flag == true) {
            return true;
        }
        is_allowed_alone(schema)
            && self.target_allows(schema, known)
            && all(schema, "allOf").iter().all(|part| self.allows(part, known))
            && ["anyOf", "oneOf"].iter().all(|key| {
                let branches = all(schema, key);
                branches.is_empty() || branches.iter().any(|branch| self.allows(branch, known))
            })
            && !schema.get("not").is_some_and(|not| self.allows(not, known))
    }

    fn target_allows(&self, schema: &Schema, known: &mut Known) -> bool {
        let reference = schema.get("$ref").and_then(Value::as_str);
        let Some((pointer, target)) = reference.and_then(|it| self.referred(it)) else {
            return true;
        };
        if let Some(known) = known.get(&pointer) {
            return *known;
        }
        known.insert(pointer.clone(), true);
        let is_allowed = self.allows(target, known);
        known.insert(pointer, is_allowed);
        is_allowed
    }
}

/// By the types and words of this schema. As a word, null is meant even where the types forget it.
fn is_allowed_alone(schema: &Schema) -> bool {
    let words = schema.get("enum").and_then(Value::as_array);
    let is_listed = words.map(|words| words.contains(&Value::Null));
    let is_word = schema.get("const").map(Value::is_null);
    match (is_listed, is_word) {
        (Some(false), _) | (_, Some(false)) => false,
        (None, None) => super::types::may_be(schema, "null"),
        _ => true,
    }
}

fn all<'s>(schema: &'s Schema, key: &str) -> &'s [Value] {
    schema.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
