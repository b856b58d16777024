//! What becomes of refusals, and what is shown of them.

use serde_json::json;

use super::*;
use crate::words::token_state::TokenState;

#[test]
fn each_status_has_its_kind() {
    let kind = |status: u16| {
        of_status(
            StatusCode::from_u16(status).unwrap(),
            &HeaderMap::new(),
            b"",
            &[],
            Timestamp::UNIX_EPOCH,
        )
        .kind()
    };
    let cases = [
        (301, ErrorKind::Answer),
        (400, ErrorKind::Refused),
        (401, ErrorKind::Authentication),
        (403, ErrorKind::Permission),
        (404, ErrorKind::Refused),
        (408, ErrorKind::Deadline),
        (429, ErrorKind::Quota),
        (500, ErrorKind::Server),
        (501, ErrorKind::Refused),
        (503, ErrorKind::Server),
    ];
    for (status, expected) in cases {
        assert_eq!(kind(status), expected, "{status}");
    }
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
    let wait = |text: &'static str| {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
        retry_after(&headers, now).map(|wait| wait.as_secs())
    };
    assert_eq!(wait("60"), Some(60));
    assert_eq!(wait("Tue, 24 Nov 2026 12:00:30 GMT"), Some(30));
    assert_eq!(wait("Tue, 24 Nov 2026 11:00:00 GMT"), Some(0));
    assert_eq!(wait("soon"), None);
}

#[test]
fn a_date_is_read_by_the_servers_clock() {
    let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
    // An hour ahead of this machine, and an hour behind.
    for hour in ["13", "11"] {
        let at = |minute| format!("Tue, 24 Nov 2026 {hour}:{minute}:00 GMT").parse().unwrap();
        let headers = HeaderMap::from_iter([(DATE, at("00")), (RETRY_AFTER, at("01"))]);
        assert_eq!(retry_after(&headers, now), Some(Duration::from_mins(1)), "{hour}");
    }
}

#[test]
fn an_oauth_error_keeps_its_code() {
    let listed = json!({"error": "invalid_grant", "errors": [{"errorCode": "OAU-210", "message": "Token expired"}]});
    assert_eq!(oauth_errors(&listed)[0].code, "OAU-210");
    let plain = json!({"error": "invalid_client", "error_description": "no such client"});
    assert_eq!(oauth_errors(&plain)[0].code, "invalid_client");
    assert!(oauth_errors(&Json::Null).is_empty());
}

#[test]
fn a_code_says_what_to_do() {
    assert!(ADVICE.is_sorted_by(|(one, _), (other, _)| one < other));
    let error = |code: &str| ApiError::list(&json!({"errorCode": code}));
    assert_eq!(advice(&error("OAU-146")), Some(WRONG_CLIENT));
    assert_eq!(advice(&error("OAU-999")), None);
}

#[test]
fn a_code_of_reports_says_what_to_do() {
    let message = |status: u16, code: &str| {
        let body = json!({"errors": [{"errorCode": code}]}).to_string();
        let status = StatusCode::from_u16(status).unwrap();
        let (headers, now) = (HeaderMap::new(), Timestamp::UNIX_EPOCH);
        of_status(status, &headers, body.as_bytes(), &[], now).to_string()
    };
    let of_account = message(403, "ANL-102");
    assert!(of_account.contains("leave ClientBuilder::account out"), "{of_account}");
    assert!(!of_account.contains(NO_PERMISSION), "{of_account}");
    assert!(message(403, "CMN-401").contains(NO_PERMISSION));
    for (code, to_do) in REMEDIES {
        assert!(message(400, code).contains(to_do), "{code}");
    }
    let unknown = message(400, "ANL-999");
    assert!(unknown.starts_with("the API refused the request (HTTP 400)"), "{unknown}");
}

#[test]
fn a_refused_application_ends_no_session() {
    let ends = |code: &str| refuses_grant(&ApiError::list(&json!({"errorCode": code})));
    assert!(ends("OAU-210"));
    assert!(ends("OAU-251"));
    assert!(!ends("OAU-146"));
    assert!(!ends("invalid_client"));
}

#[test]
fn what_is_shown_has_no_secret_and_what_is_decided_has_all() {
    let body = json!({
        "errorCode": "OAU-129", "message": "s3/cret", "parameterName": "s3%2Fcret",
        "s3/cret": [{"a": "s3&#x2F;cret"}, 1129, true, null],
    });
    let body = body.to_string();
    let error = of_status(
        StatusCode::UNAUTHORIZED,
        &HeaderMap::new(),
        body.as_bytes(),
        &["s3/cret", "129"],
        Timestamp::UNIX_EPOCH,
    );
    assert_eq!(error.token_state(), TokenState::Dead);
    assert!(error.to_string().contains(MANGLED), "{error}");
    let shown = &error.api_errors()[0];
    // A code that has the form of one stays: it decides what is done.
    assert_eq!(shown.code, "OAU-129");
    assert_eq!(shown.message, "[redacted]");
    assert_eq!(shown.parameter.as_deref(), Some("[redacted]"));
    let expected = json!([{"a": "[redacted]"}, "1[redacted]", true, null]);
    assert_eq!(shown.fields["[redacted]"], expected);
}

#[test]
fn a_body_that_is_no_error_list_is_kept_as_an_excerpt() {
    let error = of_status(
        StatusCode::BAD_GATEWAY,
        &HeaderMap::new(),
        b"<html>proxy</html>",
        &[],
        Timestamp::UNIX_EPOCH,
    );
    assert_eq!(error.body_excerpt(), Some("<html>proxy</html>"));
    assert!(error.api_errors().is_empty());
}
