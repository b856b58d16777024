//! What a report asks: figures and metrics, of whom, over which period.

use std::time::Duration;

use callperf::{
    Api, Breakdown, Client, ErrorKind, Filter, GroupBy, Hours, Kpi, KpiSet, Measure, Period, Query,
    directory::{self, Listing},
    vocabulary::{DayOfWeek, Direction, Grouping},
};
use callperf_history::Reader;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::{
    Failure,
    args::QuestionArgs,
    console::say_once,
    history,
    lookup::{self, Names},
    narrowing::{self, Given, Narrowing, own_filter},
    period,
    preset::{OfQueue, PRESETS, Preset},
    words::{self, Parsed},
};

/// A question: the figures that are computed, and the metrics that are passed on.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// What a row is, in a heading.
    pub(crate) rows: String,
    /// What a row is, without the keys.
    grouping: GroupBy,
    pub(crate) group_by: GroupBy,
    /// The keys that were named, as they were given until they are looked up.
    pub(crate) keys: Vec<String>,
    /// The argument that named them.
    keys_argument: &'static str,
    pub(crate) kind: Kind,
    pub(crate) period: Period,
    pub(crate) time_zone: String,
    pub(crate) zone: TimeZone,
    pub(crate) kpis: KpiSet,
    pub(crate) calls: Vec<Measure>,
    pub(crate) time_spent: Vec<Measure>,
    /// Numbers of calls beside the others, where the API and the server have them.
    pub(crate) recent_calls: Vec<Breakdown>,
    filters: Vec<Filter>,
    narrowing: Vec<Narrowing>,
    days: Vec<DayOfWeek>,
    hours: Vec<Hours>,
    /// Narrow the metrics alone: figures have filters of their own.
    of_metrics: Vec<Filter>,
    /// Whether the keys are those of a queue's members, of whom not all need have had calls.
    pub(crate) are_members: bool,
    pub(crate) unchecked: bool,
    staffed: Vec<(String, SignedDuration)>,
    /// How long an abandoned call lasts that some figures leave out.
    pub(crate) short_abandons: Option<Duration>,
    /// What a reader should know of it.
    pub(crate) notices: Vec<String>,
}

/// What the rows of a report are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The one of the company.
    Company,
    /// Extensions, whose names can be looked up.
    Extensions,
    /// Extensions that belong to the named keys.
    Members,
    /// Numbers, sites and sets of users.
    Others,
}

/// The queries of a question: those of the figures, and the one of the metrics.
#[derive(Clone, Debug)]
pub(crate) struct Queries {
    pub(crate) of_kpis: Vec<Query>,
    pub(crate) of_metrics: Option<Query>,
    /// The one of the metrics for a server that refuses those which came lately; `None` if
    /// it asks for none of them.
    pub(crate) older_metrics: Option<Box<Query>>,
}

impl Queries {
    pub(crate) fn all(&self) -> impl Iterator<Item = &Query> {
        self.of_kpis.iter().chain(&self.of_metrics)
    }
}

impl Question {
    pub(crate) fn new(args: &QuestionArgs, now: Timestamp) -> Parsed<Self> {
        let preset = args.preset.as_deref().map(preset).transpose()?;
        let of_queue = queue_of_preset(preset, args)?;
        let (group_by, rows) = match (preset, &args.group_by) {
            (Some(preset), _) => ((preset.group_by)(), preset.rows.to_owned()),
            (None, text) => {
                let text = text.as_deref().unwrap_or_default();
                (words::group_by(text)?, text.to_owned())
            }
        };
        let mut kpis = preset.map_or_else(Vec::new, |preset| preset.kpis.to_vec());
        let figures =
            args.kpis.iter().map(|text| words::figure(text)).collect::<Parsed<Vec<_>>>()?;
        kpis.extend(figures.iter().map(|(kpi, _)| kpi));
        let short = short_abandons(&figures)?;
        let given = Given {
            filters: &args.filters,
            wire_filters: &args.wire_filters,
            days: &args.days,
            hours: &args.hours,
        };
        let (mut filters, mut narrowing) = given.read()?;
        if let Some((OfQueue::Members, queue)) = &of_queue {
            only_of_queue(queue, &mut filters, &mut narrowing)?;
        }
        let mut kpis = KpiSet::new(kpis);
        if let Some(short) = short {
            kpis = kpis.short_abandons(short);
        }
        for filter in &filters {
            narrowing::agrees_with_figures(filter, &kpis)?;
        }
        let hours = words::items("--staffed", &args.staffed)?;
        let staffed = hours.iter().map(|text| staffed(text)).collect::<Parsed<Vec<_>>>()?;
        for (key, time) in &staffed {
            kpis = kpis.staffed(key.as_str(), *time);
        }
        let keys = match &of_queue {
            Some((_, queue)) => vec![queue.clone()],
            None => words::items("--keys", &args.keys)?,
        };
        if !args.unchecked {
            are_keys(&keys, &group_by)?;
        }
        let of_preset = |measures: fn(&Preset) -> &'static [Breakdown]| {
            let measures = preset.map_or(&[][..], measures);
            measures.iter().cloned().map(Measure::from).collect::<Vec<_>>()
        };
        let mut calls = of_preset(|preset| preset.calls);
        for text in &args.calls {
            calls.push(words::measure("--calls", text)?);
        }
        let mut time_spent = of_preset(|preset| preset.time_spent);
        for text in &args.time_spent {
            time_spent.push(words::measure("--time-spent", text)?);
        }
        let mut recent_calls = preset.map_or_else(Vec::new, |it| it.recent_calls.to_vec());
        recent_calls.retain(|breakdown| calls.iter().all(|own| own.breakdown() != breakdown));
        let mut days = Vec::new();
        for text in &args.days {
            for day in words::days_of_week(text)? {
                if !days.contains(&day) {
                    days.push(day);
                }
            }
        }
        Ok(Self {
            kind: Kind::of(&group_by),
            group_by: of_keys(&group_by, &keys),
            grouping: group_by,
            rows,
            keys,
            keys_argument: preset.filter(|_| of_queue.is_some()).map_or("--keys", |it| it.name),
            period: period::period(&args.period, now)?,
            time_zone: args.period.time_zone().to_owned(),
            zone: period::zone(args.period.time_zone())?,
            kpis: if args.missing_is_zero { kpis.missing_is_zero() } else { kpis },
            calls,
            time_spent,
            recent_calls,
            filters,
            narrowing,
            days,
            hours: args.hours.iter().map(|text| words::hours(text)).collect::<Parsed<_>>()?,
            of_metrics: Vec::new(),
            are_members: false,
            unchecked: args.unchecked,
            staffed,
            short_abandons: short,
            notices: short.map(short_notice).into_iter().collect(),
        })
    }

    /// A question without filters, of all keys.
    ///
    /// # Errors
    /// A zone that doesn't exist.
    pub(crate) fn of(
        rows: &str,
        group_by: GroupBy,
        (period, time_zone): (&Period, &str),
        kpis: KpiSet,
        (calls, time_spent): (&[Breakdown], &[Breakdown]),
    ) -> Parsed<Self> {
        let measures = |breakdowns: &[Breakdown]| {
            breakdowns.iter().cloned().map(Measure::from).collect::<Vec<_>>()
        };
        Ok(Self {
            rows: rows.to_owned(),
            keys: Vec::new(),
            keys_argument: "--keys",
            kind: Kind::of(&group_by),
            grouping: group_by.clone(),
            group_by,
            period: period.clone(),
            time_zone: time_zone.to_owned(),
            zone: period::zone(time_zone)?,
            kpis,
            calls: measures(calls),
            time_spent: measures(time_spent),
            recent_calls: Vec::new(),
            filters: Vec::new(),
            narrowing: Vec::new(),
            days: Vec::new(),
            hours: Vec::new(),
            of_metrics: Vec::new(),
            are_members: false,
            unchecked: false,
            staffed: Vec::new(),
            short_abandons: None,
            notices: Vec::new(),
        })
    }

    /// What the keys of the rows are in the company's directory, which has their names.
    pub(crate) fn kind_of_rows(&self) -> Option<directory::Kind> {
        let kind = match self.kind {
            Kind::Members => Some(directory::Kind::User),
            _ => directory::Kind::of(&self.grouping),
        };
        kind.filter(|kind| kind.is_listed())
    }

    /// Whether extensions or sites are named, so that the list of them is needed.
    pub(crate) fn names_extensions(&self) -> bool {
        let in_filters = self.filters.iter().any(names_extensions);
        !self.unchecked && (in_filters || self.kind_of_keys().is_some())
    }

    /// What the keys that were named are; `None` if none was, or none is looked up.
    fn kind_of_keys(&self) -> Option<directory::Kind> {
        let kind = directory::Kind::of(&self.grouping).filter(|kind| kind.is_listed());
        kind.filter(|_| !self.keys.is_empty() || !self.staffed.is_empty())
    }

    /// The same with the keys of the extensions that were named.
    ///
    /// Without the permission to read the list they are sent as they are, with a
    /// notice.
    pub(crate) async fn looked_up(mut self, client: &Client) -> Result<Self, Failure> {
        if self.unchecked {
            return Ok(self);
        }
        if let Some(kind) = self.kind_of_keys()
            && let Some(listing) = self.listing(client, Some(kind)).await?
        {
            self.with_keys(&Names { listing: &listing, otherwise: lookup::SENT }, kind)?;
        }
        if self.filters.iter().any(names_extensions)
            && let Some(listing) = self.listing(client, None).await?
        {
            self.with_filters(&Names { listing: &listing, otherwise: lookup::SENT })?;
        }
        Ok(self)
    }

    /// The same as a history keeps it. Of one queue's members with its own calls it has users, filtered
    /// by the queue, and inbound calls.
    pub(crate) fn kept_form(mut self) -> Self {
        let queue = self.filters.iter().find_map(|filter| match filter {
            Filter::Queues(queues) => Some(queues),
            _ => None,
        });
        // Before they are looked up, the filter may have an id in the place of the name.
        let is_of_one = self.keys.len() == 1 && queue.is_some_and(|queues| queues.len() == 1);
        if self.grouping != GroupBy::members_of_queues() || !is_of_one {
            return self;
        }
        self.grouping = GroupBy::users();
        self.kind = Kind::of(&self.grouping);
        self.are_members = true;
        let direction = Filter::Direction(vec![Direction::Inbound]);
        if self.filters.iter().all(|filter| filter.name() != direction.name()) {
            if self.asks_metrics() {
                let notice = "calls through a queue are kept if they came in, so the numbers of \
                              calls and the time spent are of inbound calls";
                say_once(&mut self.notices, notice.to_owned());
            }
            self.narrowing.push(Narrowing::of_filter(direction.name(), "inbound"));
            self.of_metrics.push(direction);
        }
        self.only_keys(&[])
    }

    /// The same with a queue's members alone, where the history knows them.
    fn of_members(mut self, history: &Reader) -> Result<Self, Failure> {
        let queue = self.filters.iter().find_map(|filter| match filter {
            Filter::Queues(queues) => queues.first(),
            _ => None,
        });
        let failed = |error| history::failure(error, history.path());
        let rows =
            if queue.is_some() { history.directory(None).map_err(failed)? } else { Vec::new() };
        let members =
            rows.into_iter().filter(|row| !row.is_deleted && row.member_of.as_ref() == queue);
        let members: Vec<_> = members.map(|row| row.key).collect();
        if members.is_empty() {
            let notice = "the history doesn't have who belongs to the queue, so the rows are of all who \
                          took calls through it; `callperf sync --directory yes` keeps it";
            say_once(&mut self.notices, notice.to_owned());
        }
        Ok(self.only_keys(&members))
    }

    /// The same with the keys that a history has.
    pub(crate) fn looked_up_in(self, history: &Reader) -> Result<Self, Failure> {
        let mut question = self.kept_form();
        if !question.unchecked {
            question.look_up_in(history)?;
        }
        if question.are_members { question.of_members(history) } else { Ok(question) }
    }

    fn look_up_in(&mut self, history: &Reader) -> Result<(), Failure> {
        let failed = |error| history::failure(error, history.path());
        if let Some((kind, grouping)) = self.kind_of_keys().zip(self.grouping.grouping())
            && let Some(listing) = history.listing(grouping).map_err(failed)?
        {
            self.with_keys(&Names { listing: &listing, otherwise: lookup::OF_HISTORY }, kind)?;
        }
        // Without them the filter is refused by its name.
        if history.has_agents() && self.filters.iter().any(names_extensions) {
            let listing = history.entries().map_err(failed)?;
            self.with_filters(&Names { listing: &listing, otherwise: lookup::OF_HISTORY })?;
        }
        Ok(())
    }

    /// Whether a filter has a text that is no id.
    pub(crate) fn has_names_in_filters(&self) -> bool {
        let is_id = |text: &String| text.bytes().all(|byte| byte.is_ascii_digit());
        let mut filters = self.filters.clone();
        filters.iter_mut().filter_map(named_extensions).any(|(texts, _)| !texts.iter().all(is_id))
    }

    /// The same with an id in the place of each extension that a filter names, to be checked before
    /// the names are looked up.
    pub(crate) fn with_ids_for_names(&self) -> Self {
        let mut question = self.clone();
        for filter in &mut question.filters {
            let texts = named_extensions(filter).map(|(texts, _)| texts);
            texts.into_iter().flatten().for_each(|text| ANY_ID.clone_into(text));
        }
        question
    }

    /// What is looked up in; `None`, with a notice, if the application may not read it.
    async fn listing(
        &mut self,
        client: &Client,
        kind: Option<directory::Kind>,
    ) -> Result<Option<Listing>, Failure> {
        match lookup::listing(client, kind).await {
            Ok(listing) => {
                for notice in &listing.notices {
                    say_once(&mut self.notices, notice.to_string());
                }
                Ok(Some(listing))
            }
            Err(error) if is_unreadable(&error, kind) => {
                let what = if kind == Some(directory::Kind::Site) { "sites" } else { "extensions" };
                let notice = format!(
                    "{what} are sent as they were given, because the application may not read \
                     the list of them; numbers and names take its ReadAccounts permission"
                );
                say_once(&mut self.notices, notice);
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn with_keys(&mut self, names: &Names<'_>, kind: directory::Kind) -> Parsed<()> {
        let mut keys = Vec::new();
        for text in &self.keys {
            let key = lookup::key(names, self.keys_argument, text, Some(kind), &mut self.notices)?;
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        for (text, time) in &self.staffed {
            let key = lookup::key(names, "--staffed", text, Some(kind), &mut self.notices)?;
            self.kpis = self.kpis.clone().staffed(key, *time);
        }
        self.group_by = of_keys(&self.grouping, &keys);
        self.keys = keys;
        Ok(())
    }

    fn with_filters(&mut self, names: &Names<'_>) -> Parsed<()> {
        for filter in &mut self.filters {
            let option = format!("--where {}", filter.name());
            let Some((texts, kind)) = named_extensions(filter) else { continue };
            for text in texts {
                *text = lookup::key(names, &option, text, kind, &mut self.notices)?;
            }
        }
        Ok(())
    }

    /// The same of these keys alone; of all, if there are none.
    pub(crate) fn only_keys(mut self, keys: &[String]) -> Self {
        self.group_by = of_keys(&self.grouping, keys);
        self.keys = keys.to_vec();
        self
    }

    /// The same, with the metrics over fewer calls.
    pub(crate) fn only_metrics(mut self, filter: impl Into<Filter>) -> Self {
        self.of_metrics.push(filter.into());
        self
    }

    /// The same, with numbers of calls that are left out where the API or the server
    /// lacks them.
    pub(crate) fn with_recent_calls(mut self, breakdowns: &[Breakdown]) -> Self {
        self.recent_calls = breakdowns.to_vec();
        self
    }

    /// Its queries over a period. Without figures there is one of metrics, be it
    /// without any, so that the rules can say so.
    pub(crate) fn queries(&self, period: &Period) -> Queries {
        let zone = self.time_zone.as_str();
        let of_kpis = self.kpis.queries(self.group_by.clone(), period.clone(), zone);
        let of_metrics = (self.asks_metrics() || of_kpis.is_empty()).then(|| {
            let query = Query::new(self.group_by.clone(), period.clone(), zone);
            let query = self.calls.iter().cloned().fold(query, Query::calls);
            let query = self.time_spent.iter().cloned().fold(query, Query::time_spent);
            let query = self.narrowed(self.of_metrics.iter().cloned().fold(query, Query::only));
            self.proofs_beside_metrics().fold(query, Query::calls)
        });
        let with_recent = |query: Query| {
            let proofs: Vec<_> = self.proofs().collect();
            let others = self.recent_calls.iter().filter(|it| !proofs.contains(it));
            others.cloned().fold(query, Query::calls)
        };
        let with_proofs = |query| self.proofs().fold(self.narrowed(query), Query::calls);
        Queries {
            of_kpis: of_kpis.into_iter().map(with_proofs).collect(),
            older_metrics: of_metrics
                .clone()
                .filter(|_| !self.recent_calls.is_empty())
                .map(Box::new),
            of_metrics: of_metrics.map(with_recent),
        }
    }

    fn asks_metrics(&self) -> bool {
        !self.calls.is_empty() || !self.time_spent.is_empty()
    }

    /// The breakdowns that show whether the server applied the filters.
    fn proofs(&self) -> impl Iterator<Item = Breakdown> {
        self.filters.iter().filter_map(Filter::proof)
    }

    /// Those that the metrics don't have anyway.
    fn proofs_beside_metrics(&self) -> impl Iterator<Item = Breakdown> {
        let is_asked = |proof: &Breakdown| {
            self.calls.iter().chain(&self.time_spent).any(|own| own.breakdown() == proof)
        };
        self.proofs().filter(move |proof| !is_asked(proof))
    }

    /// The breakdowns that are requested as proofs alone, and not shown.
    pub(crate) fn hidden_calls(&self) -> Vec<Breakdown> {
        self.proofs_beside_metrics().filter(|proof| !self.recent_calls.contains(proof)).collect()
    }

    /// What narrows the numbers, as a heading has it.
    pub(crate) fn narrowing(&self) -> Vec<String> {
        narrowing::texts(&self.narrowing, &self.kpis, self.asks_metrics())
    }

    fn narrowed(&self, query: Query) -> Query {
        // A filter that figures choose themselves agrees with theirs.
        let is_there = |filter: &&Filter| own_filter(&query, filter).is_some();
        let more: Vec<_> = self.filters.iter().filter(|it| !is_there(it)).cloned().collect();
        let query = more.into_iter().fold(query, Query::only);
        let query =
            if self.days.is_empty() { query } else { query.on_days(self.days.iter().cloned()) };
        let query =
            if self.hours.is_empty() { query } else { query.in_hours(self.hours.iter().cloned()) };
        if self.unchecked { query.unchecked() } else { query }
    }

    /// Refuses a figure that the API, the grouping or a timeline lacks, by its name.
    pub(crate) fn fits(&self, api: Api, in_timeline: bool) -> Parsed<()> {
        let refused = |kpi: &Kpi, why: &str| {
            let name = words::spoken(kpi.as_str());
            Err(Failure::Usage(format!("--kpis: {name}: {why}; leave it out")))
        };
        for kpi in self.kpis.kpis().iter().filter(|_| !self.unchecked) {
            if !kpi.apis().contains(&api) {
                return refused(kpi, &format!("the API {api} lacks its numbers"));
            }
            if in_timeline && !kpi.fits_timelines() {
                return refused(kpi, "a figure of a whole period, which no timeline has");
            }
            if !kpi.fits(&self.group_by) {
                let whose = match kpi {
                    Kpi::OpportunityConversion => "users and members",
                    _ => "queues",
                };
                return refused(kpi, &format!("a figure of {whose}, not of {}", self.rows));
            }
        }
        Ok(())
    }

    /// The same of the whole company, as far as the API has it; a reason why
    /// there is no such question otherwise.
    pub(crate) fn of_company(&self) -> Result<Self, &'static str> {
        if self.kind == Kind::Company {
            return Err("the report is of the whole company already");
        }
        if !self.keys.is_empty() {
            return Err("the rows are of some keys only, and one call can count in several of \
                        them, so that no query gives their total");
        }
        let group_by = GroupBy::company();
        let has = |measure: &&Measure| {
            !matches!(
                measure.breakdown(),
                Breakdown::QueueSla | Breakdown::QueueHours | Breakdown::QueueOpportunities
            )
        };
        let company = Self {
            rows: "company".to_owned(),
            grouping: group_by.clone(),
            group_by: group_by.clone(),
            kind: Kind::Company,
            kpis: self.kpis.clone().fitting(&group_by),
            calls: self.calls.iter().filter(has).cloned().collect(),
            time_spent: self.time_spent.iter().filter(has).cloned().collect(),
            ..self.clone()
        };
        let asks = !company.kpis.kpis().is_empty()
            || !company.calls.is_empty()
            || !company.time_spent.is_empty();
        if asks { Ok(company) } else { Err("the API has none of these numbers for the company") }
    }
}

impl Kind {
    fn of(group_by: &GroupBy) -> Self {
        let word = Grouping::KNOWN.iter().find(|word| GroupBy::from((*word).clone()) == *group_by);
        match word {
            None => Self::Members,
            Some(Grouping::Company) => Self::Company,
            Some(
                Grouping::Users
                | Grouping::Queues
                | Grouping::Ivrs
                | Grouping::Ivas
                | Grouping::SharedLines,
            ) => Self::Extensions,
            Some(_) => Self::Others,
        }
    }
}

fn preset(name: &str) -> Parsed<&'static Preset> {
    let known: Vec<_> = PRESETS.iter().map(|preset| (preset.name.to_owned(), preset)).collect();
    words::pick("preset", name, &known)
}

/// The queue that a preset is about.
fn queue_of_preset(
    preset: Option<&Preset>,
    args: &QuestionArgs,
) -> Parsed<Option<(OfQueue, String)>> {
    let name = preset.map_or("--group-by", |preset| preset.name);
    let refused = |reason: String| Err(Failure::Usage(reason));
    match (preset.and_then(|preset| preset.of_queue), args.of.as_deref()) {
        (None, None) => Ok(None),
        (None, Some(queue)) => refused(format!(
            "{name}: `{queue}` is one argument too many; only agents-of and queue-hours take a \
             queue, and --keys chooses rows"
        )),
        (Some(_), None) => refused(format!(
            "{name}: which queue? Write its name, its extension number or its key, as in \
             `{name} Support`"
        )),
        (Some(_), Some(_)) if !args.keys.is_empty() => {
            refused(format!("--keys: {name} has its queue already; leave --keys out"))
        }
        (Some(of), Some(queue)) => Ok(Some((of, words::item(name, queue)?))),
    }
}

/// Narrows the numbers to calls of a queue.
fn only_of_queue(
    queue: &str,
    filters: &mut Vec<Filter>,
    narrowing: &mut Vec<Narrowing>,
) -> Parsed<()> {
    let filter = Filter::Queues(vec![queue.to_owned()]);
    if filters.iter().any(|other| other.name() == filter.name()) {
        let why = "--where queue: agents-of has its queue already; leave the filter out";
        return Err(Failure::Usage(why.to_owned()));
    }
    narrowing.push(Narrowing::of_filter(filter.name(), queue));
    filters.push(filter);
    Ok(())
}

/// Refuses names of what the directory doesn't list: sent as keys they would be keys of nothing.
fn are_keys(keys: &[String], grouping: &GroupBy) -> Parsed<()> {
    let kind = directory::Kind::of(grouping);
    let (what, listed_by) = match kind {
        None if *grouping == GroupBy::ivas() => {
            ("an IVA", "a report without --keys with --format json")
        }
        Some(directory::Kind::Department) => ("a department", "`callperf directory departments`"),
        Some(directory::Kind::UserGroup) => ("a user group", "`callperf directory groups`"),
        _ => return Ok(()),
    };
    let is_key = |key: &&String| key.bytes().all(|byte| byte.is_ascii_digit());
    let Some(name) = keys.iter().find(|key| !is_key(key)) else { return Ok(()) };
    Err(Failure::Usage(format!(
        "--keys: {} isn't the key of {what}, and names of these can't be looked up; {listed_by} \
         shows the keys",
        callperf::shown::quoted(name)
    )))
}

/// Without keys, all that exist.
fn of_keys(grouping: &GroupBy, keys: &[String]) -> GroupBy {
    let grouping = grouping.clone();
    if keys.is_empty() { grouping } else { grouping.keys(keys.iter().cloned()) }
}

/// As long as ids are.
const ANY_ID: &str = "1000000000";

/// The extensions that a filter names, and what they are.
fn named_extensions(filter: &mut Filter) -> Option<(&mut Vec<String>, Option<directory::Kind>)> {
    match filter {
        Filter::Queues(texts) => Some((texts, Some(directory::Kind::Queue))),
        Filter::FromExtensions(texts) | Filter::ToExtensions(texts) => Some((texts, None)),
        _ => None,
    }
}

/// Whether a report goes on without a list. A server may have none of sites.
fn is_unreadable(error: &callperf::Error, kind: Option<directory::Kind>) -> bool {
    let is_of_sites = kind == Some(directory::Kind::Site);
    error.kind() == ErrorKind::Permission || (is_of_sites && error.kind() == ErrorKind::Refused)
}

fn names_extensions(filter: &Filter) -> bool {
    matches!(filter, Filter::Queues(_) | Filter::FromExtensions(_) | Filter::ToExtensions(_))
}

/// How long a short abandoned call lasts: one length for all figures of a report.
fn short_abandons(figures: &[(Kpi, Option<Duration>)]) -> Parsed<Option<Duration>> {
    let mut lengths = figures.iter().filter_map(|(_, length)| *length);
    let first = lengths.next();
    if lengths.any(|other| Some(other) != first) {
        let why = "--kpis: a report has one length of short calls; ask for the other by itself";
        return Err(Failure::Usage(why.to_owned()));
    }
    Ok(first)
}

fn short_notice(length: Duration) -> String {
    format!(
        "abandonment rate without short: callers who hung up within {} s count nowhere",
        length.as_secs()
    )
}

fn staffed(text: &str) -> Parsed<(String, SignedDuration)> {
    let parsed = text.split_once('=').and_then(|(key, hours)| {
        let (key, hours) = (key.trim().to_owned(), hours.trim().parse::<f64>().ok()?);
        let time = SignedDuration::try_from_secs_f64(hours * 3600.0).ok()?;
        time.is_positive().then_some((key, time))
    });
    parsed.ok_or_else(|| {
        Failure::Usage(format!("--staffed: `{text}` isn't KEY=HOURS, for example 900000101=38.5"))
    })
}
