//! What a sync would request.

use std::{collections::BTreeSet, fmt};

use jiff::civil::Date;

use crate::{
    error::Result,
    history::History,
    keep::Keep,
    model::{
        day,
        manifest::Manifest,
        scope::Scope,
        table::{SeriesName, Table},
    },
    plan::{self, cheapest::By},
    store::folder::{self, Folder},
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
        let manifest = folder::manifest(&self.path)?;
        let zone_name = self.zone_name(keep, manifest.as_ref())?;
        let zone = day::zone(&zone_name)?;
        let folder = match manifest {
            Some(_) => Folder::existing(&self.path)?,
            None => Folder::of_nothing(&self.path),
        };
        let mut manifest = manifest.unwrap_or_else(|| Manifest::new(None, zone_name));
        let (oldest, last) = sync::reach(keep, &zone)?;
        sync::begin(&mut manifest, keep, oldest);
        let knowledge = sync::knowledge(&manifest, &folder, keep);
        let plan = plan::plan(&manifest, &folder, oldest, last, &knowledge, keep.days_from_hours);
        let steps: Vec<_> = plan
            .units
            .iter()
            .map(|unit| PlannedStep {
                table: unit.series.table,
                scope: unit.series.scope,
                grouping: unit.series.grouping.clone(),
                is_timeline: unit.by != By::Aggregation,
                is_from_hours: false,
                first: unit.first(),
                last: unit.last(),
                days: unit.days.len() as u64,
                requests: knowledge.requests(unit),
            })
            .chain(plan.from_hours.iter().filter_map(from_hours))
            .collect();
        let groupings = steps.iter().map(|step| step.grouping.clone());
        let unknown = groupings.filter(|grouping| knowledge.keys(grouping).is_none()).collect();
        let requests = 1 + steps.iter().map(|step| step.requests).sum::<u64>();
        Ok(Planned { steps, requests, unknown })
    }
}

fn from_hours((name, days): &(SeriesName, Vec<Date>)) -> Option<PlannedStep> {
    Some(PlannedStep {
        table: name.table,
        scope: name.scope,
        grouping: name.grouping.clone(),
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
        let Self { table, scope, grouping, .. } = self;
        SeriesName { table: *table, scope: *scope, grouping: grouping.clone() }.fmt(f)
    }
}
