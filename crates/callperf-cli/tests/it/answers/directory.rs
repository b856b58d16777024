//! Who the keys of reports are: the command `directory`.

use serde_json::{Value as Json, json};

use super::support::{Fake, Served, ZONE, data, said};

/// The texts of a field of each entry.
fn texts<'a>(company: &'a Json, field: &str) -> Vec<&'a str> {
    let entries = company["entries"].as_array().unwrap();
    entries.iter().map(|entry| entry[field].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_is_listed_on_both_apis() {
    let served = Served::start().await;
    for api in ["calls-v1", "beta"] {
        let queues = served.json(&format!("directory queues --format json --api {api}")).await;
        assert_eq!(texts(&queues, "name"), ["Sales", "Support", "Billing", "Returns"]);
        assert_eq!(queues["entries"][1]["service_level"]["goal_percent"], json!(90.0));
        assert_eq!(texts(&queues, "status"), ["Enabled"; 4]);
        let sites = served.json(&format!("directory sites --format json --api {api}")).await;
        assert_eq!(texts(&sites, "name"), ["New York", "Denver"]);
        for (what, kind) in [("departments", "department"), ("groups", "user_group")] {
            let line = format!("directory {what} --format json --api {api}");
            let listed = served.json(&line).await;
            assert!(!texts(&listed, "key").is_empty());
            assert!(texts(&listed, "kind").iter().all(|it| *it == kind));
            let note = listed["notices"].to_string();
            assert!(note.contains("these had calls in the last 28 days"), "{note}");
        }
    }
    let all = served.json("directory --format json").await;
    let kinds: std::collections::BTreeSet<_> = texts(&all, "kind").into_iter().collect();
    assert_eq!(kinds, ["ivr", "queue", "shared_line", "site", "user"].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_shown_in_each_format() {
    let served = Served::start().await;
    let table = data(&served.run("directory queues").await);
    let lines: Vec<_> = table.lines().collect();
    assert!(lines[0].starts_with("key  "), "{table}");
    assert!(lines[0].contains("goal percent  threshold seconds"), "{table}");
    assert_eq!(lines.len(), 5, "{table}");
    let markdown = data(&served.run("directory sites --format md").await);
    assert!(markdown.starts_with("| key | name | "), "{markdown}");
    assert!(markdown.contains("| New York | "), "{markdown}");
    let csv = data(&served.run("directory queues --members --format csv").await);
    let heading = "of_key,of_name,key,name,extension_number,kind,status,site,department,\
                   goal_percent,threshold_seconds,counts_abandoned,abandoned_threshold_seconds";
    assert_eq!(csv.lines().next().unwrap(), heading);
    let of_support = csv.lines().filter(|line| line.contains(",Support,")).count();
    let json = served.json("directory queues --members --format json").await;
    let support = &json["entries"][1];
    assert_eq!(support["name"], "Support");
    assert_eq!(support["members"].as_array().unwrap().len(), of_support);
    assert!(of_support > 0);
    assert_eq!(support["members"][0]["kind"], "user");
    let folder = tempfile::tempdir().unwrap();
    for (name, beginning) in [
        ("users.csv", "key,name,"),
        ("users.md", "| key | name | "),
        ("users.jsonl", "{\"key\":\"1502200017\",\"kind\":\"user\","),
        ("users.json", "{\n  \"entries\": ["),
    ] {
        let file = folder.path().join(name);
        let line = format!("directory users --out {}", file.display());
        assert_eq!(data(&served.run(&line).await), "");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.starts_with(beginning), "{name}: {text}");
    }
    for (line, message) in [
        ("--format json --out a.csv", "--out: a.csv is a name for csv, and --format is json; "),
        ("--out a.parquet", "--out: the directory isn't written as Parquet; "),
    ] {
        let (code, _, errors) = said(&served.run(&format!("directory users {line}")).await);
        assert_eq!(code, 2, "{errors}");
        assert!(errors.contains(message), "{errors}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_those_of_queues_sites_and_departments() {
    let served = Served::start().await;
    for what in ["sites", "departments"] {
        let line = format!("directory {what} --members --format json");
        let listed = served.json(&line).await;
        let of = listed["entries"].as_array().unwrap();
        assert!(of.iter().all(|one| !one["members"].as_array().unwrap().is_empty()), "{what}");
    }
    for (what, message) in [
        ("users", "--members: users have no members; ask for queues, sites or departments"),
        ("groups", "--members: the API lists no members of user groups; "),
        ("", "--members: say of what: queues, sites or departments"),
    ] {
        let (code, _, errors) = said(&served.run(&format!("directory {what} --members")).await);
        assert_eq!(code, 2, "{errors}");
        assert!(errors.starts_with(&format!("callperf: {message}")), "{errors}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_permission_it_fails_and_names_it() {
    let fake = Fake::start().await;
    let refusal = json!({"errorCode": "CMN-401", "message": "…", "permissionName": "ReadAccounts"});
    fake.answer("GET", "/extension$", 403, refusal).await;
    let (code, _, errors) = said(&fake.run("directory queues").await);
    assert_eq!(code, 3, "{errors}");
    assert!(errors.contains("the application's ReadAccounts permission"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_asked_for_by_its_name_and_named_on_the_beta() {
    let served = Served::start().await;
    for api in ["calls-v1", "beta"] {
        let line = format!(
            "report --group-by sites --calls all --last-week --time-zone {ZONE} --api {api} \
             --format json"
        );
        let output = served.run_with(&line, &["--keys", "new york"]).await;
        let report: Json = serde_json::from_str(&data(&output)).unwrap();
        let records = report["records"].as_array().unwrap();
        assert_eq!(records.len(), 1, "{report}");
        let (code, _, errors) = said(&served.run_with(&line, &["--keys", "Denvr"]).await);
        assert_eq!(code, 2);
        assert!(errors.contains("no site is named \"Denvr\"; did you mean \"Denver\""), "{errors}");
    }
    let line =
        format!("report --group-by sites --calls all --last-week --time-zone {ZONE} --api beta");
    let table = data(&served.run(&line).await);
    assert!(table.contains("New York") && table.contains("Denver"), "{table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_that_is_not_in_use_is_found_with_a_note() {
    let fake = Fake::start().await;
    let user =
        |id: u32, name: &str| json!({"id": id, "name": name, "type": "User", "status": "Disabled"});
    fake.extensions(1, 1, json!([user(101, "Ada")])).await;
    fake.answer("POST", "/fetch$", 200, super::support::page(&json!([]))).await;
    let line = "report --group-by users --calls all --last 7d --keys ada";
    let (code, _, notes) = said(&fake.run(line).await);
    assert_eq!(code, 0, "{notes}");
    assert!(notes.contains("note: the user \"Ada\" (101) is disabled"), "{notes}");
    assert_eq!(fake.asked().await[0]["grouping"]["keys"], json!(["101"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_the_number_of_another_is_taken_with_a_note() {
    let fake = Fake::start().await;
    let user = |id: u32, number: &str, name: &str| json!({"id": id, "extensionNumber": number, "name": name, "type": "User", "status": "Enabled"});
    let both = json!([user(101, "201", "Ada"), user(102, "101", "Bruno")]);
    fake.extensions(1, 1, both).await;
    fake.answer("POST", "/fetch$", 200, super::support::page(&json!([]))).await;
    let line = "report --group-by users --calls all --last 7d --keys 101";
    let (code, _, notes) = said(&fake.run(line).await);
    assert_eq!(code, 0, "{notes}");
    let note = "note: \"101\" is taken for \"Ada\" (101); it stands for \"Bruno\" (102), too";
    assert!(notes.contains(note), "{notes}");
    assert_eq!(fake.asked().await[0]["grouping"]["keys"], json!(["101"]));
}
