//! What can be read of an answer that can't be read in one go: record by record,
//! and each record part by part.

use std::fmt;

use callperf_raw::old_names::{Differing, OldNames};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use serde_path_to_error::{Path, Segment};

use super::nulls;
use crate::{
    plan::{
        Plan,
        widening::{Place::Beside, Widening},
    },
    query::Query,
    report::Notice,
    words::{
        error::{Error, ErrorKind, Result},
        json::Tolerated,
        metric::MetricName,
        redactor::Redactor,
    },
};

/// The most losses of a page that are noted one by one: each takes memory, and
/// a page may have millions of points.
const MOST_NOTED: usize = 1000;

/// What a record can do without: without its key or its time it is nothing.
pub(super) trait Parts: DeserializeOwned {
    /// Where it has its metrics.
    const METRICS: &[&str];
    const OTHERS: &[&str];
}

/// A part of an answer that can't be read.
pub(super) struct Unreadable {
    pub(super) path: String,
    pub(super) reason: String,
}

/// What can't be read of a page.
pub(super) struct Losses<'a> {
    redactor: &'a Redactor,
    /// Where a page has its records.
    data: &'static str,
    widening: Option<&'a Widening>,
    /// What was asked for, to see which nulls stand for a number.
    query: Option<&'a Query>,
    noted: Vec<Unreadable>,
    /// What came by two names, with two values.
    pub(super) differing: Vec<Differing>,
    unnoted: usize,
    records: u64,
}

impl<'a> Losses<'a> {
    pub(super) fn new(redactor: &'a Redactor, data: &'static str) -> Self {
        Self {
            redactor,
            data,
            widening: None,
            query: None,
            noted: Vec::new(),
            differing: Vec::new(),
            unnoted: 0,
            records: 0,
        }
    }

    /// Reads a point with losses of its own, of which none is noted if it lies beside the
    /// period: it wasn't asked for.
    pub(super) fn of_point<T>(
        &mut self,
        time: Option<Timestamp>,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let place = self.widening.zip(time).map(|(widening, time)| widening.place_of(time));
        if place == Some(Beside) {
            return read(&mut Self::new(self.redactor, self.data));
        }
        read(self)
    }

    /// The path is shown as it is; the reason quotes the response.
    pub(super) fn note(&mut self, path: impl fmt::Display, reason: impl fmt::Display) {
        if self.noted.len() < MOST_NOTED {
            let (path, reason) = (path.to_string(), self.redactor.text(&reason.to_string()));
            self.noted.push(Unreadable { path, reason });
        } else {
            self.unnoted += 1;
        }
    }

    /// Reads what a server sent by earlier names.
    pub(super) fn take_old_names(&mut self, answer: &mut impl OldNames) {
        answer.take_old_names(&mut self.differing);
    }

    /// Counts a record that is left out as a whole.
    pub(super) fn leave_out(&mut self) {
        self.records += 1;
    }

    pub(super) fn len(&self) -> usize {
        self.noted.len() + self.unnoted
    }

    pub(super) fn first(&self) -> Option<&Unreadable> {
        self.noted.first()
    }

    /// The records that were left out as a whole.
    pub(super) fn records(&self) -> u64 {
        self.records
    }

    pub(super) fn into_notices(mut self) -> impl Iterator<Item = Notice> + use<> {
        self.differing.sort_by_key(|it| (it.old, it.new));
        self.differing.dedup();
        let differing = self.differing.into_iter().map(|Differing { old, new }| Notice::TwoNames {
            old: old.to_owned(),
            new: new.to_owned(),
        });
        let rest = (self.unnoted > 0).then(|| Unreadable {
            path: self.data.to_owned(),
            reason: format!("{} more of its parts can't be read", self.unnoted),
        });
        let all = self.noted.into_iter().chain(rest);
        all.map(|Unreadable { path, reason }| Notice::Unreadable { path, reason }).chain(differing)
    }
}

/// A record's generated type, which can be read part by part.
pub(super) trait Salvage: DeserializeOwned {
    /// Reads what can be read, and notes what can't; `None` where nothing is left.
    fn salvage(json: Json, place: &str, losses: &mut Losses<'_>) -> Option<Self>;
}

/// An answer read record by record: the page without its records, and those.
pub(super) struct Salvaged<'a, P, R> {
    pub(super) page: P,
    pub(super) records: Vec<(Place, R)>,
    pub(super) losses: Losses<'a>,
}

/// Where a record stands.
pub(super) struct Place {
    /// The beta's: its name in the object.
    pub(super) key: String,
    /// The JSON path, without a secret.
    pub(super) path: String,
}

/// Reads an answer again that couldn't be read in one go, or has a null.
///
/// `list` is the path of the records: an array, or the beta's object by key.
pub(super) fn salvage<'a, P: DeserializeOwned + OldNames, R: Salvage + OldNames>(
    body: &[u8],
    list: [&'static str; 2],
    plan: &'a Plan,
    redactor: &'a Redactor,
) -> Result<Salvaged<'a, P, R>> {
    let refused =
        |reason: String| Error::new(ErrorKind::Answer, reason).with_body(&redactor.excerpt(body));
    let Tolerated(mut json) = serde_json::from_slice(body)
        .map_err(|error| refused(format!("the answer isn't JSON: {error}")))?;
    let entries = take_entries(&mut json, list, redactor);
    let mut page: P = serde_path_to_error::deserialize(&json).map_err(|error| {
        let path = match error.path().to_string() {
            root if root == "." => "the whole body".to_owned(),
            path => path,
        };
        let reason = redactor.text(&format!("{path}: {}", error.inner()));
        refused(format!("the answer isn't understood: {reason}"))
    })?;
    let (widening, query) = (plan.widening.as_ref(), Some(&plan.query));
    let mut losses = Losses { widening, query, ..Losses::new(redactor, list[0]) };
    losses.take_old_names(&mut page);
    let mut salvaged = Salvaged { page, records: Vec::new(), losses };
    for (place, entry) in entries {
        match R::salvage(entry, &place.path, &mut salvaged.losses) {
            Some(mut record) => {
                salvaged.losses.take_old_names(&mut record);
                salvaged.records.push((place, record));
            }
            None => salvaged.losses.leave_out(),
        }
    }
    Ok(salvaged)
}

/// Reads what has metrics. It is `None` where none of them is left.
pub(super) fn with_metrics<T: Parts>(
    mut json: Json,
    place: &str,
    losses: &mut Losses<'_>,
) -> Option<T> {
    let before = losses.len();
    let read = part_by_part(&mut json, place, losses)?;
    let has_metrics = T::METRICS.iter().any(|name| match json.get(*name) {
        Some(Json::Object(metrics)) => metrics.values().any(|metric| !metric.is_null()),
        _ => false,
    });
    (has_metrics || losses.len() == before).then_some(read)
}

/// Reads a record or a point, leaving out one unreadable part after the other.
/// A metric is left out as a whole: a half would be taken for it.
pub(super) fn part_by_part<T: Parts>(
    json: &mut Json,
    place: &str,
    losses: &mut Losses<'_>,
) -> Option<T> {
    take_out_nulls::<T>(json, place, losses);
    loop {
        let error = match serde_path_to_error::deserialize(&*json) {
            Ok(read) => return Some(read),
            Err(error) => error,
        };
        let path: &Path = error.path();
        match path.iter().next() {
            Some(_) => losses.note(format_args!("{place}.{path}"), error.inner()),
            None => losses.note(place, error.inner()),
        }
        remove::<T>(json, path)?;
    }
}

/// The metrics of [`Parts::METRICS`], in their order.
const METRICS: [MetricName; 2] = [MetricName::Calls, MetricName::TimeSpent];

/// Notes each number that was asked for and is null.
fn take_out_nulls<T: Parts>(json: &mut Json, place: &str, losses: &mut Losses<'_>) {
    let Some(query) = losses.query else { return };
    for (name, metric) in T::METRICS.iter().zip(METRICS) {
        let Some(Json::Object(metrics)) = json.get_mut(*name) else { continue };
        let mut note =
            |path: &str| losses.note(format_args!("{place}.{name}.{path}"), nulls::REASON);
        nulls::take_out(metrics, query.measures_of(metric), &mut note);
    }
}

/// Takes the part out that a path leads into.
fn remove<T: Parts>(json: &mut Json, path: &Path) -> Option<()> {
    let mut names = path.iter().map(|segment| match segment {
        Segment::Map { key } => Some(key.as_str()),
        _ => None,
    });
    let part = names.next()?;
    let part = part.filter(|name| T::METRICS.contains(name) || T::OTHERS.contains(name))?;
    let metric = names.next().flatten().filter(|_| T::METRICS.contains(&part));
    let entry = json.as_object_mut()?;
    match metric {
        Some(metric) => entry.get_mut(part)?.as_object_mut()?.remove(metric),
        None => entry.remove(part),
    }
    .map(drop)
}

/// The records of an answer, each with its path, out of the answer.
///
/// A list that is neither an array nor an object stays, for its type to refuse; so
/// does an object without any object in it, which another API's response has.
fn take_entries(
    json: &mut Json,
    [outer, inner]: [&str; 2],
    redactor: &Redactor,
) -> Vec<(Place, Json)> {
    let place = [outer, inner].into_iter().filter(|name| !name.is_empty());
    let mut list = json;
    for name in place.clone() {
        match list.get_mut(name) {
            Some(found) => list = found,
            None => return Vec::new(),
        }
    }
    let path = place.collect::<Vec<_>>().join(".");
    match list {
        Json::Array(_) if !inner.is_empty() => {
            let Json::Array(entries) = list.take() else { return Vec::new() };
            let placed = entries.into_iter().enumerate();
            let place = |at| Place { key: String::new(), path: format!("{path}[{at}]") };
            placed.map(|(at, entry)| (place(at), entry)).collect()
        }
        Json::Object(map) if inner.is_empty() && map.values().any(Json::is_object) => {
            let Json::Object(entries) = list.take() else { return Vec::new() };
            let place = |key: String| {
                let path = format!("{path}.{}", redactor.text(&key));
                Place { key, path }
            };
            entries.into_iter().map(|(key, entry)| (place(key), entry)).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[test]
    fn entries_are_taken_with_their_paths() {
        let mut today = json!({"data": {"groupedBy": "Users", "records": [1, 2]}});
        let take = |json: &mut Json, list| take_entries(json, list, &Redactor::default());
        let paths = |entries: Vec<(Place, Json)>| -> Vec<String> {
            entries.into_iter().map(|(place, _)| place.path).collect()
        };
        assert_eq!(
            paths(take(&mut today, ["data", "records"])),
            ["data.records[0]", "data.records[1]"]
        );
        let mut beta = json!({"data": {"77": {}}});
        assert_eq!(paths(take(&mut beta, ["data", ""])), ["data.77"]);
        let mut odd = json!({"data": "text"});
        assert!(take(&mut odd, ["data", ""]).is_empty());
        assert_eq!(odd, json!({"data": "text"}));
        let mut today = json!({"data": {"groupedBy": "Users", "records": []}});
        assert!(take(&mut today, ["data", ""]).is_empty());
        assert_eq!(today["data"]["groupedBy"], "Users");
    }

    #[test]
    fn a_bounded_number_of_losses_is_noted() {
        let redactor = Redactor::default();
        let mut losses = Losses::new(&redactor, "data");
        for at in 0..MOST_NOTED + 7 {
            losses.note(at, "absent");
        }
        assert_eq!(losses.len(), MOST_NOTED + 7);
        let notices: Vec<_> = losses.into_notices().collect();
        assert_eq!(notices.len(), MOST_NOTED + 1);
        let last = notices.last().unwrap().to_string();
        assert!(last.contains("7 more of its parts can't be read"), "{last}");
    }

    type Metrics = BTreeMap<String, BTreeMap<String, u64>>;

    impl Parts for Metrics {
        const METRICS: &[&str] = &["counters", "timers"];
        const OTHERS: &[&str] = &[];
    }

    #[test]
    fn a_part_that_nothing_can_do_without_is_not_left_out() {
        let redactor = Redactor::default();
        let mut losses = Losses::new(&redactor, "data");
        let mut json = json!({"counters": {"calls": 1}, "key": 7});
        let read = part_by_part::<Metrics>(&mut json, "data.records[0]", &mut losses);
        assert_eq!(read, None);
        assert_eq!(losses.first().unwrap().path, "data.records[0].key");
        let mut json = json!({"counters": {"calls": "1", "other": 2}, "timers": 7});
        let read = part_by_part::<Metrics>(&mut json, "data.records[0]", &mut losses).unwrap();
        assert_eq!(json!(read), json!({"counters": {"other": 2}}));
        assert_eq!(losses.len(), 3);
    }
}
