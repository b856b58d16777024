//! Everything that the client logs, at the finest level, holds no secret.

use std::{
    io,
    sync::{Arc, Mutex},
};

use callperf::{Api, Breakdown, GroupBy, Period, Query, RetryPolicy};
use serde_json::json;
use tracing_subscriber::{filter::LevelFilter, fmt::MakeWriter};
use wiremock::ResponseTemplate;

use crate::support::{self, SECRETS};

/// The Basic authorization of the tests' application.
const BASIC: &str = "Y2xpZW50Om1hcmtlZC1zZWNyZXQ=";

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn answers(api: Api) -> Vec<ResponseTemplate> {
    let errors = |code: &str| json!({"errors": [{"errorCode": code, "message": "no"}]});
    let mut answers: Vec<_> = [400, 401, 403, 404, 429, 500, 502, 503]
        .into_iter()
        .map(|status| ResponseTemplate::new(status).insert_header("Retry-After", "0"))
        .collect();
    answers.push(ResponseTemplate::new(401).set_body_json(errors("OAU-128")));
    answers.push(ResponseTemplate::new(200).set_body_json(support::empty_answer(api)));
    answers.push(ResponseTemplate::new(200).set_body_string("<html>"));
    answers
}

#[tokio::test]
async fn no_secret_is_logged_at_any_level() {
    let captured = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(captured.clone())
        .finish();
    // As long as there is one subscriber only, a span that another test's thread
    // meets first is switched off for all.
    let _other = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    // The test's runtime has one thread, where the HTTP client's tasks run as well.
    let _guard = tracing::subscriber::set_default(subscriber);
    // What libraries say through `log` is heard, too.
    tracing_log::LogTracer::init().unwrap();
    let query = Query::new(GroupBy::users(), Period::last_days(1), "UTC").calls(Breakdown::Total);
    for api in [Api::Beta, Api::CallsV1] {
        for answer in answers(api) {
            let server = support::server(answer).await;
            let policy = RetryPolicy::default().attempts(2);
            let client = support::builder(&server, api).retry(policy).build().unwrap();
            let outcome = client.aggregate(&query).page(1).await;
            tracing::info!(?client, ?outcome, "what a program may log");
        }
    }
    let text = String::from_utf8_lossy(&captured.0.lock().unwrap()).into_owned();
    for expected in ["callperf.request", "http.request.resend_count", "http.response.status_code"] {
        assert!(text.contains(expected), "{expected}: the test hears what it should");
    }
    for secret in SECRETS.into_iter().chain([BASIC]) {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None);
    }
}
