//! `doctor --drift`: silent where all names are known, and a report without data where not.

use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_partial_json, path_regex},
};

use crate::support::{Home, Served, outcome};

fn drift(home: &Home, variables: &[(String, String)], api: &str) -> (i32, String, String) {
    let mut command = home.command(&format!("doctor --drift --attempts 1 --api {api}"));
    outcome(&command.envs(variables.to_vec()).output().unwrap())
}

#[test]
fn an_api_whose_names_are_known_is_silent() {
    let home = Home::new();
    let served = Served::start(&home, "--seed 7");
    for api in ["calls-v1", "beta"] {
        assert_eq!(
            drift(&home, &served.variables, api),
            (0, String::new(), String::new()),
            "{api}"
        );
    }
}

#[test]
fn a_server_whose_clock_stands_elsewhere_has_lost_no_name() {
    let home = Home::new();
    let served = Served::start(&home, "--seed 7 --now 2025-06-02T00:00:00Z");
    let (code, data, said) = drift(&home, &served.variables, "calls-v1");
    assert_eq!((code, data.as_str()), (5, ""), "{said}");
    assert!(said.contains("ANL-302"), "{said}");
}

#[test]
fn an_api_that_lost_a_breakdown_is_reported() {
    let home = Home::new();
    let served = Served::start(&home, "--seed 7 --revision calls-v1@2022-09-29");
    let (code, data, said) = drift(&home, &served.variables, "calls-v1");
    insta::assert_snapshot!(format!("exit {code}\n{data}{said}"));
}

/// A response of tomorrow, with what could be a company's own data beside the new names.
fn tomorrow() -> serde_json::Value {
    let number = json!({"valueType": "Instances", "values": 7});
    let counters = json!({
        "allCalls": number,
        "callsByMood": {"valueType": "Instances", "values": {"happy": 3, "1503200033": 4}},
        "callsByDirection": {"valueType": "Fortnights", "values": {"inbound": 3, "sideways": 4}},
        "Ann Lee": number,
        "note": "Ann Lee's calls",
    });
    json!({
        "data": {"groupedBy": "Moods", "records": [{
            "key": "1503200033",
            "info": {"name": "Ann Lee", "nickname": "Annie", "extensionNumber": "101"},
            "counters": counters,
            "+12125550100": {"private": true},
            "isArchived": false,
        }]},
        "paging": {"page": 1, "perPage": 1, "totalPages": 1, "totalElements": 1, "cursor": "x"},
    })
}

#[test]
fn new_names_are_reported_without_any_data() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let server = runtime.block_on(async {
        let server = MockServer::start().await;
        let token =
            json!({"access_token": "secret-token", "token_type": "bearer", "expires_in": 3600});
        let refusal = json!({"errors": [{
            "errorCode": "CMN-101", "message": "Ann Lee is invalid",
            "parameterName": "grouping.groupBy", "parameterValue": "1503200033",
        }]});
        let ivrs = Mock::given(path_regex("fetch"))
            .and(body_partial_json(json!({"grouping": {"groupBy": "IVRs"}})))
            .respond_with(ResponseTemplate::new(400).set_body_json(refusal));
        ivrs.mount(&server).await;
        for (path, body) in [("oauth/token", token), ("aggregation/fetch", tomorrow())] {
            let answer = ResponseTemplate::new(200).set_body_json(body);
            Mock::given(path_regex(path)).respond_with(answer).mount(&server).await;
        }
        let empty = json!({"data": {"groupedBy": "Users", "records": []}});
        let answer = ResponseTemplate::new(200).set_body_json(empty);
        Mock::given(path_regex("timeline/fetch")).respond_with(answer).mount(&server).await;
        server
    });
    let home = Home::new();
    let variables = [
        ("RC_SERVER_URL", server.uri()),
        ("RC_APP_CLIENT_ID", "app".to_owned()),
        ("RC_APP_CLIENT_SECRET", "secret".to_owned()),
        ("RC_USER_JWT", "jwt".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let (code, data, said) = drift(&home, &variables, "calls-v1");
    for mine in ["1503200033", "Ann", "Annie", "12125550100", "101)", "secret", "jwt"] {
        assert!(!data.contains(mine) && !said.contains(mine), "{mine} is in\n{data}{said}");
    }
    insta::assert_snapshot!(format!("exit {code}\n{data}{said}"));
}
