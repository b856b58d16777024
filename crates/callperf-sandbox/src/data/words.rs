//! The words that calls are counted by, and sets of them.

/// One word of one breakdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(crate) enum Word {
    // Direction
    Inbound,
    Outbound,
    // Origin
    Internal,
    External,
    // Response
    Answered,
    NotAnswered,
    Connected,
    NotConnected,
    // Type
    Direct,
    FromQueue,
    ParkRetrieval,
    Transferred,
    /// The type of a call that was made; the direction of the same name is [`Word::Outbound`].
    Placed,
    Overflow,
    QueueCallPickup,
    // Result
    Completed,
    Abandoned,
    /// The result of a call that ended in a mailbox; the segment is [`Word::Voicemail`].
    LeftVoicemail,
    Missed,
    Accepted,
    Unknown,
    /// The result of a call that was passed on; the type of the same name is [`Word::Transferred`].
    PassedOn,
    PickedUp,
    Forwarded,
    AnsweredElsewhere,
    // Company hours
    BusinessHours,
    AfterHours,
    // Queue SLA
    InSla,
    OutOfSla,
    // Queue hours
    QueueBusinessHours,
    QueueAfterHours,
    // Ending party
    EndedByCaller,
    EndedByCallee,
    EndedBySystem,
    // Segments
    Setup,
    Ringing,
    IvrPrompt,
    LiveTalk,
    Hold,
    Park,
    Transfer,
    VmGreeting,
    Voicemail,
    Forwarding,
    // Actions
    HoldOn,
    HoldOff,
    ParkOn,
    ParkOff,
    BlindTransfer,
    WarmTransfer,
    DtmfTransfer,
}

/// All words.
#[cfg(test)]
pub(crate) const ALL: [Word; WORDS] = {
    use Word::*;
    [
        Inbound,
        Outbound,
        Internal,
        External,
        Answered,
        NotAnswered,
        Connected,
        NotConnected,
        Direct,
        FromQueue,
        ParkRetrieval,
        Transferred,
        Placed,
        Overflow,
        QueueCallPickup,
        Completed,
        Abandoned,
        LeftVoicemail,
        Missed,
        Accepted,
        Unknown,
        PassedOn,
        PickedUp,
        Forwarded,
        AnsweredElsewhere,
        BusinessHours,
        AfterHours,
        InSla,
        OutOfSla,
        QueueBusinessHours,
        QueueAfterHours,
        EndedByCaller,
        EndedByCallee,
        EndedBySystem,
        Setup,
        Ringing,
        IvrPrompt,
        LiveTalk,
        Hold,
        Park,
        Transfer,
        VmGreeting,
        Voicemail,
        Forwarding,
        HoldOn,
        HoldOff,
        ParkOn,
        ParkOff,
        BlindTransfer,
        WarmTransfer,
        DtmfTransfer,
    ]
};

/// How many segments there are.
pub(crate) const SEGMENTS: usize = 10;
/// How many actions there are.
pub(crate) const ACTIONS: usize = 7;

/// How many words there are.
pub(crate) const WORDS: usize = FIRST_ACTION + ACTIONS;

/// The place of the first segment among all words; the others follow it.
pub(crate) const FIRST_SEGMENT: usize = Word::Setup as usize;
/// The place of the first action among all words; the others follow it.
pub(crate) const FIRST_ACTION: usize = Word::HoldOn as usize;

impl Word {
    pub(crate) fn place(self) -> usize {
        self as usize
    }

    /// The place of a segment among the segments.
    pub(crate) fn segment(self) -> Option<usize> {
        (self as usize).checked_sub(FIRST_SEGMENT).filter(|i| *i < SEGMENTS)
    }

    /// The place of an action among the actions.
    pub(crate) fn action(self) -> Option<usize> {
        (self as usize).checked_sub(FIRST_ACTION)
    }
}

/// A set of words; also what a portion of a call falls under.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Words(u64);

impl Words {
    pub(crate) const NONE: Words = Words(0);
    pub(crate) const SLA: Words = Words::of(&[Word::InSla, Word::OutOfSla]);
    /// What one leg of a merged record decides for the whole record.
    pub(crate) const OUTCOME: Words = Words::of(&[
        Word::Answered,
        Word::NotAnswered,
        Word::Connected,
        Word::NotConnected,
        Word::Direct,
        Word::FromQueue,
        Word::ParkRetrieval,
        Word::Transferred,
        Word::Placed,
        Word::Overflow,
        Word::QueueCallPickup,
    ])
    .and(Words::RESULTS);
    const RESULTS: Words = Words::of(&[
        Word::Completed,
        Word::Abandoned,
        Word::LeftVoicemail,
        Word::Missed,
        Word::Accepted,
        Word::Unknown,
        Word::PassedOn,
        Word::PickedUp,
        Word::Forwarded,
        Word::AnsweredElsewhere,
    ]);

    pub(crate) const fn of(words: &[Word]) -> Words {
        let mut bits = 0;
        let mut i = 0;
        while i < words.len() {
            bits |= 1 << words[i] as u64;
            i += 1;
        }
        Words(bits)
    }

    pub(crate) fn insert(&mut self, word: Word) {
        *self = self.with(word);
    }

    pub(crate) fn with(self, word: Word) -> Words {
        Words(self.0 | 1 << word as u64)
    }

    pub(crate) fn without(self, word: Word) -> Words {
        Words(self.0 & !(1 << word as u64))
    }

    /// One word in place of another, if that is there.
    pub(crate) fn replaced(self, word: Word, other: Word) -> Words {
        if self.has(word) { self.without(word).with(other) } else { self }
    }

    pub(crate) fn has_result(self) -> bool {
        self.meets(Words::RESULTS)
    }

    pub(crate) const fn and(self, other: Words) -> Words {
        Words(self.0 | other.0)
    }

    pub(crate) fn only(self, other: Words) -> Words {
        Words(self.0 & other.0)
    }

    /// The places of the words among all words.
    pub(crate) fn places(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let place = (rest != 0).then_some(rest.trailing_zeros() as usize)?;
            rest &= rest - 1;
            Some(place)
        })
    }

    pub(crate) fn has(self, word: Word) -> bool {
        self.0 & 1 << word as u64 != 0
    }

    pub(crate) fn meets(self, other: Words) -> bool {
        self.0 & other.0 != 0
    }
}

impl FromIterator<Word> for Words {
    fn from_iter<I: IntoIterator<Item = Word>>(words: I) -> Words {
        words.into_iter().fold(Words::NONE, Words::with)
    }
}
