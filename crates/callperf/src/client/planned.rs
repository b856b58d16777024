//! What a request asks for, and when its period was resolved.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::{
    connection::Client,
    directory::{self, Names, Resolved},
    keys,
};
use crate::{
    http::retry::RetryPolicy,
    plan::{Draft, Plan},
    report::{Info, Page, Row},
    wire::{operations, spelling},
    words::error::Result,
};

/// A draft with the instant at which its period is resolved: once for all that is done
/// with it, so that its pages belong together. Clones share the instant.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) draft: Draft,
    pub(super) retry: Option<RetryPolicy>,
    /// How many bytes a response may have, other than the client's bound.
    pub(super) max_body: Option<u64>,
    /// Whether the series of a page are decoded one after the other.
    pub(super) by_parts: bool,
    resolved_at: Arc<OnceLock<Timestamp>>,
    keys_of_names: Arc<OnceCell<Resolved>>,
    names_of_keys: Arc<OnceCell<Names>>,
    /// Whether the server's intervals turned out not to suit a widened timeline.
    is_unwidened: Arc<AtomicBool>,
}

impl Planned {
    pub(super) fn new(draft: Draft) -> Self {
        Self {
            draft,
            retry: None,
            max_body: None,
            by_parts: false,
            resolved_at: Arc::default(),
            keys_of_names: Arc::default(),
            names_of_keys: Arc::default(),
            is_unwidened: Arc::default(),
        }
    }

    /// The same as it was at an earlier instant, when its names had these keys.
    pub(super) fn as_of(&self, instant: Timestamp, keys: &[String], is_widened: bool) -> Self {
        let then = Self::new(self.draft.clone());
        Self {
            resolved_at: Arc::new(instant.into()),
            keys_of_names: match keys {
                [] => then.keys_of_names,
                keys => Arc::new(OnceCell::new_with(Some(Resolved {
                    keys: keys.to_vec(),
                    ..Resolved::default()
                }))),
            },
            is_unwidened: Arc::new((!is_widened).into()),
            ..then
        }
    }

    /// Shares the instant of another, and the keys of its names if they are the same.
    pub(super) fn resolve_with(&mut self, other: &Self) {
        self.resolved_at = Arc::clone(&other.resolved_at);
        if self.draft.query.group_by == other.draft.query.group_by {
            self.keys_of_names = Arc::clone(&other.keys_of_names);
        }
    }

    /// The instant at which its period is resolved, once it is known.
    pub(super) fn resolved_at(&self) -> Option<Timestamp> {
        self.resolved_at.get().copied()
    }

    /// The keys of its names, as far as they were looked up.
    pub(super) fn keys_of_names(&self) -> &[String] {
        self.keys_of_names.get().map(|resolved| &*resolved.keys).unwrap_or_default()
    }

    /// The plan as far as it is known: its instant stays open if it is.
    pub(super) fn plan(&self, client: &Client, page: u32) -> Result<Plan> {
        let now = self.resolved_at().unwrap_or_else(|| client.now());
        self.plan_at(now, page)
    }

    /// The plan with its instant from now on, and with names in the place of keys that have to be
    /// looked up before it is sent.
    pub(super) fn previewed(&self, client: &Client, page: u32) -> Result<Plan> {
        self.check_names(client)?;
        self.with_names_for_keys().settled(client, page)
    }

    /// Asks the rules about all but the names.
    pub(super) fn checked(&self, client: &Client) -> Result<Plan> {
        let plan = self.with_names_for_keys().plan(client, 1)?;
        self.check_names(client).map(|()| plan)
    }

    /// Refuses names that can't be looked up.
    fn check_names(&self, client: &Client) -> Result<()> {
        if client.0.key_resolver.is_some() || !self.has_unknown_keys() {
            return Ok(());
        }
        directory::check_names(&self.draft.query.group_by)
    }

    fn with_names_for_keys(&self) -> Self {
        let mut this = self.clone();
        if self.has_unknown_keys() {
            this.draft.query.group_by = self.draft.query.group_by.with_names_for_keys();
        }
        this
    }

    /// The plan with its instant, from now on.
    pub(super) fn settled(&self, client: &Client, page: u32) -> Result<Plan> {
        self.plan_at(*self.resolved_at.get_or_init(|| client.now()), page)
    }

    /// Whether its instant is known.
    pub(super) fn is_settled(&self) -> bool {
        self.resolved_at.get().is_some()
    }

    /// Whether the query has names whose keys aren't known yet.
    pub(super) fn has_unknown_keys(&self) -> bool {
        !self.draft.query.group_by.names.is_empty() && self.keys_of_names.get().is_none()
    }

    /// Looks up the keys of names, once: by the client's resolver, or else in the company's
    /// directory.
    ///
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) for a name that isn't found.
    pub(super) async fn look_up(&self, client: &Client) -> Result<()> {
        if !self.has_unknown_keys() {
            return Ok(());
        }
        // What the rules refuse needs no directory.
        self.checked(client)?;
        let group_by = &self.draft.query.group_by;
        let found = async || match &client.0.key_resolver {
            Some(resolver) => {
                let keys = keys::resolved(&**resolver, group_by).await?;
                Ok(Resolved { keys, ..Resolved::default() })
            }
            None => Box::pin(directory::resolved(client, group_by)).await,
        };
        self.keys_of_names.get_or_try_init(found).await.map(drop)
    }

    /// Names the records of a page that have no name, if the client is asked to.
    pub(super) async fn name<T: Row>(&self, client: &Client, page: &mut Page<T>) {
        if !client.0.names_from_directory {
            return;
        }
        let has_name = |record: &mut T| record.info_mut().as_ref().is_some_and(Info::has_name);
        if page.records.iter_mut().all(has_name) {
            return;
        }
        let group_by = &self.draft.query.group_by;
        let look_up = || Box::pin(directory::names_of(client, group_by));
        let names = self.names_of_keys.get_or_init(look_up).await;
        names.name(&mut page.records);
        page.notices.extend(names.notice().cloned());
    }

    /// Sends a timeline as it is asked for, from now on.
    pub(super) fn unwiden(&self) {
        self.is_unwidened.store(true, Ordering::Relaxed);
    }

    fn plan_at(&self, now: Timestamp, page: u32) -> Result<Plan> {
        operations::check_parameters(&self.draft)?;
        let plan = self.widened_at(now, page)?;
        let as_asked = self.is_unwidened.load(Ordering::Relaxed).then(|| plan.before_widening());
        Ok(as_asked.flatten().unwrap_or(plan))
    }

    fn widened_at(&self, now: Timestamp, page: u32) -> Result<Plan> {
        let spelling = spelling::of(self.draft.api);
        match self.keys_of_names.get() {
            None => Plan::new(&self.draft, spelling, now, page),
            Some(Resolved { keys, notices }) => {
                let mut draft = self.draft.clone();
                draft.query.group_by = draft.query.group_by.with_keys_of_names(keys);
                let mut plan = Plan::new(&draft, spelling, now, page)?;
                plan.notices.extend_from_slice(notices);
                Ok(plan)
            }
        }
    }
}
