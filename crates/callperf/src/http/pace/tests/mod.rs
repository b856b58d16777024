//! The gate on a clock that stands still between events.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use reqwest::StatusCode;
use tokio::time::Instant;

use super::{Budget, Gate, Permit, QuotaHeaders, group::MARGIN, ledger::MOST_OPERATIONS};
use crate::http::wait::WaitLog;

mod groups;

const OPERATION: &str = "aggregate";

fn headers(group: &str, limit: u32, remaining: u32, window: u32) -> QuotaHeaders {
    QuotaHeaders {
        group: Some(group.to_owned()),
        limit: Some(limit),
        remaining: Some(remaining),
        window: Some(Duration::from_secs(window.into())),
    }
}

async fn permit(gate: &Gate, operation: &'static str) -> Permit {
    gate.permit(operation, false, &WaitLog::default()).await
}

/// Sends a request that takes `latency` and has this answer.
async fn request(gate: &Gate, operation: &'static str, latency: u64, answer: &QuotaHeaders) {
    let permit = permit(gate, operation).await;
    permit.is_sent();
    tokio::time::sleep(Duration::from_millis(latency)).await;
    permit.is_answered(StatusCode::OK, answer, None);
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

/// `count` requests through a gate; each takes some time there and back.
async fn pull(gate: &Gate, server: &Server, count: u64) {
    let requests = (0..count).map(|number| {
        let (gate, server) = (gate.clone(), server.clone());
        tokio::spawn(async move {
            let permit = permit(&gate, OPERATION).await;
            permit.is_sent();
            tokio::time::sleep(Duration::from_millis(5 + number * 7 % 40)).await;
            let left = server.arrive();
            tokio::time::sleep(Duration::from_millis(5 + number * 11 % 60)).await;
            permit.is_answered(StatusCode::OK, &headers("light", Server::LIMIT, left, 60), None);
            // The body comes later, and holds only the place.
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
    let (gate, server) = (Gate::new(8), Server::default());
    pull(&gate, &server, 500).await;
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
    pull(&Gate::new(1), &server, 100).await;
    other.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_during_a_penalty() {
    let gate = Gate::new(4);
    let refused = permit(&gate, OPERATION).await;
    // As servers do: the penalty counts, not the number that is left.
    refused.is_answered(
        StatusCode::OK,
        &headers("light", 50, 50, 60),
        Some(Duration::from_secs(42)),
    );
    drop(refused);
    let begun = Instant::now();
    drop(permit(&gate, OPERATION).await);
    assert_eq!(begun.elapsed().as_secs(), 42);
}

#[tokio::test(start_paused = true)]
async fn one_groups_penalty_takes_no_place_from_another() {
    let gate = Gate::new(1);
    request(&gate, "extensions", 10, &headers("medium", 40, 39, 60)).await;
    let refused = permit(&gate, OPERATION).await;
    refused.is_answered(
        StatusCode::OK,
        &headers("light", 50, 50, 60),
        Some(Duration::from_secs(42)),
    );
    drop(refused);
    let waiting = gate.clone();
    let waiting = tokio::spawn(async move { drop(permit(&waiting, OPERATION).await) });
    tokio::task::yield_now().await;
    let begun = Instant::now();
    request(&gate, "extensions", 10, &headers("medium", 40, 38, 60)).await;
    assert!(begun.elapsed() < Duration::from_secs(1) && !waiting.is_finished());
    waiting.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn operations_share_the_quota_of_their_group() {
    let gate = Gate::new(4);
    for left in [1, 0] {
        request(&gate, "aggregate", 10, &headers("light", 2, left, 60)).await;
    }
    let begun = Instant::now();
    // Its group isn't known yet; it could be the one that is used up.
    request(&gate, "timeline", 10, &headers("light", 2, 0, 60)).await;
    assert!(begun.elapsed() >= Duration::from_secs(59));
    assert_eq!(gate.budgets().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_without_limits_is_not_waited_for() {
    let gate = Gate::new(4);
    let begun = Instant::now();
    for _ in 0..1000 {
        request(&gate, OPERATION, 0, &QuotaHeaders::default()).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(gate.budgets(), []);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_was_cancelled_gives_its_place_back() {
    let gate = Gate::new(1);
    request(&gate, OPERATION, 10, &headers("light", 3, 2, 60)).await;
    // One that wasn't sent leaves no trace, however often.
    for _ in 0..9 {
        drop(permit(&gate, OPERATION).await);
        drop(permit(&gate, "timeline").await);
    }
    assert_eq!(gate.budgets()[0].remaining, 2);
    let cancelled = permit(&gate, OPERATION).await;
    cancelled.is_sent();
    drop(cancelled);
    let begun = Instant::now();
    // The cancelled one hasn't arrived when the server says what is left.
    request(&gate, OPERATION, 0, &headers("light", 3, 1, 60)).await;
    assert_eq!(begun.elapsed(), Duration::ZERO, "the third of three");
    let begun = Instant::now();
    drop(permit(&gate, OPERATION).await);
    assert!(begun.elapsed() >= Duration::from_secs(59), "a cancelled request counts");
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_waiting_holds_no_place() {
    let gate = Gate::new(1);
    let held = permit(&gate, OPERATION).await;
    let patience = Duration::from_secs(1);
    assert!(tokio::time::timeout(patience, permit(&gate, "timeline")).await.is_err());
    assert!(gate.try_permit("timeline").is_none());
    drop(held);
    assert!(gate.try_permit("timeline").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_request_of_unknown_group_counts_in_its_own_only() {
    let gate = Gate::new(4);
    request(&gate, "aggregate", 10, &headers("light", 50, 10, 60)).await;
    request(&gate, "extensions", 10, &headers("medium", 40, 39, 60)).await;
    let left: Vec<_> = gate.budgets().iter().map(|budget| budget.remaining).collect();
    assert_eq!(left, [10, 39]);
}

#[tokio::test(start_paused = true)]
async fn the_first_request_of_an_operation_goes_alone() {
    let gate = Gate::new(4);
    let first = permit(&gate, OPERATION).await;
    assert!(gate.try_permit(OPERATION).is_none());
    assert!(gate.try_permit("timeline").is_some());
    first.is_answered(StatusCode::OK, &headers("light", 50, 49, 60), None);
    drop(first);
    let together: Vec<_> = (0..5).map(|_| gate.try_permit(OPERATION)).collect();
    assert_eq!(together.iter().flatten().count(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_operation_can_move_to_another_group() {
    let gate = Gate::new(4);
    request(&gate, OPERATION, 10, &headers("light", 50, 49, 60)).await;
    request(&gate, OPERATION, 10, &headers("heavy", 1, 0, 60)).await;
    let begun = Instant::now();
    drop(permit(&gate, OPERATION).await);
    assert!(begun.elapsed() >= Duration::from_secs(59));
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_may_not_be_in_what_the_server_says_is_left() {
    let gate = Gate::new(4);
    request(&gate, OPERATION, 10, &headers("light", 50, 49, 60)).await;
    tokio::time::sleep(Duration::from_secs(61)).await;
    let mut three = Vec::new();
    for _ in 0..3 {
        three.push(permit(&gate, OPERATION).await);
    }
    // The second answer was on its way for longer than the first.
    for (said, remaining) in [(10, 8), (12, 9), (12, 10)] {
        let permit = three.pop().unwrap();
        permit.is_answered(StatusCode::OK, &headers("light", 50, said, 60), None);
        assert_eq!(gate.budgets()[0].remaining, remaining);
    }
}

#[tokio::test(start_paused = true)]
async fn what_leaves_the_window_can_be_sent_again() {
    let gate = Gate::new(4);
    request(&gate, OPERATION, 0, &headers("light", 3, 2, 60)).await;
    tokio::time::sleep(Duration::from_secs(30)).await;
    request(&gate, OPERATION, 0, &headers("light", 3, 1, 60)).await;
    let remaining = || gate.budgets()[0].remaining;
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(remaining(), 1, "the server's clock may be late");
    tokio::time::sleep(MARGIN).await;
    assert_eq!(remaining(), 2);
}

#[tokio::test(start_paused = true)]
async fn operations_without_end_are_forgotten() {
    let gate = Gate::new(4);
    request(&gate, OPERATION, 0, &headers("light", 50, 49, 60)).await;
    for number in 0..3 * MOST_OPERATIONS {
        let path = format!("GET /of/an/id/{number}");
        let permit = gate.permit(path, false, &WaitLog::default()).await;
        permit.is_answered(StatusCode::OK, &QuotaHeaders::default(), None);
    }
    let (operations, groups) = gate.sizes();
    assert!(operations <= MOST_OPERATIONS, "{operations}");
    assert!(groups <= MOST_OPERATIONS + 1, "{groups}");
    assert_eq!(gate.budgets()[0].group, "light");
}

#[tokio::test(start_paused = true)]
async fn a_request_under_way_is_not_forgotten_with_the_operations() {
    let gate = Gate::new(4);
    request(&gate, OPERATION, 0, &QuotaHeaders::default()).await;
    let under_way = permit(&gate, OPERATION).await;
    under_way.is_sent();
    for number in 0..MOST_OPERATIONS {
        let path = format!("GET /of/an/id/{number}");
        gate.permit(path, false, &WaitLog::default()).await.is_answered(
            StatusCode::OK,
            &QuotaHeaders::default(),
            None,
        );
    }
    let mut nameless = headers("", 2, 2, 60);
    nameless.group = None;
    request(&gate, OPERATION, 0, &nameless).await;
    assert!(gate.try_permit(OPERATION).is_none(), "both of two");
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_makes_no_sense_does_not_stop_a_client_for_good() {
    let gate = Gate::new(1);
    for answer in [headers("light", 0, 0, 60), headers("light", 5, 0, u32::MAX)] {
        request(&gate, OPERATION, 10, &answer).await;
        let begun = Instant::now();
        drop(permit(&gate, OPERATION).await);
        assert!(begun.elapsed() <= Duration::from_secs(3601), "{answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_earliest_end_is_the_quotas_bound() {
    let gate = Gate::new(4);
    assert_eq!(gate.earliest_end(OPERATION, 500), Duration::ZERO, "nothing is known yet");
    request(&gate, OPERATION, 10, &headers("light", 50, 49, 60)).await;
    let seconds = |requests| gate.earliest_end(OPERATION, requests).as_secs();
    assert_eq!(seconds(49), 0);
    assert_eq!(seconds(50), 60);
    assert_eq!(seconds(99), 60);
    assert_eq!(seconds(100), 120);
    assert_eq!(seconds(500), 600);
}

#[tokio::test(start_paused = true)]
async fn a_budget_says_what_is_left() {
    let gate = Gate::new(4);
    request(&gate, OPERATION, 10, &headers("light", 50, 49, 60)).await;
    let budget = Budget {
        group: "light".to_owned(),
        limit: 50,
        window: Duration::from_mins(1),
        remaining: 49,
        wait: Duration::ZERO,
    };
    assert_eq!(gate.budgets(), [budget]);
}

const BAD_GATEWAY: StatusCode = StatusCode::BAD_GATEWAY;

/// How long it takes until a request may go.
async fn waits(gate: &Gate, operation: &'static str) -> Duration {
    let begun = Instant::now();
    drop(permit(gate, operation).await);
    begun.elapsed()
}

#[tokio::test(start_paused = true)]
async fn a_response_without_headers_counts_and_keeps_its_group() {
    let gate = Gate::new(4);
    request(&gate, OPERATION, 100, &headers("light", 2, 1, 60)).await;
    let failed = permit(&gate, OPERATION).await;
    failed.is_sent();
    failed.is_answered(BAD_GATEWAY, &QuotaHeaders::default(), None);
    drop(failed);
    assert!(waits(&gate, OPERATION).await >= Duration::from_secs(59), "both of two are spent");
}

#[tokio::test(start_paused = true)]
async fn a_penalty_without_headers_stops_every_group_and_the_login() {
    let (gate, logins) = (Gate::new(4), Gate::new(4));
    gate.is_beside(&logins);
    request(&gate, OPERATION, 0, &headers("light", 50, 49, 60)).await;
    request(&gate, "extensions", 0, &headers("medium", 40, 39, 60)).await;
    let refused = permit(&gate, OPERATION).await;
    let penalty = Some(Duration::from_secs(30));
    refused.is_answered(StatusCode::TOO_MANY_REQUESTS, &QuotaHeaders::default(), penalty);
    drop(refused);
    let all = tokio::join!(
        waits(&gate, OPERATION),
        waits(&gate, "extensions"),
        waits(&gate, "an operation that is new"),
        waits(&logins, "token"),
    );
    assert_eq!([all.0, all.1, all.2, all.3].map(|wait| wait.as_secs()), [30; 4]);
}

#[tokio::test(start_paused = true)]
async fn what_others_spend_is_not_credited_when_a_request_of_ours_leaves_the_window() {
    let gate = Gate::new(4);
    // Another program has spent one of three.
    request(&gate, OPERATION, 100, &headers("light", 3, 1, 60)).await;
    tokio::time::sleep(Duration::from_millis(59_900)).await;
    // By the server's clock ours has left, and the other program has spent two.
    request(&gate, OPERATION, 49, &headers("light", 3, 0, 60)).await;
    assert!(waits(&gate, OPERATION).await >= Duration::from_secs(59));
}

#[tokio::test(start_paused = true)]
async fn nothing_more_ends_now() {
    let gate = Gate::new(4);
    request(&gate, OPERATION, 0, &headers("light", 1, 0, 60)).await;
    assert!(gate.earliest_end(OPERATION, 1) > Duration::from_secs(59));
    assert_eq!(gate.earliest_end(OPERATION, 0), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn any_number_may_be_the_concurrency() {
    for concurrency in [0, usize::MAX] {
        assert_eq!(waits(&Gate::new(concurrency), OPERATION).await, Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn a_newcomer_does_not_overtake_a_waiter() {
    let gate = Gate::new(4);
    request(&gate, OPERATION, 0, &headers("light", 1, 0, 60)).await;
    let waits = WaitLog::default();
    let mut first = Box::pin(gate.permit(OPERATION, false, &waits));
    let second = Duration::from_secs(1);
    assert!(tokio::time::timeout(second, first.as_mut()).await.is_err());
    // The quota has room for one again, but the waiter's task had no turn yet.
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert!(gate.try_permit(OPERATION).is_none());
    first.await;
}

#[tokio::test(start_paused = true)]
async fn waiters_go_in_order_and_retries_first() {
    let gate = Gate::new(1);
    request(&gate, OPERATION, 0, &headers("light", 1, 0, 60)).await;
    let served = Arc::<Mutex<Vec<&str>>>::default();
    let waiters = [("first", false), ("second", false), ("third", false), ("retry", true)];
    let mut tasks = Vec::new();
    for (name, is_retry) in waiters {
        let (gate, served) = (gate.clone(), Arc::clone(&served));
        tasks.push(tokio::spawn(async move {
            let permit = gate.permit(OPERATION, is_retry, &WaitLog::default()).await;
            served.lock().unwrap().push(name);
            permit.is_sent();
            permit.is_answered(StatusCode::OK, &headers("light", 1, 0, 60), None);
        }));
        tokio::task::yield_now().await;
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*served.lock().unwrap(), ["retry", "first", "second", "third"]);
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_is_not_polled_holds_up_none_of_the_others() {
    let gate = Gate::new(2);
    request(&gate, "extensions", 0, &headers("medium", 2, 1, 60)).await;
    request(&gate, OPERATION, 0, &headers("light", 1, 0, 60)).await;
    request(&gate, "extensions", 0, &headers("medium", 2, 0, 60)).await;
    let log = WaitLog::default();
    let mut first = Box::pin(gate.permit(OPERATION, false, &log));
    let second = Duration::from_secs(1);
    assert!(tokio::time::timeout(second, first.as_mut()).await.is_err());
    assert!(waits(&gate, "extensions").await < Duration::from_mins(2));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_a_penalty_overtakes_asks_again() {
    let gate = Gate::new(4);
    request(&gate, OPERATION, 0, &headers("light", 50, 49, 60)).await;
    let (refused, unsent) = (permit(&gate, OPERATION).await, permit(&gate, OPERATION).await);
    assert!(!unsent.is_stopped());
    let penalty = Some(Duration::from_mins(1));
    refused.is_answered(StatusCode::TOO_MANY_REQUESTS, &headers("light", 50, 49, 60), penalty);
    assert!(unsent.is_stopped());
}
