//! Servers that lack what came to the API in 2025, and ignore it.

use serde_json::{Value as Json, json};

use super::support::{Fake, Served, data, page, said, text};

const OLDER: &str = "calls-v1@2024-04-02";

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_refused_whose_filter_the_server_ignored() {
    let served = Served::of_revision(OLDER).await;
    let company = "company --last 7d --where ending-party=caller";
    let queues = "--group-by queues --last 7d --where queue-hours=after-hours --calls";
    for (line, filter, breakdown) in [
        (format!("report {company}"), "ending-party", "by_ending_party"),
        (format!("report {company} --compare --unchecked"), "ending-party", "by_ending_party"),
        (format!("report {queues} all"), "queue-hours", "by_queue_hours"),
        (format!("report {queues} all,by-queue-hours"), "queue-hours", "by_queue_hours"),
        (format!("report {queues} all --format json"), "queue-hours", "by_queue_hours"),
        (format!("timeline {queues} by-result"), "queue-hours", "by_queue_hours"),
        (
            "report ivr --last 7d --where ending-party=system".to_owned(),
            "ending-party",
            "by_ending_party",
        ),
    ] {
        let (code, data, errors) = said(&served.run(&line).await);
        assert_eq!((code, data.as_str()), (5, ""), "{line}: {errors}");
        let message = format!(
            "callperf: --where {filter}: the server seems to have ignored it (no record has calls \
             {breakdown}), so the numbers may be those of all calls; leave the filter out"
        );
        assert!(errors.contains(&message), "{line}: {errors}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_refused_that_the_filter_would_have_left_out() {
    let fake = Fake::start().await;
    let values = json!({"caller": 2, "callee": 1, "system": 0});
    let counters = json!({
        "allCalls": {"valueType": "Instances", "values": 3},
        "callsByEndingParty": {"valueType": "Instances", "values": values},
    });
    let records = json!([{"key": "1", "counters": counters}]);
    fake.answer("POST", "/aggregation/", 200, page(&records)).await;
    let line = "report --group-by users --last 7d --calls all --where ending-party=caller";
    let output = fake.run(&format!("{line} --json-errors")).await;
    assert_eq!(output.status.code(), Some(5));
    let error: Json = serde_json::from_str(text(&output.stderr).lines().last().unwrap()).unwrap();
    assert_eq!((&error["kind"], &error["exit_code"]), (&json!("refused"), &json!(5)));
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("calls by_ending_party has \"callee\""), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_was_applied_is_named_and_leaves_no_trace_of_its_proof() {
    let served = Served::start().await;
    let line = "report --group-by queues --last 7d --calls all --where queue-hours=after-hours";
    let json = served.json(&format!("{line} --format json")).await;
    assert_eq!(json["filters"], json!(["queue-hours=after-hours"]));
    let calls = &json["records"][0]["calls"];
    assert_eq!(calls.as_object().unwrap().keys().collect::<Vec<_>>(), ["total"], "{calls}");
    let timeline = line.replacen("report", "timeline", 1);
    let timeline = served.json(&format!("{timeline} --format json")).await;
    let calls = &timeline["records"][0]["points"][0]["calls"];
    assert_eq!(calls.as_object().unwrap().keys().collect::<Vec<_>>(), ["total"], "{calls}");
    // What was asked for stays.
    let both = served.json(&format!("{line},queue-hours=business-hours --format json")).await;
    assert_eq!(both["filters"], json!(["queue-hours=after-hours", "queue-hours=business-hours"]));
    let asked = line.replacen("--calls all", "--calls all,by-queue-hours", 1);
    let asked = served.json(&format!("{asked} --format json")).await;
    assert_eq!(asked["records"][0]["calls"]["by_queue_hours"]["values"]["businessHours"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_heading_names_what_narrows_the_numbers() {
    let served = Served::start().await;
    let line = "report queues --last 7d --days monday,tuesday --hours 09:00-17:59 --keys Support \
                --where direction=inbound,ending-party=caller,queue=Sales --wire-filter moods=[1]";
    let narrowed = "ending-party=caller, queue=Sales, moods=[1], days=monday, days=tuesday, \
                    hours=09:00-17:59";
    for format in ["table", "markdown"] {
        let shown = data(&served.run(&format!("{line} --format {format}")).await);
        let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ").replace('\\', "");
        let heading = format!("calls-v1, only {narrowed}");
        assert!(shown.contains(&heading), "{shown}");
    }
    let explained = data(&served.run(&format!("{line} --explain")).await);
    assert!(explained.lines().next().unwrap().ends_with(narrowed), "{explained}");
    let lines = data(&served.run(&format!("{line} --format ndjson")).await);
    let first: Json = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    let filters: Vec<_> = narrowed.split(", ").collect();
    assert_eq!(first["filters"], json!(filters));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_that_there_is_not_is_refused_with_those_that_there_are() {
    let served = Served::start().await;
    let report = "report queues --last 7d";
    for (options, expected) in [
        (
            "--server-revision 2022-09-28",
            "calls-v1 has no revision 2022-09-28; its revisions are 2022-09-29, 2023-03-27",
        ),
        ("--server-revision 2199-01-01", "Leave it out for a server of the latest"),
        (
            "--server-revision 2022-09-29 --api beta",
            "beta has no revision 2022-09-29; its revisions are 2021-06-17",
        ),
        ("--server-revision beta@2021-07-19", "add --api beta, or leave it out"),
    ] {
        let (code, data, errors) = said(&served.run(&format!("{report} {options}")).await);
        assert_eq!((code, data.as_str()), (2, ""), "{options}: {errors}");
        assert!(errors.contains("--server-revision"), "{options}: {errors}");
        assert!(errors.contains(expected), "{options}: {errors}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_named_revision_lacks_is_refused_and_figures_say_that_they_differ() {
    let served = Served::of_revision("calls-v1@2022-09-29").await;
    let of_2022 = "--last 7d --server-revision calls-v1@2022-09-29";
    for (line, came) in [
        ("--group-by ivas --calls all", "`IVAs` came with calls-v1 2025-05-20"),
        (
            "--group-by queues --calls by-queue-hours",
            "`callsByQueueHours` came with calls-v1 2025-09-23",
        ),
        (
            "--group-by queues --calls all --where ending-party=caller",
            "`endingParties` came with calls-v1 2025-05-20",
        ),
        (
            "--group-by queues --calls all --where result=forwarded",
            "`Forwarded` came with calls-v1 2025-05-20",
        ),
    ] {
        let (code, data, errors) = said(&served.run(&format!("report {line} {of_2022}")).await);
        assert_eq!((code, data.as_str()), (2, ""), "{line}: {errors}");
        assert!(errors.contains(came), "{line}: {errors}");
    }
    let line = format!("report --group-by queues --kpis missed-rate {of_2022}");
    let (code, shown, errors) = said(&served.run(&line).await);
    assert_eq!((code, shown.is_empty()), (0, false), "{errors}");
    assert!(errors.contains("not comparable with calls-v1 2025-05-20 and later"), "{errors}");
    let json = served.json(&format!("{line} --format json")).await;
    assert!(json["notices"].to_string().contains("not comparable"), "{}", json["notices"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_number_is_refused() {
    let served = Served::start().await;
    let line = "report agents --last 7d --where called-number=+1650";
    let (code, data, errors) = said(&served.run(line).await);
    assert_eq!((code, data.as_str()), (2, ""), "{errors}");
    assert!(errors.contains("called-number=+1650: not a whole number in E.164 form"), "{errors}");
}
