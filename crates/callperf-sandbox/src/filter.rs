//! Which portions of calls a request wants.

use crate::portion::Portion;
use crate::query::{Query, World};
use crate::words::{Word, Words};

/// All of these must hold; an absent one always does.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    /// Of each set, at least one word.
    pub(crate) words: Vec<Words>,
    /// At least one of them.
    pub(crate) segments: Option<Vec<SegmentFilter>>,
    /// The whole call's length.
    pub(crate) call_duration: Bounds,
    /// The portion's length.
    pub(crate) time_spent: Bounds,
    /// Extensions that the key received the call from.
    pub(crate) from: Option<Vec<u16>>,
    /// Extensions that accepted what the key placed.
    pub(crate) to: Option<Vec<u16>>,
    /// Extensions of queues that the call went through.
    pub(crate) queues: Option<Vec<u16>>,
    /// Direct numbers that were dialled.
    pub(crate) numbers: Option<Vec<u16>>,
}

/// The phase was there, for so long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SegmentFilter {
    pub(crate) segment: Word,
    pub(crate) length: Bounds,
}

/// Seconds, both ends included.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bounds {
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
}

impl Bounds {
    fn hold(self, seconds: impl Into<i64>) -> bool {
        let seconds = seconds.into();
        self.min.is_none_or(|min| min <= seconds) && self.max.is_none_or(|max| seconds <= max)
    }
}

impl SegmentFilter {
    fn passes(self, portion: &Portion) -> bool {
        let seconds = self.segment.segment().map(|segment| portion.seconds[segment]);
        portion.words.has(self.segment) && seconds.is_some_and(|seconds| self.length.hold(seconds))
    }
}

impl Filter {
    pub(crate) fn passes(&self, world: &World, query: &Query, portion: &Portion) -> bool {
        self.words.iter().all(|words| portion.words.meets(*words))
            && self.time_spent.hold(portion.length())
            && self
                .segments
                .as_ref()
                .is_none_or(|segments| segments.iter().any(|segment| segment.passes(portion)))
            && self.passes_call(world, portion.call)
            && self.passes_peers(world, query, portion)
    }

    fn passes_call(&self, world: &World, call: u32) -> bool {
        let through = |queues: &Vec<u16>| {
            world.calls.legs(call).iter().any(|leg| {
                let brought_by = leg.queue.map(|queue| world.directory.queue(queue).extension);
                queues.contains(&leg.extension)
                    || brought_by.is_some_and(|queue| queues.contains(&queue))
            })
        };
        let record = world.calls.call(call);
        let dialled = |numbers: &Vec<u16>| record.number.is_some_and(|n| numbers.contains(&n));
        self.call_duration.hold(record.duration)
            && self.queues.as_ref().is_none_or(through)
            && self.numbers.as_ref().is_none_or(dialled)
    }

    fn passes_peers(&self, world: &World, query: &Query, portion: &Portion) -> bool {
        let met = |peers: &Vec<u16>, direction: Word| {
            let mut legs = world.calls.legs(portion.call).iter();
            legs.any(|leg| {
                let extension = query.era.extension(&world.directory, leg.extension);
                let extension = world.directory.extension(extension);
                (extension.grouping, extension.entry) == (query.grouping, portion.key)
                    && leg.words.has(direction)
                    && leg.peer.is_some_and(|peer| peers.contains(&peer))
            })
        };
        self.from.as_ref().is_none_or(|from| met(from, Word::Inbound))
            && self.to.as_ref().is_none_or(|to| met(to, Word::Outbound))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assumptions::AbandonedSla;
    use crate::calls::{Calls, Draft};
    use crate::directory::Directory;

    #[test]
    fn a_call_went_through_the_queue_that_brought_it_to_a_user() {
        let directory = Directory::built_in();
        let (through, other) = (directory.queue(1).extension, directory.queue(0).extension);
        let brought = Draft {
            extension: directory.queue(1).agents[0],
            queue: Some(1),
            peer: None,
            words: Words::of(&[Word::Inbound, Word::Answered, Word::FromQueue]),
            start: 0,
            end: 60,
            spans: Vec::new(),
            events: Vec::new(),
        };
        let mut calls = Calls::default();
        calls.push(1_748_872_800, Word::External, None, None, vec![brought]);
        let world = World::new(directory, calls, AbandonedSla::Out);
        let passes = |queue| {
            let filter = Filter { queues: Some(vec![queue]), ..Filter::default() };
            filter.passes_call(&world, 0)
        };
        assert!(passes(through) && !passes(other));
    }
}
