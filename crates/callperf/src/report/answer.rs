//! Records and series, as answers to their queries.

use super::{Record, Series};
use crate::query::fingerprint::Fingerprint;

/// A record or a series, for which either is the same.
pub(crate) trait Answer {
    fn key(&self) -> &str;
    fn fingerprint(&self) -> Option<Fingerprint>;
}

macro_rules! answers {
    ($($type:ident),+) => {$(
        impl Answer for $type {
            fn key(&self) -> &str {
                &self.key
            }

            fn fingerprint(&self) -> Option<Fingerprint> {
                self.fingerprint.0
            }
        }
    )+};
}

answers!(Record, Series);
