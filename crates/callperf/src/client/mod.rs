//! The client, its requests, and the pages that come.
//!
//! The only floor that joins how a plan is spelled with how it is sent.

mod builder;
mod call;
mod connection;
mod fetch;
#[cfg(feature = "unstable-http-client")]
mod http_client;
mod keys;
mod page_guard;
mod preview;
mod progress;
mod records;
mod request;
#[cfg(test)]
mod simulation;

pub use self::{
    builder::ClientBuilder,
    call::Call,
    connection::Client,
    keys::{KeyResolver, ResolvedKeys},
    preview::Preview,
    progress::Progress,
    records::Records,
};
