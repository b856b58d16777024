//! Key figures, on the sandbox's calls and against answers read by hand.

use std::{collections::BTreeMap, time::Duration};

use callperf::{
    Api, Breakdown, CallResponse, CallSegment, Client, Direction, GroupBy, Grouping, Interval,
    MembersOf, Period, Query, Record,
    kpi::{Kpi, KpiRecord, KpiSet, KpiValue},
};
use callperf_sandbox::Sandbox;
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::{
    agreement::{client, records, sandbox},
    support,
};

const ZONE: &str = "America/New_York";
const SHORT: Duration = Duration::from_secs(20);

async fn figures(client: &Client, set: &KpiSet, group_by: GroupBy) -> Vec<KpiRecord> {
    let mut answers = Vec::new();
    for query in set.queries(group_by, Period::last_days(14), ZONE) {
        answers.push(records(client, &query).await);
    }
    set.try_merge(answers).unwrap()
}

fn fitting(api: Api, group_by: &GroupBy) -> KpiSet {
    let fits = |kpi: &Kpi| kpi.fits(group_by) && kpi.apis().contains(&api);
    KpiSet::new(Kpi::KNOWN.iter().copied().filter(fits)).short_abandons(SHORT)
}

fn groupings() -> [GroupBy; 9] {
    [
        GroupBy::company(),
        GroupBy::users(),
        GroupBy::queues(),
        GroupBy::ivrs(),
        GroupBy::sites(),
        GroupBy::departments(),
        GroupBy::user_groups(),
        GroupBy::company_numbers(),
        GroupBy::shared_lines(),
    ]
}

#[tokio::test]
async fn both_apis_give_the_same_figures() {
    let sandbox = sandbox(7).await;
    let (beta, today) = (client(&sandbox, Api::Beta), client(&sandbox, Api::CallsV1));
    let mut compared = 0;
    for group_by in groupings().into_iter().filter(|it| *it != GroupBy::shared_lines()) {
        let set = fitting(Api::Beta, &group_by);
        let one = figures(&beta, &set, group_by.clone()).await;
        let other = figures(&today, &set, group_by.clone()).await;
        assert_eq!(one.len(), other.len(), "{group_by:?}");
        for (one, other) in one.iter().zip(&other) {
            assert_eq!(one.key(), other.key());
            let (one, other): (Vec<_>, Vec<_>) = (one.iter().collect(), other.iter().collect());
            assert_eq!(one, other, "{group_by:?}");
            compared += one.len();
        }
    }
    assert!(compared > 200, "{compared}");
}

/// A sum can be had from more than one query; the crate takes them to be equal.
#[tokio::test]
async fn sums_that_stand_for_each_other_are_equal() {
    let sandbox = sandbox(7).await;
    let client = client(&sandbox, Api::CallsV1);
    for group_by in groupings() {
        let query = |answered: bool| {
            let query = Query::new(group_by.clone(), Period::last_days(30), ZONE)
                .calls(Breakdown::Total)
                .calls(Breakdown::Response)
                .calls(Breakdown::Segment)
                .calls(Breakdown::Action)
                .time_spent(Breakdown::Segment)
                .only(Direction::Inbound);
            if answered { query.only(CallResponse::Answered) } else { query }
        };
        let all =
            Query::new(group_by.clone(), Period::last_days(30), ZONE).calls(Breakdown::Direction);
        let all = by_key(records(&client, &all).await);
        let inbound = by_key(records(&client, &query(false)).await);
        let answered = by_key(records(&client, &query(true)).await);
        assert!(!answered.is_empty(), "{group_by:?}");
        for (key, wide) in &inbound {
            let place = format!("{group_by:?} {key}");
            let offered = all[key].calls().by_direction().get(Direction::Inbound);
            assert_eq!(wide.calls().total().cloned(), offered, "{place}");
        }
        for (key, narrow) in &answered {
            let place = format!("{group_by:?} {key}");
            let wide = &inbound[key];
            let by_response = wide.calls().by_response();
            let total = narrow.calls().total().cloned();
            assert_eq!(total, by_response.get(CallResponse::Answered), "{place}");
            for segment in [CallSegment::LiveTalk, CallSegment::Hold] {
                let seconds = |record: &Record| record.time_spent().by_segment().get(&segment);
                assert_eq!(seconds(narrow), seconds(wide), "{place}: {segment}");
                let calls = |record: &Record| record.calls().by_segment().get(&segment);
                assert_eq!(calls(narrow), calls(wide), "{place}: {segment}");
            }
            let actions = |record: &Record| record.calls().by_action().iter().collect::<Vec<_>>();
            assert_eq!(actions(narrow), actions(wide), "{place}");
        }
    }
}

fn by_key(records: Vec<Record>) -> BTreeMap<String, Record> {
    records.into_iter().map(|record| (record.key().to_owned(), record)).collect()
}

/// What [`Kpi::apis`] and [`Kpi::fits`] say is what the rules say.
#[test]
fn figures_are_refused_where_they_do_not_fit() {
    let each = Grouping::KNOWN.iter().cloned().map(GroupBy::from);
    let members = MembersOf::KNOWN.iter().cloned().map(|word| GroupBy::from(word).keys(["1"]));
    let all: Vec<_> = each.chain(members).collect();
    for api in [Api::Beta, Api::CallsV1] {
        let client = Client::builder()
            .credentials(callperf::Credentials::jwt("", "", ""))
            .api(api)
            .build()
            .unwrap();
        for kpi in Kpi::KNOWN {
            for group_by in &all {
                let lacking = [GroupBy::shared_lines(), GroupBy::ivas()];
                if api == Api::Beta && lacking.contains(group_by) {
                    continue;
                }
                let set = KpiSet::new([*kpi]).short_abandons(SHORT);
                let queries = set.queries(group_by.clone(), Period::last_days(7), ZONE);
                let refused = queries.iter().any(|query| client.aggregate(query).check().is_err());
                let fits = kpi.fits(group_by) && kpi.apis().contains(&api);
                assert_eq!(!refused, fits, "{api} {kpi} {group_by:?}");
            }
        }
    }
}

/// The days of a series go together as the figures of the whole.
#[tokio::test]
async fn figures_come_interval_by_interval() {
    let sandbox = sandbox(7).await;
    let client = client(&sandbox, Api::CallsV1);
    let set = KpiSet::new([Kpi::Offered, Kpi::Answered, Kpi::AverageSpeedOfAnswer]);
    let mut answers = Vec::new();
    for query in set.queries(GroupBy::queues(), Period::last_days(14), ZONE) {
        let mut pull = client.timeline(&query, Interval::Day).records();
        let mut answer = Vec::new();
        while let Some(series) = pull.try_next().await.unwrap() {
            answer.push(series);
        }
        answers.push(answer);
    }
    let whole = figures(&client, &set, GroupBy::queues()).await;
    let series = set.try_merge_series(answers).unwrap();
    assert_eq!(series.len(), whole.len());
    for (series, whole) in series.iter().zip(&whole) {
        assert_eq!((series.key(), series.label()), (whole.key(), whole.label()));
        assert_eq!(series.points().len(), 14);
        for kpi in [Kpi::Offered, Kpi::Answered] {
            let number = |value: KpiValue| value.as_f64();
            let days = series.points().iter().map(|point| point.get(kpi).map(number));
            assert_eq!(days.sum::<Option<f64>>(), whole.get(kpi).map(number));
        }
        // Seconds of ringing, put together again from the days' averages.
        let seconds = |speed: Option<f64>, answered: f64| speed.unwrap_or(0.0) * answered;
        let of_day = series.points().iter().map(|point| {
            let speed = point.get(Kpi::AverageSpeedOfAnswer).map(|value| value.as_f64());
            seconds(speed, point.get(Kpi::Answered).unwrap().as_f64())
        });
        let of_whole = whole.get(Kpi::AverageSpeedOfAnswer).map(|value| value.as_f64());
        let of_whole = seconds(of_whole, whole.get(Kpi::Answered).unwrap().as_f64());
        assert!((of_day.sum::<f64>() - of_whole).abs() < 1e-6, "{}", series.key());
    }
}

/// Speaks today's API without the crate.
struct ByHand {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl ByHand {
    async fn new(sandbox: &Sandbox) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
        let answer = http
            .post(format!("{}/restapi/oauth/token", sandbox.url()))
            .basic_auth(sandbox.client_id(), Some(sandbox.client_secret()))
            .form(&[("grant_type", grant), ("assertion", sandbox.jwt())])
            .send()
            .await
            .unwrap();
        let token: Json = answer.json().await.unwrap();
        let token = token["access_token"].as_str().unwrap().to_owned();
        Self { http, url: sandbox.url().to_owned(), token }
    }

    /// The records of the fourteen days before the sandbox's today, by key.
    async fn records(&self, group_by: &str, filters: Json) -> BTreeMap<String, Json> {
        self.aggregated(group_by, filters, "Sum").await
    }

    async fn aggregated(
        &self,
        group_by: &str,
        filters: Json,
        of_segments: &str,
    ) -> BTreeMap<String, Json> {
        let sum = json!({"aggregationType": "Sum"});
        let timers = json!({
            "allCallsDuration": sum,
            "callsSegmentsDuration": {"aggregationType": of_segments},
        });
        let mut counters = json!({});
        let mut names = vec!["allCalls", "callsByDirection", "callsByResponse", "callsByResult"];
        names.extend(["callsSegments", "callsByActions", "callsByType"]);
        names.extend((group_by == "Queues").then_some("callsByQueueSla"));
        names.extend((group_by == "Users").then_some("queueOpportunities"));
        for name in names {
            counters[name] = sum.clone();
        }
        let range = json!({
            "timeFrom": "2026-11-09T00:00:00-05:00", "timeTo": "2026-11-22T23:59:59.999-05:00",
        });
        let body = json!({
            "grouping": {"groupBy": group_by},
            "timeSettings": {"timeZone": ZONE, "timeRange": range},
            "callFilters": filters,
            "responseOptions": {"counters": counters, "timers": timers},
        });
        let path = "/analytics/calls/v1/accounts/~/aggregation/fetch?perPage=200";
        let request = self.http.post(format!("{}{path}", self.url)).bearer_auth(&self.token);
        let answer = request.json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let answer: Json = answer.json().await.unwrap();
        assert_eq!(answer["paging"]["totalPages"], 1);
        let records = answer["data"]["records"].as_array().unwrap();
        let key = |record: &Json| record["key"].as_str().unwrap().to_owned();
        records.iter().map(|record| (key(record), record.clone())).collect()
    }
}

/// The figures are those computed by hand from the server's responses.
#[tokio::test]
async fn figures_are_what_the_raw_answers_give() {
    let sandbox = sandbox(7).await;
    let client = client(&sandbox, Api::CallsV1);
    let by_hand = ByHand::new(&sandbox).await;
    let mut compared = BTreeMap::<Kpi, usize>::new();
    for (group_by, name) in [
        (GroupBy::queues(), "Queues"),
        (GroupBy::users(), "Users"),
        (GroupBy::company(), "Company"),
        (GroupBy::sites(), "Sites"),
    ] {
        let inbound = by_hand.records(name, json!({"directions": ["Inbound"]})).await;
        let answered = json!({"directions": ["Inbound"], "callResponses": ["Answered"]});
        let answered = by_hand.records(name, answered).await;
        let abandoned = json!({
            "directions": ["Inbound"], "callResponses": ["NotAnswered"],
            "callResults": ["Abandoned"],
        });
        let mut shortly = abandoned.clone();
        shortly["timeSpent"] = json!({"maxSeconds": 20});
        let shortly = by_hand.records(name, shortly).await;
        let abandoned = by_hand.records(name, abandoned).await;
        let longest = json!({"directions": ["Inbound"]});
        let longest = by_hand.aggregated(name, longest, "Max").await;
        let all = by_hand.records(name, json!({})).await;
        let hours = SignedDuration::from_hours(70);
        let set = fitting(Api::CallsV1, &group_by);
        let set = all.keys().fold(set, |set, key| set.staffed(key, hours)).missing_is_zero();
        let mut seen = 0;
        for record in figures(&client, &set, group_by).await {
            let key = record.key();
            let of = |records: &BTreeMap<String, Json>, path: &str| {
                let number = records.get(key).and_then(|record| record.pointer(path)?.as_f64());
                number.unwrap_or(0.0)
            };
            let share = |part: f64, whole: f64| (whole > 0.0).then_some(part / whole);
            let count = |name: &str| of(&inbound, &format!("/counters/{name}"));
            let offered = count("allCalls/values");
            let picked_up = count("callsByResponse/values/answered");
            let (inside, outside) =
                (count("callsByQueueSla/values/inSla"), count("callsByQueueSla/values/outOfSla"));
            let gave_up = of(&abandoned, "/counters/allCalls/values");
            let short = of(&shortly, "/counters/allCalls/values");
            let timer =
                |records, name: &str| of(records, &format!("/timers/callsSegments/values/{name}"));
            let transfers: f64 = ["blindTransfer", "warmTransfer", "dtmfTransfer"]
                .map(|name| count(&format!("callsActions/values/{name}")))
                .iter()
                .sum();
            let talk = |records| timer(records, "liveTalk") + timer(records, "hold");
            for kpi in set.kpis() {
                let expected = match kpi {
                    Kpi::Offered => Some(offered),
                    Kpi::Answered => Some(picked_up),
                    Kpi::AnswerRate => share(picked_up, offered),
                    Kpi::AbandonmentRate => share(count("callsByResult/values/abandoned"), offered),
                    Kpi::AbandonmentRateBeforeAnswer => share(gave_up, offered),
                    Kpi::AbandonmentRateWithoutShort => share(gave_up - short, offered - short),
                    Kpi::AverageTimeToAbandon => {
                        share(of(&abandoned, "/timers/allCalls/values"), gave_up)
                    }
                    Kpi::LongestWait => (offered > 0.0).then(|| timer(&longest, "ringing")),
                    Kpi::AverageTalkTime => share(timer(&inbound, "liveTalk"), picked_up),
                    Kpi::AverageHoldTime => {
                        share(timer(&inbound, "hold"), count("callsSegments/values/hold"))
                    }
                    Kpi::VoicemailRate => share(count("callsByResult/values/voicemail"), offered),
                    Kpi::MissedRate => share(count("callsByResult/values/missed"), offered),
                    Kpi::ServiceLevelOfAnswered => share(inside, inside + outside),
                    Kpi::ServiceLevelOfOffered => share(inside, offered),
                    Kpi::ServiceLevelAbandonedMissed => share(inside, inside + outside + gave_up),
                    Kpi::ServiceLevelAbandonedMet => {
                        share(inside + gave_up, inside + outside + gave_up)
                    }
                    Kpi::AverageSpeedOfAnswer => share(
                        timer(&answered, "ringing"),
                        of(&answered, "/counters/allCalls/values"),
                    ),
                    Kpi::AverageHandleTime => share(talk(&inbound), picked_up),
                    Kpi::HoldRate => share(count("callsSegments/values/hold"), picked_up),
                    Kpi::TransferRate => share(transfers, picked_up),
                    Kpi::OpportunityConversion => share(
                        of(&all, "/counters/callsByType/values/fromQueue"),
                        of(&all, "/counters/queueOpportunities/values"),
                    ),
                    Kpi::Occupancy => share(talk(&all), hours.as_secs_f64()),
                    other => panic!("{other} has no hand-made formula here"),
                };
                let figure = record.get(*kpi).map(|value| value.as_f64());
                assert_eq!(figure, expected, "{kpi} of {name} {key}");
                *compared.entry(*kpi).or_default() += usize::from(figure.is_some());
            }
            seen += 1;
        }
        assert_eq!(seen, all.len(), "{name}");
    }
    for kpi in Kpi::KNOWN {
        assert!(compared.get(kpi).is_some_and(|times| *times >= 4), "{kpi}: {compared:?}");
    }
}

/// What `preview` shows is what is sent.
#[tokio::test]
async fn a_preview_is_what_is_sent() {
    for api in [Api::Beta, Api::CallsV1] {
        let answer = wiremock::ResponseTemplate::new(200).set_body_json(support::empty_answer(api));
        let server = support::server(answer).await;
        for account in ["~", "400123"] {
            let client = support::builder(&server, api).account(account).build().unwrap();
            let kpis = fitting(api, &GroupBy::queues());
            let queries = kpis.queries(GroupBy::queues(), Period::last_days(7), ZONE);
            for query in queries {
                let call = client.aggregate(&query).parameter("mood", "good & bad");
                check(&server, call.preview(2).unwrap(), call.page(2).await.map(drop)).await;
                let call = client.timeline(&query, Interval::Week);
                // A maximum has no timeline.
                if api == Api::CallsV1 && call.check().is_ok() {
                    let call = call.per_page(7);
                    check(&server, call.preview(1).unwrap(), call.page(1).await.map(drop)).await;
                }
            }
        }
    }
}

async fn check(
    server: &wiremock::MockServer,
    preview: callperf::Preview,
    sent: Result<(), callperf::Error>,
) {
    sent.unwrap();
    let requests = support::requests(server).await;
    let request = requests.last().unwrap();
    assert_eq!(preview.method, request.method.as_str());
    assert_eq!(preview.server, server.uri());
    assert_eq!(preview.path, request.url.path());
    let mut query: Vec<_> = request.url.query_pairs().into_owned().collect();
    let mut shown = preview.query.clone();
    query.sort();
    shown.sort();
    assert_eq!(shown, query);
    assert_eq!(preview.body, serde_json::from_slice::<Json>(&request.body).unwrap());
}
