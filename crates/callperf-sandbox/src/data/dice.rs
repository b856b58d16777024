//! Chances, drawn the same everywhere.

use jiff::civil::Date;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of chances.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// Each day has its own stream, so that a later start of the period keeps the days it shares.
    pub(crate) fn of_day(seed: u64, date: Date) -> Dice {
        Dice::of_stream(seed, number(date))
    }

    /// For what the newer words tell of a day's calls: nothing that is drawn here moves what is drawn there.
    pub(crate) fn of_endings(seed: u64, date: Date) -> Dice {
        Dice::of_key(seed, 1, number(date))
    }

    /// For the names of a company that grows.
    pub(crate) fn of_names(seed: u64) -> Dice {
        Dice::of_stream(seed, u64::MAX)
    }

    /// For the hours in which a given number of calls begin.
    pub(crate) fn of_hours(seed: u64) -> Dice {
        Dice::of_stream(seed, u64::MAX - 1)
    }

    fn of_stream(seed: u64, stream: u64) -> Dice {
        Dice::of_key(seed, 0, stream)
    }

    fn of_key(seed: u64, subject: u8, stream: u64) -> Dice {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8] = subject;
        let mut source = ChaCha8Rng::from_seed(key);
        source.set_stream(stream);
        Dice(source)
    }

    pub(crate) fn below_many(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.0.next_u64()) * u128::from(bound);
        u64::try_from(product >> 64).unwrap_or(0)
    }

    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let product = u64::from(self.0.next_u32()) * u64::from(bound);
        u32::try_from(product >> 32).unwrap_or(0)
    }

    pub(crate) fn percent(&mut self, chance: u32) -> bool {
        self.below(100) < chance
    }

    pub(crate) fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(u32::try_from(of.len()).unwrap_or(1)) as usize]
    }

    /// The place of a weight, as often as it weighs.
    pub(crate) fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().sum());
        let falls_here = |weight: &u32| {
            let here = left < *weight;
            left = left.saturating_sub(*weight);
            here
        };
        weights.iter().position(falls_here).unwrap_or(0)
    }

    pub(crate) fn seconds(&mut self, quantiles: &[u16]) -> u16 {
        let steps = u32::try_from(quantiles.len() - 1).unwrap_or(1);
        let step = self.below(steps) as usize;
        let (low, high) = (quantiles[step], quantiles[step + 1]);
        let more = self.below(u32::from(high - low) + 1);
        low + u16::try_from(more).unwrap_or(0)
    }
}

/// Days since 1970.
fn number(date: Date) -> u64 {
    (date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24).cast_unsigned()
}
