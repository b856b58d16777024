//! Where two JSON values differ.

use std::collections::BTreeSet;

use serde_json::Value as Json;

/// One place, as a JSON pointer, with what is there in either; `None` is nothing.
#[derive(Debug, PartialEq)]
pub(super) struct Difference<'a> {
    pub(super) pointer: String,
    pub(super) recorded: Option<&'a Json>,
    pub(super) asked: Option<&'a Json>,
}

pub(super) fn differences<'a>(recorded: &'a Json, asked: &'a Json) -> Vec<Difference<'a>> {
    let mut found = Vec::new();
    compare(String::new(), Some(recorded), Some(asked), &mut found);
    found
}

fn compare<'a>(
    pointer: String,
    recorded: Option<&'a Json>,
    asked: Option<&'a Json>,
    found: &mut Vec<Difference<'a>>,
) {
    match (recorded, asked) {
        (Some(Json::Object(one)), Some(Json::Object(other))) => {
            let names: BTreeSet<_> = one.keys().chain(other.keys()).collect();
            for name in names {
                let step = name.replace('~', "~0").replace('/', "~1");
                compare(format!("{pointer}/{step}"), one.get(name), other.get(name), found);
            }
        }
        (Some(Json::Array(one)), Some(Json::Array(other))) => {
            for at in 0..one.len().max(other.len()) {
                compare(format!("{pointer}/{at}"), one.get(at), other.get(at), found);
            }
        }
        _ if recorded == asked => {}
        _ => found.push(Difference { pointer, recorded, asked }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_place_that_differs_is_found() {
        let recorded = json!({"a": 1, "b": [1, 2], "c/d": {"e~f": "x"}, "gone": null});
        let asked = json!({"a": 1, "b": [1, 3, 4], "c/d": {"e~f": "y"}, "new": true});
        let found: Vec<_> = differences(&recorded, &asked)
            .into_iter()
            .map(|one| (one.pointer, one.recorded.cloned(), one.asked.cloned()))
            .collect();
        let place = |pointer: &str, recorded, asked| (pointer.to_owned(), recorded, asked);
        assert_eq!(
            found,
            [
                place("/b/1", Some(json!(2)), Some(json!(3))),
                place("/b/2", None, Some(json!(4))),
                place("/c~1d/e~0f", Some(json!("x")), Some(json!("y"))),
                place("/gone", Some(Json::Null), None),
                place("/new", None, Some(json!(true))),
            ]
        );
        assert_eq!(differences(&asked, &asked), []);
    }
}
