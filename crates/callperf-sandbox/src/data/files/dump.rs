//! Writing a folder of data.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::csv_file;
use super::error::DataError;
use super::format::Format;
use super::parquet_file;
use super::schema::{self, Table};
use super::spelling::{self, word_in, written};
use super::table::{Cell, Sink};
use crate::data::calls::Calls;
use crate::data::directory::{Directory, Grouping, OpeningHours};

/// Writes beside the folder first, so that there is a whole one or none. Links are followed. An empty folder that can't
/// be replaced, because it is mounted or its parent can't be written, is filled file by file.
pub(crate) fn write(
    directory: &Directory,
    calls: &Calls,
    period: (i64, i64),
    folder: &Path,
    format: Format,
) -> Result<(), DataError> {
    let folder = &place_of(folder);
    let failed = |error| DataError::caused(folder, "it can't be written", error);
    let prefix = unfinished_prefix(folder);
    let is_there = folder.exists();
    if is_there {
        remove_unfinished(folder, &prefix);
    }
    if is_there && !fs::read_dir(folder).is_ok_and(|mut inside| inside.next().is_none()) {
        let reason = "it is there already: name a new folder, or an empty one";
        return Err(DataError::new(folder, reason));
    }
    let beside = match folder.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    fs::create_dir_all(&beside).map_err(failed)?;
    remove_unfinished(&beside, &prefix);
    let unfinished_in = |place: &Path| tempfile::Builder::new().prefix(&prefix).tempdir_in(place);
    let unfinished = unfinished_in(&beside)
        .or_else(|error| if is_there { unfinished_in(folder) } else { Err(error) });
    let unfinished = unfinished.map_err(|error| failed(without_its_path(error)))?;
    let dump = Dump { directory, calls, period, folder: unfinished.path(), format };
    dump.write()?;
    put(unfinished.path(), folder, is_there).map_err(failed)
}

/// The system's error alone: the path that the library adds is of a folder that only this program knows.
fn without_its_path(error: io::Error) -> io::Error {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((reason, _)) => io::Error::new(error.kind(), reason),
        None => error,
    }
}

/// Where links lead, perhaps to a folder that isn't there yet.
fn place_of(folder: &Path) -> PathBuf {
    let links = std::iter::successors(Some(folder.to_owned()), |place| {
        let target = fs::read_link(place).ok()?;
        Some(place.parent().unwrap_or(Path::new("")).join(target))
    });
    // As many as Linux follows.
    links.take(40).last().unwrap_or_else(|| folder.to_owned())
}

/// Gives a finished folder its name, and the rights of the empty one that has it.
fn put(finished: &Path, folder: &Path, is_there: bool) -> io::Result<()> {
    if !is_there {
        return fs::rename(finished, folder);
    }
    fs::set_permissions(finished, fs::metadata(folder)?.permissions())?;
    if fs::remove_dir(folder).is_ok() {
        return fs::rename(finished, folder);
    }
    for file in fs::read_dir(finished)? {
        let file = file?;
        fs::copy(file.path(), folder.join(file.file_name()))?;
    }
    Ok(())
}

/// What the folders are called in which a dump to this one is written.
fn unfinished_prefix(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    format!(".callperf-{name}-unfinished-")
}

/// Removes what a killed process left behind. It does no harm, so a failure here doesn't matter.
fn remove_unfinished(beside: &Path, prefix: &str) {
    let is_left = |name: &OsStr| name.to_str().is_some_and(|name| name.starts_with(prefix));
    let entries = fs::read_dir(beside).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| is_left(&entry.file_name())) {
        fs::remove_dir_all(entry.path()).ok();
    }
}

struct Dump<'a> {
    directory: &'a Directory,
    calls: &'a Calls,
    period: (i64, i64),
    folder: &'a Path,
    format: Format,
}

impl Dump<'_> {
    fn write(&self) -> Result<(), DataError> {
        self.account()?;
        self.hours()?;
        self.extensions()?;
        self.memberships()?;
        self.numbers()?;
        self.calls()?;
        self.legs()?;
        self.segments()?;
        self.actions()
    }

    fn create(&self, table: &'static Table) -> Result<Box<dyn Sink>, DataError> {
        match self.format {
            Format::Csv => {
                let path = self.folder.join(format!("{}.csv", table.name));
                Ok(Box::new(csv_file::Writer::create(&path, table)?))
            }
            Format::Parquet => {
                let path = self.folder.join(format!("{}.parquet", table.name));
                parquet_file::create(&path, table)
            }
        }
    }

    fn account(&self) -> Result<(), DataError> {
        let mut sink = self.create(&schema::ACCOUNT)?;
        let company = &self.directory.entries(Grouping::Company)[0];
        sink.push(&[
            Cell::Number(schema::VERSION),
            Cell::Text(&company.key),
            company.name.as_deref().into(),
            Cell::Text(self.directory.time_zone()),
            Cell::Time(self.period.0),
            Cell::Time(self.period.1),
        ])?;
        sink.finish()
    }

    fn hours(&self) -> Result<(), DataError> {
        let mut sink = self.create(&schema::HOURS)?;
        let mut push = |queue: Option<&str>, of: &OpeningHours| {
            for (name, day) in spelling::DAYS {
                for (opens, closes) in of.on(*day) {
                    let (opens, closes) = (minute(*opens), minute(*closes));
                    let times = [Cell::Text(name), Cell::Text(&opens), Cell::Text(&closes)];
                    sink.push(&[times[0], times[1], times[2], queue.into()])?;
                }
            }
            Ok(())
        };
        push(None, &self.directory.hours)?;
        for (entry, queue) in self.directory.queues().iter().zip(&self.directory.queues) {
            queue.hours.as_ref().map_or(Ok(()), |hours| push(Some(&entry.key), hours))?;
        }
        sink.finish()
    }

    fn extensions(&self) -> Result<(), DataError> {
        let mut sink = self.create(&schema::EXTENSIONS)?;
        for (kind, grouping) in spelling::KINDS {
            for (entry, i) in self.directory.entries(*grouping).iter().zip(0..) {
                let is_queue = *grouping == Grouping::Queues;
                let queue = is_queue.then(|| self.directory.queue(i));
                let seconds = |seconds: Option<u16>| {
                    seconds.map_or(Cell::Nothing, |seconds| Cell::Number(seconds.into()))
                };
                sink.push(&[
                    Cell::Text(&entry.key),
                    Cell::Text(kind),
                    entry.extension_number.as_deref().into(),
                    entry.name.as_deref().into(),
                    seconds(queue.map(|queue| queue.sla_seconds)),
                    seconds(queue.and_then(|queue| queue.sla_abandoned_seconds)),
                ])?;
            }
        }
        sink.finish()
    }

    fn memberships(&self) -> Result<(), DataError> {
        let mut sink = self.create(&schema::MEMBERSHIPS)?;
        let mut queues = vec![Vec::new(); self.directory.extensions.len()];
        for (queue, i) in self.directory.queues.iter().zip(0..) {
            queue.agents.iter().for_each(|agent| queues[usize::from(*agent)].push(i));
        }
        for place in self.extensions_in_order() {
            let extension = self.directory.extension(place);
            let own = &self.directory.entry_of(place).key;
            let menu = extension.in_place_of.map(|menu| self.directory.extension(menu).entry);
            let sets = [
                (Grouping::Ivrs, menu.as_slice()),
                (Grouping::Sites, extension.site.as_slice()),
                (Grouping::Departments, extension.department.as_slice()),
                (Grouping::UserGroups, &extension.user_groups),
                (Grouping::Queues, &queues[usize::from(place)]),
            ];
            for (grouping, sets) in sets {
                let mut sets = sets.to_vec();
                sets.sort_unstable();
                for set in sets {
                    let key = &self.directory.entries(grouping)[usize::from(set)].key;
                    sink.push(&[Cell::Text(own), Cell::Text(key)])?;
                }
            }
        }
        sink.finish()
    }

    /// By kind and key.
    fn extensions_in_order(&self) -> Vec<u16> {
        let mut places: Vec<u16> = (0..).take(self.directory.extensions.len()).collect();
        places.sort_unstable_by_key(|place| {
            let extension = self.directory.extension(*place);
            (extension.grouping as u8, extension.entry)
        });
        places
    }

    fn numbers(&self) -> Result<(), DataError> {
        let mut sink = self.create(&schema::NUMBERS)?;
        let numbers = self.directory.company_numbers().iter().zip(&self.directory.rings_at);
        for (number, rings_at) in numbers {
            let extension = rings_at.map(|place| self.directory.entry_of(place).key.as_str());
            sink.push(&[Cell::Text(&number.key), extension.into()])?;
        }
        sink.finish()
    }

    fn numbered(&self) -> impl Iterator<Item = u32> {
        0..u32::try_from(self.calls.len()).expect("calls are numbered so")
    }

    fn calls(&self) -> Result<(), DataError> {
        let mut sink = self.create(&schema::CALLS)?;
        let numbers = self.directory.company_numbers();
        for number in self.numbered() {
            let call = self.calls.call(number);
            let ended_by = call.ended_by.map(|word| written(spelling::ENDING_PARTIES, word));
            let dialled = call.number.map(|number| numbers[usize::from(number)].key.as_str());
            sink.push(&[
                id(call.id),
                Cell::Time(call.start),
                Cell::Number(call.duration.into()),
                Cell::Text(written(spelling::ORIGINS, call.origin)),
                dialled.into(),
                ended_by.into(),
            ])?;
        }
        sink.finish()
    }

    /// Of each leg its call's id, its number in the call and its place among all.
    fn each_leg(
        &self,
        mut f: impl FnMut(Cell<'_>, Cell<'_>, usize) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        for number in self.numbered() {
            let call = id(self.calls.call(number).id);
            for (place, leg) in self.calls.leg_range(number).zip(1..) {
                f(call, Cell::Number(leg), place)?;
            }
        }
        Ok(())
    }

    fn legs(&self) -> Result<(), DataError> {
        let mut sink = self.create(&schema::LEGS)?;
        let queues = self.directory.queues();
        self.each_leg(|call, number, place| {
            let leg = self.calls.leg(place);
            let queue = leg.queue.map(|queue| queues[usize::from(queue)].key.as_str());
            let peer = leg.peer.map(|peer| self.directory.entry_of(peer).key.as_str());
            sink.push(&[
                call,
                number,
                Cell::Text(&self.directory.entry_of(leg.extension).key),
                queue.into(),
                peer.into(),
                word_in(spelling::DIRECTIONS, leg.words).into(),
                word_in(spelling::RESPONSES, leg.words).into(),
                word_in(spelling::TYPES, leg.words).into(),
                word_in(spelling::RESULTS, leg.words).into(),
                Cell::Number(leg.start.into()),
                Cell::Number((leg.end - leg.start).into()),
            ])
        })?;
        sink.finish()
    }

    fn segments(&self) -> Result<(), DataError> {
        let mut sink = self.create(&schema::SEGMENTS)?;
        self.each_leg(|call, number, place| {
            self.calls.spans(place).iter().try_for_each(|span| {
                sink.push(&[
                    call,
                    number,
                    Cell::Text(written(spelling::SEGMENTS, span.segment)),
                    Cell::Number(span.start.into()),
                    Cell::Number(span.seconds.into()),
                ])
            })
        })?;
        sink.finish()
    }

    fn actions(&self) -> Result<(), DataError> {
        let mut sink = self.create(&schema::ACTIONS)?;
        self.each_leg(|call, number, place| {
            self.calls.events(place).iter().try_for_each(|event| {
                sink.push(&[
                    call,
                    number,
                    Cell::Text(written(spelling::ACTIONS, event.action)),
                    Cell::Number(event.at.into()),
                ])
            })
        })?;
        sink.finish()
    }
}

fn id(id: u64) -> Cell<'static> {
    Cell::Number(id.cast_signed())
}

fn minute(of_day: u16) -> String {
    format!("{:02}:{:02}", of_day / 60, of_day % 60)
}
