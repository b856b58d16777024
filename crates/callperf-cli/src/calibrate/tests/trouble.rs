//! Servers that fail, refuse or answer otherwise, by the replies of one sandbox.

use std::collections::BTreeMap;

use callperf::rules::Calibration;
use callperf_sandbox::{Assumptions, Sandbox};
use serde_json::{Value as Json, json};
use tokio::sync::OnceCell;

use super::support::{Company, EVERYTHING, assert_nothing_is_wrong, line, setup};
use crate::calibrate::{
    Allowed, Driver, Earlier, Outcomes,
    driver::{Attempt, End, Reply, Sender},
    notebook::Head,
    request::ACCOUNT,
    verdict::{Unsettled, Verdict},
    written,
};

/// What a sandbox replied, by its request.
#[derive(Clone, Debug)]
enum Recorded {
    Answered(Json),
    Refused(u16, Vec<String>),
}

/// A reply and the head that it came with.
type Tape = BTreeMap<String, (Recorded, Head)>;

fn written_request(path: &str, query: &[(&'static str, String)], body: Option<&Json>) -> String {
    format!("{path} {query:?} {}", body.cloned().unwrap_or_default())
}

/// Keeps what another one is answered.
struct Recording<S> {
    sender: S,
    tape: Tape,
}

impl<S: Sender> Recording<S> {
    fn keep(&mut self, request: String, reply: &Reply) {
        let recorded = match reply {
            Reply::Answered(answer) => Recorded::Answered(answer.clone()),
            Reply::Refused { status, codes } => Recorded::Refused(*status, codes.clone()),
            other => panic!("{other:?}"),
        };
        self.tape.insert(request, (recorded, self.sender.head()));
    }
}

impl<S: Sender> Sender for &mut Recording<S> {
    async fn send(
        &mut self,
        path: &str,
        query: &[(&'static str, String)],
        body: Option<&Json>,
    ) -> Reply {
        let reply = self.sender.send(path, query, body).await;
        self.keep(written_request(path, query, body), &reply);
        reply
    }

    async fn encoding(
        &mut self,
        path: &str,
        query: &[(&'static str, String)],
        body: Option<&Json>,
    ) -> Reply {
        let reply = self.sender.encoding(path, query, body).await;
        self.keep(ENCODING.to_owned(), &reply);
        reply
    }

    fn head(&self) -> Head {
        self.sender.head()
    }

    async fn wait(&mut self, failed: &Attempt<'_>) {
        panic!("{failed:?}");
    }
}

/// The only request about the encoding; a report's has the same body.
const ENCODING: &str = "encoding";

struct Steady {
    tape: Tape,
    /// What may be in no file.
    private: Vec<String>,
}

async fn steady() -> &'static Steady {
    static STEADY: OnceCell<Steady> = OnceCell::const_new();
    STEADY
        .get_or_init(|| async {
            let sandbox = Company::Steady.builder().start().await.unwrap();
            let mut line = line(&sandbox);
            let mut recording = Recording { sender: &mut line, tape: Tape::new() };
            let mut driver = Driver::new(setup(), EVERYTHING, &mut recording);
            driver.run(|_| Ok::<_, ()>(())).await.unwrap();
            Steady { tape: recording.tape, private: private(&sandbox) }
        })
        .await
}

fn private(sandbox: &Sandbox) -> Vec<String> {
    let directory = sandbox.directory();
    let lists = [directory.users(), directory.queues(), directory.company_numbers()];
    let entries = lists.into_iter().flatten();
    let texts = entries.flat_map(|entry| entry.name.iter().chain([&entry.key])).cloned();
    texts.chain([directory.account_id().to_owned()]).collect()
}

/// Replies as the sandbox did, but for those that are changed.
struct Replayed<F> {
    tape: &'static Tape,
    /// By the number of the request, from 1, its path, and the reply that there would be.
    change: F,
    sent: usize,
    head: Head,
    /// After which attempt there was a wait, and for how many seconds.
    waits: Vec<(u32, u64)>,
}

impl<F: FnMut(usize, &str, Reply) -> Reply> Replayed<F> {
    fn reply(&mut self, request: &str, path: &str) -> Reply {
        self.sent += 1;
        let (reply, head) = match self.tape.get(request).cloned() {
            Some((Recorded::Answered(answer), head)) => (Reply::Answered(answer), head),
            Some((Recorded::Refused(status, codes), head)) => {
                (Reply::Refused { status, codes }, head)
            }
            None => (Reply::Failed("it isn't recorded".to_owned()), Head::default()),
        };
        // Of a server that counts what is sent, in whichever order.
        let left = u32::try_from(self.sent).map_or(0, |sent| 50_u32.saturating_sub(sent));
        self.head = Head { quota: Some(("light".to_owned(), 50, left)), ..head };
        (self.change)(self.sent, path, reply)
    }
}

impl<F: FnMut(usize, &str, Reply) -> Reply> Sender for &mut Replayed<F> {
    async fn send(
        &mut self,
        path: &str,
        query: &[(&'static str, String)],
        body: Option<&Json>,
    ) -> Reply {
        self.reply(&written_request(path, query, body), path)
    }

    async fn encoding(
        &mut self,
        path: &str,
        _: &[(&'static str, String)],
        _: Option<&Json>,
    ) -> Reply {
        self.reply(ENCODING, path)
    }

    fn head(&self) -> Head {
        self.head.clone()
    }

    async fn wait(&mut self, failed: &Attempt<'_>) {
        self.waits.push((failed.number, failed.delay.as_secs()));
    }
}

const SERVER: &str = "https://platform.ringcentral.com";

struct Run {
    outcomes: Outcomes,
    sent: usize,
    end: End,
    waits: Vec<(u32, u64)>,
    /// The file after each experiment.
    files: Vec<String>,
}

async fn run(allowed: Allowed, change: impl FnMut(usize, &str, Reply) -> Reply) -> Run {
    let mut sender = Replayed {
        tape: &steady().await.tape,
        change,
        sent: 0,
        head: Head::default(),
        waits: Vec::new(),
    };
    let mut driver = Driver::new(setup(), allowed, &mut sender);
    let mut files = Vec::new();
    let keep = |outcomes: &Outcomes| {
        files.push(written(outcomes, &setup(), SERVER, &Earlier::default()));
        Ok::<_, ()>(())
    };
    driver.run(keep).await.unwrap();
    let (outcomes, end) = (driver.outcomes().clone(), driver.end());
    Run { outcomes, sent: sender.sent, end, waits: sender.waits, files }
}

fn count(outcomes: &Outcomes) -> usize {
    outcomes.verdicts.values().filter(|one| matches!(one, Verdict::Settled { .. })).count()
}

fn reason<'a>(outcomes: &'a Outcomes, name: &str) -> &'a str {
    match &outcomes.verdicts[name] {
        Verdict::Unsettled(Unsettled { reason, .. }) => reason,
        other => panic!("{name}: {other:?}"),
    }
}

#[tokio::test]
async fn one_request_that_fails_is_skipped_and_the_rest_goes_on() {
    let all = run(EVERYTHING, |_, _, reply| reply).await;
    let settled = count(&all.outcomes);
    for failing in 1..=all.sent {
        let change = |number, _: &str, reply| {
            if number == failing { Reply::Failed("HTTP 500".to_owned()) } else { reply }
        };
        let run = run(EVERYTHING, change).await;
        assert_nothing_is_wrong(&run.outcomes, &Assumptions::default());
        // Of the page of users, six others look for keys, names and sums.
        let lost = settled - count(&run.outcomes);
        assert!(lost <= 6, "{failing}: {lost} are lost");
    }
}

/// A body of another kind isn't a report without calls.
#[tokio::test]
async fn one_response_that_is_no_report_settles_nothing_wrong() {
    let all = run(EVERYTHING, |_, _, reply| reply).await;
    let bodies = [json!({"errorCode": "CMN-101"}), json!([]), json!({"data": {"records": null}})];
    for at in 1..=all.sent {
        for body in &bodies {
            let change = |number, _: &str, reply| match reply {
                Reply::Answered(answer) if number == at && answer.get("encoding").is_none() => {
                    Reply::Answered(body.clone())
                }
                reply => reply,
            };
            let run = run(EVERYTHING, change).await;
            assert_eq!(run.end, End::Done, "{at}");
            for (name, value) in Assumptions::default().list() {
                match &run.outcomes.verdicts[name] {
                    Verdict::Settled { value: found, evidence } => {
                        assert_eq!(*found, value, "{at}: {name}: {evidence}");
                    }
                    Verdict::Unsettled(_) => {}
                    other @ Verdict::Contradicted { .. } => panic!("{at}: {name}: {other:?}"),
                }
            }
        }
    }
}

fn failing() -> Reply {
    Reply::Failing { reason: "HTTP 500".to_owned(), retry_after: None, is_refused: false }
}

const PATIENT: Allowed = Allowed { budget: 60, attempts: 3, ..EVERYTHING };

#[tokio::test]
async fn a_request_that_fails_is_tried_again_as_often_as_it_may_be() {
    let all = run(PATIENT, |_, _, reply| reply).await;
    // The third, twice: its third attempt is answered.
    let twice = |number, _: &str, reply| if matches!(number, 3 | 4) { failing() } else { reply };
    let passing = run(PATIENT, twice).await;
    assert_eq!(passing.waits, [(1, 2), (2, 4)]);
    assert_eq!(count(&passing.outcomes), count(&all.outcomes));
    assert_eq!(passing.outcomes.refusals, all.outcomes.refusals);
    let timed_out = |number, _: &str, reply| match number {
        3 | 4 => {
            let reason = "HTTP 408".to_owned();
            Reply::Failing { reason, retry_after: None, is_refused: true }
        }
        _ => reply,
    };
    let refused = run(PATIENT, timed_out).await.outcomes.refusals;
    assert_eq!(refused, all.outcomes.refusals + 2, "each attempt");
    assert_eq!(passing.outcomes.requests, all.outcomes.requests + 2);
    // One that stays is skipped, and the rest goes on.
    let path = std::sync::Mutex::new(None);
    let staying = |number, _: &str, reply: Reply| {
        let answer = format!("{reply:?}");
        let mut failing_one = path.lock().unwrap();
        if number == 2 {
            *failing_one = Some(answer.clone());
        }
        if failing_one.as_ref() == Some(&answer) { failing() } else { reply }
    };
    let skipped = run(PATIENT, staying).await;
    assert_eq!(skipped.waits, [(1, 2), (2, 4)]);
    assert_eq!(skipped.outcomes.requests, all.outcomes.requests + 2);
    assert_eq!(reason(&skipped.outcomes, "week-start"), "the request failed: HTTP 500");
    assert_eq!(count(&skipped.outcomes), count(&all.outcomes) - 2);
}

#[tokio::test]
async fn attempts_end_with_the_budget_and_with_a_server_that_is_down() {
    let down = run(PATIENT, |_, _: &str, _| failing()).await;
    assert_eq!((down.sent, down.end), (6, End::Unreached));
    for name in ["point-times", "empty-records", "rate-limit-remaining", "foreign-account"] {
        assert_eq!(reason(&down.outcomes, name), "no request was answered: HTTP 500");
    }
    assert!(down.outcomes.findings.is_empty());
    let small = Allowed { budget: 4, ..PATIENT };
    assert_eq!(run(small, |_, _: &str, _| failing()).await.sent, 4);
    // It goes down later: two are tried thrice, and the others once.
    let later = |number, _: &str, reply| if number > 10 { failing() } else { reply };
    let run = run(PATIENT, later).await;
    assert_eq!(run.waits.len(), 4);
    assert!(run.sent < 40, "{}", run.sent);
    assert_nothing_is_wrong(&run.outcomes, &Assumptions::default());
    // Who asks for a long wait isn't waited for.
    let long = |number, _: &str, reply| match number {
        3 => Reply::Failing {
            reason: "HTTP 503".to_owned(),
            retry_after: Some(std::time::Duration::from_secs(600)),
            is_refused: false,
        },
        _ => reply,
    };
    assert!(self::run(PATIENT, long).await.waits.is_empty());
}

#[tokio::test]
async fn what_leaves_everything_open_is_said_once() {
    for (reply, cause) in [
        ("failed", "no request was answered: HTTP 500"),
        ("refused", "the API refused the first requests: 404 CMN-102"),
        ("no access", "the API refuses to answer this login: HTTP 403 CMN-401"),
        ("no quota", "the quota is used up"),
    ] {
        let change = |_, _: &str, _| match reply {
            "failed" => failing(),
            "refused" => Reply::Refused { status: 404, codes: vec!["CMN-102".to_owned()] },
            "no access" => Reply::NoAccess("HTTP 403 CMN-401".to_owned()),
            _ => Reply::NoQuota { was_refused: true },
        };
        for refusals in [true, false] {
            let run = run(Allowed { refusals, ..EVERYTHING }, change).await;
            let mut report = Vec::new();
            run.outcomes.write(&mut report, &setup(), &Earlier::default()).unwrap();
            let report = String::from_utf8(report).unwrap();
            assert_eq!(report.matches(cause).count(), 1, "{report}");
            assert!(report.contains("all 26 that requests can settle"), "{report}");
            assert!(!report.contains("Found besides"), "{report}");
        }
    }
}

#[tokio::test]
async fn the_budget_is_kept_and_what_it_allowed_is_settled() {
    let mut before = 0;
    for budget in 0..=EVERYTHING.budget {
        let run = run(Allowed { budget, ..EVERYTHING }, |_, _, reply| reply).await;
        assert!(run.sent <= budget as usize, "{} of {budget}", run.sent);
        assert_eq!(run.outcomes.requests as usize, run.sent);
        assert_nothing_is_wrong(&run.outcomes, &Assumptions::default());
        let settled = count(&run.outcomes);
        assert!(settled >= before, "{settled} by {budget}, and {before} by fewer");
        let is_all = run.end == End::Done;
        assert_eq!(is_all, !run.outcomes.notes.iter().any(|note| note.contains("--budget")));
        before = settled;
    }
    assert_eq!(before, count(&run(EVERYTHING, |_, _, reply| reply).await.outcomes));
}

#[tokio::test]
async fn a_quota_that_is_used_up_ends_the_requests_of_its_group() {
    let change = |number, _: &str, reply| {
        if number == 9 { Reply::NoQuota { was_refused: true } } else { reply }
    };
    let run = run(EVERYTHING, change).await;
    assert_nothing_is_wrong(&run.outcomes, &Assumptions::default());
    // The account is another group's.
    assert_eq!((run.sent, run.outcomes.refusals), (10, 1));
    assert_eq!(reason(&run.outcomes, "milliseconds"), "the quota is used up");
    assert!(count(&run.outcomes) > 3);
    assert!(run.outcomes.notes[0].contains("quota"));
}

#[tokio::test]
async fn a_login_without_the_permission_asks_once() {
    let refused = |_, _: &str, _| Reply::NoAccess("HTTP 403 CMN-401".to_owned());
    let run = run(EVERYTHING, refused).await;
    assert_eq!((run.sent, count(&run.outcomes)), (1, 0));
    assert_eq!(run.end, End::NoAccess);
    assert!(reason(&run.outcomes, "week-start").contains("HTTP 403 CMN-401"));
}

#[tokio::test]
async fn an_api_that_refuses_the_first_requests_gets_no_others() {
    let refused = |_, _: &str, _| Reply::Refused { status: 404, codes: vec!["CMN-102".to_owned()] };
    let run = run(EVERYTHING, refused).await;
    assert_eq!((run.sent, run.outcomes.refusals, count(&run.outcomes)), (3, 3, 0));
    assert_eq!(run.end, End::Refused);
    for name in ["page-after-last", "point-times", "rate-limit-remaining"] {
        assert_eq!(reason(&run.outcomes, name), "the API refused the first requests: 404 CMN-102");
    }
    // Once a report was answered, a refusal is about one request.
    let all = self::run(EVERYTHING, |_, _, reply| reply).await;
    let change = |number, _: &str, reply| {
        let codes = vec!["CMN-101".to_owned()];
        if number == 1 || number == 3 { Reply::Refused { status: 400, codes } } else { reply }
    };
    let some = self::run(EVERYTHING, change).await;
    assert!(some.sent > 20 && count(&some.outcomes) > 5, "{} of {}", some.sent, all.sent);
}

#[tokio::test]
async fn a_login_that_may_not_read_the_account_settles_the_rest() {
    let change = |_, path: &str, reply| {
        if path == ACCOUNT { Reply::NoAccess("HTTP 403 CMN-401".to_owned()) } else { reply }
    };
    let other = run(EVERYTHING, change).await;
    assert_eq!(other.end, End::Done);
    assert!(reason(&other.outcomes, "foreign-account").contains("CMN-401"));
    let all = run(EVERYTHING, |_, _, reply| reply).await;
    assert_eq!(count(&other.outcomes), count(&all.outcomes) - 1);
}

/// An interrupt leaves the file as it is after an experiment.
#[tokio::test]
async fn the_file_is_valid_after_each_experiment_and_has_nothing_private() {
    let run = run(EVERYTHING, |_, _, reply| reply).await;
    let mut before = 0;
    for file in &run.files {
        let by_the_sdk: Calibration = file.parse().unwrap();
        file.parse::<callperf_sandbox::Calibration>().unwrap();
        let settled = by_the_sdk.all_settled().count();
        assert!(settled >= before);
        before = settled;
    }
    assert_eq!(before, count(&run.outcomes));
    assert_private_texts_are_gone(run.files.last().unwrap()).await;
}

async fn assert_private_texts_are_gone(file: &str) {
    let steady = steady().await;
    assert!(steady.private.len() > 50);
    for text in &steady.private {
        assert!(!file.contains(text.as_str()), "{text} is in it");
    }
}

/// Moves every point by a quarter of an hour, in an offset that no option has.
fn moved(reply: Reply) -> Reply {
    let Reply::Answered(mut answer) = reply else { return reply };
    for record in answer["data"]["records"].as_array_mut().into_iter().flatten() {
        for point in record["points"].as_array_mut().into_iter().flatten() {
            let time = point["time"].as_str().unwrap().replace(":00-07:00", ":00-06:45");
            point["time"] = json!(time);
        }
    }
    Reply::Answered(answer)
}

#[tokio::test]
async fn what_fits_nothing_is_contradicted_and_kept_without_names() {
    let change = |number, path: &str, reply| match number {
        // The page of users, upside down; a later one has the keys in the usual order.
        6.. if path.ends_with("aggregation/fetch") => upside_down(reply),
        _ => moved(reply),
    };
    let run = run(EVERYTHING, change).await;
    for name in ["point-times", "record-order"] {
        let verdict = &run.outcomes.verdicts[name];
        assert!(matches!(verdict, Verdict::Contradicted { .. }), "{name}: {verdict:?}");
    }
    let Verdict::Contradicted { response, .. } = &run.outcomes.verdicts["point-times"] else {
        unreachable!()
    };
    assert!(response.contains("-06:45") && response.contains("allCalls"), "{response}");
    let file = run.files.last().unwrap();
    assert!(file.contains("[contradicted.point-times]"), "{file}");
    file.parse::<Calibration>().unwrap();
    assert_private_texts_are_gone(file).await;
}

fn upside_down(reply: Reply) -> Reply {
    let Reply::Answered(mut answer) = reply else { return reply };
    if let Some(records) = answer["data"]["records"].as_array_mut() {
        let half = records.len() / 2;
        records.rotate_left(half);
    }
    Reply::Answered(answer)
}

/// Bodies of other shapes, numbers of other types and pages that shift, in each response.
#[tokio::test]
async fn a_server_with_faults_settles_nothing_wrong() {
    for fault in [
        "null",
        "list",
        "object",
        "other-api",
        "null-numbers",
        "string-numbers",
        "page-empty",
        "pages-grow",
        "pages-shrink",
        "key-twice",
        "error-with-200",
        "unknown-words",
        "list on=timelines",
        "brackets on=timelines",
        // Of those that settle by what they lack.
        "error-with-200 on=reports after=15 times=1",
        "error-with-200 on=reports after=18 times=1",
        "string-numbers on=reports after=10 times=1",
    ] {
        let all = if fault.contains(" times=") { "" } else { " times=99" };
        let all = if fault.contains(" on=") { all.to_owned() } else { format!(" on=reports{all}") };
        let faults: callperf_sandbox::Faults = format!("{fault}{all}").parse().unwrap();
        let builder = Company::Steady.builder().faults(faults);
        let sandbox = builder.start().await.unwrap();
        let outcomes = super::support::calibrated(&sandbox, EVERYTHING).await;
        for (name, value) in Assumptions::default().list() {
            if let Verdict::Settled { value: found, evidence } = &outcomes.verdicts[name] {
                assert_eq!(*found, value, "{fault}: {name}: {evidence}");
            }
        }
    }
}
