//! Whose calls a sandbox has.

use std::path::{Path, PathBuf};

use super::{Builder, Sandbox};
use crate::data::files::{self, Data, Format};
use crate::data::generate::Profile;
use crate::error::Error;

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
        self.source.load(self.seed, self.now)
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
        Ok(files::write(&world.directory, &world.calls, self.period, folder.as_ref(), format)?)
    }
}
