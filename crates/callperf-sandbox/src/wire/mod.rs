//! The two APIs' requests and responses. What both have in common is here.

pub(crate) mod beta;
pub(crate) mod calls_v1;
mod read;
mod remarks;

use std::sync::OnceLock;

use axum::body::Bytes;
use axum::extract::Query as QueryString;
use axum::http::{StatusCode, Uri};
use jiff::{SignedDuration, Timestamp};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::assumptions::{
    Assumptions, BetaAverages, FutureTimeTo, Milliseconds, PageAfterLast, UndefinedValues,
};
use crate::directory::{Directory, Entry, Grouping};
use crate::era::Era;
use crate::errors::Failure;
use crate::query::{Aggregation, Metric, Of, PageRequest, Source, Table, Unit};
use crate::revision::{Api, Operation, Revision, Shape};
use crate::sandbox::Error;
use crate::tally::Number;
use crate::words::Word;
use read::{Field, Findings};

/// The longest that a period can reach back.
const LOOKBACK: SignedDuration = SignedDuration::from_hours(184 * 24);

/// How the sandbox answers.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) assumptions: Assumptions,
    beta: &'static Revision,
    calls_v1: &'static Revision,
}

impl Service {
    /// Which speaks these revisions, and the usual one where none is given.
    pub(crate) fn new(assumptions: Assumptions, revisions: &[String]) -> Result<Service, Error> {
        let [beta, calls_v1] = Api::ALL.map(Revision::usual);
        let mut service = Service { assumptions, beta, calls_v1 };
        let mut named: Vec<&'static Revision> = Vec::new();
        for name in revisions {
            for revision in Revision::named(name)? {
                let of_same_api = |other: &&&Revision| other.api == revision.api;
                if let Some(other) =
                    named.iter().find(of_same_api).filter(|it| it.date != revision.date)
                {
                    let api = revision.api.name();
                    let reason = format!(
                        "{api} can speak one, and {} and {} are named; leave one out",
                        other.date, revision.date
                    );
                    return Err(Error::Setting { setting: "revision", reason });
                }
                named.push(revision);
                match revision.api {
                    Api::Beta => service.beta = revision,
                    Api::CallsV1 => service.calls_v1 = revision,
                }
            }
        }
        Ok(service)
    }

    /// Whose words today's API has.
    pub(crate) fn era(&self) -> Era {
        Era::of_calls_v1(&self.calls_v1.date)
    }

    pub(crate) fn revisions(&self) -> [(&'static str, &'static str); 2] {
        [self.beta, self.calls_v1].map(|revision| (revision.api.name(), revision.date.as_str()))
    }

    /// The date of the revision of an API that is spoken.
    pub(crate) fn date(&self, api: &str) -> Option<&'static str> {
        let revisions = self.revisions();
        revisions.into_iter().find(|(name, _)| *name == api).map(|(_, date)| date)
    }

    fn dialect(&self, api: Api, operation: &str) -> Dialect {
        let revision = match api {
            Api::Beta => self.beta,
            Api::CallsV1 => self.calls_v1,
        };
        Dialect { revision, operation: revision.operation(operation) }
    }
}

/// An operation as of a revision.
#[derive(Clone, Copy, Debug)]
struct Dialect {
    revision: &'static Revision,
    operation: &'static Operation,
}

/// What a request is answered with, and what is worth telling whoever wrote it.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) body: Result<Vec<u8>, Failure>,
    /// In words, as "`groupByMember` is not a field of `grouping`; did you mean `groupByMembers`?"
    pub(crate) remarks: Vec<String>,
}

impl Reply {
    /// In the names of the revision.
    fn new(dialect: Dialect, body: Result<Vec<u8>, Failure>, remarks: Vec<String>) -> Reply {
        let renames = &dialect.operation.renames;
        Reply { body: body.map(|body| renames.write_response(body)), remarks }
    }
}

/// A request before it is understood.
#[derive(Debug)]
pub(crate) struct Request {
    parameters: Vec<(String, String)>,
    body: Value,
    /// The body in the names of the code, where they are others.
    body_as_written: OnceLock<Value>,
    /// What the rules about time are checked against.
    now: Timestamp,
}

impl Request {
    pub(crate) fn new(uri: &Uri, body: &Bytes, now: Timestamp) -> Result<Request, Failure> {
        let QueryString(parameters) = QueryString::try_from_uri(uri).unwrap_or_default();
        let unparsable = |error: serde_json::Error| {
            let message = format!("JSON can't be parsed: {error}");
            Failure::new(StatusCode::BAD_REQUEST, "CMN-103", message)
        };
        let body = serde_json::from_slice(body).map_err(unparsable)?;
        Ok(Request { parameters, body, body_as_written: OnceLock::new(), now })
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        let mut named = self.parameters.iter().filter(|(n, _)| n == name);
        named.next().map(|(_, value)| value.as_str())
    }

    /// The root of the body, after it was looked through for what the document lacks.
    fn inspected<'a>(
        &'a self,
        findings: &mut Findings,
        dialect: Dialect,
        service: &Service,
    ) -> Field<'a> {
        let unknown = service.assumptions.unknown_fields;
        remarks::inspect_parameters(findings, &self.parameters, dialect);
        remarks::inspect(findings, &self.body, dialect, unknown);
        let Operation { renames, .. } = dialect.operation;
        let body = if renames.is_empty() {
            &self.body
        } else {
            self.body_as_written.get_or_init(|| renames.read_request(&self.body))
        };
        Field::root(body, dialect.operation.request_as_written()).object(findings)
    }

    /// Everything is on one page where there are none.
    fn page(
        &self,
        findings: &mut Findings,
        dialect: Dialect,
        default: u64,
        most: Most,
    ) -> PageRequest {
        if dialect.operation.parameters().field("page").is_none() {
            return PageRequest { page: 1, per_page: u64::MAX };
        }
        PageRequest {
            page: self.number(findings, "page", 1, Most::ANY),
            per_page: self.number(findings, "perPage", default, most),
        }
    }

    fn number(&self, findings: &mut Findings, name: &str, default: u64, most: Most) -> u64 {
        let Some(text) = self.parameter(name) else {
            return default;
        };
        let number: Option<u64> = text.parse().ok();
        if let Some(number) = number.filter(|number| (1..=most.number).contains(number)) {
            return number;
        }
        let is_above = number.is_some_and(|number| number > most.number);
        let code = if is_above { most.code } else { "CMN-101" };
        let why = format!("a whole number from 1 to {} is expected", most.number);
        findings.add(code, name, Some(text), &why);
        default
    }
}

/// The most that a number of the query may be, and the code that refuses one above it.
#[derive(Clone, Copy, Debug)]
struct Most {
    number: u64,
    code: &'static str,
}

impl Most {
    const ANY: Most = Most::of(i32::MAX.unsigned_abs() as u64);

    const fn of(number: u64) -> Most {
        Most { number, code: "CMN-101" }
    }
}

const NO_SLA: &str = "only queues have an SLA";
const NO_HOURS: &str = "only queues have queue hours";

/// Whose calls are counted.
struct Scope {
    grouping: Grouping,
    keys: Option<Vec<u16>>,
    keys_are_named: bool,
}

impl Scope {
    fn company() -> Scope {
        Scope { grouping: Grouping::Company, keys: Some(vec![0]), keys_are_named: true }
    }

    /// A grouping; no keys means all.
    fn direct(
        findings: &mut Findings,
        directory: &Directory,
        grouping: Grouping,
        keys: &[&str],
    ) -> Scope {
        if grouping == Grouping::Company {
            return Scope::company();
        }
        remark_strangers(findings, directory, grouping, keys);
        let find = |key: &&str| directory.find(grouping, key);
        let keys = (!keys.is_empty()).then(|| sorted(keys.iter().filter_map(find).collect()));
        Scope { grouping, keys_are_named: keys.is_some(), keys }
    }

    /// The users that belong to the sets of a kind; no keys means all sets.
    fn members(
        findings: &mut Findings,
        directory: &Directory,
        sets: Grouping,
        keys: &[&str],
    ) -> Scope {
        remark_strangers(findings, directory, sets, keys);
        let sets_of_kind = (0..).zip(directory.entries(sets));
        let named = sets_of_kind.filter(|(_, set)| is_named(keys, set));
        let users = named.flat_map(|(set, _)| directory.users_of(sets, set));
        Scope {
            grouping: Grouping::Users,
            keys: Some(sorted(users.collect())),
            keys_are_named: false,
        }
    }

    /// Refuses a filter by what only queues have.
    fn check_of_queues(&self, findings: &mut Findings, filter: &Field<'_>, why: &str) {
        if filter.is_present() && self.grouping != Grouping::Queues {
            filter.refuse(findings, why);
        }
    }

    /// Refuses a metric that means nothing here.
    fn check(&self, findings: &mut Findings, option: &Field<'_>, metric: &Metric) {
        if metric.is_sla() {
            self.check_of_queues(findings, option, NO_SLA);
        }
        if metric.is_queue_hours() {
            self.check_of_queues(findings, option, NO_HOURS);
        }
        if metric.of == Of::Opportunities && self.grouping != Grouping::Users {
            option.refuse(findings, "only users and members have opportunities");
        }
    }

    /// Refuses filters by colleagues where the key isn't one extension.
    fn check_callers(&self, findings: &mut Findings, from: &Field<'_>, to: &Field<'_>) {
        let is_extension = self.grouping.is_extension();
        if from.is_present() && !is_extension {
            from.refuse(findings, "the grouping is not of extensions");
        }
        if to.is_present() && (!is_extension || self.grouping == Grouping::Queues) {
            to.refuse(findings, "the grouping is not of extensions that make calls");
        }
    }
}

/// A key that isn't there gets no record, which looks like no calls.
fn remark_strangers(
    findings: &mut Findings,
    directory: &Directory,
    grouping: Grouping,
    keys: &[&str],
) {
    let entries = directory.entries(grouping);
    for key in keys.iter().filter(|key| directory.find(grouping, key).is_none()) {
        let is_number = |entry: &&Entry| entry.extension_number.as_deref() == Some(*key);
        let hint = entries.iter().find(is_number).map_or_else(String::new, |entry| {
            format!("; it is the extension number of the key `{}`", entry.key)
        });
        findings.remark(format!("`{key}` is no key of this grouping{hint}"));
    }
}

fn is_named(keys: &[&str], entry: &Entry) -> bool {
    keys.is_empty() || keys.contains(&entry.key.as_str())
}

fn sorted(mut keys: Vec<u16>) -> Vec<u16> {
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The ends of a period, in whole seconds.
struct PeriodBounds {
    /// The second in which it begins.
    floor: i64,
    /// The first second that lies in it entirely.
    first: i64,
    last: i64,
    /// The last second of which calls are counted yet.
    known: i64,
    /// From one end to the other, as they were sent.
    length: SignedDuration,
    are_backwards: bool,
}

fn bounds(
    findings: &mut Findings,
    range: &Field<'_>,
    now: Timestamp,
    assumptions: &Assumptions,
) -> Option<PeriodBounds> {
    let from_field = range.child("timeFrom").required(findings);
    let to_field = range.child("timeTo").required(findings);
    let from = from_field.instant(findings);
    let to = to_field.instant(findings);
    if from.is_some_and(|from| now.duration_since(from) > LOOKBACK) {
        from_field.refuse(findings, "it is more than 184 days ago");
    }
    if to.is_some_and(|to| to > now) {
        let code = match assumptions.future_time_to {
            FutureTimeTo::Anl302 => "ANL-302",
            FutureTimeTo::Cmn101 => "CMN-101",
        };
        to_field.refuse_with(findings, code, "it is in the future");
    }
    let length = to?.duration_since(from?);
    let (from, to) = (from?.as_nanosecond(), to?.as_nanosecond());
    let second = |nanosecond: i128| i64::try_from(nanosecond.div_euclid(1_000_000_000)).ok();
    Some(PeriodBounds {
        floor: second(from)?,
        first: match assumptions.milliseconds {
            Milliseconds::Kept => second(from + 999_999_999)?,
            Milliseconds::Dropped => second(from)?,
        },
        last: second(to)?,
        known: now.as_second().saturating_sub_unsigned(assumptions.latency),
        length,
        are_backwards: from > to,
    })
}

/// Entries of a direct number's or an extension's list, as places; unknown ones match nothing.
fn places(
    findings: &mut Findings,
    list: &Field<'_>,
    find: impl Fn(&str) -> Option<u16>,
) -> Option<Vec<u16>> {
    let keys = list.texts(findings);
    let places = keys.iter().filter_map(|key| {
        let place = find(key);
        if place.is_none() {
            let path = list.path_as_sent(findings);
            findings.remark(format!("nobody has `{key}` of `{path}`"));
        }
        place
    });
    let places = places.collect();
    (!keys.is_empty()).then_some(places)
}

fn queue_extension(directory: &Directory, key: &str) -> Option<u16> {
    let queue = directory.find(Grouping::Queues, key)?;
    Some(directory.queue(queue).extension)
}

/// What can be asked for: the option's name, the response's name, what is counted.
type Options = &'static [(&'static str, &'static str, Counted)];

/// What is counted; a breakdown has the words of all revisions.
#[derive(Clone, Copy)]
enum Counted {
    Total,
    Words(&'static [(&'static str, Word)]),
    Opportunities,
}

/// The known options that a body has, and what each would count. The record is what the response holds.
fn asked<'a>(
    findings: &mut Findings,
    root: &Field<'a>,
    record: Shape<'static>,
    counters: Options,
    timers: Options,
) -> Vec<(Field<'a>, Metric)> {
    let lists = root.child("responseOptions").required(findings).object(findings);
    let mut asked = Vec::new();
    for (list, unit, known) in
        [("counters", Unit::Calls, counters), ("timers", Unit::Seconds, timers)]
    {
        let options = lists.child(list).object(findings);
        let metrics = record.field(list).unwrap_or(Shape::NONE);
        let found = known.iter().map(|(option, name, counted)| {
            let shape = metrics.field(name).unwrap_or(Shape::NONE);
            let of = of(*counted, shape.field("values").unwrap_or(shape));
            let metric = Metric { name, unit, of, aggregation: Aggregation::Sum };
            (options.child(option), metric)
        });
        asked.extend(found.filter(|(option, _)| option.is_present()));
    }
    if asked.is_empty() && lists.is_present() {
        let path = lists.path_as_sent(findings);
        findings.remark(format!("nothing is asked for: `{path}` has no option"));
    }
    asked
}

/// The words of a breakdown that the document has; under those that are new here no call falls.
fn of(counted: Counted, breakdown: Shape<'static>) -> Of {
    let known = match counted {
        Counted::Total => return Of::Total,
        Counted::Opportunities => return Of::Opportunities,
        Counted::Words(known) => known,
    };
    let is_there = |(name, _): &&(&str, Word)| breakdown.field(name).is_some();
    let old = known.iter().filter(is_there).map(|(name, word)| (*name, Some(*word)));
    let is_new = |name: &&str| known.iter().all(|(other, _)| other != name);
    let new = breakdown.fields().map(|(name, _)| name).filter(is_new).map(|name| (name, None));
    Of::Words(old.chain(new).collect())
}

/// A page after the last one, if that is refused.
fn check_page(
    request: PageRequest,
    table: &Table,
    assumptions: &Assumptions,
) -> Result<(), Failure> {
    let is_after = request.page > pages(request, table).max(1);
    if !is_after || assumptions.page_after_last == PageAfterLast::Empty {
        return Ok(());
    }
    let mut findings = Findings::default();
    findings.invalid("page", Some(&request.page.to_string()), "it is after the last page");
    Err(Failure::invalid(findings.problems))
}

fn pages(request: PageRequest, table: &Table) -> u64 {
    (table.total_keys as u64).div_ceil(request.per_page)
}

/// The numbers of one record, or of one point of it.
#[derive(Clone, Copy)]
struct Cells<'a> {
    table: &'a Table,
    row: usize,
    bucket: usize,
    form: Form,
    undefined: UndefinedValues,
}

/// How an API writes numbers.
#[derive(Clone, Copy)]
enum Form {
    /// All of today's are doubles.
    Double,
    /// All of the beta's are whole.
    Whole(BetaAverages),
}

impl Cells<'_> {
    /// Nothing, if there is no such number and that is told by leaving it out.
    fn number(&self, metric: &Metric, source: Source) -> Option<Written> {
        match self.table.number(self.row, self.bucket, metric, source) {
            Number::Undefined if self.undefined == UndefinedValues::Absent => None,
            Number::Undefined => Some(Written(Number::Whole(0), self.form)),
            number => Some(Written(number, self.form)),
        }
    }
}

/// A number as it is written.
struct Written(Number, Form);

impl Serialize for Written {
    #[allow(clippy::cast_precision_loss, reason = "sums stay far below 2^53")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.0, self.1) {
            (Number::Whole(number), Form::Double) => (number as f64).serialize(serializer),
            (Number::Whole(number), Form::Whole(_)) => number.serialize(serializer),
            (Number::Ratio { of, by }, Form::Double) => {
                (of as f64 / by as f64).serialize(serializer)
            }
            (Number::Ratio { of, by }, Form::Whole(BetaAverages::Rounded)) => {
                ((2 * of + by) / (2 * by)).serialize(serializer)
            }
            (Number::Ratio { of, by }, Form::Whole(BetaAverages::Truncated)) => {
                (of / by).serialize(serializer)
            }
            (Number::Undefined, _) => serializer.serialize_none(),
        }
    }
}

/// The counters or the timers of a record, as its API writes a value.
struct Values<'a, V> {
    unit: Unit,
    metrics: &'a [Metric],
    cells: Cells<'a>,
    value: fn(&'a Metric, Numbers<'a>) -> V,
}

impl<'a, V> Values<'a, V> {
    /// Nothing, if none were asked for.
    fn new(
        unit: Unit,
        metrics: &'a [Metric],
        cells: Cells<'a>,
        value: fn(&'a Metric, Numbers<'a>) -> V,
    ) -> Option<Values<'a, V>> {
        let is_asked = metrics.iter().any(|metric| metric.unit == unit);
        is_asked.then_some(Values { unit, metrics, cells, value })
    }
}

impl<V: Serialize> Serialize for Values<'_, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for metric in self.metrics.iter().filter(|metric| metric.unit == self.unit) {
            let numbers = Numbers { cells: self.cells, metric };
            if !numbers.is_absent() {
                map.serialize_entry(metric.name, &(self.value)(metric, numbers))?;
            }
        }
        map.end()
    }
}

/// One number, or one for each word of a breakdown.
struct Numbers<'a> {
    cells: Cells<'a>,
    metric: &'a Metric,
}

impl Numbers<'_> {
    fn is_absent(&self) -> bool {
        let is_one = !matches!(self.metric.of, Of::Words(_));
        is_one && self.one().is_none()
    }

    fn one(&self) -> Option<Written> {
        let source =
            if self.metric.of == Of::Total { Source::Total } else { Source::Opportunities };
        self.cells.number(self.metric, source)
    }
}

impl Serialize for Numbers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Of::Words(words) = &self.metric.of else {
            return self.one().serialize(serializer);
        };
        let number = |(name, word): &(&'static str, Option<Word>)| {
            let source = word.map_or(Source::Nothing, Source::Word);
            Some((*name, self.cells.number(self.metric, source)?))
        };
        serializer.collect_map(words.iter().filter_map(number))
    }
}

/// Where a page stands among all pages.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Paging {
    page: u64,
    per_page: u64,
    total_pages: u64,
    total_elements: u64,
}

impl Paging {
    fn new(request: PageRequest, table: &Table) -> Paging {
        Paging {
            page: request.page,
            per_page: request.per_page,
            total_pages: pages(request, table),
            total_elements: table.total_keys as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::calls::{Calls, Draft};
    use crate::query::World;
    use crate::revision::of_tomorrow;
    use crate::words::Words;

    const MONDAY: i64 = 1_748_872_800;

    /// One call, that one user made.
    fn world() -> World {
        let directory = Directory::built_in();
        let mut calls = Calls::default();
        let words = Words::of(&[Word::Outbound, Word::Connected, Word::Placed, Word::Completed]);
        let made = Draft {
            extension: 0,
            queue: None,
            peer: None,
            words,
            start: 0,
            end: 0,
            spans: Vec::new(),
            events: Vec::new(),
        };
        calls.push(MONDAY, Word::External, None, Some(Word::EndedByCaller), vec![made]);
        World::new(directory, calls, Assumptions::default().abandoned_sla)
    }

    /// A service that speaks a revision with words and fields that nobody has written for.
    fn tomorrow() -> Service {
        let change = json!({"analyticsCallsAggregationFetch": {
            "request": {
                "responseOptions": {"counters": {"callsByMood": {"aggregationType": "Sum"}}},
                "callFilters": {
                    "callResults": {"[]": "Completed Deflected"},
                    "moods": {"[]": "Happy"},
                },
            },
            "response": {"data": {"records": {"[]": {"counters": {
                "callsByResult": {"values": {"deflected": ""}},
            }}}}},
        }});
        let [beta, _] = Api::ALL.map(Revision::usual);
        let calls_v1 = of_tomorrow(Api::CallsV1, &change);
        Service { assumptions: Assumptions::default(), beta, calls_v1 }
    }

    fn ask(filters: &Value, option: &str) -> (Result<Value, Failure>, Vec<String>) {
        let range = json!({"timeFrom": "2025-06-02T00:00:00Z", "timeTo": "2025-06-02T23:59:59Z"});
        let body = json!({
            "grouping": {"groupBy": "Users"},
            "timeSettings": {"timeZone": "UTC", "timeRange": range},
            "callFilters": filters,
            "responseOptions": {"counters": {option: {"aggregationType": "Sum"}}},
        });
        let now = "2025-06-03T00:00:00Z".parse().unwrap();
        let body_as_written = OnceLock::new();
        let request = Request { parameters: Vec::new(), body, body_as_written, now };
        let reply = calls_v1::aggregation(&world(), &tomorrow(), &request);
        (reply.body.map(|body| serde_json::from_slice(&body).unwrap()), reply.remarks)
    }

    #[test]
    fn a_word_of_tomorrow_counts_no_calls_and_filters_them_all() {
        let (answer, _) = ask(&json!({}), "callsByResult");
        let answer = answer.unwrap();
        let values = &answer["data"]["records"][0]["counters"]["callsByResult"]["values"];
        assert_eq!((&values["completed"], &values["deflected"]), (&json!(1.0), &json!(0.0)));
        let (answer, remarks) = ask(&json!({"callResults": ["Deflected"]}), "callsByResult");
        assert_eq!(answer.unwrap()["paging"]["totalElements"], 0);
        assert_eq!(remarks, ["no call here falls under `Deflected` of `callFilters.callResults`"]);
    }

    #[test]
    fn a_field_of_tomorrow_is_not_worked_out_and_says_so() {
        for (filters, option, place) in [
            (json!({}), "callsByMood", "responseOptions.counters.callsByMood"),
            (json!({"moods": ["Happy"]}), "allCalls", "callFilters.moods"),
        ] {
            let failure = ask(&filters, option).0.unwrap_err();
            assert_eq!(failure.status, StatusCode::NOT_IMPLEMENTED);
            assert_eq!(failure.problems[0].error_code, "CMN-202");
            assert!(failure.problems[0].message.ends_with(&format!(": {place}")));
        }
    }
}
