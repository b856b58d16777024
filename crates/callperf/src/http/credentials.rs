//! Who logs in, and how the application proves who it is.

use std::{fmt, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use secrecy::{ExposeSecret, SecretString};

use super::pkce::Pkce;
use crate::words::error::{Error, ErrorKind, Result};

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Below and above these the vendor's document allows no lifetime.
const SHORTEST_TTL: Duration = Duration::from_secs(600);
const LONGEST_TTL: Duration = Duration::from_secs(3_600);

/// How an application logs in. Its `Debug` shows no secret.
///
/// It has two parts. *On whose behalf*: a JWT, an authorization code, a
/// refresh token or a password, by the constructor. *Which application*, by a
/// method: [`client_secret`](Self::client_secret) (HTTP Basic),
/// [`client_assertion`](Self::client_assertion), or neither, for an application
/// that can keep no secret; it sends its client id alone.
///
/// ```
/// use callperf::{Credentials, Pkce};
///
/// # fn main() -> Result<(), callperf::Error> {
/// let server_side = Credentials::jwt("client id", "client secret", "jwt");
///
/// let pkce = Pkce::new()?;
/// let desktop = Credentials::authorization_code("client id", "code", "http://localhost:8080/")
///     .pkce(&pkce);
///
/// let web = Credentials::authorization_code("client id", "code", "https://example.com/back")
///     .client_secret("client secret");
/// # let _ = (server_side, desktop, web);
/// # Ok(())
/// # }
/// ```
///
/// # How long it lasts
/// An access token lives an hour at most. With a JWT or a password the client
/// logs in again by itself. With a code or a refresh token it can only go on
/// if "Issue refresh tokens" is on for the application, which is off by default;
/// otherwise the session ends with [`ErrorKind::Authentication`], and a user has
/// to log in again.
#[derive(Clone)]
#[must_use]
pub struct Credentials {
    client_id: String,
    grant: Grant,
    proof: Proof,
    verifier: Option<SecretString>,
    access_token_ttl: Option<Duration>,
    session_name: Option<String>,
}

#[derive(Clone)]
enum Grant {
    /// What the store has under the session's name.
    Stored,
    Jwt(SecretString),
    Code {
        code: SecretString,
        redirect_uri: String,
    },
    RefreshToken(SecretString),
    Password {
        username: String,
        extension: String,
        password: SecretString,
    },
}

#[derive(Clone)]
enum Proof {
    ClientId,
    Secret(SecretString),
    Assertion(Arc<dyn Fn() -> String + Send + Sync>),
}

impl Credentials {
    fn new(client_id: impl Into<String>, grant: Grant) -> Self {
        Self {
            client_id: client_id.into(),
            grant,
            proof: Proof::ClientId,
            verifier: None,
            access_token_ttl: None,
            session_name: None,
        }
    }

    /// A JWT that RingCentral issued for a user, presented by an application.
    ///
    /// Client id and secret are the application's, the JWT is made in the
    /// developer console; all three must belong to the same environment.
    pub fn jwt(
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
        jwt: impl Into<String>,
    ) -> Self {
        Self::new(client_id, Grant::Jwt(jwt.into().into())).client_secret(client_secret)
    }

    /// The code that the browser brought back to `redirect_uri` after a person
    /// logged in at the address of [`authorize_url`](crate::authorize_url).
    ///
    /// A code is used once, within the minute that the server gives it; the
    /// redirect address must be the one that the login began with. Add
    /// [`pkce`](Self::pkce), [`client_secret`](Self::client_secret) or both, as
    /// the application is registered.
    pub fn authorization_code(
        client_id: impl Into<String>,
        code: impl Into<String>,
        redirect_uri: impl Into<String>,
    ) -> Self {
        let grant = Grant::Code { code: code.into().into(), redirect_uri: redirect_uri.into() };
        Self::new(client_id, grant)
    }

    /// The refresh token of a session that began elsewhere.
    ///
    /// Each is used once, and its successor isn't shown. To go on in a later run
    /// with the same credentials, keep the session in a
    /// [`FileTokenStore`](crate::FileTokenStore).
    pub fn refresh_token(client_id: impl Into<String>, token: impl Into<String>) -> Self {
        Self::new(client_id, Grant::RefreshToken(token.into().into()))
    }

    /// A user's name (a phone number with its country code, or an email
    /// address), extension and password. An empty extension isn't sent.
    ///
    /// RingCentral has deprecated this flow and taken it out of its document;
    /// it refuses it to users with a second factor (`OAU-168`) and to newer
    /// applications (`OAU-251`). Use [`jwt`](Self::jwt).
    pub fn password(
        client_id: impl Into<String>,
        username: impl Into<String>,
        extension: impl Into<String>,
        password: impl Into<String>,
    ) -> Self {
        let grant = Grant::Password {
            username: username.into(),
            extension: extension.into(),
            password: password.into().into(),
        };
        Self::new(client_id, grant)
    }

    /// The session that a [`TokenStore`](crate::TokenStore) has under this name:
    /// one that another run began by credentials with the same server, client id
    /// and [`session_name`](Self::session_name).
    ///
    /// It goes on by its refresh token. If there is no such session, or it has
    /// ended, a request fails with [`ErrorKind::Authentication`], and a user has
    /// to log in again.
    ///
    /// ```
    /// use callperf::{Client, Credentials, FileTokenStore};
    ///
    /// # fn example(code: &str, pkce: &callperf::Pkce) -> Result<(), callperf::Error> {
    /// let store = FileTokenStore::new("sessions.json");
    /// // Once, when the browser has come back with a code:
    /// let login = Credentials::authorization_code("client id", code, "http://localhost:8080/")
    ///     .pkce(pkce)
    ///     .session_name("reports");
    /// // In all later runs:
    /// let client = Client::builder()
    ///     .credentials(Credentials::stored("client id", "reports"))
    ///     .token_store(store)
    ///     .build()?;
    /// # let _ = (login, client);
    /// # Ok(())
    /// # }
    /// ```
    pub fn stored(client_id: impl Into<String>, name: impl Into<String>) -> Self {
        Self::new(client_id, Grant::Stored).session_name(name)
    }

    /// Keeps the session in the store under this name, of one or more visible
    /// characters, so that [`stored`](Self::stored) finds it.
    ///
    /// Without a name a session is kept under a digest of what began it, and
    /// found by the same code, token, JWT or user only. A session under this name
    /// that something else began is replaced.
    pub fn session_name(mut self, name: impl Into<String>) -> Self {
        self.session_name = Some(name.into());
        self
    }

    /// The application proves itself by its secret, in an HTTP Basic header.
    pub fn client_secret(mut self, secret: impl Into<String>) -> Self {
        self.proof = Proof::Secret(secret.into().into());
        self
    }

    /// The application proves itself by a signed assertion: RingCentral's
    /// `client_secret_jwt` and `private_key_jwt` (RFC 7523).
    ///
    /// `make` is asked for each request to the login endpoint, because an
    /// assertion lives for minutes and is used once. It should be quick: it runs
    /// between other tasks.
    pub fn client_assertion(mut self, make: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.proof = Proof::Assertion(Arc::new(make));
        self
    }

    /// The verifier of the login that the code comes from; for
    /// [`authorization_code`](Self::authorization_code) only.
    pub fn pkce(mut self, pkce: &Pkce) -> Self {
        self.verifier = Some(pkce.verifier().clone());
        self
    }

    /// How long an access token shall live, from 10 minutes to an hour, in whole
    /// seconds; without it the server gives an hour. A login response that doesn't say
    /// how long its token lives is taken to give what was asked for.
    pub fn access_token_ttl(mut self, ttl: Duration) -> Self {
        self.access_token_ttl = Some(ttl);
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        let refuse = |reason: &str| Err(Error::new(ErrorKind::Settings, reason));
        let is_code = matches!(self.grant, Grant::Code { .. });
        if self.verifier.is_some() && !is_code {
            return refuse("a PKCE verifier goes with an authorization code only");
        }
        let is_name = |name: &String| {
            !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control())
        };
        if !self.session_name.as_ref().is_none_or(is_name) {
            return refuse("a session's name has one or more visible characters, and no spaces");
        }
        match self.access_token_ttl {
            Some(ttl) if !(SHORTEST_TTL..=LONGEST_TTL).contains(&ttl) => {
                refuse("an access token's lifetime is from 600 to 3600 seconds")
            }
            _ => Ok(()),
        }
    }

    /// Whether a new session can begin without a user.
    pub(super) fn can_log_in_again(&self) -> bool {
        matches!(self.grant, Grant::Jwt(_) | Grant::Password { .. })
    }

    /// Whether nothing is lost when a request is broken off: a JWT and a password
    /// are good for another, and a refresh token stays valid until the access
    /// token that it brought is used, which a broken-off request never received.
    pub(super) fn can_be_presented_again(&self) -> bool {
        !matches!(self.grant, Grant::Code { .. })
    }

    /// The refresh token that was given, as against one that a login brought.
    pub(super) fn given_refresh_token(&self) -> Option<&SecretString> {
        match &self.grant {
            Grant::RefreshToken(token) => Some(token),
            _ => None,
        }
    }

    /// What a login sends; a refresh token is no login.
    pub(super) fn login_form(&self) -> Option<Form<'_>> {
        let mut form = match &self.grant {
            Grant::Jwt(jwt) => {
                Form::from([("grant_type", JWT_BEARER), ("assertion", jwt.expose_secret())])
            }
            Grant::Code { code, redirect_uri } => Form::from([
                ("grant_type", "authorization_code"),
                ("code", code.expose_secret()),
                ("redirect_uri", redirect_uri.as_str()),
            ]),
            Grant::Password { username, extension, password } => {
                let mut form = Form::from([("grant_type", "password"), ("username", username)]);
                if !extension.is_empty() {
                    form.push(("extension", extension));
                }
                form.push(("password", password.expose_secret()));
                form
            }
            Grant::RefreshToken(_) | Grant::Stored => return None,
        };
        if let Some(verifier) = &self.verifier {
            form.push(("code_verifier", verifier.expose_secret()));
        }
        Some(form)
    }

    pub(super) fn ttl_seconds(&self) -> Option<u64> {
        self.access_token_ttl.map(|ttl| ttl.as_secs())
    }

    /// The assertion of the next request, where the application proves itself so.
    pub(super) fn assertion(&self) -> Option<SecretString> {
        match &self.proof {
            Proof::Assertion(make) => Some(make().into()),
            Proof::ClientId | Proof::Secret(_) => None,
        }
    }

    /// A request by which the application proves who it is.
    pub(super) fn proven<'a>(
        &'a self,
        assertion: Option<&'a SecretString>,
        request: reqwest::RequestBuilder,
        mut form: Form<'a>,
    ) -> reqwest::RequestBuilder {
        if let Proof::Secret(secret) = &self.proof {
            return request.basic_auth(&self.client_id, Some(secret.expose_secret())).form(&form);
        }
        form.push(("client_id", &self.client_id));
        if let Some(assertion) = assertion {
            form.push(("client_assertion_type", ASSERTION_TYPE));
            form.push(("client_assertion", assertion.expose_secret()));
        }
        request.form(&form)
    }

    /// All that must not be repeated by an error, though a server may.
    pub(super) fn secrets(&self) -> Vec<&str> {
        let user = match &self.grant {
            Grant::Jwt(secret)
            | Grant::Code { code: secret, .. }
            | Grant::RefreshToken(secret)
            | Grant::Password { password: secret, .. } => Some(secret),
            Grant::Stored => None,
        };
        let application = match &self.proof {
            Proof::Secret(secret) => Some(secret),
            Proof::ClientId | Proof::Assertion(_) => None,
        };
        let all = user.into_iter().chain(application).chain(&self.verifier);
        all.map(ExposeSecret::expose_secret).collect()
    }

    /// What a Basic header of these credentials says after its first word.
    pub(super) fn basic(&self) -> Option<SecretString> {
        let Proof::Secret(secret) = &self.proof else { return None };
        let both = format!("{}:{}", self.client_id, secret.expose_secret());
        Some(BASE64.encode(both).into())
    }

    /// Where a store keeps this session: apart from other servers',
    /// applications' and users', or other names'.
    pub(super) fn store_key(&self, server: &str) -> String {
        let (client_id, digest) = (&self.client_id, self.digest().unwrap_or_default());
        match &self.session_name {
            Some(name) => format!("{server} {client_id} name={name}"),
            None => format!("{server} {client_id} {digest}"),
        }
    }

    /// What a session under a name must have been begun by; `None` where that
    /// doesn't matter: anything will do, or the key says it already.
    pub(super) fn origin(&self) -> Option<String> {
        self.session_name.as_ref().and_then(|_| self.digest())
    }

    /// The name that a session without a grant of its own is looked for by.
    pub(super) fn stored_name(&self) -> Option<&str> {
        match &self.grant {
            Grant::Stored => self.session_name.as_deref(),
            _ => None,
        }
    }

    /// Tells grants apart without a secret. A password isn't in it: it is short
    /// enough to be guessed from its digest, and name and extension are whose it
    /// is.
    fn digest(&self) -> Option<String> {
        let parts: [&str; 3] = match &self.grant {
            Grant::Jwt(jwt) => ["jwt", jwt.expose_secret(), ""],
            Grant::Code { code, .. } => ["code", code.expose_secret(), ""],
            Grant::RefreshToken(token) => ["refresh", token.expose_secret(), ""],
            Grant::Password { username, extension, .. } => ["password", username, extension],
            Grant::Stored => return None,
        };
        let mut hasher = hmac_sha256::Hash::new();
        for part in parts {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        let digest = hasher.finalize();
        let digits = digest[..16].iter().map(|byte| format!("{byte:02x}"));
        Some(digits.collect())
    }
}

/// The fields of a request to the login endpoint.
pub(super) type Form<'a> = Vec<(&'static str, &'a str)>;

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flow = match &self.grant {
            Grant::Jwt(_) => "jwt",
            Grant::Code { .. } => "authorization code",
            Grant::RefreshToken(_) => "refresh token",
            Grant::Password { .. } => "password",
            Grant::Stored => "stored",
        };
        f.debug_struct("Credentials")
            .field("client_id", &self.client_id)
            .field("flow", &flow)
            .field("session_name", &self.session_name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_that_differ_have_keys_that_differ() {
        let all = [
            Credentials::jwt("id", "secret", "jwt").store_key("https://a"),
            Credentials::jwt("id", "secret", "jwt").store_key("https://b"),
            Credentials::jwt("other", "secret", "jwt").store_key("https://a"),
            Credentials::jwt("id", "secret", "jwt 2").store_key("https://a"),
            Credentials::refresh_token("id", "jwt").store_key("https://a"),
            Credentials::password("id", "ab", "c", "").store_key("https://a"),
            Credentials::password("id", "a", "bc", "").store_key("https://a"),
            Credentials::stored("id", "one").store_key("https://a"),
            Credentials::stored("id", "other").store_key("https://a"),
            Credentials::stored("other", "one").store_key("https://a"),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn a_key_stays_the_same_when_the_application_gets_a_new_secret() {
        let key = |secret| Credentials::jwt("id", secret, "jwt").store_key("https://a");
        assert_eq!(key("old"), key("new"));
        assert_eq!(key("old"), "https://a id 62d48772392e7e29fb4f91be6cb6b27d");
    }

    #[test]
    fn a_name_is_the_key_for_all_credentials() {
        let named = Credentials::jwt("id", "secret", "jwt").session_name("one");
        let key = named.store_key("https://a");
        assert_eq!(key, Credentials::stored("id", "one").store_key("https://a"));
        assert_eq!(key, "https://a id name=one");
        assert_eq!(named.origin().as_deref(), Some("62d48772392e7e29fb4f91be6cb6b27d"));
        assert_eq!(Credentials::stored("id", "one").origin(), None);
        assert_eq!(Credentials::jwt("id", "secret", "jwt").origin(), None);
    }

    #[test]
    fn what_cannot_work_is_refused() {
        let refused = [
            Credentials::stored("id", ""),
            Credentials::stored("id", "a b"),
            Credentials::stored("id", "a\nb"),
            Credentials::stored("id", "one").pkce(&Pkce::new().unwrap()),
            Credentials::jwt("id", "secret", "jwt").pkce(&Pkce::new().unwrap()),
            Credentials::jwt("id", "secret", "jwt").access_token_ttl(Duration::from_secs(599)),
            Credentials::jwt("id", "secret", "jwt").access_token_ttl(Duration::from_secs(3601)),
        ];
        for credentials in refused {
            assert_eq!(credentials.check().unwrap_err().kind(), ErrorKind::Settings);
        }
        let code = Credentials::authorization_code("id", "code", "uri");
        code.pkce(&Pkce::new().unwrap()).access_token_ttl(SHORTEST_TTL).check().unwrap();
    }

    #[test]
    fn debug_shows_no_secret() {
        let all = [
            Credentials::jwt("id", "s3cret", "s3cret"),
            Credentials::authorization_code("id", "s3cret", "uri").client_secret("s3cret"),
            Credentials::refresh_token("id", "s3cret").client_assertion(|| "s3cret".to_owned()),
            Credentials::password("id", "name", "101", "s3cret"),
        ];
        for credentials in all {
            assert!(!format!("{credentials:?}").contains("s3cret"), "{credentials:?}");
        }
    }
}
