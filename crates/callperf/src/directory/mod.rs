//! The company's directory: who the keys of reports are, and what they belong to.
//!
//! [`Client::directory`](crate::Client::directory) fetches it. It takes the permission
//! `ReadAccounts`, which reports don't need. A [`Listing`] is plain data: it can be kept by serde,
//! made in a test, and used in place of the directory of a client
//! ([`ClientBuilder::key_resolver`](crate::ClientBuilder::key_resolver)).
//!
//! ```no_run
//! # async fn example(client: callperf::Client) -> Result<(), callperf::Error> {
//! use callperf::directory::Kind;
//!
//! let directory = client.directory();
//! let support = directory.find(Kind::Queue, "Support").await?;
//! for agent in directory.members(Kind::Queue, &support.key).await? {
//!     println!("{} has the key {}", agent.label(), agent.key);
//! }
//! let goal = directory.service_level(&support.key).await?.goal_percent;
//! # let _ = goal;
//! # Ok(())
//! # }
//! ```
//!
//! # What there is
//!
//! | kind | listed | by name | members |
//! |---|---|---|---|
//! | users, shared lines | yes | yes | |
//! | IVR menus | yes | yes | |
//! | queues | yes | yes | yes |
//! | sites | yes | yes | yes |
//! | departments | by reports | no | yes |
//! | user groups | by reports | no | no |
//!
//! The API has no operation that lists departments or user groups. Their keys come from reports
//! that are grouped by them ([`Directory::keys_in_reports`](crate::Directory::keys_in_reports)).

mod company;
mod entry;
mod listing;
mod lookup;
mod not_found;

pub use self::{
    company::{Account, TimeZone},
    entry::{Entry, Kind, Place, ServiceLevel, Status},
    listing::Listing,
    not_found::NotFound,
};
pub(crate) use self::{entry::Keyed, lookup::Sought};
