//! Pages of records: their size, their order, and who is on them.

use serde_json::{Value as Json, json};

use super::queues::{QUEUES, queues};
use crate::calibrate::{
    experiment::{A_NUMBER, Experiment, Found, Tells, no_findings},
    notebook::Notebook,
    period::Setup,
    reading::{CALLS, is_near, paging, records, total, words},
    redact::redacted,
    request::{MOST_ON_PAGE, Request},
    verdict::{Finding, Unsettled, Verdict},
};

/// Fewer could stand in an order by chance.
const LEAST_FOR_ORDER: usize = 5;
/// On a smaller page, all users are asked for once more.
const LEAST_ON_PAGE: usize = 15;
const MOST_ON_TIMELINE_PAGE: u64 = 20;

/// What the API has had since 2022: the option, and the response's name.
pub(super) const BREAKDOWNS: [&str; 6] = [
    "callsByDirection",
    "callsByOrigin",
    "callsByResponse",
    "callsByResult",
    "callsByCompanyHours",
    "callsByType",
];

pub(super) fn all_counters() -> Vec<&'static str> {
    std::iter::once("allCalls").chain(BREAKDOWNS).collect()
}

pub(super) const PAGE: Experiment = Experiment {
    question: "How many records does a page have, in which order, and do their parts add up?",
    tells: &[
        Tells {
            assumption: "aggregation-per-page",
            options: &[(
                A_NUMBER,
                "a page that says so of itself, and has as many users or all that there are",
            )],
            open: "the number is the same as that of all users, so that the page may be no larger for it",
        },
        Tells {
            assumption: "record-order",
            options: &[
                ("key", "users, queues and departments sorted by their keys"),
                ("name", "the same sorted by their names"),
            ],
            open: "there are fewer than five, or their names are in the order of their keys",
        },
    ],
    may_be_refused: false,
    requests: |setup, notebook| {
        let request = |name: &str, purpose: &str| {
            let request = Request::aggregation(setup, name, purpose, "Users");
            request.counting(&all_counters(), "Sum")
        };
        let page = request("users", "each user's calls by breakdown, on a page of the usual size");
        let mut requests = vec![page];
        if is_small_page(notebook) {
            let all = request("all users", "the same, if that page was small, on a large one");
            requests.push(all.parameter("perPage", MOST_ON_PAGE));
        }
        if is_open(notebook) || notebook.is_explaining() {
            requests.push(queues(setup));
        }
        if (is_open(notebook) && notebook.has(QUEUES)) || notebook.is_explaining() {
            let purpose = "each department's calls, if users and queues show no order";
            let request = Request::aggregation(setup, DEPARTMENTS, purpose, "Departments");
            requests
                .push(request.counting(&["allCalls"], "Sum").parameter("perPage", MOST_ON_PAGE));
        }
        requests
    },
    repeats: None,
    verdicts: |_, notebook| {
        vec![
            ("aggregation-per-page", size(notebook, "users", MOST_ON_PAGE).into()),
            ("record-order", order(notebook).into()),
        ]
    },
    findings: parts,
};

fn is_small_page(notebook: &Notebook) -> bool {
    let Ok(answer) = notebook.answer("users") else { return notebook.is_explaining() };
    let count = records(answer).map_or(0, <[Json]>::len);
    let all = paging(answer, "totalElements").unwrap_or_default();
    count < LEAST_ON_PAGE && u64::try_from(count).is_ok_and(|count| count < all)
}

/// The largest page of users that there is.
pub(super) fn users(notebook: &Notebook) -> Result<&[Json], Unsettled> {
    let page = if notebook.has("all users") { "all users" } else { "users" };
    records(notebook.answer(page)?)
}

fn key(record: &Json) -> Option<String> {
    match record.get("key")? {
        Json::String(key) => Some(key.clone()),
        Json::Number(key) => Some(key.to_string()),
        _ => None,
    }
}

/// The record of the same key on another page.
pub(super) fn same_key<'a>(records: &'a [Json], record: &Json) -> Option<&'a Json> {
    let sought = key(record)?;
    records.iter().find(|other| key(other).as_ref() == Some(&sought))
}

/// The first few keys of users. They are sent back to the API, and written down nowhere.
fn keys(notebook: &Notebook) -> Vec<String> {
    if notebook.is_explaining() {
        return vec!["KEY OF A USER".to_owned()];
    }
    let users = users(notebook).unwrap_or_default();
    users.iter().filter_map(key).take(LEAST_FOR_ORDER).collect()
}

fn size(notebook: &Notebook, name: &str, most: u64) -> Result<Verdict, Unsettled> {
    let answer = notebook.answer(name)?;
    let count = u64::try_from(records(answer)?.len()).unwrap_or(u64::MAX);
    if count == 0 {
        return Err(Unsettled::new("no user had calls", CALLS));
    }
    let (size, all) = (paging(answer, "perPage"), paging(answer, "totalElements"));
    let evidence = format!(
        "a page of {count} records says that it has room for {} of {}",
        size.map_or_else(|| "?".to_owned(), |size| size.to_string()),
        all.map_or_else(|| "?".to_owned(), |all| all.to_string())
    );
    if size.is_some() && size == all {
        let reason = format!("{evidence}, which may be all that there are");
        return Err(Unsettled::new(reason, "one user more or fewer with calls"));
    }
    let fits =
        |size: &u64| (1..=most).contains(size) && all.is_some_and(|all| count == all.min(*size));
    Ok(match size.filter(fits) {
        Some(size) => Verdict::settled(&size.to_string(), evidence),
        None => Verdict::Contradicted {
            evidence,
            response: redacted(&json!({"paging": answer["paging"]})),
        },
    })
}

/// Whether a page is sorted by key, and whether by name.
struct Sorted {
    records: usize,
    by_key: bool,
    by_name: bool,
}

fn sorted(records: &[Json]) -> Sorted {
    let keys: Vec<_> = records.iter().filter_map(key).collect();
    let name = |record: &Json| Some(record.pointer("/info/name")?.as_str()?.to_owned());
    let names: Vec<_> = records.iter().filter_map(name).collect();
    let numbers: Option<Vec<u64>> = keys.iter().map(|key| key.parse().ok()).collect();
    let lower: Vec<_> = names.iter().map(|name| name.to_lowercase()).collect();
    let by_number = numbers.is_some_and(|numbers| numbers.is_sorted());
    Sorted {
        records: records.len(),
        by_key: keys.len() == records.len() && (keys.is_sorted() || by_number),
        by_name: names.len() == records.len() && (names.is_sorted() || lower.is_sorted()),
    }
}

/// The pages of users and, as far as they were asked for, of queues and departments.
fn pages(notebook: &Notebook) -> Result<Vec<Sorted>, Unsettled> {
    let others = [QUEUES, DEPARTMENTS].into_iter().filter(|name| notebook.has(name));
    let others = others.filter_map(|name| records(notebook.answer(name).ok()?).ok());
    Ok(std::iter::once(users(notebook)?).chain(others).map(sorted).collect())
}

const DEPARTMENTS: &str = "departments";

/// Whether another page would tell the two orders apart.
fn is_open(notebook: &Notebook) -> bool {
    pages(notebook)
        .is_ok_and(|pages| !pages.is_empty() && pages.iter().all(|it| it.by_key && it.by_name))
}

fn order(notebook: &Notebook) -> Result<Verdict, Unsettled> {
    let pages = pages(notebook)?;
    let most = pages.iter().map(|page| page.records).max().unwrap_or_default();
    if most < LEAST_FOR_ORDER {
        let reason = format!("{most} records could stand in an order by chance");
        return Err(Unsettled::new(reason, format!("{LEAST_FOR_ORDER} users with calls")));
    }
    let (by_key, by_name) =
        (pages.iter().all(|page| page.by_key), pages.iter().all(|page| page.by_name));
    let each = pages.iter().map(|page| {
        format!(
            "{} records are {}sorted by key and {}sorted by name",
            page.records,
            if page.by_key { "" } else { "not " },
            if page.by_name { "" } else { "not " }
        )
    });
    let evidence = each.collect::<Vec<_>>().join("; ");
    let needs = "users, queues or departments whose names are in another order than their keys";
    let choices = [("key", by_key), ("name", by_name)];
    Ok(Verdict::only(&choices, evidence, needs, || "{}".to_owned()))
}

fn parts(_: &Setup, notebook: &Notebook) -> Vec<Found> {
    vec![("parts-add-up", adding_up(notebook))]
}

fn adding_up(notebook: &Notebook) -> Result<Finding, Unsettled> {
    let users = users(notebook)?;
    let is_whole = |record: &&Json, breakdown: &str| {
        let parts = words(record, breakdown).map(|words| words.values().sum::<f64>());
        parts.zip(total(record)).is_some_and(|(parts, all)| is_near(parts, all))
    };
    let counts = BREAKDOWNS.map(|breakdown| {
        (breakdown, users.iter().filter(|record| is_whole(record, breakdown)).count())
    });
    let whole = counts.iter().filter(|(_, count)| *count == users.len());
    let value = whole.map(|(breakdown, _)| *breakdown).collect::<Vec<_>>().join(", ");
    let each = counts.map(|(breakdown, count)| format!("{breakdown} {count}"));
    let evidence = format!("of {} users the parts are all calls: {}", users.len(), each.join(", "));
    Ok(Finding { value, evidence })
}

pub(super) const TIMELINE: Experiment = Experiment {
    question: "How many records does a page of a timeline have?",
    tells: &[Tells {
        assumption: "timeline-per-page",
        options: &[(
            A_NUMBER,
            "a page that says so of itself, and has as many users or all that there are",
        )],
        open: "the number is the same as that of all users, so that the page may be no larger for it",
    }],
    may_be_refused: false,
    requests: |setup, _| {
        let purpose = "each user's calls of each week, on a page of the usual size";
        vec![Request::timeline(setup, "users by week", purpose, ("Users", "Week"))]
    },
    repeats: None,
    verdicts: |_, notebook| {
        let verdict = size(notebook, "users by week", MOST_ON_TIMELINE_PAGE);
        vec![("timeline-per-page", verdict.into())]
    },
    findings: no_findings,
};

pub(super) const EMPTY: Experiment = Experiment {
    question: "Does a user come back who had no such calls?",
    tells: &[Tells {
        assumption: "empty-records",
        options: &[
            ("none", "no record for users that are named, with a filter that no call passes"),
            ("named", "records without calls for the named users alone"),
            ("all", "records without calls for all users, named or not"),
        ],
        open: "no user had calls, so that no key is known to name",
    }],
    may_be_refused: false,
    requests: |setup, notebook| {
        let request = |name: &str, purpose: &str| {
            let request = Request::aggregation(setup, name, purpose, "Users");
            let request = request.counting(&["allCalls"], "Sum");
            let request = request.parameter("perPage", MOST_ON_PAGE);
            request.with("/callFilters", json!({"timeSpent": {"minSeconds": 1_000_000}}))
        };
        let keys = keys(notebook);
        let mut requests = Vec::new();
        if !keys.is_empty() {
            let purpose = "a few users' calls of more than eleven days, which there are none of";
            requests.push(request("named users without calls", purpose).keys(&keys));
        }
        if notebook.is_explaining() || came_back(notebook).is_ok_and(|(came, _)| came > 0) {
            let purpose = "all users' calls of that kind";
            requests.push(request("users without calls", purpose));
        }
        requests
    },
    repeats: None,
    verdicts: |_, notebook| vec![("empty-records", empty(notebook).into())],
    findings: no_findings,
};

/// How many of the named users came back, and of how many.
fn came_back(notebook: &Notebook) -> Result<(usize, usize), Unsettled> {
    users(notebook)?;
    let asked = keys(notebook).len();
    if asked == 0 {
        return Err(Unsettled::new("no user had calls", CALLS));
    }
    Ok((records(notebook.answer("named users without calls")?)?.len(), asked))
}

fn empty(notebook: &Notebook) -> Result<Verdict, Unsettled> {
    let (came, asked) = came_back(notebook)?;
    let named = notebook.answer("named users without calls")?;
    let has_calls = |answer: &Json| {
        records(answer).is_ok_and(|records| records.iter().any(|one| total(one) != Some(0.0)))
    };
    if came == 0 {
        return Ok(Verdict::settled("none", format!("none of {asked} named users came back")));
    }
    let all = notebook.answer("users without calls")?;
    let count = records(all)?.len();
    let evidence = format!("{came} of {asked} named users came back, and {count} users unnamed");
    let is_fine = came == asked && !has_calls(named) && !has_calls(all);
    let choices = [("named", is_fine && count == 0), ("all", is_fine && count >= asked)];
    Ok(Verdict::only(&choices, evidence, "", || redacted(named)))
}
