//! For the tests of programs that use this crate: recorded answers, snapshots, and
//! made-up answers. With the feature `testing`, which is off by default:
//!
//! ```toml
//! [dev-dependencies]
//! callperf = { version = "0.1", features = ["testing"] }
//! ```
//!
//! # Snapshots
//! [`assert_snapshot`] is one line in a test, [`settings`] has what is redacted.
//!
//! # A source without a server
//! [`FakeSource`] stands in for a client if a program takes a [`Source`](crate::Source). It
//! returns the records of a test, keeps the queries that it received, and fails with an
//! [`Error::fake`](crate::Error::fake).
//!
//! # Made-up answers
//! `fake()` of [`Record`](crate::Record), [`Series`](crate::Series),
//! [`Point`](crate::Point), [`Page`](crate::Page) and [`KpiRecord`](crate::kpi::KpiRecord) builds what a
//! test needs, with numbers for words that this crate knows and for unknown ones.
//!
//! # Cassettes
//! A cassette is a JSON file with requests and their answers.
//! [`ClientBuilder::record_to`](crate::ClientBuilder::record_to) writes it,
//! [`ClientBuilder::replay_from`](crate::ClientBuilder::replay_from) answers from it:
//!
//! ```no_run
//! use callperf::Client;
//!
//! # fn main() -> Result<(), callperf::Error> {
//! const CASSETTE: &str = "tests/cassettes/last-week.json";
//! let client = match std::env::var_os("RECORD") {
//!     // Once, by a user who has an account.
//!     Some(_) => Client::builder_from_env()?.record_to(CASSETTE).build()?,
//!     // Ever after, by all users and without a network.
//!     None => Client::builder().replay_from(CASSETTE).build()?,
//! };
//! # let _ = client;
//! # Ok(())
//! # }
//! ```
//!
//! An exchange has the operation, the query string and the body of the request, and the
//! status, the body, and the headers that a client reads (the quota's, `Retry-After` in
//! seconds, the content type) of the response. Error responses are kept, too; broken
//! connections aren't. Object keys are in order, lists as they were, and the exchanges are
//! sorted, so that the same responses make the same file.
//!
//! The client that records returns what the replay will, byte for byte: both have the
//! pseudonyms. So one snapshot serves both, and no name gets into it. If a program asks
//! with a pseudonym that came back, the server is sent what it stands for.
//!
//! **Numbers are kept as they were sent.** What identifies a person or an account isn't
//! kept:
//! - No cassette has a token, a secret, an `Authorization` header, a cookie or a login.
//!   If a response or a body repeats one, or has a field of such a name, it is
//!   `[redacted]`.
//! - The account's id isn't kept, nor the server's address, nor the ids of requests.
//! - Keys, the ids of extensions, phone numbers and all fields whose name ends in `Id`
//!   or `Number` have a pseudonym of the same form: 13 digits that begin with a 9, a
//!   phone number that begins with `+999`, else `id-` and 12 digits. It is the same one
//!   everywhere in the cassette, also within texts. A program that asks for a key is
//!   given its answer, and finds the key in it: what it asked with is put back.
//! - Names (`name`, `firstName`, `email`, `company`, …) become the field's name and 12
//!   digits, unless [`ClientBuilder::keep_names`](crate::ClientBuilder::keep_names)
//!   keeps them.
//!
//! A program that finds a queue in the [directory](crate::Client::directory) by its name, number or
//! key finds it in a replay, too, and is given pseudonyms. Names are found to the letter then: what
//! differs in case only has another pseudonym. Time zones have no pseudonym.
//!
//! A pseudonym is made of the identifier alone, by a digest cut down to nine digits and
//! three that check them, so that it is known as one and stays as it is. Some ten phone
//! numbers have the same one, so anyone who suspects a certain number can see whether
//! it fits. Answers to [`Client::send`](crate::Client::send) are any JSON, and these
//! rules go by the names of fields. So **read a cassette before you share it**.
//!
//! Cassettes of version 0.1 are replayed as they were. Their pseudonyms are shorter,
//! and the client that recorded them returned what the server sent. Timelines that are
//! [sent longer](crate::Client::timeline) than they are asked for weren't then.

mod fake;
mod fake_error;
mod fake_figures;
mod fake_page;
#[cfg(test)]
mod fake_refusals;
mod fake_source;
mod snapshot;

pub use self::{
    fake::{FakePoint, FakeRecord, FakeSeries},
    fake_error::FakeError,
    fake_figures::FakeKpiRecord,
    fake_page::FakePage,
    fake_source::{FakeSource, SourceRequest},
    snapshot::{assert_snapshot, settings},
};
