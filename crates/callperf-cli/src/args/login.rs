//! The arguments of `login`.

use std::path::PathBuf;

use clap::Args;

use crate::options::ProfileArgs;

pub(crate) const HELP: &str = "\
A login begins in the browser, with an authorization code and PKCE, and ends when
the browser comes back to an address on this machine. That address must be
registered with the application: http://127.0.0.1:PORT/callback with the PORT of
--port, or the redirect_uri of the profile. Whether RingCentral lets the port vary,
as RFC 8252 asks, isn't documented.

The session is kept in callperf/sessions.json of the user's folder for state
($XDG_STATE_HOME, ~/.local/state), which only the user may read; CALLPERF_SESSIONS
or `sessions` in the configuration file names another. A program that reads it can
act as the user. It lasts an hour, and longer if the application issues refresh
tokens.

Examples:
  Once per application; the profile is called default:
    callperf login --client-id ID --port 8765
  Another one, by a JWT from a file, for a machine without a browser:
    RC_APP_CLIENT_SECRET=… callperf login --profile nightly --client-id ID \\
      --jwt-file jwt.txt
  Again, when a session has ended:
    callperf login";

#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
    /// The application's client id, for a profile that doesn't exist yet; without
    /// it `RC_APP_CLIENT_ID`
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// The server's address, for a profile that doesn't exist yet; without it
    /// `RC_SERVER_URL` or production
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,
    /// Log in by the profile's JWT, or else by `RC_USER_JWT`, instead of a browser
    #[arg(long)]
    pub(crate) jwt: bool,
    /// Log in by the JWT in this file; - reads it from standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) jwt_file: Option<PathBuf>,
    /// The port on 127.0.0.1 that the browser comes back to; by default a free one
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// Open the address in the browser, instead of only printing it
    #[arg(long)]
    pub(crate) open: bool,
    /// How many seconds to wait for the browser
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) wait: u64,
}
