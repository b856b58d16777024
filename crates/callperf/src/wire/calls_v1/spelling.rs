//! What today's API can express, for the rules.

use std::borrow::Cow;

use callperf_raw::calls_v1::types;
use jiff::civil::Date;

use super::{
    request::{dropped, later},
    table::{Options, other_field, place},
};
use crate::{
    query::{Dimension, Filter},
    rules::{self, Dropped, Later, Part},
    wire::filters,
    words::{metric::MetricName, operation::Operation, vocabulary::Breakdown},
};

pub(in crate::wire) struct Spelling;

impl rules::Spelling for Spelling {
    fn options<'b>(&self, metric: MetricName, breakdown: &'b Breakdown) -> Vec<&'b str> {
        let name = match metric {
            MetricName::Calls => types::AggregationResponseOptionsCounters::name(breakdown),
            MetricName::TimeSpent => types::AggregationResponseOptionsTimers::name(breakdown),
        };
        name.into_iter().collect()
    }

    fn has_grouping(&self, _: &Dimension) -> bool {
        true
    }

    fn has_filter(&self, _: &Filter) -> bool {
        true
    }

    fn place<'w>(&self, filter: &Filter, word: &'w str) -> Option<(&'static str, Cow<'w, str>)> {
        place(filter, word).map(|(list, spelled)| (list, spelled.into()))
    }

    fn lists(&self, filter: &Filter) -> Vec<&'static str> {
        filters::lists(filter, |word| place(filter, word).map(|(list, _)| list))
    }

    fn fields(&self, filter: &Filter) -> Vec<&'static str> {
        match other_field(filter) {
            Some(field) => vec![field],
            None => self.lists(filter),
        }
    }

    fn takes_one_word(&self, _: &str) -> bool {
        false
    }

    fn dropped(
        &self,
        operation: &Operation,
        part: Part<'_>,
        revision: Option<Date>,
    ) -> Option<Dropped> {
        dropped(operation, part, revision)
    }

    fn later(&self, operation: &Operation, part: Part<'_>, revision: Option<Date>) -> Vec<Later> {
        later(operation, part, revision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{rules::Spelling as _, words::vocabulary::CallResult};

    #[test]
    fn an_unknown_word_is_sent_to_the_letter() {
        let filter = Filter::from(CallResult::from("Deflected"));
        let place = Spelling.place(&filter, "Deflected");
        assert_eq!(place, Some(("callResults", "Deflected".into())));
    }

    #[test]
    fn results_have_one_list() {
        let filter = Filter::from([CallResult::Abandoned, CallResult::Missed]);
        assert_eq!(Spelling.lists(&filter), ["callResults"]);
    }
}
