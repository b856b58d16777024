//! Which server, which application, on whose behalf: from a profile, a file or
//! the environment.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use callperf::{Api, Client, ClientBuilder, Credentials, FileTokenStore, PRODUCTION};
use jiff::civil::Date;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    Failure,
    args::ConnectionArgs,
    config::{self, Loaded, Profile},
    console::note,
    files,
    options::ProfileArgs,
    text::APPLICATION,
    text::read_text,
    variables,
};

/// Where the settings are from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Environment,
    File(PathBuf),
    Profile { name: String, file: PathBuf },
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("the environment"),
            Self::File(file) => file.display().fmt(f),
            Self::Profile { name, file } => write!(f, "profile {name} of {}", file.display()),
        }
    }
}

/// A secret, or where it is. It is read when it is needed.
#[derive(Clone, Debug)]
pub(crate) enum Secret {
    Here(SecretString),
    Variable(String),
    File(PathBuf),
}

impl Secret {
    pub(crate) fn read(&self) -> Result<SecretString, Failure> {
        match self {
            Self::Here(secret) => Ok(secret.clone()),
            Self::Variable(name) => {
                files::variable(name).map(SecretString::from).ok_or_else(|| {
                    Failure::Usage(format!("the environment variable {name} isn't set"))
                })
            }
            Self::File(file) => {
                let text = read_text(file)
                    .map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?;
                match text.trim() {
                    "" => Err(Failure::Usage(format!("{}: it is empty", file.display()))),
                    secret => Ok(secret.into()),
                }
            }
        }
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(_) => f.write_str("given"),
            Self::Variable(name) => write!(f, "from {name}"),
            Self::File(file) => write!(f, "from {}", file.display()),
        }
    }
}

/// All that a client is made of. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) source: Source,
    pub(crate) server: String,
    /// The one that an older server speaks.
    pub(crate) server_revision: Option<Date>,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<Secret>,
    pub(crate) jwt: Option<Secret>,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) proxy: Option<Secret>,
    pub(crate) root_certificate: Option<PathBuf>,
    pub(crate) calibration: Option<PathBuf>,
    /// The folder of the account's history.
    pub(crate) history: Option<PathBuf>,
    /// `None` keeps the session in memory.
    pub(crate) sessions: Option<PathBuf>,
}

impl Settings {
    /// A file of variables, a profile that is named, the environment, or the
    /// profile that is used where none is named: the first that there is.
    pub(crate) fn find(credentials: Option<&Path>, profile: &ProfileArgs) -> Result<Self, Failure> {
        if let Some(file) = credentials {
            return Self::of_file(file);
        }
        let is_set = |name: &&str| files::variable(name).is_some();
        let is_named = profile.profile.is_some() || is_set(&"CALLPERF_PROFILE");
        if !is_named && VARIABLES.iter().all(is_set) {
            return Self::of_environment();
        }
        let loaded = config::load(profile.config.as_deref())?;
        match profile_name(profile, &loaded) {
            Some(name) => Self::of_profile(&loaded, &name),
            // It says which are missing.
            None if VARIABLES.iter().any(is_set) => Self::of_environment(),
            None => Err(Failure::Usage(format!(
                "there is no profile and there are no credentials: run `callperf login`, set {} in \
                 the environment, or name a file of such lines with --credentials",
                VARIABLES.join(", ")
            ))),
        }
    }

    /// The folder of the account's history, if one is configured. A file of credentials names
    /// none, and isn't read: it may be a pipe, which can be read once.
    pub(crate) fn history(credentials: Option<&Path>, profile: &ProfileArgs) -> Option<PathBuf> {
        match credentials {
            Some(_) => named_history(),
            None => Self::find(None, profile).ok()?.history,
        }
    }

    /// The calibration that a client follows, as far as no credentials are needed to know it. A file
    /// of credentials names none, and isn't read: it may be a pipe.
    pub(crate) fn calibration(args: &ConnectionArgs) -> Option<PathBuf> {
        let of_profile = || match args.credentials {
            Some(_) => None,
            None => Self::find(None, &args.profile).ok()?.calibration,
        };
        // The profile's is for every command, and only this API can be calibrated.
        let of_profile = || of_profile().filter(|_| args.api() == Api::CallsV1);
        args.calibration.clone().or_else(of_profile)
    }

    fn of_environment() -> Result<Self, Failure> {
        let value = |name: &str| files::variable(name);
        Self::of_variables(Source::Environment, value).map_err(|missing| {
            Failure::Usage(format!(
                "not set in the environment: {}; set them, or name a file with --credentials",
                missing.join(", ")
            ))
        })
    }

    /// A file of the lines that `callperf sandbox` prints.
    fn of_file(file: &Path) -> Result<Self, Failure> {
        let name = file.display();
        let refused =
            |reason: &dyn fmt::Display| Failure::Usage(format!("--credentials: {name}: {reason}"));
        let text = read_text(file).map_err(|error| refused(&error))?;
        let values = variables::parse(&text).map_err(|reason| refused(&reason))?;
        let value = |wanted: &str| values.get(wanted).filter(|value| !value.is_empty()).cloned();
        Self::of_variables(Source::File(file.to_owned()), value).map_err(|missing| {
            let lines: Vec<_> = missing.iter().map(|name| format!("{name}=…")).collect();
            Failure::Usage(format!("--credentials: {name}: there is no line {}", lines.join(", ")))
        })
    }

    /// Says which variables are missing.
    fn of_variables(
        source: Source,
        value: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<&'static str>> {
        let [Some(client_id), Some(secret), Some(jwt)] = VARIABLES.map(&value) else {
            return Err(VARIABLES.into_iter().filter(|name| value(name).is_none()).collect());
        };
        let server = value("RC_SERVER_URL").unwrap_or_else(|| PRODUCTION.to_owned());
        // A server on this machine is a sandbox: another one with each start, at
        // the same address, so that its sessions are worth nothing later.
        let is_here = server.starts_with("http:");
        Ok(Self {
            source,
            server,
            server_revision: None,
            client_id,
            client_secret: Some(Secret::Here(secret.into())),
            jwt: Some(Secret::Here(jwt.into())),
            redirect_uri: None,
            proxy: None,
            root_certificate: None,
            calibration: None,
            history: named_history(),
            sessions: if is_here { None } else { files::sessions().ok() },
        })
    }

    pub(crate) fn of_profile(loaded: &Loaded, name: &str) -> Result<Self, Failure> {
        let file = &loaded.file;
        let Some(profile) = loaded.config.profiles.get(name) else {
            let names: Vec<_> = loaded.config.profiles.keys().map(String::as_str).collect();
            let others = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            return Err(Failure::Usage(format!(
                "there is no profile {name} in {}, which has {others}; `callperf login --profile \
                 {name} --client-id ID` makes it",
                file.display()
            )));
        };
        Self::of(profile, name, loaded)
    }

    pub(crate) fn of(profile: &Profile, name: &str, loaded: &Loaded) -> Result<Self, Failure> {
        let folder = loaded.file.parent().unwrap_or(Path::new(""));
        let place = |path: &PathBuf| folder.join(path);
        let secret = |variable: &Option<String>, path: &Option<PathBuf>| {
            let variable = variable.clone().map(Secret::Variable);
            variable.or_else(|| path.as_ref().map(|path| Secret::File(place(path))))
        };
        let sessions = match &loaded.config.sessions {
            Some(file) if files::variable("CALLPERF_SESSIONS").is_none() => place(file),
            _ => files::sessions()?,
        };
        let proxy = profile.proxy.clone().map(|address| Secret::Here(address.into()));
        Ok(Self {
            source: Source::Profile { name: name.to_owned(), file: loaded.file.clone() },
            server: profile.server.clone().unwrap_or_else(|| PRODUCTION.to_owned()),
            server_revision: config::revision(profile).map_err(Failure::Usage)?,
            client_id: profile.client_id.clone(),
            client_secret: secret(&profile.client_secret_env, &profile.client_secret_file),
            jwt: secret(&profile.jwt_env, &profile.jwt_file),
            redirect_uri: profile.redirect_uri.clone(),
            proxy: proxy.or_else(|| profile.proxy_env.clone().map(Secret::Variable)),
            root_certificate: profile.root_certificate.as_ref().map(place),
            calibration: profile.calibration.as_ref().map(place),
            history: profile.history.as_ref().map(place).or_else(named_history),
            sessions: Some(sessions),
        })
    }

    /// The name that the session is kept under.
    pub(crate) fn session_name(&self) -> Option<&str> {
        match &self.source {
            Source::Profile { name, .. } => Some(name),
            Source::Environment | Source::File(_) => None,
        }
    }

    /// By the JWT, where there is one; else what an earlier login left.
    pub(crate) fn credentials(&self) -> Result<Credentials, Failure> {
        match &self.jwt {
            Some(jwt) => self.by_jwt(&jwt.read()?),
            None => self.proven(self.stored()),
        }
    }

    pub(crate) fn by_jwt(&self, jwt: &SecretString) -> Result<Credentials, Failure> {
        let Some(secret) = &self.client_secret else {
            return Err(Failure::Usage(format!(
                "{}: a login by JWT needs the application's secret; name it with \
                 client_secret_env or client_secret_file",
                self.source
            )));
        };
        let secret = secret.read()?;
        let credentials =
            Credentials::jwt(&self.client_id, secret.expose_secret(), jwt.expose_secret());
        Ok(self.named(credentials))
    }

    /// The session of an earlier login, for which no secret of the user is needed.
    fn stored(&self) -> Credentials {
        Credentials::stored(&self.client_id, self.session_name().unwrap_or_default())
    }

    /// To end the session that there is, or to tell of it: without what began it,
    /// where that can't be read (any more).
    pub(crate) fn credentials_of_session(&self) -> Result<Credentials, Failure> {
        if self.session_name().is_none() {
            return self.credentials();
        }
        self.proven(self.stored()).or_else(|_| Ok(self.stored()))
    }

    pub(crate) fn named(&self, credentials: Credentials) -> Credentials {
        match self.session_name() {
            Some(name) => credentials.session_name(name),
            None => credentials,
        }
    }

    /// With the application's secret, if it has one.
    pub(crate) fn proven(&self, credentials: Credentials) -> Result<Credentials, Failure> {
        Ok(match &self.client_secret {
            Some(secret) => credentials.client_secret(secret.read()?.expose_secret()),
            None => credentials,
        })
    }

    pub(crate) fn builder(&self, credentials: Credentials) -> Result<ClientBuilder, Failure> {
        let mut builder = Client::builder()
            .server(&self.server)
            .credentials(credentials)
            .application(APPLICATION);
        if let Some(file) = &self.sessions {
            builder = builder.token_store(FileTokenStore::new(file));
        }
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy.read()?.expose_secret());
        }
        if let Some(file) = &self.root_certificate {
            let pem = fs::read(file)
                .map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?;
            builder = builder.root_certificate(pem);
        }
        Ok(builder)
    }

    /// A client that follows no calibration, as `calibrate` needs it: a file that isn't there yet, or
    /// can't be read, may be the one that it is to write.
    pub(crate) fn uncalibrated(&self, args: &ConnectionArgs) -> Result<ClientBuilder, Failure> {
        let retry = callperf::RetryPolicy::default().attempts(args.attempts);
        let builder = self.builder(self.credentials()?)?;
        let builder = builder.api(args.api()).strict(args.strict).retry(retry);
        let revision = args.server_revision.map(|revision| revision.of(args.api())).transpose();
        let revision = revision.map_err(Failure::Usage)?.or(self.server_revision);
        Ok(match revision {
            Some(date) => builder.revision(date),
            None => builder,
        })
    }

    pub(crate) fn client(&self, args: &ConnectionArgs) -> Result<ClientBuilder, Failure> {
        let builder = self.uncalibrated(args)?;
        // The profile's is for every command, and only this API can be calibrated.
        let of_profile = self.calibration.as_ref().filter(|_| args.api() == Api::CallsV1);
        if of_profile.is_none() && args.calibration.is_none() && self.calibration.is_some() {
            note("note: the profile's calibration is of calls-v1, and isn't followed on the beta");
        }
        Ok(match args.calibration.as_ref().or(of_profile) {
            Some(file) => builder.calibration(file),
            None => builder,
        })
    }
}

fn named_history() -> Option<PathBuf> {
    files::variable("CALLPERF_HISTORY").map(PathBuf::from)
}

const VARIABLES: [&str; 3] = ["RC_APP_CLIENT_ID", "RC_APP_CLIENT_SECRET", "RC_USER_JWT"];

/// The profile that is named, the default, or the only one.
pub(crate) fn profile_name(args: &ProfileArgs, loaded: &Loaded) -> Option<String> {
    let named = args.profile.clone().or_else(|| files::variable("CALLPERF_PROFILE"));
    named.or_else(|| loaded.config.default_profile.clone()).or_else(|| {
        let mut all = loaded.config.profiles.keys();
        all.next().filter(|_| all.next().is_none()).cloned()
    })
}
