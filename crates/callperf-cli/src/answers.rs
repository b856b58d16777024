//! The answers of a query, from the API or from a history.

use std::collections::BTreeSet;

use callperf::{Breakdown, Notice, Request, Row, Sourced};
use callperf_history::files::is_refused;

use crate::{
    Failure,
    console::{Meter, say_once},
    recent,
    remedies::on_the_command_line,
};

/// Where the rows of a query come from.
pub(crate) enum Pulling<T> {
    Sent(Box<Request<T>>),
    Stored(Sourced<callperf::Report<T>>),
}

/// All records of the metrics. A server that refuses those which came lately is asked for
/// the others, and so is a history that lacks them.
pub(crate) async fn pull_metrics<T: Row>(
    metrics: Option<Pulling<T>>,
    older: Option<Pulling<T>>,
    recent: &[Breakdown],
    notices: &mut Notes<'_>,
) -> Result<Vec<T>, Failure> {
    let Some(metrics) = metrics else { return Ok(Vec::new()) };
    let is_stored = matches!(metrics, Pulling::Stored(_));
    match (Box::pin(pull(metrics, notices)).await, older) {
        (Err(Failure::Api(error)), Some(older)) if is_refused(&error) => {
            let records = Box::pin(pull(older, notices)).await?;
            notices.say(recent::left_out(recent));
            Ok(records)
        }
        (Err(Failure::Api(error)), Some(older)) if is_stored && error.is_query() => {
            let records = Box::pin(pull(older, notices)).await?;
            notices.say(format!("{error}; the rest is answered without"));
            Ok(records)
        }
        (outcome, _) => outcome,
    }
}

/// All records of a request; what a reader should know is said once.
///
/// # Errors
/// Those of a request, and a filter that the server ignored.
pub(crate) async fn pull<T: Row>(
    rows: Pulling<T>,
    notices: &mut Notes<'_>,
) -> Result<Vec<T>, Failure> {
    let (records, said) = match rows {
        Pulling::Sent(request) => {
            let meter = Meter::new("reading");
            let mut stream = request.on_progress(meter.hook()).records();
            let mut records = Vec::new();
            while let Some(record) = stream.try_next().await? {
                records.push(record);
            }
            (records, stream.notices().to_vec())
        }
        Pulling::Stored(report) => {
            let report = report.await?;
            (report.records, report.notices)
        }
    };
    for notice in &said {
        match notice {
            Notice::MissingKeys { keys } => notices.missing.extend(keys.iter().cloned()),
            Notice::FilterIgnored { filter, reason } => {
                return Err(recent::ignored_filter(filter, reason));
            }
            notice => notices.say(notice.to_string()),
        }
    }
    Ok(records)
}

/// What a reader should know, as far as it is known while the answers come in.
pub(crate) struct Notes<'a> {
    said: &'a mut Vec<String>,
    /// Keys that a response lacks. A narrower query may lack one that a row has.
    missing: BTreeSet<String>,
}

impl<'a> Notes<'a> {
    pub(crate) fn of(said: &'a mut Vec<String>) -> Self {
        Self { said, missing: BTreeSet::new() }
    }

    pub(crate) fn say(&mut self, notice: impl AsRef<str>) {
        say_once(self.said, on_the_command_line(notice.as_ref()));
    }

    pub(crate) fn say_missing<'k>(&mut self, rows: impl Iterator<Item = &'k str>) {
        for key in rows {
            self.missing.remove(key);
        }
        let keys: Vec<_> = std::mem::take(&mut self.missing).into_iter().collect();
        if !keys.is_empty() {
            self.say(Notice::MissingKeys { keys }.to_string());
        }
    }
}
