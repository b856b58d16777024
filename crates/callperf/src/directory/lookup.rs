//! From a text to the entry that it stands for.

use icu_normalizer::ComposingNormalizerBorrowed;

use super::{
    entry::{Entry, Kind},
    not_found::{NotFound, Reason},
};
use crate::words::nearest::letters_between;

/// How many of the nearest names an error has.
const MOST_NEAR: usize = 3;

/// A text that stands for an entry.
pub(crate) struct Sought {
    text: String,
    folded: String,
    /// What a cassette has in its place.
    pseudonyms: Vec<String>,
}

impl Sought {
    pub(super) fn of(text: &str) -> Self {
        Self::with_pseudonyms(text, Vec::new())
    }

    pub(crate) fn with_pseudonyms(text: &str, pseudonyms: Vec<String>) -> Self {
        Self { text: text.to_owned(), folded: folded(text), pseudonyms }
    }

    fn is(&self, text: &str) -> bool {
        text == self.text || self.pseudonyms.iter().any(|pseudonym| pseudonym == text)
    }

    fn has_key_of(&self, entry: &Entry) -> bool {
        self.is(&entry.key)
    }

    fn has_number_of(&self, entry: &Entry) -> bool {
        entry.extension_number.as_deref().is_some_and(|number| self.is(number))
    }

    fn has_name_of(&self, entry: &Entry) -> bool {
        entry.name.as_deref().is_some_and(|name| self.is(name))
    }

    fn has_name_in_another_case(&self, entry: &Entry) -> bool {
        entry.name.as_deref().is_some_and(|name| folded(name) == self.folded)
    }
}

/// A way in which a text can stand for an entry.
type Fits = fn(&Sought, &Entry) -> bool;

/// In small letters, and composed: one person types é as one character, another's system as two.
fn folded(text: &str) -> String {
    let small = text.trim().to_lowercase();
    ComposingNormalizerBorrowed::new_nfc().normalize(&small).into_owned()
}

pub(super) fn find<'a>(
    entries: &'a [Entry],
    kind: Option<Kind>,
    sought: &Sought,
) -> Result<&'a Entry, NotFound> {
    let of_kind: Vec<_> = entries.iter().filter(|entry| entry.is(kind)).collect();
    let steps: [(Fits, &str); 4] = [
        (Sought::has_key_of, "have the key"),
        (Sought::has_number_of, "have the number"),
        (Sought::has_name_of, "are named"),
        (Sought::has_name_in_another_case, "are named"),
    ];
    for (fits, shared) in steps {
        let found: Vec<_> = of_kind.iter().copied().filter(|entry| fits(sought, entry)).collect();
        match found[..] {
            [] => {}
            [one] => return Ok(one),
            _ => {
                let candidates = found.into_iter().cloned().collect();
                return Err(not_found(kind, sought, Reason::Ambiguous { shared, candidates }));
            }
        }
    }
    Err(not_found(kind, sought, reason(entries, &of_kind, sought)))
}

/// Those that the text stands for in any of its ways.
pub(super) fn matching<'a>(
    entries: &'a [Entry],
    kind: Option<Kind>,
    sought: &Sought,
) -> Vec<&'a Entry> {
    let fits = |entry: &&Entry| {
        sought.has_key_of(entry)
            || sought.has_number_of(entry)
            || sought.has_name_in_another_case(entry)
    };
    entries.iter().filter(|entry| entry.is(kind)).filter(fits).collect()
}

fn not_found(kind: Option<Kind>, sought: &Sought, reason: Reason) -> NotFound {
    NotFound { kind, text: sought.text.clone(), reason }
}

fn reason(entries: &[Entry], of_kind: &[&Entry], sought: &Sought) -> Reason {
    if let Some(other) = matching(entries, None, sought).first() {
        return Reason::OtherKind(Box::new((*other).clone()));
    }
    if !sought.text.is_empty() && sought.text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Reason::Number;
    }
    let near = nearest(of_kind, &sought.folded);
    if !near.is_empty() {
        return Reason::Near(near.into_iter().cloned().collect());
    }
    let named = of_kind.iter().filter(|entry| entry.name.is_some());
    Reason::Unlike(named.map(|entry| (*entry).clone()).collect())
}

/// Those whose names differ by few letters, or have the text within.
fn nearest<'a>(of_kind: &[&'a Entry], wanted: &str) -> Vec<&'a Entry> {
    let letters = wanted.chars().count();
    let most = (letters / 4).max(2);
    let distance = |entry: &Entry| {
        let name = folded(entry.name.as_deref()?);
        let between = letters_between(&name, wanted)?;
        let is_part = letters > 2 && name.contains(wanted);
        (between <= most || is_part).then_some(between)
    };
    let mut near: Vec<_> =
        of_kind.iter().filter_map(|entry| Some((distance(entry)?, *entry))).collect();
    near.sort_by_key(|(between, _)| *between);
    near.into_iter().map(|(_, entry)| entry).take(MOST_NEAR).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{Listing, Status};

    fn entry(key: &str, number: &str, name: &str, kind: Kind) -> Entry {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let extension_type = text("a word");
        let (extension_number, name) = (text(number), text(name));
        Entry { extension_type, extension_number, name, ..Entry::new(kind, key) }
    }

    fn listing() -> Listing {
        let mut gone = entry("153", "8004", "Returns", Kind::Queue);
        gone.status = Some(Status::Disabled);
        let mut also_gone = entry("154", "8005", "Returns", Kind::Queue);
        also_gone.status = Some(Status::from("Archived".to_owned()));
        Listing::new([
            entry("101", "201", "Ada Lindqvist", Kind::User),
            entry("102", "101", "Bruno", Kind::User),
            entry("150", "8001", "Support", Kind::Queue),
            entry("151", "8002", "Sales, East", Kind::Queue),
            entry("152", "8003", "sales, east", Kind::Queue),
            gone,
            also_gone,
            entry("160", "", "Main\u{1b}[2J menu", Kind::Ivr),
        ])
    }

    fn key(text: &str, kind: impl Into<Option<Kind>>) -> Result<String, String> {
        let listing = listing();
        let found = listing.find(kind, text).map(|entry| entry.key.clone());
        found.map_err(|error| error.to_string())
    }

    #[test]
    fn a_key_wins_over_a_number_a_number_over_a_name_and_a_name_over_another_case() {
        for (text, kind, expected) in [
            ("101", Kind::User, "101"),
            ("201", Kind::User, "101"),
            ("102", Kind::User, "102"),
            (" ada LINDQVIST", Kind::User, "101"),
            ("support", Kind::Queue, "150"),
            ("Sales, East", Kind::Queue, "151"),
            ("sales, east", Kind::Queue, "152"),
        ] {
            assert_eq!(key(text, kind).unwrap(), expected, "{text}");
        }
        assert_eq!(key("8001", None).unwrap(), "150");
    }

    #[test]
    fn accents_are_the_same_however_they_are_typed() {
        let listing = Listing::new([
            entry("101", "", "Jo Mu\u{308}ller", Kind::User),
            entry("102", "", "Ame\u{301}lie", Kind::User),
        ]);
        let found = |text: &str| listing.find(Kind::User, text).map(|entry| &*entry.key);
        for text in ["Jo Müller", "jo mu\u{308}ller", "JO MÜLLER"] {
            assert_eq!(found(text).unwrap(), "101", "{text}");
        }
        // An accent that a name hasn't is another letter.
        assert!(found("Jo Muller").unwrap_err().to_string().contains("\"Jo Mu\u{308}ller\""));
        assert_eq!(found("Amélie").unwrap(), "102");
    }

    #[test]
    fn all_that_a_text_stands_for_are_found() {
        let listing = listing();
        let keys = |kind: Option<Kind>, text| -> Vec<_> {
            listing.matching(kind, text).iter().map(|entry| &*entry.key).collect()
        };
        assert_eq!(keys(Some(Kind::User), "101"), ["101", "102"]);
        assert_eq!(keys(None, "SALES, east"), ["151", "152"]);
        assert!(keys(Some(Kind::Queue), "101").is_empty());
    }

    #[test]
    fn what_is_not_there_is_refused_with_the_nearest() {
        for (text, kind, message) in [
            ("Suport", Kind::Queue, r#"no queue is named "Suport"; did you mean "Support" (150)?"#),
            (
                "Lindqvist",
                Kind::User,
                r#"no user is named "Lindqvist"; did you mean "Ada Lindqvist" (101)?"#,
            ),
            (
                "Billing",
                Kind::User,
                r#"no user is named "Billing"; there are "Ada Lindqvist" (101), "Bruno" (102)"#,
            ),
            ("Main", Kind::Site, r#"no site is named "Main"; the account has no site"#),
            ("999", Kind::Queue, "no queue has the key or the extension number 999"),
            ("201", Kind::Queue, r#""201" is the user "Ada Lindqvist" (101), not a queue"#),
            (
                "160",
                Kind::Queue,
                r#""160" is the IVR menu "Main\u{1b}[2J menu" (160), not a queue"#,
            ),
            (
                "SALES, EAST",
                Kind::Queue,
                r#"2 queues are named "SALES, EAST": 151 (extension 8002), 152 (extension 8003); give the key of one"#,
            ),
            (
                "Returns",
                Kind::Queue,
                r#"2 queues are named "Returns": 153 (extension 8004, disabled), 154 (extension 8005, Archived); give the key of one"#,
            ),
            (
                "Return",
                Kind::Queue,
                r#"no queue is named "Return"; did you mean "Returns" (153, disabled) or "Returns" (154, Archived)?"#,
            ),
        ] {
            assert_eq!(key(text, kind).unwrap_err(), message);
        }
        let listing = listing();
        let several = listing.find(Kind::Queue, "Returns").unwrap_err();
        assert!(several.is_ambiguous());
        assert_eq!(several.candidates().len(), 2);
        let gone = listing.get("153").unwrap();
        assert_eq!(gone.out_of_use().unwrap(), r#"the queue "Returns" (153) is disabled"#);
        assert_eq!(listing.get("150").unwrap().out_of_use(), None);
    }
}
