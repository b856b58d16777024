//! The fault table: what a server or a network can do to a request, and what
//! the client makes of it. A row is a fault; the harness asks of every row that
//! it ends in time, tells no secret, gives no wrong number, and that the same
//! client works again when the fault is over.
//!
//! Each row has a runtime of its own, so that one can skip a penalty
//! without the clocks of the others jumping.

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use callperf::{
    Api, Breakdown, Client, ClientBuilder, Credentials, Error, ErrorKind, GroupBy, Notice, Period,
    Query, RetryPolicy,
};
use serde_json::{Value as Json, json};
use tokio::{
    net::TcpSocket,
    time::{sleep, timeout},
};

use crate::{
    secrets::{self, Captured},
    support::{NOW, SECRETS, TOKEN_PATH},
    theatre::{self, HTML, JSON, PAGE, Play, Step, gzip, http, ok, raw, refusal, send, then},
};
use ErrorKind::{Answer, Authentication, Deadline, Network, Permission, Quota, Refused, Server};
use Step::{Close, Drip, Flood, Hang, Reset, Send};

/// The longest that a row may take: more than any timeout or wait in it.
const LIMIT: Duration = Duration::from_secs(4);
/// The client's timeout in rows that are about it.
const SHORT: Duration = Duration::from_millis(400);
/// The client's timeout in all others, so that a busy machine is no fault.
const LONG: Duration = Duration::from_secs(3);
/// Rows under way at once. Their waits overlap, their work shouldn't much.
const WORKERS: usize = 8;

/// An answer in chunks.
fn chunked(body: &str, end: &str) -> Vec<u8> {
    let (one, other) = body.split_at(body.len() / 2);
    let chunks = format!("{:x}\r\n{one}\r\n{:x}\r\n{other}\r\n{end}", one.len(), other.len());
    raw(&["HTTP/1.1 200 OK", JSON, "Transfer-Encoding: chunked"], chunks)
}

fn quota(headers: &[&str]) -> Play {
    refusal("429 Too Many Requests", "CMN-301", headers)
}

/// The headers of a group that has so much left.
fn limits(remaining: &str) -> [&str; 4] {
    ["X-Rate-Limit-Group: light", "X-Rate-Limit-Limit: 50", remaining, "X-Rate-Limit-Window: 60"]
}

/// Keys and totals, as they are asserted.
type Totals = Vec<(String, Option<String>)>;

/// The numbers of a good answer.
const GOOD: [(&str, u64); 2] = [("7001", 1234), ("7002", 0)];

fn totals(of: &[(&str, u64)]) -> Totals {
    of.iter().map(|(key, total)| ((*key).to_owned(), Some(total.to_string()))).collect()
}

fn counted(api: Api, total: &Json) -> Json {
    match api {
        Api::Beta => json!({"counters": {"totalCalls": total}}),
        _ => json!({"counters": {"allCalls": {"valueType": "Instances", "values": total}}}),
    }
}

/// One page of so many, with these records.
fn page_of(api: Api, records: &[(&str, Json)], page: u32, pages: u32) -> Json {
    let paging =
        json!({"page": page, "perPage": 2, "totalPages": pages, "totalElements": 2 * pages});
    let counted = records.iter().map(|(key, total)| (*key, counted(api, total)));
    if api == Api::Beta {
        let data: BTreeMap<_, _> = counted.collect();
        return json!({"data": data, "paging": paging});
    }
    let with_key = counted.map(|(key, mut json)| {
        json["key"] = key.into();
        json
    });
    let records: Vec<_> = with_key.collect();
    json!({"data": {"groupedBy": "Queues", "records": records}, "paging": paging})
}

fn page_with(api: Api, records: &[(&str, Json)]) -> Json {
    page_of(api, records, 1, 1)
}

fn good_records() -> [(&'static str, Json); 2] {
    GOOD.map(|(key, total)| (key, total.into()))
}

/// The text of the good answer.
fn good(api: Api) -> String {
    page_with(api, &good_records()).to_string()
}

/// An answer that is as good, and must never be taken for it.
fn wrong(api: Api) -> String {
    page_with(api, &[("7001", 666.into()), ("7002", 667.into())]).to_string()
}

/// The good answer with one of its totals replaced by a text, JSON or not.
fn with_total(api: Api, text: &str) -> String {
    good(api).replace("1234", text)
}

/// The good answer with something more at its top.
fn with_field(api: Api, text: &str) -> String {
    good(api).replacen('{', &format!("{{{text},"), 1)
}

fn other(api: Api) -> Api {
    if api == Api::Beta { Api::CallsV1 } else { Api::Beta }
}

fn nested(levels: usize) -> String {
    format!("{}{}", "[".repeat(levels), "]".repeat(levels))
}

/// The good answer with so many megabytes more.
fn large(api: Api, megabytes: usize) -> String {
    with_field(api, &format!(r#""padding": "{}""#, "x".repeat(megabytes << 20)))
}

fn token() -> String {
    json!({"access_token": SECRETS[2], "token_type": "bearer", "expires_in": 3600}).to_string()
}

/// What the caller sees.
#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    /// These numbers, and so many notices of what is wrong with them.
    Numbers(Totals, usize),
    /// A failure, with the status and the number of attempts that it tells.
    Fails(ErrorKind, Option<u16>, u32),
}

struct Fault {
    name: String,
    /// What is done about the first logins; the last is done again and again.
    logins: Vec<Play>,
    /// The same for the requests.
    answers: Vec<Play>,
    expected: Outcome,
    /// How many logins and requests the server gets.
    seen: (usize, usize),
    client: fn(ClientBuilder) -> ClientBuilder,
    /// The seconds during which nothing may be sent afterwards.
    penalty: Option<u64>,
    /// How long the client is left alone before it must work again.
    rest: Duration,
    /// Whether no server listens.
    is_refused: bool,
}

/// A fault of the answers, which come one after the other.
fn row<const N: usize>(name: &str, answers: [Play; N], expected: Outcome) -> Fault {
    Fault {
        name: name.to_owned(),
        logins: Vec::new(),
        answers: answers.into(),
        expected,
        seen: (1, 1),
        client: |builder| builder,
        penalty: None,
        // It notices what came of a connection that it would use again.
        rest: Duration::from_millis(20),
        is_refused: false,
    }
}

/// A fault of the logins.
fn login<const N: usize>(name: &str, logins: [Play; N], expected: Outcome) -> Fault {
    let requests = usize::from(matches!(expected, Outcome::Numbers(..)));
    let fault = row(&format!("login: {name}"), [], expected);
    Fault { logins: logins.into(), seen: (1, requests), ..fault }
}

impl Fault {
    fn seen(self, logins: usize, requests: usize) -> Self {
        Self { seen: (logins, requests), ..self }
    }

    fn client(self, client: fn(ClientBuilder) -> ClientBuilder) -> Self {
        Self { client, ..self }
    }

    fn impatient(self) -> Self {
        self.client(|builder| builder.timeout(SHORT))
    }

    /// The policy's deadline comes long before the client's timeout.
    fn hurried(self) -> Self {
        self.client(|builder| {
            builder.timeout(10 * LIMIT).retry(RetryPolicy::default().deadline(SHORT))
        })
    }

    /// Hurried, but for a login that may run on without its caller: a token can
    /// be had only once. It ends with the client's timeout.
    fn outlived(self) -> Self {
        let fault = self.client(|builder| {
            builder.timeout(SHORT * 3 / 2).retry(RetryPolicy::default().deadline(SHORT))
        });
        Self { rest: 2 * SHORT, ..fault }
    }

    /// At most a megabyte of an answer is read.
    fn frugal(self) -> Self {
        self.client(|builder| builder.max_body_bytes(1 << 20))
    }

    fn persistent(self) -> Self {
        self.client(|builder| builder.retry(RetryPolicy::default().attempts(3)))
    }

    fn penalty(self, seconds: u64) -> Self {
        Self { penalty: Some(seconds), ..self }
    }
}

fn passes() -> Outcome {
    Outcome::Numbers(totals(&GOOD), 0)
}

/// Fails at the first attempt, without an answer that has a status.
fn breaks(kind: ErrorKind) -> Outcome {
    Outcome::Fails(kind, None, 1)
}

/// Fails at the first attempt with this status.
fn fails(kind: ErrorKind, status: u16) -> Outcome {
    Outcome::Fails(kind, Some(status), 1)
}

/// The answer has a status that none should have.
fn fails_with(status: u16) -> Outcome {
    fails(Answer, status)
}

/// The policy's deadline is over during the first attempt.
fn gives_up() -> Outcome {
    Outcome::Fails(Deadline, None, 1)
}

/// An answer arrived with 200 and makes no sense.
fn is_nonsense() -> Outcome {
    Outcome::Fails(Answer, Some(200), 1)
}

/// The other total is left, and a notice reports the bad record.
fn loses_a_record() -> Outcome {
    Outcome::Numbers(totals(&GOOD[1..]), 1)
}

/// The good numbers with another for the first key.
fn first_total(total: Option<&str>) -> Outcome {
    let mut numbers = totals(&GOOD);
    numbers[0].1 = total.map(ToOwned::to_owned);
    Outcome::Numbers(numbers, 0)
}

fn connections(api: Api) -> Vec<Fault> {
    let whole = raw(&["HTTP/1.1 200 OK", JSON, "Content-Length: 900"], "");
    let half = [&whole[..], &good(api).as_bytes()[..40]].concat();
    let answer = ok_bytes(&good(api));
    let nothing = [&whole[..20], &whole[..], &half[..]];
    let [head, headers, body] = nothing.map(<[u8]>::to_vec);
    vec![
        Fault { is_refused: true, ..row("refused", [], breaks(Network)).seen(0, 0) },
        row("reset before the headers", [vec![Reset]], breaks(Network)),
        row("reset inside the headers", [then(send(head.clone()), Reset)], breaks(Network)),
        row("reset after the headers", [then(send(headers.clone()), Reset)], breaks(Network)),
        row("reset in mid-body", [then(send(body.clone()), Reset)], breaks(Network)),
        row("closed before the headers", [vec![Close]], breaks(Network)),
        row("closed inside the headers", [then(send(head.clone()), Close)], breaks(Network)),
        row("closed after the headers", [then(send(headers.clone()), Close)], breaks(Network)),
        row("closed in mid-body", [then(send(body.clone()), Close)], breaks(Network)),
        row("never answering", [vec![Hang]], breaks(Deadline)).impatient(),
        row("stalls inside the headers", [then(send(head), Hang)], breaks(Deadline)).impatient(),
        row("stalls after the headers", [then(send(headers.clone()), Hang)], breaks(Deadline))
            .impatient(),
        row("stalls in mid-body", [then(send(body), Hang)], breaks(Deadline)).impatient(),
        row("slow headers", [vec![Drip(headers.clone())]], breaks(Deadline)).impatient(),
        row("slow body", [then(send(headers), Drip(good(api).into()))], breaks(Deadline))
            .impatient(),
        row("never answering within the policy's deadline", [vec![Hang]], gives_up()).hurried(),
        row("slow body within the policy's deadline", [vec![Drip(answer)]], gives_up()).hurried(),
        row("reset once, and tried again", [vec![Reset], ok(good(api))], passes())
            .persistent()
            .seen(1, 2),
    ]
}

fn framing(api: Api) -> Vec<Fault> {
    let good = good(api);
    let length = |bytes: usize| format!("Content-Length: {bytes}");
    let answer = |headers: &[&str]| raw(&[&["HTTP/1.1 200 OK", JSON], headers].concat(), &good);
    let (long, exact, short) = (length(good.len() + 9), length(good.len()), length(good.len() - 9));
    let whole = raw(&["HTTP/1.1 200 OK", JSON, &exact], &good);
    let after = |before: &[u8]| send([before, &whole].concat());
    let padded = |bytes: usize| format!("X-Padding: {}", "x".repeat(bytes));
    let many = "X-Header: 1\r\n".repeat(200);
    vec![
        row("a length too long", [then(send(answer(&[&long])), Close)], breaks(Network)),
        row("a length too long, waiting", [send(answer(&[&long]))], breaks(Deadline)).impatient(),
        row("a length too short", [send(answer(&[&short]))], is_nonsense()),
        row(
            "a length that is no number",
            [send(answer(&["Content-Length: many"]))],
            breaks(Network),
        ),
        row("a negative length", [send(answer(&["Content-Length: -1"]))], breaks(Network)),
        row("two lengths", [send(answer(&[&exact, &short]))], breaks(Network)),
        row("in chunks", [send(chunked(&good, "0\r\n\r\n"))], passes()),
        row("a broken chunk", [send(chunked(&good, "zz\r\nno\r\n"))], breaks(Network)),
        row("a chunk too few", [then(send(chunked(&good, "")), Close)], breaks(Network)),
        row(
            "a huge chunk",
            [then(send(chunked(&good, "fffffffffffffffff\r\n")), Close)],
            breaks(Network),
        ),
        row(
            "HTTP/1.0, ended by closing",
            [then(send(raw(&["HTTP/1.0 200 OK", JSON], &good)), Close)],
            passes(),
        ),
        row(
            "closed politely",
            [then(send(answer(&[&exact, "Connection: close"])), Close)],
            passes(),
        ),
        row("100 before the answer", [after(b"HTTP/1.1 100 Continue\r\n\r\n")], passes()),
        row(
            "103 before the answer",
            [after(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")],
            passes(),
        ),
        // The second must not become the answer to the next request.
        row("two answers", [send([&whole[..], &ok_bytes(&wrong(api))].concat())], passes()),
        row("a header of 100 kB", [http("200 OK", &[JSON, &padded(100_000)], &good)], passes()),
        row(
            "a header of 1 MB",
            [http("200 OK", &[JSON, &padded(1 << 20)], &good)],
            breaks(Network),
        ),
        row("200 headers", [http("200 OK", &[JSON, many.trim_end()], &good)], breaks(Network)),
        // A peer that speaks another protocol isn't the server: it wasn't reached.
        row("a nonsense status line", [send("HTTP/1.1 fine thanks\r\n\r\n")], breaks(Network)),
        row("not HTTP", [then(send("SSH-2.0-OpenSSH_9.9\r\n"), Close)], breaks(Network)),
        row("HTTP/2 unasked", [send([0, 0, 0, 4, 0, 0, 0, 0, 0])], breaks(Network)),
        row("status 99", [http("099 Odd", &[JSON], &good)], breaks(Network)),
        row("status 999", [http("999 Odd", &[JSON], &good)], fails(Answer, 999)),
        row(
            "another protocol",
            [send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")],
            fails(Answer, 101),
        ),
    ]
}

fn ok_bytes(body: &str) -> Vec<u8> {
    raw(&["HTTP/1.1 200 OK", JSON, &format!("Content-Length: {}", body.len())], body)
}

fn bodies(api: Api) -> Vec<Fault> {
    let good = good(api);
    let zipped = gzip(&good);
    let as_gzip = |body: &[u8]| http("200 OK", &[JSON, "Content-Encoding: gzip"], body);
    let mut not_utf8 = good.clone().into_bytes();
    not_utf8[good.find("7001").unwrap()] = 0xff;
    let deep = format!(r#""tomorrow": {}"#, nested(10_000));
    vec![
        row("HTML", [http("200 OK", &[HTML], PAGE)], is_nonsense()),
        row("HTML that says it is JSON", [ok(PAGE)], is_nonsense()),
        row("an empty body", [ok("")], is_nonsense()),
        row("204", [send("HTTP/1.1 204 No Content\r\n\r\n")], fails(Answer, 204)),
        row("206", [http("206 Partial Content", &[JSON], &good)], fails(Answer, 206)),
        row("JSON cut short", [ok(&good[..good.len() / 2])], is_nonsense()),
        row("JSON and something more", [ok(format!("{good}{good}"))], is_nonsense()),
        row("null", [ok("null")], is_nonsense()),
        row("a list", [ok("[]")], is_nonsense()),
        row("an empty object", [ok("{}")], is_nonsense()),
        row(
            "an error with 200",
            [ok(r#"{"errorCode": "CMN-101", "message": "no"}"#)],
            is_nonsense(),
        ),
        row("another api's answer", [ok(self::good(other(api)))], is_nonsense()),
        row(
            "another content type",
            [http("200 OK", &["Content-Type: text/plain"], &good)],
            passes(),
        ),
        row("no content type", [http("200 OK", &[], &good)], passes()),
        row("gzip", [as_gzip(&zipped)], passes()),
        // As any answer that is cut short: it may be better the next time.
        row("gzip cut short", [as_gzip(&zipped[..zipped.len() / 2])], breaks(Network)),
        row("gzip that is none", [as_gzip(good.as_bytes())], breaks(Network)),
        row("a gzip bomb", [as_gzip(&gzip(vec![b' '; 20 << 20]))], breaks(Answer)).frugal(),
        row("large", [ok(large(api, 5))], passes()),
        row("too large", [ok(large(api, 5))], breaks(Answer)).frugal(),
        row("too large in chunks", [send(chunked(&large(api, 5), "0\r\n\r\n"))], breaks(Answer))
            .frugal(),
        // Fails at once: there is no need to wait for what isn't wanted.
        row(
            "50 MB announced",
            [send(raw(&["HTTP/1.1 200 OK", JSON, "Content-Length: 50000000"], "{"))],
            breaks(Answer),
        )
        .frugal(),
        row(
            "50 MB",
            [vec![Send(raw(&["HTTP/1.1 200 OK", JSON], "{")), Flood(50), Close]],
            breaks(Answer),
        )
        .frugal(),
        row("not UTF-8", [ok(not_utf8)], is_nonsense()),
        row(
            "UTF-16",
            [ok(good.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>())],
            is_nonsense(),
        ),
        row("nested deeply", [ok(with_field(api, &deep))], is_nonsense()),
        row("a byte order mark", [ok(format!("\u{feff}{good}"))], passes()),
        row("nothing but brackets", [ok("[".repeat(100_000))], is_nonsense()),
    ]
}

fn values(api: Api) -> Vec<Fault> {
    let with = |text: &str| [ok(with_total(api, text))];
    let becomes = |text: &str| first_total(Some(text));
    let unknown =
        [r#""tomorrow": {"a": [1, null, "x"]}"#.to_owned(), r#""paging2": 3"#.to_owned()].join(",");
    let same = good(api);
    vec![
        row("unknown fields", [ok(with_field(api, &unknown))], passes()),
        row(
            "unknown fields beside a number",
            [ok(good(api).replacen(
                r#""counters":{"#,
                r#""mood":"good","counters":{"callsByMood":{"x":1},"#,
                1,
            ))],
            passes(),
        ),
        row("an unknown unit", [ok(good(api).replace("Instances", "Dozens"))], passes()),
        row("an unknown grouping", [ok(good(api).replace("Queues", "Planets"))], passes()),
        row("a null number", with("null"), loses_a_record()),
        row("NaN as a string", with("\"NaN\""), loses_a_record()),
        row("a number as a string", with("\"1234\""), loses_a_record()),
        row("a list for a number", with("[1234]"), loses_a_record()),
        row("NaN", with("NaN"), is_nonsense()),
        row("Infinity", with("-Infinity"), is_nonsense()),
        row("a number with a sign", with("+1234"), is_nonsense()),
        row("a number with a comma", with("1,234"), is_nonsense()),
        row("a whole float", with("1234.0"), passes()),
        row("the largest number", with("18446744073709551615"), becomes("18446744073709551615")),
        row("a fraction", with("1234.5"), becomes("1234.5")),
        row("a negative number", with("-1234"), becomes("-1234")),
        // The parser gives up, so the whole page is lost with it.
        row("a number beyond all floats", with("1e400"), is_nonsense()),
        row("everything twice", [ok(with_field(api, &same[1..same.len() - 1]))], passes()),
        row(
            "paging of strings",
            [ok(good(api).replace(r#""totalPages":1"#, r#""totalPages":"1""#))],
            is_nonsense(),
        ),
    ]
}

fn statuses(elsewhere: SocketAddr) -> Vec<Fault> {
    let location = format!("Location: http://{elsewhere}/restapi/v1.0");
    let redirect = |status: &str| [http(status, &[&location], "")];
    let refused = |status: &str| [refusal(status, "CMN-101", &[])];
    vec![
        row("301 to another host", redirect("301 Moved Permanently"), fails(Answer, 301)),
        row("302 to another host", redirect("302 Found"), fails(Answer, 302)),
        row("303 to another host", redirect("303 See Other"), fails(Answer, 303)),
        row("307 to another host", redirect("307 Temporary Redirect"), fails(Answer, 307)),
        row("308 to another host", redirect("308 Permanent Redirect"), fails(Answer, 308)),
        row("304", [send("HTTP/1.1 304 Not Modified\r\n\r\n")], fails(Answer, 304)),
        row("400", refused("400 Bad Request"), fails(Refused, 400)),
        row(
            "400 nested deeply",
            [http("400 Bad Request", &[JSON], nested(10_000))],
            fails(Refused, 400),
        ),
        row(
            "403 with a permission",
            [refusal("403 Forbidden", "CMN-401", &[])],
            fails(Permission, 403),
        ),
        row("403 without", [http("403 Forbidden", &[HTML], PAGE)], fails(Permission, 403)),
        row("404", refused("404 Not Found"), fails(Refused, 404)),
        row("405", [http("405 Method Not Allowed", &["Allow: GET"], "")], fails(Refused, 405)),
        row("407", [http("407 Proxy Authentication Required", &[HTML], PAGE)], fails(Refused, 407)),
        row("408", refused("408 Request Timeout"), fails(Deadline, 408)),
        row("413", refused("413 Payload Too Large"), fails(Refused, 413)),
        row("500", refused("500 Internal Server Error"), fails(Server, 500)),
        row("501", refused("501 Not Implemented"), fails(Refused, 501)),
        row("502 with HTML", [http("502 Bad Gateway", &[HTML], PAGE)], fails(Server, 502)),
        row("503", [http("503 Service Unavailable", &[], "")], fails(Server, 503)),
        row("504", [http("504 Gateway Timeout", &[HTML], PAGE)], fails(Server, 504)),
        row("520", [http("520 Unknown", &[HTML], PAGE)], fails(Server, 520)),
    ]
}

fn again(api: Api) -> Vec<Fault> {
    let now = "Retry-After: 0";
    let retried = |name: &str, failure: Play| {
        row(name, [failure, ok(good(api))], passes()).persistent().seen(1, 2)
    };
    let future = "Retry-After: Fri, 01 Jan 2100 00:00:00 GMT";
    let past = "Retry-After: Fri, 01 Jan 2010 00:00:00 GMT";
    let expired = || refusal("401 Unauthorized", "OAU-128", &[]);
    let unavailable = |when| refusal("503 Service Unavailable", "CMN-201", &[when]);
    vec![
        retried("408, then good", refusal("408 Request Timeout", "CMN-101", &[now])),
        retried("500, then good", refusal("500 Internal Server Error", "CMN-203", &[now])),
        retried("502, then good", http("502 Bad Gateway", &[HTML, now], PAGE)),
        retried("503 until a date in the past", unavailable(past)),
        retried("504, then good", http("504 Gateway Timeout", &[now], "")),
        // An hour and more ahead of this machine, and behind.
        retried(
            "503 by a clock that is ahead",
            unavailable(
                "Date: Fri, 01 Jan 2100 00:00:00 GMT\r\nRetry-After: Fri, 01 Jan 2100 00:00:00 GMT",
            ),
        ),
        row(
            "503 by a clock that is behind",
            [unavailable(
                "Date: Fri, 01 Jan 2010 00:00:00 GMT\r\nRetry-After: Fri, 01 Jan 2010 01:00:00 GMT",
            )],
            fails(Server, 503),
        )
        .persistent(),
        row("503 until a date in the far future", [unavailable(future)], fails(Server, 503))
            .persistent(),
        row(
            "500 for ever",
            [refusal("500 Internal Server Error", "CMN-203", &[now])],
            Outcome::Fails(Server, Some(500), 3),
        )
        .persistent()
        .seen(1, 3),
        row(
            "400 isn't tried again",
            [refusal("400 Bad Request", "CMN-101", &[now])],
            fails(Refused, 400),
        )
        .persistent(),
        row("HTML isn't tried again", [http("200 OK", &[HTML, now], PAGE)], is_nonsense())
            .persistent(),
        row("401 expired", [expired(), ok(good(api))], passes()).seen(2, 2),
        row("401 expired for ever", [expired()], Outcome::Fails(Authentication, Some(401), 2))
            .seen(2, 2),
        row(
            "401 expired, then 500",
            [expired(), refusal("500 Oh", "CMN-203", &[now]), ok(good(api))],
            passes(),
        )
        .persistent()
        .seen(2, 3),
        row(
            "401 revoked",
            [refusal("401 Unauthorized", "OAU-129", &[])],
            Outcome::Fails(Authentication, Some(401), 2),
        )
        .seen(2, 2),
        row(
            "401 without a reason",
            [http("401 Unauthorized", &[], "")],
            fails(Authentication, 401),
        ),
    ]
}

fn quotas(api: Api) -> Vec<Fault> {
    let (left, spent) = ("X-Rate-Limit-Remaining: 50", "X-Rate-Limit-Remaining: 0");
    let minute = "Retry-After: 60";
    let with = |headers: &[&str]| [quota(headers)];
    let fails = || fails(Quota, 429);
    let page =
        |number: u32, records: &[(&str, Json)]| ok(page_of(api, records, number, 3).to_string());
    let now = [&limits(spent)[..], &["Retry-After: 0"]].concat();
    // What the head says of the quota is kept, even if the rest of the answer fails.
    let last = [&limits(spent)[..], &[JSON]].concat();
    let cut = raw(&[&["HTTP/1.1 200 OK", "Content-Length: 900"], &last[..]].concat(), "{");
    vec![
        row("HTML with the last of the quota", [http("200 OK", &last, PAGE)], is_nonsense())
            .penalty(60),
        row(
            "another api's answer with it",
            [http("200 OK", &last, self::good(other(api)))],
            is_nonsense(),
        )
        .penalty(60),
        row("a body cut short with it", [then(send(cut.clone()), Close)], breaks(Network))
            .penalty(60),
        row("a body that stalls with it", [then(send(cut.clone()), Hang)], breaks(Deadline))
            .impatient()
            .penalty(60),
        row("a body that outlasts the deadline with it", [then(send(cut), Hang)], gives_up())
            .hurried()
            .penalty(60),
        row("a body too large with it", [http("200 OK", &last, large(api, 2))], breaks(Answer))
            .frugal()
            .penalty(60),
        row(
            "bad gzip with it",
            [http("200 OK", &[&last[..], &["Content-Encoding: gzip"]].concat(), "{}")],
            breaks(Network),
        )
        .penalty(60),
        row("204 with it", [http("204 No Content", &last, "")], fails_with(204)).penalty(60),
        row("a redirect with it", [http("302 Found", &last, "")], fails_with(302)).penalty(60),
        row(
            "403 with it",
            [refusal("403 Forbidden", "CMN-401", &limits(spent))],
            self::fails(Permission, 403),
        )
        .penalty(60),
        row(
            "500 with it",
            [refusal("500 Oh", "CMN-203", &limits(spent))],
            self::fails(Server, 500),
        )
        .penalty(60),
        row("429", with(&[&limits(spent)[..], &[minute]].concat()), fails()).penalty(60),
        row("429 that lies", with(&[&limits(left)[..], &[minute]].concat()), fails()).penalty(60),
        row("429 without Retry-After", with(&limits(left)), fails()).penalty(30),
        row("429 without any header", with(&[]), fails()).penalty(30),
        row("429 with HTML", [http("429 Too Many", &[HTML], PAGE)], fails()).penalty(30),
        row("429 with words", with(&["Retry-After: soon"]), fails()).penalty(30),
        row("429 with a negative wait", with(&["Retry-After: -5"]), fails()).penalty(30),
        row("429 with an endless wait", with(&["Retry-After: 18446744073709551615"]), fails())
            .persistent()
            .penalty(3600),
        row("429, then good", [quota(&["Retry-After: 0"]), ok(good(api))], passes())
            .persistent()
            .seen(1, 2),
        row("429 for ever", with(&["Retry-After: 0"]), Outcome::Fails(Quota, Some(429), 3))
            .persistent()
            .seen(1, 3),
        row(
            "the last of the quota",
            [http("200 OK", &[&limits(spent)[..], &[JSON]].concat(), good(api))],
            passes(),
        )
        .penalty(60),
        row(
            "429 in the middle of paging",
            [
                page(1, &[("1", 10.into()), ("2", 20.into())]),
                quota(&now[4..]),
                page(2, &[("3", 30.into()), ("4", 40.into())]),
                page(3, &[("5", 50.into()), ("6", 60.into())]),
            ],
            Outcome::Numbers(
                totals(&[("1", 10), ("2", 20), ("3", 30), ("4", 40), ("5", 50), ("6", 60)]),
                0,
            ),
        )
        .persistent()
        .seen(1, 4),
    ]
}

/// Inconsistent pages: reported or refused, and no record given twice.
fn pages(api: Api) -> Vec<Fault> {
    let twice = good(api).replace("7002", "7001");
    // The beta's map has lost one when it is parsed, so the notice only says that
    // one is missing; a list shows which came twice, too.
    let kept = match api {
        Api::Beta => Outcome::Numbers(totals(&[("7001", 0)]), 1),
        _ => Outcome::Numbers(totals(&[("7001", 1234)]), 2),
    };
    let page = |number: u32, pages: u32, records: &[(&str, u64)]| {
        let records: Vec<_> = records.iter().map(|(key, total)| (*key, json!(total))).collect();
        ok(page_of(api, &records, number, pages).to_string())
    };
    let of_two = |number, records: &[(&str, u64)]| page(number, 2, records);
    let (one, two, other) =
        ([("1", 10), ("2", 20)], [("3", 30), ("4", 40)], [("2", 21), ("3", 30)]);
    let all = totals(&[one, two].concat());
    vec![
        row("a key twice", [ok(twice)], kept),
        row("another page", [page(7, 1, &GOOD)], Outcome::Numbers(totals(&GOOD), 1)),
        row("two pages", [of_two(1, &one), of_two(2, &two)], Outcome::Numbers(all.clone(), 0))
            .seen(1, 2),
        // That it came twice, and that one is missing.
        row(
            "a key of the page before",
            [of_two(1, &one), of_two(2, &other)],
            Outcome::Numbers(totals(&[one[0], one[1], two[0]]), 2),
        )
        .seen(1, 2),
        // Of both others: that they are page 1, and have nothing new; and what is missing.
        row("the same page thrice", [page(1, 3, &one)], Outcome::Numbers(totals(&one), 5))
            .seen(1, 3),
        row("the same page for ever", [page(1, 300, &one)], Outcome::Fails(Answer, None, 0))
            .seen(1, 6),
        row(
            "an empty page in the middle",
            [page(1, 3, &one), page(2, 3, &[]), page(3, 3, &two)],
            Outcome::Numbers(all.clone(), 2),
        )
        .seen(1, 3),
        row(
            "HTML for the second page",
            [of_two(1, &one), http("200 OK", &[HTML], PAGE)],
            is_nonsense(),
        )
        .seen(1, 2),
        row(
            "fewer pages than announced",
            [of_two(1, &one), page(2, 1, &two)],
            Outcome::Numbers(all, 2),
        )
        .seen(1, 2),
    ]
}

fn logins(elsewhere: SocketAddr) -> Vec<Fault> {
    let location = format!("Location: http://{elsewhere}/");
    let refused = |status: &str, error: &str, code: &str| {
        let entry = json!({"errorCode": code, "message": "no"});
        let body = json!({"error": error, "error_description": "no", "errors": [entry]});
        [http(status, &[JSON], body.to_string())]
    };
    let is_no_token = || breaks(Answer);
    let with = |token: &str| {
        [ok(format!(r#"{{"access_token": {token}, "token_type": "bearer", "expires_in": 3600}}"#))]
    };
    let unavailable = |wait: &str| http("503 Service Unavailable", &[wait], "");
    vec![
        login("reset", [vec![Reset]], breaks(Network)),
        login(
            "closed in mid-body",
            [then(send(raw(&["HTTP/1.1 200 OK", "Content-Length: 999"], token())), Close)],
            breaks(Network),
        ),
        login("never answering", [vec![Hang]], breaks(Deadline)).impatient(),
        login("never answering within the policy's deadline", [vec![Hang]], gives_up()).outlived(),
        login("slow", [vec![Drip(ok_bytes(&token()))]], breaks(Deadline)).impatient(),
        login("500", [http("500 Oh", &[HTML], PAGE)], fails(Server, 500)),
        login("503, then good", [unavailable("Retry-After: 0"), ok(token())], passes())
            .persistent()
            .seen(2, 1),
        login(
            "503 for ever",
            [unavailable("Retry-After: 0")],
            Outcome::Fails(Server, Some(503), 3),
        )
        .persistent()
        .seen(3, 0),
        login("404", [http("404 Not Found", &[HTML], PAGE)], fails(Refused, 404)),
        login(
            "307 to another host",
            [http("307 Temporary Redirect", &[&location], "")],
            fails(Answer, 307),
        ),
        login(
            "invalid_grant",
            refused("400 Bad Request", "invalid_grant", "OAU-210"),
            fails(Authentication, 400),
        )
        .persistent(),
        login(
            "invalid_client",
            refused("401 Unauthorized", "invalid_client", "OAU-123"),
            fails(Authentication, 401),
        )
        .persistent(),
        login("403", [http("403 Forbidden", &[HTML], PAGE)], fails(Authentication, 403)),
        login("HTML", [http("200 OK", &[HTML], PAGE)], is_no_token()),
        login("empty", [ok("")], is_no_token()),
        login("cut short", [ok(&token()[..40])], is_no_token()),
        login("a token with a line break", with(r#""marked-token\r\nX-Evil: 1""#), is_no_token()),
        login("a token that is null", with("null"), is_no_token()),
        login(
            "a lifetime of words",
            [ok(token().replace("3600", "\"marked-token\""))],
            is_no_token(),
        ),
        login("a negative lifetime", [ok(token().replace("3600", "-1"))], is_no_token()),
        login("nested deeply", [ok(nested(10_000))], is_no_token()),
        login("too large", [ok("x".repeat(2 << 20))], is_no_token()),
        login(
            "a gzip bomb",
            [http("200 OK", &["Content-Encoding: gzip"], gzip(vec![b' '; 20 << 20]))],
            is_no_token(),
        ),
        login("gzip", [http("200 OK", &["Content-Encoding: gzip"], gzip(token()))], passes()),
        login(
            "a lifetime without end",
            [ok(token().replace("3600", &u64::MAX.to_string()))],
            passes(),
        ),
    ]
}

/// Faults that hide what the server said, or that stop a client for good.
fn treacherous(api: Api) -> Vec<Fault> {
    let good = good(api);
    let page = "<html>Authorization: Bearer marked-token, assertion=marked-jwt</html>";
    let cut = |status: &str, headers: &[&str]| {
        let head = [&[status, "Content-Length: 900"], headers].concat();
        raw(&head, "{\"errors\"")
    };
    let refused = |status: &str| [then(send(cut(status, &["Retry-After: 60"])), Close)];
    let bad_gzip = ["Content-Encoding: gzip", "Retry-After: 60"];
    let two_numbers = good
        .replace("\"totalCalls\":1234", "\"totalCalls\":1234,\"totalCalls\":4321")
        .replace("\"values\":1234", "\"values\":1234,\"values\":4321");
    let two_answers = format!("{},{}", &good[..good.len() - 1], &wrong(api)[1..]);
    let limits = |limit: &str, remaining: &str, window: &str| {
        let head = ["HTTP/1.1 200 OK", JSON, "X-Rate-Limit-Group: light", limit, remaining, window];
        let length = format!("Content-Length: {}", good.len());
        [send(raw(&[&head[..], &[&length]].concat(), &good))]
    };
    vec![
        row("502 that repeats the request", [http("502 Bad", &[HTML], page)], fails(Server, 502)),
        row("200 that repeats the request", [http("200 OK", &[HTML], page)], is_nonsense()),
        login(
            "500 that repeats the request",
            [http("500 Bad", &[HTML], "assertion=marked-jwt")],
            fails(Server, 500),
        ),
        login(
            "400 that repeats the request",
            [http(
                "400 Bad",
                &[JSON],
                r#"{"error": "invalid_grant", "error_description": "marked-jwt"}"#,
            )],
            fails(Authentication, 400),
        ),
        row("429 cut short", refused("HTTP/1.1 429 Too"), fails(Quota, 429)).penalty(60),
        row("429 with bad gzip", [http("429 Too", &bad_gzip, "{}")], fails(Quota, 429)).penalty(60),
        row(
            "429 that stalls",
            [send(cut("HTTP/1.1 429 Too", &["Retry-After: 60"]))],
            fails(Quota, 429),
        )
        .impatient()
        .penalty(60),
        row(
            "429 too large",
            [http("429 Oh", &["Retry-After: 60"], " ".repeat(2 << 20))],
            fails(Quota, 429),
        )
        .frugal()
        .penalty(60),
        row("503 cut short", refused("HTTP/1.1 503 Oh"), fails(Server, 503)),
        row("403 cut short", refused("HTTP/1.1 403 Oh"), fails(Permission, 403)),
        row("401 cut short", refused("HTTP/1.1 401 Oh"), fails(Authentication, 401)),
        row("400 with bad gzip", [http("400 Oh", &bad_gzip, "{}")], fails(Refused, 400)),
        login("401 cut short", refused("HTTP/1.1 401 Oh"), fails(Authentication, 401)),
        row("two numbers of one name", [ok(two_numbers)], loses_a_record()),
        row("two data of one name", [ok(two_answers)], is_nonsense()),
        row(
            "a limit of nothing",
            limits("X-Rate-Limit-Limit: 0", "X-Rate-Limit-Remaining: 5", "X-Rate-Limit-Window: 60"),
            passes(),
        ),
        row(
            "a window of a century",
            limits(
                "X-Rate-Limit-Limit: 50",
                "X-Rate-Limit-Remaining: 0",
                "X-Rate-Limit-Window: 4294967295",
            ),
            passes(),
        )
        .penalty(3601),
        login("429", [quota(&["Retry-After: 60"])], fails(Quota, 429)).penalty(60),
        login("429 cut short", refused("HTTP/1.1 429 Too"), fails(Quota, 429)).penalty(60),
        login(
            "the last of its quota",
            [http("500 Oh", &self::limits("X-Rate-Limit-Remaining: 0"), "")],
            fails(Server, 500),
        )
        .penalty(60),
        login("an empty token", [ok(token().replace(SECRETS[2], ""))], breaks(Answer)),
        row("a deadline without end", [vec![Reset]], breaks(Network))
            .client(|builder| builder.retry(RetryPolicy::never().deadline(Duration::MAX))),
    ]
}

/// Every fault of an API. A client that follows redirects arrives `elsewhere`.
fn faults(api: Api, elsewhere: SocketAddr) -> Vec<Fault> {
    [
        connections(api),
        framing(api),
        bodies(api),
        values(api),
        statuses(elsewhere),
        again(api),
        quotas(api),
        pages(api),
        logins(elsewhere),
        treacherous(api),
    ]
    .into_iter()
    .flatten()
    .collect()
}

struct Plot {
    api: Api,
    logins: VecDeque<Play>,
    answers: VecDeque<Play>,
    seen: (usize, usize),
}

impl Plot {
    /// What to do about a request of this path.
    fn next(&mut self, path: &str) -> Play {
        let (queue, count) = if path.starts_with(TOKEN_PATH) {
            (&mut self.logins, &mut self.seen.0)
        } else {
            (&mut self.answers, &mut self.seen.1)
        };
        *count += 1;
        let next = if queue.len() > 1 { queue.pop_front() } else { queue.front().cloned() };
        next.unwrap_or_else(|| {
            ok(if path.starts_with(TOKEN_PATH) { token() } else { good(self.api) })
        })
    }
}

/// A server with a fault, and its client.
struct Stage {
    script: Arc<Mutex<Plot>>,
    client: Client,
    /// Of a server that doesn't listen yet.
    socket: Option<TcpSocket>,
}

impl Stage {
    fn new(api: Api, fault: &Fault) -> Self {
        let script = Arc::new(Mutex::new(Plot {
            api,
            logins: fault.logins.clone().into(),
            answers: fault.answers.clone().into(),
            seen: (0, 0),
        }));
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = socket.local_addr().unwrap();
        let builder = Client::builder()
            .server(format!("http://{address}"))
            .credentials(Credentials::jwt("client", SECRETS[0], SECRETS[1]))
            .api(api)
            .clock(|| NOW.parse().unwrap())
            .timeout(LONG)
            // A place that is lost with a fault is missed at once.
            .concurrency(1)
            .retry(RetryPolicy::never());
        let client = (fault.client)(builder).build().unwrap();
        let mut stage = Self { script, client, socket: Some(socket) };
        if !fault.is_refused {
            stage.listen();
        }
        stage
    }

    fn listen(&mut self) {
        if let Some(socket) = self.socket.take() {
            let listener = socket.listen(64).unwrap();
            let script = Arc::clone(&self.script);
            let script = move |path: &str| script.lock().unwrap().next(path);
            tokio::spawn(theatre::serve(listener, Arc::new(script)));
        }
    }

    fn seen(&self) -> (usize, usize) {
        self.script.lock().unwrap().seen
    }

    fn stop(&mut self) {
        let mut script = self.script.lock().unwrap();
        script.logins.clear();
        script.answers.clear();
        drop(script);
        self.listen();
    }

    /// All that the client reads, or what it fails with.
    async fn ask(&self) -> Result<Outcome, Error> {
        let query =
            Query::new(GroupBy::queues(), Period::last_days(7), "UTC").calls(Breakdown::Total);
        let mut records = self.client.aggregate(&query).records();
        let mut read = Totals::new();
        while let Some(record) = records.try_next().await? {
            let number = record.calls().total().map(ToString::to_string);
            read.push((record.key().to_owned(), number));
        }
        let is_about_data =
            |notice: &&Notice| matches!(notice, Notice::Unreadable { .. } | Notice::Paging { .. });
        Ok(Outcome::Numbers(read, records.notices().iter().filter(is_about_data).count()))
    }
}

/// What came of a call.
fn outcome(result: Result<Outcome, Error>) -> Outcome {
    result.unwrap_or_else(|error| {
        // A program may log what it gets.
        tracing::error!(shown = secrets::all_shown(&error), "failed");
        Outcome::Fails(error.kind(), error.status(), error.attempts())
    })
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, got: &T, expected: &T) -> Result<(), String> {
    if got == expected { Ok(()) } else { Err(format!("{what}: {got:?}, not {expected:?}")) }
}

async fn asked(stage: &Stage) -> Result<Outcome, String> {
    let late = |_| "isn't over in time".to_owned();
    timeout(LIMIT, stage.ask()).await.map(outcome).map_err(late)
}

/// Nothing is sent during a penalty; then time is skipped to its end, which is up to a quarter later
/// than the server asks for.
async fn sit_out(stage: &Stage, seconds: u64) -> Result<(), String> {
    let before = stage.seen();
    let early = timeout(Duration::from_millis(100), stage.ask()).await;
    // One that is longer than the request may take is refused at once.
    let is_refused = |error: &Error| (error.kind(), error.attempts()) == (ErrorKind::Deadline, 0);
    let has_waited = early.map_or(true, |asked| asked.is_err_and(|error| is_refused(&error)));
    if !has_waited || stage.seen() != before {
        return Err(format!("asks during a penalty: {:?}, {before:?}", stage.seen()));
    }
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds + seconds.div_ceil(4))).await;
    tokio::time::resume();
    Ok(())
}

async fn play(api: Api, fault: &Fault) -> Result<(), String> {
    let mut stage = Stage::new(api, fault);
    same("outcome", &asked(&stage).await?, &fault.expected)?;
    same("logins and requests", &stage.seen(), &fault.seen)?;
    stage.stop();
    sleep(fault.rest).await;
    if let Some(seconds) = fault.penalty {
        sit_out(&stage, seconds).await?;
    }
    same("afterwards", &asked(&stage).await?, &passes())
}

/// What is wrong with a row, if anything is.
fn verdict(api: Api, fault: &Fault) -> Option<String> {
    let (captured, dispatch) = Captured::new();
    let _guard = tracing::dispatcher::set_default(&dispatch);
    let runtime = secrets::heard_runtime(&dispatch);
    let played = catch_unwind(AssertUnwindSafe(|| runtime.block_on(play(api, fault))));
    let outcome = played.unwrap_or_else(|_| Err("panics".to_owned()));
    let text = captured.text();
    let outcome = outcome.and_then(|()| match secrets::leak(&text) {
        Some(line) => Err(format!("tells a secret: {line}")),
        None if text.contains("callperf.request") => Ok(()),
        None => Err("isn't heard".to_owned()),
    });
    let problem = outcome.err()?;
    Some(format!("{api}: {}: {problem}", fault.name))
}

fn work(rows: &Mutex<VecDeque<(Api, Fault)>>, problems: &Mutex<Vec<String>>) {
    loop {
        let Some((api, fault)) = rows.lock().unwrap().pop_front() else { return };
        let problem = verdict(api, &fault);
        problems.lock().unwrap().extend(problem);
    }
}

#[test]
fn each_fault_has_its_outcome_and_passes() {
    let elsewhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let address = elsewhere.local_addr().unwrap();
    let table = |api| faults(api, address).into_iter().map(move |fault| (api, fault));
    let rows: VecDeque<_> = [Api::Beta, Api::CallsV1].into_iter().flat_map(table).collect();
    assert!(rows.len() >= 2 * 40, "{} rows", rows.len());
    let (rows, problems) = (Mutex::new(rows), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| work(&rows, &problems));
        }
    });
    let problems = problems.into_inner().unwrap();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    let visit = elsewhere.accept().map_err(|error| error.kind());
    assert_eq!(visit.unwrap_err(), io::ErrorKind::WouldBlock, "a redirect was followed");
}

#[tokio::test]
async fn a_request_that_is_dropped_leaves_the_client_whole() {
    for api in [Api::Beta, Api::CallsV1] {
        let during_login = login("dropped", [vec![Hang], ok(token())], passes());
        for fault in [row("dropped", [vec![Hang], ok(good(api))], passes()), during_login] {
            let stage = Stage::new(api, &fault);
            let seen = async {
                while stage.seen() != (1, fault.answers.len().min(1)) {
                    sleep(Duration::from_millis(10)).await;
                }
            };
            tokio::select! {
                outcome = stage.ask() => panic!("{outcome:?}"),
                () = seen => {}
            }
            assert_eq!(asked(&stage).await, Ok(passes()), "{api}: {}", fault.name);
        }
    }
}
