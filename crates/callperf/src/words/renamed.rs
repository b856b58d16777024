//! What the API called otherwise in one revision or another.

use std::sync::OnceLock;

use super::nearest::is_same_word;

/// An old name and the one after it.
type Pair = (String, String);

/// Written by `cargo xtask generate` from `openapi/renames.toml`.
fn pairs() -> &'static [Pair] {
    static PAIRS: OnceLock<Vec<Pair>> = OnceLock::new();
    PAIRS.get_or_init(|| {
        serde_json::from_str(include_str!("../../renamed.json")).unwrap_or_default()
    })
}

/// The names that one was renamed to or from, the nearest first.
pub(super) fn other_names(text: &str) -> Vec<&'static str> {
    names_of(pairs(), text)
}

fn names_of<'p>(pairs: &'p [Pair], text: &str) -> Vec<&'p str> {
    let mut names = neighbours(pairs, text);
    let mut at = 0;
    while let Some(name) = names.get(at).copied() {
        for next in neighbours(pairs, name) {
            let is_known = is_same_word(next, text) || names.contains(&next);
            if !is_known {
                names.push(next);
            }
        }
        at += 1;
    }
    names
}

fn neighbours<'p>(pairs: &'p [Pair], text: &str) -> Vec<&'p str> {
    let other = |(old, new): &'p Pair| {
        if is_same_word(old, text) {
            Some(new.as_str())
        } else {
            is_same_word(new, text).then_some(old.as_str())
        }
    };
    pairs.iter().filter_map(other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_those_before_and_after_it() {
        let pair = |old: &str, new: &str| (old.to_owned(), new.to_owned());
        let pairs = [pair("a", "b"), pair("b", "c"), pair("x", "y")];
        assert_eq!(names_of(&pairs, "c"), ["b", "a"]);
        assert_eq!(names_of(&pairs, "A"), ["b", "c"]);
        assert_eq!(names_of(&pairs, "Y"), ["x"]);
        assert!(names_of(&pairs, "z").is_empty());
    }

    #[test]
    fn the_committed_names_can_be_read() {
        assert!(pairs().len() > 50, "{:?}", pairs());
    }
}
