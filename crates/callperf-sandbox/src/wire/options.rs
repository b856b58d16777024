//! What can be asked for.

use super::read::{Field, Findings};
use crate::aggregate::query::{Aggregation, Metric, Of, Unit};
use crate::data::words::Word;
use crate::wire::revision::Shape;

/// What can be asked for: the option's name, the response's name, what is counted.
pub(super) type Options = &'static [(&'static str, &'static str, Counted)];

/// What is counted; a breakdown has the words of all revisions.
#[derive(Clone, Copy)]
pub(super) enum Counted {
    Total,
    Words(&'static [(&'static str, Word)]),
    Opportunities,
}

/// The known options that a body has, and what each would count. The record is what the response holds.
pub(super) fn asked<'a>(
    findings: &mut Findings,
    root: &Field<'a>,
    record: Shape<'static>,
    counters: Options,
    timers: Options,
) -> Vec<(Field<'a>, Metric)> {
    let lists = root.child("responseOptions").required(findings).object(findings);
    let mut asked = Vec::new();
    for (list, unit, known) in
        [("counters", Unit::Calls, counters), ("timers", Unit::Seconds, timers)]
    {
        let options = lists.child(list).object(findings);
        let metrics = record.field(list).unwrap_or(Shape::NONE);
        let found = known.iter().map(|(option, name, counted)| {
            let shape = metrics.field(name).unwrap_or(Shape::NONE);
            let of = of(*counted, shape.field("values").unwrap_or(shape));
            let metric = Metric { name, unit, of, aggregation: Aggregation::Sum };
            (options.child(option), metric)
        });
        asked.extend(found.filter(|(option, _)| option.is_present()));
    }
    if asked.is_empty() && lists.is_present() {
        let path = lists.path_as_sent(findings);
        findings.remark(format!("nothing is asked for: `{path}` has no option"));
    }
    asked
}

/// The words of a breakdown that the document has; under those that are new here no call falls.
fn of(counted: Counted, breakdown: Shape<'static>) -> Of {
    let known = match counted {
        Counted::Total => return Of::Total,
        Counted::Opportunities => return Of::Opportunities,
        Counted::Words(known) => known,
    };
    let is_there = |(name, _): &&(&str, Word)| breakdown.field(name).is_some();
    let old = known.iter().filter(is_there).map(|(name, word)| (*name, Some(*word)));
    let is_new = |name: &&str| known.iter().all(|(other, _)| other != name);
    let new = breakdown.fields().map(|(name, _)| name).filter(is_new).map(|name| (name, None));
    Of::Words(old.chain(new).collect())
}
