//! The client, its requests, and the pages that come.
//!
//! The only floor that joins how a plan is spelled with how it is sent.

mod builder;
mod calibrated;
mod calibration;
mod connection;
mod directory;
mod environment;
mod fetch;
#[cfg(feature = "unstable-http-client")]
mod http_client;
mod keys;
mod page_guard;
mod pages;
mod planned;
mod preview;
mod progress;
mod raw_page;
mod records;
mod report;
mod request;
mod revision;
#[cfg(test)]
mod simulation;
mod source;
#[cfg(test)]
mod watching;

#[expect(deprecated, reason = "what programs of earlier versions name")]
pub use self::request::Call;
pub use self::{
    builder::ClientBuilder,
    connection::Client,
    directory::Directory,
    keys::{KeyResolver, ResolvedKeys},
    pages::Pages,
    preview::Preview,
    progress::Progress,
    raw_page::RawPage,
    records::Records,
    report::Report,
    request::Request,
    source::{Source, Sourced},
};
