//! Timelines: buckets, and that the narrow ones sum to the wide ones.

use serde_json::{Value, json};

use crate::client::{AGGREGATION, Client, TIMELINE, every_point, everything, number, records};

fn path(interval: &str) -> String {
    format!("{TIMELINE}?interval={interval}")
}

fn points(record: &Value) -> &Vec<Value> {
    record["points"].as_array().unwrap()
}

fn times(record: &Value) -> Vec<&str> {
    points(record).iter().map(|point| point["time"].as_str().unwrap()).collect()
}

/// Adds up the numbers of a point.
fn add(total: &mut Value, point: &Value) {
    match (total, point) {
        (Value::Object(total), Value::Object(point)) => {
            for (name, value) in point.iter().filter(|(name, _)| *name != "time") {
                add(total.entry(name.clone()).or_insert(json!(null)), value);
            }
        }
        (total, Value::Object(point)) => {
            *total = json!({});
            add(total, &Value::Object(point.clone()));
        }
        (total, Value::Number(_)) => {
            let before = total.as_u64().unwrap_or(0);
            *total = json!(before + number(point));
        }
        (total, other) => *total = other.clone(),
    }
}

/// The same numbers, all as integers.
fn whole(values: &Value) -> Value {
    let mut total = json!({});
    add(&mut total, values);
    total
}

fn summed(record: &Value) -> Value {
    let mut total = json!({});
    for point in points(record) {
        add(&mut total, point);
    }
    total
}

#[tokio::test]
async fn every_interval_sums_to_the_aggregation() {
    let client = Client::new().await;
    for grouping in ["Company", "Users", "Queues", "Sites", "CompanyNumbers"] {
        let aggregation = client.ok(AGGREGATION, &everything(grouping)).await;
        for interval in ["Hour", "Day", "Week", "Month"] {
            if interval == "Hour" && grouping != "Queues" {
                // So many numbers take their time to be checked against the document.
                continue;
            }
            let mut seen = 0;
            for page in 1..=2 {
                let path = format!("{}&page={page}", path(interval));
                let answer = client.ok(&path, &every_point(grouping)).await;
                for record in records(&answer) {
                    let of_key = |other: &&Value| other["key"] == record["key"];
                    let expected = records(&aggregation).iter().find(of_key).unwrap();
                    let total = summed(record);
                    assert_eq!(
                        total["counters"],
                        whole(&expected["counters"]),
                        "{grouping} {interval}"
                    );
                    assert_eq!(
                        total["timers"],
                        whole(&expected["timers"]),
                        "{grouping} {interval}"
                    );
                    assert_eq!(record["info"], expected["info"]);
                    seen += 1;
                }
            }
            assert_eq!(seen, records(&aggregation).len(), "{grouping} {interval}");
        }
    }
}

#[tokio::test]
async fn hours_sum_to_days() {
    let client = Client::new().await;
    let hours = client.ok(&path("Hour"), &every_point("Queues")).await;
    let days = client.ok(&path("Day"), &every_point("Queues")).await;
    for (hours, days) in records(&hours).iter().zip(records(&days)) {
        for day in points(days) {
            let date = &day["time"].as_str().unwrap()[..10];
            let mut total = json!({});
            let of_day = |hour: &&Value| hour["time"].as_str().unwrap().starts_with(date);
            for hour in points(hours).iter().filter(of_day) {
                add(&mut total, hour);
            }
            assert_eq!(total["counters"], whole(&day["counters"]), "{date}");
        }
    }
}

#[tokio::test]
async fn days_are_as_long_as_the_clocks_make_them() {
    let client = Client::new().await;
    let later = Client::on(crate::client::builder().now("2025-12-01T00:00:00Z".parse().unwrap()));
    let later = later.await;
    let cases = [
        (&client, "2025-03-09T00:00:00-05:00", "2025-03-09T23:59:59.999-04:00", 23),
        (&client, "2025-03-10T00:00:00-04:00", "2025-03-10T23:59:59.999-04:00", 24),
        (&later, "2025-11-02T00:00:00-04:00", "2025-11-02T23:59:59.999-05:00", 25),
    ];
    for (client, from, to, count) in cases {
        let mut body = every_point("Company");
        body["timeSettings"]["timeRange"] = json!({"timeFrom": from, "timeTo": to});
        let hours = client.ok(&path("Hour"), &body).await;
        assert_eq!(points(&records(&hours)[0]).len(), count, "{from}");
        let days = client.ok(&path("Day"), &body).await;
        assert_eq!(times(&records(&days)[0]), [from]);
    }
}

#[tokio::test]
async fn buckets_start_by_the_clocks_of_the_zone() {
    let client = Client::new().await;
    let mut body = every_point("Company");
    body["timeSettings"]["timeRange"] =
        json!({"timeFrom": "2025-04-30T12:30:00Z", "timeTo": "2025-05-06T00:00:00Z"});
    let starts = async |interval: &str, zone: &str| {
        let mut body = body.clone();
        body["timeSettings"]["timeZone"] = json!(zone);
        let answer = client.ok(&path(interval), &body).await;
        let record = &records(&answer)[0];
        (times(record)[0].to_owned(), times(record).len())
    };
    let cases = [
        ("Hour", "UTC", "2025-04-30T12:00:00+00:00", 133),
        ("Day", "UTC", "2025-04-30T00:00:00+00:00", 7),
        ("Day", "America/New_York", "2025-04-30T00:00:00-04:00", 6),
        ("Day", "Asia/Kolkata", "2025-04-30T00:00:00+05:30", 7),
        ("Week", "UTC", "2025-04-28T00:00:00+00:00", 2),
        ("Month", "UTC", "2025-04-01T00:00:00+00:00", 2),
    ];
    for (interval, zone, first, count) in cases {
        let expected = (first.to_owned(), count);
        assert_eq!(starts(interval, zone).await, expected, "{interval} {zone}");
    }
}

#[tokio::test]
async fn another_zone_shifts_the_calls_and_loses_none() {
    let client = Client::new().await;
    let mut total = None;
    for zone in ["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"] {
        let mut body = every_point("Company");
        body["timeSettings"]["timeZone"] = json!(zone);
        let answer = client.ok(&path("Day"), &body).await;
        let sums = summed(&records(&answer)[0]);
        assert_eq!(*total.get_or_insert(sums.clone()), sums, "{zone}");
    }
}

#[tokio::test]
async fn empty_buckets_are_there_and_zero() {
    let client = Client::new().await;
    let mut body = every_point("Company");
    body["timeSettings"]["timeRange"] =
        json!({"timeFrom": "2025-05-04T00:00:00-04:00", "timeTo": "2025-05-04T23:59:59-04:00"});
    let answer = client.ok(&path("Hour"), &body).await;
    let record = &records(&answer)[0];
    let is_empty = |point: &&Value| number(&point["counters"]["allCalls"]["values"]) == 0;
    assert_eq!(points(record).len(), 24);
    assert!(points(record).iter().filter(is_empty).count() > 0);
}

#[tokio::test]
async fn what_is_false_is_left_out() {
    let client = Client::new().await;
    let mut body = every_point("Company");
    body["responseOptions"] = json!({"counters": {"allCalls": true, "callsByType": false}});
    let answer = client.ok(&path("Month"), &body).await;
    let point = &points(&records(&answer)[0])[0];
    assert!(point.get("timers").is_none());
    assert_eq!(point["counters"].as_object().unwrap().len(), 1);
}
