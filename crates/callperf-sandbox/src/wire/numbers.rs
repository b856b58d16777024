//! How an API writes numbers.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::aggregate::query::{Metric, Of, Source, Unit};
use crate::aggregate::tally::Number;
use crate::aggregate::world::Table;
use crate::assumptions::{BetaAverages, UndefinedValues};
use crate::data::words::Word;

/// The numbers of one record, or of one point of it.
#[derive(Clone, Copy)]
pub(super) struct Cells<'a> {
    pub(super) table: &'a Table,
    pub(super) row: usize,
    pub(super) bucket: usize,
    pub(super) form: Form,
    pub(super) undefined: UndefinedValues,
}

/// How an API writes numbers.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// All of today's are doubles.
    Double,
    /// All of the beta's are whole.
    Whole(BetaAverages),
}

impl Cells<'_> {
    /// `None` if the number is undefined and undefined numbers are left out.
    pub(super) fn number(&self, metric: &Metric, source: Source) -> Option<Written> {
        match self.table.number(self.row, self.bucket, metric, source) {
            Number::Undefined if self.undefined == UndefinedValues::Absent => None,
            Number::Undefined => Some(Written(Number::Whole(0), self.form)),
            number => Some(Written(number, self.form)),
        }
    }
}

/// A number as it is written.
pub(super) struct Written(pub(super) Number, pub(super) Form);

impl Serialize for Written {
    #[allow(clippy::cast_precision_loss, reason = "sums stay far below 2^53")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.0, self.1) {
            (Number::Whole(number), Form::Double) => (number as f64).serialize(serializer),
            (Number::Whole(number), Form::Whole(_)) => number.serialize(serializer),
            (Number::Ratio { of, by }, Form::Double) => {
                (of as f64 / by as f64).serialize(serializer)
            }
            (Number::Ratio { of, by }, Form::Whole(BetaAverages::Rounded)) => {
                ((2 * of + by) / (2 * by)).serialize(serializer)
            }
            (Number::Ratio { of, by }, Form::Whole(BetaAverages::Truncated)) => {
                (of / by).serialize(serializer)
            }
            (Number::Undefined, _) => serializer.serialize_none(),
        }
    }
}

/// The counters or the timers of a record, as its API writes a value.
pub(super) struct Values<'a, V> {
    pub(super) unit: Unit,
    pub(super) metrics: &'a [Metric],
    pub(super) cells: Cells<'a>,
    pub(super) value: fn(&'a Metric, Numbers<'a>) -> V,
}

impl<'a, V> Values<'a, V> {
    /// Nothing, if none were asked for.
    pub(super) fn new(
        unit: Unit,
        metrics: &'a [Metric],
        cells: Cells<'a>,
        value: fn(&'a Metric, Numbers<'a>) -> V,
    ) -> Option<Values<'a, V>> {
        let is_asked = metrics.iter().any(|metric| metric.unit == unit);
        is_asked.then_some(Values { unit, metrics, cells, value })
    }
}

impl<V: Serialize> Serialize for Values<'_, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for metric in self.metrics.iter().filter(|metric| metric.unit == self.unit) {
            let numbers = Numbers { cells: self.cells, metric };
            if !numbers.is_absent() {
                map.serialize_entry(metric.name, &(self.value)(metric, numbers))?;
            }
        }
        map.end()
    }
}

/// One number, or one for each word of a breakdown.
pub(super) struct Numbers<'a> {
    pub(super) cells: Cells<'a>,
    pub(super) metric: &'a Metric,
}

impl Numbers<'_> {
    pub(super) fn is_absent(&self) -> bool {
        let is_one = !matches!(self.metric.of, Of::Words(_));
        is_one && self.one().is_none()
    }

    pub(super) fn one(&self) -> Option<Written> {
        let source =
            if self.metric.of == Of::Total { Source::Total } else { Source::Opportunities };
        self.cells.number(self.metric, source)
    }
}

impl Serialize for Numbers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Of::Words(words) = &self.metric.of else {
            return self.one().serialize(serializer);
        };
        let number = |(name, word): &(&'static str, Option<Word>)| {
            let source = word.map_or(Source::Nothing, Source::Word);
            Some((*name, self.cells.number(self.metric, source)?))
        };
        serializer.collect_map(words.iter().filter_map(number))
    }
}
