//! Where a sandbox's data come from.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::data::directory::{Directory, MOST_USERS, USERS};
use crate::data::files::Data;
use crate::data::generate::{self, DAYS, Profile, Recipe};
use crate::error::Error;

const DAY: i64 = 86_400;
const MOST_DAYS: u32 = 365;
const MOST_CALLS: u32 = 10_000_000;

/// A folder, or what to invent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    pub(crate) folder: Option<PathBuf>,
    pub(crate) profile: Option<Profile>,
    pub(crate) users: Option<u32>,
    pub(crate) calls: Option<u32>,
    pub(crate) days: Option<u32>,
}

impl Source {
    pub(crate) fn is_folder(&self) -> bool {
        self.folder.is_some()
    }

    /// The first setting of calls to invent.
    fn invention(&self) -> Option<&'static str> {
        let settings = [
            (self.profile.is_some(), "profile"),
            (self.users.is_some(), "users"),
            (self.calls.is_some(), "calls"),
            (self.days.is_some(), "days"),
        ];
        settings.into_iter().find(|(is_set, _)| *is_set).map(|(_, setting)| setting)
    }

    /// Loads a folder, or invents calls that end at a time; at the last midnight (UTC) unless it is given.
    pub(crate) fn load(&self, seed: u64, now: Option<Timestamp>) -> Result<Data, Error> {
        match &self.folder {
            Some(folder) => match self.invention() {
                Some(setting) => Err(refused(setting, "the calls come from a folder")),
                None => Ok(Data::read(folder)?),
            },
            None => self.invent(seed, now),
        }
    }

    fn invent(&self, seed: u64, now: Option<Timestamp>) -> Result<Data, Error> {
        let now = now.unwrap_or_else(last_midnight);
        if !(1971..9999).contains(&now.to_zoned_datetime(TimeZone::UTC).year()) {
            return Err(Error::TimeOutOfRange { now });
        }
        // A call on the very second of a broken `now` is still before it.
        let end = now.as_second() + i64::from(now.subsec_nanosecond() > 0);
        let users = within("users", self.users, USERS.into(), USERS.into()..=MOST_USERS.into())?;
        let days = within("days", self.days, DAYS, 1..=MOST_DAYS)?;
        let calls = self.calls.map(|calls| within("calls", Some(calls), 0, 1..=MOST_CALLS));
        let recipe = Recipe {
            seed,
            profile: self.profile.unwrap_or_default(),
            days,
            calls: calls.transpose()?,
        };
        let users = u16::try_from(users).unwrap_or(MOST_USERS);
        let directory = Directory::grown(seed, users);
        let calls = generate::calls(&directory, &recipe, end);
        Ok(Data { directory, calls, period: (end - i64::from(days) * DAY, end) })
    }
}

fn last_midnight() -> Timestamp {
    let now = Timestamp::now().as_second();
    crate::data::time::timestamp(now - now.rem_euclid(DAY))
}

fn within(
    setting: &'static str,
    given: Option<u32>,
    default: u32,
    range: RangeInclusive<u32>,
) -> Result<u32, Error> {
    let number = given.unwrap_or(default);
    if range.contains(&number) {
        return Ok(number);
    }
    let (least, most) = range.into_inner();
    Err(refused(setting, format!("{number} is not from {least} to {most}")))
}

fn refused(setting: &'static str, reason: impl Into<String>) -> Error {
    Error::Setting { setting, reason: reason.into() }
}
