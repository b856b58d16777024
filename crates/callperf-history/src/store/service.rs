//! Which object store a URL is of, and the settings of the environment for it.

use std::{path::Path, sync::Arc, time::Duration};

use object_store::{
    BackoffConfig, ClientOptions, ObjectStore, RetryConfig, aws::AmazonS3Builder,
    azure::MicrosoftAzureBuilder, gcp::GoogleCloudStorageBuilder, path::Path as Key,
};
use url::{Host, Url};

use super::refusal::as_io;
use crate::error::{Error, Result};

/// A store that answers `503` for longer than that is one for a later run.
const PATIENCE: Duration = Duration::from_secs(60);
const ATTEMPTS: usize = 8;
/// For one request: an object has a few megabytes.
const TIMEOUT: Duration = Duration::from_secs(120);

/// The store of a URL, and the prefix in it. Credentials come from the environment alone.
///
/// # Errors
/// For a URL of another kind, and for settings that can't be used.
pub(super) fn connect(location: &Path) -> Result<(Arc<dyn ObjectStore>, Key)> {
    let refused = |reason: &str| Error::location(location, reason);
    let text = location.to_str().ok_or_else(|| refused("it isn't UTF-8"))?;
    let url = Url::parse(text).map_err(|error| refused(&format!("it isn't a URL: {error}")))?;
    if !url.username().is_empty() || url.password().is_some() {
        // An argument list is seen by all users of the machine.
        return Err(Error::CredentialsInLocation);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("a location has no `?` and no `#`"));
    }
    let prefix = Key::from_url_path(url.path()).map_err(|error| refused(&error.to_string()))?;
    let Some(bucket) = url.host_str().filter(|bucket| !bucket.is_empty()) else {
        return Err(refused("it names no bucket; write s3://BUCKET/PREFIX"));
    };
    let store = match url.scheme() {
        "s3" => amazon(bucket),
        "az" => azure(bucket),
        "gs" => google(bucket),
        _ => {
            return Err(refused(
                "it is a URL of no object store; use s3://BUCKET/PREFIX, az://CONTAINER/PREFIX, \
                 gs://BUCKET/PREFIX or a folder",
            ));
        }
    };
    let store = store.map_err(|error| refused(&as_io(&error).to_string()))?;
    Ok((store, prefix))
}

type Connected = object_store::Result<Arc<dyn ObjectStore>>;

fn amazon(bucket: &str) -> Connected {
    let names = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"];
    let builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
    let builder = builder.with_client_options(options(&names)).with_retry(retry());
    Ok(Arc::new(builder.build()?))
}

fn azure(container: &str) -> Connected {
    let names = ["AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"];
    let builder = MicrosoftAzureBuilder::from_env().with_container_name(container);
    let builder = builder.with_client_options(options(&names)).with_retry(retry());
    Ok(Arc::new(builder.build()?))
}

fn google(bucket: &str) -> Connected {
    let builder = GoogleCloudStorageBuilder::from_env().with_bucket_name(bucket);
    let builder = builder.with_client_options(options(&[])).with_retry(retry());
    Ok(Arc::new(builder.build()?))
}

fn retry() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig::default(),
        max_retries: ATTEMPTS,
        retry_timeout: PATIENCE,
    }
}

/// Hosts that credentials of the machine itself come from.
const METADATA: &str = "169.254.169.254,169.254.170.2,169.254.170.23,localhost,127.0.0.0/8,::1";

/// How the store is reached: through a proxy only if the environment names one for `https`, as the
/// rest of the program does.
fn options(endpoints: &[&str]) -> ClientOptions {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let endpoint = endpoints.iter().find_map(|name| variable(name));
    let endpoint = endpoint.and_then(|endpoint| Url::parse(&endpoint).ok());
    let is_plain = endpoint.as_ref().is_some_and(|endpoint| endpoint.scheme() == "http");
    let is_here = endpoint.as_ref().is_some_and(is_loopback);
    let named = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    let proxy = named.iter().find_map(|name| variable(name)).filter(|_| !is_plain && !is_here);
    // Plain requests go to servers of the machine or its network, which a user names.
    let options = ClientOptions::new().with_timeout(TIMEOUT);
    let options = options.with_allow_http(is_plain || allows_http());
    match proxy {
        Some(proxy) => {
            let listed = ["no_proxy", "NO_PROXY"].iter().find_map(|name| variable(name));
            let excluded =
                listed.map_or_else(|| METADATA.to_owned(), |it| format!("{METADATA},{it}"));
            options.with_proxy_url(proxy).with_proxy_excludes(excluded)
        }
        // Otherwise the library reads `HTTP_PROXY`.
        None => {
            options.with_proxy_url("http://127.0.0.1:9").with_proxy_excludes("*,0.0.0.0/0,::/0")
        }
    }
}

fn allows_http() -> bool {
    let is_set = |name: &str| std::env::var(name).is_ok_and(|value| value == "true");
    ["AWS_ALLOW_HTTP", "AZURE_ALLOW_HTTP"].into_iter().any(is_set)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
