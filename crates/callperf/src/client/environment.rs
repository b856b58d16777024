//! The settings of a client that stand in the environment.

use super::{builder::ClientBuilder, connection::Client};
use crate::{
    http::credentials::Credentials,
    words::error::{Error, ErrorKind, Result},
};

impl Client {
    /// A client of today's API with the environment's settings; see
    /// [`Client::builder_from_env`].
    ///
    /// # Errors
    /// As [`Client::builder_from_env`] and [`ClientBuilder::build`].
    pub fn from_env() -> Result<Self> {
        Self::builder_from_env()?.build()
    }

    /// Settings from `RC_SERVER_URL` (by default production),
    /// `RC_APP_CLIENT_ID`, `RC_APP_CLIENT_SECRET` and `RC_USER_JWT`.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] naming every variable that is missing.
    pub fn builder_from_env() -> Result<ClientBuilder> {
        const NAMES: [&str; 3] = ["RC_APP_CLIENT_ID", "RC_APP_CLIENT_SECRET", "RC_USER_JWT"];
        let values = NAMES.map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        let [Some(id), Some(secret), Some(jwt)] = &values else {
            let missing: Vec<_> = NAMES
                .into_iter()
                .zip(&values)
                .filter(|(_, value)| value.is_none())
                .map(|(name, _)| name)
                .collect();
            return Err(Error::new(
                ErrorKind::Settings,
                format!("not set in the environment: {}", missing.join(", ")),
            ));
        };
        let builder = Self::builder().credentials(Credentials::jwt(id, secret, jwt));
        Ok(match std::env::var("RC_SERVER_URL") {
            Ok(url) if !url.is_empty() => builder.server(url),
            _ => builder,
        })
    }
}
