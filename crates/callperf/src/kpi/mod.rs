//! Key figures of a call centre, with names that say what they mean.
//!
//! The API gives sums. A figure such as an answer rate is computed from several
//! of them, and some need filters that others can't share: the speed of answer
//! looks at answered calls alone. A [`KpiSet`] knows the fewest queries that
//! cover its figures, and [`Client::kpis`](crate::Client::kpis) sends them and puts the
//! responses together by key:
//!
//! ```no_run
//! # async fn example(client: callperf::Client) -> Result<(), callperf::Error> {
//! use callperf::{GroupBy, Kpi, KpiSet, Period, Query};
//!
//! let set = KpiSet::new([Kpi::Offered, Kpi::AnswerRate, Kpi::AverageSpeedOfAnswer]);
//! let query = Query::new(GroupBy::queues(), Period::last_days(7), "America/New_York");
//! for queue in client.kpis(&set, &query).all().await? {
//!     if let Some(percent) = queue.get(Kpi::AnswerRate).and_then(|rate| rate.percent()) {
//!         println!("{}: {percent:.1} % answered", queue.label());
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`KpiRequest::by`] has them day by day, or by another interval, and [`KpiSet::request`] asks
//! any [`Source`](crate::Source). Programs that send the queries themselves, page by page for
//! example, have [`KpiSet::queries`] and [`KpiSet::try_merge`].
//!
//! # What stands for nothing
//! A figure is `None` where one of its sums wasn't asked for or sent, and where
//! what it is a share of is zero: of no calls, no share was answered.
//!
//! A key that one answer has and another lacks is *absent* there, not zero,
//! because no document says whether the API leaves out keys without matching
//! calls, and a record may be missing for other reasons. It makes a difference
//! for two sums only, the calls abandoned before an answer, and the short ones
//! among them: the figures of answered calls alone are `None` without answered
//! calls either way, and all others come from the widest answer. These sums are
//! zero nonetheless where a wider answer proves it: no call was abandoned, or
//! every call was answered. For the rest, [`KpiSet::missing_is_zero`] takes the API to
//! leave such keys out.
//!
//! # Inbound
//! All figures but conversion and occupancy are about inbound calls, seen from
//! the record's key. At company scope a call between two extensions has no
//! direction, so that it isn't among them.

mod answers;
mod computation;
mod figure;
mod formula;
mod record;
mod refused;
mod request;
mod set;
mod stored;
mod stored_set;
mod table;
#[cfg(test)]
mod tests;
mod value;

pub use self::{
    computation::{KpiDenominator, KpiInput, KpiSource, KpiTerms},
    figure::{Better, Kpi, KpiUnit},
    record::{KpiPoint, KpiRecord, KpiSeries},
    request::{KpiRequest, KpiSeriesRequest},
    table::{FormulaFigure, FormulaInput, FormulaScope, FormulaSource, FormulaTable, FormulaTerms},
    value::KpiValue,
};
pub use set::{Cost, KpiSet};
