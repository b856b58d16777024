//! Servers that refuse what one party each saw refused: a field that the document lacks, a page
//! above a timeline's limit, an account by its id. What the client sends is none of these.

use callperf::{ClientBuilder, ErrorKind, GroupBy, Interval, Page};
use callperf_sandbox::Sandbox;
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::{
    agreement::everything,
    support::{self, assuming},
};

const NOW: &str = "2026-11-10T17:00:00Z";
const REFUSALS: [(&str, &str); 3] = [
    ("unknown-fields", "refused"),
    ("timeline-per-page", "refused"),
    ("foreign-account", "refused"),
];

fn builder(sandbox: &Sandbox) -> ClientBuilder {
    let now = sandbox.now();
    support::of_sandbox(sandbox).clock(move || now)
}

fn shown<T: Serialize>(page: &Page<T>) -> Json {
    serde_json::to_value(page).unwrap()
}

#[tokio::test]
async fn every_word_is_answered_as_by_a_lenient_server() {
    let (lenient, strict) = (assuming(NOW, &[]).await, assuming(NOW, &REFUSALS).await);
    let [lenient, strict] = [&lenient, &strict].map(|it| builder(it).build().unwrap());
    for group_by in [GroupBy::company(), GroupBy::users(), GroupBy::queues()] {
        let query = everything(group_by);
        let expected = shown(&lenient.aggregate(&query).page(1).await.unwrap());
        assert_eq!(shown(&strict.aggregate(&query).page(1).await.unwrap()), expected);
        let expected = shown(&lenient.timeline(&query, Interval::Month).page(1).await.unwrap());
        let series = strict.timeline(&query, Interval::Month).page(1).await.unwrap();
        assert_eq!(shown(&series), expected);
    }
}

#[tokio::test]
async fn a_refusal_says_what_to_do() {
    let sandbox = assuming(NOW, &REFUSALS).await;
    let client = builder(&sandbox).build().unwrap();
    let query = everything(GroupBy::users());
    let sent = client.timeline(&query, Interval::Month).preview(1).unwrap();
    let parameters = [("interval", "Month"), ("page", "1"), ("perPage", "21")];
    let error = client.send(&sent.path, &parameters, Some(&sent.body)).await.unwrap_err();
    assert!(error.to_string().contains("ask for 20 records or fewer"), "{error}");

    let mut body = sent.body;
    body["paging"] = json!({"page": 1});
    let error = client.send(&sent.path, &parameters[..2], Some(&body)).await.unwrap_err();
    assert!(error.to_string().contains("doesn't know a field"), "{error}");

    let by_id = builder(&sandbox).account(sandbox.directory().account_id()).build().unwrap();
    let error = by_id.aggregate(&query).page(1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Permission);
    assert!(error.to_string().contains("leave ClientBuilder::account out"), "{error}");
}
