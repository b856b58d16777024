//! The sandbox, asked over HTTP as any client would.

mod client;
mod data;

mod protocol;
mod records;
mod rules;
mod timeline;
