// Keeps each day of the last two weeks as the server sent it, one file a day. Killed at any
// moment, the next run goes on where it was, and no file is half a day.

use std::{error::Error, fs, path::Path};

use callperf::{
    Breakdown, Client, GroupBy, Period, Query, RawPage,
    jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone},
};

const TIME_ZONE: &str = "America/New_York";

fn query(day: Date) -> Query {
    Query::new(GroupBy::queues(), Period::between_days(day, day), TIME_ZONE)
        .calls(Breakdown::Total)
        .calls(Breakdown::Result)
        .time_spent(Breakdown::Segment)
}

/// The pages of a day, and how many queues they have.
async fn fetch(client: &Client, day: Date) -> Result<(Vec<RawPage>, usize), callperf::Error> {
    let query = query(day);
    let request = client.aggregate(&query);
    let (mut pages, mut queues) = (Vec::new(), 0);
    for number in 1.. {
        let raw = request.raw(number).await?;
        let page = request.read_raw(&raw)?;
        queues += page.records.len();
        pages.push(raw);
        if u64::from(number) >= page.total_pages.unwrap_or(1) {
            break;
        }
    }
    Ok((pages, queues))
}

/// Writes a file that is there whole or not at all.
fn write(file: &Path, pages: &[RawPage]) -> Result<(), Box<dyn Error>> {
    let unfinished = file.with_extension("unfinished");
    fs::write(&unfinished, serde_json::to_vec(pages)?)?;
    fs::File::open(&unfinished)?.sync_all()?;
    fs::rename(unfinished, file)?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = Client::from_env()?;
    let folder = Path::new("nightly");
    fs::create_dir_all(folder)?;
    let today = Timestamp::now().to_zoned_datetime(TimeZone::get(TIME_ZONE)?).date();
    for days in (1..=14).rev() {
        let day = today.checked_sub(days.days())?;
        let file = folder.join(format!("{day}.json"));
        if !file.exists() {
            let (pages, queues) = fetch(&client, day).await?;
            write(&file, &pages)?;
            println!("{day}: {queues} queues");
        }
    }
    Ok(())
}
