//! What a dashboard is about.

use callperf::Period;
use callperf_history::Reader;
use jiff::Timestamp;

use crate::model::targets::Written;

/// What a dashboard is about.
#[derive(Clone, Debug)]
#[must_use]
pub struct DashboardOptions {
    pub(crate) period: Period,
    pub(crate) time_zone: String,
    pub(crate) now: Timestamp,
    pub(crate) missing_is_zero: bool,
    pub(crate) history: Option<Reader>,
    pub(crate) memory: Option<Reader>,
    pub(crate) title: Option<String>,
    pub(crate) queues: Vec<String>,
    pub(crate) top: usize,
    pub(crate) targets: Written,
}

impl DashboardOptions {
    /// A period, with days and hours cut in this zone (an IANA name).
    pub fn new(period: Period, time_zone: impl Into<String>) -> Self {
        let time_zone = time_zone.into();
        Self {
            period,
            time_zone,
            now: Timestamp::now(),
            missing_is_zero: false,
            history: None,
            memory: None,
            title: None,
            queues: Vec::new(),
            top: 10,
            targets: Written::default(),
        }
    }

    /// Holds figures against these targets beside the queues' own goals.
    pub(crate) fn targets(mut self, targets: Written) -> Self {
        self.targets = targets;
        self
    }

    /// Answers from a history in the API's place. It has no hours of inbound calls unless it keeps
    /// hours.
    pub fn history(mut self, history: Reader) -> Self {
        self.history = Some(history);
        self
    }

    /// Answers from a history for days that the API has forgotten.
    pub fn memory(mut self, history: Reader) -> Self {
        self.memory = Some(history);
        self
    }

    /// The time that the page says it was made at; by default the system's.
    pub fn now(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    /// Takes a key that an answer leaves out to have no such calls, as
    /// [`KpiSet::missing_is_zero`](callperf::KpiSet::missing_is_zero) does.
    pub fn missing_is_zero(mut self, yes: bool) -> Self {
        self.missing_is_zero = yes;
        self
    }

    /// Sets the title; by default the page is called after the company.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Limits the page to these queues: keys, extension numbers or names.
    pub fn queues<T: Into<String>>(mut self, queues: impl IntoIterator<Item = T>) -> Self {
        self.queues = queues.into_iter().map(Into::into).collect();
        self
    }

    /// Sets how many of the best and of the worst users are shown at first; 10 by default.
    pub fn top(mut self, users: usize) -> Self {
        self.top = users;
        self
    }
}
