//! Groups with two names, and operations without one.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_request_of_another_group_explains_nothing_of_a_renamed_one() {
    let gate = Gate::new(4);
    request(&gate, "extensions", 0, &headers("medium", 40, 39, 60)).await;
    request(&gate, "timeline", 0, &headers("light", 4, 3, 60)).await;
    request(&gate, OPERATION, 0, &headers("light", 4, 2, 60)).await;
    request(&gate, OPERATION, 0, &headers("bulk", 4, 1, 60)).await;
    tokio::time::sleep(Duration::from_secs(61)).await;
    // The new name is known already when this one is sent.
    let other = permit(&gate, "extensions").await;
    other.is_sent();
    // One of these two is another program's.
    request(&gate, "timeline", 0, &headers("bulk", 4, 2, 60)).await;
    other.is_answered(StatusCode::OK, &headers("medium", 40, 39, 60), None);
    let budgets = gate.budgets();
    let bulk = budgets.iter().find(|budget| budget.group == "bulk").unwrap();
    assert_eq!(bulk.remaining, 2);
}

#[tokio::test(start_paused = true)]
async fn a_late_response_with_a_groups_old_name_does_not_part_it_from_the_new_one() {
    let gate = Gate::new(4);
    request(&gate, "timeline", 0, &headers("light", 4, 3, 60)).await;
    request(&gate, OPERATION, 0, &headers("light", 4, 2, 60)).await;
    let late = permit(&gate, OPERATION).await;
    late.is_sent();
    request(&gate, "timeline", 10, &headers("bulk", 4, 0, 60)).await;
    late.is_answered(StatusCode::OK, &headers("light", 4, 1, 60), None);
    drop(late);
    tokio::time::sleep(Duration::from_mins(5)).await;
    request(&gate, "timeline", 0, &headers("bulk", 4, 0, 60)).await;
    assert!(waits(&gate, OPERATION).await >= Duration::from_secs(59));
}

#[tokio::test(start_paused = true)]
async fn logins_without_a_limit_in_their_responses_keep_the_documented_one() {
    let gate = Gate::presuming("login", 5, Duration::from_mins(1));
    for _ in 0..5 {
        let permit = permit(&gate, "login").await;
        permit.is_sent();
        permit.is_answered(StatusCode::BAD_GATEWAY, &QuotaHeaders::default(), None);
    }
    assert!(waits(&gate, "login").await >= Duration::from_secs(59));
}

#[tokio::test(start_paused = true)]
async fn what_a_response_says_replaces_the_documented_limit() {
    let gate = Gate::presuming("login", 5, Duration::from_mins(1));
    for left in (0..20).rev() {
        request(&gate, "login", 0, &headers("auth", 20, left, 60)).await;
    }
    assert!(waits(&gate, "login").await >= Duration::from_secs(59));
    let gate = Gate::presuming("login", 5, Duration::from_mins(1));
    for _ in 0..20 {
        request(&gate, "login", 0, &QuotaHeaders::default()).await;
    }
    assert!(waits(&gate, "login").await.is_zero());
}
