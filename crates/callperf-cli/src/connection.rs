//! The client that a command speaks through.

use callperf::Client;

use crate::{Failure, args::ConnectionArgs, settings::Settings};

pub(crate) const APPLICATION: &str = concat!("callperf-cli/", env!("CARGO_PKG_VERSION"));

pub(crate) fn connect(args: &ConnectionArgs) -> Result<Client, Failure> {
    let settings = Settings::find(args.credentials.as_deref(), &args.profile)?;
    Ok(settings.client(args)?.build()?)
}
