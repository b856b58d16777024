//! `dashboard --explain`: what a page costs.

use std::io::{self, Write};

use callperf::Client;

use super::{
    daily::{MOST_DAILY_USERS, queries_of},
    fetch::Plans,
    range::Days,
};
use crate::{
    Failure,
    console::counted,
    explain::{REQUESTS, earliest_end},
    render::DashboardOptions,
};

/// How many records a page of an aggregate and of a timeline has.
const RECORDS: u64 = 200;
const SERIES: u64 = 20;

/// Companies that the costs are said for: users, queues and sites.
const SIZES: [(u64, u64, u64); 4] = [(24, 4, 2), (200, 20, 3), (400, 20, 4), (2_000, 100, 10)];

/// How many queries there are of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cost {
    /// One request each, however large the company is.
    of_company: u64,
    /// Aggregates of queues and of users.
    queues: u64,
    users: u64,
    /// Timelines.
    days_of_queues: u64,
    days_of_sites: u64,
    days_of_users: u64,
    has_days: bool,
}

impl Cost {
    fn of(client: &Client, options: &DashboardOptions, plans: &Plans) -> Self {
        let count = |queries: usize| u64::try_from(queries).unwrap_or(u64::MAX);
        let has_days = client.api() != callperf::Api::Beta;
        let days = Days { client, options, resolved: plans.company.period, history: None };
        // The hours beside the days.
        let timelines =
            |name, more| if has_days { count(queries_of(&days, name)) + more } else { 0 };
        Self {
            of_company: count(plans.company.queries().count()) + timelines("company", 1),
            queues: count(plans.queues.queries().count()),
            users: count(plans.agents.queries().count()),
            days_of_queues: timelines("queues", 1),
            days_of_sites: timelines("sites", 0),
            days_of_users: timelines("users", 0),
            has_days,
        }
    }

    fn requests(self, (users, queues, sites): (u64, u64, u64)) -> u64 {
        let pages = |records: u64, size: u64| records.div_ceil(size).max(1);
        let is_daily = users <= MOST_DAILY_USERS as u64;
        // Totals of the period and of the one before.
        let of_users = if is_daily { pages(users, SERIES) } else { 2 * pages(users, RECORDS) };
        // The list of extensions, for the queues' goals.
        let directory = if self.has_days { users.div_ceil(1_000).max(1) } else { 0 };
        self.of_company
            + self.queues * pages(queues, RECORDS)
            + self.users * pages(users, RECORDS)
            + self.days_of_queues * pages(queues, SERIES)
            + self.days_of_sites * pages(sites, SERIES)
            + self.days_of_users * of_users
            + directory
    }
}

impl DashboardOptions {
    /// Says what a page would ask and how long that takes. Sends nothing.
    ///
    /// # Errors
    /// Those of the queries.
    pub(crate) fn explain(&self, client: &Client, out: &mut impl Write) -> Result<(), Failure> {
        // Names cost a look-up and nothing else.
        let options = self.clone().queues(Vec::<String>::new());
        let plans = Plans::of(client, &options)?;
        if plans.company.history.is_some() {
            let answer = "no request: the history answers";
            writeln!(out, "What it costs\n  {answer}\n\nNothing was sent.")?;
            return Ok(());
        }
        print(out, Cost::of(client, &options, &plans))?;
        Ok(())
    }
}

fn print(out: &mut impl Write, cost: Cost) -> io::Result<()> {
    writeln!(out, "What it asks")?;
    let times = |queries: u64, size: u64, of: &str| {
        format!("{} for each {size} {of}", counted(queries, "request"))
    };
    writeln!(out, "  the company: {}", counted(cost.of_company, "request"))?;
    writeln!(out, "  queues: {}", times(cost.queues, RECORDS, "queues"))?;
    writeln!(out, "  users: {}", times(cost.users, RECORDS, "users"))?;
    if cost.has_days {
        let of = |name: &str, queries: u64| {
            format!("  {name} by the day: {}", times(queries, SERIES, name))
        };
        writeln!(out, "{}", of("queues", cost.days_of_queues))?;
        writeln!(out, "{}", of("sites", cost.days_of_sites))?;
        writeln!(
            out,
            "{}; above {MOST_DAILY_USERS} users totals of the period and of the one \
            before, {}",
            of("users", cost.days_of_users),
            times(2 * cost.days_of_users, RECORDS, "users")
        )?;
        writeln!(out, "  the list of extensions: 1 request for each 1000, in the group Medium")?;
    }
    writeln!(out, "\nWhat it costs")?;
    for (users, queues, sites) in SIZES {
        let requests = cost.requests((users, queues, sites));
        let time = match earliest_end(requests) {
            0 => "at once".to_owned(),
            seconds => format!("after {seconds} seconds"),
        };
        writeln!(
            out,
            "  a company of {users} users, {queues} queues and {sites} sites: {}, {time} by the \
             quota",
            counted(requests, "request")
        )?;
    }
    writeln!(
        out,
        "  quota: {REQUESTS} requests in 60 seconds, as documented for the group Light; the \
         server's own numbers are kept\n\nNothing was sent."
    )
}

#[cfg(test)]
mod tests {
    use callperf::Period;

    use super::*;

    #[test]
    fn a_page_of_two_thousand_users_takes_at_most_120_requests() {
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        let client = Client::builder()
            .credentials(callperf::Credentials::jwt("", "", ""))
            .no_proxy()
            .clock(move || now)
            .build()
            .unwrap();
        let options = DashboardOptions::new(Period::last_days(28), "America/New_York").now(now);
        let plans = Plans::of(&client, &options).unwrap();
        let cost = Cost::of(&client, &options, &plans);
        assert!(cost.requests((2_000, 100, 10)) <= 120, "{cost:?}");
        assert!(cost.requests((24, 4, 2)) <= 40, "{cost:?}");
        // The days of 200 users and the totals of 201.
        assert!(cost.requests((201, 20, 3)) < cost.requests((200, 20, 3)));
    }
}
