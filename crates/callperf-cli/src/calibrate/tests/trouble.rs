//! Servers that fail, refuse or answer otherwise, by the replies of one sandbox.

use std::collections::BTreeMap;

use callperf::rules::Calibration;
use callperf_sandbox::{Assumptions, Sandbox};
use serde_json::{Value as Json, json};
use tokio::sync::OnceCell;

use super::support::{Company, EVERYTHING, assert_nothing_is_wrong, line, setup};
use crate::calibrate::{
    Allowed, Driver, Earlier, Outcomes,
    driver::{Reply, Sender},
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
}

const SERVER: &str = "https://platform.ringcentral.com";

struct Run {
    outcomes: Outcomes,
    sent: usize,
    no_access: Option<String>,
    /// The file after each experiment.
    files: Vec<String>,
}

async fn run(allowed: Allowed, change: impl FnMut(usize, &str, Reply) -> Reply) -> Run {
    let mut sender =
        Replayed { tape: &steady().await.tape, change, sent: 0, head: Head::default() };
    let mut driver = Driver::new(setup(), allowed, &mut sender);
    let mut files = Vec::new();
    let keep = |outcomes: &Outcomes| {
        files.push(written(outcomes, &setup(), SERVER, &Earlier::default()));
        Ok::<_, ()>(())
    };
    driver.run(keep).await.unwrap();
    let (outcomes, no_access) =
        (driver.outcomes().clone(), driver.no_access().map(ToOwned::to_owned));
    Run { outcomes, sent: sender.sent, no_access, files }
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
    assert_eq!(run.no_access.as_deref(), Some("HTTP 403 CMN-401"));
    assert!(reason(&run.outcomes, "week-start").contains("HTTP 403 CMN-401"));
}

#[tokio::test]
async fn an_api_that_refuses_the_first_requests_gets_no_others() {
    let refused = |_, _: &str, _| Reply::Refused { status: 404, codes: vec!["CMN-102".to_owned()] };
    let run = run(EVERYTHING, refused).await;
    assert_eq!((run.sent, run.outcomes.refusals, count(&run.outcomes)), (3, 3, 0));
    assert_eq!(reason(&run.outcomes, "page-after-last"), "the API refused the first requests");
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
    assert_eq!(other.no_access, None);
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
    ] {
        let faults: callperf_sandbox::Faults =
            format!("{fault} on=reports times=99").parse().unwrap();
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
