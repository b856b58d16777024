//! What a sync would request.

use std::{collections::BTreeSet, fmt};

use callperf::Grouping;
use jiff::civil::Date;

use crate::{
    error::Result,
    history::History,
    keep::Keep,
    model::{
        day,
        directory::{DirectoryRow, Standing},
        layout,
        manifest::Manifest,
        scope::Scope,
        table::{SeriesName, Table},
    },
    plan::{self, cheapest::By},
    store::{columns, directory, writing::Store},
    sync,
};

/// What a sync would request now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Planned {
    /// The days of each series, the oldest first.
    pub steps: Vec<PlannedStep>,
    /// How many requests there are, the one that asks for the account included; logins and
    /// retries count apart.
    pub requests: u64,
    /// Groupings of which it isn't known how many keys they have. Their requests are those for
    /// one page of keys.
    pub unknown: BTreeSet<String>,
    /// How many requests the directory takes, which count apart; `None` if it isn't kept.
    pub directory: Option<u64>,
    /// Whether what there is says how large the directory is. Otherwise it may take more.
    pub knows_directory: bool,
    /// Whether the agents of queues are kept, and it isn't known which queues there are. Each
    /// takes three requests for twenty agents.
    pub lacks_queues: bool,
}

/// Days of a series that are requested together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlannedStep {
    /// The table.
    pub table: Table,
    /// The calls that it is about.
    pub scope: Scope,
    /// The grouping, as in the folders' names.
    pub grouping: String,
    /// The queue that the calls came through, in the table of agents.
    pub queue: Option<String>,
    /// Whether it is a timeline, of hours or of many days, and not an aggregation.
    pub is_timeline: bool,
    /// Whether days are added up from their hours.
    pub is_from_hours: bool,
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// How many days are written.
    pub days: u64,
    /// How many requests it takes.
    pub requests: u64,
}

impl History {
    /// Returns what [`sync`](Self::sync) would request. Nothing is sent or changed.
    ///
    /// # Errors
    /// If the folder can't be used, or what is to be kept is refused.
    pub fn plan(&self, keep: &Keep) -> Result<Planned> {
        self.refuse_nothing(keep)?;
        let place = self.place()?;
        let manifest = place.manifest()?;
        let zone_name = self.zone_name(keep, manifest.as_ref())?;
        let zone = day::zone(&zone_name)?;
        let store = match manifest {
            Some(_) => Store::existing(&place)?,
            None => Store::of_nothing(&place),
        };
        let mut manifest = manifest.unwrap_or_else(|| Manifest::new(None, zone_name));
        manifest.remove_forgotten_agents();
        let (oldest, last) = sync::reach(keep, &zone)?;
        sync::begin(&mut manifest, keep, oldest);
        let (standing, _) = directory::standing(&place, &manifest, None);
        let keeps_agents = manifest.keeps_agents();
        let queues = if keeps_agents { queues(&manifest, &store, &standing) } else { Vec::new() };
        let lacks_queues = keeps_agents && queues.is_empty();
        sync::begin_agents(&mut manifest, keep, oldest, queues);
        let knowledge = sync::knowledge(&manifest, &store, keep);
        let plan = plan::plan(&manifest, &store, oldest, last, &knowledge, keep.days_from_hours);
        let steps: Vec<_> = plan
            .units
            .iter()
            .map(|unit| PlannedStep {
                table: unit.series.table,
                scope: unit.series.scope,
                grouping: unit.series.grouping.clone(),
                queue: unit.series.queue.clone(),
                is_timeline: unit.by != By::Aggregation,
                is_from_hours: false,
                first: unit.first(),
                last: unit.last(),
                days: unit.days.len() as u64,
                requests: knowledge.requests(unit),
            })
            .chain(plan.from_hours.iter().filter_map(from_hours))
            .collect();
        let unknown = plan.units.iter().map(|unit| &unit.series);
        let unknown = unknown.filter(|series| knowledge.keys(&series.population()).is_none());
        let unknown = unknown.map(|series| match &series.queue {
            Some(queue) => format!("agents of queue {queue}"),
            None => series.grouping.clone(),
        });
        let unknown = unknown.collect();
        // One for the account, and one for the queues that had calls.
        let requests = 1 + u64::from(keeps_agents);
        let requests = requests + steps.iter().map(|step| step.requests).sum::<u64>();
        let keeps_directory = manifest.directory.is_some() && keep.directory != Some(false);
        Ok(Planned {
            steps,
            requests,
            unknown,
            directory: keeps_directory.then(|| requests_of_directory(&standing)),
            knows_directory: standing.rows().next().is_some(),
            lacks_queues,
        })
    }
}

/// The queues that there are, as far as is known.
fn queues(manifest: &Manifest, store: &Store, standing: &Standing) -> Vec<String> {
    let queues = Grouping::Queues.as_str();
    let of_kind = entries(standing).filter(|row| row.kind == queues);
    let mut known: BTreeSet<_> = of_kind.map(|row| row.key.clone()).collect();
    let name = SeriesName::new(Table::Daily, queues);
    if let Some(series) = manifest.get(&name) {
        for (day, listed) in series.days.iter().rev().take(7) {
            let file = store.place().source(&layout::part(&name, *day, listed), listed).ok();
            let keys = file.and_then(|file| columns::texts(file, "key").ok());
            known.extend(keys.unwrap_or_default());
        }
    }
    known.into_iter().collect()
}

/// The entries that the directory has now.
fn entries(standing: &Standing) -> impl Iterator<Item = &DirectoryRow> {
    standing.rows().filter(|row| row.member_of.is_none() && !row.is_deleted)
}

/// A page of extensions, one of sites, and one of each queue's members.
fn requests_of_directory(standing: &Standing) -> u64 {
    let count = |is_counted: fn(&str) -> bool| {
        entries(standing).filter(|row| is_counted(&row.kind)).count()
    };
    let extensions = count(|kind| kind != Grouping::Sites.as_str());
    let pages = extensions.div_ceil(EXTENSIONS_ON_A_PAGE).max(1);
    (pages + 1 + count(|kind| kind == Grouping::Queues.as_str())) as u64
}

/// As the SDK requests them.
const EXTENSIONS_ON_A_PAGE: usize = 1000;

fn from_hours((name, days): &(SeriesName, Vec<Date>)) -> Option<PlannedStep> {
    Some(PlannedStep {
        table: name.table,
        scope: name.scope,
        grouping: name.grouping.clone(),
        queue: name.queue.clone(),
        is_timeline: false,
        is_from_hours: true,
        first: *days.first()?,
        last: *days.last()?,
        days: days.len() as u64,
        requests: 0,
    })
}

impl fmt::Display for PlannedStep {
    /// The series, as `figures answered Users`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, scope, grouping, queue, .. } = self;
        let (grouping, queue) = (grouping.clone(), queue.clone());
        SeriesName { table: *table, scope: *scope, grouping, queue }.fmt(f)
    }
}
