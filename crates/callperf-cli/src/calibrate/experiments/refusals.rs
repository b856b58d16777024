//! Requests that the API may refuse.

use serde_json::json;

use super::{days::COMPANY, hours::all_and_hour, records::users};
use crate::calibrate::{
    experiment::{Experiment, Found, Tells, no_findings, no_verdicts},
    notebook::{Notebook, Refusal},
    period::{DAY, HOUR, Setup, instant},
    reading::{company, counted, digits, is_near, is_zero, paging, records, total},
    redact::redacted,
    request::{MOST_ON_PAGE, Request, path},
    verdict::{Finding, Unsettled, Verdict},
};

/// What a refusal says by its code, or a response that isn't one.
fn by_code(
    notebook: &Notebook,
    name: &str,
    codes: &[(&str, &str)],
    answered: Option<&str>,
) -> Result<Verdict, Unsettled> {
    match (notebook.outcome(name)?, answered) {
        (Ok(_), Some(choice)) => Ok(Verdict::settled(choice, "the request was answered")),
        (Ok(answer), None) => Ok(Verdict::Contradicted {
            evidence: "the request was answered".to_owned(),
            response: redacted(answer),
        }),
        (Err(refusal), _) => {
            if let Some(permission) = of_permission(refusal) {
                return Err(permission);
            }
            let choice =
                codes.iter().find(|(code, _)| refusal.has(code)).map(|(_, choice)| *choice);
            let evidence = format!("the request was refused: {refusal}");
            Ok(match choice {
                Some(choice) => Verdict::settled(choice, evidence),
                None => Verdict::Contradicted { evidence, response: refusal.to_string() },
            })
        }
    }
}

/// A refusal for who asks says nothing of what is asked.
fn of_permission(refusal: &Refusal) -> Option<Unsettled> {
    let is = ["CMN-109", "CMN-401", "CMN-402", "CMN-403", "CMN-405", "CMN-408"]
        .iter()
        .any(|code| refusal.has(code));
    is.then(|| {
        Unsettled::new(format!("the request isn't permitted: {refusal}"), "the permission for it")
    })
}

pub(super) const OVERNIGHT: Experiment = Experiment {
    question: "Do hours pass midnight that end before they begin?",
    tells: &[Tells {
        assumption: "overnight-hours",
        options: &[
            ("wrapped", "all calls but those of the hour after noon"),
            ("empty", "no calls"),
            ("refused", "a refusal with CMN-101"),
        ],
        open: "`hours-end` isn't settled, or all calls began in the hour after noon",
    }],
    may_be_refused: true,
    requests: |setup, notebook| {
        // Both ends have to mean the same minute.
        let to = match notebook.settled("hours-end") {
            Some("included") => "11:59",
            Some(_) => "12:00",
            None if notebook.is_explaining() => "11:59",
            None => return Vec::new(),
        };
        let purpose = "the company's calls from 13:00 over midnight to noon";
        let request = Request::aggregation(setup, "overnight", purpose, "Company");
        let request = request.counting(&["allCalls"], "Sum");
        vec![request.hours(&[("13:00".to_owned(), to.to_owned())])]
    },
    repeats: None,
    verdicts: |setup, notebook| vec![("overnight-hours", overnight(setup, notebook).into())],
    findings: no_findings,
};

fn overnight(setup: &Setup, notebook: &Notebook) -> Result<Verdict, Unsettled> {
    notebook.answer("hours")?;
    notebook.answer("filtered hours")?;
    if notebook.settled("hours-end").is_none() {
        return Err(Unsettled::new("`hours-end` isn't settled", "that it is settled"));
    }
    let (all, noon) = all_and_hour(setup, notebook, 12)?;
    let wrapped = all - noon;
    let Ok(answer) = notebook.outcome("overnight")? else {
        return by_code(notebook, "overnight", &[("CMN-101", "refused")], None);
    };
    // Without a call, the company may be left out.
    let calls = company(answer).map_or(Some(0.0), total).unwrap_or_default();
    let evidence = format!("{calls} calls, of {wrapped} that began in these hours of the day");
    if is_zero(wrapped) {
        return Err(Unsettled::new(evidence, "calls outside of the hour after noon"));
    }
    let choices = [("wrapped", is_near(calls, wrapped)), ("empty", is_zero(calls))];
    Ok(Verdict::only(&choices, evidence, "", || redacted(answer)))
}

pub(super) const AFTER_LAST: Experiment = Experiment {
    question: "What is a page after the last one?",
    tells: &[Tells {
        assumption: "page-after-last",
        options: &[("empty", "a page without records"), ("refused", "a refusal with CMN-101")],
        open: "the page of users doesn't say how many there are",
    }],
    may_be_refused: true,
    requests: |setup, notebook| {
        let page = match notebook.answer("users").ok().and_then(|it| paging(it, "totalElements")) {
            Some(all) => all.div_ceil(MOST_ON_PAGE) + 1,
            None if notebook.is_explaining() => 2,
            None => return Vec::new(),
        };
        let purpose = "the page of users after the last one";
        let request = Request::aggregation(setup, "page after the last", purpose, "Users");
        let request = request.counting(&["allCalls"], "Sum");
        vec![request.parameter("page", page).parameter("perPage", MOST_ON_PAGE)]
    },
    repeats: None,
    verdicts: |_, notebook| vec![("page-after-last", after_last(notebook).into())],
    findings: no_findings,
};

fn after_last(notebook: &Notebook) -> Result<Verdict, Unsettled> {
    users(notebook)?;
    let name = "page after the last";
    match notebook.outcome(name)? {
        Ok(answer) if !records(answer)?.is_empty() => Ok(Verdict::Contradicted {
            evidence: format!("it has {} records", records(answer)?.len()),
            response: redacted(answer),
        }),
        Ok(_) => Ok(Verdict::settled("empty", "it is there, without records")),
        Err(_) => by_code(notebook, name, &[("CMN-101", "refused")], None),
    }
}

pub(super) const FUTURE: Experiment = Experiment {
    question: "Which code refuses an end in the future?",
    tells: &[Tells {
        assumption: "future-time-to",
        options: &[("anl-302", "a refusal with ANL-302"), ("cmn-101", "a refusal with CMN-101")],
        open: "the request isn't permitted",
    }],
    may_be_refused: true,
    requests: |setup, _| {
        let purpose = "the company's calls up to this time tomorrow";
        let request = Request::aggregation(setup, "future", purpose, "Company");
        let tomorrow = instant(setup.now.as_second() + DAY, 0);
        let request = request.counting(&["allCalls"], "Sum");
        vec![request.between(&instant(setup.from, 0), &tomorrow)]
    },
    repeats: None,
    verdicts: |_, notebook| {
        let codes = [("ANL-302", "anl-302"), ("CMN-101", "cmn-101")];
        vec![("future-time-to", by_code(notebook, "future", &codes, None).into())]
    },
    findings: no_findings,
};

pub(super) const SHORT_TIMELINE: Experiment = Experiment {
    question: "Is a timeline answered that isn't longer than its interval?",
    tells: &[Tells {
        assumption: "timeline-range",
        options: &[("any", "a response"), ("longer-than-interval", "a refusal with ANL-305")],
        open: "the request isn't permitted",
    }],
    may_be_refused: true,
    requests: |setup, _| {
        let purpose = "the company's calls of exactly one hour, by hour";
        let request = Request::timeline(setup, "one hour", purpose, ("Company", "Hour"));
        let from = setup.from + 12 * HOUR;
        vec![request.between(&instant(from, 0), &instant(from + HOUR, 0))]
    },
    repeats: None,
    verdicts: |_, notebook| {
        let codes = [("ANL-305", "longer-than-interval")];
        vec![("timeline-range", by_code(notebook, "one hour", &codes, Some("any")).into())]
    },
    findings: no_findings,
};

pub(super) const UNKNOWN_FIELD: Experiment = Experiment {
    question: "Is a field refused that no document has?",
    tells: &[Tells {
        assumption: "unknown-fields",
        options: &[("ignored", "a response"), ("refused", "a refusal with ANL-202")],
        open: "the request isn't permitted",
    }],
    may_be_refused: true,
    requests: |setup, _| {
        let purpose = "the company's calls, with a field that means nothing";
        let request = Request::aggregation(setup, "unknown field", purpose, "Company");
        let request = request.counting(&["allCalls"], "Sum");
        vec![request.with("/callperfCalibration", json!(true))]
    },
    repeats: None,
    verdicts: |_, notebook| {
        let codes = [("ANL-202", "refused")];
        let verdict = by_code(notebook, "unknown field", &codes, Some("ignored"));
        vec![("unknown-fields", verdict.into())]
    },
    findings: no_findings,
};

pub(super) const PAGE_LIMIT: Experiment = Experiment {
    question: "Which code refuses a timeline's page of more than 20 records?",
    tells: &[Tells {
        assumption: "timeline-page-limit",
        options: &[("cmn-101", "a refusal with CMN-101"), ("anl-503", "a refusal with ANL-503")],
        open: "the request isn't permitted",
    }],
    may_be_refused: true,
    requests: |setup, _| {
        let purpose = "users' calls of each week, 21 users on a page";
        let request = Request::timeline(setup, "large page", purpose, ("Users", "Week"));
        vec![request.parameter("perPage", 21)]
    },
    repeats: None,
    verdicts: |_, notebook| {
        let codes = [("ANL-503", "anl-503"), ("CMN-101", "cmn-101")];
        vec![("timeline-page-limit", by_code(notebook, "large page", &codes, None).into())]
    },
    findings: no_findings,
};

pub(super) const QUEUE_HOURS: Experiment = Experiment {
    question: "Is the breakdown by queue hours refused for the company?",
    tells: &[Tells {
        assumption: "queue-hours-of-queues",
        options: &[
            ("refused", "a refusal with CMN-101"),
            ("answered", "the breakdown in the response"),
        ],
        open: "the company had no calls",
    }],
    may_be_refused: true,
    requests: |setup, _| {
        let purpose = "the company's calls by queue hours";
        let request = Request::aggregation(setup, "queue hours", purpose, "Company");
        vec![request.counting(&["allCalls", "callsByQueueHours"], "Sum")]
    },
    repeats: None,
    verdicts: |_, notebook| vec![("queue-hours-of-queues", queue_hours(notebook).into())],
    findings: no_findings,
};

fn queue_hours(notebook: &Notebook) -> Result<Verdict, Unsettled> {
    let name = "queue hours";
    if let Ok(answer) = notebook.outcome(name)? {
        let has = company(answer)?.pointer("/counters/callsByQueueHours/values").is_some();
        let evidence = format!("the response {} the breakdown", if has { "has" } else { "lacks" });
        let response = || redacted(answer);
        return Ok(Verdict::only(&[("answered", has)], evidence, "", response));
    }
    by_code(notebook, name, &[("CMN-101", "refused")], None)
}

pub(super) const OWN_ACCOUNT: Experiment = Experiment {
    question: "Does the account's own id mean the same as `~`?",
    tells: &[Tells {
        assumption: "foreign-account",
        options: &[
            (
                "not-found",
                "the same calls as by `~`; another account's id isn't requested, so that what it gets stays a guess",
            ),
            ("refused", "a refusal with ANL-102"),
        ],
        open: "the account can't be read, or its calls by `~` aren't known",
    }],
    may_be_refused: true,
    requests: |setup, notebook| {
        let account = Request::account("account", "the account's id");
        let id = account_id(notebook);
        let id = id.or_else(|| notebook.is_explaining().then(|| "ID OF YOUR ACCOUNT".to_owned()));
        let by_id = id.map(|id| {
            let purpose = "the company's calls, by the account's id";
            let request = Request::aggregation(setup, "own account", purpose, "Company");
            let request = request.counting(&["allCalls"], "Sum");
            Request { path: path(&id, false), ..request }
        });
        std::iter::once(account).chain(by_id).collect()
    },
    repeats: None,
    verdicts: |_, notebook| vec![("foreign-account", own_account(notebook).into())],
    findings: no_findings,
};

fn account_id(notebook: &Notebook) -> Option<String> {
    digits(notebook.answer("account").ok()?.get("id"))
}

fn own_account(notebook: &Notebook) -> Result<Verdict, Unsettled> {
    notebook.answer("account")?;
    if account_id(notebook).is_none() {
        return Err(Unsettled::new("the account has no id of digits", "an account with one"));
    }
    let name = "own account";
    let Ok(answer) = notebook.outcome(name)? else {
        return by_code(notebook, name, &[("ANL-102", "refused")], None);
    };
    // An answer alone could be another account's.
    let all = |answer| company(answer).map_or(Some(0.0), total).unwrap_or_default();
    let (by_id, by_login) = (all(answer), all(notebook.answer(COMPANY)?));
    let evidence = format!(
        "the account's own id is answered with {}, and `~` with {by_login}",
        counted(by_id)
    );
    let choices = [("not-found", is_near(by_id, by_login))];
    Ok(Verdict::only(&choices, evidence, "", || redacted(answer)))
}

pub(super) const UNKNOWN_KEY: Experiment = Experiment {
    question: "What comes of a key that doesn't exist, and of page 0?",
    tells: &[],
    may_be_refused: true,
    requests: |setup, _| {
        let request = |name: &str, purpose: &str| {
            let request = Request::aggregation(setup, name, purpose, "Users");
            request.counting(&["allCalls"], "Sum")
        };
        let key =
            request("unknown key", "the calls of a user with the key 1, which there is none of");
        let page = request("page 0", "users' calls, on page 0");
        vec![key.keys(&["1".to_owned()]), page.parameter("page", 0)]
    },
    repeats: None,
    verdicts: no_verdicts,
    findings: |_: &Setup, notebook| -> Vec<Found> {
        vec![
            ("unknown-keys", came(notebook, "unknown key")),
            ("page-zero", came(notebook, "page 0")),
        ]
    },
};

fn came(notebook: &Notebook, name: &str) -> Result<Finding, Unsettled> {
    let (value, evidence) = match notebook.outcome(name)? {
        Ok(answer) => ("answered", format!("{} records", records(answer)?.len())),
        Err(refusal) => match of_permission(refusal) {
            Some(permission) => return Err(permission),
            None => ("refused", refusal.to_string()),
        },
    };
    Ok(Finding { value: value.to_owned(), evidence })
}
