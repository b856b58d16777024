//! The account of requests: who may go, who waits, and until when.
//!
//! Pure: events come in with their instants, decisions go out. It reads no clock,
//! takes no lock and sends nothing.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    mem,
    time::{Duration, Instant},
};

use super::{
    budget::Budget,
    group::{Group, LONGEST_TRANSIT, LONGEST_WINDOW},
    line::{Hold, Line, LookedAt, Operation, Waiting},
    membership::{Link, Membership},
    rate_limit::RateLimit,
    ticket::Ticket,
};

/// More operations than a program has. Beyond them all are learnt anew, so that
/// paths with ids that don't look like ids don't fill the memory.
pub(super) const MOST_OPERATIONS: usize = 1000;

/// How long a group's old name may still come: a window, and as long as a request
/// may take.
const LINKED: Duration = Duration::from_secs(180);

/// So many requests may wait for their group's name; no usual limit is larger.
const MOST_UNASSIGNED: usize = 200;

/// What changed in the line.
#[derive(Debug, Default)]
pub(super) struct Turnover {
    /// These may be sent now.
    pub(super) admitted: Vec<Ticket>,
    /// These wait for something else than before.
    pub(super) held_otherwise: Vec<Ticket>,
}

#[derive(Debug, Default)]
pub(super) struct Ledger {
    free_places: usize,
    line: Line,
    requests: BTreeMap<Ticket, Request>,
    operations: HashMap<Operation, Membership>,
    groups: BTreeMap<String, Group>,
    links: Vec<Link>,
    /// Requests that may count in a group which isn't known yet.
    unassigned: VecDeque<Unassigned>,
    /// A penalty of the whole account.
    stopped_until: Option<Instant>,
    has_quotas: bool,
}

#[derive(Debug)]
struct Unassigned {
    ticket: Ticket,
    operation: Operation,
    sent: Instant,
    latest_arrival: Instant,
}

#[derive(Debug)]
struct Request {
    operation: Operation,
    stage: Stage,
    /// The groups that it counts in: its own, or all that it may belong to.
    groups: BTreeSet<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The server can't know of it.
    Unsent,
    Sent(Instant),
    Answered,
}

impl Ledger {
    pub(super) fn new(concurrency: usize) -> Self {
        Self { free_places: concurrency.max(1), has_quotas: true, ..Self::default() }
    }

    /// Learns the quotas, and holds nothing back for them.
    pub(super) fn without_quotas(concurrency: usize) -> Self {
        Self { has_quotas: false, ..Self::new(concurrency) }
    }

    /// Keeps a documented limit of an operation until a response says another.
    pub(super) fn presuming(operation: Operation, limit: u32, window: Duration) -> Self {
        let mut ledger = Self::new(usize::MAX);
        let name = operation.to_string();
        ledger.groups.insert(name, Group::with_limit(limit, window));
        ledger.operations.insert(operation, Membership::Presumed);
        ledger
    }

    /// Joins the line. [`admit`](Self::admit) says when the request may go.
    pub(super) fn ask(&mut self, operation: Operation, is_retry: bool) -> Ticket {
        self.line.join(operation, is_retry)
    }

    /// Lets those go that may, in the order of the line.
    pub(super) fn admit(&mut self, now: Instant) -> Turnover {
        self.forget(now);
        let mut turnover = Turnover::default();
        let mut looked_at = LookedAt::default();
        for mut waiting in self.line.take() {
            let is_open = looked_at.is_open(&waiting.operation, |one| self.is_open(one));
            if is_open && self.free_places > 0 {
                turnover.admitted.push(waiting.ticket);
                self.begin(waiting);
                // There is less room than before.
                looked_at = LookedAt::default();
                continue;
            }
            let hold = if is_open { Hold::Concurrency } else { Hold::Quota };
            if mem::replace(&mut waiting.hold, hold) != hold {
                turnover.held_otherwise.push(waiting.ticket);
            }
            self.line.put_back(waiting);
        }
        turnover
    }

    /// What a request waits for; `None` once it may go.
    pub(super) fn hold(&self, ticket: Ticket) -> Option<Hold> {
        self.line.hold(ticket)
    }

    /// When the line has to be looked through again, if nothing happens before.
    pub(super) fn wake_at(&self, now: Instant) -> Option<Instant> {
        let operations = self.line.held_by_quota().into_iter();
        operations.filter_map(|operation| self.opens_at(operation, now)).min()
    }

    /// Whether a penalty has begun since a request was let go, in which it may not be
    /// sent.
    pub(super) fn is_stopped(&self, ticket: Ticket, now: Instant) -> bool {
        let Some(request) = self.requests.get(&ticket) else { return false };
        let mut groups = request.groups.iter().filter_map(|name| self.groups.get(name));
        self.has_quotas
            && (self.stopped_until.is_some_and(|until| until > now)
                || groups.any(|group| group.is_blocked(now)))
    }

    /// From here on a request counts, with or without a response.
    pub(super) fn sent(&mut self, ticket: Ticket, now: Instant) {
        let Some(request) = self.requests.get_mut(&ticket) else { return };
        if request.stage != Stage::Unsent {
            return;
        }
        request.stage = Stage::Sent(now);
        for name in &request.groups {
            if let Some(group) = self.groups.get_mut(name) {
                group.sent(ticket, now);
            }
        }
    }

    /// Counts a request by the head of its response, and learns from that.
    pub(super) fn answered(&mut self, ticket: Ticket, said: &RateLimit, now: Instant) {
        let Some(request) = self.requests.get_mut(&ticket) else { return };
        let sent = match request.stage {
            Stage::Unsent => now,
            Stage::Sent(at) => at,
            Stage::Answered => return,
        };
        request.stage = Stage::Answered;
        let operation = request.operation.clone();
        if let Some(penalty) = said.penalty.filter(|_| said.is_bare()) {
            self.stop_until(now + penalty);
        }
        match self.group_of(&operation, said) {
            Some(name) => {
                self.join(&operation, &name, sent, now);
                self.keep_only(ticket, &name, sent);
                self.count(ticket, now);
                if let Some(group) = self.groups.get_mut(&name) {
                    group.learn(ticket, said, now);
                }
                if let Some(penalty) = said.penalty.filter(|_| !said.is_bare()) {
                    self.each_group(ticket, |group| group.block_until(now + penalty));
                }
            }
            None if said.is_success && !self.has_group(&operation) => {
                self.remember(operation, Membership::Unlimited);
                self.release(ticket);
                self.keep_unassigned(ticket, sent, now);
            }
            // It may count in any of them, and in one that isn't known yet.
            None => {
                self.count(ticket, now);
                self.keep_unassigned(ticket, sent, now);
            }
        }
    }

    /// Ends a request: one that waits, was sent or is read to its end.
    pub(super) fn leave(&mut self, ticket: Ticket, now: Instant) {
        if self.line.leave(ticket) {
            return;
        }
        match self.requests.get(&ticket).map(|request| request.stage) {
            None => return,
            Some(Stage::Unsent) => self.release(ticket),
            // Without a response it may still be on its way.
            Some(Stage::Sent(sent)) => {
                self.count(ticket, now + LONGEST_TRANSIT);
                self.keep_unassigned(ticket, sent, now + LONGEST_TRANSIT);
            }
            Some(Stage::Answered) => {}
        }
        self.requests.remove(&ticket);
        self.free_places = self.free_places.saturating_add(1);
    }

    /// Stops all requests until then.
    pub(super) fn stop_until(&mut self, until: Instant) {
        self.stopped_until = Some(self.stopped_until.map_or(until, |one| one.max(until)));
    }

    pub(super) fn earliest_end(
        &mut self,
        operation: &str,
        requests: u64,
        now: Instant,
    ) -> Duration {
        if !self.has_quotas || requests == 0 {
            return Duration::ZERO;
        }
        self.forget(now);
        let stopped = self.stopped_until.map_or(Duration::ZERO, |until| until - now);
        let Some(Membership::Group(name) | Membership::Doubted(name)) =
            self.operations.get(operation)
        else {
            return stopped;
        };
        let group = self.groups.get(name);
        group.map_or(stopped, |group| group.earliest_end(name, requests, now).max(stopped))
    }

    /// What is left in each group, by name.
    pub(super) fn budgets(&mut self, now: Instant) -> Vec<Budget> {
        self.forget(now);
        self.groups.iter().filter_map(|(name, group)| group.budget(name, now)).collect()
    }

    /// How many operations and groups are known.
    #[cfg(test)]
    pub(super) fn sizes(&self) -> (usize, usize) {
        (self.operations.len(), self.groups.len())
    }

    fn forget(&mut self, now: Instant) {
        self.stopped_until = self.stopped_until.filter(|until| *until > now);
        self.groups.values_mut().for_each(|group| group.forget(now));
        self.links.retain(|link| link.until > now);
        self.unassigned.retain(|one| one.latest_arrival + LONGEST_WINDOW > now);
    }

    /// Whether a request may go as far as the quotas are concerned.
    fn is_open(&self, operation: &Operation) -> bool {
        if self.is_learning(operation) {
            return false;
        }
        let mut groups = self.groups_of(operation);
        !self.has_quotas || (self.stopped_until.is_none() && groups.all(|(_, one)| one.is_open()))
    }

    fn opens_at(&self, operation: &Operation, now: Instant) -> Option<Instant> {
        if self.is_learning(operation) {
            return None;
        }
        let mut latest = self.stopped_until.unwrap_or(now);
        for (_, group) in self.groups_of(operation) {
            latest = latest.max(group.opens_at(now)?);
        }
        Some(latest)
    }

    /// Whether the first request of an operation, whose response names the group,
    /// is under way.
    fn is_learning(&self, operation: &Operation) -> bool {
        let is_first = |one: &Request| one.operation == *operation && one.stage != Stage::Answered;
        self.is_unknown(operation) && self.requests.values().any(is_first)
    }

    fn is_unknown(&self, operation: &Operation) -> bool {
        let membership = self.operations.get(operation);
        matches!(membership, None | Some(Membership::Doubted(_) | Membership::Presumed))
    }

    /// Whether a response has named its group.
    fn has_group(&self, operation: &Operation) -> bool {
        let membership = self.operations.get(operation);
        matches!(membership, Some(Membership::Group(_) | Membership::Doubted(_)))
    }

    /// When the penalties that hold an operation back end.
    pub(super) fn blocked_until(&self, operation: &Operation) -> Option<Instant> {
        let groups = self.groups_of(operation).filter_map(|(_, group)| group.blocked_until());
        groups.chain(self.stopped_until).max().filter(|_| self.has_quotas)
    }

    /// The group of an operation, or all if that is unknown.
    fn groups_of(&self, operation: &Operation) -> impl Iterator<Item = (&String, &Group)> {
        let (own, all) = match self.operations.get(operation) {
            Some(Membership::Group(own)) => (self.groups.get_key_value(own), None),
            Some(Membership::Unlimited) => (None, None),
            Some(Membership::Doubted(_) | Membership::Presumed) | None => {
                (None, Some(&self.groups))
            }
        };
        own.into_iter().chain(all.into_iter().flatten())
    }

    fn begin(&mut self, Waiting { ticket, operation, .. }: Waiting) {
        let own: Vec<_> = self.groups_of(&operation).map(|(name, _)| name.clone()).collect();
        let groups: BTreeSet<_> = own.iter().flat_map(|name| self.names_of(name)).collect();
        for name in &groups {
            self.groups.entry(name.clone()).or_default().hold(ticket, None);
        }
        self.free_places -= 1;
        self.requests.insert(ticket, Request { operation, stage: Stage::Unsent, groups });
    }

    /// The group that a response counts in. An operation keeps its group until a
    /// header names another; without a name it is a group of its own.
    fn group_of(&self, operation: &Operation, said: &RateLimit) -> Option<String> {
        if let Some(name) = &said.group {
            return Some(name.clone());
        }
        match self.operations.get(operation) {
            Some(Membership::Group(name)) => Some(name.clone()),
            Some(Membership::Doubted(name)) => (!said.is_bare()).then(|| name.clone()),
            Some(Membership::Presumed | Membership::Unlimited) | None => {
                (!said.is_bare()).then(|| operation.to_string())
            }
        }
    }

    /// Notes an operation's group.
    ///
    /// A new name may be a known group's, with all that was spent of it. So when an
    /// operation changes its group, the two are linked, and that the others are still
    /// in the old one is doubted until a response names their group, to a request that
    /// was sent since.
    fn join(&mut self, operation: &Operation, name: &str, sent: Instant, now: Instant) {
        if self.groups.get(name).is_some_and(|group| group.is_outdated(sent)) {
            self.doubt(operation, name);
            return;
        }
        let before = match self.operations.get(operation) {
            Some(Membership::Group(own)) if own == name => return,
            Some(Membership::Group(own) | Membership::Doubted(own)) => Some(own.clone()),
            Some(Membership::Presumed) => Some(operation.to_string()),
            Some(Membership::Unlimited) | None => None,
        };
        let before = before.filter(|own| own != name);
        let is_new = !self.groups.contains_key(name);
        let group = self.groups.entry(name.to_owned()).or_default();
        let is_young = *group.known_since.get_or_insert(now) + LINKED > now;
        if let Some(before) = before.as_ref().filter(|_| is_young) {
            self.link(before, name, now);
        }
        if let Some(old) = before.as_ref().and_then(|before| self.groups.get_mut(before)) {
            old.replaced_at = Some(now);
        }
        for membership in self.operations.values_mut() {
            if let Membership::Group(own) = membership
                && before.as_ref() == Some(own)
            {
                *membership = Membership::Doubted(mem::take(own));
            }
        }
        self.hold_under_way(operation, name, is_new);
        self.assign(operation, name, is_new || (is_young && before.is_some()));
        self.remember(operation.clone(), Membership::Group(name.to_owned()));
    }

    /// A response has an old name, and says nothing of a newer one.
    fn doubt(&mut self, operation: &Operation, name: &str) {
        if !self.has_group(operation) {
            self.remember(operation.clone(), Membership::Doubted(name.to_owned()));
        }
    }

    fn link(&mut self, before: &str, name: &str, now: Instant) {
        let old = self.groups.get(before).cloned();
        if let (Some(old), Some(group)) = (old, self.groups.get_mut(name)) {
            group.inherit(&old);
        }
        let names = [before.to_owned(), name.to_owned()];
        self.links.retain(|link| link.names != names);
        self.links.push(Link { names, until: now + LINKED });
    }

    /// Holds requests that are under way against a group that they may count in: those
    /// of an operation that has joined it, those that are held against another name of
    /// it, and all if this is the first that is heard of it. Others would only explain
    /// what other programs have spent.
    fn hold_under_way(&mut self, operation: &Operation, name: &str, is_new: bool) {
        let names = self.names_of(name);
        let Some(group) = self.groups.get_mut(name) else { return };
        for (ticket, request) in &mut self.requests {
            let sent = match request.stage {
                Stage::Unsent => None,
                Stage::Sent(at) => Some(at),
                Stage::Answered => continue,
            };
            let is_its = request.operation == *operation || !request.groups.is_disjoint(&names);
            if is_new || is_its {
                group.hold(*ticket, sent);
                request.groups.insert(name.to_owned());
            }
        }
    }

    /// Counts an operation's earlier requests in the group that it turned out to
    /// belong to, and in no other. It may be that of other operations, too.
    fn assign(&mut self, operation: &Operation, name: &str, may_be_all: bool) {
        let names = self.names_of(name);
        for one in &self.unassigned {
            let is_its = one.operation == *operation;
            let may_be_its = may_be_all && self.is_unknown(&one.operation);
            for (other, group) in &mut self.groups {
                if names.contains(other) && (is_its || may_be_its) {
                    group.hold(one.ticket, Some(one.sent));
                    group.count(one.ticket, one.latest_arrival);
                } else if is_its {
                    group.release(one.ticket);
                }
            }
        }
        self.unassigned.retain(|one| one.operation != *operation);
    }

    fn remember(&mut self, operation: Operation, membership: Membership) {
        if self.operations.len() >= MOST_OPERATIONS {
            let under_way: BTreeSet<_> =
                self.requests.values().map(|request| &request.operation).collect();
            self.operations.retain(|operation, _| under_way.contains(operation));
            self.groups.retain(|_, group| !group.is_idle());
        }
        self.operations.insert(operation, membership);
    }

    /// All names of a group.
    fn names_of(&self, name: &str) -> BTreeSet<String> {
        let links = self.links.iter().filter(|link| link.names.iter().any(|one| one == name));
        links.flat_map(|link| link.names.clone()).chain([name.to_owned()]).collect()
    }

    /// A request counts in this group, and in no other that it was held against.
    fn keep_only(&mut self, ticket: Ticket, name: &str, sent: Instant) {
        let names = self.names_of(name);
        let Some(request) = self.requests.get_mut(&ticket) else { return };
        let held = mem::replace(&mut request.groups, names);
        for other in held.difference(&request.groups) {
            if let Some(group) = self.groups.get_mut(other) {
                group.release(ticket);
            }
        }
        for own in &request.groups {
            let group = self.groups.entry(own.clone()).or_default();
            group.hold(ticket, Some(sent));
            group.sent(ticket, sent);
        }
    }

    fn release(&mut self, ticket: Ticket) {
        self.each_group(ticket, |group| group.release(ticket));
    }

    fn count(&mut self, ticket: Ticket, latest_arrival: Instant) {
        self.each_group(ticket, |group| group.count(ticket, latest_arrival));
    }

    /// Keeps a request for the group that its operation turns out to belong to.
    fn keep_unassigned(&mut self, ticket: Ticket, sent: Instant, latest_arrival: Instant) {
        let Some(Request { operation, .. }) = self.requests.get(&ticket) else { return };
        if matches!(self.operations.get(operation), Some(Membership::Group(_))) {
            return;
        }
        let operation = operation.clone();
        self.unassigned.truncate(MOST_UNASSIGNED - 1);
        self.unassigned.push_front(Unassigned { ticket, operation, sent, latest_arrival });
    }

    fn each_group(&mut self, ticket: Ticket, change: impl Fn(&mut Group)) {
        let Some(request) = self.requests.get(&ticket) else { return };
        for name in &request.groups {
            if let Some(group) = self.groups.get_mut(name) {
                change(group);
            }
        }
    }
}
