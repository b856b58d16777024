//! What the revisions before 2025-05-20 call what they have no words for. No document says it: these are assumptions.

use crate::data::directory::{Directory, Grouping};
use crate::data::words::{Word, Words};

/// The first revision of today's API with virtual agents, ending parties, and forwarded and picked-up calls.
const NEWER_WORDS_SINCE: &str = "2025-05-20";

/// Which words a revision has for what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    /// The beta's, and those of today's API before 2025-05-20.
    Before,
    Since,
}

impl Era {
    pub(crate) fn of_calls_v1(date: &str) -> Era {
        if date < NEWER_WORDS_SINCE { Era::Before } else { Era::Since }
    }

    /// A leg's direction, response, type and result.
    pub(crate) fn words(self, words: Words) -> Words {
        match self {
            Era::Since => words,
            Era::Before => words
                .replaced(Word::Forwarded, Word::Completed)
                .replaced(Word::PickedUp, Word::Missed)
                .replaced(Word::AnsweredElsewhere, Word::Missed)
                .replaced(Word::QueueCallPickup, Word::FromQueue)
                .without(Word::PassedOn),
        }
    }

    pub(crate) fn segment(self, segment: Word) -> Word {
        match (self, segment) {
            (Era::Before, Word::Forwarding) => Word::Ringing,
            _ => segment,
        }
    }

    /// The extension that has a leg: before there were virtual agents, the menu in whose place one answers.
    pub(crate) fn extension(self, directory: &Directory, extension: u16) -> u16 {
        if self == Era::Since || directory.extension(extension).grouping != Grouping::Ivas {
            return extension;
        }
        directory.extension(extension).in_place_of.unwrap_or(extension)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_revisions_have_older_words() {
        let new = [
            (Word::Forwarded, Some(Word::Completed)),
            (Word::PickedUp, Some(Word::Missed)),
            (Word::AnsweredElsewhere, Some(Word::Missed)),
            (Word::QueueCallPickup, Some(Word::FromQueue)),
            (Word::PassedOn, None),
        ];
        for (word, old) in new {
            let words = Words::of(&[Word::Inbound, word]);
            let expected = Words::of(&[Word::Inbound]).and(old.into_iter().collect());
            assert_eq!(Era::Before.words(words), expected, "{word:?}");
            assert_eq!(Era::Since.words(words), words);
        }
        assert_eq!(Era::Before.segment(Word::Forwarding), Word::Ringing);
        assert_eq!(Era::Before.segment(Word::Hold), Word::Hold);
    }

    #[test]
    fn the_newer_words_came_with_a_revision() {
        assert_eq!(Era::of_calls_v1("2025-03-11"), Era::Before);
        assert_eq!(Era::of_calls_v1("2025-05-20"), Era::Since);
    }
}
