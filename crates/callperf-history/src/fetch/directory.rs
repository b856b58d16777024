//! The company's directory, as it is now.

use std::{collections::BTreeSet, time::Duration};

use callperf::{
    Client, Error, ErrorKind, Period, Result,
    directory::{Kind, Listing},
};

use crate::model::{
    day::WHOLE_DAYS,
    directory::{Came, DirectoryRow},
};

/// How old the list of extensions may be that the names of members are from.
const DURING_A_SYNC: Duration = Duration::from_secs(60 * 60);

/// Fetches extensions, sites, and the members of each queue.
pub(crate) async fn pull(client: &Client) -> Result<Came> {
    let anew = client.directory().max_age(Duration::ZERO);
    let directory = client.directory().max_age(DURING_A_SYNC);
    let extensions = anew.extensions().await?;
    let sites = anew.sites().await?;
    let mut came = Came { is_incomplete: has_notices(&[&extensions, &sites]), ..Came::default() };
    // Sites are extensions, too; their list has more of them.
    let listed = extensions.iter().filter(|entry| entry.kind != Kind::Site).chain(&sites);
    came.rows = listed.map(DirectoryRow::of).collect();
    for queue in extensions.iter().filter(|entry| entry.kind == Kind::Queue) {
        match directory.members(Kind::Queue, &queue.key).await {
            Ok(members) => {
                came.is_incomplete |= has_notices(&[&members]);
                let of_queue = members.iter();
                came.rows
                    .extend(of_queue.map(|member| DirectoryRow::member(&member.key, &queue.key)));
            }
            // It may have been deleted meanwhile.
            Err(error) if is_refused(&error) => drop(came.unread.insert(queue.key.clone())),
            Err(error) => return Err(error),
        }
    }
    Ok(came)
}

/// The keys of the queues that had calls in the days that the API remembers.
pub(crate) async fn queues(client: &Client) -> Result<BTreeSet<String>> {
    let remembered = Period::last_days(WHOLE_DAYS);
    let queues = client.directory().keys_in_reports(Kind::Queue, remembered).await?;
    Ok(queues.into_iter().map(|queue| queue.key).collect())
}

fn has_notices(listings: &[&Listing]) -> bool {
    listings.iter().any(|listing| !listing.notices.is_empty())
}

fn is_refused(error: &Error) -> bool {
    error.kind() == ErrorKind::Refused
}
