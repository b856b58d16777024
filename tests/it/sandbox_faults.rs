//! The client against the sandbox's faults: what a program sees of each of them,
//! on both APIs.
//!
//! The table complements the one of `faults.rs`, whose server is written on
//! TCP: here the sandbox itself is tested as what a user's own tests stand on,
//! and the answers that are spoilt are real ones, of several pages.

use std::{
    error::Error as _,
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use callperf::{Api, Breakdown, Client, Error, GroupBy, Notice, Period, Query, RetryPolicy};
use callperf_sandbox::{Fault, Faults, Rule, Sandbox};

use crate::{agreement::NOW, support};

/// The client's patience: more than an answer takes on a busy machine, except
/// where a fault is about it.
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(500);

fn client(sandbox: &Sandbox, api: Api, fault: Option<&Fault>) -> Client {
    let timeout = match fault {
        Some(Fault::Stall(_) | Fault::SlowHead(_) | Fault::SlowBody(_)) => SHORT,
        _ => LONG,
    };
    let most = if fault == Some(&Fault::GzipBomb) { 1 << 20 } else { 64 << 20 };
    support::of_sandbox(sandbox)
        .api(api)
        .clock(|| NOW.parse().unwrap())
        .timeout(timeout)
        .max_body_bytes(most)
        .concurrency(1)
        .retry(RetryPolicy::never())
        .build()
        .unwrap()
}

/// Keys and totals.
type Totals = Vec<(String, Option<String>)>;

/// Two pages of queues: what was read, and how often the client said that
/// something is wrong with it.
async fn ask(client: &Client) -> Result<(Totals, usize), Error> {
    let query = Query::new(GroupBy::queues(), Period::last_days(7), "UTC").calls(Breakdown::Total);
    let mut records = client.aggregate(&query).per_page(2).records();
    let mut totals = Totals::new();
    while let Some(record) = records.try_next().await? {
        let total = record.calls().total().map(ToString::to_string);
        totals.push((record.key().to_owned(), total));
    }
    let is_about_data =
        |notice: &&Notice| matches!(notice, Notice::Unreadable { .. } | Notice::Paging { .. });
    Ok((totals, records.notices().iter().filter(is_about_data).count()))
}

/// What a program sees, in words.
fn noted(outcome: &Result<(Totals, usize), Error>, good: &Totals) -> String {
    match outcome {
        Ok((totals, 0)) if totals == good => "right".to_owned(),
        Ok((totals, notices)) if totals == good => format!("right, {notices} noted"),
        Ok((totals, notices)) => {
            let other = totals.iter().filter(|total| !good.contains(total)).count();
            format!("{} of {}, {other} other, {notices} noted", totals.len(), good.len())
        }
        Err(error) => match error.status() {
            Some(status) => format!("{:?} {status}", error.kind()),
            None => format!("{:?}", error.kind()),
        },
    }
}

/// What comes of a fault of the first page, and of the second.
enum Seen {
    Both(&'static str),
    Pages(&'static str, &'static str),
}
use Seen::{Both, Pages};

/// Every fault; where the two APIs see it differently, today's is the second.
const TABLE: &[(&str, &[Seen])] = &[
    ("status:400", &[Both("Refused 400")]),
    ("status:401", &[Both("right")]),
    ("status:403", &[Both("Permission 403")]),
    ("status:404", &[Both("Refused 404")]),
    ("status:405", &[Both("Refused 405")]),
    ("status:408", &[Both("Deadline 408")]),
    ("status:409", &[Both("Refused 409")]),
    ("status:413", &[Both("Refused 413")]),
    ("status:415", &[Both("Refused 415")]),
    ("status:429", &[Both("Quota 429")]),
    ("status:500", &[Both("Server 500")]),
    ("status:501", &[Both("Refused 501")]),
    ("status:503", &[Both("Server 503")]),
    ("status:504", &[Both("Server 504")]),
    ("status:520", &[Both("Server 520")]),
    ("html:200", &[Both("Answer 200")]),
    ("html:403", &[Both("Permission 403")]),
    ("html:429", &[Both("Quota 429")]),
    ("html:500", &[Both("Server 500")]),
    ("html:502", &[Both("Server 502")]),
    ("html:504", &[Both("Server 504")]),
    ("empty:200", &[Both("Answer 200")]),
    ("empty:204", &[Both("Answer 204")]),
    ("empty:206", &[Both("Answer 206")]),
    ("empty:304", &[Both("Answer 304")]),
    ("empty:401", &[Both("Authentication 401")]),
    ("empty:503", &[Both("Server 503")]),
    ("redirect:301", &[Both("Answer 301")]),
    ("redirect:302", &[Both("Answer 302")]),
    ("redirect:303", &[Both("Answer 303")]),
    ("redirect:307", &[Both("Answer 307")]),
    ("redirect:308", &[Both("Answer 308")]),
    ("retry-after:429=0", &[Both("Quota 429")]),
    ("retry-after:429=soon", &[Both("Quota 429")]),
    ("retry-after:429=-5", &[Both("Quota 429")]),
    ("retry-after:429=18446744073709551615", &[Both("Quota 429")]),
    ("retry-after:429=+60s", &[Both("Quota 429")]),
    ("retry-after:429=-60s", &[Both("Quota 429")]),
    ("retry-after:503=0", &[Both("Server 503")]),
    ("retry-after:503=soon", &[Both("Server 503")]),
    ("retry-after:503=-5", &[Both("Server 503")]),
    ("retry-after:503=18446744073709551615", &[Both("Server 503")]),
    ("retry-after:503=+60s", &[Both("Server 503")]),
    ("retry-after:503=-60s", &[Both("Server 503")]),
    ("quota", &[Both("Quota 429")]),
    ("quota-lying", &[Both("Quota 429")]),
    ("quota-silent", &[Both("Quota 429")]),
    ("quota-bare", &[Both("Quota 429")]),
    // Renewed once, and replayed once.
    ("token-expired", &[Both("right")]),
    ("expire-token", &[Both("right")]),
    ("end-session", &[Both("right")]),
    ("token-revoked", &[Both("right")]),
    ("unauthorized", &[Both("Authentication 401")]),
    ("permission", &[Both("Permission 403")]),
    // Only the first login meets these.
    ("invalid-grant", &[Pages("Authentication 400", "right")]),
    ("invalid-client", &[Pages("Authentication 401", "right")]),
    ("second-factor", &[Pages("Authentication 400", "right")]),
    ("token-null", &[Pages("Answer", "right")]),
    ("token-empty", &[Pages("Answer", "right")]),
    ("token-broken", &[Pages("Answer", "right")]),
    ("lifetime-negative", &[Pages("Answer", "right")]),
    ("lifetime-endless", &[Both("right")]),
    ("truncated", &[Both("Answer 200")]),
    ("doubled", &[Both("Answer 200")]),
    ("null", &[Both("Answer 200")]),
    ("list", &[Both("Answer 200")]),
    ("object", &[Both("Answer 200")]),
    ("error-with-200", &[Both("Answer 200")]),
    ("other-api", &[Both("Answer 200")]),
    ("text-plain", &[Both("right")]),
    ("no-content-type", &[Both("right")]),
    ("not-utf8", &[Both("Answer 200")]),
    ("utf16", &[Both("Answer 200")]),
    ("byte-order-mark", &[Both("right")]),
    ("brackets", &[Both("Answer 200")]),
    ("deep", &[Both("Answer 200")]),
    ("big:50", &[Both("right")]),
    ("gzip-cut", &[Both("Network")]),
    ("gzip-false", &[Both("Network")]),
    // No more than a megabyte of it is read.
    ("gzip-bomb", &[Both("Answer")]),
    ("unknown-fields", &[Both("right")]),
    ("unknown-words", &[Both("right")]),
    // The other page is kept.
    ("null-numbers", &[Both("2 of 4, 0 other, 2 noted")]),
    ("nan-numbers", &[Both("2 of 4, 0 other, 2 noted")]),
    ("string-numbers", &[Both("2 of 4, 0 other, 2 noted")]),
    ("duplicate-keys", &[Both("2 of 4, 0 other, 2 noted")]),
    // On the beta the same key is the same record.
    ("key-twice", &[Both("right"), Both("right, 1 noted")]),
    ("page-repeated", &[Pages("right", "2 of 4, 0 other, 3 noted")]),
    ("page-other", &[Both("right, 1 noted")]),
    ("page-empty", &[Pages("Answer 200", "2 of 4, 0 other, 1 noted")]),
    ("pages-grow", &[Both("right, 1 noted")]),
    // A first page that says it is the only one agrees with itself: no client can see it.
    ("pages-shrink", &[Pages("2 of 4, 0 other, 0 noted", "right, 2 noted")]),
    ("pages-shift", &[Pages("right", "3 of 4, 0 other, 3 noted")]),
    // The same: other keys, and as many pages as there are.
    ("pages-endless", &[Pages("4 of 4, 2 other, 0 noted", "4 of 4, 2 other, 1 noted")]),
    ("not-http", &[Both("Network")]),
    ("reset:start", &[Both("Network")]),
    ("reset:head", &[Both("Network")]),
    ("reset:headers", &[Both("Network")]),
    ("reset:body", &[Both("Network")]),
    ("close:start", &[Both("Network")]),
    ("close:head", &[Both("Network")]),
    ("close:headers", &[Both("Network")]),
    ("close:body", &[Both("Network")]),
    ("stall:start", &[Both("Deadline")]),
    ("stall:head", &[Both("Deadline")]),
    ("stall:headers", &[Both("Deadline")]),
    ("stall:body", &[Both("Deadline")]),
    ("slow-head:20ms", &[Both("Deadline")]),
    ("slow-body:20ms", &[Both("Deadline")]),
    ("latency:100ms", &[Both("right")]),
    ("latency:20ms..100ms", &[Both("right")]),
    ("latency:80ms~0.5", &[Both("right")]),
    ("skew:1h", &[Both("right")]),
    // To the server, the last two minutes are the future.
    ("skew:-1h", &[Both("Refused 400")]),
];

fn expected(fault: &Fault, api: Api, page: u64) -> &'static str {
    let name = fault.to_string();
    let row = TABLE.iter().find(|(named, _)| *named == name);
    let (_, seen) = row.unwrap_or_else(|| panic!("{name} isn't in the table"));
    let seen = if api == Api::Beta { seen.first() } else { seen.last() };
    match seen.unwrap() {
        Pages(_, second) if page == 2 => second,
        Both(outcome) | Pages(outcome, _) => outcome,
    }
}

/// All that is printed of an error.
fn shown(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {:?} {:?}", error.api_errors(), error.body_excerpt());
    let mut cause = error.source();
    while let Some(current) = cause {
        write!(text, "{current} {current:?}").unwrap();
        cause = current.source();
    }
    text
}

/// Lets an hour pass for the client, which sits out no penalty longer.
async fn skip_penalties() {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(3601)).await;
    tokio::time::resume();
}

async fn sandbox() -> Sandbox {
    Sandbox::builder().seed(7).now(NOW.parse().unwrap()).start().await.unwrap()
}

async fn check_all(api: Api) {
    let sandbox = sandbox().await;
    let good = ask(&client(&sandbox, api, None)).await.unwrap().0;
    assert_eq!(good.len(), 4);
    let mut problems = Vec::new();
    for fault in Fault::all() {
        for page in [1, 2] {
            let client = client(&sandbox, api, Some(&fault));
            sandbox.set_faults(Rule::new(fault.clone()).after(page - 1));
            let outcome = ask(&client).await;
            let place = format!("{api} {fault} page {page}");
            let (seen, expected) = (noted(&outcome, &good), expected(&fault, api, page));
            if seen != expected {
                problems.push(format!("{place}: {seen}, not {expected}"));
            }
            if let Err(error) = outcome {
                let text = shown(&error);
                let secrets = [sandbox.client_secret(), sandbox.jwt(), "access-token"];
                let secret = secrets.iter().find(|secret| text.contains(**secret));
                assert_eq!(secret, None, "{place}");
            }
            sandbox.set_faults(Faults::none());
            skip_penalties().await;
            let afterwards = noted(&ask(&client).await, &good);
            if afterwards != "right" {
                problems.push(format!("{place}: afterwards {afterwards}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[tokio::test]
async fn each_fault_has_its_outcome_and_passes_on_the_beta() {
    check_all(Api::Beta).await;
}

#[tokio::test]
async fn each_fault_has_its_outcome_and_passes_on_todays_api() {
    check_all(Api::CallsV1).await;
}

#[tokio::test]
async fn pages_that_never_end_are_refused() {
    let sandbox = sandbox().await;
    sandbox.set_faults(Fault::PagesEndless);
    for api in [Api::Beta, Api::CallsV1] {
        let error = ask(&client(&sandbox, api, None)).await.unwrap_err();
        assert!(error.to_string().contains("never ends"), "{error}");
    }
}

/// So many requests, of which one in ten meets a fault; logins do, too.
///
/// `SANDBOX_REQUESTS=100000` is the full run: alone in its process, it also
/// finds out whether memory stays as it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_faults_change_no_sum() {
    let full = std::env::var("SANDBOX_REQUESTS").ok().and_then(|text| text.parse().ok());
    let requests: usize = full.unwrap_or(1_000);
    let sandbox = sandbox().await;
    let questions = questions(&sandbox);
    let mut answers = Vec::new();
    for question in &questions {
        answers.push(question.total().await.unwrap());
    }
    let distinct = questions.len();
    let expected: u64 = (0..requests).map(|at| answers[at % answers.len()]).sum();
    assert!(expected > 0);
    let script = "random rate=0.1 seed=7 on=reports\nrandom rate=0.1 seed=8 on=logins";
    sandbox.set_faults(script.parse::<Faults>().unwrap());
    let pull = Arc::new(Pull {
        questions,
        next: AtomicUsize::new(0),
        requests,
        failed: AtomicUsize::new(0),
    });
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..CONCURRENCY {
        tasks.spawn(Arc::clone(&pull).work());
    }
    let mut memory = Vec::new();
    let mut sum = 0;
    while !tasks.is_empty() {
        let done = pull.next.load(Ordering::Relaxed);
        if done >= requests * (memory.len() + 1) / 10 {
            memory.extend(resident_kilobytes());
        }
        match tokio::time::timeout(Duration::from_millis(20), tasks.join_next()).await {
            Ok(Some(part)) => sum += part.unwrap(),
            Ok(None) => break,
            Err(_) => {}
        }
    }
    let sent = sandbox.requests().last().unwrap().number;
    let failed = pull.failed.load(Ordering::Relaxed);
    println!(
        "{requests} answers to {distinct} questions took {sent} requests and {:.1?}; {failed} calls failed \
         after the policy's attempts and were made again; resident kB by tenths: {memory:?}",
        begun.elapsed(),
    );
    assert_eq!(sum, expected);
    assert!(sent > (requests + requests / 20) as u64, "{sent}: there were faults");
    if let (Some(_), [_, early, .., late]) = (full, &memory[..]) {
        assert!(*late < early + 16_384, "memory grows: {memory:?}");
    }
}

/// Requests under way at once. Most of the time is the waits after faults.
const CONCURRENCY: usize = 128;

/// A page of an answer.
struct Question {
    call: callperf::Request<callperf::Record>,
    page: u32,
}

struct Pull {
    questions: Vec<Question>,
    next: AtomicUsize,
    requests: usize,
    failed: AtomicUsize,
}

fn questions(sandbox: &Sandbox) -> Vec<Question> {
    let mut questions = Vec::new();
    for api in [Api::Beta, Api::CallsV1] {
        let client = support::of_sandbox(sandbox)
            .api(api)
            .clock(|| NOW.parse().unwrap())
            .concurrency(CONCURRENCY)
            // A sum over what is left of a page would be another.
            .strict(true)
            .build()
            .unwrap();
        for (group_by, pages) in
            [(GroupBy::users(), 12), (GroupBy::queues(), 2), (GroupBy::sites(), 1)]
        {
            let query = Query::new(group_by, Period::last_days(2), "UTC").calls(Breakdown::Total);
            let call = client.aggregate(&query).per_page(2);
            questions.extend((1..=pages).map(|page| Question { call: call.clone(), page }));
        }
    }
    questions
}

impl Question {
    async fn total(&self) -> Result<u64, Error> {
        let page = self.call.page(self.page).await?;
        Ok(page.records.iter().filter_map(|record| record.calls().total()?.as_u64()).sum())
    }
}

impl Pull {
    /// Asks one question after the other, each until it is answered, and adds up.
    async fn work(self: Arc<Self>) -> u64 {
        let mut sum = 0;
        loop {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            if at >= self.requests {
                return sum;
            }
            let question = &self.questions[at % self.questions.len()];
            sum += loop {
                match question.total().await {
                    Ok(total) => break total,
                    Err(_) => self.failed.fetch_add(1, Ordering::Relaxed),
                };
            };
        }
    }
}

/// What the process holds in memory, where the system tells.
fn resident_kilobytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
