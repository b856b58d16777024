use super::{group_by::GroupBy, measure::Measure};
use crate::words::vocabulary::{Aggregation, Breakdown, Interval};

#[test]
fn a_measure_says_what_it_is() {
    let measure = Measure::new(Breakdown::Result, Aggregation::Average).per(Interval::Day);
    assert_eq!(measure.breakdown(), &Breakdown::Result);
    assert_eq!(measure.aggregation(), &Aggregation::Average);
    assert_eq!(measure.interval(), Some(&Interval::Day));
    assert_eq!(Measure::from(Breakdown::Total).interval(), None);
}

#[test]
fn an_empty_list_of_keys_adds_nothing_and_takes_nothing_away() {
    let none = [""; 0];
    let of_one = GroupBy::users().keys(["1"]);
    assert_eq!(of_one.clone().keys(none), of_one);
    assert_eq!(GroupBy::users().keys(none).keys(["1"]), of_one);
    assert_ne!(GroupBy::users().keys(none), GroupBy::users());
    assert_eq!(GroupBy::users().keys(none).all_keys(), GroupBy::users());
    assert_eq!(of_one.all_keys(), GroupBy::users());
}
