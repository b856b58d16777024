//! What the rules must know of an API's spelling to see what it can't express.

use std::borrow::Cow;

use jiff::civil::Date;

use crate::{
    query::{Dimension, Filter, GroupBy, Hours, Measure},
    words::{
        metric::MetricName,
        operation::Operation,
        vocabulary::{Breakdown, DayOfWeek},
    },
};

/// What an API can express, and where. The tables stand beside the requests that they are for.
pub(crate) trait Spelling {
    /// The response options that a breakdown needs: its own, and those that hold some of
    /// its words. Empty if the API doesn't have it.
    fn options<'b>(&self, metric: MetricName, breakdown: &'b Breakdown) -> Vec<&'b str>;

    /// Whether the API has a grouping.
    fn has_grouping(&self, dimension: &Dimension) -> bool;

    /// Whether the API has a filter.
    fn has_filter(&self, filter: &Filter) -> bool;

    /// A filter's word: the list that holds it, and its spelling there.
    ///
    /// A word that the crate doesn't know goes into the filter's own list to the
    /// letter. `None` is a word that the API doesn't have.
    fn place<'w>(&self, filter: &Filter, word: &'w str) -> Option<(&'static str, Cow<'w, str>)>;

    /// The lists that a filter's words need, each once.
    fn lists(&self, filter: &Filter) -> Vec<&'static str>;

    /// The fields of a request that a filter is put into.
    fn fields(&self, filter: &Filter) -> Vec<&'static str>;

    /// Whether a list takes one word only.
    fn takes_one_word(&self, list: &str) -> bool;

    /// What a part of a query needs that the API dropped, as of a revision or the current one.
    fn dropped(
        &self,
        operation: &Operation,
        part: Part<'_>,
        revision: Option<Date>,
    ) -> Option<Dropped>;

    /// What a part of a query needs that came later than a revision; nothing for the current one.
    fn later(&self, operation: &Operation, part: Part<'_>, revision: Option<Date>) -> Vec<Later>;
}

/// A part of a query that is put into a request by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part<'q> {
    Measure(MetricName, &'q Measure),
    Filter(&'q Filter),
    GroupBy(&'q GroupBy),
    Days(&'q [DayOfWeek]),
    Hours(&'q [Hours]),
}

/// What an API dropped.
#[derive(Debug)]
pub(crate) struct Dropped {
    /// Its last name on the wire.
    pub(crate) name: String,
    /// The first revision without it.
    pub(crate) since: &'static str,
}

/// What an API brought with a revision.
#[derive(Debug)]
pub(crate) struct Later {
    /// Its name on the wire.
    pub(crate) name: &'static str,
    /// The first revision with it.
    pub(crate) since: &'static str,
}
