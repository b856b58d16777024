//! A session in the form in which stores keep it.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A session as a store keeps it: secret, and of a form that this crate alone
/// reads and may change. Its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct StoredToken(SecretString);

impl StoredToken {
    /// A text that [`expose`](Self::expose) gave.
    ///
    /// One that this crate doesn't understand counts as no session.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into())
    }

    /// Returns the text to keep. A program that reads it can act as the user.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for StoredToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredToken([redacted])")
    }
}
