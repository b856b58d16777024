//! Hours and days that weren't asked for.

use super::support::{Served, ZONE, data};

/// The `time` of each row of a CSV.
fn times(csv: &str) -> Vec<String> {
    let mut lines = csv.lines();
    let heading = lines.next().unwrap();
    let at = heading.split(',').position(|name| name == "time").unwrap();
    lines.map(|line| line.split(',').nth(at).unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_has_only_what_was_asked_for() {
    let served = Served::start().await;
    let ask = async |args: &str| {
        let line = format!("timeline {args} --time-zone {ZONE} --format csv");
        times(&data(&served.run(&line).await))
    };
    let hours = "--group-by company --calls all --interval hour --from 2026-11-20 --to 2026-11-22";
    let chosen = ask(&format!("{hours} --hours 09:00-10:59 --days friday,sunday")).await;
    let expected = ["20T09", "20T10", "22T09", "22T10"];
    assert_eq!(chosen, expected.map(|hour| format!("2026-11-{hour}:00:00-05:00")));
    // Key figures, and the company beside the rows.
    let queues = "queues --from 2026-11-20 --to 2026-11-22 --days friday --totals";
    let days = ask(queues).await;
    assert!(days.len() > 3 && days.iter().all(|day| day.starts_with("2026-11-20T00")), "{days:?}");
    // The Sunday on which summer time ends has 25 hours.
    let hours = "--group-by company --calls all --interval hour --from 2026-10-31 --to 2026-11-02";
    assert_eq!(ask(&format!("{hours} --days sunday")).await.len(), 25);
    assert_eq!(ask(hours).await.len(), 24 + 25 + 24, "zeros that were asked for stay");
}
