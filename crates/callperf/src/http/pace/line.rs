//! Those that wait, in the order in which they may go.

use std::{borrow::Cow, mem};

use super::ticket::Ticket;

/// What is counted by itself: an operation of an API's document, or a method
/// with a path.
pub(crate) type Operation = Cow<'static, str>;

/// What keeps a request waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// As many requests as may be are under way.
    Concurrency,
    /// The quota or a penalty, or the first request of its operation, whose
    /// response names the group, is under way.
    Quota,
}

/// In the order of the tickets.
#[derive(Debug, Default)]
pub(super) struct Line {
    waiting: Vec<Waiting>,
    next_number: u64,
}

#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) ticket: Ticket,
    pub(super) operation: Operation,
    pub(super) hold: Hold,
}

impl Line {
    pub(super) fn join(&mut self, operation: Operation, is_retry: bool) -> Ticket {
        let ticket = Ticket::new(self.next_number, is_retry);
        self.next_number += 1;
        let place = self.waiting.partition_point(|waiting| waiting.ticket < ticket);
        // What it waits for is found out when the line is next looked through.
        self.waiting.insert(place, Waiting { ticket, operation, hold: Hold::Concurrency });
        ticket
    }

    /// Whether the request was in the line.
    pub(super) fn leave(&mut self, ticket: Ticket) -> bool {
        let place = self.place(ticket);
        place.map(|place| self.waiting.remove(place)).is_some()
    }

    /// What a request waits for; `None` if it isn't in the line.
    pub(super) fn hold(&self, ticket: Ticket) -> Option<Hold> {
        let place = self.place(ticket)?;
        Some(self.waiting[place].hold)
    }

    /// Takes all out of the line; those that have to wait on are put back in order.
    pub(super) fn take(&mut self) -> Vec<Waiting> {
        mem::take(&mut self.waiting)
    }

    pub(super) fn put_back(&mut self, waiting: Waiting) {
        self.waiting.push(waiting);
    }

    /// The operations of which requests wait for the quota, each once.
    pub(super) fn held_by_quota(&self) -> Vec<&Operation> {
        let mut operations: Vec<&Operation> = Vec::new();
        for waiting in self.waiting.iter().filter(|waiting| waiting.hold == Hold::Quota) {
            if !operations.contains(&&waiting.operation) {
                operations.push(&waiting.operation);
            }
        }
        operations
    }

    fn place(&self, ticket: Ticket) -> Option<usize> {
        self.waiting.binary_search_by_key(&ticket, |waiting| waiting.ticket).ok()
    }
}

/// Which operations may go, each asked for once.
#[derive(Default)]
pub(super) struct LookedAt(Vec<(Operation, bool)>);

impl LookedAt {
    pub(super) fn is_open(
        &mut self,
        operation: &Operation,
        look: impl FnOnce(&Operation) -> bool,
    ) -> bool {
        if let Some((_, is_open)) = self.0.iter().find(|(one, _)| one == operation) {
            return *is_open;
        }
        let is_open = look(operation);
        self.0.push((operation.clone(), is_open));
        is_open
    }
}
