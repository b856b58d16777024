//! RingCentral's Call Performance API in Rust: how many calls, and how much
//! time was spent on them, for users, queues, groups, IVRs and sites, broken
//! down by how they came, went and ended, over any period.
//!
//! One [`Query`] is asked of either API that RingCentral has had for this: the
//! beta of 2021 and what it became ([`Api`]). Programs keep up with the API's
//! changes because they speak the words of this crate, not the API's.
//!
//! ```no_run
//! # async fn example() -> Result<(), callperf::Error> {
//! use callperf::{Breakdown, CallResult, Client, Direction, GroupBy, Period, Query};
//!
//! let client = Client::from_env()?;
//! let query = Query::new(GroupBy::queues(), Period::last_days(7), "America/Los_Angeles")
//!     .calls(Breakdown::Total)
//!     .calls(Breakdown::Result)
//!     .time_spent(Breakdown::Segment)
//!     .only(Direction::Inbound);
//! let mut records = client.aggregate(&query).records();
//! while let Some(record) = records.try_next().await? {
//!     let abandoned = record.calls().by_result().get(CallResult::Abandoned);
//!     println!("{}: {abandoned:?} abandoned", record.label());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Service level, abandonment, speed of answer and other key figures are in
//! [`kpi`].
//!
//! # What is assumed
//! The API's documents leave gaps. [`rules::ASSUMPTIONS`] lists what this crate
//! fills them with, and how to have it otherwise; [`rules::table`] is what it
//! enforces before sending, and who says so.
//!
//! # Tomorrow's API today
//! What this crate has no word for yet goes by its name on the wire:
//! - a metric: `Breakdown::from("callsByMood")`, to ask and to read;
//! - a grouping: `GroupBy::from(Grouping::from("Regions"))`;
//! - a word of a filter: `CallResult::from("Deflected")`; a filter:
//!   [`Filter::wire`]; a parameter in the address: [`Call::parameter`];
//! - a field of a record, a point or a page: `extra`;
//! - another operation: [`Client::send`].
//!
//! # In your tests
#![cfg_attr(feature = "testing", doc = "The module [`testing`] has")]
#![cfg_attr(not(feature = "testing"), doc = "The feature `testing` adds")]
//! cassettes (answers that are recorded once and replayed for ever after),
//! snapshots in one line, and answers that nobody sent.

#![deny(missing_docs)]

mod api;
mod client;
mod error;
pub mod kpi;
pub mod period;
pub mod query;
pub mod report;
pub mod rules;
#[cfg(feature = "testing")]
pub mod testing;
mod transport;
pub mod vocabulary;

pub use crate::{
    api::Api,
    client::{Call, Client, ClientBuilder, Preview, Progress, Records, Row},
    error::{ApiError, Error, ErrorKind, Result},
    kpi::{Kpi, KpiSet},
    period::Period,
    query::{Filter, GroupBy, Hours, Length, Measure, Query, SegmentFilter},
    report::{Notice, Page, Point, Record, Series, Value},
    transport::{
        PRODUCTION,
        attempt::Attempt,
        credentials::Credentials,
        pace::Budget,
        pkce::{Pkce, authorize_url},
        retry::RetryPolicy,
        session::SessionInfo,
        store::{FileTokenStore, MemoryTokenStore, StoreLock, StoredToken, TokenStore},
    },
    vocabulary::{
        Aggregation, Breakdown, CallAction, CallResponse, CallResult, CallSegment, CallType,
        CompanyHours, DayOfWeek, Direction, Grouping, Interval, MembersOf, Origin, QueueSla, Unit,
    },
};
