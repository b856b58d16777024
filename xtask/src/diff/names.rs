//! Which name became which: the same, listed, or so close that it must be.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::assignment::assignment;
use crate::error::{Problem, Result};
use crate::renames::{self, Kind, Rename};
use crate::workspace::Workspace;

/// The names that a revision brought, by the ones before it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Boundary {
    /// `api@date` of the first revision with the new names.
    revision: String,
    #[serde(default)]
    operations: BTreeMap<String, String>,
    #[serde(default)]
    properties: BTreeMap<String, String>,
    #[serde(default)]
    values: BTreeMap<String, String>,
    #[serde(default)]
    schemas: BTreeMap<String, String>,
    /// Paths of properties from the object that contains both.
    #[serde(default)]
    moves: BTreeMap<String, String>,
}

/// The listed renames between two revisions.
#[derive(Debug, Default)]
pub struct Renames(Vec<Boundary>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    Listed,
    Name,
    /// So close that it is one, and so is another.
    OneOfSeveral,
    /// So close that it is one, but for a word that says something else.
    OtherMeaning,
    /// So close that it is one, but for its type.
    OtherType,
    /// So close that it is one, and elsewhere the same word has become another.
    Parted,
}

/// What two things are to each other, but for their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    Same,
    /// One is a list of what the other one is.
    OtherType,
    Other,
}

impl Evidence {
    pub(super) fn note(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Name => "by name and shape",
            Self::OneOfSeveral => "perhaps: others are as close by name and shape",
            Self::OtherMeaning => "perhaps: by name and shape, but for a word of another meaning",
            Self::OtherType => "perhaps: by name, but of another type",
            Self::Parted => {
                "perhaps: by name and shape, but the same word became another one elsewhere"
            }
        }
    }

    pub(super) fn is_certain(self) -> bool {
        self == Self::Name
    }
}

impl Renames {
    /// Those of `openapi/renames.toml` after one date and up to another.
    pub fn load(workspace: &Workspace, after: Option<&str>, until: Option<&str>) -> Result<Self> {
        let mut boundaries: BTreeMap<_, Boundary> = BTreeMap::new();
        for rename in renames::load(workspace)? {
            let revision = format!("{}@{}", rename.api, rename.revision);
            let boundary = boundaries.entry(revision.clone()).or_default();
            boundary.revision = revision;
            boundary.add(rename);
        }
        Ok(Self(boundaries.into_values().collect()).between(after, until))
    }

    /// Those after one date and up to another. Without a date, all: a rename says nothing about a
    /// document that doesn't have both names.
    #[must_use]
    pub fn between(mut self, after: Option<&str>, until: Option<&str>) -> Self {
        self.0.sort_by(|a, b| a.date().cmp(b.date()));
        self.0.retain(|boundary| {
            after.is_none_or(|after| after < boundary.date())
                && until.is_none_or(|until| boundary.date() <= until)
        });
        self
    }

    /// Those of a test's case: a list of revisions with the names that each brought.
    pub fn listed(value: &Value) -> Result<Self, Problem> {
        serde_json::from_value(value.clone()).map(Self).map_err(|e| {
            let what = format!("is not a list of renames: {e}");
            Problem::new("", what, "see the other cases for its form")
        })
    }

    /// What a name became, last first.
    fn targets(&self, kind: Kind, name: &str) -> Vec<String> {
        let mut targets = Vec::new();
        let mut name = name.to_owned();
        for boundary in &self.0 {
            if let Some(new) = boundary.names(kind).get(&name) {
                name.clone_from(new);
                targets.insert(0, name.clone());
            }
        }
        targets
    }

    pub(super) fn moves(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter().flat_map(|boundary| boundary.names(Kind::Move))
    }

    /// The names that a name could have now, its own included.
    pub(super) fn candidates(&self, kind: Kind, name: &str) -> Vec<String> {
        let mut targets = self.targets(kind, name);
        targets.push(name.to_owned());
        targets
    }
}

impl Boundary {
    fn add(&mut self, rename: Rename) {
        let names = match rename.kind {
            Kind::Operation => &mut self.operations,
            Kind::Property => &mut self.properties,
            Kind::Value => &mut self.values,
            Kind::Move => &mut self.moves,
            Kind::Schema => &mut self.schemas,
            Kind::Drop => return,
        };
        names.insert(rename.old, rename.new);
    }

    fn date(&self) -> &str {
        self.revision.split_once('@').map_or("", |(_, date)| date)
    }

    fn names(&self, kind: Kind) -> &BTreeMap<String, String> {
        static NONE: BTreeMap<String, String> = BTreeMap::new();
        match kind {
            Kind::Operation => &self.operations,
            Kind::Property => &self.properties,
            Kind::Value => &self.values,
            Kind::Move => &self.moves,
            Kind::Schema => &self.schemas,
            Kind::Drop => &NONE,
        }
    }
}

/// Two sets of names, put together as far as the evidence goes.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    pub(super) same: Vec<String>,
    pub(super) renamed: Vec<(String, String, Evidence)>,
    pub(super) removed: BTreeSet<String>,
    pub(super) added: BTreeSet<String>,
}

pub(super) fn pair(
    old: &BTreeSet<String>,
    new: &BTreeSet<String>,
    renames: &Renames,
    kind: Kind,
    likeness: impl Fn(&str, &str) -> Likeness,
) -> Pairs {
    let same = old.intersection(new).cloned().collect();
    let mut pairs = Pairs {
        same,
        removed: old.difference(new).cloned().collect(),
        added: new.difference(old).cloned().collect(),
        ..Pairs::default()
    };
    for old in pairs.removed.clone() {
        let mut targets = renames.targets(kind, &old).into_iter();
        if let Some(new) = targets.find(|target| pairs.added.contains(target)) {
            pairs.rename(old, new, Evidence::Listed);
        }
    }
    for (old, new, evidence) in guesses(&pairs, likeness) {
        pairs.rename(old, new, evidence);
    }
    pairs
}

impl Pairs {
    fn rename(&mut self, old: String, new: String, evidence: Evidence) {
        self.removed.remove(&old);
        self.added.remove(&new);
        self.renamed.push((old, new, evidence));
    }
}

/// Names that are closest to each other, all together, and close enough.
fn guesses(
    pairs: &Pairs,
    likeness: impl Fn(&str, &str) -> Likeness,
) -> Vec<(String, String, Evidence)> {
    let close: Vec<_> = (pairs.removed.iter())
        .flat_map(|old| pairs.added.iter().map(move |new| (old, new)))
        .map(|(old, new)| Close { closeness: closeness(old, new), old, new })
        .filter(|it| it.closeness >= CLOSE && likeness(it.old, it.new) != Likeness::Other)
        .collect();
    let guess = |it: &Close<'_>| {
        let evidence = match likeness(it.old, it.new) {
            Likeness::Same => it.evidence(&close),
            _ => Evidence::OtherType,
        };
        (it.old.clone(), it.new.clone(), evidence)
    };
    best(&close).into_iter().map(guess).collect()
}

/// Two names of which one may have become the other.
struct Close<'n> {
    closeness: u32,
    old: &'n String,
    new: &'n String,
}

impl Close<'_> {
    /// How much it is worth to pair them. But for capitals, they are one name, which others don't part.
    fn weight(&self) -> i64 {
        match self.closeness {
            SAME => 10 * i64::from(SAME),
            closeness if mean_different_things(self.old, self.new) => i64::from(closeness) / 2,
            closeness => i64::from(closeness),
        }
    }

    fn evidence(&self, all: &[Self]) -> Evidence {
        let is_close = |it: &&Self| self.closeness < SAME || it.closeness == SAME;
        let is_rival = |it: &&Self| (it.old == self.old) != (it.new == self.new);
        match all.iter().filter(is_close).filter(is_rival).count() {
            0 if mean_different_things(self.old, self.new) => Evidence::OtherMeaning,
            0 => Evidence::Name,
            _ => Evidence::OneOfSeveral,
        }
    }
}

/// The pairs that are closest together, so that none is crosswise only because another one was paired first.
fn best<'c, 'n>(close: &'c [Close<'n>]) -> Vec<&'c Close<'n>> {
    let olds: Vec<_> = close.iter().map(|it| it.old).collect::<BTreeSet<_>>().into_iter().collect();
    let news: Vec<_> = close.iter().map(|it| it.new).collect::<BTreeSet<_>>().into_iter().collect();
    let place = |old: &String, new: &String| {
        Some((olds.iter().position(|it| *it == old)?, news.iter().position(|it| *it == new)?))
    };
    let mut weights = vec![vec![0; news.len()]; olds.len()];
    for it in close {
        if let Some((row, column)) = place(it.old, it.new) {
            weights[row][column] = it.weight();
        }
    }
    let paired = assignment(&weights);
    let is_paired = |it: &&Close<'n>| {
        place(it.old, it.new).is_some_and(|(row, column)| paired[row] == Some(column))
    };
    close.iter().filter(is_paired).collect()
}

/// Words of which one in the place of another changes what a number says.
const MEANINGS: [&[&str]; 13] = [
    &["millisecond", "ms", "second", "minute", "hour", "day", "week", "month", "percent", "ratio"],
    &[
        "min", "minimum", "max", "maximum", "avg", "average", "mean", "median", "total", "sum",
        "count",
    ],
    &["from", "to"],
    &["start", "end"],
    &["in", "out"],
    &["inbound", "outbound", "internal", "external"],
    &["incoming", "outgoing"],
    &["called", "calling"],
    &["caller", "callee"],
    &["before", "after"],
    &["first", "last"],
    &["on", "off", "up", "down"],
    &["include", "exclude", "with", "without"],
];

/// Words of both ends of a range.
const ENDS: (&[&str], &[&str]) = (
    &["from", "start", "begin", "since", "after", "first", "min", "minimum"],
    &["to", "end", "until", "before", "last", "max", "maximum"],
);

fn mean_different_things(old: &str, new: &str) -> bool {
    let (old, new) = (split(old), split(new));
    let has_other = |group: &[&str], words: &BTreeSet<String>, others: &BTreeSet<String>| {
        group.iter().any(|word| words.contains(*word) && !others.contains(*word))
    };
    let is_at_one_end = |end: &[&str], other_end: &[&str], words: &BTreeSet<String>| {
        let has = |words: &BTreeSet<String>, of: &[&str]| of.iter().any(|it| words.contains(*it));
        has(words, end) && !has(words, other_end)
    };
    let (start, end) = ENDS;
    let is_other_end = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
        is_at_one_end(start, end, one) && is_at_one_end(end, start, other)
    };
    let is_other_meaning =
        |group: &&[&str]| has_other(group, &old, &new) && has_other(group, &new, &old);
    MEANINGS.iter().any(is_other_meaning) || is_other_end(&old, &new) || is_other_end(&new, &old)
}

/// Whether two names are so alike that one may have become the other.
pub fn is_close(old: &str, new: &str) -> bool {
    closeness(old, new) >= CLOSE
}

/// In percent. Half of the words have to be the same, or two of three letters.
const CLOSE: u32 = 50;

/// But for capitals and what joins words: what is less close is no rival.
const SAME: u32 = 101;

/// The letters of a name, as every spelling of it has them.
pub(super) fn letters(name: &str) -> String {
    name.chars().filter(|it| !"_- ".contains(*it)).flat_map(char::to_lowercase).collect()
}

fn closeness(old: &str, new: &str) -> u32 {
    if letters(old) == letters(new) {
        return SAME;
    }
    let (old_words, new_words) = (split(old), split(new));
    let shared = old_words.intersection(&new_words).count();
    let by_words = 200 * shared / (old_words.len() + new_words.len()).max(1);
    let letters = strsim::normalized_damerau_levenshtein(&old.to_lowercase(), &new.to_lowercase());
    let by_letters = if letters > 2.0 / 3.0 { 100.0 * letters } else { 0.0 };
    // Between 0 and 100 by what the measure is.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let by_letters = by_letters as u32;
    by_letters.max(u32::try_from(by_words).unwrap_or(0))
}

/// The words of a camel-case name, without the plural.
fn split(name: &str) -> BTreeSet<String> {
    let mut words = vec![String::new()];
    let mut after_small = false;
    for letter in name.chars() {
        if letter.is_uppercase() && after_small {
            words.push(String::new());
        }
        after_small = letter.is_lowercase() || letter.is_numeric();
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words.iter().map(|word| word.strip_suffix('s').unwrap_or(word).to_owned()).collect()
}
