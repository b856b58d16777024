//! The `status` command: who, where, and how long. It sends nothing.

use std::io::{self, Write};

use callperf::{SessionInfo, shown};
use serde_json::json;

use crate::{
    Failure, args::session::StatusArgs, console::spoken, failure::Done, output::print_json,
    settings::Settings,
};

pub(super) async fn run(args: StatusArgs) -> Done {
    let settings = Settings::find(None, &args.profile)?;
    let client = settings.builder(settings.credentials_of_session()?)?.build()?;
    let session = client.session().await?;
    let mut out = io::stdout().lock();
    if args.json {
        show_json(&mut out, &settings, session.as_ref())?;
    } else {
        show(&mut out, &settings, session.as_ref())?;
    }
    if settings.jwt.is_some() || session.as_ref().is_some_and(goes_on) {
        return Ok(());
    }
    Err(Failure::Login("there is no session; log in with `callperf login`".to_owned()))
}

fn goes_on(session: &SessionInfo) -> bool {
    session.is_renewable || !session.usable_for.is_zero()
}

/// No secret is in it.
pub(super) fn show(
    out: &mut impl Write,
    settings: &Settings,
    session: Option<&SessionInfo>,
) -> io::Result<()> {
    let mut line = |name: &str, value: String| writeln!(out, "{name:<12}{}", shown::text(&value));
    line("settings", settings.source.to_string())?;
    line("server", shown::address(&settings.server))?;
    line("application", settings.client_id.clone())?;
    let login = match &settings.jwt {
        Some(jwt) => format!("by JWT, {jwt}"),
        None => "by `callperf login`".to_owned(),
    };
    line("login", login)?;
    match session {
        Some(session) => {
            if let Some(owner) = &session.owner_id {
                line("user", format!("extension {owner}"))?;
            }
            line("session", life(session))?;
            line("permissions", session.scope.join(", "))?;
        }
        None => line("session", "none".to_owned())?,
    }
    let kept = settings.sessions.as_ref().map(|file| file.display().to_string());
    line("kept in", kept.unwrap_or_else(|| "memory, for one run".to_owned()))?;
    line("quota", "not known before a request; `callperf doctor` makes one".to_owned())
}

fn life(session: &SessionInfo) -> String {
    let usable = if session.usable_for.is_zero() {
        "over".to_owned()
    } else {
        format!("good for {}", spoken(session.usable_for))
    };
    match (session.is_renewable, session.renewable_for) {
        (false, _) => format!("{usable}, can't be renewed"),
        (true, None) => format!("{usable}, can be renewed"),
        (true, Some(left)) => format!("{usable}, can be renewed for {}", spoken(left)),
    }
}

fn show_json(
    out: &mut impl Write,
    settings: &Settings,
    session: Option<&SessionInfo>,
) -> io::Result<()> {
    let session = session.map(|session| {
        json!({
            "usable_for_seconds": session.usable_for.as_secs(),
            "is_renewable": session.is_renewable,
            "renewable_for_seconds": session.renewable_for.map(|left| left.as_secs()),
            "owner_id": session.owner_id,
            "permissions": session.scope,
        })
    });
    let status = json!({
        "settings": settings.source.to_string(),
        "profile": settings.session_name(),
        "server": shown::address(&settings.server),
        "client_id": settings.client_id,
        "login": if settings.jwt.is_some() { "jwt" } else { "stored" },
        "session": session,
        "kept_in": settings.sessions,
    });
    print_json(out, &status)
}
