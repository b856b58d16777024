//! Histories from seeds: drawn, checked, and made short where one fails.

use std::fmt::Debug;

/// What happens in a simulation.
pub(crate) trait History: Clone + Debug {
    /// All histories with one thing less.
    fn smaller(&self) -> Vec<Self>;
}

/// A number of the environment.
pub(crate) fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect(name))
}

/// So many seeds, and before them those that found a fault once; or the one that
/// `SIMULATION_SEED` names.
pub(crate) fn seeds(found: &[u64], count: u64) -> impl Iterator<Item = u64> {
    let named = number("SIMULATION_SEED");
    let first = named.or(number("SIMULATION_FIRST_SEED")).unwrap_or(0);
    let (found, count) = if named.is_some() { (&[][..], 1) } else { (found, count) };
    found.iter().copied().chain(first..first + count)
}

/// Checks the history of each seed. The first that fails is printed with its seed, in as few
/// steps as can be found.
pub(crate) fn holds<H: History, V: Debug>(
    seeds: impl IntoIterator<Item = u64>,
    drawn: impl Fn(u64) -> H,
    check: impl Fn(&H) -> Result<(), V>,
) {
    for seed in seeds {
        let history = drawn(seed);
        if let Err(violation) = check(&history) {
            let (history, violation) = shrunk(history, violation, &check);
            panic!("SIMULATION_SEED={seed}: {violation:?} in this history:\n{history:#?}");
        }
    }
}

fn shrunk<H: History, V>(
    mut history: H,
    mut violation: V,
    check: impl Fn(&H) -> Result<(), V>,
) -> (H, V) {
    let fails = |one: H| check(&one).err().map(|why| (one, why));
    while let Some(smaller) = history.smaller().into_iter().find_map(fails) {
        (history, violation) = smaller;
    }
    (history, violation)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl History for Vec<u64> {
        fn smaller(&self) -> Vec<Self> {
            let without = |at| [&self[..at], &self[at + 1..]].concat();
            (0..self.len()).map(without).collect()
        }
    }

    #[test]
    #[should_panic(expected = "SIMULATION_SEED=3: \"odd\" in this history:\n[\n    3,\n]")]
    fn a_failure_has_its_seed_and_the_shortest_history() {
        let is_even = |number: &u64| number.is_multiple_of(2);
        let check = |history: &Vec<u64>| history.iter().all(is_even).then_some(()).ok_or("odd");
        holds(2..9, |seed| vec![2, seed, 4, 6], check);
    }
}
