//! Percentages: what they are shares of.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::records::{BREAKDOWNS, same_key, users};
use crate::calibrate::{
    experiment::{Experiment, Found, Tells, no_findings},
    notebook::Notebook,
    period::Setup,
    reading::{company, is_near, is_zero, records, total, words},
    redact::redacted,
    request::{MOST_ON_PAGE, Request},
    verdict::{Finding, Unsettled, Verdict},
};

pub(super) const SHARES: Experiment = Experiment {
    question: "What is a percentage a share of?",
    tells: &[Tells {
        assumption: "result-shares",
        options: &[
            (
                "not-answered",
                "percentages of transferred and forwarded calls that are shares of the user's calls that weren't answered",
            ),
            ("answered", "the same as shares of the user's answered calls"),
        ],
        open: "no user had such calls, or each user with them had as many answered calls as others",
    }],
    may_be_refused: false,
    requests: |setup, _| {
        let purpose = "each user's calls by breakdown, in percent";
        let request = Request::aggregation(setup, "users in percent", purpose, "Users");
        let request = request.counting(&BREAKDOWNS, "Percent");
        vec![request.parameter("perPage", MOST_ON_PAGE)]
    },
    repeats: None,
    verdicts: |_, notebook| vec![("result-shares", result_shares(notebook).into())],
    findings: denominators,
};

/// A user's sums and percentages.
struct Pair<'a> {
    sums: &'a Json,
    shares: &'a Json,
}

impl Pair<'_> {
    fn sum(&self, breakdown: &str, word: &str) -> Option<f64> {
        words(self.sums, breakdown)?.get(word).copied()
    }

    fn share(&self, breakdown: &str, word: &str) -> Option<f64> {
        words(self.shares, breakdown)?.get(word).copied()
    }

    fn whole(&self, whole: Whole) -> Option<f64> {
        match whole {
            Whole::All => total(self.sums),
            Whole::Word(breakdown, word) => self.sum(breakdown, word),
        }
    }

    /// Whether a share is one of a whole; a share of nothing is nothing.
    fn is_share(&self, breakdown: &str, word: &str, whole: Whole) -> Option<bool> {
        let (part, whole) = (self.sum(breakdown, word)?, self.whole(whole)?);
        let share = self.share(breakdown, word);
        if is_zero(whole) {
            return Some(share.is_none_or(is_zero));
        }
        Some(is_near(share?, 100.0 * part / whole))
    }
}

fn pairs(notebook: &Notebook) -> Result<Vec<Pair<'_>>, Unsettled> {
    let shares = records(notebook.answer("users in percent")?)?;
    let pair = |sums| Some(Pair { sums, shares: same_key(shares, sums)? });
    Ok(users(notebook)?.iter().filter_map(pair).collect())
}

/// What a share may be one of.
#[derive(Clone, Copy)]
enum Whole {
    All,
    Word(&'static str, &'static str),
}

const INBOUND: Whole = Whole::Word("callsByDirection", "inbound");
const OUTBOUND: Whole = Whole::Word("callsByDirection", "outbound");
const ANSWERED: Whole = Whole::Word("callsByResponse", "answered");
const NOT_ANSWERED: Whole = Whole::Word("callsByResponse", "notAnswered");

/// What the vendor's documentation says.
fn documented(breakdown: &str, word: &str) -> Whole {
    match (breakdown, word) {
        ("callsByResponse", "answered" | "notAnswered") => INBOUND,
        ("callsByResponse", _) => OUTBOUND,
        ("callsByResult", "completed") => ANSWERED,
        ("callsByResult", _) => NOT_ANSWERED,
        _ => Whole::All,
    }
}

/// They came after the documentation.
const NEW_RESULTS: [&str; 2] = ["transferred", "forwarded"];

fn result_shares(notebook: &Notebook) -> Result<Verdict, Unsettled> {
    let pairs = pairs(notebook)?;
    let (mut telling, mut not_answered, mut answered) = (0_u32, 0_u32, 0_u32);
    for pair in &pairs {
        for word in NEW_RESULTS {
            let had = pair.sum("callsByResult", word).is_some_and(|sum| sum > 0.0);
            let is = |whole| pair.is_share("callsByResult", word, whole) == Some(true);
            let (one, other) = (is(NOT_ANSWERED), is(ANSWERED));
            // Where both wholes are equal, a share tells nothing.
            if had && !(one && other) {
                telling += 1;
                not_answered += u32::from(one);
                answered += u32::from(other);
            }
        }
    }
    let evidence = format!(
        "of {telling} shares of transferred and forwarded calls, {not_answered} are of the calls that \
         weren't answered, {answered} of the answered ones"
    );
    if telling == 0 {
        let needs = "users with transferred or forwarded calls";
        return Err(Unsettled::new("no user has a share that tells", needs));
    }
    let choices = [("not-answered", not_answered == telling), ("answered", answered == telling)];
    let answer = notebook.answer("users in percent")?;
    Ok(Verdict::only(&choices, evidence, "", || redacted(answer)))
}

fn denominators(_: &Setup, notebook: &Notebook) -> Vec<Found> {
    vec![("percent-denominators", as_documented(notebook))]
}

fn as_documented(notebook: &Notebook) -> Result<Finding, Unsettled> {
    let mut counts: BTreeMap<String, [u32; 2]> = BTreeMap::new();
    for pair in pairs(notebook)? {
        for breakdown in BREAKDOWNS {
            for word in words(pair.sums, breakdown).unwrap_or_default().into_keys() {
                let is_new = breakdown == "callsByResult" && NEW_RESULTS.contains(&word);
                let is_share = pair.is_share(breakdown, word, documented(breakdown, word));
                if let Some(is_share) = is_share.filter(|_| !is_new) {
                    let count = counts.entry(format!("{breakdown}.{word}")).or_default();
                    count[usize::from(is_share)] += 1;
                }
            }
        }
    }
    if counts.is_empty() {
        return Err(Unsettled::new("no user has shares", "users with calls"));
    }
    let others: Vec<_> = counts
        .iter()
        .filter(|(_, [no, _])| *no > 0)
        .map(|(word, [no, yes])| format!("{word} ({yes} of {})", no + yes))
        .collect();
    let compared: u32 = counts.values().flatten().sum();
    let value = if others.is_empty() { "as documented" } else { "not as documented" };
    let evidence = match &others[..] {
        [] => format!("{compared} shares of {} words have the documented whole", counts.len()),
        others => format!("these have it of some users only: {}", others.join(", ")),
    };
    Ok(Finding { value: value.to_owned(), evidence })
}

pub(super) const UNDEFINED: Experiment = Experiment {
    question: "What is a share of nothing?",
    tells: &[Tells {
        assumption: "undefined-values",
        options: &[
            ("zero", "0 for the outbound shares of inbound calls"),
            ("absent", "no such shares"),
        ],
        open: "no inbound call was answered, or it isn't known what those are shares of",
    }],
    may_be_refused: false,
    requests: |setup, _| {
        let purpose = "the company's inbound calls by response, in percent: outbound ones are none";
        let request = Request::aggregation(setup, "inbound in percent", purpose, "Company");
        let request = request.counting(&["callsByResponse"], "Percent");
        vec![request.with("/callFilters", json!({"directions": ["Inbound"]}))]
    },
    repeats: None,
    verdicts: |_, notebook| vec![("undefined-values", undefined(notebook).into())],
    findings: no_findings,
};

fn undefined(notebook: &Notebook) -> Result<Verdict, Unsettled> {
    let answer = notebook.answer("inbound in percent")?;
    let shares = words(company(answer)?, "callsByResponse").unwrap_or_default();
    if shares.get("answered").is_none_or(|share| is_zero(*share)) {
        return Err(Unsettled::new("no inbound call was answered", "answered calls"));
    }
    let outbound = ["connected", "notConnected"].map(|word| shares.get(word));
    let zero = outbound.iter().all(|share| share.is_some_and(|share| is_zero(*share)));
    let absent = outbound.iter().all(Option::is_none);
    // A share of all calls would be zero, too.
    let is_of_outbound = pairs(notebook)?.iter().any(|pair| {
        let had = pair.sum("callsByResponse", "connected").is_some_and(|sum| sum > 0.0);
        let is = |whole| pair.is_share("callsByResponse", "connected", whole) == Some(true);
        had && is(OUTBOUND) && !is(Whole::All)
    });
    let evidence = format!(
        "the outbound shares of inbound calls are {}",
        if absent {
            "absent"
        } else if zero {
            "0"
        } else {
            "something else"
        }
    );
    if zero && !is_of_outbound {
        let reason = format!("{evidence}, and it isn't known what they are shares of");
        return Err(Unsettled::new(reason, "users with outbound and other calls"));
    }
    let choices = [("zero", zero), ("absent", absent)];
    Ok(Verdict::only(&choices, evidence, "", || redacted(answer)))
}
