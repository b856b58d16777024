//! One group of operations that share a quota: what is spent of it, and when
//! there is room again.
//!
//! The server counts a request when it arrives, in a window that slides. The
//! client knows no more than that it arrived between its sending and its
//! response, so a request counts from the first to a window after the second.

use std::time::{Duration, Instant};

use super::{budget::Budget, rate_limit::RateLimit, ticket::Ticket};

/// A window longer than this is a mistake that would stop a client for good.
pub(super) const LONGEST_WINDOW: Duration = Duration::from_secs(3_600);

/// The window of every documented group, for responses that name none.
const USUAL_WINDOW: Duration = Duration::from_secs(60);

/// Between the clocks of two machines that count the same window.
pub(super) const MARGIN: Duration = Duration::from_millis(50);

/// How long a request may still be on its way to the server after its caller
/// gave it up. An assumption: no document says it.
pub(super) const LONGEST_TRANSIT: Duration = Duration::from_secs(30);

#[derive(Clone, Debug)]
pub(super) struct Group {
    /// When a response first named it.
    pub(super) known_since: Option<Instant>,
    /// When an operation that was in it was last given another group.
    pub(super) replaced_at: Option<Instant>,
    limit: Option<u32>,
    window: Duration,
    /// Those in the window, and those that were in it when a request that is under
    /// way was sent.
    entries: Vec<Entry>,
    /// How many of the entries are in the window.
    spent: u32,
    foreign: Option<Foreign>,
    /// Whether `remaining` was ever too low to be explained by our own requests.
    is_shared: bool,
    blocked_until: Option<Instant>,
}

/// A request that counts in a group, or may.
#[derive(Clone, Copy, Debug)]
struct Entry {
    ticket: Ticket,
    sent: Option<Instant>,
    /// The last moment at which it can have arrived; `None` while it is under way.
    latest_arrival: Option<Instant>,
    counted: Option<Counted>,
    has_left: bool,
}

/// A response that proves that the server counted its request.
#[derive(Clone, Copy, Debug)]
struct Counted {
    remaining: u32,
    heard: Instant,
}

impl Entry {
    fn leaves_at(&self, window: Duration) -> Option<Instant> {
        Some(self.latest_arrival? + window + MARGIN)
    }
}

/// What other programs have spent of the quota, as far as it counts until then.
#[derive(Clone, Copy, Debug)]
struct Foreign {
    requests: u32,
    until: Instant,
}

impl Default for Group {
    fn default() -> Self {
        Self {
            known_since: None,
            replaced_at: None,
            limit: None,
            window: USUAL_WINDOW,
            entries: Vec::new(),
            spent: 0,
            foreign: None,
            is_shared: false,
            blocked_until: None,
        }
    }
}

impl Group {
    pub(super) fn with_limit(limit: u32, window: Duration) -> Self {
        Self { limit: Some(limit), window, ..Self::default() }
    }

    /// Takes over what was spent of a group that may be the same by another name.
    pub(super) fn inherit(&mut self, other: &Self) {
        for entry in &other.entries {
            if self.entry(entry.ticket).is_none() {
                self.entries.push(*entry);
                self.spent += u32::from(!entry.has_left);
            }
        }
        if self.limit.is_none() {
            self.limit = other.limit;
            self.window = other.window;
        }
        self.foreign = self.foreign.or(other.foreign);
        self.is_shared |= other.is_shared;
        self.blocked_until = self.blocked_until.max(other.blocked_until);
    }

    pub(super) fn hold(&mut self, ticket: Ticket, sent: Option<Instant>) {
        if self.entry(ticket).is_some() {
            return;
        }
        let (latest_arrival, counted, has_left) = (None, None, false);
        self.entries.push(Entry { ticket, sent, latest_arrival, counted, has_left });
        self.spent += 1;
    }

    fn entry(&mut self, ticket: Ticket) -> Option<&mut Entry> {
        // Those that something happens to are the newest, mostly.
        self.entries.iter_mut().rev().find(|entry| entry.ticket == ticket)
    }

    pub(super) fn release(&mut self, ticket: Ticket) {
        if let Some(index) = self.entries.iter().rposition(|entry| entry.ticket == ticket) {
            let entry = self.entries.remove(index);
            self.spent -= u32::from(!entry.has_left);
        }
    }

    pub(super) fn sent(&mut self, ticket: Ticket, now: Instant) {
        if let Some(entry) = self.entry(ticket) {
            entry.sent = Some(now);
        }
    }

    /// Counts a request that has arrived at this moment at the latest.
    pub(super) fn count(&mut self, ticket: Ticket, latest_arrival: Instant) {
        if let Some(entry) = self.entry(ticket) {
            entry.latest_arrival = Some(latest_arrival);
        }
    }

    pub(super) fn is_blocked(&self, now: Instant) -> bool {
        self.blocked_until.is_some_and(|until| until > now)
    }

    /// When its penalty ends, if there is one.
    pub(super) fn blocked_until(&self) -> Option<Instant> {
        self.blocked_until
    }

    /// Stops the group. A refusal of what should have fitted shows others, too.
    pub(super) fn block_until(&mut self, until: Instant) {
        self.is_shared = true;
        self.blocked_until = Some(self.blocked_until.map_or(until, |one| one.max(until)));
    }

    /// Whether the response to a request may have this group's name although the group
    /// has got another since.
    pub(super) fn is_outdated(&self, sent: Instant) -> bool {
        self.replaced_at.is_some_and(|at| sent < at)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.limit.is_none() && self.entries.is_empty()
    }

    /// Learns from the headers of a counted request's response.
    pub(super) fn learn(&mut self, ticket: Ticket, said: &RateLimit, now: Instant) {
        if let Some(window) = said.window {
            self.window = window.min(LONGEST_WINDOW);
        }
        // No request could be sent within a limit of none, so that isn't one.
        if let Some(limit) = said.limit.filter(|limit| *limit > 0)
            && self.limit != Some(limit)
        {
            self.limit = Some(limit);
            // What was left of another limit says nothing of this one.
            self.entries.iter_mut().for_each(|entry| entry.counted = None);
        }
        let Some(remaining) = said.remaining else { return };
        let Some(entry) = self.entry(ticket) else { return };
        let asked = entry.sent.unwrap_or(now);
        // A refused request needn't count.
        if said.penalty.is_none() {
            entry.counted = Some(Counted { remaining, heard: now });
        }
        self.estimate_foreign(remaining, asked, now);
    }

    /// Works out what others have spent.
    ///
    /// The server counted this request at some moment between its sending and its
    /// response. Our own requests that may have been in the window then explain
    /// what is spent, until they are once too few: then other programs spend the
    /// quota, too. From there on only those of ours count as ours that were certain
    /// to be in the window, so that no request is sent in the place of one that the
    /// server may not have counted.
    ///
    /// Without that evidence the same caution would cost up to a window each time,
    /// at small limits, for nothing: a number that our own requests explain is the
    /// usual case. The price is that the first request of another program stays
    /// unseen if it takes the place of one of ours just when that leaves the window.
    fn estimate_foreign(&mut self, remaining: u32, asked: Instant, now: Instant) {
        let may_count = |entry: &&Entry| {
            entry.sent.is_some() && entry.latest_arrival.is_none_or(|at| at + self.window > asked)
        };
        let possible = length(self.entries.iter().filter(may_count));
        let limit = *self.limit.get_or_insert_with(|| remaining.saturating_add(possible).max(1));
        self.is_shared |= limit.saturating_sub(remaining) > possible;
        if !self.is_shared {
            return;
        }
        // Among overlapping requests the last to arrive counted all others, and at
        // least the smallest number was left then.
        let overlapping = self.entries.iter().filter_map(|entry| entry.counted);
        let overlapping = overlapping.filter(|counted| counted.heard >= asked);
        let left = overlapping.map(|counted| counted.remaining).min();
        let left = left.map_or(remaining, |left| left.min(remaining));
        let is_certain = |entry: &&Entry| {
            entry.counted.is_some() && entry.sent.is_some_and(|at| at + self.window > now)
        };
        let certain = length(self.entries.iter().filter(is_certain));
        let requests = limit.saturating_sub(left).saturating_sub(certain);
        self.foreign = Some(Foreign { requests, until: now + self.window + MARGIN });
    }

    /// Forgets what has left the window.
    pub(super) fn forget(&mut self, now: Instant) {
        let window = self.window;
        let under_way = self.entries.iter().filter(|entry| entry.latest_arrival.is_none());
        let oldest = under_way.filter_map(|entry| entry.sent).min().unwrap_or(now);
        let mut spent = 0;
        self.entries.retain_mut(|entry| {
            let leaves_at = entry.leaves_at(window);
            entry.has_left = leaves_at.is_some_and(|at| at <= now);
            spent += u32::from(!entry.has_left);
            // A response that is still to come may count it.
            leaves_at.is_none_or(|at| at > oldest)
        });
        self.spent = spent;
        self.foreign = self.foreign.filter(|foreign| foreign.until > now);
        self.blocked_until = self.blocked_until.filter(|until| *until > now);
    }

    /// How many requests can be sent now; `None` where no limit is known.
    fn remaining(&self) -> Option<u32> {
        let limit = self.limit?;
        if self.blocked_until.is_some() {
            return Some(0);
        }
        let foreign = self.foreign.map_or(0, |foreign| foreign.requests);
        Some(limit.saturating_sub(self.spent).saturating_sub(foreign))
    }

    /// Whether a request may be sent, once what is old is forgotten.
    pub(super) fn is_open(&self) -> bool {
        self.blocked_until.is_none() && self.remaining() != Some(0)
    }

    /// When a request may be sent if nothing else happens; `None` where a response
    /// has to come first.
    pub(super) fn opens_at(&self, now: Instant) -> Option<Instant> {
        let blocked = self.blocked_until.unwrap_or(now);
        let Some(limit) = self.limit else { return Some(blocked) };
        let mut taken = self.spent;
        let mut foreign = self.foreign;
        let mut leaving: Vec<_> = self.leaving().collect();
        leaving.sort_unstable();
        let mut at = now;
        let mut leaving = leaving.into_iter().peekable();
        loop {
            let spent = taken.saturating_add(foreign.map_or(0, |foreign| foreign.requests));
            if spent < limit {
                return Some(at.max(blocked));
            }
            match (leaving.peek().copied(), foreign) {
                (Some(next), Some(other)) if other.until <= next => {
                    (at, foreign) = (other.until, None);
                }
                (Some(next), _) => {
                    leaving.next();
                    (at, taken) = (next, taken - 1);
                }
                (None, Some(other)) => (at, foreign) = (other.until, None),
                (None, None) => return None,
            }
        }
    }

    /// How long some further requests take at least.
    pub(super) fn earliest_end(&self, name: &str, requests: u64, now: Instant) -> Duration {
        let Some(budget) = self.budget(name, now) else { return Duration::ZERO };
        let beyond = requests.saturating_sub(budget.remaining.into());
        if beyond == 0 {
            return budget.wait;
        }
        let first = self
            .leaving()
            .chain(self.foreign.map(|foreign| foreign.until))
            .min()
            .map_or(self.window + MARGIN, |at| at.saturating_duration_since(now))
            .max(budget.wait);
        let windows = beyond.div_ceil(budget.limit.max(1).into()) - 1;
        let more = self.window.saturating_mul(u32::try_from(windows).unwrap_or(u32::MAX));
        first.saturating_add(more)
    }

    pub(super) fn budget(&self, name: &str, now: Instant) -> Option<Budget> {
        let (limit, remaining) = (self.limit?, self.remaining()?);
        let wait = if self.is_open() {
            Duration::ZERO
        } else {
            // Where all of it is under way, the first answer could come now.
            let opens_at = self.opens_at(now).unwrap_or(now + self.window + MARGIN);
            opens_at.saturating_duration_since(now)
        };
        let (group, window) = (name.to_owned(), self.window);
        Some(Budget { group, limit, window, remaining, wait })
    }

    /// When each request that is in the window leaves it, as far as that is known.
    fn leaving(&self) -> impl Iterator<Item = Instant> {
        let inside = self.entries.iter().filter(|entry| !entry.has_left);
        inside.filter_map(|entry| entry.leaves_at(self.window))
    }
}

fn length<T>(some: impl Iterator<Item = T>) -> u32 {
    u32::try_from(some.count()).unwrap_or(u32::MAX)
}
