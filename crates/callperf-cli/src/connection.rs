//! The client that a command speaks through.

use callperf::{Api, Client, ClientBuilder, Credentials};
use callperf_history::{History, Reader};
use jiff::Timestamp;

use crate::{Failure, args::ConnectionArgs, console::note, settings::Settings};

/// At another time than the system's where one is given.
pub(crate) fn connect(args: &ConnectionArgs, now: Option<Timestamp>) -> Result<Client, Failure> {
    connect_with(args, now, |builder| builder)
}

/// With more settings than the arguments have.
pub(crate) fn connect_with(
    args: &ConnectionArgs,
    now: Option<Timestamp>,
    with: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Result<Client, Failure> {
    built(args, now, Settings::client, with)
}

/// The same, and the client follows no calibration.
pub(crate) fn connect_uncalibrated(
    args: &ConnectionArgs,
    now: Option<Timestamp>,
    with: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Result<Client, Failure> {
    built(args, now, Settings::uncalibrated, with)
}

fn built(
    args: &ConnectionArgs,
    now: Option<Timestamp>,
    builder: impl FnOnce(&Settings, &ConnectionArgs) -> Result<ClientBuilder, Failure>,
    with: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Result<Client, Failure> {
    let settings = Settings::find(args.credentials.as_deref(), &args.profile)?;
    Ok(with(at(builder(&settings, args)?, now)).build()?)
}

fn at(builder: ClientBuilder, now: Option<Timestamp>) -> ClientBuilder {
    match now {
        Some(now) => builder.clock(move || now),
        None => builder,
    }
}

/// A client that sends nothing and needs no credentials: it checks queries and says what they are.
pub(crate) fn offline(args: &ConnectionArgs, now: Option<Timestamp>) -> Result<Client, Failure> {
    // The environment's proxy can't be in its way.
    let builder = Client::builder().credentials(Credentials::jwt("", "", "")).no_proxy();
    // Weeks of its periods start as those of a client that sends.
    let builder = match Settings::calibration(args) {
        Some(file) => builder.calibration(file),
        None => builder,
    };
    Ok(at(builder, now).api(args.api()).build()?)
}

/// The history of the account, if a folder is configured and is one: what answers for days that
/// the API has forgotten.
pub(crate) fn memory(args: &ConnectionArgs, now: Timestamp) -> Option<Reader> {
    let folder = Settings::history(args.credentials.as_deref(), &args.profile)?;
    if args.api() != Api::CallsV1 {
        note("note: the configured history isn't used: it holds calls-v1, not the beta");
        return None;
    }
    match History::open(&folder).reader_at(now) {
        Ok(reader) => Some(reader),
        Err(error) => {
            note(&format!("note: the configured history isn't used: {error}"));
            None
        }
    }
}
