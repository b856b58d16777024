//! A client whose retries are quick, few and watched.

use std::{
    fmt::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use callperf::{Breakdown, ClientBuilder, GroupBy, Period, Query, RetryPolicy, WaitReason};

pub async fn run(builder: ClientBuilder) -> Result<String, callperf::Error> {
    let seen = Arc::new(Mutex::new(String::new()));
    let (attempts, retries, waits) = (Arc::clone(&seen), Arc::clone(&seen), Arc::clone(&seen));
    let policy = RetryPolicy::default()
        .attempts(3)
        .deadline(Duration::from_secs(60))
        .first_delay(Duration::from_millis(2))
        .longest_delay(Duration::from_millis(4))
        .retry_if(|error| error.status() == Some(503));
    let client = builder
        .retry(policy)
        .on_attempt(move |attempt| {
            let (number, status) = (attempt.number, attempt.status);
            writeln!(attempts.lock().unwrap(), "attempt {number}: {status:?}").unwrap();
        })
        .on_retry(move |retry| {
            assert!(retry.delay < Duration::from_secs(1));
            let (number, failure) = (retry.number, retry.failure);
            writeln!(retries.lock().unwrap(), "retry after {number}: {failure:?}").unwrap();
        })
        .on_wait(move |wait| {
            if wait.reason == WaitReason::Quota {
                writeln!(waits.lock().unwrap(), "waits for the quota").unwrap();
            }
        })
        .build()?;
    let query = Query::new(GroupBy::queues(), Period::last_days(7), "America/New_York")
        .calls(Breakdown::Total);
    let report = client.aggregate(&query).all().await?;
    let mut out = seen.lock().unwrap().clone();
    writeln!(out, "{} queues", report.records.len()).unwrap();
    Ok(out)
}
