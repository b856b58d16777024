//! The rules of each API, as a table: what they forbid, who says so, and what
//! would be right.
//!
//! A rule that the vendor states is enforced before anything is sent. A rule
//! that only third parties report becomes a [`Notice`](crate::report::Notice).
//! `Query::unchecked` turns refusals into notices, but for what can't be put
//! into a request at all.

mod assumption;
mod assumptions;
mod calibration;
mod filters;
mod follows;
mod grouping;
mod ids;
mod measures;
mod period;
mod revision;
mod spelling;
mod subject;
mod table;
#[cfg(test)]
mod tests;

pub use self::{
    assumption::{Assumption, Choices, Settling},
    assumptions::ASSUMPTIONS,
    calibration::Calibration,
    table::{RuleInfo, table},
};
pub(crate) use self::{
    filters::is_hour,
    follows::Follows,
    period::DAYS_KEPT,
    spelling::{Dropped, Later, Part, Spelling},
    subject::{Subject, largest_page},
    table::check,
};
pub use crate::words::problem::{Evidence, Problem};
