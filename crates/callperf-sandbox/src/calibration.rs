//! What a real account has settled, as `callperf calibrate` writes it. It is read by this crate's own code.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Deserialize;

use crate::assumptions::{Assumptions, SETTINGS};
use crate::error::Error;
use crate::hint::did_you_mean;

/// The version of the file that this crate reads.
const SCHEMA: i64 = 1;

/// What a file may settle that is no option here: how the sandbox answers all the same.
const FIXED: &[(&str, &str)] = &[
    ("connected-is-completed-too", "yes"),
    ("points-begin-their-interval", "yes"),
    ("talk-is-answered", "yes"),
    ("words-of-2025", "yes"),
    ("queue-hours-of-queues", "refused"),
    ("sla-without-abandoned", "yes"),
    ("account-of-the-login", "yes"),
    ("menu-time", "also-of-the-next"),
    ("company-scope", "last-leg"),
];

/// What a calibration file settles of [`Assumptions`]. A sandbox with these answers as the API did.
///
/// ```
/// use callperf_sandbox::{Calibration, Sandbox};
///
/// let file = "
/// schema = 1
/// server = 'https://platform.ringcentral.com'
/// api = 'calls-v1'
/// [settled.week-start]
/// value = 'sunday'
/// [end]
/// ";
/// let calibration: Calibration = file.parse()?;
/// let builder = Sandbox::builder().assumptions(calibration.assumptions());
/// # Ok::<(), callperf_sandbox::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Calibration {
    assumptions: Assumptions,
    not_followed: Vec<String>,
}

impl Calibration {
    /// The assumptions: what is settled, and the defaults of the rest.
    pub fn assumptions(&self) -> Assumptions {
        self.assumptions.clone()
    }

    /// What is settled and no option here, so that the sandbox answers otherwise.
    #[must_use]
    pub fn not_followed(&self) -> &[String] {
        &self.not_followed
    }
}

/// An assumption that a calibration file can settle.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settable {
    /// Its name.
    pub name: &'static str,
    /// The values that it can have; `None` if the sandbox has it one way only.
    pub choices: Option<String>,
    /// The value that holds unless it is set.
    pub default: String,
}

impl Assumptions {
    /// All that a calibration file can settle, options or not.
    #[must_use]
    pub fn vocabulary() -> Vec<Settable> {
        let defaults = Assumptions::default();
        let options = SETTINGS.iter().map(|setting| {
            let choices = (setting.set)(&mut defaults.clone(), "").unwrap_err();
            let choices = choices.strip_prefix("one of ").map_or(choices.clone(), str::to_owned);
            Settable {
                name: setting.name,
                choices: Some(choices),
                default: (setting.get)(&defaults),
            }
        });
        let fixed = FIXED.iter().map(|(name, value)| Settable {
            name,
            choices: None,
            default: (*value).to_owned(),
        });
        options.chain(fixed).collect()
    }
}

#[derive(Deserialize)]
struct File {
    server: Option<String>,
    api: Option<String>,
    #[serde(default)]
    settled: BTreeMap<String, Settled>,
    #[serde(default)]
    contradicted: BTreeMap<String, Texts>,
    #[serde(default)]
    unsettled: BTreeMap<String, Texts>,
    /// The last: a file without it was cut off.
    end: Option<Texts>,
}

#[derive(Deserialize)]
struct Version {
    schema: Option<i64>,
}

#[derive(Deserialize)]
struct Settled {
    value: Value,
}

/// What is for people.
type Texts = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Word(String),
    Number(u64),
}

impl FromStr for Calibration {
    type Err = Error;

    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// [`Error::Calibration`], with the line: the text isn't TOML, has no `[end]`, or is another version of the file, it
    /// doesn't say of which server and API it is, or there is no such name or value.
    fn from_str(text: &str) -> Result<Calibration, Error> {
        read(text).map_err(|problem| Error::Calibration { problem })
    }
}

fn read(text: &str) -> Result<Calibration, String> {
    let text = text.trim_start_matches('\u{feff}');
    // First, because another version may have other fields.
    let version: Version = parsed(text)?;
    match version.schema {
        Some(SCHEMA) => {}
        Some(other) => {
            let line = line_of(text, "schema");
            return Err(format!(
                "{line}: this is version {other} of the file, and the sandbox reads version {SCHEMA}"
            ));
        }
        None => return Err("line 1: `schema` is missing; is this a calibration file?".to_owned()),
    }
    let file: File = parsed(text)?;
    check_origin(text, &file)?;
    for name in file.contradicted.keys().chain(file.unsettled.keys()) {
        check_name(text, name)?;
    }
    let mut calibration =
        Calibration { assumptions: Assumptions::default(), not_followed: Vec::new() };
    for (name, Settled { value }) in &file.settled {
        check_name(text, name)?;
        let value = match value {
            Value::Word(word) => word.clone(),
            Value::Number(number) => number.to_string(),
        };
        calibration
            .settle(name, &value)
            .map_err(|error| format!("{}: {error}", line_of(text, name)))?;
    }
    Ok(calibration)
}

fn parsed<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, String> {
    basic_toml::from_str(text).map_err(|error| {
        format!("{error}; if a part of the file is missing, run `callperf calibrate` again")
    })
}

/// What an account is asked by `callperf calibrate`; the other API can't be reached.
const API: &str = "calls-v1";

/// Whether the file is whole, and of what it says.
fn check_origin(text: &str, file: &File) -> Result<(), String> {
    if file.end.is_none() {
        let last = text.lines().count().max(1);
        return Err(format!(
            "line {last}: the file ends without its `[end]`, so a part of it may be missing; run `callperf calibrate` again"
        ));
    }
    for (name, value) in [("server", &file.server), ("api", &file.api)] {
        if value.is_none() {
            return Err(format!("line 1: `{name}` is missing; run `callperf calibrate` again"));
        }
    }
    match file.api.as_deref() {
        Some(API) => Ok(()),
        other => Err(format!(
            "{}: the file is of `{}`, and a calibration is of {API}",
            line_of(text, "api"),
            other.unwrap_or_default()
        )),
    }
}

fn check_name(text: &str, name: &str) -> Result<(), String> {
    if Assumptions::vocabulary().iter().any(|option| option.name == name) {
        return Ok(());
    }
    let hint = did_you_mean(name, Assumptions::vocabulary().iter().map(|option| option.name));
    Err(format!("{}: there is no assumption `{name}`{hint}", line_of(text, name)))
}

impl Calibration {
    fn settle(&mut self, name: &str, value: &str) -> Result<(), Error> {
        if let Some((_, own)) = FIXED.iter().find(|(fixed, _)| *fixed == name) {
            if *own != value {
                self.not_followed.push(format!("{name} is {value}, and {own} here"));
            }
            return Ok(());
        }
        self.assumptions = self.assumptions.clone().set(name, value)?;
        Ok(())
    }
}

/// The line that has a name as its table or key.
fn line_of(text: &str, name: &str) -> String {
    let has = |line: &str| {
        let bare = line.replace(['"', '\'', ' '], "");
        let key = bare.trim_start_matches('[').rsplit_once('.').map_or(&*bare, |(_, key)| key);
        key.strip_prefix(name).is_some_and(|rest| rest.starts_with(['=', ']', '.']))
    };
    format!("line {}", text.lines().position(has).map_or(1, |line| line + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_settled_is_set_and_the_rest_stays() {
        let file = "schema = 1\nserver = 'https://example.com'\napi = 'calls-v1'\n[settled.week-start]\nvalue = 'sunday'\n\
                    [settled.aggregation-per-page]\nvalue = 7\n[settled.talk-is-answered]\nvalue = 'no'\n\
                    [settled.menu-time]\nvalue = 'also-of-the-next'\n[unsettled.latency]\nreason = 'x'\n[end]\n";
        let calibration: Calibration = file.parse().unwrap();
        let set = |name: &str| {
            let all = calibration.assumptions().list();
            all.into_iter().find(|(other, _)| *other == name).unwrap().1
        };
        assert_eq!((set("week-start"), set("aggregation-per-page")), ("sunday".into(), "7".into()));
        assert_eq!(set("hours-end"), "included");
        assert_eq!(calibration.not_followed(), ["talk-is-answered is no, and yes here"]);
    }

    #[test]
    fn what_is_not_known_is_refused_with_its_line() {
        for (file, expected) in [
            ("schema = 2", "line 1: this is version 2 of the file"),
            ("schema = 2\nsettled = ['week-start']", "line 1: this is version 2 of the file"),
            ("[sett", "if a part of the file is missing, run `callperf calibrate` again"),
            ("[settled]", "`schema` is missing"),
            (
                "schema = 1\n\n[settled.week-begin]\nvalue = 'x'",
                "line 5: there is no assumption `week-begin`",
            ),
            ("schema = 1\n[unsettled.no-such]", "line 4: there is no assumption `no-such`"),
            (
                "schema = 1\n[settled.week-strat]\nvalue = 'x'",
                "line 4: there is no assumption `week-strat`; did you mean `week-start`?",
            ),
            (
                "schema = 1\n[settled]\nweek-start = {value = 'sonntag'}",
                "line 5: `week-start` can't be `sonntag`",
            ),
            ("schema = 1\n[settled", "line"),
        ] {
            let file = file.replacen("schema = 1", "schema = 1\nserver = 'x'\napi = 'calls-v1'", 1);
            let error =
                (file.clone() + "\n[end]\n").parse::<Calibration>().unwrap_err().to_string();
            assert!(error.contains(expected), "{file}: {error}");
        }
    }

    #[test]
    fn a_part_of_a_file_and_one_of_another_api_are_refused() {
        for (file, expected) in [
            ("schema = 1", "line 1: the file ends without its `[end]`"),
            ("schema = 1\n[end]\n", "`server` is missing"),
            ("schema = 1\nserver = 'x'\n[end]\n", "`api` is missing"),
            ("schema = 1\nserver = 'x'\napi = 'beta'\n[end]\n", "line 3: the file is of `beta`"),
        ] {
            let error = file.parse::<Calibration>().unwrap_err().to_string();
            assert!(error.contains(expected), "{file}: {error}");
        }
    }

    #[test]
    fn what_is_fixed_is_no_option() {
        let options: Vec<_> = Assumptions::default().list().iter().map(|(name, _)| *name).collect();
        assert!(FIXED.iter().all(|(name, _)| !options.contains(name)));
    }
}
