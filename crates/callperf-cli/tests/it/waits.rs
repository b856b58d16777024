//! What a command says on standard error while it waits.

use std::process::{Command, Output};

use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path_regex},
};

/// A server whose quota is used up once, for two seconds.
async fn server() -> MockServer {
    let server = MockServer::start().await;
    let token = json!({"access_token": "a", "token_type": "bearer", "expires_in": 3600});
    let answer = json!({"data": {"groupedBy": "Company", "records": []}});
    let busy = ResponseTemplate::new(429).insert_header("Retry-After", "2");
    for (place, response, times, priority) in [
        ("/oauth/token", ResponseTemplate::new(200).set_body_json(token), None, 1),
        ("analytics", busy, Some(1), 2),
        ("analytics", ResponseTemplate::new(200).set_body_json(answer), None, 3),
    ] {
        let mock = Mock::given(method("POST")).and(path_regex(place)).respond_with(response);
        let mock = mock.with_priority(priority);
        match times {
            Some(times) => mock.up_to_n_times(times).mount(&server).await,
            None => mock.mount(&server).await,
        }
    }
    server
}

async fn report(server: &MockServer, options: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callperf"));
    command.args("report --group-by company --calls total --last 1d --format json".split(' '));
    command.args(options.split_whitespace());
    for (name, value) in [
        ("RC_SERVER_URL", &*server.uri()),
        ("RC_APP_CLIENT_ID", "id"),
        ("RC_APP_CLIENT_SECRET", "secret"),
        ("RC_USER_JWT", "jwt"),
        ("XDG_CONFIG_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/nothing")),
        ("XDG_STATE_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/nothing")),
        ("NO_PROXY", "*"),
    ] {
        command.env(name, value);
    }
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_and_a_retry_are_said_beside_the_data() {
    let output = report(&server().await, "").await;
    let said = text(output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains(
            "callperf: attempt 1 found the quota used up; the next one begins in 2.0 s\n"
        ),
        "{said}"
    );
    assert!(said.contains("callperf: a request waits: "), "{said}");
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document.is_object());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_of_waits_where_nothing_is_wanted() {
    for options in ["--quiet", "--json-errors"] {
        let output = report(&server().await, options).await;
        assert_eq!((text(output.stderr), output.status.success()), (String::new(), true));
    }
}
