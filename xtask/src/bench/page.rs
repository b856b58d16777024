//! A page of an answer as large as one gets: 200 records with every metric.

use serde_json::{Value, json};

use crate::catalogue::Api;
use crate::error::{Problem, Result};
use crate::responses::responses;
use crate::workspace::Workspace;

pub(super) const RECORDS: u32 = 200;

/// The revision of calls-v1 that the page is of, and the stock types that it is compared with.
/// It stays when a newer one is adopted, whose page is larger: what is committed goes by it.
/// After a change of it, measure anew.
pub(super) const REVISION: &str = "2026-08-13";

/// The page as it is sent: without blanks, counts as whole floats, times as averages are.
pub(super) fn page(workspace: &Workspace, date: &str) -> Result<String> {
    let full = responses(workspace)?.into_iter().find(|response| {
        let is_aggregation = response.operation == "analyticsCallsAggregationFetch";
        response.api == Api::CallsV1 && response.date == date && is_aggregation
    });
    let Some(mut body) = full.map(|response| response.body) else {
        let remedy = "see src/bench/page.rs";
        return Err(Problem::new("", "the measured revision has no aggregation", remedy).into());
    };
    let record = body["data"]["records"][0].clone();
    let records = (0..RECORDS).map(|number| filled(&record, number)).collect();
    body["data"]["records"] = Value::Array(records);
    body["paging"] =
        json!({"page": 1, "perPage": RECORDS, "totalPages": 1, "totalElements": RECORDS});
    Ok(body.to_string())
}

fn filled(record: &Value, number: u32) -> Value {
    let mut record = record.clone();
    record["key"] = json!((400_100_000 + u64::from(number)).to_string());
    record["info"] = json!({
        "extensionNumber": (1000 + number).to_string(),
        "name": format!("Queue number {number}, second floor"),
    });
    let mut next = number;
    fill(&mut record["counters"], &mut next, &|count| json!(f64::from(count * 7)));
    fill(&mut record["timers"], &mut next, &|count| json!(f64::from(count * 1000) / 7.0));
    record
}

fn fill(value: &mut Value, next: &mut u32, number: &dyn Fn(u32) -> Value) {
    match value {
        Value::Number(_) => {
            *next += 1;
            *value = number(*next);
        }
        Value::Object(map) => map.values_mut().for_each(|value| fill(value, next, number)),
        _ => {}
    }
}
