//! Inventing calls that look like a company's.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::calls::{Calls, Draft, Event, Span};
use crate::directory::{Directory, Grouping, TIME_ZONE};
use crate::time;
use crate::words::{Word, Words};

/// How far back the calls go, as far as the API lets anyone ask.
pub(crate) const SECONDS: i64 = 184 * 86_400;

/// Calls on a day that the company is open, before the luck of the day.
const OPEN_DAY: u32 = 140;
const CLOSED_DAY: u32 = 10;

// Chances by local hour. Tables of whole numbers, because floating-point functions differ between machines.
const OPEN_HOURS: [u32; 24] =
    [1, 0, 0, 0, 0, 1, 2, 6, 30, 84, 110, 106, 82, 92, 108, 104, 92, 60, 18, 10, 8, 5, 3, 2];
const CLOSED_HOURS: [u32; 24] =
    [1, 0, 0, 0, 0, 0, 1, 2, 5, 9, 12, 12, 10, 9, 8, 8, 7, 6, 5, 4, 3, 2, 2, 1];

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

/// Chances, drawn the same everywhere.
struct Dice(ChaCha8Rng);

impl Dice {
    /// Each day has its own stream, so that a later start of the period keeps the days it shares.
    fn of_day(seed: u64, day: i64) -> Dice {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut source = ChaCha8Rng::from_seed(key);
        source.set_stream(day.cast_unsigned());
        Dice(source)
    }

    fn below(&mut self, bound: u32) -> u32 {
        let product = u64::from(self.0.next_u32()) * u64::from(bound);
        u32::try_from(product >> 32).unwrap_or(0)
    }

    fn percent(&mut self, chance: u32) -> bool {
        self.below(100) < chance
    }

    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(u32::try_from(of.len()).unwrap_or(1)) as usize]
    }

    /// The place of a weight, as often as it weighs.
    fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().sum());
        let falls_here = |weight: &u32| {
            let here = left < *weight;
            left = left.saturating_sub(*weight);
            here
        };
        weights.iter().position(falls_here).unwrap_or(0)
    }

    fn seconds(&mut self, quantiles: &[u16]) -> u16 {
        let steps = u32::try_from(quantiles.len() - 1).unwrap_or(1);
        let step = self.below(steps) as usize;
        let (low, high) = (quantiles[step], quantiles[step + 1]);
        let more = self.below(u32::from(high - low) + 1);
        low + u16::try_from(more).unwrap_or(0)
    }
}

/// Calls over the 184 days before a second.
pub(crate) fn calls(directory: &Directory, seed: u64, now: i64) -> Calls {
    let zone = time::zone(TIME_ZONE).expect("the bundled database has it");
    let company = Company::new(directory);
    let mut calls = Calls::default();
    let from = now - SECONDS;
    let [first, last] = [from, now].map(|at| zone.to_datetime(time::timestamp(at)).date());
    for date in first.series(1.day()).take_while(|date| *date <= last) {
        let midnight = time::start_of_day(&zone, date);
        // A day on which clocks are moved may end before its last hour.
        let end = date.tomorrow().map_or(now, |next| time::start_of_day(&zone, next)).min(now);
        let dice = Dice::of_day(seed, day_number(date));
        company.day(dice, date.weekday(), |second, scene| {
            let start = midnight + second;
            if (from..end).contains(&start) {
                calls.push(start, scene.origin, scene.number, scene.legs);
            }
        });
    }
    calls
}

fn day_number(date: Date) -> i64 {
    date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24
}

/// Who can take part in a call.
struct Company<'a> {
    directory: &'a Directory,
    users: Vec<u16>,
    ivrs: Vec<u16>,
    shared_lines: Vec<u16>,
}

impl<'a> Company<'a> {
    fn new(directory: &'a Directory) -> Company<'a> {
        Company {
            directory,
            users: directory.extensions_of(Grouping::Users),
            ivrs: directory.extensions_of(Grouping::Ivrs),
            shared_lines: directory.extensions_of(Grouping::SharedLines),
        }
    }

    fn day(&self, mut dice: Dice, weekday: Weekday, mut add: impl FnMut(i64, Scene<'_>)) {
        let is_open = |second| Directory::is_open(weekday, minute(second));
        let (calls, hours) = if is_open(12 * 3600) {
            (OPEN_DAY + dice.below(21), OPEN_HOURS)
        } else {
            (CLOSED_DAY + dice.below(6), CLOSED_HOURS)
        };
        let mut starts: Vec<u32> = (0..calls)
            .map(|_| {
                let hour = u32::try_from(dice.weighted(&hours)).unwrap_or(0);
                3600 * hour + dice.below(3600)
            })
            .collect();
        starts.sort_unstable();
        for second in starts {
            let mut scene = Scene::new(self, &mut dice, is_open(second));
            scene.play();
            add(second.into(), scene);
        }
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
    fn new(company: &'a Company<'a>, dice: &'a mut Dice, is_open: bool) -> Scene<'a> {
        Scene {
            company,
            dice,
            is_open,
            clock: 0,
            origin: Word::External,
            number: None,
            legs: Vec::new(),
        }
    }

    fn play(&mut self) {
        let weights = if self.is_open { [57, 28, 15] } else { [86, 11, 3] };
        match self.dice.weighted(&weights) {
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
                let with_number = |user: &u16| self.direct_number(*user).is_some();
                let users: Vec<_> =
                    self.company.users.iter().copied().filter(with_number).collect();
                let user = self.dice.one_of(&users);
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
        // Support is called most.
        u16::try_from(self.dice.weighted(&[30, 40, 18, 12])).unwrap_or(0)
    }

    /// Somebody who isn't in the call yet; a call has fewer legs than the company has users.
    fn any_free_user(&mut self) -> u16 {
        let user = self.dice.one_of(&self.company.users);
        if self.legs.iter().any(|leg| leg.extension == user) {
            return self.any_free_user();
        }
        user
    }

    fn menu(&mut self) {
        let menu = self.company.ivrs[usize::from(!self.is_open)];
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
        let wait = self.dice.seconds(&WAIT);
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
        self.nobody_took_it(queue, leg);
    }

    fn turn_of_agents(&mut self, queue: u16) -> Vec<u16> {
        let mut agents = self.company.directory.queue(queue).agents.clone();
        // Who calls the queue doesn't take the call.
        agents.retain(|agent| {
            self.legs.iter().all(|leg| leg.extension != *agent || leg.is_received())
        });
        let first = self.dice.below(u32::from(crate::directory::index(agents.len())));
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

    fn nobody_took_it(&mut self, queue: u16, leg: usize) {
        if self.legs.len() < MANY_LEGS && self.dice.percent(45) {
            self.end(leg, &[Word::NotAnswered, Word::Overflow, Word::Missed]);
            let arrival = Arrival { kind: Word::FromQueue, peer: None };
            return self.queue((queue + 1) % 4, arrival);
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
    use crate::portion::Portions;

    const NOW: i64 = 1_748_822_400;

    fn built_in(seed: u64, now: i64) -> (Directory, Calls) {
        let directory = Directory::built_in();
        let calls = calls(&directory, seed, now);
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
        let portions = Portions::new(&directory, &calls);
        let all = Grouping::ALL.into_iter().flat_map(|grouping| portions.of(grouping));
        let words = all.fold(Words::NONE, |words, portion| words.and(portion.words));
        for word in crate::words::ALL {
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
        let portions = Portions::new(&directory, &calls);
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
