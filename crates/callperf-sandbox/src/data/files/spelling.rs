//! How the files spell words.

use jiff::civil::Weekday;

use crate::data::directory::Grouping;
use crate::data::words::{Word, Words};

pub(crate) type Spelling<T> = &'static [(&'static str, T)];

pub(super) const KINDS: Spelling<Grouping> = &[
    ("user", Grouping::Users),
    ("queue", Grouping::Queues),
    ("ivr", Grouping::Ivrs),
    ("shared_line", Grouping::SharedLines),
    ("user_group", Grouping::UserGroups),
    ("site", Grouping::Sites),
    ("department", Grouping::Departments),
    ("iva", Grouping::Ivas),
];

pub(crate) const DAYS: Spelling<Weekday> = &[
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

pub(super) const ORIGINS: Spelling<Word> =
    &[("internal", Word::Internal), ("external", Word::External)];
pub(super) const DIRECTIONS: Spelling<Word> =
    &[("inbound", Word::Inbound), ("outbound", Word::Outbound)];
pub(super) const RESPONSES: Spelling<Word> = &[
    ("answered", Word::Answered),
    ("not_answered", Word::NotAnswered),
    ("connected", Word::Connected),
    ("not_connected", Word::NotConnected),
];
pub(super) const TYPES: Spelling<Word> = &[
    ("direct", Word::Direct),
    ("from_queue", Word::FromQueue),
    ("park_retrieval", Word::ParkRetrieval),
    ("transferred", Word::Transferred),
    ("outbound", Word::Placed),
    ("overflow", Word::Overflow),
    ("queue_call_pickup", Word::QueueCallPickup),
];
pub(super) const RESULTS: Spelling<Word> = &[
    ("completed", Word::Completed),
    ("abandoned", Word::Abandoned),
    ("voicemail", Word::LeftVoicemail),
    ("missed", Word::Missed),
    ("accepted", Word::Accepted),
    ("unknown", Word::Unknown),
    ("transferred", Word::PassedOn),
    ("picked_up", Word::PickedUp),
    ("forwarded", Word::Forwarded),
    ("answered_elsewhere", Word::AnsweredElsewhere),
];
pub(super) const ENDING_PARTIES: Spelling<Word> = &[
    ("caller", Word::EndedByCaller),
    ("callee", Word::EndedByCallee),
    ("system", Word::EndedBySystem),
];
pub(super) const SEGMENTS: Spelling<Word> = &[
    ("setup", Word::Setup),
    ("ringing", Word::Ringing),
    ("ivr_prompt", Word::IvrPrompt),
    ("live_talk", Word::LiveTalk),
    ("hold", Word::Hold),
    ("park", Word::Park),
    ("transfer", Word::Transfer),
    ("vm_greeting", Word::VmGreeting),
    ("voicemail", Word::Voicemail),
    ("forwarding", Word::Forwarding),
];
pub(super) const ACTIONS: Spelling<Word> = &[
    ("hold_on", Word::HoldOn),
    ("hold_off", Word::HoldOff),
    ("park_on", Word::ParkOn),
    ("park_off", Word::ParkOff),
    ("blind_transfer", Word::BlindTransfer),
    ("warm_transfer", Word::WarmTransfer),
    ("dtmf_transfer", Word::DtmfTransfer),
];

pub(super) fn read<T: Copy>(spelling: Spelling<T>, text: &str) -> Option<T> {
    spelling.iter().find(|(name, _)| *name == text).map(|(_, value)| *value)
}

pub(super) fn written<T: Copy + PartialEq>(spelling: Spelling<T>, value: T) -> &'static str {
    spelling.iter().find(|(_, of)| *of == value).map_or("", |(name, _)| name)
}

/// The one of the words that a leg has.
pub(super) fn word_in(spelling: Spelling<Word>, words: Words) -> Option<&'static str> {
    spelling.iter().find(|(_, word)| words.has(*word)).map(|(name, _)| *name)
}

/// All that can stand there.
pub(super) fn all<T>(spelling: Spelling<T>) -> String {
    spelling.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}
