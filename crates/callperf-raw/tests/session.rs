//! What a session adds to a request and what it lets through of a response, on the wire.

use std::error::Error as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

use callperf_raw::calls_v1::{Client, types};
use callperf_raw::{
    BodyCopy, BodyTooLarge, Bounds, Error, Exchange, Meter, ResponseValue, Session,
};
use futures_util::future::BoxFuture;
use reqwest::header::{HeaderMap, HeaderValue};

const TOKEN: &str = "Bearer top-secret";

/// Answers one request with `response`, and gives the head and body of the request.
fn serve(response: String) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut request = String::new();
        while !request.ends_with("\r\n\r\n") {
            reader.read_line(&mut request).unwrap();
        }
        let length = request.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |text| text.parse().unwrap())];
        reader.read_exact(&mut body).unwrap();
        stream.write_all(response.as_bytes()).unwrap();
        request + &String::from_utf8(body).unwrap()
    });
    (url, server)
}

fn json(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nx-request-id: r1\r\nconnection: close\r\n\r\n{body}"
    )
}

async fn fetch(
    url: &str,
    session: Session,
) -> Result<ResponseValue<types::AggregationResponse>, Error> {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let client = Client::new_with_client(url, http, session);
    let body = types::AggregationRequest {
        grouping: Some(types::Grouping {
            group_by: Some("Tomorrow".to_owned()),
            ..Default::default()
        }),
        ..Default::default()
    };
    client.analytics_calls_aggregation_fetch("~", Some(2), None, &body).await
}

fn can_be_spawned<F: Future + Send>(future: F) -> F {
    future
}

#[tokio::test]
async fn the_bytes_of_a_response_are_copied_as_they_came() {
    let copy = BodyCopy::default();
    let session = Session::new(1000).with_copy(copy.clone());
    for body in ["{ \"data\": null }", "{}"] {
        let (url, server) = serve(json("200 OK", body));
        fetch(&url, session.clone()).await.unwrap();
        server.join().unwrap();
    }
    assert_eq!(copy.take(), b"{}", "of the last response alone");
    assert!(copy.take().is_empty());
}

#[tokio::test]
async fn a_session_goes_along_and_the_api_version_does_not() {
    let (url, server) = serve(json("200 OK", "{}"));
    let mut headers = HeaderMap::new();
    headers.insert("x-user-agent", HeaderValue::from_static("callperf"));
    let session = Session::new(1000)
        .with_authorization(HeaderValue::from_static(TOKEN))
        .with_headers(headers)
        .with_query(vec![("new filter".to_owned(), "a&b".to_owned())]);
    assert!(!format!("{session:?}").contains("secret"));
    can_be_spawned(fetch(&url, session)).await.unwrap();
    let request = server.join().unwrap();
    let line = "POST /analytics/calls/v1/accounts/~/aggregation/fetch?page=2&new+filter=a%26b HTTP/1.1\r\n";
    assert!(request.starts_with(line), "{request}");
    assert!(request.contains("\r\nauthorization: Bearer top-secret\r\n"), "{request}");
    assert!(request.contains("\r\nx-user-agent: callperf\r\n"), "{request}");
    assert!(!request.contains("api-version"), "{request}");
    assert!(request.ends_with(r#"{"grouping":{"groupBy":"Tomorrow"}}"#), "{request}");
}

#[tokio::test]
async fn what_the_specification_does_not_know_is_kept() {
    let body = r#"{"data":{"groupedBy":"Tomorrow","records":[{"key":"1","counters":{
        "allCalls":{"valueType":"Instances","values":9007199254740993},
        "callsByMood":{"values":{"good":1}}},"timers":null,"later":[1.5]}]},"paging":null}"#;
    let (url, server) = serve(json("200 OK", body));
    let response = fetch(&url, Session::new(1000)).await.unwrap();
    server.join().unwrap();
    assert_eq!(response.headers()["x-request-id"], "r1");
    let data = response.into_inner().data.unwrap();
    let record = &data.records.unwrap()[0];
    let counters = record.counters.as_ref().unwrap();
    let total = counters.all_calls.as_ref().unwrap().values.as_ref().unwrap();
    assert_eq!(total.to_string(), "9007199254740993");
    assert_eq!(counters.extra["callsByMood"]["values"]["good"], 1);
    assert_eq!(record.extra["later"][0], 1.5);
}

#[tokio::test]
async fn a_failure_arrives_unread_with_status_and_headers() {
    let body = r#"{"errors":[{"errorCode":"CMN-101"}]}"#;
    let (url, server) = serve(json("400 Bad Request", body));
    let error = fetch(&url, Session::new(1000)).await.unwrap_err();
    server.join().unwrap();
    let Error::UnexpectedResponse(response) = error else {
        panic!("{error}");
    };
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["x-request-id"], "r1");
    assert_eq!(response.text().await.unwrap(), body);
}

/// With its length announced, and in chunks that do not say how many will come.
#[tokio::test]
async fn a_body_beyond_the_limit_is_not_read() {
    let chunk = format!("8\r\n{:8}\r\n", "{}");
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    let chunked = format!("{chunked}{chunk}{chunk}0\r\n\r\n");
    for response in [json("200 OK", &format!("{:16}", "{}")), chunked] {
        let (url, server) = serve(response);
        let error = fetch(&url, Session::new(15)).await.unwrap_err();
        server.join().unwrap();
        let Error::ResponseBodyError(error) = error else {
            panic!("{error}");
        };
        let mut chain = std::iter::successors(error.source(), |&error| error.source());
        let found = chain.find_map(|error| error.downcast_ref::<BodyTooLarge>());
        assert_eq!(found, Some(&BodyTooLarge::Bytes(15)), "{error:?}");
    }
    let (url, server) = serve(json("200 OK", &format!("{:16}", "{}")));
    fetch(&url, Session::new(16)).await.unwrap();
    server.join().unwrap();
}

#[test]
fn values_are_counted_over_all_parts() {
    let mut meter = Meter::new(Bounds { bytes: 1000, values: 21 });
    // Two objects, a list, two commas; another two.
    meter.count(br#"{"a": [1, 2], "b": {"#).unwrap();
    meter.count(b"1, 1,").unwrap();
    assert_eq!(meter.count(b","), Err(BodyTooLarge::Values(21)));
    let mut meter = Meter::new(Bounds { bytes: 3, values: 21 });
    meter.count(b"12").unwrap();
    assert_eq!(meter.count(b"34"), Err(BodyTooLarge::Bytes(3)));
}

/// Counts what goes through it.
#[derive(Default)]
struct Counting(std::sync::atomic::AtomicU32);

impl Exchange for Counting {
    fn exchange<'a>(
        &'a self,
        http: &'a reqwest::Client,
        request: reqwest::Request,
    ) -> BoxFuture<'a, reqwest::Result<reqwest::Response>> {
        Box::pin(async move {
            let response = http.execute(request).await?;
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Ok(response)
        })
    }
}

#[tokio::test]
async fn an_exchange_carries_the_request_and_the_limit_stays() {
    let counting = std::sync::Arc::new(Counting::default());
    let (url, server) = serve(json("200 OK", &format!("{{\"padding\": \"{}\"}}", "x".repeat(99))));
    let session = Session::new(50).with_exchange(counting.clone());
    let error = fetch(&url, session).await.unwrap_err();
    assert!(error.source().is_some(), "{error}");
    server.join().unwrap();
    assert_eq!(counting.0.load(std::sync::atomic::Ordering::Relaxed), 1);
}

/// A list is sent as its parameter repeated, which is how OpenAPI's `explode` has it.
#[tokio::test]
async fn a_list_in_a_query_is_its_parameter_repeated() {
    use callperf_raw::directory::{Client, types};

    let body =
        r#"{"records":[{"id":1503200033,"type":"Department","status":"Enabled","later":1}]}"#;
    let (url, server) = serve(json("200 OK", body));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let client = Client::new_with_client(&url, http, Session::new(1000));
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let (statuses, types) = (words(&["Enabled", "Tomorrow"]), words(&["Department"]));
    let list = client.list_extensions("~", None, Some(2), None, Some(&statuses), Some(&types));
    let list: types::GetExtensionListResponse = list.await.unwrap().into_inner();
    let request = server.join().unwrap();
    let path = "/restapi/v1.0/account/~/extension";
    let query = "page=2&status=Enabled&status=Tomorrow&type=Department";
    assert!(request.starts_with(&format!("GET {path}?{query} HTTP/1.1\r\n")), "{request}");
    let [record] = list.records.as_deref().unwrap() else { panic!("{list:?}") };
    assert_eq!(record.id.as_ref().unwrap().to_string(), "1503200033");
    assert_eq!(record.extra["later"], 1);
}
