//! The sums that the page's script computes figures from: how they are kept, and how they are
//! written into the page.

use std::io::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use callperf::Kpi;
use flate2::{Compression, write::ZlibEncoder};
use jiff::{ToSpan as _, civil::Date};
use serde_json::{Map, Value as Json, json};

use crate::model::targets::Direction;

/// How large the users' numbers may be in the page, in bytes.
const USERS_BUDGET: usize = 5_000_000;
/// The same of the agents of all queues.
const AGENTS_BUDGET: usize = 2_000_000;

/// What the page's script computes figures from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inputs {
    /// The first of the days that there are numbers for.
    pub(crate) first: Date,
    pub(crate) days: usize,
    /// The places of days that aren't whole.
    pub(crate) partial: Vec<usize>,
    /// What there is of each of them, in words.
    pub(crate) parts: Vec<String>,
    /// The first and the last day of the page's own period, if it has whole days.
    pub(crate) selected: (Date, Date),
    pub(crate) missing_is_zero: bool,
    /// How many of the best and of the worst users are shown at first.
    pub(crate) top: usize,
    pub(crate) groups: Vec<Group>,
    /// The agents of queues with the queue's own calls, by the queue's key.
    pub(crate) agents: Vec<(String, Group)>,
    pub(crate) hours: Vec<HoursOf>,
    pub(crate) targets: Vec<KeyTarget>,
}

/// The numbers of a grouping.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// `company`, `queues`, `sites` or `users`.
    pub(crate) name: &'static str,
    pub(crate) figures: Vec<Kpi>,
    pub(crate) columns: Columns,
    pub(crate) places: Vec<Place>,
    /// The columns that a scope's calls aren't known of.
    pub(crate) gaps: Vec<(String, Vec<usize>)>,
    pub(crate) keys: Vec<Keyed>,
}

/// What a number of a series is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Columns {
    /// A day each.
    Days,
    /// The days of a week each, from Monday to Sunday.
    Weeks,
    /// The days from one to another each, both included.
    Periods(Vec<(Date, Date)>),
}

/// Where a number is: as the formula table names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) scope: String,
    pub(crate) metric: &'static str,
    pub(crate) breakdown: String,
    pub(crate) word: Option<String>,
}

/// The numbers of a key, in the order of the group's places.
#[derive(Clone, Debug)]
pub(crate) struct Keyed {
    pub(crate) key: String,
    pub(crate) name: Option<String>,
    pub(crate) extension_number: Option<String>,
    /// A number for each column; not a number where it isn't known.
    pub(crate) numbers: Vec<Vec<f64>>,
}

/// The inbound calls of a grouping's keys, hour by hour.
#[derive(Clone, Debug)]
pub(crate) struct HoursOf {
    pub(crate) name: &'static str,
    /// The first day, and how many there are.
    pub(crate) first: Date,
    pub(crate) days: usize,
    /// The places of days without hours.
    pub(crate) gaps: Vec<usize>,
    /// 24 numbers for each day.
    pub(crate) keys: Vec<(String, Vec<f64>)>,
}

/// What a figure should reach.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct KeyTarget {
    pub(crate) group: &'static str,
    /// The key that it is for; all, if it is absent.
    pub(crate) key: Option<String>,
    pub(crate) figure: Kpi,
    /// In the figure's unit.
    pub(crate) goal: f64,
    pub(crate) direction: Direction,
}

/// The two blocks of the page: everything but the users, and the users.
pub(super) struct Blocks {
    pub(super) page: String,
    pub(super) users: Option<String>,
}

impl Inputs {
    /// Compresses the numbers. Days of users and of agents become weeks if they are too large.
    pub(super) fn blocks(&self, more: Map<String, Json>) -> Blocks {
        let mut page = more;
        let others = self.groups.iter().filter(|group| group.name != "users");
        let groups: Map<_, _> = others.map(|group| (group.name.to_owned(), group.json())).collect();
        let day = |date: Date| date.to_string();
        for (name, value) in [
            ("first", json!(day(self.first))),
            ("days", json!(self.days)),
            ("partial", json!(self.partial)),
            ("parts", json!(self.parts)),
            ("selected", json!([day(self.selected.0), day(self.selected.1)])),
            ("missing_is_zero", json!(self.missing_is_zero)),
            ("top", json!(self.top)),
            ("groups", groups.into()),
            (
                "hours",
                self.hours
                    .iter()
                    .map(|it| (it.name.to_owned(), it.json()))
                    .collect::<Map<_, _>>()
                    .into(),
            ),
            ("agents", self.agents()),
            ("targets", self.targets.iter().map(KeyTarget::json).collect()),
        ] {
            page.insert(name.to_owned(), value);
        }
        let users = self.groups.iter().find(|group| group.name == "users");
        let users = users.map(|group| {
            let daily = packed(&group.json());
            let is_large = daily.len() > USERS_BUDGET && group.columns == Columns::Days;
            if is_large { packed(&group.by_week(self.first, self.days).json()) } else { daily }
        });
        Blocks { page: packed(&page.into()), users }
    }

    /// Their days become weeks if they are too large; `null` if these are, too.
    fn agents(&self) -> Json {
        let of_each = |json: &dyn Fn(&Group) -> Json| -> Json {
            let agents = self.agents.iter().map(|(queue, group)| (queue.clone(), json(group)));
            agents.collect::<Map<_, _>>().into()
        };
        let by_day = || of_each(&Group::json);
        let by_week = || of_each(&|group| group.by_week(self.first, self.days).json());
        let fits = |agents: &Json| packed(agents).len() <= AGENTS_BUDGET;
        Some(by_day()).filter(fits).or_else(|| Some(by_week()).filter(fits)).into()
    }
}

/// JSON, compressed and in letters.
fn packed(json: &Json) -> String {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(json.to_string().as_bytes());
    let bytes = written.and_then(|()| encoder.finish()).expect("memory takes all bytes");
    BASE64.encode(bytes)
}

/// A series as text: numbers between commas, nothing for zero, a question mark for what isn't
/// known. Zeros at the end are left out.
fn text(numbers: &[f64]) -> String {
    let number = |number: &f64| match *number {
        unknown if !unknown.is_finite() => "?".to_owned(),
        0.0 => String::new(),
        number => number.to_string(),
    };
    let text = numbers.iter().map(number).collect::<Vec<_>>().join(",");
    text.trim_end_matches(',').to_owned()
}

impl Group {
    fn json(&self) -> Json {
        let columns = match &self.columns {
            Columns::Days => json!("days"),
            Columns::Weeks => json!("weeks"),
            Columns::Periods(periods) => {
                periods.iter().map(|(from, to)| json!([from.to_string(), to.to_string()])).collect()
            }
        };
        let places =
            self.places.iter().map(|it| json!([it.scope, it.metric, it.breakdown, it.word]));
        let gaps: Map<_, _> =
            self.gaps.iter().map(|(scope, days)| (scope.clone(), json!(days))).collect();
        let known: Vec<bool> = (0..self.places.len()).map(|place| self.is_known(place)).collect();
        let keys = self.keys.iter().map(|of| {
            let series =
                of.numbers.iter().zip(&known).map(|(numbers, known)| known.then(|| text(numbers)));
            json!([of.key, of.name, of.extension_number, series.collect::<Vec<_>>()])
        });
        json!({
            "figures": self.figures,
            "columns": columns,
            "places": places.collect::<Vec<_>>(),
            "gaps": gaps,
            "keys": keys.collect::<Vec<_>>(),
        })
    }

    /// Whether any key has a number at a place.
    fn is_known(&self, place: usize) -> bool {
        self.keys.iter().any(|of| of.numbers[place].iter().any(|number| number.is_finite()))
    }

    /// The same with a column for each week that has a day.
    fn by_week(&self, first: Date, days: usize) -> Self {
        let weeks = week_of_each(first, days);
        let count = weeks.last().map_or(0, |last| last + 1);
        let add = |numbers: &Vec<f64>| {
            let mut sums = vec![0.0; count];
            for (number, week) in numbers.iter().zip(&weeks) {
                sums[*week] += number;
            }
            sums
        };
        let keys = self
            .keys
            .iter()
            .map(|of| Keyed { numbers: of.numbers.iter().map(add).collect(), ..of.clone() });
        let in_weeks = |days: &Vec<usize>| {
            let mut places: Vec<_> =
                days.iter().filter_map(|day| weeks.get(*day).copied()).collect();
            places.dedup();
            places
        };
        let gaps = self.gaps.iter().map(|(scope, days)| (scope.clone(), in_weeks(days)));
        Self { columns: Columns::Weeks, keys: keys.collect(), gaps: gaps.collect(), ..self.clone() }
    }
}

/// The week of each day, counted from the week of the first one. Weeks begin on Mondays.
fn week_of_each(first: Date, days: usize) -> Vec<usize> {
    let monday = usize::try_from(first.weekday().to_monday_zero_offset()).unwrap_or(0);
    (0..days).map(|day| (day + monday) / 7).collect()
}

impl HoursOf {
    fn json(&self) -> Json {
        let keys: Map<_, _> =
            self.keys.iter().map(|(key, hours)| (key.clone(), text(hours).into())).collect();
        json!({
            "first": self.first.to_string(), "days": self.days, "gaps": self.gaps, "keys": keys,
        })
    }
}

impl KeyTarget {
    fn json(&self) -> Json {
        json!({
            "group": self.group, "key": self.key, "figure": self.figure, "goal": self.goal,
            "direction": self.direction,
        })
    }
}

/// The day so many days after another.
pub(crate) fn day_after(first: Date, days: usize) -> Date {
    let days = i64::try_from(days).unwrap_or(i64::MAX);
    first.checked_add(days.days()).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::ZlibDecoder;

    use super::*;

    fn group(days: usize, keys: usize) -> Group {
        let place = |word: &str| Place {
            scope: "inbound".to_owned(),
            metric: "calls",
            breakdown: "by_result".to_owned(),
            word: Some(word.to_owned()),
        };
        // Numbers that don't compress.
        let mut state = 1_u64;
        let mut draw = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            f64::from(u32::try_from(state >> 40).unwrap())
        };
        let keys = (0..keys).map(|key| Keyed {
            key: key.to_string(),
            name: Some("</script><b>".to_owned()),
            extension_number: None,
            numbers: vec![(0..days).map(|_| draw()).collect(), vec![f64::NAN; days]],
        });
        Group {
            name: "users",
            figures: vec![Kpi::Offered],
            columns: Columns::Days,
            places: vec![place("missed"), place("abandoned")],
            gaps: vec![("inbound".to_owned(), vec![0, 1, 9])],
            keys: keys.collect(),
        }
    }

    fn unpacked(block: &str) -> Json {
        let mut text = String::new();
        let bytes = BASE64.decode(block).unwrap();
        ZlibDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    fn inputs(days: usize, keys: usize) -> Inputs {
        // A Wednesday.
        let first = jiff::civil::date(2026, 11, 4);
        Inputs { first, days, groups: vec![group(days, keys)], ..Inputs::default() }
    }

    #[test]
    fn a_series_is_as_short_as_it_can_be() {
        assert_eq!(text(&[3.0, 0.0, 0.5, f64::NAN, 0.0, 0.0]), "3,,0.5,?");
        assert_eq!(text(&[0.0, 0.0]), "");
    }

    #[test]
    fn a_block_is_letters_and_comes_back() {
        let block = inputs(12, 3).blocks(Map::new()).users.unwrap();
        assert!(!block.contains(['<', '&', '"']));
        let users = unpacked(&block);
        assert_eq!(users["columns"], "days");
        assert_eq!(users["keys"][0][1], "</script><b>");
        assert!(users["keys"][0][3][0].as_str().unwrap().contains(','));
        assert_eq!(users["keys"][0][3][1], Json::Null, "no key has it");
    }

    #[test]
    fn users_that_are_too_large_become_weeks_with_the_same_sums() {
        let inputs = inputs(300, 5_000);
        let block = inputs.blocks(Map::new()).users.unwrap();
        assert!(block.len() <= USERS_BUDGET, "{}", block.len());
        let users = unpacked(&block);
        assert_eq!(users["columns"], "weeks");
        let weeks = users["keys"][7][3][0].as_str().unwrap().split(',');
        let weeks: Vec<f64> = weeks.map(|week| week.parse().unwrap()).collect();
        let days = &inputs.groups[0].keys[7].numbers[0];
        let is_sum = |sum: f64, days: &[f64]| (sum - days.iter().sum::<f64>()).abs() < 1e-9;
        assert!(is_sum(weeks[0], &days[..5]), "from Wednesday to Sunday");
        assert!(is_sum(weeks[1], &days[5..12]));
        assert!(is_sum(weeks.iter().sum(), days));
        assert_eq!(users["gaps"]["inbound"], json!([0, 1]));
    }

    #[test]
    fn agents_that_are_too_large_become_weeks_and_then_none() {
        let columns_at = |days: usize, keys: usize| {
            let agents = vec![("queue".to_owned(), group(days, keys))];
            let inputs = Inputs { agents, ..inputs(days, 0) };
            let page = unpacked(&inputs.blocks(Map::new()).page);
            page["agents"].get("queue").map_or(Json::Null, |queue| queue["columns"].clone())
        };
        assert_eq!(columns_at(12, 3), "days");
        assert_eq!(columns_at(300, 2_000), "weeks");
        assert_eq!(columns_at(300, 9_000), Json::Null);
    }
}
