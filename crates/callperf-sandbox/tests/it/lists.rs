//! The company's directory, in the shapes of each of its revisions.

use callperf_sandbox::{App, Limits};
use serde_json::{Value, json};

use crate::client::{AGGREGATION, Client, JWT_BEARER, TOKEN, builder, question_of_keys};
use crate::document;

const EXTENSIONS: &str = "/restapi/v1.0/account/~/extension";
const QUEUES: &str = "/restapi/v1.0/account/~/call-queues";
const SITES: &str = "/restapi/v1.0/account/~/sites";
const ACCOUNT: &str = "/restapi/v1.0/account/~";
const DEPARTMENT: &str = "/restapi/v1.0/account/~/department";
const MENUS: &str = "/restapi/v1.0/account/~/ivr-menus";
const ZONES: &str = "/restapi/v1.0/dictionary/timezone";

/// What comes back, after it was checked against the document.
async fn get(client: &Client, path: &str) -> (u16, Value) {
    let url = if path.starts_with("http") {
        path.to_owned()
    } else {
        format!("{}{path}", client.sandbox.url())
    };
    let response = client.http.get(url).bearer_auth(&client.token).send().await.unwrap();
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    if status == 200 {
        let path = path.strip_prefix(client.sandbox.url()).unwrap_or(path);
        // A single time zone isn't an operation of the directory.
        if !path.starts_with(&format!("{ZONES}/")) {
            document::check_directory(path, &body);
        }
    }
    (status, body)
}

fn texts<'a>(list: &'a Value, name: &str) -> Vec<&'a str> {
    let records = list["records"].as_array().unwrap();
    records.iter().filter_map(|record| record[name].as_str()).collect()
}

#[tokio::test]
async fn names_become_keys() {
    let client = Client::new().await;
    let directory = client.sandbox.directory();
    let (_, queues) = get(&client, QUEUES).await;
    let keys: Vec<_> = directory.queues().iter().map(|queue| queue.key.as_str()).collect();
    assert_eq!(texts(&queues, "id"), keys);
    assert_eq!(texts(&queues, "name"), ["Sales", "Support", "Billing", "Returns"]);
    // As the vendor's samples find them.
    let (_, departments) = get(&client, &format!("{EXTENSIONS}/?type=Department")).await;
    let records = departments["records"].as_array().unwrap();
    let ids: Vec<_> = records.iter().map(|record| record["id"].to_string()).collect();
    assert_eq!(ids, keys);
    let settings = json!({
        "slaGoal": 90, "slaThresholdSeconds": 30, "includeAbandonedCalls": false, "abandonedThresholdSeconds": 0,
    });
    assert_eq!(departments["records"][1]["callQueueInfo"], settings);
    let (_, sites) = get(&client, SITES).await;
    assert_eq!(texts(&sites, "name"), ["New York", "Denver"]);
    let (_, one) = get(&client, &format!("{EXTENSIONS}?extensionNumber=103")).await;
    assert_eq!(texts(&one, "name"), ["Carmen Vidal"]);
    assert_eq!(one["records"][0]["contact"], json!({"firstName": "Carmen", "lastName": "Vidal"}));
    assert_eq!(one["records"][0]["site"]["name"], "New York");
    // A key of the list is a key of a report.
    let body = question_of_keys("Queues", &[keys[1]]);
    let answer = client.ok(AGGREGATION, &body).await;
    assert_eq!(answer["data"]["records"][0]["info"]["name"], "Support");
}

#[tokio::test]
async fn extensions_are_of_types() {
    let client = Client::new().await;
    let directory = client.sandbox.directory();
    let count = async |query: &str| {
        let (status, list) = get(&client, &format!("{EXTENSIONS}?{query}")).await;
        assert_eq!(status, 200, "{query}: {list}");
        list["paging"]["totalElements"].as_u64().unwrap()
    };
    let (users, queues, ivrs) =
        (directory.users().len(), directory.queues().len(), directory.ivrs().len());
    let (lines, sites) = (directory.shared_lines().len(), directory.sites().len());
    for (query, expected) in [
        ("", users + queues + ivrs + lines + sites),
        ("type=User", users),
        ("type=User&type=Department", users + queues),
        ("type=IvrMenu", ivrs),
        ("type=SharedLinesGroup", lines),
        ("type=Site", sites),
        ("type=Bot", 0),
        ("type=", users + queues + ivrs + lines + sites),
        ("type=User&status=Enabled", users),
        ("type=User&status=Disabled", 0),
        ("email=ada@example.com", 0),
    ] {
        assert_eq!(count(query).await, expected as u64, "{query}");
    }
    let member = &directory.agents(&directory.queues()[3].key)[0].key;
    let (_, of_member) = get(&client, &format!("{QUEUES}?memberExtensionId={member}")).await;
    let names = texts(&of_member, "name");
    assert!(names.contains(&"Returns") && names.len() < queues, "{names:?}");
}

#[tokio::test]
async fn a_disabled_extension_is_said_to_be_so_and_stays_in_reports() {
    let client = Client::new().await;
    let directory = client.sandbox.directory();
    let (user, queue) = (&directory.users()[0], &directory.queues()[1]);
    client.sandbox.disable(&user.key);
    client.sandbox.disable(&queue.key);
    let (_, disabled) = get(&client, &format!("{EXTENSIONS}?status=Disabled")).await;
    assert_eq!(texts(&disabled, "status"), ["Disabled", "Disabled"]);
    assert_eq!(texts(&disabled, "name"), [user.name.as_deref().unwrap(), "Support"]);
    let (_, queues) = get(&client, QUEUES).await;
    assert_eq!(texts(&queues, "status"), ["Enabled", "Disabled", "Enabled", "Enabled"]);
    let (_, one) = get(&client, &format!("{QUEUES}/{}", queue.key)).await;
    assert_eq!(one["status"], "Disabled");
    let answer = client.ok(AGGREGATION, &question_of_keys("Queues", &[&queue.key])).await;
    assert_eq!(answer["data"]["records"][0]["info"]["name"], "Support");
}

#[tokio::test]
async fn lists_have_pages_and_links() {
    let client = Client::new().await;
    let mut next = Some(format!("{EXTENSIONS}?type=User&perPage=10"));
    let mut names = Vec::new();
    let mut pages = 0;
    while let Some(path) = next {
        let (status, list) = get(&client, &path).await;
        assert_eq!(status, 200);
        pages += 1;
        assert_eq!(list["paging"]["page"], pages);
        assert_eq!(list["paging"]["totalPages"], 3);
        assert_eq!(list["navigation"].get("previousPage").is_some(), pages > 1);
        names.extend(texts(&list, "name").into_iter().map(str::to_owned));
        next = list["navigation"]["nextPage"]["uri"].as_str().map(str::to_owned);
    }
    let expected: Vec<_> =
        client.sandbox.directory().users().iter().map(|user| user.name.clone().unwrap()).collect();
    assert_eq!((pages, names), (3, expected));
    let (status, after) = get(&client, &format!("{SITES}?page=9")).await;
    assert_eq!((status, &after["records"]), (200, &json!([])));
    for query in
        ["page=0", "page=1001", "page=x", "page=-1", "perPage=0", "perPage=1001", "type=Alien"]
    {
        let (status, refusal) = get(&client, &format!("{EXTENSIONS}?{query}")).await;
        let name = query.split('=').next().unwrap();
        assert_eq!((status, &refusal["errorCode"]), (400, &json!("CMN-101")), "{query}");
        assert_eq!(refusal["errors"][0]["parameterName"], name);
    }
}

#[tokio::test]
async fn time_zones_have_the_names_that_reports_take() {
    let client = Client::new().await;
    let (_, first) = get(&client, &format!("{ZONES}?perPage=1000")).await;
    let names = texts(&first, "name");
    assert!(names.len() > 400 && names.is_sorted());
    let place = names.iter().position(|name| *name == "America/New_York").unwrap();
    let record = &first["records"][place];
    // In June.
    assert_eq!(record["bias"], "-240");
    let (status, same) = get(&client, record["uri"].as_str().unwrap()).await;
    assert_eq!((status, &same), (200, record));
    for id in ["0", "9999", "x", "%ff"] {
        let (status, refusal) = get(&client, &format!("{ZONES}/{id}")).await;
        assert_eq!((status, &refusal["errorCode"]), (404, &json!("CMN-102")), "{id}");
    }
}

#[tokio::test]
async fn lists_have_their_own_quotas_and_permission() {
    let client = Client::on(builder().limits(Limits::documented())).await;
    let directory = client.sandbox.directory();
    let (queue, site) = (&directory.queues()[0].key, &directory.sites()[0].key);
    for (path, group, limit) in [
        (EXTENSIONS, "medium", "40"),
        (QUEUES, "medium", "40"),
        (SITES, "light", "50"),
        (ZONES, "light", "50"),
        (ACCOUNT, "light", "50"),
        (MENUS, "medium", "40"),
        (&format!("{QUEUES}/{queue}"), "light", "50"),
        (&format!("{QUEUES}/{queue}/members"), "light", "50"),
        (&format!("{SITES}/{site}/members"), "medium", "40"),
        (&format!("{DEPARTMENT}/{queue}/members"), "light", "50"),
    ] {
        let url = format!("{}{path}", client.sandbox.url());
        let response = client.http.get(&url).bearer_auth(&client.token).send().await.unwrap();
        assert_eq!(response.headers()["x-rate-limit-group"], group, "{path}");
        assert_eq!(response.headers()["x-rate-limit-limit"], limit, "{path}");
        assert_eq!(client.http.get(&url).send().await.unwrap().status(), 401);
        assert_eq!(client.http.post(&url).send().await.unwrap().status(), 405);
    }
    let (status, _) = get(&client, &EXTENSIONS.replace('~', "42")).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn a_queue_has_its_settings_and_its_members() {
    let client = Client::new().await;
    let directory = client.sandbox.directory();
    let support = &directory.queues()[1];
    let (_, queue) = get(&client, &format!("{QUEUES}/{}", support.key)).await;
    assert_eq!((&queue["id"], &queue["name"]), (&json!(support.key), &json!("Support")));
    let settings = json!({
        "slaGoal": 90, "slaThresholdSeconds": 30, "includeAbandonedCalls": false,
        "abandonedThresholdSeconds": 0,
    });
    assert_eq!(queue["serviceLevelSettings"], settings);

    let members = format!("{QUEUES}/{}/members", support.key);
    let agents = directory.agents(&support.key);
    let numbers: Vec<_> =
        agents.iter().map(|agent| agent.extension_number.as_deref().unwrap()).collect();
    let (_, list) = get(&client, &members).await;
    assert_eq!(texts(&list, "extensionNumber"), numbers);
    assert_eq!(list["records"][0]["id"].to_string(), agents[0].key);
    assert_eq!(list["records"][0].get("name"), None);
    let (_, page) = get(&client, &format!("{members}?page=2&perPage=1")).await;
    assert_eq!(texts(&page, "extensionNumber"), [numbers[1]]);
    assert_eq!(page["paging"]["totalElements"], numbers.len());
    // What a queue was called first.
    let (_, list) = get(&client, &format!("{DEPARTMENT}/{}/members", support.key)).await;
    assert_eq!(texts(&list, "extensionNumber"), numbers);
    assert!(list["records"][0]["name"].is_string(), "{list}");
}

/// The users of a report on a queue's members are the members.
#[tokio::test]
async fn a_queue_s_members_are_those_of_its_calls() {
    let client = Client::new().await;
    let queue = &client.sandbox.directory().queues()[0].key;
    let (_, members) = get(&client, &format!("{QUEUES}/{queue}/members")).await;
    let members = members["records"].as_array().unwrap().iter();
    let members: Vec<_> = members.map(|member| member["id"].to_string()).collect();
    let mut question = question_of_keys("Queues", &[queue.as_str()]);
    question["grouping"] = json!({"groupByMembers": "Queue", "keys": [queue]});
    let (status, report) = client.fetch(AGGREGATION, &question).await;
    assert_eq!(status, 200, "{report}");
    let records = report["data"]["records"].as_array().unwrap();
    let mut keys: Vec<_> = records.iter().map(|it| it["key"].as_str().unwrap()).collect();
    keys.sort_unstable();
    assert_eq!(keys, members);
}

#[tokio::test]
async fn sites_and_departments_have_members() {
    let client = Client::new().await;
    let directory = client.sandbox.directory();
    let denver = &directory.sites()[1];
    let (_, list) = get(&client, &format!("{SITES}/{}/members", denver.key)).await;
    let records = list["records"].as_array().unwrap();
    let of_type = |name: &str| {
        let records = records.iter().filter(|record| record["type"] == name);
        records.map(|record| record["id"].to_string()).collect::<Vec<_>>()
    };
    let users: Vec<_> = directory.site_members(&denver.key).iter().map(|user| &user.key).collect();
    assert!(!users.is_empty());
    assert_eq!(of_type("User").iter().collect::<Vec<_>>(), users);
    let (_, queues) = get(&client, QUEUES).await;
    let queues = queues["records"].as_array().unwrap().iter();
    let queues = queues.filter(|queue| queue["site"]["id"] == denver.key.as_str());
    let queues: Vec<_> = queues.map(|queue| queue["id"].as_str().unwrap()).collect();
    assert_eq!(of_type("Department"), queues);

    let department = &directory.departments()[0];
    let (_, list) = get(&client, &format!("{DEPARTMENT}/{}/members", department.key)).await;
    let members = directory.department_members(&department.key);
    let names: Vec<_> = members.iter().map(|user| user.name.as_deref().unwrap()).collect();
    assert_eq!(texts(&list, "name"), names);
}

#[tokio::test]
async fn the_account_and_the_menus_are_single_things() {
    let client = Client::new().await;
    let directory = client.sandbox.directory();
    for path in
        [ACCOUNT.to_owned(), format!("{ACCOUNT}/"), ACCOUNT.replace('~', directory.account_id())]
    {
        let (status, account) = get(&client, &path).await;
        assert_eq!((status, account["id"].to_string().as_str()), (200, directory.account_id()));
        assert_eq!(account["regionalSettings"]["timezone"]["name"], directory.time_zone());
        assert_eq!(account["mainNumber"], directory.company_numbers()[0].key.as_str());
    }
    let (_, menus) = get(&client, MENUS).await;
    let expected: Vec<_> = directory.ivrs().iter().map(|menu| menu.key.as_str()).collect();
    assert_eq!(texts(&menus, "id"), expected);
}

#[tokio::test]
async fn what_is_no_id_is_not_found() {
    let client = Client::new().await;
    let directory = client.sandbox.directory();
    let (user, queue) = (&directory.users()[0].key, &directory.queues()[0].key);
    for (path, parameter) in [
        (format!("{QUEUES}/{user}"), "groupId"),
        (format!("{QUEUES}/{user}/members"), "groupId"),
        (format!("{QUEUES}/%ff/members"), "groupId"),
        (format!("{SITES}/{queue}/members"), "siteId"),
        (format!("{DEPARTMENT}/{user}/members"), "departmentId"),
    ] {
        let (status, refusal) = get(&client, &path).await;
        assert_eq!(status, 404, "{path}");
        if !path.contains('%') {
            assert_eq!(refusal["errorCode"], "CMN-102", "{path}");
            assert_eq!(refusal["errors"][0]["parameterName"], parameter, "{path}");
        }
        let of_another = path.replace('~', "42");
        assert_eq!(get(&client, &of_another).await.0, 404, "{of_another}");
    }
}

#[tokio::test]
async fn names_and_members_take_the_permission_to_read_accounts() {
    let app = App::confidential("reports", "secret").permissions(["Analytics"]);
    let mut client = Client::on(builder().app(app)).await;
    let form = [("grant_type", JWT_BEARER), ("assertion", client.sandbox.jwt())];
    let login = client.http.post(format!("{}{TOKEN}", client.sandbox.url())).form(&form);
    let login = login.basic_auth("reports", Some("secret")).send().await.unwrap();
    let token: Value = login.json().await.unwrap();
    client.token = token["access_token"].as_str().unwrap().to_owned();
    let queue = &client.sandbox.directory().queues()[0].key;
    for path in [ACCOUNT, MENUS, &format!("{QUEUES}/{queue}"), &format!("{QUEUES}/{queue}/members")]
    {
        let (status, refusal) = get(&client, path).await;
        assert_eq!((status, &refusal["errorCode"]), (403, &json!("CMN-401")), "{path}");
        assert_eq!(refusal["permissionName"], "ReadAccounts", "{path}");
    }
}

#[tokio::test]
async fn a_company_of_two_thousand_users_is_read_in_pages() {
    let client = Client::on(builder().users(2000).days(1).calls(1)).await;
    let directory = client.sandbox.directory();
    let mut keys = Vec::new();
    for page in 1..=3 {
        let path = format!("{EXTENSIONS}?type=User&perPage=1000&page={page}");
        let (_, list) = get(&client, &path).await;
        assert_eq!(list["paging"]["totalPages"], 2);
        let records = list["records"].as_array().unwrap();
        keys.extend(records.iter().map(|record| record["id"].to_string()));
    }
    let expected: Vec<_> = directory.users().iter().map(|user| user.key.as_str()).collect();
    assert_eq!(keys, expected);
    let mut at_sites = 0;
    for site in directory.sites() {
        let (_, list) = get(&client, &format!("{SITES}/{}/members", site.key)).await;
        let records = list["records"].as_array().unwrap();
        at_sites += records.iter().filter(|record| record["type"] == "User").count();
    }
    assert_eq!(at_sites, 2000);
}
