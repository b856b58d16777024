//! The revision that an older server speaks.

use jiff::civil::Date;

use crate::{
    wire::spelling::revisions,
    words::{
        api::Api,
        error::{Error, ErrorKind, Result},
    },
};

/// The date if it is that of a revision: requests to a server of any other would be spelled as none has them.
///
/// # Errors
/// [`ErrorKind::Settings`] with the revisions that are known.
pub(super) fn known(api: Api, date: Option<Date>) -> Result<Option<Date>> {
    let dates = revisions(api);
    let is_known = |date: Date| dates.contains(&date.to_string().as_str());
    let Some(unknown) = date.filter(|date| !is_known(*date)) else { return Ok(date) };
    let reason = format!(
        "ClientBuilder::revision: {api} has no revision {unknown}; its revisions are {}. Leave it \
         out for a server of the latest",
        dates.join(", ")
    );
    Err(Error::new(ErrorKind::Settings, reason))
}
