//! What a request asks for.

use crate::aggregate::filter::Filter;
use crate::aggregate::period::Period;
use crate::data::directory::Grouping;
use crate::data::era::Era;
use crate::data::time::Interval;
use crate::data::words::Word;

/// A request that was understood.
#[derive(Debug)]
pub(crate) struct Query {
    /// Whose words it has.
    pub(crate) era: Era,
    pub(crate) grouping: Grouping,
    /// Only these.
    pub(crate) keys: Option<Vec<u16>>,
    /// Whether the request named the keys themselves, and not sets that they belong to.
    pub(crate) keys_are_named: bool,
    pub(crate) period: Period,
    pub(crate) filter: Filter,
    pub(crate) metrics: Vec<Metric>,
    /// How wide a timeline's points are; an aggregation has none.
    pub(crate) points: Option<Interval>,
    pub(crate) page: PageRequest,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct PageRequest {
    pub(crate) page: u64,
    pub(crate) per_page: u64,
}

/// One thing that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Metric {
    /// What the response calls it.
    pub(crate) name: &'static str,
    pub(crate) unit: Unit,
    pub(crate) of: Of,
    pub(crate) aggregation: Aggregation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Calls,
    Seconds,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Total,
    /// A breakdown's words by their names in the response; no call falls under those that this crate doesn't know.
    Words(Vec<(&'static str, Option<Word>)>),
    Opportunities,
}

/// What is made of the calls of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aggregation {
    Sum,
    Percent,
    /// Over the calls, each with its seconds.
    PerCall(Spread),
    /// Over the hours, days, weeks or months, each with its sum.
    Per(Interval, Spread),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spread {
    Average,
    Min,
    Max,
}

/// What of a record's calls a number is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Total,
    Opportunities,
    Word(Word),
    Nothing,
}

impl Metric {
    pub(crate) fn is_sla(&self) -> bool {
        self.has(Word::InSla)
    }

    pub(crate) fn is_queue_hours(&self) -> bool {
        self.has(Word::QueueBusinessHours)
    }

    fn has(&self, sought: Word) -> bool {
        let is_it = |(_, word): &(&str, Option<Word>)| *word == Some(sought);
        matches!(&self.of, Of::Words(words) if words.iter().any(is_it))
    }

    pub(crate) fn sources(&self) -> Vec<Source> {
        match &self.of {
            Of::Total => vec![Source::Total],
            Of::Opportunities => vec![Source::Opportunities],
            Of::Words(words) => {
                words.iter().filter_map(|(_, word)| word.map(Source::Word)).collect()
            }
        }
    }
}
