//! The `logout` command: ends the session at the server, and removes it here.

use callperf::ErrorKind;

use crate::{Failure, args::session::LogoutArgs, console, failure::Done, settings::Settings};

pub(super) async fn run(args: LogoutArgs) -> Done {
    let settings = Settings::find(None, &args.profile)?;
    let client = settings.builder(settings.credentials_of_session()?)?.build()?;
    if client.session().await?.is_none() {
        console::note(&format!("there was no session of {}", settings.source));
        return Ok(());
    }
    match client.revoke().await {
        Ok(()) => {
            console::note(&format!("the session of {} has ended", settings.source));
            Ok(())
        }
        // Nothing is left to use here, and the vendor asks not to try again.
        Err(error) if error.kind() == ErrorKind::Authentication => {
            console::note(&format!("the session is removed here; the server said: {error}"));
            Ok(())
        }
        Err(error) if client.session().await?.is_none() => {
            console::note(
                "the session is removed here, but wasn't revoked; it ends on the server by itself",
            );
            Err(Failure::Api(error))
        }
        Err(error) => Err(Failure::Api(error)),
    }
}
