//! How responses come: compressed, in which time, and with which quota left.

use std::{fmt::Write as _, time::Duration};

use serde_json::{Value as Json, json};

use crate::calibrate::{
    experiment::{Experiment, Found, Tells, no_findings, no_verdicts},
    notebook::Notebook,
    period::{DAY, Setup, instant},
    reading::records,
    request::Request,
    verdict::{Finding, Unsettled, Verdict},
};

pub(super) const ENCODING: Experiment = Experiment {
    question: "Is a large response compressed?",
    tells: &[Tells {
        assumption: "response-encoding",
        options: &[
            ("gzip", "a response of 48 points or more that came in gzip"),
            ("none", "the same as it is"),
        ],
        open: "the timeline by hour is shorter",
    }],
    may_be_refused: false,
    requests: |setup, _| {
        let purpose = "the company's calls of each hour once more, to see how the response is sent";
        let request = Request::timeline(setup, ENCODED, purpose, ("Company", "Hour"));
        vec![Request { is_about_encoding: true, ..request }]
    },
    repeats: None,
    verdicts: |_, notebook| vec![("response-encoding", encoding(notebook).into())],
    findings: no_findings,
};

const ENCODED: &str = "encoded hours";

fn encoding(notebook: &Notebook) -> Result<Verdict, Unsettled> {
    // A short response needn't be worth it.
    let points = match records(notebook.answer("hours")?)? {
        [company, ..] => company.get("points").and_then(Json::as_array).map_or(0, Vec::len),
        [] => 0,
    };
    if points < LARGE {
        let reason = format!("a response of {points} points may be too short to be compressed");
        return Err(Unsettled::new(reason, "an account with calls on most days"));
    }
    let said = notebook.answer(ENCODED)?.get("encoding").and_then(Json::as_str);
    let evidence = format!(
        "a response of {points} points came {}",
        match said {
            Some("gzip") => "in gzip",
            Some(_) => "in another encoding",
            None => "as it is",
        }
    );
    let choices = [("gzip", said == Some("gzip")), ("none", said.is_none())];
    Ok(Verdict::only(&choices, evidence, "", || json!({"encoding": "…"}).to_string()))
}

/// Points; each has fifty bytes and more.
const LARGE: usize = 48;

pub(super) const REMAINING: Experiment = Experiment {
    question: "Does the quota that a response says is left count the request itself?",
    tells: &[Tells {
        assumption: "rate-limit-remaining",
        options: &[
            ("after", "1, 2, 3 and so on of the quota used by the first responses"),
            ("before", "0, 1, 2 and so on"),
        ],
        open: "another program sent requests in the same minute, or responses say nothing of the quota",
    }],
    may_be_refused: false,
    // Those of the others tell it.
    requests: |_, _| Vec::new(),
    repeats: None,
    verdicts: |_, notebook| vec![("rate-limit-remaining", remaining(notebook).into())],
    findings: no_findings,
};

/// So many of the first responses are looked at: the whole of a longer run isn't in one window.
const FIRST: usize = 10;
/// Fewer could fit by chance.
const LEAST: usize = 5;

fn remaining(notebook: &Notebook) -> Result<Verdict, Unsettled> {
    let Some((group, limit, _)) = notebook.quotas().next() else {
        return Err(Unsettled::new(
            "no response said which quota is left",
            "a server that says so in a header",
        ));
    };
    let of_group = notebook.quotas().filter(|(other, most, _)| other == group && most == limit);
    let used: Vec<_> =
        of_group.take(FIRST).map(|(_, limit, left)| limit.saturating_sub(*left)).collect();
    let mut evidence = format!("of {limit} requests, the responses say that");
    for used in &used {
        let _ = write!(evidence, " {used}");
    }
    evidence += " are used";
    // Before the first request of a window, none is used. Others' requests make it more, so that
    // with them a run says nothing.
    let counts_from = |first: usize| {
        used.iter().zip(first..).all(|(used, expected)| usize::try_from(*used) == Ok(expected))
    };
    let needs = "a run in a minute in which no other program uses the application";
    let (after, before) = (counts_from(1), counts_from(0));
    if used.len() < LEAST || !(after || before) {
        return Err(Unsettled::new(evidence, needs));
    }
    if after {
        evidence += ", if no other program used the application";
    }
    Ok(Verdict::settled(if after { "after" } else { "before" }, evidence))
}

pub(super) const SIZES: Experiment = Experiment {
    question: "How large a timeline is answered, and how fast?",
    tells: &[],
    may_be_refused: false,
    requests: |setup, notebook| {
        // Up to the first that is slow, or isn't answered.
        let is_fine = |days: &&i64| {
            notebook.is_explaining() || (has_answer(notebook, **days) && !is_slow(notebook, **days))
        };
        let passed = setup.ladder.iter().take_while(is_fine).count();
        setup.ladder.iter().take(passed + 1).map(|days| of_days(setup, *days)).collect()
    },
    repeats: None,
    verdicts: no_verdicts,
    findings: |setup, notebook| -> Vec<Found> { vec![("timeline-size", size(setup, notebook))] },
};

/// A person who waits for a report would ask what is wrong.
const SLOW: Duration = Duration::from_secs(5);

fn name(days: i64) -> String {
    format!("{days} days of users by hour")
}

/// The hours of twenty users.
fn of_days(setup: &Setup, days: i64) -> Request {
    let is_first = setup.ladder.first() == Some(&days);
    let purpose = if is_first {
        format!("the calls of each hour of {days} days, of at most 20 users")
    } else {
        format!("the same of {days} days, unless that was slow or refused")
    };
    let request = Request::timeline(setup, &name(days), &purpose, ("Users", "Hour"));
    let from = setup.to() - days * DAY;
    request.between(&instant(from, 0), &instant(setup.to() - 1, 999))
}

fn has_answer(notebook: &Notebook, days: i64) -> bool {
    matches!(notebook.outcome(&name(days)), Ok(Ok(_)))
}

fn is_slow(notebook: &Notebook, days: i64) -> bool {
    notebook.took(&name(days)).is_some_and(|took| took >= SLOW)
}

fn points(answer: &Json) -> usize {
    let points = |one: &Json| one.get("points").and_then(Json::as_array).map_or(0, Vec::len);
    records(answer).map_or(0, |all| all.iter().map(points).sum())
}

fn size(setup: &Setup, notebook: &Notebook) -> Result<Finding, Unsettled> {
    let mut answered = 0;
    let mut evidence = Vec::new();
    let mut end = "all";
    for days in setup.ladder.into_iter().filter(|days| notebook.has(&name(*days))) {
        match notebook.outcome(&name(days)) {
            Ok(Ok(answer)) => {
                answered = points(answer);
                let slow = notebook.took(&name(days)).filter(|took| *took >= SLOW);
                let time = slow.map_or_else(
                    || format!("within {} seconds", SLOW.as_secs()),
                    |took| format!("after {} seconds", took.as_secs()),
                );
                if slow.is_some() {
                    end = "slow";
                }
                evidence.push(format!("{answered} points {time}"));
            }
            Ok(Err(refusal)) => {
                end = "refused";
                evidence.push(format!("{days} days are refused: {refusal}"));
            }
            // The first one has to be there; without a later one, the others still say something.
            Err(unsettled) if evidence.is_empty() => return Err(unsettled),
            Err(unsettled) => evidence.push(format!("{days} days: {}", unsettled.reason)),
        }
    }
    if evidence.is_empty() {
        return Err(Unsettled::unasked("no timeline was requested", "another run"));
    }
    let value = match end {
        "all" => format!("{answered} points are answered"),
        end => format!("{end}, with {answered} points answered"),
    };
    Ok(Finding { value, evidence: evidence.join("; ") })
}
