//! The calls: what happened, leg by leg.

use crate::data::words::{Word, Words};

/// One call, from the first ring to the last hang-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// What the data's files call it; nothing else depends on it.
    pub(crate) id: u64,
    /// Seconds since 1970.
    pub(crate) start: i64,
    /// Seconds until it ended, which is no earlier than the end of its last leg.
    pub(crate) duration: u16,
    /// [`Word::Internal`] or [`Word::External`].
    pub(crate) origin: Word,
    /// The direct number that was dialled.
    pub(crate) number: Option<u16>,
    /// [`Word::EndedByCaller`], [`Word::EndedByCallee`] or [`Word::EndedBySystem`], if it is known.
    pub(crate) ended_by: Option<Word>,
    /// One past its last leg; it begins where the call before ends.
    pub(crate) legs_end: u32,
}

/// One extension's part of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leg {
    pub(crate) extension: u16,
    /// The place of the queue that brought the call here.
    pub(crate) queue: Option<u16>,
    /// The colleague's extension: who called or transferred; of a call that was made, who accepted.
    pub(crate) peer: Option<u16>,
    /// Direction, response, type, result: as far as the leg has one.
    pub(crate) words: Words,
    /// Seconds into the call.
    pub(crate) start: u16,
    pub(crate) end: u16,
    spans_end: u32,
    events_end: u32,
}

/// A phase of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) segment: Word,
    /// Seconds into the call.
    pub(crate) start: u16,
    pub(crate) seconds: u16,
}

/// Something the extension did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) action: Word,
    /// Seconds into the call.
    pub(crate) at: u16,
}

/// A leg that is being written.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) extension: u16,
    pub(crate) queue: Option<u16>,
    pub(crate) peer: Option<u16>,
    pub(crate) words: Words,
    pub(crate) start: u16,
    pub(crate) end: u16,
    pub(crate) spans: Vec<Span>,
    pub(crate) events: Vec<Event>,
}

impl Draft {
    pub(crate) fn is_received(&self) -> bool {
        self.words.has(Word::Inbound)
    }
}

/// What is remarked of calls that [lack their endings](Calls::lack_endings).
pub(crate) const NO_ENDINGS: &str = "no call of these data says who ended it (`ended_by` of the table `calls`, since \
     schema version 3): all numbers by ending party are zero";

/// All calls in the order in which they started; four flat lists, so that many fit.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Calls {
    list: Vec<Call>,
    legs: Vec<Leg>,
    spans: Vec<Span>,
    events: Vec<Event>,
}

impl Calls {
    /// Adds a call, which must not start before the last one.
    pub(crate) fn push(
        &mut self,
        start: i64,
        origin: Word,
        number: Option<u16>,
        ended_by: Option<Word>,
        legs: Vec<Draft>,
    ) {
        let duration = legs.iter().map(|leg| leg.end).max().unwrap_or(0);
        for leg in legs {
            leg.spans.iter().for_each(|span| self.push_span(*span));
            leg.events.iter().for_each(|event| self.push_event(*event));
            self.end_leg(leg.extension, leg.queue, leg.peer, leg.words, (leg.start, leg.end));
        }
        let id = self.list.last().map_or(1, |last| last.id + 1);
        let call = Call { id, start, duration, origin, number, ended_by, legs_end: 0 };
        self.end_call(call);
    }

    pub(crate) fn reserve(&mut self, calls: usize, legs: usize, spans: usize, events: usize) {
        self.list.reserve_exact(calls);
        self.legs.reserve_exact(legs);
        self.spans.reserve_exact(spans);
        self.events.reserve_exact(events);
    }

    /// Adds a phase to the leg that ends next.
    pub(crate) fn push_span(&mut self, span: Span) {
        self.spans.push(span);
    }

    /// Adds an action to the leg that ends next.
    pub(crate) fn push_event(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Adds a leg to the call that ends next.
    pub(crate) fn end_leg(
        &mut self,
        extension: u16,
        queue: Option<u16>,
        peer: Option<u16>,
        words: Words,
        (start, end): (u16, u16),
    ) {
        self.legs.push(Leg {
            extension,
            queue,
            peer,
            words,
            start,
            end,
            spans_end: position(self.spans.len()),
            events_end: position(self.events.len()),
        });
    }

    /// Adds the call that the legs belong to, which must not start before the last one.
    pub(crate) fn end_call(&mut self, call: Call) {
        debug_assert!(self.list.last().is_none_or(|last| last.start <= call.start), "calls rise");
        let legs_end = position(self.legs.len());
        self.list.push(Call { legs_end, ..call });
    }

    /// Whether no call says who ended it, as those of older files don't.
    pub(crate) fn lack_endings(&self) -> bool {
        !self.list.is_empty() && self.list.iter().all(|call| call.ended_by.is_none())
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn call(&self, call: u32) -> &Call {
        &self.list[call as usize]
    }

    /// The calls that started between two seconds, both included.
    pub(crate) fn started(&self, first: i64, last: i64) -> std::ops::Range<u32> {
        let from = self.list.partition_point(|call| call.start < first);
        let to = self.list.partition_point(|call| call.start <= last);
        position(from)..position(to.max(from))
    }

    /// Where the legs of a call stand.
    pub(crate) fn leg_range(&self, call: u32) -> std::ops::Range<usize> {
        let start = call.checked_sub(1).map_or(0, |before| self.call(before).legs_end);
        start as usize..self.call(call).legs_end as usize
    }

    /// The legs of a call, in the order in which they began.
    pub(crate) fn legs(&self, call: u32) -> &[Leg] {
        &self.legs[self.leg_range(call)]
    }

    pub(crate) fn leg(&self, leg: usize) -> &Leg {
        &self.legs[leg]
    }

    pub(crate) fn spans(&self, leg: usize) -> &[Span] {
        let start = leg.checked_sub(1).map_or(0, |before| self.legs[before].spans_end);
        &self.spans[start as usize..self.legs[leg].spans_end as usize]
    }

    pub(crate) fn events(&self, leg: usize) -> &[Event] {
        let start = leg.checked_sub(1).map_or(0, |before| self.legs[before].events_end);
        &self.events[start as usize..self.legs[leg].events_end as usize]
    }
}

fn position(place: usize) -> u32 {
    u32::try_from(place).expect("there are fewer than 2^32 segments")
}
