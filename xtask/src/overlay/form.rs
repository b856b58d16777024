//! What an overlay may hold: Overlay 1.0, and the extensions that this project gives it.

use clap::ValueEnum as _;
use serde_json::{Map, Value};

use crate::catalogue::{Api, Catalogue};
use crate::date;
use crate::document::child;
use crate::error::Problem;

const FORM: &str = "see openapi/README.md for the form of an overlay";

/// An overlay, with what its actions inherit from it written into each.
#[derive(Debug)]
pub(super) struct Overlay {
    pub(super) actions: Vec<Action>,
}

#[derive(Debug)]
pub(super) struct Action {
    pub(super) target: String,
    pub(super) update: Option<Value>,
    pub(super) remove: bool,
    pub(super) reason: Option<String>,
    api: Api,
    pub(super) first: String,
    pub(super) last: Option<String>,
}

impl Action {
    pub(super) fn is_for(&self, api: Api, date: &str) -> bool {
        self.api == api && self.is_in_range(date)
    }

    fn is_in_range(&self, date: &str) -> bool {
        self.first.as_str() <= date && self.last.as_deref().is_none_or(|last| date <= last)
    }
}

const SCOPE: [&str; 3] = ["x-api", "x-first-revision", "x-last-revision"];

impl Overlay {
    pub(super) fn read(value: &Value) -> Result<Self, Problem> {
        let known = ["overlay", "info", "extends", "actions"];
        let overlay = Fields::of(value, String::new())?;
        overlay.has_only(&[&known[..], &SCOPE[..]].concat())?;
        version(overlay.required_text("overlay")?)?;
        let info = Fields::of(overlay.required("info")?, "/info".to_owned())?;
        info.required_text("title")?;
        info.required_text("version")?;
        info.has_only(&["title", "version"]).or_else(|problem| {
            let is_extension = problem.pointer.starts_with("/info/x-");
            if is_extension { Ok(()) } else { Err(problem) }
        })?;
        extends(overlay.text("extends")?)?;
        let actions = overlay.required("actions")?.as_array();
        let actions = actions.ok_or_else(|| overlay.wrong("actions", "a list"))?;
        if actions.is_empty() {
            let remedy = "write an action, or take the file out";
            return Err(Problem::new("/actions", "has no action", remedy));
        }
        for (later, action) in actions.iter().enumerate() {
            if let Some(earlier) = actions[..later].iter().position(|it| it == action) {
                let what = format!("is the same as /actions/{earlier}");
                return Err(Problem::new(at(later), what, "take one of the two out"));
            }
        }
        let actions = actions.iter().enumerate();
        let actions = actions.map(|(index, value)| action(&overlay, value, at(index)));
        Ok(Self { actions: actions.collect::<Result<_, _>>()? })
    }

    /// An action for no revision is a wrong date: it would be passed over each time.
    pub(super) fn check_ranges(&self, catalogue: &Catalogue) -> Result<(), Problem> {
        for (index, action) in self.actions.iter().enumerate() {
            let dates = catalogue.dates(action.api);
            if dates.iter().any(|date| action.is_in_range(date)) {
                continue;
            }
            let newest = dates.last().unwrap_or(&"none");
            let range = match &action.last {
                Some(last) => format!("from {} to {last}", action.first),
                None => format!("from {} on", action.first),
            };
            let what = format!(
                "is for the revisions of {} {range}, and there is none; the newest is {newest}",
                action.api
            );
            let remedy = "set x-first-revision and x-last-revision to dates of revisions, as in \
                          openapi/revisions.toml";
            return Err(Problem::new(at(index), what, remedy));
        }
        Ok(())
    }
}

fn at(index: usize) -> String {
    child("/actions", &index.to_string())
}

fn version(version: &str) -> Result<(), Problem> {
    let patch = version.strip_prefix("1.0.").unwrap_or_default();
    if !patch.is_empty() && patch.chars().all(|digit| digit.is_ascii_digit()) {
        return Ok(());
    }
    let what = format!("is Overlay {version}, not 1.0");
    Err(Problem::new("/overlay", what, "write it as Overlay 1.0.0"))
}

/// It says which document the overlay is for. Here the api and the revisions say so.
fn extends(reference: Option<&str>) -> Result<(), Problem> {
    let is_forbidden = |letter: char| {
        letter.is_whitespace() || letter.is_control() || "<>\"{}|\\^`".contains(letter)
    };
    match reference {
        Some(reference) if reference.contains(is_forbidden) => {
            let remedy = "write the address of the document that the overlay is for";
            Err(Problem::new("/extends", "is not a URI reference", remedy))
        }
        _ => Ok(()),
    }
}

fn action(overlay: &Fields<'_>, value: &Value, pointer: String) -> Result<Action, Problem> {
    let action = Fields::of(value, pointer)?;
    let known = ["target", "description", "update", "remove", "x-reason"];
    action.has_only(&[&known[..], &SCOPE[..]].concat())?;
    action.text("description")?;
    let inherited = |key: &str| if action.map.contains_key(key) { &action } else { overlay };
    let missing = |what: &str, key: &str| {
        let remedy = format!("set {key} on the overlay or on the action");
        Problem::new(&action.pointer, format!("names no {what}"), remedy)
    };
    let api = inherited("x-api").api("x-api")?.ok_or_else(|| missing("api", "x-api"))?;
    let key = "x-first-revision";
    let first = inherited(key).date(key)?.ok_or_else(|| missing("first revision", key))?;
    let key = "x-last-revision";
    let last = inherited(key).date(key)?;
    if let Some(last) = last.filter(|last| *last < first) {
        let what = format!("ends on {last}, before it begins on {first}");
        let remedy = "set x-last-revision to x-first-revision or a later date";
        return Err(Problem::new(child(&inherited(key).pointer, key), what, remedy));
    }
    Ok(Action {
        target: action.required_text("target")?.to_owned(),
        update: action.map.get("update").cloned(),
        remove: action.flag("remove")?,
        reason: action.text("x-reason")?.map(str::to_owned),
        api,
        first: first.to_owned(),
        last: last.map(str::to_owned),
    })
}

/// The keys of an object, and where it is.
struct Fields<'a> {
    map: &'a Map<String, Value>,
    pointer: String,
}

impl<'a> Fields<'a> {
    fn of(value: &'a Value, pointer: String) -> Result<Self, Problem> {
        match value {
            Value::Object(map) => Ok(Self { map, pointer }),
            _ => Err(Problem::new(pointer, "is not an object", FORM)),
        }
    }

    fn has_only(&self, known: &[&str]) -> Result<(), Problem> {
        let Some(key) = self.map.keys().find(|key| !known.contains(&key.as_str())) else {
            return Ok(());
        };
        let remedy = match key.as_str() {
            "x-renames" => "write renames in openapi/renames.toml".to_owned(),
            _ => format!("use one of {}", known.join(", ")),
        };
        let what = format!("`{key}` is not a key of an overlay's object");
        Err(Problem::new(child(&self.pointer, key), what, remedy))
    }

    fn wrong(&self, key: &str, expected: &str) -> Problem {
        Problem::new(child(&self.pointer, key), format!("is not {expected}"), FORM)
    }

    fn required(&self, key: &str) -> Result<&'a Value, Problem> {
        self.map.get(key).ok_or_else(|| {
            Problem::new(&self.pointer, format!("has no `{key}`"), format!("add it; {FORM}"))
        })
    }

    fn text(&self, key: &str) -> Result<Option<&'a str>, Problem> {
        let text = |value: &'a Value| value.as_str().ok_or_else(|| self.wrong(key, "a text"));
        self.map.get(key).map(text).transpose()
    }

    fn required_text(&self, key: &str) -> Result<&'a str, Problem> {
        self.required(key)?;
        Ok(self.text(key)?.unwrap_or_default())
    }

    fn flag(&self, key: &str) -> Result<bool, Problem> {
        let flag = |value: &Value| value.as_bool().ok_or_else(|| self.wrong(key, "true or false"));
        Ok(self.map.get(key).map(flag).transpose()?.unwrap_or_default())
    }

    fn api(&self, key: &str) -> Result<Option<Api>, Problem> {
        let api = |name: &str| {
            Api::from_str(name, false).map_err(|_| {
                let what = format!("is `{name}`, which is not an api");
                let remedy = "write an api of openapi/revisions.toml";
                Problem::new(child(&self.pointer, key), what, remedy)
            })
        };
        self.text(key)?.map(api).transpose()
    }

    fn date(&self, key: &str) -> Result<Option<&'a str>, Problem> {
        let date = |text: &'a str| {
            let what = || format!("is `{text}`, which is not a date");
            let remedy = "write the date of a revision, like 2025-03-11";
            let is_date = date::is_date(text);
            let problem = || Problem::new(child(&self.pointer, key), what(), remedy);
            is_date.then_some(text).ok_or_else(problem)
        };
        self.text(key)?.map(date).transpose()
    }
}
