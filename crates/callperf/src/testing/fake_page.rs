//! Pages that no server sent.

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::fake::{FROM, TO};
use crate::{
    report::{Notice, Page},
    words::{period::ResolvedPeriod, vocabulary::Grouping},
};

/// A [`Page`] in the making.
#[derive(Clone, Debug)]
#[must_use]
pub struct FakePage<T>(Page<T>);

impl<T> Page<T> {
    /// A page that no server sent, for tests: the only one, without a record, about
    /// the first week of 2026.
    ///
    /// ```
    /// use callperf::{Page, Record};
    ///
    /// let page = Page::fake().record(Record::fake().key("7001").build()).build();
    /// assert_eq!((page.page, page.total_pages, page.total_records), (Some(1), Some(1), Some(1)));
    /// ```
    pub fn fake() -> FakePage<T> {
        FakePage(Page {
            records: Vec::new(),
            page: Some(1),
            per_page: None,
            total_pages: Some(1),
            total_records: None,
            grouped_by: None,
            period: ResolvedPeriod::between(FROM, TO),
            notices: Vec::new(),
            extra: Map::new(),
            left_out: 0,
        })
    }
}

impl<T> FakePage<T> {
    /// One more record or series.
    pub fn record(mut self, record: T) -> Self {
        self.0.records.push(record);
        self
    }

    /// Which page of how many it is.
    pub fn page(mut self, number: u64, of: u64) -> Self {
        self.0.page = Some(number);
        self.0.total_pages = Some(of);
        self
    }

    /// How many records a page may hold.
    pub fn per_page(mut self, records: u64) -> Self {
        self.0.per_page = Some(records);
        self
    }

    /// How many records there are on all pages; by default those of this one.
    pub fn total_records(mut self, records: u64) -> Self {
        self.0.total_records = Some(records);
        self
    }

    /// What the records are.
    pub fn grouped_by(mut self, grouping: impl Into<Grouping>) -> Self {
        self.0.grouped_by = Some(grouping.into());
        self
    }

    /// The period, half-open.
    pub fn period(mut self, from: Timestamp, to: Timestamp) -> Self {
        self.0.period = ResolvedPeriod::between(from, to);
        self
    }

    /// One more thing that a reader should know.
    pub fn notice(mut self, notice: Notice) -> Self {
        self.0.notices.push(notice);
        self
    }

    /// What this crate has no word for, by wire name.
    pub fn extra(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.0.extra.insert(name.into(), value.into());
        self
    }

    /// The page.
    #[must_use]
    pub fn build(self) -> Page<T> {
        let mut page = self.0;
        page.total_records.get_or_insert(page.records.len() as u64);
        page
    }
}

impl<T> From<FakePage<T>> for Page<T> {
    fn from(fake: FakePage<T>) -> Self {
        fake.build()
    }
}
