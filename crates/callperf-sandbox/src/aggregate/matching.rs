//! Which portions of calls a request wants.

use crate::aggregate::filter::{Filter, SegmentFilter};
use crate::aggregate::portion::Portion;
use crate::aggregate::query::Query;
use crate::data::calls::Calls;
use crate::data::directory::Directory;
use crate::data::words::Word;

/// Whether a portion passes a query's filter.
pub(crate) fn passes(
    query: &Query,
    portion: &Portion,
    calls: &Calls,
    directory: &Directory,
) -> bool {
    let filter = &query.filter;
    filter.words.iter().all(|words| portion.words.meets(*words))
        && filter.time_spent.hold(portion.length())
        && filter
            .segments
            .as_ref()
            .is_none_or(|segments| segments.iter().any(|segment| has_segment(portion, *segment)))
        && passes_call(filter, portion.call, calls, directory)
        && passes_peers(query, portion, calls, directory)
}

fn has_segment(portion: &Portion, filter: SegmentFilter) -> bool {
    let seconds = filter.segment.segment().map(|segment| portion.seconds[segment]);
    portion.words.has(filter.segment) && seconds.is_some_and(|seconds| filter.length.hold(seconds))
}

fn passes_call(filter: &Filter, call: u32, calls: &Calls, directory: &Directory) -> bool {
    let through = |queues: &Vec<u16>| {
        calls.legs(call).iter().any(|leg| {
            let brought_by = leg.queue.map(|queue| directory.queue(queue).extension);
            queues.contains(&leg.extension)
                || brought_by.is_some_and(|queue| queues.contains(&queue))
        })
    };
    let record = calls.call(call);
    let dialled = |numbers: &Vec<u16>| record.number.is_some_and(|n| numbers.contains(&n));
    filter.call_duration.hold(record.duration)
        && filter.queues.as_ref().is_none_or(through)
        && filter.numbers.as_ref().is_none_or(dialled)
}

fn passes_peers(query: &Query, portion: &Portion, calls: &Calls, directory: &Directory) -> bool {
    let met = |peers: &Vec<u16>, direction: Word| {
        let mut legs = calls.legs(portion.call).iter();
        legs.any(|leg| {
            let extension = query.era.extension(directory, leg.extension);
            let extension = directory.extension(extension);
            (extension.grouping, extension.entry) == (query.grouping, portion.key)
                && leg.words.has(direction)
                && leg.peer.is_some_and(|peer| peers.contains(&peer))
        })
    };
    query.filter.from.as_ref().is_none_or(|from| met(from, Word::Inbound))
        && query.filter.to.as_ref().is_none_or(|to| met(to, Word::Outbound))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::calls::Draft;
    use crate::data::words::Words;

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
        let passes = |queue| {
            let filter = Filter { queues: Some(vec![queue]), ..Filter::default() };
            passes_call(&filter, 0, &calls, &directory)
        };
        assert!(passes(through) && !passes(other));
    }
}
