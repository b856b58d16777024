//! The `login` command: a session begun in the browser, or by a JWT, and kept
//! for later runs.

mod redirect;

use std::{
    io::{self, Read as _},
    time::Duration,
};

use callperf::{Client, Credentials, FileTokenStore, PRODUCTION, Pkce, TokenStore as _};
use secrecy::{ExposeSecret as _, SecretString};

use self::redirect::Redirect;
use super::status;
use crate::{
    Failure,
    args::login::LoginArgs,
    config::{self, Loaded, Profile},
    console,
    failure::Done,
    files,
    settings::{Secret, Settings, profile_name},
    target,
    text::text,
};

pub(super) async fn run(args: LoginArgs) -> Done {
    let loaded = config::load(args.profile.config.as_deref())?;
    let name = profile_name(&args.profile, &loaded).unwrap_or_else(|| "default".to_owned());
    let mut known = known(&args, &loaded, &name)?;
    let settings = Settings::of(&known.profile, &name, &loaded)?;
    check_places(&settings, known.is_new.then_some(&loaded))?;
    let client = if args.jwt || args.jwt_file.is_some() || settings.jwt.is_some() {
        by_jwt(&args, &settings, &mut known).await?
    } else {
        in_browser(&args, &settings).await?
    };
    if known.is_new {
        config::add_profile(&loaded, &name, &known.profile)?;
        console::note(&format!("profile {name} is now in {}", loaded.file.display()));
    }
    status::show(&mut io::stdout().lock(), &settings, client.session().await?.as_ref())?;
    Ok(())
}

/// Refuses places that can't be written, before a person logs in for nothing.
fn check_places(settings: &Settings, new_profile: Option<&Loaded>) -> Done {
    if let Some(loaded) = new_profile {
        files::create_folder_of(&loaded.file)?;
        target::check("--config", &loaded.file)?;
    }
    let Some(file) = &settings.sessions else { return Ok(()) };
    let store = FileTokenStore::new(file);
    let usable = store.try_lock("").and_then(|_lock| store.load("").map(drop));
    usable.map_err(|error| Failure::File(error.to_string()))
}

/// A profile, and whether it has yet to be written down.
struct Known {
    profile: Profile,
    is_new: bool,
}

/// The profile that is there, or a new one of the arguments and the environment.
fn known(args: &LoginArgs, loaded: &Loaded, name: &str) -> Result<Known, Failure> {
    if !config::is_name(name) {
        let message =
            format!("--profile: {name:?} isn't a name; use visible characters, no spaces");
        return Err(Failure::Usage(message));
    }
    if let Some(profile) = loaded.config.profiles.get(name) {
        let server = profile.server.as_deref().unwrap_or(PRODUCTION);
        let is_other = |given: &Option<String>, own: &str| {
            given
                .as_ref()
                .is_some_and(|given| given.trim_end_matches('/') != own.trim_end_matches('/'))
        };
        if is_other(&args.client_id, &profile.client_id) || is_other(&args.server, server) {
            return Err(Failure::Usage(format!(
                "profile {name} of {} has another client id or server; change it there, or choose \
                 another name with --profile",
                loaded.file.display()
            )));
        }
        return Ok(Known { profile: profile.clone(), is_new: false });
    }
    let client_id = args.client_id.clone().or_else(|| files::variable("RC_APP_CLIENT_ID"));
    let Some(client_id) = client_id else {
        return Err(Failure::Usage(format!(
            "there is no profile {name} in {} yet; make it with --client-id ID, the application's \
             client id in the developer console",
            loaded.file.display()
        )));
    };
    let secret = "RC_APP_CLIENT_SECRET";
    let profile = Profile {
        client_id,
        server: args.server.clone().or_else(|| files::variable("RC_SERVER_URL")),
        client_secret_env: files::variable(secret).map(|_| secret.to_owned()),
        redirect_uri: args.port.map(redirect::address),
        ..Profile::default()
    };
    Ok(Known { profile, is_new: true })
}

async fn by_jwt(
    args: &LoginArgs,
    settings: &Settings,
    known: &mut Known,
) -> Result<Client, Failure> {
    let variable = "RC_USER_JWT";
    let jwt = match &args.jwt_file {
        Some(file) if file.as_os_str() == "-" => from_input()?,
        Some(file) => {
            known.profile.jwt_file = std::path::absolute(file).ok();
            Secret::File(file.clone()).read()?
        }
        None => {
            let ours = settings.jwt.clone();
            let jwt = ours.unwrap_or_else(|| {
                known.profile.jwt_env = Some(variable.to_owned());
                Secret::Variable(variable.to_owned())
            });
            jwt.read()?
        }
    };
    let client = settings.builder(settings.by_jwt(&jwt)?)?.build()?;
    client.log_in().await?;
    Ok(client)
}

fn from_input() -> Result<SecretString, Failure> {
    let mut bytes = Vec::new();
    // A JWT has about a kilobyte.
    io::stdin().lock().take(1024 * 1024).read_to_end(&mut bytes)?;
    let refused = |error| Failure::Usage(format!("--jwt-file: standard input: {error}"));
    match text(&bytes).map_err(refused)?.trim() {
        "" => Err(Failure::Usage("--jwt-file: there is no JWT on standard input".to_owned())),
        jwt => Ok(jwt.into()),
    }
}

async fn in_browser(args: &LoginArgs, settings: &Settings) -> Result<Client, Failure> {
    let redirect = Redirect::listen(settings.redirect_uri.as_deref(), args.port).await?;
    let pkce = Pkce::new()?;
    let state = unguessable()?;
    let uri = redirect.uri().to_owned();
    let address =
        callperf::authorize_url(&settings.server, &settings.client_id, &uri, &state, &pkce)?;
    // Printed with --quiet, too: a login can't go on without it.
    console::say(&format!(
        "callperf: log in at this address, in a browser on this machine:\n\n{address}\n"
    ));
    if args.open && open::that_detached(&address).is_err() {
        console::note("no browser can be opened here; copy the address");
    }
    console::note(&format!("waiting {} s for the browser; press Ctrl-C to stop", args.wait));
    let (code, pages) = redirect.code(&state, Duration::from_secs(args.wait)).await?;
    let credentials =
        Credentials::authorization_code(&settings.client_id, code.expose_secret(), uri).pkce(&pkce);
    let client = logged_in(settings, credentials).await;
    pages.end().await;
    client
}

async fn logged_in(settings: &Settings, credentials: Credentials) -> Result<Client, Failure> {
    let credentials = settings.named(settings.proven(credentials)?);
    let client = settings.builder(credentials)?.build()?;
    client.log_in().await?;
    Ok(client)
}

fn unguessable() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|_| Failure::Usage("the operating system gives no random bytes".to_owned()))?;
    Ok(bytes.map(|byte| format!("{byte:02x}")).concat())
}
