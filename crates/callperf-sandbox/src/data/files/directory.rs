//! Reading who exists.

use std::collections::HashMap;
use std::path::Path;

use super::error::DataError;
use super::rows::{Row, Rows};
use super::schema;
use super::spelling;
use crate::data::directory::{Directory, Entry, Extension, Grouping, OpeningHours, Queue, index};
use crate::data::time;

/// Ids and numbers are 16 bits wide once they are read.
const MOST: usize = 60_000;
const LONGEST_SLA: i64 = 3600;
/// The last second that a calendar has, less a day that a time zone may take.
const LAST_SECOND: i64 = 253_402_207_200;

/// What the calls' files call things.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) ids: HashMap<String, Named>,
    pub(super) numbers: HashMap<String, u16>,
}

/// What has an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Account,
    /// By its place among the extensions.
    Extension(u16),
    /// A site, department or user group, by its place among those.
    Set(Grouping, u16),
}

type Period = (i64, i64);

pub(super) fn read(folder: &Path) -> Result<(Directory, Names, Period, i64), DataError> {
    let (mut directory, mut names, period, version) = account(folder)?;
    extensions(folder, version, &mut directory, &mut names)?;
    hours(folder, version, &mut directory, &names)?;
    memberships(folder, &mut directory, &names)?;
    numbers(folder, &mut directory, &mut names)?;
    Ok((directory, names, period, version))
}

fn account(folder: &Path) -> Result<(Directory, Names, Period, i64), DataError> {
    const VERSION: usize = 0;
    const ID: usize = 1;
    const NAME: usize = 2;
    const TIME_ZONE: usize = 3;
    const FROM: usize = 4;
    const TO: usize = 5;
    let mut rows = Rows::open(folder, &schema::ACCOUNT)?;
    let Some(row) = rows.next()? else {
        return Err(DataError::new(rows.file(), "it has no row"));
    };
    let version = row.number(VERSION);
    if !(1..=schema::VERSION).contains(&version) {
        let reason = format!("only the schema versions 1 to {} are known", schema::VERSION);
        return Err(row.refuse(VERSION, reason));
    }
    let key = id(row, ID)?;
    let name = row.optional_text(NAME).map(str::to_owned);
    let time_zone = time::zone(row.text(TIME_ZONE)).ok_or_else(|| {
        let reason = format!(
            "the name of an IANA time zone is expected, as in Europe/Zurich, not `{}`",
            row.text(TIME_ZONE)
        );
        row.refuse(TIME_ZONE, reason)
    })?;
    let period = (row.number(FROM), row.number(TO));
    for (second, column) in [(period.0, FROM), (period.1, TO)] {
        if !(0..=LAST_SECOND).contains(&second) {
            return Err(row.refuse(column, "a time of the years 1970 to 9999 is expected"));
        }
    }
    if period.1 <= period.0 {
        return Err(row.refuse(TO, "it isn't after calls_from"));
    }
    let mut directory = Directory {
        time_zone,
        hours: OpeningHours::default(),
        entries: Default::default(),
        extensions: Vec::new(),
        queues: Vec::new(),
        rings_at: Vec::new(),
    };
    let mut names = Names::default();
    names.ids.insert(key.clone(), Named::Account);
    directory.entries[Grouping::Company as usize].push(Entry { key, extension_number: None, name });
    if let Some(row) = rows.next()? {
        return Err(row.refuse(ID, "there is a second account: a folder holds one"));
    }
    Ok((directory, names, period, version))
}

fn hours(
    folder: &Path,
    version: i64,
    directory: &mut Directory,
    names: &Names,
) -> Result<(), DataError> {
    const DAY: usize = 0;
    const OPENS: usize = 1;
    const CLOSES: usize = 2;
    const QUEUE: usize = 3;
    let table = if version < 3 { &schema::HOURS_2 } else { &schema::HOURS };
    let mut rows = Rows::open(folder, table)?;
    while let Some(row) = rows.next()? {
        let day = row.word(DAY, spelling::DAYS)?;
        let opens = minute(row, OPENS)?;
        let closes = minute(row, CLOSES)?;
        if closes <= opens {
            let reason = "it isn't after opens: write two rows for hours that pass midnight";
            return Err(row.refuse(CLOSES, reason));
        }
        let has_queue = version >= 3 && row.optional_text(QUEUE).is_some();
        let hours = if has_queue {
            let queue = names.queue(row, QUEUE, directory)?;
            directory.queues[usize::from(queue)].hours.get_or_insert_default()
        } else {
            &mut directory.hours
        };
        let of_day = &mut hours.0[usize::from(day.to_monday_zero_offset().unsigned_abs())];
        if of_day.iter().any(|(from, to)| opens < *to && *from < closes) {
            return Err(row.refuse(OPENS, "it overlaps other hours of that day"));
        }
        of_day.push((opens, closes));
        of_day.sort_unstable();
    }
    Ok(())
}

/// Minutes since midnight.
fn minute(row: Row<'_>, column: usize) -> Result<u16, DataError> {
    let text = row.text(column);
    let two_digits = |part: &str| {
        let is_number = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u16>().ok().filter(|_| is_number)
    };
    let parts = text.split_once(':');
    let parts = parts.and_then(|(hour, minute)| two_digits(hour).zip(two_digits(minute)));
    match parts {
        Some((hour, minute)) if minute < 60 && hour * 60 + minute <= 24 * 60 => {
            Ok(hour * 60 + minute)
        }
        _ => {
            let reason = format!("a time from 00:00 to 24:00 is expected, not `{text}`");
            Err(row.refuse(column, reason))
        }
    }
}

/// A row of the extensions' file.
struct Read {
    grouping: Grouping,
    entry: Entry,
    sla_seconds: u16,
    sla_abandoned_seconds: Option<u16>,
}

fn extensions(
    folder: &Path,
    version: i64,
    directory: &mut Directory,
    names: &mut Names,
) -> Result<(), DataError> {
    let table = if version == 1 { &schema::EXTENSIONS_1 } else { &schema::EXTENSIONS };
    let mut rows = Rows::open(folder, table)?;
    let mut all = Vec::new();
    let mut seen: HashMap<String, u64> = HashMap::new();
    while let Some(row) = rows.next()? {
        let read = extension(row, version)?;
        if names.ids.contains_key(&read.entry.key) {
            return Err(row.refuse(0, "it is the account's id"));
        }
        if let Some(before) = seen.insert(read.entry.key.clone(), row.place()) {
            return Err(row.refuse(0, format!("the id is used before, at {before}")));
        }
        all.push(read);
        if all.len() > MOST {
            return Err(row.refuse(0, format!("there are more than {MOST} extensions")));
        }
    }
    if !all.iter().any(|read| read.grouping == Grouping::Users) {
        return Err(DataError::new(rows.file(), "there is no user to log in as; add one"));
    }
    all.sort_unstable_by(|a, b| {
        (a.grouping as u8, &a.entry.key).cmp(&(b.grouping as u8, &b.entry.key))
    });
    for read in all {
        add(directory, names, read);
    }
    Ok(())
}

fn extension(row: Row<'_>, version: i64) -> Result<Read, DataError> {
    const KIND: usize = 1;
    const NUMBER: usize = 2;
    const NAME: usize = 3;
    const SLA: usize = 4;
    const ABANDONED: usize = 5;
    let grouping = row.word(KIND, spelling::KINDS)?;
    let sla_seconds = row.optional_whole(SLA, 0..=LONGEST_SLA)?;
    match (grouping, sla_seconds) {
        (Grouping::Queues, None) => return Err(row.refuse(SLA, "a queue needs one")),
        (Grouping::Queues, _) | (_, None) => {}
        (_, Some(_)) => return Err(row.refuse(SLA, "only queues have one")),
    }
    let sla_abandoned_seconds = match version {
        1 => None,
        _ => row.optional_whole(ABANDONED, 0..=LONGEST_SLA)?,
    };
    if grouping != Grouping::Queues && sla_abandoned_seconds.is_some() {
        return Err(row.refuse(ABANDONED, "only queues have one"));
    }
    let text = |column| row.optional_text(column).map(str::to_owned);
    let entry = Entry { key: id(row, 0)?, extension_number: text(NUMBER), name: text(NAME) };
    let sla_seconds = sla_seconds.unwrap_or(0);
    Ok(Read { grouping, entry, sla_seconds, sla_abandoned_seconds })
}

fn add(directory: &mut Directory, names: &mut Names, read: Read) {
    let Read { grouping, entry, sla_seconds, sla_abandoned_seconds } = read;
    let entries = &mut directory.entries[grouping as usize];
    let (key, place) = (entry.key.clone(), index(entries.len()));
    entries.push(entry);
    let what = if grouping.is_extension() {
        let extension = index(directory.extensions.len());
        directory.extensions.push(Extension {
            grouping,
            entry: place,
            site: None,
            department: None,
            user_groups: Vec::new(),
            direct_number: None,
            in_place_of: None,
        });
        if grouping == Grouping::Queues {
            directory.queues.push(Queue {
                extension,
                sla_seconds,
                sla_abandoned_seconds,
                agents: Vec::new(),
                hours: None,
            });
        }
        Named::Extension(extension)
    } else {
        Named::Set(grouping, place)
    };
    names.ids.insert(key, what);
}

fn memberships(folder: &Path, directory: &mut Directory, names: &Names) -> Result<(), DataError> {
    const EXTENSION: usize = 0;
    const BELONGS_TO: usize = 1;
    let mut rows = Rows::open(folder, &schema::MEMBERSHIPS)?;
    while let Some(row) = rows.next()? {
        let member = names.extension(row, EXTENSION)?;
        let (grouping, set) = match names.ids.get(row.text(BELONGS_TO)) {
            Some(Named::Set(grouping, set)) => (*grouping, *set),
            Some(Named::Extension(queue)) => {
                let extension = directory.extension(*queue);
                (extension.grouping, extension.entry)
            }
            Some(Named::Account) => return Err(row.refuse(BELONGS_TO, "everybody does")),
            None => return Err(unknown(row, BELONGS_TO, "extension")),
        };
        let own = directory.extension(member).grouping;
        if grouping == Grouping::Ivrs && own != Grouping::Ivas {
            return Err(row.refuse(EXTENSION, "only IVAs can belong there"));
        }
        if own != Grouping::Users && !matches!(grouping, Grouping::Sites | Grouping::Ivrs) {
            return Err(row.refuse(EXTENSION, "only users can belong there"));
        }
        enter(directory, member, grouping, set).map_err(|why| row.refuse(BELONGS_TO, why))?;
    }
    Ok(())
}

fn enter(
    directory: &mut Directory,
    member: u16,
    grouping: Grouping,
    set: u16,
) -> Result<(), &'static str> {
    let extension = &mut directory.extensions[usize::from(member)];
    let list = match grouping {
        Grouping::Sites if extension.site.is_none() => {
            extension.site = Some(set);
            return Ok(());
        }
        Grouping::Sites => return Err("the extension has a site already"),
        Grouping::Departments if extension.department.is_none() => {
            extension.department = Some(set);
            return Ok(());
        }
        Grouping::Departments => return Err("the user has a department already"),
        Grouping::Ivrs if extension.in_place_of.is_none() => {
            let menus = directory.extensions_of(Grouping::Ivrs);
            directory.extensions[usize::from(member)].in_place_of = Some(menus[usize::from(set)]);
            return Ok(());
        }
        Grouping::Ivrs => return Err("the IVA has an IVR already"),
        Grouping::UserGroups => (&mut extension.user_groups, set),
        Grouping::Queues => (&mut directory.queues[usize::from(set)].agents, member),
        _ => return Err("nothing can belong to that"),
    };
    let (list, place) = list;
    if list.contains(&place) {
        return Err("it is said twice");
    }
    list.push(place);
    Ok(())
}

fn numbers(folder: &Path, directory: &mut Directory, names: &mut Names) -> Result<(), DataError> {
    const NUMBER: usize = 0;
    const EXTENSION: usize = 1;
    let mut rows = Rows::open(folder, &schema::NUMBERS)?;
    let mut all: Vec<(String, Option<u16>)> = Vec::new();
    while let Some(row) = rows.next()? {
        let number = row.text(NUMBER);
        if !is_e164(number) {
            let reason = format!("a number as in +12125550101 is expected, not `{number}`");
            return Err(row.refuse(NUMBER, reason));
        }
        if names.numbers.insert(number.to_owned(), 0).is_some() {
            return Err(row.refuse(NUMBER, "the number is there twice"));
        }
        let rings_at = row.optional_text(EXTENSION);
        let rings_at = rings_at.map(|_| names.extension(row, EXTENSION)).transpose()?;
        all.push((number.to_owned(), rings_at));
        if all.len() > MOST {
            return Err(row.refuse(NUMBER, format!("there are more than {MOST} numbers")));
        }
    }
    all.sort_unstable();
    for ((key, rings_at), place) in all.into_iter().zip(0..) {
        if let Some(extension) = rings_at {
            directory.extensions[usize::from(extension)].direct_number.get_or_insert(place);
        }
        directory.rings_at.push(rings_at);
        names.numbers.insert(key.clone(), place);
        let entry = Entry { key, extension_number: None, name: None };
        directory.entries[Grouping::CompanyNumbers as usize].push(entry);
    }
    Ok(())
}

fn is_e164(number: &str) -> bool {
    let digits = number.strip_prefix('+').unwrap_or_default();
    (2..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// An id: what a request's keys can hold.
fn id(row: Row<'_>, column: usize) -> Result<String, DataError> {
    let text = row.text(column);
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(row.refuse(column, "an id has no spaces"));
    }
    Ok(text.to_owned())
}

fn unknown(row: Row<'_>, column: usize, what: &str) -> DataError {
    row.refuse(column, format!("there is no {what} `{}`", row.text(column)))
}

impl Names {
    /// The user, queue, IVR, IVA or shared line that stands there.
    pub(super) fn extension(&self, row: Row<'_>, column: usize) -> Result<u16, DataError> {
        match self.ids.get(row.text(column)) {
            Some(Named::Extension(extension)) => Ok(*extension),
            Some(_) => {
                let reason = "a user, queue, IVR, IVA or shared line is expected";
                Err(row.refuse(column, reason))
            }
            None => Err(unknown(row, column, "extension")),
        }
    }

    /// The place of a queue among the queues.
    pub(super) fn queue(
        &self,
        row: Row<'_>,
        column: usize,
        directory: &Directory,
    ) -> Result<u16, DataError> {
        let extension = directory.extension(self.extension(row, column)?);
        if extension.grouping == Grouping::Queues {
            return Ok(extension.entry);
        }
        Err(row.refuse(column, "a queue is expected"))
    }

    pub(super) fn number(&self, row: Row<'_>, column: usize) -> Result<u16, DataError> {
        let number = self.numbers.get(row.text(column)).copied();
        number.ok_or_else(|| unknown(row, column, "direct number"))
    }
}
