//! The part of the walk that is about single keywords of a schema.

use serde_json::Value;

use super::rules;
use super::walk::{At, Comparison};
use crate::node::plain;

impl Comparison<'_> {
    pub(super) fn unknown(&mut self, old: &Value, new: &Value, at: At<'_>) {
        let closed = |schema: &Value| schema["additionalProperties"] == false;
        if closed(old) != closed(new) {
            let rule = if closed(new) { &rules::UNKNOWN_REFUSED } else { &rules::UNKNOWN_ALLOWED };
            self.report(rule, at, None, None);
        }
    }

    pub(super) fn format(&mut self, old: &Value, new: &Value, at: At<'_>) {
        let (old, new) = (old["format"].as_str(), new["format"].as_str());
        let rule = match (old, new) {
            (old, new) if old == new => return,
            (Some("int32"), Some("int64")) | (Some("float"), Some("double")) | (Some(_), None) => {
                &rules::FORMAT_WIDENED
            }
            (Some("int64"), Some("int32")) | (Some("double"), Some("float")) | (None, Some(_)) => {
                &rules::FORMAT_NARROWED
            }
            _ => &rules::FORMAT_CHANGED,
        };
        self.report(rule, at, old, new);
    }

    pub(super) fn limits(&mut self, old: &Value, new: &Value, at: At<'_>) {
        for (key, tighter) in LIMITS {
            let (before, after) = (old.get(key), new.get(key));
            if before == after {
                continue;
            }
            let rule = match (before, after) {
                (Some(before), Some(after)) if !tighter(before, after) => &rules::LIMIT_LOOSENED,
                (_, Some(_)) => &rules::LIMIT_TIGHTENED,
                (_, None) => &rules::LIMIT_LOOSENED,
            };
            let say = |value: Option<&Value>| {
                value.map_or(format!("no {key}"), |value| format!("{key} {}", plain(value)))
            };
            self.report(rule, at, Some(&say(before)), Some(&say(after)));
        }
    }

    pub(super) fn flags(&mut self, old: &Value, new: &Value, at: At<'_>) {
        let set = |schema: &Value, key: &str| schema[key] == true;
        if set(old, "nullable") != set(new, "nullable") {
            let nullable = set(new, "nullable");
            let rule = if nullable { &rules::NULL_ALLOWED } else { &rules::NULL_REFUSED };
            self.report(rule, at, None, None);
        }
        for key in ["readOnly", "writeOnly"] {
            if set(old, key) != set(new, key) {
                self.report(&rules::ACCESS_CHANGED, at, None, Some(key));
            }
        }
        let (before, after) = (old.get("default").map(plain), new.get("default").map(plain));
        if before != after {
            let rule =
                if before.is_none() { &rules::DEFAULT_ADDED } else { &rules::DEFAULT_CHANGED };
            self.report(rule, at, before.as_deref(), after.as_deref());
        }
        if old.get("discriminator") != new.get("discriminator") {
            self.report(&rules::DISCRIMINATOR_CHANGED, at, None, None);
        }
        self.deprecation(old, new, at);
    }
}

type Tighter = fn(&Value, &Value) -> bool;

static LIMITS: [(&str, Tighter); 13] = [
    ("minimum", raised),
    ("maximum", lowered),
    ("exclusiveMinimum", set),
    ("exclusiveMaximum", set),
    ("minLength", raised),
    ("maxLength", lowered),
    ("minItems", raised),
    ("maxItems", lowered),
    ("minProperties", raised),
    ("maxProperties", lowered),
    ("uniqueItems", set),
    ("pattern", changed),
    ("multipleOf", changed),
];

fn raised(old: &Value, new: &Value) -> bool {
    new.as_f64() > old.as_f64()
}

fn lowered(old: &Value, new: &Value) -> bool {
    new.as_f64() < old.as_f64()
}

fn set(_: &Value, new: &Value) -> bool {
    *new == true
}

fn changed(_: &Value, _: &Value) -> bool {
    true
}
