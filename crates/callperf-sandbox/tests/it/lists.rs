//! The lists of names and keys, in the shapes of the platform's document of
//! 2025-03-11, whose interface is in `fixtures`.

use callperf_sandbox::Limits;
use serde_json::{Value, json};

use crate::client::{AGGREGATION, Client, builder, question_of_keys};
use crate::document::package;

const EXTENSIONS: &str = "/restapi/v1.0/account/~/extension";
const QUEUES: &str = "/restapi/v1.0/account/~/call-queues";
const SITES: &str = "/restapi/v1.0/account/~/sites";
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
        check(path, &body);
    }
    (status, body)
}

fn check(path: &str, body: &Value) {
    let schema = if path.contains("/extension") {
        "GetExtensionListResponse"
    } else if path.contains("/call-queues") {
        "CallQueueList"
    } else if path.contains("/sites") {
        "SitesList"
    } else if path.contains("timezone/") {
        "GetTimezoneInfoResponse"
    } else {
        "GetTimezoneListResponse"
    };
    let file = package().join("tests/fixtures/platform-2025-03-11.json");
    let mut document: Value =
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    // The document gives the id of an extension's site the format of an address, and calls it an identifier.
    let site = &mut document["definitions"]["ProvisioningSiteInfo"]["properties"]["id"];
    assert_eq!(site.as_object_mut().unwrap().remove("format"), Some(json!("uri")));
    document["$schema"] = json!("http://json-schema.org/draft-04/schema#");
    document["allOf"] = json!([{"$ref": format!("#/definitions/{schema}")}]);
    let validator = jsonschema::options().build(&document).unwrap();
    let errors: Vec<_> = validator.iter_errors(body).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{path}: {errors:#?}\n{body}");
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
        "slaThresholdSeconds": 30, "includeAbandonedCalls": false, "abandonedThresholdSeconds": 0,
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
    for query in ["page=0", "page=x", "page=-1", "perPage=0", "perPage=1001", "type=Alien"] {
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
    for (path, group, limit) in [
        (EXTENSIONS, "medium", "40"),
        (QUEUES, "medium", "40"),
        (SITES, "light", "50"),
        (ZONES, "light", "50"),
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
