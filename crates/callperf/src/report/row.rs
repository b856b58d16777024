//! What a query gives one of per key.

use super::{Info, Metric, Page, Record, Series};

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Record {}
    impl Sealed for super::Series {}
}

/// A page of whichever operation was asked for.
#[derive(Debug)]
pub enum AnyPage {
    Records(Page<Record>),
    Series(Page<Series>),
}

/// What a request returns one of per key: a [`Record`] or a [`Series`].
pub trait Row: sealed::Sealed + Sized + Send + 'static {
    /// The record's key.
    fn key(&self) -> &str;

    /// The calls and the time spent of the record, or of each of its points.
    #[doc(hidden)]
    fn metrics(&self) -> Vec<(&Metric, &Metric)>;

    /// What is said about the key.
    #[doc(hidden)]
    fn info_mut(&mut self) -> &mut Option<Info>;

    /// The page, if it is one of these.
    #[doc(hidden)]
    fn of(page: AnyPage) -> Option<Page<Self>>;
}

impl Row for Record {
    fn key(&self) -> &str {
        self.key()
    }

    fn metrics(&self) -> Vec<(&Metric, &Metric)> {
        vec![(self.calls(), self.time_spent())]
    }

    fn info_mut(&mut self) -> &mut Option<Info> {
        &mut self.info
    }

    fn of(page: AnyPage) -> Option<Page<Self>> {
        match page {
            AnyPage::Records(page) => Some(page),
            AnyPage::Series(_) => None,
        }
    }
}

impl Row for Series {
    fn key(&self) -> &str {
        self.key()
    }

    fn metrics(&self) -> Vec<(&Metric, &Metric)> {
        self.points().iter().map(|point| (point.calls(), point.time_spent())).collect()
    }

    fn info_mut(&mut self) -> &mut Option<Info> {
        &mut self.info
    }

    fn of(page: AnyPage) -> Option<Page<Self>> {
        match page {
            AnyPage::Series(page) => Some(page),
            AnyPage::Records(_) => None,
        }
    }
}
