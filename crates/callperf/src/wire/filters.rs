//! What the filters of both APIs have in common.

use crate::query::Filter;

/// A field of a request that a filter is put into.
pub(super) trait FilterField<T> {
    fn set_to(&mut self, value: &T);
}

impl FilterField<Vec<String>> for Vec<String> {
    fn set_to(&mut self, ids: &Vec<String>) {
        self.clone_from(ids);
    }
}

/// The lists that a filter's words need, each once.
pub(super) fn lists(
    filter: &Filter,
    list_of: impl Fn(&str) -> Option<&'static str>,
) -> Vec<&'static str> {
    let mut lists: Vec<_> = filter.words().into_iter().filter_map(list_of).collect();
    lists.sort_unstable();
    lists.dedup();
    lists
}
