//! Records and series in the form in which the SDK stores them.

use callperf::Query;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value as Json, json};

use super::sums::{OfKey, Sums};

/// What is read for a query.
pub(super) struct Answer {
    pub(super) sums: Sums,
    /// The times of a series' points.
    pub(super) times: Vec<Timestamp>,
    pub(super) zone: TimeZone,
}

/// A response with one record without numbers, which a client makes one of its query.
pub(super) fn template(query: &Query, time: Option<Timestamp>) -> Vec<u8> {
    let grouping = query.group_by().grouping().map_or("Users", callperf::Grouping::as_str);
    let record = match time {
        None => json!({"key": "0", "counters": {}, "timers": {}}),
        Some(time) => json!({"key": "0", "points": [{"time": time.to_string()}]}),
    };
    json!({"data": {"groupedBy": grouping, "records": [record]}}).to_string().into_bytes()
}

impl Answer {
    pub(super) fn records(&self, template: &Json) -> Vec<Json> {
        let record = |(key, of_key): (&String, &OfKey)| {
            let mut record = row(template, key, of_key);
            for (metric, numbers) in self.metrics(of_key.points.get(&0)) {
                record[metric] = numbers;
            }
            record
        };
        self.sums.keys.iter().map(record).collect()
    }

    pub(super) fn series(&self, template: &Json) -> Vec<Json> {
        let series = |(key, of_key): (&String, &OfKey)| {
            let mut series = row(template, key, of_key);
            let points = self.times.iter().map(|time| {
                let mut point = json!({"time": self.text(*time)});
                for (metric, numbers) in self.metrics(of_key.points.get(&time.as_millisecond())) {
                    point[metric] = numbers;
                }
                point
            });
            series["points"] = points.collect();
            series
        };
        self.sums.keys.iter().map(series).collect()
    }

    /// As the API writes it.
    fn text(&self, time: Timestamp) -> String {
        time.to_zoned_datetime(self.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// The numbers of a point: zero, if the key has others and this point has no calls.
    fn metrics(&self, numbers: Option<&Vec<f64>>) -> Map<String, Json> {
        let mut metrics = Map::new();
        for (place, label) in self.sums.labels.iter().enumerate() {
            let number = numbers.and_then(|numbers| numbers.get(place)).copied().unwrap_or(0.0);
            let metric = metrics.entry(&label.metric).or_insert_with(|| json!({}));
            let of_breakdown = &mut metric[&label.breakdown];
            of_breakdown["unit"] = label.unit.as_str().into();
            of_breakdown["aggregation"] = "Sum".into();
            match &label.word {
                Some(word) => of_breakdown["values"][word] = exact(number),
                None => of_breakdown["value"] = exact(number),
            }
        }
        metrics
    }
}

fn row(template: &Json, key: &str, of_key: &OfKey) -> Json {
    let mut row = template.clone();
    row["key"] = key.into();
    let mut info = Map::new();
    let extension = of_key.extension.as_deref().map(|text| ("extension_number", text));
    for (name, text) in extension.into_iter().chain(of_key.name.as_deref().map(|it| ("name", it))) {
        info.insert(name.to_owned(), text.into());
    }
    if !info.is_empty() {
        row["info"] = info.into();
    }
    row
}

/// A whole number as such: it is one in a response.
fn exact(number: f64) -> Json {
    #[expect(clippy::cast_possible_truncation, reason = "files hold no larger number")]
    let whole = number as i64;
    #[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "compared exactly")]
    let is_whole = whole as f64 == number;
    if is_whole { whole.into() } else { number.into() }
}
