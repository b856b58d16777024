//! The spans of a request, its attempts, its waits and its logins, by
//! OpenTelemetry's names.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use callperf::{Api, Breakdown, Client, GroupBy, Period, Query, RetryPolicy};
use serde_json::json;
use tracing::{
    Level, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt as _},
    registry::LookupSpan,
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path_regex};

use crate::{
    secrets,
    support::{self, TOKEN_PATH},
};

/// A span with the span that it is in.
#[derive(Clone, Debug, Default)]
struct Seen {
    name: &'static str,
    parent: Option<&'static str>,
    fields: BTreeMap<&'static str, String>,
}

struct Fields<'a>(&'a mut BTreeMap<&'static str, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<(Id, Seen)>>>, Arc<Mutex<Vec<Event>>>);

/// What is reported beside the spans.
#[derive(Clone, Debug)]
struct Event {
    level: Level,
    fields: BTreeMap<&'static str, String>,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let name = attributes.metadata().name();
        if !name.starts_with("callperf.") {
            return;
        }
        let span = context.span(id).unwrap();
        let mut seen =
            Seen { name, parent: span.parent().map(|span| span.name()), ..Seen::default() };
        attributes.record(&mut Fields(&mut seen.fields));
        self.0.lock().unwrap().push((id.clone(), seen));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut spans = self.0.lock().unwrap();
        // An id is used again once its span is closed.
        if let Some((_, seen)) = spans.iter_mut().rfind(|(one, _)| one == id) {
            values.record(&mut Fields(&mut seen.fields));
        }
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target().starts_with("callperf") {
            let mut fields = BTreeMap::new();
            event.record(&mut Fields(&mut fields));
            self.1.lock().unwrap().push(Event { level: *event.metadata().level(), fields });
        }
    }
}

impl Spans {
    fn all(&self) -> Vec<Seen> {
        self.0.lock().unwrap().iter().map(|(_, seen)| seen.clone()).collect()
    }

    fn events(&self, level: Level) -> Vec<Event> {
        let all = self.1.lock().unwrap();
        all.iter().filter(|event| event.level == level).cloned().collect()
    }

    fn waits(&self) -> Vec<Seen> {
        self.all().into_iter().filter(|seen| seen.name == "callperf.wait").collect()
    }
}

/// Runs `work`, and returns its outcome and the spans.
async fn heard<T>(work: impl Future<Output = T>) -> (T, Spans) {
    let spans = Spans::default();
    secrets::hear_on_each_thread();
    // The test's runtime has one thread.
    let _guard =
        tracing::subscriber::set_default(tracing_subscriber::registry().with(spans.clone()));
    (work.await, spans)
}

fn query() -> Query {
    Query::new(GroupBy::queues(), Period::last_days(7), "UTC").calls(Breakdown::Total)
}

fn client(server: &MockServer) -> Client {
    let builder = support::builder(server, Api::CallsV1).retry(RetryPolicy::default());
    builder.build().unwrap()
}

fn limits(limit: u32, remaining: u32) -> ResponseTemplate {
    ResponseTemplate::new(200)
        .insert_header("X-Rate-Limit-Group", "light")
        .insert_header("X-Rate-Limit-Limit", limit.to_string())
        .insert_header("X-Rate-Limit-Remaining", remaining.to_string())
        .insert_header("X-Rate-Limit-Window", "2")
        .set_body_json(support::empty_answer(Api::CallsV1))
}

#[tokio::test]
async fn a_request_has_spans_of_its_login_and_its_attempts() {
    let server = support::server(limits(50, 49)).await;
    let failure = ResponseTemplate::new(503).insert_header("Retry-After", "0");
    Mock::given(path_regex("analytics"))
        .respond_with(failure)
        .up_to_n_times(1)
        .with_priority(1)
        .mount(&server)
        .await;
    let client = client(&server);
    let call = client.aggregate(&query());
    let (page, spans) = heard(call.page(1)).await;
    page.unwrap();
    let address = server.address();
    let shown: Vec<_> = spans
        .all()
        .into_iter()
        .map(|mut seen| {
            let port = seen.fields.get_mut("server.port");
            if let Some(port) = port.filter(|port| **port == address.port().to_string()) {
                "[port]".clone_into(port);
            }
            if let Some(seconds) = seen.fields.get_mut("callperf.wait.seconds") {
                assert!(seconds.parse::<f64>().unwrap() < 1.0);
                "[seconds]".clone_into(seconds);
            }
            json!({"name": seen.name, "in": seen.parent, "fields": seen.fields})
        })
        .collect();
    support::snapshots().bind(|| insta::assert_json_snapshot!("spans", shown));
}

#[tokio::test]
async fn the_span_of_any_request_has_its_route() {
    let server = support::server(limits(50, 49)).await;
    let client = client(&server);
    let path = "/restapi/v1.0/account/62264425/extension/101";
    let query = [("secret", "marked-parameter")];
    let (outcome, spans) = heard(client.send(path, &query, Some(&json!({})))).await;
    outcome.unwrap();
    let request = spans.all().into_iter().find(|seen| seen.name == "callperf.request").unwrap();
    assert_eq!(request.fields["url.template"], "\"/restapi/v1.0/account/*/extension/*\"");
    assert_eq!(request.fields["callperf.operation"], "\"send\"");
    assert!(!format!("{:?}", spans.all()).contains("marked"), "no ids, no parameters");
}

/// The reason and the seconds of a wait.
fn wait(seen: &Seen) -> (&str, f64) {
    let reason = seen.fields["callperf.wait.reason"].trim_matches('"');
    (reason, seen.fields["callperf.wait.seconds"].parse().unwrap())
}

#[tokio::test]
async fn a_wait_for_the_quota_has_a_span() {
    let server = support::server(limits(1, 0)).await;
    let client = client(&server);
    client.aggregate(&query()).page(1).await.unwrap();
    let call = client.aggregate(&query());
    let (page, spans) = heard(call.page(1)).await;
    page.unwrap();
    let waits = spans.waits();
    let [seen] = &waits[..] else { panic!("{waits:?}") };
    assert_eq!(seen.parent, Some("callperf.request"));
    let (reason, seconds) = wait(seen);
    assert_eq!(reason, "quota");
    assert!(seconds > 0.0, "{seconds}");
    // The window is longer than a second.
    let events = spans.events(Level::INFO);
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!(event.fields["callperf.wait.reason"], "\"quota\"");
}

#[tokio::test]
async fn a_retry_is_reported() {
    let server = support::server(limits(50, 49)).await;
    let failure = ResponseTemplate::new(502).insert_header("Retry-After", "0");
    Mock::given(path_regex("analytics"))
        .respond_with(failure)
        .up_to_n_times(1)
        .with_priority(1)
        .mount(&server)
        .await;
    let client = client(&server);
    let call = client.aggregate(&query());
    let (page, spans) = heard(call.page(1)).await;
    page.unwrap();
    let events = spans.events(Level::WARN);
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!(event.fields["http.response.status_code"], "502");
    assert_eq!(event.fields["message"], "attempt 1 failed; the next one begins in 0.0 s");
}

#[tokio::test]
async fn a_wait_for_anothers_login_has_a_span_even_if_given_up() {
    let server = support::server(limits(50, 49)).await;
    let token = json!({"access_token": "token", "token_type": "bearer", "expires_in": 3600});
    let slow = ResponseTemplate::new(200).set_body_json(token).set_delay(Duration::from_secs(30));
    Mock::given(wiremock::matchers::path(TOKEN_PATH))
        .respond_with(slow)
        .with_priority(1)
        .mount(&server)
        .await;
    let client = client(&server);
    let patience = Duration::from_millis(200);
    let (one, other) = (client.aggregate(&query()), client.aggregate(&query()));
    let both = async { tokio::join!(one.page(1), other.page(1)) };
    let (outcome, spans) = heard(tokio::time::timeout(patience, both)).await;
    outcome.unwrap_err();
    let waits = spans.waits();
    let [seen] = &waits[..] else { panic!("{waits:?}") };
    let (reason, seconds) = wait(seen);
    assert_eq!(reason, "login");
    assert!(seconds > 0.0 && seconds < 20.0, "{seconds}");
}

#[tokio::test]
async fn a_wait_for_a_place_has_a_span() {
    let answer = limits(50, 40).set_delay(Duration::from_millis(200));
    let server = support::server(limits(50, 40)).await;
    let client = support::builder(&server, Api::CallsV1).concurrency(1).build().unwrap();
    client.aggregate(&query()).page(1).await.unwrap();
    Mock::given(path_regex("analytics")).respond_with(answer).with_priority(1).mount(&server).await;
    let (one, other) = (client.aggregate(&query()), client.aggregate(&query()));
    let both = async { tokio::join!(one.page(1), other.page(1)) };
    let ((one, other), spans) = heard(both).await;
    one.unwrap();
    other.unwrap();
    let waits = spans.waits();
    let [seen] = &waits[..] else { panic!("{waits:?}") };
    assert_eq!(wait(seen).0, "concurrency");
}
