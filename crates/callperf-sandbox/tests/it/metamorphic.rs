//! What holds between the answers to any two requests: parts and the whole, a filter and the
//! rest, narrow and wide intervals, members and users, one time zone and another, and the aggregations of one thing.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::aggregations::{DENOMINATORS, aggregated, numbers};
use crate::client::{AGGREGATION, Client, RESULTS, TIMELINE, TYPES, number, records};
use crate::document;
use crate::draw::{self, Dice};

/// A sandbox that is asked many times.
struct Asked {
    runtime: tokio::runtime::Runtime,
    client: Client,
}

/// Numbers that aren't zero, by key and path: a record of zeros and none are the same.
type Sums = BTreeMap<(String, String), u64>;

impl Asked {
    fn new() -> Asked {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(Client::new());
        Asked { runtime, client }
    }

    fn answer(&self, path: &str, body: &Value) -> Value {
        self.runtime.block_on(self.client.ok(path, body))
    }

    fn sums(&self, body: &Value) -> Sums {
        sums(&self.answer(&format!("{AGGREGATION}?perPage=200"), body))
    }

    /// An aggregation of sums at random.
    fn draw(&self, dice: &mut Dice) -> Value {
        let document = document::written_for("calls-v1");
        let drawn = draw::lawful(dice, document, self.client.sandbox.directory(), AGGREGATION);
        let mut body = aggregated(drawn.body, "Sum", None);
        body["responseOptions"]["counters"]["allCalls"] = json!({"aggregationType": "Sum"});
        body
    }
}

fn sums(answer: &Value) -> Sums {
    let mut sums = Sums::new();
    for record in records(answer) {
        let key = record["key"].as_str().unwrap();
        for (path, value) in numbers(record) {
            if value != 0.0 {
                sums.insert((key.to_owned(), path), number(&json!(value)));
            }
        }
    }
    sums
}

fn together(parts: impl IntoIterator<Item = Sums>) -> Sums {
    let mut total = Sums::new();
    for (place, sum) in parts.into_iter().flatten() {
        *total.entry(place).or_default() += sum;
    }
    total
}

/// A change of a body: where, and to what.
type Change = (&'static str, Value);

fn changed(body: &Value, (pointer, value): &Change) -> Value {
    let mut body = body.clone();
    let mut place = &mut body;
    for name in pointer.split('/').skip(1) {
        place = &mut place[name];
    }
    place.clone_from(value);
    body
}

/// Parts that no call is in two of and every call in one.
fn partition(dice: &mut Dice, body: &Value) -> Vec<Change> {
    let words = |pointer, words: &[&str]| -> Vec<Change> {
        words.iter().map(|word| (pointer, json!([word]))).collect()
    };
    let length = |pointer, limit: u64| -> Vec<Change> {
        vec![(pointer, json!({"maxSeconds": limit})), (pointer, json!({"minSeconds": limit + 1}))]
    };
    let hours = |windows: [Value; 2]| -> Vec<Change> {
        let pointer = "/timeSettings/advancedTimeSettings/includeHours";
        windows.into_iter().map(|window| (pointer, window)).collect()
    };
    let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    let (mut some, mut rest): (Vec<&str>, Vec<&str>) =
        days.into_iter().partition(|_| dice.percent(50));
    // A list without days would be as if it was left out.
    if some.is_empty() {
        some.extend(rest.pop());
    } else if rest.is_empty() {
        rest.extend(some.pop());
    }
    let limit = dice.below(240);
    match dice.below(9) {
        8 => words("/callFilters/endingParties", &["Caller", "Callee", "System"]),
        0 => words("/callFilters/origins", &["Internal", "External"]),
        1 => words("/callFilters/companyHours", &["BusinessHours", "AfterHours"]),
        2 => words(
            "/callFilters/callResponses",
            &["Answered", "NotAnswered", "Connected", "NotConnected"],
        ),
        3 => length("/callFilters/callDuration", limit),
        4 => length("/callFilters/timeSpent", limit),
        5 => [some, rest]
            .into_iter()
            .map(|days| ("/timeSettings/advancedTimeSettings/includeDays", json!(days)))
            .collect(),
        6 => hours([
            json!([{"from": "21:30", "to": "08:59"}]),
            json!([{"from": "09:00", "to": "12:14"}, {"from": "12:15", "to": "21:29"}]),
        ]),
        _ => {
            let range = &body["timeSettings"]["timeRange"];
            let at =
                |name: &str| -> jiff::Timestamp { range[name].as_str().unwrap().parse().unwrap() };
            let (from, to) = (at("timeFrom"), at("timeTo"));
            let third = to.duration_since(from).as_secs() / 3;
            let middle = from + jiff::SignedDuration::from_secs(third);
            let next = middle + jiff::SignedDuration::from_millis(1);
            let part = |from: jiff::Timestamp, to: jiff::Timestamp| {
                let range = json!({"timeFrom": from.to_string(), "timeTo": to.to_string()});
                ("/timeSettings/timeRange", range)
            };
            vec![part(from, middle), part(next, to)]
        }
    }
}

#[test]
fn parts_sum_to_the_total() {
    let asked = Asked::new();
    let compared = std::cell::Cell::new(0);
    draw::runner(150)
        .run(&any::<u64>(), |seed| {
            let mut dice = Dice::new(seed);
            let mut body = asked.draw(&mut dice);
            let parts = partition(&mut dice, &body);
            // What is split must be whole before.
            let pointer = parts[0].0;
            if pointer != "/timeSettings/timeRange" {
                body = changed(&body, &(pointer, json!(null)));
            }
            let total = asked.sums(&body);
            let parts: Vec<_> =
                parts.iter().map(|part| asked.sums(&changed(&body, part))).collect();
            let is_split = parts.iter().filter(|part| !part.is_empty()).count() > 1;
            compared.set(compared.get() + u32::from(is_split));
            prop_assert_eq!(together(parts), total, "{} {}", pointer, body);
            Ok(())
        })
        .unwrap();
    assert!(compared.get() >= 20, "calls were in several parts: {}", compared.get());
}

/// Filters of which a call has one word at most; the breakdowns of the same words.
const WORDS: &[(&str, &str, &[&str])] = &[
    ("/callFilters/directions", "callsByDirection", &["Inbound", "Outbound"]),
    ("/callFilters/callResults", "callsByResult", RESULTS),
    ("/callFilters/endingParties", "callsByEndingParty", &["Caller", "Callee", "System"]),
    ("/callFilters/callTypes", "callsByType", TYPES),
    (
        "/callFilters/callResponses",
        "callsByResponse",
        &["Answered", "NotAnswered", "Connected", "NotConnected"],
    ),
];

#[test]
fn a_filter_and_its_complement_are_all_that_has_a_word() {
    let asked = Asked::new();
    let compared = std::cell::Cell::new(0);
    draw::runner(100)
        .run(&any::<u64>(), |seed| {
            let mut dice = Dice::new(seed);
            let (pointer, breakdown, words) = *dice.one(WORDS);
            let mut body = changed(&asked.draw(&mut dice), &(pointer, json!(null)));
            let sum = json!({"aggregationType": "Sum"});
            body["responseOptions"]["counters"][breakdown] = sum.clone();
            let duration = breakdown.replace("calls", "callsDuration");
            body["responseOptions"]["timers"][&duration] = sum.clone();
            body["responseOptions"]["timers"]["allCallsDuration"] = sum;
            let word = *dice.one(words);
            let rest: Vec<_> = words.iter().filter(|other| **other != word).collect();
            let ask = |words: Value| asked.sums(&changed(&body, &(pointer, words)));
            let (one, rest, all) = (ask(json!([word])), ask(json!(rest)), ask(json!(words)));
            compared.set(compared.get() + u32::from(!one.is_empty() && !rest.is_empty()));
            prop_assert_eq!(&together([one.clone(), rest]), &all, "{} {}", word, body);
            // The calls that the filter lets pass are those under the word without it.
            let under = format!("{breakdown}/{}{}", word[..1].to_lowercase(), &word[1..]);
            let pick = |sums: &Sums, list: &str, path: &str| -> BTreeMap<String, u64> {
                let path = format!("{list}/{path}");
                let of_path = sums.iter().filter(|((_, other), _)| *other == path);
                of_path.map(|((key, _), sum)| (key.clone(), *sum)).collect()
            };
            let whole = asked.sums(&body);
            for list in ["counters", "timers"] {
                let (all, under) = (pick(&one, list, "allCalls/"), pick(&whole, list, &under));
                prop_assert_eq!(all, under, "{} {} {}", list, word, body);
            }
            Ok(())
        })
        .unwrap();
    assert!(compared.get() >= 20, "{}", compared.get());
}

/// Adds up the points of a timeline by the beginning of their local time.
fn by_time(answer: &Value, letters: usize) -> BTreeMap<String, Sums> {
    let mut found: BTreeMap<String, Sums> = BTreeMap::new();
    for record in records(answer) {
        for point in record["points"].as_array().unwrap() {
            let time = point["time"].as_str().unwrap();
            let sums = found.entry(time[..letters.min(time.len())].to_owned()).or_default();
            for (path, value) in numbers(point).into_iter().filter(|(_, value)| *value != 0.0) {
                let place = (record["key"].as_str().unwrap().to_owned(), path);
                *sums.entry(place).or_default() += number(&json!(value));
            }
        }
    }
    found.retain(|_, sums| !sums.is_empty());
    found
}

/// The same request of a timeline, with all records on one page.
fn points(body: &Value) -> Value {
    let mut body = body.clone();
    for list in ["counters", "timers"] {
        let options = body["responseOptions"].get_mut(list).and_then(Value::as_object_mut);
        for option in options.into_iter().flat_map(|options| options.values_mut()) {
            *option = json!(true);
        }
    }
    body
}

/// Only queues have an SLA, and hours of their own.
fn remove_what_is_of_queues(body: &mut Value) {
    for list in ["counters", "timers"] {
        if let Some(options) = body["responseOptions"].get_mut(list) {
            let options = options.as_object_mut().unwrap();
            options.retain(|name, _| !name.ends_with("QueueSla") && !name.ends_with("QueueHours"));
        }
    }
}

/// A request for few records and few days, so that a timeline by hour is small.
fn small(asked: &Asked, dice: &mut Dice) -> Value {
    let mut body = asked.draw(dice);
    let grouping = *dice.one(&["Company", "Queues", "Sites", "Departments", "IVRs"]);
    body["grouping"] = json!({"groupBy": grouping});
    body["callFilters"] = json!({"timeSpent": {"minSeconds": dice.below(30)}});
    remove_what_is_of_queues(&mut body);
    // Around the days on which the clocks of New York, Lord Howe or nowhere change.
    let days = ["2025-03-08", "2025-04-04", "2025-05-12"];
    let start: jiff::Timestamp = format!("{}T10:00:00Z", dice.one(&days)).parse().unwrap();
    let minutes = |count: u64| jiff::SignedDuration::from_mins(i64::try_from(count).unwrap());
    let from = start + minutes(dice.below(1440));
    let to = from + minutes(1 + dice.below(3 * 1440));
    body["timeSettings"]["timeRange"] =
        json!({"timeFrom": from.to_string(), "timeTo": to.to_string()});
    body
}

#[test]
fn hours_sum_to_days_and_days_to_the_aggregate() {
    let asked = Asked::new();
    let compared = std::cell::Cell::new(0);
    draw::runner(40)
        .run(&any::<u64>(), |seed| {
            let mut dice = Dice::new(seed);
            let body = small(&asked, &mut dice);
            let total = asked.sums(&body);
            let points = points(&body);
            let ask = |interval| asked.answer(&format!("{TIMELINE}?interval={interval}"), &points);
            let (hours, days) = (ask("Hour"), ask("Day"));
            prop_assert_eq!(by_time(&hours, 10), by_time(&days, 10), "{}", body);
            for answer in [&hours, &days, &ask("Week"), &ask("Month")] {
                let sum = together(by_time(answer, 0).into_values());
                prop_assert_eq!(&sum, &total, "{}", body);
            }
            compared.set(compared.get() + u32::from(by_time(&days, 10).len() > 1));
            Ok(())
        })
        .unwrap();
    assert!(compared.get() >= 10, "{}", compared.get());
}

/// Each point is the aggregate of its own time: a call in the first second of an hour belongs to that hour.
#[test]
fn a_point_is_the_aggregate_from_its_time_to_the_next() {
    let asked = Asked::new();
    let compared = std::cell::Cell::new(0);
    draw::runner(12)
        .run(&any::<u64>(), |seed| {
            let mut dice = Dice::new(seed);
            let mut body = small(&asked, &mut dice);
            body["callFilters"] = json!(null);
            let interval = *dice.one(&["Hour", "Day"]);
            let answer = asked.answer(&format!("{TIMELINE}?interval={interval}"), &points(&body));
            let by_time: Vec<_> = by_time(&answer, usize::MAX).into_iter().collect();
            let instant = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
            let range = body["timeSettings"]["timeRange"].clone();
            let [from, to] =
                ["timeFrom", "timeTo"].map(|name| instant(range[name].as_str().unwrap()));
            let Some(record) = records(&answer).first() else {
                return Ok(());
            };
            let points = record["points"].as_array().unwrap().iter();
            let starts: Vec<_> =
                points.map(|point| instant(point["time"].as_str().unwrap())).collect();
            for (time, sums) in by_time {
                let start = instant(&time);
                let next = starts.iter().copied().find(|other| *other > start);
                let last = next.map_or(to, |next| next - jiff::SignedDuration::from_millis(1));
                body["timeSettings"]["timeRange"] = json!({
                    "timeFrom": start.max(from).to_string(),
                    "timeTo": last.to_string(),
                });
                compared.set(compared.get() + sums.len());
                prop_assert_eq!(asked.sums(&body), sums, "{} {}", time, body);
            }
            Ok(())
        })
        .unwrap();
    assert!(compared.get() > 1000, "{}", compared.get());
}

#[test]
fn members_are_the_users_that_belong_to_the_sets() {
    let asked = Asked::new();
    let directory = asked.client.sandbox.directory();
    draw::runner(60)
        .run(&any::<u64>(), |seed| {
            let mut dice = Dice::new(seed);
            let mut body = asked.draw(&mut dice);
            body = changed(&body, &("/callFilters/queueSla", json!(null)));
            body = changed(&body, &("/callFilters/queueHours", json!(null)));
            body = changed(&body, &("/callFilters/extensionFilters", json!(null)));
            remove_what_is_of_queues(&mut body);
            body["responseOptions"]["counters"]["queueOpportunities"] =
                json!({"aggregationType": "Sum"});
            let (kind, sets) = match dice.below(4) {
                0 => ("Department", directory.departments()),
                1 => ("UserGroup", directory.user_groups()),
                2 => ("Queue", directory.queues()),
                _ => ("Site", directory.sites()),
            };
            let keys: Vec<_> = (0..=dice.below(2)).map(|_| dice.one(sets).key.clone()).collect();
            let users: Vec<_> = keys
                .iter()
                .flat_map(|key| match kind {
                    "Department" => directory.department_members(key),
                    "UserGroup" => directory.user_group_members(key),
                    "Queue" => directory.agents(key),
                    _ => directory.site_members(key),
                })
                .map(|user| user.key.clone())
                .collect();
            body["grouping"] = json!({"groupByMembers": kind, "keys": keys});
            let members = asked.sums(&body);
            body["grouping"] = json!({"groupBy": "Users", "keys": users});
            prop_assert_eq!(members, asked.sums(&body), "{} {:?}", kind, keys);
            Ok(())
        })
        .unwrap();
}

#[test]
fn another_time_zone_moves_the_cuts_and_nothing_else() {
    let asked = Asked::new();
    draw::runner(40)
        .run(&any::<u64>(), |seed| {
            let mut dice = Dice::new(seed);
            let mut body = small(&asked, &mut dice);
            body["timeSettings"]["advancedTimeSettings"] = json!(null);
            let with =
                |body: &Value, zone: &str| changed(body, &("/timeSettings/timeZone", json!(zone)));
            let total = asked.sums(&with(&body, "UTC"));
            for zone in ["Asia/Kolkata", "Australia/Lord_Howe", "America/New_York"] {
                prop_assert_eq!(&asked.sums(&with(&body, zone)), &total, "{}", zone);
            }
            // Three hours west of Greenwich the same hours begin three hours earlier by the clock.
            let hours = |zone: &str| {
                let path = format!("{TIMELINE}?interval=Hour");
                let answer = asked.answer(&path, &with(&points(&body), zone));
                let points = by_time(&answer, usize::MAX).into_iter();
                points
                    .map(|(time, sums)| (time.parse::<jiff::Timestamp>().unwrap(), sums))
                    .collect::<BTreeMap<_, _>>()
            };
            prop_assert_eq!(hours("Etc/GMT+3"), hours("UTC"));
            let from = dice.below(24);
            let to = dice.below(24);
            let windowed = |zone: &str, shift: u64| {
                let hour = |hour: u64| (hour + shift) % 24;
                let window = json!([{
                    "from": format!("{:02}:00", hour(from)), "to": format!("{:02}:59", hour(to)),
                }]);
                let pointer = "/timeSettings/advancedTimeSettings";
                let body = changed(&body, &(pointer, json!({"includeHours": window})));
                asked.sums(&with(&body, zone))
            };
            prop_assert_eq!(windowed("Etc/GMT+3", 0), windowed("UTC", 3), "{} {}", from, to);
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_aggregations_of_one_thing_go_together() {
    let asked = Asked::new();
    let compared = std::cell::Cell::new(0);
    draw::runner(60)
        .run(&any::<u64>(), |seed| {
            let mut dice = Dice::new(seed);
            let mut body = small(&asked, &mut dice);
            body["timeSettings"]["advancedTimeSettings"] = json!(null);
            let sum = json!({"aggregationType": "Sum"});
            for (list, option) in [
                ("counters", "callsByDirection"),
                ("counters", "callsByResponse"),
                ("timers", "allCallsDuration"),
                ("timers", "callsDurationByDirection"),
                ("timers", "callsDurationByResponse"),
            ] {
                body["responseOptions"][list][option] = sum.clone();
            }
            let of = |body: &Value, kind: &str, interval| {
                let answer = asked.answer(AGGREGATION, &aggregated(body.clone(), kind, interval));
                let records = records(&answer).iter();
                let by_key = records
                    .map(|record| (record["key"].as_str().unwrap().to_owned(), numbers(record)));
                by_key.collect::<BTreeMap<_, _>>()
            };
            let sums = of(&body, "Sum", None);
            let mut timers = body.clone();
            timers["responseOptions"].as_object_mut().unwrap().remove("counters");
            let interval = *dice.one(&["Hour", "Day", "Week", "Month"]);
            let path = format!("{TIMELINE}?interval={interval}");
            let timeline = asked.answer(&path, &points(&body));
            for (is_by_call, asked_for) in [(true, &timers), (false, &body)] {
                let interval = (!is_by_call).then_some(interval);
                let [least, average, most] =
                    ["Min", "Average", "Max"].map(|kind| of(asked_for, kind, interval));
                for (key, averages) in &average {
                    for (path, average) in averages {
                        let (least, most) = (least[key][path], most[key][path]);
                        prop_assert!(least <= *average && *average <= most, "{key} {path} {body}");
                        let count = if is_by_call {
                            sums[key].get(&path.replace("timers", "counters")).copied()
                        } else {
                            let of_key = |record: &&Value| record["key"] == key.as_str();
                            let record = records(&timeline).iter().find(of_key).unwrap();
                            let points = record["points"].as_array().unwrap();
                            json!(points.len()).as_f64()
                        };
                        // Its count may not have been asked for.
                        let Some(count) = count else {
                            continue;
                        };
                        let wanted = if count == 0.0 { 0.0 } else { sums[key][path] / count };
                        prop_assert_eq!(average.to_bits(), wanted.to_bits(), "{} {}", key, path);
                        compared.set(compared.get() + u32::from(count > 0.0));
                    }
                }
            }
            for (key, shares) in of(&body, "Percent", None) {
                for (path, share) in shares {
                    let (list, word) = path.split_once('/').unwrap();
                    let (breakdown, word) = word.split_once('/').unwrap();
                    let is_it = |(other, words, _): &&(&str, &[&str], &str)| {
                        *other == breakdown && words.contains(&word)
                    };
                    let (_, _, by) = DENOMINATORS.iter().find(is_it).unwrap();
                    let (sum, by) = (sums[&key][&path], sums[&key][&format!("{list}/{by}")]);
                    // Times the denominator it is the sum again.
                    let again = (share * by / 100.0).round();
                    prop_assert!(by == 0.0 || again.to_bits() == sum.to_bits(), "{key} {path}");
                }
            }
            Ok(())
        })
        .unwrap();
    assert!(compared.get() > 500, "{}", compared.get());
}
