//! From the words of the command line to those of the SDK.
//!
//! Words are taken in any case, with `-`, `_` or nothing between their parts.
//! A wrong one is refused with the nearest right ones; `wire:NAME` passes a
//! name of the API that this program doesn't know.

use callperf::{
    Aggregation, Breakdown, Filter, GroupBy, Hours, Interval, Kpi, Length, Measure, SegmentFilter,
    vocabulary::{CallSegment, Grouping, MembersOf, Word},
};

use crate::Failure;

pub(crate) type Parsed<T> = Result<T, Failure>;

fn usage<T>(message: String) -> Parsed<T> {
    Err(Failure::Usage(message))
}

fn normalised(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).flat_map(char::to_lowercase).collect()
}

/// The names that a text may have been meant to be, the likeliest first.
pub(crate) fn nearest<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = normalised(text);
    let mut near: Vec<_> = names
        .map(|name| (strsim::damerau_levenshtein(&normalised(name), &wanted), name))
        .filter(|(distance, _)| *distance <= 2)
        .collect();
    near.sort_unstable();
    near.into_iter().map(|(_, name)| name).collect()
}

/// The candidate whose name the text is, or a refusal with the nearest names.
pub(crate) fn pick<T: Clone>(what: &str, text: &str, candidates: &[(String, T)]) -> Parsed<T> {
    let wanted = normalised(text);
    if let Some((_, found)) = candidates.iter().find(|(name, _)| normalised(name) == wanted) {
        return Ok(found.clone());
    }
    let near = nearest(text, candidates.iter().map(|(name, _)| name.as_str()));
    let names: Vec<_> = candidates.iter().map(|(name, _)| name.as_str()).collect();
    usage(if near.is_empty() {
        format!("{what}: no such word as `{text}`; there are {}", names.join(", "))
    } else {
        format!("{what}: no such word as `{text}`; did you mean {}?", near.join(" or "))
    })
}

/// A word's name on the command line: `not-answered` for `notAnswered`.
pub(crate) fn spoken(word: &str) -> String {
    // A name with several capitals in a row is an abbreviation: IVRs.
    if word.chars().take(2).all(char::is_uppercase) {
        return word.to_lowercase();
    }
    let mut out = String::new();
    for (at, c) in word.chars().enumerate() {
        if c.is_uppercase() && at > 0 {
            out.push('-');
        }
        out.extend(c.to_lowercase());
    }
    out.replace('_', "-")
}

pub(crate) fn word<W: Word>(what: &str, text: &str) -> Parsed<W> {
    if let Some(wire) = text.strip_prefix("wire:") {
        return Ok(W::from_text(wire));
    }
    let known: Vec<_> = W::KNOWN.iter().map(|word| (spoken(word.as_str()), word.clone())).collect();
    pick(what, text, &known)
}

/// The name of a grouping by members: `members-of-queues`.
pub(crate) fn members_of(word: &MembersOf) -> String {
    format!("members-of-{}s", spoken(word.as_str()))
}

pub(crate) fn group_by(text: &str) -> Parsed<GroupBy> {
    if let Some(wire) = text.strip_prefix("wire:") {
        return Ok(Grouping::from(wire).into());
    }
    let each = Grouping::KNOWN.iter().map(|word| (spoken(word.as_str()), word.clone().into()));
    let members = MembersOf::KNOWN.iter().map(|word| (members_of(word), word.clone().into()));
    pick("--group-by", text, &each.chain(members).collect::<Vec<(String, GroupBy)>>())
}

/// A grouping of its own, as against one by members.
pub(crate) fn grouping(what: &str, text: &str) -> Parsed<Grouping> {
    word(what, text)
}

/// A key figure.
pub(crate) fn kpi(text: &str) -> Parsed<Kpi> {
    let ignored = "service-level-abandoned-ignored".to_owned();
    let known = Kpi::KNOWN.iter().map(|kpi| (spoken(kpi.as_str()), *kpi));
    let known = known.chain([(ignored, Kpi::ServiceLevelAbandonedIgnored)]);
    pick("--kpis", text, &known.collect::<Vec<_>>())
}

/// The interval of a timeline.
pub(crate) fn interval(text: &str) -> Parsed<Interval> {
    word("--interval", text)
}

pub(crate) fn measure(what: &str, text: &str) -> Parsed<Measure> {
    let (name, aggregation) = match text.strip_prefix("wire:") {
        Some(wire) => {
            let (name, aggregation) = split_off(wire, ':');
            return aggregated(what, Breakdown::from(name), aggregation);
        }
        None => split_off(text, ':'),
    };
    let all = ("all".to_owned(), Breakdown::Total);
    let known = Breakdown::KNOWN
        .iter()
        .filter(|word| **word != Breakdown::Total)
        .map(|word| (spoken(word.as_str()), word.clone()));
    let breakdown = pick(what, name, &std::iter::once(all).chain(known).collect::<Vec<_>>())?;
    aggregated(what, breakdown, aggregation)
}

fn aggregated(what: &str, breakdown: Breakdown, aggregation: Option<&str>) -> Parsed<Measure> {
    let Some(aggregation) = aggregation else {
        return Ok(breakdown.into());
    };
    let (name, interval) = split_off(aggregation, '/');
    let measure = Measure::new(breakdown, word::<Aggregation>(what, name)?);
    Ok(match interval {
        Some(interval) => measure.per(word(what, interval)?),
        None => measure,
    })
}

fn split_off(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(head, tail)| (head, Some(tail)))
}

pub(crate) fn filters(texts: &[String]) -> Parsed<Vec<Filter>> {
    let mut filters: Vec<Filter> = Vec::new();
    for text in texts {
        let Some((name, word)) = text.split_once('=') else {
            return usage(format!(
                "--where: `{text}` isn't FILTER=WORD, for example direction=inbound"
            ));
        };
        let filter = filter(name, word)?;
        match filters.iter_mut().find(|one| one.name() == filter.name()) {
            Some(earlier) => join(earlier, filter)?,
            None => filters.push(filter),
        }
    }
    Ok(filters)
}

/// A filter of the command line.
pub(crate) struct FilterName {
    pub(crate) name: &'static str,
    pub(crate) meaning: &'static str,
    make: fn(&str) -> Parsed<Filter>,
}

const fn named(
    name: &'static str,
    make: fn(&str) -> Parsed<Filter>,
    meaning: &'static str,
) -> FilterName {
    FilterName { name, meaning, make }
}

pub(crate) const FILTERS: &[FilterName] = &[
    named(
        "direction",
        |text| Ok(Filter::Direction(vec![word("direction", text)?])),
        "whether the key received the call or made it; not for internal calls at company scope",
    ),
    named(
        "origin",
        |text| Ok(Filter::Origin(vec![word("origin", text)?])),
        "whether the call began inside the account or outside",
    ),
    named(
        "response",
        |text| Ok(Filter::Response(vec![word("response", text)?])),
        "whether the call was picked up or reached",
    ),
    named("result", |text| Ok(Filter::Result(vec![word("result", text)?])), "how the call ended"),
    named(
        "type",
        |text| Ok(Filter::Type(vec![word("type", text)?])),
        "how the call came to the key",
    ),
    named(
        "segment",
        |text| Ok(Filter::Segment(vec![segment(text)?])),
        "a phase that the call had, of a length in seconds if one is given: hold:30..60",
    ),
    named(
        "action",
        |text| Ok(Filter::Action(vec![word("action", text)?])),
        "something the key did during the call",
    ),
    named(
        "company-hours",
        |text| Ok(Filter::CompanyHours(vec![word("company-hours", text)?])),
        "within the account's business hours or after them",
    ),
    named(
        "queue-sla",
        |text| Ok(Filter::QueueSla(vec![word("queue-sla", text)?])),
        "answered within the queue's limit or after it; queues only",
    ),
    named(
        "call-duration",
        |text| Ok(Filter::CallDuration(length("call-duration", text)?)),
        "the whole call's length in seconds: 30..60, 30.. or ..60",
    ),
    named(
        "time-spent",
        |text| Ok(Filter::TimeSpent(length("time-spent", text)?)),
        "the key's own part of the call in seconds: 30..60, 30.. or ..60",
    ),
    named(
        "from",
        |text| Ok(Filter::from_extensions([text])),
        "received from this extension (id); users, members, IVRs, shared lines, queues only",
    ),
    named(
        "to",
        |text| Ok(Filter::to_extensions([text])),
        "placed to this extension (id), the first that accepted; users, members, IVRs, \
         shared lines only",
    ),
    named(
        "called-number",
        |text| Ok(Filter::called_numbers([text])),
        "the direct number that the caller dialled, in E.164 form",
    ),
    named("queue", |text| Ok(Filter::queues([text])), "routed through this queue (id)"),
];

/// The filter with one word, as `--where` takes it.
pub(crate) fn filter(name: &str, text: &str) -> Parsed<Filter> {
    let known: Vec<_> =
        FILTERS.iter().map(|filter| (filter.name.to_owned(), filter.make)).collect();
    pick("--where", name, &known)?(text)
}

/// A filter that this program doesn't know, by its name in the API.
pub(crate) fn wire_filter(text: &str) -> Parsed<Filter> {
    let parsed = text
        .split_once('=')
        .and_then(|(name, value)| Some(Filter::wire(name, serde_json::from_str(value).ok()?)));
    parsed.map_or_else(
        || usage(format!("--wire-filter: `{text}` isn't NAME=JSON, for example moods=[\"Happy\"]")),
        Ok,
    )
}

/// Adds the words of a filter that was given before.
fn join(earlier: &mut Filter, filter: Filter) -> Parsed<()> {
    match (earlier, filter) {
        (Filter::Direction(words), Filter::Direction(more)) => words.extend(more),
        (Filter::Origin(words), Filter::Origin(more)) => words.extend(more),
        (Filter::Response(words), Filter::Response(more)) => words.extend(more),
        (Filter::Result(words), Filter::Result(more)) => words.extend(more),
        (Filter::Type(words), Filter::Type(more)) => words.extend(more),
        (Filter::Segment(words), Filter::Segment(more)) => words.extend(more),
        (Filter::Action(words), Filter::Action(more)) => words.extend(more),
        (Filter::CompanyHours(words), Filter::CompanyHours(more)) => words.extend(more),
        (Filter::QueueSla(words), Filter::QueueSla(more)) => words.extend(more),
        (Filter::FromExtensions(words), Filter::FromExtensions(more))
        | (Filter::ToExtensions(words), Filter::ToExtensions(more))
        | (Filter::CalledNumbers(words), Filter::CalledNumbers(more))
        | (Filter::Queues(words), Filter::Queues(more)) => words.extend(more),
        (_, filter) => return usage(format!("--where: {} is given twice", filter.name())),
    }
    Ok(())
}

fn segment(text: &str) -> Parsed<SegmentFilter> {
    let (name, bounds) = split_off(text, ':');
    let filter = SegmentFilter::new(word::<CallSegment>("segment", name)?);
    Ok(match bounds {
        Some(bounds) => filter.lasting(length("segment", bounds)?),
        None => filter,
    })
}

fn length(what: &str, text: &str) -> Parsed<Length> {
    let bound = |text: &str| -> Result<Option<u32>, ()> {
        if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| ()) }
    };
    let bounds = text.split_once("..").map(|(min, max)| (bound(min), bound(max)));
    match bounds {
        Some((Ok(Some(min)), Ok(Some(max)))) => Ok(Length::between(min, max)),
        Some((Ok(Some(min)), Ok(None))) => Ok(Length::at_least(min)),
        Some((Ok(None), Ok(Some(max)))) => Ok(Length::at_most(max)),
        _ => usage(format!("{what}: `{text}` is no length in seconds; write 30..60, 30.. or ..60")),
    }
}

pub(crate) fn hours(text: &str) -> Parsed<Hours> {
    match text.split_once('-') {
        Some((from, to)) => Ok(Hours::new(from, to)),
        None => usage(format!("--hours: `{text}` isn't FROM-TO, for example 09:00-17:59")),
    }
}

#[cfg(test)]
mod tests {
    use callperf::{CallResult, Direction};

    use super::*;

    #[test]
    fn words_are_taken_in_any_spelling() {
        for text in ["not-answered", "notAnswered", "NOT_ANSWERED", "notanswered"] {
            let filter = filter("response", text).unwrap();
            assert_eq!(filter, callperf::CallResponse::NotAnswered.into());
        }
    }

    #[test]
    fn a_wrong_word_gets_the_nearest() {
        let message = filter("result", "abandonned").unwrap_err().to_string();
        assert_eq!(message, "result: no such word as `abandonned`; did you mean abandoned?");
        let message = group_by("que").unwrap_err().to_string();
        assert!(message.contains("there are company, company-numbers, users, queues, ivrs"));
    }

    #[test]
    fn the_words_of_one_filter_are_joined() {
        let texts = ["direction=inbound", "result=abandoned", "result=missed"];
        assert_eq!(
            filters(&texts.map(str::to_owned)).unwrap(),
            [
                Filter::from(Direction::Inbound),
                Filter::from([CallResult::Abandoned, CallResult::Missed]),
            ]
        );
        let twice = ["call-duration=1..", "call-duration=..9"].map(str::to_owned);
        assert!(filters(&twice).unwrap_err().to_string().contains("given twice"));
    }

    #[test]
    fn metrics_have_aggregations() {
        assert_eq!(measure("--calls", "all").unwrap(), Breakdown::Total.into());
        assert_eq!(
            measure("--calls", "by-result:average/day").unwrap(),
            Measure::new(Breakdown::Result, Aggregation::Average).per(Interval::Day)
        );
        assert_eq!(
            measure("--calls", "wire:callsByMood").unwrap(),
            Breakdown::from("callsByMood").into()
        );
    }

    #[test]
    fn names_are_spoken_with_hyphens() {
        let spoken_words = ["notAnswered", "by_queue_sla", "IVRs", "CompanyNumbers"].map(spoken);
        assert_eq!(spoken_words, ["not-answered", "by-queue-sla", "ivrs", "company-numbers"]);
    }

    #[test]
    fn a_filter_of_tomorrow_goes_by_its_name() {
        let filter = wire_filter(r#"moods=["Happy","a,b"]"#).unwrap();
        assert_eq!(filter, Filter::wire("moods", serde_json::json!(["Happy", "a,b"])));
        for bad in ["moods", "moods=Happy", ""] {
            assert!(wire_filter(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn lengths_have_either_bound() {
        assert_eq!(length("x", "30..60").unwrap(), Length::between(30, 60));
        assert_eq!(length("x", "30..").unwrap(), Length::at_least(30));
        assert_eq!(length("x", "..60").unwrap(), Length::at_most(60));
        for bad in ["", "..", "30", "a..b", "-1.."] {
            assert!(length("x", bad).is_err(), "{bad}");
        }
    }
}
