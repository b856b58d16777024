//! The client that a command speaks through.

use std::{collections::BTreeMap, path::Path};

use callperf::{Client, ClientBuilder, Credentials, RetryPolicy};

use crate::{Failure, args::ConnectionArgs};

pub(crate) fn connect(args: &ConnectionArgs) -> Result<Client, Failure> {
    let builder = match &args.credentials {
        Some(file) => from_file(file)?,
        None => Client::builder_from_env().map_err(|error| {
            Failure::Usage(format!("{error}; set them, or name a file with --credentials"))
        })?,
    };
    let retry = RetryPolicy::default().attempts(args.attempts);
    let builder = builder.api(args.api()).strict(args.strict).retry(retry);
    Ok(builder.application(APPLICATION).build()?)
}

pub(crate) const APPLICATION: &str = concat!("callperf-cli/", env!("CARGO_PKG_VERSION"));

/// Settings from a file of the lines that `callperf sandbox` prints.
fn from_file(file: &Path) -> Result<ClientBuilder, Failure> {
    let name = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::Usage(format!("--credentials: {name}: {error}")))?;
    let values: BTreeMap<&str, &str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter_map(|line| line.strip_prefix("export ").unwrap_or(line).split_once('='))
        .map(|(name, value)| (name.trim(), value.trim().trim_matches(['"', '\''])))
        .collect();
    let value = |wanted: &str| {
        values.get(wanted).copied().filter(|value| !value.is_empty()).ok_or_else(|| {
            Failure::Usage(format!("--credentials: {name}: there is no line {wanted}=…"))
        })
    };
    let builder = Client::builder().credentials(Credentials::jwt(
        value("RC_APP_CLIENT_ID")?,
        value("RC_APP_CLIENT_SECRET")?,
        value("RC_USER_JWT")?,
    ));
    Ok(match value("RC_SERVER_URL") {
        Ok(url) => builder.server(url),
        Err(_) => builder,
    })
}
