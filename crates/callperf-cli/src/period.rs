//! Periods as people write them, and the part of one that the API still has.

use callperf::{Api, Period, period::ResolvedPeriod};
use callperf_history::files::MEMORY;
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use crate::{
    Failure,
    args::PeriodArgs,
    model::moment::{self, date, day_after},
    words::nearest,
};

type Parsed<T> = Result<T, Failure>;

fn usage<T>(message: String) -> Parsed<T> {
    Err(Failure::Usage(message))
}

/// The zone that days and hours are cut in.
pub(crate) fn zone(name: &str) -> Parsed<TimeZone> {
    if let Some(zone) = TimeZone::get(name).ok().filter(|zone| !zone.is_unknown()) {
        return Ok(zone);
    }
    let known: Vec<_> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    let near = nearest(name, known.iter().map(String::as_str));
    let remedy = match &near[..] {
        [] => "use an IANA name, for example America/New_York".to_owned(),
        near => format!("did you mean {}?", near[..near.len().min(3)].join(" or ")),
    };
    usage(format!("--time-zone: no such time zone as `{name}`; {remedy}"))
}

/// The period that the arguments say, at `now`.
pub(crate) fn period(args: &PeriodArgs, now: Timestamp) -> Parsed<Period> {
    let zone = zone(args.time_zone())?;
    if let Some(last) = &args.last {
        return last_days(last).map(Period::last_days);
    }
    let today = now.to_zoned_datetime(zone.clone()).date();
    if args.today {
        return Ok(Period::today_so_far());
    }
    if args.yesterday {
        return Ok(Period::yesterday());
    }
    if args.last_week {
        return Ok(Period::last_week());
    }
    if args.last_month {
        return Ok(Period::last_month());
    }
    if let Some(month) = &args.month {
        return whole_month(month, today);
    }
    let from = args.from.as_deref().unwrap_or_default();
    let to = args.to.as_deref();
    if let (Some(first), Some(last)) = (date(from), to.and_then(date)) {
        has_begun("--from", from, first, today)?;
        goes_forward(first <= last, from, to)?;
        return Ok(Period::days(first, day_after("--to", last)?));
    }
    let start = moment::start("--from", from, &zone)?;
    let end = to.map_or(Ok(now), |text| moment::end("--to", text, &zone))?;
    goes_forward(start < end, from, to)?;
    Ok(Period::between(start, end))
}

fn last_days(text: &str) -> Parsed<u32> {
    let count = |number: &str, days: u32| number.parse::<u32>().ok()?.checked_mul(days);
    let days = text
        .strip_suffix('d')
        .and_then(|number| count(number, 1))
        .or_else(|| text.strip_suffix('w').and_then(|number| count(number, 7)));
    match days {
        Some(days) if days > 0 => Ok(days),
        _ if text.parse().is_ok_and(|number: u32| number > 0) => {
            usage(format!("--last: `{text}` isn't a number of days; write `{text}d`"))
        }
        _ => usage(format!("--last: `{text}` isn't a number of days; write 7d or 2w")),
    }
}

/// A period that lies in the future would be asked for in vain.
fn has_begun(option: &str, text: &str, first: Date, today: Date) -> Parsed<()> {
    if first > today {
        return usage(format!("{option}: {text} is in the future; today is {today}"));
    }
    Ok(())
}

/// Refuses a period without time in it, as it was typed.
fn goes_forward(does: bool, from: &str, to: Option<&str>) -> Parsed<()> {
    match to {
        _ if does => Ok(()),
        Some(to) => usage(format!(
            "--from {from} --to {to}: the end isn't later than the start; change one of them"
        )),
        None => usage(format!("--from: {from} is in the future")),
    }
}

fn whole_month(text: &str, today: Date) -> Parsed<Period> {
    let Some(first) = date(&format!("{text}-01")).filter(|_| text.len() == "2026-10".len()) else {
        return usage(format!("--month: `{text}` is no month; write 2026-10"));
    };
    has_begun("--month", text, first, today)?;
    Ok(Period::month(first.year(), first.month()))
}

/// That a period's end was too close to now and was moved, to the minute and in the
/// zone of the report.
pub(crate) fn trimmed(period: &ResolvedPeriod, zone: &TimeZone, name: &str) -> Option<String> {
    let minute = |instant: Timestamp| {
        instant.to_zoned_datetime(zone.clone()).strftime("%a %Y-%m-%d %H:%M").to_string()
    };
    let (asked, sent) = (minute(period.trimmed_from()?), minute(period.to()));
    Some(format!(
        "the period ends at {sent}, not {asked} ({name}): the latest calls may be missing"
    ))
}

/// What exists of a period that begins before the API's memory, in words.
///
/// The limit is an instant; the first local day that is whole is the one to ask
/// from.
pub(crate) fn existing_part(
    period: &ResolvedPeriod,
    api: Api,
    zone: &TimeZone,
    now: Timestamp,
) -> Option<String> {
    let utc = now.to_zoned_datetime(TimeZone::UTC);
    let oldest = match api {
        Api::Beta => utc.checked_sub(6.months()),
        _ => utc.checked_sub(MEMORY),
    };
    let oldest = oldest.ok()?.timestamp();
    let local = oldest.to_zoned_datetime(zone.clone());
    let is_midnight = local.start_of_day().ok()?.timestamp() == oldest;
    let first = if is_midnight { local.date() } else { local.date().tomorrow().ok()? };
    let starts = first.to_zoned_datetime(zone.clone()).ok()?.timestamp();
    Some(if starts < period.to() {
        format!("the part from {first} on exists: ask --from {first}")
    } else {
        format!("none of it exists any more: the oldest whole day is {first}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn args() -> PeriodArgs {
        PeriodArgs {
            last: None,
            today: false,
            yesterday: false,
            last_week: false,
            last_month: false,
            month: None,
            from: None,
            to: None,
            time_zone: Some("America/New_York".to_owned()),
            now: None,
        }
    }

    fn ends(args: &PeriodArgs, now: Timestamp) -> (Timestamp, Timestamp) {
        let period = period(args, now).unwrap().at(now, &new_york()).unwrap();
        (period.start(), period.trimmed_from().unwrap_or(period.end()))
    }

    fn days(from: &str, to: &str) -> (Timestamp, Timestamp) {
        let start = |day: &str| {
            let midnight = day.parse::<Date>().unwrap().to_zoned_datetime(new_york()).unwrap();
            midnight.start_of_day().unwrap().timestamp()
        };
        (start(from), start(to))
    }

    fn new_york() -> TimeZone {
        TimeZone::get("America/New_York").unwrap()
    }

    #[test]
    fn a_date_with_a_time_is_no_date() {
        assert!(date("2026-11-01").is_some());
        for other in ["2026-11-01T08:00:00-05:00", "2026-11-01T08:00", "2026-11", "yesterday"] {
            assert_eq!(date(other), None, "{other}");
        }
    }

    #[test]
    fn days_back_are_counted_in_days_or_weeks() {
        assert_eq!(last_days("7d").unwrap(), 7);
        assert_eq!(last_days("2w").unwrap(), 14);
        for bad in ["0d", "7", "d", "-1d", "1m", "99999999999d", "4294967295w", "0"] {
            assert!(last_days(bad).is_err(), "{bad}");
        }
        assert_eq!(
            last_days("30").unwrap_err().to_string(),
            "--last: `30` isn't a number of days; write `30d`"
        );
    }

    #[test]
    fn last_week_ended_on_the_sunday_before_the_local_day() {
        let args = PeriodArgs { last_week: true, ..args() };
        // A Monday in London is still Sunday in New York.
        let sunday = at("2026-11-23T03:00:00Z");
        assert_eq!(ends(&args, sunday), days("2026-11-09", "2026-11-16"));
        let monday = at("2026-11-23T06:00:00Z");
        assert_eq!(ends(&args, monday), days("2026-11-16", "2026-11-23"));
    }

    #[test]
    fn days_and_months_have_the_names_that_people_use() {
        let now = at("2026-11-24T17:00:00Z");
        let last_month = PeriodArgs { last_month: true, ..args() };
        assert_eq!(ends(&last_month, now), days("2026-10-01", "2026-11-01"));
        let yesterday = PeriodArgs { yesterday: true, ..args() };
        assert_eq!(ends(&yesterday, now), days("2026-11-23", "2026-11-24"));
        let today = PeriodArgs { today: true, ..args() };
        let (start, end) = ends(&today, now);
        assert_eq!(start, days("2026-11-24", "2026-11-25").0);
        assert_eq!(end, at("2026-11-24T16:58:00Z"));
    }

    #[test]
    fn a_month_is_a_calendar_month() {
        let now = at("2026-12-01T05:05:00Z");
        let of = |text: &str| PeriodArgs { month: Some(text.to_owned()), ..args() };
        let month = |text: &str| period(&of(text), now);
        assert_eq!(ends(&of("2026-12"), now), days("2026-12-01", "2027-01-01"));
        for bad in ["2026-13", "2026-1", "2026", "December", "2026-10-05", "2026-10-01-01"] {
            assert!(month(bad).is_err(), "{bad}");
        }
        let refusal = month("2027-01").unwrap_err().to_string();
        assert!(
            refusal.ends_with("--month: 2027-01 is in the future; today is 2026-12-01"),
            "{refusal}"
        );
    }

    #[test]
    fn a_reversed_period_is_refused_as_it_was_typed() {
        let now = at("2026-11-24T17:00:00Z");
        for (from, to) in [
            ("2026-11-20", "2026-11-19"),
            ("2026-11-20T09:00", "2026-11-20T09:00"),
            ("2026-11-20", "2026-11-19T12:00"),
        ] {
            let (from, to) = (from.to_owned(), to.to_owned());
            let typed = format!("--from {from} --to {to}: the end isn't later than the start");
            let refusal = period(&PeriodArgs { from: Some(from), to: Some(to), ..args() }, now);
            let refusal = refusal.unwrap_err().to_string();
            assert!(refusal.contains(&typed), "{refusal}");
        }
        let later = PeriodArgs { from: Some("2026-11-25".to_owned()), ..args() };
        let refusal = period(&later, now).unwrap_err().to_string();
        assert!(refusal.contains("--from: 2026-11-25 is in the future"), "{refusal}");
    }

    #[test]
    fn a_zone_that_does_not_exist_gets_the_nearest() {
        let said = |name: &str| zone(name).unwrap_err().to_string();
        assert!(said("America/New_Yrok").ends_with("did you mean America/New_York?"));
        assert!(said("Mars/Base").ends_with("for example America/New_York"));
    }

    /// Resolved as the client does it.
    fn resolved(from: &str, to: &str) -> ResolvedPeriod {
        use callperf::{Breakdown, Client, Credentials, GroupBy, Query};
        let now = at("2026-12-01T00:00:00Z");
        let client = Client::builder()
            .credentials(Credentials::jwt("", "", ""))
            .no_proxy()
            .clock(move || now)
            .build()
            .unwrap();
        let query = Query::new(GroupBy::users(), Period::between(at(from), at(to)), "UTC");
        client.aggregate(&query.calls(Breakdown::Total).unchecked()).preview(1).unwrap().period
    }

    #[test]
    fn what_exists_begins_with_a_whole_local_day() {
        let now = at("2026-11-24T12:00:00Z");
        let zone = TimeZone::get("America/New_York").unwrap();
        let part = |from: &str, to: &str, api| {
            existing_part(&resolved(from, to), api, &zone, now).unwrap()
        };
        // 184 days before is May 24 at noon, UTC.
        assert_eq!(
            part("2026-01-01T00:00:00Z", "2026-11-01T00:00:00Z", Api::CallsV1),
            "the part from 2026-05-25 on exists: ask --from 2026-05-25"
        );
        assert_eq!(
            part("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", Api::Beta),
            "none of it exists any more: the oldest whole day is 2026-05-25"
        );
    }
}
