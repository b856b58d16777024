//! The reference documents: each revision as people and their tools read it, corrected and documented but not
//! lowered, with servers, login and a worked example for each operation.
//!
//! The current revision of an api stands in a file of its own. All others are in one file as JSON merge patches
//! (RFC 7396) of it: texts that hold for a place in the current revision hold for the same place in another one.

mod example;
mod frame;
mod texts;

use serde_json::{Map, Value};

use crate::catalogue::{Api, ApiEntry, Catalogue};
use crate::document::to_text;
use crate::error::Result;
use crate::interface::patch;
use crate::revision::corrected;
use crate::workspace::{Changes, Workspace};
use frame::Frame;

/// In the sandbox, because a published crate can't read `openapi`.
pub const FOLDER: &str = "crates/callperf-sandbox/src/server/reference";

/// The file of an api's current revision.
pub fn file(api: Api) -> String {
    format!("{FOLDER}/{api}.json")
}

/// The file of all other revisions.
pub fn others_file() -> String {
    format!("{FOLDER}/others.json")
}

/// Every file of the reference documents.
pub fn references(workspace: &Workspace, catalogue: &Catalogue) -> Result<Changes> {
    let frame = Frame::load(workspace)?;
    let mut changes = Changes::default();
    let mut others = Map::new();
    for (api, entry) in &catalogue.api {
        let Some(target) = entry.generate.as_ref().filter(|_| entry.spoken) else { continue };
        let source = Source { workspace, catalogue, frame: &frame, api: *api, entry };
        let current = source.document(&target.revision)?;
        others.insert(api.name().to_owned(), source.others(&current, &target.revision)?);
        changes.write(file(*api), to_text(&current));
    }
    changes.write(others_file(), to_text(&Value::Object(others)));
    Ok(changes)
}

/// What the documents of one api are made from.
struct Source<'a> {
    workspace: &'a Workspace,
    catalogue: &'a Catalogue,
    frame: &'a Frame,
    api: Api,
    entry: &'a ApiEntry,
}

impl Source<'_> {
    fn document(&self, date: &str) -> Result<Value> {
        let (mut document, _) = corrected(self.workspace, self.catalogue, self.api, date)?;
        drop_nulls(&mut document);
        self.frame.put_around(&mut document, self.api, date)?;
        for operation in &self.entry.operation {
            example::add(self.workspace, &mut document, self.api, operation)?;
        }
        Ok(document)
    }

    /// By date, what makes each other revision's document of the current one's.
    ///
    /// Each takes the texts of the revision that followed it: one further away describes words that came since.
    fn others(&self, current: &Value, current_date: &str) -> Result<Value> {
        let mut others = Map::new();
        let mut later = current.clone();
        for date in self.catalogue.dates(self.api).into_iter().rev() {
            if date == current_date {
                continue;
            }
            let mut document = self.document(date)?;
            texts::take_over(&mut document, &later);
            others.insert(date.to_owned(), patch(current, &document));
            if date < current_date {
                later = document;
            }
        }
        Ok(Value::Object(others))
    }
}

/// A merge patch can't set a member to null, and a default of null says no more than `nullable`.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}
