//! Answers that were recorded, and are given again.

mod difference;
mod file;
mod identifying;
mod player;
mod recorder;
mod request;
mod scrub;
mod tape;

pub(crate) use self::identifying::Identifying;
pub(crate) use self::{
    file::{Names, RecordedResponse},
    player::Player,
    recorder::Recorder,
    request::{Match, RecordedRequest},
    tape::Tape,
};
