//! Where a sandbox's data come from.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Data, Format, dump};
use crate::directory::{Directory, MOST_USERS, USERS};
use crate::generate::{self, DAYS, Profile, Recipe};
use crate::sandbox::{Builder, Error, Sandbox};

const DAY: i64 = 86_400;
const MOST_DAYS: u32 = 365;
const MOST_CALLS: u32 = 10_000_000;

/// A folder, or what to invent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    folder: Option<PathBuf>,
    profile: Option<Profile>,
    users: Option<u32>,
    calls: Option<u32>,
    days: Option<u32>,
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
}

/// Whose calls there are.
impl Builder {
    /// Loads the calls from a folder in the schema of [`Data`], instead of inventing some. The clock stands where
    /// the data's period ends, unless [`Builder::now`] is set.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use callperf_sandbox::{Format, Sandbox};
    ///
    /// # let scratch = tempfile::tempdir()?;
    /// # let folder = scratch.path().join("calls");
    /// let invented = Sandbox::builder().seed(7).days(14).start().await?;
    /// invented.dump(&folder, Format::Csv)?;
    /// // … change the files, or write such files from a history of your own …
    /// let loaded = Sandbox::builder().data(&folder).start().await?;
    /// assert_eq!(loaded.directory().users(), invented.directory().users());
    /// # Ok(())
    /// # }
    /// ```
    pub fn data(mut self, folder: impl Into<PathBuf>) -> Builder {
        self.source.folder = Some(folder.into());
        self
    }

    /// What the invented calls are like.
    pub fn profile(mut self, profile: Profile) -> Builder {
        self.source.profile = Some(profile);
        self
    }

    /// How many users the company has, from 24 (the default) to 20,000. Queues, menus, sites and so on grow with
    /// them, and so do the calls, unless [`Builder::calls`] is set. Everything of the company of 24 is in a larger
    /// one too, with the same keys.
    pub fn users(mut self, users: u32) -> Builder {
        self.source.users = Some(users);
        self
    }

    /// How many calls to invent, up to ten million. Without it the profile and the users tell how many a day has,
    /// and a day's calls stay the same when the period moves; with it they don't.
    pub fn calls(mut self, calls: u32) -> Builder {
        self.source.calls = Some(calls);
        self
    }

    /// How many times 24 hours before [`Builder::now`] the invented calls are from: 1 to 365, unless it is set 184,
    /// which is as far back as the API lets anyone ask.
    pub fn days(mut self, days: u32) -> Builder {
        self.source.days = Some(days);
        self
    }

    /// Generates or loads the calls, without a server.
    ///
    /// ```
    /// # let scratch = tempfile::tempdir().unwrap();
    /// # let folder = scratch.path().join("calls");
    /// use callperf_sandbox::{Format, Profile, Sandbox};
    ///
    /// let recipe = Sandbox::builder().seed(7).profile(Profile::ContactCentre).days(7).calls(5000);
    /// let data = recipe.load()?;
    /// assert_eq!(data.calls(), 5000);
    /// data.write(&folder, Format::Parquet)?;
    /// # Ok::<(), callperf_sandbox::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When a setting is out of its range, no calls can be placed before [`Builder::now`], or there is something
    /// wrong with the data of a folder.
    pub fn load(&self) -> Result<Data, Error> {
        match &self.source.folder {
            Some(folder) => match self.source.invention() {
                Some(setting) => Err(refused(setting, "the calls come from a folder")),
                None => Ok(Data::read(folder)?),
            },
            None => self.invent(),
        }
    }

    fn invent(&self) -> Result<Data, Error> {
        let now = self.now.unwrap_or_else(last_midnight);
        if !(1971..9999).contains(&now.to_zoned_datetime(TimeZone::UTC).year()) {
            return Err(Error::TimeOutOfRange { now });
        }
        // A call on the very second of a broken `now` is still before it.
        let end = now.as_second() + i64::from(now.subsec_nanosecond() > 0);
        let source = &self.source;
        let users = within("users", source.users, USERS.into(), USERS.into()..=MOST_USERS.into())?;
        let days = within("days", source.days, DAYS, 1..=MOST_DAYS)?;
        let calls = source.calls.map(|calls| within("calls", Some(calls), 0, 1..=MOST_CALLS));
        let recipe = Recipe {
            seed: self.seed,
            profile: source.profile.unwrap_or_default(),
            days,
            calls: calls.transpose()?,
        };
        let users = u16::try_from(users).unwrap_or(MOST_USERS);
        let directory = Directory::grown(self.seed, users);
        let calls = generate::calls(&directory, &recipe, end);
        Ok(Data { directory, calls, period: (end - i64::from(days) * DAY, end) })
    }
}

impl Sandbox {
    /// Writes the calls and the account to a folder, which must not be there yet or be empty.
    ///
    /// # Errors
    ///
    /// When there is something in the folder, or it can't be written; then nothing is left behind.
    pub fn dump(&self, folder: impl AsRef<Path>, format: Format) -> Result<(), Error> {
        let world = &self.server.world;
        Ok(dump::write(&world.directory, &world.calls, self.period, folder.as_ref(), format)?)
    }
}

fn last_midnight() -> Timestamp {
    let now = Timestamp::now().as_second();
    crate::time::timestamp(now - now.rem_euclid(DAY))
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
