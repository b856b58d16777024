//! The sandbox, asked over HTTP as any client would.

mod client;

mod faults;
mod limits;
mod logins;
mod protocol;
mod records;
mod rules;
mod timeline;
