//! The `dashboard` command.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

use callperf::{Breakdown, Client, GroupBy, Period, Query};
use callperf_history::Reader;
use jiff::Timestamp;

use super::report::{answering, history, tell, written};
use crate::{
    Failure,
    args::DashboardArgs,
    connection::{memory, offline},
    console, explain,
    failure::Done,
    format::check_page_name,
    output::write_file,
    period,
    pull::is_too_old,
    render::{Dashboard, DashboardOptions},
    target, words,
};

pub(super) async fn run(mut args: DashboardArgs) -> Done {
    let now = args.period.now();
    let history = history(&args.connection, args.history.as_deref(), &mut args.period)?;
    let period = period::period(&args.period, now)?;
    let memory = memory(&args.connection, now).filter(|_| history.is_none());
    let period = in_the_zone_of(memory.as_ref(), &mut args, period, now)?;
    let options = DashboardOptions::new(period, args.period.time_zone())
        .now(now)
        .missing_is_zero(args.missing_is_zero)
        .queues(words::items("--keys", &args.keys)?)
        .top(usize::try_from(args.top).unwrap_or(usize::MAX))
        .targets(written(false, &args.connection)?.unwrap_or_default());
    let options = args.title.into_iter().fold(options, DashboardOptions::title);
    if args.explain {
        let client = match &history {
            Some(_) => answering(&args.connection, history.as_ref(), args.period.now)?,
            None => explain::client(&args.connection, args.period.now)?,
        };
        let options = history.into_iter().fold(options, DashboardOptions::history);
        let options = memory.into_iter().fold(options, DashboardOptions::memory);
        return options.explain(&client, &mut io::stdout().lock());
    }
    let Some(out) = args.out else { unreachable!("the parser asks for it") };
    check_page_name(&out)?;
    target::check("--out", &out)?;
    let client = answering(&args.connection, history.as_ref(), args.period.now)?;
    let options = history.into_iter().fold(options, DashboardOptions::history);
    let options = memory.into_iter().fold(options, DashboardOptions::memory);
    write(&client, &options, &out).await
}

/// The period in the time zone of the configured history, if that answers because the API has
/// forgotten it, and no zone was named.
fn in_the_zone_of(
    memory: Option<&Reader>,
    args: &mut DashboardArgs,
    period: Period,
    now: Timestamp,
) -> Result<Period, Failure> {
    let Some(memory) = memory.filter(|_| args.period.time_zone.is_none()) else {
        return Ok(period);
    };
    let client = offline(&args.connection, args.period.now)?;
    let query = Query::new(GroupBy::company(), period.clone(), args.period.time_zone());
    let checked = client.aggregate(&query.calls(Breakdown::Total)).check();
    if !checked.is_err_and(|error| is_too_old(&error)) {
        return Ok(period);
    }
    args.period.time_zone = Some(memory.time_zone().to_owned());
    period::period(&args.period, now)
}

/// Refuses a file that the demo's page would replace and that isn't such a page:
/// its name may be the default.
pub(super) fn check_demo(file: &Path) -> Done {
    check_page_name(file)?;
    if file.is_file() && !is_page(file) {
        return Err(Failure::Usage(format!(
            "{} is there, and no page of this program; name another file with --out",
            file.display()
        )));
    }
    target::check("--out", file)
}

pub(super) async fn write_demo(client: &Client, now: Timestamp, file: &Path) -> Done {
    // The sandbox leaves out keys without such calls, as its documentation says.
    let options = DashboardOptions::new(Period::last_days(28), "America/New_York")
        .now(now)
        .missing_is_zero(true);
    write(client, &options, file).await
}

async fn write(client: &Client, options: &DashboardOptions, file: &Path) -> Done {
    let dashboard = Box::pin(Dashboard::fetch(client, options)).await?;
    tell(dashboard.notices());
    let page = dashboard.html();
    write_file(file, |out| out.write_all(page.as_bytes()))?;
    console::note(&format!("the page is in {}", file.display()));
    Ok(())
}

/// Whether a file says that this program made it.
fn is_page(file: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(file).and_then(|file| file.take(2_000).read_to_end(&mut start));
    let mark: &[u8] = b"<meta name=\"generator\" content=\"callperf ";
    read.is_ok() && start.windows(mark.len()).any(|window| window == mark)
}
