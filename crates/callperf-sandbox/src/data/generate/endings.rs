//! How calls ended, and what else the newer words tell of them. It is drawn apart from the calls themselves, so that
//! these, and all that older revisions say of them, stay what they were before there were such words.

use crate::data::calls::{Draft, Event, Span};
use crate::data::dice::Dice;
use crate::data::directory::{Directory, Grouping};
use crate::data::words::{Word, Words};

/// In how many of a hundred calls a virtual agent answers in place of a menu.
const ASSISTED: u32 = 25;
/// In how many of a hundred answered calls to a user's own number it was forwarded to a phone elsewhere.
const FORWARDED: u32 = 9;
/// Chances that the first of two agents saw the call picked up, answered elsewhere, or just missed it.
const RUNG_FIRST: [u32; 3] = [12, 28, 60];
// Chances that the caller, the callee or the system ended a call.
const AFTER_A_TALK: [u32; 3] = [55, 43, 2];
const AFTER_A_MESSAGE: [u32; 3] = [88, 0, 12];
const IN_A_RECORDING: [u32; 3] = [70, 0, 30];
const ENDINGS: [Word; 3] = [Word::EndedByCaller, Word::EndedByCallee, Word::EndedBySystem];

/// Writes the newer words into the legs of a call, and says who ended it.
pub(super) fn tell(
    directory: &Directory,
    ivas: &[u16],
    dice: &mut Dice,
    origin: Word,
    legs: &mut [Draft],
) -> Word {
    legs.iter_mut().for_each(pass_on);
    pick_up(dice, legs);
    for leg in &mut *legs {
        assist(directory, ivas, dice, leg);
        if origin == Word::External {
            forward(directory, dice, leg);
        }
    }
    ended_by(dice, legs)
}

fn pass_on(leg: &mut Draft) {
    let is_transfer = |event: &Event| {
        matches!(event.action, Word::BlindTransfer | Word::WarmTransfer | Word::DtmfTransfer)
    };
    if !leg.words.has_result() && leg.events.iter().any(is_transfer) {
        leg.words.insert(Word::PassedOn);
    }
}

/// Of an agent who let it ring, and the one who took the call after that.
fn pick_up(dice: &mut Dice, legs: &mut [Draft]) {
    for first in 1..legs.len() {
        let [rung, took] = &mut legs[first - 1..=first] else {
            continue;
        };
        let is_same_queue = rung.queue.is_some() && rung.queue == took.queue;
        if !is_same_queue || !rung.words.has(Word::Missed) || !took.words.has(Word::FromQueue) {
            continue;
        }
        match dice.weighted(&RUNG_FIRST) {
            0 => {
                rung.words = rung.words.replaced(Word::Missed, Word::PickedUp);
                took.words = took.words.replaced(Word::FromQueue, Word::QueueCallPickup);
            }
            1 => rung.words = rung.words.replaced(Word::Missed, Word::AnsweredElsewhere),
            _ => {}
        }
    }
}

fn assist(directory: &Directory, ivas: &[u16], dice: &mut Dice, leg: &mut Draft) {
    let menu = Some(leg.extension);
    let is_in_its_place = |iva: &&u16| directory.extension(**iva).in_place_of == menu;
    let assistant = ivas.iter().find(is_in_its_place);
    if let Some(assistant) = assistant.filter(|_| dice.percent(ASSISTED)) {
        leg.extension = *assistant;
    }
}

/// The phone elsewhere rings for the last seconds before the answer.
fn forward(directory: &Directory, dice: &mut Dice, leg: &mut Draft) {
    let own = Words::of(&[Word::Inbound, Word::Answered, Word::Direct, Word::Completed]);
    let is_own = leg.words == own && leg.queue.is_none();
    let ringing = leg.spans.first().copied().filter(|span| span.segment == Word::Ringing);
    let Some(ringing) = ringing.filter(|span| is_own && span.seconds > 1) else {
        return;
    };
    let is_user = directory.extension(leg.extension).grouping == Grouping::Users;
    if !is_user || !dice.percent(FORWARDED) {
        return;
    }
    let before = 1 + u16::try_from(dice.below(u32::from(ringing.seconds) - 1)).unwrap_or(0);
    leg.spans[0].seconds = before;
    let (start, seconds) = (ringing.start + before, ringing.seconds - before);
    leg.spans.insert(1, Span { segment: Word::Forwarding, start, seconds });
    leg.words = leg.words.replaced(Word::Completed, Word::Forwarded);
}

/// The leg that ended last decides; of several, what happened at the far end.
fn ended_by(dice: &mut Dice, legs: &[Draft]) -> Word {
    let end = legs.iter().map(|leg| leg.end).max();
    let last = legs.iter().filter(|leg| Some(leg.end) == end);
    let words = last.fold(Words::NONE, |words, leg| words.and(leg.words));
    let chances = if words.has(Word::Abandoned) {
        return Word::EndedByCaller;
    } else if words.has(Word::LeftVoicemail) {
        AFTER_A_MESSAGE
    } else if words.has(Word::Accepted) {
        IN_A_RECORDING
    } else if words.meets(Words::of(&[Word::Answered, Word::Connected])) {
        AFTER_A_TALK
    } else {
        return Word::EndedBySystem;
    };
    ENDINGS[dice.weighted(&chances)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::calls::Calls;
    use crate::data::generate::{self, Profile, Recipe};

    const NOW: i64 = 1_748_822_400;

    fn company(profile: Profile) -> (Directory, Calls) {
        let directory = Directory::built_in();
        let recipe = Recipe { seed: 7, profile, days: 60, calls: None };
        let calls = generate::calls(&directory, &recipe, NOW);
        (directory, calls)
    }

    fn each_call(profile: Profile, mut f: impl FnMut(&Directory, &Calls, u32)) {
        let (directory, calls) = company(profile);
        for call in 0..u32::try_from(calls.len()).unwrap() {
            f(&directory, &calls, call);
        }
    }

    fn words_at_the_end(calls: &Calls, call: u32) -> Words {
        let end = calls.call(call).duration;
        let last = calls.legs(call).iter().filter(|leg| leg.end == end);
        last.fold(Words::NONE, |words, leg| words.and(leg.words))
    }

    #[test]
    fn the_one_who_gave_up_ended_the_call() {
        let mut seen = [0; 3];
        for profile in [Profile::Steady, Profile::ContactCentre, Profile::AfterHoursVoicemail] {
            each_call(profile, |_, calls, call| {
                let ended_by = calls.call(call).ended_by.unwrap();
                seen[ENDINGS.iter().position(|word| *word == ended_by).unwrap()] += 1;
                let words = words_at_the_end(calls, call);
                if words.has(Word::Abandoned) {
                    assert_eq!(ended_by, Word::EndedByCaller, "{call}");
                }
                if ended_by == Word::EndedByCallee {
                    let talked = Words::of(&[Word::Answered, Word::Connected]);
                    assert!(words.meets(talked), "{call}: there was no answer");
                }
            });
        }
        assert!(seen.iter().all(|calls| *calls > 100), "{seen:?}");
    }

    #[test]
    fn whom_a_call_was_picked_up_from_and_by_go_together() {
        let mut picked_up = 0;
        each_call(Profile::ContactCentre, |_, calls, call| {
            let legs = calls.legs(call);
            for (place, leg) in legs.iter().enumerate() {
                if leg.words.has(Word::PickedUp) {
                    picked_up += 1;
                    let took = &legs[place + 1];
                    assert!(took.words.has(Word::QueueCallPickup) && took.queue == leg.queue);
                }
                if leg.words.has(Word::AnsweredElsewhere) {
                    assert!(legs[place + 1].words.has(Word::Answered), "{call}");
                }
                if leg.words.has(Word::QueueCallPickup) {
                    assert!(legs[place - 1].words.has(Word::PickedUp), "{call}");
                }
            }
        });
        assert!(picked_up > 50, "{picked_up}");
    }

    #[test]
    fn forwarded_calls_rang_elsewhere_and_no_others_did() {
        let mut forwarded = 0;
        each_call(Profile::Steady, |_, calls, call| {
            for place in calls.leg_range(call) {
                let is_forwarding = |span: &Span| span.segment == Word::Forwarding;
                let rang_elsewhere = calls.spans(place).iter().any(is_forwarding);
                assert_eq!(calls.leg(place).words.has(Word::Forwarded), rang_elsewhere, "{call}");
                forwarded += u32::from(rang_elsewhere);
            }
        });
        assert!(forwarded > 20, "{forwarded}");
    }

    #[test]
    fn calls_that_were_passed_on_went_on() {
        let mut passed_on = 0;
        each_call(Profile::Steady, |_, calls, call| {
            let legs = calls.legs(call);
            for (place, leg) in legs.iter().enumerate() {
                if leg.words.has(Word::PassedOn) {
                    passed_on += 1;
                    assert!(legs[place + 1].start >= leg.end, "{call}");
                }
            }
        });
        assert!(passed_on > 100, "{passed_on}");
    }

    #[test]
    fn virtual_agents_have_what_menus_have() {
        let mut assisted = [0; 2];
        each_call(Profile::Steady, |directory, calls, call| {
            for place in calls.leg_range(call) {
                let extension = directory.extension(calls.leg(place).extension);
                if extension.grouping == Grouping::Ivas {
                    assisted[usize::from(extension.entry)] += 1;
                    let is_prompt = |span: &Span| span.segment == Word::IvrPrompt;
                    assert!(calls.spans(place).iter().all(is_prompt), "{call}");
                }
            }
        });
        assert!(assisted.iter().all(|calls| *calls > 20), "{assisted:?}");
    }
}
