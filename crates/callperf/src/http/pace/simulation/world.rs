//! Runs a history against a ledger, and holds what happens against what was
//! promised.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fmt,
    time::{Duration, Instant},
};

use super::knowledge::Knowledge;
use crate::{
    http::{
        exchange::LONGEST_PENALTY,
        pace::{ledger::Ledger, rate_limit::RateLimit, ticket::Ticket},
        retry::QUOTA_WAIT,
    },
    simulation::{
        history::History,
        server::{Change, Fault, Response, RetryAfter, Server, Truth},
    },
};

/// What a gate asks of a ledger.
pub(super) trait Pace {
    fn ask(&mut self, operation: &'static str, is_retry: bool) -> Ticket;
    fn admit(&mut self, now: Instant) -> Vec<Ticket>;
    fn wake_at(&self, now: Instant) -> Option<Instant>;
    fn sent(&mut self, ticket: Ticket, now: Instant);
    fn answered(&mut self, ticket: Ticket, said: &RateLimit, now: Instant);
    fn leave(&mut self, ticket: Ticket, now: Instant);
}

impl Pace for Ledger {
    fn ask(&mut self, operation: &'static str, is_retry: bool) -> Ticket {
        self.ask(operation.into(), is_retry)
    }

    fn admit(&mut self, now: Instant) -> Vec<Ticket> {
        self.admit(now).admitted
    }

    fn wake_at(&self, now: Instant) -> Option<Instant> {
        self.wake_at(now)
    }

    fn sent(&mut self, ticket: Ticket, now: Instant) {
        self.sent(ticket, now);
    }

    fn answered(&mut self, ticket: Ticket, said: &RateLimit, now: Instant) {
        self.answered(ticket, said, now);
    }

    fn leave(&mut self, ticket: Ticket, now: Instant) {
        self.leave(ticket, now);
    }
}

/// A promise that was broken. Numbers are positions in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Violation {
    CrossesQuota { request: usize },
    SentThoughFull { request: usize },
    SentInPenalty { request: usize },
    Overtakes { request: usize, waiting: usize },
    TooManyAtOnce { under_way: usize },
    AdmittedTwice,
    WaitsForEver { request: usize },
    WakesWithoutEnd,
    LosesPlaces { left: usize, of: usize },
    TakesTooLong { taken: Duration, best: Duration },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Ask(usize),
    Send(usize),
    Arrive(usize),
    Answer(usize),
    End(usize),
    Cancel(usize),
    Spend(usize),
    Change(usize),
    Wake,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Absent,
    Waiting,
    Admitted,
    Sent,
    Answered,
    Over,
}

impl Stage {
    fn is_under_way(self) -> bool {
        matches!(self, Self::Admitted | Self::Sent | Self::Answered)
    }
}

struct Request {
    stage: Stage,
    ticket: Option<Ticket>,
    admitted: Option<Admitted>,
    arrival: Option<(Response, Truth)>,
}

/// When a request was let go, and the group that its operation was taken for.
#[derive(Clone, Copy)]
struct Admitted {
    at: Instant,
    group: Option<&'static str>,
}

/// A penalty that a response announced: of a group, or of the whole account.
struct Penalty {
    group: Option<&'static str>,
    until: Instant,
}

struct World<'h, P> {
    history: &'h History,
    pace: P,
    server: Server,
    begun: Instant,
    events: BinaryHeap<Reverse<(Instant, u64, Event)>>,
    number: u64,
    requests: Vec<Request>,
    under_way: usize,
    woken_at: Option<Instant>,
    penalties: Vec<Penalty>,
    knowledge: Knowledge,
    finish: Instant,
}

pub(super) type Outcome<T = ()> = Result<T, Violation>;

/// How long it takes until the last request has ended.
pub(super) fn run(history: &History, pace: impl Pace) -> Outcome<Duration> {
    let mut world = World::new(history, pace);
    world.run()?;
    Ok(world.finish - world.begun)
}

impl<'h, P: Pace> World<'h, P> {
    fn new(history: &'h History, pace: P) -> Self {
        // Where the time begins makes no difference; only differences are looked at.
        let begun = Instant::now();
        let absent =
            || Request { stage: Stage::Absent, ticket: None, admitted: None, arrival: None };
        let mut world = Self {
            history,
            pace,
            server: history.server(),
            begun,
            events: BinaryHeap::new(),
            number: 0,
            requests: history.asks.iter().map(|_| absent()).collect(),
            under_way: 0,
            woken_at: None,
            penalties: Vec::new(),
            knowledge: Knowledge::new(history),
            finish: begun,
        };
        for (index, ask) in history.asks.iter().enumerate() {
            world.plan(begun + ask.at, Event::Ask(index));
        }
        for (index, (at, _)) in history.spends.iter().enumerate() {
            world.plan(begun + *at, Event::Spend(index));
        }
        for (index, (at, _)) in history.changes.iter().enumerate() {
            world.plan(begun + *at, Event::Change(index));
        }
        world
    }

    fn plan(&mut self, at: Instant, event: Event) {
        self.events.push(Reverse((at, self.number, event)));
        self.number += 1;
    }

    fn run(&mut self) -> Outcome {
        while let Some(Reverse((now, _, event))) = self.events.pop() {
            if self.number > 20_000 {
                return Err(Violation::WakesWithoutEnd);
            }
            self.happen(event, now)?;
            self.admit(now)?;
        }
        match self.requests.iter().position(|request| request.stage == Stage::Waiting) {
            Some(request) => Err(Violation::WaitsForEver { request }),
            None => self.nothing_is_lost(),
        }
    }

    fn happen(&mut self, event: Event, now: Instant) -> Outcome {
        match event {
            Event::Ask(index) => self.ask(index, now),
            Event::Send(index) if self.requests[index].stage == Stage::Admitted => {
                self.enter(index, Stage::Sent);
                self.pace.sent(self.ticket(index), now);
                self.knowledge.sent(index, now);
                self.plan(now + self.history.asks[index].there, Event::Arrive(index));
            }
            // It arrives even if its caller has given it up.
            Event::Arrive(index) => {
                self.arrive(index, now)?;
                self.plan(now + self.history.asks[index].back, Event::Answer(index));
            }
            Event::Answer(index) if self.requests[index].stage == Stage::Sent => {
                self.enter(index, Stage::Answered);
                self.hear(index, now);
                self.plan(now + self.history.asks[index].body, Event::End(index));
            }
            Event::End(index) if self.requests[index].stage == Stage::Answered => {
                self.leave(index, now);
                self.finish = self.finish.max(now);
            }
            Event::Cancel(index) if self.requests[index].stage != Stage::Over => {
                self.knowledge.given_up(index, now);
                self.leave(index, now);
            }
            Event::Spend(index) => {
                let operation = self.history.spends[index].1;
                self.knowledge.is_unknowable(self.server.group(operation));
                self.server.spend(operation, now);
            }
            Event::Change(index) => {
                let change = self.history.changes[index].1;
                self.server.change(change, now);
                match change {
                    Change::Resize { group, .. } => self.knowledge.is_unknowable(group),
                    Change::Rename { from, to } => self.knowledge.renamed(from, to),
                }
            }
            Event::Wake => self.woken_at = None,
            Event::Send(_) | Event::Answer(_) | Event::End(_) | Event::Cancel(_) => {}
        }
        Ok(())
    }

    fn ask(&mut self, index: usize, now: Instant) {
        let ask = &self.history.asks[index];
        let ticket = self.pace.ask(ask.operation, ask.is_retry);
        self.requests[index].ticket = Some(ticket);
        self.enter(index, Stage::Waiting);
        if let Some(after) = ask.cancelled_after {
            self.plan(now + after, Event::Cancel(index));
        }
    }

    fn enter(&mut self, index: usize, stage: Stage) {
        let before = std::mem::replace(&mut self.requests[index].stage, stage);
        self.under_way += usize::from(stage.is_under_way());
        self.under_way -= usize::from(before.is_under_way());
    }

    fn ticket(&self, index: usize) -> Ticket {
        self.requests[index].ticket.unwrap()
    }

    fn leave(&mut self, index: usize, now: Instant) {
        self.enter(index, Stage::Over);
        self.pace.leave(self.ticket(index), now);
    }

    fn admit(&mut self, now: Instant) -> Outcome {
        for ticket in self.pace.admit(now) {
            let index = self.requests.iter().position(|one| one.ticket == Some(ticket)).unwrap();
            if self.requests[index].stage != Stage::Waiting {
                return Err(Violation::AdmittedTwice);
            }
            self.in_order(index)?;
            self.in_no_penalty(index, now)?;
            self.enter(index, Stage::Admitted);
            let group = self.knowledge.group(self.history.asks[index].operation);
            self.requests[index].admitted = Some(Admitted { at: now, group });
            self.plan(now + Duration::from_millis(1), Event::Send(index));
        }
        if self.under_way > self.history.concurrency {
            return Err(Violation::TooManyAtOnce { under_way: self.under_way });
        }
        let wake_at = self.pace.wake_at(now);
        if let Some(at) = wake_at.filter(|at| self.woken_at.is_none_or(|planned| *at < planned)) {
            self.woken_at = Some(at);
            self.plan(at.max(now), Event::Wake);
        }
        Ok(())
    }

    /// First come, first served, and retries before new requests.
    fn in_order(&self, request: usize) -> Outcome {
        let asks = &self.history.asks;
        let turn = |one: usize| (!asks[one].is_retry, asks[one].at, one);
        let overtaken = (0..asks.len()).find(|other| {
            self.requests[*other].stage == Stage::Waiting
                && asks[*other].operation == asks[request].operation
                && turn(*other) < turn(request)
        });
        overtaken.map_or(Ok(()), |waiting| Err(Violation::Overtakes { request, waiting }))
    }

    /// Nothing is sent in a penalty that was announced.
    fn in_no_penalty(&self, request: usize, now: Instant) -> Outcome {
        let operation = self.history.asks[request].operation;
        let group = self.server.group(operation);
        let is_known = self.knowledge.group(operation) == Some(group);
        let concerns = |one: &Penalty| match one.group {
            None => true,
            Some(other) => is_known && other == group,
        };
        let is_penalty = self.penalties.iter().any(|one| one.until > now && concerns(one));
        if is_penalty { Err(Violation::SentInPenalty { request }) } else { Ok(()) }
    }

    fn arrive(&mut self, index: usize, now: Instant) -> Outcome {
        let ask = &self.history.asks[index];
        let (response, truth) = self.server.arrive(ask.operation, ask.fault, now);
        if truth.is_refused {
            self.may_be_refused(index, &truth)?;
        }
        if truth.is_refused || ask.fault.is_some_and(Fault::hides_the_quota) {
            self.knowledge.is_unknowable(truth.group);
        }
        self.requests[index].arrival = Some((response, truth));
        Ok(())
    }

    /// No request crosses the quota, unless others, a change, or headers that are
    /// missing or wrong made it unknowable; and then none that was let go after a response
    /// had shown that nothing is left, as long as that stayed true.
    fn may_be_refused(&self, request: usize, truth: &Truth) -> Outcome {
        let Some(admitted) = self.requests[request].admitted else { unreachable!() };
        if self.knowledge.was_obscure(truth.group, admitted.at) {
            return Ok(());
        }
        if !self.knowledge.may_cross(truth.group) {
            return Err(Violation::CrossesQuota { request });
        }
        let is_known = admitted.group == Some(truth.group);
        if is_known && self.knowledge.was_full(truth, admitted.at) {
            return Err(Violation::SentThoughFull { request });
        }
        Ok(())
    }

    fn hear(&mut self, index: usize, now: Instant) {
        let Some((response, truth)) = self.requests[index].arrival else { unreachable!() };
        let said = rate_limit(&response);
        self.pace.answered(self.ticket(index), &said, now);
        self.knowledge.answered(index, now);
        if let Some(penalty) = said.penalty {
            let group = response.limits.map(|limits| limits.group);
            self.penalties.push(Penalty { group, until: now + penalty });
        }
        let Some(limits) = response.limits else { return };
        let ends = now + said.penalty.unwrap_or(limits.window);
        self.knowledge.heard(index, limits, &truth, now..ends);
        if let Some(Fault::Lies(_)) = self.history.asks[index].fault {
            self.knowledge.was_lied_to(limits.group);
        }
    }

    /// Every place is there again: after one request, whose response names the group,
    /// as many as may be can go at once.
    fn nothing_is_lost(&mut self) -> Outcome {
        let operation = self.history.members[0].0;
        let now = self.finish.max(self.begun) + Duration::from_hours(30);
        let first = self.pace.ask(operation, false);
        if self.pace.admit(now) != [first] {
            return Err(Violation::LosesPlaces { left: 0, of: 1 });
        }
        self.pace.sent(first, now);
        let (response, _) = self.server.arrive(operation, None, now);
        self.pace.answered(first, &rate_limit(&response), now);
        self.pace.leave(first, now);
        let limits = response.limits.map_or(1, |limits| limits.remaining);
        let of = self.history.concurrency.min(usize::try_from(limits).unwrap());
        for _ in 0..of {
            self.pace.ask(operation, false);
        }
        let left = self.pace.admit(now).len();
        if left == of { Ok(()) } else { Err(Violation::LosesPlaces { left, of }) }
    }
}

/// What a client reads from a response.
fn rate_limit(response: &Response) -> RateLimit {
    let limits = response.limits;
    RateLimit {
        group: limits.map(|limits| limits.group.to_owned()),
        limit: limits.map(|limits| limits.limit),
        remaining: limits.map(|limits| limits.remaining),
        window: limits.map(|limits| limits.window),
        penalty: (response.status == 429).then(|| match response.retry_after {
            None => QUOTA_WAIT,
            Some(RetryAfter::Seconds(seconds)) => Duration::from_secs(seconds).min(LONGEST_PENALTY),
            Some(RetryAfter::Date(after)) => after.min(LONGEST_PENALTY),
        }),
        is_success: response.status < 400,
    }
}
