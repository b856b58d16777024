// When calls come: four weeks of inbound calls by day of the week and hour, in the terminal.

use callperf::{Breakdown, Client, Direction, Error, GroupBy, Interval, Period, Query, Value};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const SHADES: [&str; 5] = ["  ", "░░", "▒▒", "▓▓", "██"];

#[tokio::main]
async fn main() -> Result<(), Error> {
    let client = Client::from_env()?;
    let query = Query::new(GroupBy::company(), Period::last_weeks(4), "America/New_York")
        .calls(Breakdown::Total)
        .only(Direction::Inbound);
    let mut calls = [[0_u64; 24]; 7];
    for company in client.timeline(&query, Interval::Hour).all().await? {
        for point in company.points() {
            // In the time zone of the query.
            let time = point.zoned();
            let day = usize::try_from(time.weekday().to_monday_zero_offset()).unwrap_or_default();
            let hour = usize::try_from(time.hour()).unwrap_or_default();
            calls[day][hour] += point.calls().total().and_then(Value::as_u64).unwrap_or(0);
        }
    }
    let most = calls.as_flattened().iter().copied().max().unwrap_or_default().max(1);
    for (day, hours) in DAYS.iter().zip(calls) {
        let row = hours.map(|calls| SHADES[usize::try_from(calls * 4 / most).unwrap_or_default()]);
        println!("{day} {} {}", row.concat(), hours.iter().sum::<u64>());
    }
    println!("    {}", (0..24).map(|hour| format!("{hour:<2}")).collect::<Vec<_>>().concat());
    Ok(())
}
