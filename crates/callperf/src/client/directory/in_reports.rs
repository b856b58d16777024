//! What only reports list.

use super::handle::Directory;
use crate::{
    directory::{Entry, Kind, Listing},
    query::{GroupBy, Query},
    report::{Info, Record},
    words::{
        error::{Error, ErrorKind, Result},
        period::Period,
        vocabulary::Breakdown,
    },
};

impl Directory {
    /// Returns the departments or user groups that had calls in a period, in days of UTC, with the
    /// names that the API sends; the beta sends none. It is a report of calls: it takes the
    /// permission of reports, and isn't kept.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] for a kind that reports aren't grouped by; otherwise those of a
    /// request.
    pub fn keys_in_reports(
        &self,
        kind: Kind,
        period: Period,
    ) -> impl Future<Output = Result<Listing>> + Send + use<> {
        let client = self.client.clone();
        async move {
            let query = Query::new(grouping(kind)?, period, "UTC").calls(Breakdown::Total);
            let report = Box::pin(client.aggregate(&query).all()).await?;
            let mut listing = Listing::new(report.records.iter().map(|record| entry(kind, record)));
            listing.notices = report.notices;
            Ok(listing)
        }
    }
}

fn entry(kind: Kind, record: &Record) -> Entry {
    let mut entry = Entry::new(kind, record.key());
    entry.name = record.info().and_then(Info::name).map(str::to_owned);
    entry.extension_number = record.info().and_then(Info::extension_number).map(str::to_owned);
    entry
}

fn grouping(kind: Kind) -> Result<GroupBy> {
    Ok(match kind {
        Kind::User => GroupBy::users(),
        Kind::Queue => GroupBy::queues(),
        Kind::Ivr => GroupBy::ivrs(),
        Kind::SharedLine => GroupBy::shared_lines(),
        Kind::Site => GroupBy::sites(),
        Kind::Department => GroupBy::departments(),
        Kind::UserGroup => GroupBy::user_groups(),
        Kind::Other => {
            let message = "no report is grouped by other extensions; choose another kind";
            return Err(Error::new(ErrorKind::Query, message));
        }
    })
}
