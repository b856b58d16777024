//! The two APIs' requests and responses.

pub(crate) mod beta;
mod bounds;
pub(crate) mod calls_v1;
mod numbers;
mod options;
mod paging;
mod read;
mod remarks;
mod request;
mod scope;
mod service;
#[cfg(test)]
mod tomorrow;

pub(crate) use request::Request;
pub(crate) use service::{Reply, Service};
