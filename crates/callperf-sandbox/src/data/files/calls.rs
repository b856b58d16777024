//! Reading what happened. The files' rows may stand in any order.

use std::collections::HashMap;
use std::path::Path;

use super::directory::Names;
use super::error::DataError;
use super::rows::{Row, Rows};
use super::schema;
use super::spelling;
use crate::data::calls::{Call, Calls, Event, Span};
use crate::data::directory::Directory;
use crate::data::words::{Word, Words};

/// Seconds are 16 bits wide once they are read.
const LONGEST: i64 = u16::MAX as i64;
/// Portions count the legs and the actions of a call in 8 bits.
const MOST_LEGS: i64 = 255;
const MOST_ACTIONS: usize = 255;

struct ReadCall {
    id: u64,
    start: i64,
    seconds: u16,
    origin: Word,
    number: Option<u16>,
    ended_by: Option<Word>,
    row: u32,
}

struct ReadLeg {
    call: u32,
    number: u8,
    extension: u16,
    queue: Option<u16>,
    peer: Option<u16>,
    words: Words,
    start: u16,
    end: u16,
    row: u32,
}

/// A phase or an action, of the leg with that place among all.
struct ReadPart {
    leg: u32,
    word: Word,
    start: u16,
    seconds: u16,
    row: u32,
}

pub(super) fn read(
    folder: &Path,
    directory: &Directory,
    names: &Names,
    period: (i64, i64),
    version: i64,
) -> Result<Calls, DataError> {
    let table = if version < 3 { &schema::CALLS_2 } else { &schema::CALLS };
    let mut rows = Rows::open(folder, table)?;
    let (calls, ids) = calls(&mut rows, names, period, version)?;
    let legs = legs(folder, directory, names, &calls, &ids)?;
    let index = Index::new(&rows, &calls, &legs, ids)?;
    let spans = segments(folder, &calls, &legs, &index)?;
    let events = actions(folder, &calls, &legs, &index)?;
    drop(index);
    Ok(joined(calls, legs, &spans, &events))
}

fn calls(
    rows: &mut Rows,
    names: &Names,
    period: (i64, i64),
    version: i64,
) -> Result<(Vec<ReadCall>, HashMap<u64, u32>), DataError> {
    const ID: usize = 0;
    const START: usize = 1;
    const SECONDS: usize = 2;
    const ORIGIN: usize = 3;
    const NUMBER: usize = 4;
    const ENDED_BY: usize = 5;
    let mut calls = Vec::new();
    while let Some(row) = rows.next()? {
        let start = row.number(START);
        if !(period.0..period.1).contains(&start) {
            let reason = format!(
                "{} is not between calls_from and calls_to of the account",
                crate::data::time::timestamp(start)
            );
            return Err(row.refuse(START, reason));
        }
        let number = row.optional_text(NUMBER);
        let ended_by = match version {
            1 | 2 => None,
            _ => row.optional_word(ENDED_BY, spelling::ENDING_PARTIES)?,
        };
        calls.push(ReadCall {
            id: row.whole(ID, 0..=i64::MAX)?,
            start,
            seconds: row.whole(SECONDS, 0..=LONGEST)?,
            origin: row.word(ORIGIN, spelling::ORIGINS)?,
            number: number.map(|_| names.number(row, NUMBER)).transpose()?,
            ended_by,
            row: place_of(row),
        });
    }
    calls.sort_unstable_by_key(|call: &ReadCall| (call.start, call.id));
    let mut ids = HashMap::with_capacity(calls.len());
    for (call, place) in calls.iter().zip(0..) {
        if let Some(other) = ids.insert(call.id, place) {
            let other: &ReadCall = &calls[other as usize];
            let (first, second) = (call.row.min(other.row), call.row.max(other.row));
            return Err(rows.refuse(second, ID, format!("the id is used before, at {first}")));
        }
    }
    Ok((calls, ids))
}

fn legs(
    folder: &Path,
    directory: &Directory,
    names: &Names,
    calls: &[ReadCall],
    ids: &HashMap<u64, u32>,
) -> Result<Vec<ReadLeg>, DataError> {
    const NUMBER: usize = 1;
    const START: usize = 9;
    let mut rows = Rows::open(folder, &schema::LEGS)?;
    let mut legs = Vec::new();
    while let Some(row) = rows.next()? {
        legs.push(leg(row, directory, names, calls, ids)?);
    }
    if !legs.is_sorted_by_key(|leg: &ReadLeg| (leg.call, leg.number)) {
        legs.sort_by_key(|leg| (leg.call, leg.number));
    }
    for of_call in legs.chunk_by(|a, b| a.call == b.call) {
        for (leg, expected) in of_call.iter().zip(1_u16..) {
            let number = u16::from(leg.number);
            if number != expected {
                let reason = if number < expected {
                    format!("the call has two legs of the number {number}")
                } else {
                    format!("the call has no leg {expected}")
                };
                return Err(rows.refuse(leg.row, NUMBER, reason));
            }
        }
        for pair in of_call.windows(2) {
            if pair[1].start < pair[0].start {
                let reason = "it starts before the leg before it: legs are numbered as they start";
                return Err(rows.refuse(pair[1].row, START, reason));
            }
        }
    }
    Ok(legs)
}

fn leg(
    row: Row<'_>,
    directory: &Directory,
    names: &Names,
    calls: &[ReadCall],
    ids: &HashMap<u64, u32>,
) -> Result<ReadLeg, DataError> {
    const NUMBER: usize = 1;
    const EXTENSION: usize = 2;
    const QUEUE: usize = 3;
    const PEER: usize = 4;
    const START: usize = 9;
    const SECONDS: usize = 10;
    let call = call_of(row, ids)?;
    let queue = row.optional_text(QUEUE).map(|_| names.queue(row, QUEUE, directory));
    let queue = queue.transpose()?;
    let peer = row.optional_text(PEER).map(|_| names.extension(row, PEER)).transpose()?;
    let whole = calls[call as usize].seconds;
    let start: u16 = row.whole(START, 0..=LONGEST)?;
    let seconds: u16 = row.whole(SECONDS, 0..=LONGEST)?;
    let end = start.checked_add(seconds).filter(|end| *end <= whole).ok_or_else(|| {
        let reason = format!("the leg ends after its call, which has {whole} seconds");
        row.refuse(SECONDS, reason)
    })?;
    Ok(ReadLeg {
        call,
        number: row.whole(NUMBER, 1..=MOST_LEGS)?,
        extension: names.extension(row, EXTENSION)?,
        queue,
        peer,
        words: words(row)?,
        start,
        end,
        row: place_of(row),
    })
}

/// Direction, response, type and result, as far as they go together.
fn words(row: Row<'_>) -> Result<Words, DataError> {
    const DIRECTION: usize = 5;
    const RESPONSE: usize = 6;
    const TYPE: usize = 7;
    const RESULT: usize = 8;
    const MADE: Words = Words::of(&[Word::Connected, Word::NotConnected, Word::Placed]);
    let direction = row.word(DIRECTION, spelling::DIRECTIONS)?;
    let response = row.optional_word(RESPONSE, spelling::RESPONSES)?;
    let kind = row.optional_word(TYPE, spelling::TYPES)?;
    let result = row.optional_word(RESULT, spelling::RESULTS)?;
    for (word, column) in [(response, RESPONSE), (kind, TYPE)] {
        let is_made = word.is_some_and(|word| MADE.has(word));
        if word.is_some() && is_made != (direction == Word::Outbound) {
            let (text, direction) = (row.text(column), row.text(DIRECTION));
            return Err(row.refuse(column, format!("no {direction} leg is `{text}`")));
        }
    }
    Ok([Some(direction), response, kind, result].into_iter().flatten().collect())
}

/// Kept for what is only found out later. Files of more rows than that have an error at the last that fits.
fn place_of(row: Row<'_>) -> u32 {
    u32::try_from(row.place()).unwrap_or(u32::MAX)
}

fn call_of(row: Row<'_>, ids: &HashMap<u64, u32>) -> Result<u32, DataError> {
    let id: u64 = row.whole(0, 0..=i64::MAX)?;
    let call = ids.get(&id).copied();
    call.ok_or_else(|| row.refuse(0, format!("there is no call {id}")))
}

/// Finds the legs that segments and actions belong to.
struct Index {
    ids: HashMap<u64, u32>,
    /// One past each call's last leg.
    ends: Vec<u32>,
}

impl Index {
    fn new(
        rows: &Rows,
        calls: &[ReadCall],
        legs: &[ReadLeg],
        ids: HashMap<u64, u32>,
    ) -> Result<Index, DataError> {
        let mut ends = vec![0; calls.len()];
        for (leg, place) in legs.iter().zip(1..) {
            ends[leg.call as usize] = place;
        }
        match calls.iter().zip(&ends).find(|(_, end)| **end == 0) {
            Some((call, _)) => Err(rows.refuse(call.row, 0, "the call has no legs")),
            None => Ok(Index { ids, ends }),
        }
    }

    fn leg(&self, row: Row<'_>) -> Result<u32, DataError> {
        const NUMBER: usize = 1;
        let call = call_of(row, &self.ids)?;
        let first = call.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        let number: u32 = row.whole(NUMBER, 1..=MOST_LEGS)?;
        let leg = first + number - 1;
        if leg < self.ends[call as usize] {
            return Ok(leg);
        }
        Err(row.refuse(NUMBER, format!("the call has no leg {number}")))
    }
}

fn segments(
    folder: &Path,
    calls: &[ReadCall],
    legs: &[ReadLeg],
    index: &Index,
) -> Result<Vec<ReadPart>, DataError> {
    const SEGMENT: usize = 2;
    const START: usize = 3;
    const SECONDS: usize = 4;
    let mut rows = Rows::open(folder, &schema::SEGMENTS)?;
    let mut spans = Vec::new();
    while let Some(row) = rows.next()? {
        let leg = index.leg(row)?;
        let within = &legs[leg as usize];
        let start: u16 = row.whole(START, 0..=LONGEST)?;
        let seconds: u16 = row.whole(SECONDS, 1..=LONGEST)?;
        if start < within.start {
            return Err(row.refuse(START, "the segment starts before its leg"));
        }
        if u32::from(start) + u32::from(seconds) > within.end.into() {
            return Err(row.refuse(SECONDS, "the segment ends after its leg"));
        }
        let word = row.word(SEGMENT, spelling::SEGMENTS)?;
        spans.push(ReadPart { leg, word, start, seconds, row: place_of(row) });
    }
    in_order(&mut spans);
    for pair in spans.windows(2) {
        if pair[0].leg == pair[1].leg && pair[1].start < pair[0].start + pair[0].seconds {
            return Err(rows.refuse(pair[1].row, START, "the segment overlaps the one before it"));
        }
    }
    check_sums(&rows, calls, legs, &spans)?;
    Ok(spans)
}

/// A record's seconds are those of some legs of a call.
fn check_sums(
    rows: &Rows,
    calls: &[ReadCall],
    legs: &[ReadLeg],
    spans: &[ReadPart],
) -> Result<(), DataError> {
    const SECONDS: usize = 4;
    let call = |span: &ReadPart| legs[span.leg as usize].call;
    for of_call in spans.chunk_by(|a, b| call(a) == call(b)) {
        let sum: i64 = of_call.iter().map(|span| i64::from(span.seconds)).sum();
        if sum > LONGEST {
            let last = &of_call[of_call.len() - 1];
            let id = calls[call(last) as usize].id;
            let reason =
                format!("the segments of call {id} last {sum} seconds, more than {LONGEST}");
            return Err(rows.refuse(last.row, SECONDS, reason));
        }
    }
    Ok(())
}

fn actions(
    folder: &Path,
    calls: &[ReadCall],
    legs: &[ReadLeg],
    index: &Index,
) -> Result<Vec<ReadPart>, DataError> {
    const ACTION: usize = 2;
    const START: usize = 3;
    let mut rows = Rows::open(folder, &schema::ACTIONS)?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let leg = index.leg(row)?;
        let within = &legs[leg as usize];
        let at: u16 = row.whole(START, 0..=LONGEST)?;
        if !(within.start..=within.end).contains(&at) {
            return Err(row.refuse(START, "the action is outside its leg"));
        }
        let word = row.word(ACTION, spelling::ACTIONS)?;
        events.push(ReadPart { leg, word, start: at, seconds: 0, row: place_of(row) });
    }
    in_order(&mut events);
    let call = |event: &ReadPart| legs[event.leg as usize].call;
    for of_call in events.chunk_by(|a, b| call(a) == call(b)) {
        if of_call.len() > MOST_ACTIONS {
            let id = calls[call(&of_call[0]) as usize].id;
            let reason = format!("call {id} has more than {MOST_ACTIONS} actions");
            return Err(rows.refuse(of_call[MOST_ACTIONS].row, ACTION, reason));
        }
    }
    Ok(events)
}

fn in_order(parts: &mut [ReadPart]) {
    if !parts.is_sorted_by_key(|part| (part.leg, part.start)) {
        parts.sort_by_key(|part| (part.leg, part.start));
    }
}

fn joined(
    list: Vec<ReadCall>,
    legs: Vec<ReadLeg>,
    spans: &[ReadPart],
    events: &[ReadPart],
) -> Calls {
    let mut calls = Calls::default();
    calls.reserve(list.len(), legs.len(), spans.len(), events.len());
    let (mut spans, mut events) = (spans.iter().peekable(), events.iter().peekable());
    let mut legs = legs.into_iter().zip(0..).peekable();
    for (call, number) in list.into_iter().zip(0..) {
        while let Some((leg, place)) = legs.next_if(|(leg, _)| leg.call == number) {
            while let Some(span) = spans.next_if(|span| span.leg == place) {
                let (segment, start, seconds) = (span.word, span.start, span.seconds);
                calls.push_span(Span { segment, start, seconds });
            }
            while let Some(event) = events.next_if(|event| event.leg == place) {
                calls.push_event(Event { action: event.word, at: event.start });
            }
            let part = (leg.start, leg.end);
            calls.end_leg(leg.extension, leg.queue, leg.peer, leg.words, part);
        }
        let ReadCall { id, start, seconds: duration, origin, number, ended_by, .. } = call;
        calls.end_call(Call { id, start, duration, origin, number, ended_by, legs_end: 0 });
    }
    calls
}
