//! From the numbers to the page.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use callperf::{
    Breakdown, CallResult, CallSegment, EndingParty, Kpi,
    kpi::{Better, FormulaTable},
    vocabulary::Word,
};
use minijinja::{AutoEscape, Environment, Value, context, syntax::SyntaxConfig, value::Serde};
use serde::Serialize;
use serde_json::{Map, Number, Value as Json, json};

use super::{
    Dashboard,
    chart::{self, Room, Stack},
    hours::{self, BusyHours, OverTime},
};
use crate::render::{
    ABSENT, Change, Entry, MetricName, Numbers, Report, Sheet, Unit, Which, in_words,
    number::{LARGE, exact_text},
    sheet::kpi_unit,
    shown,
};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
/// The parts of the script, in one function of their own.
const SCRIPT: &str = concat!(
    "\"use strict\";\n(() => {\n",
    include_str!("script/evaluate.js"),
    include_str!("script/days.js"),
    include_str!("script/unpack.js"),
    include_str!("script/shown.js"),
    include_str!("script/link.js"),
    include_str!("script/elements.js"),
    include_str!("script/chart.js"),
    include_str!("script/table.js"),
    include_str!("script/view.js"),
    include_str!("script/controls.js"),
    include_str!("script/still.js"),
    include_str!("script/theme.js"),
    include_str!("script/start.js"),
    "})();\n",
);

/// A change that rests on fewer calls is no judgement.
const FEWEST_CALLS: f64 = 30.0;

/// What stands for the calls that count under no result.
const NO_RESULT: &str = "no_result";

/// How strong the colour of a busy hour can be.
const LEVELS: f64 = 6.0;

/// A figure of the company, large.
#[derive(Serialize)]
struct Tile {
    id: String,
    name: String,
    value: String,
    change: Option<Moved>,
}

/// How a figure has changed since the period before.
#[derive(Serialize)]
struct Moved {
    text: String,
    /// `better`, `worse`, or nothing where neither can be said.
    sense: &'static str,
    arrow: &'static str,
}

/// A table whose rows can be put in order.
#[derive(Serialize)]
struct Grid {
    columns: Vec<GridColumn>,
    rows: Vec<GridRow>,
}

#[derive(Serialize)]
struct GridColumn {
    id: String,
    name: String,
}

#[derive(Serialize)]
struct GridRow {
    label: String,
    extension_number: Option<String>,
    cells: Vec<GridCell>,
}

#[derive(Serialize)]
struct GridCell {
    text: String,
    /// The number to put rows in order by; absent comes last.
    number: Option<f64>,
    bar: Option<String>,
}

/// A row of a chart of bars.
#[derive(Serialize)]
struct Share {
    id: String,
    name: String,
    value: String,
    percent: String,
    bar: String,
}

#[derive(Serialize)]
struct Legend {
    id: String,
    name: String,
    class: String,
}

#[derive(Serialize)]
struct TimeRow {
    label: String,
    total: String,
    cells: Vec<String>,
}

#[derive(Serialize)]
struct BusyCell {
    text: String,
    level: u32,
}

/// What a number means.
#[derive(Serialize)]
struct Definition {
    id: String,
    name: String,
    meaning: String,
    formula: Option<String>,
    source: Option<&'static str>,
    is_not: Option<&'static str>,
}

impl Dashboard {
    /// The page: one file, which fetches nothing and may run nothing but its own
    /// script.
    ///
    /// # Panics
    /// Never: the template is part of the program, and a test fills it in.
    #[must_use]
    pub fn html(&self) -> String {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_syntax(
            SyntaxConfig::builder()
                .trim_blocks(true)
                .lstrip_blocks(true)
                .build()
                .expect("the usual signs"),
        );
        environment.add_template("page.html", PAGE).expect("the template can be parsed");
        let template = environment.get_template("page.html").expect("it was just added");
        template.render(self.context()).expect("the template can be filled in")
    }

    fn context(&self) -> Value {
        let zone = hours::zone(&self.heading);
        let over_time = self.hours.as_ref().map(|series| hours::over_time(series, &self.heading));
        let busy = self.hours.as_ref().map(|series| hours::busy_hours(series, &self.heading));
        let sheet = Sheet::from(&Report {
            heading: self.heading.clone(),
            entries: Vec::new(),
            total: None,
            kpis: Vec::new(),
        });
        let blocks = self.inputs.as_ref().map(|inputs| {
            let mut words = words_of_page();
            words.insert("selected_before".to_owned(), json!(self.days_before()));
            inputs.blocks(words)
        });
        let made = self.now.to_zoned_datetime(zone).strftime("%Y-%m-%d %H:%M").to_string();
        context! {
            version => env!("CARGO_PKG_VERSION"),
            policy => policy(),
            style => Value::from_safe_string(STYLE.to_owned()),
            script => Value::from_safe_string(SCRIPT.to_owned()),
            title => self.heading_text(),
            // Letters that no markup is made of.
            block => blocks.as_ref().map(|it| Value::from_safe_string(it.page.clone())),
            users_block => blocks.and_then(|it| it.users).map(Value::from_safe_string),
            period => sheet.period_line(),
            comparison => sheet.comparison_line(),
            api => self.heading.api.as_str(),
            made,
            zone => self.heading.period.time_zone.as_str(),
            notices => self.heading.notices.clone(),
            tiles => Serde(self.tiles()),
            legend => Serde(over_time.as_ref().map(legend)),
            over_time => over_time.as_ref().map(over_time_context),
            busy => busy.as_ref().map(busy_context),
            ended => Serde(self.ended()),
            parties => Serde(self.parties()),
            phases => Serde(self.phases()),
            queues => Serde(grid(&self.queues, &[Kpi::ServiceLevelOfAnswered])),
            agents => Serde(grid(&self.agents, &[])),
            definitions => Serde(self.definitions()),
        }
    }

    /// The first and the last day that the page's own period is compared with, if they are whole.
    fn days_before(&self) -> Option<[String; 2]> {
        let previous = self.heading.previous_period.as_ref()?;
        let zone = hours::zone(&self.heading);
        let day = |instant: jiff::Timestamp| {
            let local = instant.to_zoned_datetime(zone.clone());
            (local.start_of_day().ok()? == local).then(|| local.date())
        };
        let (first, after) = (day(previous.from)?, day(previous.to)?);
        Some([first.to_string(), after.yesterday().ok()?.to_string()])
    }

    /// What the page is called.
    fn heading_text(&self) -> String {
        let company = self.company.as_ref().and_then(Entry::known_name);
        let own = || company.map_or("Calls".to_owned(), |name| format!("Calls of {name}"));
        self.title.clone().unwrap_or_else(own)
    }

    fn tiles(&self) -> Vec<Tile> {
        let Some(company) = &self.company else { return Vec::new() };
        super::OF_COMPANY
            .iter()
            .map(|kpi| {
                let now = figure(&company.numbers, *kpi);
                let before = company.previous.as_ref().and_then(|it| figure(it, *kpi));
                let change = Change::between(before.as_ref(), now.as_ref());
                Tile {
                    id: kpi.to_string(),
                    name: in_words(kpi.as_str()),
                    value: shown(now.as_ref(), kpi_unit(*kpi)),
                    change: change.map(|change| {
                        let is_judged = [Some(&company.numbers), company.previous.as_ref()]
                            .into_iter()
                            .all(|numbers| calls_below(numbers, *kpi) >= FEWEST_CALLS);
                        moved(*kpi, change, is_judged)
                    }),
                }
            })
            .collect()
    }

    /// How inbound calls ended, as a share of all of them.
    fn ended(&self) -> Vec<Share> {
        let Some(company) = &self.company else { return Vec::new() };
        let by_result = company.numbers.calls.by_result();
        let offered = offered(company);
        let results = CallResult::KNOWN.iter().enumerate().filter_map(|(at, result)| {
            let calls = by_result.get(result)?;
            Some((result.as_str(), calls.number().clone(), format!("r{at}")))
        });
        let row = |word: &str, number: Number, class: &str| {
            share_of_offered("by_result", word, &number, offered, class)
        };
        let results: Vec<_> = results.collect();
        let sum: f64 = results.iter().filter_map(|(_, number, _)| number.as_f64()).sum();
        let rest = offered.map(|offered| offered - sum).filter(|rest| *rest > 0.0);
        let rest = rest.and_then(whole).map(|rest| row(NO_RESULT, rest, "none"));
        results
            .into_iter()
            .map(|(word, number, class)| row(word, number, &class))
            .chain(rest)
            .collect()
    }

    /// Who ended inbound calls, as a share of all of them; empty where the server didn't say.
    fn parties(&self) -> Vec<Share> {
        let Some(company) = &self.company else { return Vec::new() };
        let by_party = company.numbers.calls.by_ending_party();
        let offered = offered(company);
        let row = |party: &EndingParty| {
            let calls = by_party.get(party)?;
            let word = party.as_str();
            Some(share_of_offered("by_ending_party", word, calls.number(), offered, "party"))
        };
        EndingParty::KNOWN.iter().filter_map(row).collect()
    }

    /// The ending parties; none where the server said nothing of them.
    fn known_parties(&self) -> &'static [EndingParty] {
        if self.parties().is_empty() { &[] } else { EndingParty::KNOWN }
    }

    /// Where the time of inbound calls went, as a share of all of it.
    fn phases(&self) -> Vec<Share> {
        let Some(company) = &self.company else { return Vec::new() };
        let by_segment = company.numbers.time_spent.by_segment();
        let all: f64 = by_segment.iter().map(|(_, value)| value.as_f64()).sum();
        CallSegment::KNOWN
            .iter()
            .filter_map(|segment| {
                let time = by_segment.get(segment)?;
                let part = (all > 0.0).then_some(time.as_f64() / all);
                let text = shown(Some(time.number()), Unit::Seconds);
                Some(share_row("by_segment", segment.as_str(), text, part, "phase"))
            })
            .collect()
    }

    fn definitions(&self) -> Vec<Definition> {
        let mut kpis = super::OF_COMPANY.to_vec();
        for kpi in self.queues.kpis.iter().chain(&self.agents.kpis) {
            if !kpis.contains(kpi) {
                kpis.push(*kpi);
            }
        }
        let figures = kpis.into_iter().map(|kpi| Definition {
            id: kpi.to_string(),
            name: in_words(kpi.as_str()),
            meaning: sentence(kpi.meaning()),
            formula: Some(kpi.formula()).filter(|formula| formula != kpi.as_str()),
            source: Some(kpi.source()),
            is_not: Some(kpi.often_confused_with()).filter(|text| !text.is_empty()),
        });
        // Not what the beta or a server of an older revision lacks.
        let has = |metric: MetricName, breakdown: &Breakdown, word: &str| {
            let which =
                Which::Metric { metric, breakdown: breakdown.clone(), word: Some(word.to_owned()) };
            self.company.as_ref().is_none_or(|company| which.read(&company.numbers).is_some())
        };
        let results = CallResult::KNOWN
            .iter()
            .filter(|word| has(MetricName::Calls, &Breakdown::Result, word.as_str()));
        let segments = CallSegment::KNOWN
            .iter()
            .filter(|word| has(MetricName::TimeSpent, &Breakdown::Segment, word.as_str()));
        let words = words(&Breakdown::Result, results)
            .chain(words(&Breakdown::EndingParty, self.known_parties()))
            .chain(words(&Breakdown::Segment, segments));
        let directions = callperf::Direction::KNOWN;
        let of_agents = words_of_metric(MetricName::Calls, &Breakdown::Direction, directions)
            .chain([time_spent(), no_result()]);
        figures.chain(of_agents).chain(words).collect()
    }
}

/// The names and the formulas that the script shows and computes by.
fn words_of_page() -> Map<String, Json> {
    let names = |names: &[&str]| -> Map<String, Json> {
        names.iter().map(|name| ((*name).to_owned(), in_words(name).into())).collect()
    };
    let words = |breakdown: &Breakdown| names(&crate::render::words_of(breakdown));
    let figures: Vec<_> = Kpi::KNOWN.iter().map(Kpi::as_str).collect();
    let tiles: Vec<_> = super::OF_COMPANY.iter().map(Kpi::as_str).collect();
    let queues: Vec<_> = super::OF_QUEUES.iter().map(Kpi::as_str).collect();
    let users: Vec<_> = super::OF_AGENTS.iter().map(Kpi::as_str).collect();
    let entries = [
        ("table", json!(FormulaTable::new())),
        ("names", names(&figures).into()),
        ("results", words(&Breakdown::Result).into()),
        ("segments", words(&Breakdown::Segment).into()),
        ("shown", json!({"company": tiles, "queues": queues, "sites": tiles, "users": users})),
        ("fewest_calls", json!(FEWEST_CALLS)),
    ];
    entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What may be loaded and run: the page's own style and script, by their digests.
fn policy() -> String {
    let digest = |text: &str| BASE64.encode(hmac_sha256::Hash::hash(text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; \
         base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT),
    )
}

fn figure(numbers: &Numbers, kpi: Kpi) -> Option<Number> {
    Which::Kpi(kpi).read(numbers).map(|(number, _)| number)
}

/// How many calls a figure of the company rests on.
fn calls_below(numbers: Option<&Numbers>, kpi: Kpi) -> f64 {
    let number = |kpi| numbers.and_then(|it| figure(it, kpi)).and_then(|it| it.as_f64());
    let offered = number(Kpi::Offered).unwrap_or(0.0);
    match kpi {
        Kpi::AverageSpeedOfAnswer | Kpi::AverageHandleTime => {
            offered * number(Kpi::AnswerRate).unwrap_or(0.0)
        }
        _ => offered,
    }
}

/// A change is better or worse if it can be seen and rests on enough calls.
fn moved(kpi: Kpi, change: Change, is_judged: bool) -> Moved {
    let unit = kpi_unit(kpi);
    let text = match unit {
        Unit::Share => change.absolute_shown(unit),
        _ => format!("{} ({})", change.absolute_shown(unit), change.percent_shown()),
    };
    let is_up = change.absolute > 0.0;
    // A change of seconds may be shown in percent alone: that is none to judge.
    let is_shown = change.absolute_shown(unit).contains(['+', '−']);
    let sense = match kpi.better().filter(|_| is_shown && is_judged) {
        Some(better) if (better == Better::More) == is_up => "better",
        Some(_) => "worse",
        None => "",
    };
    let arrow = match (is_shown, is_up) {
        (false, _) => "=",
        (true, true) => "▲",
        (true, false) => "▼",
    };
    Moved { text, sense, arrow }
}

fn share_row(breakdown: &str, word: &str, value: String, part: Option<f64>, class: &str) -> Share {
    Share {
        id: format!("{breakdown}.{word}"),
        name: in_words(word),
        value,
        percent: shown(part.and_then(Number::from_f64).as_ref(), Unit::Share),
        bar: chart::share(part.unwrap_or(0.0), class),
    }
}

fn offered(company: &Entry) -> Option<f64> {
    figure(&company.numbers, Kpi::Offered)?.as_f64()
}

/// Inbound calls of a word, as a share of those offered.
fn share_of_offered(
    breakdown: &str,
    word: &str,
    calls: &Number,
    offered: Option<f64>,
    class: &str,
) -> Share {
    let part = calls.as_f64().zip(offered).filter(|(_, all)| *all > 0.0);
    let part = part.map(|(calls, all)| calls / all);
    share_row(breakdown, word, shown(Some(calls), Unit::Calls), part, class)
}

fn legend(over_time: &OverTime) -> Vec<Legend> {
    let entry = |(at, result): (usize, &CallResult)| Legend {
        id: format!("by_result.{result}"),
        name: in_words(result.as_str()),
        class: format!("r{at}"),
    };
    over_time.results().into_iter().map(entry).collect()
}

fn over_time_context(over_time: &OverTime) -> Value {
    let calls = |number: Option<f64>| shown(number.and_then(whole).as_ref(), Unit::Calls);
    let results = over_time.results();
    let rows: Vec<_> = over_time
        .bars
        .iter()
        .map(|bar| TimeRow {
            label: bar.label.clone(),
            total: calls(bar.total),
            cells: results.iter().map(|(at, _)| calls(bar.by_result[*at])).collect(),
        })
        .collect();
    let stacks: Vec<_> = over_time
        .bars
        .iter()
        .map(|bar| {
            let parts = results.iter().map(|(at, result)| {
                let number = bar.by_result[*at];
                let text =
                    format!("{}: {} {}", bar.label, calls(number), in_words(result.as_str()));
                (number.unwrap_or(0.0), format!("r{at}"), text)
            });
            Stack { label: bar.short.clone(), parts: parts.collect() }
        })
        .collect();
    let title = format!(
        "Inbound calls by {} and result; the numbers are in the table below",
        over_time.unit
    );
    context! {
        unit => over_time.unit,
        wide => Value::from_safe_string(chart::stacks(&title, &stacks, Room::Wide)),
        narrow => Value::from_safe_string(chart::stacks(&title, &stacks, Room::Narrow)),
        rows => Serde(rows),
    }
}

/// A number of calls; whole numbers without a fraction.
fn whole(float: f64) -> Option<Number> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
    if float.fract() == 0.0 && (0.0..1e15).contains(&float) {
        return Some(Number::from(float as u64));
    }
    Number::from_f64(float)
}

fn busy_context(busy: &BusyHours) -> Value {
    let cell = |calls: &Option<f64>| {
        let Some(calls) = calls else { return BusyCell { text: ABSENT.to_owned(), level: 0 } };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 6")]
        let level = if busy.most > 0.0 { (calls / busy.most * LEVELS).ceil() as u32 } else { 0 };
        let text = match *calls {
            few if few < 9.95 && few.fract() != 0.0 => format!("{few:.1}"),
            many if many < LARGE => format!("{many:.0}"),
            absurd => exact_text(absurd),
        };
        BusyCell { text, level }
    };
    let days: Vec<_> = busy
        .days
        .iter()
        .map(|day| {
            let hours: Vec<_> = day.hours.iter().map(cell).collect();
            context! { name => day.name, hours => Serde(hours) }
        })
        .collect();
    let hours: Vec<_> = (0..24).map(|hour| format!("{hour:02}")).collect();
    context! { days, hours }
}

fn grid(report: &Report, bars: &[Kpi]) -> Grid {
    let sheet = Sheet::from(report);
    let columns = sheet
        .columns
        .iter()
        .map(|column| GridColumn { id: definition_id(column.which()), name: column.heading() });
    let rows = sheet.rows.iter().map(|row| {
        let cells = sheet.columns.iter().zip(&row.cells).map(|(column, cell)| {
            let number = cell.value.as_ref().and_then(Number::as_f64);
            let has_bar = bars.iter().any(|kpi| *column.which() == Which::Kpi(*kpi));
            GridCell {
                text: shown(cell.value.as_ref(), column.unit),
                number,
                bar: number.filter(|_| has_bar).map(|share| chart::share(share, "sla")),
            }
        });
        GridRow {
            label: row.label().to_owned(),
            extension_number: row.extension_number.clone(),
            cells: cells.collect(),
        }
    });
    Grid { columns: columns.collect(), rows: rows.collect() }
}

/// The place of a number's definition on the page.
fn definition_id(which: &Which) -> String {
    match which {
        Which::Kpi(kpi) => kpi.to_string(),
        Which::Metric { breakdown, word: Some(word), .. } => format!("{breakdown}.{word}"),
        Which::Metric { metric, .. } => metric.as_str().to_owned(),
    }
}

fn words<'a, W: Word + 'a>(
    breakdown: &Breakdown,
    known: impl IntoIterator<Item = &'a W>,
) -> impl Iterator<Item = Definition> {
    let metric = match breakdown {
        Breakdown::Segment => MetricName::TimeSpent,
        _ => MetricName::Calls,
    };
    words_of_metric(metric, breakdown, known)
}

fn words_of_metric<'a, W: Word + 'a>(
    metric: MetricName,
    breakdown: &Breakdown,
    known: impl IntoIterator<Item = &'a W>,
) -> impl Iterator<Item = Definition> {
    let breakdown = breakdown.clone();
    known.into_iter().map(move |word| {
        let word = word.as_str();
        let which =
            Which::Metric { metric, breakdown: breakdown.clone(), word: Some(word.to_owned()) };
        Definition {
            id: definition_id(&which),
            name: in_words(word),
            meaning: sentence(&which.meaning()),
            formula: None,
            source: None,
            is_not: None,
        }
    })
}

/// A text as the beginning of a sentence.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn no_result() -> Definition {
    Definition {
        id: format!("by_result.{NO_RESULT}"),
        name: in_words(NO_RESULT),
        meaning: "Calls that count under none of the results; those that were passed on are among \
                  them if the server has no result for them"
            .to_owned(),
        formula: Some("offered - all results".to_owned()),
        source: None,
        is_not: None,
    }
}

fn time_spent() -> Definition {
    Definition {
        id: MetricName::TimeSpent.as_str().to_owned(),
        name: "time spent".to_owned(),
        meaning: "The time that calls of both directions took of the user: ringing, menus and \
                  voicemail are in it"
            .to_owned(),
        formula: None,
        source: None,
        is_not: None,
    }
}
