//! From calls to rows: what part of each call belongs to which key.

use jiff::civil::Weekday;

use crate::assumptions::AbandonedSla;
use crate::data::calls::{Call, Calls, Leg};
use crate::data::directory::{Directory, Extension, Grouping, Queue};
use crate::data::era::Era;
use crate::data::time::LocalClock;
use crate::data::words::{ACTIONS, SEGMENTS, Word, Words};

/// The part of one call that involved one key: what a report counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Portion {
    pub(crate) call: u32,
    pub(crate) key: u16,
    /// How often a queue presented the call here.
    pub(crate) opportunities: u8,
    /// All that the portion counts under, segments and actions included.
    pub(crate) words: Words,
    pub(crate) seconds: [u16; SEGMENTS],
    pub(crate) actions: [u8; ACTIONS],
}

impl Portion {
    /// All its seconds.
    pub(crate) fn length(&self) -> u32 {
        self.seconds.iter().copied().map(u32::from).sum()
    }
}

/// The portions of every grouping, in the order in which the calls started.
#[derive(Debug)]
pub(crate) struct Portions([Vec<Portion>; Grouping::ALL.len()]);

impl Portions {
    pub(crate) fn new(
        directory: &Directory,
        calls: &Calls,
        abandoned: AbandonedSla,
        era: Era,
    ) -> Portions {
        let past = Past { directory, calls, abandoned, era };
        let mut portions = Portions(Default::default());
        let mut clock = LocalClock::new(directory.time_zone.clone());
        let mut merges = Vec::new();
        for number in 0..u32::try_from(calls.len()).expect("calls are numbered so") {
            let call = calls.call(number);
            let (weekday, minute) = clock.weekday_and_minute(call.start);
            let is_open = directory.is_open(weekday, minute);
            let company = if is_open { Word::BusinessHours } else { Word::AfterHours };
            let company = Words::of(&[company]);
            for grouping in Grouping::ALL {
                past.merge_legs(number, grouping, &mut merges);
                let list = &mut portions.0[grouping as usize];
                let of_call = |merge: Merge| {
                    let hours = match grouping {
                        Grouping::Queues => {
                            company.with(queue_hours(directory, merge.key, weekday, minute))
                        }
                        _ => company,
                    };
                    merge.finish(grouping, number, call, hours)
                };
                list.extend(merges.drain(..).map(of_call));
            }
        }
        portions
    }

    pub(crate) fn of(&self, grouping: Grouping) -> &[Portion] {
        &self.0[grouping as usize]
    }

    /// The portions of some calls.
    pub(crate) fn of_calls(&self, grouping: Grouping, calls: &std::ops::Range<u32>) -> &[Portion] {
        let all = self.of(grouping);
        let from = all.partition_point(|portion| portion.call < calls.start);
        let to = all.partition_point(|portion| portion.call < calls.end);
        &all[from..to]
    }
}

fn queue_hours(directory: &Directory, queue: u16, weekday: Weekday, minute: u16) -> Word {
    if directory.is_queue_open(queue, weekday, minute) {
        Word::QueueBusinessHours
    } else {
        Word::QueueAfterHours
    }
}

/// What happened, in the words of an era.
struct Past<'a> {
    directory: &'a Directory,
    calls: &'a Calls,
    abandoned: AbandonedSla,
    era: Era,
}

impl Past<'_> {
    fn merge_legs(&self, call: u32, grouping: Grouping, merges: &mut Vec<Merge>) {
        for place in self.calls.leg_range(call) {
            self.for_each_key(grouping, call, place, |key| {
                if let Some(merge) = merges.iter_mut().find(|merge| merge.key == key) {
                    merge.add(self, place);
                } else {
                    let mut merge = Merge::new(key);
                    merge.add(self, place);
                    merge.add_menus_before(self, call, place);
                    merges.push(merge);
                }
            });
        }
    }

    /// The extension that a leg belongs to.
    fn extension(&self, leg: &Leg) -> &Extension {
        self.directory.extension(self.era.extension(self.directory, leg.extension))
    }

    fn is_menu(&self, place: usize) -> bool {
        self.extension(self.calls.leg(place)).grouping.is_menu()
    }

    fn for_each_key(&self, grouping: Grouping, call: u32, place: usize, mut f: impl FnMut(u16)) {
        let leg = self.calls.leg(place);
        let extension = self.extension(leg);
        match grouping {
            Grouping::Company => f(0),
            Grouping::CompanyNumbers => self.calls.call(call).number.into_iter().for_each(f),
            Grouping::Sites => extension.site.into_iter().for_each(f),
            Grouping::Departments => extension.department.into_iter().for_each(f),
            Grouping::UserGroups => extension.user_groups.iter().copied().for_each(f),
            // A queue that another passed the call on to has the leg for itself.
            Grouping::Queues if extension.grouping != grouping => leg.queue.into_iter().for_each(f),
            _ if extension.grouping == grouping => f(extension.entry),
            _ => {}
        }
    }
}

/// The legs of one call that belong to one key, becoming one row.
#[derive(Debug)]
struct Merge {
    key: u16,
    received: Side,
    made: Side,
    sla: Words,
    opportunities: u8,
    actions: [u8; ACTIONS],
}

/// The received legs, or the made ones.
#[derive(Debug, Default)]
struct Side {
    /// The best claim so far to speak for all: not a menu, picked up, ended last.
    claim: Option<(bool, bool, u16)>,
    outcome: Words,
    seconds: [u16; SEGMENTS],
}

impl Merge {
    fn new(key: u16) -> Merge {
        Merge {
            key,
            received: Side::default(),
            made: Side::default(),
            sla: Words::NONE,
            opportunities: 0,
            actions: [0; ACTIONS],
        }
    }

    fn add(&mut self, past: &Past<'_>, place: usize) {
        let leg = past.calls.leg(place);
        let words = past.era.words(leg.words);
        let extension = past.extension(leg);
        let side = if words.has(Word::Inbound) { &mut self.received } else { &mut self.made };
        side.add(leg, words, extension.grouping.is_menu());
        for span in past.calls.spans(place) {
            side.spend(past.era.segment(span.segment), span.seconds);
        }
        for event in past.calls.events(place) {
            if let Some(action) = event.action.action() {
                self.actions[action] = self.actions[action].saturating_add(1);
            }
        }
        if extension.grouping == Grouping::Queues && !self.sla.meets(Words::SLA) {
            self.sla = sla(past.directory.queue(extension.entry), leg, past.abandoned);
        }
        let is_offered = leg.queue.is_some() && extension.grouping == Grouping::Users;
        self.opportunities = self.opportunities.saturating_add(is_offered.into());
    }

    /// The time in a menu also belongs to whom it led to straight, be it another menu.
    fn add_menus_before(&mut self, past: &Past<'_>, call: u32, place: usize) {
        let before = past.calls.leg_range(call).start..place;
        for menu in before.rev().take_while(|place| past.is_menu(*place)) {
            for span in past.calls.spans(menu) {
                self.received.spend(past.era.segment(span.segment), span.seconds);
            }
        }
    }

    fn finish(self, grouping: Grouping, number: u32, call: &Call, hours: Words) -> Portion {
        let is_internal = call.origin == Word::Internal;
        let is_both = self.received.claim.is_some() && self.made.claim.is_some();
        let side = if self.received.claim.is_some() { &self.received } else { &self.made };
        let ended_by: Words = call.ended_by.into_iter().collect();
        let mut words = side.outcome.with(call.origin).and(hours).and(ended_by);
        let has_direction = !(is_internal && (is_both || grouping == Grouping::Company));
        if has_direction {
            let is_received = self.received.claim.is_some();
            words = words.with(if is_received { Word::Inbound } else { Word::Outbound });
        }
        if grouping == Grouping::Queues {
            words = words.and(self.sla);
        }
        Portion {
            call: number,
            key: self.key,
            opportunities: self.opportunities,
            words: words.and(phases(&side.seconds)).and(deeds(self.actions)),
            seconds: side.seconds,
            actions: self.actions,
        }
    }
}

impl Side {
    fn add(&mut self, leg: &Leg, words: Words, is_menu: bool) {
        let picked_up = words.has(Word::Answered) || words.has(Word::Connected);
        let claim = Some((!is_menu, picked_up, leg.end));
        if claim > self.claim {
            self.claim = claim;
            self.outcome = words.only(Words::OUTCOME);
        }
    }

    fn spend(&mut self, segment: Word, seconds: u16) {
        if let Some(segment) = segment.segment() {
            self.seconds[segment] = self.seconds[segment].saturating_add(seconds);
        }
    }
}

/// An answered call is in or out of the SLA by how long it waited; one whose caller hung up counts if the queue has it so.
fn sla(queue: &Queue, leg: &Leg, abandoned: AbandonedSla) -> Words {
    let waited = leg.end - leg.start;
    let is_answered = leg.words.has(Word::Answered);
    let counts = leg.words.has(Word::Abandoned)
        && queue.sla_abandoned_seconds.is_some_and(|least| waited >= least);
    if !is_answered && !counts {
        return Words::NONE;
    }
    let is_in = waited <= queue.sla_seconds && (is_answered || abandoned == AbandonedSla::ByWait);
    Words::of(&[if is_in { Word::InSla } else { Word::OutOfSla }])
}

fn phases(seconds: &[u16; SEGMENTS]) -> Words {
    let had = SEGMENT_WORDS.iter().zip(seconds).filter(|(_, s)| **s > 0);
    had.map(|(word, _)| *word).collect()
}

fn deeds(actions: [u8; ACTIONS]) -> Words {
    let done = ACTION_WORDS.iter().zip(actions).filter(|(_, n)| *n > 0);
    done.map(|(word, _)| *word).collect()
}

const SEGMENT_WORDS: [Word; SEGMENTS] = [
    Word::Setup,
    Word::Ringing,
    Word::IvrPrompt,
    Word::LiveTalk,
    Word::Hold,
    Word::Park,
    Word::Transfer,
    Word::VmGreeting,
    Word::Voicemail,
    Word::Forwarding,
];

const ACTION_WORDS: [Word; ACTIONS] = [
    Word::HoldOn,
    Word::HoldOff,
    Word::ParkOn,
    Word::ParkOff,
    Word::BlindTransfer,
    Word::WarmTransfer,
    Word::DtmfTransfer,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::calls::{Draft, Event, Span};

    fn leg(extension: u16, words: &[Word], start: u16, spans: &[(Word, u16)]) -> Draft {
        let mut end = start;
        let span = |(segment, seconds): &(Word, u16)| {
            end += seconds;
            Span { segment: *segment, start: end - seconds, seconds: *seconds }
        };
        let spans = spans.iter().map(span).collect();
        Draft {
            extension,
            queue: None,
            peer: None,
            words: Words::of(words),
            start,
            end,
            spans,
            events: Vec::new(),
        }
    }

    /// The portions of one call that starts on a Monday at 10:00 in New York.
    fn portions(origin: Word, legs: Vec<Draft>) -> Portions {
        portions_of(Era::Since, origin, legs)
    }

    fn portions_of(era: Era, origin: Word, legs: Vec<Draft>) -> Portions {
        let mut calls = Calls::default();
        calls.push(1_748_872_800, origin, None, Some(Word::EndedByCallee), legs);
        Portions::new(&Directory::built_in(), &calls, AbandonedSla::Out, era)
    }

    fn seconds(portion: &Portion, segment: Word) -> u16 {
        portion.seconds[segment.segment().unwrap()]
    }

    /// Menu, queue, one agent that lets it ring, one that answers; as in the crate's documentation.
    fn through_a_queue() -> Portions {
        let directory = Directory::built_in();
        let menu = directory.extensions_of(Grouping::Ivrs)[0];
        let queue = directory.queue(1);
        let (inbound, answered) = (Word::Inbound, Word::Answered);
        let mut first = leg(
            queue.agents[0],
            &[inbound, Word::NotAnswered, Word::Missed],
            22,
            &[(Word::Ringing, 20)],
        );
        let mut second = leg(
            queue.agents[1],
            &[inbound, answered, Word::FromQueue, Word::Completed],
            42,
            &[(Word::Ringing, 8), (Word::LiveTalk, 100), (Word::Hold, 30)],
        );
        first.queue = Some(1);
        second.queue = Some(1);
        second.events.push(Event { action: Word::HoldOn, at: 150 });
        let mut in_queue =
            leg(queue.extension, &[inbound, answered, Word::Direct], 12, &[(Word::Ringing, 10)]);
        in_queue.end = 50;
        portions(
            Word::External,
            vec![
                leg(menu, &[inbound, answered, Word::Direct], 0, &[(Word::IvrPrompt, 12)]),
                in_queue,
                first,
                second,
            ],
        )
    }

    #[test]
    fn a_queue_has_its_agents_part_and_its_sla() {
        let portions = through_a_queue();
        let [portion] = portions.of(Grouping::Queues) else {
            panic!("one queue");
        };
        for word in [Word::Answered, Word::FromQueue, Word::Completed, Word::OutOfSla] {
            assert!(portion.words.has(word), "{word:?}");
        }
        assert_eq!(seconds(portion, Word::IvrPrompt), 12);
        assert_eq!(seconds(portion, Word::Ringing), 38);
        assert_eq!(portion.length(), 180);
    }

    #[test]
    fn each_agent_has_only_their_own_part() {
        let portions = through_a_queue();
        let [missed, talked] = portions.of(Grouping::Users) else {
            panic!("two users");
        };
        assert!(missed.words.has(Word::Missed) && missed.words.has(Word::NotAnswered));
        assert_eq!((missed.length(), missed.opportunities), (20, 1));
        assert!(talked.words.has(Word::FromQueue) && talked.words.has(Word::HoldOn));
        assert_eq!((talked.length(), talked.opportunities), (138, 1));
    }

    #[test]
    fn the_company_has_every_leg_once() {
        let portions = through_a_queue();
        let [portion] = portions.of(Grouping::Company) else {
            panic!("one company");
        };
        assert_eq!(portion.length(), 180);
        let expected = [Word::Inbound, Word::External, Word::Completed, Word::BusinessHours];
        assert!(expected.into_iter().all(|word| portion.words.has(word)));
        assert!(!portion.words.meets(Words::SLA));
    }

    #[test]
    fn an_unanswered_call_has_the_result_of_its_last_leg() {
        let directory = Directory::built_in();
        let queue = directory.queue(0);
        let unanswered = [Word::Inbound, Word::NotAnswered];
        let mut in_queue = leg(
            queue.extension,
            &[unanswered[0], unanswered[1], Word::LeftVoicemail],
            0,
            &[(Word::Ringing, 5)],
        );
        in_queue.end = 60;
        let rung = leg(0, &[unanswered[0], unanswered[1], Word::Missed], 5, &[(Word::Ringing, 20)]);
        let portions = portions(Word::External, vec![in_queue, rung]);
        let company = &portions.of(Grouping::Company)[0];
        assert!(company.words.has(Word::LeftVoicemail) && !company.words.has(Word::Missed));
    }

    #[test]
    fn an_older_revision_has_the_same_call_in_its_own_words() {
        let directory = Directory::built_in();
        let iva = directory.extensions_of(Grouping::Ivas)[0];
        let answered = [Word::Inbound, Word::Answered, Word::Direct];
        let legs = || {
            let ringing = [(Word::Ringing, 4), (Word::Forwarding, 6), (Word::LiveTalk, 60)];
            let mut forwarded = leg(3, &answered, 9, &ringing);
            forwarded.words.insert(Word::Forwarded);
            vec![leg(iva, &answered, 0, &[(Word::IvrPrompt, 9)]), forwarded]
        };
        let then = portions_of(Era::Before, Word::External, legs());
        let now = portions_of(Era::Since, Word::External, legs());
        assert!(then.of(Grouping::Ivas).is_empty() && now.of(Grouping::Ivrs).is_empty());
        assert_eq!((then.of(Grouping::Ivrs).len(), now.of(Grouping::Ivas).len()), (1, 1));
        let ([old], [new]) = (then.of(Grouping::Users), now.of(Grouping::Users)) else {
            panic!("one user");
        };
        assert_eq!((seconds(old, Word::Ringing), seconds(old, Word::Forwarding)), (10, 0));
        assert_eq!((seconds(new, Word::Ringing), seconds(new, Word::Forwarding)), (4, 6));
        assert!(old.words.has(Word::Completed) && !old.words.has(Word::Forwarded));
        assert!(new.words.has(Word::Forwarded) && !new.words.has(Word::Completed));
        assert_eq!((old.length(), new.length()), (79, 79), "the menu's time is the user's, too");
    }

    #[test]
    fn the_time_in_a_menu_is_also_the_next_menus() {
        let directory = Directory::built_in();
        let (ivr, iva) = (Grouping::Ivrs, Grouping::Ivas);
        let [first, second] = [ivr, iva].map(|kind| directory.extensions_of(kind)[0]);
        let answered = [Word::Inbound, Word::Answered, Word::Direct];
        let menu =
            |extension, at, seconds| leg(extension, &answered, at, &[(Word::IvrPrompt, seconds)]);
        let talk = leg(3, &answered, 15, &[(Word::LiveTalk, 60)]);
        let legs = vec![menu(first, 0, 10), menu(second, 10, 5), talk];
        let portions = portions(Word::External, legs);
        let lengths = |grouping| portions.of(grouping).iter().map(Portion::length).collect();
        let [of_first, of_second, of_user, of_company]: [Vec<_>; 4] =
            [ivr, iva, Grouping::Users, Grouping::Company].map(lengths);
        assert_eq!((of_first, of_second), (vec![10], vec![15]));
        assert_eq!((of_user, of_company), (vec![75], vec![75]));
    }

    #[test]
    fn only_queues_have_their_own_hours() {
        let portions = through_a_queue();
        let own = Words::of(&[Word::QueueBusinessHours, Word::QueueAfterHours]);
        for grouping in Grouping::ALL {
            for portion in portions.of(grouping) {
                assert_eq!(portion.words.meets(own), grouping == Grouping::Queues);
                assert!(portion.words.has(Word::EndedByCallee));
            }
        }
    }

    #[test]
    fn a_talk_between_members_counts_once() {
        let talk = [(Word::Ringing, 5), (Word::LiveTalk, 60)];
        let made = [Word::Outbound, Word::Connected, Word::Placed, Word::Completed];
        let received = [Word::Inbound, Word::Answered, Word::Direct, Word::Completed];
        let portions =
            portions(Word::Internal, vec![leg(0, &made, 0, &talk), leg(1, &received, 0, &talk)]);
        let site = &portions.of(Grouping::Sites)[0];
        assert_eq!(site.length(), 65);
        assert!(site.words.has(Word::Answered) && site.words.has(Word::Direct));
        assert!(!site.words.has(Word::Inbound) && !site.words.has(Word::Outbound));
        let [ada, bruno] = portions.of(Grouping::Users) else {
            panic!("two users");
        };
        assert!(ada.words.has(Word::Outbound) && bruno.words.has(Word::Inbound));
    }
}
