//! The configuration file: profiles, and where sessions are kept.
//!
//! No secret is in it. A profile names the environment variables or files that
//! hold its secrets.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy as _;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use crate::{Failure, files, model::targets, target, text::read_text};

/// The configuration file of `callperf`. Paths in it are relative to its folder.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The profile to use where none is named.
    pub(crate) default_profile: Option<String>,
    /// The file that sessions are kept in; by default `callperf/sessions.json` in
    /// the user's folder for state. A program that reads it can act as the user.
    pub(crate) sessions: Option<PathBuf>,
    /// Each by its name, of one or more visible characters.
    #[serde(default)]
    pub(crate) profiles: BTreeMap<String, Profile>,
    /// What figures should be, which reports are held against.
    pub(crate) targets: Option<targets::Written>,
    /// Reports that `callperf run NAME` makes: each a table of the command line's options by their
    /// long names, as in `last-week = true` or `kpis = ["offered", "answer-rate"]`; `command` is
    /// `report` unless it says `timeline`, `dashboard` or `directory`, and `preset` is the
    /// ready-made question. Paths are as on the command line.
    #[serde(default)]
    pub(crate) reports: BTreeMap<String, BTreeMap<String, Setting>>,
}

/// The value of a saved report's option.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "an option is true, false, a whole number, a text in quotation marks, as dates are, \
                 or a list of texts"
)]
pub(crate) enum Setting {
    /// Whether an option without a value is given.
    Switch(bool),
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
    /// The values of an option that can be repeated.
    Texts(Vec<String>),
}

/// One application, and how it logs in: by a JWT where one is named, else as a
/// person who logged in with `callperf login`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    /// The application's client id.
    pub(crate) client_id: String,
    /// The server's address; by default production.
    pub(crate) server: Option<String>,
    /// The revision of the API that an older server speaks, as in `2023-03-27`: requests
    /// have its names. By default the current one.
    pub(crate) server_revision: Option<String>,
    /// The environment variable that holds the application's secret, if it has one.
    pub(crate) client_secret_env: Option<String>,
    /// The file that holds the application's secret.
    pub(crate) client_secret_file: Option<PathBuf>,
    /// The environment variable that holds the user's JWT.
    pub(crate) jwt_env: Option<String>,
    /// The file that holds the user's JWT.
    pub(crate) jwt_file: Option<PathBuf>,
    /// The address that the browser comes back to, as it is registered with the
    /// application: `http` on this machine with a port, for example
    /// `http://127.0.0.1:8765/callback`. By default that path on any free port.
    pub(crate) redirect_uri: Option<String>,
    /// The proxy that all requests go through, for example
    /// `http://proxy.example:3128`; without a password. By default `HTTPS_PROXY`,
    /// `ALL_PROXY` and `NO_PROXY` decide.
    pub(crate) proxy: Option<String>,
    /// The environment variable that holds the proxy's address, perhaps with a
    /// password.
    pub(crate) proxy_env: Option<String>,
    /// A file with a further root certificate to trust, in PEM form.
    pub(crate) root_certificate: Option<PathBuf>,
    /// The file that `callperf calibrate` wrote for this server: how it differs from what is
    /// assumed.
    pub(crate) calibration: Option<PathBuf>,
    /// The folder that `callperf sync` keeps the history of this account in. It answers for days
    /// that the API has forgotten. By default `CALLPERF_HISTORY` names it.
    pub(crate) history: Option<PathBuf>,
}

const KEYS: [&str; 5] = ["default_profile", "sessions", "profiles", "targets", "reports"];
const PROFILE_KEYS: [&str; 13] = [
    "client_id",
    "server",
    "server_revision",
    "client_secret_env",
    "client_secret_file",
    "jwt_env",
    "jwt_file",
    "redirect_uri",
    "proxy",
    "proxy_env",
    "root_certificate",
    "calibration",
    "history",
];

/// What people would write if secrets were allowed here.
const SECRETS: [&str; 5] = ["client_secret", "secret", "jwt", "password", "token"];

/// A configuration, and the file that it is from or would be in.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) file: PathBuf,
    pub(crate) exists: bool,
    pub(crate) config: Config,
}

/// Reads the file that is named, or else the one at its usual place, which need
/// not exist.
pub(crate) fn load(named: Option<&Path>) -> Result<Loaded, Failure> {
    let from_env = files::variable("CALLPERF_CONFIG").map(PathBuf::from);
    let named = named.map(Path::to_owned).or(from_env);
    let is_named = named.is_some();
    let file = match named {
        Some(file) => file,
        None => files::folders()?.config_dir().join("callperf/config.toml"),
    };
    match read_text(&file) {
        Ok(text) => {
            let config = parse(&text)
                .map_err(|problem| Failure::Usage(format!("{}:{problem}", file.display())))?;
            Ok(Loaded { file, exists: true, config })
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !is_named => {
            Ok(Loaded { file, exists: false, config: Config::default() })
        }
        Err(error) => Err(Failure::Usage(format!("{}: {error}", file.display()))),
    }
}

/// Whether there can be a configuration file: a user without a home has none, unless one is named.
pub(crate) fn has_place(named: Option<&Path>) -> bool {
    let is_named = named.is_some() || files::variable("CALLPERF_CONFIG").is_some();
    is_named || files::folders().is_ok()
}

/// A problem begins with its line. No value is in it: it may be a secret.
fn parse(text: &str) -> Result<Config, String> {
    let line = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
    let broken = |error: &toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        format!("{}: {}", line(at), error.message().lines().next().unwrap_or("it isn't TOML"))
    };
    let table = DeTable::parse(text).map_err(|error| broken(&error))?;
    if let Some((at, problem)) = unknown_key(table.get_ref()) {
        return Err(format!("{}: {problem}", line(at)));
    }
    let config: Config = toml::from_str(text).map_err(|error| broken(&error))?;
    for (name, profile) in &config.profiles {
        let problem = contradictions(name, profile);
        problem.map_err(|problem| {
            let at = place(table.get_ref(), &["profiles", name]);
            format!("{}: in [profiles.{name}]: {problem}", line(at))
        })?;
    }
    if let Some((keys, problem)) = config.targets.as_ref().and_then(targets::Written::mistake) {
        let section = keys[..keys.len() - 1].join(".");
        let at = place(table.get_ref(), &keys);
        return Err(format!("{}: in [{section}]: {problem}", line(at)));
    }
    Ok(config)
}

/// Whether a text can be the name of a profile, and of its session.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Where the value of nested keys begins.
fn place(table: &DeTable<'_>, keys: &[&str]) -> usize {
    let [first, rest @ ..] = keys else { return 0 };
    let found = table.iter().find(|(key, _)| key.get_ref() == first);
    let Some((key, value)) = found else { return 0 };
    match value.get_ref().as_table().filter(|_| !rest.is_empty()) {
        Some(inner) => place(inner, rest),
        None => key.span().start,
    }
}

fn contradictions(name: &str, profile: &Profile) -> Result<(), String> {
    revision(profile)?;
    excluded(name, profile).map_err(str::to_owned)
}

/// The revision that the server speaks.
pub(crate) fn revision(profile: &Profile) -> Result<Option<Date>, String> {
    let revision = profile.server_revision.as_ref().map(|text| {
        text.parse().map_err(|_| {
            format!("server_revision: {text:?} isn't a date; write one as in 2023-03-27")
        })
    });
    revision.transpose()
}

/// What can't be together, or isn't a name.
fn excluded(name: &str, profile: &Profile) -> Result<(), &'static str> {
    let Profile { client_secret_env, client_secret_file, jwt_env, jwt_file, .. } = profile;
    if !is_name(name) {
        return Err("a profile's name has visible characters only");
    }
    if client_secret_env.is_some() && client_secret_file.is_some() {
        return Err("client_secret_env or client_secret_file, not both");
    }
    if jwt_env.is_some() && jwt_file.is_some() {
        return Err("jwt_env or jwt_file, not both");
    }
    match &profile.proxy {
        Some(_) if profile.proxy_env.is_some() => Err("proxy or proxy_env, not both"),
        Some(proxy) if proxy.contains('@') => {
            Err("a proxy's password doesn't belong here; name a variable with proxy_env")
        }
        _ => Ok(()),
    }
}

/// The first key that nothing is called, with its place in the text.
fn unknown_key(table: &DeTable<'_>) -> Option<(usize, String)> {
    let top = first_unknown(table, &KEYS, "at the top");
    let profiles = table.get("profiles").and_then(|value| value.get_ref().as_table());
    let each = profiles.into_iter().flatten().filter_map(|(name, profile)| {
        let DeValue::Table(profile) = profile.get_ref() else { return None };
        first_unknown(profile, &PROFILE_KEYS, &format!("in [profiles.{}]", name.get_ref()))
    });
    let others = secret_in_a_report(table).into_iter().chain(no_goal(table));
    top.into_iter().chain(each).chain(others).min_by_key(|(at, _)| *at)
}

/// The first key of the targets whose value can't be what it is. The parser would name no line.
fn no_goal(table: &DeTable<'_>) -> Option<(usize, String)> {
    let targets = table.get("targets")?.get_ref().as_table()?;
    let is_goal = |value: &DeValue<'_>| {
        matches!(value, DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_))
    };
    let of_all = targets.iter().filter_map(|(key, value)| {
        let name = &**key.get_ref();
        let reason = match (name, value.get_ref()) {
            ("queue_goals" | "queue-goals", DeValue::Boolean(_))
            | ("queues", DeValue::Table(_)) => return None,
            ("queue_goals" | "queue-goals", _) => format!("{name} is true or false"),
            ("queues", _) => "goals of one queue are in [targets.queues.NAME]".to_owned(),
            (_, value) if is_goal(value) => return None,
            _ => match nearest(name, &["queue_goals", "queues"]) {
                Some(nearest) => format!("unknown key {name}; did you mean {nearest}?"),
                None => format!("{name}: {GOALS}"),
            },
        };
        Some((key.span().start, format!("in [targets]: {reason}")))
    });
    let queues = targets.get("queues").and_then(|queues| queues.get_ref().as_table());
    let of_queues = queues.into_iter().flatten().flat_map(|(queue, goals)| {
        let goals = goals.get_ref().as_table().into_iter().flatten();
        let wrong = goals.filter(|(_, value)| !is_goal(value.get_ref()));
        wrong.map(|(key, _)| {
            let (queue, name) = (queue.get_ref(), key.get_ref());
            (key.span().start, format!("in [targets.queues.{queue}]: {name}: {GOALS}"))
        })
    });
    of_all.chain(of_queues).min_by_key(|(at, _)| *at)
}

const GOALS: &str = "a goal is a text such as \"90%\", or a number of calls; goals of one queue are \
                     in [targets.queues.NAME]";

/// The known key that another may have been meant to be.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let distance = |other: &&str| strsim::damerau_levenshtein(other, name);
    let nearest = known.iter().copied().min_by_key(distance)?;
    let most = 4.min(nearest.chars().count() / 2);
    (distance(&nearest) <= most).then_some(nearest)
}

/// A saved report holds options, of which none is a secret.
fn secret_in_a_report(table: &DeTable<'_>) -> Option<(usize, String)> {
    let reports = table.get("reports").and_then(|value| value.get_ref().as_table());
    let options = reports.into_iter().flatten().filter_map(|(name, report)| {
        let DeValue::Table(report) = report.get_ref() else { return None };
        let key = report.keys().find(|key| SECRETS.contains(&&**key.get_ref()))?;
        let problem = format!(
            "in [reports.{}]: {}: secrets don't belong in this file; name a profile, or a file with \
             credentials",
            name.get_ref(),
            key.get_ref()
        );
        Some((key.span().start, problem))
    });
    options.min_by_key(|(at, _)| *at)
}

fn first_unknown(table: &DeTable<'_>, known: &[&str], place: &str) -> Option<(usize, String)> {
    let (key, _) = table
        .iter()
        .filter(|(key, _)| !known.contains(&&**key.get_ref()))
        .min_by_key(|(key, _)| key.span().start)?;
    let name = &**key.get_ref();
    let problem = if SECRETS.contains(&name) {
        format!(
            "{name}: secrets don't belong in this file; name what holds it, with {name}_env or \
             {name}_file"
        )
    } else {
        match nearest(name, known) {
            Some(nearest) => format!("unknown key {name} {place}; did you mean {nearest}?"),
            None => format!("unknown key {name} {place}; there are {}", known.join(", ")),
        }
    };
    Some((key.span().start, problem))
}

/// Writes a profile into the file, and leaves what is there as it is.
pub(crate) fn add_profile(loaded: &Loaded, name: &str, profile: &Profile) -> Result<(), Failure> {
    let Loaded { file, .. } = loaded;
    let text = if loaded.exists {
        read_text(file).map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?
    } else {
        "# Profiles of callperf; `callperf schema config` describes the keys. No secrets here.\n"
            .to_owned()
    };
    let mut document: toml_edit::DocumentMut = text
        .parse()
        .map_err(|_| Failure::Usage(format!("{}: it isn't TOML any more", file.display())))?;
    if loaded.config.profiles.is_empty() && loaded.config.default_profile.is_none() {
        document["default_profile"] = toml_edit::value(name);
    }
    let profiles = document.entry("profiles").or_insert_with(|| {
        let mut table = toml_edit::Table::new();
        table.set_implicit(true);
        table.into()
    });
    profiles[name] = toml_edit::Item::Table(written(profile));
    files::create_folder_of(file)?;
    target::write(file, document.to_string().as_bytes())
        .map_err(|error| Failure::file(file, &error))
}

fn written(profile: &Profile) -> toml_edit::Table {
    let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
    let values = [
        ("client_id", Some(profile.client_id.clone())),
        ("server", profile.server.clone()),
        ("server_revision", profile.server_revision.clone()),
        ("client_secret_env", profile.client_secret_env.clone()),
        ("client_secret_file", path(&profile.client_secret_file)),
        ("jwt_env", profile.jwt_env.clone()),
        ("jwt_file", path(&profile.jwt_file)),
        ("redirect_uri", profile.redirect_uri.clone()),
        ("proxy", profile.proxy.clone()),
        ("proxy_env", profile.proxy_env.clone()),
        ("root_certificate", path(&profile.root_certificate)),
        ("calibration", path(&profile.calibration)),
        ("history", path(&profile.history)),
    ];
    let mut table = toml_edit::Table::new();
    for (key, value) in values {
        if let Some(value) = value {
            table[key] = toml_edit::value(value);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use serde_json::Value as Json;

    use super::*;

    fn refused(text: &str) -> String {
        parse(text).unwrap_err()
    }

    #[test]
    fn a_revision_of_the_server_is_a_date() {
        let profile = |revision: &str| {
            format!("[profiles.a]\nclient_id = \"id\"\nserver_revision = \"{revision}\"\n")
        };
        assert_eq!(
            refused(&profile("soon")),
            "1: in [profiles.a]: server_revision: \"soon\" isn't a date; write one as in 2023-03-27"
        );
        let config = parse(&profile("2023-03-27")).unwrap();
        let date = revision(&config.profiles["a"]).unwrap();
        assert_eq!(date, Some("2023-03-27".parse().unwrap()));
    }

    #[test]
    fn every_key_is_known_and_described() {
        let schema = serde_json::to_value(schemars::schema_for!(Config)).unwrap();
        let names = |properties: &Json| -> BTreeSet<String> {
            properties.as_object().unwrap().keys().cloned().collect()
        };
        let known = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        assert_eq!(names(&schema["properties"]), known(&KEYS));
        assert_eq!(names(&schema["$defs"]["Profile"]["properties"]), known(&PROFILE_KEYS));
        for properties in [&schema["properties"], &schema["$defs"]["Profile"]["properties"]] {
            for (name, property) in properties.as_object().unwrap() {
                assert!(property["description"].is_string(), "{name}");
            }
        }
    }

    #[test]
    fn an_unknown_key_gets_its_line_and_the_nearest_name() {
        let text = "default_profile = 'a'\n\n[profiles.a]\nclient_id = 'x'\nclientsecret_env = 'Y'";
        assert_eq!(
            refused(text),
            "5: unknown key clientsecret_env in [profiles.a]; did you mean client_secret_env?"
        );
        assert_eq!(
            refused("profile = {}"),
            "1: unknown key profile at the top; did you mean profiles?"
        );
        assert!(refused("[profiles.a]\nxyzxyzxyz = 1").contains("there are client_id, server"));
    }

    #[test]
    fn keys_of_targets_are_written_with_either_joiner_or_get_their_line() {
        for key in ["queue_goals", "queue-goals"] {
            let config = parse(&format!("[targets]\nanswer-rate = '80%'\n{key} = false")).unwrap();
            assert_eq!(config.targets.unwrap().queue_goals, Some(false), "{key}");
        }
        let targets = |lines: &str| refused(&format!("[targets]\nanswer-rate = '80%'\n{lines}"));
        assert_eq!(
            targets("queue_goal = true"),
            "3: in [targets]: unknown key queue_goal; did you mean queue_goals?"
        );
        assert_eq!(targets("queue-goals = 'no'"), "3: in [targets]: queue-goals is true or false");
        assert!(
            targets("offered = true").starts_with("3: in [targets]: offered: a goal is a text")
        );
        assert!(
            targets("[targets.queues.Billing]\nanswer-rate = '60%'\noffered = []")
                .starts_with("5: in [targets.queues.Billing]: offered: a goal is a text")
        );
        assert_eq!(
            refused("\ndefault-profile = 'a'"),
            "2: unknown key default-profile at the top; did you mean default_profile?"
        );
        assert!(refused("[profiles.a]\nclient-id = 'a'").ends_with("did you mean client_id?"));
    }

    #[test]
    fn no_value_is_repeated() {
        let cases = [
            "[profiles.a]\nclient_secret = 's3cret'",
            "[profiles.a]\njwt = 's3cret'",
            "[profiles.a]\nclient_id = s3cret",
            "[profiles.a]\nclient_id = 's3cret",
            "[profiles.a]\nclient_id = ['s3cret']",
            "[profiles.a]\nclient_id = 'x'\nproxy = 'http://name:s3cret@proxy'",
        ];
        for case in cases {
            let problem = refused(case);
            assert!(!problem.contains("s3cret"), "{problem}");
        }
        assert!(refused(cases[0]).starts_with("2: client_secret: secrets don't belong"));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for keys in [
            "jwt_env = 'A'\njwt_file = 'b'",
            "client_secret_env = 'A'\nclient_secret_file = 'b'",
            "proxy = 'http://p'\nproxy_env = 'A'",
        ] {
            let problem = refused(&format!("\n[profiles.a]\nclient_id = 'x'\n{keys}"));
            assert!(problem.starts_with("2: in [profiles.a]"), "{problem}");
            assert!(problem.contains("not both"), "{problem}");
        }
        assert!(refused("[profiles.'a b']\nclient_id = 'x'").contains("visible characters"));
        assert!(refused("[profiles.a]\nserver = 'x'").contains("client_id"));
    }

    #[test]
    fn a_profile_is_added_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/config.toml");
        let profile = Profile {
            client_id: "id".to_owned(),
            server: Some("https://example.com".to_owned()),
            jwt_file: Some("jwt".into()),
            ..Profile::default()
        };
        let nothing = Loaded { file: file.clone(), exists: false, config: Config::default() };
        add_profile(&nothing, "one", &profile).unwrap();
        let text = fs::read_to_string(&file).unwrap().replace("client_id", "# mine\nclient_id");
        fs::write(&file, text).unwrap();
        let loaded = load(Some(&file)).unwrap();
        assert_eq!(loaded.config.default_profile.as_deref(), Some("one"));
        assert_eq!(loaded.config.profiles["one"], profile);
        let other = Profile { client_id: "other".to_owned(), ..Profile::default() };
        add_profile(&loaded, "t.w\"o", &other).unwrap();
        let loaded = load(Some(&file)).unwrap();
        assert_eq!(loaded.config.default_profile.as_deref(), Some("one"));
        assert_eq!(loaded.config.profiles["t.w\"o"], other);
        assert!(fs::read_to_string(&file).unwrap().contains("# mine\nclient_id = \"id\""));
    }
}
