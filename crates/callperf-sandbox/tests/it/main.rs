//! The sandbox, asked over HTTP as any client would.

mod aggregations;
mod client;
mod protocol;
mod records;
mod rules;
mod timeline;
