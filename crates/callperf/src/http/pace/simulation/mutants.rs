//! Ledgers with one fault each, put around the real one from outside: a
//! simulation that lets one of them pass proves nothing.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::world::{Pace, Violation};
use crate::http::pace::{ledger::Ledger, rate_limit::RateLimit, ticket::Ticket};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mutation {
    /// A response's time is when its request was sent.
    CountsFromSending,
    /// What was sent and given up isn't counted.
    ForgetsTheCancelled,
    /// Now and then a response is taken for another group's, and its number is lost.
    ForgetsItsGroup,
    /// The limit is one more than it is.
    AllowsOneMore,
    IgnoresRetryAfter,
    /// A penalty lasts half as long.
    HalvesPenalties,
    /// A gateway's 429 stops the group of its operation only.
    StopsOneGroupForAll,
    IgnoresWhatIsLeft,
    /// Now and then a request is never let go.
    DropsAWaiter,
    /// The newest goes first.
    Overtakes,
    /// Retries wait like new requests.
    RetriesWait,
    /// A request that is given up keeps its place.
    LosesPlaces,
    /// A place is free again when the head of a response is there.
    FreesPlacesEarly,
    /// The line is looked through too late.
    Oversleeps,
    HalvesWindows,
    /// What has left the window is added to what a response says is left.
    CreditsTwice,
    /// A request counts from long after its response.
    CountsLate,
    /// A penalty is believed only if nothing is left.
    SendsInAPenalty,
}

/// The promise that a mutant breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Breaks {
    Quota,
    /// What a response has shown to be spent by others.
    Others,
    Penalty,
    Order,
    Service,
    Places,
    Concurrency,
    Speed,
}

impl Breaks {
    pub(super) fn is(self, violation: Violation) -> bool {
        match self {
            Self::Quota => matches!(violation, Violation::CrossesQuota { .. }),
            Self::Others => matches!(violation, Violation::SentThoughFull { .. }),
            Self::Penalty => matches!(violation, Violation::SentInPenalty { .. }),
            Self::Order => matches!(violation, Violation::Overtakes { .. }),
            Self::Service => matches!(violation, Violation::WaitsForEver { .. }),
            Self::Places => matches!(violation, Violation::LosesPlaces { .. }),
            Self::Concurrency => matches!(violation, Violation::TooManyAtOnce { .. }),
            Self::Speed => matches!(violation, Violation::TakesTooLong { .. }),
        }
    }
}

impl Mutation {
    pub(super) const ALL: [Self; 18] = [
        Self::CountsFromSending,
        Self::ForgetsTheCancelled,
        Self::ForgetsItsGroup,
        Self::AllowsOneMore,
        Self::IgnoresRetryAfter,
        Self::HalvesPenalties,
        Self::StopsOneGroupForAll,
        Self::IgnoresWhatIsLeft,
        Self::DropsAWaiter,
        Self::Overtakes,
        Self::RetriesWait,
        Self::LosesPlaces,
        Self::FreesPlacesEarly,
        Self::Oversleeps,
        Self::HalvesWindows,
        Self::CreditsTwice,
        Self::CountsLate,
        Self::SendsInAPenalty,
    ];

    pub(super) fn breaks(self) -> Breaks {
        match self {
            Self::CountsFromSending
            | Self::ForgetsTheCancelled
            | Self::ForgetsItsGroup
            | Self::AllowsOneMore
            | Self::HalvesWindows => Breaks::Quota,
            Self::IgnoresWhatIsLeft | Self::CreditsTwice => Breaks::Others,
            Self::IgnoresRetryAfter
            | Self::HalvesPenalties
            | Self::StopsOneGroupForAll
            | Self::SendsInAPenalty => Breaks::Penalty,
            Self::Overtakes | Self::RetriesWait => Breaks::Order,
            Self::DropsAWaiter => Breaks::Service,
            Self::LosesPlaces => Breaks::Places,
            Self::FreesPlacesEarly => Breaks::Concurrency,
            Self::Oversleeps | Self::CountsLate => Breaks::Speed,
        }
    }
}

pub(super) struct Mutant {
    mutation: Mutation,
    ledger: Ledger,
    asked: u32,
    operations: BTreeMap<Ticket, &'static str>,
    sent: BTreeMap<Ticket, Instant>,
    groups: BTreeMap<&'static str, String>,
}

impl Mutant {
    pub(super) fn new(mutation: Mutation, concurrency: usize) -> Self {
        Self {
            mutation,
            ledger: Ledger::new(concurrency),
            asked: 0,
            operations: BTreeMap::new(),
            sent: BTreeMap::new(),
            groups: BTreeMap::new(),
        }
    }
}

impl Pace for Mutant {
    fn ask(&mut self, operation: &'static str, is_retry: bool) -> Ticket {
        self.asked += 1;
        let is_retry = match self.mutation {
            Mutation::Overtakes => self.asked.is_multiple_of(3),
            Mutation::RetriesWait => false,
            _ => is_retry,
        };
        let ticket = self.ledger.ask(operation.into(), is_retry);
        self.operations.insert(ticket, operation);
        ticket
    }

    fn admit(&mut self, now: Instant) -> Vec<Ticket> {
        let mut admitted = self.ledger.admit(now).admitted;
        if self.mutation == Mutation::DropsAWaiter && self.asked.is_multiple_of(4) {
            admitted.pop();
        }
        admitted
    }

    fn wake_at(&self, now: Instant) -> Option<Instant> {
        let late = match self.mutation {
            Mutation::Oversleeps => Duration::from_secs(20),
            _ => Duration::ZERO,
        };
        self.ledger.wake_at(now).map(|at| at + late)
    }

    fn sent(&mut self, ticket: Ticket, now: Instant) {
        self.sent.insert(ticket, now);
        if self.mutation != Mutation::ForgetsTheCancelled {
            self.ledger.sent(ticket, now);
        }
    }

    fn answered(&mut self, ticket: Ticket, said: &RateLimit, now: Instant) {
        let operation = self.operations[&ticket];
        let mut said = said.clone();
        let mut at = now;
        match self.mutation {
            Mutation::CountsFromSending => at = self.sent[&ticket],
            Mutation::CountsLate => at = now + Duration::from_secs(10),
            Mutation::HalvesWindows => said.window = said.window.map(|whole| whole / 2),
            Mutation::CreditsTwice => {
                let window = said.window.unwrap_or_default();
                let has_left = self.sent.values().filter(|sent| **sent + window <= now).count();
                let more = u32::try_from(has_left).unwrap();
                said.remaining = said.remaining.map(|left| left + more).min(said.limit);
            }
            Mutation::IgnoresRetryAfter => said.penalty = None,
            Mutation::SendsInAPenalty if said.remaining > Some(0) => said.penalty = None,
            Mutation::HalvesPenalties => said.penalty = said.penalty.map(|whole| whole / 2),
            Mutation::ForgetsItsGroup if self.asked.is_multiple_of(5) => {
                said.group = Some(format!("group {}", self.asked));
                said.remaining = None;
            }
            Mutation::AllowsOneMore => said.limit = said.limit.map(|limit| limit + 1),
            Mutation::IgnoresWhatIsLeft => said.remaining = None,
            Mutation::StopsOneGroupForAll if said.is_bare() && said.penalty.is_some() => {
                said.group =
                    Some(self.groups.get(operation).map_or(operation, |one| one).to_owned());
            }
            _ => {}
        }
        if let Some(name) = &said.group {
            self.groups.insert(operation, name.clone());
        }
        self.ledger.answered(ticket, &said, at);
        if self.mutation == Mutation::FreesPlacesEarly {
            self.ledger.leave(ticket, now);
        }
    }

    fn leave(&mut self, ticket: Ticket, now: Instant) {
        let is_cancelled = self.sent.contains_key(&ticket);
        match self.mutation {
            Mutation::LosesPlaces if is_cancelled && self.asked.is_multiple_of(3) => {}
            _ => self.ledger.leave(ticket, now),
        }
    }
}
