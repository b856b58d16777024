//! How fast requests may go: what the server says of its quota, and what was
//! sent.
//!
//! The server counts requests per user, application and *group* of operations
//! in a sliding window, and answers one too many with a penalty that each
//! further request starts anew. So the pace is kept, not corrected. A request
//! is taken to arrive at the latest moment that it can have, when its answer
//! comes: the pace is a little slower than the quota, never faster.

use std::{
    borrow::Cow,
    collections::{HashMap, VecDeque},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use reqwest::header::HeaderMap;
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep_until},
};

use super::wait::{Course, Reason};

/// A window longer than this would be a mistake that stops a client for good.
const LONGEST_WINDOW: Duration = Duration::from_hours(1);

/// Between the clocks of two machines that count the same window.
const MARGIN: Duration = Duration::from_millis(50);

/// More operations than a program has. Beyond them all are learnt anew, so that
/// paths with ids that don't look like ids don't fill the memory.
const MOST_OPERATIONS: usize = 1000;

/// What is counted by itself: an operation of an API's document, or a method
/// with a path.
pub(crate) type Operation = Cow<'static, str>;

/// What is left of the quota of one group of operations.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Budget {
    /// The group's name, as the server says it; names may change.
    pub group: String,
    /// How many requests the server allows in a window.
    pub limit: u32,
    /// The length of the window.
    pub window: Duration,
    /// How many requests can be sent now.
    pub remaining: u32,
    /// How long nothing may be sent.
    pub wait: Duration,
}

/// Shared by all clones of a client.
#[derive(Clone)]
pub(crate) struct Pacer {
    state: Arc<Mutex<State>>,
    changed: Arc<Notify>,
    concurrency: Arc<Semaphore>,
}

#[derive(Default)]
struct State {
    /// The group that the server said an operation belongs to.
    group_of: HashMap<Operation, String>,
    groups: HashMap<String, Group>,
    /// Operations whose first answer, which tells the group, is under way.
    learning: Vec<Operation>,
    /// Whether requests go whatever is left.
    is_open: bool,
}

#[derive(Default)]
struct Group {
    quota: Option<Quota>,
    in_flight: u32,
    /// When the requests of the last window were answered.
    answered: VecDeque<Instant>,
    left: Option<Left>,
    blocked_until: Option<Instant>,
}

/// What the server said was left, less what was sent since: another process may
/// spend the same quota.
#[derive(Clone, Copy)]
struct Left {
    requests: i64,
    said: Instant,
}

#[derive(Clone, Copy)]
struct Quota {
    limit: u32,
    window: Duration,
}

/// A request that may be sent. Dropping it gives its place back.
pub(crate) struct Permit {
    pacer: Pacer,
    operation: Operation,
    counted: Mutex<Counted>,
    #[expect(dead_code, reason = "held to be dropped")]
    place: OwnedSemaphorePermit,
}

/// The groups that a request is under way in: one, or all while its own isn't
/// known.
#[derive(Debug)]
enum Counted {
    /// The server can't know of it.
    Unsent(Vec<String>),
    /// It may have arrived.
    Sent(Vec<String>),
    /// The server has counted it.
    Answered,
}

impl Permit {
    /// From here on the request counts, whatever becomes of it.
    pub(crate) fn is_sent(&self) {
        let mut counted = self.counted();
        if let Counted::Unsent(groups) = &mut *counted {
            *counted = Counted::Sent(mem::take(groups));
        }
    }

    /// Learns from the head of an answer. `penalty` is how long nothing may be
    /// sent.
    pub(crate) fn is_answered(&self, headers: &HeaderMap, penalty: Option<Duration>) {
        let counted = mem::replace(&mut *self.counted(), Counted::Answered);
        let now = Instant::now();
        self.pacer.state().answer(&self.operation, counted, headers, penalty, now);
        self.pacer.changed.notify_waiters();
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let counted = mem::replace(&mut *self.counted(), Counted::Answered);
        self.pacer.state().give_back(&self.operation, counted, Instant::now());
        self.pacer.changed.notify_waiters();
    }
}

impl Pacer {
    pub(crate) fn new(concurrency: usize) -> Self {
        Self {
            state: Arc::default(),
            changed: Arc::default(),
            concurrency: Arc::new(Semaphore::new(concurrency.max(1))),
        }
    }

    /// Learns the quota, and holds nothing back for it: nothing is sent.
    pub(crate) fn without_waits(concurrency: usize) -> Self {
        let pacer = Self::new(concurrency);
        pacer.state().is_open = true;
        pacer
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that holds the lock panics half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The permit of a request that needn't wait.
    pub(crate) fn try_permit(&self, operation: &Operation) -> Option<Permit> {
        let place = Arc::clone(&self.concurrency).try_acquire_owned().ok()?;
        self.permit_in(place, operation)
    }

    /// Waits for the quota, and then for a place within the concurrency: who waits
    /// for one group's quota takes no place from the others.
    pub(crate) async fn permit(&self, operation: impl Into<Operation>, course: &Course) -> Permit {
        let operation = operation.into();
        loop {
            if let Some(permit) = self.try_permit(&operation) {
                return permit;
            }
            if self.state().closed(&operation, Instant::now()).is_some() {
                course.wait(Reason::Quota, self.opened(&operation)).await;
                continue;
            }
            let place = Arc::clone(&self.concurrency).acquire_owned();
            // The semaphore is never closed.
            let Ok(place) = course.wait(Reason::Place, place).await else { unreachable!() };
            // Others may have used the quota up meanwhile.
            if let Some(permit) = self.permit_in(place, &operation) {
                return permit;
            }
        }
    }

    fn permit_in(&self, place: OwnedSemaphorePermit, operation: &Operation) -> Option<Permit> {
        let groups = self.state().begin(operation, Instant::now())?;
        let (pacer, operation) = (self.clone(), operation.clone());
        Some(Permit { pacer, operation, counted: Mutex::new(Counted::Unsent(groups)), place })
    }

    /// Waits until the quota allows a request.
    async fn opened(&self, operation: &Operation) {
        loop {
            let changed = self.changed.notified();
            let closed = self.state().closed(operation, Instant::now());
            match closed {
                None => return,
                Some(Closed::Learning) => changed.await,
                Some(Closed::Until(until)) => {
                    tokio::select! { () = sleep_until(until) => {}, () = changed => {} }
                }
            }
        }
    }

    /// How long some further requests of an operation take at least, as far as
    /// the quota is known.
    pub(crate) fn earliest_end(&self, operation: &str, requests: u64) -> Duration {
        let mut state = self.state();
        let now = Instant::now();
        if state.is_open {
            return Duration::ZERO;
        }
        let Some(name) = state.group_of.get(operation).cloned() else { return Duration::ZERO };
        let Some(group) = state.groups.get_mut(&name) else { return Duration::ZERO };
        group.earliest_end(&name, requests, now)
    }

    pub(crate) fn budgets(&self) -> Vec<Budget> {
        let mut state = self.state();
        let now = Instant::now();
        let mut budgets: Vec<_> =
            state.groups.iter_mut().filter_map(|(name, group)| group.budget(name, now)).collect();
        budgets.sort_by(|one, other| one.group.cmp(&other.group));
        budgets
    }
}

/// Why an operation's requests have to wait.
enum Closed {
    /// The first is finding out the group.
    Learning,
    Until(Instant),
}

impl State {
    /// The groups that a request counts in: its own, or all while that isn't known.
    fn groups_of(&self, operation: &Operation) -> Vec<String> {
        match self.group_of.get(operation) {
            Some(name) => vec![name.clone()],
            None => self.groups.keys().cloned().collect(),
        }
    }

    fn closed(&mut self, operation: &Operation, now: Instant) -> Option<Closed> {
        if self.learning.contains(operation) {
            return Some(Closed::Learning);
        }
        if self.is_open {
            return None;
        }
        let groups = self.groups_of(operation);
        let closed = groups.iter().filter_map(|name| self.groups.get_mut(name)?.opens_at(now));
        closed.max().map(Closed::Until)
    }

    /// Counts a request in its groups, where they are open.
    fn begin(&mut self, operation: &Operation, now: Instant) -> Option<Vec<String>> {
        if self.closed(operation, now).is_some() {
            return None;
        }
        let groups = self.groups_of(operation);
        for name in &groups {
            self.groups.entry(name.clone()).or_default().begin();
        }
        if !self.group_of.contains_key(operation) {
            self.learning.push(operation.clone());
        }
        Some(groups)
    }

    /// Ends a request without an answer. One that was sent may have been counted
    /// by the server at any time until now.
    fn give_back(&mut self, operation: &Operation, counted: Counted, now: Instant) {
        match counted {
            Counted::Unsent(groups) => self.end(operation, &groups, Group::uncount),
            Counted::Sent(groups) => {
                self.end(operation, &groups, |_| {});
                self.count(operation, now);
            }
            Counted::Answered => {}
        }
    }

    /// Ends a request by its answer, and learns from that.
    fn answer(
        &mut self,
        operation: &Operation,
        counted: Counted,
        headers: &HeaderMap,
        penalty: Option<Duration>,
        now: Instant,
    ) {
        let (Counted::Unsent(mut groups) | Counted::Sent(mut groups)) = counted else { return };
        let text = |name: &str| headers.get(name)?.to_str().ok();
        // Without a name the operation is a group of its own.
        let own = text("x-rate-limit-group").unwrap_or(operation).to_owned();
        self.end(operation, &groups, |_| {});
        // While its group wasn't known it was held against all.
        groups.retain(|name| *name != own);
        for name in groups {
            self.groups.entry(name).or_default().uncount();
        }
        self.remember(operation, &own);
        let group = self.groups.entry(own).or_default();
        let number = |name: &str| text(name)?.trim().parse::<u32>().ok();
        // No request could be sent within a limit of none, so that isn't one.
        let limit = number("x-rate-limit-limit").filter(|limit| *limit > 0);
        if let (Some(limit), Some(window)) = (limit, number("x-rate-limit-window")) {
            let window = Duration::from_secs(window.into()).min(LONGEST_WINDOW);
            group.quota = Some(Quota { limit, window });
        }
        if let Some(left) = number("x-rate-limit-remaining") {
            group.heard(left, now);
        }
        if let Some(penalty) = penalty {
            let until = now + penalty;
            group.blocked_until = Some(group.blocked_until.map_or(until, |one| one.max(until)));
        }
        self.count(operation, now);
    }

    /// A request is under way no longer.
    fn end(&mut self, operation: &Operation, groups: &[String], and: impl Fn(&mut Group)) {
        self.learning.retain(|learning| learning != operation);
        for name in groups {
            if let Some(group) = self.groups.get_mut(name) {
                group.in_flight = group.in_flight.saturating_sub(1);
                and(group);
            }
        }
    }

    /// A request of a known group has been counted by the server.
    fn count(&mut self, operation: &Operation, now: Instant) {
        let own = self.group_of.get(operation).and_then(|name| self.groups.get_mut(name));
        if let Some(group) = own.filter(|group| group.quota.is_some()) {
            group.answered.push_back(now);
        }
    }

    fn remember(&mut self, operation: &Operation, group: &str) {
        if self.group_of.get(operation).is_some_and(|known| known == group) {
            return;
        }
        if self.group_of.len() >= MOST_OPERATIONS {
            self.group_of.clear();
            self.groups.retain(|_, group| group.quota.is_some() || group.in_flight > 0);
        }
        self.group_of.insert(operation.clone(), group.to_owned());
    }
}

impl Group {
    fn begin(&mut self) {
        self.in_flight += 1;
        if let Some(left) = &mut self.left {
            left.requests -= 1;
        }
    }

    /// A request was held against this group, and the server hasn't counted it.
    fn uncount(&mut self) {
        if let Some(left) = &mut self.left {
            left.requests += 1;
        }
    }

    /// The server said what is left. Requests that are still under way may not
    /// be in its number, so a larger number is believed when there are none.
    fn heard(&mut self, left: u32, now: Instant) {
        let under_way = i64::from(self.in_flight);
        let said = i64::from(left) - under_way;
        let requests = match self.left {
            Some(known) if under_way > 0 => known.requests.min(said),
            _ => said,
        };
        self.left = Some(Left { requests, said: now });
    }

    /// When the next request may be sent; `None` is now.
    fn opens_at(&mut self, now: Instant) -> Option<Instant> {
        if let Some(until) = self.blocked_until.filter(|until| *until > now) {
            return Some(until);
        }
        let quota = self.quota?;
        self.forget(quota, now);
        let spent = self.in_flight.saturating_add(count(&self.answered));
        let is_spent_elsewhere = self.left.is_some_and(|left| left.requests <= 0);
        if spent < quota.limit && !is_spent_elsewhere {
            return None;
        }
        let since = [self.answered.front().copied(), self.left.map(|left| left.said)];
        let oldest = since.into_iter().flatten().min().unwrap_or(now);
        Some(oldest + quota.window + MARGIN)
    }

    /// Forgets what has left the window.
    fn forget(&mut self, quota: Quota, now: Instant) {
        let is_old = |at: Instant| at + quota.window + MARGIN <= now;
        while self.answered.front().is_some_and(|at| is_old(*at)) {
            self.answered.pop_front();
            if let Some(left) = &mut self.left {
                left.requests += 1;
            }
        }
        if self.left.is_some_and(|left| is_old(left.said)) {
            self.left = None;
        }
    }

    fn earliest_end(&mut self, name: &str, requests: u64, now: Instant) -> Duration {
        let (Some(budget), Some(quota)) = (self.budget(name, now), self.quota) else {
            return Duration::ZERO;
        };
        let beyond = requests.saturating_sub(budget.remaining.into());
        if beyond == 0 {
            return budget.wait;
        }
        let oldest = self.answered.front().copied().unwrap_or(now);
        let first =
            (oldest + quota.window + MARGIN).saturating_duration_since(now).max(budget.wait);
        let windows = beyond.div_ceil(quota.limit.max(1).into()) - 1;
        let more = quota.window.saturating_mul(u32::try_from(windows).unwrap_or(u32::MAX));
        first.saturating_add(more)
    }

    fn budget(&mut self, name: &str, now: Instant) -> Option<Budget> {
        let quota = self.quota?;
        self.forget(quota, now);
        let spent = self.in_flight.saturating_add(count(&self.answered));
        let opens_at = self.opens_at(now);
        let mine = quota.limit.saturating_sub(spent);
        // Another process may have spent some of it.
        let left =
            self.left.map_or(mine, |left| u32::try_from(left.requests.max(0)).unwrap_or(mine));
        let remaining = if opens_at.is_some() { 0 } else { mine.min(left) };
        Some(Budget {
            group: name.to_owned(),
            limit: quota.limit,
            window: quota.window,
            remaining,
            wait: opens_at.map_or(Duration::ZERO, |until| until.duration_since(now)),
        })
    }
}

fn count(answered: &VecDeque<Instant>) -> u32 {
    u32::try_from(answered.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPERATION: &str = "aggregate";

    fn headers(group: &str, limit: u32, remaining: u32, window: u32) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-rate-limit-group", group.parse().unwrap());
        headers.insert("x-rate-limit-limit", limit.into());
        headers.insert("x-rate-limit-remaining", remaining.into());
        headers.insert("x-rate-limit-window", window.into());
        headers
    }

    async fn permit(pacer: &Pacer, operation: &'static str) -> Permit {
        pacer.permit(operation, &Course::default()).await
    }

    /// Sends a request that takes `latency` and has this answer.
    async fn request(pacer: &Pacer, operation: &'static str, latency: u64, answer: &HeaderMap) {
        let permit = permit(pacer, operation).await;
        permit.is_sent();
        tokio::time::sleep(Duration::from_millis(latency)).await;
        permit.is_answered(answer, None);
    }

    /// A server with a sliding window, and the requests that it counted.
    #[derive(Clone, Default)]
    struct Server(Arc<Mutex<Vec<Instant>>>);

    impl Server {
        const LIMIT: u32 = 50;
        const WINDOW: Duration = Duration::from_mins(1);

        fn arrive(&self) -> u32 {
            let mut seen = self.0.lock().unwrap();
            let now = Instant::now();
            seen.retain(|at| *at + Self::WINDOW > now);
            seen.push(now);
            let spent = u32::try_from(seen.len()).unwrap();
            assert!(spent <= Self::LIMIT, "one too many");
            Self::LIMIT - spent
        }
    }

    /// `count` requests through a pacer; each takes some time there and back.
    async fn pull(pacer: &Pacer, server: &Server, count: u64) {
        let requests = (0..count).map(|number| {
            let (pacer, server) = (pacer.clone(), server.clone());
            tokio::spawn(async move {
                let permit = permit(&pacer, OPERATION).await;
                permit.is_sent();
                tokio::time::sleep(Duration::from_millis(5 + number * 7 % 40)).await;
                let left = server.arrive();
                tokio::time::sleep(Duration::from_millis(5 + number * 11 % 60)).await;
                permit.is_answered(&headers("light", Server::LIMIT, left, 60), None);
                // The body comes later, and holds nobody up but for the place.
                tokio::time::sleep(Duration::from_millis(number * 13 % 50)).await;
            })
        });
        for request in requests.collect::<Vec<_>>() {
            request.await.unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_limit_is_kept_and_nearly_reached() {
        let begun = Instant::now();
        let (pacer, server) = (Pacer::new(8), Server::default());
        pull(&pacer, &server, 500).await;
        let bound = 9 * Server::WINDOW;
        let taken = begun.elapsed();
        assert!(taken >= bound && taken < bound.mul_f64(1.05), "{taken:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn another_process_spends_the_same_quota() {
        let server = Server::default();
        let other = {
            let server = server.clone();
            tokio::spawn(async move {
                for _ in 0..20 {
                    server.arrive();
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            })
        };
        pull(&Pacer::new(1), &server, 100).await;
        other.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_sent_during_a_penalty() {
        let pacer = Pacer::new(4);
        let refused = permit(&pacer, OPERATION).await;
        // As servers do: the penalty counts, not the number that is left.
        refused.is_answered(&headers("light", 50, 50, 60), Some(Duration::from_secs(42)));
        drop(refused);
        let begun = Instant::now();
        drop(permit(&pacer, OPERATION).await);
        assert_eq!(begun.elapsed().as_secs(), 42);
    }

    #[tokio::test(start_paused = true)]
    async fn one_groups_penalty_takes_no_place_from_another() {
        let pacer = Pacer::new(1);
        request(&pacer, "extensions", 10, &headers("medium", 40, 39, 60)).await;
        let refused = permit(&pacer, OPERATION).await;
        refused.is_answered(&headers("light", 50, 50, 60), Some(Duration::from_secs(42)));
        drop(refused);
        let waiting = pacer.clone();
        let waiting = tokio::spawn(async move { drop(permit(&waiting, OPERATION).await) });
        tokio::task::yield_now().await;
        let begun = Instant::now();
        request(&pacer, "extensions", 10, &headers("medium", 40, 38, 60)).await;
        assert!(begun.elapsed() < Duration::from_secs(1) && !waiting.is_finished());
        waiting.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn operations_share_the_quota_of_their_group() {
        let pacer = Pacer::new(4);
        for left in [1, 0] {
            request(&pacer, "aggregate", 10, &headers("light", 2, left, 60)).await;
        }
        let begun = Instant::now();
        // Its group isn't known yet; it could be the one that is used up.
        request(&pacer, "timeline", 10, &headers("light", 2, 0, 60)).await;
        assert!(begun.elapsed() >= Duration::from_secs(59));
        assert_eq!(pacer.budgets().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_without_limits_is_not_waited_for() {
        let pacer = Pacer::new(4);
        let begun = Instant::now();
        for _ in 0..1000 {
            request(&pacer, OPERATION, 0, &HeaderMap::new()).await;
        }
        assert!(begun.elapsed() < Duration::from_secs(5));
        assert_eq!(pacer.budgets(), []);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_was_cancelled_gives_its_place_back() {
        let pacer = Pacer::new(1);
        request(&pacer, OPERATION, 10, &headers("light", 3, 2, 60)).await;
        // One that wasn't sent leaves no trace, however often.
        for _ in 0..9 {
            drop(permit(&pacer, OPERATION).await);
            drop(permit(&pacer, "timeline").await);
        }
        assert_eq!(pacer.budgets()[0].remaining, 2);
        let cancelled = permit(&pacer, OPERATION).await;
        cancelled.is_sent();
        drop(cancelled);
        let begun = Instant::now();
        // The cancelled one hasn't arrived when the server says what is left.
        request(&pacer, OPERATION, 0, &headers("light", 3, 1, 60)).await;
        assert_eq!(begun.elapsed(), Duration::ZERO, "the third of three");
        let begun = Instant::now();
        drop(permit(&pacer, OPERATION).await);
        assert!(begun.elapsed() >= Duration::from_secs(59), "a cancelled request counts");
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_waiting_holds_no_place() {
        let pacer = Pacer::new(1);
        let held = permit(&pacer, OPERATION).await;
        let patience = Duration::from_secs(1);
        assert!(tokio::time::timeout(patience, permit(&pacer, "timeline")).await.is_err());
        assert!(pacer.try_permit(&"timeline".into()).is_none());
        drop(held);
        assert!(pacer.try_permit(&"timeline".into()).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_of_unknown_group_counts_in_its_own_only() {
        let pacer = Pacer::new(4);
        request(&pacer, "aggregate", 10, &headers("light", 50, 10, 60)).await;
        request(&pacer, "extensions", 10, &headers("medium", 40, 39, 60)).await;
        let left: Vec<_> = pacer.budgets().iter().map(|budget| budget.remaining).collect();
        assert_eq!(left, [10, 39]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_request_of_an_operation_goes_alone() {
        let pacer = Pacer::new(4);
        let first = permit(&pacer, OPERATION).await;
        assert!(pacer.try_permit(&OPERATION.into()).is_none());
        assert!(pacer.try_permit(&"timeline".into()).is_some());
        first.is_answered(&headers("light", 50, 49, 60), None);
        drop(first);
        let together: Vec<_> = (0..5).map(|_| pacer.try_permit(&OPERATION.into())).collect();
        assert_eq!(together.iter().flatten().count(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn an_operation_can_move_to_another_group() {
        let pacer = Pacer::new(4);
        request(&pacer, OPERATION, 10, &headers("light", 50, 49, 60)).await;
        request(&pacer, OPERATION, 10, &headers("heavy", 1, 0, 60)).await;
        let begun = Instant::now();
        drop(permit(&pacer, OPERATION).await);
        assert!(begun.elapsed() >= Duration::from_secs(59));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_under_way_may_not_be_in_what_the_server_says_is_left() {
        let pacer = Pacer::new(4);
        request(&pacer, OPERATION, 10, &headers("light", 50, 49, 60)).await;
        tokio::time::sleep(Duration::from_secs(61)).await;
        let mut three = Vec::new();
        for _ in 0..3 {
            three.push(permit(&pacer, OPERATION).await);
        }
        // The second answer was on its way for longer than the first.
        for (said, remaining) in [(10, 8), (12, 8), (12, 12)] {
            let permit = three.pop().unwrap();
            permit.is_answered(&headers("light", 50, said, 60), None);
            assert_eq!(pacer.budgets()[0].remaining, remaining);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_leaves_the_window_can_be_sent_again() {
        let pacer = Pacer::new(4);
        request(&pacer, OPERATION, 0, &headers("light", 3, 2, 60)).await;
        tokio::time::sleep(Duration::from_secs(30)).await;
        request(&pacer, OPERATION, 0, &headers("light", 3, 1, 60)).await;
        let remaining = || pacer.budgets()[0].remaining;
        tokio::time::sleep(Duration::from_secs(30)).await;
        assert_eq!(remaining(), 1, "the server's clock may be late");
        tokio::time::sleep(MARGIN).await;
        assert_eq!(remaining(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn operations_without_end_are_forgotten() {
        let pacer = Pacer::new(4);
        request(&pacer, OPERATION, 0, &headers("light", 50, 49, 60)).await;
        for number in 0..3 * MOST_OPERATIONS {
            let path = format!("GET /of/somebody/{number}");
            let permit = pacer.permit(path, &Course::default()).await;
            permit.is_answered(&HeaderMap::new(), None);
        }
        let state = pacer.state();
        assert!(state.group_of.len() <= MOST_OPERATIONS);
        assert!(state.groups.len() <= MOST_OPERATIONS + 1);
        assert!(state.groups.contains_key("light"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_under_way_is_not_forgotten_with_the_operations() {
        let pacer = Pacer::new(4);
        request(&pacer, OPERATION, 0, &HeaderMap::new()).await;
        let under_way = permit(&pacer, OPERATION).await;
        under_way.is_sent();
        for number in 0..MOST_OPERATIONS {
            let path = format!("GET /of/somebody/{number}");
            pacer.permit(path, &Course::default()).await.is_answered(&HeaderMap::new(), None);
        }
        let mut nameless = headers("", 2, 2, 60);
        nameless.remove("x-rate-limit-group");
        request(&pacer, OPERATION, 0, &nameless).await;
        assert!(pacer.try_permit(&OPERATION.into()).is_none(), "both of two");
    }

    #[tokio::test(start_paused = true)]
    async fn a_quota_that_makes_no_sense_stops_nobody_for_good() {
        let pacer = Pacer::new(1);
        for answer in [headers("light", 0, 0, 60), headers("light", 5, 0, u32::MAX)] {
            request(&pacer, OPERATION, 10, &answer).await;
            let begun = Instant::now();
            drop(permit(&pacer, OPERATION).await);
            assert!(begun.elapsed() <= Duration::from_secs(3601), "{answer:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_earliest_end_is_the_quotas_bound() {
        let pacer = Pacer::new(4);
        assert_eq!(pacer.earliest_end(OPERATION, 500), Duration::ZERO, "nothing is known yet");
        request(&pacer, OPERATION, 10, &headers("light", 50, 49, 60)).await;
        let seconds = |requests| pacer.earliest_end(OPERATION, requests).as_secs();
        assert_eq!(seconds(49), 0);
        assert_eq!(seconds(50), 60);
        assert_eq!(seconds(99), 60);
        assert_eq!(seconds(100), 120);
        assert_eq!(seconds(500), 600);
    }

    #[tokio::test(start_paused = true)]
    async fn a_budget_says_what_is_left() {
        let pacer = Pacer::new(4);
        request(&pacer, OPERATION, 10, &headers("light", 50, 49, 60)).await;
        let budget = Budget {
            group: "light".to_owned(),
            limit: 50,
            window: Duration::from_mins(1),
            remaining: 49,
            wait: Duration::ZERO,
        };
        assert_eq!(pacer.budgets(), [budget]);
    }
}
