//! Keys that are chosen by name, and looked up by a resolver.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use callperf::{
    Api, Breakdown, Client, ErrorKind, GroupBy, KeyResolver, Period, Query, ResolvedKeys,
};
use serde_json::{Value as Json, json};
use wiremock::{MockServer, ResponseTemplate};

use crate::support;

/// Knows one queue, and how often it was asked.
#[derive(Clone, Default)]
struct Directory(Arc<AtomicUsize>);

impl KeyResolver for Directory {
    fn resolve<'a>(&'a self, _: &'a GroupBy, names: &'a [String]) -> ResolvedKeys<'a> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            match names.iter().find(|name| *name != "Support") {
                None => Ok(vec!["1503200033".to_owned(); names.len()]),
                Some(name) => Err(format!("no queue is named {name:?}").into()),
            }
        })
    }
}

fn grouped(group_by: GroupBy) -> Query {
    Query::new(group_by, Period::last_days(1), "UTC").calls(Breakdown::Total)
}

fn query(name: &str) -> Query {
    grouped(GroupBy::queues().named([name]))
}

/// The keys of each request that was sent.
async fn keys_sent(server: &MockServer) -> Vec<Json> {
    let sent = support::requests(server).await;
    let bodies = sent.iter().filter_map(|it| serde_json::from_slice::<Json>(&it.body).ok());
    bodies.map(|body| body["grouping"]["keys"].clone()).collect()
}

async fn server() -> MockServer {
    let counters = json!({"allCalls": {"valueType": "Instances", "values": 7}});
    let records = json!([{"key": "1503200033", "counters": counters}]);
    let paging = json!({"page": 1, "perPage": 1, "totalPages": 2, "totalElements": 1});
    let answer = json!({"data": {"groupedBy": "Queues", "records": records}, "paging": paging});
    support::server(ResponseTemplate::new(200).set_body_json(answer)).await
}

fn client(server: &MockServer, directory: &Directory) -> Client {
    let builder = support::builder(server, Api::CallsV1);
    builder.key_resolver(directory.clone()).build().unwrap()
}

#[tokio::test]
async fn names_are_looked_up_once_and_sent_as_keys() {
    let (server, directory) = (server().await, Directory::default());
    let client = client(&server, &directory);
    let call = client.aggregate(&query("Support"));
    assert_eq!(call.check().unwrap(), []);
    call.page(1).await.unwrap();
    let mut records = call.records();
    while records.try_next().await.unwrap().is_some() {}
    assert_eq!(keys_sent(&server).await, vec![json!(["1503200033"]); 3]);
    assert_eq!(directory.0.load(Ordering::Relaxed), 1);
    assert_eq!(call.preview(1).unwrap().body["grouping"]["keys"], json!(["1503200033"]));
    assert!(records.period().is_some());
}

#[tokio::test]
async fn a_name_that_is_not_found_is_refused_and_nothing_is_sent() {
    let (server, directory) = (server().await, Directory::default());
    let refused = client(&server, &directory).aggregate(&query("Suport")).page(1).await;
    let error = refused.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Query);
    assert_eq!(error.to_string(), "the keys can't be looked up: no queue is named \"Suport\"");
    assert!(support::requests(&server).await.is_empty());
    // An answer can't be read without the keys that it was asked with.
    let call = client(&server, &directory).aggregate(&query("Support"));
    assert_eq!(call.read(b"{}").unwrap_err().problems()[0].rule(), "key-names");
}

#[tokio::test]
async fn names_and_keys_add_up_and_no_name_is_no_key() {
    let (server, directory) = (server().await, Directory::default());
    let client = client(&server, &directory);
    let both = GroupBy::queues().keys(["1"]).named(["Support"]);
    client.aggregate(&grouped(both)).page(1).await.unwrap();
    assert_eq!(keys_sent(&server).await, [json!(["1", "1503200033"])]);
    let none = grouped(GroupBy::queues().named(Vec::<String>::new()));
    let refused = client.aggregate(&none).page(1).await;
    assert_eq!(refused.unwrap_err().problems()[0].rule(), "keys-empty");
}
