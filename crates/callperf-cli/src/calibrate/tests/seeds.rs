//! Random combinations of options, and files that make a sandbox the same again.

use callperf::rules::{ASSUMPTIONS, Calibration, Choices};
use callperf_sandbox::Assumptions;

use super::support::{Company, EVERYTHING, of, setup};
use crate::calibrate::{Earlier, Outcomes, written};

/// How many combinations the gate draws; docs/calibrations.md has the command for more.
const SEEDS: u64 = 8;

/// The next number of a stream (`SplitMix64`).
fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut number = *state;
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

fn below(state: &mut u64, limit: u64) -> u64 {
    draw(state) % limit
}

/// Each option with the same chance, whether it is the default or not.
fn combination(seed: u64) -> (Company, Assumptions) {
    let mut state = seed;
    let mut assumptions = Assumptions::default();
    for assumption in ASSUMPTIONS {
        let option = match assumption.choices {
            Choices::Words(words) => {
                let place = below(&mut state, words.len().try_into().unwrap());
                words[usize::try_from(place).unwrap()].to_owned()
            }
            Choices::Number { least, most } => {
                (u64::from(least) + below(&mut state, u64::from(most - least) + 1)).to_string()
            }
            _ => unreachable!("there are words and numbers"),
        };
        if let Ok(with) = assumptions.clone().set(assumption.name, &option) {
            assumptions = with;
        }
    }
    let place = below(&mut state, 3);
    (Company::ALL[usize::try_from(place).unwrap()], assumptions)
}

fn settled(outcomes: &Outcomes) -> Vec<(&'static str, String)> {
    let names = outcomes.verdicts.keys();
    names.filter_map(|name| Some((*name, outcomes.settled(name)?.to_owned()))).collect()
}

/// A sandbox that follows the file of a run answers the run in the same way.
#[tokio::test]
async fn no_combination_of_options_is_taken_for_another_one() {
    let seeds = std::env::var("CALIBRATION_SEEDS").map_or(SEEDS, |seeds| seeds.parse().unwrap());
    let mut found = 0;
    for seed in 1..=seeds {
        let (company, assumptions) = combination(seed);
        let outcomes = of(company.builder(), &assumptions, EVERYTHING).await;
        let before = settled(&outcomes);
        found += before.len();
        let file = written(&outcomes, &setup(), "http://127.0.0.1", &Earlier::default());
        let by_the_sdk: Calibration = file.parse().unwrap();
        let kept: Vec<_> = by_the_sdk
            .all_settled()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let expected: Vec<_> =
            before.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        assert_eq!(kept, expected, "seed {seed}");
        let by_the_sandbox: callperf_sandbox::Calibration = file.parse().unwrap();
        let again = of(company.builder(), &by_the_sandbox.assumptions(), EVERYTHING).await;
        let after = settled(&again);
        for one in &before {
            assert!(after.contains(one), "seed {seed}: {one:?} isn't in {after:?}");
        }
    }
    assert!(found as u64 > 10 * seeds, "{found} settled by {seeds} seeds");
}
