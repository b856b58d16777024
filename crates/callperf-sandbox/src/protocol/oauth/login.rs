//! Logging in, and whether a token is good.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode, Uri};

use super::app::App;
use super::client::{self, credentials_of, is_same};
use super::codes::Codes;
use super::form::{self, Form};
use super::refusal::Refusal;
use super::sessions::{Bad, Caller, Store, Token, Wishes};
use crate::data::directory::Entry;
use crate::protocol::clock::Clock;
use crate::wire::failure::Failure;

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Seconds of a week: what a refresh token lives unless it is asked for less or more.
const REFRESH_LIFETIME: Duration = Duration::from_secs(7 * 86_400);
/// What a token lives that the sandbox itself gives to a tool.
const TOOL_LIFETIME: Duration = Duration::from_secs(86_400);
/// Grants that the document names and the sandbox has no use for.
const OTHER_GRANTS: [&str; 7] = [
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code",
    "device_certificate",
    "guest",
    "personal_jwt",
    "otp",
    "ivr_pin",
];
/// What mustn't be there twice.
const PARAMETERS: [&str; 15] = [
    "grant_type",
    "client_id",
    "client_assertion",
    "client_assertion_type",
    "assertion",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "username",
    "extension",
    "password",
    "scope",
    "access_token_ttl",
    "refresh_token_ttl",
];

/// What a client needs to log in.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) jwt: String,
    pub(crate) password: String,
}

impl Credentials {
    /// Made from the seed, and not to be taken for real ones.
    pub(crate) fn of_seed(seed: u64) -> Credentials {
        Credentials {
            client_id: format!("sandbox-client-{seed}"),
            client_secret: format!("not-a-secret-{seed:016x}"),
            jwt: format!("not.a.jwt-{seed:016x}"),
            password: format!("not-a-password-{seed:016x}"),
        }
    }
}

/// Who may log in.
pub(crate) struct Users {
    pub(crate) extensions: Vec<Entry>,
    /// The id of the extension that the JWT was made for.
    pub(crate) owner: String,
    /// The numbers that an extension can be reached by, for the password grant.
    pub(crate) numbers: Vec<String>,
}

/// Who may log in, and who has.
pub(crate) struct Sessions {
    pub(super) apps: Vec<App>,
    pub(super) users: Users,
    pub(super) jwt: String,
    pub(super) password: String,
    pub(super) clock: Arc<Clock>,
    pub(super) store: Mutex<Store>,
    pub(super) codes: Mutex<Codes>,
}

impl Sessions {
    pub(crate) fn new(
        apps: Vec<App>,
        users: Users,
        credentials: &Credentials,
        clock: Arc<Clock>,
    ) -> Sessions {
        Sessions {
            apps,
            users,
            jwt: credentials.jwt.clone(),
            password: credentials.password.clone(),
            clock,
            store: Mutex::default(),
            codes: Mutex::default(),
        }
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn codes(&self) -> MutexGuard<'_, Codes> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The app that a request about logging in says it is from.
    pub(crate) fn named_app(&self, headers: &HeaderMap, form: &Form) -> Option<usize> {
        client::named(&self.apps, headers, form)
    }

    pub(crate) fn log_in(&self, headers: &HeaderMap, form: &Form) -> Result<Token, Refusal> {
        form.check_once(&PARAMETERS)?;
        let app = self.authenticate(headers, form)?;
        let grant_type = form.required("grant_type")?;
        let wishes = form.wishes()?;
        match grant_type {
            JWT_BEARER | "partner_jwt" => self.by_jwt(app, form, wishes),
            "authorization_code" => self.by_code(app, form, wishes),
            "refresh_token" => self.by_refresh_token(app, form, &wishes),
            "password" => self.by_password(app, form, wishes),
            other if OTHER_GRANTS.contains(&other) => Err(Refusal::new(
                "unauthorized_client",
                "OAU-251",
                "Unauthorized for this grant type: the sandbox has no use for it",
            )),
            _ => Err(Refusal::new(
                "unsupported_grant_type",
                "CMN-101",
                "Parameter [grant_type] value is invalid",
            )),
        }
    }

    fn authenticate(&self, headers: &HeaderMap, form: &Form) -> Result<usize, Refusal> {
        // Assertions are dated by the client's clock, not by the day that the sandbox's calls end on.
        client::authenticate(&self.apps, headers, form, jiff::Timestamp::now())
    }

    fn by_jwt(&self, app: usize, form: &Form, wishes: Wishes) -> Result<Token, Refusal> {
        if !is_same(form.required("assertion")?, &self.jwt) {
            return Err(Refusal::grant("OAU-213", "Token not found"));
        }
        Ok(self.open(app, &self.users.owner, form.get("scope"), wishes))
    }

    /// Logs the JWT's user in to the sandbox's own app, for a tool that can't do so by itself; no quota counts it.
    pub(crate) fn log_in_for_tool(&self) -> String {
        let wishes =
            Wishes { access_lifetime: Some(TOOL_LIFETIME), is_of_tool: true, ..Wishes::default() };
        self.open(0, &self.users.owner, None, wishes).access_token().to_owned()
    }

    /// The name is one of the company's numbers, the extension a field of its own or after an asterisk.
    fn by_password(&self, app: usize, form: &Form, wishes: Wishes) -> Result<Token, Refusal> {
        let username = form.required("username")?;
        let password = form.required("password")?;
        let (number, extension) = match username.split_once('*') {
            Some((number, extension)) => (number, Some(extension)),
            None => (username, form.get("extension").filter(|text| !text.is_empty())),
        };
        let user = self.users.by_number(number, extension);
        let is_right = is_same(password, &self.password);
        match user.filter(|_| is_right) {
            Some(user) => Ok(self.open(app, user, form.get("scope"), wishes)),
            None => Err(Refusal::grant("OAU-140", "Invalid resource owner credentials.")),
        }
    }

    fn by_refresh_token(&self, app: usize, form: &Form, wishes: &Wishes) -> Result<Token, Refusal> {
        let token = form.required("refresh_token")?;
        let refreshed = self.store().refresh(app, token, wishes, self.clock.elapsed());
        refreshed.map_err(|bad| match bad {
            Bad::Expired => Refusal::grant("OAU-210", "Token expired"),
            Bad::Gone | Bad::Unknown => Refusal::grant("OAU-213", "Token not found"),
        })
    }

    pub(super) fn open(
        &self,
        app: usize,
        user: &str,
        scope: Option<&str>,
        wishes: Wishes,
    ) -> Token {
        let settings = &self.apps[app];
        let permissions = narrowed(&settings.permissions, scope);
        let caller = Caller { app, user: user.to_owned(), permissions };
        let refresh = settings.refresh_tokens.then_some(REFRESH_LIFETIME);
        let lifetimes = (Duration::from_secs(form::ACCESS_LIFETIME.1), refresh);
        self.store().open(caller, wishes, lifetimes, self.clock.elapsed())
    }

    /// Ends a session by one of its tokens. An unknown token isn't an error (RFC 7009).
    pub(crate) fn revoke(
        &self,
        headers: &HeaderMap,
        uri: &Uri,
        form: &Form,
    ) -> Result<(), Refusal> {
        form.check_once(&PARAMETERS)?;
        let app = self.authenticate(headers, form)?;
        let query = Form::of_query(uri);
        let token = match (query.get("token"), form.get("token")) {
            (Some(one), Some(other)) if one != other => {
                return Err(Refusal::new(
                    "invalid_request",
                    "OAU-150",
                    "The value of query parameter [token] should be equal to parameter [token] in request body",
                ));
            }
            (one, other) => one.or(other).ok_or_else(|| Refusal::missing("token"))?,
        };
        let mut store = self.store();
        if store.app_of(token).is_some_and(|owner| owner != app) {
            return Err(Refusal::grant("OAU-121", "Wrong Application"));
        }
        store.end(token);
        Ok(())
    }

    /// Who is asking for the account's data. The token is in a header or, discouraged, in the query string.
    pub(crate) fn check(&self, headers: &HeaderMap, uri: &Uri) -> Result<Caller, Failure> {
        let refusal = |code, message| Failure::new(StatusCode::UNAUTHORIZED, code, message);
        let query = Form::of_query(uri);
        let token = match headers.get(AUTHORIZATION) {
            Some(header) => credentials_of(header, "bearer"),
            None => query.get("access_token"),
        };
        let token = token.ok_or_else(|| refusal("AGW-402", "Invalid Authorization header"))?;
        let mut store = self.store();
        store.caller(token, self.clock.elapsed()).cloned().map_err(|bad| match bad {
            Bad::Expired => refusal("OAU-128", "Access token expired"),
            Bad::Gone => refusal("OAU-213", "Token not found"),
            Bad::Unknown => refusal("OAU-129", "Access token corrupted"),
        })
    }

    pub(crate) fn client_id(&self, app: usize) -> &str {
        &self.apps[app].client_id
    }

    pub(crate) fn app_of_id(&self, client_id: &str) -> Option<usize> {
        self.apps.iter().position(|app| app.client_id == client_id)
    }

    /// The extension id of the user that the JWT was made for.
    pub(crate) fn owner(&self) -> &str {
        &self.users.owner
    }

    pub(crate) fn number_of_sessions(&self) -> usize {
        self.store().number_of_sessions(self.clock.elapsed())
    }

    /// Lets the token of a request grow old, or its session end.
    pub(crate) fn spoil(&self, headers: &HeaderMap, is_end: bool) {
        let bearer = headers.get(AUTHORIZATION).and_then(|it| credentials_of(it, "bearer"));
        let Some(token) = bearer else { return };
        if is_end {
            self.store().end(token);
        } else {
            self.store().expire(token, self.clock.elapsed());
        }
    }

    /// Ends all sessions and takes back all codes.
    pub(crate) fn clear(&self) {
        self.store().clear();
        self.codes().clear();
    }
}

impl Users {
    fn by_number(&self, number: &str, extension: Option<&str>) -> Option<&str> {
        if !self.numbers.iter().any(|known| known == number) {
            return None;
        }
        match extension {
            None => Some(&self.owner),
            Some(extension) => {
                let mut users = self.extensions.iter();
                let user = users.find(|user| user.extension_number.as_deref() == Some(extension));
                user.map(|user| user.key.as_str())
            }
        }
    }

    pub(super) fn by_key(&self, key: &str) -> Option<&str> {
        let user = self.extensions.iter().find(|user| user.key == key);
        user.map(|user| user.key.as_str())
    }
}

/// A scope can only ask for less than the app may do; words of it that the app doesn't have are passed over.
pub(super) fn narrowed(permissions: &[String], scope: Option<&str>) -> Vec<String> {
    let asked: Vec<_> = scope.unwrap_or_default().split_whitespace().collect();
    let named = |name: &&String| asked.contains(&name.as_str());
    let narrowed: Vec<_> = permissions.iter().filter(named).cloned().collect();
    if narrowed.is_empty() { permissions.to_vec() } else { narrowed }
}
