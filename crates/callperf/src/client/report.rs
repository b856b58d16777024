//! All that a request returns, in one value.

use std::{slice, vec};

use serde::{Deserialize, Serialize};

use super::pages::Pages;
use crate::{
    report::{Notice, Page, Row},
    words::{
        error::{Error, ErrorKind, Result},
        period::ResolvedPeriod,
    },
};

/// All records of a request, with what a reader should know: what
/// [`Request::all`](crate::Request::all) returns.
///
/// It iterates over its records. It is written and read by serde, so that it can be cached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report<T> {
    /// The records of all pages, in their order.
    pub records: Vec<T>,
    /// The period that all pages are about.
    pub period: ResolvedPeriod,
    /// What the caller should know of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
}

impl<T: Row> Report<T> {
    pub(super) async fn of(mut pages: Pages<T>) -> Result<Self> {
        let no_page = || Error::new(ErrorKind::Answer, "there is no first page");
        let mut report = Self::begun(pages.try_next().await?.ok_or_else(no_page)?);
        while let Some(page) = pages.try_next().await? {
            report.records.extend(page.records);
            report.notices.extend(page.notices);
        }
        Ok(report)
    }

    fn begun(first: Page<T>) -> Self {
        Self { records: first.records, period: first.period, notices: first.notices }
    }
}

impl<T> Report<T> {
    /// A report without notices: what a [`Source`](crate::Source) that is no client returns.
    #[must_use]
    pub fn new(records: Vec<T>, period: ResolvedPeriod) -> Self {
        Self { records, period, notices: Vec::new() }
    }

    /// Iterates over the records.
    pub fn iter(&self) -> slice::Iter<'_, T> {
        self.records.iter()
    }
}

impl<T> IntoIterator for Report<T> {
    type Item = T;
    type IntoIter = vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.records.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Report<T> {
    type Item = &'a T;
    type IntoIter = slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.records.iter()
    }
}
