//! The sandbox's own address.

use callperf_sandbox::{Fault, Faults, Limits};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{AGGREGATION, Client, builder, everything};

async fn controlled() -> Client {
    Client::on(builder().control(true).limits(Limits::documented())).await
}

/// The status and the text of what comes back.
async fn call(client: &Client, method: Method, path: &str, body: &str) -> (u16, String) {
    let url = format!("{}/sandbox{path}", client.sandbox.url());
    let response = client.http.request(method, url).body(body.to_owned()).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn get(client: &Client, path: &str) -> Value {
    let (status, text) = call(client, Method::GET, path, "").await;
    assert_eq!(status, 200, "{path}: {text}");
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn it_is_not_there_unless_it_is_asked_for() {
    let client = Client::new().await;
    for path in ["", "/state", "/requests", "/reset"] {
        let (status, text) = call(&client, Method::GET, path, "").await;
        assert!(status == 404 && text.contains("CMN-120"), "{path}: {text}");
    }
}

#[tokio::test]
async fn what_was_asked_can_be_followed() {
    let client = controlled().await;
    let mut wrong = everything("Users");
    wrong["grouping"] = json!({"groupBy": "Planets"});
    client.fetch(AGGREGATION, &wrong).await;
    let requests = get(&client, "/requests").await;
    // The requests about the sandbox itself aren't among them.
    assert_eq!(requests.as_array().unwrap().len(), 2);
    assert_eq!((&requests[1]["status"], &requests[1]["number"]), (&json!(400), &json!(2)));
    let reason = requests[1]["refused"][0].as_str().unwrap();
    assert!(reason.contains("[grouping.groupBy]") && reason.contains("Queues"), "{reason}");
    let mut odd = everything("Users");
    odd["grouping"]["groupByMember"] = json!("Queue");
    client.ok(AGGREGATION, &odd).await;
    let later = get(&client, "/requests?after=2").await;
    let remark = later[0]["remarks"][0].as_str().unwrap();
    assert!(remark.contains("groupByMember") && remark.contains("groupByMembers"), "{remark}");
    assert_eq!((later.as_array().unwrap().len(), &later[0]["number"]), (1, &json!(3)));
    assert_eq!(call(&client, Method::DELETE, "/requests", "").await.0, 200);
    assert_eq!(get(&client, "/requests").await, json!([]));
}

#[tokio::test]
async fn quotas_limits_and_the_clock_can_be_changed() {
    let client = controlled().await;
    let quota = r#"{"group": "light", "requests": 49}"#;
    assert_eq!(call(&client, Method::POST, "/quota", quota).await.0, 200);
    client.ok(AGGREGATION, &everything("Company")).await;
    let (status, _) = client.send(AGGREGATION, String::new()).await;
    assert_eq!(status, 429);
    let state = get(&client, "/state").await;
    let light = state["quotas"].as_array().unwrap().iter().find(|quota| quota["group"] == "light");
    let light = light.unwrap();
    assert_eq!((&light["remaining"], &light["limit"]), (&json!(0), &json!(50)));
    assert_eq!(light["clientId"], client.sandbox.client_id());
    assert_eq!(light["user"], client.sandbox.directory().users()[0].key);
    assert!(light["refusedFor"].as_u64().unwrap() > 55);
    let (status, now) = call(&client, Method::POST, "/clock", r#"{"advance": "1h 1m"}"#).await;
    assert_eq!((status, now.as_str()), (200, r#"{"now":"2025-06-02T01:01:00Z"}"#));
    // The token has grown old as well.
    assert_eq!(client.send(AGGREGATION, String::new()).await.0, 401);
    let limits = r#"{"limits": "light=7/3s/3s"}"#;
    assert_eq!(call(&client, Method::PUT, "/limits", limits).await.0, 200);
    assert_eq!(get(&client, "/limits").await["limits"], "light=7/3s/3s");
    assert_eq!(call(&client, Method::DELETE, "/quota", "").await.0, 200);
    assert_eq!(get(&client, "/quota").await, json!([]));
}

#[tokio::test]
async fn faults_are_a_script() {
    let client = controlled().await;
    let (status, script) = call(&client, Method::PUT, "/faults", "quota\nhtml:502 times=2\n").await;
    assert_eq!(
        (status, script.as_str()),
        (200, "quota on=reports times=1\nhtml:502 on=reports times=2\n")
    );
    assert_eq!(client.sandbox.faults(), script.parse::<Faults>().unwrap());
    assert_eq!(call(&client, Method::GET, "/faults", "").await, (200, script));
    for status in [429, 502, 502, 400] {
        assert_eq!(client.send(AGGREGATION, "{}".to_owned()).await.0, status);
    }
    client.sandbox.set_faults(Fault::Quota);
    assert_eq!(call(&client, Method::DELETE, "/faults", "").await.0, 200);
    assert_eq!(client.sandbox.faults(), Faults::none());
    // The sandbox's own answers are not among those that go wrong.
    client.sandbox.set_faults("html:502 on=any times=always".parse::<Faults>().unwrap());
    assert_eq!(get(&client, "/state").await["sessions"], 1);
    assert_eq!(call(&client, Method::POST, "/reset", "").await.0, 200);
    let state = get(&client, "/state").await;
    assert_eq!((&state["sessions"], &state["faults"]), (&json!(0), &json!("")));
}

#[tokio::test]
async fn nonsense_is_refused_with_what_is_expected() {
    let client = controlled().await;
    let (status, text) = call(&client, Method::PATCH, "/clock", "").await;
    assert!(status == 405 && text.contains("CMN-104"), "{text}");
    let (status, text) = call(&client, Method::PUT, "/faults", r#"{"faults": "quota"}"#).await;
    assert!(status == 400 && text.contains("one fault per line"), "{text}");
    for (method, path, body, message) in [
        (
            Method::PUT,
            "/faults",
            "quotta",
            "line 1: there is no fault `quotta`; did you mean `quota`?",
        ),
        (Method::PUT, "/limits", r#"{"limits": "much"}"#, "light=50/60s/60s"),
        (Method::PUT, "/limits", "light=1/1s/1s", r#"{\"limits\""#),
        (Method::POST, "/clock", r#"{"advance": "-1h"}"#, "clocks don't go back"),
        (Method::POST, "/quota", r#"{"group": "heavier", "requests": 1}"#, "light, medium"),
        (
            Method::POST,
            "/quota",
            r#"{"group": "light", "requests": 1, "clientId": "x"}"#,
            "no such app",
        ),
    ] {
        let (status, text) = call(&client, method, path, body).await;
        assert_eq!(status, 400, "{path}");
        assert!(text.contains("errorCode") && text.contains(message), "{path}: {text}");
    }
    assert_eq!(call(&client, Method::POST, "/state", "").await.0, 405);
}

#[tokio::test]
async fn only_this_machine_s_own_page_gets_through() {
    let client = controlled().await;
    let port = client.sandbox.port();
    let cases = [
        (None, None, 200),
        (Some(format!("localhost:{port}")), None, 200),
        (Some("evil.example:80".to_owned()), None, 403),
        (None, Some(client.sandbox.url().to_owned()), 200),
        (None, Some("http://evil.example".to_owned()), 403),
        (None, Some("null".to_owned()), 403),
        (None, Some(format!("https://127.0.0.1:{port}")), 403),
    ];
    for (host, origin, status) in cases {
        let mut request = client.http.get(format!("{}/sandbox/state", client.sandbox.url()));
        if let Some(host) = &host {
            request = request.header("host", host);
        }
        if let Some(origin) = &origin {
            request = request.header("origin", origin);
        }
        assert_eq!(request.send().await.unwrap().status(), status, "{host:?} {origin:?}");
    }
}

#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere() {
    let client = controlled().await;
    let url = format!("{}/sandbox", client.sandbox.url());
    let response = client.http.get(url).send().await.unwrap();
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; connect-src 'self';"), "{policy}");
    assert!(policy.contains("script-src 'sha256-"), "{policy}");
    let page = response.text().await.unwrap();
    for foreign in ["http://", "https://", "src=", "@import", "url(", "innerHTML", "eval("] {
        assert!(!page.contains(foreign), "{foreign}");
    }
}
