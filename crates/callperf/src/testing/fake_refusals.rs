//! What makes no record of a test.

use crate::{Breakdown, Record};

#[test]
#[should_panic(expected = "by_result has a number for each of its words; use calls_by")]
fn one_number_of_a_breakdown_with_words_is_refused() {
    let _ = Record::fake().calls(Breakdown::Result, 5);
}

#[test]
#[should_panic(expected = "total is one number, without words; use calls or time_spent")]
fn a_word_of_one_number_is_refused() {
    let _ = Record::fake().calls_by(Breakdown::Total, "missed", 5);
}

#[test]
#[should_panic(expected = "a metric has numbers, and \"many\" is none")]
fn what_is_no_number_is_refused() {
    let _ = Record::fake().calls(Breakdown::Total, "many");
}
