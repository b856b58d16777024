//! What a client goes by, beside the server or in its place.

use super::{player::Player, recorder::Recorder};

/// What a client's requests go by, beside the server or in its place.
pub(crate) enum Tape {
    Recorder(Recorder),
    Player(Player),
}

impl Tape {
    /// Whether nothing is sent.
    pub(crate) fn is_played(&self) -> bool {
        matches!(self, Self::Player(_))
    }
}
