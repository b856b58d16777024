//! The fields of a form or a query string.

use std::time::Duration;

use axum::http::Uri;

use super::refusal::Refusal;
use super::sessions::Wishes;

/// Fields in their order. Unknown ones are ignored: clients send some of their own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

/// Seconds that an access token may live: the least, and both the most and the default.
pub(super) const ACCESS_LIFETIME: (u64, u64) = (600, 3600);
/// The same for a refresh token, of which the document gives no least.
const REFRESH_LIFETIME: (u64, u64) = (1, 2_592_000);

impl Form {
    pub(crate) fn parse(encoded: &[u8]) -> Form {
        let pairs = form_urlencoded::parse(encoded);
        Form(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    pub(crate) fn of_query(uri: &Uri) -> Form {
        Form::parse(uri.query().unwrap_or_default().as_bytes())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut named = self.0.iter().filter(|(n, _)| n == name);
        named.next().map(|(_, value)| value.as_str())
    }

    /// All values of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::missing(name))
    }

    /// RFC 6749 forbids to give a parameter twice, and the service has a code for it.
    pub(super) fn check_once(&self, names: &[&str]) -> Result<(), Refusal> {
        let count = |name: &str| self.0.iter().filter(|(n, _)| n == name).count();
        match names.iter().find(|name| count(name) > 1) {
            None => Ok(()),
            Some(_) => Err(Refusal::new(
                "invalid_request",
                "OAU-111",
                "Request parameter duplication detected",
            )),
        }
    }

    pub(super) fn wishes(&self) -> Result<Wishes, Refusal> {
        Ok(Wishes {
            access_lifetime: self.seconds("access_token_ttl", ACCESS_LIFETIME)?,
            refresh_lifetime: self.seconds("refresh_token_ttl", REFRESH_LIFETIME)?,
            endpoint_id: self.get("endpoint_id").map(str::to_owned),
            is_of_tool: false,
        })
    }

    fn seconds(&self, name: &str, (least, most): (u64, u64)) -> Result<Option<Duration>, Refusal> {
        let Some(text) = self.get(name) else { return Ok(None) };
        match text.parse() {
            Ok(seconds) if (least..=most).contains(&seconds) => {
                Ok(Some(Duration::from_secs(seconds)))
            }
            _ => Err(Refusal::parameter(name, &format!("{least} to {most} is expected"))),
        }
    }
}
