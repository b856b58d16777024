//! The two APIs' requests and responses.

pub(crate) mod beta;
mod bounds;
pub(crate) mod calls_v1;
pub(crate) mod failure;
mod numbers;
mod options;
mod paging;
pub(crate) mod patch;
mod read;
mod remarks;
mod renames;
mod request;
mod revision;
mod scope;
mod service;
#[cfg(test)]
mod tomorrow;

pub(crate) use request::Request;
pub(crate) use service::{Reply, Service};
