//! What a client can know at each moment of a history: which promises bind it.
//!
//! A server's number of requests that are left is about the moment at which one
//! request arrived, and that moment isn't knowable. So a number that our own
//! requests explain, at some moment between the request and its response, shows
//! nothing of other programs. One that they don't explain does.

use std::{ops::Range, time::Instant};

use crate::{
    http::pace::group::LONGEST_TRANSIT,
    simulation::{
        history::History,
        server::{Limits, Truth},
    },
};

pub(super) struct Knowledge {
    operations: Vec<Operation>,
    requests: Vec<Request>,
    groups: Vec<Group>,
}

/// The group that responses last named for an operation.
struct Operation {
    name: &'static str,
    group: Option<&'static str>,
    named: Option<Instant>,
}

#[derive(Clone, Copy)]
struct Request {
    operation: usize,
    sent: Option<Instant>,
    /// Whether its group was beyond doubt then: no new name had come since a response
    /// last named it.
    was_sure: bool,
    /// The last moment at which it can have arrived.
    latest_arrival: Option<Instant>,
    is_answered: bool,
}

struct Group {
    /// All that it was ever called.
    names: Vec<&'static str>,
    /// When a response first named it, or named it anew.
    named: Vec<(&'static str, Instant)>,
    /// When an operation that had known one of its names was first given another.
    known_as_renamed: Option<Instant>,
    /// Whether others spend it, or a header was missing or wrong.
    is_unknowable: bool,
    /// Whether a number that was heard shows that others spend it.
    has_others: bool,
    said_full: Vec<SaidFull>,
}

/// A response that showed that nothing is left, for a window or a penalty at most.
struct SaidFull {
    at: Instant,
    lasts: Range<Instant>,
}

impl Knowledge {
    pub(super) fn new(history: &History) -> Self {
        let operations: Vec<_> = history
            .members
            .iter()
            .map(|(name, _)| Operation { name, group: None, named: None })
            .collect();
        let position = |name| operations.iter().position(|one| one.name == name).unwrap();
        let requests = history.asks.iter().map(|ask| Request {
            operation: position(ask.operation),
            sent: None,
            was_sure: false,
            latest_arrival: None,
            is_answered: false,
        });
        let requests = requests.collect();
        let groups = history.groups.iter().map(|plan| Group {
            names: vec![plan.name],
            named: Vec::new(),
            known_as_renamed: None,
            is_unknowable: false,
            has_others: false,
            said_full: Vec::new(),
        });
        Self { requests, groups: groups.collect(), operations }
    }

    pub(super) fn group(&self, operation: &str) -> Option<&'static str> {
        self.operations.iter().find(|one| one.name == operation)?.group
    }

    pub(super) fn sent(&mut self, request: usize, now: Instant) {
        let newest = self.groups.iter().flat_map(|group| &group.named).map(|(_, at)| *at).max();
        let request = &mut self.requests[request];
        request.was_sure = self.operations[request.operation].named >= newest;
        request.sent = Some(now);
    }

    pub(super) fn given_up(&mut self, request: usize, now: Instant) {
        self.requests[request].latest_arrival.get_or_insert(now + LONGEST_TRANSIT);
    }

    pub(super) fn is_unknowable(&mut self, group: &str) {
        self.of(group).is_unknowable = true;
    }

    pub(super) fn renamed(&mut self, from: &str, to: &'static str) {
        self.of(from).names.push(to);
    }

    pub(super) fn may_cross(&self, group: &str) -> bool {
        self.groups.iter().any(|one| one.names.contains(&group) && one.is_unknowable)
    }

    /// Whether no response had named the group by then, or responses had given it two
    /// names and no operation both: nothing tells a new name from another group's.
    pub(super) fn was_obscure(&self, group: &str, now: Instant) -> bool {
        let group = self.groups.iter().find(|one| one.names.contains(&group)).unwrap();
        let is_nameless = group.named.first().is_none_or(|(_, at)| now <= *at);
        let seems_two = group.named.len() > 1 && group.known_as_renamed.is_none_or(|at| now <= at);
        is_nameless || seems_two
    }

    /// Whether a response had shown that the group was full, before a request was
    /// let go, and it has been full since.
    pub(super) fn was_full(&self, refusal: &Truth, admitted: Instant) -> bool {
        let group = self.groups.iter().find(|one| one.names.contains(&refusal.group));
        group.is_some_and(|group| {
            group.said_full.iter().any(|said| {
                // One that was let go at the same instant may have been earlier.
                said.lasts.start < admitted
                    && admitted < said.lasts.end
                    && refusal.full_since.is_some_and(|since| since <= said.at)
            })
        })
    }

    pub(super) fn answered(&mut self, request: usize, now: Instant) {
        self.requests[request].latest_arrival = Some(now);
        self.requests[request].is_answered = true;
    }

    /// `lasts` is when what a response says may be true.
    pub(super) fn heard(
        &mut self,
        request: usize,
        limits: Limits,
        truth: &Truth,
        lasts: Range<Instant>,
    ) {
        let operation = self.requests[request].operation;
        let before = self.operations[operation].group.replace(limits.group);
        self.operations[operation].named = Some(lasts.start);
        let group = self.of(limits.group);
        if group.named.iter().all(|(name, _)| *name != limits.group) {
            group.named.push((limits.group, lasts.start));
        }
        if before.is_some_and(|name| name != limits.group) {
            group.known_as_renamed.get_or_insert(lasts.start);
        }
        let spent = limits.limit.saturating_sub(limits.remaining);
        let is_unexplained = self.own(request, limits, lasts.start) < spent;
        let group = self.of(limits.group);
        group.has_others |= is_unexplained || truth.is_refused;
        if truth.says_full && group.has_others {
            group.said_full.push(SaidFull { at: truth.at, lasts });
        }
    }

    /// The latest number counts, also one that is wrong.
    pub(super) fn was_lied_to(&mut self, group: &str) {
        self.of(group).said_full.clear();
    }

    /// How many of our own requests may have been in the group's window when this
    /// one arrived. A new name may be that of any request that was under way when it
    /// came.
    fn own(&self, request: usize, limits: Limits, now: Instant) -> u32 {
        let asked = self.requests[request].sent.unwrap_or(now);
        let own = self.groups.iter().find(|one| one.names.contains(&limits.group)).unwrap();
        let is_its = |one: &Request, sent: Instant| match self.operations[one.operation].group {
            Some(group) if !own.names.contains(&group) => {
                let is_older = own.named.iter().any(|(_, at)| sent <= *at);
                !one.is_answered && (is_older || !one.was_sure)
            }
            Some(_) | None => true,
        };
        let may_count = |one: &&Request| {
            one.sent.is_some_and(|sent| is_its(one, sent))
                && one.latest_arrival.is_none_or(|at| at + limits.window > asked)
        };
        u32::try_from(self.requests.iter().filter(may_count).count()).unwrap()
    }

    fn of(&mut self, group: &str) -> &mut Group {
        self.groups.iter_mut().find(|one| one.names.contains(&group)).unwrap()
    }
}
