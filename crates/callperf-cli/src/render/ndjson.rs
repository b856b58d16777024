//! A JSON object per line.

use std::io::{self, Write};

use callperf::{Interval, report::Info};
use serde::Serialize;

use super::document::{Entry, PointEntry, Report, Span, Timeline};

/// A record on a line of its own, with what it needs to be understood there.
#[derive(Serialize)]
struct Line<'a> {
    api: &'a str,
    group_by: &'a str,
    period: &'a Span,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_period: Option<&'a Span>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    filters: &'a [String],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    total: bool,
    #[serde(flatten)]
    entry: &'a Entry,
}

/// A point of a series, the same.
#[derive(Serialize)]
struct PointLine<'a> {
    api: &'a str,
    group_by: &'a str,
    period: &'a Span,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_period: Option<&'a Span>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    filters: &'a [String],
    interval: &'a Interval,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    total: bool,
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    info: Option<&'a Info>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(flatten)]
    point: &'a PointEntry,
}

impl Report {
    /// Writes a line per entry: the entry's JSON with the API, the grouping,
    /// the period and the filters.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write_ndjson(&self, out: &mut impl Write) -> io::Result<()> {
        let entries = self.entries.iter().map(|entry| (entry, false));
        for (entry, total) in entries.chain(self.total.iter().map(|entry| (entry, true))) {
            let line = Line {
                api: &self.heading.api,
                group_by: &self.heading.group_by,
                period: &self.heading.period,
                previous_period: self.heading.previous_period.as_ref(),
                filters: &self.heading.filters,
                total,
                entry,
            };
            serde_json::to_writer(&mut *out, &line)?;
            writeln!(out)?;
        }
        Ok(())
    }
}

impl Timeline {
    /// Writes a line per point: the point's JSON with its key, the API, the
    /// grouping, the period and the interval.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write_ndjson(&self, out: &mut impl Write) -> io::Result<()> {
        let entries = self.entries.iter().map(|entry| (entry, false));
        for (entry, total) in entries.chain(self.total.iter().map(|entry| (entry, true))) {
            for point in &entry.points {
                let line = PointLine {
                    api: &self.heading.api,
                    group_by: &self.heading.group_by,
                    period: &self.heading.period,
                    previous_period: self.heading.previous_period.as_ref(),
                    filters: &self.heading.filters,
                    interval: &self.interval,
                    total,
                    key: &entry.key,
                    info: entry.info.as_ref(),
                    name: entry.name.as_deref(),
                    point,
                };
                serde_json::to_writer(&mut *out, &line)?;
                writeln!(out)?;
            }
        }
        Ok(())
    }
}
