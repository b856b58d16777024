//! Which extensions a report is of: their keys, numbers and names.

use serde_json::{Value as Json, json};

use super::support::{Fake, Served, ZONE, page, said, settings};

/// The key, the number and the name of each queue of the sandbox.
async fn queues(served: &Served) -> Vec<[String; 3]> {
    let line = format!("report queues --last-week --time-zone {ZONE} --format json");
    let report = served.json(&line).await;
    let text = |json: &Json| json.as_str().unwrap().to_owned();
    let records = report["records"].as_array().unwrap().iter();
    let record = |it: &Json| {
        [text(&it["key"]), text(&it["info"]["extension_number"]), text(&it["info"]["name"])]
    };
    records.map(record).collect()
}

fn keys_of(report: &str) -> Vec<String> {
    let report: Json = serde_json::from_str(report).unwrap();
    let records = report["records"].as_array().unwrap();
    records.iter().map(|record| record["key"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_is_asked_for_by_key_number_or_name() {
    let served = Served::start().await;
    let queues = queues(&served).await;
    let [one, other] = [&queues[0], &queues[1]];
    let mut wanted = vec![one[0].clone(), other[0].clone()];
    wanted.sort_unstable();
    for api in ["calls-v1", "beta"] {
        let line = format!(
            "report --group-by queues --calls all --last-week --time-zone {ZONE} --api {api} \
             --format json"
        );
        for text in [
            format!("{}, {}", one[0], other[0]),
            format!("{},{}", one[1], other[1]),
            format!(" {} ,\"{}\"", one[2].to_uppercase(), other[2]),
            // The same one twice.
            format!("{},{},{}", one[2], one[0], other[1]),
        ] {
            let (code, report, errors) = said(&served.run_with(&line, &["--keys", &text]).await);
            assert_eq!(code, 0, "{text}: {errors}");
            let mut keys = keys_of(&report);
            keys.sort_unstable();
            assert_eq!(keys, wanted, "{api}: {text}");
        }
    }
    let twice = ["--keys", &one[2], "--keys", &other[2]];
    let line = format!("timeline queues --last-week --time-zone {ZONE} --format json");
    let (_, timeline, errors) = said(&served.run_with(&line, &twice).await);
    assert_eq!(keys_of(&timeline).len(), 2, "{errors}");
    // A filter names queues, too.
    let line = format!("report users-of --last-week --time-zone {ZONE}");
    let line = line.replace("users-of", "--group-by members-of-queues --calls all");
    let by_name = format!("queue={}", one[2]);
    let by_key = format!("queue={}", one[0]);
    let of = async |filter: &str| {
        let more = ["--keys", &one[1], "--where", filter, "--format", "json"];
        let (code, report, errors) = said(&served.run_with(&line, &more).await);
        assert_eq!(code, 0, "{errors}");
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        assert_eq!(report["filters"], serde_json::json!([filter]), "as it was given");
        report["records"].clone()
    };
    assert_eq!(of(&by_name).await, of(&by_key).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_queue_is_refused_with_the_nearest() {
    let served = Served::start().await;
    let queues = queues(&served).await;
    let support = queues.iter().find(|queue| queue[2] == "Support").unwrap();
    for (option, text, message) in [
        (
            "--keys",
            "Suport",
            format!(
                "--keys: no queue is named \"Suport\"; did you mean \"Support\" ({})?",
                support[0]
            ),
        ),
        (
            "--where",
            "queue=Suport",
            format!(
                "--where queue: no queue is named \"Suport\"; did you mean \"Support\" ({})?",
                support[0]
            ),
        ),
        (
            "--keys",
            "1",
            "--keys: no queue has the key or the extension number 1; --unchecked sends it as it is"
                .to_owned(),
        ),
        ("--keys", ",", "--keys: nothing is named; leave --keys out for all".to_owned()),
    ] {
        let line = "report --group-by queues --calls all --last 7d";
        let (code, data, errors) = said(&served.run_with(line, &[option, text]).await);
        assert_eq!((code, data.as_str()), (2, ""), "{errors}");
        assert_eq!(errors, format!("callperf: {message}\n"));
    }
    // On purpose.
    let line = "report --group-by queues --calls all --last 7d --keys 1 --unchecked";
    assert_eq!(said(&served.run(line).await).0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_read_to_its_last_page_and_other_keys_need_none() {
    let fake = Fake::start().await;
    fake.answer("POST", "/fetch$", 200, page(&json!([]))).await;
    let user = |id: u32, name: &str| json!({"id": id, "name": name, "type": "User"});
    fake.extensions(1, 2, json!([user(101, "Ada")])).await;
    fake.extensions(2, 2, json!([user(102, "Bruno")])).await;
    let line = "report --group-by users --calls all --last 7d --keys bruno,ada";
    let (code, _, errors) = said(&fake.run(line).await);
    assert_eq!(code, 0, "{errors}");
    assert_eq!(fake.asked().await[0]["grouping"]["keys"], json!(["102", "101"]));

    let fake = Fake::start().await;
    fake.answer("POST", "/fetch$", 200, page(&json!([]))).await;
    let line = "report --group-by sites --calls all --last 7d --keys North";
    let (code, _, errors) = said(&fake.run(line).await);
    assert_eq!(code, 0, "there is no list of extensions: {errors}");
    assert_eq!(fake.asked().await[0]["grouping"]["keys"], json!(["North"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_permission_keys_are_sent_as_they_are() {
    let fake = Fake::start().await;
    fake.answer("POST", "/fetch$", 200, page(&json!([]))).await;
    let refusal = json!({
        "errorCode": "CMN-401", "message": "In order to call this API endpoint, application \
         needs to have [ReadAccounts] permission", "permissionName": "ReadAccounts",
        "errors": [{"errorCode": "CMN-401", "message": "…", "permissionName": "ReadAccounts"}],
    });
    fake.answer("GET", "/extension$", 403, refusal).await;
    let line = "report --group-by users --calls all --last 7d --keys 101,Ada";
    let (code, _, notes) = said(&fake.run(line).await);
    assert_eq!(code, 0, "{notes}");
    assert!(notes.contains("note: extensions are sent as they were given"), "{notes}");
    assert_eq!(fake.asked().await[0]["grouping"]["keys"], json!(["101", "Ada"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_says_what_looking_up_costs_and_does_not() {
    let nowhere = settings("http://127.0.0.1:1", "id", "secret", "jwt");
    let line = "report --group-by users --calls all --last 7d --keys Ada --explain";
    let (code, shown, errors) = said(&super::support::run(&nowhere, line.split(' ')).await);
    assert_eq!(code, 0, "{errors}");
    assert!(shown.contains("before that, 1 request for each 1000 extensions"), "{shown}");
    assert!(shown.contains("\"Ada\""), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn menus_and_shared_lines_are_named_and_virtual_agents_are_not() {
    let served = Served::start().await;
    for grouping in ["ivrs", "shared-lines"] {
        let line = format!("report --group-by {grouping} --calls all --last 28d --format json");
        let all = served.json(&line).await;
        let first = &all["records"][0];
        let (key, name) = (first["key"].as_str().unwrap(), first["info"]["name"].as_str().unwrap());
        let (code, report, errors) = said(&served.run_with(&line, &["--keys", name]).await);
        assert_eq!(code, 0, "{errors}");
        assert_eq!(keys_of(&report), [key], "{name}");
        let (code, _, errors) = said(&served.run_with(&line, &["--keys", "Nothing"]).await);
        assert_eq!(code, 2, "{errors}");
        assert!(errors.contains("is named \"Nothing\"; there are "), "{errors}");
    }
    let line = "report --group-by ivas --calls all --last 28d --format json";
    let key = served.json(line).await["records"][0]["key"].as_str().unwrap().to_owned();
    let by_key = said(&served.run_with(line, &["--keys", &key]).await);
    assert_eq!((by_key.0, keys_of(&by_key.1)), (0, vec![key]), "{}", by_key.2);
    let (code, _, errors) = said(&served.run_with(line, &["--keys", "Ann"]).await);
    assert_eq!(code, 2);
    assert!(errors.contains("--keys: \"Ann\" isn't the key of an IVA"), "{errors}");
    for (grouping, what) in [
        ("departments", "a department"),
        ("members-of-departments", "a department"),
        ("user-groups", "a user group"),
    ] {
        let line = format!("report --group-by {grouping} --calls all --last 7d");
        let (code, _, errors) = said(&served.run_with(&line, &["--keys", "Support"]).await);
        assert_eq!(code, 2);
        let refusal = format!("--keys: \"Support\" isn't the key of {what}, and names of these");
        assert!(errors.contains(&refusal), "{errors}");
    }
}
