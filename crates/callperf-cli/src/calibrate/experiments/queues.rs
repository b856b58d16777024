//! Calls that weren't answered, and queues' service levels.

use serde_json::{Value as Json, json};

use crate::calibrate::{
    experiment::{Experiment, Found, Tells, no_findings},
    notebook::Notebook,
    period::Setup,
    reading::{company, digits, is_near, is_zero, records, sum, total, words},
    redact::redacted,
    request::{ACCOUNT, MOST_ON_PAGE, Request},
    verdict::{Finding, Unsettled, Verdict},
};

pub(super) const TALK: Experiment = Experiment {
    question: "Do calls have talk, hold or transfers that weren't answered?",
    tells: &[Tells {
        assumption: "talk-is-answered",
        options: &[
            ("yes", "no talk, hold or transfer in 20 or more calls that weren't answered"),
            ("no", "some of them"),
        ],
        open: "fewer than 20 calls weren't answered",
    }],
    may_be_refused: false,
    requests: |setup, _| {
        let purpose = "the segments of the company's calls that weren't answered";
        let request = Request::aggregation(setup, "not answered", purpose, "Company");
        let request = request.counting(&["allCalls", "callsSegments"], "Sum");
        vec![request.with("/callFilters", json!({"callResponses": ["NotAnswered"]}))]
    },
    repeats: None,
    verdicts: |_, notebook| vec![("talk-is-answered", talk(notebook).into())],
    findings: no_findings,
};

/// Fewer calls could lack them by chance.
const LEAST_CALLS: f64 = 20.0;

fn talk(notebook: &Notebook) -> Result<Verdict, Unsettled> {
    let needs = "more calls that weren't answered";
    let none = || Unsettled::new("no call wasn't answered", needs);
    let answer = notebook.answer("not answered")?;
    let company = company(answer).map_err(|_| none())?;
    let all = total(company).filter(|all| *all > 0.0).ok_or_else(none)?;
    let segments = words(company, "callsSegments").unwrap_or_default();
    let had = ["liveTalk", "hold", "transfer"].map(|word| segments.get(word).copied());
    if had.contains(&None) {
        return Err(Unsettled::new("the response lacks segments", "a server that has them"));
    }
    let calls = sum(had.into_iter().flatten());
    let evidence = format!("{calls} such segments in {all} calls that weren't answered");
    if is_zero(calls) && all < LEAST_CALLS {
        return Err(Unsettled::new(evidence, needs));
    }
    Ok(Verdict::settled(if is_zero(calls) { "yes" } else { "no" }, evidence))
}

pub(super) const ABANDONED: Experiment = Experiment {
    question: "Where do abandoned calls stand in a service level, and what is it a share of?",
    tells: &[Tells {
        assumption: "abandoned-sla",
        options: &[
            (
                "out",
                "such calls out of the service level of a queue whose threshold is five seconds or more, and none in one",
            ),
            (
                "by-wait",
                "such calls in the service level; out of it only in a queue with a lower threshold",
            ),
        ],
        open: "no queue counts abandoned calls, no caller gave up so early, or a queue's threshold is lower or can't be read",
    }],
    may_be_refused: false,
    requests: |setup, notebook| {
        let purpose = "the queues' calls that were given up within five seconds, by service level";
        let filters = json!({
            "callResponses": ["NotAnswered"],
            "callResults": ["Abandoned"],
            "timeSpent": {"maxSeconds": 5},
        });
        let given_up = of_queues(setup, GIVEN_UP, purpose).with("/callFilters", filters);
        let mut requests = vec![queues(setup), given_up];
        if notebook.is_explaining() {
            requests.push(settings("KEY OF A QUEUE"));
        } else if let Some(Busiest { key: Some(key), .. }) = busiest(notebook) {
            requests.push(settings(&key));
        }
        requests
    },
    repeats: None,
    verdicts: |_, notebook| vec![("abandoned-sla", abandoned(notebook).into())],
    findings: |_: &Setup, notebook| -> Vec<Found> { vec![("sla-sum", sla_sum(notebook))] },
};

pub(super) const QUEUES: &str = "queues";

/// What several experiments look at.
pub(super) fn queues(setup: &Setup) -> Request {
    of_queues(setup, QUEUES, "the queues' calls by response and service level")
}

fn of_queues(setup: &Setup, name: &str, purpose: &str) -> Request {
    let request = Request::aggregation(setup, name, purpose, "Queues");
    let counters = ["allCalls", "callsByResponse", "callsByQueueSla"];
    request.counting(&counters, "Sum").parameter("perPage", MOST_ON_PAGE)
}

/// The sums of two words of all queues.
fn both(records: &[Json], breakdown: &str, parts: [&str; 2]) -> [f64; 2] {
    parts
        .map(|part| sum(records.iter().filter_map(|one| words(one, breakdown)?.get(part).copied())))
}

const SLA: [&str; 2] = ["inSla", "outOfSla"];

const GIVEN_UP: &str = "given up";
const SETTINGS: &str = "queue's settings";
/// A call that was given up waited no longer.
const SECONDS: f64 = 5.0;

/// Whether a short wait is within a queue's service level depends on its threshold.
fn settings(key: &str) -> Request {
    let purpose =
        "the threshold of the queue with most of them out of its service level, if there is one";
    let request = Request::account(SETTINGS, purpose);
    Request { path: format!("{ACCOUNT}/call-queues/{key}"), ..request }
}

/// The queue with most of such calls out of its service level.
struct Busiest {
    /// Of digits, so that it can't lead elsewhere. It is sent back to the API, and written down
    /// nowhere.
    key: Option<String>,
    outside: f64,
}

fn busiest(notebook: &Notebook) -> Option<Busiest> {
    let outside = |queue: &Json| {
        let words = words(queue, "callsByQueueSla")?;
        words.get("outOfSla").copied().filter(|calls| *calls > 0.0)
    };
    let queues = records(notebook.answer(GIVEN_UP).ok()?).ok()?;
    let queues = queues.iter().filter_map(|queue| Some((outside(queue)?, queue)));
    let (outside, queue) = queues.max_by(|one, other| one.0.total_cmp(&other.0))?;
    Some(Busiest { key: digits(queue.get("key")), outside })
}

/// The threshold of the busiest queue.
fn threshold(notebook: &Notebook) -> Result<f64, Unsettled> {
    let settings = notebook.answer(SETTINGS)?;
    let threshold = settings.pointer("/serviceLevelSettings/slaThresholdSeconds");
    threshold.and_then(Json::as_f64).ok_or_else(|| {
        let needs = "a queue with a threshold of its service level";
        Unsettled::new("a queue's settings don't have its threshold", needs)
    })
}

fn abandoned(notebook: &Notebook) -> Result<Verdict, Unsettled> {
    let answer = notebook.answer(GIVEN_UP)?;
    let [inside, outside] = both(records(answer)?, "callsByQueueSla", SLA);
    let evidence = format!(
        "of calls that were given up within five seconds, {inside} are in the service level and \
         {outside} out of it"
    );
    let Some(busiest) = busiest(notebook) else {
        if is_zero(inside) {
            let needs = "a queue that counts abandoned calls in its service level, and such calls";
            return Err(Unsettled::new(evidence, needs));
        }
        return Ok(Verdict::settled("by-wait", evidence));
    };
    if busiest.key.is_none() {
        let reason = format!("{evidence}, and the key of their queue isn't a number");
        return Err(Unsettled::new(reason, "a queue whose threshold can be read"));
    }
    // By a lower threshold, short waits are out of the service level by either choice.
    let threshold = threshold(notebook)?;
    let is_low = threshold < SECONDS;
    let evidence = format!(
        "{evidence}; {} of these are of a queue whose threshold is now {threshold} seconds",
        busiest.outside
    );
    let choices = [("out", is_zero(inside)), ("by-wait", is_low)];
    let needs = "a queue with such calls and a threshold of five seconds or more";
    Ok(Verdict::only(&choices, evidence, needs, || redacted(answer)))
}

fn sla_sum(notebook: &Notebook) -> Result<Finding, Unsettled> {
    let queues = records(notebook.answer(QUEUES)?)?;
    let [inside, outside] = both(queues, "callsByQueueSla", SLA);
    let [answered, not_answered] = both(queues, "callsByResponse", ["answered", "notAnswered"]);
    let all = sum(queues.iter().filter_map(total));
    let in_or_out = inside + outside;
    if is_zero(in_or_out) {
        return Err(Unsettled::new("no queue has a service level", "queues with calls"));
    }
    let wholes = [("answered", answered), ("not answered", not_answered), ("all calls", all)];
    let fitting: Vec<_> = wholes
        .iter()
        .filter(|(_, whole)| is_near(*whole, in_or_out))
        .map(|(name, _)| *name)
        .collect();
    let value = if fitting.is_empty() { "none of them".to_owned() } else { fitting.join(", ") };
    let evidence = format!(
        "{inside} in and {outside} out of the service level of {answered} answered, {not_answered} \
         not answered and {all} calls of {} queues",
        queues.len()
    );
    Ok(Finding { value, evidence })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::notebook::{Outcome, Refusal};

    /// Of two queues, the numbers in and out of the service level.
    fn given_up(queues: [[u32; 2]; 2]) -> Json {
        let queue = |(key, [inside, outside]): (u32, [u32; 2])| {
            let values = json!({"inSla": inside, "outOfSla": outside});
            json!({"key": key.to_string(), "counters": {"callsByQueueSla": {"values": values}}})
        };
        let records: Vec<_> = (7..).zip(queues).map(queue).collect();
        json!({"data": {"records": records}})
    }

    fn verdict(queues: [[u32; 2]; 2], settings: Outcome) -> Verdict {
        let mut notebook = Notebook::default();
        notebook.keep(GIVEN_UP.to_owned(), Outcome::Answered(given_up(queues)));
        notebook.keep(SETTINGS.to_owned(), settings);
        abandoned(&notebook).into()
    }

    fn threshold_of(seconds: u32) -> Outcome {
        Outcome::Answered(json!({"serviceLevelSettings": {"slaThresholdSeconds": seconds}}))
    }

    #[test]
    fn short_waits_say_something_by_the_threshold_of_their_queue() {
        for (queues, threshold, expected) in [
            ([[0, 3], [0, 1]], 5, Some("out")),
            ([[0, 3], [0, 1]], 4, None),
            ([[2, 0], [1, 0]], 0, Some("by-wait")),
            // Out of the service level in a queue with a low threshold.
            ([[2, 0], [0, 1]], 4, Some("by-wait")),
            ([[0, 0], [0, 0]], 20, None),
        ] {
            let verdict = verdict(queues, threshold_of(threshold));
            match (&verdict, expected) {
                (Verdict::Settled { value, .. }, Some(expected)) => assert_eq!(value, expected),
                (Verdict::Unsettled(_), None) => {}
                other => panic!("{queues:?} {threshold}: {other:?}"),
            }
        }
        let both = verdict([[2, 0], [0, 1]], threshold_of(5));
        assert!(matches!(both, Verdict::Contradicted { .. }), "{both:?}");
    }

    #[test]
    fn a_threshold_that_cant_be_read_settles_nothing() {
        let refusal = Refusal { status: 403, codes: vec!["CMN-401".to_owned()] };
        for settings in [Outcome::Refused(refusal), Outcome::Answered(json!({"id": 7}))] {
            let verdict = verdict([[0, 3], [0, 0]], settings);
            assert!(matches!(verdict, Verdict::Unsettled(_)), "{verdict:?}");
        }
    }

    #[test]
    fn the_settings_of_the_queue_with_most_of_them_are_requested() {
        let mut notebook = Notebook::default();
        let sent = |notebook: &Notebook| {
            let setup = crate::calibrate::Setup::new(jiff::Timestamp::UNIX_EPOCH);
            (ABANDONED.requests)(&setup, notebook).into_iter().map(|it| it.path).next_back()
        };
        notebook.keep(GIVEN_UP.to_owned(), Outcome::Answered(given_up([[0, 1], [0, 3]])));
        assert_eq!(sent(&notebook).unwrap(), "/restapi/v1.0/account/~/call-queues/8");
        notebook.keep(GIVEN_UP.to_owned(), Outcome::Answered(given_up([[1, 0], [2, 0]])));
        assert!(sent(&notebook).unwrap().ends_with("/aggregation/fetch"));
    }
}
