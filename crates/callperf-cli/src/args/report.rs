//! The arguments of `report` and `timeline`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use jiff::Timestamp;

use super::connection::ConnectionArgs;
use crate::{
    Failure,
    format::{self, Format},
};

pub(super) const MORE: &str = "\
`callperf words` lists every figure, metric and filter. Examples and more options, such as --bom,
--width, --staffed, --unchecked, --api and --strict, are in the manual (`callperf man --out DIR`).";

pub(crate) const REPORT_EXAMPLES: &str = "\
Examples:
  How were the queues last week, against the week before?
    callperf report queues --last-week --compare --time-zone America/New_York

  The ten users with most calls in October, as a page of a wiki:
    callperf report agents --month 2026-10 --sort inbound --top 10 --format markdown

  How did calls to each queue end, in numbers?
    callperf report --group-by queues --last 7d --time-zone America/New_York \\
      --calls all,by-result --where direction=inbound

  How many of the queues' calls came after their hours, and how did these end?
    callperf report queues --last 7d --calls by-queue-hours
    callperf report --group-by queues --last 7d --calls by-result,by-ending-party \\
      --where queue-hours=after-hours

  How long were two users ringing, talking and holding in October?
    callperf report --group-by users --keys 'Ada Lindqvist,102' \\
      --from 2026-10-01 --to 2026-10-31 --time-zone Europe/Zurich --time-spent by-segment

  Which queues missed their targets yesterday? Exit with code 7 if any did:
    callperf report queues --yesterday --time-zone America/New_York --fail-on-target

  October against October of last year, as a workbook:
    callperf report queues --month 2026-10 --compare-to year --out october.xlsx

  How did the agents of one queue do with its own calls?
    callperf report agents-of Support --last-week

  What would it ask, and what would it cost?
    callperf report sites --last 30d --explain";

pub(crate) const TIMELINE_EXAMPLES: &str = "\
Examples:
  Calls per day over the last four weeks, by how they ended:
    callperf timeline --interval day --group-by company --last 28d \\
      --time-zone America/New_York --calls all,by-result

  The queues' key figures day by day, for a notebook:
    callperf timeline queues --last 30d --format parquet --out queues.parquet

  The five busiest hours of each queue, and all of them by weekday:
    callperf timeline queues --interval hour --last 28d --sort offered --top 5
    callperf timeline queues --last 28d --heat

  The busy hours of one queue, as JSON:
    callperf timeline --interval hour --group-by queues --keys 900000201 --last 7d \\
      --calls all --format json";

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) question: QuestionArgs,
    /// Put the rows in the order of a column
    #[arg(long, value_name = "COLUMN[:asc]", help_heading = "What")]
    pub(crate) sort: Option<String>,
    /// Only the first rows of that order; with --sort
    #[arg(long, value_name = "N", requires = "sort", value_parser = clap::value_parser!(u32).range(1..), help_heading = "What")]
    pub(crate) top: Option<u32>,
    #[command(flatten)]
    pub(crate) shown: ShownArgs,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TimelineArgs {
    #[command(flatten)]
    pub(crate) question: QuestionArgs,
    /// The stretch of time of one row: hour, day, week or month
    #[arg(long, default_value = "day", hide_default_value = true, help_heading = "What")]
    pub(crate) interval: String,
    /// Put the rows of each key in the order of a column, or of time
    #[arg(long, value_name = "COLUMN[:asc]", help_heading = "What")]
    pub(crate) sort: Option<String>,
    /// Only the first rows of each key in that order; with --sort
    #[arg(long, value_name = "N", requires = "sort", value_parser = clap::value_parser!(u32).range(1..), help_heading = "What")]
    pub(crate) top: Option<u32>,
    /// Show weekdays and hours as a table, of all calls or of the column that is named
    #[arg(long, value_name = "COLUMN", num_args = 0..=1, require_equals = true, default_missing_value = "", help_heading = "What", conflicts_with_all = ["sort", "top", "compare", "compare_to", "targets", "fail_on_target", "interval"])]
    pub(crate) heat: Option<String>,
    #[command(flatten)]
    pub(crate) shown: ShownArgs,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What")]
pub(crate) struct QuestionArgs {
    /// queues, agents, company, ivr, sites, agents-of QUEUE or queue-hours QUEUE
    #[arg(required_unless_present = "group_by", conflicts_with = "group_by", help_heading = None::<&str>)]
    pub(crate) preset: Option<String>,
    /// The queue of agents-of and queue-hours, by name, extension number or key
    #[arg(value_name = "QUEUE", help_heading = None::<&str>)]
    pub(crate) of: Option<String>,
    /// What a row is, without a preset: company, users, members-of-queues …
    #[arg(long, value_name = "GROUPING")]
    pub(crate) group_by: Option<String>,
    /// Only these, by name, extension number or key: '"Sales, East",Support'
    #[arg(long, value_name = "KEY")]
    pub(crate) keys: Vec<String>,
    /// Key figures, beside a preset's: answer-rate, abandonment-rate:20s …
    #[arg(long, value_name = "FIGURE", value_delimiter = ',')]
    pub(crate) kpis: Vec<String>,
    /// For occupancy: the hours that a key was staffed in the period
    #[arg(long, value_name = "KEY=HOURS")]
    pub(crate) staffed: Vec<String>,
    /// Take a key that an answer leaves out to have no such calls
    #[arg(long)]
    pub(crate) missing_is_zero: bool,
    /// Numbers of calls: all, by-result, by-queue-hours, all:average/day …
    #[arg(long, value_name = "METRIC", value_delimiter = ',')]
    pub(crate) calls: Vec<String>,
    /// Time spent: the same words
    #[arg(long, value_name = "METRIC", value_delimiter = ',')]
    pub(crate) time_spent: Vec<String>,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    /// Only calls that pass: direction=inbound, queue-hours=after-hours …
    #[arg(long = "where", value_name = "FILTER=WORD", help_heading = "Which calls")]
    pub(crate) filters: Vec<String>,
    /// Only calls that pass a filter of the API that this program doesn't know
    #[arg(long = "wire-filter", value_name = "NAME=JSON", help_heading = "Which calls")]
    pub(crate) wire_filters: Vec<String>,
    /// Only these days of the week: mon-fri, or saturday
    #[arg(long, value_name = "DAY", value_delimiter = ',', help_heading = "Which calls")]
    pub(crate) days: Vec<String>,
    /// Only these hours of the day, as in 9-17, which is 09:00-16:59
    #[arg(long, value_name = "HOURS", value_delimiter = ',', help_heading = "Which calls")]
    pub(crate) hours: Vec<String>,
    /// Send the request even where a rule of the API forbids it
    #[arg(long, help_heading = "Which calls")]
    pub(crate) unchecked: bool,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
#[command(next_help_heading = "Period")]
#[command(group(ArgGroup::new("period").required(true).args(["last", "today", "yesterday", "last_week", "last_month", "month", "from"])))]
pub(crate) struct PeriodArgs {
    /// The whole days before today: 7d, or 2w for weeks
    #[arg(long, value_name = "DAYS")]
    pub(crate) last: Option<String>,
    /// Today up to now
    #[arg(long)]
    pub(crate) today: bool,
    /// The day before today
    #[arg(long)]
    pub(crate) yesterday: bool,
    /// The week before this one, from Monday to Sunday
    #[arg(long)]
    pub(crate) last_week: bool,
    /// The calendar month before this one
    #[arg(long)]
    pub(crate) last_month: bool,
    /// A calendar month, as in 2026-10; the current one up to now
    #[arg(long, value_name = "MONTH")]
    pub(crate) month: Option<String>,
    /// The start, a date or an instant; the end is --to WHEN, or now
    #[arg(long, value_name = "WHEN")]
    pub(crate) from: Option<String>,
    /// The end, by default now: a date, which is included, or an instant, which isn't
    #[arg(long, value_name = "WHEN", requires = "from",
        conflicts_with_all = ["last", "today", "yesterday", "last_week", "last_month", "month"])]
    pub(crate) to: Option<String>,
    /// Where days begin, as in `America/New_York`; by default UTC
    #[arg(long, value_name = "ZONE")]
    pub(crate) time_zone: Option<String>,
    /// Take this to be the time, as for a sandbox whose clock stands still
    #[arg(long, value_name = "WHEN")]
    pub(crate) now: Option<Timestamp>,
}

impl PeriodArgs {
    pub(crate) fn now(&self) -> Timestamp {
        self.now.unwrap_or_else(Timestamp::now)
    }

    pub(crate) fn time_zone(&self) -> &str {
        self.time_zone.as_deref().unwrap_or("UTC")
    }
}

/// What is shown of the answer, and how.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
#[command(next_help_heading = "Output")]
pub(crate) struct ShownArgs {
    /// Show the change since the period before: the same as --compare-to previous
    #[arg(long, help_heading = "Period")]
    pub(crate) compare: bool,
    /// Show the change since: previous, weekdays, month, year, or FROM..TO
    #[arg(long, value_name = "PERIOD", conflicts_with = "compare", help_heading = "Period")]
    pub(crate) compare_to: Option<String>,
    /// Show the whole company as well, asked for by itself
    #[arg(long, help_heading = "What")]
    pub(crate) totals: bool,
    /// Hold figures against the targets of the configuration and queues' goals
    #[arg(long)]
    pub(crate) targets: bool,
    /// The same, and exit with code 7 if one is missed
    #[arg(long)]
    pub(crate) fail_on_target: bool,
    /// Print the requests and what each number counts; send nothing
    #[arg(long)]
    pub(crate) explain: bool,
    /// Answer from this folder of `callperf sync`, and send nothing
    #[arg(long, value_name = "DIR", help_heading = "Connection")]
    pub(crate) history: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// table, markdown, csv, xlsx, json, ndjson or parquet, as --out ends
    #[arg(long, value_enum, hide_possible_values = true)]
    pub(crate) format: Option<Format>,
    /// Write to this file instead, whole or not at all
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Head the columns of CSV with words, for people, instead of names for programs
    #[arg(long)]
    pub(crate) readable: bool,
    /// Begin CSV with a byte order mark, by which Excel knows that it is UTF-8
    #[arg(long)]
    pub(crate) bom: bool,
    /// How many columns of characters a table may have; by default the terminal's
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(40..))]
    pub(crate) width: Option<u16>,
}

impl OutputArgs {
    /// The format that is named, or else the file's.
    ///
    /// # Errors
    /// Where the two contradict each other.
    pub(crate) fn format(&self) -> Result<Format, Failure> {
        format::chosen(self.format, self.out.as_deref())
    }
}
