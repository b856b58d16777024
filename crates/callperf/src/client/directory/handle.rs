//! The company's directory, fetched within the quota and kept for a while.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use super::{cache::Part, operations};
use crate::{
    client::connection::Client,
    directory::{Account, Entry, Kind, Listing, ServiceLevel, Sought, TimeZone},
    words::error::{Error, ErrorKind, Result},
};

impl Client {
    /// The directory of the company: users, queues, sites and menus by key, number and name, and
    /// who belongs to them. It takes the permission `ReadAccounts`.
    ///
    /// What was fetched is kept for [`ClientBuilder::directory_max_age`], for this client and its
    /// clones.
    ///
    /// [`ClientBuilder::directory_max_age`]: crate::ClientBuilder::directory_max_age
    pub fn directory(&self) -> Directory {
        Directory { max_age: self.0.directory_max_age, client: self.clone() }
    }
}

/// The directory of a client's company: [`Client::directory`].
///
/// Nothing is sent before a future is polled. The futures own what they need. A list is fetched
/// page by page, a thousand records each, within the quota and with the retries of the client, and
/// kept for a while. Requests for the same list share one pull.
///
/// A list whose pages don't go together, because extensions came or went meanwhile, has a
/// [notice](Listing::notices) and isn't kept; a strict client
/// ([`ClientBuilder::strict`](crate::ClientBuilder::strict)) makes an error of it.
///
/// # Cancel safety
/// Dropping a future drops its request. Pages that it has read by then are lost; what was kept
/// before stays.
///
/// # Errors
/// All fail with [`ErrorKind::Permission`] without the permission `ReadAccounts`, and with any
/// other kind that a request can have.
#[derive(Clone)]
#[must_use = "nothing is fetched before one of its futures is polled"]
pub struct Directory {
    pub(super) client: Client,
    max_age: Duration,
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").field("max_age", &self.max_age).finish_non_exhaustive()
    }
}

impl Directory {
    /// How old what was fetched may be, other than the client's setting. [`Duration::ZERO`]
    /// fetches anew.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }

    /// Returns all extensions: users, queues, menus, shared lines, sites and others.
    ///
    /// # Errors
    /// Those of the type.
    pub fn extensions(&self) -> impl Future<Output = Result<Listing>> + Send + use<> {
        let this = self.clone();
        async move { Box::pin(this.all_extensions()).await.map(owned) }
    }

    /// Returns the users.
    ///
    /// # Errors
    /// Those of the type.
    pub fn users(&self) -> impl Future<Output = Result<Listing>> + Send + use<> {
        self.list(Kind::User)
    }

    /// Returns the call queues, with their service levels.
    ///
    /// # Errors
    /// Those of the type.
    pub fn queues(&self) -> impl Future<Output = Result<Listing>> + Send + use<> {
        self.list(Kind::Queue)
    }

    /// Returns the IVR menus.
    ///
    /// # Errors
    /// Those of the type.
    pub fn ivrs(&self) -> impl Future<Output = Result<Listing>> + Send + use<> {
        self.list(Kind::Ivr)
    }

    /// Returns the sites.
    ///
    /// # Errors
    /// Those of the type.
    pub fn sites(&self) -> impl Future<Output = Result<Listing>> + Send + use<> {
        self.list(Kind::Site)
    }

    /// Returns the entries of a kind.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] for departments and user groups, of which the API has no list:
    /// [`keys_in_reports`](Self::keys_in_reports) has their keys. Otherwise those of the type.
    pub fn list(&self, kind: Kind) -> impl Future<Output = Result<Listing>> + Send + use<> {
        let this = self.clone();
        async move { Box::pin(this.listed(kind)).await.map(owned) }
    }

    /// Returns the entry of a kind that a text stands for: a key, an extension number, a name, or
    /// a name in another case, in this order. An entry that isn't in use is found, too
    /// ([`Entry::is_enabled`]).
    ///
    /// A client that records or replays a cassette finds names to the letter only, unless the
    /// cassette [keeps names](crate::ClientBuilder::keep_names).
    ///
    /// # Errors
    /// [`ErrorKind::Query`] with the nearest names, or with the candidates if there are several;
    /// [`NotFound`](crate::directory::NotFound) is its source. Otherwise those of
    /// [`list`](Self::list).
    pub fn find(
        &self,
        kind: Kind,
        text: &str,
    ) -> impl Future<Output = Result<Entry>> + Send + use<> {
        let (this, text) = (self.clone(), text.to_owned());
        async move {
            let listing = Box::pin(this.searched(kind)).await?;
            this.found(&listing, kind, &text).cloned()
        }
    }

    /// Returns the members of a queue or department, or the extensions at a site, by its key.
    /// Names and statuses are those of [`extensions`](Self::extensions).
    ///
    /// # Errors
    /// [`ErrorKind::Query`] for other kinds: the API has no operation for the members of a user
    /// group. A report that is grouped by
    /// [`GroupBy::members_of_user_groups`](crate::GroupBy::members_of_user_groups) has them.
    /// It is also for a text that can't be a key; [`find`](Self::find) has the key of a name.
    /// [`ErrorKind::Refused`] for a key that doesn't exist.
    pub fn members(
        &self,
        kind: Kind,
        key: &str,
    ) -> impl Future<Output = Result<Listing>> + Send + use<> {
        let (this, key) = (self.clone(), key.to_owned());
        async move {
            check_key(kind, &key)?;
            Box::pin(this.members_with_names(kind, &key)).await
        }
    }

    /// Returns the queues that a user is a member of, by the user's key.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] for a text that can't be a key; [`find`](Self::find) has the key of a name.
    /// Otherwise those of the type.
    pub fn queues_of(&self, user: &str) -> impl Future<Output = Result<Listing>> + Send + use<> {
        let (this, user) = (self.clone(), user.to_owned());
        async move {
            check_key(Kind::User, &user)?;
            Box::pin(this.kept(Part::QueuesOf(user))).await.map(owned)
        }
    }

    /// Returns the goal, the threshold and the settings for abandoned calls of a queue, by its key.
    ///
    /// The list of extensions has them; a queue without is requested by itself.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] for a text that can't be a key; [`find`](Self::find) has the key of a name.
    /// Otherwise those of the type.
    pub fn service_level(
        &self,
        queue: &str,
    ) -> impl Future<Output = Result<ServiceLevel>> + Send + use<> {
        let (this, queue) = (self.clone(), queue.to_owned());
        async move {
            check_key(Kind::Queue, &queue)?;
            let listing = Box::pin(this.all_extensions()).await?;
            let listed = listing.get(&queue).and_then(|entry| entry.service_level.clone());
            match listed {
                Some(level) => Ok(level),
                None => Box::pin(operations::read_call_queue(&this.client, &queue)).await,
            }
        }
    }

    /// Returns the account. It isn't kept.
    ///
    /// # Errors
    /// Those of the type.
    pub fn account(&self) -> impl Future<Output = Result<Account>> + Send + use<> {
        let client = self.client.clone();
        async move { Box::pin(operations::read_account(&client)).await }
    }

    /// Returns the time zones that the service knows. It takes no permission, and they aren't kept.
    ///
    /// # Errors
    /// Those of the type.
    pub fn time_zones(&self) -> impl Future<Output = Result<Vec<TimeZone>>> + Send + use<> {
        let client = self.client.clone();
        async move { Box::pin(operations::list_time_zones(&client)).await }
    }

    /// A list that is young enough.
    async fn kept(&self, part: Part) -> Result<Arc<Listing>> {
        let fetch = || operations::list(&self.client, &part);
        self.client.0.directory.listing(part.clone(), self.max_age, fetch).await
    }

    async fn all_extensions(&self) -> Result<Arc<Listing>> {
        self.kept(Part::Extensions).await
    }

    async fn listed(&self, kind: Kind) -> Result<Arc<Listing>> {
        match kind {
            Kind::Site => self.kept(Part::Sites).await,
            Kind::Department | Kind::UserGroup => Err(unlisted(kind)),
            Kind::Ivr => Box::pin(self.all_menus()).await,
            _ => self.all_extensions().await.map(|all| Arc::new(all.of_kind(kind))),
        }
    }

    /// What names of a kind are looked up in. It has other kinds, too, so that a text which stands
    /// for one of them is refused by name.
    pub(super) async fn searched(&self, kind: Kind) -> Result<Arc<Listing>> {
        match kind {
            Kind::Site | Kind::Department | Kind::UserGroup => self.listed(kind).await,
            _ => self.all_extensions().await,
        }
    }

    pub(super) fn found<'a>(
        &self,
        listing: &'a Listing,
        kind: Kind,
        text: &str,
    ) -> Result<&'a Entry> {
        let pseudonyms = self.client.transport().pseudonyms(text);
        let found = listing.find_sought(kind, &Sought::with_pseudonyms(text, pseudonyms));
        found.map_err(|error| Error::new(ErrorKind::Query, error.to_string()).with_source(error))
    }

    /// The menus among the extensions, which have statuses, and those that only the list of menus
    /// has.
    async fn all_menus(&self) -> Result<Arc<Listing>> {
        let extensions = self.all_extensions().await?;
        let menus = self.kept(Part::Menus).await?;
        let mut all = extensions.of_kind(Kind::Ivr);
        all.entries
            .extend(menus.iter().filter(|menu| extensions.get(&menu.key).is_none()).cloned());
        all.notices.extend_from_slice(&menus.notices);
        Ok(Arc::new(all))
    }

    async fn members_with_names(&self, kind: Kind, key: &str) -> Result<Listing> {
        if !matches!(kind, Kind::Queue | Kind::Site | Kind::Department) {
            let message = format!(
                "the API has no list of the members of {}; it has those of queues, sites and \
                 departments",
                kind.plural()
            );
            return Err(Error::new(ErrorKind::Query, message));
        }
        let members = self.kept(Part::Members(kind, key.to_owned())).await?;
        let extensions = self.all_extensions().await?;
        let by_key: HashMap<_, _> = extensions.iter().map(|entry| (&*entry.key, entry)).collect();
        let known = |member: &Entry| (*by_key.get(&*member.key).unwrap_or(&member)).clone();
        let mut named = Listing::new(members.iter().map(known));
        named.notices.clone_from(&members.notices);
        Ok(named)
    }
}

fn owned(listing: Arc<Listing>) -> Listing {
    Arc::unwrap_or_clone(listing)
}

pub(super) fn unlisted(kind: Kind) -> Error {
    let plural = kind.plural();
    let message = format!(
        "the API has no list of {plural}, so their names can't be looked up; use keys, which a \
         report grouped by {plural} has"
    );
    Error::new(ErrorKind::Query, message)
}

/// Refuses a name in the place of a key. Only a site may have a key that isn't a number.
///
/// # Errors
/// [`ErrorKind::Query`].
fn check_key(kind: Kind, key: &str) -> Result<()> {
    let is_number = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || !matches!(kind, Kind::User | Kind::Queue | Kind::Department) {
        return Ok(());
    }
    let message = format!(
        "{key:?} is not the key of a {kind}, which has digits only; Directory::find has the key of a \
         name or an extension number"
    );
    Err(Error::new(ErrorKind::Query, message))
}
