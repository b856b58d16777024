//! Sessions: which tokens are good, and until when.

use std::time::Duration;

use serde::Serialize;

/// "Usually" as many, says the guide; the next login ends one. Which one it doesn't say: here the oldest.
const MOST_SESSIONS: usize = 5;
/// How long a refresh token that was used goes on, once the access token that it brought has been used …
const GRACE: Duration = Duration::from_secs(10);
/// … and as long as that hasn't.
const GRACE_UNUSED: Duration = Duration::from_secs(3_600);

const ACCESS: &str = "sandbox-access-token-";
const REFRESH: &str = "sandbox-refresh-token-";

/// What a login asks for besides being let in.
#[derive(Clone, Debug, Default)]
pub(super) struct Wishes {
    pub(super) access_lifetime: Option<Duration>,
    pub(super) refresh_lifetime: Option<Duration>,
    pub(super) endpoint_id: Option<String>,
    /// Whether it is for a tool that can't log in again: other logins don't end its session.
    pub(super) is_of_tool: bool,
}

/// On whose behalf an app speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The place of the app.
    pub(crate) app: usize,
    /// The user's extension id.
    pub(crate) user: String,
    pub(crate) permissions: Vec<String>,
}

impl Caller {
    pub(crate) fn may(&self, permission: &str) -> bool {
        self.permissions.iter().any(|name| name == permission)
    }
}

/// Why a token isn't good (any more).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bad {
    /// Its time is over.
    Expired,
    /// Its session was ended, or it was replaced by another one.
    Gone,
    /// It never was one.
    Unknown,
}

/// A login that succeeded, as the service writes it.
#[derive(Clone, Debug, Serialize)]
#[allow(clippy::struct_field_names, reason = "the wire's names")]
pub(crate) struct Token {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token_expires_in: Option<u64>,
    scope: String,
    owner_id: String,
    endpoint_id: String,
    session_id: String,
}

impl Token {
    pub(super) fn access_token(&self) -> &str {
        &self.access_token
    }
}

/// All times are the sandbox's own, since its start.
#[derive(Debug, Default)]
pub(super) struct Store {
    sessions: Vec<Session>,
    sessions_opened: u64,
    tokens_issued: u64,
}

#[derive(Debug)]
struct Session {
    number: u64,
    caller: Caller,
    endpoint_id: String,
    is_of_tool: bool,
    access_lifetime: Duration,
    refresh_lifetime: Option<Duration>,
    access: Issued,
    /// When the access token was first used.
    used: Option<Duration>,
    refresh: Option<Issued>,
    /// The refresh token that brought the present tokens, and when.
    before: Option<(String, Duration)>,
}

#[derive(Clone, Debug)]
struct Issued {
    token: String,
    ends: Duration,
}

impl Store {
    pub(super) fn open(
        &mut self,
        caller: Caller,
        wishes: Wishes,
        lifetimes: (Duration, Option<Duration>),
        now: Duration,
    ) -> Token {
        if !wishes.is_of_tool {
            self.make_room(&caller, now);
        }
        self.sessions_opened += 1;
        let number = self.sessions_opened;
        let access_lifetime = wishes.access_lifetime.unwrap_or(lifetimes.0);
        let refresh_lifetime = lifetimes.1.map(|usual| wishes.refresh_lifetime.unwrap_or(usual));
        let (access, refresh) = self.issue(access_lifetime, refresh_lifetime, now);
        let endpoint_id = wishes.endpoint_id;
        let session = Session {
            number,
            caller,
            endpoint_id: endpoint_id.unwrap_or_else(|| format!("sandbox-endpoint-{number}")),
            is_of_tool: wishes.is_of_tool,
            access_lifetime,
            refresh_lifetime,
            access,
            used: None,
            refresh,
            before: None,
        };
        let token = session.token(now);
        self.sessions.push(session);
        token
    }

    /// Ends sessions of the same user and app until one more may begin: the dead first, then the oldest.
    fn make_room(&mut self, caller: &Caller, now: Duration) {
        let same = |session: &Session| {
            session.caller.app == caller.app
                && session.caller.user == caller.user
                && !session.is_of_tool
        };
        let mut places: Vec<_> = (0..self.sessions.len()).collect();
        places.retain(|place| same(&self.sessions[*place]));
        places.sort_by_key(|place| {
            let session = &self.sessions[*place];
            (session.is_alive(now), session.number)
        });
        let too_many = (places.len() + 1).saturating_sub(MOST_SESSIONS);
        let mut ended = places[..too_many].to_vec();
        ended.sort_unstable();
        for place in ended.into_iter().rev() {
            self.sessions.remove(place);
        }
    }

    fn issue(
        &mut self,
        access: Duration,
        refresh: Option<Duration>,
        now: Duration,
    ) -> (Issued, Option<Issued>) {
        self.tokens_issued += 1;
        let number = self.tokens_issued;
        let issued = |prefix, lifetime| Issued {
            token: format!("{prefix}{number}"),
            ends: now.saturating_add(lifetime),
        };
        (issued(ACCESS, access), refresh.map(|lifetime| issued(REFRESH, lifetime)))
    }

    /// Exchanges a refresh token. One that was used brings the same tokens once more while its grace lasts.
    pub(super) fn refresh(
        &mut self,
        app: usize,
        token: &str,
        wishes: &Wishes,
        now: Duration,
    ) -> Result<Token, Bad> {
        let mine = |session: &Session| session.caller.app == app;
        let has_it = |session: &Session| match (&session.refresh, &session.before) {
            (Some(refresh), _) if refresh.token == token => true,
            (_, Some((before, _))) => before == token,
            _ => false,
        };
        let place = self.sessions.iter().position(|session| mine(session) && has_it(session));
        let place = place.ok_or_else(|| self.never_or_gone(token))?;
        let session = &self.sessions[place];
        if session.before.as_ref().is_some_and(|(before, _)| before == token) {
            return if session.is_in_grace(now) { Ok(session.token(now)) } else { Err(Bad::Gone) };
        }
        if session.refresh.as_ref().is_some_and(|refresh| refresh.ends <= now) {
            return Err(Bad::Expired);
        }
        let access_lifetime = wishes.access_lifetime.unwrap_or(session.access_lifetime);
        let refresh_lifetime = session.refresh_lifetime;
        let refresh_lifetime =
            refresh_lifetime.map(|usual| wishes.refresh_lifetime.unwrap_or(usual));
        let (access, refresh) = self.issue(access_lifetime, refresh_lifetime, now);
        let session = &mut self.sessions[place];
        session.access = access;
        session.access_lifetime = access_lifetime;
        session.used = None;
        session.refresh = refresh;
        session.refresh_lifetime = refresh_lifetime;
        session.before = Some((token.to_owned(), now));
        Ok(session.token(now))
    }

    /// On whose behalf the bearer of an access token speaks. It counts as used.
    pub(super) fn caller(&mut self, token: &str, now: Duration) -> Result<&Caller, Bad> {
        let unknown = self.never_or_gone(token);
        let mut sessions = self.sessions.iter_mut();
        let session = sessions.find(|session| session.access.token == token).ok_or(unknown)?;
        if session.access.ends <= now {
            return Err(Bad::Expired);
        }
        session.used.get_or_insert(now);
        Ok(&session.caller)
    }

    /// Ends the session that a token of either kind belongs to. Gives its app, if there is one.
    pub(super) fn end(&mut self, token: &str) -> Option<usize> {
        let place = self.place(token)?;
        Some(self.sessions.remove(place).caller.app)
    }

    /// The app of the session that a token belongs to.
    pub(super) fn app_of(&self, token: &str) -> Option<usize> {
        self.place(token).map(|place| self.sessions[place].caller.app)
    }

    fn place(&self, token: &str) -> Option<usize> {
        let has_it = |session: &Session| {
            session.access.token == token
                || session.refresh.as_ref().is_some_and(|refresh| refresh.token == token)
                || session.before.as_ref().is_some_and(|(before, _)| before == token)
        };
        self.sessions.iter().position(has_it)
    }

    /// Lets an access token's time be over.
    pub(super) fn expire(&mut self, token: &str, now: Duration) {
        for session in self.sessions.iter_mut().filter(|session| session.access.token == token) {
            session.access.ends = now;
        }
    }

    /// Ends all sessions.
    pub(super) fn clear(&mut self) {
        self.sessions.clear();
    }

    pub(super) fn number_of_sessions(&self, now: Duration) -> usize {
        self.sessions.iter().filter(|session| session.is_alive(now)).count()
    }

    fn never_or_gone(&self, token: &str) -> Bad {
        let number = token.strip_prefix(ACCESS).or_else(|| token.strip_prefix(REFRESH));
        let number = number.and_then(|number| number.parse::<u64>().ok());
        let was_issued = number.is_some_and(|number| (1..=self.tokens_issued).contains(&number));
        if was_issued { Bad::Gone } else { Bad::Unknown }
    }
}

impl Session {
    fn is_alive(&self, now: Duration) -> bool {
        now < self.access.ends || self.refresh.as_ref().is_some_and(|refresh| now < refresh.ends)
    }

    fn is_in_grace(&self, now: Duration) -> bool {
        let Some((_, replaced)) = &self.before else { return false };
        match self.used {
            Some(used) => now.saturating_sub(used) <= GRACE,
            None => now.saturating_sub(*replaced) <= GRACE_UNUSED,
        }
    }

    fn token(&self, now: Duration) -> Token {
        let left = |issued: &Issued| issued.ends.saturating_sub(now).as_secs();
        Token {
            access_token: self.access.token.clone(),
            token_type: "bearer",
            expires_in: left(&self.access),
            refresh_token: self.refresh.as_ref().map(|refresh| refresh.token.clone()),
            refresh_token_expires_in: self.refresh.as_ref().map(left),
            scope: self.caller.permissions.join(" "),
            owner_id: self.caller.user.clone(),
            endpoint_id: self.endpoint_id.clone(),
            session_id: format!("sandbox-session-{}", self.number),
        }
    }
}
