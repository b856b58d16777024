//! What a sync is to keep, and what it says meanwhile.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use callperf::{Breakdown, Grouping};
use jiff::{Timestamp, civil::Date};

use crate::fetch::progress::Distance;
#[cfg(doc)]
use crate::history::History;

/// What a sync is to keep.
#[derive(Clone)]
#[must_use]
pub struct Keep {
    pub(crate) hourly: Option<Vec<Grouping>>,
    pub(crate) daily: Option<Vec<Grouping>>,
    pub(crate) figures: Option<Vec<Grouping>>,
    pub(crate) time_zone: Option<String>,
    pub(crate) from: Option<Date>,
    pub(crate) migrates: bool,
    pub(crate) short_abandons: Option<u32>,
    pub(crate) directory: Option<bool>,
    pub(crate) queue_agents: bool,
    pub(crate) days_from_hours: bool,
    pub(crate) days_per_request: Option<u32>,
    pub(crate) now: Option<Timestamp>,
    pub(crate) on_event: Arc<dyn Fn(Event) + Send + Sync>,
}

impl fmt::Debug for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keep")
            .field("hourly", &self.hourly)
            .field("daily", &self.daily)
            .field("figures", &self.figures)
            .field("time_zone", &self.time_zone)
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            hourly: None,
            daily: None,
            figures: None,
            time_zone: None,
            from: None,
            migrates: false,
            short_abandons: None,
            directory: None,
            queue_agents: false,
            days_from_hours: false,
            days_per_request: None,
            now: None,
            on_event: Arc::new(drop),
        }
    }
}

impl Keep {
    /// What the history keeps already; at first hours, days and figures of company, queues and
    /// users, days and figures of sites, and the directory.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds groupings that are kept hour by hour; none, if there is nothing yet.
    pub fn hourly(mut self, groupings: impl IntoIterator<Item = Grouping>) -> Self {
        self.hourly = Some(groupings.into_iter().collect());
        self
    }

    /// Adds groupings that are kept day by day; none, if there is nothing yet.
    pub fn daily(mut self, groupings: impl IntoIterator<Item = Grouping>) -> Self {
        self.daily = Some(groupings.into_iter().collect());
        self
    }

    /// Adds groupings whose key figures are kept day by day; none, if there is nothing yet and
    /// hours or days are chosen.
    ///
    /// Key figures need the days of the grouping, too.
    pub fn figures(mut self, groupings: impl IntoIterator<Item = Grouping>) -> Self {
        self.figures = Some(groupings.into_iter().collect());
        self
    }

    /// Keeps the calls that were abandoned within this time, in whole seconds, for the groupings
    /// whose key figures are kept: what
    /// [`AbandonmentRateWithoutShort`](callperf::Kpi::AbandonmentRateWithoutShort) takes. It takes
    /// as many requests as the days of these groupings.
    pub fn short_abandons(mut self, within: Duration) -> Self {
        self.short_abandons = Some(u32::try_from(within.as_secs()).unwrap_or(u32::MAX));
        self
    }

    /// Whether the company's directory is kept: extensions, queues with their service-level
    /// settings and members, sites, and users' departments, on the days on which they changed. At
    /// first it is if nothing else is chosen, later if the history has it. `false` leaves it out
    /// of this run.
    ///
    /// It takes the permission `ReadAccounts`. Its requests count apart: one for 1,000 extensions,
    /// one for the sites, and one for each queue.
    pub fn directory(mut self, is_kept: bool) -> Self {
        self.directory = Some(is_kept);
        self
    }

    /// Keeps, for each queue, the calls that came through it by the user that took them: the key
    /// figures of a queue's agents, [`Filter::queues`](callperf::Filter::queues) of one queue.
    ///
    /// Each queue takes three requests for twenty agents, and all together one that names the
    /// queues that had calls. A history that has them goes on with them, new queues included.
    pub fn queue_agents(mut self) -> Self {
        self.queue_agents = true;
        self
    }

    /// The IANA name of the zone in which days and hours are cut; at first UTC.
    pub fn time_zone(mut self, name: impl Into<String>) -> Self {
        self.time_zone = Some(name.into());
        self
    }

    /// The first day, if not all that the API has is wanted. A history that begins later begins
    /// there from now on.
    ///
    /// Without it, what is added to a history begins on the history's own first day.
    pub fn from(mut self, first: Date) -> Self {
        self.from = Some(first);
        self
    }

    /// Takes a history of an earlier version forward: adds figures of all groupings whose days are
    /// kept, and days and figures of sites if those of company, queues and users are, from its
    /// first day that the API still has; and the directory. The files that are there stay as they
    /// are, and earlier versions refuse the history from then on.
    pub fn migrate(mut self) -> Self {
        self.migrates = true;
        self
    }

    /// Adds days up from their hours where these are kept, which takes no request. Say so if you
    /// know that they add up on your account; [`check`](History::check) compares what was fetched
    /// apart.
    pub fn days_from_hours(mut self) -> Self {
        self.days_from_hours = true;
        self
    }

    /// How many days of hours one request asks for at most; by default as many as a response of
    /// the largest size takes.
    pub fn days_per_request(mut self, days: u32) -> Self {
        self.days_per_request = Some(days.max(1));
        self
    }

    /// The time at which the sync runs; by default the system's.
    pub fn now(mut self, now: Timestamp) -> Self {
        self.now = Some(now);
        self
    }

    /// Calls a hook for what happens during the run.
    pub fn on_event(mut self, hook: impl Fn(Event) + Send + Sync + 'static) -> Self {
        self.on_event = Arc::new(hook);
        self
    }
}

/// What happens during a sync.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A page was read.
    Progress(Distance),
    /// The API has nothing from before this day any more, so that the history begins there.
    BeginsLater {
        /// The first day that the API has.
        oldest: Date,
        /// The day that was asked for.
        from: Date,
    },
    /// A file is damaged or missing. It is fetched again.
    Damaged(String),
    /// The server refused these breakdowns. All others were requested again.
    Refused(Vec<Breakdown>),
    /// A file that the manifest doesn't list, and that engines read beside the others.
    Stray(PathBuf),
    /// The server lets the application read no directory, which is left out.
    NoDirectory(String),
    /// These queues' members couldn't be read. They stay as they were.
    UnreadMembers(Vec<String>),
    /// The history has days that aren't over by the clock.
    ClockBehind {
        /// The last whole day by the clock.
        last: Date,
        /// The last day of the history.
        kept: Date,
    },
}
