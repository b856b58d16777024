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

    /// What stands for a text in the answers: as an identifier, and as a name.
    pub(crate) fn pseudonyms(&self, text: &str) -> Vec<String> {
        let scrubber = match self {
            Self::Recorder(recorder) => recorder.scrubber(),
            Self::Player(player) => player.scrubber(),
        };
        scrubber.pseudonyms(text).into()
    }
}
