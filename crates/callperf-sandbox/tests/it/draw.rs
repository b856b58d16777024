//! Requests at random: all that a revision's document allows, as far as the rules beside it do.

use callperf_sandbox::Directory;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::client::{AGGREGATION, BETA, TIMELINE};
use crate::document::Document;

/// A runner of `usual` cases, the same each time; or of as many new ones as `PROPTEST_CASES` says.
pub(crate) fn runner(usual: u32) -> TestRunner {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    let config = Config {
        cases: asked.unwrap_or(usual),
        // A failing case is printed; the repository keeps no file of them.
        failure_persistence: None,
        ..Config::default()
    };
    match asked {
        Some(_) => TestRunner::new(config),
        None => TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha)),
    }
}

/// Choices that a seed makes.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// The generator called `SplitMix64`: neighbouring seeds have nothing in common.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    pub(crate) fn one<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[usize::try_from(self.below(list.len() as u64)).unwrap()]
    }
}

/// A request: where to, and what.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    pub(crate) path: String,
    pub(crate) body: Value,
}

/// The operations of an API.
pub(crate) fn operations(document: &Document) -> &'static [&'static str] {
    if document.api == "beta" { &[BETA] } else { &[AGGREGATION, TIMELINE] }
}

/// One that the document allows and no rule forbids.
pub(crate) fn lawful(
    dice: &mut Dice,
    document: &Document,
    directory: &Directory,
    operation: &str,
) -> Drawn {
    let mut draw = Draw { dice, document, directory };
    let mut body = draw.value(document.request(operation), "");
    draw.obey(&mut body, operation);
    let mut query = Vec::new();
    if operation == TIMELINE {
        let interval = *draw.dice.one(&["Hour", "Day", "Week", "Month"]);
        query.push(format!("interval={interval}"));
        draw.set_time(&mut body, if interval == "Hour" { 2 } else { 60 });
    } else {
        draw.set_time(&mut body, 184);
    }
    if draw.dice.percent(30) {
        query.push(format!("page={}", 1 + draw.dice.below(3)));
        query.push(format!("perPage={}", 1 + draw.dice.below(20)));
    }
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    Drawn { path: format!("{operation}{query}"), body }
}

/// The same with something put in the place of something else.
pub(crate) fn broken(dice: &mut Dice, drawn: &Drawn) -> Drawn {
    let mut places = Vec::new();
    collect(&drawn.body, String::new(), &mut places);
    let place = dice.one(&places).clone();
    let values = [
        json!(null),
        json!(7),
        json!(-1.5),
        json!("Sum"),
        json!(""),
        json!(true),
        json!([]),
        json!({}),
        json!(["Answered"]),
        json!([{"segment": "Hold"}]),
        json!([null]),
        json!({"aggregationType": "Average"}),
        json!({"from": "09:00"}),
        json!("2025-05-05T00:00:00Z"),
    ];
    let mut drawn = drawn.clone();
    *drawn.body.pointer_mut(&place).unwrap() = dice.one(&values).clone();
    drawn
}

fn collect(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                collect(inner, format!("{place}/{name}"), places);
            }
        }
        Value::Array(items) => {
            for (i, inner) in items.iter().enumerate() {
                collect(inner, format!("{place}/{i}"), places);
            }
        }
        _ => {}
    }
    places.push(place);
}

struct Draw<'a> {
    dice: &'a mut Dice,
    document: &'a Document,
    directory: &'a Directory,
}

/// Local hours that fit together and that don't.
const MINUTES: [&str; 6] = ["00:00", "08:30", "09:00", "12:29", "17:59", "23:59"];
const ZONES: [&str; 6] = [
    "UTC",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "America/St_Johns",
];

impl Draw<'_> {
    fn value(&mut self, schema: &Value, name: &str) -> Value {
        let schema = self.document.followed(schema).clone();
        if let Some(branches) = schema["oneOf"].as_array() {
            let branch = self.dice.one(branches).clone();
            return self.value(&branch, name);
        }
        if let Some(words) = schema["enum"].as_array() {
            return self.dice.one(words).clone();
        }
        if let Some(properties) = schema["properties"].as_object() {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let chance = chance(name);
            let mut object = json!({});
            for (name, schema) in properties {
                if required.contains(&json!(name)) || self.dice.percent(chance) {
                    object[name] = self.value(schema, name);
                }
            }
            return object;
        }
        match schema["type"].as_str() {
            Some("array") => {
                let count = self.dice.below(4);
                (0..count).map(|_| self.value(&schema["items"], name)).collect()
            }
            Some("integer") => json!(self.dice.below(200)),
            Some("boolean") => json!(self.dice.percent(70)),
            _ => self.text(name),
        }
    }

    fn text(&mut self, name: &str) -> Value {
        let (users, numbers) = (self.directory.users(), self.directory.company_numbers());
        match name {
            "from" | "to" => json!(self.dice.one(&MINUTES)),
            "calledNumbers" => json!(self.dice.one(numbers).key),
            "queues" => json!(self.dice.one(self.directory.queues()).key),
            _ => json!(self.dice.one(users).key),
        }
    }

    /// The rules that the document doesn't state.
    fn obey(&mut self, body: &mut Value, operation: &str) {
        let by_name = body["grouping"]["groupBy"].as_str().unwrap_or("Company").to_owned();
        let by_members = body["grouping"]["groupByMembers"].as_str().map(str::to_owned);
        self.set_keys(body, &by_name, by_members.as_deref());
        let is_members = by_members.is_some() || BETA_MEMBERS.contains(&by_name.as_str());
        let is_users = is_members || by_name == "Users";
        let is_queues = !is_members && by_name == "Queues";
        let has_extensions =
            is_users || ["Queues", "IVRs", "IVAs", "SharedLines"].contains(&by_name.as_str());
        for filters in ["callFilters", "additionalFilters"] {
            let Some(filters) = body.get_mut(filters).and_then(Value::as_object_mut) else {
                continue;
            };
            if !is_queues {
                filters.remove("queueSla");
                filters.remove("queueHours");
            }
            if !has_extensions {
                filters.remove("callerExtensionIds");
                filters.remove("extensionFilters");
            }
            if !has_extensions || is_queues {
                filters.remove("calledExtensionIds");
                if let Some(extensions) = filters.get_mut("extensionFilters") {
                    extensions.as_object_mut().unwrap().remove("toIds");
                }
            }
        }
        for list in ["counters", "timers"] {
            let options = body["responseOptions"].get_mut(list).and_then(Value::as_object_mut);
            let Some(options) = options else {
                continue;
            };
            options.retain(|name, _| {
                (is_queues || !(name.ends_with("QueueSla") || name.ends_with("QueueHours")))
                    && (is_users || name != "queueOpportunities")
            });
            for (name, option) in options {
                if operation != TIMELINE && name != "queueOpportunities" {
                    self.set_interval(option, list);
                }
            }
        }
    }

    fn set_interval(&mut self, option: &mut Value, list: &str) {
        let is_spread = !["Sum", "Percent"].contains(&option["aggregationType"].as_str().unwrap());
        if self.document.api == "beta" {
            // Counters are only summed, and the first revision sums only.
            if is_spread && (list == "counters" || self.document.date == "2021-06-17") {
                option["aggregationType"] = json!("Sum");
            }
        } else if !is_spread {
            option.as_object_mut().unwrap().remove("aggregationInterval");
        } else if list == "counters" {
            option["aggregationInterval"] = json!(self.dice.one(&["Hour", "Day", "Week", "Month"]));
        }
    }

    fn set_keys(&mut self, body: &mut Value, by_name: &str, by_members: Option<&str>) {
        let directory = self.directory;
        let entries = match by_members.unwrap_or(by_name) {
            "CompanyNumbers" => directory.company_numbers(),
            "Users" => directory.users(),
            "Queues" | "Queue" | "QueueAgents" => directory.queues(),
            "IVRs" => directory.ivrs(),
            "IVAs" => directory.ivas(),
            "SharedLines" => directory.shared_lines(),
            "UserGroups" | "UserGroup" | "UserGroupMembers" => directory.user_groups(),
            "Sites" | "Site" | "SiteMembers" => directory.sites(),
            "Departments" | "Department" | "DepartmentMembers" => directory.departments(),
            _ => &[],
        };
        let Some(grouping) = body.get_mut("grouping").and_then(Value::as_object_mut) else {
            return;
        };
        let name = match (self.document.api, self.document.date.as_str()) {
            ("beta", "2021-06-17") => "identifiers",
            ("beta", _) => "ids",
            _ => "keys",
        };
        grouping.remove(name);
        let are_required = BETA_MEMBERS.contains(&by_name);
        if !entries.is_empty() && (are_required || self.dice.percent(40)) {
            let count = 1 + self.dice.below(3);
            let keys: Vec<_> = (0..count).map(|_| &self.dice.one(entries).key).collect();
            grouping.insert(name.to_owned(), json!(keys));
        }
    }

    /// Somewhere in the half year of calls, for so many days at most.
    fn set_time(&mut self, body: &mut Value, most_days: u64) {
        let now: jiff::Timestamp = crate::client::NOW.parse().unwrap();
        let seconds = |count: u64| jiff::SignedDuration::from_secs(i64::try_from(count).unwrap());
        let length = self.dice.below(most_days * 86_400);
        let from = now - seconds(length + self.dice.below(184 * 86_400 - length));
        let to = from + seconds(length);
        let is_utc = self.dice.percent(50);
        let text = |at: jiff::Timestamp| {
            let offset = jiff::tz::offset(-4);
            if is_utc { at.to_string() } else { at.display_with_offset(offset).to_string() }
        };
        let range = json!({"timeFrom": text(from), "timeTo": text(to)});
        if self.document.api == "beta" {
            body["timeRange"] = range;
        } else {
            body["timeSettings"]["timeRange"] = range;
            body["timeSettings"]["timeZone"] = json!(self.dice.one(&ZONES));
        }
    }
}

const BETA_MEMBERS: [&str; 4] =
    ["DepartmentMembers", "UserGroupMembers", "QueueAgents", "SiteMembers"];

/// How likely it is that an object has one of its optional fields.
fn chance(name: &str) -> u64 {
    match name {
        "callFilters" | "additionalFilters" => 8,
        "counters" | "timers" | "timeSettings" => 40,
        _ => 60,
    }
}
