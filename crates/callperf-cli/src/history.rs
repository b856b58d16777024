//! What `sync` says of a history, with what to do on the command line.

use std::{io, path::Path};

use callperf::{Client, DayOfWeek};
use callperf_history::{Error, Event, Reader, Synced, files::MEMORY};
use jiff::Timestamp;

use crate::{
    Failure,
    console::{self, Distance, Meter},
    recent,
};

/// Says what happens during a sync.
pub(crate) fn show(meter: &Meter, event: Event) {
    match event {
        Event::Progress(distance) => meter.show(Distance {
            done: distance.done,
            left: distance.left,
            earliest_end: distance.earliest_end,
        }),
        Event::BeginsLater { oldest, from } => console::note(&format!(
            "note: the API has nothing from before {oldest} any more, so the history begins \
             there, and not on {from}"
        )),
        Event::Damaged(what) => {
            console::note(&format!("note: damaged, and fetched again: {what}"));
        }
        Event::Refused(breakdowns) => {
            console::note(&format!("note: {}", recent::left_out(&breakdowns)));
        }
        Event::Stray(file) => console::note(&format!(
            "note: {}: it isn't one of the history's files, and some engines read it beside them; \
             delete it",
            file.display()
        )),
        Event::NoDirectory(reason) => console::note(&format!(
            "note: the directory is left out: {reason}; --directory no leaves it out without this \
             note"
        )),
        Event::UnreadMembers(queues) => console::note(&format!(
            "note: the members of {} can't be read; in the directory they stay as they were",
            queues.join(", ")
        )),
        Event::ClockBehind { last, kept } => console::note(&format!(
            "note: the history has days up to {kept}, and the last whole day by the clock is \
             {last}; set the clock if it is wrong"
        )),
        _ => {}
    }
}

/// Says what a sync has done.
pub(crate) fn say(synced: &Synced) {
    for name in &synced.not_kept {
        console::note(&format!("note: {name} of the answers has no place in the files"));
    }
    if !synced.left_out.is_empty() {
        let names: Vec<_> = synced.left_out.iter().map(String::as_str).collect();
        console::note(&format!(
            "note: the server left out {}, though they were requested; `callperf sync --check` \
             names the days without them",
            names.join(", ")
        ));
    }
    let Synced { last, files, rows, .. } = synced;
    console::note(&format!("up to {last}: {files} files with {rows} rows"));
}

/// The failure of a command about the history at this place.
pub(crate) fn failure(error: Error, place: &Path) -> Failure {
    let text = error.to_string();
    match error {
        Error::Api(error) => Failure::Api(error),
        Error::NotAFolder { .. } => Failure::Usage(format!("--out: {text}")),
        Error::Foreign { .. } => Failure::Usage(format!(
            "--out: {text}: it isn't a folder of `callperf sync`; choose an empty one"
        )),
        Error::Missing { .. } => Failure::Usage(format!(
            "{text}; name another folder, or run `callperf sync --out {}`",
            place.display()
        )),
        Error::OtherFormat { .. } => Failure::Usage(format!("{text}; choose another folder")),
        Error::OtherSchema { .. } => {
            Failure::Usage(format!("{text}; choose another folder, or the version that wrote it"))
        }
        Error::OtherAccount { .. } => {
            Failure::Usage(format!("{text}; choose another folder, or log in to the other account"))
        }
        Error::OtherZone { .. } => {
            Failure::Usage(format!("--time-zone: {text}; leave it out, or choose another folder"))
        }
        Error::NotOver { .. } => Failure::Usage(format!("--from: {text}")),
        Error::Busy { .. } => Failure::Busy(format!("{text}; wait until it has ended")),
        Error::Damaged { .. } => {
            Failure::Data(format!("{text}; put a copy in its place, or begin another folder"))
        }
        Error::NothingKept => Failure::Usage(format!("--hourly, --daily, --figures: {text}")),
        Error::Nonsense { .. } => Failure::Data(text),
        Error::File { path, source } | Error::Unwritten { path, source } => {
            Failure::File(format!("{text}{}", store_remedy(&path, &source)))
        }
        Error::NoConditionalPut { .. } => Failure::File(format!(
            "{text}; use one that has it, as Amazon S3, Azure Blob Storage and Google Cloud Storage, \
             or a folder"
        )),
        Error::Meanwhile { .. } => Failure::Busy(format!("{text}; run it again")),
        Error::CredentialsInLocation => Failure::Usage(format!(
            "{text}, for S3 AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; everybody on this machine sees \
             an argument"
        )),
        Error::Lost { files, .. } => Failure::Data(format!(
            "everything else is there, but these are gone, and the API no longer remembers them; \
             put copies in their places, or take their days out of {}:\n  {}",
            place.join("manifest.json").display(),
            files.join("\n  ")
        )),
        _ => Failure::Usage(text),
    }
}

/// What to do about an object store, which no folder needs.
fn store_remedy(path: &Path, source: &io::Error) -> &'static str {
    if !path.to_string_lossy().contains("://") {
        return "";
    }
    match source.kind() {
        _ if source.to_string().contains("RequestTimeTooSkewed") => {
            "; set this machine's clock: the store's is another"
        }
        io::ErrorKind::PermissionDenied => {
            "; check the credentials in the environment, and that they may read, write, list and delete \
             there"
        }
        io::ErrorKind::NotFound => "; check the names of the bucket and of the prefix",
        _ => "; check that the store is there and reachable, and try again",
    }
}

/// The failure of `--history`.
pub(crate) fn unreadable(error: Error, place: &Path) -> Failure {
    match (matches!(error, Error::Missing { .. }), failure(error, place)) {
        (true, Failure::Usage(text)) => Failure::Usage(format!("--history: {text}")),
        (_, failure) => failure,
    }
}

/// A history whose weeks start as those of the API do, if a calibration has settled that.
pub(crate) fn in_weeks_of(client: &Client, reader: Reader) -> Reader {
    let settled = client.calibration().and_then(|it| it.settled("week-start"));
    let is_settled =
        |day: &&DayOfWeek| settled.is_some_and(|it| it.eq_ignore_ascii_case(day.as_str()));
    match DayOfWeek::KNOWN.iter().find(is_settled).and_then(DayOfWeek::weekday) {
        Some(day) => reader.weeks_start_on(day),
        None => reader,
    }
}

/// What is said of a report that a history answers.
pub(crate) fn answering(reader: &Reader) -> String {
    format!("answered from the history in {}{}", reader.path().display(), whose(reader))
}

/// What is said of days that the API has forgotten, and a history answers.
pub(crate) fn remembering(reader: &Reader, what: &str) -> String {
    format!("the API has forgotten {what}: {}", answering(reader))
}

/// Nothing is sent that could say whether the account is the one that is logged in.
fn whose(reader: &Reader) -> String {
    reader.account().map(|account| format!(", of the account {account}")).unwrap_or_default()
}

/// What the API has forgotten, of a period that ends at an instant.
pub(crate) fn forgotten(end: Timestamp, now: Timestamp, what: &str) -> String {
    let is_all = now.duration_since(end) >= MEMORY;
    if is_all { what.to_owned() } else { format!("the beginning of {what}") }
}
