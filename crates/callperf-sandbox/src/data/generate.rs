//! Inventing calls that look like a company's.

mod endings;
mod profile;

use std::ops::Range;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use crate::data::calls::{Calls, Draft, Event, Span};
use crate::data::dice::Dice;
use crate::data::directory::{Directory, Grouping, USERS};
use crate::data::time;
use crate::data::words::{Word, Words};
pub use profile::Profile;
use profile::Shape;

/// How far back the calls go by default: as far as the API lets requests go.
pub(crate) const DAYS: u32 = 184;
const DAY: i64 = 86_400;

/// What calls to invent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recipe {
    pub(crate) seed: u64,
    pub(crate) profile: Profile,
    /// Times 24 hours, before the end.
    pub(crate) days: u32,
    /// By default as many as the profile's company has.
    pub(crate) calls: Option<u32>,
}

// Seconds at evenly spaced chances, shortest first: between two of them any value is as likely.
const TALK: [u16; 13] = [8, 25, 42, 60, 82, 108, 140, 178, 226, 292, 390, 580, 1400];
const WAIT: [u16; 9] = [1, 1, 2, 3, 5, 9, 17, 38, 110];
const PATIENCE: [u16; 9] = [5, 24, 48, 80, 120, 170, 240, 340, 600];
const RING: [u16; 5] = [3, 5, 8, 12, 18];
const RING_OUT: [u16; 3] = [18, 22, 28];
const MENU: [u16; 6] = [3, 8, 13, 19, 28, 55];
const HOLD: [u16; 7] = [5, 14, 25, 40, 62, 100, 240];
const PARK: [u16; 5] = [6, 15, 30, 55, 120];
const CONSULT: [u16; 5] = [6, 12, 18, 28, 50];
const GREETING: [u16; 5] = [4, 8, 11, 14, 20];
const MESSAGE: [u16; 6] = [5, 11, 18, 28, 42, 90];

/// Calls over some days before a second.
pub(crate) fn calls(directory: &Directory, recipe: &Recipe, now: i64) -> Calls {
    let shape = recipe.profile.shape();
    let company = Company::new(directory, shape);
    let from = now - i64::from(recipe.days) * DAY;
    let days = days(directory, from, now);
    let mut calls = Calls::default();
    let mut hours = recipe.calls.map(|count| company.hours(recipe.seed, &days, count).into_iter());
    for day in days {
        let mut dice = Dice::of_day(recipe.seed, day.date);
        let mut endings = Dice::of_endings(recipe.seed, day.date);
        let starts = match &mut hours {
            None => company.starts(&mut dice, day.date.weekday()),
            Some(hours) => day.starts(&mut dice, hours),
        };
        for second in starts {
            let mut scene = Scene::new(&company, &mut dice, day.date.weekday(), second);
            scene.play();
            let Scene { origin, number, mut legs, .. } = scene;
            let ended_by = endings::tell(directory, &company.ivas, &mut endings, origin, &mut legs);
            let start = day.midnight + i64::from(second);
            // Drawn and left out, so that a later end of the period keeps the calls before it.
            if day.holds.contains(&start) {
                calls.push(start, origin, number, Some(ended_by), legs);
            }
        }
    }
    calls
}

/// A local day, and what of it lies in the period.
struct Day {
    date: Date,
    midnight: i64,
    holds: Range<i64>,
}

fn days(directory: &Directory, from: i64, now: i64) -> Vec<Day> {
    let zone = &directory.time_zone;
    let [first, last] = [from, now].map(|at| zone.to_datetime(time::timestamp(at)).date());
    let dates = first.series(1.day()).take_while(|date| *date <= last);
    let day = |date: Date| {
        let midnight = time::start_of_day(zone, date);
        // A day on which clocks are moved may end before its last hour.
        let end = date.tomorrow().map_or(now, |next| time::start_of_day(zone, next)).min(now);
        Day { date, midnight, holds: midnight.max(from)..end }
    };
    dates.map(day).collect()
}

impl Day {
    /// The part of an hour of the day, counted from midnight, that lies in the period: seconds of the day.
    fn hour(&self, hour: u32) -> Range<u32> {
        let within = |second: i64| u32::try_from(second - self.midnight).unwrap_or(0);
        let (first, last) = (within(self.holds.start), within(self.holds.end));
        let start = (3600 * hour).max(first);
        start..(3600 * (hour + 1)).min(last).max(start)
    }

    /// So many calls in each hour: the next 24 numbers.
    fn starts(&self, dice: &mut Dice, counts: &mut impl Iterator<Item = u32>) -> Vec<u32> {
        let mut starts = Vec::new();
        for (hour, count) in (0..24).zip(counts) {
            let hour = self.hour(hour);
            let length = hour.end - hour.start;
            starts.extend((0..count).map(|_| hour.start + dice.below(length)));
        }
        starts.sort_unstable();
        starts
    }
}

/// Who can take part in a call.
struct Company<'a> {
    directory: &'a Directory,
    shape: &'static Shape,
    users: Vec<u16>,
    users_with_number: Vec<u16>,
    ivrs: Vec<u16>,
    ivas: Vec<u16>,
    shared_lines: Vec<u16>,
    queue_weights: Vec<u32>,
}

impl<'a> Company<'a> {
    fn new(directory: &'a Directory, shape: &'static Shape) -> Company<'a> {
        let users = directory.extensions_of(Grouping::Users);
        let with_number = |user: &u16| directory.extension(*user).direct_number.is_some();
        // Support is called most.
        let weights = [30, 40, 18, 12].into_iter().cycle();
        Company {
            directory,
            shape,
            users_with_number: users.iter().copied().filter(with_number).collect(),
            users,
            ivrs: directory.extensions_of(Grouping::Ivrs),
            ivas: directory.extensions_of(Grouping::Ivas),
            shared_lines: directory.extensions_of(Grouping::SharedLines),
            queue_weights: weights.take(directory.queues().len()).collect(),
        }
    }

    fn is_open(&self, weekday: Weekday) -> bool {
        !self.directory.business_hours(weekday).is_empty()
    }

    /// The seconds of the day at which calls begin.
    fn starts(&self, dice: &mut Dice, weekday: Weekday) -> Vec<u32> {
        let (least, spread) = self.shape.calls(self.is_open(weekday));
        let calls = (least + dice.below(spread)) * self.shape.weekday(weekday) / 100;
        let users = u32::try_from(self.users.len()).unwrap_or(0);
        let hours = self.shape.hours(self.is_open(weekday));
        let start = |_| {
            let hour = u32::try_from(dice.weighted(hours)).unwrap_or(0);
            3600 * hour + dice.below(3600)
        };
        let mut starts: Vec<u32> = (0..calls * users / u32::from(USERS)).map(start).collect();
        starts.sort_unstable();
        starts
    }

    /// Of a given number of calls, how many begin in each hour of each day: 24 numbers a day.
    fn hours(&self, seed: u64, days: &[Day], calls: u32) -> Vec<u32> {
        let weight = |day: &Day, hour: u32| {
            let weekday = day.date.weekday();
            let (least, spread) = self.shape.calls(self.is_open(weekday));
            let chances = self.shape.hours(self.is_open(weekday));
            let of_day = u64::from((2 * least + spread) * self.shape.weekday(weekday)) * 1000;
            let of_hour = u64::from(chances[hour as usize]) * day.hour(hour).len() as u64;
            of_day * of_hour / u64::from(chances.iter().sum::<u32>())
        };
        let hours = days.iter().flat_map(|day| (0..24).map(move |hour| weight(day, hour)));
        let mut total = 0;
        let ends: Vec<u64> = hours
            .map(|weight| {
                total += weight;
                total
            })
            .collect();
        let mut counts = vec![0; ends.len()];
        let mut dice = Dice::of_hours(seed);
        for _ in 0..calls {
            let drawn = dice.below_many(total);
            counts[ends.partition_point(|end| *end <= drawn)] += 1;
        }
        counts
    }
}

fn minute(second_of_day: u32) -> u16 {
    u16::try_from(second_of_day / 60).unwrap_or(0)
}

/// A call while it is happening.
struct Scene<'a> {
    company: &'a Company<'a>,
    dice: &'a mut Dice,
    is_open: bool,
    /// The hour of the day at which the call began.
    hour: usize,
    /// Seconds since the call began.
    clock: u16,
    origin: Word,
    number: Option<u16>,
    legs: Vec<Draft>,
}

/// How a call came to an extension.
#[derive(Clone, Copy)]
struct Arrival {
    kind: Word,
    peer: Option<u16>,
}

impl Arrival {
    const DIRECT: Arrival = Arrival { kind: Word::Direct, peer: None };

    fn transferred_by(peer: u16) -> Arrival {
        Arrival { kind: Word::Transferred, peer: Some(peer) }
    }
}

/// Calls with more legs than this are not passed on again, so that they end.
const MANY_LEGS: usize = 8;

impl<'a> Scene<'a> {
    fn new(
        company: &'a Company<'a>,
        dice: &'a mut Dice,
        weekday: Weekday,
        second: u32,
    ) -> Scene<'a> {
        Scene {
            company,
            dice,
            is_open: company.directory.is_open(weekday, minute(second)),
            hour: second as usize / 3600,
            clock: 0,
            origin: Word::External,
            number: None,
            legs: Vec::new(),
        }
    }

    fn play(&mut self) {
        match self.dice.weighted(self.company.shape.kinds(self.is_open)) {
            0 => self.comes_in(),
            1 => self.goes_out(),
            _ => self.stays_inside(),
        }
    }

    fn comes_in(&mut self) {
        let weights = if self.is_open { [62, 12, 20, 6] } else { [80, 0, 15, 5] };
        match self.dice.weighted(&weights) {
            0 => self.menu(),
            1 => {
                let queue = self.any_queue();
                self.dialled(self.company.directory.queue(queue).extension);
                self.queue(queue, Arrival::DIRECT);
            }
            2 => {
                let user = self.dice.one_of(&self.company.users_with_number);
                self.dialled(user);
                self.ring_user(user, Arrival::DIRECT);
            }
            _ => {
                let line = self.dice.one_of(&self.company.shared_lines);
                self.dialled(line);
                self.ring_shared_line(line, Arrival::DIRECT);
            }
        }
    }

    fn direct_number(&self, extension: u16) -> Option<u16> {
        self.company.directory.extension(extension).direct_number
    }

    fn dialled(&mut self, extension: u16) {
        self.number = self.direct_number(extension);
    }

    fn any_queue(&mut self) -> u16 {
        u16::try_from(self.dice.weighted(&self.company.queue_weights)).unwrap_or(0)
    }

    /// A user who isn't in the call yet; a call has fewer legs than the company has users.
    fn any_free_user(&mut self) -> u16 {
        let user = self.dice.one_of(&self.company.users);
        if self.legs.iter().any(|leg| leg.extension == user) {
            return self.any_free_user();
        }
        user
    }

    fn menu(&mut self) {
        let menu = self.any_menu();
        self.dialled(menu);
        let leg = self.begin(menu, Word::Inbound);
        self.spend(leg, Word::IvrPrompt, &MENU);
        let weights = if self.is_open { [7, 4, 89] } else { [25, 20, 55] };
        match self.dice.weighted(&weights) {
            0 => self.end(leg, &[Word::NotAnswered, Word::Abandoned]),
            1 => self.end(leg, &[Word::NotAnswered, Word::Accepted]),
            _ => {
                self.end(leg, &[Word::Answered, Word::Direct]);
                self.leave_menu();
            }
        }
    }

    /// Menus go in pairs: the first for when the company is open.
    fn any_menu(&mut self) -> u16 {
        let pairs = u32::try_from(self.company.ivrs.len() / 2).unwrap_or(1);
        let pair = if pairs > 1 { self.dice.below(pairs) as usize } else { 0 };
        self.company.ivrs[2 * pair + usize::from(!self.is_open)]
    }

    fn leave_menu(&mut self) {
        if self.dice.percent(85) {
            let queue = self.any_queue();
            self.queue(queue, Arrival::DIRECT);
        } else {
            let user = self.dice.one_of(&self.company.users);
            self.ring_user(user, Arrival::DIRECT);
        }
    }

    fn queue(&mut self, queue: u16, arrival: Arrival) {
        let leg = self.begin(self.company.directory.queue(queue).extension, Word::Inbound);
        self.legs[leg].peer = arrival.peer;
        if !self.is_open {
            self.pass(leg, Word::Ringing, 1);
            return self.mailbox(leg);
        }
        let gives_up = self.clock + self.dice.seconds(&PATIENCE);
        let wait = self.company.shape.wait(self.dice.seconds(&WAIT), self.hour);
        if self.ring_until(leg, wait, gives_up) {
            return self.end(leg, &[Word::NotAnswered, Word::Abandoned]);
        }
        for agent in self.turn_of_agents(queue) {
            match self.ring_agent(queue, agent, gives_up) {
                Ring::Unanswered => {}
                Ring::GivenUp => return self.end(leg, &[Word::NotAnswered, Word::Abandoned]),
                Ring::Answered(agent) => {
                    self.end(leg, &[Word::Answered, arrival.kind]);
                    return self.talk(agent, Word::FromQueue);
                }
            }
        }
        self.end_unanswered(queue, leg);
    }

    fn turn_of_agents(&mut self, queue: u16) -> Vec<u16> {
        let mut agents = self.company.directory.queue(queue).agents.clone();
        // Who calls the queue doesn't take the call.
        agents.retain(|agent| {
            self.legs.iter().all(|leg| leg.extension != *agent || leg.is_received())
        });
        let first = self.dice.below(u32::from(crate::data::directory::index(agents.len())));
        agents.rotate_left(first as usize);
        agents.truncate(2);
        agents
    }

    fn ring_agent(&mut self, queue: u16, agent: u16, gives_up: u16) -> Ring {
        let leg = self.begin(agent, Word::Inbound);
        self.legs[leg].queue = Some(queue);
        let answers = self.dice.percent(76);
        let rings = self.dice.seconds(if answers { &RING[..] } else { &RING_OUT[..] });
        if self.ring_until(leg, rings, gives_up) {
            self.end(leg, &[Word::NotAnswered, Word::Abandoned]);
            return Ring::GivenUp;
        }
        if answers {
            return Ring::Answered(leg);
        }
        self.end(leg, &[Word::NotAnswered, Word::Missed]);
        Ring::Unanswered
    }

    /// Rings, unless the caller gives up before; says whether they did.
    fn ring_until(&mut self, leg: usize, seconds: u16, gives_up: u16) -> bool {
        let left = gives_up.saturating_sub(self.clock).max(1);
        self.pass(leg, Word::Ringing, seconds.min(left));
        seconds >= left
    }

    fn end_unanswered(&mut self, queue: u16, leg: usize) {
        if self.legs.len() < MANY_LEGS && self.dice.percent(45) {
            self.end(leg, &[Word::NotAnswered, Word::Overflow, Word::Missed]);
            let arrival = Arrival { kind: Word::FromQueue, peer: None };
            let queues = crate::data::directory::index(self.company.queue_weights.len());
            return self.queue((queue + 1) % queues, arrival);
        }
        self.mailbox(leg);
    }

    fn ring_user(&mut self, user: u16, arrival: Arrival) {
        let leg = self.begin(user, Word::Inbound);
        self.legs[leg].peer = arrival.peer;
        let weights = if self.is_open { [64, 23, 6, 7] } else { [18, 58, 9, 15] };
        match self.dice.weighted(&weights) {
            0 => self.answer(leg, arrival.kind),
            1 => {
                self.spend(leg, Word::Ringing, &RING_OUT);
                self.mailbox(leg);
            }
            2 => self.miss(leg),
            _ => self.give_up(leg),
        }
    }

    fn ring_shared_line(&mut self, line: u16, arrival: Arrival) {
        let leg = self.begin(line, Word::Inbound);
        self.legs[leg].peer = arrival.peer;
        let weights = if self.is_open { [78, 10, 12] } else { [10, 60, 30] };
        match self.dice.weighted(&weights) {
            0 => self.answer(leg, arrival.kind),
            1 => self.miss(leg),
            _ => self.give_up(leg),
        }
    }

    fn answer(&mut self, leg: usize, kind: Word) {
        self.spend(leg, Word::Ringing, &RING);
        self.talk(leg, kind);
    }

    fn miss(&mut self, leg: usize) {
        self.spend(leg, Word::Ringing, &RING_OUT);
        self.end(leg, &[Word::NotAnswered, Word::Missed]);
    }

    fn give_up(&mut self, leg: usize) {
        self.spend(leg, Word::Ringing, &RING);
        self.end(leg, &[Word::NotAnswered, Word::Abandoned]);
    }

    fn mailbox(&mut self, leg: usize) {
        self.spend(leg, Word::VmGreeting, &GREETING);
        let result = if self.dice.percent(62) {
            self.spend(leg, Word::Voicemail, &MESSAGE);
            Word::LeftVoicemail
        } else {
            Word::Accepted
        };
        self.end(leg, &[Word::NotAnswered, result]);
    }

    fn talk(&mut self, leg: usize, kind: Word) {
        self.mark(leg, &[Word::Answered, kind]);
        self.spend(leg, Word::LiveTalk, &TALK);
        let weights =
            if self.legs.len() < MANY_LEGS { [66, 20, 4, 5, 3, 2] } else { [80, 20, 0, 0, 0, 0] };
        match self.dice.weighted(&weights) {
            0 => self.end(leg, &[Word::Completed]),
            1 => self.hold(leg),
            2 => self.park(leg),
            3 => self.transfer_blind(leg, Word::BlindTransfer),
            4 => self.transfer_warm(leg),
            _ => self.transfer_blind(leg, Word::DtmfTransfer),
        }
    }

    fn hold(&mut self, leg: usize) {
        self.act(leg, Word::HoldOn);
        self.spend(leg, Word::Hold, &HOLD);
        if self.dice.percent(9) {
            return self.end(leg, &[Word::Abandoned]);
        }
        self.act(leg, Word::HoldOff);
        self.spend(leg, Word::LiveTalk, &TALK);
        if self.dice.percent(15) {
            return self.hold(leg);
        }
        self.end(leg, &[Word::Completed]);
    }

    fn park(&mut self, leg: usize) {
        let parker = self.legs[leg].extension;
        self.act(leg, Word::ParkOn);
        self.spend(leg, Word::Park, &PARK);
        match self.dice.weighted(&[10, 25, 65]) {
            0 => self.end(leg, &[Word::Abandoned]),
            1 => self.take_from_park(leg),
            _ => {
                self.end(leg, &[]);
                let finder = self.any_free_user();
                let leg = self.begin(finder, Word::Inbound);
                self.legs[leg].peer = Some(parker);
                self.mark(leg, &[Word::Answered, Word::ParkRetrieval]);
                self.take_from_park(leg);
            }
        }
    }

    fn take_from_park(&mut self, leg: usize) {
        self.act(leg, Word::ParkOff);
        self.spend(leg, Word::LiveTalk, &TALK);
        self.end(leg, &[Word::Completed]);
    }

    fn transfer_blind(&mut self, leg: usize, action: Word) {
        let by = self.legs[leg].extension;
        self.act(leg, action);
        self.pass(leg, Word::Transfer, 2);
        self.end(leg, &[]);
        if self.dice.percent(30) {
            let queue = self.any_queue();
            self.queue(queue, Arrival::transferred_by(by));
        } else {
            let user = self.any_free_user();
            self.ring_user(user, Arrival::transferred_by(by));
        }
    }

    fn transfer_warm(&mut self, leg: usize) {
        let by = self.legs[leg].extension;
        self.spend(leg, Word::Transfer, &CONSULT);
        self.act(leg, Word::WarmTransfer);
        self.end(leg, &[]);
        let user = self.any_free_user();
        let leg = self.begin(user, Word::Inbound);
        self.legs[leg].peer = Some(by);
        self.answer(leg, Word::Transferred);
    }

    fn goes_out(&mut self) {
        let user = self.dice.one_of(&self.company.users);
        let leg = self.begin(user, Word::Outbound);
        self.set_up(leg);
        if self.dice.percent(72) {
            self.spend(leg, Word::Ringing, &RING);
            self.mark(leg, &[Word::Connected, Word::Placed]);
            self.spend(leg, Word::LiveTalk, &TALK);
            match self.dice.weighted(&[74, 14, 12]) {
                0 => self.end(leg, &[Word::Completed]),
                1 => self.end(leg, &[Word::Unknown]),
                _ => self.hold(leg),
            }
        } else {
            self.spend(leg, Word::Ringing, &RING_OUT);
            let result = if self.dice.percent(60) { Word::Abandoned } else { Word::Unknown };
            self.end(leg, &[Word::NotConnected, Word::Placed, result]);
        }
    }

    fn set_up(&mut self, leg: usize) {
        if self.dice.percent(60) {
            let seconds = self.dice.one_of(&[1, 2, 3, 4]);
            self.pass(leg, Word::Setup, seconds);
        }
    }

    fn stays_inside(&mut self) {
        self.origin = Word::Internal;
        let caller = self.dice.one_of(&self.company.users);
        let leg = self.begin(caller, Word::Outbound);
        self.set_up(leg);
        let dialled = self.clock;
        let arrival = Arrival { kind: Word::Direct, peer: Some(caller) };
        match self.dice.weighted(&[82, 12, 6]) {
            0 => {
                let user = self.any_free_user();
                self.ring_user(user, arrival);
            }
            1 => {
                let queue = self.any_queue();
                self.queue(queue, arrival);
            }
            _ => {
                let line = self.dice.one_of(&self.company.shared_lines);
                self.ring_shared_line(line, arrival);
            }
        }
        self.hear(leg, dialled);
    }

    /// Fills in what a caller from inside heard of the legs that followed.
    fn hear(&mut self, leg: usize, dialled: u16) {
        let accepted = self.legs[1..].iter().find_map(|other| {
            let talk = other.spans.iter().find(|span| span.segment == Word::LiveTalk)?;
            Some((other.extension, talk.start))
        });
        let result = self.last_result();
        if let Some((peer, answered)) = accepted {
            self.legs[leg].peer = Some(peer);
            self.hear_span(leg, Word::Ringing, dialled, answered);
            self.hear_span(leg, Word::LiveTalk, answered, self.clock);
            self.end(leg, &[Word::Connected, Word::Placed, result]);
        } else {
            let at_mailbox =
                |span: &&Span| matches!(span.segment, Word::VmGreeting | Word::Voicemail);
            let others = self.legs[1..].iter().flat_map(|other| &other.spans);
            let mailbox: Vec<_> = others.filter(at_mailbox).copied().collect();
            let rang_until = mailbox.first().map_or(self.clock, |span| span.start);
            self.hear_span(leg, Word::Ringing, dialled, rang_until);
            self.legs[leg].spans.extend(mailbox);
            self.end(leg, &[Word::NotConnected, Word::Placed, result]);
        }
    }

    fn last_result(&self) -> Word {
        const RESULTS: [Word; 4] =
            [Word::Abandoned, Word::LeftVoicemail, Word::Missed, Word::Accepted];
        let last = self.legs.iter().rev().find(|leg| leg.end == self.clock);
        let words = last.map_or(Words::NONE, |leg| leg.words);
        let result = RESULTS.into_iter().find(|result| words.has(*result));
        result.unwrap_or(Word::Completed)
    }

    fn hear_span(&mut self, leg: usize, segment: Word, from: u16, to: u16) {
        if to > from {
            self.legs[leg].spans.push(Span { segment, start: from, seconds: to - from });
        }
    }

    fn begin(&mut self, extension: u16, direction: Word) -> usize {
        self.legs.push(Draft {
            extension,
            queue: None,
            peer: None,
            words: Words::of(&[direction]),
            start: self.clock,
            end: self.clock,
            spans: Vec::new(),
            events: Vec::new(),
        });
        self.legs.len() - 1
    }

    fn spend(&mut self, leg: usize, segment: Word, quantiles: &[u16]) {
        let seconds = self.dice.seconds(quantiles);
        self.pass(leg, segment, seconds);
    }

    fn pass(&mut self, leg: usize, segment: Word, seconds: u16) {
        self.legs[leg].spans.push(Span { segment, start: self.clock, seconds });
        self.clock += seconds;
    }

    fn act(&mut self, leg: usize, action: Word) {
        let at = self.clock;
        self.legs[leg].events.push(Event { action, at });
    }

    fn mark(&mut self, leg: usize, words: &[Word]) {
        let leg = &mut self.legs[leg];
        leg.words = leg.words.and(Words::of(words));
    }

    fn end(&mut self, leg: usize, words: &[Word]) {
        self.mark(leg, words);
        self.legs[leg].end = self.clock;
    }
}

/// What came of ringing an agent.
enum Ring {
    Answered(usize),
    Unanswered,
    GivenUp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::portion::Portions;
    use crate::assumptions::Assumptions;
    use crate::data::era::Era;

    const NOW: i64 = 1_748_822_400;

    const SECONDS: i64 = DAYS as i64 * DAY;

    fn recipe(seed: u64) -> Recipe {
        Recipe { seed, profile: Profile::Steady, days: DAYS, calls: None }
    }

    fn built_in(seed: u64, now: i64) -> (Directory, Calls) {
        let directory = Directory::built_in();
        let calls = calls(&directory, &recipe(seed), now);
        (directory, calls)
    }

    #[test]
    fn there_are_as_many_calls_as_a_company_has() {
        let (_, calls) = built_in(7, NOW);
        assert!((18_000..22_000).contains(&calls.len()), "{}", calls.len());
        let starts: Vec<i64> = (0..20_000.min(calls.len()))
            .map(|i| calls.call(u32::try_from(i).unwrap()).start)
            .collect();
        assert!(starts.is_sorted());
        assert!(starts[0] >= NOW - SECONDS && starts[0] < NOW - SECONDS + 86_400);
    }

    #[test]
    fn calls_stay_in_order_when_clocks_are_moved() {
        // A debug assertion watches the order.
        for seed in 0..8 {
            for now in [NOW, NOW + SECONDS] {
                let (_, calls) = built_in(seed, now);
                assert!(calls.len() > 18_000);
            }
        }
    }

    #[test]
    fn every_word_occurs_in_records() {
        let (directory, calls) = built_in(7, NOW);
        let portions =
            Portions::new(&directory, &calls, Assumptions::default().abandoned_sla, Era::Since);
        let all = Grouping::ALL.into_iter().flat_map(|grouping| portions.of(grouping));
        let words = all.fold(Words::NONE, |words, portion| words.and(portion.words));
        for word in crate::data::words::ALL {
            assert!(words.has(word), "{word:?}");
        }
    }

    #[test]
    fn legs_make_sense() {
        let (_, calls) = built_in(1, NOW);
        for number in 0..u32::try_from(calls.len()).unwrap() {
            let call = calls.call(number);
            for place in calls.leg_range(number) {
                let leg = calls.leg(place);
                assert!(leg.start <= leg.end && leg.end <= call.duration, "{number} {leg:?}");
                let mut free_from = leg.start;
                for span in calls.spans(place) {
                    assert!(span.start >= free_from && span.seconds > 0, "{number} {leg:?}");
                    free_from = span.start + span.seconds;
                }
                assert!(free_from <= leg.end, "{number} {leg:?}");
                let acts_in_time = |event: &Event| (leg.start..=leg.end).contains(&event.at);
                assert!(calls.events(place).iter().all(acts_in_time), "{number} {leg:?}");
            }
        }
    }

    #[test]
    fn no_sum_of_seconds_comes_near_its_end() {
        let (directory, calls) = built_in(3, NOW);
        let portions =
            Portions::new(&directory, &calls, Assumptions::default().abandoned_sla, Era::Since);
        let all = Grouping::ALL.into_iter().flat_map(|grouping| portions.of(grouping));
        let most = all.flat_map(|portion| portion.seconds).max();
        assert!(most.is_some_and(|most| most < u16::MAX / 2), "{most:?}");
    }

    #[test]
    fn a_day_is_the_same_from_any_later_now() {
        let (_, calls) = built_in(7, NOW);
        let (_, later) = built_in(7, NOW + 86_400);
        let (shared, shared_later) = (NOW - 86_400, NOW - 1);
        let here = calls.started(shared, shared_later);
        let there = later.started(shared, shared_later);
        assert!(!here.is_empty());
        assert_eq!(here.len(), there.len());
        for (a, b) in here.zip(there) {
            assert_eq!(calls.call(a).start, later.call(b).start);
            assert_eq!(calls.call(a).duration, later.call(b).duration);
        }
        let (_, other) = built_in(8, NOW);
        assert_ne!(calls, other);
    }
}
