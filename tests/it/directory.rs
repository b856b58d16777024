//! The company's directory: what is fetched, found, kept and noticed.

use std::{collections::BTreeMap, time::Duration};

use callperf::{
    Api, Breakdown, Client, ClientBuilder, Credentials, Error, ErrorKind, GroupBy, Notice, Period,
    Query,
    directory::{Entry, Kind, Listing, NotFound, Status},
};
use callperf_sandbox::{App, Limit, Limits, Rule, Sandbox};
use serde_json::{Value as Json, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path_regex, query_param},
};

use crate::support;

const NOW: &str = "2026-06-01T12:00:00Z";

async fn sandbox() -> Sandbox {
    Sandbox::builder().seed(7).now(NOW.parse().unwrap()).start().await.unwrap()
}

fn builder(sandbox: &Sandbox, api: Api) -> ClientBuilder {
    support::of_sandbox(sandbox).api(api).clock(|| NOW.parse().unwrap())
}

fn client(sandbox: &Sandbox) -> Client {
    builder(sandbox, Api::CallsV1).build().unwrap()
}

fn keys(listing: &[Entry]) -> Vec<&str> {
    listing.iter().map(|entry| &*entry.key).collect()
}

/// The keys of the sandbox's own entries.
fn known(entries: &[callperf_sandbox::Entry]) -> Vec<&str> {
    entries.iter().map(|entry| &*entry.key).collect()
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort_unstable();
    items
}

/// How often each path was asked for, less the account's.
fn asked(sandbox: &Sandbox) -> BTreeMap<String, usize> {
    let mut asked = BTreeMap::new();
    for request in sandbox.requests() {
        if let Some(path) = request.path.strip_prefix("/restapi/v1.0/account/~") {
            *asked.entry(path.to_owned()).or_default() += 1;
        }
    }
    asked
}

fn queues(group_by: GroupBy) -> Query {
    Query::new(group_by, Period::last_days(7), "UTC").calls(Breakdown::Total)
}

#[tokio::test]
async fn every_kind_is_listed_with_what_is_known_of_it() {
    let sandbox = sandbox().await;
    let (company, directory) = (sandbox.directory(), client(&sandbox).directory());
    assert_eq!(keys(&directory.users().await.unwrap()), known(company.users()));
    assert_eq!(keys(&directory.ivrs().await.unwrap()), known(company.ivrs()));
    assert_eq!(keys(&directory.sites().await.unwrap()), known(company.sites()));
    assert_eq!(
        keys(&directory.list(Kind::SharedLine).await.unwrap()),
        known(company.shared_lines())
    );
    let queues = directory.queues().await.unwrap();
    assert_eq!(keys(&queues), known(company.queues()));
    let support = &queues[1];
    assert_eq!(
        serde_json::to_value(support).unwrap(),
        json!({
            "key": company.queues()[1].key, "kind": "queue", "extension_type": "Department",
            "extension_number": company.queues()[1].extension_number, "name": "Support",
            "status": "Enabled", "site": support.site,
            "service_level": {
                "goal_percent": 90.0, "threshold_seconds": 30, "counts_abandoned": false,
                "abandoned_threshold_seconds": 0,
            },
        })
    );
    assert_eq!(
        directory.service_level(&support.key).await.unwrap(),
        support.service_level.clone().unwrap()
    );
    for (kind, message) in [
        (Kind::Department, "the API has no list of departments"),
        (Kind::UserGroup, "the API has no list of user groups"),
    ] {
        let error = directory.list(kind).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Query);
        assert!(error.to_string().starts_with(message), "{error}");
    }
    let departments = directory.keys_in_reports(Kind::Department, Period::last_days(28));
    let departments = departments.await.unwrap();
    assert_eq!(sorted(keys(&departments)), sorted(known(company.departments())));
    assert!(departments.iter().all(|one| one.name.is_some() && one.kind == Kind::Department));
    let account = directory.account().await.unwrap();
    assert_eq!(account.id.as_deref(), Some(company.account_id()));
    assert_eq!(account.time_zone.as_deref(), Some(company.time_zone()));
    let zones = directory.time_zones().await.unwrap();
    assert!(zones.iter().any(|zone| zone.name.as_deref() == Some("America/New_York")));
}

#[tokio::test]
async fn members_have_their_names() {
    let sandbox = sandbox().await;
    let (company, directory) = (sandbox.directory(), client(&sandbox).directory());
    let support = &company.queues()[1];
    let agents = directory.members(Kind::Queue, &support.key).await.unwrap();
    let expected: Vec<_> = company.agents(&support.key);
    let names: Vec<_> = agents.iter().map(|agent| agent.name.as_deref()).collect();
    let expected = expected.iter().map(|agent| agent.name.as_deref()).collect();
    assert_eq!(sorted(names), sorted(expected));
    let department = &company.departments()[0].key;
    let members = directory.members(Kind::Department, department).await.unwrap();
    let expected = company.department_members(department);
    assert_eq!(sorted(keys(&members)), sorted(expected.iter().map(|one| &*one.key).collect()));
    let site = &company.sites()[0].key;
    let at_site = directory.members(Kind::Site, site).await.unwrap();
    let users = at_site.of_kind(Kind::User);
    let expected = company.site_members(site);
    assert_eq!(sorted(keys(&users)), sorted(expected.iter().map(|one| &*one.key).collect()));
    assert!(at_site.len() > users.len(), "queues are at a site, too");
    let queues = directory.queues_of(&agents[0].key).await.unwrap();
    assert!(keys(&queues).contains(&&*support.key));
    let unlisted = directory.members(Kind::UserGroup, "1").await.unwrap_err();
    assert_eq!(
        unlisted.to_string(),
        "the API has no list of the members of user groups; it has those of queues, sites and \
         departments"
    );
    let missing = directory.members(Kind::Queue, "1").await.unwrap_err();
    assert_eq!(missing.status(), Some(404), "{missing}");
}

#[tokio::test]
async fn what_was_fetched_is_kept_for_a_while_and_shared() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let directory = client.directory();
    tokio::try_join!(directory.users(), client.clone().directory().queues()).unwrap();
    directory.find(Kind::Queue, "Support").await.unwrap();
    let key = &sandbox.directory().queues()[0].key;
    directory.members(Kind::Queue, key).await.unwrap();
    directory.members(Kind::Queue, key).await.unwrap();
    let members = format!("/call-queues/{key}/members");
    assert_eq!(asked(&sandbox), BTreeMap::from([("/extension".to_owned(), 1), (members, 1)]));
    directory.max_age(Duration::ZERO).users().await.unwrap();
    assert_eq!(asked(&sandbox)["/extension"], 2);
}

/// Users are in the group Medium, sites in Light: each waits for its own.
#[tokio::test]
async fn lists_keep_the_quotas_of_their_groups() {
    let sandbox = sandbox().await;
    let second = Duration::from_secs(1);
    let medium = Limit::new(2, second, 60 * second);
    sandbox.set_limits(Limits::off().medium(medium).light(Limit::new(50, second, second)));
    let directory = client(&sandbox).directory().max_age(Duration::ZERO);
    for _ in 0..5 {
        directory.users().await.unwrap();
    }
    for _ in 0..5 {
        directory.sites().await.unwrap();
    }
    assert!(sandbox.requests().iter().all(|request| request.status != 429));
    let five = ["/extension", "/sites"].map(|path| (path.to_owned(), 5));
    assert_eq!(asked(&sandbox), BTreeMap::from(five));
}

/// Two thousand users have two pages of extensions or three.
#[tokio::test]
async fn a_large_directory_takes_its_pages_and_two_requests_for_each_queue() {
    let sandbox = Sandbox::builder().users(2_000).days(1).calls(1).start().await.unwrap();
    let (company, directory) = (sandbox.directory(), client(&sandbox).directory());
    let users = directory.users().await.unwrap();
    assert_eq!(users.len(), 2_000);
    for queue in directory.queues().await.unwrap() {
        directory.service_level(&queue.key).await.unwrap();
        let members = directory.members(Kind::Queue, &queue.key).await.unwrap();
        assert_eq!(members.len(), company.agents(&queue.key).len());
    }
    for site in directory.sites().await.unwrap() {
        directory.members(Kind::Site, &site.key).await.unwrap();
    }
    for department in company.departments() {
        directory.members(Kind::Department, &department.key).await.unwrap();
    }
    directory.ivrs().await.unwrap();
    let extensions = company.users().len()
        + company.queues().len()
        + company.ivrs().len()
        + company.shared_lines().len()
        + company.sites().len();
    let lists = extensions.div_ceil(1000) + 2;
    let (queues, sites) = (company.queues().len(), company.sites().len());
    let most = lists + 2 * queues + sites + company.departments().len();
    let all: usize = asked(&sandbox).values().sum();
    assert!(all <= most, "{all} of {most}");
    assert_eq!(asked(&sandbox)["/extension"], extensions.div_ceil(1000));
}

#[tokio::test]
async fn a_query_names_its_keys_and_is_sent_with_them() {
    let sandbox = sandbox().await;
    let support = &sandbox.directory().queues()[1];
    let number = support.extension_number.as_deref().unwrap();
    let wanted = |name: &str| queues(GroupBy::queues().named([name]));
    for api in [Api::CallsV1, Api::Beta] {
        let client = builder(&sandbox, api).build().unwrap();
        for name in ["Support", "support", number, &support.key] {
            let report = client.aggregate(&wanted(name)).all().await.unwrap();
            assert_eq!(report.records.len(), 1, "{name}");
            assert_eq!(report.records[0].key(), support.key);
        }
        let stored = serde_json::to_string(&wanted("Support")).unwrap();
        let read: Query = serde_json::from_str(&stored).unwrap();
        assert_eq!(client.aggregate(&read).all().await.unwrap().records[0].key(), support.key);
        let error = client.aggregate(&wanted("Suport")).all().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Query);
        let near =
            format!("no queue is named \"Suport\"; did you mean \"Support\" ({})?", support.key);
        assert_eq!(error.to_string(), near);
        let group = queues(GroupBy::user_groups().named(["Leads"]));
        let error = client.aggregate(&group).all().await.unwrap_err();
        assert!(error.to_string().contains("no list of user groups"), "{error}");
        let numbers = queues(GroupBy::company_numbers().named(["Main"]));
        let error = client.aggregate(&numbers).all().await.unwrap_err();
        assert!(error.to_string().contains("use keys"), "{error}");
    }
}

#[tokio::test]
async fn a_preview_says_which_names_are_looked_up() {
    let sandbox = sandbox().await;
    let support = &sandbox.directory().queues()[1].key;
    let request = client(&sandbox).aggregate(&queues(GroupBy::queues().named(["Support"])));
    assert_eq!(request.check().unwrap(), []);
    let preview = request.preview(1).unwrap();
    assert_eq!(preview.names, ["Support"]);
    assert_eq!(preview.body["grouping"]["keys"], json!(["Support"]));
    assert!(asked(&sandbox).is_empty());
    let page = request.page(1).await.unwrap();
    let preview = request.preview(1).unwrap();
    assert!(preview.names.is_empty());
    assert_eq!(preview.body["grouping"]["keys"], json!([support]));
    assert_eq!(preview.period, page.period);
}

#[tokio::test]
async fn records_of_the_beta_get_names() {
    let sandbox = sandbox().await;
    let query = queues(GroupBy::queues());
    let client = builder(&sandbox, Api::Beta).build().unwrap();
    let mut records = client.aggregate(&query).all().await.unwrap().records;
    assert!(records.iter().all(|record| record.label() == record.key()));
    client.directory().name(query.group_by(), &mut records).await.unwrap();
    let named = builder(&sandbox, Api::Beta).names_from_directory(true).build().unwrap();
    let report = named.aggregate(&query).all().await.unwrap();
    assert_eq!(report.records, records);
    let labels: Vec<_> = report.records.iter().map(callperf::Record::label).collect();
    assert_eq!(sorted(labels), ["Billing", "Returns", "Sales", "Support"]);
    assert_eq!(report.notices, []);
    let agents = queues(GroupBy::members_of_queues().named(["Support"]));
    let report = named.aggregate(&agents).all().await.unwrap();
    assert!(report.records.iter().all(|record| record.label() != record.key()));
}

#[tokio::test]
async fn without_the_permission_reports_go_on_by_key() {
    let app = App::confidential("reports-only", "secret").permissions(["Analytics"]);
    let sandbox = Sandbox::builder().seed(7).now(NOW.parse().unwrap()).app(app);
    let sandbox = sandbox.start().await.unwrap();
    let credentials = Credentials::jwt("reports-only", "secret", sandbox.jwt());
    let client = builder(&sandbox, Api::Beta).credentials(credentials);
    let client = client.names_from_directory(true).build().unwrap();
    let report = client.aggregate(&queues(GroupBy::queues())).all().await.unwrap();
    assert_eq!(report.records.len(), 4);
    let [Notice::NoNames { reason }] = &report.notices[..] else { panic!("{:?}", report.notices) };
    assert!(reason.contains("the application's ReadAccounts permission"), "{reason}");
    let error = client.directory().users().await.unwrap_err();
    assert!(error.to_string().contains("ReadAccounts permission, and a user"), "{error}");
    let named = queues(GroupBy::queues().named(["Support"]));
    let error = client.aggregate(&named).all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Permission);
    let message = error.to_string();
    assert!(message.starts_with("names are looked up in the company's directory"), "{message}");
    assert!(message.contains("use keys, or give the application that permission"), "{message}");
}

/// Lists pages of extensions.
async fn extensions(pages: &[Json]) -> MockServer {
    let server = support::server(ResponseTemplate::new(200)).await;
    for (number, page) in (1..).zip(pages) {
        Mock::given(method("GET"))
            .and(path_regex("/extension$"))
            .and(query_param("page", number.to_string()))
            .respond_with(ResponseTemplate::new(200).set_body_json(page))
            .mount(&server)
            .await;
    }
    server
}

fn page(number: u32, total: u32, ids: &[u32]) -> Json {
    let user = |id: &u32| json!({"id": id, "name": format!("User {id}"), "type": "User"});
    let records: Vec<_> = ids.iter().map(user).collect();
    json!({
        "records": records,
        "paging": {"page": number, "perPage": 2, "totalPages": 2, "totalElements": total},
    })
}

#[tokio::test]
async fn a_directory_that_changes_between_pages_is_noticed_and_not_kept() {
    let server = extensions(&[page(1, 4, &[1, 2]), page(2, 5, &[2, 3])]).await;
    let directory = support::client(&server, Api::CallsV1).directory();
    let users = directory.users().await.unwrap();
    assert_eq!(keys(&users), ["1", "2", "3"]);
    let notices: Vec<_> = users.notices.iter().map(ToString::to_string).collect();
    assert_eq!(
        notices,
        [
            "page 2: the key 2 came before; it is given once",
            "page 2: 4 records were announced at first, and 5 now",
            "page 2: 5 records were announced, and 3 came",
        ]
    );
    directory.users().await.unwrap();
    assert_eq!(support::requests(&server).await.len(), 4);
    let strict = support::builder(&server, Api::CallsV1).strict(true).build().unwrap();
    let error = strict.directory().users().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Answer);
    assert_eq!(error.to_string(), notices[0]);
}

#[tokio::test]
async fn a_directory_that_shifts_between_pages_is_noticed() {
    let sandbox = Sandbox::builder().users(2_000).days(1).calls(1).start().await.unwrap();
    let rule: Rule = "pages-shift on=lists times=9".parse().unwrap();
    sandbox.set_faults(rule);
    let users = client(&sandbox).directory().users().await.unwrap();
    let notices: Vec<_> = users.notices.iter().map(ToString::to_string).collect();
    assert!(notices[0].contains("came before; it is given once"), "{notices:?}");
    assert!(notices.iter().any(|notice| notice.contains("were announced")), "{notices:?}");
}

#[tokio::test]
async fn a_disabled_queue_of_the_sandbox_is_found_and_has_a_notice() {
    let sandbox = sandbox().await;
    let support = &sandbox.directory().queues()[1];
    sandbox.disable(&support.key);
    let request = client(&sandbox).aggregate(&queues(GroupBy::queues().named(["Support"])));
    let report = request.all().await.unwrap();
    assert_eq!(report.records[0].key(), support.key);
    let reason = format!("the queue \"Support\" ({}) is disabled", support.key);
    assert_eq!(report.notices, [Notice::NotInUse { key: support.key.clone(), reason }]);
}

#[tokio::test]
async fn an_extension_that_is_not_in_use_is_found_and_said_to_be_so() {
    let user = |id: u32, status: &str| json!({"id": id, "name": format!("User {id}"), "type": "User", "status": status});
    let records = json!([user(1, "Enabled"), user(2, "Disabled"), user(3, "Deleted")]);
    let server = extensions(&[json!({"records": records})]).await;
    let counters = json!({"allCalls": {"valueType": "Instances", "values": 7}});
    let records: Vec<_> =
        ["1", "2", "3"].map(|key| json!({"key": key, "counters": counters})).into();
    let answer = json!({"data": {"groupedBy": "Users", "records": records}});
    let report = ResponseTemplate::new(200).set_body_json(answer);
    support::first(&server, "/aggregation/fetch$", report, 1).await;
    let client = support::client(&server, Api::CallsV1);
    let gone = client.directory().find(Kind::User, "user 2").await.unwrap();
    assert_eq!((gone.status.clone(), gone.is_enabled()), (Some(Status::Disabled), false));
    let named = queues(GroupBy::users().named(["User 1", "User 2", "User 3"]));
    let report = client.aggregate(&named).all().await.unwrap();
    let notices: Vec<_> = report.notices.iter().map(ToString::to_string).collect();
    let said = ["the user \"User 2\" (2) is disabled", "the user \"User 3\" (3) is deleted"];
    assert_eq!(notices, said);
}

#[tokio::test]
async fn what_is_refused_has_its_candidates() {
    let records = json!([
        {"id": 1, "extensionNumber": "11", "name": "Ann", "type": "User"},
        {"id": 2, "extensionNumber": "12", "name": "Ann", "type": "User"},
        {"id": 3, "extensionNumber": "13", "name": "Anna", "type": "User"},
    ]);
    let server = extensions(&[json!({"records": records})]).await;
    let directory = support::client(&server, Api::CallsV1).directory();
    let error = directory.find(Kind::User, "Ann").await.unwrap_err();
    let said = "2 users are named \"Ann\": 1 (extension 11), 2 (extension 12); give the key of one";
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Query, said));
    let source = std::error::Error::source(&error).unwrap().downcast_ref::<NotFound>().unwrap();
    assert_eq!(keys(source.candidates()), ["1", "2"]);
}

#[tokio::test]
async fn a_listing_that_was_kept_resolves_names_by_itself() {
    let sandbox = sandbox().await;
    let all = client(&sandbox).directory().extensions().await.unwrap();
    let stored = serde_json::to_string(&all).unwrap();
    let kept: Listing = serde_json::from_str(&stored).unwrap();
    assert_eq!(kept, all);
    let before = asked(&sandbox);
    let client = builder(&sandbox, Api::CallsV1).key_resolver(kept).build().unwrap();
    let named = queues(GroupBy::queues().named(["Support"]));
    let report = client.aggregate(&named).all().await.unwrap();
    assert_eq!(report.records[0].label(), "Support");
    assert_eq!(asked(&sandbox), before);
}

/// The names of a report of the queue and of its agents, and the keys.
async fn support(client: &Client, name: &str) -> Result<(Vec<String>, Vec<String>), Error> {
    let directory = client.directory();
    let queue = directory.find(Kind::Queue, name).await?;
    let agents = directory.members(Kind::Queue, &queue.key).await?;
    let query = Query::new(GroupBy::queues().named([name]), Period::last_days(7), "UTC")
        .calls(Breakdown::Total);
    let report = client.aggregate(&query).all().await?;
    let keys = [queue.key].into_iter().chain(report.records.iter().map(|it| it.key().to_owned()));
    let labels = agents.iter().map(|agent| agent.label().to_owned());
    Ok((keys.collect(), labels.collect()))
}

#[tokio::test]
async fn a_cassette_finds_a_queue_by_name_and_keeps_no_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("support.json");
    let sandbox = sandbox().await;
    let company = sandbox.directory();
    let queue = &company.queues()[1];
    for api in [Api::CallsV1, Api::Beta] {
        for name in ["Support", queue.extension_number.as_deref().unwrap(), &queue.key] {
            let recording = builder(&sandbox, api).record_to(&file).build().unwrap();
            let recorded = support(&recording, name).await.unwrap();
            let replay = || Client::builder().api(api).replay_from(&file).build().unwrap();
            assert_eq!(support(&replay(), name).await.unwrap(), recorded, "{api} {name}");
            assert_eq!(recorded.1.len(), company.agents(&queue.key).len());
            let zone = recording.directory().account().await.unwrap().time_zone;
            assert_eq!(zone.as_deref(), Some(company.time_zone()));
            let text = std::fs::read_to_string(&file).unwrap();
            let users = company.users().iter().chain(company.queues()).chain(company.sites());
            for entry in users {
                let number = entry.extension_number.iter().chain(&entry.name).chain([&entry.key]);
                for identifying in number {
                    let quoted = format!("\"{identifying}\"");
                    assert!(!text.contains(&quoted), "{identifying} is in the cassette");
                }
                assert!(!text.contains(&entry.key), "{} is in the cassette", entry.key);
            }
            let error = support(&replay(), "Suport").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Query, "{error}");
        }
    }
}
