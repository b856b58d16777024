//! Which query a record answers.

use serde::{Serialize, Serializer};

use super::{Record, Series};
use crate::query::fingerprint::Fingerprint;

/// The query that a record answers; none for one that no client read.
///
/// Two of them are always equal: records are equal by what they say.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AnswerTo(pub(crate) Option<Fingerprint>);

impl AnswerTo {
    pub(crate) fn is_unknown(&self) -> bool {
        self.0.is_none()
    }
}

impl PartialEq for AnswerTo {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Serialize for AnswerTo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(fingerprint) => serializer.collect_str(fingerprint),
            None => serializer.serialize_none(),
        }
    }
}

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
