//! RingCentral's Call Performance API in Rust: how many calls, and how much
//! time was spent on them, for users, queues, groups, IVRs and sites, broken
//! down by how they came, went and ended, over any period.
//!
//! One [`Query`] works with both APIs that RingCentral has had for this: the beta
//! of 2021 and its successor ([`Api`]). Programs keep up with the API's changes
//! because they use the words of this crate, not the API's.
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
//! for queue in client.aggregate(&query).all().await? {
//!     // A number that wasn't requested or sent is absent, not zero.
//!     if let Some(abandoned) = queue.calls().by_result().get(CallResult::Abandoned) {
//!         println!("{}: {abandoned} abandoned", queue.label()); // Support: 12 abandoned
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! This page is a guide, in the order in which you need it:
//! [getting started](#getting-started), [queries](#queries),
//! [stored queries](#stored-queries), [reading results](#reading-results), [days and time zones](#days-and-time-zones),
//! [quota](#quota), [errors](#errors), [testing](#testing),
//! [from the beta to today](#from-the-beta-to-today),
//! [tomorrow's API](#tomorrows-api-today), [what is assumed](#what-is-assumed),
//! [features](#features), [what is not supported](#what-is-not-supported). The repository has
//! [programs to start from](https://github.com/callperf/callperf/tree/main/crates/callperf/examples).
//!
//! # Getting started
//! An application at RingCentral with the permission `Analytics`, and a user whose
//! role may see the company's analytics, log in by a JWT. [`Client::from_env`] takes
//! the three from `RC_APP_CLIENT_ID`, `RC_APP_CLIENT_SECRET` and `RC_USER_JWT`, and
//! the server from `RC_SERVER_URL`, where one is set. [`Credentials`] has the other
//! flows: a code from a user's browser (with PKCE), a refresh token, and
//! the beta's password.
//!
//! There is no RingCentral sandbox for this API. The crate `callperf-sandbox` is one:
//! `callperf sandbox` prints the variables above for it.
//!
//! Build one client per program, and clone it where you need one: clones share the
//! session, the connections and the count of the quota. A program that starts often, or runs
//! several times at once, keeps its session in a [`FileTokenStore`], because logins
//! are limited to five a minute.
//!
//! The client is async only, on Tokio. A program that isn't async needs
//! [two more lines](#what-is-not-supported). Dates and times are those of [`jiff`], which this crate
//! re-exports.
//!
//! # Queries
//! A [`Query`] has a grouping with or without keys, a period, a time zone, and at
//! least one metric: the number of calls or the time spent on them, each as a total
//! or by a [`Breakdown`]. [`Query::only`] filters; filters are joined by AND, the
//! words of one filter by OR.
//!
//! ```
//! use callperf::{
//!     Aggregation, Breakdown, CallResult, CallSegment, Direction, Filter, GroupBy, Interval,
//!     Length, Measure, Period, Query, SegmentFilter,
//! };
//!
//! // The agents of one queue, and that queue's calls alone (without the filter, all calls
//! // of these agents): by result, how many a day on average, and seconds by phase. Only
//! // inbound calls, abandoned or missed, that rang for 20 seconds or more and lasted at most
//! // ten minutes.
//! let query = Query::new(
//!     GroupBy::members_of_queues().keys(["1162820004"]),
//!     Period::last_days(28),
//!     "Europe/London",
//! )
//! .calls(Breakdown::Result)
//! .calls(Measure::new(Breakdown::Total, Aggregation::Average).per(Interval::Day))
//! .time_spent(Breakdown::Segment)
//! .only(Filter::queues(["1162820004"]))
//! .only(Direction::Inbound)
//! .only([CallResult::Abandoned, CallResult::Missed])
//! .only(SegmentFilter::new(CallSegment::Ringing).lasting(Length::at_least(20)))
//! .only(Filter::call_duration(Length::at_most(600)));
//! # let _ = query;
//! ```
//!
//! [`Client::aggregate`] reports one record per key, [`Client::timeline`] a series of
//! points per key. Both return a [`Request`]: [`all`](Request::all)
//! fetches its whole report, [`records`](Request::records) and [`pages`](Request::pages) stream it,
//! and [`page`](Request::page) fetches a part. Nothing is sent before these are awaited or polled.
//! [`Request::check`] only checks the rules, [`Request::preview`] shows what would be sent.
//! A query that an API can't answer exactly is refused by name before anything is
//! sent; [`rules::table`] lists why, and who says so.
//!
//! # Stored queries
//! Queries are values. They can be compared, are keys of maps, so that a cache has each report once,
//! and are kept in JSON or TOML:
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use callperf::{CallResult, Period, Query};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let file = r#"
//!     [abandoned]
//!     group_by = { each = "Queues" }
//!     period = "last_week"
//!     time_zone = "America/New_York"
//!     calls = ["total", "by_direction"]
//!     filters = { result = ["abandoned"] }
//! "#;
//! let saved: BTreeMap<String, Query> = toml::from_str(file)?;
//! assert_eq!(*saved["abandoned"].period(), Period::last_week());
//! assert_eq!(saved["abandoned"].filters(), [CallResult::Abandoned.into()]);
//!
//! let mistyped = toml::from_str::<BTreeMap<String, Query>>(&file.replace("filters", "filter"));
//! assert!(mistyped.unwrap_err().to_string().contains("did you mean `filters`?"));
//! let mistyped = toml::from_str::<BTreeMap<String, Query>>(&file.replace("[\"ab", "[\"an"));
//! assert!(mistyped.unwrap_err().to_string().contains("did you mean \"abandoned\"?"));
//! # Ok(())
//! # }
//! ```
//!
//! The period is resolved when the query is sent: `last_week` is another one each week.
//! [`Query`] has the form, and `callperf schema query` prints its JSON Schema. A word that is new in
//! the API is sent as it is written. If it looks like a slip in a known one, it is refused; write it
//! as `{ wire = "anandoned" }`.
//!
//! # Reading results
//! A number in the response is [`Some`], zero included. One that wasn't requested, or
//! that the API doesn't have, is [`None`]. A [`Value`] knows its unit.
//!
//! ```
//! use callperf::{Breakdown, CallResult, Client, Credentials, GroupBy, Period, Query, Unit};
//!
//! # fn main() -> Result<(), callperf::Error> {
//! # let client = Client::builder().credentials(Credentials::jwt("id", "secret", "jwt")).build()?;
//! let query = Query::new(GroupBy::queues(), Period::last_days(7), "UTC").calls(Breakdown::Result);
//! // As an answer that a newer API might send: `Deflected` is no word of this crate.
//! let answer = br#"{"data": {"groupedBy": "Queues", "records": [{"key": "1162820004",
//!     "counters": {"callsByResult": {"valueType": "Instances",
//!         "values": {"completed": 40.0, "abandoned": 0.0, "deflected": 3.0}}}}]}}"#;
//! let page = client.aggregate(&query).read(answer)?;
//! let calls = page.records[0].calls();
//!
//! let completed = calls.by_result().get(CallResult::Completed).unwrap();
//! assert_eq!((completed.as_u64(), completed.unit()), (Some(40), &Unit::Instances));
//! // No caller gave up: zero. Voicemail and the total weren't reported: absent.
//! assert_eq!(calls.by_result().get(CallResult::Abandoned).unwrap().as_u64(), Some(0));
//! assert!(calls.by_result().get(CallResult::Voicemail).is_none());
//! assert!(calls.total().is_none());
//! // A word that is unknown here is read by its name.
//! assert_eq!(calls.by_result().get(CallResult::from("deflected")).unwrap().as_u64(), Some(3));
//! # Ok(())
//! # }
//! ```
//!
//! **Rows don't add up.** A record holds the part of the calls that involved its key,
//! and one call can involve several: a total is asked for with
//! [`GroupBy::company`]. Time spent is in seconds; [`Value::as_duration`] says so in
//! types. Shares of the API's own percentages have denominators of their own, see
//! [`Aggregation::Percent`].
//!
//! [`Records`] fetches page after page, and holds one at a time. What a reader of the
//! report should know (a trimmed period, a part that couldn't be read, pages that
//! don't go together) is in [`Page::notices`] and [`Records::notices`];
//! [`ClientBuilder::strict`] makes errors of the last two.
//!
//! To keep an answer as it was sent, fetch it by [`Request::raw`]: a [`RawPage`] serialises, and
//! [`Request::read_raw`] reads it at any later time with the period that it is about.
//!
//! Service level, abandonment, speed of answer and other key figures come from
//! [`Client::kpis`] in one call, by the fewest queries that they need; [`kpi`] says what each means.
//!
//! # Days and time zones
//! A call belongs to the moment it *started*. [`Period`] is half-open: from an
//! instant, or from a local day of the query's time zone, up to and not including
//! another. The time zone is an IANA name; it says where days, hours, weeks and
//! months are cut, so that a day may have 23 or 25 hours. [`Period::last_days`] are
//! whole local days before today. [`Period::previous`] is the period before, for a comparison: the
//! month before a month, the seven days before seven days. It is whole also if this one isn't over:
//! of a month so far, compare [`Period::month_so_far`] with its `previous()`, which is as much of the
//! month before; likewise [`Period::week_so_far`] and [`Period::today_so_far`]. An end in the future is moved to two minutes before
//! now ([`period::END_BUFFER`]), and a notice says so. Now is the server's, as far as its
//! responses say it ([`Client::clock_skew`]); a [`Request`] resolves its period once. Nothing older than 184 days
//! comes from the API: `callperf sync` keeps what has come.
//!
//! The API may refuse a timeline that isn't longer than its interval, as one third party
//! reports: a single day by the day, for example. Such a timeline is sent with the day
//! after it, or before it if that isn't over. What the response has of that day is left
//! out, and the period stays the one that was asked for; [`Request::preview`] shows what is
//! sent, and [`Page::total_records`] is what the server counts. A timeline that neither
//! begins nor ends with an interval is sent as it is, and a
//! [notice](Notice::ShorterThanInterval) says so. The first and the last interval have the calls of
//! the period alone: the first week of a month is a part of a week as a rule, and a
//! [notice](Notice::PartialIntervals) says so, too.
//!
//! [`Query::on_days`] and [`Query::in_hours`] count only calls that started on such
//! days and in such hours, local ones again; business hours as the company has set
//! them are [`Breakdown::CompanyHours`] and the filter of [`CompanyHours`]; those of each
//! queue are [`Breakdown::QueueHours`] and the filter of [`QueueHours`].
//!
//! # Quota
//! The API counts requests per user and application in a sliding window, and answers
//! one too many with a penalty that each further request starts anew. A client learns
//! the limits from the responses' headers and waits rather than exceed them, together
//! with its clones: there is nothing to configure. [`Client::budget`] returns what is left,
//! and [`Request::on_progress`] how long the rest of a pull takes at least. A page is one
//! request, for any number of metrics; pages are as large as the API allows
//! unless [`Request::per_page`] makes them smaller.
//!
//! [`RetryPolicy`] says how often and how long a request is tried, after which failures and with
//! which delays; a server's `Retry-After` takes precedence.
//!
//! # Errors
//! [`Error::kind`] says what to do, in one of the words of [`ErrorKind`]; the message
//! says where and what. No token or secret is in an error's texts.
//!
//! ```
//! use callperf::{Breakdown, Client, Credentials, ErrorKind, GroupBy, Period, Query};
//!
//! # fn main() -> Result<(), callperf::Error> {
//! # let client = Client::builder().credentials(Credentials::jwt("id", "secret", "jwt")).build()?;
//! let query = Query::new(GroupBy::users(), Period::last_days(7), "America/Los Angeles")
//!     .calls(Breakdown::QueueSla);
//! let error = client.aggregate(&query).check().unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::Query);
//! // Everything that is wrong, at once: the time zone, and what only queues have.
//! let rules: Vec<_> = error.problems().iter().map(|problem| problem.rule()).collect();
//! assert_eq!(rules, ["time-zone", "queue-sla-grouping"]);
//! # Ok(())
//! # }
//! ```
//!
//! Transient failures have been retried by then ([`Error::is_transient`]). The client reports
//! attempts, retries and waits by [`tracing`](https://docs.rs/tracing) spans, and to the hooks
//! [`ClientBuilder::on_attempt`], [`on_retry`](ClientBuilder::on_retry) and
//! [`on_wait`](ClientBuilder::on_wait).
//!
//! # Testing
#![cfg_attr(feature = "testing", doc = "The module [`testing`] has")]
#![cfg_attr(not(feature = "testing"), doc = "The feature `testing` adds")]
//! cassettes (responses that are recorded once and replayed in all later runs),
//! snapshots in one line, made-up answers, and a double of the client: a program
//! that takes a [`Source`] is tested without a server. `callperf-sandbox` runs a
//! server for a test, on a port of its own.
//!
//! # From the beta to today
//! [`ClientBuilder::api`] chooses: [`Api::CallsV1`] is the default, [`Api::Beta`] the
//! API of 2021. The same query goes to both, and the same record comes back. What the
//! beta can't answer exactly (timelines, averages of calls, days and hours, some
//! filters) is refused there by name. What each name has become is in the
//! repository's `MIGRATION.md`, for programs that write the JSON themselves.
//!
//! # Tomorrow's API today
//! What this crate has no word for yet goes by its name on the wire:
//! - a metric: `Breakdown::from("callsByMood")`, to request and to read;
//! - a grouping: `GroupBy::from(Grouping::from("Regions"))`;
//! - a word of a filter: `CallResult::from("Deflected")`; a filter:
//!   [`Filter::wire`]; a parameter in the address: [`Request::parameter`];
//! - a field of a record, a point or a page: `extra`;
//! - another operation: [`Client::send`].
//!
//! A program goes on reading by such a name when the crate has a word for it. A name
//! or word that either API uses for something that the crate knows is that word, in
//! any case: `CallResult::from("Abandoned")`, `Breakdown::from("callsByResult")`. What
//! is sent without being known is in a [`Notice`], and so is what was requested and
//! isn't in the response.
//!
//! # What is assumed
//! The API's documents leave gaps. [`rules::ASSUMPTIONS`] lists what this crate
//! and the sandbox assume there, and how to change it; [`rules::table`] lists what this crate
//! enforces before sending, and who says so. `callperf calibrate` settles what it can with
//! requests to your account, and [`ClientBuilder::calibration`] follows its file. This crate hasn't
//! been compared with the API itself yet: it rests on the published documents.
//!
//! # Features
//! - `rustls`, on by default: TLS by rustls, with the roots of the operating system.
//! - `rustls-no-provider`: the same with the cryptography that your program installs, by
//!   `install_default` of a `CryptoProvider` of rustls, before it builds a client.
//! - `native-tls`: TLS by the operating system. It is used if both are on.
//! - `testing`: what a program's own tests need, see [testing](#testing).
//!
//! Without any of the first three, a client reaches servers on this machine alone.
//!
//! # What is not supported
//! - **wasm32**: the client needs Tokio's timers and the sockets and files of an operating system.
//! - **A blocking client**: a runtime on the program's own thread blocks in two lines.
//!
//! ```no_run
//! # use callperf::{Breakdown, Client, GroupBy, Period, Query};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let client = Client::from_env()?;
//! # let query = Query::new(GroupBy::company(), Period::last_days(1), "UTC").calls(Breakdown::Total);
//! let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! let report = runtime.block_on(client.aggregate(&query).all())?;
//! # let _ = report;
//! # Ok(())
//! # }
//! ```
//!
//! Add tokio with the feature `rt` to your own `Cargo.toml`. If a runtime is running already,
//! `await` instead: `block_on` panics there.

#![deny(missing_docs)]

/// The library of dates and times that this crate's signatures name.
pub use jiff;

mod client;
pub mod directory;
mod http;
pub mod kpi;
mod plan;
pub mod query;
pub mod report;
pub mod rules;
#[cfg(test)]
mod simulation;
#[cfg(feature = "testing")]
pub mod testing;
mod wire;
mod words;

#[expect(deprecated, reason = "what programs of earlier versions name")]
pub use crate::client::Call;
pub use crate::{
    client::{
        Client, ClientBuilder, Directory, KeyResolver, Pages, Preview, Progress, RawPage, Records,
        Report, Request, ResolvedKeys, Source, Sourced,
    },
    http::{
        address::PRODUCTION,
        attempt::{Attempt, Retry},
        credentials::Credentials,
        pace::{Budget, QuotaHeaders},
        pkce::{Pkce, authorize_url},
        retry::RetryPolicy,
        session::SessionInfo,
        store::{FileTokenStore, MemoryTokenStore, StoreLock, TokenStore},
        stored_token::StoredToken,
        wait::{Wait, WaitReason},
    },
    kpi::{Kpi, KpiSet},
    query::{Filter, GroupBy, Hours, Length, Measure, Query, SegmentFilter},
    report::{Metric, Notice, Page, Point, Record, Series, Value, row::Row},
    words::{
        api::Api,
        error::{ApiError, Error, ErrorKind, Result},
        period::{self, Period},
        shown,
        vocabulary::{
            self, Aggregation, Breakdown, CallAction, CallResponse, CallResult, CallSegment,
            CallType, CompanyHours, DayOfWeek, Direction, EndingParty, Grouping, Interval,
            MembersOf, Origin, QueueHours, QueueSla, Unit,
        },
    },
};
