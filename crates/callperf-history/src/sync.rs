//! Brings a history up to yesterday.

use std::{
    collections::{BTreeSet, VecDeque},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use callperf::{Breakdown, Client, ErrorKind, GroupBy, Grouping, Period, Query};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use tokio::task::JoinHandle;

use crate::{
    error::{Error, Result},
    fetch::{self, Pulled, progress::Estimate, pull},
    forget,
    history::History,
    keep::{Event, Keep},
    model::{
        breakdowns, day,
        directory::Standing,
        layout,
        manifest::{Manifest, Part},
        scope::Scope,
        synced::Synced,
        table::{SeriesName, Table},
        zone,
    },
    plan::{self, Plan, knowledge::Knowledge, unit::Unit},
    store::{adding, columns, directory, place::Place, strays::strays, writing::Store},
    task,
};

/// What is kept if nothing else is asked for.
const GROUPINGS: [Grouping; 3] = [Grouping::Company, Grouping::Queues, Grouping::Users];

impl History {
    /// Fetches the days that are missing, and the last two once more.
    ///
    /// Give it a client that is [strict](callperf::ClientBuilder::strict): a file that is less
    /// than the response would be taken for the whole.
    ///
    /// # Cancel safety
    /// Dropping the future loses the rows of the request on its way. What was written before is
    /// whole, and the next run goes on from there.
    ///
    /// # Errors
    /// If the folder can't be used, a request fails or a response makes no sense. What was
    /// fetched before that is kept. [`Error::Lost`] if all was fetched, but files of days that
    /// the API has forgotten are damaged.
    pub async fn sync(&self, client: &Client, keep: &Keep) -> Result<Synced> {
        // Before a folder is made for it.
        keep.time_zone.as_deref().map(day::zone).transpose()?;
        self.refuse_nothing(keep)?;
        let place = self.place()?;
        let mut store = Store::open(&place)?;
        let mut manifest = store.manifest()?;
        let mut has_erased = false;
        if let Some(manifest) = &mut manifest {
            directory::settle(&store, manifest)?;
            has_erased = forget::finish(&store, manifest)?;
            store.collect(manifest)?;
            store.keep_out(manifest.forgotten());
        }
        let zone_name = self.zone_name(keep, manifest.as_ref())?;
        let zone = day::zone(&zone_name)?;
        let (oldest, last) = reach(keep, &zone)?;
        let account = account(client).await?;
        let mut manifest = match manifest {
            Some(manifest) => manifest.of_account(account, &self.path)?,
            None => Manifest::new(account, zone_name),
        };
        begin(&mut manifest, keep, oldest);
        if manifest.keeps_agents() {
            let queues = Box::pin(fetch::directory::queues(client)).await?;
            begin_agents(&mut manifest, keep, oldest, queues);
        }
        foresee(&manifest, keep, (oldest, last));
        if !has_erased {
            store.begin_changes()?;
        }
        // From here on the folder says whose it is.
        store.save(&mut manifest)?;
        for stray in strays(&place, &manifest)? {
            (keep.on_event)(Event::Stray(stray));
        }
        let knowledge = knowledge(&manifest, &store, keep);
        let kept = DirectoryBefore::of(&manifest, &place, (keep, &zone))?;
        let Plan { units, from_hours, damaged, mut lost } =
            plan::plan(&manifest, &store, oldest, last, &knowledge, keep.days_from_hours);
        damaged.into_iter().map(Event::Damaged).for_each(|event| (keep.on_event)(event));
        let files = units.iter().map(|unit| unit.days.len() as u64).sum();
        let on_event = Arc::clone(&keep.on_event);
        let estimate =
            Estimate::new(files, Arc::new(move |distance| on_event(Event::Progress(distance))));
        let mut run = Run {
            client,
            zone,
            keep,
            knowledge,
            store: Arc::new(store),
            manifest: Arc::new(Mutex::new(manifest)),
            estimate,
            pending: None,
            not_kept: BTreeSet::new(),
            left_out: BTreeSet::new(),
            asks_recent: true,
        };
        let outcome = run.all(units).await;
        // What was fetched before a failure is kept.
        let written = run.settle().await;
        outcome.and(written)?;
        run.add_up(from_hours).await?;
        lost.extend(run.keep_directory(kept).await?);
        let synced = run.outcome(last);
        if lost.is_empty() { Ok(synced) } else { Err(Error::Lost { synced, files: lost }) }
    }

    /// Refuses a history that would stay empty, and to take one forward that isn't there.
    pub(crate) fn refuse_nothing(&self, keep: &Keep) -> Result<()> {
        if self.place()?.manifest()?.is_some() {
            return Ok(());
        }
        if keep.migrates {
            return Err(Error::Missing { path: self.path.clone() });
        }
        let mut manifest = Manifest::new(None, String::new());
        begin(&mut manifest, keep, Date::default());
        if manifest.tables.is_empty() { Err(Error::NothingKept) } else { Ok(()) }
    }

    /// Returns the partitions that the last sync changed, relative to the folder: those that it
    /// added, and those whose rows became others.
    ///
    /// # Errors
    /// If there is no history, or another process syncs it.
    pub fn changed(&self) -> Result<Vec<PathBuf>> {
        Store::existing(&self.place()?)?.changes()
    }

    pub(crate) fn zone_name(&self, keep: &Keep, manifest: Option<&Manifest>) -> Result<String> {
        match (manifest, &keep.time_zone) {
            (Some(manifest), Some(asked)) if !zone::is_same(asked, &manifest.time_zone) => {
                Err(Error::OtherZone {
                    path: self.path.clone(),
                    own: manifest.time_zone.clone(),
                    other: asked.clone(),
                })
            }
            (Some(manifest), _) => Ok(manifest.time_zone.clone()),
            (None, asked) => Ok(asked.clone().unwrap_or_else(|| "UTC".to_owned())),
        }
    }
}

/// The first and the last day that can be fetched now.
///
/// # Errors
/// [`Error::NotOver`] if the history is to begin after them.
pub(crate) fn reach(keep: &Keep, zone: &TimeZone) -> Result<(Date, Date)> {
    let now = keep.now.unwrap_or_else(Timestamp::now);
    let (oldest, last) = (day::oldest(now, zone)?, day::last_whole(now, zone)?);
    match keep.from {
        Some(from) if from > last => Err(Error::NotOver { from, last }),
        _ => Ok((oldest, last)),
    }
}

/// What the folder's files say of the size of responses.
pub(crate) fn knowledge(manifest: &Manifest, store: &Store, keep: &Keep) -> Knowledge {
    let mut knowledge = Knowledge::new(keep.days_per_request);
    for (name, series) in manifest.series().filter(|(name, _)| name.is_widest()) {
        // A Sunday has fewer keys than a week.
        for (day, listed) in series.days.iter().rev().take(7) {
            let file = store.place().source(&layout::part(&name, *day, listed), listed).ok();
            // What is damaged is fetched again, and says nothing.
            if let Some(keys) = file.and_then(|file| columns::texts(file, "key").ok()) {
                knowledge.see_keys(&name.population(), keys.len() as u64);
            }
        }
    }
    knowledge
}

/// Puts the series that are to be kept into the manifest.
pub(crate) fn begin(manifest: &mut Manifest, keep: &Keep, oldest: Date) {
    let is_new = manifest.tables.is_empty();
    let is_unsaid = [&keep.hourly, &keep.daily, &keep.figures].iter().all(|said| said.is_none());
    if let Some(from) = keep.from {
        manifest.begin_by(from.max(oldest));
    }
    let first = keep.from.or_else(|| manifest.first()).unwrap_or(oldest).max(oldest);
    let by_default = |with_sites: bool| {
        let sites = with_sites.then_some(Grouping::Sites);
        GROUPINGS.into_iter().chain(sites).collect::<Vec<_>>()
    };
    let chosen = |said: &Option<Vec<Grouping>>, with_sites| {
        said.clone().or_else(|| is_new.then(|| by_default(with_sites))).unwrap_or_default()
    };
    let migrated = if keep.migrates { migrated(manifest) } else { Vec::new() };
    for grouping in chosen(&keep.hourly, false) {
        manifest.keep(&SeriesName::new(Table::Hourly, grouping.as_str()), first);
    }
    for grouping in chosen(&keep.daily, is_unsaid) {
        manifest.keep(&SeriesName::new(Table::Daily, grouping.as_str()), first);
    }
    let figures =
        if is_unsaid { chosen(&None, true) } else { keep.figures.clone().unwrap_or_default() };
    for grouping in figures.into_iter().chain(migrated) {
        for scope in Scope::OF_FIGURES {
            manifest.keep(&SeriesName::figures(scope, grouping.as_str()), first);
        }
        manifest.keep(&SeriesName::new(Table::Daily, grouping.as_str()), first);
    }
    let keeps_directory = keep.directory.unwrap_or((is_new && is_unsaid) || keep.migrates);
    if keeps_directory {
        manifest.keep_directory();
    }
    if keep.queue_agents {
        manifest.keep_agents();
    }
    if let Some(seconds) = keep.short_abandons {
        let kept = manifest.series().filter(|(name, _)| name.scope == Scope::Inbound);
        let groupings: Vec<_> = kept.map(|(name, _)| name.grouping).collect();
        for grouping in groupings {
            let scope = Scope::AbandonedWithin(seconds);
            manifest.keep(&SeriesName::figures(scope, grouping), first);
        }
    }
}

/// Puts the agents of these queues into the manifest. Those of a queue that is new begin where the
/// others did.
pub(crate) fn begin_agents(
    manifest: &mut Manifest,
    keep: &Keep,
    oldest: Date,
    queues: impl IntoIterator<Item = String>,
) {
    let first = keep.from.or_else(|| manifest.first()).unwrap_or(oldest).max(oldest);
    let forgotten = manifest.forgotten();
    for queue in queues.into_iter().filter(|queue| !forgotten.has(queue)) {
        for scope in Scope::OF_FIGURES {
            manifest.keep(&SeriesName::agents(scope, &queue), first);
        }
    }
}

/// The groupings whose figures are added to a history of an earlier version: those whose days it
/// has, and sites if it has what that version kept by itself.
fn migrated(manifest: &Manifest) -> Vec<Grouping> {
    let days = manifest.series().filter(|(name, _)| name.table == Table::Daily);
    let mut groupings: Vec<_> = days.map(|(name, _)| name.grouping()).collect();
    let has_all = GROUPINGS.iter().all(|grouping| groupings.contains(grouping));
    groupings.extend(has_all.then_some(Grouping::Sites));
    groupings
}

/// Says what will be other than one may expect.
fn foresee(manifest: &Manifest, keep: &Keep, (oldest, last): (Date, Date)) {
    if let Some(from) = keep.from.filter(|from| *from < oldest)
        && manifest.series().any(|(_, series)| series.first > from)
    {
        (keep.on_event)(Event::BeginsLater { oldest, from });
    }
    let kept = manifest.series().filter_map(|(_, series)| series.high_water).max();
    if let Some(kept) = kept.filter(|kept| *kept > last) {
        (keep.on_event)(Event::ClockBehind { last, kept });
    }
}

/// The directory before a sync.
struct DirectoryBefore {
    /// The day whose file is written; `None` if none is.
    day: Option<Date>,
    /// How things stood before that day.
    standing: Standing,
    /// What is wrong with files that can't be fetched again.
    lost: Vec<String>,
    /// What is wrong with the file of that day.
    damaged: Option<String>,
}

impl DirectoryBefore {
    fn of(manifest: &Manifest, place: &Place, (keep, zone): (&Keep, &TimeZone)) -> Result<Self> {
        let kept = manifest.directory.as_ref().filter(|_| keep.directory != Some(false));
        let Some(kept) = kept else {
            let (standing, lost) = directory::standing(place, manifest, None);
            return Ok(Self { day: None, standing, lost, damaged: None });
        };
        let today = keep.now.unwrap_or_else(Timestamp::now);
        let today = today.to_zoned_datetime(zone.clone()).date();
        // A clock that was set back doesn't change what was.
        let day = kept.days.keys().copied().max().map_or(today, |last| last.max(today));
        let until = day.yesterday().map_err(|error| Error::calendar(&error))?;
        let (standing, lost) = directory::standing(place, manifest, Some(until));
        let damaged = directory::damage(place, manifest, day);
        Ok(Self { day: Some(day), standing, lost, damaged })
    }
}

struct Run<'a> {
    client: &'a Client,
    zone: TimeZone,
    keep: &'a Keep,
    knowledge: Knowledge,
    store: Arc<Store>,
    manifest: Arc<Mutex<Manifest>>,
    estimate: Estimate,
    /// The files of one unit, written while the next one is fetched.
    pending: Option<JoinHandle<Result<()>>>,
    not_kept: BTreeSet<String>,
    left_out: BTreeSet<String>,
    /// Whether the server has refused none of the recent breakdowns.
    asks_recent: bool,
}

impl Run<'_> {
    async fn all(&mut self, units: Vec<Unit>) -> Result<()> {
        let mut work = VecDeque::from(units);
        while let Some(unit) = work.pop_front() {
            let (unit, rest) = {
                let span = self.knowledge.span(&unit.series);
                unit.split(span)
            };
            let place = |rest: &Unit| work.partition_point(|later| later.first() <= rest.first());
            if let Some(rest) = rest {
                work.insert(place(&rest), rest);
            }
            let later_pages = work.iter().map(|unit| self.knowledge.requests(unit)).sum();
            let estimate = self.estimate.clone();
            estimate.begin(unit.days.len() as u64, later_pages);
            let (client, zone, store) = (self.client, &self.zone, &self.store);
            let pulled = pull(client, &unit, zone, store, &estimate, self.asks_recent).await?;
            let Pulled { spool, unheld, absent, refuses_recent, keys, values } = pulled;
            if unit.series.is_widest() {
                self.knowledge.see_keys(&unit.series.population(), keys);
            }
            self.knowledge.see_values(&unit.series, values);
            if refuses_recent {
                self.asks_recent = false;
                (self.keep.on_event)(Event::Refused(breakdowns::RECENT.to_vec()));
            }
            self.not_kept.extend(unheld);
            self.left_out.extend(absent);
            self.settle().await?;
            let (store, manifest) = (Arc::clone(&self.store), Arc::clone(&self.manifest));
            self.pending = Some(tokio::task::spawn_blocking(move || {
                // Nothing that holds it panics half-way through a change.
                let mut manifest = manifest.lock().unwrap_or_else(PoisonError::into_inner);
                store.write(&unit.series, &unit.days, spool, &mut manifest)
            }));
        }
        Ok(())
    }

    /// Writes days that are added up from their hours.
    async fn add_up(&mut self, series: Vec<(SeriesName, Vec<Date>)>) -> Result<()> {
        let (store, manifest) = (Arc::clone(&self.store), Arc::clone(&self.manifest));
        let zone = self.zone.clone();
        self.pending = Some(tokio::task::spawn_blocking(move || {
            let mut manifest = manifest.lock().unwrap_or_else(PoisonError::into_inner);
            for (name, days) in series {
                let hours = SeriesName::new(Table::Hourly, &name.grouping);
                let mut spool = store.spool()?;
                for day in &days {
                    let part = Part::Series(hours.clone(), *day);
                    let Some(listed) = manifest.entry(&part).cloned() else { continue };
                    let file = layout::part(&hours, *day, &listed);
                    let start = day::start(*day, &zone)?;
                    let added = store.place().source(&file, &listed);
                    added
                        .and_then(|file| adding::add_hours(&mut spool, file, *day, start))
                        .map_err(|error| Error::unwritten(&store.place().at(&file), error))?;
                }
                store.write(&name, &days, spool, &mut manifest)?;
            }
            Ok(())
        }));
        self.settle().await
    }

    /// Fetches the directory, and writes what became other on this day. Returns what is wrong with
    /// files that aren't written again.
    async fn keep_directory(&mut self, before: DirectoryBefore) -> Result<Vec<String>> {
        let DirectoryBefore { day, standing, mut lost, damaged } = before;
        let Some(day) = day else { return Ok(lost) };
        let came = match Box::pin(fetch::directory::pull(self.client)).await {
            Ok(came) => came,
            Err(error) if error.kind() == ErrorKind::Permission => {
                (self.keep.on_event)(Event::NoDirectory(error.to_string()));
                lost.extend(damaged);
                return Ok(lost);
            }
            Err(error) => return Err(error.into()),
        };
        if !came.unread.is_empty() {
            let unread = came.unread.iter().cloned().collect();
            (self.keep.on_event)(Event::UnreadMembers(unread));
        }
        damaged.into_iter().map(Event::Damaged).for_each(|event| (self.keep.on_event)(event));
        let store = Arc::clone(&self.store);
        let manifest = Arc::clone(&self.manifest);
        self.pending = Some(tokio::task::spawn_blocking(move || {
            let mut manifest = manifest.lock().unwrap_or_else(PoisonError::into_inner);
            let came = store.without_forgotten(came);
            directory::change(&store, &mut manifest, day, &standing.changes_to(&came))
        }));
        self.settle().await?;
        Ok(lost)
    }

    /// Waits for the files that are being written.
    async fn settle(&mut self) -> Result<()> {
        let Some(pending) = self.pending.take() else { return Ok(()) };
        let unwritten = |error| Error::file(self.store.location(), std::io::Error::other(error));
        task::joined(pending).await.map_err(unwritten)?
    }

    fn outcome(self, last: Date) -> Synced {
        let manifest = self.manifest.lock().unwrap_or_else(PoisonError::into_inner);
        let all = manifest.series().flat_map(|(_, series)| series.days.values());
        let (files, rows) = all.fold((0, 0), |(files, rows), day| (files + 1, rows + day.rows));
        let (not_kept, left_out) = (self.not_kept, self.left_out);
        let last = manifest.series().filter_map(|(_, it)| it.high_water).max().unwrap_or(last);
        Synced { last, files, rows, not_kept, left_out }
    }
}

/// The key of the company's own record, which is the account's id; `None` if the account had
/// no call in half a year.
async fn account(client: &Client) -> Result<Option<String>> {
    let remembered = Period::last_days(day::WHOLE_DAYS);
    let query = Query::new(GroupBy::company(), remembered, "UTC").calls(Breakdown::Total);
    let page = client.aggregate(&query).per_page(1).page(1).await?;
    Ok(page.records.first().map(|record| record.key().to_owned()))
}
