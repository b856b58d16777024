//! From the words of the command line to those of the SDK.
//!
//! Words are taken in any case, with `-`, `_` or nothing between their parts.
//! One that is nearly known is refused with the nearest. Any other that is written
//! as the API writes its names, `callsByMood` or `Deflected`, is sent as it
//! is, with a note; `wire:NAME` sends any name, and without one.

use std::{borrow::Cow, time::Duration};

use callperf::{
    Aggregation, Breakdown, Filter, GroupBy, Hours, Interval, Kpi, Length, Measure, SegmentFilter,
    vocabulary::{CallSegment, DayOfWeek, Grouping, MembersOf, Word},
};
use jiff::SignedDuration;
use serde_json::Value as Json;

use crate::{Failure, console};

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
        // Of a short name, two other letters leave nothing.
        .filter(|(distance, name)| {
            let letters = wanted.chars().count().max(normalised(name).chars().count());
            *distance <= 2.min(letters / 2)
        })
        .collect();
    near.sort_unstable();
    near.into_iter().map(|(_, name)| name).collect()
}

/// The candidate whose name the text is.
fn find<T: Clone>(text: &str, candidates: &[(String, T)]) -> Option<T> {
    let wanted = normalised(text);
    let found = candidates.iter().find(|(name, _)| normalised(name) == wanted);
    found.map(|(_, found)| found.clone())
}

/// The refusal of a text of which a spelling is nearly one of the names.
fn near_miss(what: &str, spellings: &[&str], names: &[&str]) -> Option<Failure> {
    let near: Vec<_> = spellings.iter().map(|it| nearest(it, names.iter().copied())).collect();
    let near = near.into_iter().find(|near| !near.is_empty())?.join(" or ");
    let text = spellings[0];
    Some(Failure::Usage(format!("{what}: no such word as `{text}`; did you mean {near}?")))
}

fn no_such_word(what: &str, text: &str, names: &[&str]) -> String {
    format!("{what}: no such word as `{text}`; there are {}", names.join(", "))
}

fn names<T>(candidates: &[(String, T)]) -> Vec<&str> {
    candidates.iter().map(|(name, _)| name.as_str()).collect()
}

/// The candidate whose name the text is, or a refusal with the nearest names.
pub(crate) fn pick<T: Clone>(what: &str, text: &str, candidates: &[(String, T)]) -> Parsed<T> {
    if let Some(found) = find(text, candidates) {
        return Ok(found);
    }
    let names = names(candidates);
    let refusal = near_miss(what, &[text], &names);
    Err(refusal.unwrap_or_else(|| Failure::Usage(no_such_word(what, text, &names))))
}

/// The candidate whose name one of the spellings is; or what `unknown` makes of a
/// name of the API that this program doesn't know.
fn pick_or_send<T: Clone>(
    what: &str,
    spellings: &[&str],
    candidates: &[(String, T)],
    unknown: impl FnOnce(&str) -> T,
) -> Parsed<T> {
    let text = spellings[0];
    if let Some(found) = spellings.iter().find_map(|spelling| find(spelling, candidates)) {
        return Ok(found);
    }
    let names = names(candidates);
    if let Some(refusal) = near_miss(what, spellings, &names) {
        return Err(refusal);
    }
    if !is_written_as_by_the_api(text) {
        return usage(format!(
            "{}; to send a name of the API that this program doesn't know, write wire:{text}",
            no_such_word(what, text, &names)
        ));
    }
    Ok(unknown(text))
}

/// Letters and digits, a capital among them: `callsByMood`, `Deflected`.
fn is_written_as_by_the_api(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && text.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// A metric's name, and the same less what the API's names begin with.
fn metric_spellings(name: &str) -> Vec<&str> {
    let rest = ["callsDuration", "calls"].into_iter().filter_map(|it| name.strip_prefix(it));
    std::iter::once(name).chain(rest.filter(|rest| rest.starts_with("By"))).collect()
}

/// A filter's name, and the same less what the API's names have around it:
/// `callResults`, `endingParties`.
fn filter_spellings(name: &str) -> Vec<Cow<'_, str>> {
    let one = match name.strip_suffix("ies") {
        Some(stem) => format!("{stem}y").into(),
        None => Cow::Borrowed(name.strip_suffix('s').unwrap_or(name)),
    };
    let less = |text: &str| text.strip_prefix("call").map(|rest| rest.to_owned().into());
    let shorter: Vec<_> = [name, &*one].into_iter().filter_map(less).collect();
    [Cow::Borrowed(name), one].into_iter().chain(shorter).collect()
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
    let text = text.trim();
    if let Some(wire) = text.strip_prefix("wire:") {
        return Ok(W::from_text(wire));
    }
    let word = W::from_text(text);
    if word.is_known() {
        return Ok(word);
    }
    let known: Vec<_> = W::KNOWN.iter().map(|word| (spoken(word.as_str()), word.clone())).collect();
    pick_or_send(what, &[text], &known, W::from_text)
}

/// The name of a grouping by members: `members-of-queues`.
pub(crate) fn members_of(word: &MembersOf) -> String {
    format!("members-of-{}s", spoken(word.as_str()))
}

pub(crate) fn group_by(text: &str) -> Parsed<GroupBy> {
    let text = text.trim();
    if let Some(wire) = text.strip_prefix("wire:") {
        return Ok(Grouping::from(wire).into());
    }
    let each = Grouping::KNOWN.iter().map(|word| (spoken(word.as_str()), word.clone().into()));
    let members = MembersOf::KNOWN.iter().map(|word| (members_of(word), word.clone().into()));
    let known: Vec<(String, GroupBy)> = each.chain(members).collect();
    pick_or_send("--group-by", &[text], &known, |name| Grouping::from(name).into())
}

/// A grouping of its own, as against one by members.
pub(crate) fn grouping(what: &str, text: &str) -> Parsed<Grouping> {
    word(what, text)
}

/// A key figure, and how long a short abandoned call lasts at most: `abandonment-rate:20s`.
pub(crate) fn figure(text: &str) -> Parsed<(Kpi, Option<Duration>)> {
    let (name, time) = split_off(text, ':');
    let kpi = match (kpi(name)?, time) {
        (Kpi::AbandonmentRate, Some(_)) => Kpi::AbandonmentRateWithoutShort,
        (kpi, _) => kpi,
    };
    match (kpi, time) {
        (Kpi::AbandonmentRateWithoutShort, None) => usage(format!(
            "--kpis: {text} needs how long a short call lasts, for example abandonment-rate:20s"
        )),
        (Kpi::AbandonmentRateWithoutShort, Some(time)) => Ok((kpi, Some(seconds(text, time)?))),
        (_, Some(_)) => usage(format!(
            "--kpis: {text}: {name} takes no time; of the figures, abandonment-rate does"
        )),
        (_, None) => Ok((kpi, None)),
    }
}

fn seconds(text: &str, time: &str) -> Parsed<Duration> {
    let parsed = time.parse::<SignedDuration>().ok().and_then(|time| time.try_into().ok());
    parsed
        .filter(|time: &Duration| *time >= Duration::from_secs(1) && time.subsec_nanos() == 0)
        .ok_or_else(|| {
            Failure::Usage(format!(
                "--kpis: {text}: `{time}` isn't a time in whole seconds, for example 20s"
            ))
        })
}

fn kpi(text: &str) -> Parsed<Kpi> {
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
    let text = text.trim();
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
    let known: Vec<_> = std::iter::once(all).chain(known).collect();
    let breakdown = match Breakdown::from(name) {
        Breakdown::Other(_) => {
            pick_or_send(what, &metric_spellings(name), &known, |name| Breakdown::from(name))?
        }
        known => known,
    };
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

/// Filters, and the words that they were given by, each with its filter's name.
pub(crate) struct GivenFilters {
    pub(crate) filters: Vec<Filter>,
    pub(crate) words: Vec<(String, String)>,
}

pub(crate) fn given_filters(texts: &[String]) -> Parsed<GivenFilters> {
    let mut filters: Vec<Filter> = Vec::new();
    let mut words = Vec::new();
    for text in &items("--where", texts)? {
        let Some((name, word)) = text.split_once('=') else {
            let name = filters.last().map_or("direction", Filter::name);
            let is_named = matches!(name, "queue" | "from" | "to");
            let quoted =
                format!("; a name with a comma stands in quotation marks: '{name}=\"…, {text}\"'");
            return usage(format!(
                "--where: `{text}` isn't FILTER=WORD, for example direction=inbound; a filter's \
                 further words take its name too: {name}=…,{name}={text}{}",
                if is_named { &quoted } else { "" }
            ));
        };
        let filter = filter(name.trim(), word.trim())?;
        words.push((filter.name().to_owned(), word.trim().to_owned()));
        match filters.iter_mut().find(|one| one.name() == filter.name()) {
            Some(earlier) => join(earlier, filter)?,
            None => filters.push(filter),
        }
    }
    Ok(GivenFilters { filters, words })
}

/// A filter of the command line.
pub(crate) struct FilterName {
    pub(crate) name: &'static str,
    pub(crate) meaning: &'static str,
    make: Maker,
}

type Maker = fn(&str) -> Parsed<Filter>;

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
        "ending-party",
        |text| Ok(Filter::EndingParty(vec![word("ending-party", text)?])),
        "the party that ended the call",
    ),
    named(
        "queue-hours",
        |text| Ok(Filter::QueueHours(vec![word("queue-hours", text)?])),
        "within the queue's own business hours or after them; queues only",
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
        "received from this extension (as in --keys); users, members, IVRs, shared lines, queues only",
    ),
    named(
        "to",
        |text| Ok(Filter::to_extensions([text])),
        "placed to this extension (as in --keys), the first that accepted; users, members, IVRs, \
         shared lines only",
    ),
    named(
        "called-number",
        |text| Ok(Filter::called_numbers([text])),
        "the direct number that the caller dialled, in E.164 form",
    ),
    named("queue", |text| Ok(Filter::queues([text])), "routed through this queue (as in --keys)"),
];

/// The filter with one word, as `--where` takes it.
pub(crate) fn filter(name: &str, text: &str) -> Parsed<Filter> {
    let known: Vec<_> =
        FILTERS.iter().map(|filter| (filter.name.to_owned(), filter.make)).collect();
    match find_filter(name, &known)? {
        Some(make) => make(text),
        None => Ok(Filter::wire(name, serde_json::json!([text]))),
    }
}

/// What makes the filter of this name; `None` for a name of the API that this
/// program doesn't know.
fn find_filter(name: &str, known: &[(String, Maker)]) -> Parsed<Option<Maker>> {
    let known: Vec<_> = known.iter().map(|(name, make)| (name.clone(), Some(*make))).collect();
    let sent = |name: &str| {
        // The SDK reports unknown words, but a filter is unknown to it on purpose.
        console::note(&format!(
            "note: --where: `{name}` is unknown to this program and is sent as it is"
        ));
        None
    };
    let spellings = filter_spellings(name);
    let spellings: Vec<_> = spellings.iter().map(|it| &**it).collect();
    pick_or_send("--where", &spellings, &known, sent)
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
        (Filter::EndingParty(words), Filter::EndingParty(more)) => words.extend(more),
        (Filter::QueueHours(words), Filter::QueueHours(more)) => words.extend(more),
        (Filter::FromExtensions(words), Filter::FromExtensions(more))
        | (Filter::ToExtensions(words), Filter::ToExtensions(more))
        | (Filter::CalledNumbers(words), Filter::CalledNumbers(more))
        | (Filter::Queues(words), Filter::Queues(more)) => words.extend(more),
        (
            Filter::Wire { value: Json::Array(words), .. },
            Filter::Wire { value: Json::Array(more), .. },
        ) => {
            words.extend(more);
        }
        (_, filter) => return usage(format!("--where: {} is given twice", filter.name())),
    }
    Ok(())
}

/// A text of an argument that takes one: in quotation marks as an item of a list, or as it is.
pub(crate) fn item(what: &str, text: &str) -> Parsed<String> {
    let text = text.trim();
    if !text.starts_with('"') || !text.ends_with('"') {
        return Ok(text.to_owned());
    }
    let mut items = items(what, &[text.to_owned()])?;
    Ok(if items.len() == 1 { items.remove(0) } else { text.to_owned() })
}

/// The items of lists with commas between them; one that has a comma of its own, or what follows
/// its `=`, stands in quotation marks, doubled within it.
pub(crate) fn items(what: &str, lists: &[String]) -> Parsed<Vec<String>> {
    let begins = |item: &str| item.trim().is_empty() || item.trim_end().ends_with('=');
    let mut items = Vec::new();
    for list in lists {
        let mut item = String::new();
        let mut is_quoted = false;
        let mut characters = list.chars().peekable();
        while let Some(c) = characters.next() {
            match c {
                '"' if is_quoted && characters.next_if_eq(&'"').is_some() => item.push('"'),
                '"' if is_quoted || begins(&item) => is_quoted = !is_quoted,
                ',' if !is_quoted => items.push(std::mem::take(&mut item)),
                c => item.push(c),
            }
        }
        if is_quoted {
            return usage(format!("{what}: a quotation mark of `{list}` isn't closed"));
        }
        items.push(item);
    }
    let items = items.iter().map(|item| item.trim().to_owned());
    let items: Vec<_> = items.filter(|item| !item.is_empty()).collect();
    if items.is_empty() && !lists.is_empty() {
        return usage(format!("{what}: nothing is named; leave {what} out for all"));
    }
    Ok(items)
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

/// Hours of the day. `9-17` ends when the clock strikes 17, so that its last minute is 16:59; the
/// minute of `09:00-17:00` is included, as the API has it.
pub(crate) fn hours(text: &str) -> Parsed<Hours> {
    let Some((from, to)) = text.split_once(TO) else {
        return usage(format!("--hours: `{text}` isn't FROM-TO, for example 9-17 or 09:00-16:59"));
    };
    let hour = |text: &str| text.trim().parse::<u8>().ok().filter(|hour| *hour <= 24);
    let (from, to) = match (hour(from), hour(to)) {
        (Some(from), Some(to)) if from == to => {
            return usage(format!("--hours: `{text}` holds no time; write {from}-{}", from + 1));
        }
        (_, Some(to)) => (time_of_day(from), format!("{:02}:59", (to + 23) % 24)),
        (_, None) => (time_of_day(from), time_of_day(to)),
    };
    Ok(Hours::new(from, to))
}

/// Between two ends, as people and as editors write it.
const TO: [char; 2] = ['-', '–'];

/// `9` and `9:30` as the API writes them. What is no time of day stays, for the rules to refuse.
fn time_of_day(text: &str) -> String {
    let text = text.trim();
    let (hour, minute) = text.split_once(':').unwrap_or((text, "00"));
    match hour.parse::<u8>() {
        Ok(hour) => format!("{hour:02}:{minute}"),
        Err(_) => text.to_owned(),
    }
}

/// A day of the week, or the days from one to another: `mon-fri`.
pub(crate) fn days_of_week(text: &str) -> Parsed<Vec<DayOfWeek>> {
    let ends = text.split_once(TO).filter(|_| !text.trim().starts_with("wire:"));
    let Some((first, last)) = ends else { return Ok(vec![day_of_week(text)?]) };
    let place = |end: &str| {
        let day = day_of_week(end)?;
        let place = DayOfWeek::KNOWN.iter().position(|known| *known == day);
        let remedy = "write the days that it has, with commas between them";
        place
            .ok_or_else(|| Failure::Usage(format!("--days: `{text}` has an unknown end; {remedy}")))
    };
    let (first, last) = (place(first)?, place(last)?);
    let count = DayOfWeek::KNOWN.len();
    let days = (first..=first + (last + count - first) % count).map(|place| place % count);
    Ok(days.map(|place| DayOfWeek::KNOWN[place].clone()).collect())
}

/// A day of the week, by its name or the three letters that it begins with.
fn day_of_week(text: &str) -> Parsed<DayOfWeek> {
    let letters = text.trim().to_lowercase();
    let is_short =
        |day: &&DayOfWeek| letters.len() == 3 && day.as_str().to_lowercase().starts_with(&letters);
    let short = DayOfWeek::KNOWN.iter().find(is_short);
    short.map_or_else(|| word("--days", text), |day| Ok(day.clone()))
}

#[cfg(test)]
mod tests {
    use callperf::{CallResult, Direction, EndingParty, QueueHours};

    use super::*;

    fn filters(texts: &[String]) -> Parsed<Vec<Filter>> {
        given_filters(texts).map(|given| given.filters)
    }

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
    fn a_name_of_the_api_is_sent_and_a_near_miss_is_not() {
        let calls = |text: &str| measure("--calls", text);
        assert_eq!(calls("callsByMood").unwrap(), Breakdown::from("callsByMood").into());
        let percent = Measure::new(Breakdown::from("callsByMood"), Aggregation::Percent);
        assert_eq!(calls("callsByMood:percent").unwrap(), percent);
        // The API's own name of a known one.
        assert_eq!(calls("callsByResult").unwrap(), Breakdown::Result.into());
        assert_eq!(
            measure("--time-spent", "callsDurationByResult").unwrap(),
            Breakdown::Result.into()
        );
        assert_eq!(group_by("CostCenters").unwrap(), Grouping::from("CostCenters").into());
        assert_eq!(filter("result", "Deflected").unwrap(), CallResult::from("Deflected").into());
        for (refused, near) in [
            (calls("by-reslt").map(drop), "did you mean by-result?"),
            (calls("callsByReslt").map(drop), "did you mean by-result?"),
            (group_by("Quees").map(drop), "did you mean queues?"),
            (filter("result", "Abandonned").map(drop), "did you mean abandoned?"),
            (filter("directons", "Inbound").map(drop), "did you mean direction?"),
        ] {
            let message = refused.unwrap_err().to_string();
            assert!(message.ends_with(near), "{message}");
        }
        for odd in ["by-mood", "mood", "calls by mood", "callsBy/Mood", "1Calls", ""] {
            let message = calls(odd).unwrap_err().to_string();
            assert!(message.ends_with(&format!("write wire:{odd}")), "{message}");
        }
    }

    #[test]
    fn a_filter_that_is_unknown_takes_words() {
        let texts = ["callMoods=Happy", "direction=inbound", "callMoods=Sad"];
        let both = serde_json::json!(["Happy", "Sad"]);
        assert_eq!(
            filters(&texts.map(str::to_owned)).unwrap(),
            [Filter::wire("callMoods", both), Filter::from(Direction::Inbound)]
        );
        // The API's own names of known ones.
        for name in ["callResults", "results", "callResult"] {
            assert_eq!(filter(name, "missed").unwrap(), CallResult::Missed.into());
        }
        assert_eq!(filter("calledNumbers", "+1").unwrap(), Filter::called_numbers(["+1"]));
        for name in ["endingParties", "endingParty", "ending-party"] {
            assert_eq!(filter(name, "Caller").unwrap(), EndingParty::Caller.into());
        }
        assert_eq!(filter("queueHours", "after-hours").unwrap(), QueueHours::AfterHours.into());
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
    fn blanks_around_an_item_are_none_of_it() {
        let of = |lists: &[&str]| {
            items("--keys", &lists.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(of(&["a, b", " c ,"]).unwrap(), ["a", "b", "c"]);
        assert_eq!(of(&[r#""Sales, East" , Support"#]).unwrap(), ["Sales, East", "Support"]);
        assert_eq!(
            of(&[r#""The ""A"", team""#, r#"5" pipe"#]).unwrap(),
            [r#"The "A", team"#, r#"5" pipe"#]
        );
        assert!(of(&[]).unwrap().is_empty());
        for nothing in ["", " ", ", ,"] {
            let message = of(&[nothing]).unwrap_err().to_string();
            assert_eq!(message, "--keys: nothing is named; leave --keys out for all");
        }
        assert!(of(&[r#""Sales"#]).unwrap_err().to_string().contains("isn't closed"));
        assert_eq!(
            filters(&[" direction = inbound".to_owned()]).unwrap(),
            [Direction::Inbound.into()]
        );
        assert_eq!(hours(" 09:00 - 17:59 ").unwrap(), Hours::new("09:00", "17:59"));
        for (text, from, to) in [
            ("9-17", "09:00", "16:59"),
            ("9–17", "09:00", "16:59"),
            ("09:00-17", "09:00", "16:59"),
            ("9-17:30", "09:00", "17:30"),
            ("09:00-17:00", "09:00", "17:00"),
            ("22-6", "22:00", "05:59"),
            ("22-0", "22:00", "23:59"),
            ("0-24", "00:00", "23:59"),
        ] {
            assert_eq!(hours(text).unwrap(), Hours::new(from, to), "{text}");
        }
        assert!(hours("9-9").unwrap_err().to_string().ends_with("holds no time; write 9-10"));
        assert_eq!(hours("9am-5pm").unwrap(), Hours::new("9am", "5pm"));
        assert_eq!(measure("--calls", " all").unwrap(), Breakdown::Total.into());
    }

    #[test]
    fn days_have_their_names_or_three_letters() {
        use DayOfWeek::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
        for text in ["mon", "Mon", "MONDAY", "monday"] {
            assert_eq!(day_of_week(text).unwrap(), DayOfWeek::Monday, "{text}");
        }
        let weekdays = [Monday, Tuesday, Wednesday, Thursday, Friday];
        assert_eq!(days_of_week("mon-fri").unwrap(), weekdays);
        assert_eq!(days_of_week("Friday – Mon").unwrap(), [Friday, Saturday, Sunday, Monday]);
        assert_eq!(days_of_week("tue-tue").unwrap(), [Tuesday]);
        assert_eq!(days_of_week("wire:mon-fri").unwrap(), [DayOfWeek::from("mon-fri")]);
        assert!(days_of_week("mon-fry").is_err());
        assert!(days_of_week("mon-Holiday").unwrap_err().to_string().contains("unknown end"));
        let refusal = |text: &str| days_of_week(text).unwrap_err().to_string();
        assert!(refusal("mondy").ends_with("did you mean monday?"));
        assert!(refusal("weekdays").contains("there are sunday, monday"));
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
