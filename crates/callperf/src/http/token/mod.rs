//! The access token: one login for all who share a store, renewed in time.

mod login;
mod received;
mod state;
#[cfg(test)]
mod tests;
mod tokens;

pub(crate) use self::{state::Authorization, tokens::Tokens};
