//! Names of time zones.

use jiff::Timestamp;

/// Whether two names are of zones whose days begin at the same instants, in the years that a
/// history can be of.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let cuts = |name: &str| -> Option<Vec<_>> {
        let zone = super::day::zone(name).ok()?;
        let first = zone.to_offset(START_OF_2015);
        let later = zone
            .following(START_OF_2015)
            .take_while(|change| change.timestamp() < START_OF_2037)
            .map(|change| (change.timestamp(), change.offset()));
        Some(std::iter::once((START_OF_2015, first)).chain(later).collect())
    };
    cuts(one).is_some_and(|cuts_of_one| Some(cuts_of_one) == cuts(other))
}

const START_OF_2015: Timestamp = Timestamp::constant(1_420_070_400, 0);
const START_OF_2037: Timestamp = Timestamp::constant(2_114_380_800, 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_zone_are_one_zone() {
        assert!(is_same("Asia/Calcutta", "Asia/Kolkata"));
        assert!(is_same("america/new_york", "America/New_York"));
        assert!(is_same("US/Eastern", "America/New_York"));
        assert!(!is_same("Asia/Kathmandu", "Asia/Kolkata"));
        assert!(!is_same("America/Phoenix", "America/Denver"));
        assert!(!is_same("Mars/Base", "Asia/Kolkata"));
    }
}
