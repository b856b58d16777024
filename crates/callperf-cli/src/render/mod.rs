//! How reports are shown, for programs too: tables, Markdown, CSV, Parquet, workbooks and a
//! page for the browser, from the SDK's records and key figures.
//!
//! ```no_run
//! # async fn example(client: callperf::Client) -> Result<(), Box<dyn std::error::Error>> {
//! use callperf::{Breakdown, GroupBy, Period, Query};
//! use callperf_cli::render::{Heading, Report, Sheet, Span};
//!
//! let query = Query::new(GroupBy::queues(), Period::last_days(7), "Europe/Zurich")
//!     .calls(Breakdown::Result);
//! let page = client.aggregate(&query).page(1).await?;
//! let (from, to) = (page.period.from(), page.period.to());
//! let period = Span { from, to, time_zone: "Europe/Zurich".to_owned() };
//! let report = Report::new(Heading::new(client.api(), "queues", period), &page.records);
//! let sheet = Sheet::from(&report);
//! sheet.write_table(&mut std::io::stdout(), 100)?;
//! sheet.write_parquet(std::fs::File::create("queues.parquet")?)?;
//! # Ok(())
//! # }
//! ```
//!
//! `serde_json` writes a [`Report`] or a [`Timeline`] as `--format json` does.

mod company;
mod csv;
mod dashboard;
mod document;
mod escape;
mod heat;
mod markdown;
mod ndjson;
mod number;
mod parquet;
mod sheet;
mod table;
mod xlsx;

pub(crate) use company::{Company, CompanyEntry};
pub(crate) use csv::CsvStyle;
pub(crate) use dashboard::{
    Columns, Group, HoursOf, Inputs, KeyTarget, Keyed, OF_AGENTS, OF_COMPANY, OF_QUEUES, Place,
    day_after,
};
pub use dashboard::{Dashboard, DashboardOptions};
pub use document::{Entry, Heading, Numbers, PointEntry, Report, SeriesEntry, Span, Timeline};
pub(crate) use document::{entries, series_entries};
pub use number::{ABSENT, Change, Unit, duration, shown, thousands};
pub use sheet::{Cell, Column, Row, Sheet};
pub(crate) use sheet::{MetricName, Which, in_words, shown_goal, words_of};

pub use crate::model::targets::{Direction, Origin, Target, Verdict};

pub(crate) const NO_RECORDS: &str = "No calls matched.";
pub(crate) const TARGETS: &str = "Targets (✓ met, ✗ missed, by the exact numbers)";
pub(crate) const TOTAL_NOTE: &str = "The last row is the whole company, asked for by itself. One call can count in \
                          several rows, so that the rows don't add up to it.";
