//! What the pages of a pull have in common, and what is odd where they don't.

use std::collections::HashSet;

use crate::{
    report::{Notice, Page, Row},
    words::error::{Error, ErrorKind, Result},
};

/// The keys that came so far. Most are ids, and as numbers they take little room in a long pull.
#[derive(Default)]
struct Keys {
    numbers: HashSet<u64>,
    texts: HashSet<String>,
}

impl Keys {
    /// Whether the key is new.
    fn insert(&mut self, key: &str) -> bool {
        // Only what is a number's own text: `7`, `07` and `+7` are three keys.
        let number =
            key.parse().ok().filter(|_| key.starts_with(|first| matches!(first, '1'..='9')));
        match number {
            Some(number) => self.numbers.insert(number),
            None => self.texts.insert(key.to_owned()),
        }
    }

    fn len(&self) -> usize {
        self.numbers.len() + self.texts.len()
    }
}

/// How many pages in a row may bring nothing new, for keys that come and go. A
/// server that ignores the page's number would go on to the last one that it counts.
const MOST_PAGES_WITHOUT_NEWS: u32 = 4;

/// What a page says of itself and of the others.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    pub(super) page: Option<u64>,
    pub(super) total_pages: Option<u64>,
    pub(super) total_records: Option<u64>,
    /// How many of its records can't be read.
    pub(super) left_out: u64,
}

/// What the pages of a pull have in common, to see when they don't.
#[derive(Default)]
pub(super) struct PageGuard {
    keys: Keys,
    /// The records that the first page announced.
    announced: Option<u64>,
    first_pages: Option<u64>,
    left_out: u64,
    first_loss: Option<String>,
    pages_without_news: u32,
}

impl PageGuard {
    /// Leaves out the records that came before, and says what is odd.
    ///
    /// Keys come and go while a pull is under way, so a repeated key or a
    /// changed count is noticed, not refused. A server that never ends is.
    pub(super) fn take<T: Row>(
        &mut self,
        number: u32,
        page: &mut Page<T>,
        is_last: bool,
    ) -> Result<Vec<Notice>> {
        let counts = Counts {
            page: page.page,
            total_pages: page.total_pages,
            total_records: page.total_records,
            left_out: page.left_out,
        };
        self.take_records(number, counts, &mut page.records, T::key, is_last)
    }

    /// The same with the records of any list.
    pub(super) fn take_records<T>(
        &mut self,
        number: u32,
        page: Counts,
        records: &mut Vec<T>,
        key: impl Fn(&T) -> &str,
        is_last: bool,
    ) -> Result<Vec<Notice>> {
        let mut odd = Vec::new();
        let mut tell = |reason: String| odd.push(Notice::Paging { page: number, reason });
        if let Some(other) = page.page.filter(|other| *other != u64::from(number)) {
            tell(format!("the answer says that it is page {other}"));
        }
        let sent = records.len();
        if sent == 0 && page.left_out == 0 && !is_last {
            tell("it is empty, and others follow".to_owned());
        }
        let repeated = self.leave_out_repeated(records, key);
        if repeated.len() == sent && sent > 1 {
            tell(format!("all of its {sent} keys came before"));
        } else {
            for key in repeated {
                tell(format!("the key {key} came before; it is given once"));
            }
        }
        if let Some(total) = page.total_records {
            let announced = *self.announced.get_or_insert(total);
            if total != announced {
                tell(format!("{announced} records were announced at first, and {total} now"));
            }
        }
        self.left_out += page.left_out;
        let came = self.keys.len() as u64 + self.left_out;
        if let Some(total) = page.total_records.filter(|total| is_last && *total != came) {
            tell(format!("{total} records were announced, and {came} came"));
        }
        self.see_an_end(number, page, !records.is_empty() || page.left_out > 0)?;
        Ok(odd)
    }

    /// How many records were read.
    pub(super) fn records_read(&self) -> u64 {
        self.keys.len() as u64
    }

    /// Whether everything that came could be read.
    pub(super) fn is_readable(&self) -> bool {
        self.first_loss.is_none()
    }

    /// Gives the keys of the records that it leaves out.
    fn leave_out_repeated<T>(
        &mut self,
        records: &mut Vec<T>,
        key: impl Fn(&T) -> &str,
    ) -> Vec<String> {
        let mut repeated = Vec::new();
        records.retain(|record| {
            let key = key(record);
            let is_new = self.keys.insert(key);
            if !is_new {
                repeated.push(key.to_owned());
            }
            is_new
        });
        repeated
    }

    /// Refuses a pull that goes on and on.
    fn see_an_end(&mut self, number: u32, page: Counts, is_news: bool) -> Result<()> {
        self.pages_without_news = if is_news { 0 } else { self.pages_without_news + 1 };
        if self.pages_without_news > MOST_PAGES_WITHOUT_NEWS {
            let reason = format!(
                "page {number}: {} pages in a row had no new key; the server seems to ignore \
                 which page is requested",
                self.pages_without_news
            );
            return Err(Error::new(ErrorKind::Answer, reason));
        }
        let Some(pages) = page.total_pages else { return Ok(()) };
        let first = *self.first_pages.get_or_insert(pages);
        if pages > first.saturating_mul(2).saturating_add(10) {
            let reason = format!("the answer never ends: it had {first} pages, and has {pages}");
            return Err(Error::new(ErrorKind::Answer, reason));
        }
        Ok(())
    }

    /// Refuses a pull that has records of which none can be read.
    pub(super) fn see_losses(&mut self, notices: &[Notice], is_last: bool) -> Result<()> {
        if self.first_loss.is_none() {
            let loss = notices.iter().find(|it| matches!(it, Notice::Unreadable { .. }));
            self.first_loss = loss.map(ToString::to_string);
        }
        let Some(first) = self
            .first_loss
            .as_ref()
            .filter(|_| is_last && self.keys.len() == 0 && self.left_out > 0)
        else {
            return Ok(());
        };
        let reason = format!("no record can be read; the first loss: {first}");
        Err(Error::new(ErrorKind::Answer, reason).with_status(200))
    }
}
