//! The sandbox, asked over HTTP as any client would.

mod aggregations;
mod assumptions;
mod client;
mod control;
mod data;
mod document;
mod draw;
mod drawn;
mod faults;
mod limits;
mod lists;
mod logins;
mod metamorphic;
mod protocol;
mod records;
mod remarks;
mod revisions;
mod rules;
mod timeline;
