//! `--explain`: what would be asked, what each number counts, and what it costs.

use std::io::{self, Write};

use callperf::{Breakdown, Client, GroupBy, Measure, Period, Preview, Query};
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    Failure,
    args::ConnectionArgs,
    connection::{connect, offline},
    console::counted,
    format::Format,
    lookup::PER_PAGE,
    output::print_json,
    pull::{Operation, Plan},
    question::{Kind, Queries, Question},
    render::{MetricName, Which, in_words, words_of},
    words,
};

/// The requests that the API's documents allow a user of an application in a
/// minute (group "Light"). The server's headers have the last word.
pub(crate) const REQUESTS: u64 = 50;
const WINDOW_SECONDS: u64 = 60;

/// What would be asked.
#[derive(Debug, Serialize)]
struct Explanation {
    requests: Vec<Request>,
    numbers: Vec<Explained>,
    plan: Costs,
}

#[derive(Debug, Serialize)]
struct Request {
    method: &'static str,
    url: String,
    body: serde_json::Value,
}

/// What a number counts.
#[derive(Debug, Serialize)]
struct Explained {
    name: String,
    meaning: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    formula: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_not: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Costs {
    queries: u64,
    /// How many records an answer has on a page.
    records_per_page: u32,
    /// How many requests there are, where the number of records is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    requests: Option<u64>,
    quota_requests: u64,
    quota_window_seconds: u64,
    /// What is asked before, to find the extensions that are named.
    #[serde(skip_serializing_if = "Option::is_none")]
    look_up: Option<String>,
    /// The seconds that the quota alone makes it take.
    #[serde(skip_serializing_if = "Option::is_none")]
    earliest_end_seconds: Option<u64>,
}

/// A client that only says what it would send. Credentials aren't needed for it;
/// the address comes from the environment, the file or the profile where one is
/// set.
pub(crate) fn client(args: &ConnectionArgs, now: Option<Timestamp>) -> Result<Client, Failure> {
    match connect(args, now) {
        Ok(client) => Ok(client),
        Err(failure) if args.credentials.is_some() => Err(failure),
        Err(_) => offline(args, now),
    }
}

pub(crate) fn explain(
    out: &mut impl Write,
    client: &Client,
    operation: &Operation,
    plan: &Plan,
    format: Format,
) -> Result<(), Failure> {
    let mut previews = Vec::new();
    for (query, history) in plan.queries() {
        match history {
            Some(history) => history.check(query, operation.interval())?,
            None => previews.push(operation.preview(client, query)?),
        }
    }
    let explanation = Explanation {
        requests: previews.iter().map(request).collect(),
        numbers: numbers(client, &plan.question),
        plan: costs(plan, &previews),
    };
    if format == Format::Json {
        return Ok(print_json(out, &explanation)?);
    }
    print(out, client, plan, &explanation)?;
    Ok(())
}

fn request(preview: &Preview) -> Request {
    let query: Vec<_> =
        preview.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    Request {
        method: preview.method,
        url: format!("{}{}?{}", preview.server, preview.path, query.join("&")),
        body: preview.body.clone(),
    }
}

fn numbers(client: &Client, question: &Question) -> Vec<Explained> {
    let mut numbers: Vec<_> = question
        .kpis
        .kpis()
        .iter()
        .map(|kpi| Explained {
            name: in_words(kpi.as_str()),
            meaning: kpi.meaning().to_owned(),
            formula: Some(kpi.formula()).filter(|formula| formula != kpi.as_str()),
            source: Some(kpi.source()),
            is_not: Some(kpi.often_confused_with()).filter(|text| !text.is_empty()),
        })
        .collect();
    let recent: Vec<_> = question.recent_calls.iter().cloned().map(Measure::from).collect();
    let metrics = [
        (MetricName::Calls, &question.calls),
        (MetricName::Calls, &recent),
        (MetricName::TimeSpent, &question.time_spent),
    ];
    for (metric, measures) in metrics {
        for measure in measures {
            numbers.extend(of_measure(client, metric, measure));
        }
    }
    numbers
}

/// The numbers of a metric: one, or one per word of its breakdown.
fn of_measure(client: &Client, metric: MetricName, measure: &Measure) -> Vec<Explained> {
    let breakdown = measure.breakdown();
    let all = words_of(breakdown);
    let known: Vec<_> = all.iter().copied().filter(|word| has(client, breakdown, word)).collect();
    // An API without the filter may have the breakdown all the same.
    let words = if known.is_empty() { all } else { known };
    let words: Vec<Option<&str>> =
        if words.is_empty() { vec![None] } else { words.into_iter().map(Some).collect() };
    words
        .into_iter()
        .map(|word| {
            let which = Which::Metric {
                metric,
                breakdown: breakdown.clone(),
                word: word.map(str::to_owned),
            };
            let how = match (measure.aggregation(), measure.interval()) {
                (callperf::Aggregation::Sum, _) => String::new(),
                (how, None) => format!("; {how}: {}", how.meaning()),
                (how, Some(interval)) => format!("; {how} per {interval}: {}", how.meaning()),
            };
            let name = match (word, breakdown) {
                (Some(word), _) => {
                    format!("{} {}", in_words(metric.as_str()), in_words(word))
                }
                (None, Breakdown::Total) => in_words(metric.as_str()),
                (None, breakdown) => in_words(breakdown.as_str()),
            };
            Explained {
                name,
                meaning: format!("{}{how}", which.meaning()),
                formula: None,
                source: None,
                is_not: None,
            }
        })
        .collect()
}

/// Whether the client's API has a word of a breakdown, as the filter of the same words says.
fn has(client: &Client, breakdown: &Breakdown, word: &str) -> bool {
    let name = breakdown.as_str().trim_start_matches("by_").replace('_', "-");
    let Ok(filter) = words::filter(&name, word) else { return false };
    let query = Query::new(GroupBy::queues(), Period::last_days(1), "UTC").calls(Breakdown::Total);
    client.aggregate(&query.only(filter).unchecked()).check().is_ok()
}

fn costs(plan: &Plan, previews: &[Preview]) -> Costs {
    let question = &plan.question;
    if plan.history.is_some() {
        return Costs {
            queries: 0,
            records_per_page: 0,
            requests: Some(0),
            quota_requests: REQUESTS,
            quota_window_seconds: WINDOW_SECONDS,
            look_up: None,
            earliest_end_seconds: Some(0),
        };
    }
    let records_per_page = previews.first().map_or(1, |preview| preview.per_page.max(1));
    let queries = previews.len() as u64;
    let known = match question.kind {
        Kind::Company => Some(1),
        Kind::Extensions | Kind::Others if !question.keys.is_empty() => {
            Some(question.keys.len() as u64)
        }
        _ => None,
    };
    // The company's own queries have one record each.
    let of_company = plan.company.as_ref().map_or(0, |company| {
        company.rows.all().count() + company.before.iter().flat_map(Queries::all).count()
    }) as u64;
    let requests = known.map(|records| {
        let pages = records.div_ceil(u64::from(records_per_page)).max(1);
        (queries - of_company) * pages + of_company
    });
    Costs {
        queries,
        records_per_page,
        requests,
        quota_requests: REQUESTS,
        quota_window_seconds: WINDOW_SECONDS,
        look_up: question.names_extensions().then(look_up),
        earliest_end_seconds: requests.map(earliest_end),
    }
}

fn look_up() -> String {
    format!(
        "before that, 1 request for each {PER_PAGE} extensions of the account, in the group Medium, \
         to find those that are named; this preview shows them as they were given"
    )
}

/// The windows that have to pass before the last request.
pub(crate) fn earliest_end(requests: u64) -> u64 {
    requests.saturating_sub(1) / REQUESTS * WINDOW_SECONDS
}

fn print(
    out: &mut impl Write,
    client: &Client,
    plan: &Plan,
    explanation: &Explanation,
) -> io::Result<()> {
    let sheet = crate::render::Sheet::from(&crate::render::Report {
        heading: plan.heading(client),
        entries: Vec::new(),
        total: None,
        kpis: Vec::new(),
    });
    writeln!(out, "{}", sheet.title_line())?;
    if let Some(line) = sheet.comparison_line() {
        writeln!(out, "{line}")?;
    }
    for notice in plan.notices() {
        writeln!(out, "note: {notice}")?;
    }
    for (at, request) in explanation.requests.iter().enumerate() {
        let (number, all) = (at + 1, explanation.requests.len());
        writeln!(out, "\nQuery {number} of {all}\n{} {}", request.method, request.url)?;
        writeln!(out, "{:#}", request.body)?;
    }
    writeln!(out, "\nWhat each number counts")?;
    for number in &explanation.numbers {
        writeln!(out, "  {}: {}", number.name, number.meaning)?;
        if let Some(formula) = &number.formula {
            writeln!(out, "    = {formula}")?;
        }
        if let Some(source) = number.source {
            writeln!(out, "    source: {source}")?;
        }
        if let Some(is_not) = number.is_not {
            writeln!(out, "    not {is_not}")?;
        }
    }
    print_costs(out, &explanation.plan)
}

fn print_costs(out: &mut impl Write, costs: &Costs) -> io::Result<()> {
    let Costs { queries, records_per_page, .. } = costs;
    writeln!(out, "\nWhat it costs")?;
    if costs.queries == 0 {
        return writeln!(out, "  no request: the history answers\n\nNothing was sent.");
    }
    match costs.requests {
        Some(requests) => writeln!(out, "  {}", counted(requests, "request"))?,
        None => writeln!(
            out,
            "  {} for each {records_per_page} records; how many there are is known with the \
             first answer",
            counted(*queries, "request")
        )?,
    }
    if let Some(look_up) = &costs.look_up {
        writeln!(out, "  {look_up}")?;
    }
    writeln!(
        out,
        "  quota: {REQUESTS} requests in {WINDOW_SECONDS} seconds, as documented for the group \
         Light; the server's own numbers are kept"
    )?;
    match costs.earliest_end_seconds {
        Some(0) => writeln!(out, "  earliest end: at once, by the quota")?,
        Some(seconds) => writeln!(out, "  earliest end: after {seconds} seconds, by the quota")?,
        None => {
            let at_once = REQUESTS / queries.max(&1) * u64::from(*records_per_page);
            writeln!(
                out,
                "  earliest end: at once for up to {at_once} records, then a minute more for each \
                 {REQUESTS} requests"
            )?;
        }
    }
    writeln!(out, "\nNothing was sent.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quota_makes_whole_windows_pass() {
        assert_eq!([0, 1, 50, 51, 100, 101].map(earliest_end), [0, 0, 0, 60, 60, 120]);
    }
}
