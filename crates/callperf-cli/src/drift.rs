//! How an API's names differ from those that this program knows: names alone, no number
//! and nothing that could be a company's own.

use std::collections::{BTreeMap, BTreeSet};

use callperf::{Error, Metric, Notice, Page, Record, Series};
use serde_json::{Map, Value as Json};

/// What was found, each with the requests that showed it.
#[derive(Default)]
pub(crate) struct Drift {
    new: BTreeMap<String, BTreeSet<String>>,
    refused: BTreeMap<String, BTreeSet<String>>,
    /// What was asked for and, where records came, whether one had it.
    came: BTreeMap<String, bool>,
}

impl Drift {
    /// Holds the names of a response against the known ones.
    pub(crate) fn add<T: Rows>(&mut self, request: &str, measures: &[String], page: &Page<T>) {
        let mut names = Names::default();
        names.extra("response", &page.extra);
        if let Some(grouping) = page.grouped_by.as_ref().filter(|word| !word.is_known()) {
            names.add(format!("grouping {}", redacted(grouping.as_str())));
        }
        for notice in &page.notices {
            if let Notice::Unreadable { path, .. } = notice {
                names.add(format!("unreadable: {}", redacted_path(path)));
            }
        }
        for row in &page.records {
            row.look(&mut names);
        }
        for name in names.new {
            self.new.entry(name).or_default().insert(request.to_owned());
        }
        if page.records.is_empty() {
            return;
        }
        for measure in measures {
            let came = self.came.entry(measure.clone()).or_default();
            *came |= names.seen.contains(measure);
        }
    }

    /// Notes what a server refused: its codes and parameters, not its texts.
    pub(crate) fn refuse(&mut self, request: &str, error: &Error) {
        let status = error.status().map(|status| status.to_string());
        let errors = error.api_errors().iter().flat_map(|one| {
            [Some(redacted_code(&one.code)), one.parameter.as_deref().map(redacted_path)]
        });
        let parts: Vec<_> = [status].into_iter().chain(errors).flatten().collect();
        self.refused.entry(parts.join(" ")).or_default().insert(request.to_owned());
    }

    /// How many names differ.
    pub(crate) fn count(&self) -> usize {
        self.new.len() + self.refused.len() + self.gone().count()
    }

    fn gone(&self) -> impl Iterator<Item = String> {
        self.came.iter().filter(|(_, came)| !**came).map(|(name, _)| name.clone())
    }

    /// The titles with their lines, less the empty ones.
    pub(crate) fn sections(&self) -> Vec<(&'static str, Vec<String>)> {
        let lines = |found: &BTreeMap<String, BTreeSet<String>>| {
            let line = |(name, requests): (&String, &BTreeSet<String>)| {
                format!("{name} ({})", in_short(requests))
            };
            found.iter().map(line).collect::<Vec<_>>()
        };
        let all = [
            ("New in responses", lines(&self.new)),
            ("Requested and in no record", self.gone().collect()),
            ("Refused", lines(&self.refused)),
        ];
        all.into_iter().filter(|(_, lines)| !lines.is_empty()).collect()
    }
}

/// How many requests a line names.
const MOST_NAMED: usize = 3;

fn in_short(requests: &BTreeSet<String>) -> String {
    let named: Vec<_> = requests.iter().take(MOST_NAMED).map(String::as_str).collect();
    let named = named.join("; ");
    match requests.len().saturating_sub(MOST_NAMED) {
        0 => named,
        more => format!("{named}; and {more} more"),
    }
}

/// What records have in common.
pub(crate) trait Rows {
    fn look(&self, names: &mut Names);
}

impl Rows for Record {
    fn look(&self, names: &mut Names) {
        names.extra("record", self.extra());
        if let Some(info) = self.info() {
            names.extra("info", info.extra());
        }
        names.metrics(self.calls(), self.time_spent());
    }
}

impl Rows for Series {
    fn look(&self, names: &mut Names) {
        names.extra("record", self.extra());
        if let Some(info) = self.info() {
            names.extra("info", info.extra());
        }
        for point in self.points() {
            names.extra("point", point.extra());
            names.metrics(point.calls(), point.time_spent());
        }
    }
}

/// The names of one response.
#[derive(Default)]
pub(crate) struct Names {
    new: BTreeSet<String>,
    /// The known metrics that came.
    seen: BTreeSet<String>,
}

impl Names {
    fn add(&mut self, name: String) {
        self.new.insert(name);
    }

    fn extra(&mut self, place: &str, extra: &Map<String, Json>) {
        for (name, value) in extra {
            self.add(format!("{place}: field {} ({})", redacted(name), kind(value)));
        }
    }

    fn metrics(&mut self, calls: &Metric, time_spent: &Metric) {
        self.metric("calls", calls);
        self.metric("time_spent", time_spent);
    }

    fn metric(&mut self, name: &str, metric: &Metric) {
        self.extra(name, metric.extra());
        for number in metric.numbers() {
            self.seen.insert(format!("{name} {}", number.as_str()));
            if !number.is_known() {
                self.add(format!("{name}: number {}", redacted(number.as_str())));
            }
        }
        for breakdown in metric.breakdowns() {
            let place = format!("{name} {}", redacted(breakdown.as_str()));
            self.seen.insert(format!("{name} {}", breakdown.as_str()));
            let known: Vec<_> = breakdown.words().into_iter().map(|(word, _)| word).collect();
            if !breakdown.is_known() {
                self.add(format!("{name}: breakdown {}", redacted(breakdown.as_str())));
            }
            for (word, value) in metric.entries(breakdown) {
                if !known.contains(&word.as_str()) {
                    self.add(format!("{place}: word {}", redacted(&word)));
                }
                if !value.unit().is_known() {
                    self.add(format!("{place}: unit {}", redacted(value.unit().as_str())));
                }
            }
        }
    }
}

fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "number",
        Json::String(_) => "text",
        Json::Array(_) => "list",
        Json::Object(_) => "object",
    }
}

/// The longest name that is taken for one of the API's.
const LONGEST_NAME: usize = 60;

/// A name as the API gives them, and nothing that may be a key, a number or a person's
/// name: letters, then letters, digits and `_`, `-`, with at most two digits in a row.
fn redacted(name: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.len() <= LONGEST_NAME
        && name.chars().all(is_part)
        && !name.as_bytes().windows(3).any(|three| std::str::from_utf8(three).is_ok_and(digits));
    if is_name { format!("`{name}`") } else { "(left out: it may be data)".to_owned() }
}

/// An error code as the API gives them: `CMN-101`.
fn redacted_code(code: &str) -> String {
    let is_code = code.split_once('-').is_some_and(|(family, number)| {
        family.bytes().all(|byte| byte.is_ascii_uppercase())
            && (2..=4).contains(&family.len())
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && number.len() <= 3
    });
    if is_code { code.to_owned() } else { redacted(code) }
}

/// A path of names; indexes stay, since they are positions in a list.
fn redacted_path(path: &str) -> String {
    let part = |part: &str| {
        let (name, index) = part.split_at(part.find('[').unwrap_or(part.len()));
        let is_index = index.chars().all(|c| c.is_ascii_digit() || "[]".contains(c));
        let name = if is_index { redacted(name) } else { redacted("") };
        format!("{}{}", name.replace('`', ""), if is_index { index } else { "" })
    };
    format!("`{}`", path.split('.').map(part).collect::<Vec<_>>().join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_data_is_left_out() {
        for name in ["callsByEndingParty", "dtmf2", "in_sla", "voice-mail"] {
            assert_eq!(redacted(name), format!("`{name}`"));
        }
        for data in ["1503200033", "+12125550100", "x1503200033", "Ann Lee", "a@b.c", "Zoë", ""] {
            assert_eq!(redacted(data), "(left out: it may be data)", "{data}");
        }
    }

    #[test]
    fn a_path_keeps_its_positions_and_loses_its_keys() {
        let left_out = "(left out: it may be data)";
        let paths = [
            ("data.records[12].timers.x", "`data.records[12].timers.x`".to_owned()),
            ("data.1503200033.timers", format!("`data.{left_out}.timers`")),
            ("timeSettings.timeZone", "`timeSettings.timeZone`".to_owned()),
        ];
        for (path, expected) in paths {
            assert_eq!(redacted_path(path), expected);
        }
    }
}
