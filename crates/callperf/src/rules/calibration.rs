//! What a real account has settled of the assumptions, as `callperf calibrate` writes it.

use std::{collections::BTreeMap, str::FromStr};

use serde::Deserialize;

use super::{assumption::Assumption, assumptions::ASSUMPTIONS};
use crate::words::{
    api::Api,
    error::{Error, ErrorKind},
    nearest::nearest,
};

/// The version of the file that this crate reads.
const SCHEMA: i64 = 1;

/// What is settled of [`ASSUMPTIONS`], by requests of one server.
///
/// `callperf calibrate` writes the file. A client follows it with
/// [`ClientBuilder::calibration`](crate::ClientBuilder::calibration), and the sandbox behaves as it
/// says.
///
/// ```
/// use callperf::rules::Calibration;
///
/// let file = "
/// schema = 1
/// server = 'https://platform.ringcentral.com'
/// api = 'calls-v1'
///
/// [settled.week-start]
/// value = 'sunday'
/// evidence = '3 of 3 points of a timeline by week begin on a Sunday'
///
/// [end]
/// ";
/// let calibration: Calibration = file.parse()?;
/// assert_eq!(calibration.settled("week-start"), Some("sunday"));
/// assert_eq!(calibration.settled("hours-end"), None);
/// # Ok::<(), callperf::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calibration {
    server: Option<String>,
    api: Option<Api>,
    settled: BTreeMap<String, String>,
}

impl Calibration {
    /// The server that was asked.
    #[must_use]
    pub fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// The API that was asked; `None` for what a cassette carries.
    #[must_use]
    pub fn api(&self) -> Option<Api> {
        self.api
    }

    /// Whether the server that was asked has this address.
    #[must_use]
    pub fn is_of(&self, server: &str) -> bool {
        let server = server.trim_end_matches('/');
        self.server().is_some_and(|own| own.trim_end_matches('/').eq_ignore_ascii_case(server))
    }

    /// The value of an assumption, by its name; `None` if it isn't settled.
    #[must_use]
    pub fn settled(&self, name: &str) -> Option<&str> {
        self.settled.get(name).map(String::as_str)
    }

    /// All that is settled, by name.
    pub fn all_settled(&self) -> impl Iterator<Item = (&str, &str)> {
        self.settled.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// One that a cassette carries: names of a later version are passed over.
    #[cfg(feature = "testing")]
    pub(crate) fn recorded(settled: BTreeMap<String, String>) -> Self {
        Self { server: None, api: None, settled }
    }
}

/// The file, as far as it is read here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "schema")]
    _schema: i64,
    server: Option<String>,
    api: Option<String>,
    #[serde(default, rename = "made")]
    _made: Option<String>,
    #[serde(default, rename = "from")]
    _from: Option<String>,
    #[serde(default, rename = "to")]
    _to: Option<String>,
    #[serde(default, rename = "requests")]
    _requests: i64,
    #[serde(default, rename = "refusals")]
    _refusals: i64,
    #[serde(default)]
    settled: BTreeMap<String, Settled>,
    #[serde(default)]
    contradicted: BTreeMap<String, Texts>,
    #[serde(default)]
    unsettled: BTreeMap<String, Texts>,
    /// What no assumption is about.
    #[serde(default, rename = "findings")]
    _findings: BTreeMap<String, Texts>,
    /// Empty, and the last: a file without it was cut off.
    end: Option<Texts>,
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
    Number(u32),
}

impl Value {
    fn text(self) -> String {
        match self {
            Self::Word(word) => word,
            Self::Number(number) => number.to_string(),
        }
    }
}

#[derive(Deserialize)]
struct Version {
    schema: Option<i64>,
}

impl FromStr for Calibration {
    type Err = Error;

    /// Reads the text of a file.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] for a text that isn't TOML or has no `[end]`, which a file that was cut
    /// off lacks, for another version of the file, for one that doesn't say of which server and API
    /// it is, and for a name or value that this crate doesn't know, with the line.
    fn from_str(text: &str) -> Result<Self, Error> {
        read(text).map_err(|problem| Error::new(ErrorKind::Settings, problem))
    }
}

fn read(text: &str) -> Result<Calibration, String> {
    let text = text.trim_start_matches('\u{feff}');
    // First, because another version may have other fields.
    let version: Version = parsed(text)?;
    match version.schema {
        Some(SCHEMA) => {}
        Some(other) => {
            return Err(format!(
                "{}: this is version {other} of the file, and version {SCHEMA} is read; run \
                 `callperf calibrate` of this version again",
                place(text, "schema")
            ));
        }
        None => return Err("line 1: `schema` is missing; is this a calibration file?".to_owned()),
    }
    let file: File = parsed(text)?;
    let (server, api) = origin(text, &file)?;
    let others = file.contradicted.keys().map(|name| ("contradicted", name));
    let others = others.chain(file.unsettled.keys().map(|name| ("unsettled", name)));
    for (table, name) in others {
        known(text, table, name)?;
    }
    let mut settled = BTreeMap::new();
    for (name, Settled { value }) in file.settled {
        let assumption = known(text, "settled", &name)?;
        let value = value.text();
        if !assumption.choices.has(&value) {
            return Err(format!(
                "{}: `{name}` can't be `{value}`; expected is {}",
                place(text, &format!("settled.{name}")),
                assumption.choices
            ));
        }
        settled.insert(name, value);
    }
    Ok(Calibration { server: Some(server), api: Some(api), settled })
}

fn parsed<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, String> {
    basic_toml::from_str(text).map_err(|error| {
        format!("{error}; if a part of the file is missing, run `callperf calibrate` again")
    })
}

/// The server and the API that were asked, of a file that is whole.
fn origin(text: &str, file: &File) -> Result<(String, Api), String> {
    if file.end.is_none() {
        return Err(format!(
            "line {}: the file ends without its `[end]`, so a part of it may be missing; run \
             `callperf calibrate` again",
            text.lines().count().max(1)
        ));
    }
    let needed = |name: &str, value: &Option<String>| {
        let missing = || format!("line 1: `{name}` is missing; run `callperf calibrate` again");
        value.clone().ok_or_else(missing)
    };
    let server = needed("server", &file.server)?;
    let api = needed("api", &file.api)?;
    let api = api.parse().map_err(|error: Error| format!("{}: {error}", place(text, "api")))?;
    Ok((server, api))
}

fn known(text: &str, table: &str, name: &str) -> Result<&'static Assumption, String> {
    ASSUMPTIONS.iter().find(|assumption| assumption.name == name).ok_or_else(|| {
        let names = ASSUMPTIONS.iter().map(|assumption| assumption.name);
        let hint = match nearest(name, names) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "`callperf words` lists them".to_owned(),
        };
        format!(
            "{}: there is no assumption `{name}`; {hint}",
            place(text, &format!("{table}.{name}"))
        )
    })
}

/// The line of a name: of its own table, or of its key.
fn place(text: &str, path: &str) -> String {
    let name = path.rsplit('.').next().unwrap_or(path);
    let bare = |line: &str| line.replace(['"', '\'', ' '], "");
    let is_table = |line: &str| bare(line).starts_with(&format!("[{path}]"));
    let is_key =
        |line: &str| bare(line).strip_prefix(name).is_some_and(|rest| rest.starts_with(['=', '.']));
    let found = text.lines().position(is_table).or_else(|| text.lines().position(is_key));
    format!("line {}", found.map_or(1, |line| line + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a file has besides.
    fn whole(text: &str) -> String {
        text.replacen("schema = 1", "schema = 1\nserver = 'x'\napi = 'calls-v1'", 1) + "\n[end]\n"
    }

    fn refused(text: &str) -> String {
        let error = text.parse::<Calibration>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Settings);
        error.to_string()
    }

    #[test]
    fn a_file_is_read_with_its_numbers_and_words() {
        let file = "schema = 1\nserver = 'https://example.com'\napi = 'calls-v1'\n[settled]\n\
                    aggregation-per-page = { value = 50, evidence = 'x' }\n\
                    [settled.hours-end]\nvalue = 'excluded'\n\
                    [unsettled.latency]\nreason = 'x'\n[findings.sla-sum]\nvalue = 'answered'\n\
                    [end]\n";
        let calibration: Calibration = file.parse().unwrap();
        assert_eq!(calibration.server(), Some("https://example.com"));
        assert_eq!(calibration.api(), Some(Api::CallsV1));
        let all: Vec<_> = calibration.all_settled().collect();
        assert_eq!(all, [("aggregation-per-page", "50"), ("hours-end", "excluded")]);
    }

    #[test]
    fn what_is_not_known_is_refused_with_its_line() {
        let cases = [
            ("settled = [", "line 2"),
            ("[sett", "if a part of the file is missing, run `callperf calibrate` again"),
            ("", "`schema` is missing"),
            ("server = 'x'\nschema = 2\nnew = 1", "line 2: this is version 2 of the file"),
            ("schema = 1\nsettle = {}", "settle"),
            (
                "schema = 1\n\n[settled.week-strat]\nvalue = 'sunday'",
                "line 5: there is no assumption `week-strat`; did you mean `week-start`?",
            ),
            (
                "schema = 1\n[unsettled]\nnext-year = { reason = 'x' }",
                "line 5: there is no assumption `next-year`; `callperf words` lists them",
            ),
            (
                "schema = 1\n[settled.\"week-start\"]\nvalue = 'sonntag'",
                "line 4: `week-start` can't be `sonntag`; expected is monday, tuesday",
            ),
            ("schema = 1\n[settled.timeline-per-page]\nvalue = 21", "a whole number from 1 to 20"),
        ];
        for (file, expected) in cases {
            let problem = refused(&whole(file));
            assert!(problem.contains(expected), "{file}: {problem}");
        }
    }

    #[test]
    fn a_part_of_a_file_and_one_of_another_api_are_refused() {
        let cases = [
            ("schema = 1", "line 1: the file ends without its `[end]`"),
            (
                "schema = 1\n[settled.week-start]\nvalue = 'sunday'\n",
                "line 3: the file ends without",
            ),
            ("schema = 1\n[end]\n", "`server` is missing; run `callperf calibrate` again"),
            ("schema = 1\nserver = 'x'\n[end]\n", "`api` is missing"),
            ("schema = 1\nserver = 'x'\napi = 'v2'\n[end]\n", "line 3: no API is called `v2`"),
        ];
        for (file, expected) in cases {
            let problem = refused(file);
            assert!(problem.contains(expected), "{file}: {problem}");
        }
        // Wherever it is cut, but for the last line's end.
        let file = whole("schema = 1\n[settled.week-start]\nvalue = 'sunday'\nevidence = 'x'\n");
        file.parse::<Calibration>().unwrap();
        for length in 0..file.trim_end().len() {
            assert!(file[..length].parse::<Calibration>().is_err(), "{}", &file[..length]);
        }
    }

    #[test]
    fn each_default_is_a_choice_and_each_name_is_there_once() {
        let mut names = std::collections::BTreeSet::new();
        for assumption in ASSUMPTIONS {
            assert!(assumption.choices.has(assumption.default), "{}", assumption.name);
            assert!(names.insert(assumption.name), "{} is there twice", assumption.name);
        }
    }
}
