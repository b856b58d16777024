//! The bounds of a period to the millisecond, and the newest call.

use super::hours::busy_minute;
use crate::calibrate::{
    experiment::{Experiment, Found, Repeats, Tells, no_findings, no_verdicts},
    notebook::Notebook,
    period::{DAY, HOUR, Setup, instant},
    reading::{company, counted, hours, is_near, is_zero, points, total},
    request::Request,
    verdict::{Finding, Unsettled, Verdict},
};

pub(super) const MILLISECONDS: Experiment = Experiment {
    question: "Do the milliseconds of a period's bounds count?",
    tells: &[Tells {
        assumption: "milliseconds",
        options: &[
            ("kept", "each call of one second in one half of it"),
            ("dropped", "each call of that second in both halves"),
        ],
        open: "no second with a call was found within the budget",
    }],
    may_be_refused: false,
    requests: |setup, notebook| {
        if notebook.is_explaining() {
            return vec![window(
                setup,
                Window { from: setup.from, seconds: HOUR / 10, calls: 1.0 },
            )];
        }
        match search(setup, notebook) {
            Ok(Search::Ask(window)) => vec![self::window(setup, window)],
            Ok(Search::Found(second)) => halves(setup, second),
            Err(_) => Vec::new(),
        }
    },
    repeats: Some(Repeats {
        most: MOST_PARTS - 1 + 3,
        purpose: "each of a part of the one before, until one second with a call is found; then \
                  that second and its two halves",
    }),
    verdicts: |setup, notebook| vec![("milliseconds", milliseconds(setup, notebook).into())],
    findings: no_findings,
};

/// Seconds that have so many calls.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Window {
    from: i64,
    seconds: i64,
    calls: f64,
}

enum Search {
    /// How many calls the first part of a window has, has to be asked.
    Ask(Window),
    /// A second with calls.
    Found(Window),
}

/// The wire includes its end. Calls that begin within a second are found, too, if milliseconds
/// count.
fn window(setup: &Setup, window: Window) -> Request {
    let last = window.from + window.seconds - 1;
    let name = window_name(window);
    let purpose = format!("the company's calls of {} seconds of a busy hour", window.seconds);
    between(setup, &name, &purpose, (window.from, 0), (last, 999))
}

fn window_name(window: Window) -> String {
    format!("{} seconds from {}", window.seconds, window.from)
}

fn between(setup: &Setup, name: &str, purpose: &str, from: (i64, i64), to: (i64, i64)) -> Request {
    let request = Request::aggregation(setup, name, purpose, "Company");
    let request = request.counting(&["allCalls"], "Sum");
    request.between(&instant(from.0, from.1), &instant(to.0, to.1))
}

/// The calls of a request; a company without any may be left out.
fn count(notebook: &Notebook, name: &str) -> Result<f64, Unsettled> {
    let answer = notebook.answer(name)?;
    Ok(company(answer).map_or(Some(0.0), total).unwrap_or_default())
}

/// Goes on from a minute with calls, or else from the busiest hour, with what was asked so far.
fn search(setup: &Setup, notebook: &Notebook) -> Result<Search, Unsettled> {
    let hours = hours(setup, notebook.answer("hours")?)?;
    let busiest = (0_i64..).zip(&hours.calls).max_by(|one, other| one.1.total_cmp(other.1));
    let Some((hour, calls)) = busiest.filter(|(_, calls)| **calls > 0.0) else {
        return Err(Unsettled::new("no hour had calls", "calls in the period"));
    };
    let mut window = match busy_minute(setup, notebook) {
        Some((from, calls)) => Window { from, seconds: 60, calls },
        None => Window { from: setup.from + hour * HOUR, seconds: HOUR, calls: *calls },
    };
    let mut without_calls = 0;
    while window.seconds > 1 {
        let half = (window.seconds / 2).max(1);
        let seconds = if without_calls < MOST_WITHOUT_CALLS { part(window) } else { half };
        let first = Window { seconds, ..window };
        let name = window_name(first);
        if !notebook.has(&name) {
            return Ok(Search::Ask(first));
        }
        let calls = count(notebook, &name)?;
        window = if calls > 0.0 {
            Window { calls, ..first }
        } else {
            without_calls += 1;
            let (from, seconds) = (window.from + first.seconds, window.seconds - first.seconds);
            Window { from, seconds, ..window }
        };
    }
    Ok(Search::Found(window))
}

/// Calls may be where no part was expected to have them; from then on, each part is a half.
const MOST_WITHOUT_CALLS: u32 = 2;

/// An hour is down to a second after twelve halves.
const MOST_PARTS: u32 = 12 + MOST_WITHOUT_CALLS;

/// So many seconds that about every other such part has a call.
fn part(window: Window) -> i64 {
    let mut seconds = (window.seconds / 2).max(1);
    let mut expected = window.calls / 2.0;
    while expected > 1.0 && seconds > 1 {
        seconds = (seconds / 2).max(1);
        expected /= 2.0;
    }
    seconds
}

const SECOND: &str = "that second";
const LATER_HALF: &str = "the later half of that second";
const EARLIER_HALF: &str = "the earlier half of that second";

fn halves(setup: &Setup, window: Window) -> Vec<Request> {
    let second = window.from;
    // One half has a start within the second, and the other one an end.
    vec![
        between(setup, SECOND, SECOND, (second, 0), (second, 999)),
        between(setup, LATER_HALF, LATER_HALF, (second, 500), (second, 999)),
        between(setup, EARLIER_HALF, EARLIER_HALF, (second, 0), (second, 499)),
    ]
}

fn milliseconds(setup: &Setup, notebook: &Notebook) -> Result<Verdict, Unsettled> {
    let needs = "calls in the period, and a budget of requests to find one of them";
    if let Search::Ask(_) = search(setup, notebook)? {
        return Err(Unsettled::new("no second with a call was found", needs));
    }
    let all = count(notebook, SECOND)?;
    let later = count(notebook, LATER_HALF)?;
    if is_zero(all) {
        return Err(Unsettled::new("calls of an hour aren't in its seconds", needs));
    }
    let earlier = count(notebook, EARLIER_HALF)?;
    let evidence = format!(
        "{} in one second: its earlier half has {earlier}, and its later half has {later}",
        counted(all)
    );
    let choices = [
        ("kept", is_near(earlier + later, all)),
        ("dropped", is_near(earlier, all) && is_near(later, all)),
    ];
    Ok(Verdict::only(&choices, evidence.clone(), needs, || evidence))
}

pub(super) const NEWEST: Experiment = Experiment {
    question: "How old is the newest call that is counted?",
    tells: &[],
    may_be_refused: false,
    requests: |setup, _| {
        let purpose = "the company's calls of each hour of the last two days";
        let request = Request::timeline(setup, "newest", purpose, ("Company", "Hour"));
        // Two minutes, because an end in the future may be refused.
        let to = setup.now.as_second() - 120;
        vec![request.between(&instant(to - 2 * DAY, 0), &instant(to, 0))]
    },
    repeats: None,
    verdicts: no_verdicts,
    findings: |setup, notebook| -> Vec<Found> { vec![("newest-call", newest(setup, notebook))] },
};

fn newest(setup: &Setup, notebook: &Notebook) -> Result<Finding, Unsettled> {
    let points = points(notebook.answer("newest")?)?;
    let newest = points.iter().filter(|point| point.calls > 0.0).map(|point| point.at).max();
    let none = || Unsettled::new("no call of the last two days is counted", "calls now");
    let age = setup.now.as_second() - newest.ok_or_else(none)?;
    Ok(Finding {
        value: format!("at most {} minutes", age.div_euclid(60) + 1),
        evidence: "the start of the newest hour with calls, before the machine's time".to_owned(),
    })
}
