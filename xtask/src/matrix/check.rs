//! The program that `cargo xtask matrix` builds beside the generated types. It prints a line of
//! JSON for each response that a client has read.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub struct Client {
    pub api: &'static str,
    pub date: &'static str,
    pub operation: &'static str,
    pub read: fn(&str) -> Result<Value, String>,
}

pub fn again<T: DeserializeOwned + Serialize>(text: &str) -> Result<Value, String> {
    let read: T = serde_json::from_str(text).map_err(|e| e.to_string())?;
    serde_json::to_value(read).map_err(|e| e.to_string())
}

/// A response by its name, `API/REVISION/OPERATION.json`: the api is that of the client. A revision of another api has
/// that one's name before it.
struct Sent<'a> {
    api: &'a str,
    revision: &'a str,
    operation: &'a str,
    file: &'a str,
    text: &'a str,
}

impl<'a> Sent<'a> {
    fn new(line: &'a str) -> Self {
        let (file, text) = line.split_once(' ').unwrap();
        let parts: Vec<_> = file.split('/').collect();
        let operation = parts[2].split('.').next().unwrap();
        Self { api: parts[0], revision: parts[1], operation, file, text }
    }

    fn date(&self) -> &'a str {
        self.revision.rsplit('@').next().unwrap()
    }

    fn is_for(&self, client: &Client) -> bool {
        self.api == client.api && self.operation == client.operation
    }
}

/// `renames` has a line for each: api, revision, old name and new name.
pub fn run(clients: &[Client], responses: &str, renames: &str) {
    let sent: Vec<_> = responses.lines().map(Sent::new).collect();
    for client in clients {
        let own = sent.iter().filter(|it| it.is_for(client) && it.revision == client.date);
        let mut known = Known::default();
        own.for_each(|it| known.learn(&serde_json::from_str(it.text).unwrap(), ""));
        for sent in sent.iter().filter(|it| it.is_for(client)) {
            let renames = between(renames, sent, client);
            // An older client can't know a later name: it keeps what it has.
            let known = Some(&known).filter(|_| sent.date() < client.date);
            println!("{}", cell(client, sent, &Reading { renames, known }));
        }
    }
}

/// What became what after the response, up to the client's revision, or after the client's up to the response's.
fn between<'a>(renames: &'a str, sent: &Sent<'_>, client: &Client) -> Vec<(&'a str, &'a str)> {
    let (first, last) = (sent.date().min(client.date), sent.date().max(client.date));
    let all = renames.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let own = all.filter(|it| it[0].split(',').any(|api| api == client.api));
    let own = own.filter(|it| first < it[1] && it[1] <= last);
    own.map(|it| (it[2], it[3])).collect()
}

fn cell(client: &Client, response: &Sent<'_>, reading: &Reading<'_>) -> Value {
    let sent: Value = serde_json::from_str(response.text).unwrap();
    let (decodes, problem) = match (client.read)(response.text) {
        Err(error) => (false, Some(error)),
        Ok(kept) => (true, reading.lost(&sent, &kept, "", "")),
    };
    json!({
        "api": client.api,
        "client": client.date,
        "response": response.revision,
        "file": response.file,
        "decodes": decodes,
        "problem": problem,
    })
}

/// The places of the responses of a client's own revision, each with its kind.
#[derive(Default)]
pub struct Known(BTreeMap<String, &'static str>);

impl Known {
    pub fn learn(&mut self, value: &Value, place: &str) {
        self.0.insert(place.to_owned(), kind(value));
        match value {
            Value::Object(map) => {
                for (name, inner) in map {
                    self.learn(inner, &format!("{place}/{name}"));
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.learn(item, &format!("{place}/[]"));
                }
            }
            _ => {}
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Object(_) => "object",
        Value::Array(_) => "array",
        Value::String(_) => "string",
        Value::Number(_) => "number",
        Value::Bool(_) => "bool",
        Value::Null => "null",
    }
}

/// What is known of the names in a response and of those of the client that reads it.
pub struct Reading<'a> {
    pub renames: Vec<(&'a str, &'a str)>,
    /// What the client's own revision has, if it has to know the names of the response.
    pub known: Option<&'a Known>,
}

impl Reading<'_> {
    /// The first place where what came out is not what went in, by its name or a later one; or is still called what
    /// the client calls otherwise. 1 and 1.0 are one number.
    pub fn lost(&self, sent: &Value, kept: &Value, at: &str, place: &str) -> Option<String> {
        match (sent, kept) {
            (Value::Object(a), Value::Object(b)) => {
                let mut found = Vec::new();
                for (name, sent) in a {
                    let at = format!("{at}/{name}");
                    let other = || {
                        self.other_names(name)
                            .into_iter()
                            .find(|it| !a.contains_key(*it) && b.contains_key(*it))
                    };
                    let name = match b.get(name) {
                        Some(_) => name.as_str(),
                        None => match other() {
                            Some(other) => other,
                            None => return Some(at),
                        },
                    };
                    found.push(name);
                    if let Some(new) = self.unread(name, sent, place) {
                        return Some(format!("{at} is not read as {new}"));
                    }
                    let lost = self.lost(sent, &b[name], &at, &format!("{place}/{name}"));
                    if lost.is_some() {
                        return lost;
                    }
                }
                b.keys().find(|name| !found.contains(&name.as_str())).map(|it| format!("{at}/{it}"))
            }
            (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
                let mut pairs = a.iter().zip(b).enumerate();
                pairs.find_map(|(i, (sent, kept))| {
                    self.lost(sent, kept, &format!("{at}/{i}"), &format!("{place}/[]"))
                })
            }
            (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => None,
            (Value::String(a), Value::String(b)) if self.other_names(a).contains(&b.as_str()) => {
                None
            }
            (a, b) => (a != b).then(|| at.to_owned()),
        }
    }

    /// All that a name became, or was.
    fn other_names<'n>(&'n self, name: &'n str) -> Vec<&'n str> {
        let mut names = vec![name];
        let mut at = 0;
        while at < names.len() {
            for (old, new) in &self.renames {
                for (one, other) in [(old, new), (new, old)] {
                    if *one == names[at] && !names.contains(other) {
                        names.push(other);
                    }
                }
            }
            at += 1;
        }
        names.remove(0);
        names
    }

    /// What the client calls a place that it doesn't know by this name.
    fn unread(&self, name: &str, sent: &Value, place: &str) -> Option<String> {
        let known = self.known?;
        let kind_of = |name: &str| known.0.get(&format!("{place}/{name}")).copied();
        if kind_of(name).is_some() {
            return None;
        }
        let others = self.other_names(name).into_iter();
        others.map(str::to_owned).find(|other| kind_of(other) == Some(kind(sent)))
    }
}

/// The same where nothing is called otherwise.
pub fn lost(sent: &Value, kept: &Value, at: &str) -> Option<String> {
    Reading { renames: Vec::new(), known: None }.lost(sent, kept, at, at)
}
