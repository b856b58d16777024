//! From names to keys before a request, and from keys to names after it.

use std::collections::HashMap;

use super::handle::{Directory, unlisted};
use crate::{
    client::connection::Client,
    directory::{Entry, Kind, Listing, NotFound},
    query::GroupBy,
    report::{Info, Notice, Row},
    words::error::{Error, ErrorKind, Result},
};

/// The keys of the names that a query is grouped by.
#[derive(Debug, Default)]
pub(in crate::client) struct Resolved {
    pub(in crate::client) keys: Vec<String>,
    /// Those that aren't in use.
    pub(in crate::client) notices: Vec<Notice>,
}

/// Looks up names in the directory, each once.
///
/// # Errors
/// [`ErrorKind::Query`] for a name that isn't found, or for a grouping whose names can't be looked
/// up; any other kind from the request.
pub(in crate::client) async fn resolved(client: &Client, group_by: &GroupBy) -> Result<Resolved> {
    let kind = Kind::of(group_by)
        .ok_or_else(|| Error::of_names("names".to_owned(), UNLISTED.to_owned()))?;
    let directory = client.directory();
    let listing = directory.searched(kind).await.map_err(with_permission)?;
    let mut resolved = Resolved::default();
    for name in &group_by.names {
        let entry = directory.found(&listing, kind, name).map_err(|error| of_name(name, &error))?;
        if resolved.keys.contains(&entry.key) {
            continue;
        }
        resolved.keys.push(entry.key.clone());
        let reason = entry.out_of_use();
        let notice = |reason| Notice::NotInUse { key: entry.key.clone(), reason };
        resolved.notices.extend(reason.map(notice));
    }
    Ok(resolved)
}

const UNLISTED: &str = "names of this grouping can't be looked up in the directory; use keys";

/// Refuses names that no directory has: of the company, of departments and user groups.
///
/// # Errors
/// [`ErrorKind::Query`], before anything is sent.
pub(in crate::client) fn check(group_by: &GroupBy) -> Result<()> {
    let message = match Kind::of(group_by) {
        Some(kind @ (Kind::Department | Kind::UserGroup)) => unlisted(kind).message().to_owned(),
        Some(_) => return Ok(()),
        None => UNLISTED.to_owned(),
    };
    Err(Error::of_names("names".to_owned(), message))
}

/// The error as a problem of the query that has the name.
fn of_name(name: &str, error: &Error) -> Error {
    let source = std::error::Error::source(error).and_then(|it| it.downcast_ref::<NotFound>());
    let of_names = Error::of_names(format!("name {name:?}"), error.message().to_owned());
    match source.cloned() {
        Some(source) => of_names.with_source(source),
        None => of_names,
    }
}

/// Says which permission it takes, if that is what is missing.
fn with_permission(error: Error) -> Error {
    if error.kind() != ErrorKind::Permission {
        return error;
    }
    error.with_message(
        "names are looked up in the company's directory, which takes the application's ReadAccounts \
         permission; use keys, or give the application that permission"
            .to_owned(),
    )
}

/// What the directory says about keys.
#[derive(Debug, Default)]
pub(in crate::client) struct Names {
    by_key: HashMap<String, Info>,
    /// Why there are none.
    notice: Option<Notice>,
}

/// The names of what the records of a grouping are about. A report doesn't fail for want of them.
pub(in crate::client) async fn names_of(client: &Client, group_by: &GroupBy) -> Names {
    let Some(kind) = Kind::of_records(group_by) else { return Names::default() };
    match client.directory().searched(kind).await {
        Ok(listing) => Names { by_key: infos(&listing), notice: None },
        Err(error) => {
            let error = error.to_string();
            let reason = error.lines().next().unwrap_or_default().to_owned();
            Names { by_key: HashMap::new(), notice: Some(Notice::NoNames { reason }) }
        }
    }
}

fn infos(listing: &Listing) -> HashMap<String, Info> {
    let info = |entry: &Entry| Info {
        extension_number: entry.extension_number.clone(),
        name: entry.name.clone(),
        ..Info::default()
    };
    listing.iter().map(|entry| (entry.key.clone(), info(entry))).collect()
}

impl Names {
    /// Names the records that the API sent without a name.
    pub(in crate::client) fn name<T: Row>(&self, records: &mut [T]) {
        for record in records {
            let Some(known) = self.by_key.get(record.key()) else { continue };
            let info = record.info_mut().get_or_insert_default();
            if info.name.is_none() {
                info.name.clone_from(&known.name);
                info.extension_number =
                    info.extension_number.take().or(known.extension_number.clone());
            }
        }
    }

    pub(in crate::client) fn notice(&self) -> Option<&Notice> {
        self.notice.as_ref()
    }
}

impl Directory {
    /// Names records that have none, such as those of the beta, by their keys. `group_by` is what
    /// they are grouped by.
    ///
    /// [`ClientBuilder::names_from_directory`](crate::ClientBuilder::names_from_directory) does it
    /// for all reports of a client.
    ///
    /// # Errors
    /// Those of the type. No record is changed then.
    pub fn name<'a, T: Row>(
        &self,
        group_by: &GroupBy,
        records: &'a mut [T],
    ) -> impl Future<Output = Result<()>> + Send + use<'a, T> {
        let this = self.clone();
        let kind = Kind::of_records(group_by);
        async move {
            if let Some(kind) = kind {
                let listing = Box::pin(this.searched(kind)).await?;
                Names { by_key: infos(&listing), notice: None }.name(records);
            }
            Ok(())
        }
    }
}
