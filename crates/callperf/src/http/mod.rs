//! HTTP: the server's address, the token, the pace, one attempt and the next, and what a
//! failure is.

pub(crate) mod address;
pub(crate) mod attempt;
#[cfg(feature = "testing")]
pub(crate) mod cassette;
pub(crate) mod clock;
pub(crate) mod credentials;
mod exchange;
pub(crate) mod failure;
mod files;
pub(crate) mod hook;
pub(crate) mod network;
pub(crate) mod pace;
pub(crate) mod pkce;
pub(crate) mod proxy;
mod refused_token;
pub(crate) mod retry;
mod send;
pub(crate) mod session;
pub(crate) mod settings;
pub(crate) mod store;
pub(crate) mod stored_token;
pub(crate) mod tape;
mod token;
mod token_response;
pub(crate) mod transport;
pub(crate) mod wait;
