//! The generated client of the Call Performance API and of the directory that its keys refer to, one module for
//! each of the vendor's apis.
//!
//! Use the `callperf` crate: this one is made from the specification by `cargo xtask generate`, and
//! promises nothing from one version to the next.
//!
//! It is tolerant, because servers change before clients do. Nothing that a response holds is
//! required; what the specification does not know is kept in `extra`; words and times are strings,
//! as they were sent; numbers are the JSON numbers that were sent; null is as good as absent, unless
//! the session refuses nulls.
//! Nothing that a request holds is required either, each type has a default, and a field that the
//! specification does not know is sent through `extra`, or a query parameter through [`Session`].
//! The constructors `new` of the clients use reqwest's defaults, which send requests to loopback
//! addresses through `HTTP_PROXY` too; give `new_with_client` a client of your own.
//! Every answer but a success is [`Error::UnexpectedResponse`](progenitor_client::Error), unread.

// Written by prettyplease, which lays code out differently, and from names that are the vendor's.
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, rustdoc::all, unreachable_pub)]
pub mod beta;
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, rustdoc::all, unreachable_pub)]
pub mod calls_v1;
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, rustdoc::all, unreachable_pub)]
pub mod directory;
pub mod old_names;
mod reading;
mod session;

pub use progenitor_client::{Error, ResponseValue, encode_path};
pub use reading::{may_have_null, text};
pub use session::{BodyCopy, BodyTooLarge, Bounds, Exchange, Meter, Session};
