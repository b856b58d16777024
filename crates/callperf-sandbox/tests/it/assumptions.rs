//! What no document says: each option does what it says it does.

use callperf_sandbox::{
    Assumptions, ForeignAccount, FutureTimeTo, HoursEnd, Milliseconds, OvernightHours,
    PageAfterLast, PointTimes, RecordOrder, ResultShares, TimelineRange, UnknownFields,
};
use serde_json::{Value, json};

use crate::aggregations::{aggregated, numbers};
use crate::client::{
    AGGREGATION, BETA, Client, TIMELINE, beta_everything, builder, every_point, everything, number,
    records,
};

async fn client(assumptions: Assumptions) -> Client {
    Client::on(builder().assumptions(assumptions)).await
}

/// How many calls the company had in May by these hours of the day.
async fn calls(client: &Client, hours: &[(&str, &str)]) -> u64 {
    let windows: Vec<_> = hours.iter().map(|(from, to)| json!({"from": from, "to": to})).collect();
    let mut body = everything("Company");
    body["timeSettings"]["advancedTimeSettings"] = json!({"includeHours": windows});
    let answer = client.ok(AGGREGATION, &body).await;
    number(&records(&answer)[0]["counters"]["allCalls"]["values"])
}

async fn refused(client: &Client, path: &str, body: &Value) -> Option<(String, String)> {
    let (status, answer) = client.fetch(path, body).await;
    let text = |name: &str| answer["errors"][0][name].as_str().unwrap_or_default().to_owned();
    (status == 400).then(|| (text("errorCode"), text("parameterName")))
}

#[tokio::test]
async fn hours_pass_midnight_or_not() {
    let night = [("22:00", "05:59")];
    let parts = [("22:00", "23:59"), ("00:00", "05:59")];
    let wrapped = Client::new().await;
    let expected = calls(&wrapped, &parts).await;
    assert!(expected > 0);
    assert_eq!(calls(&wrapped, &night).await, expected);
    let empty = client(Assumptions::default().overnight_hours(OvernightHours::Empty)).await;
    assert_eq!(calls(&empty, &night).await, 0);
    let day = [("08:00", "09:29")];
    let both = [night[0], day[0]];
    assert_eq!(calls(&empty, &both).await, calls(&empty, &day).await);
    let strict = client(Assumptions::default().overnight_hours(OvernightHours::Refused)).await;
    let mut body = everything("Company");
    body["timeSettings"]["advancedTimeSettings"] = json!({"includeHours": [{"from": "08:00", "to": "08:00"}, {"from": "22:00", "to": "05:59"}]});
    let expected = ("CMN-101", "timeSettings.advancedTimeSettings.includeHours[1].to");
    let (code, name) = refused(&strict, AGGREGATION, &body).await.unwrap();
    assert_eq!((code.as_str(), name.as_str()), expected);
}

#[tokio::test]
async fn hours_end_with_their_last_minute_or_before_it() {
    let included = Client::new().await;
    let excluded = client(Assumptions::default().hours_end(HoursEnd::Excluded)).await;
    let all = calls(&included, &[("00:00", "23:59")]).await;
    assert_eq!(calls(&excluded, &[("00:00", "24:00")]).await, all);
    assert_eq!(
        calls(&excluded, &[("09:00", "12:30")]).await,
        calls(&included, &[("09:00", "12:29")]).await
    );
    assert_eq!(calls(&excluded, &[("09:00", "09:00")]).await, 0);
    assert_eq!(
        calls(&excluded, &[("22:00", "00:00")]).await,
        calls(&included, &[("22:00", "23:59")]).await
    );
    let mut body = everything("Company");
    body["timeSettings"]["advancedTimeSettings"] =
        json!({"includeHours": [{"from": "24:00", "to": "24:01"}]});
    for client in [&included, &excluded] {
        let (_, answer) = client.fetch(AGGREGATION, &body).await;
        assert_eq!(answer["errors"].as_array().unwrap().len(), 2, "{answer}");
    }
}

#[tokio::test]
async fn pages_have_the_size_that_is_assumed() {
    let assumptions =
        Assumptions::default().beta_per_page(5).aggregation_per_page(7).timeline_per_page(400);
    let client = client(assumptions).await;
    let beta = client.ok(BETA, &beta_everything("Users")).await;
    assert_eq!(beta["data"].as_object().unwrap().len(), 5);
    assert_eq!(
        beta["paging"],
        json!({"page": 1, "perPage": 5, "totalPages": 5, "totalElements": 24})
    );
    let aggregation = client.ok(AGGREGATION, &everything("Users")).await;
    assert_eq!(records(&aggregation).len(), 7);
    let path = format!("{TIMELINE}?interval=Month");
    let timeline = client.ok(&path, &every_point("Users")).await;
    assert_eq!(records(&timeline).len(), 20, "more isn't allowed");
}

#[tokio::test]
async fn a_page_after_the_last_is_empty_or_refused() {
    let lenient = Client::new().await;
    let strict = client(Assumptions::default().page_after_last(PageAfterLast::Refused)).await;
    let cases = [
        (format!("{AGGREGATION}?page=2"), everything("Users")),
        (format!("{TIMELINE}?interval=Month&page=3"), every_point("Users")),
        (format!("{BETA}?page=7&perPage=4"), beta_everything("Users")),
    ];
    for (path, body) in &cases {
        let answer = lenient.ok(path, body).await;
        let data = &answer["data"];
        let count =
            data["records"].as_array().map_or_else(|| data.as_object().unwrap().len(), Vec::len);
        assert_eq!(count, 0, "{path}");
        let (code, name) = refused(&strict, path, body).await.unwrap();
        assert_eq!((code.as_str(), name.as_str()), ("CMN-101", "page"), "{path}");
    }
    // The first page is there even if nothing is on it.
    let mut body = everything("Users");
    body["callFilters"] = json!({"timeSpent": {"minSeconds": 1_000_000}});
    assert!(records(&strict.ok(AGGREGATION, &body).await).is_empty());
}

#[tokio::test]
async fn records_come_by_key_or_by_name() {
    let names = async |order| {
        let client = client(Assumptions::default().record_order(order)).await;
        let mut names = Vec::new();
        for page in 1..=3 {
            let path = format!("{AGGREGATION}?perPage=3&page={page}");
            let answer = client.ok(&path, &everything("SharedLines")).await;
            names.extend(records(&answer).iter().map(|record| {
                (record["info"]["name"].as_str().unwrap().to_owned(), record["key"].clone())
            }));
            let answer = client.ok(&path, &everything("Departments")).await;
            names.extend(records(&answer).iter().map(|record| {
                (record["info"]["name"].as_str().unwrap().to_owned(), record["key"].clone())
            }));
        }
        names
    };
    let (by_key, by_name) = (names(RecordOrder::Key).await, names(RecordOrder::Name).await);
    let departments = |names: &[(String, Value)]| {
        names
            .iter()
            .map(|(name, _)| name.clone())
            .filter(|name| !name.contains(' ') || name == "Customer Care")
            .collect::<Vec<_>>()
    };
    assert_eq!(departments(&by_key), ["Sales", "Customer Care", "Operations"]);
    assert_eq!(departments(&by_name), ["Customer Care", "Operations", "Sales"]);
    assert_eq!(by_key.len(), by_name.len());
}

#[tokio::test]
async fn points_are_in_local_time_or_in_utc() {
    let client = client(Assumptions::default().point_times(PointTimes::Utc)).await;
    let local = Client::new().await;
    let path = format!("{TIMELINE}?interval=Week");
    let times = async |client: &Client| {
        let answer = client.ok(&path, &every_point("Company")).await;
        let points = answer["data"]["records"][0]["points"].as_array().unwrap().clone();
        points.iter().map(|point| point["time"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (utc, local) = (times(&client).await, times(&local).await);
    assert_eq!(utc[0], "2025-04-28T04:00:00Z");
    assert_eq!(local[0], "2025-04-28T00:00:00-04:00");
    let instants = |times: &[String]| -> Vec<jiff::Timestamp> {
        times.iter().map(|time| time.parse().unwrap()).collect()
    };
    assert_eq!(instants(&utc), instants(&local));
}

#[tokio::test]
async fn a_future_end_has_the_code_that_is_assumed() {
    for (code, expected) in [(FutureTimeTo::Anl302, "ANL-302"), (FutureTimeTo::Cmn101, "CMN-101")] {
        let client = client(Assumptions::default().future_time_to(code)).await;
        let mut body = everything("Users");
        body["timeSettings"]["timeRange"]["timeTo"] = json!("2025-06-02T00:00:01Z");
        assert_eq!(refused(&client, AGGREGATION, &body).await.unwrap().0, expected);
        let mut body = beta_everything("Users");
        body["timeRange"]["timeTo"] = json!("2025-06-02T00:00:01Z");
        assert_eq!(refused(&client, BETA, &body).await.unwrap().0, expected);
    }
}

#[tokio::test]
async fn a_timeline_is_as_short_as_it_likes_or_longer_than_any_interval_of_its_kind() {
    let lenient = Client::new().await;
    let strict =
        client(Assumptions::default().timeline_range(TimelineRange::LongerThanInterval)).await;
    let of = |to: &str| {
        let mut body = every_point("Company");
        body["timeSettings"]["timeRange"] =
            json!({"timeFrom": "2025-05-01T00:00:00Z", "timeTo": to});
        body
    };
    let cases = [
        ("Hour", "2025-05-01T01:00:00Z", "2025-05-01T01:00:00.001Z"),
        ("Day", "2025-05-02T01:00:00Z", "2025-05-02T01:00:00.001Z"),
        ("Week", "2025-05-08T01:00:00Z", "2025-05-08T01:00:00.001Z"),
        ("Month", "2025-06-01T01:00:00Z", "2025-06-01T01:00:00.001Z"),
    ];
    let expected = Some(("ANL-305".to_owned(), "timeSettings.timeRange".to_owned()));
    for (interval, too_short, long_enough) in cases {
        let path = format!("{TIMELINE}?interval={interval}");
        assert_eq!(refused(&strict, &path, &of(too_short)).await, expected, "{interval}");
        assert_eq!(refused(&strict, &path, &of(long_enough)).await, None, "{interval}");
        assert_eq!(refused(&lenient, &path, &of(too_short)).await, None, "{interval}");
    }
    // One that runs backwards is refused for that alone, and what isn't a timeline has no interval.
    let expected = Some(("CMN-101".to_owned(), "timeSettings.timeRange.timeTo".to_owned()));
    let path = format!("{TIMELINE}?interval=Hour");
    assert_eq!(refused(&strict, &path, &of("2025-04-30T00:00:00Z")).await, expected);
    let mut aggregation = everything("Company");
    aggregation["timeSettings"]["timeRange"] =
        json!({"timeFrom": "2025-05-01T00:00:00Z", "timeTo": "2025-05-01T00:00:01Z"});
    assert_eq!(refused(&strict, AGGREGATION, &aggregation).await, None);
}

#[tokio::test]
async fn unknown_fields_are_refused_each_by_its_path() {
    let client = client(Assumptions::default().unknown_fields(UnknownFields::Refused)).await;
    let mut body = everything("Users");
    body["surprise"] = json!(1);
    body["nothing"] = json!(null);
    body["callFilters"] =
        json!({"callSegments": [{"segment": "Hold", "lenght": {"minSeconds": 1}}]});
    body["responseOptions"]["counters"]["callsByTypes"] = json!({"aggregationType": "Sum"});
    let (status, answer) = client.fetch(AGGREGATION, &body).await;
    assert_eq!(status, 400);
    let errors: Vec<_> = answer["errors"].as_array().unwrap().iter().collect();
    let mut problems: Vec<_> = errors
        .iter()
        .map(|error| {
            (error["errorCode"].as_str().unwrap(), error["parameterName"].as_str().unwrap())
        })
        .collect();
    problems.sort_unstable();
    assert_eq!(
        problems,
        [
            ("ANL-202", "callFilters.callSegments[0].lenght"),
            ("ANL-202", "responseOptions.counters.callsByTypes"),
            ("ANL-202", "surprise"),
        ]
    );
    let segment =
        errors.iter().find(|error| error["parameterName"].as_str().unwrap().ends_with("lenght"));
    assert_eq!(
        segment.unwrap()["message"],
        "Parameter [callFilters.callSegments[0].lenght] value is invalid: it is not a field; did you mean `length`?"
    );
}

#[tokio::test]
async fn a_timeline_page_above_the_limit_has_the_code_that_is_assumed() {
    let path = format!("{TIMELINE}?interval=Month&perPage=");
    let body = every_point("Users");
    for (value, expected) in [("20", "CMN-101"), ("refused", "ANL-503")] {
        let assumptions = Assumptions::default().set("timeline-per-page", value).unwrap();
        let client = client(assumptions).await;
        let (code, name) = refused(&client, &format!("{path}21"), &body).await.unwrap();
        assert_eq!((code.as_str(), name.as_str()), (expected, "perPage"));
        // What isn't above it is no matter of the limit.
        assert_eq!(refused(&client, &format!("{path}0"), &body).await.unwrap().0, "CMN-101");
        assert_eq!(refused(&client, &format!("{path}20"), &body).await, None);
        let aggregation = format!("{AGGREGATION}?perPage=201");
        let (code, _) = refused(&client, &aggregation, &everything("Users")).await.unwrap();
        assert_eq!(code, "CMN-101");
    }
}

#[tokio::test]
async fn a_report_of_an_account_by_its_id_is_answered_or_refused() {
    let lenient = Client::new().await;
    let strict = client(Assumptions::default().foreign_account(ForeignAccount::Refused)).await;
    let own = lenient.sandbox.directory().account_id().to_owned();
    for (path, body) in [(AGGREGATION, everything("Users")), (BETA, beta_everything("Users"))] {
        assert_eq!(strict.fetch(path, &body).await.0, 200);
        assert_eq!(lenient.fetch(&path.replace('~', &own), &body).await.0, 200);
        let (status, answer) = lenient.fetch(&path.replace('~', "1"), &body).await;
        assert_eq!((status, &answer["errorCode"]), (400, &json!("CMN-102")));
        for account in ["1", own.as_str()] {
            let (status, answer) = strict.fetch(&path.replace('~', account), &body).await;
            assert_eq!((status, &answer["errorCode"]), (403, &json!("ANL-102")), "{path}");
            assert_eq!(answer["errors"][0]["parameterValue"], account);
        }
    }
}

#[tokio::test]
async fn the_last_setting_of_a_kind_holds() {
    let assumptions = Assumptions::default().set("aggregation-per-page", "3").unwrap();
    let client = client(assumptions.aggregation_per_page(4)).await;
    assert_eq!(client.ok(AGGREGATION, &everything("Users")).await["paging"]["perPage"], 4);
}

#[tokio::test]
async fn transferred_and_forwarded_calls_are_a_share_of_answered_ones_if_assumed() {
    let sums = Client::new().await.ok(AGGREGATION, &everything("Users")).await;
    let body = aggregated(everything("Users"), "Percent", None);
    let answered = client(Assumptions::default().result_shares(ResultShares::Answered)).await;
    let shares = answered.ok(AGGREGATION, &body).await;
    let mut compared = 0;
    for (sums, shares) in records(&sums).iter().zip(records(&shares)) {
        let (sums, shares) = (numbers(sums), numbers(shares));
        for (word, response) in
            [("transferred", "answered"), ("forwarded", "answered"), ("pickedUp", "notAnswered")]
        {
            let path = format!("counters/callsByResult/{word}");
            let by = sums[&format!("counters/callsByResponse/{response}")];
            let wanted = if by == 0.0 { 0.0 } else { 100.0 * sums[&path] / by };
            assert_eq!(shares[&path].to_bits(), wanted.to_bits(), "{word}");
            compared += u32::from(wanted > 0.0);
        }
    }
    assert!(compared > 20, "{compared}");
}

#[tokio::test]
async fn calls_are_counted_late() {
    let at_once = Client::new().await;
    let late = client(Assumptions::default().latency(86_400)).await;
    let mut body = everything("Company");
    body["timeSettings"]["timeRange"] =
        json!({"timeFrom": "2025-05-28T00:00:00Z", "timeTo": "2025-06-02T00:00:00Z"});
    let all = at_once.ok(AGGREGATION, &body).await;
    let known = late.ok(AGGREGATION, &body).await;
    assert_ne!(known, all);
    // The second that is a day ago is the last.
    body["timeSettings"]["timeRange"]["timeTo"] = json!("2025-06-01T00:00:00Z");
    assert_eq!(known, at_once.ok(AGGREGATION, &body).await);
    assert_eq!(known, late.ok(AGGREGATION, &body).await);
}

#[tokio::test]
async fn the_milliseconds_of_a_period_count_or_do_not() {
    let kept = Client::new().await;
    let dropped = client(Assumptions::default().milliseconds(Milliseconds::Dropped)).await;
    let at = |second: i64, millisecond: i64| {
        jiff::Timestamp::from_millisecond(second * 1000 + millisecond).unwrap().to_string()
    };
    let count = async |client: &Client, from: String, to: String| {
        let mut body = everything("Company");
        body["timeSettings"]["timeRange"] = json!({"timeFrom": from, "timeTo": to});
        let answer = client.ok(AGGREGATION, &body).await;
        number(&records(&answer)[0]["counters"]["allCalls"]["values"])
    };
    // A second that has a call, out of a busy hour.
    let mut first = "2025-05-06T14:00:00Z".parse::<jiff::Timestamp>().unwrap().as_second();
    let mut seconds = 3600;
    while seconds > 1 {
        let left = seconds / 2;
        if count(&kept, at(first, 0), at(first + left - 1, 999)).await > 0 {
            seconds = left;
        } else {
            (first, seconds) = (first + left, seconds - left);
        }
    }
    let calls = count(&kept, at(first, 0), at(first, 999)).await;
    assert!(calls > 0);
    assert_eq!(count(&kept, at(first, 1), at(first, 999)).await, 0);
    assert_eq!(count(&dropped, at(first, 0), at(first, 999)).await, calls);
    assert_eq!(count(&dropped, at(first, 1), at(first, 999)).await, calls);
}
