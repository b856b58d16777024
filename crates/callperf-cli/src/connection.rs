//! The client that a command speaks through.

use callperf::Client;
use jiff::Timestamp;

use crate::{Failure, args::ConnectionArgs, settings::Settings};

pub(crate) const APPLICATION: &str = concat!("callperf-cli/", env!("CARGO_PKG_VERSION"));

/// At another time than the system's where one is given.
pub(crate) fn connect(args: &ConnectionArgs, now: Option<Timestamp>) -> Result<Client, Failure> {
    let settings = Settings::find(args.credentials.as_deref(), &args.profile)?;
    let builder = settings.client(args)?;
    let builder = match now {
        Some(now) => builder.clock(move || now),
        None => builder,
    };
    Ok(builder.build()?)
}
