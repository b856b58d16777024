//! Long because each figure is counted a second time here, from the calls themselves.

use std::{collections::BTreeMap, fmt, time::Duration};

use jiff::SignedDuration;
use proptest::{collection::vec, option, prelude::*, sample::subsequence};
use serde_json::Number;

use super::{
    formula::{Formula, INPUTS, NumberSource, Scope},
    *,
};
use crate::{
    Aggregation, Breakdown, DayOfWeek, Direction, Error, ErrorKind, Filter, GroupBy, Measure,
    Period, Query, Unit,
    query::{Length, fingerprint::Fingerprint},
    report::{
        Entry, Meaning, Metric, Point, Record, Series, Value, Values, Zone, answer_to::AnswerTo,
    },
    words::{
        metric::MetricName,
        operation::Operation,
        period::ResolvedPeriod,
        vocabulary::{
            CallAction, CallResponse, CallResult, CallSegment, CallType, QueueSla, Word as AnyWord,
        },
    },
};

/// A call as the tests invent it, seen from its key.
#[derive(Clone, Debug)]
struct Call {
    key: u8,
    inbound: bool,
    answered: bool,
    result: &'static str,
    in_sla: Option<bool>,
    ringing: u32,
    talk: u32,
    hold: Option<u32>,
    transfers: [u8; 3],
    from_queue: bool,
    opportunities: u8,
}

fn call() -> impl Strategy<Value = Call> {
    let results = vec!["completed", "abandoned", "voicemail", "missed", "accepted"];
    let times = (0..90_u32, 1..600_u32, option::of(1..120_u32));
    (
        (0..3_u8, any::<bool>(), any::<bool>(), prop::sample::select(results)),
        (option::of(any::<bool>()), times, [0..3_u8, 0..3, 0..3], any::<bool>(), 0..3_u8),
    )
        .prop_map(|((key, inbound, answered, result), rest)| {
            let (in_sla, (ringing, talk, hold), transfers, from_queue, opportunities) = rest;
            let picked_up = inbound && answered;
            let talked = answered || !inbound;
            Call {
                key,
                inbound,
                answered,
                result,
                in_sla: in_sla.filter(|_| picked_up),
                ringing,
                talk: if talked { talk } else { 0 },
                hold: hold.filter(|_| talked),
                transfers: if talked { transfers } else { [0; 3] },
                from_queue: from_queue && picked_up,
                opportunities,
            }
        })
}

impl Call {
    fn passes(&self, filter: &Filter) -> bool {
        let words = filter.words();
        match filter {
            Filter::Direction(_) => {
                words.contains(&if self.inbound { "inbound" } else { "outbound" })
            }
            Filter::Response(_) => words.contains(&self.response()),
            Filter::Result(_) => words.contains(&self.result),
            Filter::TimeSpent(length) => length.max_seconds >= Some(self.duration()),
            other => panic!("no figure needs {other:?}"),
        }
    }

    fn duration(&self) -> u32 {
        self.ringing + self.talk + held(self)
    }

    fn response(&self) -> &'static str {
        match (self.inbound, self.answered) {
            (true, true) => "answered",
            (true, false) => "notAnswered",
            (false, true) => "connected",
            (false, false) => "notConnected",
        }
    }

    /// What it adds to a breakdown's words.
    fn counts(&self, metric: MetricName, breakdown: &Breakdown) -> Vec<(&'static str, u64)> {
        let transfers = ["blindTransfer", "warmTransfer", "dtmfTransfer"];
        match (metric, breakdown) {
            (MetricName::Calls, Breakdown::Direction) => {
                vec![("inbound", u64::from(self.inbound)), ("outbound", u64::from(!self.inbound))]
            }
            (MetricName::Calls, Breakdown::Response) => {
                let words = ["answered", "notAnswered", "connected", "notConnected"];
                words.map(|word| (word, u64::from(word == self.response()))).to_vec()
            }
            (MetricName::Calls, Breakdown::Result) => {
                let words = ["completed", "abandoned", "voicemail", "missed", "accepted"];
                words.map(|word| (word, u64::from(word == self.result))).to_vec()
            }
            (MetricName::Calls, Breakdown::QueueSla) => vec![
                ("inSla", u64::from(self.in_sla == Some(true))),
                ("outOfSla", u64::from(self.in_sla == Some(false))),
            ],
            (MetricName::Calls, Breakdown::Segment) => {
                vec![("hold", u64::from(self.hold.is_some()))]
            }
            (MetricName::Calls, Breakdown::Action) => {
                transfers.into_iter().zip(self.transfers.map(u64::from)).collect()
            }
            (MetricName::Calls, Breakdown::Type) => {
                vec![("fromQueue", u64::from(self.from_queue))]
            }
            (MetricName::TimeSpent, Breakdown::Segment) => vec![
                ("ringing", self.ringing.into()),
                ("liveTalk", self.talk.into()),
                ("hold", self.hold.unwrap_or(0).into()),
            ],
            other => panic!("no figure needs {other:?}"),
        }
    }
}

fn meaning(metric: MetricName, aggregation: &Aggregation) -> Meaning {
    let unit = match metric {
        MetricName::Calls => Unit::Instances,
        MetricName::TimeSpent => Unit::Seconds,
    };
    Meaning { unit, aggregation: Some(aggregation.clone()), interval: None }
}

/// The metrics of a query, and no others, over some calls.
fn answered(query: &Query, metric: MetricName, calls: &[&Call]) -> Metric {
    let mut out = Metric::default();
    for Measure { breakdown, aggregation, .. } in query.measures_of(metric).iter().cloned() {
        let wire = "".into();
        let meaning = meaning(metric, &aggregation);
        let number = match (&breakdown, metric) {
            (Breakdown::Total, MetricName::Calls) => Some(calls.len() as u64),
            (Breakdown::Total, MetricName::TimeSpent) => {
                Some(calls.iter().map(|call| u64::from(call.duration())).sum())
            }
            (Breakdown::QueueOpportunities, _) => {
                Some(calls.iter().map(|call| u64::from(call.opportunities)).sum())
            }
            _ => None,
        };
        if let Some(number) = number {
            let value = Value::new(Number::from(number), meaning);
            out.numbers.push(Entry { breakdown, wire, value });
            continue;
        }
        let mut sums = BTreeMap::<&'static str, u64>::new();
        for (word, count) in calls.iter().flat_map(|call| call.counts(metric, &breakdown)) {
            let number = sums.entry(word).or_default();
            *number =
                if aggregation == Aggregation::Max { count.max(*number) } else { *number + count };
        }
        let by_word =
            sums.into_iter().map(|(word, sum)| (word.into(), Number::from(sum))).collect();
        let value = Values { meaning, by_word };
        out.breakdowns.push(Entry { breakdown, wire, value });
    }
    out
}

fn week() -> ResolvedPeriod {
    let now = "2026-11-24T12:00:00Z".parse().unwrap();
    Period::last_days(7).resolve(now, &jiff::tz::TimeZone::UTC).unwrap()
}

/// What a server answers: a record per key, for those that have such calls.
fn answer(query: &Query, calls: &[Call]) -> Vec<Record> {
    let mut by_key = BTreeMap::<u8, Vec<&Call>>::new();
    for call in calls {
        if query.filters.iter().all(|filter| call.passes(filter)) {
            by_key.entry(call.key).or_default().push(call);
        }
    }
    let record = |(key, calls): (u8, Vec<&Call>)| Record {
        key: key.to_string(),
        info: None,
        calls: answered(query, MetricName::Calls, &calls),
        time_spent: answered(query, MetricName::TimeSpent, &calls),
        extra: serde_json::Map::default(),
        fingerprint: AnswerTo(Some(Fingerprint::of(query, &Operation::Aggregate, &week()))),
    };
    by_key.into_iter().map(record).collect()
}

fn queries(set: &KpiSet) -> Vec<Query> {
    set.queries(GroupBy::queues(), Period::last_days(7), "UTC")
}

fn answers(set: &KpiSet, calls: &[Call]) -> Vec<Vec<Record>> {
    queries(set).iter().map(|query| answer(query, calls)).collect()
}

/// A figure counted from the calls themselves.
fn counted(kpi: Kpi, calls: &[&Call], staffed: f64) -> Option<f64> {
    let sum = |f: &dyn Fn(&Call) -> u32| calls.iter().map(|call| f64::from(f(call))).sum::<f64>();
    let count = |f: &dyn Fn(&Call) -> bool| sum(&|call| u32::from(f(call)));
    let share = |part: f64, whole: f64| (whole > 0.0).then_some(part / whole);
    let offered = count(&|call| call.inbound);
    let answered = count(&|call| call.inbound && call.answered);
    let result = |word: &str| count(&|call| call.inbound && call.result == word);
    let waited = |call: &Call| u32::from(gives_up(call)) * call.duration();
    let gave_up = count(&gives_up);
    let talked = |call: &Call| u32::from(call.inbound) * call.talk;
    let with_hold = count(&|call| call.inbound && call.hold.is_some());
    let sla = |inside| count(&|call| call.in_sla == Some(inside));
    let (inside, outside) = (sla(true), sla(false));
    match kpi {
        Kpi::Offered => Some(offered),
        Kpi::Answered => Some(answered),
        Kpi::AnswerRate => share(answered, offered),
        Kpi::AbandonmentRate => share(result("abandoned"), offered),
        Kpi::AbandonmentRateBeforeAnswer => share(gave_up, offered),
        Kpi::AbandonmentRateWithoutShort => {
            let short = sum(&|call| u32::from(gave_up_early(call)));
            share(gave_up - short, offered - short)
        }
        Kpi::VoicemailRate => share(result("voicemail"), offered),
        Kpi::MissedRate => share(result("missed"), offered),
        Kpi::ServiceLevelOfAnswered => share(inside, inside + outside),
        Kpi::ServiceLevelOfOffered => share(inside, offered),
        Kpi::ServiceLevelAbandonedMissed => share(inside, inside + outside + gave_up),
        Kpi::ServiceLevelAbandonedMet => share(inside + gave_up, inside + outside + gave_up),
        Kpi::AverageSpeedOfAnswer => {
            share(sum(&|call| u32::from(call.inbound && call.answered) * call.ringing), answered)
        }
        Kpi::AverageTimeToAbandon => share(sum(&waited), gave_up),
        Kpi::LongestWait => calls
            .iter()
            .filter(|call| call.inbound)
            .map(|call| call.ringing.into())
            .reduce(f64::max),
        Kpi::AverageTalkTime => share(sum(&talked), answered),
        Kpi::AverageHoldTime => share(sum(&|call| u32::from(call.inbound) * held(call)), with_hold),
        Kpi::AverageHandleTime => {
            let handled = |call: &Call| u32::from(call.inbound) * (call.talk + held(call));
            share(sum(&handled), answered)
        }
        Kpi::HoldRate => share(with_hold, answered),
        Kpi::TransferRate => {
            let transfers =
                |call: &Call| call.transfers.iter().map(|times| u32::from(*times)).sum::<u32>();
            share(sum(&|call| u32::from(call.inbound) * transfers(call)), answered)
        }
        Kpi::OpportunityConversion => {
            share(count(&|call| call.from_queue), sum(&|call| u32::from(call.opportunities)))
        }
        Kpi::Occupancy => share(sum(&|call| call.talk + held(call)), staffed),
    }
}

fn gives_up(call: &Call) -> bool {
    call.inbound && !call.answered && call.result == "abandoned"
}

/// What the sets take for short.
const SHORT: Duration = Duration::from_secs(20);

fn gave_up_early(call: &Call) -> bool {
    gives_up(call) && u64::from(call.duration()) <= SHORT.as_secs()
}

fn held(call: &Call) -> u32 {
    call.hold.unwrap_or(0)
}

fn all_figures() -> KpiSet {
    KpiSet::new(Kpi::KNOWN.iter().copied()).short_abandons(SHORT)
}

fn some_kpis() -> impl Strategy<Value = Vec<Kpi>> {
    subsequence(Kpi::KNOWN, 1..=Kpi::KNOWN.len())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A figure is what counting the calls gives, in any set of figures.
    #[test]
    fn a_figure_is_what_counting_gives(kpis in some_kpis(), calls in vec(call(), 0..60)) {
        const STAFFED: SignedDuration = SignedDuration::from_hours(2);
        let set = KpiSet::new(kpis.clone()).missing_is_zero().short_abandons(SHORT);
        let set = (0..3).fold(set, |set, key| set.staffed(key.to_string(), STAFFED));
        for record in set.try_merge(answers(&set, &calls)).unwrap() {
            let of_key: Vec<_> =
                calls.iter().filter(|call| call.key.to_string() == record.key()).collect();
            for kpi in &kpis {
                let figure = record.get(*kpi).map(|value| value.as_f64());
                let counted = counted(*kpi, &of_key, STAFFED.as_secs_f64());
                prop_assert_eq!(figure, counted, "{} of {}", kpi, record.key());
            }
        }
    }

    /// Without that option the answer is the same or absent, and absent only for
    /// what the narrower answer left out and the wider one doesn't prove zero.
    #[test]
    fn a_missing_key_is_absent_unless_it_is_proven(calls in vec(call(), 0..40)) {
        let set = KpiSet::new([Kpi::Offered, Kpi::AbandonmentRateBeforeAnswer]);
        for record in set.try_merge(answers(&set, &calls)).unwrap() {
            let of_key: Vec<_> = calls
                .iter()
                .filter(|call| call.inbound && call.key.to_string() == record.key())
                .collect();
            let figure = record.get(Kpi::AbandonmentRateBeforeAnswer).map(|value| value.as_f64());
            let counted = counted(Kpi::AbandonmentRateBeforeAnswer, &of_key, 0.0);
            let is_proven = of_key.iter().all(|call| call.answered)
                || of_key.iter().all(|call| call.result != "abandoned");
            if counted == Some(0.0) && !is_proven {
                prop_assert_eq!(figure, None);
            } else {
                prop_assert_eq!(figure, counted);
            }
        }
    }

    /// Figures stay in their bounds and in the order that their names promise.
    #[test]
    fn shares_are_shares(calls in vec(call(), 1..60)) {
        let set = all_figures().missing_is_zero();
        for record in set.try_merge(answers(&set, &calls)).unwrap() {
            let get = |kpi| record.get(kpi).map(|value| value.as_f64());
            for value in record.iter() {
                prop_assert!(value.as_f64() >= 0.0, "{value:?}");
                // Of opportunities and transfers these invented calls may have any number.
                let is_free = [Kpi::TransferRate, Kpi::OpportunityConversion];
                if value.unit() == KpiUnit::Share && !is_free.contains(&value.kpi()) {
                    prop_assert!(value.as_f64() <= 1.0, "{value:?}");
                }
            }
            if let Some(exact) = get(Kpi::AbandonmentRateBeforeAnswer) {
                prop_assert!(Some(exact) <= get(Kpi::AbandonmentRate));
            }
            if let (Some(missed), Some(ignored), Some(met)) = (
                get(Kpi::ServiceLevelAbandonedMissed),
                get(Kpi::ServiceLevelAbandonedIgnored),
                get(Kpi::ServiceLevelAbandonedMet),
            ) {
                prop_assert!(missed <= ignored && ignored <= met, "{missed} {ignored} {met}");
            }
        }
    }

    /// Twice the calls are twice the numbers, and the same shares and times.
    #[test]
    fn figures_do_not_grow_with_the_calls(calls in vec(call(), 1..30)) {
        let set = all_figures();
        let twice: Vec<_> = calls.iter().chain(&calls).cloned().collect();
        let once = set.try_merge(answers(&set, &calls)).unwrap();
        for (once, twice) in once.iter().zip(set.try_merge(answers(&set, &twice)).unwrap()) {
            for value in once.iter() {
                let factor = if value.unit() == KpiUnit::Calls { 2.0 } else { 1.0 };
                let other = twice.get(value.kpi()).unwrap().as_f64();
                prop_assert!((other - factor * value.as_f64()).abs() < 1e-9, "{value:?} {other}");
            }
        }
    }
}

/// Whether a figure can be had from the answers of some scopes, each with
/// everything in it.
fn can_be_had(kpi: Kpi, scopes: &[Scope], calls: &[Call]) -> bool {
    let everything = |scope: &Scope| {
        let query = Query::new(GroupBy::queues(), Period::last_days(7), "UTC");
        let short = Some(Length::at_most(20));
        let query = scope.filters(short).into_iter().fold(query, Query::only);
        let breakdowns = [
            Breakdown::Total,
            Breakdown::Direction,
            Breakdown::Response,
            Breakdown::Result,
            Breakdown::QueueSla,
            Breakdown::Segment,
            Breakdown::Action,
            Breakdown::Type,
            Breakdown::QueueOpportunities,
        ];
        let how = if *scope == Scope::AnsweredOrNot { Aggregation::Max } else { Aggregation::Sum };
        let query = breakdowns
            .into_iter()
            .fold(query, Query::calls)
            .time_spent(Breakdown::Total)
            .time_spent(Measure::new(Breakdown::Segment, how));
        answer(&query, calls)
    };
    let answers: Vec<_> = scopes.iter().map(everything).collect();
    let sums: Vec<_> = answers
        .iter()
        .map(|records| {
            let record = records.first()?;
            Some(formula::Sums { calls: record.calls(), time_spent: record.time_spent() })
        })
        .collect();
    let answers = set::Answers { sums: &sums, matching: &vec![true; sums.len()] };
    set::Known { scopes, answers, missing_is_zero: false }
        .figure(Formula::of(kpi), Some(3600.0))
        .is_some()
}

/// Calls of one key that leave no figure without a number.
fn telling_calls() -> Vec<Call> {
    let answered = Call {
        key: 0,
        inbound: true,
        answered: true,
        result: "completed",
        in_sla: Some(true),
        ringing: 5,
        talk: 60,
        hold: Some(9),
        transfers: [1, 0, 0],
        from_queue: true,
        opportunities: 1,
    };
    let gave_up = Call {
        answered: false,
        result: "abandoned",
        in_sla: None,
        talk: 0,
        hold: None,
        transfers: [0; 3],
        from_queue: false,
        ..answered.clone()
    };
    vec![answered, gave_up]
}

#[test]
fn no_fewer_queries_cover_any_set() {
    let calls = telling_calls();
    let subsets: Vec<Vec<Scope>> = (0..64_u32)
        .map(|bits| (0..6).filter(|at| bits >> at & 1 == 1).map(|at| Scope::KNOWN[at]).collect())
        .collect();
    // Per figure: the subsets of queries, as bits, that it can be had from.
    let had: Vec<u64> = Kpi::KNOWN
        .iter()
        .map(|kpi| {
            let places = subsets.iter().enumerate();
            places
                .filter(|(_, scopes)| can_be_had(*kpi, scopes, &calls))
                .fold(0, |bits, (at, _)| bits | 1 << at)
        })
        .collect();
    let mut sizes = BTreeMap::<usize, u32>::new();
    let all = (1_u32 << Kpi::KNOWN.len()) - 1;
    for chosen in (1..=all).filter(|bits| bits.count_ones() <= 4 || *bits == all) {
        let is_chosen = |at: &usize| chosen >> at & 1 == 1;
        let places = || (0..Kpi::KNOWN.len()).filter(is_chosen);
        let enough = places().fold(u64::MAX, |bits, at| bits & had[at]);
        let fewest = (0..64_usize)
            .filter(|at| enough >> at & 1 == 1)
            .map(|at| subsets[at].len())
            .min()
            .unwrap();
        let set = KpiSet::new(places().map(|at| Kpi::KNOWN[at])).short_abandons(SHORT);
        assert_eq!(set.cost(1, 200).queries, fewest as u64, "{:?}", set.kpis());
        *sizes.entry(fewest).or_default() += 1;
    }
    assert_eq!(sizes.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6], "{sizes:?}");
}

/// The queries of every pair are as many as it costs, and their answers have
/// all of the pair's figures.
#[test]
fn the_queries_give_every_figure() {
    let calls = telling_calls();
    for one in Kpi::KNOWN {
        for other in Kpi::KNOWN {
            let set = KpiSet::new([*one, *other])
                .short_abandons(SHORT)
                .staffed("0", SignedDuration::from_hours(1));
            assert_eq!(queries(&set).len() as u64, set.cost(1, 200).queries);
            let records = set.try_merge(answers(&set, &calls)).unwrap();
            assert_eq!(records.len(), 1);
            assert!(records[0].get(*one).is_some(), "{one} with {other}");
            assert!(records[0].get(*other).is_some(), "{other} with {one}");
        }
    }
}

#[test]
fn sets_that_can_share_a_query_do() {
    let count = |kpis: &[Kpi]| queries(&KpiSet::new(kpis.iter().copied())).len();
    assert_eq!(count(&[Kpi::AnswerRate, Kpi::AbandonmentRate, Kpi::AverageHandleTime]), 1);
    assert_eq!(count(&[Kpi::AverageSpeedOfAnswer, Kpi::AverageHandleTime]), 1);
    assert_eq!(count(&[Kpi::Offered, Kpi::OpportunityConversion, Kpi::Occupancy]), 1);
    assert_eq!(count(&[Kpi::AnswerRate, Kpi::AverageSpeedOfAnswer]), 2);
    assert_eq!(count(&[]), 0);
}

#[test]
fn a_query_asks_no_more_than_is_needed() {
    let queries = queries(&KpiSet::new([Kpi::AbandonmentRate]));
    let asked: Vec<_> = queries[0].calls.iter().map(|measure| &measure.breakdown).collect();
    assert_eq!(asked, [&Breakdown::Result, &Breakdown::Total]);
    assert!(queries[0].time_spent.is_empty());
    assert_eq!(queries[0].filters, [Filter::from(Direction::Inbound)]);
}

fn offered(records: &[KpiRecord]) -> Option<f64> {
    records[0].get(Kpi::Offered).map(|value| value.as_f64())
}

#[test]
fn of_nothing_there_is_no_share() {
    let kpis = [Kpi::Offered, Kpi::AnswerRate, Kpi::Occupancy];
    let set = KpiSet::new(kpis);
    let outbound = Call { inbound: false, ..telling_calls().remove(0) };
    // The wider answer has the key, with no inbound call.
    let wide = KpiSet::new([Kpi::Offered, Kpi::Occupancy]);
    let records = wide.try_merge(answers(&wide, std::slice::from_ref(&outbound))).unwrap();
    assert_eq!(offered(&records), Some(0.0));
    assert_eq!(records[0].get(Kpi::Occupancy), None, "its staffed time is unknown");
    let records = set.try_merge(answers(&set, &[outbound])).unwrap();
    assert_eq!(records[0].get(Kpi::AnswerRate), None);
    let never = KpiSet::new([Kpi::Occupancy]).staffed("0", SignedDuration::ZERO);
    let records = never.try_merge(answers(&never, &telling_calls())).unwrap();
    assert_eq!(records[0].get(Kpi::Occupancy), None);
}

/// How long is short has to be given.
#[test]
fn without_a_length_of_short_calls_nothing_is_asked_of_them() {
    let set = KpiSet::new([Kpi::AbandonmentRateWithoutShort]);
    assert!(queries(&set).is_empty());
    let set = KpiSet::new([Kpi::Offered, Kpi::AbandonmentRateWithoutShort]);
    let records = set.try_merge(answers(&set, &telling_calls())).unwrap();
    assert_eq!(records[0].get(Kpi::AbandonmentRateWithoutShort), None);
}

/// Two queries of a set differ in the length of their calls alone.
#[test]
fn answers_of_short_calls_have_their_place() {
    let set = KpiSet::new([Kpi::AbandonmentRateWithoutShort]).short_abandons(SHORT);
    let mut given = answers(&set, &telling_calls());
    assert_eq!(given.len(), 3);
    assert!(set.try_merge(given.clone()).is_ok());
    given.swap(1, 2);
    assert!(set.try_merge(given).is_err());
    let other = KpiSet::new([Kpi::AbandonmentRateWithoutShort]);
    let other = other.short_abandons(Duration::from_secs(30));
    assert!(set.try_merge(answers(&other, &telling_calls())).is_err());
}

#[test]
fn what_was_not_asked_for_is_absent() {
    let asked = KpiSet::new([Kpi::Offered]);
    let answers = answers(&asked, &telling_calls());
    let more = KpiSet::new([Kpi::Offered, Kpi::AnswerRate, Kpi::ServiceLevelOfAnswered]);
    let records = more.try_merge(answers).unwrap();
    assert_eq!(offered(&records), Some(2.0));
    assert_eq!(records[0].get(Kpi::AnswerRate), None);
    assert_eq!(records[0].get(Kpi::ServiceLevelOfAnswered), None);
}

/// A number that isn't a sum would be a wrong figure.
#[test]
fn an_average_is_not_taken_for_a_sum() {
    let set = KpiSet::new([Kpi::Offered]);
    let mut answers = answers(&set, &telling_calls());
    let number = &mut answers[0][0].calls.numbers[0];
    let average = Meaning {
        aggregation: Some(Aggregation::Average),
        ..meaning(MetricName::Calls, &Aggregation::Sum)
    };
    number.value = Value::new(Number::from(2), average);
    assert_eq!(set.try_merge(answers).unwrap()[0].get(Kpi::Offered), None);
}

fn has_word(source: &NumberSource) -> bool {
    fn known<W: AnyWord>(word: &str) -> bool {
        W::KNOWN.iter().any(|known| known.as_str() == word)
    }
    let Some(word) = source.word else {
        return matches!(source.breakdown, Breakdown::Total | Breakdown::QueueOpportunities);
    };
    match source.breakdown {
        Breakdown::Direction => known::<Direction>(word),
        Breakdown::Response => known::<CallResponse>(word),
        Breakdown::Result => known::<CallResult>(word),
        Breakdown::Type => known::<CallType>(word),
        Breakdown::Segment => known::<CallSegment>(word),
        Breakdown::Action => known::<CallAction>(word),
        Breakdown::QueueSla => known::<QueueSla>(word),
        _ => false,
    }
}

#[test]
fn every_sum_is_one_of_the_vocabulary() {
    for input in INPUTS {
        for source in input.sources.iter().chain(input.parts_of) {
            assert!(has_word(source), "{source:?}");
        }
    }
}

#[test]
fn figures_have_names_and_say_what_they_are() {
    for kpi in Kpi::KNOWN {
        assert_eq!(kpi.as_str().parse::<Kpi>().unwrap(), *kpi);
        assert_eq!(kpi.to_string(), kpi.as_str());
    }
    let mut meanings: Vec<_> = Kpi::KNOWN.iter().map(Kpi::meaning).collect();
    meanings.sort_unstable();
    meanings.dedup();
    assert_eq!(meanings.len(), Kpi::KNOWN.len(), "each says what only it is");
    assert!(Kpi::KNOWN.iter().all(|kpi| kpi.source().contains(' ')));
    assert_eq!(Kpi::Offered.often_confused_with(), "");
    assert!(Kpi::TransferRate.often_confused_with().contains("counts twice"));
    assert!("answer-rate".parse::<Kpi>().unwrap_err().to_string().contains("answer_rate"));
    assert_eq!(Kpi::AnswerRate.formula(), "answered / offered");
    assert_eq!(
        Kpi::ServiceLevelAbandonedMet.formula(),
        "(in SLA + abandoned before an answer) / (in SLA + out of SLA + abandoned before an answer)"
    );
}

#[test]
fn a_figure_is_read_in_its_unit() {
    let of = |kpi, number| KpiValue { kpi, number };
    let share = of(Kpi::AnswerRate, 0.25);
    assert_eq!(share.percent(), Some(25.0));
    assert_eq!(share.as_duration(), None);
    assert_eq!(of(Kpi::Offered, 100.0).percent(), None);
    let shown = [share, of(Kpi::Offered, 100.0), of(Kpi::AverageHandleTime, 90.5)];
    assert_eq!(shown.map(|value| value.to_string()), ["25.0 %", "100", "90.5 s"]);
    assert_eq!(format!("{share:.0}|{share:>8}|{share:<8}|"), "25 %|  25.0 %|25.0 %  |");
    assert_eq!(of(Kpi::AverageHandleTime, 90.5).percent(), None);
    assert_eq!(format!("{share:?}"), "answer_rate 0.25 Share");
    let time = of(Kpi::AverageHandleTime, 90.5);
    assert_eq!(time.as_duration(), Some(SignedDuration::from_millis(90_500)));
    let schema = serde_json::to_value(schemars::schema_for!(KpiValue)).unwrap();
    assert_eq!(schema["required"], serde_json::json!(["value", "unit"]));
}

#[test]
fn a_key_that_was_staffed_for_no_time_has_no_occupancy() {
    let calls = telling_calls();
    for hours in [0, -1] {
        let set = KpiSet::new([Kpi::Occupancy]).staffed("0", SignedDuration::from_hours(hours));
        let records = set.try_merge(answers(&set, &calls)).unwrap();
        assert!(records[0].get(Kpi::Occupancy).is_none());
    }
}

/// Of one day with everything that a record has.
fn of_a_day(records: Vec<Record>, time_text: &str) -> Vec<Series> {
    let time = time_text.parse().unwrap();
    let series = |Record { key, info, calls, time_spent, extra, fingerprint }: Record| {
        let (time_text, point_extra) = (time_text.to_owned(), serde_json::Map::default());
        let zone = Zone::default();
        let point = Point { time_text, time, zone, calls, time_spent, extra: point_extra };
        Series { key, info, points: vec![point], extra, fingerprint }
    };
    records.into_iter().map(series).collect()
}

#[test]
fn a_point_has_the_figures_of_its_time() {
    let set = KpiSet::new([Kpi::AnswerRate]);
    assert_eq!(set.kpis(), [Kpi::AnswerRate]);
    let day = "2026-11-24T00:00:00.000-05:00";
    let answers = answers(&set, &telling_calls());
    let rate = set.try_merge(answers.clone()).unwrap()[0].get(Kpi::AnswerRate).unwrap();
    let answers = answers.into_iter().map(|records| of_a_day(records, day));
    let series = set.try_merge_series(answers).unwrap();
    let [point] = series[0].points() else { panic!("{series:?}") };
    assert_eq!(point.time().to_string(), "2026-11-24T05:00:00Z");
    assert_eq!(point.time_text(), day);
    assert_eq!(point.get(Kpi::AnswerRate), Some(rate));
}

/// Whole numbers have no fraction, as everywhere in this crate's JSON.
#[test]
fn figures_are_json_by_name() {
    let set = KpiSet::new([Kpi::Offered, Kpi::AnswerRate, Kpi::Occupancy]);
    let records = set.try_merge(answers(&set, &telling_calls())).unwrap();
    assert_eq!(
        serde_json::to_value(&records).unwrap(),
        serde_json::json!([{"key": "0", "kpis": {
            "offered": {"value": 2, "unit": "calls"},
            "answer_rate": {"value": 0.5, "unit": "share"},
        }}])
    );
}

#[test]
fn the_cost_counts_pages() {
    let set = KpiSet::new([Kpi::AnswerRate, Kpi::AverageSpeedOfAnswer]);
    let requests = |records, per_page| set.cost(records, per_page).requests;
    assert_eq!(requests(0, 200), 2, "an answer without records is a page as well");
    assert_eq!(requests(200, 200), 2);
    assert_eq!(requests(201, 200), 4);
    assert_eq!(requests(5, 0), 10);
}

/// Two queries: inbound calls, and answered inbound calls.
fn two() -> KpiSet {
    KpiSet::new([Kpi::Offered, Kpi::AverageSpeedOfAnswer])
}

fn refusal<T: fmt::Debug>(outcome: Result<T, Error>) -> String {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Answer);
    let text = error.to_string();
    let problems = text.strip_prefix("the answers don't belong together: ");
    let problems = problems.and_then(|rest| rest.split_once("; pass the records of each query"));
    problems.map(|(problems, _)| problems.to_owned()).unwrap_or(text)
}

const INBOUND: &str = "query 1 (direction=inbound)";
const ANSWERED: &str = "query 2 (direction=inbound, response=answered)";

#[test]
fn answers_in_another_order_are_refused_by_name() {
    let set = two();
    let mut answers = answers(&set, &telling_calls());
    answers.reverse();
    let both = format!(
        "answer 1 is that of {ANSWERED}, not of {INBOUND}; \
                        answer 2 is that of {INBOUND}, not of {ANSWERED}"
    );
    assert_eq!(refusal(set.try_merge(answers.clone())), both);
    let day = "2026-11-24T00:00:00.000-05:00";
    let series = answers.into_iter().map(|records| of_a_day(records, day));
    assert_eq!(refusal(set.try_merge_series(series)), both);
}

#[test]
fn answers_that_are_missing_or_given_twice_are_refused_by_name() {
    let set = two();
    let [inbound, answered] = answers(&set, &telling_calls()).try_into().unwrap();
    assert_eq!(
        refusal(set.try_merge([inbound.clone()])),
        format!("1 given, and the set has 2 queries; the answer to {ANSWERED} is missing")
    );
    assert_eq!(
        refusal(set.try_merge([answered.clone()])),
        format!(
            "1 given, and the set has 2 queries; the answer to {INBOUND} is missing; \
             answer 1 is that of {ANSWERED}, not of {INBOUND}"
        )
    );
    assert_eq!(
        refusal(set.try_merge([inbound.clone(), inbound.clone()])),
        format!(
            "the answer to {ANSWERED} is missing; answer 2 is that of {INBOUND}, not of {ANSWERED}"
        )
    );
    assert_eq!(
        refusal(set.try_merge([inbound.clone(), answered.clone(), answered.clone()])),
        format!(
            "3 given, and the set has 2 queries; answer 3 is that of {ANSWERED}, which has its \
             place"
        )
    );
    assert!(refusal(set.try_merge([])).starts_with("0 given, and the set has 2 queries"));
    // Without records an answer says nothing, as of a queue without calls.
    assert_eq!(set.try_merge([inbound, Vec::new()]).unwrap().len(), 1);
    assert_eq!(set.try_merge([Vec::new(), answered]).unwrap().len(), 1);
    assert_eq!(KpiSet::new([]).try_merge([]).unwrap(), []);
}

#[test]
fn answers_about_something_else_are_refused_by_name() {
    let set = two();
    let calls = telling_calls();
    let of = |query: &Query| answer(query, &calls);
    let [inbound, answered] = queries(&set).try_into().unwrap();
    let narrowed = |query: &Query| query.clone().on_days([DayOfWeek::Monday]);
    assert!(set.try_merge([of(&narrowed(&inbound)), of(&narrowed(&answered))]).is_ok());
    assert_eq!(
        refusal(set.try_merge([of(&inbound), of(&narrowed(&answered))])),
        "answer 2 and the first differ in the filters, days or hours"
    );
    let users = set.queries(GroupBy::users(), Period::last_days(7), "UTC");
    assert_eq!(
        refusal(set.try_merge([of(&inbound), of(&users[1])])),
        "answer 2 and the first differ in the grouping or its keys"
    );
    let everything = Query::new(GroupBy::queues(), Period::last_days(7), "UTC");
    let refused = refusal(set.try_merge([of(&inbound), of(&everything)]));
    assert!(refused.ends_with("answer 2 is that of no query of the set"), "{refused}");
    // One record in the wrong list is enough.
    let mut mixed = of(&inbound);
    mixed.extend(of(&answered));
    let refused = refusal(set.try_merge([mixed, of(&answered)]));
    let misplaced = format!("answer 1 is that of {ANSWERED}, not of {INBOUND}");
    assert!(refused.ends_with(&misplaced), "{refused}");
    // Pages that overlap give a key twice, and one of its records would be lost.
    let twice = [of(&inbound), of(&inbound)].concat();
    let refused = refusal(set.try_merge([twice, of(&answered)]));
    assert_eq!(refused, "answer 1 has the key 0 twice");
}

/// As of a record that a program made by itself, or kept from an earlier version.
#[test]
fn a_record_that_does_not_say_its_query_is_refused_by_name() {
    let set = two();
    let mut answers = answers(&set, &telling_calls());
    answers[1][0].fingerprint = AnswerTo::default();
    assert_eq!(
        refusal(set.try_merge(answers)),
        "answer 2: the record of key 0 doesn't say which query it answers, because no client read \
         it"
    );
}

#[test]
#[expect(deprecated, reason = "what programs of 0.1 call")]
fn merge_leaves_out_what_does_not_match() {
    let set = two();
    let all = answers(&set, &telling_calls());
    let figures = |answers: Vec<Vec<Record>>| {
        let records = set.merge(answers);
        let [record] = &records[..] else { panic!("{records:?}") };
        let get = |kpi| record.get(kpi).map(|value| value.as_f64());
        (get(Kpi::Offered), get(Kpi::AverageSpeedOfAnswer))
    };
    assert_eq!(figures(all.clone()), (Some(2.0), Some(5.0)));
    assert_eq!(figures(vec![all[1].clone(), all[0].clone()]), (None, None));
    assert_eq!(figures(vec![all[0].clone(), all[0].clone()]), (Some(2.0), None));
    assert_eq!(figures(vec![all[0].clone()]), (Some(2.0), None));
    assert_eq!(figures(vec![all[1].clone()]), (None, None));
    // What doesn't say its query is taken for the answer of its place, as ever.
    let mut unknown = all;
    unknown.iter_mut().flatten().for_each(|record| record.fingerprint = AnswerTo::default());
    assert_eq!(figures(unknown), (Some(2.0), Some(5.0)));
    let day = "2026-11-24T00:00:00.000-05:00";
    let mut series: Vec<_> =
        answers(&set, &telling_calls()).into_iter().map(|records| of_a_day(records, day)).collect();
    series.reverse();
    assert_eq!(set.merge_series(series)[0].points()[0].iter().count(), 0);
}

/// An answer that isn't its query's proves nothing zero either.
#[test]
#[expect(deprecated, reason = "what programs of 0.1 call")]
fn what_does_not_match_is_not_zero() {
    let set = KpiSet::new([Kpi::Offered, Kpi::AbandonmentRateBeforeAnswer]).missing_is_zero();
    let answers = answers(&set, &telling_calls());
    let records = set.merge([answers[0].clone(), answers[0].clone()]);
    assert_eq!(offered(&records), Some(2.0));
    assert_eq!(records[0].get(Kpi::AbandonmentRateBeforeAnswer), None);
}
