//! Calls that weren't answered, and queues' service levels.

use serde_json::{Value as Json, json};

use crate::calibrate::{
    experiment::{Experiment, Found, no_findings},
    notebook::Notebook,
    period::Setup,
    reading::{company, is_near, is_zero, records, sum, total, words},
    redact::redacted,
    request::{MOST_ON_PAGE, Request},
    verdict::{Finding, Unsettled, Verdict},
};

pub(super) const TALK: Experiment = Experiment {
    question: "Do calls have talk, hold or transfers that weren't answered?",
    settles: &["talk-is-answered"],
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
    settles: &["abandoned-sla"],
    may_be_refused: false,
    requests: |setup, _| {
        let purpose = "the queues' calls that were given up within five seconds, by service level";
        let filters = json!({
            "callResponses": ["NotAnswered"],
            "callResults": ["Abandoned"],
            "timeSpent": {"maxSeconds": 5},
        });
        vec![queues(setup), of_queues(setup, "given up", purpose).with("/callFilters", filters)]
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

fn abandoned(notebook: &Notebook) -> Result<Verdict, Unsettled> {
    let answer = notebook.answer("given up")?;
    let [inside, outside] = both(records(answer)?, "callsByQueueSla", SLA);
    let evidence = format!(
        "of calls that were given up within five seconds, {inside} are in the service level and \
         {outside} out of it"
    );
    if is_zero(inside) && is_zero(outside) {
        let needs = "a queue that counts abandoned calls in its service level, and such calls";
        return Err(Unsettled::new(evidence, needs));
    }
    let choices = [("out", is_zero(inside)), ("by-wait", is_zero(outside))];
    Ok(Verdict::only(&choices, evidence, "", || redacted(answer)))
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
