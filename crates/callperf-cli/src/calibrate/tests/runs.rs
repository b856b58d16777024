//! Runs one after the other, and what their file keeps.

use toml_edit::{DocumentMut, Item};

use super::support::{EVERYTHING, setup};
use crate::calibrate::{
    Earlier, Outcomes,
    driver::most_requests,
    verdict::{Unsettled, Verdict},
    written,
};

const SERVER: &str = "https://example.com";

fn outcomes(verdicts: &[(&'static str, Verdict)]) -> Outcomes {
    let mut outcomes = Outcomes::unasked();
    outcomes.verdicts.extend(verdicts.iter().cloned());
    outcomes
}

/// The file of a run, after the one of another.
fn file(before: &str, verdicts: &[(&'static str, Verdict)]) -> String {
    let earlier = Earlier::of(before, SERVER).unwrap();
    written(&outcomes(verdicts), &setup(), SERVER, &earlier)
}

fn first(verdicts: &[(&'static str, Verdict)]) -> String {
    let file = written(&outcomes(verdicts), &setup(), SERVER, &Earlier::default());
    file.replace("made = \"2026-06-02", "made = \"2026-01-02")
}

fn report(before: &str, verdicts: &[(&'static str, Verdict)]) -> String {
    let mut report = Vec::new();
    let earlier = Earlier::of(before, SERVER).unwrap();
    outcomes(verdicts).write(&mut report, &setup(), &earlier).unwrap();
    String::from_utf8(report).unwrap()
}

fn field(file: &str, table: &str, name: &str, field: &str) -> Option<String> {
    let document: DocumentMut = file.parse().unwrap();
    let entry = document.get(table)?.get(name)?.get(field).and_then(Item::as_str);
    entry.map(str::to_owned)
}

fn settled(value: &str) -> Verdict {
    Verdict::settled(value, format!("weeks of {value}"))
}

fn contradicted() -> Verdict {
    Verdict::Contradicted { evidence: "no weeks".to_owned(), response: "{}".to_owned() }
}

const WEEKS: &str = "week-start";

#[test]
fn a_result_that_changed_is_beside_the_earlier_one() {
    let before = first(&[(WEEKS, settled("sunday"))]);
    let after = file(&before, &[(WEEKS, settled("monday"))]);
    let of = |name| field(&after, "settled", WEEKS, name);
    assert_eq!(of("value").as_deref(), Some("monday"));
    assert_eq!(of("earlier").as_deref(), Some("sunday"));
    assert_eq!(of("earlier-evidence").as_deref(), Some("weeks of sunday"));
    assert_eq!(of("earlier-made").as_deref(), Some("2026-01-02T00:00:00Z"));
    let report = report(&before, &[(WEEKS, settled("monday"))]);
    assert!(report.contains("an earlier run found sunday, on 2026-01-02"), "{report}");
    // The same again: what was before it stays. Both readers take it.
    assert_eq!(file(&after, &[(WEEKS, settled("monday"))]), after);
    let calibration: callperf::rules::Calibration = after.parse().unwrap();
    assert_eq!(calibration.settled(WEEKS), Some("monday"));
    after.parse::<callperf_sandbox::Calibration>().unwrap();
    // Without a change nothing is said.
    let same = file(&before, &[(WEEKS, settled("sunday"))]);
    assert_eq!(field(&same, "settled", WEEKS, "earlier"), None);
}

#[test]
fn what_was_contradicted_is_kept_until_it_is_asked_again() {
    let before = first(&[(WEEKS, contradicted())]);
    let open = Verdict::Unsettled(Unsettled::new("two days fit", "more calls"));
    let kept = file(&before, &[(WEEKS, open)]);
    assert_eq!(field(&kept, "contradicted", WEEKS, "evidence").as_deref(), Some("no weeks"));
    assert_eq!(field(&kept, "unsettled", WEEKS, "reason"), None);
    let after = file(&kept, &[(WEEKS, settled("monday"))]);
    assert_eq!(field(&after, "settled", WEEKS, "earlier").as_deref(), Some("contradicted"));
    let after = file(&after, &[(WEEKS, contradicted())]);
    assert_eq!(field(&after, "contradicted", WEEKS, "earlier").as_deref(), Some("monday"));
    after.parse::<callperf::rules::Calibration>().unwrap();
    after.parse::<callperf_sandbox::Calibration>().unwrap();
}

#[test]
fn a_reason_that_responses_gave_outlives_a_budget_that_was_used_up() {
    let observed = Verdict::Unsettled(Unsettled::new("two days fit", "more calls"));
    let budget = Verdict::Unsettled(Unsettled::unasked("the budget is used up", "a larger one"));
    let before = first(&[(WEEKS, observed.clone())]);
    let after = file(&before, &[(WEEKS, budget.clone())]);
    assert_eq!(field(&after, "unsettled", WEEKS, "reason").as_deref(), Some("two days fit"));
    assert_eq!(field(&after, "unsettled", WEEKS, "made").as_deref(), Some("2026-01-02T00:00:00Z"));
    let report = report(&before, &[(WEEKS, budget.clone())]);
    assert!(
        report.contains("week-start is open\n      found on 2026-01-02: two days fit"),
        "{report}"
    );
    // The other way about, the newer one says more.
    let before = first(&[(WEEKS, budget.clone())]);
    let after = file(&before, &[(WEEKS, observed)]);
    assert_eq!(field(&after, "unsettled", WEEKS, "reason").as_deref(), Some("two days fit"));
    let quota = Verdict::Unsettled(Unsettled::unasked("the quota is used up", "patience"));
    let after = file(&before, &[(WEEKS, quota)]);
    assert_eq!(
        field(&after, "unsettled", WEEKS, "reason").as_deref(),
        Some("the quota is used up")
    );
}

#[test]
fn a_file_of_another_server_is_in_the_way_only_if_it_has_results() {
    let none = written(&outcomes(&[]), &setup(), "https://other.com", &Earlier::default());
    assert!(Earlier::of(&none, SERVER).is_ok());
    let some = [(WEEKS, settled("monday"))];
    let some = written(&outcomes(&some), &setup(), "https://other.com", &Earlier::default());
    assert!(Earlier::of(&some, SERVER).unwrap_err().contains("is of https://other.com"));
}

#[test]
fn what_the_head_counts_is_said_to_be_of_the_last_run() {
    let file = first(&[]);
    let head = file.split("\n[").next().unwrap();
    let (of_the_api, of_the_run) = head.split_once("# Of the last run alone:\n").unwrap();
    assert!(of_the_api.contains("server =") && of_the_api.contains("api ="));
    assert!(of_the_run.starts_with("made =") && of_the_run.contains("\nrefusals ="));
}

/// A minute of the documented quota has fifty.
#[test]
fn the_default_budgets_are_enough_for_all_requests() {
    let most = |refusals| most_requests(&setup(), refusals);
    assert!(most(false) <= EVERYTHING.budget, "{}", most(false));
    assert!(most(true) <= 50, "{}", most(true));
}
