//! Which query a record answers.

use serde::{Serialize, Serializer};

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
