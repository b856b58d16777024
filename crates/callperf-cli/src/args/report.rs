//! The arguments of `report` and `timeline`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use jiff::Timestamp;

use super::ConnectionArgs;
use crate::{
    Failure,
    format::{self, Format},
};

pub(super) const REPORT_HELP: &str = "\
Presets: queues, agents, company, ivr, sites. `callperf words` lists every metric,
filter and key figure, and what each means.

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
    callperf report --group-by queues --last 7d --calls by-result,by-ending-party \
      --where queue-hours=after-hours

  How long were two users ringing, talking and holding in October?
    callperf report --group-by users --keys 'Ada Lindqvist,102' \\
      --from 2026-10-01 --to 2026-10-31 --time-zone Europe/Zurich --time-spent by-segment

  What would it ask, and what would it cost?
    callperf report sites --last 30d --explain";

pub(super) const TIMELINE_HELP: &str = "\
Examples:
  Calls per day over the last four weeks, by how they ended:
    callperf timeline --interval day --group-by company --last 28d \\
      --time-zone America/New_York --calls all,by-result

  The queues' key figures day by day, for a notebook:
    callperf timeline queues --last 30d --format parquet --out queues.parquet

  The busy hours of one queue, as JSON:
    callperf timeline --interval hour --group-by queues --keys 900000201 --last 7d \\
      --calls all --format json";

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) question: QuestionArgs,
    /// The rows in this order: a column's name, with :asc for the smallest first;
    /// what is absent comes last
    #[arg(long, value_name = "COLUMN[:asc]")]
    pub(crate) sort: Option<String>,
    /// Only the first rows
    #[arg(long, value_name = "N", requires = "sort", value_parser = clap::value_parser!(u32).range(1..))]
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
    #[arg(long, default_value = "day")]
    pub(crate) interval: String,
    /// The rows of each key in this order: a column's name, or time, with :asc for the smallest
    /// first or :desc for the largest
    #[arg(long, value_name = "COLUMN[:asc]")]
    pub(crate) sort: Option<String>,
    /// Only the first rows of each key
    #[arg(long, value_name = "N", requires = "sort", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) top: Option<u32>,
    /// Show a table of weekdays and hours for each key: one number, added up. By default all calls,
    /// else the column that is named. Takes the hours, whatever --interval says
    #[arg(long, value_name = "COLUMN", num_args = 0..=1, require_equals = true, default_missing_value = "", conflicts_with_all = ["sort", "compare", "compare_to", "targets", "fail_on_target", "interval"])]
    pub(crate) heat: Option<String>,
    #[command(flatten)]
    pub(crate) shown: ShownArgs,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

#[derive(Debug, Args)]
pub(crate) struct QuestionArgs {
    /// A ready-made question: queues, agents, company, ivr, sites, agents-of QUEUE (its own calls
    /// alone) or queue-hours QUEUE
    #[arg(required_unless_present = "group_by", conflicts_with = "group_by")]
    pub(crate) preset: Option<String>,
    /// The queue of agents-of and queue-hours, by name, extension number or key
    #[arg(value_name = "QUEUE")]
    pub(crate) of: Option<String>,
    /// What a row is: company, users, queues, ivrs, ivas, sites, departments,
    /// user-groups, company-numbers, shared-lines, or members-of-queues,
    /// -sites, -departments, -user-groups. Members count with all their calls:
    /// add --where queue=ID for an agent's calls of that queue alone
    #[arg(long, value_name = "GROUPING")]
    pub(crate) group_by: Option<String>,
    /// Only these. Users, queues, sites, IVRs and shared lines by key (the extension's id), by
    /// extension number or by name; a text that is the key of one and the number of another is taken
    /// for the key. All others by key (a company number by the number itself). With
    /// commas between them, and a name that has one in quotation marks:
    /// '"Sales, East",Support'
    #[arg(long, value_name = "KEY")]
    pub(crate) keys: Vec<String>,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    /// Key figures: answer-rate, service-level-of-answered,
    /// average-speed-of-answer, abandonment-rate:20s (without callers who hung up
    /// within 20 s) and others; `callperf words` lists them
    #[arg(long, value_name = "FIGURE", value_delimiter = ',')]
    pub(crate) kpis: Vec<String>,
    /// For occupancy: the hours that a key was staffed in the period
    #[arg(long, value_name = "KEY=HOURS", value_delimiter = ',')]
    pub(crate) staffed: Vec<String>,
    /// Take a key that an answer leaves out to have no such calls; by default
    /// what can't be told is absent
    #[arg(long)]
    pub(crate) missing_is_zero: bool,
    /// Numbers of calls: all, by-direction, by-origin, by-response, by-type,
    /// by-result, by-segment, by-action, by-company-hours, by-queue-sla,
    /// by-ending-party, by-queue-hours, queue-opportunities; with an aggregation
    /// other than the sum as in all:average/day or by-result:percent. A name of the
    /// API that this program doesn't know is sent as it is, as in callsByMood
    #[arg(long, value_name = "METRIC", value_delimiter = ',')]
    pub(crate) calls: Vec<String>,
    /// Time spent: the same words
    #[arg(long, value_name = "METRIC", value_delimiter = ',')]
    pub(crate) time_spent: Vec<String>,
    /// Only calls that pass: direction, origin, response, result, type,
    /// segment, action, company-hours, queue-sla, ending-party, queue-hours,
    /// called-number, queue, from, to (as in --keys), call-duration and time-spent
    /// (seconds, as in 30..60);
    /// one filter's words are joined by OR, filters by AND. Key figures choose
    /// direction, response and result themselves: only the same is taken. With ending-party
    /// and queue-hours, which came in 2025, the breakdown of their words is requested, too:
    /// a server that ignored the filter is noticed, and its numbers aren't shown
    #[arg(long = "where", value_name = "FILTER=WORD", value_delimiter = ',')]
    pub(crate) filters: Vec<String>,
    /// Only calls that pass a filter that this program doesn't know, by its name
    /// in the API and with its value in JSON
    #[arg(long = "wire-filter", value_name = "NAME=JSON")]
    pub(crate) wire_filters: Vec<String>,
    /// Only these days of the week
    #[arg(long, value_name = "DAY", value_delimiter = ',')]
    pub(crate) days: Vec<String>,
    /// Only these hours of the day, as in 09:00-17:59
    #[arg(long, value_name = "HOURS", value_delimiter = ',')]
    pub(crate) hours: Vec<String>,
    /// Send the request even where a rule of the API forbids it
    #[arg(long)]
    pub(crate) unchecked: bool,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("period").required(true).args(["last", "today", "yesterday", "last_week", "last_month", "month", "from"])))]
pub(crate) struct PeriodArgs {
    /// The whole days before today: 7d, or 2w for weeks
    #[arg(long, value_name = "DAYS")]
    pub(crate) last: Option<String>,
    /// Today up to now; compared with the same part of yesterday
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
    /// The start: a local date, or an instant such as 2026-11-01T08:00:00-05:00
    #[arg(long, value_name = "WHEN")]
    pub(crate) from: Option<String>,
    /// The end: a local date, which is included, or an instant, which isn't;
    /// now if it is left out
    #[arg(long, value_name = "WHEN", requires = "from")]
    pub(crate) to: Option<String>,
    /// Where days begin and hours are cut: an IANA name; by default UTC, or the zone of --history
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
pub(crate) struct ShownArgs {
    /// Beside each number the change since the period before: as many local days,
    /// right before these. In a timeline an hour or a day is compared with the same
    /// local time so many days before; the first week or month with the first, and so
    /// on, where both periods touch as many and neither is cut short, or both alike
    #[arg(long)]
    pub(crate) compare: bool,
    /// The same, with a period of your choice: previous, weekdays (the nearest earlier one with
    /// the same days of the week), month or year (the same a month or a year earlier), or
    /// FROM..TO. Previous to whole months are as many months, and to this month up to now
    /// the same part of last month
    #[arg(long, value_name = "PERIOD", conflicts_with = "compare")]
    pub(crate) compare_to: Option<String>,
    /// Hold the figures against the targets of the configuration file, and service levels against
    /// the queues' own goals. It is the default where that file has [targets]
    #[arg(long)]
    pub(crate) targets: bool,
    /// The same, and exit with code 7 if one is missed
    #[arg(long)]
    pub(crate) fail_on_target: bool,
    /// The whole company as well, asked for by itself: one call can count in
    /// several rows, so that the rows don't add up
    #[arg(long)]
    pub(crate) totals: bool,
    /// Print the requests, what each number counts, and what they cost. Send
    /// nothing
    #[arg(long)]
    pub(crate) explain: bool,
    /// Answer from this folder of `callperf sync`, and send nothing: also days that the API has
    /// forgotten. What the folder can't answer exactly is refused by its name
    #[arg(long, value_name = "DIR")]
    pub(crate) history: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct OutputArgs {
    /// How to show it; by default what the extension of --out stands for, else a table
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
    /// Write to this file instead, whole or not at all
    #[arg(long, value_name = "FILE", required_if_eq_any([("format", "parquet"), ("format", "xlsx")]))]
    pub(crate) out: Option<PathBuf>,
    /// How many columns of characters a table may have; by default those of the
    /// terminal, or 80
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
