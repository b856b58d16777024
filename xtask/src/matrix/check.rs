//! The program that `cargo xtask matrix` builds beside the generated types. It prints a line of
//! JSON for each response that a client has read.

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

pub fn run(clients: &[Client], responses: &str) {
    for line in responses.lines() {
        let (name, text) = line.split_once(' ').unwrap();
        let parts: Vec<_> = name.split('/').collect();
        let operation = parts[2].split('.').next().unwrap();
        for client in clients {
            if client.api == parts[0] && client.operation == operation {
                println!("{}", cell(client, parts[1], name, text));
            }
        }
    }
}

fn cell(client: &Client, date: &str, file: &str, text: &str) -> Value {
    let sent: Value = serde_json::from_str(text).unwrap();
    let (decodes, problem) = match (client.read)(text) {
        Err(error) => (false, Some(error)),
        Ok(kept) => (true, lost(&sent, &kept, "")),
    };
    json!({
        "api": client.api,
        "client": client.date,
        "response": date,
        "file": file,
        "decodes": decodes,
        "problem": problem,
    })
}

/// The first place where what came out is not what went in. 1 and 1.0 are one number.
pub fn lost(sent: &Value, kept: &Value, at: &str) -> Option<String> {
    match (sent, kept) {
        (Value::Object(a), Value::Object(b)) => {
            let gone = a.iter().find_map(|(key, sent)| {
                let at = format!("{at}/{key}");
                b.get(key).map_or_else(|| Some(at.clone()), |kept| lost(sent, kept, &at))
            });
            gone.or_else(|| b.keys().find(|key| !a.contains_key(*key)).map(|k| format!("{at}/{k}")))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            pairs.find_map(|(i, (sent, kept))| lost(sent, kept, &format!("{at}/{i}")))
        }
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => None,
        (a, b) => (a != b).then(|| at.to_owned()),
    }
}
