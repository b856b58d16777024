//! What the beta can express, for the rules.

use std::borrow::Cow;

use callperf_raw::beta::types;
use jiff::civil::Date;

use super::{
    request::{dropped, later},
    table::{self, List, Options, holders, other_field, place},
};
use crate::{
    query::{Dimension, Filter},
    rules::{self, Dropped, Later, Part},
    wire::filters,
    words::{
        metric::MetricName,
        operation::Operation,
        vocabulary::{Breakdown, Grouping},
    },
};

pub(in crate::wire) struct Spelling;

impl rules::Spelling for Spelling {
    fn options<'b>(&self, metric: MetricName, breakdown: &'b Breakdown) -> Vec<&'b str> {
        let name = match metric {
            MetricName::Calls => types::PerformanceCallsCountersResponseOptions::name,
            MetricName::TimeSpent => types::PerformanceCallsTimersResponseOptions::name,
        };
        holders(breakdown).iter().filter_map(name).collect()
    }

    fn has_grouping(&self, dimension: &Dimension) -> bool {
        !matches!(dimension, Dimension::Each(Grouping::SharedLines | Grouping::Ivas))
    }

    fn has_filter(&self, filter: &Filter) -> bool {
        table::has_filter(filter)
    }

    fn place<'w>(&self, filter: &Filter, word: &'w str) -> Option<(&'static str, Cow<'w, str>)> {
        place(filter, word).map(|(list, spelled)| (list.name(), spelled.into()))
    }

    fn lists(&self, filter: &Filter) -> Vec<&'static str> {
        filters::lists(filter, |word| place(filter, word).map(|(list, _)| list.name()))
    }

    fn fields(&self, filter: &Filter) -> Vec<&'static str> {
        match other_field(filter) {
            Some(field) => vec![field],
            None => self.lists(filter),
        }
    }

    fn takes_one_word(&self, list: &str) -> bool {
        List::ALL.iter().any(|known| known.name() == list && known.takes_one())
    }

    fn dropped(&self, _: &Operation, part: Part<'_>, revision: Option<Date>) -> Option<Dropped> {
        dropped(part, revision)
    }

    fn later(&self, _: &Operation, part: Part<'_>, revision: Option<Date>) -> Vec<Later> {
        later(part, revision)
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
        assert_eq!(place, Some(("callResult", "Deflected".into())));
    }

    #[test]
    fn results_need_two_lists() {
        let filter = Filter::from([CallResult::Abandoned, CallResult::Missed]);
        assert_eq!(Spelling.lists(&filter), ["callResponseType", "callResult"]);
    }
}
