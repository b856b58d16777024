//! The company's directory: extensions, call queues, sites and time zones here, members and single things below.
//!
//! Shapes and parameters are the platform document's of 2026-08-13. What it leaves open: a page after the last is empty, and a
//! parameter out of its range is refused.

mod members;
mod single;

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use serde_json::{Value, json};

use crate::data::directory::{Directory, Entry, Grouping};
use crate::protocol::oauth::Form;
use crate::wire::failure::{Failure, Problem};

/// The most that a page of a list may have.
const LARGEST_PAGE: usize = 1000;
const USUAL_PAGE: usize = 100;
/// The document allows a response no page beyond it.
const LAST_PAGE: usize = 1000;
/// What a link to another page doesn't take over.
const OF_PAGES: [&str; 3] = ["page", "perPage", "access_token"];

/// What the document calls the types of extensions, and which of them the sandbox has.
const TYPES: [(&str, Option<Grouping>); 23] = [
    ("User", Some(Grouping::Users)),
    // What call queues were called first.
    ("Department", Some(Grouping::Queues)),
    ("IvrMenu", Some(Grouping::Ivrs)),
    ("SharedLinesGroup", Some(Grouping::SharedLines)),
    ("Site", Some(Grouping::Sites)),
    ("FaxUser", None),
    ("FlexibleUser", None),
    ("VirtualUser", None),
    ("DigitalUser", None),
    ("Announcement", None),
    ("Voicemail", None),
    ("PagingOnly", None),
    ("ApplicationExtension", None),
    ("ParkLocation", None),
    ("Limited", None),
    ("Bot", None),
    ("ProxyAdmin", None),
    ("DelegatedLinesGroup", None),
    ("GroupCallPickup", None),
    ("Room", None),
    ("RoomConnector", None),
    ("TieLine", None),
    ("Unknown", None),
];
const STATUSES: [&str; 5] = ["Enabled", "Disabled", "Frozen", "NotActivated", "Unassigned"];

/// Where a list is read from, and how.
pub(crate) struct Lists<'a> {
    pub(crate) directory: &'a Directory,
    /// The server's address.
    pub(crate) server: &'a str,
    pub(crate) query: &'a Form,
    /// The keys of what isn't in use.
    pub(crate) disabled: &'a BTreeSet<String>,
}

impl Lists<'_> {
    pub(crate) fn extensions(&self) -> Result<Value, Failure> {
        let types = self.words("type", &TYPES.map(|(name, _)| name))?;
        let statuses = self.words("status", &STATUSES)?;
        let number = self.query.get("extensionNumber");
        let is_asked = |name: &str, entry: &Entry| {
            (types.is_empty() || types.contains(&name))
                && (statuses.is_empty() || statuses.contains(&self.status(entry)))
                && number.is_none_or(|number| entry.extension_number.as_deref() == Some(number))
                // No extension here has an address.
                && self.query.get("email").is_none()
        };
        let mut records = Vec::new();
        for (name, grouping) in TYPES {
            let Some(grouping) = grouping else { continue };
            let sites = self.sites_of(grouping);
            let entries = (0..).zip(self.directory.entries(grouping));
            let asked = entries.filter(|(_, entry)| is_asked(name, entry));
            records.extend(asked.map(|(at, entry)| {
                let site = sites.get(usize::from(at)).copied().flatten();
                self.extension(name, grouping, at, entry, site)
            }));
        }
        self.page(&format!("{}/extension", self.account()), &records)
    }

    fn extension(
        &self,
        name: &str,
        grouping: Grouping,
        at: u16,
        entry: &Entry,
        site: Option<&Entry>,
    ) -> Value {
        let mut record = json!({
            "id": number_or_text(&entry.key),
            "uri": format!("{}/extension/{}", self.account(), entry.key),
            "extensionNumber": entry.extension_number,
            "name": entry.name,
            "type": name,
            "status": self.status(entry),
            "hidden": false,
        });
        if grouping == Grouping::Users {
            let name = entry.name.as_deref().unwrap_or_default();
            let (first, last) = name.split_once(' ').unwrap_or((name, ""));
            record["contact"] = json!({"firstName": first, "lastName": last});
        }
        if grouping == Grouping::Queues {
            record["callQueueInfo"] = self.service_level(at);
        }
        if let Some(site) = site {
            let place = format!("{}/sites/{}", self.account(), site.key);
            record["site"] = json!({"id": site.key, "uri": place, "name": site.name});
        }
        without_nulls(record)
    }

    /// The sites that the extensions of a kind are at, in the order of its entries.
    fn sites_of(&self, grouping: Grouping) -> Vec<Option<&Entry>> {
        let mut sites = vec![None; self.directory.entries(grouping).len()];
        for place in self.directory.extensions_of(grouping) {
            let extension = self.directory.extension(place);
            let site = extension.site.map(|site| &self.directory.sites()[usize::from(site)]);
            sites[usize::from(extension.entry)] = site;
        }
        sites
    }

    pub(crate) fn call_queues(&self) -> Result<Value, Failure> {
        let member = self.query.get("memberExtensionId");
        let has_member = |queue: &Entry| {
            member.is_none_or(|member| {
                self.directory.agents(&queue.key).iter().any(|agent| agent.key == member)
            })
        };
        let sites = self.sites_of(Grouping::Queues);
        let queues = self.directory.queues().iter().zip(sites);
        let queues = queues.filter(|(queue, _)| has_member(queue));
        let records = queues.map(|(queue, site)| self.queue(queue, site));
        self.page(&format!("{}/call-queues", self.account()), &records.collect::<Vec<_>>())
    }

    fn queue(&self, queue: &Entry, site: Option<&Entry>) -> Value {
        let mut record = json!({
            "id": queue.key,
            "uri": format!("{}/call-queues/{}", self.account(), queue.key),
            "extensionNumber": queue.extension_number,
            "name": queue.name,
            "status": self.status(queue),
        });
        if let Some(site) = site {
            record["site"] = json!({"id": site.key, "name": site.name});
        }
        without_nulls(record)
    }

    fn service_level(&self, queue: u16) -> Value {
        let queue = self.directory.queue(queue);
        json!({
            "slaGoal": queue.sla_goal(),
            "slaThresholdSeconds": queue.sla_seconds,
            "includeAbandonedCalls": queue.sla_abandoned_seconds.is_some(),
            "abandonedThresholdSeconds": queue.sla_abandoned_seconds.unwrap_or(0),
        })
    }

    pub(crate) fn sites(&self) -> Result<Value, Failure> {
        let records = self.directory.sites().iter().map(|site| {
            without_nulls(json!({
                "id": site.key,
                "uri": format!("{}/sites/{}", self.account(), site.key),
                "name": site.name,
                "extensionNumber": site.extension_number,
            }))
        });
        self.page(&format!("{}/sites", self.account()), &records.collect::<Vec<_>>())
    }

    pub(crate) fn time_zones(&self, now: Timestamp) -> Result<Value, Failure> {
        let names = zone_names();
        let records =
            (1..).zip(&names).filter_map(|(id, name)| self.time_zone_record(id, name, now));
        self.page(&self.zones(), &records.collect::<Vec<_>>())
    }

    /// The time zone with this id: its place in the list, from 1.
    pub(crate) fn time_zone(&self, id: &str, now: Timestamp) -> Result<Value, Failure> {
        let names = zone_names();
        let found = id.parse().ok().and_then(|id: usize| {
            let name = names.get(id.checked_sub(1)?)?;
            self.time_zone_record(id, name, now)
        });
        found.ok_or_else(|| not_found("timezoneId", id))
    }

    /// The service has names of its own beside these; reports take these.
    fn time_zone_record(&self, id: usize, name: &str, now: Timestamp) -> Option<Value> {
        let zone = TimeZoneDatabase::bundled().get(name).ok()?;
        let minutes = zone.to_offset(now).seconds() / 60;
        Some(json!({
            "id": id.to_string(),
            "uri": format!("{}/{id}", self.zones()),
            "name": name,
            "description": name.replace('_', " "),
            "bias": minutes.to_string(),
        }))
    }

    fn status(&self, entry: &Entry) -> &'static str {
        if self.disabled.contains(&entry.key) { "Disabled" } else { "Enabled" }
    }

    fn account(&self) -> String {
        format!("{}/restapi/v1.0/account/{}", self.server, self.directory.account_id())
    }

    fn zones(&self) -> String {
        format!("{}/restapi/v1.0/dictionary/timezone", self.server)
    }

    /// All values of a parameter, which must be of these.
    fn words(&self, name: &'static str, known: &[&str]) -> Result<Vec<&str>, Failure> {
        // An empty value asks for nothing in particular, says the document.
        let given: Vec<_> = self.query.all(name).filter(|word| !word.is_empty()).collect();
        match given.iter().find(|word| !known.contains(word)) {
            None => Ok(given),
            Some(word) => {
                let why = format!("expected is one of {}", known.join(", "));
                Err(invalid(name, word, &why))
            }
        }
    }

    fn page(&self, uri: &str, records: &[Value]) -> Result<Value, Failure> {
        let page = self.number("page", 1, LAST_PAGE)?;
        let per_page = self.number("perPage", USUAL_PAGE, LARGEST_PAGE)?;
        let pages = records.len().div_ceil(per_page);
        let start = (page - 1).saturating_mul(per_page).min(records.len());
        let end = start.saturating_add(per_page).min(records.len());
        let address = |to: usize| format!("{uri}?{}", self.query_of_page(to, per_page));
        let link = |to: usize| json!({"uri": address(to)});
        let mut navigation = json!({"firstPage": link(1), "lastPage": link(pages.max(1))});
        if page < pages {
            navigation["nextPage"] = link(page + 1);
        }
        if page > 1 {
            navigation["previousPage"] = link(page - 1);
        }
        Ok(json!({
            "uri": address(page),
            "records": records[start..end],
            "paging": {
                "page": page,
                "perPage": per_page,
                "pageStart": start,
                "pageEnd": end.saturating_sub(1).max(start),
                "totalPages": pages,
                "totalElements": records.len(),
            },
            "navigation": navigation,
        }))
    }

    /// The same question about another page. A token in the query string isn't repeated.
    fn query_of_page(&self, page: usize, per_page: usize) -> String {
        let others = self.query.pairs().filter(|(name, _)| !OF_PAGES.contains(name));
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(others);
        query.append_pair("page", &page.to_string());
        query.append_pair("perPage", &per_page.to_string());
        query.finish()
    }

    fn number(&self, name: &str, usual: usize, most: usize) -> Result<usize, Failure> {
        let Some(text) = self.query.get(name) else { return Ok(usual) };
        match text.parse() {
            Ok(number) if (1..=most).contains(&number) => Ok(number),
            _ => Err(invalid(name, text, &format!("a whole number from 1 to {most} is expected"))),
        }
    }
}

/// The names come from the program, not from the machine.
fn zone_names() -> Vec<String> {
    let database = TimeZoneDatabase::bundled();
    let mut names: Vec<_> = database.available().map(|name| name.to_string()).collect();
    names.sort_unstable();
    names
}

/// Ids are numbers in this one list.
fn number_or_text(key: &str) -> Value {
    key.parse::<i64>().map_or_else(|_| json!(key), |number| json!(number))
}

/// What isn't known isn't there.
fn without_nulls(mut record: Value) -> Value {
    if let Some(members) = record.as_object_mut() {
        members.retain(|_, member| !member.is_null());
    }
    record
}

fn invalid(name: &str, value: &str, why: &str) -> Failure {
    let message = format!("Parameter [{name}] value is invalid: {why}");
    let mut problem = Problem::new("CMN-101", message);
    problem.parameter_name = Some(name.to_owned());
    problem.parameter_value = Some(value.to_owned());
    Failure::invalid(vec![problem])
}

fn not_found(name: &str, value: &str) -> Failure {
    let message = format!("Resource for parameter [{name}] is not found");
    let mut failure = Failure::new(axum::http::StatusCode::NOT_FOUND, "CMN-102", message);
    failure.problems[0].parameter_name = Some(name.to_owned());
    failure.problems[0].parameter_value = Some(value.to_owned());
    failure
}
