//! Logging in: the token endpoint, and whether a token is good.
//!
//! The codes are documented, but which of them goes with which mistake mostly isn't: OAU-123, OAU-210, OAU-213,
//! OAU-251 and the shape of the body are from others' reports, AGW-402 for a header that is no bearer token too.

mod app;
mod authorize;
mod client;
mod codes;
mod form;
mod login;
mod refusal;
mod sessions;

pub use app::App;
pub(crate) use authorize::DECISION;
pub(crate) use form::Form;
pub(crate) use login::{Credentials, Sessions, Users};
pub(crate) use refusal::Refusal;
