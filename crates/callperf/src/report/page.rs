//! One page of a response.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{notice::Notice, stored::word_to_the_letter};
use crate::words::{period::ResolvedPeriod, vocabulary::Grouping};

/// One page of an answer. As JSON it has what is there, and the period's ends as
/// instants.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Page<T> {
    /// The records of the page, in the order of the answer.
    pub records: Vec<T>,
    /// The number of the page, from 1; `None` where the API doesn't page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u64>,
    /// How many records a page may hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u64>,
    /// How many pages there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_pages: Option<u64>,
    /// How many records there are on all pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_records: Option<u64>,
    /// What the records are, as the API says it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "word_to_the_letter"
    )]
    pub grouped_by: Option<Grouping>,
    /// The period that was asked for.
    pub period: ResolvedPeriod,
    /// What the caller should know of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
    /// What this crate has no word for, by wire name.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Json>,
    /// How many records the response has that can't be read, or aren't of the period.
    #[serde(skip)]
    pub(crate) left_out: u64,
}

/// Pages are equal by what they say.
impl<T: PartialEq> PartialEq for Page<T> {
    fn eq(&self, other: &Self) -> bool {
        let counts = |page: &Self| (page.page, page.per_page, page.total_pages, page.total_records);
        self.records == other.records
            && counts(self) == counts(other)
            && self.grouped_by == other.grouped_by
            && self.period == other.period
            && self.notices == other.notices
            && self.extra == other.extra
    }
}
