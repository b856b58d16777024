//! Filters beside key figures, which have filters of their own.

use super::support::{Served, ZONE, said};

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_the_figures_choose_changes_nothing() {
    let served = Served::start().await;
    let period = format!("--last-week --time-zone {ZONE}");
    for question in [
        format!("report queues {period} --compare --totals"),
        format!("timeline queues {period} --interval week"),
    ] {
        let question = format!("{question} --format json");
        let plain = served.json(&question).await;
        let filtered = served.json(&format!("{question} --where direction=inbound")).await;
        assert!(!plain["records"].as_array().unwrap().is_empty());
        assert_eq!(plain, filtered);
    }
    // Numbers beside the figures are narrowed by it.
    let question = format!("report queues {period} --calls by-direction --format json");
    let numbers =
        |json: serde_json::Value| json["records"][0]["calls"]["by_direction"]["values"].clone();
    let filtered = numbers(served.json(&format!("{question} --where direction=inbound")).await);
    assert_eq!(filtered["outbound"], 0, "{filtered}");
    assert_eq!(filtered["inbound"], numbers(served.json(&question).await)["inbound"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_the_figures_choose_otherwise_is_refused_by_name() {
    let served = Served::start().await;
    for (filter, message) in [
        (
            "direction=outbound",
            "--where direction=outbound: offered looks at calls with direction=inbound; ",
        ),
        (
            "direction=inbound,direction=outbound",
            "--where direction=inbound or direction=outbound: offered looks at calls with direction=inbound; ",
        ),
        ("result=missed", "--where result=missed: offered looks at calls of any result; "),
    ] {
        let line = format!("report queues --last 7d --where {filter}");
        let (code, _, errors) = said(&served.run(&line).await);
        assert_eq!(code, 2);
        assert!(errors.starts_with(&format!("callperf: {message}")), "{errors}");
    }
}
