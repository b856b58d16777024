//! Names of the API that this program doesn't know.

use serde_json::{Value as Json, json};

use super::support::{Fake, Served, page, said};

#[tokio::test(flavor = "multi_thread")]
async fn a_breakdown_of_tomorrow_is_asked_for_by_its_name() {
    let fake = Fake::start().await;
    let counters = json!({"callsByMood": {
        "valueType": "Instances", "values": {"happy": 3.0, "sad": 4.0},
    }});
    let record = json!({"key": "1", "info": {"name": "Ada"}, "counters": counters});
    fake.answer("POST", "/aggregation/fetch$", 200, page(&json!([record]))).await;
    let line = "report --group-by users --last 7d --calls callsByMood \
                --where callMoods=Happy,callMoods=Sad --format csv";
    let (code, csv, notes) = said(&fake.run(line).await);
    assert_eq!(code, 0, "{notes}");
    assert_eq!(
        csv,
        "key,name,extension_number,calls.callsByMood.happy,calls.callsByMood.sad\n\
         1,Ada,,3,4\n"
    );
    for note in [
        "callperf: note: calls: \"callsByMood\" is unknown to this version; it is sent as it is",
        "callperf: note: --where: `callMoods` is unknown to this program and is sent as it is",
    ] {
        assert!(notes.contains(note), "{notes}");
    }
    let body = &fake.asked().await[0];
    let sum = json!({"aggregationType": "Sum"});
    assert_eq!(body["responseOptions"]["counters"]["callsByMood"], sum, "{body}");
    assert_eq!(body["callFilters"]["callMoods"], json!(["Happy", "Sad"]), "{body}");
}

/// A command line that was written before this program had a word for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_has_become_a_word_is_that_word() {
    let fake = Fake::start().await;
    let counters = json!({"callsByEndingParty": {
        "valueType": "Instances", "values": {"caller": 3.0, "agent": 4.0},
    }});
    let record = json!({"key": "1", "info": {"name": "Ada"}, "counters": counters});
    fake.answer("POST", "/aggregation/fetch$", 200, page(&json!([record]))).await;
    let line = "report --group-by users --last 7d --calls callsByEndingParty \
                --where endingParties=Caller,endingParties=Agent --format csv";
    let (code, csv, notes) = said(&fake.run(line).await);
    assert_eq!(code, 0, "{notes}");
    assert_eq!(
        csv,
        "key,name,extension_number,calls.by_ending_party.caller,calls.by_ending_party.agent\n\
         1,Ada,,3,4\n"
    );
    let body = &fake.asked().await[0];
    let sum = json!({"aggregationType": "Sum"});
    assert_eq!(body["responseOptions"]["counters"]["callsByEndingParty"], sum, "{body}");
    assert_eq!(body["callFilters"]["endingParties"], json!(["Caller", "Agent"]), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_shows_it_and_a_near_miss_is_refused() {
    let served = Served::start().await;
    let line = "report --group-by CostCenters --last 7d --time-spent callsDurationByEndingParty \
                --explain --format json";
    let explained: Json = served.json(line).await;
    let body = &explained["requests"][0]["body"];
    assert_eq!(body["grouping"]["groupBy"], "CostCenters");
    assert!(body["responseOptions"]["timers"]["callsDurationByEndingParty"].is_object(), "{body}");
    for (args, near) in [
        ("--group-by queues --calls by-reslt", "did you mean by-result?"),
        ("--group-by queues --calls callsByReslt", "did you mean by-result?"),
        ("--group-by queues --calls all --where resutl=missed", "did you mean result?"),
        ("--group-by queues --calls mood", "write wire:mood"),
    ] {
        let (code, _, errors) = said(&served.run(&format!("report --last 7d {args}")).await);
        assert_eq!(code, 2);
        assert!(errors.trim_end().ends_with(near), "{errors}");
    }
}
