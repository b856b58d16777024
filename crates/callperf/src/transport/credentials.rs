//! Who logs in.

use std::fmt;

use secrecy::SecretString;

/// How an application logs in. Its `Debug` shows no secret.
#[derive(Clone)]
pub struct Credentials {
    pub(super) client_id: String,
    pub(super) client_secret: SecretString,
    pub(super) jwt: SecretString,
}

impl Credentials {
    /// A JWT that RingCentral issued for a user, presented by an application.
    ///
    /// Client id and secret are the application's, the JWT is made in the
    /// developer console; all three must belong to the same environment.
    #[must_use]
    pub fn jwt(
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
        jwt: impl Into<String>,
    ) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: SecretString::from(client_secret.into()),
            jwt: SecretString::from(jwt.into()),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}
