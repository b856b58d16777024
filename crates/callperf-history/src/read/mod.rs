//! Queries that are answered from a history.

pub(crate) mod files;
mod kept;
mod names;
mod narrowing;
mod points;
mod question;
mod stored;
pub(crate) mod sums;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use bytes::Bytes;
use callperf::{
    Client, Credentials, Error, ErrorKind, Interval, Notice, Query, Record, Report, Series, Source,
    Sourced, period::ResolvedPeriod,
};
use jiff::{
    Timestamp,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use self::{question::Question, stored::Answer, sums::Sums};
use crate::{
    error::Result,
    history::History,
    model::{
        day,
        directory::DirectoryRow,
        file::Day,
        layout::{self, DIRECTORY},
        manifest::Manifest,
        table::{SeriesName, Table},
        zone,
    },
    store::{directory, place::Place, sound::Unsound},
    task,
};

/// Answers queries from a history, as a client does from the API: a [`Source`] for reports and
/// key figures.
///
/// It answers exactly or not at all. What the history hasn't kept is refused by its name: other
/// filters than those of key figures, other aggregations than sums, parts of days, days that
/// aren't there, another time zone.
///
/// ```no_run
/// use callperf::{GroupBy, Kpi, KpiSet, Period, Query};
/// use callperf_history::History;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let reader = History::open("history").reader()?;
/// let november = Query::new(GroupBy::queues(), Period::month(2025, 11), reader.time_zone());
/// let set = KpiSet::new([Kpi::AnswerRate, Kpi::AverageSpeedOfAnswer]);
/// for queue in set.request(&reader, &november).all().await? {
///     println!("{}: {:?}", queue.label(), queue.get(Kpi::AnswerRate));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Reader {
    inner: Arc<Inner>,
}

#[derive(Clone, Debug)]
struct Inner {
    place: Place,
    manifest: Manifest,
    zone: TimeZone,
    week_start: Weekday,
    now: Timestamp,
    /// Sends nothing: it makes records those of their queries.
    client: Client,
}

impl History {
    /// Returns what answers queries from the history as it is now.
    ///
    /// # Errors
    /// If there is no history, or its manifest can't be read.
    pub fn reader(&self) -> Result<Reader> {
        self.reader_at(Timestamp::now())
    }

    /// The same at another time than now, by which relative periods are resolved.
    ///
    /// # Errors
    /// Those of [`reader`](Self::reader).
    pub fn reader_at(&self, now: Timestamp) -> Result<Reader> {
        let place = self.place()?;
        let manifest = place.read_manifest()?;
        let zone = day::zone(&manifest.time_zone)?;
        let client = Client::builder()
            .server("http://127.0.0.1:9")
            .credentials(Credentials::jwt("history", "history", "history"))
            .no_proxy()
            .clock(move || now)
            .build()?;
        let week_start = Weekday::Monday;
        Ok(Reader { inner: Arc::new(Inner { place, manifest, zone, week_start, now, client }) })
    }
}

impl Reader {
    /// Returns the location.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.inner.place.location()
    }

    /// Sets the day on which the weeks of a timeline by [`Interval::Week`] start; by default it is
    /// Monday. On which one those of the API start is documented nowhere; a
    /// [calibration](Client::calibration) may have settled it (`week-start`). Weeks of periods are
    /// [set there](callperf::Period::weeks_start_on).
    #[must_use]
    pub fn weeks_start_on(mut self, day: Weekday) -> Self {
        Arc::make_mut(&mut self.inner).week_start = day;
        self
    }

    /// Whether the history keeps key figures.
    #[must_use]
    pub fn has_figures(&self) -> bool {
        self.inner.manifest.tables.contains_key(&Table::Figures)
    }

    /// Whether the history keeps days of all calls.
    #[must_use]
    pub fn has_days(&self) -> bool {
        self.inner.manifest.tables.contains_key(&Table::Daily)
    }

    /// Returns the IANA name of the zone in which the days of the history are cut.
    #[must_use]
    pub fn time_zone(&self) -> &str {
        &self.inner.manifest.time_zone
    }

    /// Returns the last day that the history has of any grouping.
    #[must_use]
    pub fn last_day(&self) -> Option<Date> {
        self.inner.manifest.series().filter_map(|(_, series)| series.high_water).max()
    }

    /// Whether the history keeps the agents of queues.
    #[must_use]
    pub fn has_agents(&self) -> bool {
        self.inner.manifest.series().any(|(name, _)| name.table == Table::Agents)
    }

    /// Whether the history has the directory of a day.
    #[must_use]
    pub fn has_directory(&self) -> bool {
        self.inner.manifest.directory.as_ref().is_some_and(|it| !it.days.is_empty())
    }

    /// Returns the account's id, if a call has shown it.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.inner.manifest.account.as_deref()
    }

    /// Returns the directory as it stood at the end of a day, or as it stands now: what was
    /// deleted, too. It is empty if the history has none of that time.
    ///
    /// # Errors
    /// If a file is damaged.
    pub fn directory(&self, on: Option<Date>) -> Result<Vec<DirectoryRow>> {
        let Inner { place, manifest, .. } = &*self.inner;
        let (standing, damaged) = directory::standing(place, manifest, on);
        match damaged.into_iter().next() {
            None => Ok(standing.rows().cloned().collect()),
            Some(reason) => Err(crate::Error::Damaged { file: place.at(DIRECTORY), reason }),
        }
    }

    /// The rows of the directory of all days.
    pub(crate) fn directory_rows(&self) -> Result<Vec<DirectoryRow>> {
        let Inner { place, manifest, .. } = &*self.inner;
        let days = manifest.directory.iter().flat_map(|directory| &directory.days);
        let mut all = Vec::new();
        for (day, listed) in days {
            let rows = directory::read(place, manifest, *day, listed);
            all.extend(rows.map_err(|reason| {
                let file = place.at(&layout::directory_part(*day, listed));
                crate::Error::Damaged { file, reason }
            })?);
        }
        Ok(all)
    }

    /// The groupings that are kept by the hour or by the day.
    pub(crate) fn groupings(&self) -> BTreeSet<String> {
        self.inner.manifest.series().map(|(name, _)| name.grouping).collect()
    }

    /// The names of all keys of a grouping, if it is kept.
    pub(crate) fn names(&self, grouping: &str) -> Result<Option<BTreeMap<String, names::Named>>> {
        self.inner.names(grouping)
    }

    /// Says whether the history can answer a query. No file is read.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] with what it hasn't kept.
    pub fn check(&self, query: &Query, interval: Option<&Interval>) -> callperf::Result<()> {
        self.inner.question(query, interval).map(drop)
    }
}

impl Source for Reader {
    fn aggregate(&self, query: &Query) -> Sourced<Report<Record>> {
        let (inner, query) = (Arc::clone(&self.inner), query.clone());
        Box::pin(async move {
            blocking(move || {
                let request = inner.client.aggregate(&query.clone().unchecked());
                let template = request.read(&stored::template(&query, None))?;
                inner.answer(&query, None, template.records.into_iter().next(), Answer::records)
            })
            .await
        })
    }

    fn timeline(&self, query: &Query, interval: Interval) -> Sourced<Report<Series>> {
        let (inner, query) = (Arc::clone(&self.inner), query.clone());
        Box::pin(async move {
            blocking(move || {
                let request = inner.client.timeline(&query.clone().unchecked(), interval.clone());
                let time = query.period().at(inner.now, &inner.zone)?.start();
                let template = request.read(&stored::template(&query, Some(time)))?;
                let template = template.records.into_iter().next();
                inner.answer(&query, Some(&interval), template, |answer, template| {
                    answer.series(template)
                })
            })
            .await
        })
    }
}

/// Reads files beside the runtime's own work.
async fn blocking<T: Send + 'static>(
    read: impl FnOnce() -> callperf::Result<T> + Send + 'static,
) -> callperf::Result<T> {
    let read = tokio::task::spawn_blocking(read);
    task::joined(read).await.map_err(|error| unreadable(&error.to_string()))?
}

fn unreadable(reason: &str) -> Error {
    Error::of_source(ErrorKind::Answer, format!("the history can't be read: {reason}"))
}

impl Inner {
    /// The names of all keys of a grouping, by the first table that has it.
    fn names(&self, grouping: &str) -> Result<Option<BTreeMap<String, names::Named>>> {
        let tables = [Table::Daily, Table::Hourly].map(|table| SeriesName::new(table, grouping));
        let mut kept = tables.iter().filter_map(|name| Some((name, self.manifest.get(name)?)));
        // Of a first sync that is half-way there are series without a day, whose names aren't known.
        let kept = kept.find(|(_, series)| !series.days.is_empty());
        let Some((name, series)) = kept else { return Ok(None) };
        let mut known = BTreeMap::new();
        for (day, listed) in series.days.iter().rev() {
            let file = layout::part(name, *day, listed);
            let open = || self.place.source(&file, listed);
            names::add(open, &mut known).map_err(|error| {
                let reason = error.to_string();
                crate::Error::Damaged { file: self.place.at(&file), reason }
            })?;
        }
        Ok(Some(known))
    }

    fn refused(&self, reason: &str) -> Error {
        let message =
            format!("the history in {} can't answer: {reason}", self.place.location().display());
        Error::of_source(ErrorKind::Query, message)
    }

    fn question(
        &self,
        query: &Query,
        interval: Option<&Interval>,
    ) -> callperf::Result<(Question, ResolvedPeriod)> {
        if !zone::is_same(query.time_zone(), &self.manifest.time_zone) {
            let (own, other) = (&self.manifest.time_zone, query.time_zone());
            return Err(self.refused(&format!(
                "its days are cut in {own}, not {other}; use the time zone {own}"
            )));
        }
        let period = query.period().at(self.now, &self.zone)?;
        let cut = (&self.zone, self.week_start);
        let question = Question::of(query, interval, &period, &self.manifest, cut);
        Ok((question.map_err(|reason| self.refused(&reason))?, period))
    }

    /// The bytes of days' files, if they are what was written.
    fn bytes(&self, series: &SeriesName, days: &[Date]) -> callperf::Result<Vec<Bytes>> {
        let listed = |day: &Date| {
            let kept = self.manifest.get(series).and_then(|series| series.days.get(day));
            let kept = kept.cloned().unwrap_or_default();
            (layout::part(series, *day, &kept), kept)
        };
        let read = self.place.read_all(&days.iter().map(listed).collect::<Vec<_>>());
        let read = read.into_iter().zip(days).map(|(read, day)| {
            let known = listed(day).1;
            read.or_else(|unsound| self.newer_bytes(series, *day, (&known, &unsound)))
        });
        read.collect()
    }

    /// A sync may have fetched a day again meanwhile.
    fn newer_bytes(
        &self,
        series: &SeriesName,
        day: Date,
        (known, unsound): (&Day, &Unsound),
    ) -> callperf::Result<Bytes> {
        let newer = self.place.read_manifest().ok();
        let newer = newer.and_then(|it| it.get(series)?.days.get(&day).cloned());
        let newer = newer.filter(|newer| newer != known);
        let read = |newer: Day| self.place.read(&layout::part(series, day, &newer), &newer).ok();
        newer.and_then(read).ok_or_else(|| {
            let file = self.place.at(&layout::part(series, day, known));
            let first = unsound.in_words(&file, known);
            let place = self.place.location().display();
            unreadable(&format!(
                "{first}; `callperf sync --out {place} --check` names all that is damaged, and \
                 `callperf sync --out {place}` fetches it again while the API has it"
            ))
        })
    }

    /// The report of a query, in rows that are made as one that a client has read.
    fn answer<T: DeserializeOwned + serde::Serialize>(
        &self,
        query: &Query,
        interval: Option<&Interval>,
        template: Option<T>,
        rows: fn(&Answer, &Json) -> Vec<Json>,
    ) -> callperf::Result<Report<T>> {
        let (question, period) = self.question(query, interval)?;
        let mut sums = question.sums();
        for together in question.days.chunks(self.place.together()) {
            let read = self.bytes(&question.series, together)?;
            for (day, bytes) in together.iter().zip(read) {
                let lacking =
                    sums.add(bytes).map_err(|error| unreadable(&format!("{day}: {error}")))?;
                if let Some((metric, breakdown)) = lacking.first() {
                    let reason = format!("{metric} {breakdown} isn't there for {day}");
                    return Err(self.refused(&reason));
                }
            }
        }
        let Question { starts: times, .. } = question;
        let answer = Answer { sums, times, zone: self.zone.clone() };
        let template = template.and_then(|row| serde_json::to_value(row).ok());
        let template = template.ok_or_else(|| unreadable("a record can't be made"))?;
        let rows = rows(&answer, &template).into_iter().map(serde_json::from_value);
        let rows: std::result::Result<Vec<T>, _> = rows.collect();
        let rows = rows.map_err(|error| unreadable(&error.to_string()))?;
        Ok(report(query, period, rows, &answer.sums))
    }
}

fn report<T>(query: &Query, period: ResolvedPeriod, rows: Vec<T>, sums: &Sums) -> Report<T> {
    let mut report = Report::new(rows, period);
    let chosen = query.group_by().chosen_keys().iter();
    let missing: Vec<_> = chosen.filter(|key| !sums.keys.contains_key(*key)).cloned().collect();
    if !missing.is_empty() {
        report.notices.push(Notice::MissingKeys { keys: missing });
    }
    report
}
