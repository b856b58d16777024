//! Whose calls are counted.

use super::read::{Field, Findings};
use crate::aggregate::query::{Metric, Of};
use crate::data::directory::{Directory, Entry, Grouping};

pub(super) const NO_SLA: &str = "only queues have an SLA";
pub(super) const NO_HOURS: &str = "only queues have queue hours";

/// Whose calls are counted.
pub(super) struct Scope {
    pub(super) grouping: Grouping,
    pub(super) keys: Option<Vec<u16>>,
    pub(super) keys_are_named: bool,
}

impl Scope {
    pub(super) fn company() -> Scope {
        Scope { grouping: Grouping::Company, keys: Some(vec![0]), keys_are_named: true }
    }

    /// A grouping; no keys means all.
    pub(super) fn direct(
        findings: &mut Findings,
        directory: &Directory,
        grouping: Grouping,
        keys: &[&str],
    ) -> Scope {
        if grouping == Grouping::Company {
            return Scope::company();
        }
        remark_strangers(findings, directory, grouping, keys);
        let find = |key: &&str| directory.find(grouping, key);
        let keys = (!keys.is_empty()).then(|| sorted(keys.iter().filter_map(find).collect()));
        Scope { grouping, keys_are_named: keys.is_some(), keys }
    }

    /// The users that belong to the sets of a kind; no keys means all sets.
    pub(super) fn members(
        findings: &mut Findings,
        directory: &Directory,
        sets: Grouping,
        keys: &[&str],
    ) -> Scope {
        remark_strangers(findings, directory, sets, keys);
        let sets_of_kind = (0..).zip(directory.entries(sets));
        let named = sets_of_kind.filter(|(_, set)| is_named(keys, set));
        let users = named.flat_map(|(set, _)| directory.users_of(sets, set));
        Scope {
            grouping: Grouping::Users,
            keys: Some(sorted(users.collect())),
            keys_are_named: false,
        }
    }

    /// Refuses a filter by what only queues have.
    pub(super) fn check_of_queues(&self, findings: &mut Findings, filter: &Field<'_>, why: &str) {
        if filter.is_present() && self.grouping != Grouping::Queues {
            filter.refuse(findings, why);
        }
    }

    /// Refuses a metric that means nothing here.
    pub(super) fn check(&self, findings: &mut Findings, option: &Field<'_>, metric: &Metric) {
        if metric.is_sla() {
            self.check_of_queues(findings, option, NO_SLA);
        }
        if metric.is_queue_hours() {
            self.check_of_queues(findings, option, NO_HOURS);
        }
        if metric.of == Of::Opportunities && self.grouping != Grouping::Users {
            option.refuse(findings, "only users and members have opportunities");
        }
    }

    /// Refuses filters by colleagues where the key isn't one extension.
    pub(super) fn check_callers(&self, findings: &mut Findings, from: &Field<'_>, to: &Field<'_>) {
        let is_extension = self.grouping.is_extension();
        if from.is_present() && !is_extension {
            from.refuse(findings, "the grouping is not of extensions");
        }
        if to.is_present() && (!is_extension || self.grouping == Grouping::Queues) {
            to.refuse(findings, "the grouping is not of extensions that make calls");
        }
    }
}

/// A key that isn't there gets no record, which looks like no calls.
pub(super) fn remark_strangers(
    findings: &mut Findings,
    directory: &Directory,
    grouping: Grouping,
    keys: &[&str],
) {
    let entries = directory.entries(grouping);
    for key in keys.iter().filter(|key| directory.find(grouping, key).is_none()) {
        let is_number = |entry: &&Entry| entry.extension_number.as_deref() == Some(*key);
        let hint = entries.iter().find(is_number).map_or_else(String::new, |entry| {
            format!("; it is the extension number of the key `{}`", entry.key)
        });
        findings.remark(format!("`{key}` isn't a key of this grouping{hint}"));
    }
}

pub(super) fn is_named(keys: &[&str], entry: &Entry) -> bool {
    keys.is_empty() || keys.contains(&entry.key.as_str())
}

pub(super) fn sorted(mut keys: Vec<u16>) -> Vec<u16> {
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Entries of a direct number's or an extension's list, as places; unknown ones match nothing.
pub(super) fn places(
    findings: &mut Findings,
    list: &Field<'_>,
    find: impl Fn(&str) -> Option<u16>,
) -> Option<Vec<u16>> {
    let keys = list.texts(findings);
    let places = keys.iter().filter_map(|key| {
        let place = find(key);
        if place.is_none() {
            let path = list.path_as_sent(findings);
            findings.remark(format!("`{key}` of `{path}` is unknown"));
        }
        place
    });
    let places = places.collect();
    (!keys.is_empty()).then_some(places)
}

pub(super) fn queue_extension(directory: &Directory, key: &str) -> Option<u16> {
    let queue = directory.find(Grouping::Queues, key)?;
    Some(directory.queue(queue).extension)
}
