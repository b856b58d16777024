//! A schema that became a choice between kinds of it, or a choice that became one schema. What an alternative says
//! is not said of all of them.

use super::choices::keywords;
use super::rules::{self, Rule};
use super::shape::Shape;
use super::walk::{At, Comparison, Found};
use crate::document::child;

/// What makes less valid, and with the same place in the other list, more.
static NARROWING: [&Rule; 13] = [
    &rules::REQUIRED_NOW,
    &rules::PROPERTY_ADDED,
    &rules::REQUIRED_PROPERTY_ADDED,
    &rules::UNKNOWN_REFUSED,
    &rules::VALUE_REMOVED,
    &rules::VALUES_LISTED,
    &rules::TYPE_NARROWED,
    &rules::NUMBER_NARROWED,
    &rules::FORMAT_NARROWED,
    &rules::LIMIT_TIGHTENED,
    &rules::NULL_REFUSED,
    &rules::CHOICE_REMOVED,
    &rules::CHOICES_EXCLUSIVE,
];

static WIDENING: [&Rule; 12] = [
    &rules::OPTIONAL_NOW,
    &rules::PROPERTY_REMOVED,
    &rules::UNKNOWN_ALLOWED,
    &rules::VALUE_ADDED,
    &rules::VALUES_OPEN,
    &rules::TYPE_WIDENED,
    &rules::NUMBER_WIDENED,
    &rules::FORMAT_WIDENED,
    &rules::LIMIT_LOOSENED,
    &rules::NULL_ALLOWED,
    &rules::CHOICE_ADDED,
    &rules::CHOICES_COMBINED,
];

static NEITHER: [&Rule; 6] = [
    &rules::DEFAULT_ADDED,
    &rules::DEFAULT_CHANGED,
    &rules::DEPRECATION_CHANGED,
    &rules::SCHEMA_RENAMED,
    &rules::SCHEMA_REPLACED,
    &rules::TEXT_CHANGED,
];

/// Of one alternative, reported all the same: it is added or gone there.
static PROPERTIES: [&Rule; 2] = [&rules::PROPERTY_ADDED, &rules::PROPERTY_REMOVED];
static VALUES: [&Rule; 2] = [&rules::VALUE_REMOVED, &rules::VALUE_ADDED];

impl<'a> Comparison<'a> {
    /// Whether one side has one schema, and the other has alternatives that are all narrower than that.
    pub(super) fn split(&mut self, old: &Shape<'a>, new: &Shape<'a>, at: At<'_>) -> bool {
        let (before, after) = (old.alternatives(), new.alternatives());
        let (is_split, only, several) = match (before.as_slice(), after.as_slice()) {
            ([only], several) => (true, *only, several),
            (several, [only]) => (false, *only, several),
            _ => return false,
        };
        let is_named = |it: &&Shape<'_>| it.name.is_some() && it.name != only.name;
        if self.is_trial || several.iter().any(is_named) {
            return false;
        }
        let mut found: Vec<Vec<Found<'a>>> = Vec::new();
        for alternative in several {
            let mut trial = Self::new((self.old, self.new), self.renames, false, &self.operation);
            trial.with_texts = self.with_texts;
            trial.is_trial = true;
            trial.seen.clone_from(&self.seen);
            trial.negated.clone_from(&self.negated);
            let pair = if is_split { (only, *alternative) } else { (*alternative, only) };
            trial.alternative(pair.0, pair.1, at.way);
            found.push(trial.found);
        }
        let expected: &[&Rule] = if is_split { &NARROWING } else { &WIDENING };
        let is_expected = |it: &Found<'_>| {
            let rule = it.difference.rule;
            expected.contains(&rule) && !is_a_guess(it) || NEITHER.contains(&rule)
        };
        if !found.iter().flatten().all(is_expected) {
            return false;
        }
        let own = own_rules(&found);
        let choice = if is_split { new } else { old };
        // Valid by exactly one: what an alternative has in common with one like the whole is refused.
        if choice.keys.contains("oneOf") && own.iter().any(Vec::is_empty) {
            return false;
        }
        if limits_all(&own) {
            let key = keywords(choice);
            let (with, without) = (key.clone(), format!("no {key}"));
            let change = if is_split { (without, with) } else { (with, without) };
            self.limit(is_split, &key, old, new, Some(change), at);
        }
        self.keep_common(found);
        true
    }

    fn keep_common(&mut self, found: Vec<Vec<Found<'a>>>) {
        let common: Vec<Vec<bool>> = (found.iter())
            .map(|all| all.iter().map(|it| is_everywhere(it, &found)).collect())
            .collect();
        for (mut it, is_common) in found.into_iter().flatten().zip(common.into_iter().flatten()) {
            let rule = it.difference.rule;
            if !is_common && rule == &rules::REQUIRED_PROPERTY_ADDED {
                it.difference.rule = &rules::PROPERTY_ADDED;
                it.difference.verdict = rules::PROPERTY_ADDED.verdict(it.difference.direction);
            } else if !is_common && !PROPERTIES.contains(&rule) && !NEITHER.contains(&rule) {
                continue;
            }
            self.found.push(it);
        }
    }

    /// Says of what is required in a choice, and not in all, where that is.
    pub(super) fn note_choice(
        &mut self,
        start: usize,
        choice: &Shape<'a>,
        label: &str,
        (old, new): (&Shape<'a>, &Shape<'a>),
    ) {
        let about = [&rules::REQUIRED_NOW, &rules::OPTIONAL_NOW, &rules::REQUIRED_PROPERTY_ADDED];
        let holder = child(&choice.pointer, "required");
        for found in &mut self.found[start..] {
            let Found { difference, .. } = found;
            let is_here = |name: &str, pointer: &str| {
                pointer == difference.pointer || child(&holder, name) == difference.pointer
            };
            let mut properties = choice.properties.iter();
            let name = properties.find(|(name, it)| is_here(name, it.pointer()));
            let is_of_one = |(name, _): (&String, _)| {
                !old.required.contains(name) && !new.required.contains(name)
            };
            if about.contains(&difference.rule) && name.is_some_and(is_of_one) {
                difference.note.get_or_insert_with(|| format!("in the choice {label}"));
            }
        }
    }
}

/// Another pattern and the like are taken for tighter ones, and need not be.
fn is_a_guess(it: &Found<'_>) -> bool {
    let old = it.difference.old.as_deref().unwrap_or_default();
    it.difference.rule == &rules::LIMIT_TIGHTENED
        && ["pattern", "multipleOf", "not"].iter().any(|key| old.starts_with(key))
}

fn is_everywhere(it: &Found<'_>, found: &[Vec<Found<'_>>]) -> bool {
    let said = |it: &Found<'_>| {
        let of = &it.difference;
        (of.rule, of.old.clone(), of.new.clone(), last(&of.pointer).to_owned())
    };
    found.iter().all(|all| all.iter().any(|other| said(other) == said(it)))
}

fn last(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or_default()
}

/// What each restricts and not all others.
fn own_rules(found: &[Vec<Found<'_>>]) -> Vec<Vec<&'static Rule>> {
    let own = |all: &Vec<Found<'_>>| {
        let own = all.iter().filter(|it| !is_everywhere(it, found));
        let own = own.map(|it| it.difference.rule);
        own.filter(|rule| !NEITHER.contains(rule) && !PROPERTIES.contains(rule)).collect()
    };
    found.iter().map(own).collect()
}

/// Whether each restricts something that another doesn't, and not only its values: together these are the whole list.
fn limits_all(own: &[Vec<&Rule>]) -> bool {
    let is_of_values = own.iter().flatten().all(|rule| VALUES.contains(rule));
    !is_of_values && own.iter().all(|rules| !rules.is_empty())
}
