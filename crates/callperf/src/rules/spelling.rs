//! What the rules must know of an API's spelling to see what it can't express.

use std::borrow::Cow;

use crate::{
    query::{Dimension, Filter},
    words::{metric::MetricName, vocabulary::Breakdown},
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
}
