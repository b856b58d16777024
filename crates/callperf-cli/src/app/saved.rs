//! Reports that are saved in the configuration, as the arguments that they stand for.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use callperf::shown;

use crate::{
    Failure,
    config::Setting,
    words::{self, Parsed},
};

/// The saved reports by name, each with its options.
pub(crate) type Reports = BTreeMap<String, BTreeMap<String, Setting>>;

/// The newest form of a saved report that is understood.
const VERSION: i64 = 1;
const COMMANDS: [&str; 4] = ["report", "timeline", "dashboard", "directory"];
/// What isn't an option: which form it has, which command it is, and its arguments without names.
const OTHERS: [&str; 4] = ["version", "command", "preset", "of"];
/// Options of which one replaces the others.
const GROUPS: [&[&str]; 3] = [
    &["last", "today", "yesterday", "last-week", "last-month", "month", "from", "to"],
    &["compare", "compare-to"],
    &["format", "out"],
];

/// The arguments that a saved report stands for, with `more` in the place of its own options of
/// the same names.
///
/// # Errors
/// A name that no report has, a newer form, and what can't be an option.
pub(crate) fn arguments(
    reports: &Reports,
    file: &Path,
    name: &str,
    more: &[String],
) -> Parsed<Vec<String>> {
    let report = find(reports, file, name)?;
    let refused = |reason: String| Failure::Usage(format!("[reports.{name}]: {reason}"));
    check_version(report).map_err(refused)?;
    let replaced = replaced(more);
    let mut arguments = vec![command(report).map_err(refused)?];
    for key in ["preset", "of"] {
        match report.get(key) {
            None => {}
            Some(Setting::Text(text)) => arguments.push(text.clone()),
            Some(_) => {
                return Err(refused(format!("{key} is a text; write it in quotation marks")));
            }
        }
    }
    for (key, setting) in report.iter().filter(|(key, _)| !OTHERS.contains(&key.as_str())) {
        let option = key.replace('_', "-");
        if !replaced.contains(option.as_str()) {
            arguments.extend(written(&option, setting));
        }
    }
    arguments.extend(more.iter().cloned());
    Ok(arguments)
}

/// Says that the configuration file which a saved report names isn't there.
pub(crate) fn missing_config(reports: &Reports, name: &str) -> Option<String> {
    match reports.get(name)?.get("config")? {
        Setting::Text(file) if !Path::new(file).exists() => Some(format!(
            "[reports.{name}]: config: there is no file {}; leave config out for this one, or name \
             one that is there",
            shown::quoted(file)
        )),
        _ => None,
    }
}

fn find<'a>(
    reports: &'a Reports,
    file: &Path,
    name: &str,
) -> Parsed<&'a BTreeMap<String, Setting>> {
    if let Some(report) = reports.get(name) {
        return Ok(report);
    }
    let file = file.display();
    let near = words::nearest(name, reports.keys().map(String::as_str));
    let remedy = match (&near[..], reports.is_empty()) {
        (_, true) => "it has none; write one as a table such as [reports.monday]".to_owned(),
        ([], false) => {
            let names: Vec<_> = reports.keys().map(String::as_str).collect();
            format!("there are {}", names.join(", "))
        }
        (near, false) => format!("did you mean {}?", near[..near.len().min(3)].join(" or ")),
    };
    Err(Failure::Usage(format!("no report is named `{name}` in {file}; {remedy}")))
}

fn check_version(report: &BTreeMap<String, Setting>) -> Result<(), String> {
    match report.get("version") {
        None => Ok(()),
        Some(Setting::Number(version)) if (1..=VERSION).contains(version) => Ok(()),
        Some(Setting::Number(version)) if *version > VERSION => Err(format!(
            "it has version {version}, and this program knows up to {VERSION}; use a newer callperf, \
             or write the report in the older form"
        )),
        Some(_) => Err(format!("version is a number; write version = {VERSION}, or leave it out")),
    }
}

fn command(report: &BTreeMap<String, Setting>) -> Result<String, String> {
    let named = match report.get("command") {
        None => "report",
        Some(Setting::Text(text)) => text,
        Some(_) => return Err("command is a text; write it in quotation marks".to_owned()),
    };
    let known = COMMANDS.map(|name| (name.to_owned(), name));
    let found = words::pick("command", named, &known);
    found.map(str::to_owned).map_err(|refusal| refusal.to_string())
}

/// The options that others take the place of.
fn replaced(more: &[String]) -> BTreeSet<&str> {
    let given = more.iter().filter_map(|text| text.strip_prefix("--"));
    let given: Vec<_> = given.map(|text| text.split_once('=').map_or(text, |it| it.0)).collect();
    let others = GROUPS.iter().filter(|group| group.iter().any(|name| given.contains(name)));
    given.iter().copied().chain(others.flat_map(|group| group.iter().copied())).collect()
}

fn written(option: &str, setting: &Setting) -> Vec<String> {
    let with = |value: &dyn std::fmt::Display| format!("--{option}={value}");
    match setting {
        Setting::Switch(true) => vec![format!("--{option}")],
        Setting::Switch(false) => Vec::new(),
        Setting::Number(number) => vec![with(number)],
        Setting::Text(text) => vec![with(text)],
        Setting::Texts(texts) => texts.iter().map(|text| with(text)).collect(),
    }
}

/// Arguments as a line for a shell.
pub(crate) fn line(arguments: &[String]) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,+@%".contains(c);
    let quoted = |text: &String| {
        if !text.is_empty() && text.chars().all(is_plain) {
            text.clone()
        } else {
            format!("'{}'", text.replace('\'', "'\\''"))
        }
    };
    arguments.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reports(text: &str) -> Reports {
        toml::from_str(text).unwrap()
    }

    fn said(text: &str, name: &str, more: &[&str]) -> String {
        let more: Vec<_> = more.iter().map(|text| (*text).to_owned()).collect();
        let arguments = arguments(&reports(text), Path::new("config.toml"), name, &more);
        arguments.map_or_else(|failure| failure.to_string(), |arguments| line(&arguments))
    }

    const MONDAY: &str = "[monday]\npreset = 'queues'\nlast-week = true\ncompare = false\ntop = 3\n\
                          kpis = ['offered', 'answer-rate']\nout = \"Monday's.xlsx\"\n";

    #[test]
    fn a_saved_report_is_its_options() {
        assert_eq!(
            said(MONDAY, "monday", &[]),
            "report queues --kpis=offered --kpis=answer-rate --last-week \
             '--out=Monday'\\''s.xlsx' --top=3"
        );
        assert_eq!(
            said("[a]\ncommand = 'timeline'\npreset = 'queue-hours'\nof = 'Support'", "a", &[]),
            "timeline queue-hours Support"
        );
    }

    #[test]
    fn more_options_take_the_place_of_saved_ones() {
        assert_eq!(
            said(MONDAY, "monday", &["--month=2026-10", "--format", "csv", "--top", "5"]),
            "report queues --kpis=offered --kpis=answer-rate --month=2026-10 --format csv --top 5"
        );
    }

    #[test]
    fn what_cannot_be_run_is_refused_with_what_can() {
        assert_eq!(
            said(MONDAY, "mondy", &[]),
            "no report is named `mondy` in config.toml; did you mean monday?"
        );
        assert_eq!(
            said(MONDAY, "quarterly", &[]),
            "no report is named `quarterly` in config.toml; there are monday"
        );
        assert!(
            said("", "monday", &[])
                .ends_with("it has none; write one as a table such as [reports.monday]")
        );
        assert_eq!(
            said("[a]\nversion = 2", "a", &[]),
            "[reports.a]: it has version 2, and this program knows up to 1; use a newer callperf, or \
             write the report in the older form"
        );
        assert_eq!(
            said("[a]\ncommand = 'reprot'", "a", &[]),
            "[reports.a]: command: no such word as `reprot`; did you mean report?"
        );
        assert_eq!(
            said("[a]\nversion = '1'", "a", &[]),
            "[reports.a]: version is a number; write version = 1, or leave it out"
        );
    }
}
