//! Each option of each assumption, on each kind of calls: it is found, or nothing is.

use std::{fs, path::Path};

use callperf::rules::{ASSUMPTIONS, Assumption, Choices, Settling};
use callperf_sandbox::{Assumptions, Builder, Format, Sandbox};

use super::support::{Company, EVERYTHING, of, quiet};
use crate::calibrate::{Allowed, Outcomes, report::experimented, verdict::Verdict};

/// What isn't settled on the steady calls, and why.
const EXCEPTIONS: [(&str, &str); 1] =
    [("abandoned-sla", "no queue of the invented company counts abandoned calls")];

/// Sizes of pages, and the like: one in the middle stands for all others.
fn numbers(least: u32, most: u32) -> Vec<String> {
    let mut numbers = vec![least, (least + 6).min(most), most];
    numbers.dedup();
    numbers.iter().map(u32::to_string).collect()
}

/// Each assumption with each of its options. The sandbox is the same one for all defaults, which the
/// first stands for.
fn options() -> Vec<(&'static str, String)> {
    let all = ASSUMPTIONS.iter().flat_map(|assumption| {
        let options = match assumption.choices {
            Choices::Words(words) => words.iter().map(|word| (*word).to_owned()).collect(),
            Choices::Number { least, most } => numbers(least, most),
            _ => unreachable!("there are words and numbers"),
        };
        options.into_iter().map(|option| (assumption.name, option))
    });
    // The rest is no option of the sandbox's.
    let defaults = Assumptions::default().list();
    let mut has_default = false;
    all.filter(|(name, option)| Assumptions::default().set(name, option).is_ok())
        .filter(|(name, option)| {
            let is_default = defaults.contains(&(*name, option.clone()));
            !is_default || !std::mem::replace(&mut has_default, true)
        })
        .collect()
}

/// Sets of assumptions that have each option in one of them: the first options of all, the second
/// ones, and so on.
fn rows() -> Vec<Assumptions> {
    let mut rows: Vec<Assumptions> = Vec::new();
    let mut places = std::collections::BTreeMap::new();
    for (name, option) in options() {
        let place = places.entry(name).and_modify(|place| *place += 1).or_insert(0_usize);
        if rows.len() == *place {
            rows.push(Assumptions::default());
        }
        rows[*place] = rows[*place].clone().set(name, &option).unwrap();
    }
    rows
}

#[test]
fn the_rows_have_each_option_once() {
    let all: Vec<_> = rows().iter().flat_map(Assumptions::list).collect();
    assert!(options().iter().all(|option| all.contains(option)));
    assert!(rows().len() < 8);
}

fn is_exception(name: &str) -> bool {
    let is_never = |one: &Assumption| one.name == name && one.settling == Settling::Never;
    ASSUMPTIONS.iter().any(is_never) || EXCEPTIONS.iter().any(|(exception, _)| *exception == name)
}

/// The assumptions that a run should have settled and hasn't.
fn open(outcomes: &Outcomes) -> Vec<&'static str> {
    let names = ASSUMPTIONS.iter().map(|assumption| assumption.name);
    let open = |name: &&str| !is_exception(name) && outcomes.settled(name).is_none();
    names.filter(open).collect()
}

/// What a row with many options leaves open, the option alone has to settle.
#[tokio::test]
async fn each_option_is_found_in_steady_calls() {
    for row in rows() {
        let outcomes = of(Company::Steady.builder(), &row, EVERYTHING).await;
        let open_in_row = open(&outcomes);
        let options = row.list().into_iter().filter(|(name, _)| open_in_row.contains(name));
        for (name, option) in options {
            let alone = Assumptions::default().set(name, &option).unwrap();
            let outcomes = of(Company::Steady.builder(), &alone, EVERYTHING).await;
            assert!(outcomes.requests <= EVERYTHING.budget, "{name} = {option}");
            assert_eq!(open(&outcomes), [""; 0], "{name} = {option}: {:?}", outcomes.verdicts);
        }
    }
    let outcomes = of(Company::Steady.builder(), &Assumptions::default(), EVERYTHING).await;
    assert_eq!(open(&outcomes), [""; 0], "{:?}", outcomes.verdicts);
}

#[tokio::test]
async fn each_option_is_found_in_other_calls_or_none_is() {
    for company in [Company::ContactCentre, Company::AfterHours] {
        for assumptions in rows() {
            of(company.builder(), &assumptions, EVERYTHING).await;
        }
    }
}

#[tokio::test]
async fn a_quiet_account_ends_well_with_everything_unsettled() {
    let folder = tempfile::tempdir().unwrap();
    for assumptions in rows() {
        let outcomes = of(quiet(folder.path()), &assumptions, EVERYTHING).await;
        let settled =
            outcomes.verdicts.values().filter(|one| matches!(one, Verdict::Settled { .. }));
        assert_eq!(settled.count(), 0, "{assumptions:?}");
        assert_eq!((outcomes.requests, outcomes.refusals), (1, 0), "{assumptions:?}");
    }
}

#[tokio::test]
async fn without_leave_no_request_is_refused_and_all_others_settle_what_they_can() {
    // Of those that may be refused, each has an option in the first three rows.
    for assumptions in rows().into_iter().take(3) {
        let allowed = Allowed { refusals: false, ..EVERYTHING };
        let outcomes = of(Company::AfterHours.builder(), &assumptions, allowed).await;
        assert_eq!(outcomes.refusals, 0, "{assumptions:?}");
        for assumption in ASSUMPTIONS.iter().filter(|it| it.settling == Settling::WithRefusals) {
            assert_eq!(outcomes.settled(assumption.name), None, "{assumptions:?}");
        }
    }
}

/// The invented queues count none, so that the calls are changed. The thresholds are those of the
/// queues, one after the other.
fn counting_abandoned_calls(folder: &Path, thresholds: &[u32]) -> Builder {
    let data = folder.join("calls");
    Company::ContactCentre.builder().load().unwrap().write(&data, Format::Csv).unwrap();
    let file = data.join("extensions.csv");
    let text = fs::read_to_string(&file).unwrap();
    let mut lines = text.lines();
    let head = lines.next().unwrap();
    let place = |name: &str| head.split(',').position(|column| column == name).unwrap();
    let (kind, threshold) = (place("kind"), place("sla_seconds"));
    let counted = place("sla_abandoned_seconds");
    let mut next = thresholds.iter().cycle();
    let changed = lines.map(|line| {
        let mut cells: Vec<_> = line.split(',').map(str::to_owned).collect();
        if cells[kind] == "queue" {
            cells[threshold] = next.next().unwrap().to_string();
            cells[counted] = "0".to_owned();
        }
        cells.join(",") + "\n"
    });
    fs::write(&file, format!("{head}\n{}", changed.collect::<String>())).unwrap();
    Sandbox::builder().data(&data)
}

#[tokio::test]
async fn a_queue_that_counts_abandoned_calls_shows_where_they_stand() {
    // By a low threshold, short waits are out of the service level by either option: the one of the
    // invented calls is of four seconds.
    for (threshold, is_shown) in [(20, true), (5, true), (3, false)] {
        for option in ["out", "by-wait"] {
            let folder = tempfile::tempdir().unwrap();
            let assumptions = Assumptions::default().set("abandoned-sla", option).unwrap();
            let builder = counting_abandoned_calls(folder.path(), &[threshold]);
            let outcomes = of(builder, &assumptions, EVERYTHING).await;
            let expected = is_shown.then_some(option);
            let verdict = &outcomes.verdicts["abandoned-sla"];
            assert_eq!(outcomes.settled("abandoned-sla"), expected, "{threshold}: {verdict:?}");
        }
    }
}

#[tokio::test]
async fn queues_of_different_thresholds_settle_nothing_wrong() {
    for thresholds in [[2, 30, 4], [0, 0, 20]] {
        for option in ["out", "by-wait"] {
            let folder = tempfile::tempdir().unwrap();
            let assumptions = Assumptions::default().set("abandoned-sla", option).unwrap();
            let builder = counting_abandoned_calls(folder.path(), &thresholds);
            of(builder, &assumptions, EVERYTHING).await;
        }
    }
}

#[test]
fn each_assumption_that_requests_can_settle_has_one_experiment() {
    let mut experimented = experimented();
    experimented.sort_unstable();
    let settling = |settling| ASSUMPTIONS.iter().filter(move |one| one.settling == settling);
    let mut expected: Vec<_> = settling(Settling::Observable)
        .chain(settling(Settling::WithRefusals))
        .map(|assumption| assumption.name)
        .collect();
    expected.sort_unstable();
    assert_eq!(experimented, expected);
}
